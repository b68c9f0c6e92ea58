"""Every case in `cases/`: what `NAME.md` becomes is what `NAME.html` says.

After a wanted change: `python -m tests.golden.renew`, then review the difference.
"""

import pytest

from builder.mathjax.engine import Engine
from builder.render.post import Renderer
from tests.golden.article import CASES, case_names, open_renderer, render_case


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return open_renderer(Engine())


@pytest.mark.parametrize("name", case_names())
def test_a_post_is_rendered_as_it_was_when_it_was_reviewed(name: str, renderer: Renderer) -> None:
    expected = (CASES / f"{name}.html").read_text(encoding="utf-8")

    assert render_case(name, renderer) == expected


def test_every_golden_file_has_its_case() -> None:
    files = {path.stem for ending in ("html", "json") for path in CASES.glob(f"*.{ending}")}

    assert files <= set(case_names())
