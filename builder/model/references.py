r"""References within a post: `@fig-loss`, `[@eq-a; @eq-b]`, `[-@fig-loss]`, `\eqref{mse}`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

_KINDS: Mapping[str, str] = {
    "fig": "Figure",
    "tbl": "Table",
    "lst": "Listing",
    "eq": "Equation",
    "sec": "Section",
}
_NAME = r"(?:fig|tbl|lst|eq|sec)-[\w-]*\w"

REFERENCE = (
    r"\\(?P<tex>eqref|ref)\{(?P<label>[^{}<>]+)\}"
    rf"|\[(?P<group>-?@{_NAME}(?:\s*;\s*-?@{_NAME})*)\]"
    rf"|(?<![\w@/.])@(?P<bare>{_NAME})"
)
"""The pattern of one or several references, as part of others."""


@dataclass(frozen=True, slots=True)
class Target:
    """What can be referred to."""

    kind: str
    number: str
    """That of an equation in parentheses; of a section, the words of its heading."""

    anchor: str

    @property
    def words(self) -> str:
        """`Figure 2`."""
        return self.number if self.kind == "sec" else f"{_KINDS[self.kind]} {self.number}"


@dataclass(frozen=True, slots=True)
class Reference:
    """One that an author has written."""

    name: str
    written: str
    form: Literal["words", "number", "bare number"]
    """A number is bare where the parentheses of an equation are left out."""

    def told(self, target: Target) -> str:
        """What it shows."""
        if self.form == "words":
            return target.words
        return target.number if self.form == "number" else target.number.strip("()")


def references_in(match: re.Match[str]) -> Iterator[Reference]:
    """What a match of `REFERENCE` refers to; nothing where another part of a pattern matches."""
    if match["tex"]:
        form: Literal["number", "bare number"] = (
            "number" if match["tex"] == "eqref" else "bare number"
        )
        yield Reference(match["label"], match[0], form)
    elif match["bare"]:
        yield Reference(match["bare"], match[0], "words")
    elif match["group"]:
        for part in re.split(r"\s*;\s*", match["group"]):
            yield Reference(part.lstrip("-@"), part, "number" if part.startswith("-") else "words")
