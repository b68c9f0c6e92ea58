"""What a build does, in words, by a clock that the test turns."""

import os
import signal
import threading
from pathlib import PurePosixPath

from builder.console.progress import Progress
from builder.console.ticking import ticking
from builder.console.timings import Timings
from builder.listening import BlockPlace

A, B = PurePosixPath("posts/a.md"), PurePosixPath("posts/b.md")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _block(post: PurePosixPath, number: int, line: int = 5) -> BlockPlace:
    return BlockPlace(post, number, 2, line)


def test_the_line_tells_the_block_that_has_run_longest_and_counts_the_others() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.posts_begin(3)
    progress.block_begins(_block(A, 1))
    clock.now += 1.5
    progress.block_begins(_block(B, 2, 9))
    clock.now += 0.25

    assert progress.line() == "0 of 3 posts done, 1 more runs: 1.8 s, block 1 of 2, posts/a.md:5"

    progress.post_ended(A)
    assert progress.line() == "1 of 3 posts done: 0.2 s, block 2 of 2, posts/b.md:9"


def test_where_no_block_runs_the_line_tells_the_stage() -> None:
    clock = Clock()
    progress = Progress(clock)

    assert progress.line() == ""
    with progress.stage("run"):
        clock.now += 1
        with progress.stage("render"):
            clock.now += 2
            assert progress.line() == "2.0 s, render"
        assert progress.line() == "3.0 s, run"
    progress.posts_begin(1)
    assert progress.line() == "0 of 1 post done"


def test_a_post_is_told_with_the_time_of_its_blocks() -> None:
    progress = Progress()
    for number, seconds in ((1, 0.5), (2, 1.63)):
        progress.block_begins(_block(A, number))
        progress.block_ended(_block(A, number), seconds)

    assert progress.post_ended(A) == "posts/a.md: 2 blocks ran in 2.13 s"
    assert progress.post_ended(B) is None


def test_a_block_that_runs_for_long_is_told_once() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.block_begins(_block(A, 1))
    clock.now += 9.9
    assert list(progress.overdue()) == []

    clock.now += 0.1
    assert list(progress.overdue()) == ["posts/a.md:5: block 1 of 2 has run for 10 s"]
    assert list(progress.overdue()) == []


def test_time_in_an_inner_stage_counts_for_that_alone() -> None:
    clock = Clock()
    timings = Timings(clock)
    with timings.stage("run"):
        clock.now += 1
        with timings.stage("render"):
            clock.now += 4
        clock.now += 2
    with timings.stage("run"):
        clock.now += 2

    assert timings.told(1.0, 10.0).splitlines() == [
        "where the time went:",
        "  start-up    1.000 s    9%",
        "  run         5.000 s   45%",
        "  render      4.000 s   36%",
        "  other       1.000 s    9%",
        "  all        11.000 s  100%",
        "no block has run",
    ]


def test_the_ten_posts_that_ran_longest_are_told_with_their_blocks() -> None:
    timings = Timings()
    for number in range(12):
        timings.block_ended(_block(PurePosixPath(f"posts/{number:02}.md"), 1), number)
    timings.block_ended(_block(A, 1, 5), 20)
    timings.block_ended(_block(A, 2, 8), 30)
    timings.block_ended(_block(A, 3, 9), 0.0001)  # not worth a line

    told = timings.told(0.1, 0.9).splitlines()

    assert told[4:9] == [
        "the posts that ran longest, and their blocks:",
        "    50.000 s  posts/a.md",
        "        30.000 s  line 8, block 2",
        "        20.000 s  line 5, block 1",
        "    11.000 s  posts/11.md",
    ]
    assert len([line for line in told if "posts/" in line]) == 10


def test_a_clock_that_ticks_leaves_the_signal_as_it_was() -> None:
    def own(_signal: int, _frame: object) -> None: ...

    ticks: list[int] = []
    before = signal.signal(signal.SIGALRM, own)
    try:
        with ticking(lambda: ticks.append(1), 0.001):
            while len(ticks) < 3:
                signal.pause()

        assert signal.getsignal(signal.SIGALRM) is own
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_forked_copy_does_not_tick() -> None:
    ticks: list[int] = []
    with ticking(lambda: ticks.append(1), 60.0):
        process = os.fork()
        if process == 0:
            is_still = signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
            os.kill(os.getpid(), signal.SIGALRM)
            os._exit(0 if is_still and not ticks else 1)
        _, status = os.waitpid(process, 0)

    assert status == 0


def test_in_another_thread_there_is_no_clock_and_the_work_goes_on() -> None:
    done: list[str] = []

    def work() -> None:
        with ticking(lambda: done.append("tick"), 0.001):
            done.append("work")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert done == ["work"]
