"""Shapes as answers, and what to tell somebody whose answer has another shape than what is asked for."""

from __future__ import annotations

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.grading.comparing.compare import DIFFERENT, EQUAL, Judgement
from backtrace_cli.grading.exercise.exercise import Answer
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import Graph
from backtrace_cli.ops.shape_functions import broadcast, sides
from backtrace_cli.readings.questions import Question, edges

__all__ = ["judge_shape", "misfit", "spreads", "what_shape"]


def judge_shape(statement: Statement, question: Question, answer: Answer) -> Judgement:
    """The shape that a student gives for a node."""
    right = statement.shape(question.target)
    return Judgement(EQUAL if answer.shape == right else DIFFERENT)


def what_shape(statement: Statement, question: Question, found: tuple[int, ...]) -> str:
    """What to tell about the shape ``found`` of an answer; nothing where it is right.

    >>> s = Statement("y = W @ h; L = sum(y)", "W=[[1,2,3],[4,5,6]],h=[1,0,2]")
    >>> what_shape(s, Question("gradient", None, "W"), (3, 2))
    '∂L/∂W has the shape of W, 2×3; yours is 3×2'
    """
    graph, question_shape = statement.graph, _shape(statement, question)
    if found == question_shape or (question.kind.is_rule and spreads(found, question_shape)):
        return ""
    subject, name = question.kind.subject(question, graph.name(graph.output))
    like = "the shape" if subject == name else f"the shape of {name},"
    return f"{subject} has {like} {_words(question_shape)}; yours is {_words(found)}"


def _shape(statement: Statement, question: Question) -> tuple[int, ...]:
    if question.kind.is_rule:
        return shape_of(statement.trace.values[edges(statement.graph, question)[0][0]])
    return statement.shape(question.target)


def spreads(small: tuple[int, ...], wide: tuple[int, ...]) -> bool:
    """Does an array of shape ``small`` stand for one of shape ``wide`` by broadcasting?"""
    try:
        return broadcast(small, wide) == wide
    except ShapeError:
        return False


def _words(shape: tuple[int, ...]) -> str:
    """``2×3``, ``a vector of 3``, ``a number``."""
    if not shape:
        return "a number"
    return f"a vector of {shape[0]}" if len(shape) == 1 else sides(shape)


def misfit(statement: Statement, question: Question, formula: Graph) -> str:
    """Why the shapes in an answer don't fit."""
    try:
        statement.fitted(question, formula)
    except ShapeError as error:
        return f"the shapes in yours don't fit: {error.message}"
    return "the shapes in yours don't fit"
