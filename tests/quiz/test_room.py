"""In a window of usual size, or a narrow one, the page holds the formula and what the question needs."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.pages.cells import halves as quiz_halves
from backtrace_cli.pages.cells.quiz_sheet import Sheet, States
from backtrace_cli.pages.layout import Screen
from backtrace_cli.pages.quiz.screen import frame
from backtrace_cli.pages.wording import Wording
from backtrace_cli.quiz.formulas.topics import LEVELS, TOPICS
from backtrace_cli.quiz.memory.choose import Chooser
from backtrace_cli.quiz.model import Model
from backtrace_cli.quiz.session import Session
from backtrace_cli.readings.cells import ASKED
from tests.sampling import few

#: A window of 24 lines, less the one that is typed on and the one that the terminal keeps free.
ROWS = 22
#: What is typed at the questions in turn: every sort of thing that the tutor says.
TYPED = ("skip", "help", "0", "0", "skip", "why", "skip", "?", "show", "skip")


@pytest.fixture(autouse=True)
def _own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKTRACE_PROGRESS", str(tmp_path / "progress.json"))


def models(topic: str, level: int, seed: int) -> Iterator[Model]:
    """The screens of a session of two formulas or so."""
    chooser = Chooser(random.Random(seed), None, lambda: datetime.now(UTC), topic, level)
    quiz = Session(chooser, 5)
    for typed in TYPED:
        yield quiz.model
        if quiz.over:
            return
        quiz.answer("" if quiz.pausing else typed)


def squeezed(text: str) -> str:
    """``text`` without the spaces, which a fold or a column changes."""
    return re.sub(r"\s", "", text)


def lacking(page: str, model: Model) -> list[str]:
    """What of the formula, the point and the values that the question reads doesn't stand on ``page``."""
    trace, w = model.round.statement.trace, Wording(full=True, matrices=True)
    graph, sheet, shown = trace.graph, Sheet(trace, w), squeezed(page)
    wanted = [f"{name}={sheet.definition(name)}" for name in sheet.boxes] + w.point(trace)
    found = [text for text in wanted if squeezed(text) not in shown]
    asked = next((cell for cell, state in model.states.items() if state == ASKED), None)
    if asked is None or model.item is None or model.item.whole or asked.table == "gradient":
        return found
    box = asked.source or asked.target
    read = [graph.name(arg) for arg in graph.nodes[graph.find(box) or 0].args]
    for name in [*read, box] if asked.source else read:
        index = graph.find(name)
        if index is None or graph.nodes[index].op is None:
            continue  # of the inputs the point tells
        value = w.number(trace.values[index])
        rows = w.cell(trace.values[index]).split("\n") if shape_of(trace.values[index]) else [value]
        if squeezed(value) not in shown and not all(squeezed(row) in shown for row in rows):
            found.append(f"{name} = {value}")
    return found


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("level", range(1, LEVELS + 1))
@pytest.mark.parametrize("topic", few(TOPICS, 3))
def test_the_formula_and_what_is_needed_stand_on_every_page(topic: str, level: int, columns: int) -> None:
    """Every statement, the point, and the values that the asked box reads; never a page too long."""
    for model in models(topic, level, 2):
        page = frame(Screen(StringIO(), columns), model, ROWS)
        assert page.count("\n") <= ROWS, page
        assert lacking(page, model) == [], page
        assert "… 1 more" not in page


@pytest.mark.parametrize(("topic", "level", "seed", "columns"), [
    ("matrices", 5, 2, 80), ("softmax", 5, 1, 80), ("matrices", 4, 2, 40), ("softmax", 3, 8, 40),
])  # fmt: skip
def test_what_a_newcomer_could_not_see(topic: str, level: int, seed: int, columns: int) -> None:
    """The pages on which boxes stood as numbers without formulas."""
    for model in models(topic, level, seed):
        page = frame(Screen(StringIO(), columns), model, ROWS)
        assert lacking(page, model) == [], page


def test_a_page_that_leaves_a_statement_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: the list of statements without its first."""
    real = quiz_halves._print_statements

    def faulty(screen: Screen, sheet: Sheet, states: States, shown: list[str], told: list[str]) -> None:
        real(screen, sheet, states, shown[1:], told)

    monkeypatch.setattr(quiz_halves, "_print_statements", faulty)
    found = [lacking(frame(Screen(StringIO(), 40), one, ROWS), one) for one in models("matrices", 5, 2)]
    assert any(found)
