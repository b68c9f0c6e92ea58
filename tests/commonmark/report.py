"""Hold the project's Markdown against CommonMark's published examples; see README.md.

    python -m tests.commonmark.report [PATH_TO_SPEC_JSON] [--page]

Without a path, the examples come from the package that is named below. Exits with 0 where just
the examples differ that `differences.py` lists, with 1 where others do, and with 2 where the
examples cannot be had.
"""

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from unittest import mock

from builder.config import Site, SiteConfig
from builder.mathjax.engine import Engine
from builder.model import ExecutedPost, Source
from builder.parse.post import parse_post
from builder.parse.snippets import parts_of
from builder.render import post
from builder.render.pictures import PictureFinder
from tests.commonmark.differences import DIFFERENCES, Difference
from tests.commonmark.normal_form import normal_form

PACKAGE = "markdown-it-py"
VERSION = "4.3.0"
SHA256 = "91a58fa5b72c71a40cf7177250fd767480d7a2bb3ac426ccfb76fb90305fdaaa"
"""Of its source distribution, which `requirements-dev.txt` holds, too."""

EXAMPLES = "tests/test_cmark_spec/commonmark.json"
"""Where it carries them: version 0.31.2. They are under CC BY-SA and stay there."""


class UnavailableError(Exception):
    """The examples cannot be had."""


@dataclass(frozen=True, slots=True)
class Example:
    """One of CommonMark's examples."""

    number: int
    section: str
    markdown: str
    html: str


class _AnyPicture(PictureFinder):
    """Takes every picture as it is written, as if it were there."""

    def rewrite(self, page: str) -> str:
        return page


class _MemoryCache:
    """A cache for formulas that nothing outlives."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self._texts.get(key)

    def put(self, key: str, value: str) -> None:
        self._texts[key] = value


def main() -> int:
    """Print the report; return what to exit with."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("path", nargs="?", type=Path, help="examples of CommonMark as JSON")
    parser.add_argument("--page", action="store_true", help="print the tables of README.md")
    options = parser.parse_args()
    try:
        examples = read_examples(options.path.read_text("utf-8") if options.path else fetch())
    except (OSError, UnicodeDecodeError, UnavailableError) as error:
        print(f"CommonMark's examples cannot be had: {error}", file=sys.stderr)
        return 2
    known = by_number(DIFFERENCES)
    differing = find_differing(examples)
    lines = page_lines if options.page else report_lines
    print("\n".join(lines(examples, differing, known)))
    return tell_news(differing, known, {example.number for example in examples})


def fetch() -> str:
    """The examples as JSON, from the package.

    Raises:
        UnavailableError: it cannot be fetched, or is not what the hash says.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "requirements.txt").write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{SHA256}\n")
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--require-hashes", f"--no-binary={PACKAGE}"),
            *("--dest", name, "--requirement", str(folder / "requirements.txt")),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        archive = next(folder.glob("*.tar.gz"), None)
        if done.returncode or archive is None:
            told = done.stderr.strip() or "pip has left no archive"
            raise UnavailableError(f"{told}\nfetch them and name their file: {EXAMPLES}")
        with tarfile.open(archive) as opened:
            file = opened.extractfile(f"{PACKAGE.replace('-', '_')}-{VERSION}/{EXAMPLES}")
            assert file is not None  # as long as the hash is this one
            return file.read().decode()


def read_examples(text: str) -> tuple[Example, ...]:
    """CommonMark's JSON.

    Raises:
        UnavailableError: it is something else.
    """
    try:
        return tuple(
            Example(int(e["example"]), str(e["section"]), str(e["markdown"]), str(e["html"]))
            for e in json.loads(text)
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UnavailableError(f"this is not their JSON: {error!r}") from None


def by_number(differences: Iterable[Difference]) -> Mapping[int, Difference]:
    """The difference that each example belongs to.

    Raises:
        ValueError: an example belongs to two.
    """
    known: dict[int, Difference] = {}
    for difference in differences:
        for number in difference.examples:
            if number in known:
                raise ValueError(f"example {number} is listed twice")
            known[number] = difference
    return known


def find_differing(examples: Iterable[Example]) -> frozenset[int]:
    """The numbers of those that become something else in a post."""
    site = Site(root=Path(__file__).parent, config=SiteConfig())
    with mock.patch.object(post, "PictureFinder", _AnyPicture):
        renderer = post.Renderer(site, Engine(), _MemoryCache(), (), parts_of)
        return frozenset(
            example.number
            for example in examples
            if normal_form(article(example.markdown, renderer))
            != normal_form(example.html, levels_headings=True)
        )


def article(body: str, renderer: post.Renderer) -> str:
    """What a post with this text becomes."""
    source = Source(
        path=PurePosixPath("posts/2026-11-23-example.md"),
        text=f"---\ntitle: An example\n---\n{body}",
        named_date=date(2026, 11, 23),
        slug="example",
    )
    parsed = parse_post(source, SiteConfig(), ["post"], [])
    return renderer.render(ExecutedPost(parsed, ())).post.article


def report_lines(
    examples: Sequence[Example], differing: Collection[int], known: Mapping[int, Difference]
) -> Iterator[str]:
    """Each section with the examples that differ, then what the differences are."""
    for section, inside in _sections(examples):
        numbers = [number for number in inside if number in differing]
        yield f"{section}: {len(inside) - len(numbers)} of {len(inside)}"
        names = [known[n].name if n in known else "not known yet" for n in numbers]
        for name in dict.fromkeys(names):
            told = ", ".join(str(n) for n, of in zip(numbers, names, strict=True) if of == name)
            yield f"    {told}: {name}"
    yield f"\nAll: {len(examples) - len(differing)} of {len(examples)}"
    for origin, differences in _origins(known, differing):
        yield f"\n{origin}:"
        for difference, count in differences:
            yield f"    {count:3} {difference.name}: {difference.reason}"


def page_lines(
    examples: Sequence[Example], differing: Collection[int], known: Mapping[int, Difference]
) -> Iterator[str]:
    """The same as tables in Markdown."""
    yield from ("| section | pass | of |", "|---|---:|---:|")
    for section, inside in _sections(examples):
        yield f"| {section} | {sum(n not in differing for n in inside)} | {len(inside)} |"
    yield f"| **all** | **{len(examples) - len(differing)}** | **{len(examples)}** |"
    for origin, differences in _origins(known, differing):
        yield from (f"\n{origin}:\n", "| what differs | examples | why |", "|---|---:|---|")
        for difference, count in differences:
            yield f"| {difference.name} | {count} | {difference.reason} |"


def _sections(examples: Iterable[Example]) -> Iterator[tuple[str, list[int]]]:
    sections: dict[str, list[int]] = {}
    for example in examples:
        sections.setdefault(example.section, []).append(example.number)
    yield from sections.items()


def _origins(
    known: Mapping[int, Difference], differing: Collection[int]
) -> Iterator[tuple[str, list[tuple[Difference, int]]]]:
    """Differences on purpose, then others, each with so many of the examples."""
    counted = [
        (difference, sum(number in differing for number in difference.examples))
        for difference in dict.fromkeys(known.values())
    ]
    for title, is_on_purpose in (("On purpose", True), ("Through Python-Markdown", False)):
        chosen = [pair for pair in counted if pair[0].is_on_purpose == is_on_purpose]
        yield f"{title}, {sum(count for _, count in chosen)}", chosen


def tell_news(
    differing: Collection[int], known: Mapping[int, Difference], numbers: Collection[int]
) -> int:
    """Tell what is not as `differences.py` lists it; return what to exit with."""
    news = {
        "differ and are not listed": sorted(set(differing) - known.keys()),
        "are listed and pass": sorted((known.keys() & set(numbers)) - set(differing)),
        "are listed and are no examples": sorted(known.keys() - set(numbers)),
    }
    for what, which in news.items():
        if which:
            print(f"{', '.join(map(str, which))}: {what}", file=sys.stderr)
    return int(any(news.values()))


if __name__ == "__main__":
    sys.exit(main())
