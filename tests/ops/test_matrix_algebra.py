"""Every law of matrix algebra against numbers, at random points of the shapes that its letters can have."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.language.tree.syntax import Call, Name, names_in
from backtrace_cli.ops.matrix_algebra import LAWS, STRUCTURE, Law, parsed
from backtrace_cli.ops.shape_functions import Shape
from backtrace_cli.readings.assumptions import ASSUMPTIONS
from backtrace_cli.readings.closed.matrix.matching import laws_of_calls, match, meets
from backtrace_cli.readings.closed.matrix.shaped_trees import ShapedTrees
from backtrace_cli.readings.closed.matrix.witness import evaluated

EVERY = [*STRUCTURE, *LAWS]
MATRICES: list[Shape] = [(2, 2), (2, 3), (3, 2), (3, 3), (1, 3)]
VECTORS: list[Shape] = [(2,), (3,), (1,)]
#: fact of a law -> the assumption by which numbers are made to meet it
MET_BY = {"symmetric": "symmetric", "sums to 1": "probabilities", "0/1": "0/1"}


def shapes_of(letter: str) -> list[Shape]:
    if letter in "xyz":
        return [(), (3,), (2, 3), (3, 3), (2, 3, 2)]
    return MATRICES if letter.isupper() else [()] if letter in "st" else VECTORS


@lru_cache(maxsize=512)
def fitting(law: Law) -> list[dict[str, Shape]]:
    """The shapes at which both sides have a meaning and the conditions are met."""
    left, right = parsed(law.left), parsed(law.right)
    letters = sorted(names_in(left))
    found = []
    choices = list(product(*map(shapes_of, letters)))
    random.Random(1).shuffle(choices)
    for choice in choices[:3000]:
        shapes = dict(zip(letters, choice, strict=True))
        trees = ShapedTrees(shapes)
        # What "long" asks of a tree, a letter can't show; a name is one.
        where = Law(law.words, law.left, law.right, ",".join(
            part for part in law.where.split(",") if not part.strip().startswith("long")))  # fmt: skip
        try:
            trees.shape(left)
        except (BacktraceError, IndexError):
            continue
        if meets(trees, where, {letter: Name(letter) for letter in letters}, lambda fact, tree: True):
            trees.shape(right)
            found.append(shapes)
    return found


def facts(law: Law) -> Iterator[tuple[str, str]]:
    for part in law.where.split(","):
        fact, _, letter = part.strip().rpartition(" ")
        if fact in MET_BY:
            yield letter, MET_BY[fact]


def drawn(law: Law, shapes: dict[str, Shape], seed: int) -> dict[str, Any]:
    """Values between 0.2 and 1.2, square matrices well away from singular, that meet what is assumed."""
    dice = np.random.default_rng(seed)
    values: dict[str, Any] = {}
    for letter, shape in shapes.items():
        value = dice.uniform(0.2, 1.2, shape)
        values[letter] = value + 2 * np.eye(*shape) if len(shape) == 2 and shape[0] == shape[1] else value
    for letter, name in facts(law):
        values[letter] = ASSUMPTIONS[name].mend(np.asarray(values[letter]))
    return values


def holds(law: Law, shapes: dict[str, Shape], seed: int) -> bool:
    values = drawn(law, shapes, seed)
    left, right = (np.asarray(evaluated(parsed(side), values, Arrays())) for side in (law.left, law.right))
    return left.shape == right.shape and bool(np.allclose(left, right, rtol=1e-8, atol=1e-10))


@pytest.mark.parametrize("law", EVERY, ids=[f"{law.left} -> {law.right}" for law in EVERY])
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_a_law_holds_at_random_points(law: Law, data: Any) -> None:
    """Both sides have one shape and one value wherever the conditions are met."""
    choices = fitting(law)
    assert choices, "the law fits no shapes"
    shapes = data.draw(st.sampled_from(choices))
    assert holds(law, shapes, data.draw(st.integers(0, 2**32 - 1)))


@pytest.mark.parametrize(("left", "right", "where"), [
    ("(A @ B).T", "A.T @ B.T", "square A, square B"), ("inv(A @ B)", "inv(A) @ inv(B)", "square A, square B"),
    ("A.T", "A", "square A"), ("sum(a)", "1", ""), ("trace(outer(a, b))", "sum(a)*sum(b)", "same a b"),
    ("sum(a*b)", "a @ a", "same a b"),
])  # fmt: skip
def test_a_law_that_is_wrong_is_found(left: str, right: str, where: str) -> None:
    """Planted faults: factors in the wrong order, a condition forgotten."""
    law = Law("planted", left, right, where)
    assert not all(holds(law, shapes, 7) for shapes in fitting(law))


def test_every_law_is_looked_for() -> None:
    """The left side of a law about a function's value is found by that function, and matches itself."""
    for law in LAWS:
        left = parsed(law.left)
        assert isinstance(left, Call)
        if left.func not in ("multiply", "divide", "power", "matmul"):
            assert law in [one for one, _ in laws_of_calls(left.func)]
            assert any(True for _ in match(ShapedTrees(fitting(law)[0]), left, left, {})), law
