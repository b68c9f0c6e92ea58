"""The program that draws, line by line."""

import base64
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence

import matplotlib as mpl
import pytest

from builder.social import draw
from tests.unit.social.test_cards import HOSTILE, SVG


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    """Matplotlib's, as they were before."""
    with mpl.rc_context():
        yield


def _job(title: str, content: bytes | None = None, day: int = 26) -> Mapping[str, object]:
    return {
        "site_title": "One topic a day",
        "title": title,
        "day": f"{day} November 2026",
        "series": None,
        "media_type": "image/svg+xml",
        "figure": None if content is None else base64.b64encode(content).decode("ascii"),
    }


def _answers(
    jobs: Sequence[Mapping[str, object]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, bytes]]:
    """What the program says of each job: a line, and the bytes behind it."""
    said = io.BytesIO()
    lines = "".join(f"{json.dumps(job)}\n" for job in jobs).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(said, write_through=True))
    draw.main()
    said.seek(0)
    while line := said.readline().decode().strip():
        kind, _, rest = line.partition(" ")
        yield (kind, said.read(int(rest))) if kind == "ok" else (line, b"")


def test_each_job_has_its_answer_whatever_came_before(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where no font has their letters, two titles look the same: their days do not.
    titles = enumerate(HOSTILE.values(), start=1)
    jobs = [_job(title, content, day) for day, title in titles for content in (None, SVG)]
    broken = _job("broken", b"<svg")

    alone = [next(_answers([job], monkeypatch)) for job in jobs]
    together = list(_answers([*jobs, broken, jobs[0]], monkeypatch))

    assert [kind for kind, _ in alone] == ["ok"] * len(jobs)
    assert len(set(alone)) == len(jobs)
    assert together[: len(jobs)] == alone
    assert together[-1] == alone[0]
    assert together[-2][0].startswith("error ValueError: ")


def test_what_is_no_job_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ((told, _),) = _answers([{}], monkeypatch)

    assert told == "error KeyError: 'figure'"
