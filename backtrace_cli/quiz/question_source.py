"""Where the questions of a session come from: drawn for the learner, a formula, or an exercise."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.exercise.exercise import load
from backtrace_cli.grading.judging.carry_forward import order_of
from backtrace_cli.grading.statement import Statement
from backtrace_cli.ops.traits import passes_on
from backtrace_cli.quiz.array_messages import MOST_ENTRIES, finite
from backtrace_cli.quiz.questions import item_for
from backtrace_cli.quiz.session import Round
from backtrace_cli.readings.cells import Cell, arrows, cells
from backtrace_cli.runs.point import Given

__all__ = ["MOST_STEPS", "all_of", "is_exercise", "of_exercise", "of_formula"]

#: A formula with more boxes than this is no quiz.
MOST_STEPS = 40


def is_exercise(text: str) -> bool:
    """Is the argument the path of an exercise file, and no formula?

    >>> is_exercise("x.toml"), is_exercise("x*y")
    (True, False)
    """
    return text.endswith(".toml") or (os.sep in text and os.path.exists(text))


def of_formula(formula: str, point: dict[str, Given], backward: bool = False) -> Round:
    """Every step of a formula at a point as questions, or those of the way back alone. Raises BacktraceError.

    >>> from backtrace_cli.runs.point import read_point
    >>> [item.cell.pretty for item in of_formula("f = x*y", read_point(["x=2,y=3"])).items]
    ['f', '∂f/∂x', '∂f/∂y']
    """
    statement = Statement(formula, point)
    _refuse(statement)
    output = statement.trace.output
    if statement.arrays and statement.shape(output):
        raise BacktraceError(f"{output} is no number, so it has no gradient", source=formula,
                             span=statement.graph.nodes[statement.graph.output].span,
                             hint="end the formula with one: L = sum(y)")  # fmt: skip
    ones = _ones(statement)
    same = _twice(statement, ones)
    left_out = {*ones, *same}
    wanted = [c for c in cells(statement.trace) if c not in left_out and (c.kind.slope or not backward)]
    asked = _with_a_value(statement, wanted)
    return Round(statement, [item_for(statement, cell) for cell in asked], "Your formula", same=same)


def of_exercise(path: str) -> Round:
    """The blanks of an exercise file as questions, in the order of computation. Raises BacktraceError."""
    exercise = load(path)
    statement = exercise.statement
    _refuse(statement)
    trace = statement.trace
    questions = sorted((answer.question for answer in exercise.answers), key=lambda q: order_of(trace, q))
    known = set(cells(trace))
    questions = [q for q in questions if not q.kind.twice]  # the sheet has no cells of a second sweep
    along = {question.target for question in questions if question.kind.along_input}
    questions = [q for q in questions if q in known or not (q.kind.is_value or q.kind.on_edge)]
    if along:  # one sheet shows one direction
        first = sorted(along)[0]
        questions = [q for q in questions if q.kind.is_value or (q.kind.along_input and q.target == first)]
    if not questions:
        raise BacktraceError(f"{exercise.path} asks for nothing a quiz can ask",
                             hint="backtrace check is for this kind")  # fmt: skip
    questions = _with_a_value(statement, questions)
    kind = exercise.policy.kind if exercise.policy.kind == "expressions" else "either"
    items = [
        item_for(statement, cell, kind, _is_whole(statement, cell, set(questions))) for cell in questions
    ]
    return Round(statement, items, exercise.title, hints=exercise.hints)


def _is_whole(statement: Statement, cell: Cell, asked: set[Cell]) -> bool:
    """Is a partial asked for without all the messages that it is the sum of?"""
    if not cell.kind.is_sum:
        return False
    names = statement.graph.name
    into = [arrow for arrow in arrows(statement.trace) if names(arrow.target) == cell.target]
    return any(Cell("messages", names(a.source), names(a.target)) not in asked for a in into)


def all_of(rounds: Sequence[Round]) -> Callable[[int], Round | None]:
    """A source that gives ``rounds`` one after another."""
    waiting = iter(rounds)
    return lambda left: next(waiting, None) if left > 0 else None


def _ones(statement: Statement) -> set[Cell]:
    """Local derivatives that are 1 or −1 everywhere: asked for as part of their message."""
    graph = statement.graph
    found = set()
    for arrow in arrows(statement.trace):
        op = graph.nodes[arrow.source].op
        if op is not None and passes_on(op):
            found.add(Cell("local", graph.name(arrow.source), graph.name(arrow.target)))
    return found


def _twice(statement: Statement, ones: set[Cell]) -> dict[Cell, Cell]:
    """Messages of boxes at which 1 arrives, with the local derivatives that they are, which are asked for."""
    graph = statement.graph
    edges = [
        (graph.name(arrow.source), graph.name(arrow.target))
        for arrow in arrows(statement.trace)
        if not statement.arrays and all(sent.upstream == 1 for sent in arrow.sents)
    ]
    found = {Cell("messages", *edge): Cell("local", *edge) for edge in edges}
    return {message: local for message, local in found.items() if local not in ones}


def _with_a_value(statement: Statement, asked: list[Cell]) -> list[Cell]:
    """Those of ``asked`` that have an answer. Raises BacktraceError where there is none."""
    trace = statement.trace
    for index in trace.graph.steps:
        if trace.arithmetic.bad(trace.values[index]):
            name = trace.graph.name(index)
            raise BacktraceError(f"{name} has no finite value at this point, so nothing follows to be asked",
                                 hint="choose another point with --at")  # fmt: skip
    found = [cell for cell in asked if not cell.kind.numeric or finite(statement.says(cell, trace))]
    if not found:
        raise BacktraceError("no slope that is asked for has a finite value at this point",
                             hint="choose another point with --at")  # fmt: skip
    return found


def _refuse(statement: Statement) -> None:
    graph = statement.graph
    many = max((math.prod(shape) for shape in graph.shapes or ()), default=1)
    if many > MOST_ENTRIES:
        raise BacktraceError(f"an array of {many:,} entries is too much to type",
                             hint="choose smaller arrays; backtrace step walks through these")  # fmt: skip
    steps = len(statement.graph.steps)
    if steps > MOST_STEPS:
        raise BacktraceError(f"a formula of {steps:,} boxes is too long for a quiz",
                             hint="backtrace step walks through it")  # fmt: skip
    if not steps:
        raise BacktraceError("there is no box in this formula, so there is nothing to ask",
                             hint='try backtrace quiz "x*y + sin(x)" --at x=2,y=3')  # fmt: skip
