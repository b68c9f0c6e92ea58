"""What lies in the folder of a Jekyll blog; nothing in it is ever changed."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from builder.errors import SettingsError
from builder.parse.yaml_mapping import read_yaml

_POST = re.compile(r"\d{4}-\d{1,2}-\d{1,2}-.*\w.*")
_MARKDOWN = (".md", ".markdown", ".mkd", ".mkdown", ".mkdn")
_OTHER_POSTS = (".html", ".htm", ".textile", ".rst", ".org", ".adoc")
_PAGES = (*_MARKDOWN, ".html", ".htm")
_PASSED_OVER = frozenset(
    ("node_modules", "vendor", "_site", "_sass", "_plugins", "_layouts", "_includes", "_data")
)
_SITE_FILES = (".css", ".scss", ".sass", ".js", ".map", ".xml", ".rb", ".lock", ".yml", ".yaml")
_INCLUDE = re.compile(r"\{%-?\s*include(?:_cached)?\s+[\"']?([^\s\"'{%]+)")


@dataclass(frozen=True)
class JekyllFolder:
    """A Jekyll blog as it lies on disk."""

    root: Path

    @cached_property
    def config(self) -> Mapping[str, object]:
        """What `_config.yml` says.

        Raises:
            SettingsError: it cannot be read, or there is no blog here.
        """
        path = next(self._configs, None)
        if path is None:
            if self.posts:
                return {}
            raise SettingsError(f"{self.root} is no Jekyll blog: no _config.yml and no _posts")
        try:
            told = read_yaml(path.read_text(encoding="utf-8-sig", errors="replace"))
        except ValueError as error:
            raise SettingsError(f"{path} cannot be read: {error}") from None
        return told if isinstance(told, dict) else {}

    @property
    def _configs(self) -> Iterator[Path]:
        """The settings; of two files Jekyll reads the first."""
        paths = (self.root / name for name in ("_config.yml", "_config.yaml"))
        return (path for path in paths if path.is_file())

    @cached_property
    def files(self) -> tuple[PurePosixPath, ...]:
        """Every file that a page may refer to, but for what only Jekyll reads."""
        return tuple(sorted(self._walk(self.root)))

    @cached_property
    def posts(self) -> tuple[PurePosixPath, ...]:
        """The posts in Markdown below any `_posts`."""
        return tuple(p for p in self.files if _is_in(p, "_posts") and _is_post(p))

    @cached_property
    def drafts(self) -> tuple[PurePosixPath, ...]:
        """The drafts in Markdown."""
        return tuple(p for p in self.files if _is_in(p, "_drafts") and p.suffix in _MARKDOWN)

    @cached_property
    def others(self) -> tuple[tuple[PurePosixPath, str], ...]:
        """Posts and pages that are not brought over, each with the reason."""
        return tuple(self._others())

    def text(self, path: PurePosixPath) -> str:
        """The text of a file; what is no UTF-8 becomes a replacement character."""
        return (self.root / path).read_text(encoding="utf-8-sig", errors="replace")

    def theme_texts(self) -> Iterator[str]:
        """The files that may set up MathJax."""
        names = ("_includes", "_layouts", "assets", "js", "scripts")
        folders = (self.root / name for name in names)
        paths = [p for f in folders for p in sorted(f.rglob("*")) if is_plain_file(p, self.root)]
        pages = [page for page in sorted(self.root.glob("*.html")) if page.is_file()]
        for path in [*paths, *pages, *self._configs]:
            if path.suffix in (".html", ".js", ".md", ".liquid", ".yml", ".yaml"):
                yield path.read_text(encoding="utf-8", errors="replace")

    def includes_of(self, texts: Iterator[str]) -> Mapping[str, Path]:
        """The files below `_includes` that `texts` include, and what these include."""
        found: dict[str, Path] = {}
        folder = self.root / "_includes"
        waiting = [name for text in texts for name in _INCLUDE.findall(text)]
        while waiting:
            name = waiting.pop()
            path = folder / name
            if name not in found and is_plain_file(path, folder):
                found[name] = path
                waiting += _INCLUDE.findall(path.read_text(encoding="utf-8", errors="replace"))
        return dict(sorted(found.items()))

    def files_named_in(self, texts: list[str]) -> tuple[PurePosixPath, ...]:
        """The files whose names stand in `texts`: pictures, data, papers."""
        whole = "\n".join(texts)
        words = set(re.findall(r"[^\s\"'()<>\[\]{}|=,/\\]+\.\w+", whole))
        found = []
        for path in self.files:
            if path.suffix in (*_PAGES, *_SITE_FILES, *_OTHER_POSTS) or _is_in(path, "_drafts"):
                continue
            names = {path.name, quote(path.name)}
            has_space = " " in path.name and any(name in whole for name in names)
            if names & words or has_space or _is_in(path, "_posts"):
                found.append(path)
        return tuple(found)

    def _walk(self, folder: Path) -> Iterator[PurePosixPath]:
        for entry in os.scandir(folder):
            if entry.name.startswith(".") or entry.name in _PASSED_OVER or entry.is_symlink():
                continue
            if entry.is_dir():
                yield from self._walk(Path(entry.path))
            elif entry.is_file():
                yield PurePosixPath(Path(entry.path).relative_to(self.root).as_posix())

    def _others(self) -> Iterator[tuple[PurePosixPath, str]]:
        for path in self.files:
            if path in self.posts or path in self.drafts:
                continue
            if _is_in(path, "_posts") and path.suffix in _OTHER_POSTS:
                yield path, f"a post in {path.suffix[1:]}: rename it to .md, and look at it"
            elif _is_in(path, "_posts") and path.suffix in _MARKDOWN:
                yield path, "its name begins with no date, so Jekyll passes it over, too"
            elif path.suffix in _PAGES and self.text(path).startswith("---"):
                kind = "a page" if not path.parts[0].startswith("_") else "of a collection"
                yield path, f"{kind}, not a post"


def is_plain_file(path: Path, folder: Path) -> bool:
    """Whether it is a file that lies in `folder` itself and is no link to elsewhere."""
    try:
        return path.is_file() and path.resolve() == folder.resolve() / path.relative_to(folder)
    except (OSError, ValueError):  # an impossible name, or one outside
        return False


def _is_in(path: PurePosixPath, folder: str) -> bool:
    return folder in path.parts[:-1]


def _is_post(path: PurePosixPath) -> bool:
    return path.suffix in _MARKDOWN and _POST.fullmatch(path.stem) is not None
