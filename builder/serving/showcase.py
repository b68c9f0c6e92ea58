"""What is served: the published folder, and over it the pages that are newer."""

import threading
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote

from builder.listening import Preview
from builder.model import SiteFile

_INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Moved:
    """What is asked for has another address."""

    address: str


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the site."""

    path: PurePosixPath
    content: bytes | None
    """None where it lies on disk and is no page."""


class Showcase:
    """Finds files by their addresses.

    Args:
        output: the published folder.
        base_path: below which the site is served.
    """

    def __init__(self, output: Path, base_path: str) -> None:
        self.output = output
        self.base_path = base_path
        self._lock = threading.Lock()
        self._whole: dict[PurePosixPath, dict[str, SiteFile]] = {}
        self._parts: dict[PurePosixPath, dict[str, SiteFile]] = {}
        """Of posts of which blocks still run."""

    @property
    def home(self) -> str:
        """The address of the home page."""
        return f"{self.base_path}/"

    def show(self, preview: Preview) -> None:
        """Let the page of a post be seen before its site is published."""
        files = {str(file.path): file for file in preview.files}
        with self._lock:
            self._parts.pop(preview.post, None)
            (self._whole if preview.is_whole else self._parts)[preview.post] = files

    def drop(self, *, only_parts: bool) -> None:
        """Go back to the last good version: of posts that did not come to their end, or of all."""
        with self._lock:
            self._parts.clear()
            if not only_parts:
                self._whole.clear()

    def find(self, address: str) -> Found | Moved | None:
        """What lies at the path of an address; None where nothing of the site does."""
        if not address.startswith(self.base_path):
            return Moved(quote(self.home)) if address == "/" else None
        inner = unquote(address[len(self.base_path) :], errors="strict").lstrip("/")
        names = inner.split("/")
        if any(name in (".", "..") or "\\" in name or "\0" in name for name in names):
            return None
        if inner.endswith("/") or not inner:
            return self._file(f"{inner}{_INDEX}")
        return self._file(inner) or self._nearby(address, inner)

    def lost(self) -> bytes | None:
        """The page for an address at which nothing lies."""
        found = self._file("404.html")
        return found.content if found else None

    def _nearby(self, address: str, inner: str) -> Found | Moved | None:
        """A page whose address is told without its end."""
        if self._file(f"{inner}/{_INDEX}"):
            # With two slashes at its beginning, it would be another server's.
            return Moved(f"/{address.strip('/')}/")
        return self._file(f"{inner}.html")

    def _file(self, name: str) -> Found | None:
        newer = self._newer(name)
        if newer is not None:
            return Found(PurePosixPath(name), newer)
        path, folder = self.output / name, self.output.resolve()
        try:
            real = path.resolve(strict=True)
            if not real.is_file() or not real.is_relative_to(folder):  # a link leads out
                return None
            content = real.read_bytes() if real.suffix == ".html" else None
        except (OSError, ValueError, RuntimeError):  # the last of a link that leads to itself
            return None
        return Found(PurePosixPath(name), content)

    def _newer(self, name: str) -> bytes | None:
        with self._lock:
            for files in (*self._parts.values(), *self._whole.values()):
                if name in files:
                    return files[name].content
        return None
