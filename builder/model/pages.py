"""A post that has run, and what is made of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from builder.model.post import FrontMatter, ParsedPost
from builder.model.results import BlockResult
from builder.model.versions import Version


@dataclass(frozen=True, slots=True)
class ExecutedPost:
    """A parsed post with a result for each of its blocks that ran."""

    parsed: ParsedPost
    results: tuple[BlockResult, ...]
    """As many as `parsed.steps`, or fewer when one failed (kept going)."""

    versions: tuple[Version, ...] = ()
    """Of Python and of the packages that its code uses; none where nothing runs."""


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file of the site; only `write` puts it there."""

    path: PurePosixPath
    """Relative to the output folder."""

    content: bytes


@dataclass(frozen=True, slots=True)
class LateFile:
    """A file of the site that is made only where it is not there already."""

    path: PurePosixPath
    key: str
    """Two files with one key have the same content."""

    make: Callable[[], bytes]

    @property
    def content(self) -> bytes:
        """Its content, made now."""
        return self.make()


SiteFile = OutputFile | LateFile


@dataclass(frozen=True, kw_only=True)  # without slots it is read from disk several times faster
class Plot:
    """The first plot of a post, which stands for it in lists."""

    light: PurePosixPath
    """Its file, relative to the output folder."""

    dark: PurePosixPath | None
    """None where it has one variant only."""

    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPost:
    """A post whose article is HTML, ready to be set into pages."""

    path: PurePosixPath
    """Of the post's file, for messages."""

    front: FrontMatter
    address: str
    title: str
    """HTML of the title, with its formulas; `front.title` is plain text."""

    article: str
    """HTML of the body."""

    glyphs: Mapping[str, str]
    """Outlines of the letters in its formulas by id: the page's sprite."""

    excerpt: str
    """Plain text of the first paragraph."""

    words: int
    """How many a reader reads, code among them."""

    plot: Plot | None
    files: tuple[OutputFile, ...]
    """Figures, pictures, and the post as Markdown."""

    downloads: tuple[OutputFile, ...] = ()
    """The post in forms that run elsewhere; none where nothing runs."""

    versions: tuple[Version, ...] = ()
    """What it was made with; none where nothing runs."""


@dataclass(frozen=True, kw_only=True)  # without slots it is read from disk several times faster
class PostCard:
    """What lists, feeds and neighbours say of a post, and what tells whether it has changed."""

    path: PurePosixPath
    front: FrontMatter
    address: str
    excerpt: str
    words: int
    plot: Plot | None
    key: str
    """Another one where anything of the rendered post is another."""

    files: tuple[tuple[PurePosixPath, str], ...]
    """Figures, pictures and downloads, each with a digest of its content."""


@dataclass(frozen=True, slots=True)
class PostPage:
    """A post as pages are made of it."""

    card: PostCard
    load: Callable[[], RenderedPost]
    """The rest, which few pages need: most are what they were."""
