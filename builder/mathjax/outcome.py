"""What came of reading one formula, and its text form for the cache."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from builder.errors import did_you_mean
from builder.mathjax.formula import Label, TexError, Typeset, anchor_of
from builder.mathjax.picture import Drawing, picture_of


@dataclass(frozen=True, slots=True)
class Place:
    """A label's name where it is set or referred to."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a formula does to the ones after it."""

    numbers_used: int

    labels: tuple[Label, ...]

    places: tuple[Place, ...]
    """Of all its labels, also of those in an equation that has no number."""

    is_definition: bool


NO_EFFECT = Effect(numbers_used=0, labels=(), places=(), is_definition=False)
"""A formula with an error numbers, names and defines nothing."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Set, once and for all."""

    typeset: Typeset
    effect: Effect


@dataclass(frozen=True, slots=True)
class Waiting:
    """Read, but not drawn until the labels it refers to are known."""

    references: tuple[Place, ...]
    effect: Effect


@dataclass(frozen=True, slots=True)
class Failed:
    """Not to be set."""

    error: TexError

    @property
    def effect(self) -> Effect:
        """None at all."""
        return NO_EFFECT


Outcome: TypeAlias = Drawn | Waiting | Failed


def read_answer(answer: Mapping[str, Any]) -> Outcome:
    """Parse what shim.js says of a formula."""
    if "error" in answer:
        hint = _nearest(answer["error"], answer["known"])
        return Failed(TexError(answer["error"], answer["offset"], hint))
    labels = tuple(
        Label(name, tag, anchor_of(name)) for name, tag, _ in answer["labels"] if tag is not None
    )
    effect = Effect(
        numbers_used=answer["numbersUsed"],
        labels=labels,
        places=tuple(Place(name, offset) for name, _, offset in answer["labels"]),
        is_definition=answer["isDefinition"],
    )
    drawing = answer["drawing"]
    if drawing is None:
        return Waiting(tuple(Place(*each) for each in answer["references"]), effect)
    picture = picture_of(Drawing(**{**drawing, "outlines": tuple(drawing["outlines"])}))
    typeset = Typeset(
        svg=picture.svg,
        tag_svg=picture.tag_svg,
        mathml=answer["mathml"] if picture.svg else "",
        glyphs=picture.glyphs,
        width_ex=picture.width_ex,
        labels=labels,
    )
    return Drawn(typeset, effect)


def _nearest(message: str, known: Iterable[str]) -> str | None:
    r"""`did you mean '\frac'?`, for a command that does not exist."""
    hint = did_you_mean(message.rpartition("\\")[2], known, 0.8)
    return hint.replace("'", "'\\", 1) if hint else None


def dump_outcome(outcome: Outcome) -> str:
    """Write an outcome as JSON."""
    fields = {"kind": type(outcome).__name__, **asdict(outcome)}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def load_outcome(text: str) -> Outcome:
    """Read back what `dump_outcome` wrote."""
    fields = json.loads(text)
    if fields["kind"] == "Failed":
        return Failed(TexError(**fields["error"]))
    effect = _load_effect(fields["effect"])
    if fields["kind"] == "Waiting":
        return Waiting(tuple(Place(**each) for each in fields["references"]), effect)
    typeset = fields["typeset"]
    typeset["glyphs"] = tuple((name, path) for name, path in typeset["glyphs"])
    typeset["labels"] = effect.labels
    return Drawn(Typeset(**typeset), effect)


def _load_effect(fields: Mapping[str, Any]) -> Effect:
    return Effect(
        numbers_used=fields["numbers_used"],
        labels=tuple(Label(**each) for each in fields["labels"]),
        places=tuple(Place(**each) for each in fields["places"]),
        is_definition=fields["is_definition"],
    )
