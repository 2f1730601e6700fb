"""What ``backtrace quiz`` is asked for: its options, what they refuse, and a formula of one's own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible
from backtrace_cli.commands import _shared as shared

if TYPE_CHECKING:
    from backtrace_cli.quiz.session import Round

__all__ = ["Asked", "own_round", "refuse"]

_NO_POINT = "a formula needs a point to be asked about"
_TRY = 'try backtrace quiz "x*y + sin(x)" --at x=2,y=3'


class Asked(NamedTuple):
    """The options."""

    formula: str | None
    at: tuple[str, ...]
    topic: str | None
    level: int | None
    number: int | None
    seed: int | None
    answers: str | None
    frames: bool
    plain: bool
    keep: bool | None
    narrow: bool
    backward: bool


def refuse(asked: Asked) -> None:
    """Options that would change nothing, and a place where nobody can answer."""
    from backtrace_cli.pages.terminal import is_terminal

    if asked.formula is not None and (asked.topic or asked.level or asked.seed is not None):
        raise BacktraceError("--topic, --level and --seed draw formulas, and here one is given",
                             hint="leave them out, or the formula")  # fmt: skip
    if asked.formula is None and asked.at:
        raise BacktraceError("--at is the point of a formula, and there is none",
                             hint='give one: backtrace quiz "x*y + sin(x)" --at x=2,y=3')  # fmt: skip
    if asked.backward and (asked.formula is None or asked.formula.endswith(".toml")):
        raise BacktraceError("--backward is for a formula of your own",
                             hint=f"{_TRY} --backward")  # fmt: skip
    if asked.frames and (asked.answers is None or asked.plain):
        raise BacktraceError("--frames prints the pages of a session with --answers, and not as sentences",
                             hint="add --answers FILE, or leave --frames or --plain out")  # fmt: skip
    if asked.answers is None and not is_terminal() and not (asked.plain and sys.stdin and sys.stdin.isatty()):
        raise BacktraceError(
            "a quiz needs a terminal, and here is none to type into",
            hint=f"run it in a terminal, or give the answers: {_with_answers(asked)} "
            "(- reads them from standard input)",
        )


def _with_answers(asked: Asked) -> str:
    """The same command with a script for the answers."""
    from shlex import quote

    words = ["backtrace quiz"]
    if asked.formula is not None:
        words += [quote(visible(asked.formula)), *(f"--at {quote(visible(at))}" for at in asked.at)]
    words += ["--backward"] * asked.backward
    words += [f"--topic {asked.topic}"] * bool(asked.topic) + [f"--level {asked.level}"] * bool(asked.level)
    words += [f"--count {asked.number}"] * bool(asked.number)
    if asked.formula is None:
        words.append(f"--seed {1 if asked.seed is None else asked.seed}")
    words += ["--plain"] * asked.plain
    return " ".join([*words, "--answers FILE"])


def own_round(asked: Asked) -> Round:
    """The questions about a formula of one's own, or about an exercise."""
    from backtrace_cli.quiz.question_source import is_exercise, of_exercise, of_formula
    from backtrace_cli.runs.point import read_point

    assert asked.formula is not None
    if is_exercise(asked.formula):
        if asked.at:
            raise BacktraceError("an exercise has a point of its own", hint="leave --at out")
        return of_exercise(asked.formula)
    formula = _formula(asked)
    if not asked.at:
        raise _without_a_point(formula)
    return of_formula(formula, read_point(asked.at), asked.backward)


def _formula(asked: Asked) -> str:
    """The formula that is given. Raises BacktraceError where its place is wanted for the answers."""
    if asked.formula == "-" and asked.answers in (None, "-"):
        raise BacktraceError("a formula can't come from standard input here: the answers do", hint=_TRY)
    return shared.read_formula(asked.formula, None)


def _without_a_point(formula: str) -> BacktraceError:
    """What to say to a formula alone: which point it needs, with its own names, or that none helps."""
    from backtrace_cli.graph import build

    graph = build(formula)
    names = list(graph.inputs)  # what can't be read says so itself
    if not names:
        return BacktraceError("there is no variable in this formula, so there is no slope to ask about",
                              hint=_TRY)  # fmt: skip
    if any(node.op is not None and node.op.mixes for node in graph.nodes):
        return BacktraceError(_NO_POINT, hint=f"add --at, with values for {visible(', '.join(names))}")
    point = ",".join(f"{name}={number}" for number, name in enumerate(names, 2))
    return BacktraceError(_NO_POINT, hint=f"add --at {visible(point)}")
