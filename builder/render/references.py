r"""References within a post: `@fig-loss`, `[@eq-a; @eq-b]`, `[-@fig-loss]`, `\eqref{mse}`.

What can be referred to: blocks labelled `fig-…`, `tbl-…` or `lst-…`, numbered in their
order; headings with `{#sec-…}`; and equations with a label.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from builder.errors import Location, Problem, did_you_mean
from builder.mathjax.typeset import Label
from builder.model import (
    REFERENCE,
    CodeBlock,
    Formula,
    Listing,
    ParsedPost,
    Places,
    Reference,
    Target,
    references_in,
)

_REFERENCE = re.compile(rf"<(?:code|pre)\b.*?</(?:code|pre)>|<[^>]*>|{REFERENCE}", re.DOTALL)


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
        self.targets: dict[str, Target] = {
            name: Target("sec", words, name)
            for name, words in headings.items()
            if name.startswith("sec-")
        }
        counts: Counter[str] = Counter()
        self._anchors = set(headings)
        for part in parsed.parts:
            if isinstance(part, CodeBlock):
                self._add_block(part, counts)
        for label in labels:
            self.targets[label.name] = Target("eq", f"({label.tag})", label.anchor)

    def caption(self, block: CodeBlock, kind: str) -> str:
        """`Figure 2: `, for a block with such a label."""
        target = self.targets.get(block.options.label or "")
        return f"{target.words}: " if target and target.kind == kind else ""

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
            self.targets[name] = Target(kind, str(counts[kind]), name)

    def _link(self, match: re.Match[str]) -> str:
        return ", ".join(map(self._told, references_in(match))) or match[0]

    def _told(self, reference: Reference) -> str:
        target = self._find(html.unescape(reference.name), html.unescape(reference.written))
        return _anchor(target, reference.told(target)) if target else _lost(reference.written)

    def _find(self, name: str, written: str) -> Target | None:
        target = self.targets.get(name)
        if target is None and not self._is_of_a_broken_part(name):
            self._problems.append(
                Problem(
                    code="unknown-label",
                    message=f"nothing is labelled {name!r}",
                    location=self._places.line_of(written),
                    hint=did_you_mean(name, self.targets)
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


def _anchor(target: Target, text: str) -> str:
    return f'<a class="reference" href="#{html.escape(target.anchor)}">{html.escape(text)}</a>'


def _lost(written: str) -> str:
    return f'<span class="problem">{written}</span>'
