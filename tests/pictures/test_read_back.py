"""A picture can't lie: read back by an independent reader, it is the graph."""

from __future__ import annotations

import sys

import pytest

from backtrace_cli.engine.trace import Trace
from backtrace_cli.export.layout.arrange import Layout, side_by_side, upright
from backtrace_cli.export.layout.canvas import Canvas
from backtrace_cli.export.layout.fitting import Picture
from backtrace_cli.pages.wording import Wording
from tests.pictures.graphs import edges_of, random_trace
from tests.pictures.reading import edges_in, names_in

ALL = 10**6


def lines_of(layout: Layout, ascii: bool) -> list[str]:
    return ["".join(text for text, _ in row) for row in Canvas(layout, ascii).rows()]


def overlaps(layout: Layout) -> list[tuple[int, int]]:
    """Cells that a label shares with a line, a box or another label."""
    taken: set[tuple[int, int]] = set()
    for points in [route.points for route in layout.routes] + [layout.out]:
        for (x, y), (u, v) in zip(points, points[1:], strict=False):
            taken |= {
                (c, r) for c in range(min(x, u), max(x, u) + 1) for r in range(min(y, v), max(y, v) + 1)
            }
    for box in layout.boxes:
        taken |= {(box.x + c, box.y + r) for c in range(box.width) for r in range(box.height)}
    shared = []
    for label in layout.labels:
        cells = {(label.x + c, label.y) for c in range(len(label.text))}
        shared += sorted(cells & taken)
        taken |= cells
    return shared


def hold(trace: Trace) -> None:
    """Both layouts, in Unicode and ASCII, read back as the graph's edges, no label over anything."""
    wanted = edges_of(trace.graph)
    for ascii in (False, True):
        scene = Picture(trace, Wording(ascii=ascii), None, ALL).scene()
        for arrange in (side_by_side, upright):
            layout = arrange(scene)
            lines = lines_of(layout, ascii)
            assert edges_in(lines) == wanted, f"{arrange.__name__}, ascii={ascii}\n" + "\n".join(lines)
            assert not overlaps(layout)
            assert max(map(len, lines)) <= layout.width


@pytest.mark.parametrize("seed", range(12))
def test_the_picture_reads_back_as_the_graph(seed: int) -> None:
    """Forks of up to six, arrays, what is not visited: every edge is where the picture says it is."""
    hold(random_trace(seed, 40))


@pytest.mark.parametrize("seed", range(100, 130))
def test_twelve_nodes_fit_eighty_columns(seed: int) -> None:
    """Nothing is cut at 80 columns up to 12 nodes; every name is there."""
    trace = random_trace(seed, 12)
    layout = Picture(trace, Wording()).fitted(80)
    lines = lines_of(layout, ascii=False)
    assert layout.width <= 80
    assert max(map(len, lines)) <= 80
    assert not any(box.held for box in layout.scene.boxes)
    assert edges_in(lines) == edges_of(trace.graph)
    assert names_in(lines) == {box.name for box in layout.scene.boxes}


def test_a_line_moved_is_seen() -> None:
    """The reader can fail: an edge led to another box is another list of edges."""
    trace = random_trace(7, 20)
    scene = Picture(trace, Wording(), None, ALL).scene()
    other = next(edge.child for edge in scene.edges if edge.child != scene.edges[-1].child)
    edges = [*scene.edges[:-1], scene.edges[-1]._replace(child=other)]
    lines = lines_of(upright(scene._replace(edges=edges)), ascii=False)
    assert edges_in(lines) != edges_of(trace.graph)


if __name__ == "__main__":  # python -m tests.pictures.test_read_back 2000
    for number in range(int(sys.argv[1])):
        hold(random_trace(number))
    print(f"{sys.argv[1]} graphs read back")
