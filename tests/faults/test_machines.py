"""What a machine refuses is told with what to do, costs no page, and is over once it is allowed."""

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builder.config import PROJECT
from tests.faults.breaking import Machine, Ran, run
from tests.faults.sites import Site
from tests.serving import served

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

SMALL_BYTES = 4_000_000
SETTINGS = "social_cards = false"
RUNS = "```{python}\nprint('ran')\n```\n"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with little room, in a folder of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    kind = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_BYTES}", "none", str(folder)]
    if subprocess.run(kind, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may mount no disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def site(make_site: Callable[[str], Site]) -> Site:
    return _with_post(make_site("site"), "Words.\n")


def _with_post(site: Site, body: str) -> Site:
    site.settings(SETTINGS)
    site.post("2026-01-01-a.md", body)
    return site


def _fill(disk: Path, left: int) -> Path:
    """Fill a disk but for so many bytes; the file that does it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass
        file.truncate(file.tell() - left)
    return ballast


def _clean(make_site: Callable[[str], Site], body: str) -> Site:
    """A site of one post, built from nothing on a sound machine."""
    site = _with_post(make_site("clean"), body)
    assert run(site).status == 0
    return site


def test_a_full_disk_keeps_the_last_site_and_the_next_build_has_all(
    small_disk: Path, tmp_path: Path, make_site: Callable[[str], Site]
) -> None:
    site = _with_post(Site(small_disk / "site", tmp_path / "scratch"), "Words.\n")
    assert run(site).status == 0
    failed = 0

    for left in (0, 8_192, 20_480, 40_960, 61_440, 200_000):
        before = site.files()
        site.post("2026-01-02-b.md", f"Room: {left}, $$x_{{{left}}}$$.\n")
        ballast = _fill(small_disk, left)
        ran = run(site)
        published = site.files()
        ballast.unlink()
        again = run(site)

        if ran.status != 0:
            failed += 1
            assert ran.status == 1, ran.said
            assert "No space left on device" in ran.said
            assert "Traceback" not in ran.said
            assert published in (before, site.files())
        assert again.status == 0, again.said
        assert site.left() == []

    other = _clean(make_site, "Words.\n")
    other.post("2026-01-02-b.md", f"Room: {left}, $$x_{{{left}}}$$.\n")
    run(other)
    assert site.files() == other.files()
    assert failed >= 2


def test_a_server_on_a_full_disk_says_so_and_goes_on_once_there_is_room(
    small_disk: Path, tmp_path: Path, make_site: Callable[[str], Site]
) -> None:
    site = _with_post(Site(small_disk / "site", tmp_path / "scratch"), f"Words.\n\n{RUNS}")
    with served(site.root) as browser:
        before = site.files()
        ballast = _fill(small_disk, 4_096)
        told = browser.after(lambda: site.post("2026-01-01-a.md", f"More.\n\n{RUNS}"))
        published = site.files()
        ballast.unlink()
        again = browser.after(lambda: site.post("2026-01-01-a.md", f"Other.\n\n{RUNS}"))

    assert "No space left on device" in str(told[-1]["problems"])
    assert published == before
    assert again[-1]["problems"] == []
    assert site.files() == _clean(make_site, f"Other.\n\n{RUNS}").files()
    assert site.left() == []


@pytest.mark.parametrize("count", [5, 7, 9, 12, 16])
def test_too_few_open_files_are_told_or_enough(site: Site, count: int) -> None:
    ran = run(site, on=Machine(limits={resource.RLIMIT_NOFILE: count}))

    _is_refused_or_done(ran, site, "Too many open files")


@pytest.mark.parametrize("size", [0, 100, 3_000, 20_000])
def test_a_limit_to_the_size_of_files_is_told_or_enough(site: Site, size: int) -> None:
    ran = run(site, on=Machine(limits={resource.RLIMIT_FSIZE: size}))

    _is_refused_or_done(ran, site, "File too large")


@pytest.mark.parametrize("megabytes", [50, 60])
def test_too_little_memory_is_told_or_enough(site: Site, megabytes: int) -> None:
    site.post("2026-01-01-a.md", "Words. $$x^{2}$$\n")
    ran = run(site, on=Machine(limits={resource.RLIMIT_AS: megabytes * 1_000_000}))

    _is_refused_or_done(ran, site, "Cannot allocate memory")


def _is_refused_or_done(ran: Ran, site: Site, reason: str) -> None:
    if ran.status != 0:
        assert ran.status in (1, 2), ran.said
        assert reason in ran.said
        assert "Traceback" not in ran.said
    assert run(site).status == 0
    assert "Words." in (site.output / "2026/01/01/a/index.html").read_text()
    assert site.left() == []


@pytest.mark.parametrize(
    ("name", "mode", "told"),
    [
        ("", 0o555, "/_site cannot be written: Permission denied"),
        (".cache/v1", 0o555, "/.cache cannot be written: Permission denied; it holds the results"),
        ("_site/2026", 0o000, "/_site/2026/: Permission denied (let this user read and write"),
    ],
)
def test_where_a_right_is_missing_the_site_stays(
    site: Site, name: str, mode: int, told: str
) -> None:
    run(site)
    before = site.files()
    site.post("2026-01-01-a.md", "Other.\n")
    folder = site.root / name
    folders = [folder, *(path for path in folder.glob("*/*/") if name)]
    for path in folders:
        path.chmod(mode)

    ran = run(site, on=Machine(is_strict=True))

    for path in folders:
        path.chmod(0o755)
    assert (ran.status, told in ran.said, "Traceback" in ran.said) == (1, True, False), ran.said
    assert site.files() == before
    assert run(site).status == 0
    assert "Other." in (site.output / "2026/01/01/a/index.html").read_text()
    assert site.left() == []


def test_a_site_that_nobody_may_write_into_is_replaced_whole(site: Site) -> None:
    run(site)
    site.post("2026-01-01-a.md", "Other.\n")
    usual = site.root.stat().st_mode
    for path in (site.output, *site.output.rglob("*/")):
        path.chmod(0o555)

    ran = run(site, on=Machine(is_strict=True))

    assert ran.status == 0, ran.said
    assert "Other." in (site.output / "2026/01/01/a/index.html").read_text()
    assert site.left() == []
    assert site.root.stat().st_mode == usual


@pytest.mark.parametrize("closed", ["<&- >&- 2>&-", ">&-", "2>/dev/full"])
def test_a_build_without_streams_to_write_to_builds(site: Site, closed: str) -> None:
    site.post("2026-01-01-a.md", RUNS)
    command = f'exec "$0" "$1" --root "$2" --json {closed}'
    build = (sys.executable, str(PROJECT / "build.py"), str(site.root))

    ended = subprocess.run(["sh", "-c", command, *build], stdout=subprocess.DEVNULL, check=False)

    assert ended.returncode == 0
    assert "ran" in (site.output / "2026/01/01/a/index.html").read_text()
    assert site.left() == []
