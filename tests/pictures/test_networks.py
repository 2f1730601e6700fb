"""The lecture's graphs and networks as a person has looked at them; folding, sizes, widths."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from backtrace_cli.export.layout.arrange import side_by_side
from backtrace_cli.export.layout.canvas import Canvas
from backtrace_cli.export.layout.content import scene_of
from backtrace_cli.export.layout.fitting import Picture
from backtrace_cli.export.layout.folding import groups_of
from backtrace_cli.pages.wording import Wording
from tests.pictures.figures import GRAPHS, chain, drawn, ours, traced
from tests.pictures.graphs import random_trace
from tests.pictures.reading import edges_in

GOLDEN = Path(__file__).parents[1] / "golden" / "pictures"
#: name -> crossings of Graphviz's dot on the same graph, as python -m tests.pictures.figures counted them.
DOT = {
    "readme": 0, "sheet": 1, "neuron": 0, "softmax": 2, "two layers": 2, "lstm": 18, "attention": 1,
    "two layers, arrays": 0,
}  # fmt: skip


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", GRAPHS)
def test_golden_pictures(name: str, width: int, request: pytest.FixtureRequest) -> None:
    """Each picture is the file a person has looked at; --update-golden writes it anew."""
    lines = drawn(name, width)
    assert max(map(len, lines)) <= width
    path = GOLDEN / f"{name.replace(', ', '-').replace(' ', '-')}-{width}.txt"
    text = "\n".join(lines) + "\n"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_few_lines_cross() -> None:
    """In all at most half as many again as where dot lays the graphs out."""
    crossed = {
        name: ours(side_by_side(Picture(traced(name), Wording(), None, 10**6).scene())) for name in GRAPHS
    }
    assert sum(crossed.values()) <= 1.5 * sum(DOT.values()), crossed


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("most", [1, 4, 11])
def test_folding_keeps_every_edge_that_leaves_a_box(seed: int, most: int) -> None:
    """The folded picture's edges are the graph's between different boxes, and it says how many it holds."""
    trace = random_trace(seed, 50)
    graph, groups = trace.graph, groups_of(trace.graph, most)
    scene = scene_of(trace, Wording(), None, groups)
    name = graph.name
    wanted: dict[tuple[str, str], int] = defaultdict(int)
    for node in graph.nodes:
        for arg in node.args:
            child, reader = groups.get(arg, arg), groups.get(node.index, node.index)
            if not graph.nodes[arg].is_constant and child != reader:
                wanted[name(child), name(reader)] += 1
    found: dict[tuple[str, str], int] = defaultdict(int)
    for edge in scene.edges:
        found[scene.boxes[edge.child].name, scene.boxes[edge.reader].name] += edge.many
    assert found == wanted
    assert len(scene.boxes) <= 2 * most
    drawn_nodes = [node for node in graph.nodes if not node.is_constant]
    assert sum(box.held or 1 for box in scene.boxes) == len(drawn_nodes)
    lines = ["".join(text for text, _ in row) for row in Canvas(side_by_side(scene)).rows()]
    assert {(child, reader) for child, reader, _ in edges_in(lines)} == set(wanted)


def test_ten_thousand_nodes_are_one_small_picture() -> None:
    """What is drawn has at most 25 boxes, fits the screen, and holds every node."""
    trace = chain(10_000)
    layout = Picture(trace, Wording()).fitted(80)
    assert layout.width <= 80
    assert len(layout.scene.boxes) <= 25
    assert sum(box.held or 1 for box in layout.scene.boxes) == len(trace.graph)
