"""The files of `assets/`: style sheets and scripts joined, each under a name made from its content.

assets/css/*.css          joined to one style sheet, in the order of their names
assets/js/*.js            joined to one script; those in assets/js/alone/ stay alone
assets/fonts/, icon.svg   named by content, too, so that browsers keep them for good
assets/root/              copied to the root of the site: CNAME, favicon.ico, …
everything else           under its own name, for posts to refer to
"""

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote

from builder.errors import SiteError
from builder.mathjax.typeset import depth_css
from builder.model import OutputFile

_NOTES = 30
"""Footnotes of a page that may stand beside its text."""

_JOINED = (PurePosixPath("css"), PurePosixPath("js"))
_ALONE, _FONTS, _ROOT = PurePosixPath("js/alone"), PurePosixPath("fonts"), "root"
_URL = re.compile(
    r"""/\*.*?\*/|url\(\s*(?:"(?P<one>[^"]*)"|'(?P<two>[^']*)'|(?P<bare>[^"'()\s]+))\s*\)""",
    re.DOTALL,
)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/|#|$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Assets:
    """The files of `assets/`, and where each of them is."""

    files: tuple[OutputFile, ...]
    named: Mapping[str, PurePosixPath]
    """By the name in `assets/`; the joined ones are `css` and `js`."""

    immutable: tuple[PurePosixPath, ...]
    """Those whose names tell their content."""


def make_assets(folders: tuple[Path, ...]) -> Assets:
    """The files of `assets/`.

    Args:
        folders: the project's assets, and the site's own, which take the place of those with
            their names.

    Raises:
        SiteError: a style sheet or a script is not UTF-8.
    """
    paths = {
        PurePosixPath(path.relative_to(folder).as_posix()): path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    paths = dict(sorted(paths.items()))
    kept = {str(name): _kept(name, path) for name, path in paths.items() if _is_kept(name)}
    named = {name: file.path for name, file in kept.items()}
    css = _joined(paths, "css", named, f"{depth_css()}\n{notes_css()}")
    js = _joined(paths, "js", {}, "")
    named |= {"css": css.path, "js": js.path}
    return Assets(
        files=(css, js, *kept.values()),
        named=named,
        immutable=(
            css.path,
            js.path,
            *(file.path for name, file in kept.items() if _is_hashed(PurePosixPath(name))),
        ),
    )


def source_of(path: PurePosixPath) -> PurePosixPath:
    """Where the author looks for a file of the assets: those at the site's root lie in `root/`."""
    return path if path.parts[0] == "assets" else PurePosixPath("assets", _ROOT, path)


def notes_css() -> str:
    """Rules that put each footnote beside what it is of, below the one before it.

    Its place is that of an anchor, so that no script is needed; where there is no room, or a
    browser knows no anchors, footnotes stay below the text.
    """
    rules = []
    for n in range(1, _NOTES + 1):
        top = f"anchor(--ref-{n} top)"
        if n > 1:
            top = f"max({top}, anchor(--note-{n - 1} bottom) + 0.8rem)"
        rules.append(
            f".note-ref-{n}{{anchor-name:--ref-{n}}}"
            f".footnote>ol>li:nth-child({n}){{anchor-name:--note-{n};top:{top}}}"
        )
    left = "calc(50% + var(--measure)/2 + 2.4rem)"
    place = f"position:absolute;left:{left};width:12rem;font-size:.85em"
    few = f".footnote:not(:has(li:nth-child({_NOTES + 1})))"
    return (
        "@supports (anchor-name:--a){@media screen and (min-width:78rem){"
        f"{few}>hr{{display:none}}.footnote>ol>li:nth-child(-n+{_NOTES}){{{place}}}"
        f"{''.join(rules)}}}}}"
    )


def _is_kept(name: PurePosixPath) -> bool:
    is_hidden = any(part.startswith(".") for part in name.parts) and name.parts[0] != _ROOT
    return not _is_joined(name) and not is_hidden


def _is_joined(name: PurePosixPath) -> bool:
    return name.parent in _JOINED and name.suffix == f".{name.parent}"


def _is_hashed(name: PurePosixPath) -> bool:
    return name.parent in (_ALONE, _FONTS) or name == PurePosixPath("icon.svg")


def _kept(name: PurePosixPath, path: Path) -> OutputFile:
    content = path.read_bytes()
    if name.parts[0] == _ROOT:
        return OutputFile(PurePosixPath(*name.parts[1:]), content)
    if _is_hashed(name):
        return OutputFile("assets" / _hashed(PurePosixPath(name.name), content), content)
    return OutputFile("assets" / name, content)


def _joined(
    paths: Mapping[PurePosixPath, Path], kind: str, named: Mapping[str, PurePosixPath], more: str
) -> OutputFile:
    """All files of one kind as one, in the order of their names."""
    texts = [
        _read(path, name, named if kind == "css" else None)
        for name, path in paths.items()
        if _is_joined(name) and name.suffix == f".{kind}" and not name.name.startswith(".")
    ]
    content = "\n".join(filter(None, (*texts, more))).encode()
    return OutputFile("assets" / _hashed(PurePosixPath(f"site.{kind}"), content), content)


def _read(path: Path, name: PurePosixPath, named: Mapping[str, PurePosixPath] | None) -> str:
    """A file's text; in a style sheet, what it refers to by the names of `named`."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SiteError(f"assets/{name}: not UTF-8 at byte {error.start}") from None

    def renamed(match: re.Match[str]) -> str:
        whole = match["one"] or match["two"] or match["bare"]
        if not whole or _ELSEWHERE.match(whole):  # a comment, or none of ours
            return match[0]
        written = re.split("[?#]", whole, maxsplit=1)[0]
        target = named.get("/".join(_resolved(f"css/{unquote(written)}"))) if named else None
        if target is None:
            line = text.count("\n", 0, match.start()) + 1
            raise SiteError(f"assets/{name}:{line}: there is no file {written!r} in assets/")
        behind = whole.removeprefix(written)
        return f'url("{quote(posixpath.relpath(target, "assets"))}{behind}")'

    return _URL.sub(renamed, text) if named is not None else text


def _resolved(path: str) -> Iterator[str]:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return iter(parts)


def _hashed(name: PurePosixPath, content: bytes) -> PurePosixPath:
    digest = hashlib.sha256(content).hexdigest()[:12]
    return name.with_suffix(f".{digest}{name.suffix}")
