"""A card is drawn once, the same wherever it is drawn, whatever stands in the title."""

import dataclasses
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image

from builder.cache.store import Store
from builder.errors import SiteError
from builder.social import cards
from builder.social.cards import DRAW, CardJob, Drawers

PAPER, INK = (253, 252, 251), (27, 29, 33)
PLACE = (612, 132, 1152, 592)
"""Where a plot lies."""

SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" width="422.44pt" height="259.92pt"
 viewBox="0 0 422.44 259.92"><path d="M 9 9 L 400 9 L 400 250 z" style="fill: #b8480f"/></svg>"""

HOSTILE = {
    "tex": r"$\nabla f$ and \frac{1}{2} of $x$",
    "unclosed": "$x and f'(x), 100 % of it",
    "long word": "Donaudampfschifffahrtsgesellschaftskapitän" * 9,
    "long text": "why the variance of a sum is not what you expect " * 40,
    "emoji": "\U0001f469\u200d\U0001f52c\ufe0f",
    "chinese": "勾配降下法とは何か。直感的に理解するための短い説明",
    "arabic": "مقدمة في الشبكات العصبية",
    "scripts without a font": "\U00013000\U00016800\ue000 and letters",
    "empty": "",
    "lines": "one\n\ttwo\x00\x1b[31m three",
    "surrogate": "half \ud83d a letter",
}

ANSWERS = "import json, os, sys\nfor line in sys.stdin:\n    job = json.loads(line)\n    "
WRITE = "sys.stdout.write('ok 3\\nPNG'); sys.stdout.flush()"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".cache")


def _content_of(content: bytes) -> Callable[[], bytes]:
    return lambda: content


def _job(
    title: str = "Gradient descent, intuitively",
    content: bytes | None = None,
    media_type: str = "image/svg+xml",
) -> CardJob:
    return CardJob(
        site_title="One topic a day",
        title=title,
        day="26 November 2026",
        series="Foundations",
        figure=None if content is None else (media_type, content.hex()),
        load_figure=_content_of(content or b""),
    )


def draw_cards(
    jobs: Sequence[CardJob], store: Store, processes: int, program: Sequence[str] = DRAW
) -> None:
    """Draw by processes of their own."""
    with Drawers(program) as drawers:
        cards.draw_cards(jobs, store, processes, drawers)


def card_png(job: CardJob, store: Store) -> bytes:
    with Drawers() as drawers:
        return cards.card_png(job, store, drawers)


def _program(answer: str) -> Sequence[str]:
    return (sys.executable, "-c", ANSWERS + answer)


def _open(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
    assert picture.format == "PNG"
    assert picture.size == (1200, 630)
    assert picture.mode == "P"
    return picture.convert("RGB")


def _colours(png: bytes) -> set[object]:
    """Those in the place of a plot."""
    return {colour for _, colour in _open(png).crop(PLACE).getcolors(1 << 20) or ()}


def _encoded(kind: str) -> bytes:
    buffer = io.BytesIO()
    first, second = (Image.new("RGB", (300, 200), colour) for colour in ("#b8480f", "#157a86"))
    options = {"save_all": True, "append_images": [second]} if kind == "WEBP" else {}
    first.save(buffer, kind, **options)
    return buffer.getvalue()


def test_titles_of_all_kinds_become_cards(store: Store) -> None:
    jobs = {name: _job(title) for name, title in HOSTILE.items()}

    draw_cards(list(jobs.values()), store, 1, (DRAW[0], "-W", "error", *DRAW[1:]))

    for job in jobs.values():
        png = store.get("social", job.key)
        assert png is not None
        picture = _open(png)
        assert picture.getpixel((600, 10)) == PAPER
        assert INK in {colour for _, colour in picture.getcolors(1 << 20) or ()}
        assert len(png) < 40_000


def test_a_card_has_the_same_bytes_from_any_process_and_after_any_other(tmp_path: Path) -> None:
    stores = [Store(tmp_path / name) for name in "ab"]
    jobs = [_job(), _job("GRU"), _job(content=SVG)]

    draw_cards(jobs, stores[0], 1)
    draw_cards(jobs[::-1], stores[1], 1)

    for job in jobs:
        png = stores[0].get("social", job.key)
        assert png is not None
        assert png == stores[1].get("social", job.key)


def test_the_first_plot_of_a_post_stands_on_its_card(store: Store) -> None:
    jobs = [
        _job(content=SVG),
        _job(content=_encoded("PNG"), media_type="image/png"),
        _job(content=_encoded("JPEG"), media_type="image/jpeg"),
        _job(content=_encoded("WEBP"), media_type="image/webp"),
    ]

    draw_cards(jobs, store, 1)

    for job in jobs:
        red, green, blue = _open(card_png(job, store)).getpixel((950, 300))  # type: ignore[misc]
        assert abs(red - 184) + abs(green - 72) + abs(blue - 15) < 40  # nearest of a few colours


@pytest.mark.parametrize(
    ("media_type", "content"),
    [("image/svg+xml", SVG[:99]), ("image/svg+xml", b"\xff"), ("image/png", _encoded("PNG")[:60])],
)
def test_a_broken_plot_is_left_out(store: Store, media_type: str, content: bytes) -> None:
    job = _job("GRU", content, media_type)

    draw_cards([job], store, 1)

    png = store.get("social", job.key)
    assert png is not None
    assert (184, 72, 15) not in _colours(png)


def test_only_what_is_missing_is_drawn_and_nothing_starts_where_nothing_is(store: Store) -> None:
    known, missing = _job("known", SVG), _job("missing")
    store.put("social", known.key, b"KNOWN")

    draw_cards([known, missing, missing], store, 4, _program(WRITE))
    draw_cards([known, missing], store, 4, ["/no/such/program"])
    draw_cards([], store, 4, ["/no/such/program"])

    assert store.get("social", known.key) == card_png(known, store) == b"KNOWN"
    assert store.get("social", missing.key) == b"PNG"


def test_no_process_starts_for_a_thousand_known_cards(store: Store) -> None:
    jobs = [_job(str(number)) for number in range(1000)]
    draw_cards(jobs, store, 2, _program(WRITE))

    draw_cards(jobs, store, 2, ["/no/such/program"])


def test_a_card_that_has_gone_is_drawn_when_it_is_asked_for(store: Store) -> None:
    job = _job()

    png = card_png(job, store)

    assert _open(png)
    assert store.get("social", job.key) == png


def test_a_card_whose_plot_ends_the_process_is_drawn_without_it(store: Store) -> None:
    jobs = [_job(str(number), SVG if number % 3 == 0 else None) for number in range(12)]

    draw_cards(jobs, store, 2, _program(f"job['figure'] and os.kill(os.getpid(), 9); {WRITE}"))

    assert {store.get("social", job.key) for job in jobs} == {b"PNG"}


def test_a_process_that_always_ends_breaks_the_build_off(store: Store) -> None:
    with pytest.raises(SiteError) as caught:
        draw_cards([_job("GRU")], store, 1, _program("sys.exit('no disk')"))

    assert str(caught.value) == (
        "the social card of the post 'GRU' could not be drawn: "
        "its process has ended (status 1): no disk "
        "(social_cards = false in [tool.site] builds without them)"
    )


def test_a_card_that_is_refused_twice_is_told_with_its_reason(store: Store) -> None:
    with pytest.raises(SiteError, match="'GRU' could not be drawn: it rains "):
        draw_cards([_job("GRU")], store, 1, _program("print('error it rains', flush=True)"))


def test_more_than_a_pipe_holds_goes_either_way(store: Store) -> None:
    jobs = [_job(str(number), b"x" * 500_000) for number in range(40)]
    answer = "b = b'ok 900000\\n' + bytes(900_000); sys.stdout.buffer.write(b); sys.stdout.flush()"

    draw_cards(jobs, store, 3, _program(answer))

    assert {len(store.get("social", job.key) or b"") for job in jobs} == {900_000}


def test_what_fails_on_this_side_leaves_no_process(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "pid"

    def fail() -> bytes:
        while not (path.exists() and path.read_text()):
            time.sleep(0.01)
        raise KeyError("the post has gone")

    halt = f"open({str(path)!r}, 'w').write(str(os.getpid())); import time; time.sleep(99)"
    failing = dataclasses.replace(_job("fails", SVG), load_figure=fail)

    with pytest.raises(KeyError):
        draw_cards([_job("halts"), failing], store, 2, _program(halt))

    with pytest.raises(ProcessLookupError):
        os.kill(int(path.read_text()), 0)


def test_the_program_loads_neither_figures_nor_pyplot() -> None:
    code = "import sys, builder.social.draw; print('matplotlib.pyplot' in sys.modules, end=' ');"
    code += "print('matplotlib.figure' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]


def test_the_builders_side_loads_no_matplotlib() -> None:
    code = "import sys, builder.social.cards; print({'numpy', 'matplotlib'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
