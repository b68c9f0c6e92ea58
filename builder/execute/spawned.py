"""An interpreter of its own for one post: where posts cannot be forked, or shall not be."""

import os
import sys
from multiprocessing.connection import Client

from builder.execute import linux
from builder.execute.channels import Pipes
from builder.execute.zygote import warm_up


def main() -> None:
    """Warm up, then run the one job that the builder sends."""
    parent, address, crash_path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    key = bytes.fromhex(os.environ.pop("BUILDER_KEY"))
    linux.die_with_parent(parent)
    warm_up()
    connection = Client(address, authkey=key)
    job, token, scratch = connection.recv()
    os.environ["TMPDIR"] = os.environ["TEMP"] = os.environ["TMP"] = scratch
    crash_file = os.open(crash_path, os.O_RDWR)
    worker = sys.modules["builder.execute.worker"]
    outlet = Pipes(os.dup(1), os.dup(2), connection)
    worker.Worker(job, outlet, crash_file, token, has_alarm=True).main()


if __name__ == "__main__":
    main()
