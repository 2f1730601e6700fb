"""The graph beside the sheet, in the walk and in the quiz: marked, steady, and giving nothing away."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from backtrace_cli import trace
from backtrace_cli.cli import main
from backtrace_cli.export.layout.content import scene_of
from backtrace_cli.pages.cells.beside import known_of
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.cells import ASKED, GIVEN, HIDDEN, Cell, cells
from tests.pictures.graphs import random_trace


def step(tmp_path: Path, columns: int, moves: str = "\n\n\n\n") -> list[list[str]]:
    """The pages of a walk."""
    (tmp_path / "moves").write_text(moves)
    words = ["step", "(x + y)*y", "--at", "x=2,y=3", "--moves", str(tmp_path / "moves")]
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(main, words)
    assert result.exit_code == 0, result.output
    return [page.splitlines() for page in result.output.split("> ")]


def test_from_110_columns_on(tmp_path: Path) -> None:
    """The picture stands beside a wide sheet, where it was at every step, and not beside a narrow one."""
    assert not any("▶" in line for page in step(tmp_path, 109) for line in page)
    pages = [page for page in step(tmp_path, 110) if page]
    assert all(max(map(len, page)) <= 110 for page in pages)
    places = {match.start() for page in pages for line in page[:4] if (match := re.search("[╭┏] v1", line))}
    assert len(places) == 1
    assert [any("┏ v1" in line for line in page) for page in pages[:3]] == [False, True, False]
    narrow = [page for page in step(tmp_path, 109) if page]
    beside = places.pop() - 14
    assert [line[:beside].rstrip() for line in pages[3]][:6] == [line.rstrip() for line in narrow[3]][:6]


@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_given_away(seed: int) -> None:
    """A number stands on an edge only where its cell is told; what is asked or hidden is nowhere."""
    record = random_trace(seed, 12)
    graph = record.graph
    draw = random.Random(seed)
    every = list(cells(record))
    states = {cell: draw.choice((GIVEN, HIDDEN, ASKED)) for cell in every}
    scene = scene_of(record, Wording(), known_of(record, states, draw.choice(every)))
    for edge in scene.edges:
        child, reader = scene.boxes[edge.child].name, scene.boxes[edge.reader].name
        if edge.value and graph.find(child) not in graph.inputs.values():
            assert states[Cell("values", None, child)] == GIVEN
        if edge.message:
            assert states[Cell("messages", reader, child)] == GIVEN
        assert edge.visited
    assert not any(box.noted or box.pale for box in scene.boxes)
    assert not scene.value or states[Cell("values", None, record.output)] == GIVEN


def test_the_box_in_question_is_marked() -> None:
    """A value marks its box; a message its box and its edge."""
    record = trace("(x + y)*y", x=2, y=3)
    scene = scene_of(record, Wording(), known_of(record, {}, Cell("messages", "f", "y")))
    assert [box.name for box in scene.boxes if box.lit] == ["f"]
    assert [(scene.boxes[edge.child].name, edge.slot) for edge in scene.edges if edge.lit] == [("y", 1)]
    assert not any(edge.message for edge in scene.edges)
