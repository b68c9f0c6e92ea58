r"""Set the formulas of one post: definitions, numbers, labels, references.

Two passes over the post in document order. The first sets every formula that refers to nothing
and learns all numbers and labels; the second sets the formulas with a `\ref`, which may point
forwards. Every formula is looked up in the cache by all that it depends on, so the engine is
booted only for one that is new.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from builder.errors import did_you_mean
from builder.mathjax.context import EngineError
from builder.mathjax.engine import Engine
from builder.mathjax.formula import (
    Formula,
    FormulaCache,
    Label,
    Macros,
    TexError,
    Typeset,
    anchor_of,
)
from builder.mathjax.outcome import (
    Drawn,
    Failed,
    Outcome,
    Place,
    Waiting,
    dump_outcome,
    load_outcome,
    read_answer,
)
from builder.mathjax.picture import depth_css, picture_file
from builder.mathjax.scope import Scope

__all__ = [
    "MAX_TEX_LENGTH",
    "Formula",
    "FormulaCache",
    "Label",
    "TexError",
    "Typeset",
    "anchor_of",
    "depth_css",
    "picture_file",
    "typeset_formulas",
]

MAX_TEX_LENGTH = 100_000


def typeset_formulas(
    formulas: Sequence[Formula], *, engine: Engine, macros: Macros, cache: FormulaCache
) -> tuple[Typeset | TexError, ...]:
    r"""Set all formulas of one post, in document order.

    What one formula defines (`\newcommand`, `\def`, `\DeclareMathOperator`, `\definecolor`, ...)
    holds for the later ones of the same post. Equations are numbered as amsmath does. A formula
    with an error uses no number and defines nothing; the others are not affected by it.

    Args:
        formulas: Of one post, all of them: leaving one out may change the numbers.
        engine: Not booted when every formula is in the cache.
        macros: The site's own.
        cache: Where results are looked up and kept.

    Returns:
        One result per formula. The same bytes for the same post, whatever is cached and
        whatever was set before.

    Raises:
        BootError: If MathJax or the JavaScript engine is not installed.
    """
    desk = _Desk(engine=engine, cache=cache)
    drafts = tuple(_read_in_order(formulas, desk, Scope.of_macros(macros)))
    register = _Register(drafts)
    return tuple(_finish(draft, register, desk) for draft in drafts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A formula and all that its setting depends on, besides the labels it refers to."""

    formula: Formula
    scope: Scope
    scope_digest: str
    counter: int


@dataclass(frozen=True, slots=True)
class _Draft:
    """A formula after the first pass."""

    job: _Job
    outcome: Outcome


def _read_in_order(formulas: Sequence[Formula], desk: "_Desk", scope: Scope) -> Iterator[_Draft]:
    counter = 0
    scope_digest = scope.digest
    for formula in formulas:
        job = _Job(formula=formula, scope=scope, scope_digest=scope_digest, counter=counter)
        outcome = desk.set(job, None)
        yield _Draft(job, outcome)
        counter += outcome.effect.numbers_used
        if outcome.effect.is_definition:
            scope = scope.extended(formula)
            scope_digest = scope.digest


class _Register:
    """The labels of a post; where a name is used twice, the first one has it."""

    def __init__(self, drafts: Sequence[_Draft]) -> None:
        self.labels: dict[str, Label] = {}
        self._owners: dict[str, _Draft] = {}
        for draft in drafts:
            for label in draft.outcome.effect.labels:
                self.labels.setdefault(label.name, label)
            for place in draft.outcome.effect.places:
                self._owners.setdefault(place.name, draft)

    def duplicate_in(self, draft: _Draft) -> TexError | None:
        """Find a label that an earlier formula has."""
        for place in draft.outcome.effect.places:
            if self._owners[place.name] is not draft:
                return TexError(f"label {place.name!r} is used by an earlier formula", place.offset)
        return None

    def unknown_in(self, references: Sequence[Place]) -> TexError | None:
        """Find a reference that cannot be given a number."""
        for place in references:
            if place.name not in self.labels:
                return self._unknown(place.name, place.offset)
        return None

    def _unknown(self, name: str, offset: int) -> TexError:
        if name in self._owners:
            message = f"label {name!r} is in a formula without a number"
            return TexError(message, offset, r"use \begin{equation} or \tag there")
        hint = did_you_mean(name, self.labels) or r"no formula has such a \label"
        return TexError(f"unknown label {name!r}", offset, hint)


def _finish(draft: _Draft, register: _Register, desk: "_Desk") -> Typeset | TexError:
    outcome = draft.outcome
    duplicate = register.duplicate_in(draft)
    if duplicate:
        return duplicate
    if isinstance(outcome, Waiting):
        unknown = register.unknown_in(outcome.references)
        if unknown:
            return unknown
        names = sorted({place.name for place in outcome.references})
        outcome = desk.set(draft.job, {name: register.labels[name] for name in names})
    if isinstance(outcome, Drawn):
        return outcome.typeset
    assert isinstance(outcome, Failed)
    return outcome.error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Sets a formula, or finds it in the cache."""

    engine: Engine
    cache: FormulaCache

    def set(self, job: _Job, labels: Mapping[str, Label] | None) -> Outcome:
        # A formula that took no number is the same after any other number.
        for counter in (None, job.counter):
            cached = self.cache.get(self._key(job, counter, labels))
            if cached is not None:
                return load_outcome(cached)
        try:
            outcome = self._set_anew(job, labels)
        except EngineError as failure:
            # Not kept: whether the stack or the time suffices is the machine's doing.
            return Failed(TexError(str(failure), 0))
        counter = job.counter if outcome.effect.numbers_used else None
        self.cache.put(self._key(job, counter, labels), dump_outcome(outcome))
        return outcome

    def _set_anew(self, job: _Job, labels: Mapping[str, Label] | None) -> Outcome:
        if len(job.formula.tex) > MAX_TEX_LENGTH:
            return Failed(TexError(f"formula is longer than {MAX_TEX_LENGTH:,} characters", 0))
        answer = self.engine.typeset(
            job.formula, scope=job.scope, counter=job.counter, labels=labels
        )
        return read_answer(answer)

    def _key(self, job: _Job, counter: int | None, labels: Mapping[str, Label] | None) -> str:
        tags = labels and [(name, label.tag) for name, label in labels.items()]
        formula = job.formula
        parts = (
            self.engine.digest,
            job.scope_digest,
            formula.tex,
            formula.is_display,
            counter,
            tags,
        )
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
