r"""Time hostile posts at growing sizes, beside ordinary prose of the same length.

    python -m benchmarks.bench_hostile [--short] [--only WORDS] [--limit 120] [--largest 1024]

Each input is the one post of a site that is built whole, in spite of errors, in a process of its
own, at sizes that double until a build takes seconds. The table tells of the largest: seconds of
processor time, seconds for a megabyte, how many times as long it takes as prose of that length,
the power of the length that the time grows with from the size before (1 is linear), and the most
memory held. A growth above 1.3 is marked where a build takes more than 0.2 seconds.
"""

import argparse
import io
import json
import math
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks.make_site import prose
from builder import cli

Write = Callable[[int], str | bytes]
"""Makes the body of a post of about so many bytes, or levels."""

_FLOODS = r"""
word␣× word␣word⏎× a× ⏎× a·␣×·b ␣␣␣⏎× a␣␣⏎× \× \*× \`×
-␣a⏎× -␣a⏎⏎× -␣a⏎⏎␣␣b⏎⏎× -␣a⏎␣␣-␣b⏎× 1.␣a⏎× -␣a⏎+␣b⏎× -␣[␣]␣a⏎× -␣× 1.␣× -␣a⏎⏎·␣␣a⏎⏎× -␣a⏎·␣␣a⏎×
>␣a⏎× >␣a⏎⏎× >␣a⏎b⏎⏎c⏎× >␣-␣a⏎× >× >␣× ␣␣␣␣a⏎× ␣␣␣␣a⏎⏎× >␣[!NOTE]⏎>␣a⏎⏎× >␣[!NOTE]-␣a⏎⏎×
[× ]× [×·]× (× ![× ![␣a␣× [a](× [a](<× [a](b␣"× [a][× [a]× [a№]␣× [a](b)␣× [×·](b)× ![×·](b)×
[␣[a](b)␣× [[× [[slug]]␣× [[slug№]]␣× [[slug|× [a](b.md)␣× [a](b№.md)␣× [a](b№)␣× ![a](b.png)␣×
![a](b№.png)␣× ![a](http://x/№.png)␣×
*a␣**a␣× *a␣× a*␣× *a*␣× a*× **a*␣× *a␣_b␣× *a␣_b*␣c_␣× *a␣×·a*␣× **a␣×·a**␣× a␣·*×·a ***a␣× ***×
_a␣× a_b_× _× _{a}␣× a␣·_×·a ~× a␣·~×·a ~~a␣× ~~a~~␣× ^a␣× ==a␣× a␣·`×·a `a`␣× `a␣``b␣× `×
```⏎a⏎```⏎⏎× >␣```⏎⏎× ```⏎·a⏎× ```{python}⏎·a⏎× ```⏎~~~⏎× ```python⏎·a␣=␣1⏎×·```⏎
```python⏎·a+×·⏎```⏎ ```python⏎·"×·⏎```⏎ ```python⏎·(×·⏎```⏎
```none⏎·a␣×·⏎```⏎ ```python⏎·a␣#␣<1>⏎×·```⏎
<× a␣<␣b␣× <a␣× <a␣·b␣× <a␣·b="c"␣× <a⏎× <a␣href="× <a>× <a></a>× <b>a</b>⏎× <img␣× <img␣src='×
<img␣src=a.png>⏎× <!--× <!--⏎× <!--␣-->× <!--␣-->⏎⏎× <b><!--␣-->× a␣<!--␣more␣-->⏎⏎× <div>× <div>⏎×
<div></div>⏎× <div>⏎×·</div>⏎× </div>× </div>⏎× </× </a␣× <?× <?⏎× <![CDATA[× <![CDATA[⏎× <!× <!a⏎×
<!DOCTYPE␣× <script>× <script␣src=//x/y></script>⏎⏎× <script␣src=//x/№></script>⏎⏎×
<iframe␣src=//x/№></iframe>⏎⏎× <style>⏎× <pre>⏎× <pre></pre>⏎⏎× <code>× <svg>× <p>⏎× <hr>⏎×
<details␣markdown="1">⏎⏎× <details␣markdown="1">⏎a⏎</details>⏎⏎× <details␣markdown="1">⏎⏎·a␣*b*⏎⏎×
<div>⏎·<a␣×·⏎</div> <div>⏎·<img␣×·⏎</div> <div>⏎·<!--⏎×·</div> <b>×·</a>× <div␣markdown="1">⏎<p>⏎×
<b␣markdown="1">a</b>␣× &× &amp× &amp;× &#× &#1× <http://× <a@b>× <a@×
$$× $$␣a␣× $$␣a⏎⏎× $$a$$␣× $$a$$⏎⏎× $$␣a␣·\$$␣× $a␣× $`× $`a␣× \(× \[× \\[× \(a\)␣× \begin{align}×
\begin{align}×·\end{align}× $$\begin{align}$$␣× \eqref{eq:a}␣× \eqref{eq:№}␣× $$·a+×·a$$ $$·{×·}×·$$
{× {{× {{␣a␣× {{␣a␣}}␣× {{␣page.a␣}}␣× {{␣page.a·␣× {%× {%␣a␣%}␣× {:× {:␣.a␣× {:␣.a}× a⏎{:␣.a}⏎⏎×
a⏎{:␣·a="×·} *a*{:␣.a}␣× #␣a⏎{:␣.a}⏎⏎× :× :::⏎× :::␣{.note}⏎× :::␣{.note}⏎×·:::⏎×
:::␣{.note}⏎⏎×·:::⏎× :::␣{.note}⏎a⏎:::⏎⏎× !!!␣note⏎␣␣␣␣a⏎⏎× !!!␣·a␣×·\ ???␣·a␣×·\ !!!␣a␣"×
[^1]␣× [^1]␣×·⏎⏎[^1]:␣a [^№]␣×·⏎⏎·[^№]:␣a⏎× [^№]:␣a⏎× [^№]:␣a⏎⏎× [^× a[^0]⏎⏎·[^№]:␣a[^№]⏎⏎×
[^№]:␣a⏎⏎␣␣␣␣[^x№]:␣b⏎⏎×
*[a№]:␣x⏎× *[a№]:␣x⏎⏎× *[a№]:␣x⏎×·⏎·a№␣× *[a]:␣x⏎⏎·a␣× *[× *[⏎× [a№]:␣url⏎× [a№]:␣url⏎⏎× [a]:⏎×
[a№]:␣url⏎×·⏎·[a№]␣× [a]:␣b␣·"× @fig-x␣× @fig-x№␣× @× http://× <http://x/·a/×·>
|× |⏎× `|× |a×·|⏎·|-×·|⏎ |a|b|⏎|-|-|⏎·|a|b|⏎× |a|b|⏎|-|-|⏎|·`a|b`␣×·|⏎ |a|b|⏎|-|-|⏎|·`|``|×·|⏎
|a|⏎|-|⏎|b|⏎⏎× -× ---⏎× a⏎·-␣×·a a⏎---⏎× a⏎===⏎× ===⏎× =× #× #⏎× #␣a⏎× #␣a⏎⏎× #␣a№⏎⏎× a⏎#␣a⏎× #␣·a␣×
#␣·␣#×·a #␣·<!--␣-->× #␣·{× #␣·{#a×·} [TOC]⏎⏎·#␣a⏎⏎× a⏎:␣b⏎⏎× a⏎·:␣b⏎× a⏎×·:␣b⏎
"""
"""What stands before `×` comes again and again; `№` is a number, `␣` a space, `⏎` a line end."""

_WITH_HEAD: Mapping[str, str] = {
    "math: {dollar: pandoc}": "$× $a␣× $a␣$␣× $a$␣×",
    "math: {dollar: kramdown}": "$a␣× $a$␣×",
    "liquid: true": "{{× {%× {{␣page.title␣}}␣× {%␣if␣a␣%}× {%␣raw␣%}× {%␣comment␣%}× {{␣a␣|␣b×",
}
_WITH_SETTINGS: Mapping[str, str] = {
    "smart_quotes = true": "\"× \"a\"␣'b'␣× a'× a...␣b␣--␣×",
}
_DEEPER = (
    ("-␣a⏎", "␣␣"),
    ("-␣a⏎", "␣␣␣␣"),
    ("-␣a⏎⏎", "␣␣"),
    ("1.␣a⏎", "␣␣␣"),
    ("a⏎", ">␣"),
    ("[!NOTE]⏎", ">␣"),
    ("!!!␣note⏎", "␣␣␣␣"),
    ("???␣note⏎", "␣␣␣␣"),
)
"""Lines, each one further in than the one before."""

_SHORT = frozenset(
    {
        *("prose", "one line of 10 MB", "NUL", "CRLF", "byte order marks"),
        *("bidirectional controls", "combining marks", "our own placeholders", "emoji"),
        *("lone surrogates", "[×", "(×", "![×", "[[×", "$$×", "$$␣a␣×", "$$a$$␣×", "\\(×"),
        *("\\begin{align}×", "*a␣**a␣×", "_×", "`×", "<×", "<a␣×", "<div>×", "<!--×", "{{×"),
        *("{%×", ":::␣{.note}⏎×", "|×", "#␣a⏎⏎×", "@fig-x␣×", "growing fences, none closed"),
        *(f"{line} behind {indent}, deeper and deeper" for line, indent in _DEEPER),
    }
)
_DEPTHS = (250, 500, 1000)
_LONG = (2_500_000, 5_000_000, 10_000_000)
_MEMORY = 6_000_000_000
_ENOUGH_S = 3.0
"""A build that takes longer is the last of its kind."""

_STEEP, _CLEAR, _SHORT_S = 1.3, 1.6, 0.2


@dataclass(frozen=True, slots=True)
class Hostile:
    """One kind of input."""

    name: str
    write: Write
    head: str = ""
    """Lines of the front matter."""

    settings: str = ""
    sizes: tuple[int, ...] = ()
    """What `write` is asked for; bytes from 2 KB on where there are none."""


@dataclass(frozen=True, slots=True)
class Run:
    """One build."""

    size: int
    """Of the post in bytes."""

    seconds: float
    prose_seconds: float
    peak_mb: float
    outcome: str


def main() -> None:
    """Print the table, or in a child process the runs of one input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="the inputs of the README's table")
    parser.add_argument("--only", default="", help="a part of the names of inputs")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for one build")
    parser.add_argument("--largest", type=int, default=1024, help="kilobytes")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        _work(next(each for each in hostile() if each.name == options.child), options.largest)
        return
    print("| input | KB | seconds | s/MB | × prose | growth | MB | outcome |")
    print("|---|---|---|---|---|---|---|---|")
    marked = count = 0
    chosen = (e for e in hostile() if not options.short or e.name in _SHORT)
    for each in (each for each in chosen if options.only in each.name):
        runs = _measure(each, options.limit, options.largest)
        if _is_steep(runs) and _growth(runs) < _CLEAR:  # once more: others may be in the way
            runs = _quicker(runs, _measure(each, options.limit, options.largest))
        print(_row(each, runs), flush=True)
        marked += _is_steep(runs)
        count += 1
    print(f"\n{count} inputs, {marked} marked")


def hostile() -> Iterator[Hostile]:
    """Every kind of input."""
    yield Hostile("prose", _ordinary, sizes=_LONG)
    yield Hostile("one line of 10 MB", flood("word␣×"), sizes=_LONG)
    yield from (Hostile(each, flood(each)) for each in _FLOODS.split())
    for head, floods in _WITH_HEAD.items():
        yield from (Hostile(f"{each} with {head}", flood(each), head) for each in floods.split())
    for line, floods in _WITH_SETTINGS.items():
        for each in floods.split():
            yield Hostile(f"{each} with {line}", flood(each), settings=line)
    for line, indent in _DEEPER:
        name = f"{line} behind {indent}, deeper and deeper"
        yield Hostile(name, _deeper(_plain(line), _plain(indent)), sizes=_DEPTHS)
    for mark in ("`", "*", "_", "~"):
        yield Hostile(f"growing runs of {mark}", _growing(mark, " a "))
    yield Hostile("growing fences, none closed", _growing("`", "\n", 3))
    yield Hostile("columns, and rows that leave them out", _sparse)
    yield Hostile("contents of headings, many times", _contents)
    yield Hostile("a title without end", lambda _: "a", "title: " + "a" * 100_000, sizes=(1, 1))
    yield Hostile("YAML that names itself", lambda _: "a", _aliases(), sizes=(1, 1))
    yield from (Hostile(name, partial(_again, unit)) for name, unit in _CHARACTERS.items())
    yield from (Hostile(name, partial(_again_bytes, unit)) for name, unit in _BYTES.items())


_CHARACTERS: Mapping[str, str] = {
    "tabs": "\t",
    "lines behind a tab": "\ta\n",
    "NUL": "\0",
    "control characters": "\1\2\3\4\x1b\x7f",
    "Markdown's own placeholders": "\2klzzwxh:0000\3\2wzxhzdk:0\3\2amp\3",
    "our own placeholders": "\ue0000\ue001 ",
    "private use": "".join(map(chr, range(0xE000, 0xF900))),
    "CRLF": "word word\r\n\r\n",
    "CR": "word word\r",
    "byte order marks": "\ufeff",
    "bidirectional controls": "\u202e\u2066a\u2069\u200f",
    "combining marks": "\u0301",
    "U+2028": "a\u2028",
    "U+0085, form feeds": "a\x85\x0c\x0b",
    "emoji": "\N{GRINNING FACE}\N{VARIATION SELECTOR-16}",
}
_BYTES: Mapping[str, bytes] = {
    "lone surrogates": "\ud800".encode("utf-8", "surrogatepass"),
    "Latin 1": "é".encode("latin-1"),
    "UTF-16": "a".encode("utf-16"),
}


def flood(pattern: str) -> Write:
    """What a pattern of `_FLOODS` stands for."""
    pieces = pattern.split("·")
    floods = sum(piece.endswith("×") for piece in pieces)

    def body(size: int) -> str:
        return "".join(
            _again(_plain(piece[:-1]), size // floods) if piece.endswith("×") else _plain(piece)
            for piece in pieces
        )

    return body


def _plain(pattern: str) -> str:
    return pattern.replace("␣", " ").replace("⏎", "\n")


def _again(unit: str, size: int) -> str:
    count = size // (len(unit.encode()) + 4 * unit.count("№"))
    if "№" not in unit:
        return unit * count
    return "".join(unit.replace("№", str(number)) for number in range(count))


def _again_bytes(unit: bytes, size: int) -> bytes:
    return unit * (size // len(unit))


def _ordinary(size: int) -> str:
    return prose(1, size // 5 + 80)[:size]


def _deeper(line: str, indent: str) -> Write:
    return lambda depth: "".join(indent * level + line for level in range(depth))


def _growing(mark: str, between: str, first: int = 1) -> Write:
    return lambda size: between.join(mark * n for n in range(first, math.isqrt(2 * size)))


def _sparse(size: int) -> str:
    """A table with many columns, and as many rows of one cell."""
    columns = size // 8
    return f"{'|a' * columns}|\n{'|-' * columns}|\n{'|a' + chr(10) * columns}"


def _contents(size: int) -> str:
    return "[TOC]\n\n" * (size // 14) + "# a\n\n" * (size // 10)


def _aliases() -> str:
    """Ten lists, each of ten times the one before."""
    lists = (f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10))
    return "\n".join(("a0: &a0 x", *lists, "tags: *a9"))


def _work(each: Hostile, largest: int) -> None:
    """Build an input at each of its sizes, and tell of each build in a line."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    _build(_ordinary(1000), "", "")
    for asked in each.sizes or [2048 << n for n in range((largest // 2).bit_length())]:
        body = each.write(asked)
        content = body if isinstance(body, bytes) else body.encode()
        plain_s, _ = _build(_ordinary(len(content)), "", "")
        seconds, outcome = _build(content, each.head, each.settings)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(json.dumps(asdict(Run(len(content), seconds, plain_s, peak_mb, outcome))), flush=True)
        if seconds > _ENOUGH_S and not each.sizes:
            return


def _build(body: str | bytes, head: str, settings: str) -> tuple[float, str]:
    """Seconds of a build, and how it ended."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        (site / "posts").mkdir()
        (site / "pyproject.toml").write_text(f"[tool.site]\n{settings}\n", encoding="utf-8")
        content = body if isinstance(body, bytes) else body.encode()
        front = f"---\n{head or 'title: A'}\n---\n".encode()
        (site / "posts" / "2026-01-01-hostile.md").write_bytes(front + content)
        told = io.StringIO()
        started = time.process_time()
        with redirect_stdout(told), redirect_stderr(told):
            status = cli.run(["--root", folder, "--keep-going"])
        return time.process_time() - started, _outcome(status, told.getvalue().splitlines())


def _outcome(status: int, lines: Sequence[str]) -> str:
    if status == 3:
        return f"FAULT: {lines[-2] if len(lines) > 1 else ''}"
    found = next(filter(None, (re.search(r": error\[.*?\]: (.*)", line) for line in lines)), None)
    return f"told: {found[1]}" if found else "built"


def _measure(each: Hostile, limit: float, largest: int) -> list[Run]:
    """The runs of an input, up to the one that has taken too long."""
    command = [sys.executable, "-m", "benchmarks.bench_hostile", f"--largest={largest}"]
    runs: list[Run] = []
    with subprocess.Popen(
        [*command, f"--child={each.name}"], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        while True:
            timer = threading.Timer(limit, child.kill)
            timer.start()
            line = child.stdout.readline()
            timer.cancel()
            if not line:
                break
            runs.append(Run(**json.loads(line)))
    if child.returncode:
        reason = f"no more than {limit:g} s" if child.returncode == -9 else "killed"
        last = runs[-1] if runs else Run(0, 0.0, 0.0, 0.0, "")
        runs.append(replace(last, outcome=f"STOPPED at the next size: {reason}"))
    return runs


def _quicker(runs: Sequence[Run], others: Sequence[Run]) -> list[Run]:
    return [min(pair, key=lambda run: run.seconds) for pair in zip(runs, others, strict=False)]


def _is_steep(runs: Sequence[Run]) -> bool:
    is_stopped = runs[-1].outcome.startswith("STOPPED")
    return is_stopped or (runs[-1].seconds > _SHORT_S and _growth(runs) > _STEEP)


def _growth(runs: Sequence[Run]) -> float:
    """The power of the length that the time grows with, from the last size but one."""
    sizes = {run.size: run for run in runs}
    if len(sizes) < 2:
        return math.nan
    before, last = list(sizes.values())[-2:]
    return math.log(last.seconds / before.seconds) / math.log(last.size / before.size)


def _row(each: Hostile, runs: Sequence[Run]) -> str:
    last, growth = runs[-1], f"{_growth(runs):.2f}"
    cells = (
        f"`{each.name}`".replace("|", "\\|"),
        f"{last.size / 1000:.0f}",
        f"{last.seconds:.2f}",
        f"{last.seconds / max(last.size, 1) * 1e6:.2f}",
        f"{last.seconds / max(last.prose_seconds, 1e-3):.1f}",
        f"**{growth}**" if _is_steep(runs) else growth,
        f"{last.peak_mb:.0f}",
        last.outcome[:70].replace("|", "\\|"),
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
