import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.compose.curriculum import Topic, _rows, _uncrossed, draw, find_cycle
from tests.properties.profile import SEARCH

SVG = "Which topic builds on which"


def layers(topics: Sequence[Topic]) -> list[list[Topic]]:
    """The topics of each layer, in the order in which they are drawn."""
    return [[cell.topic for cell in row if cell.topic] for row in _uncrossed(_rows(topics))]


def topics_of(text: str) -> list[Topic]:
    """Topics from `a; b: a; c: a b`."""
    topics = []
    for entry in text.split(";"):
        name, _, after = (part.strip() for part in entry.partition(":"))
        topics.append(topic(name, tuple(after.split())))
    return topics


def topic(name: str, after: tuple[str, ...] = (), title: str = "") -> Topic:
    return Topic(name=name, title=title or name, href=f"/{name}/", after=after, group=0)


@st.composite
def courses(draw_one: st.DrawFn) -> list[Topic]:
    count = draw_one(st.integers(0, 24))
    order = draw_one(st.permutations(range(count)))
    topics = []
    for n in range(count):
        earlier = draw_one(st.lists(st.integers(0, n - 1), max_size=3)) if n else []
        topics.append(topic(f"t{n}", tuple(f"t{m}" for m in earlier)))
    return [topics[n] for n in order]


@dataclass(frozen=True)
class Box:
    name: str
    x: int
    y: int
    width: int
    height: int


def boxes_of(svg: str) -> list[Box]:
    boxes = []
    for link in ElementTree.fromstring(svg).iter("a"):
        rect = link.find("rect")
        assert rect is not None
        sides = (int(rect.attrib[side]) for side in ("x", "y", "width", "height"))
        boxes.append(Box(link.attrib["href"].strip("/"), *sides))
    return boxes


def lines_of(title: str) -> list[str]:
    svg = draw([topic("a", title=title), topic("b", ("a",))], SVG)
    link = ElementTree.fromstring(svg).find(".//a[@href='/a/']")
    assert link is not None
    return [span.text or "" for span in link.iter("tspan")]


@SEARCH
@given(courses())
def test_each_topic_stands_once_and_below_all_that_it_builds_on(topics: list[Topic]) -> None:
    found = layers(topics)

    row_of = {topic.name: n for n, row in enumerate(found) for topic in row}
    assert Counter(t.name for row in found for t in row) == Counter(t.name for t in topics)
    assert all(row_of[name] < row_of[t.name] for t in topics for name in t.after)
    assert all(1 <= len(row) <= 5 for row in found)


@SEARCH
@given(courses())
def test_no_picture_is_wider_than_a_page(topics: list[Topic]) -> None:
    svg = draw(topics, SVG)

    assert not svg or int(ElementTree.fromstring(svg).attrib["viewBox"].split()[2]) <= 960


@SEARCH
@given(courses())
def test_boxes_stand_clear_of_each_other_and_inside_of_the_picture(topics: list[Topic]) -> None:
    svg = draw(topics, SVG)

    boxes = boxes_of(svg) if svg else []
    for one, other in combinations(boxes, 2):
        is_beside = one.x + one.width < other.x or other.x + other.width < one.x
        is_above = one.y + one.height < other.y or other.y + other.height < one.y
        assert is_beside or is_above
    for box in boxes:
        _, _, width, height = map(int, ElementTree.fromstring(svg).attrib["viewBox"].split())
        assert box.x > 0
        assert box.x + box.width < width
        assert box.y >= 0
        assert box.y + box.height < height


@SEARCH
@given(courses())
def test_those_with_an_edge_are_drawn_once_and_no_other(topics: list[Topic]) -> None:
    linked = {name for t in topics for name in (*t.after, t.name) if t.after}

    svg = draw(topics, SVG)

    assert (
        Counter(box.name for box in boxes_of(svg) if svg) == Counter(linked) if svg else not linked
    )


@SEARCH
@given(courses())
def test_each_edge_ends_at_its_box_and_no_edge_runs_through_another(topics: list[Topic]) -> None:
    svg = draw(topics, SVG)

    boxes = boxes_of(svg) if svg else []
    places = {box.name: box for box in boxes}
    starts = Counter((box.x + box.width // 2, box.y + box.height) for box in boxes)
    tops = {(box.x + box.width // 2, box.y) for box in boxes}
    arrows = svg.count("m-4-6 4 6 4-6")
    assert arrows == sum(1 for t in topics if t.after)
    for path in re.findall(r' d="([^"]*)"', svg):
        first = re.match(r"M(\d+) (\d+)", path)
        assert first is not None
        assert starts[int(first[1]), int(first[2])] == 1
        # Where an edge passes a row, it runs straight down beside the boxes.
        for x, y, end in re.findall(r"(\d+) (\d+)V(\d+)", path):
            inside = [
                box
                for box in places.values()
                if box.x < int(x) < box.x + box.width
                and int(y) < box.y + box.height
                and box.y < int(end)
            ]
            assert not inside
    assert len(tops) == len(boxes)


@pytest.mark.parametrize(
    "text",
    [
        "a; b; x: b; y: a",
        "a; b; c; x: c; y: b; z: a",
        "r; a: r; b: r; c: b; d: a; e: c; f: d",
        "a; b: a; c: b; d: a c; e: d a",
    ],
)
def test_nothing_crosses_that_need_not(text: str) -> None:
    topics = topics_of(text)

    place = {t.name: (n, m) for n, row in enumerate(layers(topics)) for m, t in enumerate(row)}

    edges = [(place[name], place[t.name]) for t in topics for name in t.after]
    short = [(a, b) for a, b in edges if b[0] - a[0] == 1]
    assert not [
        1
        for (a, b), (c, d) in combinations(short, 2)
        if a[0] == c[0] and (a[1] - c[1]) * (b[1] - d[1]) < 0
    ]


def test_layers_are_read_from_the_longest_way_and_the_order_given() -> None:
    found = layers(topics_of("a; b: a; c: a; d: b; late; e: d late; alone"))

    names = [[t.name for t in row] for row in found]
    assert names == [["a", "alone"], ["b", "c"], ["d", "late"], ["e"]]


def test_a_wide_layer_goes_on_in_the_next_row() -> None:
    found = layers(topics_of("a; " + "; ".join(f"t{n}: a" for n in range(7)) + "; u: t6"))

    assert [len(row) for row in found] == [1, 5, 3]
    assert "t6" in [t.name for t in found[1]]


def test_a_layer_has_fewer_topics_where_many_edges_pass() -> None:
    sources = "; ".join(f"s{n}" for n in range(6))
    middle = "; ".join(f"m{n}: s0" for n in range(12))
    users = "; ".join(f"u{n}: s{n} m{n} m{n + 6}" for n in range(6))

    svg = draw(topics_of(f"{sources}; {middle}; {users}"), SVG)

    assert int(ElementTree.fromstring(svg).attrib["viewBox"].split()[2]) <= 960
    assert {len(row) for row in layers(topics_of(f"{sources}; {middle}; {users}"))} >= {4, 5}


def test_a_sequence_is_one_box_wide() -> None:
    chain = [topic(f"t{n}", (f"t{n - 1}",) if n else ()) for n in range(30)]

    boxes = boxes_of(draw(chain, SVG))

    assert len({box.x for box in boxes}) == 1
    assert all(one.y < other.y for one, other in pairwise(boxes))


def test_small_courses_stand_side_by_side() -> None:
    boxes = boxes_of(draw(topics_of("a; b: a; c; d: c; e; f: e"), SVG))

    assert {box.y for box in boxes if box.name in {"a", "c", "e"}} == {0}
    assert [box.name for box in sorted(boxes, key=lambda box: (box.y, box.x))] == list("acebdf")


@pytest.mark.parametrize(
    ("after", "cycle"),
    [
        ({"a": ["b"], "b": ["a"]}, ["a", "b", "a"]),
        ({"a": ["a"]}, ["a", "a"]),
        ({"x": [], "a": ["x", "b"], "b": ["c"], "c": ["a"]}, ["a", "b", "c", "a"]),
        ({"a": ["b"], "b": ["unknown"]}, None),
        ({}, None),
    ],
)
def test_a_cycle_is_named_along_what_builds_on_what(
    after: dict[str, list[str]], cycle: list[str] | None
) -> None:
    assert find_cycle(after) == cycle


def test_a_cycle_is_found_in_a_long_course() -> None:
    after = {f"t{n}": [f"t{n + 1}"] for n in range(5000)} | {"t5000": ["t0"]}

    cycle = find_cycle(after)

    assert cycle is not None
    assert len(cycle) == 5002


@SEARCH
@given(courses())
def test_a_course_is_drawn_in_the_same_bytes_again(topics: list[Topic]) -> None:
    assert draw(topics, SVG) == draw(list(topics), SVG)


def test_what_is_given_is_text() -> None:
    strange = Topic(name='<&">', title='<b>&"', href='/?a="&b', after=(), group=3)

    svg = draw([strange, topic("b", (strange.name,))], '"<&>')

    root = ElementTree.fromstring(svg)
    link = root.find(".//a[@class='topic topic-g3']")
    assert link is not None
    assert root.attrib["aria-label"] == '"<&>'
    assert link.attrib["href"] == strange.href
    assert link.attrib["aria-label"] == "".join(link.itertext()) == strange.title


def test_nothing_in_the_picture_is_style() -> None:
    svg = draw(topics_of("a; b: a"), SVG)

    assert "style" not in svg
    assert {e.tag for e in ElementTree.fromstring(svg).iter()} == {
        "svg",
        "g",
        "path",
        "a",
        "rect",
        "text",
        "tspan",
    }


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("SGD", ["SGD"]),
        ("Vectors and dot products", ["Vectors and", "dot products"]),
        ("Softmax and cross-entropy", ["Softmax and", "cross-entropy"]),
        ("From cross-entropy-like losses", ["From cross-", "entropy-like losses"]),
        ("Donaudampfschifffahrtsgesellschaft", ["Donaudampfschiff", "fahrtsgesellschaft"]),
        ("机器学习中的反向传播算法", ["机器学习中的", "反向传播算法"]),
    ],
)
def test_a_title_is_wrapped_into_even_lines(title: str, lines: list[str]) -> None:
    assert lines_of(title) == lines


def test_a_long_title_is_cut_and_told_in_full() -> None:
    title = "A transformer in two hundred lines of NumPy, with every shape written down"

    svg = draw([topic("a", title=title), topic("b", ("a",))], SVG)

    assert lines_of(title) == ["A transformer in two", "hundred lines of", "NumPy, with every…"]
    assert [found.text for found in ElementTree.fromstring(svg).iter("title")] == [title]


@pytest.mark.parametrize("text", ["", "a; b"])
def test_where_nothing_builds_on_anything_there_is_no_picture(text: str) -> None:
    topics = topics_of(text) if text else []

    assert draw(topics, SVG) == ""
