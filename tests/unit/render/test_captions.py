"""What stands in captions leads where it would lead from the text."""

from pathlib import Path, PurePosixPath

import pytest
from PIL import Image

from builder.model import FIGURE_DARK, FIGURE_LIGHT, Display, PostTarget
from builder.render.post import Renderer
from tests.unit.render.renderers import open_renderer, render

MOMENTUM = PostTarget(
    "posts/2026-11-20-momentum.md", "momentum", "/2026/11/20/momentum/", "Momentum & more"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="360pt" height="270pt"></svg>'
FIGURE = Display({FIGURE_LIGHT: SVG, FIGURE_DARK: SVG}, "A line")


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    """A renderer for a site below `/blog`, with two files and another post."""
    root: Path = tmp_path_factory.mktemp("site")
    (root / "posts").mkdir()
    (root / "posts" / "data.csv").write_text("1,2")
    Image.new("L", (4, 2)).save(root / "posts" / "dot.png")
    return open_renderer(root, MOMENTUM, base_path="/blog")


@pytest.mark.parametrize("key", ["fig-cap", "lst-cap"])
@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[m](2026-11-20-momentum.md#a)", '<a href="/blog/2026/11/20/momentum/#a">m</a>'),
        ("[[momentum]]", '<a href="/blog/2026/11/20/momentum/">Momentum &amp; more</a>'),
        ("[x](/archive/)", '<a href="/blog/archive/">x</a>'),
        ("@sec-a", '<a class="reference" href="#sec-a">A</a>'),
        (
            "![d](dot.png)",
            '<img alt="d" src="/blog/2026/11/23/sgd/dot.png" width="4" height="2" '
            'loading="lazy" decoding="async">',
        ),
    ],
)
def test_links_in_captions_are_links_of_the_site(
    below: Renderer, key: str, written: str, shown: str
) -> None:
    body = f"## A {{#sec-a}}\n\n```{{python}}\n#| {key}: 'See {written}'\nplot()\n```\n"

    post, problems = render(below, body, "title: SGD", (FIGURE,))

    assert problems == []
    assert f">See {shown}<" in post.article


def test_a_file_that_a_caption_links_to_is_published(below: Renderer) -> None:
    body = "```{python}\n#| fig-cap: 'Of [these](data.csv)'\nplot()\n```\n"

    post, problems = render(below, body, "title: SGD", (FIGURE,))

    assert problems == []
    assert PurePosixPath("2026/11/23/sgd/data.csv") in [file.path for file in post.files]


def test_a_link_of_a_caption_that_leads_nowhere_is_told_at_its_line(below: Renderer) -> None:
    body = "```{python}\n#| fig-cap: 'See [[momentun]]'\nplot()\n```\n"

    _, problems = render(below, body, "title: SGD", (FIGURE,))

    assert problems == [
        "posts/2026-11-23-sgd.md:5: no post has the slug 'momentun' (did you mean 'momentum'?)"
    ]
