"""Find the pictures that a post refers to, and give them size and address."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from builder.cache.files import FileTimes, file_times
from builder.config import Site
from builder.errors import Location, Problem, warning
from builder.model import OutputFile, Places, Source
from builder.render.untrusted import PICTURES, is_harmless
from builder.slugs import quoted

_ATTRIBUTE = re.compile(r"""([\w:-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_IMAGE = re.compile(
    r"""<!--.*?-->|<img\b((?:[^>"']|"[^"]*"|'[^']*')*)>""", re.DOTALL | re.IGNORECASE
)

_BEFORE_A_NAME = (r"!\[[^\]]*\]\(\s*<?[^)\s>]*", r"""\ssrc=["']?[^"'>]*""", "")
"""In Markdown, in HTML, and wherever else a post may name a picture."""

_SVG_LENGTH = rb"""<svg\b[^>]*?\s%s\s*=\s*["'](\d{1,6}(?:\.\d*)?)(?:px)?["']"""


@dataclass(frozen=True, slots=True)
class _Found:
    path: Path
    address: str
    """Below the base path."""


class PictureFinder:
    """Looks for the pictures of one post.

    A relative name is looked for beside the post, a name from the root in the
    site's folder and in that of posts; Jekyll's `/_posts/` is `/posts/` here.
    """

    def __init__(self, site: Site, source: Source, address: str, problems: list[Problem]) -> None:
        self._site = site
        self._source = source
        self._places = Places(source)
        self._folder = address.rpartition("/")[0] + "/"
        self._problems = problems
        self._last_place = 0
        self.looked_at: dict[Path, FileTimes] = {}
        """Where pictures were looked for, with what was there."""

        self.files: dict[PurePosixPath, OutputFile] = {}

    def rewrite(self, page: str) -> str:
        """Complete each `<img>` in `page`; an error is told where a picture is missing."""
        return _IMAGE.sub(lambda m: m[0] if m[1] is None else self._image(m), page)

    def _image(self, match: re.Match[str]) -> str:
        attributes = _read_attributes(match[1].rstrip("/"))
        written = attributes.get("src", "")
        try:
            parts = urlsplit(written)
        except ValueError:  # such as `http://[x`
            return self._foreign(written, attributes)
        is_foreign = bool(parts.scheme or parts.netloc)
        url = self._site.config.url
        is_ours = not is_foreign or (url and f"{parts.scheme}://{parts.netloc}" == url)
        found = self._find(unquote(parts.path)) if is_ours else None
        is_harm = not is_harmless(found.path, PICTURES) if found else not is_ours
        if self._site.config.untrusted and is_harm:
            return self._refused(written)
        if found is None:
            return self._foreign(written, attributes) if is_foreign else self._missing(written)
        attributes["src"] = quoted(self._site.config.base_path + found.address)
        size = _size(found.path)
        if size and not {"width", "height"} & attributes.keys():
            attributes["width"], attributes["height"] = map(str, size)
        path = PurePosixPath(found.address.lstrip("/"))
        if not self._is_asset(found.path):
            self.files[path] = OutputFile(path, found.path.read_bytes())
        return _write_tag({"alt": "", **attributes, "loading": "lazy", "decoding": "async"})

    def _find(self, name: str) -> _Found | None:
        for path, inside, address in self._candidates(name):
            self.looked_at[path] = file_times(path)
            found = _existing(path, inside, address)
            if found is not None:
                return found
        return None

    def _candidates(self, name: str) -> Iterator[tuple[Path, Path, str]]:
        """The files that `name` may mean, the likeliest first.

        Each with the folder that may be published, and the address it would have.
        """
        base = self._site.config.base_path
        root = self._site.content_root.resolve()
        if not name.startswith("/"):
            folder = self._site.content_root / self._source.folder
            yield folder / name, root, self._folder + name
            return
        name = name.removeprefix(base) if base and name.startswith(f"{base}/") else name
        if name.startswith("/assets/"):
            assets = self._site.assets.resolve()
            yield assets / name.removeprefix("/assets/"), assets, name
        for real in (name, re.sub(r"^/_posts/", "/posts/", name), f"/posts{name}"):
            yield root / real.lstrip("/"), root, name

    def _is_asset(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self._site.assets.resolve())

    def _foreign(self, written: str, attributes: dict[str, str]) -> str:
        if not written.startswith("data:"):
            self._problems.append(
                warning(
                    "other-host",
                    f"picture {written!r} is loaded from another host",
                    self._place(written),
                    "save it beside the post",
                )
            )
        return _write_tag({"alt": "", **attributes, "loading": "lazy", "decoding": "async"})

    def _missing(self, written: str) -> str:
        name = unquote(written)
        within = name.removeprefix(f"{self._site.config.base_path}/").lstrip("/")
        self._problems.append(
            Problem(
                code="missing-picture",
                message=f"picture {name!r} does not exist" if name else "picture without a name",
                location=self._place(written),
                hint=f"put it into {self._source.folder}/"
                if not name.startswith("/")
                else f"put it at {within} in the site's folder",
            )
        )
        return f'<span class="problem">missing picture: {html.escape(name)}</span>'

    def _refused(self, written: str) -> str:
        name = unquote(written)
        self._problems.append(
            Problem(
                code="untrusted-file",
                message=f"{name!r} is not published, as the post is not trusted",
                location=self._place(written),
                hint=f"pictures lie beside the post, and may be {', '.join(sorted(PICTURES))}",
            )
        )
        return f'<span class="problem">not published: {html.escape(name)}</span>'

    def _place(self, written: str) -> Location:
        """The line of this picture: its name's next one behind the last that was looked for."""
        name = unquote(written).rpartition("/")[2]
        forms = [re.escape(form) for form in dict.fromkeys((name, quote(name))) if form]
        for before, form, start in product(_BEFORE_A_NAME, forms, (self._last_place, 0)):
            found = re.compile(before + form).search(self._source.text, start)
            if found:
                self._last_place = found.end()
                return self._places.line_of(found[0], found.start())
        return Location(self._source.path)


def _existing(path: Path, inside: Path, address: str) -> _Found | None:
    """The file, if there is one and it lies in the folder that may be published."""
    try:
        real = path.resolve()
        is_there = real.is_file() and real.is_relative_to(inside)
    except (OSError, ValueError):  # as above
        return None
    return _Found(real, "/" + "/".join(_fold(address.split("/")))) if is_there else None


def _fold(segments: list[str]) -> list[str]:
    kept: list[str] = []
    for segment in segments:
        if segment == ".." and kept:
            kept.pop()
        elif segment not in ("", ".", ".."):
            kept.append(segment)
    return kept


def _read_attributes(text: str) -> dict[str, str]:
    return {
        name.lower(): html.unescape(value[1:-1] if value[:1] in ("'", '"') else value)
        for name, value in _ATTRIBUTE.findall(text)
    }


def _write_tag(attributes: dict[str, str]) -> str:
    written = (f'{name}="{html.escape(value)}"' for name, value in attributes.items())
    return f"<img {' '.join(written)}>"


def _size(path: Path) -> tuple[int, int] | None:
    """Width and height in pixels; None where the file does not say."""
    if path.suffix.lower() == ".svg":
        head = path.read_bytes()[:4000]
        width, height = (re.search(_SVG_LENGTH % n, head) for n in (b"width", b"height"))
        return (round(float(width[1])), round(float(height[1]))) if width and height else None
    from PIL import Image  # noqa: PLC0415  # loads slowly, and many posts have no picture

    try:
        with Image.open(path) as image:
            return image.size
    except (OSError, Image.DecompressionBombError):
        return None
