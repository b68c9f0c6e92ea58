"""Listeners that tests look at."""

from builder.listening import BlockPlace, Listener, Preview


class Notes(Listener):
    """Keeps what those are told who ask."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, text: str) -> None:
        self.lines.append(text)


class Previewing(Listener):
    """Wants to see posts while they run, and keeps what it is told of their blocks."""

    wants_previews = True

    def __init__(self) -> None:
        self.began: list[BlockPlace] = []
        self.ended: list[tuple[BlockPlace, float]] = []
        self.previews: list[Preview] = []

    def block_begins(self, block: BlockPlace) -> None:
        self.began.append(block)

    def block_ended(self, block: BlockPlace, seconds: float) -> None:
        self.ended.append((block, seconds))

    def shows(self, preview: Preview) -> None:
        self.previews.append(preview)
