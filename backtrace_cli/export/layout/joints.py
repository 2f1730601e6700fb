"""Where the lines from one box part."""

from __future__ import annotations

from backtrace_cli.export.layout.arrange import Layout, Point

__all__ = ["joints"]


def joints(layout: Layout) -> list[Point]:
    """Where the lines from one box part: a dot there tells a fork from two lines that pass each other.

    The line of an edge and another of the same box share a piece from their start; they part where the
    one turns off or ends.
    """
    found: set[Point] = set()
    nets: dict[int, list[tuple[Point, ...]]] = {}
    for route in layout.routes:
        nets.setdefault(route.edge.child, []).append(route.points)
    for lines in nets.values():
        arms: dict[Point, set[Point]] = {}
        if len(lines) == 1:
            continue
        turns = {point for points in lines for point in points[1:-1]}
        for points in lines:
            for (x, y), (u, v) in zip(points, points[1:], strict=False):
                step = ((u > x) - (u < x), (v > y) - (v < y))
                for point in turns:
                    if min(x, u) <= point[0] <= max(x, u) and min(y, v) <= point[1] <= max(y, v):
                        if point != (u, v):
                            arms.setdefault(point, set()).add(step)
                        if point != (x, y):
                            arms.setdefault(point, set()).add((-step[0], -step[1]))
        found |= {point for point, ways in arms.items() if len(ways) > 2}
    return sorted(found)
