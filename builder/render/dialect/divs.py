"""Divs and callouts as Quarto, Pandoc and MyST write them, and what kramdown puts on lines below.

    ::: {.callout-note title="A title" collapse="true"}
    Markdown.
    :::

They become HTML that Markdown's own extension for Markdown in HTML goes on to read.
"""

import html
import re
from collections.abc import Iterator

from markdown.preprocessors import Preprocessor

_OPENING = re.compile(
    r" {0,3}:{3,}+[ \t]*+(?:\{(?P<attributes>[^{}\n]++)\}|(?P<word>[A-Za-z][\w-]*+))"
    r"(?P<title>[^:\n{}]*+):*+[ \t]*+"
)
_CLOSING = re.compile(r" {0,3}:{3,}+[ \t]*+")
_CLASS = re.compile(r"(?<!\S)\.?(?P<name>[A-Za-z][\w-]*)(?!\S)")
_ID = re.compile(r"(?<!\S)#(?P<name>[\w-]+)")
_OPTION = re.compile(
    r"""(?<![\w-])(?P<key>[\w-]++)=(?:"(?P<text>[^"]*)"|'(?P<quoted>[^']*)'|(?P<bare>\S+))"""
)
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]++(?P<title>.*+)")
_CALLOUT = re.compile(
    r"(?:callout-)?(?P<kind>note|tip|important|warning|caution|danger|hint|attention|error|seealso)"
)
_TOC = re.compile(r"(?m)^[*+-][ \t]++.*+\n\{:[ \t]*toc\b[^}\n]*\}[ \t]*$")

_BELOW_HEADING = re.compile(r"(?m)^(#{1,6}[ \t]++.*+)\n(\{:[^}\n]*+\})[ \t]*+$")


_OPEN_TO_MARKDOWN = re.compile(
    r"(?mi)^( {0,3}<details\b(?![^<>]*\smarkdown\b)[^<>\n]*+)"
    r"(>[ \t]*(?:\n?[ \t]*<summary\b[^\n]*</summary>[ \t]*)?)$(?=\n[ \t]*$)"
)
"""Behind a blank line Markdown begins in it, as on GitHub; kramdown's other HTML stays HTML."""

_KRAMDOWN = re.compile(
    r"(?P<ticks>`++).*?(?<!`)(?P=ticks)(?!`)"
    r"|\{::comment\}.*?\{:/(?:comment)?\}"
    r"|\{::nomarkdown\}(?P<html>.*?)\{:/(?:nomarkdown)?\}"
    r"|(?m:^\{::options\b[^}\n]*/\}[ \t]*$)",
    re.DOTALL,
)
_ALONE = re.compile(r"(?P<indent>[ \t]*+)\{:(?![:^/])[^{}\n]*\}[ \t]*+")
_BLOCK_ABOVE = re.compile(r"[ \t]*+(?:[>|]|[-*+][ \t]|\d{1,9}[.)][ \t])|[ \t]++\S|.*\|[ \t]*+$")


class Divs(Preprocessor):
    """Makes HTML of fences of colons, with Markdown inside."""

    def run(self, lines: list[str]) -> list[str]:
        """Replace them; Markdown calls it with the lines of a post."""
        text = "\n".join(lines)
        if "{:" in text:
            text = self._kramdown(text)
        text = (
            _OPEN_TO_MARKDOWN.sub(r'\1 markdown="1"\2', text)
            if "<details" in text.lower()
            else text
        )
        return list(_with_divs(text.split("\n"))) if ":::" in text else text.split("\n")

    def _kramdown(self, text: str) -> str:
        """What is written in braces with a colon."""
        text = _TOC.sub("[TOC]", _KRAMDOWN.sub(self._extension, text))
        # Markdown's own attribute lists stand on the heading's line.
        text = _BELOW_HEADING.sub(r"\1 \2", text)
        return "\n".join(_apart(text.split("\n")))

    def _extension(self, match: re.Match[str]) -> str:
        """What kramdown's `{::nomarkdown}` and its like stand for."""
        if match["ticks"]:
            return match[0]
        return self.md.htmlStash.store(match["html"].strip()) if match["html"] else ""


def _apart(lines: list[str]) -> Iterator[str]:
    """Set attribute lists apart that belong to a quote, a list, a table, or the block below."""
    for index, line in enumerate(lines):
        match = _ALONE.fullmatch(line)
        above = lines[index - 1] if index else ""
        below = lines[index + 1] if index + 1 < len(lines) else ""
        if not match:
            yield line
        elif above.strip() and _BLOCK_ABOVE.match(above):
            yield from ("", line, "")
        elif above.strip() and below.strip():
            yield from (line, "")  # it ends the paragraph, as in kramdown
        elif below.strip():
            yield from (f"{match['indent']}{{:^{line.strip()[2:]}", "")
        else:
            yield line


def _with_divs(lines: list[str]) -> Iterator[str]:
    closings: list[str] = []
    unclosed = sum(1 for line in lines if _CLOSING.fullmatch(line))
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        opening = _OPENING.fullmatch(line)
        if opening and unclosed > len(closings):
            following = next((n for n in range(at, len(lines)) if lines[n].strip()), at)
            heading = _HEADING.fullmatch(lines[following]) if following < len(lines) else None
            begin, end, takes_heading = _tags(opening, _title(heading) if heading else None)
            at = following + 1 if takes_heading else at
            closings.append(end)
            yield from ("", *begin, "")
        elif closings and _CLOSING.fullmatch(line):
            unclosed -= 1
            yield from ("", closings.pop(), "")
        else:
            unclosed -= bool(_CLOSING.fullmatch(line))
            yield line


def _title(heading: re.Match[str]) -> str:
    """The words of a heading, without marks at its end."""
    words = heading["title"].rstrip()
    bare = words.rstrip("#")
    return bare.rstrip() if bare != bare.rstrip() else words


def _tags(opening: re.Match[str], heading: str | None) -> tuple[list[str], str, bool]:
    """Return the lines that begin an element, that which ends it, and if it took the heading."""
    told = opening["attributes"] or opening["word"]
    options = {
        m["key"]: m["text"] or m["quoted"] or m["bare"] or "" for m in _OPTION.finditer(told)
    }
    rest = _OPTION.sub("", told)
    classes = [m["name"] for m in _CLASS.finditer(rest)]
    name = _ID.search(rest)
    identity = f' id="{name["name"]}"' if name else ""
    kind = next((found["kind"] for each in classes if (found := _CALLOUT.fullmatch(each))), None)
    if kind is None:
        plain = html.escape(" ".join(classes))
        return [f'<div class="{plain}"{identity} markdown="1">'], "</div>", False
    given = options.get("title") or opening["title"].strip()
    title = given or heading or kind.capitalize()
    is_taken = heading is not None and not given
    if "collapse" in options:
        is_open = ' open="open"' if options["collapse"] == "false" else ""
        begin = f'<details class="{kind}"{identity}{is_open} markdown="1">'
        return [begin, f'<summary markdown="1">{title}</summary>'], "</details>", is_taken
    begin = f'<div class="admonition {kind}"{identity} markdown="1">'
    title_line = f'<p class="admonition-title" markdown="1">{title}</p>'
    return [begin, title_line], "</div>", is_taken
