"""Run posts on a pool and tell in short what became of them."""

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from builder.execute.pool import Runner
from builder.execute.protocol import BlockDone, BlockJob, Checkpoints, Job, PostDone, Resumed
from builder.model import Display, Stream

_SLOWEST = 3
"""So many times may a machine with much else to do take what an idle one takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What each block of a post may take."""

    timeout_s: float = 30.0
    memory_mb: int = 2_000
    output_bytes: int = 100_000
    processes: int = 64


@dataclass(slots=True)
class Outcome:
    """What a post gave, filled in while it runs."""

    fault: str | None = None
    """`block 2, line 3: message (hint)`."""

    traceback: str = ""
    blocks: list[tuple[Stream | Display, ...]] = field(default_factory=list)
    seconds: float = float("inf")
    is_done: bool = False

    @property
    def shown(self) -> list[str]:
        """The text of each block's outputs, one after the other."""
        return ["".join(map(_text, outputs)) for outputs in self.blocks]


def make_job(
    root: Path,
    name: str,
    codes: Sequence[str],
    limits: Limits,
    *,
    is_resident: bool,
    known: int = 0,
) -> Job:
    (root / "posts").mkdir(parents=True, exist_ok=True)
    (root / "posts" / "a-post.md").touch()
    return Job(
        name=f"posts/{name}.md",
        root=str(root),
        folder=str(root / "posts"),
        blocks=tuple(
            BlockJob(
                code=code,
                timeout_s=limits.timeout_s,
                memory_bytes=limits.memory_mb * 1_000_000,
                output_bytes=limits.output_bytes,
                processes=limits.processes,
            )
            for code in codes
        ),
        known=known,
        checkpoints=Checkpoints(count=12, memory_bytes=2_000_000_000) if is_resident else None,
    )


def run_jobs(pool: Runner, jobs: Iterable[Job], patience_s: float) -> dict[str, Outcome]:
    """Run jobs; what is not done after `patience_s` is stuck, and told as it is then."""
    jobs = list(jobs)
    outcomes = {_name(job): Outcome() for job in jobs}
    failures: list[BaseException] = []

    def work() -> None:
        try:
            _collect(pool, jobs, outcomes)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(patience_s * _SLOWEST)
    if failures:
        raise failures[0]
    return outcomes


def processes_naming(*words: str) -> list[str]:
    """Living processes that name one of `words`: in arguments, folder or environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                continue
            told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            told += str((folder / "cwd").readlink()).encode()
        except OSError:
            continue
        if any(word.encode() in told for word in words):
            found.append(f"{folder.name} {told[:200]!r}")
    return found


def _name(job: Job) -> str:
    return job.name.removeprefix("posts/").removesuffix(".md")


def _collect(pool: Runner, jobs: list[Job], outcomes: dict[str, Outcome]) -> None:
    began: dict[str, float] = {}
    for job, report in pool.run(jobs):
        outcome = outcomes[_name(job)]
        match report:
            case Resumed():
                began[job.name] = time.monotonic()
            case BlockDone(_, outputs):
                outcome.blocks.append(outputs)
            case PostDone(fault):
                if fault is not None:
                    hint = f" ({fault.hint})" if fault.hint else ""
                    place = f"block {fault.block + 1}, line {fault.line}"
                    outcome.fault = f"{place}: {fault.message}{hint}"
                    outcome.traceback = fault.traceback
                outcome.seconds = time.monotonic() - began.get(job.name, time.monotonic())
                outcome.is_done = True


def _text(output: Stream | Display) -> str:
    if isinstance(output, Stream):
        return output.text
    return output.content.get("text/plain", b"<figure>").decode()
