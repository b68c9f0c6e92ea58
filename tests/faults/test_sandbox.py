"""What a post in a sandbox can and cannot do, whichever pool runs it."""

import ctypes
import json
import os
import pickle
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from builder.config import PROJECT
from builder.execute.channels import DisturbedError, EventReader
from builder.execute.confinement import why_not
from builder.execute.pool import Pool
from builder.execute.protocol import Began
from builder.execute.spawn import SpawnPool
from tests.faults.runs import Limits, Outcome, make_job, run_jobs
from tests.faults.test_runners import TRAINING

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
Run = Callable[..., Outcome]
POOLS: dict[str, Callable[[], Pool | SpawnPool]] = {
    "forked": lambda: Pool(str(PROJECT), 1, is_sandboxed=True),
    "resident": lambda: Pool(str(PROJECT), 1, is_resident=True, is_sandboxed=True),
    "interpreters": lambda: SpawnPool(str(PROJECT), 1, is_sandboxed=True),
}
HINT = (
    "with --sandbox a post and what it starts have no network, write only into "
    "tempfile.gettempdir(), and read of home folders only the site"
)
TRY = """\
import ctypes, errno, json, os, shutil, socket, subprocess, sys, tempfile
from pathlib import Path

told = {}

def attempt(name, act):
    try:
        told[name] = str(act())
    except Exception as error:
        told[name] = type(error).__name__
"""


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Run blocks as a post in a sandbox."""
    with POOLS["forked"]() as pool:
        yield partial(run_on, pool)


def run_on(pool: Pool | SpawnPool, root: Path, *codes: str, known: int = 0) -> Outcome:
    job = make_job(root, "p", codes, Limits(), is_resident=pool.is_resident, known=known)
    job = replace(job, is_sandboxed=pool.is_sandboxed)
    return run_jobs(pool, [job], 60)["p"]


def attempts(run: Run, root: Path, **acts: str) -> dict[str, str]:
    """What came of each act: what it gave, or the name of its error."""
    lines = [f"attempt({name!r}, lambda: {act})" for name, act in acts.items()]
    outcome = run(root, TRY, "\n".join(lines), "print(json.dumps(told))")
    assert outcome.fault is None
    told: dict[str, str] = json.loads(outcome.shown[2])
    return told


@pytest.mark.parametrize("kind", ["resident", "interpreters"])
def test_every_pool_confines_every_block(tmp_path: Path, kind: str) -> None:
    acts = (
        "attempt('socket', socket.socket)\n"
        "attempt('write', lambda: open('/var/outside', 'w'))\n"
        "attempt('read', lambda: os.listdir(os.path.expanduser('~')))\n"
        "print(*told.values())"
    )

    with POOLS[kind]() as pool:
        first = run_on(pool, tmp_path, TRY, acts)
        second = run_on(pool, tmp_path, TRY, acts, acts, known=2)

    refused = "PermissionError PermissionError PermissionError\n"
    is_resumed = kind == "resident"
    assert (first.fault, second.fault) == (None, None)
    assert first.shown == ["", refused]
    assert second.shown == ([] if is_resumed else ["", refused]) + [refused]


def test_a_post_that_behaves_gives_the_same_with_and_without(tmp_path: Path, run: Run) -> None:
    with Pool(str(PROJECT), 1) as pool:
        outside = run_on(pool, tmp_path, *TRAINING)

    inside = run(tmp_path, *TRAINING)

    assert (inside.blocks, inside.fault) == (outside.blocks, outside.fault)
    assert inside.traceback == outside.traceback


def test_where_nothing_can_be_confined_the_reason_is_told() -> None:
    assert why_not("riscv64") == "it is not known how to on this processor (riscv64)"


def test_no_connection_leads_out(run: Run, tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as service,
    ):
        service.bind(str(tmp_path / "service"))
        service.listen()
        port = server.getsockname()[1]

        told = attempts(
            run,
            tmp_path,
            tcp=f"socket.create_connection(('127.0.0.1', {port}))",
            udp="socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
            tcp6="socket.socket(socket.AF_INET6)",
            raw="socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
            netlink="socket.socket(socket.AF_NETLINK)",
            service="socket.socket(socket.AF_UNIX)",
            names="socket.getaddrinfo('example.org', 80)",
            child=f"""subprocess.check_output([sys.executable, '-c',
                "import socket; socket.create_connection(('127.0.0.1', {port}))"])""",
            datagrams="socket.socketpair(type=socket.SOCK_DGRAM)",
            unseen="socket.socketpair(type=socket.SOCK_RAW | socket.SOCK_CLOEXEC)",
            pair="len(socket.socketpair())",
            packets="len(socket.socketpair(type=socket.SOCK_SEQPACKET))",
        )

        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert told.pop("names") == "gaierror"
    assert told.pop("child") == "CalledProcessError"
    assert told.pop("pair") == told.pop("packets") == "2"
    assert set(told.values()) == {"PermissionError"}


def test_nothing_is_written_outside(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "elsewhere" / "kept.txt"
    kept.parent.mkdir()
    kept.write_text("kept")
    kept.chmod(0o640)
    path = str(kept)

    told = attempts(
        run,
        tmp_path / "site",
        write=f"open({path!r}, 'w')",
        append=f"open({path!r}, 'a')",
        make=f"open({path + '2'!r}, 'x')",
        truncate=f"os.truncate({path!r}, 0)",
        remove=f"os.remove({path!r})",
        move=f"shutil.move({path!r}, tempfile.gettempdir())",
        folder=f"os.mkdir({path + '3'!r})",
        link=f"os.symlink('/', {path + '4'!r})",
        hard=f"os.link({path!r}, tempfile.gettempdir() + '/hard')",
        mode=f"os.chmod({path!r}, 0)",
        times=f"os.utime({path!r}, (0, 0))",
        memory="open('/dev/shm/outside', 'w')",
        setting="open('/proc/sys/kernel/hostname', 'w')",
        round_about=f"open('/proc/self/root' + {path!r}, 'w')",
        by_cwd=f"open('/proc/self/cwd' + '/..' * 20 + {path!r}, 'w')",
        child=f"subprocess.check_call(['sh', '-c', 'echo > {path}'])",
        changed=f"subprocess.call(['sh', '-c', 'chmod 0 {path}; touch -d @0 {path}'])",
        namespace=f"""subprocess.check_call(['unshare', '-Urm', 'sh', '-c',
            'mount -t tmpfs none {kept.parent} || echo > {path}'])""",
    )

    assert (kept.read_text(), kept.stat().st_mode & 0o777) == ("kept", 0o640)
    assert kept.stat().st_mtime > 0
    assert [file.name for file in kept.parent.iterdir()] == ["kept.txt"]
    assert told.pop("changed") == "0"
    assert told.pop("hard") in ("OSError", "PermissionError")
    assert told.pop("child") == told.pop("namespace") == "CalledProcessError"
    assert set(told.values()) == {"PermissionError"}


def test_the_scratch_folder_is_a_folder_like_any_other(run: Run, tmp_path: Path) -> None:
    outcome = run(
        tmp_path,
        TRY + "folder = Path(tempfile.mkdtemp())\n"
        "(folder / 'a').write_text('a')\nos.makedirs(folder / 'b' / 'c')\n"
        "shutil.copy2(folder / 'a', folder / 'b' / 'c')\n"
        "os.rename(folder / 'b' / 'c' / 'a', folder / 'd')\n"
        "subprocess.check_call(['sh', '-c', 'echo child > e'], cwd=folder)\n"
        "subprocess.check_call(['true'], stdout=subprocess.DEVNULL)",
        "print(sorted(file.name for file in folder.iterdir()))\nshutil.rmtree(folder)",
    )

    assert outcome.fault is None
    assert outcome.shown[1] == "['a', 'b', 'd', 'e']\n"


def test_secrets_are_not_read(run: Run, tmp_path: Path) -> None:
    home = os.path.expanduser("~")

    told = attempts(
        run,
        tmp_path,
        home=f"os.listdir({home!r})",
        child=f"subprocess.check_output(['ls', {home!r}])",
        environment="open(f'/proc/{os.getppid()}/environ').read()",
        memory="open(f'/proc/{os.getppid()}/mem', 'rb')",
        descriptor="open(f'/proc/{os.getppid()}/fd/0')",
        signal="os.kill(os.getppid(), 0)",
        devices="os.listdir('/dev')",
        terminal="open('/dev/tty')",
        site="len(os.listdir('.'))",
        random="len(open('/dev/urandom', 'rb', buffering=0).read(4))",
        python="len(json.__file__) > 0 and len(open(json.__file__).read()) > 0",
    )

    assert told.pop("site") == "1"
    assert told.pop("random") == "4"
    assert told.pop("python") == "True"
    assert told.pop("child") == "CalledProcessError"
    told.pop("signal")  # kernels before 6.12 have no say in it
    assert set(told.values()) == {"PermissionError"}


def test_memory_and_queues_of_the_system_are_out_of_reach(run: Run, tmp_path: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    memory = libc.shmget(0, 4096, 0o600)
    queue = libc.msgget(0, 0o600)
    call = "(LIBC.{}, ctypes.get_errno() == errno.EPERM)[1]"
    try:
        told = attempts(
            run,
            tmp_path,
            start="globals().update(LIBC=ctypes.CDLL(None, use_errno=True))",
            read=call.format(f"shmat({memory}, 0, 0)"),
            remove=call.format(f"shmctl({memory}, 0, 0)"),
            send=call.format(f"msgsnd({queue}, b'\\1' + bytes(16), 8, 0)"),
            receive=call.format(f"msgrcv({queue}, bytes(16), 8, 0, 0o4000)"),
        )
    finally:
        libc.shmctl(memory, 0, None)
        libc.msgctl(queue, 0, None)

    told.pop("start")
    assert told == dict.fromkeys(("read", "remove", "send", "receive"), "True")


def test_no_privilege_is_left_or_can_be_had(run: Run, tmp_path: Path) -> None:
    told = attempts(
        run,
        tmp_path,
        own="[line for line in open('/proc/self/status') if line.startswith(('CapEff', 'NoNew'))]",
        child="subprocess.check_output(['grep', 'CapEff', '/proc/self/status'])",
        device="os.mknod(tempfile.gettempdir() + '/memory', 0o020600, os.makedev(1, 1))",
        clock="os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))",
    )

    assert told["own"] == r"['CapEff:\t0000000000000000\n', 'NoNewPrivs:\t1\n']"
    assert told["child"] == r"b'CapEff:\t0000000000000000\n'"
    assert told["device"] == told["clock"] == "PermissionError"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import socket\n\nsocket.socket()", "PermissionError: [Errno 1] Operation not permitted"),
        (
            "import urllib.request\n\nurllib.request.urlopen('http://example.org')",
            "URLError: <urlopen error [Errno -3] Temporary failure in name resolution>",
        ),
        (
            "\n\nopen('/var/outside', 'w')",
            "PermissionError: [Errno 13] Permission denied: '/var/outside'",
        ),
        (
            "\n\nimport os; os.chmod('/var', 0)",
            "PermissionError: [Errno 1] Operation not permitted: '/var'",
        ),
        (
            "import subprocess\n\nsubprocess.run('echo > /var/outside', shell=True, check=True)",
            "CalledProcessError: Command 'echo > /var/outside' returned non-zero exit status 2.",
        ),
    ],
    ids=["socket", "names", "write", "mode", "child"],
)
def test_what_is_refused_is_told_with_its_line_and_the_option(
    run: Run, tmp_path: Path, code: str, message: str
) -> None:
    assert run(tmp_path, code).fault == f"block 1, line 3: {message} ({HINT})"


def test_an_error_that_is_no_refusal_has_no_such_hint(run: Run, tmp_path: Path) -> None:
    assert run(tmp_path, "open('none')").fault == (
        "block 1, line 1: FileNotFoundError: [Errno 2] No such file or directory: 'none'"
    )


def test_a_message_that_would_run_something_is_not_obeyed(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(tmp_path / "made"),)

    ours, theirs = socket.socketpair()
    with theirs:
        reader = EventReader(ours, 2)
        for value in ((0, Began(0)), (1, Evil())):
            body = pickle.dumps(value)
            theirs.sendall(len(body).to_bytes(8, "big") + body)
        events = reader.read()

        assert next(events) == (0, Began(0))
        with pytest.raises(DisturbedError):
            next(events)
        reader.close()
    assert not (tmp_path / "made").exists()


def test_a_post_cannot_have_another_process_ended_in_its_name(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        code = (
            "from multiprocessing.connection import Connection\nsend = Connection.send\n"
            f"Connection.send = lambda self, value: send(self, {other.pid})"
        )
        with POOLS["resident"]() as pool:
            outcome = run_on(pool, tmp_path, code, "while True: pass")

        assert other.poll() is None
        other.kill()
    assert "the block wrote into descriptors that are not its own" in str(outcome.fault)
