"""A post goes on from the block that was edited, and gives what a full run gives."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.config import PROJECT
from builder.execute import linux
from builder.execute.pool import Pool
from builder.listening import BlockPlace, Listener
from builder.model import Failure
from tests.execute.conftest import Lab, make_post, shown, text

TRAINING = (
    "import random\nimport warnings\nimport numpy as np\nimport matplotlib.pyplot as plt\n"
    "from builder import network as nn\n"
    "lines = open('data.txt')\nprint(lines.readline().strip())",
    "rng = np.random.default_rng()\nX = rng.normal(size=(64, 2)).astype('float32')\n"
    "Y = X[:, :1] * X[:, 1:]\nprint(random.random(), np.random.rand(), lines.readline().strip())",
    "model = nn.Sequential(nn.Dense(8), nn.Tanh(), nn.Dense(1))\n"
    "loss, optimizer = nn.MeanSquaredError(), nn.SGD(0.1)\nlosses = []\n"
    "for epoch in range(20):\n"
    "    for x, y in nn.mini_batches(X, Y, batch_size=16, rng=rng):\n"
    "        prediction, backward = model.forward(x, training=True)\n"
    "        error, gradient = loss(prediction, y)\n        backward(gradient)\n"
    "        optimizer.step(model)\n    losses.append(error)\nprint(error)",
    "plt.plot(losses)\nplt.show()\nprint(random.random(), lines.readline().strip())",
    "def report(values):\n    warnings.warn('last line')\n    return min(values)\n"
    "print(report(losses), rng.random(), lines.tell())\nlines.readline()",
    "plt.rcParams['lines.linewidth'] = 5\nplt.plot(losses[::-1])\nprint(object())\nreport(losses)",
)


def _with_data(lab: Lab) -> Lab:
    lab.write("posts/data.txt", "".join(f"line {n}\n" for n in range(20)))
    return lab


@pytest.mark.parametrize("edited", range(len(TRAINING)))
def test_a_resumed_run_equals_a_full_run_whichever_block_is_edited(
    make_lab: Callable[[str, Pool], Lab], plain_pool: Pool, resident_pool: Pool, edited: int
) -> None:
    resident = _with_data(make_lab("resident", resident_pool))
    plain = _with_data(make_lab("plain", plain_pool))
    assert shown(resident.run(*TRAINING)) == shown(plain.run(*TRAINING))

    for above, below in (("", "\nprint('more')"), ("print(2)\n", "")):
        codes = list(TRAINING)
        codes[edited] = above + codes[edited] + below
        resumed = resident.run(*codes)
        full = plain.run(*codes, is_fresh=True)

        assert resumed.has_run
        assert shown(resumed) == shown(full)
        assert [p.message for p in resumed.problems] == [p.message for p in full.problems]


def test_only_the_blocks_from_the_edited_one_on_run_again(resident: Lab) -> None:
    mark = resident.root.parent / "runs.txt"
    codes = [f"import os\nos.system('echo -n {n} >> {mark}')" for n in range(4)]
    resident.run(*codes)

    resident.run(*codes[:2], codes[2] + "\n# edited", codes[3])

    assert mark.read_text() == "0123" + "23"


def test_an_appended_block_runs_alone(resident: Lab) -> None:
    codes = ["import time\nx = time.perf_counter_ns()\nprint(x)", "y = 2"]
    first = resident.run(*codes)

    second = resident.run(*codes, "print(x, y)")

    assert text(second.post.results[2]) == text(first.post.results[0]).strip() + " 2\n"


def test_a_failed_block_goes_on_from_the_one_before_once_it_is_mended(resident: Lab) -> None:
    codes = ["import time\nx = time.perf_counter_ns()\nprint(x)", "1 / 0", "print(x)"]
    failed = resident.run(*codes)

    mended = resident.run(codes[0], "1 / 1", codes[2])

    assert [p.message for p in failed.problems] == ["ZeroDivisionError: division by zero"]
    assert text(mended.post.results[2]) == text(failed.post.results[0])


def test_a_changed_file_runs_again_from_the_block_that_read_it(resident: Lab) -> None:
    resident.write("posts/a.txt", "one")
    codes = [
        "import time\nx = time.perf_counter_ns()\nprint(x)",
        "print(open('a.txt').read())",
        "print(x)",
    ]
    first = resident.run(*codes)
    resident.write("posts/a.txt", "two, longer")

    second = resident.run(*codes)

    assert text(second.post.results[1]) == "two, longer\n"
    assert text(second.post.results[2]) == text(first.post.results[0])


def test_an_edit_above_a_written_file_is_a_full_run(resident: Lab) -> None:
    codes = [
        "import tempfile, os, time\nfolder = tempfile.gettempdir()\nprint(time.perf_counter_ns())",
        "print(os.listdir(folder))",
        "open(os.path.join(folder, 'x'), 'w').close()",
    ]
    first = resident.run(*codes)

    second = resident.run(codes[0], codes[1] + "\nprint('edited')", codes[2])

    assert text(second.post.results[1]) == "[]\nedited\n"
    assert text(second.post.results[0]) != text(first.post.results[0])


UNFAITHFUL = {
    "a thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), "
    "daemon=True).start()",
    "a process": "import subprocess\nchild = subprocess.Popen(['sleep', '9'])",
    "a process in the background": "import os\nos.system('sleep 9 &')",
    "a process of one that has ended": "import os, time\nif os.fork() == 0:\n"
    "    if os.fork() == 0:\n        time.sleep(9)\n    os._exit(0)\nos.wait()",
    "a socket": "import socket\ns = socket.socket()",
    "a file open for writing": "import tempfile\nf = open(tempfile.gettempdir() + '/x', 'w')",
    "a timer": "import signal\nsignal.setitimer(signal.ITIMER_REAL, 99)",
}


@pytest.mark.parametrize("code", UNFAITHFUL.values(), ids=UNFAITHFUL.keys())
def test_where_no_faithful_copy_can_be_made_the_post_runs_in_full_and_says_so(
    resident: Lab, code: str
) -> None:
    codes = [code + "\nimport time\nx = time.perf_counter_ns()\nprint(x)", "1"]
    first = resident.run(*codes)
    said = [line for line in resident.told if "no checkpoint" in line]

    second = resident.run(codes[0], "2")

    assert len(said) == 2
    assert text(second.post.results[0]) != text(first.post.results[0])


def test_a_post_whose_background_process_has_ended_goes_on(resident: Lab) -> None:
    code = (
        "import os, time\npid = int(os.popen('sleep 0.1 & echo $!').read())\n"
        "while os.path.exists(f'/proc/{pid}'): time.sleep(0.01)\n"
        "x = time.perf_counter_ns()\nprint(x)"
    )
    first = resident.run(code, "1")

    second = resident.run(code, "print(x)")

    assert text(second.post.results[1]) == text(first.post.results[0])


def _below(pid: int) -> set[int]:
    return {p for p in linux.descendants(pid) if not linux.is_zombie(p)}


def test_checkpoints_are_bounded_in_number(resident: Lab) -> None:
    codes = [f"x{n} = {n}" for n in range(30)]
    before = _below(os.getpid())

    resident.run(*codes)

    # the zygote, the guard, and no more copies than are allowed
    assert len(_below(os.getpid()) - before) <= 2 + 12
    again = resident.run(*codes[:-1], "print(x0, x28)")
    assert text(again.post.results[-1]) == "0 28\n"


def test_checkpoints_are_gone_when_the_pool_is_closed(tmp_path: Path) -> None:
    before = _below(os.getpid())
    with Pool(str(PROJECT), 1, is_resident=True) as pool:
        lab = Lab(tmp_path, pool)
        lab.write("posts/x", "")
        lab.run("x = 1", "y = 2")
        assert len(_below(os.getpid()) - before) >= 4
    deadline = time.monotonic() + 5
    while _below(os.getpid()) - before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _below(os.getpid()) <= before


def test_a_guard_that_is_killed_is_replaced(resident: Lab) -> None:
    codes = ["import time\nx = time.perf_counter_ns()", "print(x)"]
    resident.run(*codes)
    (zygote,) = [p for p in linux.children(os.getpid()) if _below(p)]
    for guard in linux.children(zygote):
        os.kill(guard, signal.SIGKILL)
    time.sleep(0.1)

    again = resident.run(codes[0], codes[1] + "\nprint('edited')")

    assert again.problems == ()
    assert text(again.post.results[1]).endswith("edited\n")


def test_a_guard_that_is_killed_while_a_block_runs_costs_that_block_alone(lab: Lab) -> None:
    known = lab.root / "known"

    class Watcher(Listener):
        def block_ended(self, place: BlockPlace, seconds: float) -> None:
            known.touch()

    lab.listener = Watcher()
    kill = (
        f"import os, signal, time\nwhile not os.path.exists({str(known)!r}): time.sleep(0.01)\n"
        "os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(9)"
    )

    execution = lab.run("print('first')", kill, "print('third')")

    (problem,) = execution.problems
    assert problem.message == "the process that watches over this post has ended"
    assert problem.location.line == 20
    assert [text(result) for result in execution.post.results] == ["first\n", ""]
    assert isinstance(execution.post.results[1].outputs[0], Failure)


def test_several_posts_are_resident_side_by_side(resident: Lab) -> None:
    posts = [
        make_post([f"import time\nx = time.perf_counter_ns()\nprint(x, {n})", "0"], f"posts/{n}.md")
        for n in range(3)
    ]
    first = {str(e.post.parsed.source.path): e for e in resident.execute(*posts)}
    edited = [make_post([p.blocks[0].code, "print(x)"], str(p.source.path)) for p in posts]

    for execution in resident.execute(*edited):
        before = first[str(execution.post.parsed.source.path)]
        assert text(execution.post.results[1]).strip() == text(before.post.results[0]).split()[0]


def test_a_copy_of_another_time_is_not_gone_on_with(resident: Lab) -> None:
    first, second = "data = open('d.txt').read()", "print(data)"
    for content in ("one", "two"):
        resident.write("posts/d.txt", content)
        resident.run(first, second)
    resident.write("posts/d.txt", "one")  # what it gave is known; the copy that waits has "two"
    assert not resident.ran(first, second)

    edited = resident.run(first, "print(data, 'again')")

    assert text(edited.post.results[1]) == "one again\n"


def test_a_module_of_another_time_is_not_gone_on_with(resident: Lab) -> None:
    for value in (1, 2, 1):
        resident.write("posts/helper.py", f"value = {value}\n")
        resident.run("import helper", "print(helper.value)")

    edited = resident.run("import helper", "print(helper.value + 10)")

    assert text(edited.post.results[1]) == "11\n"
