"""What lists say of a post: its first words, how many there are, and its first plot."""

import html
import re
from pathlib import PurePosixPath
from urllib.parse import unquote

from builder.model import Plot

_PARAGRAPH = re.compile(r"<p\b(?! class=\"admonition-title\")[^>]*>(.*?)</p>", re.DOTALL)
_MORE = re.compile(r"<!--\s*more\s*-->")
_SPOKEN = re.compile(
    r'<span class="math-spoken">.*?</span>|<svg.*?</svg>|<sup id="fnref.*?</sup>', re.DOTALL
)
_TEX = re.compile(
    r'<span class="math-tex"[^>]*>(?P<mark>\${1,2})(?P<tex>.*?)(?P=mark)</span>', re.DOTALL
)
_UNREAD = re.compile(r'<svg.*?</svg>|<span class="math-spoken">.*?</span>|<[^>]*>', re.DOTALL)
_PLOT = re.compile(r'<figure class="plot(?: [^"]*)?">.*?</figure>', re.DOTALL)
_IMAGE = re.compile(r"<img [^>]*>")
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_EXCERPT_LENGTH = 240
_LEAST_WIDTH = 200


def excerpt_of(article: str) -> str:
    """The text above `<!--more-->`, or of the first paragraph that has any, cut at a word."""
    more = _MORE.search(article)
    if more:
        above = map(_plain_text, _PARAGRAPH.finditer(article, 0, more.start()))
        return " ".join(filter(None, above))
    text = next(filter(None, map(_plain_text, _PARAGRAPH.finditer(article))), "")
    if len(text) <= _EXCERPT_LENGTH:
        return text
    return f"{text[:_EXCERPT_LENGTH].rpartition(' ')[0]} …"


def _plain_text(paragraph: re.Match[str]) -> str:
    """The text of a paragraph, its formulas as TeX without delimiters."""
    bare = _SPOKEN.sub("", paragraph[1])
    bare = _TEX.sub(lambda match: match["tex"], bare)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", bare)).split())


def count_words(article: str) -> int:
    """How many words a reader reads: prose, code, and the TeX of formulas."""
    return len(_UNREAD.sub(" ", article).split())


def first_plot(article: str, base_path: str) -> Plot | None:
    """The first plot of an article that is no mere sign; of an animation its still picture."""
    found = (_plot(match[0], base_path) for match in _PLOT.finditer(article))
    return next((plot for plot in found if plot and plot.width >= _LEAST_WIDTH), None)


def _plot(figure: str, base_path: str) -> Plot | None:
    told = [dict(_ATTRIBUTE.findall(image)) for image in _IMAGE.findall(figure)]
    told = [each for each in told if "moving" not in each.get("class", "")]
    light = next((e for e in told if "only-dark" not in e.get("class", "")), None)
    dark = next((e for e in told if "only-dark" in e.get("class", "")), None)
    if light is None or not {"src", "width", "height"} <= light.keys():
        return None
    return Plot(
        light=_path(light["src"], base_path),
        dark=_path(dark["src"], base_path) if dark else None,
        alt=html.unescape(light.get("alt", "")),
        width=int(light["width"]),
        height=int(light["height"]),
    )


def _path(source: str, base_path: str) -> PurePosixPath:
    return PurePosixPath(unquote(html.unescape(source)).removeprefix(base_path).lstrip("/"))
