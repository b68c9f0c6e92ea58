"""Bring a Jekyll blog over: copy what it is made of, and tell what needs a hand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from builder.compose.templates import layouts
from builder.config import PROJECT, open_site
from builder.discover import read_sources
from builder.errors import PostError, Problem, SettingsError
from builder.importing.jekyll.folder import JekyllFolder, is_plain_file
from builder.importing.jekyll.macros import find_macros, uses_single_dollars
from builder.importing.jekyll.running import let_run
from builder.importing.jekyll.settings import Told, settings_of, write_settings
from builder.listening import Listener
from builder.options import BuildOptions
from builder.parse.formulas import Doubt, find_formulas
from builder.pipeline import run_post
from builder.reading import Reader
from builder.services import only_build, open_services

_FRONT = re.compile(r"---[ \t]*\r?\n")
_LAYOUT = re.compile(r"(?m)\A---[ \t]*$(?:\n(?!---).*)*?\nlayout:[ \t]*[\"']?([\w./-]+)")
_VARIABLE = re.compile(r"\bsite\.([A-Za-z_]\w*)")


@dataclass
class Imported:
    """What has been done."""

    posts: list[PurePosixPath] = field(default_factory=list)
    """The posts, by their paths below the site's folder."""

    written: int = 0
    """Files that were not there before."""

    remarks: list[tuple[str, str]] = field(default_factory=list)
    """What needs a hand: a file, and what."""

    problems: list[Problem] = field(default_factory=list)
    """What the posts themselves tell when they are read here."""

    copies: dict[PurePosixPath, bytes] = field(default_factory=dict)
    """What the posts hold, as they were copied."""

    running: int = 0
    """Blocks that have been made to run."""


def import_jekyll(
    folder: Path, root: Path, today: date, *, executes: bool, listener: Listener
) -> Imported:
    """Copy the blog in `folder` into the site at `root`; nothing there is written over.

    Args:
        folder: the blog.
        root: the site's folder, which is there.
        today: of drafts that were changed later.
        executes: make running blocks of the posts' Python.
        listener: told what everyone should know.

    Raises:
        SettingsError: there is no such blog, or the site cannot be written.
    """
    if not folder.is_dir():
        raise SettingsError(f"{folder}: there is no such folder (name the blog's)")
    if folder.resolve() == root.resolve():
        raise SettingsError(f"{folder} is the site itself: name another folder with --root")
    jekyll = JekyllFolder(folder.resolve())
    _ = jekyll.config  # what is wrong with it is told before anything is written
    done = Imported()
    copy = _Copy(jekyll, root, done)
    try:
        for path in jekyll.posts:
            done.posts.append(copy.post(path))
        for path in jekyll.drafts:
            done.posts.append(copy.draft(path, today))
        texts = [jekyll.text(path) for path in (*jekyll.posts, *jekyll.drafts)]
        includes = jekyll.includes_of(iter(texts))
        for name, source in includes.items():
            copy.file(source, PurePosixPath("_includes") / name)
        texts += (p.read_text(encoding="utf-8", errors="replace") for p in includes.values())
        copy.data(texts)
        for path in jekyll.files_named_in(texts):
            copy.file(jekyll.root / path, PurePosixPath("posts") / _without_posts(path))
    except OSError as error:
        raise SettingsError(f"{error.filename} cannot be copied: {error.strerror}") from None
    done.remarks += ((str(path), reason) for path, reason in jekyll.others)
    _settings(jekyll, root, texts, done)
    if done.posts:
        if executes:
            _let_posts_run(root, done, today, listener)
        _read_again(root, done, today)
    return done


def _without_posts(path: PurePosixPath) -> PurePosixPath:
    """A path of Jekyll's, below the folder of posts."""
    return PurePosixPath(*(part for part in path.parts if part not in ("_posts", "_drafts")))


@dataclass(frozen=True)
class _Copy:
    """Copies single files of a blog."""

    jekyll: JekyllFolder
    root: Path
    done: Imported

    def post(self, path: PurePosixPath) -> PurePosixPath:
        """Copy a post as it is."""
        inner = _without_posts(path)
        target = PurePosixPath("posts") / inner.with_suffix(_ending(inner))
        self._write((self.jekyll.root / path).read_bytes(), target, path)
        if path.parts[0] != "_posts":
            folder = path.parts[0]
            self._remark(path, f"{folder!r} is a category in Jekyll: say 'categories: {folder}'")
        return target

    def draft(self, path: PurePosixPath, today: date) -> PurePosixPath:
        """Copy a draft, which here says that it is one, and its day."""
        inner = _without_posts(path)
        target = PurePosixPath("posts") / inner.with_suffix(_ending(inner))
        text = self.jekyll.text(path)
        changed = datetime.fromtimestamp((self.jekyll.root / path).stat().st_mtime, ZoneInfo("UTC"))
        head = "draft: true\n"
        if not re.search(r"(?m)^date:", text):
            head += f"date: {min(changed.date(), today)}\n"
        match = _FRONT.match(text)
        body = text[match.end() :] if match else f"---\n{text}"
        text = f"---\n{head}{body}"
        self._write(text.encode(), target, path)
        return target

    def data(self, texts: list[str]) -> None:
        """Copy what `site.data` reads."""
        folder = self.jekyll.root / "_data"
        if any("site.data" in text for text in texts):
            for source in sorted(p for p in folder.rglob("*") if is_plain_file(p, folder)):
                self.file(source, PurePosixPath("_data") / source.relative_to(folder).as_posix())

    def file(self, source: Path, target: PurePosixPath) -> None:
        """Copy a file as it is."""
        name = PurePosixPath(source.relative_to(self.jekyll.root).as_posix())
        self._write(source.read_bytes(), target, name)

    def _write(self, content: bytes, target: PurePosixPath, name: PurePosixPath) -> None:
        path = self.root / target
        self.done.copies[target] = content
        if path.exists():
            if not path.is_file() or path.read_bytes() != content:
                self._remark(name, f"{target} is there already and differs: it is kept")
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
        self.done.written += 1

    def _remark(self, path: PurePosixPath, remark: str) -> None:
        self.done.remarks.append((str(path), remark))


def _ending(path: PurePosixPath) -> str:
    return path.suffix if path.suffix in (".md", ".markdown") else ".md"


def _settings(jekyll: JekyllFolder, root: Path, texts: list[str], done: Imported) -> None:
    remarks: list[str] = []
    theme = list(jekyll.theme_texts())
    has_dollars = uses_single_dollars(theme)
    doubtful = [] if has_dollars else [text for text in texts if _has_tex_in_dollars(text)]
    if doubtful:
        remarks.append(f"$…$ looks like formulas in {len(doubtful)} files: read as such by 'math'")
    named = {match[1] for text in texts if (match := _LAYOUT.match(text))}
    known = layouts((root / "templates", PROJECT / "templates"))
    told = Told(
        variables={name for text in texts for name in _VARIABLE.findall(text)} - _OWN,
        layouts=named - known,
        macros=find_macros(theme),
        has_dollars=has_dollars or bool(doubtful),
    )
    if told.layouts:
        remarks.append(f"the layouts {', '.join(sorted(told.layouts))} are 'post' here")
    remarks += write_settings(root, settings_of(jekyll.config, told, remarks))
    done.remarks += (("_config.yml", remark) for remark in remarks)


_OWN = frozenset(
    {
        *("title", "description", "url", "baseurl", "time", "posts", "related_posts", "tags"),
        *("categories", "data", "pages", "html_pages", "static_files", "collections", "documents"),
    }
)
"""What Liquid knows of a site without any setting."""


def _has_tex_in_dollars(text: str) -> bool:
    return any(
        isinstance(found, Doubt) and "is no formula here" in found.message
        for found in find_formulas(text, None)
    )


def _read_again(root: Path, done: Imported, today: date) -> None:
    """Read the posts as a build would, for what they tell."""
    site = open_site(root)
    options = BuildOptions(output=Path(), today=today, with_drafts=True, with_future=True)
    problems: list[Problem] = []
    sources = read_sources(site.content_root, site.posts, problems)
    ours = set(done.posts)
    reader = Reader(site, sources, options)
    for source in sources:
        if source.path in ours:
            try:
                reader.parse(source, problems)
            except PostError as error:
                problems.append(error.problem)
    done.problems += _of(problems, ours)


def _let_posts_run(root: Path, done: Imported, today: date, listener: Listener) -> None:
    """Make running blocks of the Python of the posts that are as they were copied."""
    site = open_site(root)
    options = BuildOptions(output=Path(), today=today, with_drafts=True, with_future=True)
    sources = read_sources(site.content_root, site.posts, [])
    reader = Reader(site, sources, options)
    with only_build(site, listener), open_services(site) as services:
        for source in sources:
            path, copy = root / source.path, done.copies.get(source.path)
            if copy is None or copy != path.read_bytes():
                continue
            try:
                tried = let_run(source, lambda s: run_post(s, reader, services, Listener(), []))
            except PostError:  # told already
                continue
            done.running += tried.running
            done.remarks += ((str(source.path), remark) for remark in tried.remarks)
            if tried.running:
                scratch = path.with_name(f".{path.name}.new")
                scratch.write_text(tried.text, encoding="utf-8", newline="\n")
                scratch.replace(path)


def _of(problems: list[Problem], paths: set[PurePosixPath]) -> Iterator[Problem]:
    return (problem for problem in problems if problem.location.path in paths)
