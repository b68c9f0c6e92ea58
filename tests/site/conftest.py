"""A blog in a folder of its own, built with the real stages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path

import pytest

from builder.cache.formulas import FormulaStore
from builder.cache.store import Store
from builder.checking.check import CheckOptions, CheckReport, check
from builder.config import PROJECT, open_site
from builder.execute.pool import Pool
from builder.listening import Listener
from builder.mathjax.engine import Engine
from builder.options import BuildOptions
from builder.report import BuildReport
from builder.services import Services
from builder.session import build_with
from builder.social.cards import Drawers

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    """One warm zygote for all tests."""
    with Pool(str(PROJECT), 2) as opened:
        yield opened


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine()


@dataclass(frozen=True)
class Blog:
    """A site's folder, and how to build it."""

    root: Path
    pool: Pool
    engine: Engine

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def post(self, name: str, body: str, head: str = "title: A post") -> Path:
        return self.write(f"posts/{name}", f"---\n{head}\n---\n{body}")

    def settings(self, text: str) -> Path:
        return self.write("pyproject.toml", f"[tool.site]\n{text}\n")

    def build(
        self,
        listener: Listener | None = None,
        *,
        has_cards: bool = False,
        **options: object,
    ) -> BuildReport:
        """Build it; social cards cost half a second, and only where a test is about them."""
        site = open_site(self.root)
        config = replace(site.config, social_cards=has_cards)
        build_options = replace(
            BuildOptions(output=self.output, today=TODAY),
            **options,  # type: ignore[arg-type]
        )
        store = self.root / ".cache"
        formulas = FormulaStore(store)
        try:
            with Drawers() as drawers:
                services = Services(self.pool, self.engine, Store(store), formulas, drawers)
                site = replace(site, config=config)
                return build_with(services, site, build_options, listener or Listener()).report
        finally:
            formulas.close()

    def check(self, wanted: CheckOptions | None = None, **options: object) -> CheckReport:
        """Check it, as `build` builds it."""

        def build(told: BuildOptions) -> BuildReport:
            return self.build(**{f.name: getattr(told, f.name) for f in fields(told)})

        build_options = replace(
            BuildOptions(output=Path(), today=TODAY),
            **options,  # type: ignore[arg-type]
        )
        return check(
            open_site(self.root), build_options, wanted or CheckOptions(), build, Listener()
        )

    @property
    def output(self) -> Path:
        return self.root / "_site"

    def page(self, address: str) -> str:
        return (self.output / address.lstrip("/") / "index.html").read_text(encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.output).as_posix(): path.read_bytes()
            for path in sorted(self.output.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def make_blog(tmp_path: Path, pool: Pool, engine: Engine) -> Callable[[str], Blog]:
    """Make blogs by name, each in a folder of its own, empty but for `posts/`."""

    def make(name: str) -> Blog:
        root = tmp_path / name
        (root / "posts").mkdir(parents=True)
        return Blog(root, pool, engine)

    return make


@pytest.fixture
def blog(make_blog: Callable[[str], Blog]) -> Blog:
    return make_blog("blog")


ARTICLE = "//article/*[not(self::header or self::footer or self::nav)]"
"""XPath of what an author has written, without what the theme sets around it."""


def told(report: BuildReport | CheckReport) -> list[str]:
    """The problems of a build as the writer reads them."""
    return [str(problem) for problem in report.problems]
