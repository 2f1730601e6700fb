"""What somebody worked out by hand, judged beside a trace: ``x = 2*x*y``, ``b->x = -y``, derivations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.safe_text import visible
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.derivation.line_verdicts import Judged, judge_derivation
from backtrace_cli.grading.derivation.statements import pieces
from backtrace_cli.grading.derivation.steps import Derivation, read_derivation
from backtrace_cli.grading.exercise.exercise import Answer, read_answer
from backtrace_cli.grading.exercise.question_keys import read_question
from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.grading.judging.checked import OWN, RIGHT, Checked
from backtrace_cli.grading.judging.verdict import check_answers, first_to_mend
from backtrace_cli.grading.policy import Policy, Task
from backtrace_cli.grading.statement import Statement
from backtrace_cli.readings.assumptions import assumption, read_assumptions
from backtrace_cli.readings.questions import Question
from backtrace_cli.runs.point import Given

__all__ = ["Mine", "judge_mine", "task_of"]


class Mine(NamedTuple):
    """Verdicts on what somebody worked out."""

    trace: Trace
    answers: tuple[Checked, ...] = ()
    """One a derivative that was given by itself."""
    lines: tuple[Checked, ...] = ()
    """One a line of a derivation."""
    arrays: tuple[Checked, ...] = ()
    """One an array from a file."""
    first_wrong: Checked | None = None
    missing: tuple[str, ...] = ()
    """Variables of whose gradient a derivation has no line."""
    remarks: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Is all of it right?"""
        return all(one.verdict in (RIGHT, OWN) for one in (*self.answers, *self.lines, *self.arrays))


def judge_mine(
    trace: Trace, texts: Sequence[str], assume: Sequence[str] = (), derivations: Sequence[str] = ()
) -> Mine:
    """Judge ``texts`` as ``check`` judges answers: at the point of ``trace``, and formulas elsewhere too.

    A text of several lines, or of upstream names (``dh = …; dW = …``), is a derivation, as all
    ``derivations`` are. Variables whose derivatives the trace leaves out are given data, and keep their
    values; ``assume`` says what the others are (``A = symmetric``, ``b > 0``). Without a point one is chosen,
    and a number has to be right everywhere. Raises BacktraceError where a text can't be read.

    >>> from backtrace_cli import trace
    >>> found = judge_mine(trace("x^2*y", x=3, y=2), ["x = 2*x*y", "y = 2*x"])
    >>> [one.verdict for one in found.answers]
    ['right', 'wrong']
    """
    task = task_of(trace, assume)
    statement = task.statement
    whole = [text for text in texts if _of_several_lines(statement, text)]
    answers = tuple(_answer(statement, text) for text in texts if text not in whole)
    twice = next((a for i, a in enumerate(answers) if a.question in {b.question for b in answers[:i]}), None)
    if twice is not None:
        raise BacktraceError(f"--mine has {twice.question.key} twice", hint="leave one out")
    checked = check_answers(task, answers)
    first = first_to_mend(task, checked)
    lines: tuple[Checked, ...] = ()
    missing: tuple[str, ...] = ()
    for text in [*whole, *derivations]:
        found = _judged(task, text)
        lines += found.lines
        missing += tuple(name for name in trace.wrt if name not in found.given) if text in derivations else ()
        first = first or found.first_wrong
    return Mine(trace, checked, lines, (), first, missing)


def task_of(trace: Trace, assume: Sequence[str] = ()) -> Task:
    """The statement that a trace is about, and how answers about it are judged. Raises BacktraceError."""
    assumed = read_assumptions(assume)
    point = _point(trace, assumed)
    given = [name for name in point if name not in trace.wrt]
    statement = Statement(trace.formula, point, given, assumed)
    return Task(statement, Policy(kind="expressions" if trace.symbolic else "either", kink="interval"))


def _judged(task: Task, text: str) -> Judged:
    """A derivation judged, all of which can be read. Raises BacktraceError, with the line."""
    derivation: Derivation = read_derivation(task.statement, text)
    if not derivation.steps:
        raise BacktraceError("there is no line in this derivation", hint="write dh = …, a line a gradient")
    for step in derivation.steps:
        if step.problem is not None:
            raise step.problem
    return judge_derivation(task, derivation)


def _of_several_lines(statement: Statement, text: str) -> bool:
    """Is it a derivation, and not one derivative?"""
    found = pieces(text)
    if len(found) != 1 or found[0].sign:
        return len(found) > 0
    left = found[0].left
    named = left[:1] == "d" and left[1:] in statement.names and left not in statement.names
    return named and bool(found[0].right)


def _point(trace: Trace, assumed: Mapping[str, str]) -> dict[str, Given]:
    if not trace.symbolic:
        return {name: Given(_written(value), value) for name, value in trace.at.items()}
    if trace.graph.shapes is not None:
        from backtrace_cli.runs.given_shapes import stand_in

        shapes = {name: trace.graph.shapes[index] for name, index in trace.graph.inputs.items()}
        values = stand_in(shapes)
        for name, value in values.items():
            if len(shapes[name]) == 2 and len(value) == len(value.T):
                for place in range(len(value)):
                    value[place, place] += 2.0  # which has an inverse, and a positive determinant
            if name in assumed:
                values[name] = assumption(assumed[name]).mend(value)
        return {name: Given(_written(value), value) for name, value in values.items()}
    if trace.graph.mixes or trace.graph.lists:
        raise BacktraceError("--mine needs a point where there are arrays", hint="add --at W=[[1,2],[3,4]],…")
    from backtrace_cli.mistakes.choose_point import choose_point

    choice = choose_point(trace.graph)
    if choice is None:
        raise BacktraceError("no point was found at which this has a value", hint="add --at x=1,…")
    values = {
        name: assumption(assumed[name]).mend(float(value)) if name in assumed else float(value)
        for name, value in choice.at.items()
    }
    return {name: Given(str(value), value) for name, value in values.items()}


def _written(value: object) -> str:
    return str(value) if not shape_of(value) else "[…]"


def _answer(statement: Statement, text: str) -> Answer:
    key, equals, said = (part.strip() for part in text.partition("="))
    shown = visible(shorten(text, 40))
    if key and not equals and (only := _only_input(statement)):  # "2x" of x^2 can only be one thing
        key, equals, said = only, "=", key
    if not (key and equals and said):
        raise BacktraceError(f"--mine takes a name and your derivative, and {shown} is none",
                             hint='write --mine "x = 2*x*y"; of a message: --mine "b->x = -y"')  # fmt: skip
    try:
        answer = read_answer(statement, _question(statement, key), said, 0)
    except BacktraceError as error:
        raise BacktraceError(f"--mine {shown}: {error.message}", hint=error.hint) from None
    if answer.problem:
        raise BacktraceError(f"--mine {shown}: {answer.problem}")
    return answer


def _only_input(statement: Statement) -> str | None:
    """The formula's variable, where it has one."""
    inputs = list(statement.graph.inputs)
    return inputs[0] if len(inputs) == 1 else None


def _question(statement: Statement, key: str) -> Question:
    """What ``key`` asks: a partial; a message where it has an arrow, a local derivative where a stroke."""
    plain = key.replace("→", "->")
    partial = _partial(statement, plain)
    if partial is not None:
        return read_question(Source("--mine", "[gradient]\n"), statement, "gradient", partial, ("gradient",))
    table = "messages" if "->" in plain else "local" if "/" in plain else "gradient"
    return read_question(Source("--mine", f"[{table}]\n"), statement, table, plain, (table,))


#: Partials as people write them: df/dx, ∂f/∂x, \\frac{df}{dx}, d/dx; f'(x), y'; f_x.
_QUOTIENT = re.compile(
    r"(?:\\[dt]?frac\{)?(?:d|∂|\\partial\s*)(?P<out>\w*)(?:\(\w+\))?(?:\}\{|/)"
    r"(?:d|∂|\\partial\s*)(?P<name>\w+)\}?"
)
_PRIMED = re.compile(r"(?P<out>\w+)['′](?:\((?P<name>\w+)\))?")
_LOWERED = re.compile(r"(?P<out>[^\W_]+)_\{?(?P<name>\w+?)\}?")


def _partial(statement: Statement, key: str) -> str | None:
    """The variable by which ``key`` asks for the output's partial, in any of the ways people write one."""
    graph, plain = statement.graph, "".join(key.split()) if "\\" not in key else key
    output = graph.name(graph.output)
    if plain in statement.names:
        return None
    for pattern in (_QUOTIENT, _PRIMED, _LOWERED):
        found = pattern.fullmatch(plain)
        if found is None:
            continue
        out, name = found["out"], found["name"] or _only_input(statement)
        free = len(out) == 1 and out not in statement.names and output == "f"  # dy/dx of an unnamed formula
        if name in statement.names and (out in ("", output) or free):
            return name
    return None
