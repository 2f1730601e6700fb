"""Products of vectors and matrices."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.nothing import ADDED, MOVED, MULTIPLIED
from backtrace_cli.ops.shape_functions import Shape, cost_of_product, matrix_product, no_cost, sides, size
from backtrace_cli.ops.spec import Op


def rank_of_product(a: Shape, b: Shape) -> str:
    """Which product ``a @ b`` is: the messages differ with the number of axes."""
    if len(a) > 2 or len(b) > 2:
        return "matmul_stacked"
    kinds = {(2, 2): "matmul", (2, 1): "matmul_column", (1, 2): "matmul_row", (1, 1): "matmul_inner"}
    return kinds.get((len(a), len(b)), "matmul")


def transposed(a: Shape, axes: Any = None) -> Shape:
    """The axes in reverse, or in the order named."""
    return a[::-1] if axes is None else _named_alike(a, axes)


def _named_alike(a: Shape, axes: Any) -> Shape:
    """``permuted``, where NumPy and PyTorch read the axes of a transpose alike."""
    if axes == (0, 1) and len(a) == 2:
        raise ShapeError("transpose(a, 0, 1) turns a matrix in PyTorch, and leaves it as it is in NumPy",
                         hint="write a.T, or swapaxes(a, 0, 1), to turn it")  # fmt: skip
    return permuted(a, axes)


def permuted(a: Shape, axes: Any) -> Shape:
    """The sizes in the order of ``axes``, which names each axis once."""
    wanted = axes if isinstance(axes, tuple) else (axes,)
    whole = all(isinstance(one, int) and not isinstance(one, bool) for one in wanted)
    there = whole and all(-len(a) <= one < len(a) for one in wanted)
    if not there or sorted(one % len(a) for one in wanted) != [*range(len(a))]:
        two = len(wanted) == 2 and len(a) > 2
        raise ShapeError(f"a new order names each of the {len(a)} axes of shape {sides(a)} once",
                         hint="to exchange two of them write swapaxes(a, 0, 1)" if two else
                         f"write permute(a, {', '.join(map(str, range(len(a))[::-1]))})")  # fmt: skip
    return tuple(a[one] for one in wanted)


def axes_back(slot: int, names: tuple[str, ...], fixed: tuple[Any, ...]) -> str:
    """The order that puts the axes back."""
    order = fixed[0]
    if not isinstance(order, tuple) or not order:
        return "unpermute(g, axis=axis)"  # nobody has said which
    back = sorted(range(len(order)), key=lambda place: order[place] % len(order))
    return f"permute(g, axis=[{', '.join(map(str, back))}])"


def permute_if_named(a: Shape, axis: Any = None) -> str:
    """A transpose that names its axes is a permutation."""
    return "transpose" if axis is None else "permute"


def swapped(a: Shape) -> Shape:
    """The last two axes exchanged."""
    if len(a) < 2:
        raise ShapeError(
            f"mT turns matrices; shape {sides(a)} has no two axes to exchange", hint="leave it out"
        )
    return a[:-2] + a[:-3:-1]


def swap_array(a: Any) -> Any:
    """The last two axes exchanged."""
    import numpy as np

    return np.swapaxes(a, -1, -2)


def outer_shape(a: Shape, b: Shape) -> Shape:
    """A row for each entry of a, a column for each of b."""
    if len(a) != 1 or len(b) != 1:
        raise ShapeError(f"outer takes two vectors; shapes {sides(a)} and {sides(b)} are given",
                         hint="for matrices write @")  # fmt: skip
    return a + b


def cost_of_entries(out: Shape, *_: Shape) -> int:
    """One multiply-add for each entry made."""
    return size(out)


_PAIR = (((2, 3), (3, 2)), ((1, 1), (1, 1)))

_PRODUCT_SHAPE = (
    "A product has the rows of its left factor and the columns of its right one; a vector has no other side "
    "to give."
)

OPS = (
    Op("matmul", "a b", "matrix product, of vectors and matrices in any combination",
       numpy="matmul", messages=("g @ b.T", "a.T @ g"), tangents=("d @ b", "a @ d"),
       shape=matrix_product, ranks=rank_of_product, cost=cost_of_product, aliases=("dot",), entries=ADDED,
       shape_words=_PRODUCT_SHAPE,
       why="An entry of one matrix meets each entry of a row or column of the other: what arrived is "
           "multiplied by the other matrix, turned, on the same side.",
       samples=_PAIR),
    Op("matmul_column", "a b", "matrix times vector", numpy="matmul",
       messages=("outer(g, b)", "a.T @ g"), tangents=("d @ b", "a @ d"), shape=matrix_product,
       cost=cost_of_product, spelled="matmul", internal=True, entries=ADDED, shape_words=_PRODUCT_SHAPE,
       samples=(((2, 3), (3,)),)),
    Op("matmul_row", "a b", "vector times matrix", numpy="matmul",
       messages=("b @ g", "outer(a, g)"), tangents=("d @ b", "a @ d"), shape=matrix_product,
       cost=cost_of_product, spelled="matmul", internal=True, entries=ADDED, shape_words=_PRODUCT_SHAPE,
       samples=(((3,), (3, 2)),)),
    Op("matmul_inner", "a b", "inner product of two vectors", numpy="matmul",
       messages=("g*b", "g*a"), tangents=("d @ b", "a @ d"), shape=matrix_product,
       cost=cost_of_product, spelled="matmul", internal=True, entries=ADDED, shape_words=_PRODUCT_SHAPE,
       samples=(((3,), (3,)),)),
    Op("matmul_stacked", "a b", "products of stacks of matrices", numpy="matmul",
       messages=("g @ mT(b)", "mT(a) @ g"), tangents=("d @ b", "a @ d"), shape=matrix_product,
       cost=cost_of_product, spelled="matmul", internal=True,
       entries=ADDED, shape_words=_PRODUCT_SHAPE,
       samples=(((4, 2, 3), (4, 3, 2)), ((2, 3), (4, 3, 2)), ((1, 2, 3), (4, 3, 2)))),
    Op("outer", "a b", "outer product of two vectors: every entry of a times every entry of b",
       numpy="outer",
       shape_words="Of two vectors: a row for every entry of the first, a column for every of the second.",
       messages=("g @ b", "a @ g"), tangents=("outer(d, b)", "outer(a, d)"),
       shape=outer_shape, cost=cost_of_entries, entries=MULTIPLIED,
       why="Each entry of one vector meets all of the other, so it gathers what arrived along them, "
           "weighted by them.",
       samples=(((2,), (3,)),)),
    Op("transpose", "a", "rows and columns exchanged, also written a.T; or the axes in the order named",
       numpy="transpose", options="*axis=none", shape_words="Rows and columns change places.",
       messages=("g.T",), tangents=("d.T",), shape=transposed, ranks=permute_if_named, cost=no_cost,
       entries=MOVED,
       why="The entries only changed places, so what arrived changes its places back.",
       samples=(((2, 3),), ((3,),), ((2, 3, 4),))),
    Op("mT", "a", "the last two axes exchanged: each matrix of a stack transposed", numpy=swap_array,
       messages=("mT(g)",), tangents=("mT(d)",), shape=swapped, cost=no_cost, entries=MOVED,
       why="The entries only changed places, so what arrived changes its places back.",
       samples=(((4, 2, 3),),)),
)  # fmt: skip
