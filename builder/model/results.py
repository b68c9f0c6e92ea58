"""What the blocks of a post gave."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Theme = Literal["light", "dark"]
_LIGHT = ";theme=light"


@dataclass(frozen=True, slots=True)
class Stream:
    """Text written to standard output or standard error."""

    name: Literal["stdout", "stderr"]
    text: str


@dataclass(frozen=True, slots=True)
class Display:
    """A value or a figure in one or more media types, richest use first decided by render."""

    content: Mapping[str, bytes]
    """Media type to bytes; text is UTF-8. A figure has each type twice: see `themed`."""

    alt: str = ""
    """What a figure shows, said in words made from its titles and labels."""

    @property
    def is_figure(self) -> bool:
        """Whether it is drawn for light and for dark."""
        return any(kind.endswith(_LIGHT) for kind in self.content)

    def in_theme(self, theme: Theme) -> dict[str, bytes]:
        """A figure's pictures for one theme, by media type; two of an animation."""
        ending = f";theme={theme}"
        return {
            kind.removesuffix(ending): picture
            for kind, picture in self.content.items()
            if kind.endswith(ending)
        }


_ENDINGS = {"image/svg+xml": "svg", "image/jpeg": "jpg"}


def picture_name(content: bytes, media_type: str) -> str:
    """The name of a picture's file, made from its content."""
    digest = hashlib.sha256(content).hexdigest()[:16]
    ending = _ENDINGS.get(media_type, media_type.partition("/")[2])
    return f"figure-{digest}.{ending}"


def themed(media_type: str, theme: Theme) -> str:
    """The media type of a figure's picture for one theme."""
    return f"{media_type};theme={theme}"


FIGURE_LIGHT = themed("image/svg+xml", "light")
FIGURE_DARK = themed("image/svg+xml", "dark")
TRACEBACK = "text/x-python-traceback"
"""Media type of an error that the author has expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How a block ended that did not end well."""

    message: str
    hint: str | None
    line: int
    """In the post."""

    column: int | None = None
    traceback: str
    """In the post's own lines; empty where Python could not write one."""

    shapes: str = ""
    """Of the arrays in the line that failed."""

    @property
    def told(self) -> str:
        """The traceback, or the message alone, and the shapes."""
        first = self.traceback or self.message
        return "\n".join(filter(None, (first.rstrip("\n"), self.shapes)))


@dataclass(frozen=True, slots=True)
class Pending:
    """Stands in a preview for what a block will give."""

    is_running: bool
    """Whether it is this one that runs, or one that waits."""


Output = Stream | Display | Failure | Pending


@dataclass(frozen=True, slots=True)
class BlockResult:
    """What one block gave, in the order in which it arose."""

    outputs: tuple[Output, ...]
    seconds: float
    untraceable: tuple[tuple[str, int], ...] = ()
    """What it does that cannot be followed, and the line where."""

    packages: tuple[str, ...] = ()
    """Distributions that its code imports by itself, or draws with."""

    processor_s: float = 0.0
    """How long it has computed; unlike `seconds`, whatever else the machine has done."""
