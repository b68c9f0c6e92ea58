"""Whatever is read stands out from what it stands on, in light and in dark: 4.5 to 1 (WCAG 2.2)."""

import re

import pytest

from builder.config import PROJECT

TOKENS = (PROJECT / "assets/css/1-tokens.css").read_text(encoding="utf-8")
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", TOKENS
    )
}
CODE = sorted(name for name in PAIRS if name.startswith("code-"))
READ = [
    *((name, "paper") for name in ("ink", "ink-soft", "link", "mark")),
    *((name, "paper-raised") for name in ("ink", "ink-soft", "link", *CODE)),
    *((name, "line-paper") for name in ("ink", "link", *CODE)),
    ("mark", "mark-paper"),
    ("ink", "rule"),
]


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_wcag_has_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_there_are_colours_for_code() -> None:
    assert len(CODE) == 6


@pytest.mark.parametrize(("text", "paper"), READ)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_stands_out(text: str, paper: str, theme: int) -> None:
    assert contrast(PAIRS[text][theme], PAIRS[paper][theme]) >= 4.5
