"""What posts may do to the process that they run in, and what the writer is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.faults.runs import Limits

USUAL = Limits()
SHORT = Limits(timeout_s=0.3)
SMALL = Limits(memory_mb=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    codes: tuple[str, ...]
    fault: str | None = None
    """With `line *` where any line will do."""

    shown: tuple[str, ...] | None = None
    """By each block; None where it does not matter."""

    limits: Limits = USUAL
    is_for_interpreters: bool = False
    """Whether it is worth the start of an interpreter of its own."""


LONG = (
    "the block did not end within its 0.3 seconds "
    "(give it more with '#| timeout: SECONDS', or less to do)"
)
MUCH = (
    "the block took more than 400 MB of memory "
    "(allow more with '#| memory: MEGABYTES', or hold less at once)"
)
MANY = (
    "the block started more than 20 processes "
    "(allow more with '#| processes: NUMBER', or start fewer)"
)
SYSTEM_EXIT = "leave out sys.exit(); a post ends by itself"
STATUS = "leave out os._exit(); a post ends by itself"
COMPILED = "the fault lies in a compiled library that it calls, or in its own ctypes"
DEEP = "RecursionError: maximum recursion depth exceeded"
REFUSED = (
    "PermissionError: a post may not write into its own site ({}): its result is kept and the "
    "block may not run again; write into tempfile.gettempdir()"
)
BROKEN = (
    "the block left Python in a state in which nothing can run "
    "(leave builtins, sys.modules and audit hooks as they are)"
)
CLOSED = (
    "the block closed descriptors that are not its own "
    "(close only what the block itself has opened)"
)
WROTE = (
    "the block wrote into descriptors that are not its own "
    "(write only into what the block itself has opened)"
)
NESTED = "x = []\nfor _ in range(100_000):\n    x = [x]\n"


def _loop(code: str, line: int, shown: str = "", *, spawned: bool = False) -> Case:
    fault = f"block 1, line {line}: {LONG}"
    return Case(
        codes=(code,), fault=fault, shown=(shown,), limits=SHORT, is_for_interpreters=spawned
    )


def _ends(fault: str, *codes: str, spawned: bool = False) -> Case:
    return Case(codes=codes, fault=fault, is_for_interpreters=spawned)


def _goes_on(*codes: str, shown: tuple[str, ...], spawned: bool = False) -> Case:
    return Case(codes=codes, shown=shown, is_for_interpreters=spawned)


_WORKER = """\
import sys
from builder.execute.protocol import *
from builder.model import Display
frame = sys._getframe()
while not hasattr(frame.f_locals.get("self"), "_emit"):
    frame = frame.f_back
frame.f_locals["self"]._emit({})
"""


def _forges(event: str, *, spawned: bool = False) -> Case:
    """A post that sends an event of its own making, and goes on."""
    return _ends(f"block 1, line *: {WROTE}", _WORKER.format(event), "1", spawned=spawned)


ENDLESS: Mapping[str, Case] = {
    "a loop in Python": _loop("print('so far')\nwhile True: pass", 2, "so far\n", spawned=True),
    "a regular expression": _loop("import re\nre.match('(a+)+b', 'a' * 64)", 2),
    "a sum": _loop("import itertools\nsum(itertools.repeat(0))", 2),
    "linear algebra": _loop(
        "import numpy as np\nA = np.ones((500, 500))\nwhile True: np.linalg.svd(A)", 3
    ),
    "every exception caught": _loop(
        "def f():\n    try:\n        for _ in iter(int, 1): pass\n"
        "    except BaseException:\n        f()\nf()",
        3,
    ),
    "signals ignored": _loop(
        "import signal\nfor s in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM):\n"
        "    signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
        4,
    ),
    "a halted process": _loop("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", 1),
    "a halted process with a halted child": _loop(
        "import os, signal, subprocess\nchild = subprocess.Popen(['sleep', '271'])\n"
        "os.kill(child.pid, signal.SIGSTOP)\nos.kill(os.getpid(), signal.SIGSTOP)",
        1,
        spawned=True,
    ),
    "a child that prints for ever": Case(
        codes=("import subprocess\nsubprocess.run(['yes'])",),
        fault=f"block 1, line 2: {LONG}",
        limits=SHORT,
        is_for_interpreters=True,
    ),
    "a repr that does not end": _loop(
        "class A:\n    def __repr__(self):\n        while True: pass\nA()", 3
    ),
    "sleep": _loop("import time\ntime.sleep(99)", 2),
    "a lock taken twice": _loop(
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()", 4
    ),
    "a child waited for": _loop(
        "import os, time\nif os.fork() == 0: time.sleep(271)\nos.wait()", 3
    ),
}

GREEDY: Mapping[str, Case] = {
    "lists": Case(
        codes=("x = []\nwhile len(x) < 2000: x.append(bytearray(b'x' * 1_000_000))",),
        fault=f"block 1, line 2: {MUCH}",
        limits=SMALL,
        is_for_interpreters=True,
    ),
    "arrays": Case(
        codes=("import numpy as np\nx = []\nwhile len(x) < 200: x.append(np.ones(1_000_000))\n",),
        fault=f"block 1, line 3: {MUCH}",
        limits=SMALL,
    ),
    "memory of a child": Case(
        codes=(
            'import subprocess, sys\nhog = \'x = [bytearray(b"x" * 1_000_000) '
            "for _ in range(2_000)]'\nsubprocess.run([sys.executable, '-c', hog])",
        ),
        fault=f"block 1, line 3: {MUCH}",
        limits=SMALL,
        is_for_interpreters=True,
    ),
    "memory of a child in the background": Case(
        codes=(
            "import os, sys, time\n"
            "hog = 'import time; x = bytearray(b\"x\" * 900_000_000); time.sleep(271)'\n"
            "os.system(f\"{sys.executable} -c '{hog}' &\");",
            "time.sleep(9)",
        ),
        fault=f"block 2, line 1: {MUCH}",
        limits=SMALL,
        is_for_interpreters=True,
    ),
    "shared memory": Case(
        codes=(
            "import mmap\nx, n = mmap.mmap(-1, 2_000_000_000), 0\n"
            "while True: x[n] = 1; n = (n + 4096) % len(x)",
        ),
        fault=f"block 1, line 3: {MUCH}",
        limits=SMALL,
    ),
    "what forked children share counts once": Case(
        codes=(
            "import os, time\nx = bytearray(b'x' * 150_000_000)\n"
            "for _ in range(5):\n    if os.fork() == 0:\n        time.sleep(0.5)\n"
            "        os._exit(0)\nfor _ in range(5): os.wait()",
        ),
        limits=SMALL,
    ),
    "many processes": Case(
        codes=(
            "import os, time\nfor _ in range(200):\n    if os.fork() == 0:\n"
            "        time.sleep(271)\n        os._exit(0)\n    time.sleep(0.002)\ntime.sleep(9)",
        ),
        fault=f"block 1, line *: {MANY}",
        limits=Limits(processes=20),
        is_for_interpreters=True,
    ),
    "many processes in the background": Case(
        codes=(
            "import os, time\nos.system('for n in $(seq 40); do sleep 271 & done')\ntime.sleep(9)",
        ),
        fault=f"block 1, line *: {MANY}",
        limits=Limits(processes=20),
        is_for_interpreters=True,
    ),
    "processes in the background that have ended": Case(
        codes=("import os\nfor _ in range(40): os.popen('true &').read()",),  # one after another
        limits=Limits(processes=20),
        is_for_interpreters=True,
    ),
    "a gigabyte printed": Case(
        codes=(
            "s = 'x' * 999_999\nfor _ in range(1000):\n    print(s)",
            "import os\nstatus = open(f'/proc/{os.getppid()}/status').read()\n"
            "assert int(status.split('VmHWM:')[1].split()[0]) < 300_000, status",
        ),
        shown=("x" * 100_000 + "\n… and 999,900,000 more bytes, not shown\n", ""),
    ),
    "a gigabyte written beside Python": Case(
        codes=(
            "import os\ns = b'x' * 1_000_000\nfor _ in range(1000):\n"
            "    n = 0\n    while n < len(s): n += os.write(1, s[n:])",
        ),
        shown=("x" * 100_000 + "\n… and 999,900,000 more bytes, not shown\n",),
    ),
    "a child that prints much": Case(
        codes=("import subprocess\nsubprocess.run('yes | head -c 300000000', shell=True);",),
        shown=("y\n" * 50_000 + "\n… and 299,900,000 more bytes, not shown\n",),
    ),
    "many values": Case(
        codes=("for n in range(1000): display('x' * 198)",),
        shown=(f"'{'x' * 198}'" * 500 + "\n… and 100,000 more bytes, not shown\n",),
    ),
    "a character cut in two": Case(
        codes=("print('é' * 100, end='')",),
        shown=("é" * 5 + "\n… and 190 more bytes, not shown\n",),
        limits=Limits(output_bytes=11),
    ),
}

ENDING: Mapping[str, Case] = {
    "os._exit": Case(
        codes=("print('first')", "import os\nos._exit(3)"),
        fault=f"block 2, line 1: the block ended the process with status 3 ({STATUS})",
        shown=("first\n", ""),
        is_for_interpreters=True,
    ),
    "os._exit(0)": _ends(
        f"block 1, line 1: the block ended the process with status 0 ({STATUS})",
        "import os\nos._exit(0)",
    ),
    "os._exit beside a child that prints": _ends(
        f"block 1, line 1: the block ended the process with status 1 ({STATUS})",
        "import os, subprocess\nsubprocess.Popen(['yes'])\nos._exit(1)",
    ),
    "os.abort": _ends(
        f"block 1, line 2: the block was ended by SIGABRT ({COMPILED})", "import os\nos.abort()"
    ),
    "a segmentation fault": _ends(
        f"block 1, line 3: the block was ended by a segmentation fault ({COMPILED})",
        "import ctypes\n\nctypes.string_at(0)",
        spawned=True,
    ),
    "a segmentation fault that nobody notes": _ends(
        f"block 1, line 1: the block was ended by a segmentation fault ({COMPILED})",
        "import ctypes, faulthandler\nfaulthandler.disable()\nctypes.string_at(0)",
    ),
    "a segmentation fault in a later block": _ends(
        f"block 2, line 2: the block was ended by a segmentation fault ({COMPILED})",
        "import faulthandler\nfaulthandler.disable()",
        "import ctypes\nctypes.string_at(0)",
    ),
    "SIGKILL": _ends(
        f"block 1, line 1: the block was ended by SIGKILL, as for want of memory ({COMPILED})",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        spawned=True,
    ),
    "a real-time signal": _ends(
        f"block 1, line 1: the block was ended by signal 40 ({COMPILED})",
        "import os\nos.kill(os.getpid(), 40)",
    ),
    "input()": _ends(
        "block 1, line 1: the block waits for input() "
        "(nobody is at the keyboard while a site is built; give input() a value instead)",
        "name = input()",
        spawned=True,
    ),
    "sys.exit": _ends(
        f"block 1, line 2: the block calls sys.exit(2) ({SYSTEM_EXIT})", "import sys\nsys.exit(2)"
    ),
    "exit": _ends(f"block 1, line 1: the block calls sys.exit() ({SYSTEM_EXIT})", "exit()"),
    "quit": _ends(f"block 1, line 1: the block calls sys.exit('x') ({SYSTEM_EXIT})", "quit('x')"),
    "KeyboardInterrupt": _ends("block 1, line 1: KeyboardInterrupt", "raise KeyboardInterrupt"),
    "a repr that raises": _ends(
        "block 1, line 3: ZeroDivisionError: division by zero",
        "class A:\n    def __repr__(self):\n        return 1 / 0\nA()",
    ),
    "a repr that is no text": _ends(
        "block 1, line 1: TypeError: __repr__ returned non-string (type int)",
        "class A:\n    def __repr__(self):\n        return 3\nA()",
    ),
    "deep recursion": _ends(f"block 1, line 1: {DEEP}", "def f(): f()\nf()"),
    "deeper recursion": _ends(
        f"block 1, line 3: {DEEP}",
        "import sys\nsys.setrecursionlimit(100_000)\ndef f(): f()\nf()",
    ),
    "a deep list shown": _ends(
        f"block 1, line 1: {DEEP} while getting the repr of an object", f"{NESTED}x"
    ),
    "a deep list as JSON": _ends(
        f"block 1, line 5: {DEEP} while encoding a JSON object",
        f"{NESTED}import json\njson.dumps(x)",
    ),
    "a deep list pickled": _ends(
        f"block 1, line 5: {DEEP} while pickling an object",
        f"{NESTED}import pickle\npickle.dumps(x)",
    ),
    "a stack of C calls": _ends(
        f"block 1, line 4: the block was ended by a segmentation fault ({COMPILED})",
        "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n"
        "    def __repr__(self): return repr(self)\nA()",
    ),
    "a timer": _ends(
        "block 1, line 2: TimeoutError: too long",
        "import signal\ndef stop(*_): raise TimeoutError('too long')\n"
        "signal.signal(signal.SIGALRM, stop)\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\n"
        "for _ in iter(int, 1): pass",
    ),
    "a timer while much is shown": _ends(
        "block 1, line 2: TimeoutError: too long",
        "import signal, sys\ndef stop(*_): raise TimeoutError('too long')\n"
        "signal.signal(signal.SIGALRM, stop)\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\n"
        "for _ in iter(int, 1): display('x' * 10_000)",
    ),
    "a closed standard output": _ends(
        "block 1, line 3: OSError: [Errno 9] Bad file descriptor",
        "import os\nos.close(1)\nprint(1)",
    ),
    "every descriptor closed": _ends(
        f"block 1, line 1: {CLOSED}", "import os\nos.closerange(0, 70_000)", spawned=True
    ),
    "every descriptor replaced": _ends(
        f"block 1, line 1: {CLOSED}",
        "import os\nnull = os.open(os.devnull, os.O_RDWR)\n"
        "for n in range(3, 1024): os.dup2(null, n)",
    ),
    "every descriptor written to": _ends(
        f"block 1, line *: {WROTE}",
        "import contextlib, os\nfor n in range(3, 1024):\n"
        "    with contextlib.suppress(OSError):\n        os.write(n, b'x' * 20)\n",
        spawned=True,
    ),
    "an end that was made up": _forges(
        "Ended(0, 0.0, 0.0, Trace({}, (), (), (), None))", spawned=True
    ),
    "the end of another block": _forges(
        "Ended(1, 0.0, 0.0, Trace({}, (), (), (), {}))", spawned=True
    ),
    "a block that is none": _forges("Began(99)", spawned=True),
    "a block begun twice": _forges("Began(0)"),
    "a fault in a block that is none": _forges("Raised(Fault('m', None, 99, 1, ''))", spawned=True),
    "an end before all blocks": _forges("Finished()"),
    "a copy that does not wait": _forges("Froze(0)"),
    "a copy that cannot be spoken to": _forges("Froze(0), 0"),
    "builtins emptied": _ends(
        f"block 1, line 1: {BROKEN}", "import builtins\nbuiltins.__dict__.clear()"
    ),
    "a function of Python's replaced": _ends(
        f"block 1, line 1: {BROKEN}", "import builtins\nbuiltins.len = None"
    ),
    "modules and paths forgotten": _ends(
        f"block 1, line 1: {BROKEN}", "import sys\nsys.path.clear()\nsys.modules.clear()"
    ),
    "memory limited by the post": _ends(
        "block 2, line 1: MemoryError (raise 'memory' in [tool.site], or hold less at once)",
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (10, 10))",
        "x = [0] * 10**8",
    ),
    "a new session": _ends(
        "block 1, line 2: PermissionError: [Errno 1] Operation not permitted",
        "import os\nos.setsid()",
    ),
    "a new group": _ends(
        "block 1, line 2: PermissionError: [Errno 1] Operation not permitted",
        "import os\nos.setpgid(0, 0)",
    ),
    "a file of the site written": _ends(
        f"block 1, line 2: {REFUSED.format('posts/new.txt')}",
        "import os\nopen('new.txt', 'w')",
    ),
    "a post deleted": _ends(
        f"block 1, line 2: {REFUSED.format('posts/a-post.md')}", "import os\nos.remove('a-post.md')"
    ),
    "arguments that are no text": _ends(
        "block 1, line 1: ValueError: (1, [2], None)", "raise ValueError(1, [2], None)"
    ),
    "an exception without text": _ends(
        "block 1, line 3: E: <E without text>",
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
    ),
    "an exception with a text of its own kind": _ends(
        "block 1, line 4: E: hello",
        "class S(str): pass\nclass E(Exception):\n"
        "    def __str__(self): return S('hello')\nraise E",
    ),
    "a group": _ends(
        "block 1, line 1: ExceptionGroup: two (2 sub-exceptions)",
        "raise ExceptionGroup('two', [ValueError(1), TypeError('b')])",
    ),
    "a chain": _ends(
        "block 1, line 4: KeyError: 'x'",
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('x') from e",
    ),
    "a long chain": _ends(
        "block 1, line 6: ValueError: 2999",
        "e = None\nfor n in range(3000):\n    f = ValueError(n)\n    f.__context__ = e\n"
        "    e = f\nraise e",
    ),
    "a syntax error in exec": _ends(
        "block 1, line 2: SyntaxError: invalid syntax", "x = 1\nexec('a = = 1')"
    ),
    "a syntax error on a line that is none": _ends(
        "block 1, line 1: SyntaxError: x",
        "e = SyntaxError('x')\ne.filename, e.lineno = 'posts/{}.md#1', -5\nraise e".format(
            "a syntax error on a line that is none"
        ),
    ),
    "an error in a block that is none": _ends(
        "block 1, line 1: ZeroDivisionError: division by zero",
        "exec(compile('1 / 0', 'posts/an error in a block that is none.md#99', 'exec'))",
    ),
    "surrogates": _ends("block 1, line 1: ValueError: a\\ud800b", r"raise ValueError('a\ud800b')"),
    "a magic command": _ends(
        "block 1, line 2: SyntaxError: invalid syntax", "import matplotlib\n%matplotlib inline"
    ),
    "a NUL in the code": _ends(
        "block 1, line 1: SyntaxError: source code string cannot contain null bytes", "x = '\0'"
    ),
    "a trace function that raises": _ends(
        "block 1, line 2: ValueError: traced",
        "import sys\ndef t(*_): raise ValueError('traced')\nsys.settrace(t)",
    ),
}

HARMLESS: Mapping[str, Case] = {
    "a daemon": _goes_on(
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        time.sleep(271)\n    os._exit(0)\nos.wait()\nprint('left behind')",
        shown=("left behind\n",),
        spawned=True,
    ),
    "a child in a session of its own": _goes_on(
        "import subprocess\nchild = subprocess.Popen(\n"
        "    ['sleep', '271'], start_new_session=True, env={}, cwd='/')",
        shown=("",),
        spawned=True,
    ),
    "no line break": _goes_on(
        "print('a', end='')", "import sys\nsys.stderr.write('b');", shown=("a", "b")
    ),
    "every byte": _goes_on(
        "import sys\nsys.stdout.buffer.write(bytes(range(256)));",
        shown=(bytes(range(256)).decode("utf-8", "backslashreplace"),),
    ),
    "the beginnings of marks": _goes_on(
        "import os\nos.write(1, b'\\0\\1x\\0');\nos.write(1, b'\\0\\1');",
        "2",
        shown=("\0\1x\0\0\1", "2"),
    ),
    "surrogates printed": _goes_on(r"print('\ud800')", shown=("\\ud800\n",)),
    "surrogates shown": _goes_on(
        "class A:\n    def __repr__(self): return '\\ud800'\nA()", shown=("\\ud800",)
    ),
    "standard input": _goes_on("import sys\nsys.stdin.read()", shown=("''",)),
    "a huge repr": _goes_on(
        "class A:\n    def __repr__(self): return 'x' * 1_000_000\nA()",
        shown=("x" * 20_000 + " … (980,000 more characters)",),
    ),
    "a text of its own kind": _goes_on(
        "class S(str):\n    def encode(self, *_): return self\n    def __len__(self): return 3\n"
        "class A:\n    def __repr__(self): return S('hello')\nA()",
        "import os\nos.environ.get(S('HELLO'))",
        shown=("hello", ""),
    ),
    "surrogates that name a curve": _goes_on(
        "import matplotlib.pyplot as plt\nplt.plot([1, 2], label='\\ud800')\nplt.show()",
        shown=("<figure>",),
    ),
    "a list in itself": _goes_on("x = []\nx.append(x)\nx", shown=("[[...]]",)),
    "another folder": _goes_on("import os\nos.chdir('/')", "print(os.getcwd())", shown=("", "/\n")),
    "a folder that has gone": _goes_on(
        "import os, tempfile\nos.chdir(tempfile.mkdtemp())\nos.rmdir(os.getcwd())",
        "print(1)",
        shown=("", "1\n"),
    ),
    "no environment": _goes_on(
        "import os\nos.environ.clear()", "print(os.environ.get('HOME'))", shown=("", "None\n")
    ),
    "another backend": _goes_on(
        "import matplotlib as mpl, matplotlib.pyplot as plt\nmpl.use('pdf')\n"
        "plt.switch_backend('svg')\nmpl.rcParams['backend'] = 'pdf'\nplt.plot([1, 2])\nplt.show()",
        shown=("<figure>",),
    ),
    "hooks": _goes_on(
        "import sys\nsys.excepthook = sys.displayhook = None\n1", "2", shown=("1", "2")
    ),
    "print replaced": _goes_on("import builtins\nbuiltins.print = None", "1", shown=("", "1")),
    "threads that go on": _goes_on(
        "import threading, time\ndef f():\n    while True: time.sleep(0.001)\n"
        "threading.Thread(target=f).start()\nthreading.Thread(target=f, daemon=True).start()",
        "print(1)",
        shown=("", "1\n"),
        spawned=True,
    ),
    "handlers at exit": _goes_on(
        "import atexit\natexit.register(lambda: 1 / 0);", "print(1)", shown=("", "1\n")
    ),
    "standard output replaced": _goes_on(
        "import io, sys\nsys.stdout = io.StringIO()\nprint(1)", "print(2)", shown=("", "2\n")
    ),
    "standard output closed": _goes_on(
        "import sys\nsys.stdout.close()", "print(2)", shown=("", "2\n")
    ),
    "standard output detached": _goes_on(
        "import sys\nsys.stdout.detach();", "print(2)", shown=("", "2\n")
    ),
    "no standard output": _goes_on(
        "import sys\nsys.stdout = None\nprint(1)\ndel sys.stdout", "print(2)", shown=("", "2\n")
    ),
    "descriptor 1 closed": _goes_on("import os\nos.close(1)", "print(2)", shown=("", "2\n")),
    "low descriptors closed": _goes_on(
        "import os\nos.closerange(3, 256)\nprint(1)", "print(2)", shown=("1\n", "2\n")
    ),
    "low descriptors replaced": _goes_on(
        "import os\nf = os.open(os.devnull, os.O_RDWR)\nfor n in range(3, 256): os.dup2(f, n);",
        "print(2)",
        shown=("", "2\n"),
    ),
    "pipes that do not block": _goes_on(
        "import os\nos.set_blocking(1, False)\ndisplay('a')\nprint('x' * 90_000)",
        shown=("'a'" + "x" * 90_000 + "\n",),
    ),
    "no collector": _goes_on("import gc\ngc.disable()", "gc.isenabled()", shown=("", "False")),
    "few descriptors, no files": _goes_on(
        "import resource\nfor r in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE):\n"
        "    resource.setrlimit(r, (3, 3))",
        "print(2)",
        shown=("", "2\n"),
        spawned=True,
    ),
    "a fork that comes out of the block": _goes_on(
        "import os\npid = os.fork()\nif pid: os.wait();\n"
        "print('parent' if pid else 'child', end=' ')",
        "print('next')",
        shown=("child parent ", "next\n"),
    ),
    "a fork that exits": _goes_on(
        "import os, sys\nif os.fork() == 0: sys.exit(3)\n"
        "print(os.waitstatus_to_exitcode(os.wait()[1]))",
        shown=("3\n",),
    ),
    "a fork that raises": _goes_on(
        "import os, sys\nif os.fork() == 0: 1 / 0\nprint(os.waitstatus_to_exitcode(os.wait()[1]))",
        shown=(
            "1\nTraceback (most recent call last):\n"
            '  File "posts/a fork that raises.md#1", line 2, in <module>\n'
            "    if os.fork() == 0: 1 / 0\n                       ~~^~~\n"
            "ZeroDivisionError: division by zero\n",
        ),
    ),
    "a pool of processes": _goes_on(
        "import multiprocessing\ndef f(x): return x * x\nwith multiprocessing.Pool(2) as pool:\n"
        "    print(pool.map(f, range(4)))",
        shown=("[0, 1, 4, 9]\n",),
        spawned=True,
    ),
    "futures": _goes_on(
        "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor\n"
        "def f(x): return x * x\nfor kind in (ProcessPoolExecutor, ThreadPoolExecutor):\n"
        "    with kind(2) as pool: print(list(pool.map(f, range(4))))",
        shown=("[0, 1, 4, 9]\n" * 2,),
    ),
    "await": _goes_on(
        "import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n    return 5\nawait f()",
        "await asyncio.gather(f(), f())",
        shown=("5", "[5, 5]"),
    ),
    "display redefined": _goes_on("display = 5", "display", "_", shown=("", "5", "5")),
    "nothing": _goes_on("", "# only\n# words", "\n\n", shown=("", "", "")),
    "a generator": _goes_on("(x for x in [])", shown=("<generator object <genexpr> at 0x…>",)),
    "a semicolon in a text": _goes_on("'a;#b'", "1;", "2  ;  # no", shown=("'a;#b'", "", "")),
    "warnings": _goes_on(
        "import warnings\nwarnings.simplefilter('error')\nwarnings.simplefilter('default')\n"
        "warnings.warn('careful')",
        shown=("UserWarning: careful\n  warnings.warn('careful')\n",),
    ),
    "a warning while a figure is drawn": _goes_on(
        "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.title('漢')\nplt.show()",
        shown=(
            "UserWarning: Glyph 28450 (\\N{CJK UNIFIED IDEOGRAPH-6F22}) missing from font(s) "
            "DejaVu Sans.\n<figure>",
        ),
    ),
    "another locale": _goes_on(
        "import locale\nlocale.setlocale(locale.LC_ALL, 'C');", "print(1.5)", shown=("", "1.5\n")
    ),
}

CASES: Mapping[str, Case] = {**ENDLESS, **GREEDY, **ENDING, **HARMLESS}
