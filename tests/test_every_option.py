"""Each command, with each of its options, about each op at its special points: words, never a traceback.

Driven by the registry of ops and by the options that the commands declare: a new op is covered by itself.
"""

from __future__ import annotations

import random
import sys
import warnings
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from click.testing import CliRunner

from backtrace_cli.cli import main
from backtrace_cli.ops import FUNCTIONS, OPS, Op

PUBLIC = [op for op in OPS.values() if not op.internal and op.called in FUNCTIONS]
NAMES = ("x", "y", "z", "u")
#: Numbers at which ops have corners, leave their domain or the range of a float.
SPECIAL = ("0", "-0", "1", "-1", "1/2", "2", "1e-200", "-1e200", "1e308", "5e-324", "1e400", "nan", "0.1")
#: Ways to ask for a trace; None stands for no point.
WAYS: dict[str, list[str]] = {
    "check": ["--check"], "cost": ["--cost"], "expand": ["--expand", "x"], "json": ["--json", "--check"],
    "forward": ["--mode", "forward"], "seed": ["--seed", "x=1"], "sheet": ["--view", "sheet"],
    "plain": ["--plain"],
    "exact": ["--exact"], "exact expand": ["--exact", "--expand", "x"], "closed": ["--closed-form"],
    "mine": ["--mine", "x = 1"], "wrt": ["--wrt", "x", "--no-share"], "digits": ["--digits", "1", "--full"],
    "latex": ["--as", "latex"], "html": ["--as", "html"], "markdown": ["--as", "markdown"],
    "exact cost": ["--exact", "--cost", "--closed-form"],
}  # fmt: skip
OTHERS = [["step"], ["chain"], ["new"], ["draw"], ["emit", "--as", "numpy"]]


def call_of(op: Op, count: int, options: tuple[Any, ...] = ()) -> str:
    """The op called on as many variables, with its options by position."""
    from backtrace_cli.ops import fixed_text

    if op.name == "index":
        return "x[0]"
    names = [name.strip() for name in NAMES[:count]]
    return f"{op.called}({', '.join([*names, *map(fixed_text, options)])})"


def filled(shape: tuple[int, ...], numbers: list[str]) -> str:
    """A nested list of that shape."""
    if not shape:
        return numbers[0]
    part = len(numbers) // max(1, shape[0]) or 1
    return "[" + ", ".join(filled(shape[1:], (numbers * 4)[i * part :]) for i in range(shape[0])) + "]"


def points(op: Op, dice: random.Random) -> Iterator[tuple[str, list[str]]]:
    """(formula, --at …): at the op's own samples and at special numbers."""
    for sample in op.samples:
        if op.mixes:
            count = min(op.arity if not op.variadic else len(sample), len(sample))
            shapes, options = sample[:count], tuple(sample[count:])
            for numbers in (
                dice.choices(SPECIAL, k=6),
                ["1"] * 6,
                ["0.1"] * 6,
                dice.choices(SPECIAL[:6], k=6),
            ):
                values = [filled(tuple(shape), numbers) for shape in shapes]
                yield call_of(op, count, options), [f"{n}={v}" for n, v in zip(NAMES, values, strict=False)]
        else:
            for numbers in (
                [repr(a) for a in sample],
                dice.choices(SPECIAL, k=len(sample)),
                ["0"] * len(sample),
            ):
                yield call_of(op, len(sample)), [f"{n}={v}" for n, v in zip(NAMES, numbers, strict=False)]
                lists = [f"{n}=[{v}, {dice.choice(SPECIAL)}]" for n, v in zip(NAMES, numbers, strict=False)]
                yield call_of(op, len(sample)), lists


def held(words: list[str]) -> None:
    """The command ends in words, and with a code that says what it means."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = CliRunner().invoke(main, words)
    assert found.exception is None or isinstance(found.exception, SystemExit), (words, repr(found.exception))
    assert found.exit_code in (0, 1, 2), (words, found.exit_code)
    assert "Traceback" not in found.output, words
    if found.exit_code == 1:
        assert {"--check", "--mine"} & set(words), (words, found.output[-300:])


def commands(op: Op, dice: random.Random) -> Iterator[list[str]]:
    """Every way to ask about ``op`` at each of its points, and without one."""
    for formula, at in points(op, dice):
        for way in WAYS.values():
            yield ["eval", formula, *(part for value in at for part in ("--at", value)), *way]
        yield ["eval", formula]
        yield ["eval", formula, "--closed-form"]
        for other in OTHERS:
            yield [*other[:1], formula, *other[1:]]
            yield [*other[:1], formula, *other[1:], *(part for value in at for part in ("--at", value))]


@pytest.mark.parametrize("op", PUBLIC, ids=lambda op: op.name)
def test_a_few_ways_to_ask_about_each_op(op: Op) -> None:
    """Three of the ways, drawn by the op's name."""
    dice = random.Random(op.name)
    for words in dice.sample(list(commands(op, dice)), 3):
        held(words)


@pytest.mark.slow
@pytest.mark.parametrize("op", PUBLIC, ids=lambda op: op.name)
def test_more_ways_to_ask_about_each_op(op: Op) -> None:
    """A dozen more; ``python -m tests.test_every_option`` asks in all of them."""
    dice = random.Random(f"more {op.name}")
    for words in dice.sample(list(commands(op, dice)), 12):
        held(words)


def every_way(seed: int) -> None:
    """All of the ways to ask about each op: what ends otherwise than in words is printed."""
    for op in PUBLIC:
        for words in commands(op, random.Random(seed)):
            try:
                held(words)
            except AssertionError as error:
                print(op.name, words, str(error)[:200])


#: What ended in a traceback once.
FOUND = [
    ["eval", r"\sum_i x_i / \sigma"], ["eval", r"\|x\|_"], ["check", "--help"],
    ["eval", "asinh(z)", "--at", "z=1", "--exact", "--expand", "z"],
    ["eval", "x*y", "--at", "x=-0.62,y=1e400", "--exact", "--expand", "x"],
    ["eval", "x > [3]", "--closed-form"], ["eval", "max([0,1],x)", "--closed-form"],
    ["eval", "x^2", "--at", "x=8", "--exact", "--expand", "x"], ["eval", "x^y", "--at", "x=-2,y=2", "--cost"],
    ["eval", "floor(where(x>0,x,0))", "--closed-form"], ["eval", "mse(x,y)", "--at", "x=1e200,y=0"],
    ["new", "a = x*2; b = 3*4"], ["eval", "dropout(x, p=none)"], ["eval", "x*y", "--at", "x=[1,2],y=1e308"],
    ["eval", "y logdet std divide log_softmax"], ["eval", "std(divide(x))"],
    ["eval", r"\prod_{k=11}^{3} (x ( (x - k)"], ["eval", r"\sum_{k=2}^{1} (x"],
    ["eval", r"\sum_{i=1}^{n#y_i - a x - b,2"],
    ["eval", "x^2", "--at", "x=3", "--mine", "x = .00"], ["eval", "sum(x)", "--at", "x=[1e400, -1e400]"],
    ["new", "power(x, y)", "--at", "x=[0, 1e400],y=[0, 1e308]"],
    ["eval", "det(x)", "--at", "x=[[1,1],[1,1]]", "--mine", "x = 1"],
    ["eval", "2x(y+1) - √(x² + 1)/3", "--at", "x=1e308,y=-1e308", "--exact"],
    ["eval", "y + T", "--at", "y=[1,1],T=-1e308"], ["eval", "y=x/w", "--at", "x=[1,2],w=-0", "--check"],
]  # fmt: skip


@pytest.mark.parametrize("words", FOUND, ids=" ".join)
def test_what_ended_in_a_traceback_ends_in_words(words: list[str]) -> None:
    """Each with an answer or an error, and no warning of Python's."""
    held(words)


def test_options_of_two_kinds_go_together_or_say_why_not() -> None:
    """Pairs of ways to ask, about one formula with a corner, a choice and a constant."""
    dice = random.Random(5)
    pairs = list(product(WAYS.values(), repeat=2))
    for one, other in dice.sample(pairs, 40):
        held(["eval", "a = relu(x); f = where(x > 0, a*y, 3)", "--at", "x=2,y=0", *one, *other])


if __name__ == "__main__":
    every_way(int([*sys.argv, "1"][1]))  # python -m tests.test_every_option SEED: some minutes
