"""Let links lead where they lead: to other posts by their file names, to files beside a post."""

import html
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from builder.cache.files import FileTimes, file_times
from builder.config import Site
from builder.errors import Problem, did_you_mean
from builder.model import OutputFile, Places, PostTarget, Source
from builder.render.untrusted import FILES, is_harmless
from builder.slugs import IN_SLUG, quoted

_LINK = re.compile(
    r"""<!--.*?-->|(?P<start><a\b(?:[^>"']|"[^"]*"|'[^']*')*?\shref=)(?P<q>["'])(?P<href>.*?)(?P=q)""",
    re.DOTALL | re.IGNORECASE,
)
_WIKI_LINK = re.compile(
    r"<(?P<kind>code|pre|a)\b.*?</(?P=kind)>|<[^>]*>"
    rf"|\[\[\s*(?P<slug>{IN_SLUG}*[^\W\d]{IN_SLUG}*)(?P<rest>#(?:{IN_SLUG}|:)+)?"
    r"\s*(?:\|(?P<text>[^\[\]]*))?\]\]",
    re.DOTALL,
)
POST_ENDINGS = (".md", ".markdown")


class LinkRewriter:
    """Rewrites the links of one post.

    Args:
        site: gives the base path and the folder of posts.
        source: the post.
        address: of its page.
        targets: all posts, by their paths.
        problems: takes what leads nowhere.
    """

    def __init__(
        self,
        site: Site,
        source: Source,
        address: str,
        targets: Mapping[str, PostTarget],
        problems: list[Problem],
    ) -> None:
        self._site = site
        self._source = source
        self._places = Places(source)
        self._folder = address.rpartition("/")[0]
        self._targets = targets
        self._problems = problems
        self.looked_at: dict[Path, FileTimes] = {}
        self.files: dict[PurePosixPath, OutputFile] = {}

    def rewrite(self, page: str) -> str:
        """Complete each link in `page`, also those that name a post by its slug alone."""
        page = _LINK.sub(lambda m: m[0] if m["href"] is None else self._link(m), page)
        return _WIKI_LINK.sub(lambda m: m[0] if m["slug"] is None else self._by_slug(m), page)

    def _by_slug(self, match: re.Match[str]) -> str:
        """`[[momentum]]` or `[[momentum|the words]]`."""
        slug, words = match["slug"], (match["text"] or "").strip()
        if words.count("<") != 2 * words.count("</"):  # an element begins in it and ends elsewhere
            return match[0]
        found = [target for target in self._targets.values() if target.slug == slug]
        if len(found) != 1:
            near = did_you_mean(slug, {target.slug for target in self._targets.values()})
            self._problems.append(
                Problem(
                    code="ambiguous-post" if found else "unknown-post",
                    message=f"{f'{len(found)} posts have' if found else 'no post has'} "
                    f"the slug {slug!r}",
                    location=self._places.line_of(html.unescape(match[0])),
                    hint="link to the file of one of them"
                    if found
                    else near or "name a post's slug",
                )
            )
            return f'<span class="problem">{match[0]}</span>'
        href = quoted(self._site.config.base_path + found[0].address) + (match["rest"] or "")
        return f'<a href="{html.escape(href)}">{words or html.escape(found[0].title)}</a>'

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
            url = self._site.config.url
            if url and parts.path and f"{parts.scheme}://{parts.netloc}" == url:
                self._target(written.removeprefix(url))  # publishes what it leads to
            return written
        rest = written[len(parts.path) :]
        if parts.path.startswith("/"):
            is_whole = parts.path == base or parts.path.startswith(f"{base}/")
            self._publish_from_root(unquote(parts.path.removeprefix(base if is_whole else "")))
            return written if not base or is_whole else base + written
        name = unquote(parts.path)
        if name.endswith(POST_ENDINGS):
            address = self._post(name, written)
            return written if address is None else quoted(base + address) + rest
        self._publish(name)
        return written

    def _post(self, name: str, written: str) -> str | None:
        """The address of the post at a path relative to this one."""
        path = normpath(str(self._source.folder / name))
        target = self._targets.get(path)
        if target is None:
            names = {PurePosixPath(known).name for known in self._targets}
            self._problems.append(
                Problem(
                    code="unknown-post",
                    message=f"no post is published from {path!r}",
                    location=self._places.line_of(written),
                    hint=did_you_mean(PurePosixPath(name).name, names)
                    or "name its file, relative to this post's folder",
                )
            )
            return None
        return target.address

    def _publish_from_root(self, name: str) -> None:
        """Publish a file of the folder of posts under its own path."""
        if PurePosixPath(name).suffix and not name.endswith((*POST_ENDINGS, ".html")):
            self._publish_file(self._site.posts, name.lstrip("/"), name)

    def _publish(self, name: str) -> None:
        """Publish a file beside the post, if the link leads to one."""
        folder = self._site.content_root / self._source.folder
        self._publish_file(folder, name, f"{self._folder}/{name}")

    def _publish_file(self, folder: Path, name: str, address: str) -> None:
        path = folder / name
        self.looked_at[path] = file_times(path)
        try:
            real = path.resolve()
            is_there = real.is_file() and real.is_relative_to(folder.resolve())
        except (OSError, ValueError):  # a name too long, or with a character no file has
            return
        if is_there and self._site.config.untrusted and not is_harmless(path, FILES):
            self._problems.append(
                Problem(
                    code="untrusted-file",
                    message=f"{name!r} is not published, as the post is not trusted",
                    location=self._places.line_of(name),
                    hint=f"files may be {', '.join(sorted(FILES))}",
                )
            )
        elif is_there:
            target = PurePosixPath(normpath(address).lstrip("/"))
            self.files[target] = OutputFile(target, real.read_bytes())
