"""Stage 1: find the posts of a site and read them.

A post is `posts/YYYY-MM-DD-slug.md`, or `posts/YYYY-MM-DD-slug/index.md` beside
its pictures and data. Names that begin with `.` or `_` are passed over.
"""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path, PurePosixPath

from builder.cache.files import kind_of
from builder.errors import Location, PostError, Problem
from builder.model import Source

_NAME = re.compile(r"(?:(\d{4})-(\d{1,2})-(\d{1,2})-)?(.*\w.*)")
_ENDINGS = (".md", ".markdown")


def find_posts(posts: Path) -> tuple[PurePosixPath, ...]:
    """List the files of all posts below `posts`, relative to its parent, in order of name."""
    return tuple(PurePosixPath(path.relative_to(posts.parent).as_posix()) for path in _walk(posts))


def read_sources(root: Path, posts: Path, problems: list[Problem]) -> tuple[Source, ...]:
    """Read every post; those that cannot be read are told in `problems`."""
    sources = []
    for path in find_posts(posts):
        try:
            sources.append(read_source(root, path))
        except PostError as error:
            problems.append(error.problem)
    return tuple(sources)


def read_source(root: Path, path: PurePosixPath) -> Source:
    """Read one post; `path` is relative to `root`.

    Raises:
        PostError: the file cannot be read, is not UTF-8, or its name has an impossible date.
    """
    content = _read(root, path)
    named = path.parent.name if path.stem == "index" else path.stem
    match = _NAME.fullmatch(named)
    numbers = match.group(1, 2, 3) if match and match[1] else None
    return Source(
        path=path,
        text=_decode(content, path),
        named_date=_date(path, *map(int, numbers)) if numbers else None,
        slug=match[4] if match else named,
    )


def read_texts(folder: Path) -> Mapping[str, str]:
    """Read every file below `folder`, by their names relative to it; none where there is none."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8-sig", errors="replace")
        for path in paths
    }


def _walk(folder: Path) -> Iterator[Path]:
    """Posts in `folder`; a folder with an `index.md` is one post and is not searched."""
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name) if folder.is_dir() else []
    kinds = [(kind_of(entry), entry) for entry in entries if not entry.name.startswith((".", "_"))]
    for kind, entry in kinds:
        if kind == "file" and entry.name.endswith(_ENDINGS):
            yield Path(entry.path)
    for kind, entry in kinds:
        if kind == "folder":
            index = next(
                (i for i in (Path(entry.path, "index" + e) for e in _ENDINGS) if i.is_file()), None
            )
            yield from (index,) if index else _walk(Path(entry.path))


def _read(root: Path, path: PurePosixPath) -> bytes:
    try:
        return (root / path).read_bytes()
    except OSError as error:
        raise PostError(
            Problem(
                code="unreadable-file",
                message=f"cannot be read: {error.strerror}",
                location=Location(path),
            )
        ) from None


def _decode(content: bytes, path: PurePosixPath) -> str:
    """The text, with a byte order mark dropped and every line end as a line feed."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PostError(
            Problem(
                code="wrong-encoding",
                message=f"not UTF-8: byte {content[error.start]:#04x} cannot be read",
                location=Location(path, line),
                hint="save the file with the encoding UTF-8",
            )
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _date(path: PurePosixPath, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise PostError(
            Problem(
                code="wrong-value",
                message=f"impossible date {year}-{month:02}-{day:02} in the file name: {error}",
                location=Location(path),
            )
        ) from None
