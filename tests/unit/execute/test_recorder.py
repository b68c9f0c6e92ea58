"""The books of a run: limits, counts, one result for each block, one fault at most."""

from dataclasses import replace

import pytest

from builder.execute.capture import Written
from builder.execute.channels import DisturbedError
from builder.execute.protocol import (
    Began,
    BlockDone,
    BlockJob,
    Displayed,
    Ended,
    Event,
    Fault,
    FileState,
    Finished,
    Job,
    NotFrozen,
    PostDone,
    Raised,
    Report,
    Trace,
)
from builder.execute.recorder import BROKEN, LOST, Recorder, ending, excess
from builder.model import Display, Stream

TRACE = Trace({}, (), (), (), {})
LIMITS = BlockJob(code="", timeout_s=2.0, memory_bytes=5_000_000, output_bytes=10, processes=3)
JOB = Job(
    name="posts/p.md", root="/r", folder="/r/posts", blocks=(LIMITS,) * 2, known=0, checkpoints=None
)
FAULT = Fault(message="E", hint=None, block=0, line=1, traceback="")


def _written(
    event: Event | None, stdout: bytes = b"", stderr: bytes = b"", dropped: int = 0
) -> Written:
    return Written(stdout, stderr, {"stdout": dropped, "stderr": 0}, event)


def _reports(*written: Written) -> list[Report]:
    reports: list[Report] = []
    recorder = Recorder(JOB, 0, reports.append)
    for item in written:
        recorder.take(item)
    recorder.report()
    return reports


def _outputs(*written: Written) -> tuple[object, ...]:
    done = _reports(_written(Began(0)), *written, _written(Ended(0, 0.1, 0.0, TRACE)))[0]
    assert isinstance(done, BlockDone)
    return done.outputs


def test_text_of_one_stream_is_joined_and_streams_and_displays_keep_their_order() -> None:
    shown = Display({"text/plain": b"1"})

    outputs = _outputs(
        _written(NotFrozen(0, ""), b"a"),
        _written(Displayed(shown), b"b", b"c"),
        _written(NotFrozen(0, ""), b"", b"d"),
    )

    assert outputs == (Stream("stdout", "ab"), Stream("stderr", "c"), shown, Stream("stderr", "d"))


@pytest.mark.parametrize(
    ("stdout", "dropped", "shown"),
    [
        (b"0123456789", 0, ("0123456789",)),
        (b"0123456789a", 0, ("0123456789", "\n… and 1 more bytes, not shown\n")),
        (b"0123456789", 5_000, ("0123456789", "\n… and 5,000 more bytes, not shown\n")),
        ("12345678é€".encode(), 0, ("12345678é", "\n… and 3 more bytes, not shown\n")),
        ("123456789é".encode(), 0, ("123456789", "\n… and 2 more bytes, not shown\n")),
        (b"\xff\xfe", 0, ("\\xff\\xfe",)),
        ("é".encode()[:1], 0, ("\\xc3",)),
    ],
)
def test_output_is_cut_at_its_limit_and_counted(
    stdout: bytes, dropped: int, shown: tuple[str, ...]
) -> None:
    outputs = _outputs(_written(None, stdout, dropped=dropped))

    assert tuple(o.text for o in outputs if isinstance(o, Stream)) == shown


def test_values_count_as_text_and_figures_do_not() -> None:
    value, figure = Display({"text/plain": b"123456"}), Display({"image/svg+xml": b"x" * 99})

    outputs = _outputs(
        _written(Displayed(value)), _written(Displayed(figure)), _written(Displayed(value), b"ab")
    )

    assert outputs == (
        value,
        figure,
        Stream("stdout", "ab"),
        Stream("stderr", "\n… and 6 more bytes, not shown\n"),
    )


def test_pictures_have_a_limit_of_their_own() -> None:
    large = Displayed(Display({"image/png": bytes(60_000_000)}))

    outputs = _outputs(_written(large), _written(large))

    assert outputs == (
        large.display,
        Stream("stderr", "\n… and 60,000,000 more bytes, not shown\n"),
    )


def test_each_block_has_its_own_room() -> None:
    done = _reports(
        _written(Began(0)),
        _written(Ended(0, 0.1, 0.0, TRACE), b"0123456789"),
        _written(Began(1)),
        _written(Ended(1, 0.1, 0.0, TRACE), b"9876543210"),
        _written(Finished()),
    )

    texts = [report.outputs for report in done if isinstance(report, BlockDone)]
    assert texts == [(Stream("stdout", "0123456789"),), (Stream("stdout", "9876543210"),)]
    assert done[-1] == PostDone(None, {})


def test_a_block_that_raised_is_told_without_what_it_used() -> None:
    reports = _reports(
        _written(Began(0)),
        _written(Raised(FAULT)),
        _written(Ended(0, 0.5, 0.0, TRACE)),
        _written(None),
    )

    assert reports == [BlockDone(0, (), 0.5, 0.0, None), PostDone(FAULT, {})]


def test_a_fault_tells_what_the_block_had_used() -> None:
    trace = Trace({"/a": None, "/b": FileState(1, 2)}, ("/f",), ("X",), (), {})

    reports = _reports(
        _written(Began(0)),
        _written(Raised(FAULT)),
        _written(Ended(0, 0.5, 0.0, trace)),
    )

    assert reports[-1] == PostDone(replace(FAULT, used=("/a", "/b", "/f")), {})


def test_a_fault_after_a_block_has_ended_adds_no_second_result() -> None:
    reports: list[Report] = []
    recorder = Recorder(JOB, 0, reports.append)
    recorder.take(_written(Began(0)))
    recorder.take(_written(Ended(0, 0.1, 0.0, TRACE)))

    recorder.fail("it ended", "hint", "")

    assert [report for report in reports if isinstance(report, BlockDone)] == [
        BlockDone(0, (), 0.1, 0.0, TRACE)
    ]
    assert recorder.fault == Fault(message="it ended", hint="hint", block=0, line=1, traceback="")


def test_a_dump_of_the_stack_tells_block_and_line_of_a_fault() -> None:
    reports: list[Report] = []
    recorder = Recorder(JOB, 1, reports.append)
    recorder.take(_written(Began(1)))

    recorder.fail("it ended", "hint", '  File "posts/p.md#1", line 7 in f\n  File "posts/p.md#2"')

    assert recorder.fault == Fault(message="it ended", hint="hint", block=0, line=7, traceback="")
    assert isinstance(reports[0], BlockDone)
    assert reports[0].block == 1


@pytest.mark.parametrize("place", ['#99", line 1', '#0", line 1', f'#1", line {"9" * 5000}'])
def test_a_dump_of_the_stack_that_a_post_has_made_up_names_the_block_that_ran(place: str) -> None:
    recorder = Recorder(JOB, 1, lambda report: None)
    recorder.take(_written(Began(1)))

    recorder.fail("it ended", "hint", f'  File "posts/p.md{place} in f')

    assert recorder.fault == Fault(message="it ended", hint="hint", block=1, line=1, traceback="")


ENDED = Ended(0, 0.1, 0.0, TRACE)


@pytest.mark.parametrize(
    "events",
    [
        (Began(1),),
        (Began(0), Began(0)),
        (Began(0), Began(1)),
        (ENDED,),
        (Began(0), ENDED, ENDED),
        (Began(0), ENDED, Began(0)),
        (Began(0), Ended(1, 0.1, 0.0, TRACE)),
        (Finished(),),
        (Began(0), ENDED, Finished()),
    ],
)
def test_events_in_another_order_are_those_of_no_worker(events: tuple[Event, ...]) -> None:
    recorder = Recorder(JOB, 0, lambda report: None)
    for event in events[:-1]:
        recorder.take(_written(event))

    with pytest.raises(DisturbedError):
        recorder.take(_written(events[-1]))


def test_a_block_that_is_skipped_need_not_begin() -> None:
    recorder = Recorder(replace(JOB, skipped=frozenset({0})), 0, lambda report: None)
    for event in (Began(1), Ended(1, 0.1, 0.0, TRACE), Finished()):
        recorder.take(_written(event))

    assert recorder.is_finished


@pytest.mark.parametrize(
    ("running_s", "processes", "memory", "told"),
    [
        (2.0, 3, 5_000_000, None),
        (2.1, 0, 0, "the block did not end within its 2 seconds"),
        (0.0, 4, 0, "the block started more than 3 processes"),
        (0.0, 0, 5_000_001, "the block took more than 5 MB of memory"),
    ],
)
def test_a_limit_may_be_reached_and_not_passed(
    running_s: float, processes: int, memory: int, told: str | None
) -> None:
    found = excess(LIMITS, running_s, processes, memory)

    assert (found and found[0]) == told


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (3, "the block ended the process with status 3"),
        (BROKEN, "the block left Python in a state in which nothing can run"),
        (LOST, "the block closed descriptors that are not its own"),
        (-11, "the block was ended by a segmentation fault"),
        (-9, "the block was ended by SIGKILL, as for want of memory"),
        (-15, "the block was ended by SIGTERM"),
        (-42, "the block was ended by signal 42"),
    ],
)
def test_each_ending_is_told_in_words(status: int, told: str) -> None:
    assert ending(status)[0] == told
