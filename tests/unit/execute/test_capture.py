"""What was written and what was shown comes out in the order in which it arose."""

from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.execute.capture import Splicer, Written, marker, mask_addresses
from builder.execute.protocol import Began, Event

TOKEN = b"0123456789abcdef"
WITHOUT_LIMIT = 1 << 30
CHUNKS = st.lists(st.integers(1, 40), min_size=1, max_size=8)
TEXTS = st.lists(
    st.tuples(
        st.binary(max_size=60) | st.sampled_from([b"\0", b"\0\1", b"\0\1" + TOKEN[:9], b"\2"]),
        st.binary(max_size=60),
    ),
    max_size=6,
)
exact = settings(derandomize=True, max_examples=200, deadline=None)


def _pipes(texts: list[tuple[bytes, bytes]], rest: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """What the two pipes carry where `texts` stand before the events."""
    out, err = (
        b"".join(text + marker(TOKEN, number) for number, text in enumerate(stream))
        for stream in (zip(*texts, strict=True) if texts else ((), ()))
    )
    return out + rest[0], err + rest[1]


def _cut(content: bytes, sizes: list[int]) -> list[bytes]:
    """Pieces of these sizes, over and over."""
    many = sizes * (len(content) // sum(sizes) + 1)
    ends = [end for end in accumulate(many) if end < len(content)]
    return [content[a:b] for a, b in zip([0, *ends], [*ends, len(content)], strict=True)]


@exact
@given(texts=TEXTS, rest=st.tuples(st.binary(max_size=30), st.binary(max_size=30)), data=st.data())
def test_any_cuts_and_any_order_of_arrival_give_the_same(
    texts: list[tuple[bytes, bytes]], rest: tuple[bytes, bytes], data: st.DataObject
) -> None:
    queues: list[list[tuple[str, bytes | int]]] = [[("event", n) for n in range(len(texts))]]
    for name, content in zip(("stdout", "stderr"), _pipes(texts, rest), strict=True):
        queues.append([(name, part) for part in _cut(content, data.draw(CHUNKS))])
    splicer, found = Splicer(TOKEN, WITHOUT_LIMIT), list[Written]()

    while any(queues):
        queue = data.draw(st.sampled_from([queue for queue in queues if queue]))
        kind, what = queue.pop(0)
        if isinstance(what, bytes):
            splicer.feed(kind, what)
        else:
            splicer.add_event(what, Began(what))
        found += splicer.ready()
    assert len(found) == len(texts)
    found += splicer.rest()

    nothing = {"stdout": 0, "stderr": 0}
    wanted = [Written(*text, nothing, Began(n)) for n, text in enumerate(texts)]
    wanted += [Written(*rest, nothing, None)] if any(rest) else []
    assert found == wanted


@exact
@given(
    out=st.binary(max_size=80), err=st.binary(max_size=80), limit=st.integers(0, 50), data=st.data()
)
def test_a_limit_is_exact_and_so_is_the_count_of_what_is_dropped(
    out: bytes, err: bytes, limit: int, data: st.DataObject
) -> None:
    splicer = Splicer(TOKEN, limit)
    splicer.add_event(0, Began(0))

    for name, content in (("stdout", out), ("stderr", err)):
        for part in _cut(content + marker(TOKEN, 0), data.draw(CHUNKS)):
            splicer.feed(name, part)

    dropped = {"stdout": max(0, len(out) - limit), "stderr": max(0, len(err) - limit)}
    assert list(splicer.ready()) == [Written(out[:limit], err[:limit], dropped, Began(0))]


@exact
@given(content=st.binary(max_size=200), sizes=CHUNKS)
def test_a_flood_without_events_takes_no_more_memory_than_the_limit(
    content: bytes, sizes: list[int]
) -> None:
    splicer = Splicer(TOKEN, 20)

    for part in _cut(content, sizes):
        splicer.feed("stdout", part)
        assert len(splicer._kept.get(("stdout", 0), b"")) <= 20
        assert len(splicer._tail["stdout"]) < len(marker(TOKEN, 0))


@pytest.mark.parametrize("missing", ["stdout", "stderr", "event"])
def test_an_event_waits_until_both_marks_and_itself_have_come(missing: str) -> None:
    splicer = Splicer(TOKEN, WITHOUT_LIMIT)
    event: Event = Began(0)
    for name in ("stdout", "stderr"):
        if name != missing:
            splicer.feed(name, marker(TOKEN, 0))
    if missing != "event":
        splicer.add_event(0, event)

    before = list(splicer.ready())
    if missing == "event":
        splicer.add_event(0, event)
    else:
        splicer.feed(missing, marker(TOKEN, 0))

    assert before == []
    assert [written.event for written in splicer.ready()] == [event]


def test_marks_with_another_token_are_output() -> None:
    splicer = Splicer(TOKEN, WITHOUT_LIMIT)
    other = marker(b"f" * 16, 0)

    splicer.feed("stdout", other)

    assert [written.stdout for written in splicer.rest()] == [other]


def test_addresses_are_masked_and_other_numbers_are_not() -> None:
    text = "<object object at 0x7f1f36fb9b40> 0x7f1f36fb9b40 at 0xff at noon"

    assert mask_addresses(text) == "<object object at 0x…> 0x7f1f36fb9b40 at 0xff at noon"


def test_a_mark_is_as_long_for_every_number() -> None:
    assert marker(TOKEN, 10**7) == b"\0\1" + TOKEN + b"10000000\2"
    assert len(marker(TOKEN, 0)) == len(marker(TOKEN, 10**7))
