"""What Dask carries to a worker: sent as code, for the worker has nothing of the builder's."""

import io
import os
import subprocess
import sys
import tarfile
import tempfile

from distributed import Worker, get_worker

_OF_THE_MACHINE = frozenset(
    ("PATH", "LD_LIBRARY_PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "TMPDIR", "TEMP", "TMP")
)
_RUN = "builder.execute.remote.run"
_LOOK_EVERY_S = 0.2


def run_post(program: bytes, site: bytes, request: bytes, variables: dict[str, str]) -> bytes:
    """Unpack two archives and run one post between them; the reply of `run`.

    Args:
        program: the folder that posts import `builder` from.
        site: the folder that the post lies in.
        request: what `run` reads.
        variables: the environment of the builder; what tells of the machine stays as it is here.

    Raises:
        RuntimeError: the process that runs the post has failed.
    """
    worker = get_worker()
    with tempfile.TemporaryDirectory(prefix="post-", dir=worker.local_directory) as folder:
        for name, content in (("project", program), ("site", site)):
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                archive.extractall(os.path.join(folder, name), filter="data")
        own = {name: value for name, value in os.environ.items() if name in _OF_THE_MACHINE}
        sent = {name: value for name, value in variables.items() if name not in _OF_THE_MACHINE}
        with open(os.path.join(folder, "request"), "wb") as file:
            file.write(request)
        with open(os.path.join(folder, "said"), "w+b") as said:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", _RUN, str(os.getpid()), folder],
                env={**sent, **own, "PYTHONPATH": os.path.join(folder, "project")},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
            _wait(process, worker)
            if process.returncode:
                said.seek(0)
                raise RuntimeError(said.read().decode("utf-8", "replace").strip()[-2000:])
        with open(os.path.join(folder, "reply"), "rb") as file:
            return file.read()


def _wait(process: "subprocess.Popen[bytes]", worker: Worker) -> None:
    """Wait for the process; end it where nobody has use for the post any more."""
    key = worker.get_current_task()
    while True:
        try:
            process.wait(_LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            task = worker.state.tasks.get(key)
            if task is None or task.state == "cancelled":
                process.terminate()
        else:
            return
