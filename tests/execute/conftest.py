"""A post's blocks, run by the real stage on real pools."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath

import pytest

from builder.cache.dependencies import Surroundings
from builder.cache.results import ResultCache
from builder.cache.store import Store
from builder.config import PROJECT, Site, SiteConfig
from builder.execute.environment import post_environment
from builder.execute.execution import Execution
from builder.execute.pool import Pool
from builder.execute.stage import Executor
from builder.listening import Listener
from builder.model import BlockOptions, BlockResult, CodeBlock, FrontMatter, ParsedPost, Source
from tests.listeners import Notes

FRONT = FrontMatter(
    title="A post",
    date=date(2026, 1, 1),
    layout="post",
    description=None,
    tags=(),
    categories=(),
    is_draft=False,
    permalink=None,
    variables={},
)


def make_post(
    codes: Sequence[str], name: str = "posts/p.md", options: BlockOptions | None = None
) -> ParsedPost:
    """A post with these blocks, ten lines apart."""
    blocks = tuple(
        CodeBlock(code=code, line=10 * (n + 1), options=options or BlockOptions(), container="")
        for n, code in enumerate(codes)
    )
    source = Source(path=PurePosixPath(name), text="", named_date=date(2026, 1, 1), slug="p")
    return ParsedPost(source=source, front=FRONT, address="/p/", parts=blocks)


@dataclass
class Lab:
    """A folder with posts, a cache, and a pool that runs them."""

    root: Path
    pool: Pool
    variables: dict[str, str] = field(default_factory=lambda: {"PATH": "/bin"})
    config: SiteConfig = field(default_factory=SiteConfig)
    listener: Listener | None = None

    def write(self, name: str, content: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def execute(
        self, *posts: ParsedPost, is_fresh: bool = False, is_frozen: bool = False
    ) -> tuple[Execution, ...]:
        notes = Notes()
        self.told = notes.lines
        listener = self.listener or notes
        is_sandboxed = self.pool.is_sandboxed
        now = Surroundings(
            {"site": self.root, "project": PROJECT},
            post_environment(self.variables, is_sandboxed=is_sandboxed),
            is_sandboxed=is_sandboxed,
        )
        results = ResultCache(Store(self.root / ".cache"), now)
        site = Site(root=self.root, config=self.config)
        executor = Executor(site, self.pool, results, now, listener)
        return tuple(executor.execute(posts, is_fresh=is_fresh, is_frozen=is_frozen))

    def run(self, *codes: str, is_fresh: bool = False) -> Execution:
        (execution,) = self.execute(make_post(codes), is_fresh=is_fresh)
        return execution

    def ran(self, *codes: str) -> bool:
        """Whether anything had to run for these blocks."""
        return self.run(*codes).has_run


@pytest.fixture(scope="session")
def plain_pool() -> Iterator[Pool]:
    with Pool(str(PROJECT), 2) as pool:
        yield pool


@pytest.fixture
def resident_pool() -> Iterator[Pool]:
    with Pool(str(PROJECT), 2, is_resident=True) as pool:
        yield pool


@pytest.fixture
def make_lab(tmp_path: Path) -> Callable[[str, Pool], Lab]:
    def make(name: str, pool: Pool) -> Lab:
        (tmp_path / name / "posts").mkdir(parents=True)
        return Lab(tmp_path / name, pool)

    return make


@pytest.fixture
def lab(make_lab: Callable[[str, Pool], Lab], plain_pool: Pool) -> Lab:
    return make_lab("lab", plain_pool)


@pytest.fixture
def resident(make_lab: Callable[[str, Pool], Lab], resident_pool: Pool) -> Lab:
    return make_lab("resident", resident_pool)


def shown(execution: Execution) -> list[tuple[object, ...]]:
    """What the blocks of a post gave, without how long they took."""
    return [result.outputs for result in execution.post.results]


def text(result: BlockResult) -> str:
    """What a block has written."""
    return "".join(getattr(output, "text", "") for output in result.outputs)
