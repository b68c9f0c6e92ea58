"""Time what a writer waits for with the page open: from a save to the changed page in Chromium.

    python -m benchmarks.bench_serve [--posts 100] [--training 5] [--saves 15]
                                     [--eleventy PROGRAM] [--zensical PROGRAM]

The peers' servers are measured in the same run, on the same posts, where their programs are named.
They set no formulas and run no blocks.
"""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from benchmarks.make_site import write_site
from benchmarks.peers import ROOT
from builder.execute import linux

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_S = 30.0
_TELL = """
{
  const told = new Set();
  const look = () => {
    for (const [, number] of (document.body?.textContent ?? "").matchAll(/saved-(\\d+)-/g)) {
      if (!told.has(number)) console.log(`seen ${number} ${Date.now()}`);
      told.add(number);
    }
  };
  const all = { childList: true, subtree: true, characterData: true };
  new MutationObserver(look).observe(document, all);
}
"""
_TRAINING = """---
title: Training
---

```{{python}}
import time
import matplotlib.pyplot as plt
```

```{{python}}
losses, end = [], time.perf_counter() + {seconds}
while time.perf_counter() < end:
    losses.append(1 / (len(losses) + 1))
```

```{{python}}
plt.plot(losses[:200])
plt.title("Loss")
plt.show()
```

```{{python}}
print("mark")
```
"""


@dataclass
class Opened:
    """A page that is open, and what it has told."""

    browser: "Browser"
    address: str
    seen: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open it."""
        self.page = self.browser.new_page()
        self.page.add_init_script(_TELL)
        self.page.on("console", self._take)
        self.page.goto(self.address)

    def _take(self, message: "ConsoleMessage") -> None:
        match = re.fullmatch(r"seen (\d+) (\d+)", message.text)
        if match:
            self.seen.setdefault(int(match[1]), int(match[2]) / 1000)

    def after(self, path: Path, text: str, number: int) -> float:
        """Seconds from a save until the page shows what was saved."""
        saved = time.time()
        path.write_text(text, encoding="utf-8")
        end = saved + _PATIENCE_S
        while number not in self.seen and time.time() < end:
            self.page.wait_for_timeout(5)
        return self.seen.get(number, float("inf")) - saved


def main() -> None:
    """Run every benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100)
    parser.add_argument("--training", type=float, default=5.0, help="seconds")
    parser.add_argument("--saves", type=int, default=15)
    parser.add_argument("--eleventy", help="the program, as node_modules/.bin/eleventy")
    parser.add_argument("--zensical", help="the program")
    options = parser.parse_args()
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        folder = Path(name)
        _bench_prose(folder, browser, options)
        _bench_training(folder, browser, options.training, options.saves)
        browser.close()


def _bench_prose(folder: Path, browser: "Browser", options: argparse.Namespace) -> None:
    site = folder / "ours"
    posts = write_site(site, options.posts, "plain")
    subprocess.run([sys.executable, "build.py", "-q", "--root", str(site)], check=True, cwd=ROOT)
    time.sleep(2.5)  # until the times of files are old enough to be trusted
    print(f"{options.posts} plain posts, a word saved")
    post = posts[len(posts) // 2]
    starts = [_start_s(site) for _ in range(5)]
    with _ours(site) as (address, process):
        opened = Opened(browser, address + _address(post))
        opened.page.wait_for_timeout(5000)
        print(f"  ours       {_told(_saves(opened, post, options.saves))}")
        print(
            f"             start to first page {median(starts):.3f} s, idle {_idle(process):.2f} %"
        )
    if options.eleventy:
        path, command, address = _eleventy(folder / "eleventy", posts, post, options.eleventy)
        _bench_peer("Eleventy", path, command, address, browser, options.saves)
    if options.zensical:
        path, command, address = _zensical(folder / "zensical", posts, post, options.zensical)
        _bench_peer("Zensical", path, command, address, browser, options.saves)


def _bench_training(folder: Path, browser: "Browser", seconds: float, saves: int) -> None:
    site = folder / "training"
    post = site / "posts/2026-01-01-training.md"
    post.parent.mkdir(parents=True)
    text = _TRAINING.format(seconds=seconds)
    post.write_text(text, encoding="utf-8")
    with _ours(site) as (address, _):
        opened = Opened(browser, address + _address(post))
        opened.page.get_by_text("mark", exact=True).wait_for(timeout=1000 * (seconds + 30))
        opened.page.wait_for_timeout(1000)
        # The code does not show what it prints until it has run.
        times = [
            opened.after(post, text.replace('"mark"', f'"saved-{n}" "-"'), n) for n in range(saves)
        ]
    print(f"the last of 4 blocks saved, where the second trains for {seconds:g} s")
    print(f"  ours       {_told(times[1:])}")


def _saves(opened: Opened, post: Path, count: int) -> list[float]:
    """A word more with each save; the first one warms up."""
    text, times = post.read_text(encoding="utf-8"), []
    for number in range(count + 1):
        times.append(opened.after(post, f"{text}\n\nsaved-{number}-now\n", number))
        opened.page.wait_for_timeout(500)
    post.write_text(text, encoding="utf-8")
    opened.page.wait_for_timeout(3000)  # what follows is not to see this build
    return times[1:]


def _told(times: Sequence[float]) -> str:
    return f"{median(times):.3f} s (from {min(times):.3f} to {max(times):.3f})"


@contextmanager
def _ours(site: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "build.py", "serve", "-q", "--port", "0", "--root", str(site)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
        process.send_signal(signal.SIGINT)


def _start_s(site: Path) -> float:
    """Seconds from the command to the first page, of a site that was built before."""
    started = time.perf_counter()
    with _ours(site) as (address, _):
        host, port = address.removeprefix("http://").rstrip("/").split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
            answer = b""
            while part := client.recv(1 << 16):
                answer += part
        seconds = time.perf_counter() - started
        assert answer.startswith(b"HTTP/1.1 200") or b"200" in answer[:20], answer[:100]
    return seconds


def _idle(process: subprocess.Popen[str]) -> float:
    """Per cent of one core that a server takes with all its processes while nothing happens."""
    family = (process.pid, *linux.descendants(process.pid))
    before = sum(map(_cpu_s, family))
    time.sleep(10)
    return 100 * (sum(map(_cpu_s, family)) - before) / 10


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _address(post: Path) -> str:
    year, month, day, slug = post.stem.split("-", 3)
    return f"{year}/{month}/{day}/{slug}/"


# ---- the peers


def _bench_peer(
    name: str, post: Path, command: list[str], address: str, browser: "Browser", saves: int
) -> None:
    folder = next(path for path in post.parents if path.name in ("eleventy", "zensical"))
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdout=quiet, stderr=quiet, cwd=folder, start_new_session=True
    ) as process:
        try:
            _wait_for(address)
            opened = Opened(browser, address)
            opened.page.wait_for_timeout(3000)
            print(f"  {name:10} {_told(_saves(opened, post, saves))}")
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _wait_for(address: str) -> None:
    host, port = re.findall(r"//([^:/]+):(\d+)", address)[0]
    end = time.time() + _PATIENCE_S
    while time.time() < end:
        try:
            socket.create_connection((host, int(port))).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(2)
            return


def _eleventy(
    folder: Path, posts: Sequence[Path], post: Path, program: str
) -> tuple[Path, list[str], str]:
    (folder / "_includes").mkdir(parents=True)
    layout = "<!doctype html><html><head><title>{{ title }}</title></head><body>{{ content }}"
    (folder / "_includes/post.html").write_text(f"{layout}</body></html>\n", encoding="utf-8")
    for path in posts:
        text = path.read_text(encoding="utf-8").replace("title:", "layout: post.html\ntitle:", 1)
        (folder / f"{path.stem}.md").write_text(text, encoding="utf-8")
    command = [os.path.abspath(program), "--serve", "--quiet", "--port=8391"]
    return folder / f"{post.stem}.md", command, f"http://localhost:8391/{post.stem}/"


def _zensical(
    folder: Path, posts: Sequence[Path], post: Path, program: str
) -> tuple[Path, list[str], str]:
    (folder / "docs").mkdir(parents=True)
    settings = '[project]\nsite_name = "Site"\ndev_addr = "127.0.0.1:8392"\n'
    (folder / "zensical.toml").write_text(settings, encoding="utf-8")
    (folder / "docs/index.md").write_text("# Home\n", encoding="utf-8")
    for path in posts:
        shutil.copy(path, folder / f"docs/{path.stem}.md")
    command = [os.path.abspath(program), "serve", "-a", "127.0.0.1:8392"]
    return folder / f"docs/{post.stem}.md", command, f"http://127.0.0.1:8392/{post.stem}/"


if __name__ == "__main__":
    main()
