"""Dropout: entries left out by a mask that is given, or drawn."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.nothing import COMPUTED, COUNTED, MULTIPLIED, SHAPE
from backtrace_cli.ops.shape_functions import Shape, sides
from backtrace_cli.ops.spec import Op, fixed_text


def dropout_mask_array(a: Any, p: Any = 0.5, seed: Any = 0) -> Any:
    """1/(1 − p) for what is kept, 0 for a share p of the entries, drawn by the seed."""
    import numpy as np

    kept = np.random.default_rng(seed).random(np.shape(a)) >= p
    return np.where(kept, 1 / (1 - p), 0.0).astype(np.result_type(a))


def dropout_array(a: Any, p: Any = 0.5, seed: Any = 0) -> Any:
    """a times the mask."""
    return a * dropout_mask_array(a, p, seed)


def masked_array(a: Any, b: Any) -> Any:
    """a·b."""
    return a * b


def mask_shape(a: Shape, b: Shape) -> Shape:
    """The mask has the shape of what it masks."""
    if a != b:
        raise ShapeError(f"the mask of a dropout has the shape {sides(a)} of what it masks, not {sides(b)}",
                         hint="for a mask drawn at random write dropout(h, p=0.5, seed=1)")  # fmt: skip
    return a


def drop_shape(a: Shape, p: Any = 0.5, seed: Any = 0) -> Shape:
    """The argument's own shape; p is a share."""
    if isinstance(p, bool) or not isinstance(p, (int, float)) or not 0 <= p < 1:
        raise ShapeError(f"dropout drops a share p from 0 up to 1, not {fixed_text(p)}", hint="write p=0.5")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ShapeError(f"a seed is a whole number from 0, not {seed}", hint="write seed=1")
    return a


OPS = (
    Op("dropout", "a b", "a masked by b, which holds 1 for what is kept and 0 for what is dropped",
       numpy=masked_array, needs=("", "mask"), messages=("g*b", "g*a"), tangents=("d*b", "a*d"),
       shape=mask_shape,
       entries=MULTIPLIED,
       why="What was kept passes on what arrived; what was dropped had no part in it, and gets nothing.",
       samples=(((3,), (3,)),)),
    Op("dropout_drawn", "a", "a masked at random: a share p dropped, the rest times 1/(1 − p)",
       numpy=dropout_array, options="p=0.5 seed=0", messages=("g*dropout_mask(a, p=p, seed=seed)",),
       tangents=("d*dropout_mask(a, p=p, seed=seed)",), shape=drop_shape, aliases=("dropout",),
       spelled="dropout", entries=COMPUTED, samples=(((3,),), ((2, 3),)),
       why="What was kept passes on what arrived, scaled as it was; what was dropped gets nothing."),
    Op("dropout_mask", "a", "the mask that dropout draws for a", numpy=dropout_mask_array,
       options="p=0.5 seed=0", messages=(SHAPE,), tangents=(SHAPE,), shape=drop_shape, entries=COUNTED,
       why="The mask is drawn, whatever the entries are, so nothing is passed on.",
       samples=(((3,),),)),
)  # fmt: skip
