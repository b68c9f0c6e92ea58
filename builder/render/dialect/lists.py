"""Indent lists as Python-Markdown wants them, where they are written as CommonMark has them.

Python-Markdown knows one indent, four columns; on GitHub and in kramdown what
belongs to an item begins where the item's own text begins: behind `- ` at two
columns, behind `1. ` at three. Lists, tables and footnotes also need a blank
line before them here, which they do not need there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAB = 4
_QUOTE = re.compile(r" {0,3}(?:> ?)++")
_ITEM = re.compile(r"(?P<mark>[-*+]|(?P<number>\d{1,9})[.)])(?P<gap> ++|$)(?P<text>.*)")
_RULE = re.compile(r"([-*_])(?: *\1){2,} *")
_BLOCK = re.compile(r"#{1,6} |>|\[\^[^\]]+\]:")
_NOTE = re.compile(r"\[\^[^\]]+\]:")
_TABLE_RULE = re.compile(r" {0,3}\|?(?: *:?-+:? *\|)+(?: *:?-+:?)? *")


@dataclass(frozen=True, slots=True)
class _Item:
    """An open list item."""

    content: int
    """The column where what belongs to it begins."""

    kind: str
    """`1` in a numbered list, `*` in another, `^` for a footnote, which is much like an item."""


def indent_lists(lines: list[str]) -> list[str]:
    """The lines of a text with every list item's content indented by four columns a level."""
    written: list[str] = []
    prefix, writer = "", _Writer(is_after_blank=True)
    for line in _with_tables_apart(lines):
        match = None if writer.holds(line) else _QUOTE.match(line)
        found = match[0] if match else ""
        if found.replace(" ", "") != prefix.replace(" ", ""):
            is_behind_quote = (
                line == line.lstrip() and prefix and not found and not written[-1].strip(" >")
            )
            if (found and writer.is_in_list) or is_behind_quote:
                written.append("")
            is_after_blank = not written or not written[-1].strip(" >")
            writer = _Writer(is_after_blank)
        prefix = found
        written += (f"{prefix}{new}" for new in writer.write(line[len(prefix) :]))
    return [*written, "", ""]  # Python-Markdown ends its last block there


def _with_tables_apart(lines: list[str]) -> Iterator[str]:
    """The lines, with a blank one between a paragraph and a table."""
    for number, line in enumerate(lines):
        below = lines[number + 1] if number + 1 < len(lines) else ""
        above = lines[number - 1] if number else ""
        if "|" in line and _TABLE_RULE.fullmatch(below) and above.strip() and "|" not in above:
            yield ""
        yield line


class _Writer:
    """Writes the lines at one depth of quotes."""

    def __init__(self, is_after_blank: bool) -> None:
        self._items: list[_Item] = []
        self._is_after_blank = is_after_blank
        self._is_below_blank = False
        """The last line that this one wrote is blank."""
        self._is_in_code = False
        self._is_in_quote = False
        """The line that was written last begins with the mark of a quote within an item."""
        self._loose = 0
        """So many of the open items, from the outermost, have a blank line behind their mark."""

    @property
    def is_in_list(self) -> bool:
        return bool(self._items)

    def holds(self, line: str) -> bool:
        """Whether a line lies within the content of an open item."""
        return bool(self._items) and _indent(line) >= self._items[0].content

    def write(self, line: str) -> Iterator[str]:
        """The line as Python-Markdown wants it, with a blank one before it where needed."""
        body, indent = line.lstrip(" "), _indent(line)
        if not body:
            # Behind two blank lines, what belongs to a footnote is no longer seen to.
            if not self._is_below_blank or self._is_in_code:
                yield ""
            self._is_after_blank = self._is_below_blank = True
            self._loose = len(self._items)
            self._is_in_quote = False
            return
        is_rule = _RULE.fullmatch(body) is not None
        item = None if is_rule else _ITEM.fullmatch(body)
        if item and self._is_item(item, indent):
            yield from self._write_item(item, indent)
        else:
            yield from self._write_text(body, indent, is_rule)
        self._is_after_blank = self._is_below_blank = False

    def _is_item(self, item: re.Match[str], indent: int) -> bool:
        """Whether it begins an item, and is neither code nor a line of a paragraph."""
        depth = self._depth(indent)
        if indent - self._base(depth) >= _TAB:
            return self.is_in_list and not self._is_after_blank and not self._is_in_code
        interrupts = item["text"] and item["number"] in (None, "1")
        return bool(self._is_after_blank or self.is_in_list or interrupts)

    def _write_item(self, item: re.Match[str], indent: int) -> Iterator[str]:
        depth = self._depth(indent)
        kind = "1" if item["number"] else "*"
        sibling = self._items[depth] if depth < len(self._items) else None
        is_new = sibling.kind != kind if sibling else depth == 0
        is_loose = self._loose > depth if sibling else 0 < depth <= self._loose
        if (is_new or is_loose) and not self._is_after_blank:
            yield ""
        mark = f"{item['number']}." if item["number"] else item["mark"]
        gap = len(item["gap"]) if 1 <= len(item["gap"]) <= _TAB else 1
        del self._items[depth:]
        self._items.append(_Item(indent + len(item["mark"]) + gap, kind))
        self._loose = min(self._loose, depth)
        self._is_in_code = self._is_in_quote = False
        yield f"{' ' * (_TAB * depth)}{mark} {item['text']}"

    def _write_text(self, body: str, indent: int, is_rule: bool) -> Iterator[str]:
        was_in_list = self.is_in_list
        is_block = is_rule or _BLOCK.match(body) is not None
        if self._is_after_blank or is_block:
            del self._items[self._depth(indent) :]
        is_apart = _NOTE.match(body) or (was_in_list and not self.is_in_list)
        is_quote = body.startswith(">") and self.is_in_list
        opens_quote = is_quote and not self._is_in_quote
        if (is_apart or opens_quote) and not self._is_after_blank:
            yield ""
        if is_quote:
            self._loose = len(self._items)  # the next item stands apart
        self._is_in_quote = is_quote
        depth = len(self._items)
        further = max(indent - self._base(depth), 0)
        self._is_in_code = further >= _TAB and (self._is_after_blank or self._is_in_code)
        if is_rule and not self._is_in_code:
            body = re.sub(" {2,}", " ", body)  # wider gaps make no rule
        if _NOTE.match(body) and not further:
            self._items.append(_Item(_TAB, "^"))
        yield f"{' ' * (_TAB * depth + further)}{body}"

    def _depth(self, indent: int) -> int:
        """How many of the open items a line with this indent lies within."""
        return sum(item.content <= indent for item in self._items)

    def _base(self, depth: int) -> int:
        return self._items[depth - 1].content if depth else 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
