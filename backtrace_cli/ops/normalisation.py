"""Entries brought to mean 0 and variance 1, and rows looked up by their numbers."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.nothing import COMPUTED, COUNT, MOVED
from backtrace_cli.ops.shape_functions import Shape, axes, no_cost, nonempty, size
from backtrace_cli.ops.spec import Op, fixed_text
from backtrace_cli.ops.whole_numbers import within


def normal_array(a: Any, axis: Any = -1, eps: Any = 1e-5) -> Any:
    """a less its mean, over the root of its variance and eps."""
    import numpy as np

    less = a - np.mean(a, axis=axis, keepdims=True)
    return less / (np.mean(less * less, axis=axis, keepdims=True) + eps) ** 0.5


def normal_shape(a: Shape, axis: Any = -1, eps: Any = 1e-5) -> Shape:
    """The argument's own shape; eps is above 0, or 0."""
    if a == ():
        raise ShapeError("one number alone has no spread", hint="write a list: layer_norm([x, y])")
    axes(a, axis)
    nonempty(a, axis)
    if isinstance(eps, bool) or not isinstance(eps, (int, float)) or eps < 0:
        raise ShapeError(f"eps is a number from 0, not {fixed_text(eps)}", hint="write eps=1e-5")
    return a


def embedding_array(i: Any, a: Any) -> Any:
    """The rows of a that i names."""
    import numpy as np

    return np.asarray(a)[within(i, len(a))]


def embedding_shape(i: Shape, a: Shape) -> Shape:
    """A row of a for each of i."""
    if len(a) != 2:
        raise ShapeError("an embedding is looked up in a matrix, a row for each number",
                         hint="write embedding(ids, W), as PyTorch has it, or W[ids]")  # fmt: skip
    return i + a[1:]


def cost_of_normal(_: Shape, a: Shape, *__: Shape) -> int:
    """Mean, variance and quotient: three an entry."""
    return 3 * size(a)


def _over(name: str, axis: str, doc: str, samples: Any) -> Op:
    mean = "mean({}, axis=axis, keepdims=true)"
    root = "sqrt(var(a, axis=axis, keepdims=true) + eps)"
    rule = "({0} - " + mean + " - out*" + mean.replace("{}", "{0}*out") + ")/" + root
    return Op(name, "a", doc, numpy=normal_array, options=f"axis={axis} eps=1e-5", shape=normal_shape,
              messages=(rule.replace("{}", "{0}").format("g"),),
              tangents=(rule.replace("{}", "{0}").format("d"),),
              entries=COMPUTED, cost=cost_of_normal, yields="*",
              why="Moving all entries alike, or stretching them, changes nothing, so those two parts of what "
                  "arrived are taken out.", samples=samples)  # fmt: skip


OPS = (
    _over("layer_norm", "-1", "each line less its mean, over its spread: (a − mean)/√(var + eps), along the "
          "last axis; weight and bias stand outside", (((4,),), ((2, 3),), ((2, 3, 2), (1, 2)))),
    _over("batch_norm", "0", "the same over the batch, the first axis, as it is while training; "
          "var divides by n", (((4, 2),), ((3,),))),
    Op("embedding", "i a", "the rows of the matrix a that the whole numbers i name, as PyTorch has it: W[i]",
       numpy=embedding_array, shape=embedding_shape, messages=(COUNT, "scatter_add(g, a, i)"),
       tangents=(COUNT, "embedding(i, d)"), entries=MOVED, cost=no_cost, yields="*",
       why="Each row picked gets what arrived where it was put; a row picked twice gets both.",
       samples=(((4,), (3, 2)), ((), (3, 2)), ((2, 2), (3, 2)))),
)  # fmt: skip
