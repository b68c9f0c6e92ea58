"""Figures appear where they are shown, once, in light and dark, in the same bytes every time."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from builder.execute.figures import is_by_product
from builder.model import FIGURE_DARK, FIGURE_LIGHT, Display, Stream
from tests.unit.execute.conftest import Show

PLT = "import matplotlib.pyplot as plt\nimport numpy as np\n"


def _told(outputs: tuple[Stream | Display, ...]) -> list[str]:
    """The words for figures, and what is written and shown between them."""
    return [
        o.text if isinstance(o, Stream) else o.alt or o.content["text/plain"].decode()
        for o in outputs
    ]


ALT_TEXTS = {
    "plt.plot([1])": "",
    "plt.title('T')": "Plot: T",
    "plt.xlabel('x')": "Plot: x",
    "plt.xlabel('x'); plt.ylabel('y')": "Plot: y against x",
    "plt.plot([1], label='a'); plt.plot([2], label='b')": "Plot: a, b",
    "plt.title('T'); plt.plot([1], label='a'); plt.ylabel('y')": "Plot: T: y: a",
    "plt.suptitle('S'); plt.title('two\\nlines')": "Plot: S; two lines",
    "f, (a, b) = plt.subplots(1, 2); a.set_title('A'); b.set_title('B')": "Plot: A; B",
    "a, b = plt.figure().subfigures(1, 2); a.subplots().set_title('A')": "Plot: A",
    "plt.figure().add_subplot(projection='3d').set_zlabel('z')": "Plot: z",
    "plt.title('a & <b>')": "Plot: a & <b>",
    "plt.imshow(np.eye(3)); plt.title('I')": "Plot: I",
}


@pytest.mark.parametrize(("code", "alt"), ALT_TEXTS.items())
def test_a_figure_is_described_by_its_titles_labels_and_legends(
    show: Show, code: str, alt: str
) -> None:
    (outputs,) = show(f"{PLT}{code};")

    assert [o.alt for o in outputs if isinstance(o, Display)] == [alt]


PLACES = {
    "shown where it is shown": (
        "plt.title('A'); print(1); plt.show(); print(2)",
        ["1\n", "Plot: A", "2\n"],
    ),
    "at the end where it is drawn and not shown": (
        "plt.title('A'); print(1)",
        ["1\n", "Plot: A"],
    ),
    "as a last value, once": ("f = plt.figure(); plt.title('A'); print(1)\nf", ["1\n", "Plot: A"]),
    "by display, once": (
        "f = plt.figure(); plt.title('A'); display(f); print(1)",
        ["Plot: A", "1\n"],
    ),
    "as often as it is shown": (
        "f = plt.figure(); plt.title('A'); plt.show(); display(f)\nf",
        ["Plot: A"] * 3,
    ),
    "again where it has changed since": (
        "f = plt.figure(); plt.title('A'); display(f); plt.title('B')",
        ["Plot: A", "Plot: B"],
    ),
    "in the order in which figures were made": (
        "plt.figure(7); plt.title('A'); plt.figure(3); plt.title('B'); plt.figure(7)\nplt.show()",
        ["Plot: A", "Plot: B"],
    ),
    "not when it is closed": (
        "plt.title('A'); plt.close(); plt.figure(); plt.title('B');",
        ["Plot: B"],
    ),
    "not when nothing is drawn on it": ("plt.figure(); print(1)", ["1\n"]),
    "without pyplot, as a value": (
        "from matplotlib.figure import Figure\nf = Figure(); f.subplots().set_title('A')\nf",
        ["Plot: A"],
    ),
    "and a sub-figure is no value": (
        "a, b = plt.figure().subfigures(1, 2); a.subplots().set_title('A')\na",
        ["Plot: A"],
    ),
    "saved by its author, too": (
        "import io\nplt.title('A'); plt.savefig(io.BytesIO()); plt.show()",
        ["Plot: A"],
    ),
}


@pytest.mark.parametrize(("code", "told"), PLACES.values(), ids=PLACES.keys())
def test_a_figure_appears(show: Show, code: str, told: list[str]) -> None:
    (outputs,) = show(PLT + code)

    assert _told(outputs) == told


def test_a_figure_of_one_block_does_not_appear_in_the_next(show: Show) -> None:
    first, second = show(f"{PLT}plt.title('A');", "plt.show(); print(plt.get_fignums())")

    assert (_told(first), _told(second)) == (["Plot: A"], ["[]\n"])


def test_a_figure_is_shown_again_as_a_value_of_a_later_block(show: Show) -> None:
    first, second = show(f"{PLT}f = plt.figure(); plt.title('A');", "plt.title('B')\nf")

    assert (_told(first), _told(second)) == (["Plot: A"], ["Plot: A", "Plot: B"])


def _media_types(outputs: tuple[Stream | Display, ...]) -> list[list[str]]:
    return [sorted(o.in_theme("light")) for o in outputs if isinstance(o, Display)]


def test_a_large_drawing_is_made_of_dots(show: Show) -> None:
    cloud = "plt.scatter(np.random.rand({n}), np.random.rand({n})); plt.show()"
    few, many = show(PLT + cloud.format(n=50), cloud.format(n=5000))

    assert _media_types(few) == [["image/svg+xml"]]
    assert _media_types(many) == [["image/png"]]


MOVING = (
    f"{PLT}from matplotlib.animation import FuncAnimation\nf, a = plt.subplots(figsize=(1, 1))\n"
    "line, = a.plot([0, 1]); a.set_title('A')\n"
    "moving = FuncAnimation(f, lambda n: line.set_ydata([0, n]), frames=3)\n"
)


@pytest.mark.parametrize("shown", ["moving", "display(moving)", "plt.show()", ""])
def test_an_animation_moves_once_however_it_is_shown(show: Show, shown: str) -> None:
    (outputs,) = show(MOVING + shown)

    assert _told(outputs) == ["Plot: A"]
    assert _media_types(outputs) == [["image/png", "image/webp"]]


def test_a_figure_that_moves_stands_still_as_a_value_of_its_own(show: Show) -> None:
    _, second = show(f"{MOVING}moving", "f")

    assert _media_types(second) == [["image/svg+xml"]]


def test_an_animation_with_too_many_frames_fails_its_block(show: Show) -> None:
    with pytest.raises(AssertionError, match="more than 300 frames: give it fewer with frames"):
        show(MOVING.replace("frames=3", "frames=301") + "moving")


@pytest.mark.parametrize("count", [1, 5000])
def test_a_figure_that_no_page_could_show_fails_its_block(show: Show, count: int) -> None:
    cloud = f"plt.scatter(np.random.rand({count}), np.random.rand({count}))\n"
    with pytest.raises(AssertionError, match="drawn far outside of its axes"):
        show(f"{PLT}{cloud}plt.text(1000, 0.5, 'far away')\nplt.show()")


def _pictures(outputs: tuple[Stream | Display, ...]) -> list[tuple[str, str]]:
    return [
        (o.content[FIGURE_LIGHT].decode(), o.content[FIGURE_DARK].decode())
        for o in outputs
        if isinstance(o, Display)
    ]


DRAWN = f"{PLT}for n in (1, 2):\n    plt.plot([1, n], marker='o', clip_on=True)\n    plt.show()\n"


@pytest.mark.parametrize(
    "setting",
    [
        "",
        "plt.rcdefaults()",
        "plt.style.use('ggplot')",
        "plt.rcParams['savefig.bbox'] = 'tight'",
        "plt.rcParams['svg.hashsalt'] = None",
    ],
)
def test_figures_are_the_same_bytes_in_every_run(show: Show, setting: str) -> None:
    code = f"import matplotlib.pyplot as plt\n{setting}\n{DRAWN}"

    assert show(code) == show(code)


def test_the_marks_inside_two_figures_have_different_names(show: Show) -> None:
    (outputs,) = show(DRAWN)

    first, second = (set(re.findall(r'id="([mp][0-9a-f]{10})"', p)) for p, _ in _pictures(outputs))
    assert first
    assert second
    assert not first & second


def test_the_dark_picture_keeps_what_the_author_has_coloured(show: Show) -> None:
    own = ["#ff0000", "#123456", "#abcdef"]
    (outputs,) = show(
        f"{PLT}for colour in {own}: plt.plot([1, 2], color=colour)\nplt.plot([2, 1]); plt.show()"
    )

    ((light, dark),) = _pictures(outputs)
    of_light, of_dark = (re.findall(r"#[0-9a-f]{6}", text) for text in (light, dark))
    assert len(of_light) == len(of_dark)
    exchanged = {a: b for a, b in zip(of_light, of_dark, strict=True) if a != b}
    kept = {a for a, b in zip(of_light, of_dark, strict=True) if a == b}
    assert set(own) <= kept
    assert {"#1b1d21": "#e6e4df", "#2462b5": "#7cb1f2"}.items() <= exchanged.items()
    assert re.sub(r"#[0-9a-f]{6}", "", light) == re.sub(r"#[0-9a-f]{6}", "", dark)


DEFAULTS = {
    "boxes": "plt.boxplot([1, 2, 9])",
    "arrows": "plt.quiver([0, 1], [0, 1], [1, 1], [1, 0])",
    "barbs": "plt.barbs([0, 1], [0, 1], [10, 50], [1, 0])",
    "a table": "plt.table([['a', 'b']])",
    "a hatch": "plt.bar([1], [1], hatch='/')",
}


@pytest.mark.parametrize("code", DEFAULTS.values(), ids=DEFAULTS.keys())
def test_what_the_author_has_not_coloured_is_never_black_on_black(show: Show, code: str) -> None:
    (outputs,) = show(f"{PLT}{code}; plt.show()")

    ((_, dark),) = _pictures(outputs)
    assert not re.search(r"#000000|#ffffff|: black|: white", dark)


def test_a_background_that_the_author_has_chosen_is_drawn(show: Show) -> None:
    (outputs,) = show(f"{PLT}plt.figure(facecolor='#ffff01'); plt.plot([1, 2]); plt.show()")

    assert ["#ffff01" in picture for picture in _pictures(outputs)[0]] == [True, True]


def test_an_image_is_held_by_the_picture_itself(show: Show) -> None:
    (outputs,) = show(
        f"{PLT}plt.rcParams['svg.image_inline'] = False\nplt.imshow(np.eye(3)); plt.show()"
    )

    ((light, dark),) = _pictures(outputs)
    assert 'xlink:href="data:image/png;base64,' in light
    assert light.count("base64") == dark.count("base64") == 1


def test_a_picture_names_no_date_and_no_program(show: Show) -> None:
    (outputs,) = show(DRAWN)

    for picture, _ in _pictures(outputs):
        assert picture.startswith("<svg ")
        assert not re.search(r"matplotlib v|Matplotlib v|<metadata|<!--|dc:date", picture)


BY_PRODUCTS: dict[str, Callable[[], object]] = {
    "an artist": lambda: Figure().subplots().set_title("A"),
    "lines": lambda: Figure().subplots().plot([1]),
    "axes": lambda: Figure().subplots(),
    "arrays of axes": lambda: Figure().subplots(2, 2),
    "rows of axes": lambda: list(Figure().subplots(2, 2)),
    "a figure beside its axes": lambda: (Figure(), Figure().subplots()),
    "bars": lambda: Figure().subplots().bar([1], [2]),
    "a histogram": lambda: Figure().subplots().hist([1, 2]),
    "histograms": lambda: Figure().subplots().hist([[1, 2], [3, 4]]),
    "error bars": lambda: Figure().subplots().errorbar([1], [2], yerr=1),
    "boxes": lambda: Figure().subplots().pie([1, 2]),
    "an image": lambda: Figure().subplots().imshow(np.eye(2)),
    "a sub-figure": lambda: Figure().add_subfigure(GridSpec(1, 2)[0]),
}


@pytest.mark.parametrize("make", BY_PRODUCTS.values(), ids=BY_PRODUCTS.keys())
def test_what_plotting_calls_return_is_not_shown(make: Callable[[], object]) -> None:
    assert is_by_product(make())


def _nested() -> object:
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    return deep


def _in_itself() -> object:
    own: list[object] = []
    own.append(own)
    return own


VALUES: dict[str, Callable[[], object]] = {
    "numbers": lambda: (0.0, 1.0),
    "an array": lambda: np.eye(2),
    "an array of anything": lambda: np.array([None, "a"], dtype=object),
    "nothing in a list": list,
    "lists in lists": _nested,
    "a list in itself": _in_itself,
    "a method": lambda: Figure().subplots().plot,
    "limits": lambda: Figure().subplots().get_xlim(),
    "a class without a module": type("T", (), {"__module__": None}),
}


@pytest.mark.parametrize("make", VALUES.values(), ids=VALUES.keys())
def test_other_values_are_shown(make: Callable[[], object]) -> None:
    assert not is_by_product(make())
