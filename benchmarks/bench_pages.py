"""Weigh a page, and time what is made of many posts once they are rendered.

    python -m benchmarks.bench_pages [--posts 1000]

The page is that of a post with 20 formulas and two plots. Bytes are those that a browser asks
for, compressed as hosts do. Composing is what follows rendering: pages, lists, feeds and search,
with 20 tags and 10 series, made from nothing; what rendering the same posts takes stands beside
it. Social cards are drawn by processes of their own, and are told by themselves.
"""

import argparse
import gzip
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from unittest import mock
from urllib.parse import unquote

from lxml import html

from benchmarks.make_site import blocks, prose, write_site
from builder.compose.site import Composer
from builder.config import open_site
from builder.listening import Listener
from builder.model import SiteFile
from builder.options import BuildOptions
from builder.services import open_services
from builder.session import build_with
from builder.social.posts import social_cards


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _weigh(Path(folder, "one"))
        _compose(Path(folder, "many"), options.posts)


def _weigh(root: Path) -> None:
    """Count what a browser asks for to show a post."""
    (root / "posts").mkdir(parents=True)
    formulas = [f"Here $$x_{{{n}}}^2 + \\frac{{{n}}}{{y}}$$ stands." for n in range(20)]
    fences = [f"```{{python}}\n{block}\n```" for block in blocks(1)]
    body = "\n\n".join((prose(1, 700), *formulas, *fences))
    (root / "posts/2026-01-01-a.md").write_text(f"---\ntitle: A\n---\n{body}\n", encoding="utf-8")
    _build(root)
    site = root / "_site"
    page = site / "2026/01/01/a/index.html"
    tree = html.fromstring(page.read_bytes())
    scripts = tree.xpath("//script/@src")
    loaded = [*scripts, *tree.xpath("//link[@rel='stylesheet' or @rel='icon']/@href")]
    # Of the two variants of a plot, a browser fetches the one that it shows.
    figures = tree.xpath("//main//img[not(contains(@class, 'only-dark'))]/@src")
    told = {
        "requests": 1 + len(loaded) + len(figures),
        "KB without figures": (_weight(page) + sum(_weight(_file(site, a)) for a in loaded)) / 1e3,
        "KB of figures": sum(_weight(_file(site, address)) for address in figures) / 1e3,
        "KB of JavaScript": sum(_file(site, a).stat().st_size for a in scripts) / 1e3,
        "elements": len(tree.xpath("//*")),
    }
    for name, value in told.items():
        print(f"{name:>24}: {value:.1f}" if isinstance(value, float) else f"{name:>24}: {value}")


def _file(site: Path, address: str) -> Path:
    return site / unquote(address).lstrip("/")


def _weight(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 6, mtime=0))


def _compose(root: Path, count: int) -> None:
    """Time a build from nothing part by part."""
    for number, path in enumerate(write_site(root, count, "plain")):
        text = path.read_text(encoding="utf-8")
        head = f"tags: [t{number % 20}, t{(number + 7) % 20}]\nseries: S{number % 10}\n"
        path.write_text(text.replace("---\n", f"---\n{head}", 1), encoding="utf-8")
    seconds: dict[str, float] = {}
    compose = Composer.compose
    began = time.perf_counter()

    def made_at_once(composer: Composer, *given: object) -> tuple[SiteFile, ...]:
        files: tuple[SiteFile, ...] = compose(composer, *given)  # type: ignore[arg-type]
        for file in files:
            assert file.content is not None
        return files

    with (
        mock.patch.object(Composer, "compose", _timed(made_at_once, "composing", seconds)),
        mock.patch("builder.pipeline.social_cards", _timed(social_cards, "social cards", seconds)),
    ):
        _build(root)
    seconds["all else"] = time.perf_counter() - began - sum(seconds.values())
    for name, spent in seconds.items():
        print(f"{name:>24}: {spent / count * 1e3:.2f} ms a post of {count}")


def _timed(
    work: Callable[..., object], name: str, seconds: dict[str, float]
) -> Callable[..., object]:
    def run(*given: object) -> object:
        started = time.perf_counter()
        done = work(*given)
        seconds[name] = time.perf_counter() - started
        return done

    return run


def _build(root: Path) -> None:
    site = open_site(root)
    options = BuildOptions(output=root / "_site", today=date(2100, 1, 1))
    with open_services(site) as services:
        report = build_with(services, site, options, Listener()).report
    assert report.errors == 0, report.problems


if __name__ == "__main__":
    main()
