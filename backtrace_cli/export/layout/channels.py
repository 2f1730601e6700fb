"""The tracks between two layers: which vertical line each box's edges take, so that none share one.

Every net (the edges from one box through one gap) comes in at a row at the left and leaves at rows at
the right (or at the left, too, where boxes stand in one column). Two nets that share a row, one coming
in and one going out, need their lines in that order; where such wishes run in a circle one net takes
a detour over a free row.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

__all__ = ["Net", "Way", "routed"]

#: Columns between two tracks.
STEP = 2
_HARD = 10**6
_ROUNDS = 8


class Net(NamedTuple):
    """The rows at which one box's edges come in and go out of a gap."""

    key: int
    left: tuple[int, ...]
    right: tuple[int, ...]

    @property
    def low(self) -> int:
        """The topmost row."""
        return min(self.left + self.right)

    @property
    def high(self) -> int:
        """The lowest row."""
        return max(self.left + self.right)

    @property
    def straight(self) -> bool:
        """Does it need no track?"""
        return self.low == self.high


class Way(NamedTuple):
    """The track of a net, and the track and row of its detour, if it takes one."""

    column: int
    """The last track; -1 where the net runs straight."""
    first: int = -1
    row: int = -1


def routed(nets: list[Net]) -> tuple[dict[int, Way], int]:
    """The way of every net by its key, and how many columns the tracks take.

    >>> routed([Net(0, (1,), (4,)), Net(1, (4,), (4, 7))])
    ({0: Way(column=2, first=-1, row=-1), 1: Way(column=0, first=-1, row=-1)}, 3)
    """
    taken = {row for net in nets for row in net.left + net.right}
    bent = [net for net in nets if not net.straight]
    pieces, detours = _split(bent, taken)
    order = _ordered(pieces)
    columns, width = _columns(pieces, order)
    ways = {net.key: Way(-1) for net in nets if net.straight}
    for place, net in enumerate(pieces):
        if place < len(bent):
            ways[net.key] = Way(columns[place])
    for main, (extra, row) in detours.items():
        ways[pieces[main].key] = Way(columns[main], columns[extra], row)
    return ways, width


def _before(nets: list[Net]) -> list[set[int]]:
    """For every net, the nets that must lie right of it."""
    out = {row: place for place, net in enumerate(nets) for row in net.right}
    found: list[set[int]] = [set() for _ in nets]
    for place, net in enumerate(nets):
        for other in [out[row] for row in net.left if row in out]:
            if nets[other].key != net.key:  # what leaves at a row where this one comes in lies further right
                found[place].add(other)
            elif nets[other].right == net.left:  # the two pieces of a detour, and the other is the first
                found[other].add(place)
    return found


def _split(nets: list[Net], taken: set[int]) -> tuple[list[Net], dict[int, tuple[int, int]]]:
    """Nets without a circle among their wishes; what was split, by the place of its second piece."""
    pieces = list(nets)
    detours: dict[int, tuple[int, int]] = {}
    while (victim := _in_a_circle(_before(pieces))) is not None:
        net = pieces[victim]
        row = _free(net, taken)
        taken.add(row)
        detours[victim] = (len(pieces), row)
        pieces[victim] = Net(net.key, (row,), net.right)
        pieces.append(Net(net.key, net.left, (row,)))
    return pieces, detours


def _free(net: Net, taken: set[int]) -> int:
    """The free row that is nearest to where the net comes in."""
    start = net.left[0]
    towards = 1 if net.right[0] > start else -1
    distance = 1
    while True:
        for row in (start + towards * distance, start - towards * distance):
            if row >= 0 and row not in taken and row % 3 != 1:
                return row
        distance += 1


def _in_a_circle(before: list[set[int]]) -> int | None:
    """A net in a circle of wishes, or None."""
    done = [0] * len(before)
    for start in range(len(before)):
        if done[start]:
            continue
        path = [(start, iter(before[start]))]
        done[start] = 1
        while path:
            place, rest = path[-1]
            for following in rest:
                if done[following] == 1:
                    return following
                if not done[following]:
                    done[following] = 1
                    path.append((following, iter(before[following])))
                    break
            else:
                done[place] = 2
                path.pop()
    return None


def _ordered(nets: list[Net]) -> list[int]:
    """The nets from left to right with few crossings, every wish kept."""
    count = len(nets)
    before = _before(nets)
    left = [sorted(net.left) for net in nets]
    right = [sorted(net.right) for net in nets]

    def cost(a: int, b: int) -> int:
        """Crossings of ``a`` left of ``b``."""
        if a in before[b]:
            return _HARD
        return _within(right[a], nets[b]) + _within(left[b], nets[a])

    order = _topological(before, [net.low for net in nets])
    if count > 400:
        return order
    table = [[cost(a, b) if a != b else 0 for b in range(count)] for a in range(count)]
    for _ in range(_ROUNDS):
        moved = False
        for net in list(order):
            at = order.index(net)
            gain, best, running = 0, at, 0
            for place in range(at - 1, -1, -1):
                other = order[place]
                running += table[net][other] - table[other][net]
                if running < gain:
                    gain, best = running, place
            running = 0
            for place in range(at + 1, count):
                other = order[place]
                running += table[other][net] - table[net][other]
                if running < gain:
                    gain, best = running, place
            if best != at:
                order.insert(best, order.pop(at))
                moved = True
        if not moved:
            break
    return order


def _within(rows: list[int], net: Net) -> int:
    """How many of ``rows`` meet the line of ``net``."""
    return bisect_right(rows, net.high) - bisect_left(rows, net.low)


def _topological(before: list[set[int]], start: list[int]) -> list[int]:
    missing = [0] * len(before)
    for later in before:
        for place in later:
            missing[place] += 1
    ready = sorted(
        (place for place, count in enumerate(missing) if not count), key=start.__getitem__, reverse=True
    )
    order: list[int] = []
    while ready:
        place = ready.pop()
        order.append(place)
        for after in sorted(before[place]):
            missing[after] -= 1
            if not missing[after]:
                ready.append(after)
    return order


def _columns(nets: list[Net], order: list[int]) -> tuple[list[int], int]:
    """Each net as far left as what lies left of it allows; nets that never meet share a column."""
    columns = [0] * len(nets)
    placed: list[int] = []
    for place in order:
        net = nets[place]
        column = 0
        for other in placed:
            if nets[other].low <= net.high + 1 and net.low <= nets[other].high + 1:
                column = max(column, columns[other] + STEP)
        columns[place] = column
        placed.append(place)
    return columns, max(columns, default=-1) + 1
