"""What holds for all tests."""

import os

# Read when NumPy loads. On a machine that is busy, several threads are many times slower
# on small matrices, and the bits of a sum depend on their number.
for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
