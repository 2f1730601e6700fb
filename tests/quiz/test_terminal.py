"""The quiz and the walk in a real pseudo-terminal, as a person has them."""

from __future__ import annotations

import atexit
import os
import random
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from backtrace_cli.graph import build
from backtrace_cli.mistakes.catalogue import MISTAKES
from backtrace_cli.quiz.array_messages import finite, shown
from backtrace_cli.quiz.judge import exercise_for, judged
from backtrace_cli.quiz.memory.choose import Chooser
from backtrace_cli.quiz.memory.store import Store, now_here
from backtrace_cli.quiz.question_source import all_of, of_exercise, of_formula
from backtrace_cli.quiz.session import Round, Session
from backtrace_cli.runs.point import read_point
from tests.quiz.learner import right_answer

if sys.platform == "win32":
    pytest.skip("there is no pseudo-terminal here", allow_module_level=True)

from tests.quiz.terminal import Terminal
from tests.sampling import few

FORMULA = ("f = x*y + x", "--at", "x=2,y=3")
_COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7][0-9;]*m")

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start ``backtrace`` with progress of its own; ended with the test."""
    made: list[Terminal] = []

    def begin(*words: str, **settings: object) -> Terminal:
        made.append(Terminal(*words, home=tmp_path, **settings))  # type: ignore[arg-type]
        return made[-1]

    yield begin
    for terminal in made:
        terminal.child.close(force=True)


def mirror(seed: int, count: int, topic: str | None = None, level: int | None = None) -> Session:
    """The session that the same seed gives, to know its answers."""
    return Session(Chooser(random.Random(seed), None, now_here, topic, level), count)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("topic", "level", "columns"),
    [
        (None, None, 80),
        ("forks", 3, 80),
        ("kinks", 2, 40),
        ("matrices", 2, 80),
        ("vectors", 3, 40),
        ("softmax", 4, 80),
    ],
)
def test_a_whole_session_right(
    start: Start, tmp_path: Path, topic: str | None, level: int | None, columns: int
) -> None:
    """Every answer right: the sheet fills in place, the count is full, the progress is kept."""
    words = ["--seed", "5", "--count", "8"]
    words += ["--topic", topic] if topic else []
    words += ["--level", str(level)] if level else []
    quiz, terminal = mirror(5, 8, topic, level), start("quiz", *words, columns=columns)
    terminal.settle()
    while not quiz.over:
        item = quiz.model.item
        answer = right_answer(quiz, item) if item is not None else ""
        quiz.answer(answer)
        if quiz.over:
            terminal.send(answer + "\r")
        else:
            assert "Not " not in terminal.type(answer)
    assert terminal.leave() == 0
    assert "8 of 8 right at the first try." in terminal.screen
    assert terminal.raw.count("\x1b[?1049l") == 1
    assert Store(tmp_path / "progress.json").load().right == 8


def _examples(folder: Path) -> Iterator[str]:
    """The catalogue's own example of each mistake, as an exercise that asks for whole partials."""
    for number, mistake in enumerate(mistake for mistake in MISTAKES if not mistake.at):
        names = list(build(mistake.example).inputs)
        at = ", ".join(f"{name} = {value}" for name, value in zip(names, (2.5, 1.5, 3), strict=False))
        blanks = "".join(f'{name} = ""\n' for name in names)
        path = folder / f"{number}.toml"
        path.write_text(f'formula = "{mistake.example}"\nat = {{ {at} }}\n[gradient]\n{blanks}', "utf-8")
        yield str(path)


@cache
def places() -> dict[str, tuple[Round, list[str], int, str]]:
    """For each mistake of the catalogue: a round, how to start it, which question, the wrong answer."""
    sources: list[tuple[Round, list[str]]] = []
    for formula, at in (
        ("a = x + y; b = x*y; f = a*b", "x=2,y=3"),
        ("a = x*y; b = a^3; c = a + b; g = a*c; f = g + c", "x=3,y=2"),
        ("a = x/y; f = a*sin(x)", "x=3,y=4"),
        ("a = x*y; s = sigmoid(a); t = tanh(s); f = t*exp(x)", "x=1.5,y=0.5"),
        ("h = relu(z); u = h*c; L = sum(u)", "z=[1,-2,3],c=[-1,2,5]"),
        *((mistake.example, mistake.at) for mistake in MISTAKES if mistake.at),
    ):
        sources.append((of_formula(formula, read_point([at])), [formula, "--at", at]))
    paths = ["exercises/04_forks/two_paths.toml", "exercises/03_chain/chain.toml", str(WHOLE)]
    folder = Path(tempfile.mkdtemp(prefix="backtrace-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for path in [*paths, *_examples(folder)]:
        sources.append((of_exercise(path), [path]))
    found: dict[str, tuple[Round, list[str], int, str]] = {}
    for this, words in sources:
        exercise = exercise_for(this.statement)
        for place, item in enumerate(this.items):
            for slip in item.slips.shown if item.slips else ():
                name = slip.fault.mistake
                if name in found or not finite(slip.value):
                    continue
                wrong = shown(slip.value)
                reply = judged(exercise, item.cell, wrong, item.slips, item.part)
                if reply.slip is not None and reply.slip.fault.mistake == name:
                    found[name] = this, words, place, wrong
    return found


WHOLE = Path(__file__).parent / "whole.toml"


#: From one answer in the quiz it has rivals, so it is named by ``check`` alone, from formulas.
_NOT_FROM_ONE = {"statistic held constant"}


@pytest.mark.parametrize("mistake", few((m.name for m in MISTAKES if m.name not in _NOT_FROM_ONE), 2))
def test_a_session_with_each_kind_of_mistake(start: Start, tmp_path: Path, mistake: str) -> None:
    """The mistake is made, named, compared with the right steps, mended, and remembered."""
    this, words, place, wrong = places()[mistake]
    quiz, terminal = Session(all_of([this]), None), start("quiz", *words, rows=44)
    terminal.settle()
    for _ in range(place):
        terminal.type("skip")
        quiz.answer("skip")
    screen = " ".join(terminal.type(wrong).split())
    (outcome,) = quiz.answer(wrong)
    assert outcome.missed[0][0] == mistake
    assert "Not " in screen
    words_said = quiz.model.feedback[0].reply.words.rstrip(".")  # type: ignore[union-attr]
    assert " ".join(words_said.split())[1:] in screen
    assert "with the mistake" in terminal.type("compare")
    assert quiz.model.item is not None
    answer = right_answer(quiz, quiz.model.item)
    terminal.send(answer + "\r")
    terminal.settle("Right this time")
    terminal.interrupt()
    assert terminal.leave() == 0
    assert Store(tmp_path / "progress.json").load().cards[outcome.missed[0]].missed == 1


@pytest.mark.parametrize(
    ("before", "key"),
    [
        *(
            ([*lines], "\x03")
            for lines in ([], ["?"], ["77"], ["77", "78"], ["help"], ["12", "compare"], ["x"])
        ),
        ([], "\x04"),
        (["77"], "\x04"),
    ],
)
def test_ctrl_c_and_ctrl_d_leave_every_prompt_cleanly(
    start: Start, tmp_path: Path, before: list[str], key: str
) -> None:
    """The other screen goes, the terminal is as it was, what was answered is kept."""
    terminal = start("quiz", *FORMULA)
    terminal.settle()
    for line in before:
        terminal.type(line)
    terminal.interrupt(key)
    assert terminal.leave() == 0
    assert "Traceback" not in terminal.raw
    assert terminal.raw.count("\x1b[?1049l") == 1
    answered = {"77", "78", "12", "x"} & set(before)
    assert Store(tmp_path / "progress.json").load().asked == (1 if answered else 0)


def test_ctrl_c_leaves_between_two_formulas(start: Start) -> None:
    """Also where nothing but Enter is asked for."""
    terminal = start("quiz", "--seed", "5", "--topic", "values", "--level", "1")
    for _ in range(2):
        terminal.settle()
        terminal.type("skip")
    assert "Enter goes on" in terminal.screen
    terminal.interrupt()
    assert terminal.leave() == 0


def test_ctrl_c_while_typing_leaves(start: Start) -> None:
    """Half an answer doesn't hold anybody."""
    terminal = start("quiz", *FORMULA)
    terminal.settle()
    terminal.send("x*")
    terminal.settle("> x*")
    terminal.interrupt()
    assert terminal.leave() == 0


def test_resize_repaints_and_keeps_what_was_typed(start: Start) -> None:
    """From 80 columns to 40 and back, in the middle of an answer."""
    terminal = start("quiz", *FORMULA, rows=30)
    terminal.settle()
    terminal.send("3+")
    terminal.settle("> 3+")
    terminal.resize(24, 40)
    terminal.settle("> 3+")
    assert all(len(line) <= 40 for line in terminal.screen.split("\n"))
    assert "What is the value of" in terminal.screen
    terminal.resize(30, 100)
    terminal.settle("> 3+")
    assert "Right." in terminal.type("3")


def test_dragging_the_corner_loses_nothing(start: Start) -> None:
    """Many sizes, one right after another: the last one is painted, with what was typed."""
    terminal = start("quiz", *FORMULA, rows=30)
    terminal.settle()
    terminal.send("3+")
    terminal.settle("> 3+")
    for _ in range(3):
        for columns in range(79, 39, -1):
            terminal.child.setwinsize(30, columns)
        terminal.resize(30, 100)
        terminal.settle("> 3+")
    assert "Right." in terminal.type("3")


def test_a_low_narrow_window_keeps_the_question(start: Start) -> None:
    """At 40 by 14 the sheet is cut around the question; the question and the formula stand whole."""
    terminal = start("quiz", "a = x + y; b = x*y; c = a*b; g = c^2; h = g - a; f = h/b", "--at", "x=2,y=3",
                     rows=14, columns=40)  # fmt: skip
    terminal.settle()
    for _ in range(9):
        screen = terminal.type("skip")
        assert "?" in screen
        for statement in ("a = x + y", "b = x·y", "c = a·b", "g = c²", "h = g − a", "f = h/b"):
            assert statement in screen
        assert re.search(r"(?i)question \d", screen)


def test_40_columns_never_cut_a_number(start: Start) -> None:
    """Every number of the skipped steps stands whole on some line."""
    terminal = start("quiz", "f = exp(x)*y", "--at", "x=3,y=1.2345", columns=40, rows=30)
    terminal.settle()
    assert "20.0855" in terminal.type("skip")
    assert "24.7956" in terminal.type("skip")


def test_no_color_has_no_colour_and_loses_nothing(start: Start) -> None:
    """Without colour the marks carry the meaning."""
    plain, coloured = start("quiz", *FORMULA, env={"NO_COLOR": "1"}), start("quiz", *FORMULA)
    for terminal in (plain, coloured):
        terminal.settle()
        for _ in range(5):
            terminal.type("skip")
    assert not _COLOUR.search(plain.raw)
    assert _COLOUR.search(coloured.raw)
    assert plain.screen == coloured.screen
    assert "(*) 1 of 2" in plain.screen


def test_a_long_paste_is_one_answer_and_costs_nothing(start: Start) -> None:
    """Five thousand characters, with a line end in the middle as the terminal pastes it."""
    terminal = start("quiz", *FORMULA)
    terminal.settle()
    terminal.send("\x1b[200~" + "x+" * 2500 + "\ny" + "\x1b[201~")
    terminal.rest()
    screen = terminal.type("")
    assert "can't read" in screen
    assert "2,000 characters" in " ".join(screen.split())
    assert "Right." in terminal.type("6")


@pytest.mark.parametrize(("formula", "at", "skips", "answer"), [
    ("f = x*y", "x=2,y=3", 0, "2·3"),
    ("f = x*y", "x=2,y=3", 0, "x × y"),
    ("f = x*y", "x=2,y=3", 0, r"x \cdot y"),
    ("f = x/y", "x=2,y=4", 0, r"\frac{1}{2}"),
    ("f = x - y", "x=2,y=3", 0, "−1"),
    ("f = sigmoid(x)", "x=2", 0, "σ(x)"),
    ("f = x^2", "x=3", 0, "x²"),
    ("f = sqrt(x)", "x=4", 1, r"\frac{1}{2\sqrt{x}}"),
])  # fmt: skip
def test_unicode_and_latex_answers(start: Start, formula: str, at: str, skips: int, answer: str) -> None:
    """Answers are anything that the formula language reads."""
    terminal = start("quiz", formula, "--at", at)
    terminal.settle()
    for _ in range(skips):
        terminal.type("skip")
    terminal.send(answer + "\r")
    terminal.settle("Right.")


def test_bytes_that_are_no_text_are_survived(start: Start) -> None:
    """Something binary on the line: asked again, no traceback."""
    terminal = start("quiz", *FORMULA)
    terminal.settle()
    os.write(terminal.child.child_fd, b"\xff\xfe\r")
    terminal.rest()
    assert "Right." in terminal.type("6")
    assert "Traceback" not in terminal.raw


def test_a_plain_session_moves_nothing(start: Start) -> None:
    """--plain in a terminal: sentences in ASCII, not one escape sequence."""
    terminal = start("quiz", *FORMULA, "--plain")
    terminal.settle()
    terminal.type("6")
    terminal.type("?")
    terminal.interrupt()
    assert terminal.leave() == 0
    assert "\x1b" not in terminal.raw
    assert terminal.raw.isascii()
    assert "Right." in terminal.raw


def test_a_dumb_terminal_gets_sentences(start: Start) -> None:
    """TERM=dumb can't move a cursor."""
    terminal = start("quiz", *FORMULA, env={"TERM": "dumb"})
    terminal.settle()
    terminal.interrupt()
    assert terminal.leave() == 0
    assert "\x1b[?1049h" not in terminal.raw


def test_being_told_to_end_gives_the_screen_back(start: Start) -> None:
    """SIGTERM is a clean end, too, and the exit code tells of it."""
    terminal = start("quiz", *FORMULA)
    terminal.settle()
    terminal.type("6")
    terminal.kill(signal.SIGTERM)
    assert terminal.leave() == 128 + signal.SIGTERM
    assert terminal.raw.count("\x1b[?1049l") == 1
    assert "Traceback" not in terminal.raw


def test_a_walk_in_the_terminal(start: Start) -> None:
    """On, back, to the fork, to a node, to the end, and out."""
    terminal = start("step", "x^2 - (x+y)*y + y^2", "--at", "x=1,y=0", rows=40)
    assert "Step 0 of 18" in terminal.settle()
    assert "v1 = x² = 1² = 1" in terminal.type("")
    assert "Step 2 of 18" in terminal.type("")
    assert "Step 1 of 18" in terminal.type("back")
    assert "messages add up here" in terminal.type("fork")
    assert "∂f/∂y" in terminal.type("end")
    assert "∂f/∂x = 2   ∂f/∂y = −1" in terminal.screen
    assert "v3 = v2·y" in terminal.type("v3")
    assert "no move and no node" in terminal.type("nonsense")
    terminal.interrupt()
    assert terminal.leave() == 0


def test_a_walk_in_forward_mode(start: Start) -> None:
    """Tangents of one variable, no messages."""
    terminal = start("step", "x*sin(y)", "--at", "x=2,y=1", "--mode", "forward", "--wrt", "y")
    terminal.settle()
    screen = terminal.type("end")
    assert "∂f/∂y" in screen
    assert "Backward" not in screen
    terminal.send("quit\r")
    assert terminal.leave() == 0


@pytest.mark.parametrize("columns", [80, 60, 40])
def test_a_notice_below_the_page_is_whole(start: Start, tmp_path: Path, columns: int) -> None:
    """That nothing can be kept, and why, stands there to its last word, and the title above it."""
    (tmp_path / "file").write_text("")
    place = str(tmp_path / "file" / "progress.json")
    terminal = start("quiz", *FORMULA, rows=24, columns=columns, env={"BACKTRACE_PROGRESS": place})
    shown = terminal.settle()
    flat = "".join(shown.split())
    assert "Yourprogresscan'tbekept:" in flat
    assert f"{place}can'tberead:notadirectory." in flat
    assert shown.startswith(" Your formula")
    terminal.type("6")
    assert "BACKTRACE_PROGRESScannameanotherfile." in "".join(terminal.screen.split())
