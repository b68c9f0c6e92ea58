"""The curriculum of the blog: topics in layers, drawn as one inline SVG.

Sugiyama's method (IEEE Trans. SMC 11, 1981): topics get layers, edges that span layers get a
passage in each layer between, barycentres put layers in order, and cells get positions. All edges
from one topic share their passages like a trunk, so that few lines run down the page. Colours and
strokes are the style sheet's: here are only classes.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from graphlib import CycleError, TopologicalSorter
from html import escape
from itertools import accumulate, pairwise
from math import ceil, fsum
from re import findall
from unicodedata import east_asian_width

_EM = 16  # units of the drawing in an em; lengths are in units
_MOST = 5  # topics in a layer; what is more goes a layer further down
_ROOM = 60 * _EM  # the style sheet knows it, too
_BOX, _SLOT, _PASSAGE = 172, 188, 10  # widths: a box, its place, the place of a passing edge
_LETTERS, _LINE, _BASELINE, _PADDING = 14, 18, 13, 10
_LEAST_DROP, _MOST_DROP = 36, 64
_LINES, _REACH = 3, 40  # of a title; the reach of a line is in halves of a common letter
_SWEEPS, _EFFORT = 16, 30_000  # cells moved in all sweeps: a huge graph gets fewer sweeps


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What one post teaches."""

    name: str
    title: str
    """Plain text."""

    href: str
    after: tuple[str, ...]
    """Names of the topics that it builds on: all are known, and none builds on this one."""

    group: int
    """0 to 7, the colour of its series."""


def find_cycle(after: Mapping[str, Sequence[str]]) -> list[str] | None:
    """Names that each build on the next, the first one again at the end; or nothing."""
    try:
        TopologicalSorter(after).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return None


def draw(topics: Sequence[Topic], label: str) -> str:
    """Draw the topics that build on others or are built upon; nothing where there are none."""
    cells = _packed([_laid_out(together) for together in _components(topics)])
    if not cells:
        return ""
    width = round(max(cell.x + cell.half for cell in cells))
    height = 2 + max(cell.bottom for cell in cells)
    # Edges come first, so that boxes stand on them.
    edges = [_edges(cell) for cell in cells if cell.topic and cell.below]
    boxes = [_box(cell, cell.topic) for cell in cells if cell.topic]
    # The letters' size stands inside, for the em of the outer lengths is the page's.
    return (
        f'<svg class="curriculum" role="group" aria-label="{escape(label)}" '
        f'viewBox="0 -1 {width} {height}" width="{width / _EM:.1f}em" '
        f'height="{height / _EM:.1f}em">\n'
        f'<g font-size="{_LETTERS}" text-anchor="middle">\n{"".join(edges + boxes)}</g>\n</svg>\n'
    )


@dataclass(slots=True, eq=False)
class _Cell:
    """A place in a row: of a topic, or where edges pass."""

    topic: Topic | None
    half: int
    """Of its width, with the space around it."""

    above: list["_Cell"] = field(default_factory=list)
    below: list["_Cell"] = field(default_factory=list)
    x: float = 0
    top: int = 0
    bottom: int = 0

    def lead_to(self, lower: "_Cell") -> "_Cell":
        self.below.append(lower)
        lower.above.append(self)
        return lower


_Rows = list[list[_Cell]]


def _rows(topics: Sequence[Topic]) -> _Rows:
    """Topics and passages, joined so that each edge leads to the next row."""
    after = {topic.name: tuple(dict.fromkeys(topic.after)) for topic in topics}
    users: dict[str, list[str]] = {name: [] for name in after}
    for name, others in after.items():
        for other in others:
            users[other].append(name)
    row_of = _layering(after, users)
    cells = {topic.name: _Cell(topic, _SLOT // 2) for topic in topics}
    rows: _Rows = [[] for _ in range(max(row_of.values(), default=-1) + 1)]
    for name, cell in cells.items():
        rows[row_of[name]].append(cell)
    for name, cell in cells.items():
        at, row = cell, row_of[name]
        for user in sorted(users[name], key=row_of.__getitem__):
            while row < row_of[user] - 1:
                at, row = at.lead_to(_Cell(None, _PASSAGE // 2)), row + 1
                rows[row].append(at)
            at.lead_to(cells[user])
    return rows


def _layering(
    after: Mapping[str, Sequence[str]], users: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """The layer of each topic: by the longest way to it, or lower."""
    order = list(TopologicalSorter(after).static_order())
    depth, height = dict.fromkeys(order, 0), dict.fromkeys(order, 0)
    for name in order:
        depth[name] = max((depth[other] + 1 for other in after[name]), default=0)
    for name in reversed(order):
        height[name] = max((height[user] + 1 for user in users[name]), default=0)
        # Down to those who use it, where that shortens more edges than it lengthens.
        if len(users[name]) > len(after[name]):
            depth[name] = min(depth[user] for user in users[name]) - 1
    waiting = sorted(after, key=lambda name: (depth[name], -height[name]))
    return _filled_up(waiting, depth, after, users)


def _filled_up(
    order: Sequence[str],
    depth: Mapping[str, int],
    after: Mapping[str, Sequence[str]],
    users: Mapping[str, Sequence[str]],
) -> dict[str, int]:
    """The layers, where those that come last in `order` wait for one that has room for them."""
    place = {name: n for n, name in enumerate(order)}
    unmet = {name: len(its) for name, its in users.items()}
    row_of: dict[str, int] = {}
    passing: list[str] = []  # above the row, with edges to it or past it
    ready: list[str] = []
    sorter = TopologicalSorter(after)
    sorter.prepare()
    row = 0
    while sorter.is_active():
        ready = sorted((*ready, *sorter.get_ready()), key=place.__getitem__)
        chosen = [name for name in ready if depth[name] <= row][:_MOST]
        while len(chosen) > 1 and _width(chosen, passing, unmet, after) > _ROOM:
            chosen.pop()
        for name in chosen:
            row_of[name] = row
            unmet.update((other, unmet[other] - 1) for other in after[name])
        passing = [name for name in (*passing, *chosen) if unmet[name]]
        ready = [name for name in ready if name not in row_of]
        sorter.done(*chosen)
        row += 1
    return row_of


def _width(
    chosen: Sequence[str],
    passing: Sequence[str],
    unmet: Mapping[str, int],
    after: Mapping[str, Sequence[str]],
) -> int:
    """Of a row of topics and of what passes it on its way to other rows."""
    met = Counter(other for name in chosen for other in after[name])
    return len(chosen) * _SLOT + sum(unmet[name] > met[name] for name in passing) * _PASSAGE


def _uncrossed(rows: _Rows) -> _Rows:
    """The rows in the best order that sweeps of barycentres come by."""
    best, fewest = rows, _crossings(rows)
    for sweep in range(_turns(rows)):
        rows, upward = list(rows), sweep % 2
        for n in range(len(rows) - 2, -1, -1) if upward else range(1, len(rows)):
            place = {o: i for i, o in enumerate(rows[n + 1 if upward else n - 1])}
            near = {cell: cell.below if upward else cell.above for cell in rows[n]}
            centre = {c: sum(place[o] for o in near[c]) / len(near[c]) for c in near if near[c]}
            # A cell that nothing holds stays in its place; the others go around it.
            held = iter(sorted(centre, key=centre.__getitem__))
            rows[n] = [next(held) if cell in centre else cell for cell in rows[n]]
        crossings = _crossings(rows)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _turns(rows: _Rows) -> int:
    return max(2, min(_SWEEPS, _EFFORT // max(1, sum(map(len, rows)))))


def _crossings(rows: _Rows) -> int:
    count = 0
    for upper, lower in pairwise(rows):
        place, met = {cell: n for n, cell in enumerate(lower)}, list[int]()
        for cell in upper:
            ends = [place[end] for end in cell.below]
            count += sum(len(met) - bisect_right(met, end) for end in ends)
            met = sorted(met + ends)
    return count


def _spread(rows: _Rows) -> None:
    """Move each cell near those above and below it, clear of its neighbours."""
    room = max(_ROOM, *(2 * sum(cell.half for cell in row) for row in rows))
    for turn in range(_turns(rows)):
        for row in rows[::-1] if turn % 2 else rows:
            wishes = []
            for cell in row:
                near = cell.below if turn % 2 else cell.above
                wish = fsum(other.x for other in near) / len(near) if near else cell.x
                # A bend in a long edge is seen more than one at a box.
                wishes.append((wish, 1 if cell.topic and near else 4 if near else 0.25))
            for cell, x in zip(row, _settled(row, wishes, room), strict=True):
                cell.x = x
    left = min(row[0].x - row[0].half for row in rows)
    for cell in (cell for row in rows for cell in row):
        cell.x = round(cell.x - left)


def _settled(row: list[_Cell], wishes: list[tuple[float, float]], room: int) -> list[float]:
    """The places nearest to weighted wishes, in least squares, that keep order and distance.

    Without the distances it is an isotonic regression: pooling adjacent violators is exact (Barlow
    et al. 1972), and bounds then only cut it off.
    """
    offsets = list(accumulate((a.half + b.half for a, b in pairwise(row)), initial=0))
    pools: list[tuple[float, float, int]] = []  # mean, weight, cells
    for (wish, weight), offset in zip(wishes, offsets, strict=True):
        mean, total, cells = wish - offset, weight, 1
        while pools and pools[-1][0] >= mean:
            other, others, count = pools.pop()
            mean = (mean * total + other * others) / (total + others)
            total, cells = total + others, cells + count
        pools.append((mean, total, cells))
    means = [mean for mean, _, cells in pools for _ in range(cells)]
    low, high = row[0].half - room / 2, room / 2 - row[-1].half - offsets[-1]
    return [min(max(m, low), high) + offset for m, offset in zip(means, offsets, strict=True)]


def _components(topics: Sequence[Topic]) -> list[list[Topic]]:
    """The topics that hang together, without those that stand alone."""
    part = {topic.name: [topic.name] for topic in topics}
    for topic in topics:
        for name in topic.after:
            few, many = sorted((part[topic.name], part[name]), key=len)
            if few is not many:
                many += few
                part.update(dict.fromkeys(few, many))
    found: dict[str, list[Topic]] = {}
    for topic in topics:
        found.setdefault(part[topic.name][0], []).append(topic)
    return [together for together in found.values() if len(together) > 1]


def _laid_out(topics: Sequence[Topic]) -> _Rows:
    rows, y = _uncrossed(_rows(topics)), 0
    _spread(rows)
    for row in rows:
        most = max(len(_lines(cell.topic.title)) for cell in row if cell.topic)
        aside = max((abs(end.x - cell.x) for cell in row for end in cell.below), default=0)
        for cell in row:
            cell.top, cell.bottom = y, y + most * _LINE + 2 * _PADDING
        y = row[0].bottom + min(_MOST_DROP, _LEAST_DROP + round(aside / 10))
    return rows


def _packed(pieces: list[_Rows]) -> list[_Cell]:
    """The cells of all pieces, each as high up as there is room in columns of one box each."""
    widths = {id(rows): max(row[-1].x + row[-1].half for row in rows) for rows in pieces}
    spare, packed = _ROOM - _MOST * _SLOT, list[_Cell]()
    columns = [0] * ceil((max(_ROOM, *widths.values(), 0) - spare) / _SLOT)
    for rows in sorted(pieces, key=lambda rows: -rows[-1][0].bottom):
        span = min(ceil(widths[id(rows)] / _SLOT), len(columns))
        starts = range(len(columns) - span + 1)
        top, start = min((max(columns[n : n + span]), n) for n in starts)
        columns[start : start + span] = [top + rows[-1][0].bottom + _LEAST_DROP] * span
        for cell in (cell for row in rows for cell in row):
            cell.x += start * _SLOT
            cell.top += top
            cell.bottom += top
            packed.append(cell)
    return packed


def _edges(source: _Cell) -> str:
    """All edges from a topic as one path; the first one that reaches a box draws the head."""
    steps: list[str] = []
    at: _Cell | None = source
    while at:
        for end in at.below:
            middle = (at.bottom + end.top) // 2
            curve = f"C{at.x} {middle} {end.x} {middle} {end.x} {end.top}"
            steps.append(f"M{at.x} {at.bottom}{curve if at.x != end.x else f'V{end.top}'}")
            if not end.topic:
                steps.append(f"V{end.bottom}")
            elif end.above[0] is at:
                steps.append("m-4-6 4 6 4-6")
        at = next((end for end in at.below if not end.topic), None)
    return f'<path class="topic-edge" d="{"".join(steps)}"/>\n'


def _box(cell: _Cell, topic: Topic) -> str:
    lines, title = _lines(topic.title), escape(" ".join(topic.title.split()))
    first = (cell.top + cell.bottom - len(lines) * _LINE) // 2 + _BASELINE
    spans = "".join(
        f'<tspan x="{cell.x}" dy="{_LINE if n else 0}">{escape(line)}</tspan>'
        for n, line in enumerate(lines)
    )
    return (
        f'<a href="{escape(topic.href)}" class="topic topic-g{topic.group}" aria-label="{title}">'
        f"{f'<title>{title}</title>' if lines[-1].endswith('…') else ''}"
        f'<rect x="{cell.x - _BOX // 2}" y="{cell.top}" width="{_BOX}" '
        f'height="{cell.bottom - cell.top}" rx="6"/><text y="{first}">{spans}</text></a>\n'
    )


@cache
def _lines(title: str) -> tuple[str, ...]:
    """The title in at most three lines, about as long as each other."""
    words = findall(r" ?(?:[^\s-]+-*|-+)", " ".join(title.split()))
    # A word that is longer than a line may break anywhere.
    parts = [part for word in words for part in (word if _reach(word) > _REACH else [word])]
    lines = _filled(parts, _REACH)
    if len(lines) > _LINES:
        end = lines[_LINES - 1]
        while _reach(end) > _REACH - 2:
            end = end[:-1]
        return *lines[: _LINES - 1], end.rstrip() + "…"
    tries = (_filled(parts, reach) for reach in range(_reach(title) // len(lines), _REACH))
    return next((even for even in tries if len(even) == len(lines)), lines)


def _filled(parts: Sequence[str], reach: int) -> tuple[str, ...]:
    lines = [""]
    for part in parts:
        if lines[-1] and _reach(lines[-1] + part) > reach:
            lines.append(part.lstrip())
        else:
            lines[-1] += part
    return tuple(lines)


def _reach(text: str) -> int:
    """About how many halves of a common letter the text is wide."""
    thin = sum(letter in " .,:;'|!()[]iIjltfr" for letter in text)
    wide = sum(letter in "mwMW@%" or letter.isupper() for letter in text)
    full = sum(2 for letter in text if east_asian_width(letter) in "WF")
    return 2 * len(text) - thin + wide + full
