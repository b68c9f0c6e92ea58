"""The site that the browser looks at: its pages by kind, built once from `site/`."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from lxml import html

PROJECT = Path(__file__).resolve().parents[2]
POSTS = Path(__file__).with_name("site")

KINDS = (
    *("home", "post", "archive", "year", "month", "day", "tags", "tag", "series-list", "series"),
    *("topics", "search", "not-found", "redirect"),
)
"""What `<body data-page>` says; a page that leads on at once says nothing and is a redirect."""

EVERYTHING = "/2025/02/04/everything/"
PLAIN = "/2025/02/05/plain/"
HOSTILE = "/2025/02/03/hostile/"
LOST = "/no/such/page/"

_KIND = re.compile(r"<body[^>]*\bdata-page=\"([\w-]+)\"")
_LEADS_ON = re.compile(r"<meta[^>]*http-equiv=\"?refresh", re.IGNORECASE)


@dataclass(frozen=True)
class BuiltSite:
    """A site's output folder."""

    output: Path
    url: str
    """Scheme and host that its settings name."""

    @cached_property
    def files(self) -> tuple[Path, ...]:
        return tuple(sorted(path for path in self.output.rglob("*") if path.is_file()))

    @cached_property
    def trees(self) -> Mapping[str, html.HtmlElement]:
        """Every page by its address."""
        pages = [path for path in self.files if path.suffix == ".html"]
        return {self.address(path): html.fromstring(path.read_bytes()) for path in pages}

    @cached_property
    def addresses(self) -> Mapping[str, str]:
        """One address of each kind of page that there is."""
        found = {"post": EVERYTHING, "not-found": LOST}
        for path in self.files:
            if path.suffix == ".html":
                text = path.read_text(encoding="utf-8")
                told = "redirect" if _LEADS_ON.search(text) else "".join(_KIND.findall(text)[:1])
                found.setdefault(told, self.address(path))
        return found

    def address(self, path: Path) -> str:
        """Where a file is served, its name quoted as in links."""
        name = path.relative_to(self.output).as_posix()
        return "/" + quote(
            name.removesuffix("index.html")
            if name.endswith("/index.html")
            else ""
            if name == "index.html"
            else name
        )

    def text(self, name: str) -> str:
        return (self.output / name).read_text(encoding="utf-8")


def build_site(folder: Path, posts: Path = POSTS, *, is_strict: bool = True) -> BuiltSite:
    """Build a copy of a site in a folder of its own, by the command that writers use.

    Raises:
        RuntimeError: the build fails, or warns.
    """
    root, output = folder / "root", folder / "site"
    shutil.copytree(posts, root)
    command = [sys.executable, str(PROJECT / "build.py"), "--quiet"]
    command += ["--strict"] if is_strict else []
    done = subprocess.run(
        [*command, "--root", str(root), "--output", str(output)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    if done.returncode:
        raise RuntimeError(f"the site of the browser tests is not built:\n{done.stderr}")
    settings = (posts / "pyproject.toml").read_text(encoding="utf-8")
    return BuiltSite(output, re.findall(r'^url = "(.*)"', settings, re.MULTILINE)[0])
