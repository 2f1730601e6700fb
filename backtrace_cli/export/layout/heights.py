"""How high every item of a layer stands: as straight with its neighbours as the order allows."""

from __future__ import annotations

from collections.abc import Callable
from math import floor

from backtrace_cli.export.layout.layering import Item, Layers

__all__ = ["heights"]

_SWEEPS = 8


def heights(
    layers: Layers,
    size: Callable[[Item], int],
    inlet: Callable[[Item, int], int],
    outlet: Callable[[Item], int],
) -> dict[Item, int]:
    """The top of every item, in whole units, none overlapping another in its layer.

    ``size`` is an item's height, ``inlet`` and ``outlet`` how far below its top its lines come in and leave.
    """
    top: dict[Item, int] = {}
    for row in layers.rows:
        at = 0
        for item in row:
            top[item] = at
            at += size(item)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 1 if _SWEEPS % 2 == 0 else sweep % 2 == 0
        gaps = range(len(layers.links))
        for gap in gaps if forward else reversed(gaps):
            row = layers.rows[gap + 1 if forward else gap]
            wishes: dict[Item, list[int]] = {}
            for left, right, port in layers.links[gap]:
                low = top[left] + outlet(left)
                high = top[right] + inlet(right, port)
                if forward:
                    wishes.setdefault(right, []).append(low - inlet(right, port))
                else:
                    wishes.setdefault(left, []).append(high - outlet(left))
            _settle(row, wishes, top, size)
    lowest = min(top.values())
    return {item: found - lowest for item, found in top.items()}


def _settle(
    row: list[Item], wishes: dict[Item, list[int]], top: dict[Item, int], size: Callable[[Item], int]
) -> None:
    """Each item as near to the middle of its wishes as its order among the others allows.

    Pool adjacent violators: neighbours that would overlap move together to their mean.
    """
    offset = 0
    blocks: list[tuple[float, float, int]] = []  # (sum of weighted wishes, weight, items)
    offsets = []
    for item in row:
        found = sorted(wishes.get(item, ()))
        wish = float(found[(len(found) - 1) // 2]) if found else float(top[item])
        weight = (4.0 if item.passing else 1.0) if found else 0.05
        offsets.append(offset)
        block = ((wish - offset) * weight, weight, 1)
        while blocks and blocks[-1][0] / blocks[-1][1] > block[0] / block[1]:
            before = blocks.pop()
            block = (before[0] + block[0], before[1] + block[1], before[2] + block[2])
        blocks.append(block)
        offset += size(item)
    place = 0
    for total, weight, count in blocks:
        at = floor(total / weight + 0.5)
        for _ in range(count):
            top[row[place]] = at + offsets[place]
            place += 1
