r"""References within a post: `@fig-loss`, `[@eq-a; @eq-b]`, `[-@fig-loss]`, `\eqref{mse}`.

What can be referred to: blocks labelled `fig-…`, `tbl-…` or `lst-…`, numbered in their
order; headings with `{#sec-…}`; and equations with a label.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from builder.errors import Location, Problem, did_you_mean
from builder.mathjax.typeset import Label
from builder.model import CodeBlock, Formula, Listing, ParsedPost, Places

_KINDS: Mapping[str, str] = {
    "fig": "Figure",
    "tbl": "Table",
    "lst": "Listing",
    "eq": "Equation",
    "sec": "Section",
}
_NAME = r"(?:fig|tbl|lst|eq|sec)-[\w-]*\w"
_REFERENCE = re.compile(
    r"<(?:code|pre)\b.*?</(?:code|pre)>|<[^>]*>"
    r"|\\(?P<tex>eqref|ref)\{(?P<label>[^{}<>]+)\}"
    rf"|\[(?P<group>-?@{_NAME}(?:\s*;\s*-?@{_NAME})*)\]"
    rf"|(?<![\w@/.])@(?P<bare>{_NAME})",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Target:
    kind: str
    number: str
    """Or the text of a heading."""

    anchor: str


class References:
    """The targets of one post, and links to them.

    Args:
        parsed: the post.
        headings: the words of those that have an id of the author's, by their ids.
        labels: of its equations.
        problems: takes references that lead nowhere.
    """

    def __init__(
        self,
        parsed: ParsedPost,
        headings: Mapping[str, str],
        labels: Iterable[Label],
        problems: list[Problem],
    ) -> None:
        self._parsed = parsed
        self._places = Places(parsed.source)
        self._problems = problems
        self._targets = {
            name: _Target("sec", words, name)
            for name, words in headings.items()
            if name.startswith("sec-")
        }
        counts: Counter[str] = Counter()
        self._anchors = set(headings)
        for part in parsed.parts:
            if isinstance(part, CodeBlock):
                self._add_block(part, counts)
        for label in labels:
            self._targets[label.name] = _Target("eq", f"({label.tag})", label.anchor)

    def caption(self, block: CodeBlock, kind: str) -> str:
        """`Figure 2: `, for a block with such a label."""
        target = self._targets.get(block.options.label or "")
        return f"{_KINDS[kind]} {target.number}: " if target and target.kind == kind else ""

    def rewrite(self, page: str) -> str:
        """Turn the references in HTML into links; in code they stay as they are."""
        if "@" not in page and "ref{" not in page:
            return page
        return _REFERENCE.sub(self._link, page)

    def _add_block(self, block: CodeBlock, counts: Counter[str]) -> None:
        name = block.options.label
        kind = (name or "").partition("-")[0]
        if name is None:
            return
        if name in self._anchors:
            where = Location(self._parsed.source.path, block.line)
            message = f"the label {name!r} is taken already"
            hint = "no two blocks and headings can have one"
            self._problems.append(
                Problem(code="duplicate-label", message=message, location=where, hint=hint)
            )
            return
        self._anchors.add(name)
        if kind in ("fig", "tbl", "lst"):
            counts[kind] += 1
            self._targets[name] = _Target(kind, str(counts[kind]), name)

    def _link(self, match: re.Match[str]) -> str:
        if match["tex"]:
            name = html.unescape(match["label"])
            target = self._find(name, match[0])
            number = target.number if target else ""
            told = number if match["tex"] == "eqref" else number.strip("()")
            return _anchor(target, told) if target else _lost(match[0])
        if match["bare"]:
            return self._named(match["bare"], match[0])
        if match["group"]:
            parts = re.split(r"\s*;\s*", match["group"])
            return ", ".join(self._named(part.lstrip("-@"), part) for part in parts)
        return match[0]

    def _named(self, name: str, written: str) -> str:
        target = self._find(name, f"@{name}")
        if target is None:
            return _lost(written)
        is_plain = written.startswith("-") or target.kind == "sec"
        return _anchor(
            target, target.number if is_plain else f"{_KINDS[target.kind]} {target.number}"
        )

    def _find(self, name: str, written: str) -> _Target | None:
        target = self._targets.get(name)
        if target is None and not self._is_of_a_broken_part(name):
            self._problems.append(
                Problem(
                    code="unknown-label",
                    message=f"nothing is labelled {name!r}",
                    location=self._places.line_of(html.unescape(written)),
                    hint=did_you_mean(name, self._targets)
                    or "label a block, a heading or an equation so",
                )
            )
        return target

    def _is_of_a_broken_part(self, name: str) -> bool:
        """Whether a block or an equation has this label whose own mistake is told already."""
        parts, label = self._parsed.parts, f"\\label{{{name}}}"
        if any(isinstance(part, Formula) and label in part.tex for part in parts):
            return True
        option = re.compile(
            rf"^[ \t>]*#\|[ \t]*label:[ \t]*['\"]?{re.escape(name)}['\"]?[ \t]*$", re.MULTILINE
        )
        shown = (part.code for part in parts if isinstance(part, CodeBlock | Listing))
        is_taken = name in self._anchors or any(map(option.search, shown))
        return not is_taken and option.search(self._parsed.source.text) is not None


def _anchor(target: _Target, text: str) -> str:
    return f'<a class="reference" href="#{html.escape(target.anchor)}">{html.escape(text)}</a>'


def _lost(written: str) -> str:
    return f'<span class="problem">{written}</span>'
