"""Pictures that lie in the folders of a site and that nothing of it names."""

from collections.abc import Callable, Iterable, Iterator
from html import escape
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from builder.checking.built import Built, Place
from builder.config import SETTINGS_FILE, Site
from builder.discover import read_texts
from builder.errors import Location, Problem, note
from builder.model import Source

_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".bmp", ".tif", ".tiff")
_HANDLED = ("css", "js", "fonts", "root", "icon.svg")
"""What the builder itself takes from `assets/`."""

_TEXTS = (".css", ".html", ".js", ".json", ".svg", ".xml")


def unused_pictures(
    site: Site, built: Built, sources: Iterable[Source], used_by_blocks: Callable[[], set[str]]
) -> Iterator[Problem]:
    """A note for each picture that no page, post, style sheet, template or setting names.

    Args:
        site: whose folders are looked at.
        built: the site as it was built.
        sources: every post, also those that are held back.
        used_by_blocks: the files that blocks have opened, looked up only where it matters.
    """
    shown = _shown(built)
    texts = [source.text for source in sources]
    own = list(_own_texts(site.root))
    left = []
    for path in _pictures_of_posts(site):
        named = (path.name, path.parent.name + "/" + path.name)
        near = [s.text for s in sources if (site.content_root / s.folder) in path.parents]
        if not (_names(near, named[0]) or _names((*texts, *own), named[1])):
            left.append(path)
    for path in _assets(site):
        name = path.relative_to(site.root / "assets").as_posix()
        if f"assets/{name}" not in shown and not _names((*texts, *own), name):
            left.append(path)
    used = used_by_blocks() if left else set()
    for path in left:
        place = path.relative_to(site.root).as_posix()
        if place not in used:
            message = f"nothing names this picture of {_size(path)}"
            where = Location(PurePosixPath(place))
            yield note("unused-picture", message, where, "remove it, or show it in a post")


def _shown(built: Built) -> set[str]:
    """The files that any page leads to."""
    leads = (built.lead(path, link.target) for path, p in built.pages.items() for link in p.links)
    return {lead.path for lead in leads if isinstance(lead, Place)}


def _pictures_of_posts(site: Site) -> Iterator[Path]:
    """Pictures below the site's own `posts/`."""
    yield from _pictures_below(site.root / "posts")


def _assets(site: Site) -> Iterator[Path]:
    """Pictures of the site's own `assets/` that are published under their names."""
    folder = site.root / "assets"
    for path in _pictures_below(folder):
        if path.relative_to(folder).parts[0] not in _HANDLED:
            yield path


def _pictures_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in _ENDINGS and not is_hidden and path.is_file():
            yield path


def _own_texts(root: Path) -> Iterator[str]:
    """What else of a site may name a picture."""
    settings = root / SETTINGS_FILE
    if settings.is_file():
        yield settings.read_text(encoding="utf-8")
    for folder in ("templates", "_includes", "_data"):
        yield from read_texts(root / folder).values()
    for path in sorted((root / "assets").rglob("*")):
        if path.suffix in _TEXTS and path.is_file():
            yield path.read_text(encoding="utf-8", errors="replace")


def _names(texts: Iterable[str], name: str) -> bool:
    """Whether any of the texts holds a name, as it is or as addresses and HTML have it."""
    forms = {name, quote(name), escape(name)}
    return any(form in text for text in texts for form in forms)


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} KB"
