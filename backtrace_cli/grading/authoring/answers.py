"""The engine's own answers to an exercise, and a copy of it with them filled in."""

from __future__ import annotations

import copy
from typing import Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.grading.comparing.shape_words import what_shape
from backtrace_cli.grading.exercise.exercise import MOST_ANSWER, Exercise, read_answer, read_exercise
from backtrace_cli.grading.exercise.lists import list_text
from backtrace_cli.grading.exercise.question_keys import TABLES
from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.grading.judging.verdict import wrong_line
from backtrace_cli.grading.statement import Statement
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.readings.questions import Question, expected
from backtrace_cli.readings.second.hessian import second
from backtrace_cli.readings.second.sweeps import Part
from backtrace_cli.runs.run import run

__all__ = ["filled", "formula_of", "number_of", "questions_of", "tree_of"]


def questions_of(exercise: Exercise) -> list[Question]:
    """Every question that ``exercise`` grades; of a worked solution, the one that its wrong line answers.

    Raises BacktraceError where a find-the-mistake exercise has not exactly one wrong line.
    """
    asked = [answer.question for answer in (*exercise.answers, *exercise.derived)]
    if exercise.lines:
        asked.append(wrong_line(exercise).answer.question)
    return asked


def number_of(statement: Statement, question: Question) -> Any:
    """What the trace says at the exercise's point: a float, nested lists of them, or a shape as text;
    None where that is not finite.

    >>> number_of(Statement("f = x^2", "x=3"), Question("gradient", None, "x"))
    6.0
    """
    if not question.kind.numeric:
        return sides(statement.shape(question.target))
    value = statement.says(question, statement.trace)
    if statement.trace.arithmetic.bad(value):
        return None
    return value.tolist() if shape_of(value) else float(value)


def formula_of(statement: Statement, question: Question) -> str | None:
    """The same as a formula over the exercise's names; None where it is too long to be an answer.

    >>> formula_of(Statement("f = x^2", "x=3"), Question("gradient", None, "x"))
    '2*x'
    """
    if not question.kind.numeric:
        return sides(statement.shape(question.target))
    tree = tree_of(statement, question)
    return None if tree is None else to_text(tree, ascii=True)


def tree_of(statement: Statement, question: Question) -> Expr | None:
    """The same as a tree; None also where no number is asked for."""
    if not question.kind.numeric:
        return None
    if question.kind.twice:
        tree = second(statement.symbolic, Part(question.source or ""), Part(question.target)).formula
    elif question.kind.along_input:
        tree = _tangent(statement, question)
    else:
        tree = expected(statement.symbolic, question)
    if not isinstance(tree, (Number, Name, Call)):
        return None
    text = to_text(tree, ascii=True)
    # A long upstream gradient is written as its name, which is no name of the exercise.
    if "∂" in text or "the sum of" in text or len(text) > MOST_ANSWER:
        return None
    return tree if not statement.arrays or _is_answer(statement, question, text) else None


def _is_answer(statement: Statement, question: Question, text: str) -> bool:
    """Has the formula the shape of what is asked? Tidying may have made a number of an array of zeros."""
    answer = read_answer(statement, question, text, 0)
    formula = answer.formula
    if formula is None or formula.shapes is None:
        return False
    return not what_shape(statement, question, formula.shapes[formula.output])


def _tangent(statement: Statement, question: Question) -> Any:
    """The rows of forward mode without a point, the earlier tangents written out."""
    symbolic = run(statement.formula, None, mode="forward")
    graph = symbolic.graph
    for tangent in symbolic.tangents:
        if tangent.variable == question.target:
            for step in tangent.steps:
                if graph.find(step.node) == graph.find(question.source or ""):
                    return step.value
    return None


def _line_of(statement: Statement, name: str, formulas: bool) -> str | None:
    """What stands behind ``dx =`` in a derivation of one line."""
    question = Question("derivation", None, name)
    value = (formula_of if formulas else number_of)(statement, question)
    return (
        value
        if value is None or isinstance(value, str)
        else str(list_text(value) if isinstance(value, list) else value)
    )


def filled(source: Source, exercise: Exercise, formulas: bool) -> Exercise | None:
    """``exercise`` read again with the engine's answers in its blanks, as numbers or as formulas.

    None where the engine has no such answer to one of them. Raises BacktraceError as
    ``read_exercise`` does.
    """
    statement = exercise.statement
    other = copy.copy(source)
    other.data = copy.deepcopy(source.data)
    keys = {table: iter(list(other.data.get(table, ()))) for table in TABLES}
    for answer in exercise.answers:  # the answers of a table stand in the order of its keys
        question = answer.question
        value = (formula_of if formulas else number_of)(statement, question)
        if value is None:
            return None
        other.data[question.table][next(keys[question.table])] = value
    if exercise.derive:
        texts = {name: _line_of(statement, name, formulas) for name in exercise.derive}
        if not all(texts.values()):
            return None
        other.data["derivation"] = "\n".join(f"d{name} = {text}" for name, text in texts.items())
    if exercise.lines:
        line = wrong_line(exercise)
        question = line.answer.question
        mended = (formula_of if formulas else number_of)(statement, question)
        if mended is None:
            return None
        other.data |= {"wrong": line.label, "mended": mended}
    return read_exercise(other)
