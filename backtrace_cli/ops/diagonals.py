"""Diagonals, identity matrices, and matrices made of blocks."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.base.limits import MOST_ENTRIES_BY, most_entries
from backtrace_cli.ops.nothing import ADDED, COUNTED, MOVED, MULTIPLIED, SHAPE
from backtrace_cli.ops.shape_functions import Shape, no_cost, second_shape, sides, size
from backtrace_cli.ops.spec import Op

_ONE_BY_ONE = "take the matrices of a stack one by one: A[0]"


def trace_array(a: Any) -> Any:
    """The sum of the entries on the diagonal."""
    import numpy as np

    return np.sum(np.diagonal(a))


def eye_like_array(a: Any) -> Any:
    """1 on the diagonal, 0 elsewhere, in the shape of a."""
    import numpy as np

    return np.eye(*np.shape(a))


def matrix_shape(a: Shape) -> Shape:
    """A matrix's own shape."""
    _matrix(a)
    return a


def eye_array(n: Any) -> Any:
    """1 on the diagonal, 0 elsewhere."""
    import numpy as np

    return np.eye(*(n if isinstance(n, tuple) else (n,)))


def eye_shape(n: Any) -> Shape:
    """n rows and as many columns, or n and m."""
    sizes = n if isinstance(n, tuple) else (n, n)
    if len(sizes) != 2 or any(isinstance(k, bool) or not isinstance(k, int) or k < 1 for k in sizes):
        raise ShapeError("eye takes the number of rows, and perhaps of columns", hint="write eye(3)")
    if size(sizes) > most_entries():
        raise ShapeError(
            f"this would have {size(sizes):,} entries", hint=f"choose fewer, or raise {MOST_ENTRIES_BY}"
        )
    return sizes


def diag_array(a: Any) -> Any:
    """A vector on the diagonal, or the diagonal of a matrix."""
    import numpy as np

    return np.diag(a)


def diag_shape(a: Shape) -> Shape:
    """The diagonal's length, or a square of a vector's."""
    if len(a) == 1:
        return a + a
    if len(a) != 2:
        raise ShapeError(f"diag takes a vector or a matrix; shape {sides(a)} is given",
                         hint=_ONE_BY_ONE if len(a) > 2 else
                         "write a list: diag([x])")  # fmt: skip
    return (min(a),)


def diagonal_shape(a: Shape) -> Shape:
    """The diagonal's length."""
    _matrix(a)
    return (min(a),)


def rank_of_diag(a: Shape) -> str:
    """A vector becomes a matrix, a matrix a vector."""
    return "diag" if len(a) == 1 else "diagonal"


def on_diagonal_array(g: Any, a: Any) -> Any:
    """Zeros like a with g on the diagonal."""
    import numpy as np

    found = np.zeros(np.shape(a), dtype=np.result_type(g))
    np.fill_diagonal(found, g)
    return found


def kron_array(a: Any, b: Any) -> Any:
    """A block a[i,j]·b for each entry of a."""
    import numpy as np

    return np.kron(a, b)


def kron_shape(a: Shape, b: Shape) -> Shape:
    """The sizes multiplied."""
    if len(a) != 2 or len(b) != 2:
        raise ShapeError(f"kron takes two matrices; shapes {sides(a)} and {sides(b)} are given",
                         hint="for two vectors write reshape(outer(a, b), -1)")  # fmt: skip
    if 0 in b:
        raise ShapeError(f"shape {sides(b)} has no entries to make blocks of", hint="give it some")
    return (a[0] * b[0], a[1] * b[1])


def blocks_array(g: Any, b: Any) -> Any:
    """g cut into blocks of b's size: the block in row i and column j stands at [i, j]."""
    import numpy as np

    (rows, columns), (p, q) = np.shape(g), np.shape(b)
    return np.reshape(g, (rows // p, p, columns // q, q)).swapaxes(1, 2)


def blocks_shape(g: Shape, b: Shape) -> Shape:
    """Rows and columns of blocks, then those within each."""
    return (g[0] // b[0], g[1] // b[1], *b)


def joined_array(a: Any) -> Any:
    """The blocks put together again."""
    import numpy as np

    m, n, p, q = np.shape(a)
    return np.swapaxes(a, 1, 2).reshape(m * p, n * q)


def joined_shape(a: Shape) -> Shape:
    """The sizes multiplied."""
    return (a[0] * a[2], a[1] * a[3])


def cost_of_kron(out: Shape, *_: Shape) -> int:
    """One multiply-add for each entry made."""
    return size(out)


def number_of_matrix(a: Shape, *_: Any) -> Shape:
    """A number, of a matrix."""
    _matrix(a)
    return ()


def _matrix(a: Shape) -> None:
    if len(a) != 2:
        raise ShapeError(f"a matrix is needed here, and shape {sides(a)} is given",
                         hint=_ONE_BY_ONE if len(a) > 2 else
                         "write a vector's entries as a matrix: reshape(x, 1, -1)")  # fmt: skip


OPS = (
    Op("trace", "a", "sum of the entries on the diagonal of a matrix", numpy=trace_array,
       shape=number_of_matrix, messages=("g*eye_like(a)",), tangents=("trace(d)",), entries=ADDED,
       aliases=("tr",), yields="*", usually_square=True,
       why="Only the entries on the diagonal are added up, so each of them gets what arrived and the "
           "others nothing.",
       samples=(((3, 3),), ((2, 3),))),
    Op("diag", "a", "a matrix with the vector a on its diagonal; of a matrix, its diagonal",
       numpy=diag_array, shape=diag_shape, ranks=rank_of_diag, messages=("diag(g)",), tangents=("diag(d)",),
       entries=MOVED, cost=no_cost, yields="*",
       why="A diagonal entry is an entry of the other one, so what arrived goes back along the diagonal.",
       samples=(((3,),),)),
    Op("diagonal", "a", "the entries on the diagonal of a matrix", numpy=diag_array, shape=diagonal_shape,
       messages=("on_diagonal(g, a)",), tangents=("diagonal(d)",), entries=MOVED, cost=no_cost,
       yields="*",
       why="Only the diagonal was read, so what arrived goes there, and 0 elsewhere.",
       samples=(((3, 3),), ((2, 3),))),
    Op("on_diagonal", "g a", "zeros like a with g on the diagonal", numpy=on_diagonal_array,
       shape=second_shape, messages=("diagonal(g)", SHAPE), tangents=("on_diagonal(d, a)", SHAPE),
       entries=MOVED, cost=no_cost, internal=True,
       why="Only the diagonal was filled, so what arrived there goes back.",
       samples=(((2,), (2, 3)),)),
    Op("eye", "", "the identity matrix of n rows and columns: eye(3)", numpy=eye_array, options="*n",
       shape=eye_shape, entries=COUNTED, cost=no_cost, aliases=("identity_matrix",), yields="*",
       why="It is made of sizes alone, so nothing is passed on.",
       samples=((3,), ((2, 3),))),
    Op("eye_like", "a", "the identity matrix in the shape of a", numpy=eye_like_array, shape=matrix_shape,
       messages=(SHAPE,), tangents=(SHAPE,), entries=COUNTED, cost=no_cost, yields="*",
       why="Only the shape is read, so nothing is passed on.",
       samples=(((2, 3),),)),
    Op("kron", "a b", "a block a[i,j]·b for each entry of the matrix a", numpy=kron_array, shape=kron_shape,
       messages=("sum(sum(blocks(g, b)*b, axis=3), axis=2)",
                 "sum(sum(blocks(g, b)*expand_dims(expand_dims(a, axis=2), axis=3), axis=1), axis=0)"),
       tangents=("kron(d, b)", "kron(a, d)"), entries=MULTIPLIED, cost=cost_of_kron, yields="*",
       why="Each entry scales a block of its own, so it gathers what arrived at that block, weighted "
           "by the other matrix.",
       samples=(((2, 3), (2, 2)), ((1, 2), (3, 1)))),
    Op("blocks", "g b", "g cut into blocks of b's size, the one in row i and column j at [i, j]",
       numpy=blocks_array, shape=blocks_shape, messages=("joined(g)", SHAPE),
       tangents=("blocks(d, b)", SHAPE), entries=MOVED, cost=no_cost, internal=True,
       why="The entries only changed places, so what arrived changes its places back.",
       samples=(((4, 6), (2, 3)),)),
    Op("joined", "a", "blocks put together to a matrix", numpy=joined_array, shape=joined_shape,
       messages=("blocks(g, index(index(a, at=0), at=0))",), tangents=("joined(d)",),
       entries=MOVED, cost=no_cost, internal=True,
       why="The entries only changed places, so what arrived changes its places back.",
       samples=(((2, 3, 2, 2),),)),
)  # fmt: skip
