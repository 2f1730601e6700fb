"""Square matrices: determinant, inverse, solving, powers."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.elimination import cofactors_array, det_array, inv_array, logabsdet, solve_array
from backtrace_cli.ops.nothing import COMPUTED
from backtrace_cli.ops.shape_functions import Shape, sides, size
from backtrace_cli.ops.spec import Domain, Op

#: A higher power of a matrix is a formula that nobody reads.
_MOST_POWER = 12

_ONE_BY_ONE = "take the matrices of a stack one by one: A[0]"


def square_shape(a: Shape, *_: Any) -> Shape:
    """A square matrix's own shape."""
    if len(a) != 2 or a[0] != a[1]:
        hint = _ONE_BY_ONE if len(a) > 2 else "give it as many rows as columns"
        raise ShapeError(f"a square matrix is needed here, and shape {sides(a)} is given", hint=hint)
    return a


def number_of_square(a: Shape, *_: Any) -> Shape:
    """A number, of a square matrix."""
    square_shape(a)
    return ()


def pair_of_square(a: Shape, *_: Any) -> Shape:
    """Two numbers, of a square matrix."""
    square_shape(a)
    return (2,)


def solved_shape(a: Shape, b: Shape) -> Shape:
    """The shape of the right-hand side, which has a row for each row of the matrix."""
    square_shape(a)
    if len(b) not in (1, 2) or b[0] != a[0]:
        raise ShapeError(f"the right-hand side has an entry (or a row) for each row of {sides(a)}, and shape "
                         f"{sides(b)} is given", hint="solve(A, b) is the x with A @ x = b")  # fmt: skip
    return b


def rank_of_solve(a: Shape, b: Shape) -> str:
    """A vector on the right has a message of its own."""
    return "solve_column" if len(b) == 1 else "solve"


def slogdet_array(a: Any) -> Any:
    """The sign of the determinant, and the logarithm of its size."""
    import numpy as np

    return np.array([*logabsdet(a)])


def logdet_array(a: Any) -> Any:
    """The logarithm of the determinant; nan where that is negative."""
    sign, log = logabsdet(a)
    return log if sign > 0 or not abs(log) < 1e300 else log * float("nan")


def matrix_power_array(a: Any, n: Any) -> Any:
    """a @ a @ …, n times; of the inverse where n is negative."""
    import numpy as np

    a = np.asarray(a)
    found = np.eye(len(a))
    for _ in range(abs(n)):
        found = found @ a
    return found if n >= 0 else inv_array(found)


def power_shape(a: Shape, n: Any) -> Shape:
    """A square matrix's own shape; the power is whole and not large."""
    if isinstance(n, bool) or not isinstance(n, int) or abs(n) > _MOST_POWER:
        raise ShapeError(f"a matrix is raised to a whole power from −{_MOST_POWER} to {_MOST_POWER} here",
                         hint="square it in steps: B = matrix_power(A, 10); matrix_power(B, 2)")  # fmt: skip
    return square_shape(a)


def _factors(n: int, left: str, middle: str, right: str) -> str:
    """Σ left^k · middle · right^(n−1−k), one term for each factor that moves."""

    def power(base: str, k: int) -> str:
        return base if k == 1 else f"matrix_power({base}, n={k})"

    terms = []
    for k in range(n):
        parts = [power(left, k)] * (k > 0) + [middle] + [power(right, n - 1 - k)] * (k < n - 1)
        terms.append(" @ ".join(parts))
    return " + ".join(terms)


def _power_rule(upstream: str, turned: str) -> Any:
    def text(slot: int, names: tuple[str, ...], fixed: tuple[Any, ...]) -> str:
        n = fixed[0] if fixed and isinstance(fixed[0], int) else 2  # the page of the ops shows a square
        base = f"a{turned}"
        if n >= 0:
            return _factors(n, base, upstream, base) or f"0*{upstream}"
        base = f"inv(a){turned}"
        return f"-({_factors(-n, base, f'{base} @ {upstream} @ {base}', base)})"

    return text


power_message, power_tangent = _power_rule("g", ".T"), _power_rule("d", "")


def cost_of_elimination(_: Shape, a: Shape, *rest: Shape) -> int:
    """n³/3 for the elimination, n² for each column on the right."""
    n, columns = a[0], size(rest[0][1:]) if rest else 0
    return n**3 // 3 + n * n * columns


def cost_of_inverse(_: Shape, a: Shape) -> int:
    """n³."""
    return int(a[0] ** 3)


_SQUARE = (((2, 2),), ((3, 3),), ((1, 1),))
_FLAT = ((1, 2), (2, 4))
_SINGULAR = "a singular matrix, whose determinant is 0, has no inverse"

OPS = (
    Op("det", "a", "determinant of a square matrix", numpy=det_array, shape=number_of_square,
       messages=("g*out*inv(a).T",), stable=("g*cofactors(a)",), tangents=("sum(cofactors(a)*d)",),
       entries=COMPUTED, cost=cost_of_elimination, aliases=("determinant",), yields="*",
       why="An entry moves the determinant by its cofactor: what is left when its row and column are "
           "struck out.",
       samples=_SQUARE),
    Op("cofactors", "a", "the slope of the determinant in each entry, det(A)·inv(A).T where that is defined",
       numpy=cofactors_array, shape=square_shape,
       messages=("sum(g*out)*inv(a).T - inv(a).T @ g.T @ out",),
       tangents=("sum(out*d)*inv(a).T - out @ d.T @ inv(a).T",), entries=COMPUTED, cost=cost_of_inverse,
       yields="*",
       why="Each cofactor is a determinant of the entries outside its row and column, so it hears of "
           "all of them.",
       samples=_SQUARE[:2]),
    Op("logdet", "a", "logarithm of the determinant of a square matrix, without overflow", numpy=logdet_array,
       shape=number_of_square, messages=("g*inv(a).T",), tangents=("trace(inv(a) @ d)",), logarithm=False,
       domain=Domain("det(a) >= 0", "logdet needs a matrix with a positive determinant; the logarithm of "
                     "its size is slogdet(A)[1]"),
       refuses=((((1, 2), (3, 4)),),), entries=COMPUTED, cost=cost_of_elimination, yields="*",
       why="The logarithm divides the determinant's slope by the determinant, and what is left is the "
           "inverse, turned.",
       samples=_SQUARE),
    Op("slogdet", "a", "the determinant as [its sign, the logarithm of its size], without overflow",
       numpy=slogdet_array, shape=pair_of_square, messages=("index(g, at=1)*inv(a).T",),
       tangents=("[0, 1]*trace(inv(a) @ d)",), entries=COMPUTED, cost=cost_of_elimination, yields="*",
       why="The sign is flat; the logarithm's slope is the inverse, turned.",
       samples=_SQUARE[:2]),
    Op("inv", "a", "inverse of a square matrix", numpy=inv_array, shape=square_shape,
       messages=("-out.T @ g @ out.T",), tangents=("-out @ d @ out",),
       domain=Domain("det(a) != 0", _SINGULAR), refuses=((_FLAT,),), entries=COMPUTED,
       cost=cost_of_inverse, aliases=("inverse",), yields="*",
       why="Moving A by dA moves A⁻¹ by −A⁻¹·dA·A⁻¹, and on the way back both factors come in transposed.",
       samples=_SQUARE),
    Op("solve", "a b", "the x with a @ x = b, without the inverse", numpy=solve_array, shape=solved_shape,
       ranks=rank_of_solve, messages=("-solve(a.T, g) @ out.T", "solve(a.T, g)"),
       tangents=("-solve(a, d @ out)", "solve(a, d)"), domain=Domain("det(a) != 0", _SINGULAR),
       refuses=((_FLAT, _FLAT),), entries=COMPUTED, cost=cost_of_elimination, yields="*",
       why="What arrived is solved with the transpose, which is what b gets; the matrix gets it times "
           "x, with a minus.",
       samples=(((3, 3), (3, 2)), ((2, 2), (2, 2)))),
    Op("solve_column", "a b", "the vector x with a @ x = b", numpy=solve_array, shape=solved_shape,
       messages=("-outer(solve(a.T, g), out)", "solve(a.T, g)"),
       tangents=("-solve(a, d @ out)", "solve(a, d)"), domain=Domain("det(a) != 0", _SINGULAR),
       refuses=((_FLAT, (1, 1)),), entries=COMPUTED, cost=cost_of_elimination, spelled="solve", internal=True,
       samples=(((3, 3), (3,)),)),
    Op("matrix_power", "a", "a @ a @ …, n factors; of the inverse where n is negative",
       numpy=matrix_power_array, options="n", shape=power_shape, messages=(power_message,),
       tangents=(power_tangent,), domain=Domain("det(a) != 0", _SINGULAR), refuses=((_FLAT, -1),),
       entries=COMPUTED, cost=cost_of_inverse, yields="*",
       why="Each of the factors moves in its turn, with those before it and those after it beside it.",
       samples=(((2, 2), 3), ((3, 3), 1), ((2, 2), 0), ((2, 2), -2))),
)  # fmt: skip
