import sys
from pathlib import Path

import pytest

from benchmarks.measuring import RunError, digests, run
from benchmarks.weighing import weigh


def test_memory_is_that_of_all_processes_at_once(tmp_path: Path) -> None:
    child = "held = bytearray(60_000_000); import time; time.sleep(0.5)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]);"

    alone = run([sys.executable, "-c", child], tmp_path)
    both = run([sys.executable, "-c", f"held = bytearray(60_000_000); {code}"], tmp_path)

    assert both.peak_mb > alone.peak_mb + 50
    assert both.seconds > 0.5


def test_bytes_written_are_those_of_new_and_changed_files(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "kept").write_bytes(bytes(5_000_000))
    code = "open('new', 'wb').write(bytes(2_000_000)); import os; os.link('kept', 'linked')"

    assert run([sys.executable, "-c", code], folder).written_mb == 2.0


def test_a_failure_says_what_the_program_said_last(tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        run([sys.executable, "-c", "print('a\\n\\nb'); raise SystemExit(3)"], tmp_path)

    assert str(caught.value) == "ended with 3: a / b"


def test_digests_are_by_path(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b").write_text("x", encoding="utf-8")

    assert [*digests(tmp_path)] == ["a/b"]


def test_a_page_weighs_with_what_it_loads_of_its_own_site(tmp_path: Path) -> None:
    page = tmp_path / "posts/a.html"
    page.parent.mkdir()
    page.write_text(
        '<link rel="stylesheet" href="/s.css"><link rel="next" href="/b.html">'
        '<script src="../s.js"></script><script src="https://elsewhere.example/x.js"></script>'
        '<img src="data:image/png;base64,AA"><img src="p%20q.svg">'
        '<img class="only-dark" src="d.svg">',
        encoding="utf-8",
    )
    for name in ("s.css", "s.js", "posts/p q.svg"):
        (tmp_path / name).write_text("x", encoding="utf-8")

    weight = weigh(page, tmp_path)

    assert (weight.requests, weight.foreign) == (4, 1)
    assert 0.2 < weight.kilobytes < 0.5
