"""Let links lead where they lead: to other posts by their file names, to files beside a post."""

import html
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import quote, unquote, urlsplit

from builder.config import Site
from builder.errors import Location, Problem, did_you_mean
from builder.model import OutputFile, Source
from builder.render.pictures import FileTimes, file_times

_LINK = re.compile(
    r"""<!--.*?-->|(?P<start><a\b(?:[^>"']|"[^"]*"|'[^']*')*?\shref=)(?P<q>["'])(?P<href>.*?)(?P=q)""",
    re.DOTALL | re.IGNORECASE,
)
_POST_ENDINGS = (".md", ".markdown")


class LinkRewriter:
    """Rewrites the links of one post.

    Args:
        site: gives the base path and the folder of posts.
        source: the post.
        address: of its page.
        addresses: of all posts, by the paths of their files.
        problems: takes what leads nowhere.
    """

    def __init__(
        self,
        site: Site,
        source: Source,
        address: str,
        addresses: Mapping[str, str],
        problems: list[Problem],
    ) -> None:
        self._site = site
        self._source = source
        self._folder = address.rpartition("/")[0]
        self._addresses = addresses
        self._problems = problems
        self.looked_at: dict[Path, FileTimes] = {}
        self.files: dict[PurePosixPath, OutputFile] = {}

    def rewrite(self, page: str) -> str:
        """Complete each link in `page`."""
        return _LINK.sub(lambda m: m[0] if m["href"] is None else self._link(m), page)

    def _link(self, match: re.Match[str]) -> str:
        written = html.unescape(match["href"])
        return f"{match['start']}{match['q']}{html.escape(self._target(written))}{match['q']}"

    def _target(self, written: str) -> str:
        base = self._site.config.base_path
        try:
            parts = urlsplit(written)
        except ValueError:  # such as `http://[x`
            return written
        if parts.scheme or parts.netloc or not parts.path:
            return written
        rest = written[len(parts.path) :]
        if parts.path.startswith("/"):
            is_whole = parts.path == base or parts.path.startswith(f"{base}/")
            return written if not base or is_whole else base + written
        name = unquote(parts.path)
        if name.endswith(_POST_ENDINGS):
            address = self._post(name, written)
            return written if address is None else quote(base + address) + rest
        self._publish(name)
        return written

    def _post(self, name: str, written: str) -> str | None:
        """The address of the post at a path relative to this one."""
        path = normpath(str(self._source.folder / name))
        address = self._addresses.get(path)
        if address is None:
            names = {PurePosixPath(known).name for known in self._addresses}
            self._problems.append(
                Problem(
                    message=f"no post is published from {path!r}",
                    location=self._place(written),
                    hint=did_you_mean(PurePosixPath(name).name, names)
                    or "name its file, relative to this post's folder",
                )
            )
        return address

    def _publish(self, name: str) -> None:
        """Publish a file beside the post, if the link leads to one."""
        root = self._site.content_root.resolve()
        path = self._site.content_root / self._source.folder / name
        self.looked_at[path] = file_times(path)
        try:
            real = path.resolve()
            is_there = real.is_file() and real.is_relative_to(root / self._source.folder)
        except (OSError, ValueError):  # a name too long, or with a character no file has
            return
        if is_there:
            target = PurePosixPath(normpath(f"{self._folder}/{name}").lstrip("/"))
            self.files[target] = OutputFile(target, real.read_bytes())

    def _place(self, written: str) -> Location:
        text = self._source.text
        offset = text.find(written)
        line = text.count("\n", 0, offset) + 1 if offset >= 0 else None
        return Location(self._source.path, line)
