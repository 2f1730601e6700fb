"""The graph in ``eval``: as a table, drawn in its place, or left out; never silently ignored."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from backtrace_cli.cli import main
from tests.pictures.reading import edges_in

WORDS = ["eval", "x^2 - (x+y)*y + y^2", "--at", "x=1,y=0"]
EDGES = [
    ("v1", "v4", 0), ("v2", "v3", 0), ("v3", "v4", 1), ("v4", "f", 0), ("v5", "f", 1), ("x", "v1", 0),
    ("x", "v2", 0), ("y", "v2", 1), ("y", "v3", 1), ("y", "v5", 0),
]  # fmt: skip


def printed(*more: str) -> str:
    result = CliRunner().invoke(main, [*WORDS, *more])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_table_is_what_it_was() -> None:
    """Without the option, and with ``table``, the page is the same."""
    assert printed() == printed("--graph", "table")
    assert "read by v1, v2" in printed()


def test_a_picture_in_place_of_the_table() -> None:
    """It reads back as the graph, the rest of the page as it was."""
    page = printed("--graph", "picture")
    drawn = page[page.index(" Graph\n") + 7 : page.index(" Forward\n")].splitlines()
    assert edges_in(drawn) == EDGES
    assert "read by" not in page
    assert page[page.index(" Forward\n") :] == printed()[printed().index(" Forward\n") :]
    assert "edge from y to v3, argument 2, message -1" in printed("--graph", "picture", "--plain")


def test_no_graph() -> None:
    """Left out, and nothing else is."""
    page = printed("--graph", "none")
    assert "Graph" not in page
    assert page[page.index(" Forward\n") :] == printed()[printed().index(" Forward\n") :]


@pytest.mark.parametrize("more", [["--json"], ["--view", "sheet"]])
def test_idle_options_are_refused(more: list[str]) -> None:
    """Where there is no graph to choose, the option is an error."""
    result = CliRunner().invoke(main, [*WORDS, "--graph", "picture", *more])
    assert result.exit_code == 2
    assert "--graph" in result.output
