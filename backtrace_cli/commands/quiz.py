"""``backtrace quiz``: a tutor that asks for the next step before it shows it."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible
from backtrace_cli.commands import _shared as shared
from backtrace_cli.commands._quiz_options import Asked, own_round, refuse
from backtrace_cli.quiz.formulas.topics import LEVELS, TOPICS

if TYPE_CHECKING:
    from backtrace_cli.quiz.keeper import Keeper
    from backtrace_cli.quiz.session import Model, Round, Session

__all__ = ["command"]

#: Questions in a session, unless a formula or --count says otherwise.
COUNT = 10
#: Seconds after which somebody is reading the first question, which nothing is to hold up.
_READING = 0.1


@click.command("quiz", cls=shared.FormulaCommand)
@click.argument("formula", required=False, metavar="[FORMULA|EXERCISE]")
@shared.at_option("The point, for a formula of your own.")
@click.option("--topic", type=click.Choice(list(TOPICS)), help="Ask about this only.")
@click.option(
    "--level", type=click.IntRange(1, LEVELS), help="How hard; without it, as far as you have come."
)
@click.option("--backward", is_flag=True, help="Ask about the way back only; the values are given.")
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
    seed: int | None, answers: str | None, frames: bool, plain: bool, keep: bool | None, backward: bool,
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
    asked = Asked(formula, at, topic, level, count, seed, answers, frames, plain, keep, narrow, backward)
    try:
        refuse(asked)
        script = _script(answers) if answers is not None else None
        sys.exit(_run(asked, script))
    except BacktraceError as error:
        shared.fail(error)


def _script(path: str) -> Iterator[str]:
    """The lines of a file of answers; blank ones and # comments are left out. Raises BacktraceError."""
    lines = shared.read_formula(None, path).split("\n")
    return iter([text.strip() for text in lines if text.strip() and not text.lstrip().startswith("#")])


def _run(asked: Asked, script: Iterator[str] | None) -> int:
    """One session from start to end; the exit code."""
    from backtrace_cli.quiz.keeper import Keeper
    from backtrace_cli.quiz.question_source import all_of
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
    own = own_round(asked) if asked.formula is not None else None
    following = _drawn(asked, keeper, seed) if own is None else all_of([own])
    count = asked.number or (COUNT if own is None else len(own.items))
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


def _drawn(asked: Asked, keeper: Keeper, seed: int) -> Callable[[int], Round | None]:
    """Formulas drawn for the learner."""
    from backtrace_cli.quiz.memory.choose import Chooser
    from backtrace_cli.quiz.memory.store import now_here

    known = keeper.known if asked.seed is None and keeper.keeps else None
    return Chooser(random.Random(seed), known, now_here, asked.topic, asked.level)


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


def _stage(asked: Asked, session: Session, keeper: Keeper) -> None:
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


def _painted(asked: Asked, session: Session, keeper: Keeper, columns: int, rows: int) -> str:
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


def _lines(asked: Asked, session: Session, keeper: Keeper, script: Iterator[str] | None) -> bool:
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


def _end(asked: Asked, session: Session, keeper: Keeper, seed: int) -> None:
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
