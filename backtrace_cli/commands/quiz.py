"""``backtrace quiz``: a tutor that asks for the next step before it shows it."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible
from backtrace_cli.commands import _shared as shared
from backtrace_cli.quiz.formulas.topics import LEVELS, TOPICS

if TYPE_CHECKING:
    from backtrace_cli.quiz.keeper import Keeper
    from backtrace_cli.quiz.session import Model, Round, Session

__all__ = ["command"]

#: Questions in a session, unless a formula or --count says otherwise.
COUNT = 10
#: Seconds after which somebody is reading the first question, which nothing is to hold up.
_READING = 0.1
_NO_POINT = "a formula needs a point to be asked about"
_TRY = 'try backtrace quiz "x*y + sin(x)" --at x=2,y=3'


@click.command("quiz", cls=shared.FormulaCommand)
@click.argument("formula", required=False, metavar="[FORMULA|EXERCISE]")
@shared.at_option("The point, for a formula of your own.")
@click.option("--topic", type=click.Choice(list(TOPICS)), help="Ask about this only.")
@click.option(
    "--level", type=click.IntRange(1, LEVELS), help="How hard; without it, as far as you have come."
)
@click.option("--count", type=click.IntRange(1, 1000), help=f"How many questions (default: {COUNT}).")
@click.option(
    "--seed", type=click.IntRange(0), help="The same questions for everybody who gives this number."
)
@click.option(
    "--answers", metavar="FILE", help="Take the answers from FILE (- for standard input), and print."
)
@click.option("--frames", is_flag=True, help="With --answers: print each page as a terminal shows it.")
@shared.plain_option(", nothing moving")
@click.option("--keep/--no-keep", default=None, help="Keep progress. Default: yes, except with --answers.")
def command(
    formula: str | None, at: tuple[str, ...], topic: str | None, level: int | None, count: int | None,
    seed: int | None, answers: str | None, frames: bool, plain: bool, keep: bool | None,
) -> None:  # fmt: skip
    """Ask for the steps of a formula one by one, and teach from the answers.

    Without FORMULA the formulas are drawn for you: at your level, and about what you got
    wrong before. While you answer, type help to see what else can be typed.

    Exits 0; with --answers 1 if an answer is wrong or missing; 2 if the input can't be used.

    \b
    backtrace quiz
    backtrace quiz --topic forks --level 2
    backtrace quiz "x*y + sin(x)" --at x=2,y=3
    backtrace quiz exercises/04_forks/two_paths.toml
    """
    narrow = shared.prepare_output()
    asked = _Asked(formula, at, topic, level, count, seed, answers, frames, plain, keep, narrow)
    try:
        _refuse(asked)
        script = _script(answers) if answers is not None else None
        sys.exit(_run(asked, script))
    except BacktraceError as error:
        shared.fail(error)


class _Asked(NamedTuple):
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


def _refuse(asked: _Asked) -> None:
    """Options that would change nothing, and a place where nobody can answer."""
    from backtrace_cli.pages.terminal import is_terminal

    if asked.formula is not None and (asked.topic or asked.level or asked.seed is not None):
        raise BacktraceError("--topic, --level and --seed draw formulas, and here one is given",
                             hint="leave them out, or the formula")  # fmt: skip
    if asked.formula is None and asked.at:
        raise BacktraceError("--at is the point of a formula, and there is none",
                             hint='give one: backtrace quiz "x*y + sin(x)" --at x=2,y=3')  # fmt: skip
    if asked.frames and (asked.answers is None or asked.plain):
        raise BacktraceError("--frames prints the pages of a session with --answers, and not as sentences",
                             hint="add --answers FILE, or leave --frames or --plain out")  # fmt: skip
    if asked.answers is None and not is_terminal() and not (asked.plain and sys.stdin and sys.stdin.isatty()):
        raise BacktraceError(
            "a quiz needs a terminal, and here is none to type into",
            hint=f"run it in a terminal, or give the answers: {_with_answers(asked)} "
            "(- reads them from standard input)",
        )


def _with_answers(asked: _Asked) -> str:
    """The same command with a script for the answers."""
    from shlex import quote

    words = ["backtrace quiz"]
    if asked.formula is not None:
        words += [quote(visible(asked.formula)), *(f"--at {quote(visible(at))}" for at in asked.at)]
    words += [f"--topic {asked.topic}"] * bool(asked.topic) + [f"--level {asked.level}"] * bool(asked.level)
    words += [f"--count {asked.number}"] * bool(asked.number)
    if asked.formula is None:
        words.append(f"--seed {1 if asked.seed is None else asked.seed}")
    words += ["--plain"] * asked.plain
    return " ".join([*words, "--answers FILE"])


def _script(path: str) -> Iterator[str]:
    """The lines of a file of answers; blank ones and # comments are left out. Raises BacktraceError."""
    lines = shared.read_formula(None, path).split("\n")
    return iter([text.strip() for text in lines if text.strip() and not text.lstrip().startswith("#")])


def _run(asked: _Asked, script: Iterator[str] | None) -> int:
    """One session from start to end; the exit code."""
    from backtrace_cli.quiz.keeper import Keeper
    from backtrace_cli.quiz.session import Session

    keeper = Keeper(asked.keep if asked.keep is not None else asked.answers is None)
    said = False
    seed = asked.seed
    if seed is None:
        seed = 1 if script is not None else random.SystemRandom().randrange(10_000)
    if keeper.keeps:
        keeper.known()  # what can't be kept is said before anybody works for it
        if keeper.trouble and (script is not None or asked.plain or os.environ.get("TERM") == "dumb"):
            _say(keeper)
            said = True
    following = _source(asked, keeper, seed)
    count = asked.number or (None if asked.formula is not None else COUNT)
    session = Session(following, count)
    whole = True
    if script is not None:
        whole = _lines(asked, session, keeper, script)
    elif asked.plain or os.environ.get("TERM") == "dumb":
        _lines(asked, session, keeper, None)
    else:
        with _loading(following):
            _stage(asked, session, keeper)
    _end(asked, session, keeper, seed)
    if not said:
        _say(keeper)
    model = session.model
    return int(script is not None and (not whole or model.right < model.asked))


def _source(asked: _Asked, keeper: Keeper, seed: int) -> Callable[[int], Round | None]:
    if asked.formula is not None:
        from backtrace_cli.quiz.question_source import all_of, is_exercise, of_exercise, of_formula
        from backtrace_cli.runs.point import read_point

        if is_exercise(asked.formula):
            if asked.at:
                raise BacktraceError("an exercise has a point of its own", hint="leave --at out")
            return all_of([of_exercise(asked.formula)])
        formula = _formula(asked)
        if not asked.at:
            raise _without_a_point(formula)
        return all_of([of_formula(formula, read_point(asked.at))])
    from backtrace_cli.quiz.memory.choose import Chooser
    from backtrace_cli.quiz.memory.store import now_here

    known = keeper.known if asked.seed is None and keeper.keeps else None
    return Chooser(random.Random(seed), known, now_here, asked.topic, asked.level)


def _formula(asked: _Asked) -> str:
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


@contextmanager
def _loading(following: Callable[[int], Round | None]) -> Iterator[None]:
    """What arrays need is loaded while the first question is read, where a formula over arrays may come."""
    from backtrace_cli.quiz.memory.choose import Chooser, load_arrays

    if not isinstance(following, Chooser) or not following.arrays_ahead:
        yield
        return
    from threading import Timer

    timer = Timer(_READING, load_arrays)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _say(keeper: Keeper) -> None:
    """Say, where nothing is painted, that nothing can be kept."""
    if keeper.trouble:
        sys.stdout.flush()
        click.echo(visible(keeper.trouble), err=True)


def _stage(asked: _Asked, session: Session, keeper: Keeper) -> None:
    """The session on a terminal, painted in place."""
    from backtrace_cli.pages.terminal import Stage

    with Stage() as stage:
        while not session.over:
            line = stage.ask(lambda columns, rows: _painted(asked, session, keeper, columns, rows),
                             _invitation(session))  # fmt: skip
            if line is None:
                session.answer(":quit")
                break
            keeper.take(session.answer(line))
    if stage.signal:
        sys.exit(128 + stage.signal)
    page = shared.screen(asked.narrow)  # the window may have another width by now
    for model in session.finished[-1:]:
        from backtrace_cli.pages.quiz.screen import print_finished

        said = not session.left and model.asked == session.model.asked
        print_finished(page, model, ascii=asked.narrow, said=said)


def _painted(asked: _Asked, session: Session, keeper: Keeper, columns: int, rows: int) -> str:
    from backtrace_cli.pages.quiz.screen import frame

    page = shared.screen(asked.narrow)
    page.width = columns
    notice = _notice(visible(keeper.trouble), columns) if keeper.trouble else []
    text = frame(page, session.model, rows - len(notice), ascii=asked.narrow)
    return text + "".join(f"{one}\n" for one in notice)


def _notice(text: str, columns: int) -> list[str]:
    """What stands below the page all the time, in whole words where they have room."""
    from textwrap import wrap

    return ["", *(f" {one}" for one in wrap(text, max(columns - 2, 10)))]


def _invitation(session: Session) -> str:
    return " Enter goes on > " if session.pausing else " > "


def _lines(asked: _Asked, session: Session, keeper: Keeper, script: Iterator[str] | None) -> bool:
    """The session line by line: for a script, or with --plain. Was it gone through to its end?"""
    from backtrace_cli.pages.quiz.screen import frame, print_finished, sentences
    from backtrace_cli.pages.terminal import Lines

    lines = Lines(script)
    page = shared.screen(asked.narrow)
    before: Model | None = None
    while True:
        model = session.model
        if asked.frames:
            sys.stdout.write(frame(page, model, ascii=asked.narrow))
        else:
            sheet = script is not None and not asked.plain and model.item is None
            for text in sentences(model, before, ascii=asked.plain or asked.narrow, brief=sheet):
                sys.stdout.write(f"{text}\n")
        if script is not None and model.item is None and not asked.plain and not asked.frames:
            print_finished(page, model, ascii=asked.narrow)
        sys.stdout.flush()
        before = model
        if session.over:
            return True
        looked = session.pausing
        line = "" if looked and script is not None else lines.ask(" > " if asked.frames else "> ")
        if line is None:
            session.answer(":quit")
            return False
        keeper.take(session.answer(line))
        if session.left or (looked and session.over):
            return not session.left  # what was on the page needs no second printing


def _end(asked: _Asked, session: Session, keeper: Keeper, seed: int) -> None:
    """How it went, in the place where the terminal keeps it."""
    from backtrace_cli.base.numerals import ascii_text
    from backtrace_cli.pages.layout import paragraph
    from backtrace_cli.pages.quiz.learner import card_words
    from backtrace_cli.pages.quiz.words import summary
    from backtrace_cli.quiz.memory.schedule import Card

    words = ["backtrace quiz", f"--topic {asked.topic}" if asked.topic else ""]
    words += [
        f"--level {asked.level}" if asked.level else "",
        f"--count {asked.number}" if asked.number else "",
    ]
    again = " ".join([word for word in words if word] + [f"--seed {seed}"])
    if asked.formula is not None or (asked.seed is None and keeper.keeps and asked.answers is None):
        again = ""
    missed = dict.fromkeys(card_words(Card(*key)) for key in keeper.missed)
    found = list(summary(session.model, list(missed), again))
    if asked.plain or os.environ.get("TERM") == "dumb":
        shared.write_lines([ascii_text(text) for text, _ in found])
    else:
        page = shared.screen(asked.narrow)
        page.parts([])
        for text, style in found:
            paragraph(page, [(text, style)])
