from typing import get_args

import pytest

from builder.model import (
    FIGURE_DARK,
    FIGURE_LIGHT,
    BlockOptions,
    BlockResult,
    CodeBlock,
    Display,
    Failure,
    Output,
    OutputFile,
    Stream,
    Theme,
    themed,
)
from builder.render.outputs import Words
from tests.unit.render.renderers import block_renderer

SVG = b'<svg width="72pt" height="36.6pt"></svg>'
HOSTILE = "<b>&\"'"


def render(options: BlockOptions, *outputs: Output) -> tuple[str, list[OutputFile]]:
    files: list[OutputFile] = []
    block = CodeBlock(code="x", line=1, options=options, container="")
    renderer = block_renderer("/2026/a b", "/blog", files, [])
    words = Words(anchor="block-1", alts=options.fig_alt)
    return renderer.render(block, [BlockResult(outputs, 0.1)], words), files


def test_an_output_has_no_markup_of_its_own() -> None:
    failure = Failure(message=HOSTILE, hint=None, line=1, traceback="")
    page, _ = render(
        BlockOptions(echo=False),
        Stream("stdout", HOSTILE),
        Display({"text/plain": HOSTILE.encode()}),
        failure,
    )

    assert "<b>" not in page
    assert page.count("&lt;b&gt;&amp;") == 3


def test_words_and_names_cannot_leave_their_attribute() -> None:
    figure = Display({FIGURE_LIGHT: SVG, FIGURE_DARK: SVG}, HOSTILE)

    page, _ = render(BlockOptions(label=HOSTILE), figure)

    assert 'id="&lt;b&gt;&amp;&quot;&#x27;"' in page
    assert page.count('alt="&lt;b&gt;&amp;&quot;&#x27;"') == 2


def test_a_figure_has_its_size_in_css_pixels_and_an_encoded_address() -> None:
    page, files = render(BlockOptions(), Display({FIGURE_LIGHT: SVG, FIGURE_DARK: SVG}))

    assert 'width="96" height="49"' in page
    assert 'src="/blog/2026/a%20b/figure-' in page
    assert {file.path.parent.as_posix() for file in files} == {"2026/a b"}


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (BlockOptions(), (True, True, True)),
        (BlockOptions(echo=False), (False, True, True)),
        (BlockOptions(output=False), (True, False, True)),
        (BlockOptions(include=False), (False, False, False)),
    ],
)
def test_options_choose_what_is_shown_and_a_failure_is_no_output(
    options: BlockOptions, shown: tuple[bool, bool, bool]
) -> None:
    failure = Failure(message="failed", hint=None, line=1, traceback="")

    page, _ = render(options, Stream("stdout", "printed"), failure)

    kinds = ('class="code"', 'class="output stdout"', 'class="output failure"')
    assert tuple(kind in page for kind in kinds) == shown


@pytest.mark.parametrize("media_type", ["image/svg+xml", "image/png"])
def test_a_figure_that_cannot_be_read_has_no_size(media_type: str) -> None:
    broken = Display({themed(media_type, theme): b"nothing" for theme in get_args(Theme)})

    page, files = render(BlockOptions(), broken)

    assert "width=" not in page
    assert len(files) == 2


def test_words_of_the_options_come_before_those_of_the_figures() -> None:
    figures = [Display({FIGURE_LIGHT: SVG, FIGURE_DARK: SVG}, alt) for alt in ("a", "b")]

    page, _ = render(BlockOptions(fig_alt=("own",)), *figures)

    assert [alt in page for alt in ('alt="own"', 'alt="a"', 'alt="b"')] == [True, False, True]
