"""A build that is interrupted goes on with what is still asked for, and ends the rest."""

import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.config import PROJECT
from builder.execute import linux
from builder.execute.interrupt import Interrupt, InterruptedBuildError
from builder.execute.pool import Pool
from builder.execute.spawn import SpawnPool
from builder.model import BlockOptions, Pending
from tests.execute.conftest import Lab, make_post, shown, text
from tests.execute.test_sweeps import run, written
from tests.listeners import Previewing


@dataclass
class Bench:
    """A lab whose builds can be interrupted, and a folder in which its blocks leave marks."""

    lab: Lab
    interrupt: Interrupt
    marks: Path

    def block(self, name: str, more: str = "") -> str:
        """A block that tells that it has begun, and waits until it is let go.

        A shell does so: what it looks at is not seen, and so changes no key.
        """
        told, until = self.marks / name, self.marks / f"go-{name}"
        command = f"echo -n x >> {told}; until [ -e {until} ]; do sleep 0.01; done"
        return f"import os, time\nos.system({command!r})\n{more}"

    def let_go(self, *names: str) -> None:
        for name in names:
            (self.marks / f"go-{name}").touch()

    def hold(self, *names: str) -> None:
        """Let blocks that begin from now on wait again."""
        for name in names:
            (self.marks / f"go-{name}").unlink()

    def runs(self, name: str) -> int:
        """How often a block has begun."""
        path = self.marks / name
        return path.stat().st_size if path.exists() else 0

    @contextmanager
    def interrupted(self, name: str, runs: int = 1) -> Iterator[None]:
        """Interrupt the build inside once a block has begun for the `runs`-th time."""

        def wait() -> None:
            while self.runs(name) < runs:
                time.sleep(0.002)
            self.interrupt.set()

        thread = threading.Thread(target=wait, daemon=True)  # for where it waits in vain
        thread.start()
        with pytest.raises(InterruptedBuildError):
            yield
        thread.join()
        self.interrupt.clear()


@pytest.fixture
def bench(make_lab: Callable[[str, Pool], Lab], tmp_path: Path) -> Iterator[Bench]:
    marks = tmp_path / "marks"
    marks.mkdir()
    interrupt = Interrupt()
    with Pool(str(PROJECT), 2, is_resident=True, interrupt=interrupt) as pool:
        yield Bench(make_lab("bench", pool), interrupt, marks)


def test_a_block_that_is_still_asked_for_is_not_run_twice(bench: Bench) -> None:
    codes = ["x = 1", bench.block("slow", "print(x)"), "print(x + 1)"]
    with bench.interrupted("slow"):
        bench.lab.run(*codes)

    bench.let_go("slow")
    execution = bench.lab.run(*codes)

    assert [text(r) for r in execution.post.results] == ["", "1\n", "2\n"]
    assert bench.runs("slow") == 1
    bench.lab.run(*codes)
    assert bench.lab.told == []


def test_an_edit_below_the_running_block_lets_it_end(bench: Bench) -> None:
    slow = bench.block("slow", "x = time.perf_counter_ns()\nprint(x)")
    with bench.interrupted("slow"):
        bench.lab.run(slow, "print('old')", "print('gone')")

    bench.let_go("slow")
    execution = bench.lab.run(slow, "print(x)")

    first, second = (text(r) for r in execution.post.results)
    assert first == second
    assert bench.runs("slow") == 1


def test_an_edit_of_the_running_block_ends_it_and_keeps_what_ran_before(bench: Bench) -> None:
    codes = [bench.block("first", "x = time.perf_counter_ns()\nprint(x)"), bench.block("second")]
    bench.let_go("first")
    with bench.interrupted("second"):
        bench.lab.run(*codes)

    execution = bench.lab.run(codes[0], "print(x)")

    first, second = (text(r) for r in execution.post.results)
    assert first == second
    assert (bench.runs("first"), bench.runs("second")) == (1, 1)


def test_an_edit_above_the_running_block_begins_there(bench: Bench) -> None:
    with bench.interrupted("slow"):
        bench.lab.run("x = 1", bench.block("slow", "print(x)"))

    bench.let_go("slow")
    execution = bench.lab.run("x = 2", bench.block("slow", "print(x)"))

    assert [text(r) for r in execution.post.results] == ["", "2\n"]
    assert bench.runs("slow") == 2


def test_a_failure_of_a_block_that_was_let_run_is_told(bench: Bench) -> None:
    slow = bench.block("slow", "1 / 0")
    with bench.interrupted("slow"):
        bench.lab.run("x = 1", slow, "print('old')")

    bench.let_go("slow")
    execution = bench.lab.run("x = 1", slow, "print('new')")

    problem = execution.problems[-1]
    assert "ZeroDivisionError" in problem.message
    assert problem.location.line == 22


def test_a_post_that_nobody_asks_for_any_more_is_ended(bench: Bench) -> None:
    with bench.interrupted("slow"):
        bench.lab.run("import subprocess\nsubprocess.Popen(['sleep', '277'])", bench.block("slow"))

    bench.lab.execute(make_post(["print(1)"], "posts/other.md"))

    assert not any(b"277" in _command(pid) for pid in linux.descendants(os.getpid()))


def test_one_post_goes_on_while_another_one_is_edited(bench: Bench) -> None:
    training = make_post([bench.block("training", "print('trained')")], "posts/training.md")
    with bench.interrupted("training"):
        bench.lab.execute(training, make_post(["print('old')"], "posts/q.md"))

    bench.let_go("training")
    done = bench.lab.execute(training, make_post(["print('new')"], "posts/q.md"))

    told = {str(e.post.parsed.source.path): text(e.post.results[0]) for e in done}
    assert told == {"posts/training.md": "trained\n", "posts/q.md": "new\n"}
    assert bench.runs("training") == 1


def test_results_are_those_of_a_full_run_after_many_interrupted_edits(
    bench: Bench, make_lab: Callable[[str, Pool], Lab], plain_pool: Pool
) -> None:
    rng = random.Random(5)
    codes = ["import random, time\nx = [0]"]
    codes += [f"time.sleep(0.01)\nx.append({n})\nprint(x, random.random())" for n in range(5)]
    for edit in range(60):
        place = rng.randrange(1, len(codes))
        codes[place] = f"time.sleep(0.01)\nx.append({edit})\nprint(x, random.random())"
        timer = threading.Timer(rng.random() * 0.06, bench.interrupt.set)
        timer.start()
        with suppress(InterruptedBuildError):
            bench.lab.run(*codes)
        timer.join()
        bench.interrupt.clear()

    full = make_lab("plain", plain_pool).run(*codes)

    assert shown(bench.lab.run(*codes)) == shown(full)


def test_what_is_known_is_shown_while_blocks_run(bench: Bench) -> None:
    bench.let_go("slow")
    listener = Previewing()
    bench.lab.listener = listener

    executions = bench.lab.execute(
        make_post(["print(1)", bench.block("slow", "print(2)"), "print(3)"])
    )

    told = [
        [o if isinstance(o, Pending) else text(r) for r in e.post.results for o in r.outputs[:1]]
        for e in executions
    ]
    assert told == [
        [Pending(True), Pending(False), Pending(False)],
        ["1\n", Pending(True), Pending(False)],
        ["1\n", "2\n", Pending(True)],
        ["1\n", "2\n", "3\n"],
        ["1\n", "2\n", "3\n"],
    ]
    assert [e.is_whole for e in executions] == [False] * 4 + [True]
    assert [(b.number, b.count, b.line) for b in listener.began] == [
        (1, 3, 10),
        (2, 3, 20),
        (3, 3, 30),
    ]
    assert [b.number for b, _ in listener.ended] == [1, 2, 3]


def test_interpreters_of_their_own_are_ended(
    make_lab: Callable[[str, Pool], Lab], tmp_path: Path
) -> None:
    interrupt, marks = Interrupt(), tmp_path / "marks"
    marks.mkdir()
    with SpawnPool(str(PROJECT), 2, interrupt=interrupt) as pool:
        bench = Bench(make_lab("bench", pool), interrupt, marks)  # type: ignore[arg-type]
        with bench.interrupted("slow"):
            bench.lab.run(bench.block("slow"))

        assert [text(r) for r in bench.lab.run("print(2)").post.results] == ["2\n"]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_a_post_that_runs_on_is_not_gone_on_with_where_a_file_has_changed(bench: Bench) -> None:
    first, slow = "data = open('d.txt').read()", bench.block("slow", "print(data)")
    bench.lab.write("posts/d.txt", "new")
    bench.lab.run(first)
    bench.lab.write("posts/d.txt", "old")
    with bench.interrupted("slow"):
        bench.lab.run(first, slow)

    bench.lab.write("posts/d.txt", "new")  # with which the first block is known
    bench.let_go("slow")
    execution = bench.lab.run(first, slow)

    assert text(execution.post.results[1]) == "new\n"


def test_a_block_is_not_gone_on_with_where_a_file_has_changed_that_it_declares(
    bench: Bench,
) -> None:
    read = "import subprocess\ns = subprocess.run(['cat', 'd.txt'], capture_output=True).stdout\n"
    block = (read + bench.block("slow", "print(s)"), BlockOptions(depends=("d.txt",)))
    bench.lab.write("posts/d.txt", "old")
    with bench.interrupted("slow"):
        run(bench.lab, "x = 1", block)

    bench.lab.write("posts/d.txt", "new")
    bench.let_go("slow")

    assert written(run(bench.lab, "x = 1", block)) == ["", "b'new'\n"]
    assert bench.runs("slow") == 2


def test_what_a_block_gave_is_not_kept_where_a_file_that_it_declares_changed_meanwhile(
    bench: Bench,
) -> None:
    command = "cat d.txt; echo -n newer > d.txt"  # as a writer would
    read = f"subprocess.run({command!r}, shell=True, capture_output=True).stdout"
    code = f"import subprocess\nprint({read})"
    block = (code, BlockOptions(depends=("d.txt",)))
    bench.lab.write("posts/d.txt", "old")
    assert "old" in written(run(bench.lab, block))[0]

    assert "newer" in written(run(bench.lab, block))[0]


def sweep(*rates: int) -> BlockOptions:
    return BlockOptions(sweep=(("rate", rates),))


def test_an_edit_of_the_value_that_runs_while_others_are_known_ends_it(bench: Bench) -> None:
    code = bench.block("slow", "print(rate)")
    bench.let_go("slow")
    run(bench.lab, "x = 1", (code, sweep(1, 2, 3)))
    bench.hold("slow")
    with bench.interrupted("slow", runs=4):
        run(bench.lab, "x = 1", (code, sweep(4, 2, 3)))

    bench.let_go("slow")
    execution = run(bench.lab, "x = 1", (code, sweep(5, 2, 3)))

    assert written(execution) == ["", "2\n", "3\n", "5\n"]


def test_a_value_that_was_known_and_is_no_more_runs(bench: Bench) -> None:
    indented = bench.block("slow").rstrip().replace("\n", "\n    ")
    code = "if rate == 2:\n    print(open('d.txt').read())\n"
    code += f"if rate == 4:\n    {indented}\nprint(rate)"
    bench.lab.write("posts/d.txt", "old")
    run(bench.lab, "x = 1", (code, sweep(1, 2, 3)))
    with bench.interrupted("slow"):
        run(bench.lab, "x = 1", (code, sweep(4, 2, 3)))

    bench.lab.write("posts/d.txt", "new")
    bench.let_go("slow")
    execution = run(bench.lab, "x = 1", (code, sweep(4, 2, 3)))

    assert written(execution) == ["", "new\n2\n", "3\n", "4\n"]


def test_what_a_run_did_that_was_ended_before_it_told_is_not_gone_on_with(bench: Bench) -> None:
    read, slow = "s = open('d.txt').read()", bench.block("slow")
    bench.lab.write("posts/d.txt", "old")
    bench.let_go("slow")
    bench.lab.run("x = 1", read, slow, "print(s)")
    bench.hold("slow")
    bench.lab.write("posts/d.txt", "newer")
    bench.interrupt.set()
    with pytest.raises(InterruptedBuildError):
        bench.lab.run("x = 1", read, slow, "print(s)")
    bench.interrupt.clear()
    while bench.runs("slow") < 2:  # a checkpoint holds what was read
        time.sleep(0.002)
    bench.lab.execute(make_post(["1"], "posts/other.md"))

    bench.lab.write("posts/d.txt", "old")  # with which the first blocks are known
    bench.let_go("slow")
    execution = bench.lab.run("x = 1", read, slow, "print(s, 'edited')")

    assert text(execution.post.results[-1]) == "old edited\n"


WRITE = """
import os, tempfile
path = os.path.join(tempfile.gettempdir(), "x")
with open(path, "a") as file:
    _ = file.write("x")
"""


def test_what_a_block_wrote_that_was_ended_is_not_there_in_the_next_run(bench: Bench) -> None:
    with bench.interrupted("slow"):
        bench.lab.run("x = 1", WRITE + bench.block("slow"))

    execution = bench.lab.run("x = 1", f"{WRITE}print(open(path).read())")

    assert text(execution.post.results[1]) == "x\n"


def test_a_sweep_that_was_ended_runs_again_where_files_were_written_above_it(bench: Bench) -> None:
    with bench.interrupted("slow"):
        run(bench.lab, WRITE, (bench.block("slow", "print(rate)"), sweep(1, 2)))

    execution = run(bench.lab, WRITE, ("print(rate, open(path).read())", sweep(1, 2)))

    assert written(execution) == ["", "2 x\n", "1 x\n"]


def test_a_job_with_nothing_left_to_run_leaves_nothing_open(bench: Bench) -> None:
    with bench.interrupted("slow"):
        bench.lab.run("x = 1", bench.block("slow"), "print('gone')")
    bench.let_go("slow")
    bench.lab.run("x = 1", bench.block("slow"))

    execution = run(bench.lab, "x = 2", ("print(rate)", sweep(1, 2)))

    assert written(execution) == ["", "2\n", "1\n"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize("kind", [Pool, SpawnPool])
def test_a_pool_that_nobody_has_any_more_has_nothing_open(kind: type[Pool | SpawnPool]) -> None:
    before = set(os.listdir("/proc/self/fd"))

    for _ in range(3):
        with kind(str(PROJECT), 1):
            pass

    assert set(os.listdir("/proc/self/fd")) <= before
