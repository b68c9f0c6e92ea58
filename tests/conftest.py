"""What holds for all tests."""

import os
import signal

# Read when NumPy loads. On a machine that is busy, several threads are many times slower
# on small matrices, and the bits of a sum depend on their number.
for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

# What a shell starts in the background ignores it, and so would servers that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
