"""The definitions that hold at one place of a post."""

import hashlib
import json
from dataclasses import dataclass

from builder.mathjax.formula import Formula, Macros


@dataclass(frozen=True, slots=True)
class Scope:
    """The site's macros and the earlier formulas of the post that defined something."""

    macros: str
    """As JSON with sorted names, so that equal macros compare equal."""

    definitions: tuple[Formula, ...] = ()

    @classmethod
    def of_macros(cls, macros: Macros) -> "Scope":
        """Start a post."""
        named = {name.removeprefix("\\"): value for name, value in macros.items()}
        return cls(json.dumps(named, sort_keys=True))

    def extended(self, formula: Formula) -> "Scope":
        """Return the scope after one more defining formula."""
        return Scope(self.macros, (*self.definitions, formula))

    def starts_with(self, earlier: "Scope") -> bool:
        """Tell whether `earlier` becomes this scope by executing more definitions."""
        count = len(earlier.definitions)
        return self.macros == earlier.macros and self.definitions[:count] == earlier.definitions

    @property
    def digest(self) -> str:
        """Stands for the scope in a cache key."""
        parts = [self.macros, [(each.tex, each.is_display) for each in self.definitions]]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
