"""Layers, dummies and their order: boxes stand after what they read, long edges pass through, few cross.

Sugiyama, Tagawa, Toda, Methods for visual understanding of hierarchical system structures (1981):
layers by longest path, a dummy where an edge passes a layer, sweeps of barycentres. All edges
from one box share their dummies, as they share a line until they part.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from random import Random
from typing import NamedTuple

from backtrace_cli.export.layout.content import Scene

__all__ = ["Item", "Layers", "layers_of", "levels"]

_SWEEPS = 10
_ROUNDS = 8
#: So often an order is shaken, and less often where that many lines are to be looked at.
_SHAKES, _MOST_WORK = 60, 6000
#: A graph with more edges between layers than this gets fewer sweeps.
_MANY = 2000


class Item(NamedTuple):
    """A box, or the place where the edges from ``box`` pass a layer."""

    box: int
    layer: int = -1
    """The layer that is passed; -1 of the box itself."""

    @property
    def passing(self) -> bool:
        """Is it a place on the way, and no box?"""
        return self.layer >= 0


#: Who is joined to whom over one gap: (item at the left, item at the right, port of the right one).
Links = list[tuple[Item, Item, int]]


class Layers(NamedTuple):
    """The items of each layer from top to bottom, and between two layers who is joined to whom."""

    rows: list[list[Item]]
    links: list[Links]
    """What crosses each gap."""


def layers_of(scene: Scene) -> Layers:
    """The layers of ``scene`` in an order with few crossings."""
    level = levels(scene)
    rows: list[list[Item]] = [[] for _ in range(max(level) + 1)]
    links: list[Links] = [[] for _ in rows[1:]]
    for place in range(len(scene.boxes)):
        rows[level[place]].append(Item(place))
    reach: dict[int, int] = {}
    for edge in scene.edges:
        reach[edge.child] = max(reach.get(edge.child, 0), level[edge.reader])
    for child, last in sorted(reach.items()):
        before = Item(child)
        for layer in range(level[child] + 1, last):
            item = Item(child, layer)
            rows[layer].append(item)
            links[layer - 1].append((before, item, 0))
            before = item
    for edge in scene.edges:
        layer = level[edge.reader]
        left = Item(edge.child, layer - 1 if layer - 1 > level[edge.child] else -1)
        links[layer - 1].append((left, Item(edge.reader), edge.port))
    _order(rows, links, scene)
    return Layers(rows, links)


def levels(scene: Scene) -> list[int]:
    """Each box one layer behind the last it reads; what reads nothing just before its first reader."""
    level = [0] * len(scene.boxes)
    first: dict[int, int] = {}
    reads = [False] * len(scene.boxes)
    for edge in scene.edges:  # sorted by reader, and a reader stands after what it reads
        level[edge.reader] = max(level[edge.reader], level[edge.child] + 1)
        reads[edge.reader] = True
    for edge in scene.edges:
        first[edge.child] = min(first.get(edge.child, level[edge.reader]), level[edge.reader])
    for place, found in first.items():
        if not reads[place]:
            level[place] = found - 1
    lowest = min(level)
    return [found - lowest for found in level]


def _order(rows: list[list[Item]], links: list[Links], scene: Scene) -> None:
    """Start as the formula is written, sweep to and fro, sift; keep the order with the fewest crossings."""
    ports: dict[int, int] = {}
    for edge in scene.edges:
        ports[edge.reader] = max(ports.get(edge.reader, 1), edge.port + 1)
    many = sum(map(len, links)) > _MANY
    _as_written(rows, links, scene.output)
    best, fewest = [list(row) for row in rows], _crossings(rows, links)
    for sweep in range(3 if many else _SWEEPS):
        if not fewest:
            break
        if sweep:
            down = sweep % 2 == 1
            for layer in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
                _sort(rows, links, layer, down, ports)
        if not many:
            _settled(rows, links)
        found = _crossings(rows, links)
        if found < fewest:
            best, fewest = [list(row) for row in rows], found
    best = _shaken(best, links, fewest)
    for layer, row in enumerate(best):
        rows[layer][:] = row


def _shaken(best: list[list[Item]], links: list[Links], fewest: int) -> list[list[Item]]:
    """``best`` with items moved at random and sifted again, wherever that spares crossings.

    Sweeps end where no single move helps; a few moves at once lead on. The draw is always the same.
    """
    draw = Random(0)
    for _ in range(min(_SHAKES, _MOST_WORK // max(1, sum(map(len, links))))):
        if not fewest:
            break
        rows = [list(row) for row in best]
        for row in rows:
            if len(row) > 1 and draw.random() < 0.5:
                row.insert(draw.randrange(len(row)), row.pop(draw.randrange(len(row))))
        _settled(rows, links)
        found = _crossings(rows, links)
        if found <= fewest:
            best, fewest = rows, found
    return best


def _as_written(rows: list[list[Item]], links: list[Links], output: int) -> None:
    """Order each layer as its items come when the formula is read from its output on, argument by argument.

    Of a formula without forks this has no crossings at all.
    """
    reads: dict[Item, list[tuple[int, Item]]] = {}
    for gap in links:
        for left, right, port in gap:
            reads.setdefault(right, []).append((port, left))
    rank: dict[Item, int] = {}
    waiting = [Item(output)]
    while waiting:
        item = waiting.pop()
        if item in rank:
            continue
        rank[item] = len(rank)
        waiting += [left for _, left in sorted(reads.get(item, ()), reverse=True)]
    for row in rows:
        row.sort(key=lambda item: rank.get(item, len(rank)))


def _settled(rows: list[list[Item]], links: list[Links]) -> None:
    """Sift layer by layer until nothing moves."""
    for _ in range(_ROUNDS):
        moved = [_sift(rows, links, layer) for layer in range(len(rows) - 1, -1, -1)]
        if not any(moved):
            break


def _sift(rows: list[list[Item]], links: list[Links], layer: int) -> bool:
    """Move each item of a layer to where it crosses least; did any move?"""
    row = rows[layer]
    if len(row) < 2:
        return False
    before = {item: place for place, item in enumerate(rows[layer - 1])} if layer else {}
    after = {item: place for place, item in enumerate(rows[layer + 1])} if layer + 1 < len(rows) else {}
    ends: dict[Item, tuple[list[tuple[int, int]], list[tuple[int, int]]]] = {item: ([], []) for item in row}
    for left, right, _ in links[layer - 1] if layer else ():
        ends[right][0].append((before[left], 0))
    for left, right, port in links[layer] if after else ():
        ends[left][1].append((after[right], port))
    gain = {
        (a, b): sum(_more(ends[a][side], ends[b][side]) for side in (0, 1))
        for a in row for b in row if a is not b
    }  # fmt: skip
    any_moved = False
    for item in list(row):
        at = row.index(item)
        best, least = at, 0
        for step, places in ((-1, range(at - 1, -1, -1)), (1, range(at + 1, len(row)))):
            change = 0
            for place in places:
                other = row[place]
                change += (gain[item, other] - gain[other, item]) * -step
                if change < least:
                    best, least = place, change
        if best != at:
            row.insert(best, row.pop(at))
            any_moved = True
    return any_moved


def _more(above: list[tuple[int, int]], below: list[tuple[int, int]]) -> int:
    """How many lines from an upper item cross lines from a lower one."""
    return sum(a > b for a in above for b in below)


def _sort(rows: list[list[Item]], links: list[Links], layer: int, down: bool, ports: dict[int, int]) -> None:
    """Order a layer by the mean place of what its items are joined to."""
    near = {item: place for place, item in enumerate(rows[layer - 1 if down else layer + 1])}
    sums: dict[Item, list[float]] = {}
    for left, right, port in links[layer - 1 if down else layer]:
        share = 0.0 if right.passing else (port + 1) / (ports.get(right.box, 1) + 1) - 0.5
        if down:  # a low port wants its item higher
            sums.setdefault(right, []).append(near[left] - share / 2)
        else:
            sums.setdefault(left, []).append(near[right] + share)
    here = {item: float(place) for place, item in enumerate(rows[layer])}
    key = {item: sum(sums[item]) / len(sums[item]) if item in sums else here[item] for item in here}
    rows[layer].sort(key=key.__getitem__)


def _ends(left: list[Item], right: list[Item], links: Links) -> list[tuple[int, tuple[int, int]]]:
    first = {item: place for place, item in enumerate(left)}
    second = {item: place for place, item in enumerate(right)}
    return sorted((first[a], (second[b], port)) for a, b, port in links)


def _crossings(rows: list[list[Item]], links: list[Links]) -> int:
    """How many pairs of edges cross between neighbouring layers."""
    return sum(_between(rows[gap], rows[gap + 1], found) for gap, found in enumerate(links))


def _between(left: list[Item], right: list[Item], links: Links) -> int:
    seen: list[tuple[int, int]] = []
    total = 0
    waiting: list[tuple[int, int]] = []
    before = -1
    for start, end in _ends(left, right, links):
        if start != before:  # edges from one box don't cross each other
            for one in waiting:
                insort(seen, one)
            waiting, before = [], start
        total += len(seen) - bisect_right(seen, end)
        waiting.append(end)
    return total
