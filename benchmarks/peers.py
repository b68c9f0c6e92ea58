"""The generators that are compared: how each is set up and called, and what it does otherwise.

All get the same posts, as far as they can read them, and whatever they have to build only what
has changed. In settings and commands, `%peers%` stands for the folder in which they are installed,
`%site%` for the site's, and `%post%` for the one post that was edited.
"""

import glob
import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import distributions
from pathlib import Path
from typing import Literal

from benchmarks import dialects
from benchmarks.dialects import Dialect

ROOT = Path(__file__).resolve().parent.parent
Kind = Literal["prose", "mathematical", "executable"]
Step = Literal["cold", "unchanged", "word", "block"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """One that is compared."""

    name: str
    package: str
    """Its name at PyPI or npm; empty where nothing is to be installed."""

    kinds: tuple[Kind, ...]
    """The posts that it can build."""

    post: str
    """Where a post lies in its site; `%name%` stands for the post's own."""

    dialect: Dialect = dialects.as_it_is
    settings: Mapping[str, str] = field(default_factory=dict)
    """Files of its site that are no posts."""

    build: str
    """The command for a site of which nothing is known."""

    rebuild: str = ""
    """The command where something is known; without one, it does not look for changes."""

    edited: str = ""
    """The command after an edit, where it is told which post that was."""

    output: str
    page: str
    """The pattern of posts' pages in the output."""

    differs: str
    """What it does otherwise than the others."""

    def command(self, step: Step, site: Path, peers: Path, post: Path) -> list[str]:
        """The command of a step; none where it has no such step."""
        text = {"cold": self.build, "unchanged": self.rebuild}.get(
            step, self.edited or self.rebuild
        )
        places = {"%peers%": peers, "%site%": site, "%post%": post.relative_to(site)}
        words = [_placed(word, places) for word in shlex.split(text)]
        return [*(glob.glob(words[0]) or words[:1]), *words[1:]] if words else []

    def version(self, peers: Path) -> str | None:
        """Its version, or nothing where it is not installed."""
        if not self.package:
            return ""
        npm = peers / "node_modules" / self.package / "package.json"
        if npm.is_file():
            return str(json.loads(npm.read_text(encoding="utf-8"))["version"])
        paths = [str(path) for path in peers.glob("lib/python*/site-packages")]
        found = distributions(name=self.package, path=paths)
        return next((each.version for each in found), None)

    def write(self, site: Path, posts: Mapping[str, str], peers: Path) -> Mapping[str, Path]:
        """Write its site, with posts given by name; return where each one lies."""
        places = {"%peers%": peers, "%site%": site}
        for name, text in self.settings.items():
            _write(site / name, _placed(text, places))
        return {name: self.save(site, name, text) for name, text in posts.items()}

    def save(self, site: Path, name: str, text: str) -> Path:
        """Write one post."""
        return _write(site / self.post.replace("%name%", name), self.dialect(text))


def _placed(text: str, places: Mapping[str, Path]) -> str:
    for name, path in places.items():
        text = text.replace(name, str(path))
    return text


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


OURS = Generator(
    name="ours",
    package="",
    kinds=("prose", "mathematical", "executable"),
    post="posts/%name%.md",
    build=f"{sys.executable} {ROOT}/build.py --root %site% --quiet",
    rebuild=f"{sys.executable} {ROOT}/build.py --root %site% --quiet",
    output="_site",
    page="*/*/*/*/index.html",
    differs="also makes a calendar, a search index, feeds with whole posts and social cards",
)

_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ TITLE }}</title></head>'
    "<body><h1>{{ TITLE }}</h1>{{ CONTENT }}</body></html>\n"
)
_LIST = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Site</title></head>'
    "<body><ul>ITEMS</ul></body></html>\n"
)

_PELICAN = Generator(
    name="Pelican",
    package="pelican",
    kinds=("prose", "mathematical"),
    post="content/%name%.md",
    settings={
        "pelicanconf.py": """\
SITENAME = "Site"
TIMEZONE = "UTC"
PATH = "content"
CACHE_CONTENT = True
LOAD_CONTENT_CACHE = True
"""
    },
    build="%peers%/bin/python -m pelican --quiet -s pelicanconf.py",
    rebuild="%peers%/bin/python -m pelican --quiet -s pelicanconf.py",
    output="output",
    page="post-*.html",
    differs="its own theme, with feeds; keeps what Markdown gave, writes each page again; "
    "formulas stay TeX",
)

_HUGO = Generator(
    name="Hugo",
    package="hugo",
    kinds=("prose", "mathematical"),
    post="content/posts/%name%.md",
    dialect=dialects.with_dollars,
    settings={
        "hugo.toml": """\
baseURL = "https://example.org/"
title = "Site"
disableKinds = ["taxonomy", "term"]
[frontmatter]
date = [":filename"]
[markup.goldmark.extensions.passthrough]
enable = true
[markup.goldmark.extensions.passthrough.delimiters]
block = [["$$", "$$"]]
inline = [["$", "$"]]
""",
        "layouts/_markup/render-passthrough.html": (
            '{{ transform.ToMath .Inner (dict "displayMode" (eq .Type "block")) }}'
        ),
        "layouts/page.html": _PAGE.replace("TITLE", ".Title").replace("CONTENT", ".Content"),
        "layouts/list.html": _LIST.replace(
            "ITEMS",
            '{{ range .Site.RegularPages }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>'
            "{{ end }}",
        ),
    },
    build="%peers%/lib/python*/site-packages/hugo/binaries/hugo --quiet --cacheDir %site%/.cache",
    rebuild="%peers%/lib/python*/site-packages/hugo/binaries/hugo --quiet --cacheDir %site%/.cache",
    output="public",
    page="posts/*/index.html",
    differs="pages without a theme, with a feed; formulas become MathML alone; renders all again",
)

_ELEVENTY = Generator(
    name="Eleventy",
    package="@11ty/eleventy",
    kinds=("prose", "mathematical"),
    post="posts/%name%.md",
    dialect=dialects.with_dollars,
    settings={
        "eleventy.config.cjs": """\
const highlight = require("%peers%/node_modules/@11ty/eleventy-plugin-syntaxhighlight");
const katex = require("%peers%/node_modules/@vscode/markdown-it-katex").default;
module.exports = (config) => {
  config.addPlugin(highlight);
  config.amendLibrary("md", (markdown) => markdown.use(katex));
};
""",
        "posts/posts.json": '{"layout": "post.html", "tags": "posts"}\n',
        "_includes/post.html": _PAGE.replace("TITLE", "title").replace("CONTENT", "content"),
        "index.html": _LIST.replace(
            "ITEMS",
            '{% for post in collections.posts %}<li><a href="{{ post.url }}">{{ post.data.title }}'
            "</a></li>{% endfor %}",
        ),
    },
    build="%peers%/node_modules/.bin/eleventy --quiet --config=eleventy.config.cjs",
    rebuild="%peers%/node_modules/.bin/eleventy --quiet --config=eleventy.config.cjs",
    output="_site",
    page="posts/*/index.html",
    differs="pages without a theme or feed; renders all again: only its server knows what changed",
)

_MYST_NB = Generator(
    name="MyST-NB",
    package="myst-nb",
    kinds=("executable",),
    post="%name%.md",
    dialect=dialects.myst,
    settings={
        # Its processes would make the cache at once, and fail.
        "conf.py": """\
from jupyter_cache import get_cache

project = "Site"
extensions = ["myst_nb"]
nb_execution_mode = "cache"
nb_execution_cache_path = "_build/.jupyter_cache"
nb_execution_raise_on_error = True
html_sidebars = {"**": []}
get_cache(nb_execution_cache_path).db
""",
        "index.rst": "Site\n====\n\n.. toctree::\n   :glob:\n\n   *\n",
    },
    build="%peers%/bin/python -m sphinx -q -b html -j 2 . _build/html -d _build/doctrees",
    rebuild="%peers%/bin/python -m sphinx -q -b html -j 2 . _build/html -d _build/doctrees",
    output="_build/html",
    page="*post-*.html",
    differs="Sphinx's theme without its list of all pages; a kernel for each post; "
    "what ran is kept by Jupyter-Cache",
)

_MARKDOWN_EXEC = Generator(
    name="markdown-exec",
    package="markdown-exec",
    kinds=("executable",),
    post="docs/%name%.md",
    dialect=dialects.markdown_exec,
    settings={
        "mkdocs.yml": """\
site_name: Site
nav: [index.md]
validation: {nav: {omitted_files: ignore}}
markdown_extensions:
  - pymdownx.superfences
plugins: [search, markdown-exec]
""",
        "docs/index.md": "# Site\n",
    },
    build="%peers%/bin/python -m mkdocs build --quiet",
    rebuild="%peers%/bin/python -m mkdocs build --quiet --dirty",
    output="site",
    page="*post-*/index.html",
    differs="MkDocs; all posts run in its own process, without isolation or limits; "
    "plots are printed by code of the post, in one theme",
)

_NBCONVERT = Generator(
    name="nbconvert",
    package="nbconvert",
    kinds=("executable",),
    post="posts/%name%.ipynb",
    dialect=dialects.notebook,
    build="%peers%/bin/python -m nbconvert --execute --to html --output-dir html"
    " --log-level ERROR posts/*.ipynb",
    edited="%peers%/bin/python -m nbconvert --execute --to html --output-dir html"
    " --log-level ERROR %post%",
    output="html",
    page="*post-*.html",
    differs="pages alone, without a list; a kernel for each post; is told which post was edited",
)

_SCRIPTS = Generator(
    name="scripts",
    package="",
    kinds=("executable",),
    post="%name%.py",
    dialect=dialects.script,
    build=f"sh -c 'for each in *.py; do {sys.executable} $each; done'",
    output=".",
    page="*.2.svg",
    differs="the blocks alone, a Python for each post: no site",
)

PEERS = (_PELICAN, _HUGO, _ELEVENTY, _MYST_NB, _MARKDOWN_EXEC, _NBCONVERT, _SCRIPTS)
