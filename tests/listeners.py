"""Listeners that tests look at."""

from builder.listening import Listener


class Notes(Listener):
    """Keeps what those are told who ask."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, text: str) -> None:
        self.lines.append(text)
