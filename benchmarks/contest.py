"""Let generators build the same posts in turns, and keep what each build took."""

import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.findings import Built, Finding, LeftOut, Run
from benchmarks.make_site import named_posts
from benchmarks.measuring import Cost, RunError, digests, run
from benchmarks.peers import Generator, Kind, Step
from benchmarks.weighing import Weight, weigh

_TRUSTED_S = 2.5
"""Until the times of files are old enough to be trusted."""

_TRIES = 3
"""In each round, of what takes least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Generators that build the same posts."""

    kind: Kind
    posts: int
    folder: Path
    peers: Path
    rounds: int
    warms_up: bool
    """Whether each builds once before: the first time, its program is read from disk."""

    def hold(self, generators: Sequence[Generator]) -> Iterator[Finding]:
        """Let all take each step in turn, round after round; two cold builds are compared."""
        self.folder.mkdir(parents=True)
        texts = named_posts(self.posts, self.kind)
        entries = [_Entry(each, self.folder / each.name, texts, self.peers) for each in generators]
        for number, step in self._turns():
            for entry in tuple(entries):
                try:
                    taken = tuple(self._runs(entry, step, number))
                    yield from taken if number >= 0 else ()
                except RunError as error:
                    entries.remove(entry)
                    yield self._left_out(entry, str(error))
        for entry in entries:
            yield self._built(entry)
        shutil.rmtree(self.folder)

    def _turns(self) -> Iterator[tuple[int, Step]]:
        """Each step with the number of its round, which is less than 0 where it does not count."""
        if self.warms_up:
            yield -1, "cold"
        steps: tuple[Step, ...] = ("cold", "unchanged", "word")
        for number in range(self.rounds):
            for step in (*steps, "block") if self.kind == "executable" else steps:
                yield number, step

    def _runs(self, entry: "_Entry", step: Step, number: int) -> Iterator[Run]:
        for _ in range(1 if step == "cold" else _TRIES):
            cost = entry.take(step)
            if cost is not None:
                yield Run(
                    kind=self.kind,
                    posts=self.posts,
                    generator=entry.generator.name,
                    step=step,
                    round=number,
                    **asdict(cost),
                )

    def _built(self, entry: "_Entry") -> Built:
        weight, (first, *others) = entry.weight, entry.digests
        return Built(
            kind=self.kind,
            posts=self.posts,
            generator=entry.generator.name,
            files=len(first),
            megabytes=entry.size / 1e6,
            requests=weight.requests,
            page_kb=weight.kilobytes,
            foreign=weight.foreign,
            unlike=max((_unlike(first, other) for other in others), default=0),
        )

    def _left_out(self, entry: "_Entry", reason: str) -> LeftOut:
        name = entry.generator.name
        return LeftOut(kind=self.kind, posts=self.posts, generator=name, reason=reason)


class _Entry:
    """A generator with a site of its own, whose middle post is edited."""

    def __init__(
        self, generator: Generator, site: Path, texts: Mapping[str, str], peers: Path
    ) -> None:
        self.generator, self._site, self._peers = generator, site, peers
        self._places = generator.write(site, texts, peers)
        self._edited = sorted(texts, key=len)[len(texts) // 2]
        self._text = self._original = texts[self._edited]
        self._sources = {path.name for path in site.iterdir()}
        self._edits, self._built_at = 0, 0.0
        self.digests: list[Mapping[str, str]] = []
        self.size = 0
        self.weight = Weight(0, 0.0, 0)

    def take(self, step: Step) -> Cost | None:
        """Build; nothing is built where the generator has no such step.

        Raises:
            RunError: The build has failed, or is not what it should be.
        """
        command = self.generator.command(step, self._site, self._peers, self._places[self._edited])
        if not command:
            return None
        if step == "cold":
            self._forget()
        elif step == "unchanged":
            time.sleep(max(0.0, self._built_at + _TRUSTED_S - time.monotonic()))
        else:
            self._edit(step)
        cost = run(command, self._site)
        self._built_at = time.monotonic()
        self._check(step)
        return cost

    def _forget(self) -> None:
        """Leave nothing but the sources, as they were at first."""
        for path in self._site.iterdir():
            if path.name not in self._sources:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self._save(self._original)

    def _edit(self, step: Step) -> None:
        """Say `anew`, with a number, in the first paragraph or in the last block."""
        self._edits += 1
        if step == "word":
            self._save(self._text.replace(".", f" {self._mark(step)}.", 1))
        else:
            self._save(re.sub(r"'Fit.*'", f"'Fit {self._mark(step)}'", self._text))

    def _mark(self, step: Step) -> str:
        return f"{step}{self._edits}"

    def _save(self, text: str) -> None:
        self._text = text
        self.generator.save(self._site, self._edited, text)

    @property
    def _output(self) -> Path:
        return self._site / self.generator.output

    def _check(self, step: Step) -> None:
        """Make sure that each post has become a page and an edit part of it: what fails is fast."""
        pages = sorted(self._output.glob(self.generator.page))
        if len(pages) != len(self._places):
            raise RunError(f"{len(pages)} of {len(self._places)} posts have become pages")
        if step == "cold":
            self.digests.append(digests(self._output))
            self.size = sum(path.stat().st_size for path in self._output.rglob("*"))
            self.weight = weigh(pages[0], self._output)
        elif step != "unchanged":
            slug = self._edited.split("-", 3)[3]
            (page,) = (path for path in pages if re.search(rf"{slug}\b", path.as_posix()))
            if self._mark(step) not in page.read_text(encoding="utf-8"):
                raise RunError(f"the edit has not come to {page}")


def _unlike(first: Mapping[str, str], other: Mapping[str, str]) -> int:
    return sum(first.get(name) != other.get(name) for name in {**first, **other})
