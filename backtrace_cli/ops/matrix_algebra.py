"""The laws of matrix algebra by which closed forms over arrays are made shorter: one table.

A law is text in the formula language, pattern -> replacement. What a letter stands for is its shape:
capitals are matrices, a to h vectors, s and t numbers, x, y and z any array. Each law is held against
numbers at random points (tests/ops/test_matrix_algebra.py), and no closed form that they lead to is
believed before it has been, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.language.reading.parser import parse_expression
from backtrace_cli.language.tree.syntax import Call, Expr, Number, rebuild
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS, OPS, find
from backtrace_cli.ops.shape_functions import Shape, broadcast

__all__ = ["LAWS", "SHAPES", "STRUCTURE", "Law", "is_ones", "ones", "parsed", "raised", "zeros"]


class Law(NamedTuple):
    """One law: ``left`` may be replaced by ``right`` where the condition holds."""

    words: str
    """How a line of a chain names it."""
    left: str
    right: str
    where: str = ""
    """Conditions, separated by commas: those of SHAPES, ``name a`` and ``long a`` (is it a variable, or
    worked out?), and what is assumed: ``symmetric A``, ``sums to 1 y``, ``0/1 y``."""


def _covers(one: Shape, other: Shape) -> bool:
    try:
        return broadcast(one, other) == one
    except ShapeError:
        return False


#: The conditions that are about shapes: ``covers x y`` where y is spread to the shape of x, ``side A a``
#: where A has a row for each entry of a.
SHAPES: dict[str, Callable[..., bool]] = {
    "same": lambda one, other: one == other,
    "covers": _covers,
    "square": lambda shape: len(set(shape)) == 1,
    "side": lambda one, other: one[:1] == other,
    "stack": lambda shape: len(shape) > 2,
    "vector": lambda shape: len(shape) == 1,
    "matrix": lambda shape: len(shape) == 2,
    "array": lambda shape: bool(shape),
}

_TURNED = "transposes"
_TRACE = "traces"
_ONES = "ones left out"
_SUMS = "sums as products"
_OUTER = "outer products"
_DIAGONAL = "diagonal matrices"
_INVERSE = "inverses and determinants"
_BROADCAST = "broadcasts summed back"
_EXPONENTIALS = "powers of e"
_POWERS = "powers"
_GIVEN = "what is assumed"

#: Laws that hold by how terms are kept: sums of products, numbers in front, chains of factors.
STRUCTURE = (
    Law("numbers in front", "(s*A) @ (t*B)", "s*t*(A @ B)"),
    Law("numbers in front", "outer(s*a, b)", "s*outer(a, b)"),
    Law("numbers in front", "sum(s*x)", "s*sum(x)"),
    Law(_TURNED, "(A @ B).T", "B.T @ A.T"),
    Law(_TURNED, "(A + B).T", "A.T + B.T", "same A B"),
    Law(_TURNED, "(A*B).T", "A.T*B.T", "same A B"),
    Law(_TURNED, "A.T.T", "A"),
    Law(_TURNED, "a.T", "a"),
    Law(_TURNED, "a @ A", "A.T @ a"),
    Law(_TURNED, "a @ A @ b", "b @ A.T @ a"),
    Law("brackets left out", "A @ (B @ C)", "A @ B @ C"),
    Law("multiplied out", "A @ (B + C)", "A @ B + A @ C", "same B C"),
    Law("multiplied out", "(A + B) @ C", "A @ C + B @ C", "same A B"),
    Law("multiplied out", "x*(y + z)", "x*y + x*z", "same x y, same y z"),
    Law("multiplied out", "sum(x + y)", "sum(x) + sum(y)", "same x y"),
    Law("collected", "A @ b + C @ b", "(A + C) @ b", "same A C"),
    Law("collected", "x*y + x*z", "x*(y + z)", "same x y, same y z"),
    Law("collected", "outer(a, c) + outer(b, c)", "outer(a + b, c)", "same a b"),
    Law("collected", "x + x", "2*x"),
    Law("only its shape is read", "ones_like(tanh(x))", "ones_like(x)"),
    Law("only its shape is read", "size(x + y)", "size(x)", "covers x y"),
    Law("cancelled", "x*y/y", "x", "covers x y"),
)

#: Laws that are looked for, in this order.
LAWS = (
    # transposes
    Law(_TURNED, "outer(a, b).T", "outer(b, a)"),
    Law(_TURNED, "diag(a).T", "diag(a)"),
    Law(_TURNED, "eye_like(A).T", "eye_like(A)", "square A"),
    Law(_TURNED, "ones_like(A).T", "ones_like(A.T)"),
    Law(_TURNED, "mT(mT(x))", "x", "stack x"),
    Law(_TURNED, "mT(A)", "A.T"),
    Law(_TURNED, "kron(A, B).T", "kron(A.T, B.T)"),
    # ones
    Law(_ONES, "x*ones_like(y)", "x", "covers x y"),
    Law(_ONES, "ones_like(y)/x", "1/x", "covers x y"),
    Law(_ONES, "ones_like(x)^2", "ones_like(x)"),
    Law(_ONES, "ones_like(inv(A))", "ones_like(A)"),
    # identity
    Law(_TRACE, "eye_like(A) @ B", "B", "square A"),
    Law(_TRACE, "B @ eye_like(A)", "B", "square A"),
    Law(_TRACE, "eye_like(A) @ b", "b", "square A"),
    Law(_TRACE, "eye_like(inv(A))", "eye_like(A)"),
    Law(_TRACE, "eye_like(A.T)", "eye_like(A)", "square A"),
    Law(_TRACE, "eye_like(eye_like(A))", "eye_like(A)"),
    Law(_TRACE, "eye_like(A @ B)", "eye_like(A)", "square A, square B"),
    Law(_TRACE, "A*eye_like(B)", "diag(diag(A))", "square A, same A B"),
    # traces and their cycles
    Law(_TRACE, "trace(A.T)", "trace(A)"),
    Law(_TRACE, "trace(outer(a, b))", "a @ b", "same a b"),
    Law(_TRACE, "trace(diag(a))", "sum(a)"),
    Law(_TRACE, "trace(A @ outer(a, b))", "b @ A @ a", "square A, same a b"),
    Law(_TRACE, "trace(A @ B @ A.T)", "trace(A.T @ A @ B)"),
    Law(_TRACE, "trace(A.T @ B.T)", "trace(B @ A)"),
    Law(_TRACE, "trace(kron(A, B))", "trace(A)*trace(B)", "square A, square B"),
    Law(
        _TRACE,
        "sum(sum(blocks(eye_like(kron(A, B)), B)*B, axis=3), axis=2)",
        "trace(B)*eye_like(A)",
        "square A, square B",
    ),
    Law(
        _TRACE,
        "sum(sum(blocks(eye_like(kron(A, B)), B)*expand_dims(expand_dims(A, axis=2), axis=3), "
        "axis=1), axis=0)",
        "trace(A)*eye_like(B)",
        "square A, square B",
    ),
    Law(_SUMS, "sum(sum(blocks(ones_like(kron(A, B)), B)*B, axis=3), axis=2)", "sum(B)*ones_like(A)"),
    Law(
        _SUMS,
        "sum(sum(blocks(ones_like(kron(A, B)), B)*expand_dims(expand_dims(A, axis=2), axis=3), "
        "axis=1), axis=0)",
        "sum(A)*ones_like(B)",
    ),
    # sums as products
    Law(_SUMS, "sum(a*b)", "a @ b", "same a b"),
    Law(_SUMS, "sum(a^2)", "a @ a", "name a"),
    Law(_SUMS, "a @ a", "sum(a^2)", "long a"),
    Law(_SUMS, "(a/b) @ b", "sum(a)", "same a b"),
    Law(_SUMS, "b @ (a/b)", "sum(a)", "same a b"),
    Law(_SUMS, "ones_like(a) @ b", "sum(b)"),
    Law(_SUMS, "b @ ones_like(a)", "sum(b)"),
    Law(_SUMS, "A @ ones_like(b)", "sum(A, axis=1)"),
    Law(_SUMS, "A.T @ ones_like(b)", "sum(A, axis=0)"),
    Law(_SUMS, "A @ ones_like(B) @ C", "outer(sum(A, axis=1), sum(C, axis=0))"),
    Law(_SUMS, "size(A @ a)", "rows(A)"),
    Law(_SUMS, "rows(A @ B)", "rows(A)"),
    Law(_SUMS, "sum(A.T)", "sum(A)"),
    Law(_SUMS, "sum(A.T, axis=0)", "sum(A, axis=1)"),
    Law(_SUMS, "sum(A.T, axis=1)", "sum(A, axis=0)"),
    Law(_SUMS, "sum(diag(a))", "sum(a)"),
    Law(_SUMS, "sum(diag(A))", "trace(A)", "square A"),
    Law(_SUMS, "sum(outer(a, b))", "sum(a)*sum(b)"),
    Law(_SUMS, "sum(sum(A, axis=0))", "sum(A)"),
    Law(_SUMS, "sum(sum(A, axis=1))", "sum(A)"),
    Law(_SUMS, "sum(ones_like(x))", "size(x)"),
    Law(_SUMS, "sum(kron(A, B))", "sum(A)*sum(B)"),
    # outer products
    Law(_OUTER, "A @ outer(a, b)", "outer(A @ a, b)"),
    Law(_OUTER, "outer(a, b) @ A", "outer(a, A.T @ b)"),
    Law(_OUTER, "outer(a, b) @ c", "(b @ c)*a"),
    Law(_OUTER, "outer(a, b) @ outer(c, d)", "(b @ c)*outer(a, d)"),
    Law(_OUTER, "outer(ones_like(a), b)*outer(c, d)", "outer(c, b*d)", "same a c"),
    Law(_OUTER, "outer(a, b)*outer(c, d)", "outer(a*c, b*d)"),
    # diagonal matrices
    Law(_DIAGONAL, "diag(a) @ b", "a*b"),
    Law(_DIAGONAL, "diag(a) @ diag(b)", "diag(a*b)"),
    Law(_DIAGONAL, "diag(diag(a))", "a"),
    Law(_DIAGONAL, "diag(outer(a, b))", "a*b", "same a b"),
    Law(_DIAGONAL, "diag(A.T)", "diag(A)", "square A"),
    Law(_DIAGONAL, "diag(eye_like(A))", "ones_like(diag(A))"),
    Law(_DIAGONAL, "diagonal(A)", "diag(A)"),
    Law(_DIAGONAL, "on_diagonal(a, A)", "diag(a)", "square A, side A a"),
    Law(_DIAGONAL, "diag(ones_like(diag(A)))", "eye_like(A)", "square A"),
    Law(_DIAGONAL, "inv(diag(a))", "diag(1/a)"),
    # inverses and determinants
    Law(_INVERSE, "inv(inv(A))", "A"),
    Law(_INVERSE, "inv(A.T)", "inv(A).T"),
    Law(_INVERSE, "inv(A) @ A", "eye_like(A)"),
    Law(_INVERSE, "A @ inv(A)", "eye_like(A)"),
    Law(_INVERSE, "inv(A).T @ A.T", "eye_like(A)"),
    Law(_INVERSE, "A.T @ inv(A).T", "eye_like(A)"),
    Law(_INVERSE, "inv(A).T @ A", "eye_like(A)", "symmetric A"),
    Law(_INVERSE, "A @ inv(A).T", "eye_like(A)", "symmetric A"),
    Law(_INVERSE, "inv(A @ B)", "inv(B) @ inv(A)", "square A, square B"),
    Law(_INVERSE, "inv(s*A)", "inv(A)/s"),
    Law(_INVERSE, "inv(A).T", "inv(A)", "symmetric A"),
    Law(_INVERSE, "matrix_power(A, n=-1)", "inv(A)"),
    Law(_POWERS, "matrix_power(A, n=0)", "eye_like(A)"),
    Law(_POWERS, "matrix_power(A, n=1)", "A"),
    *(Law(_POWERS, f"matrix_power(A, n={n})", " @ ".join("A" * n)) for n in range(2, 13)),
    Law(_INVERSE, "det(A.T)", "det(A)"),
    Law(_INVERSE, "det(inv(A))", "1/det(A)"),
    Law(_INVERSE, "solve(A.T, a)", "inv(A).T @ a"),
    Law(_INVERSE, "solve(A, a)", "inv(A) @ a"),
    Law(_INVERSE, "solve(A, B)", "inv(A) @ B"),
    # broadcasts summed back
    Law(_BROADCAST, "sum(outer(a, b), axis=0)", "sum(a)*b"),
    Law(_BROADCAST, "sum(outer(a, b), axis=1)", "sum(b)*a"),
    Law(_BROADCAST, "sum(x, axis=0)", "sum(x)", "vector x"),
    Law(_BROADCAST, "x/sum(a, keepdims=true)", "x/sum(a)", "array x"),
    Law(_BROADCAST, "sum(a - mean(a, keepdims=true))", "0"),
    Law(_BROADCAST, "sum(a - mean(a))", "0"),
    Law(_BROADCAST, "sum(A - mean(A, axis=0), axis=0)", "0*A[0]"),
    Law(_BROADCAST, "sum(A - mean(A, axis=0), axis=0, keepdims=true)", "0*A[0:1]"),
    Law(_BROADCAST, "expand_dims(s, axis=0)*x", "s*x", "array x"),
    Law(_BROADCAST, "expand_dims(a, axis=0)*x", "a*x", "matrix x"),
    Law(_BROADCAST, "expand_dims(sum(A, axis=1), axis=1)", "sum(A, axis=1, keepdims=true)"),
    Law(_BROADCAST, "expand_dims(sum(A, axis=0), axis=0)", "sum(A, axis=0, keepdims=true)"),
    # powers of e
    Law(_EXPONENTIALS, "exp(a - logsumexp(a))", "softmax(a)"),
    Law(_EXPONENTIALS, "exp(A - logsumexp(A, axis=1, keepdims=true))", "softmax(A)"),
    Law(_EXPONENTIALS, "exp(A - expand_dims(logsumexp(A, axis=1), axis=1))", "softmax(A)"),
    Law(_EXPONENTIALS, "exp(a)/sum(exp(a))", "softmax(a)"),
    Law(_EXPONENTIALS, "exp(A)/sum(exp(A), axis=1, keepdims=true)", "softmax(A)"),
    Law(_EXPONENTIALS, "(A @ exp(a))/sum(exp(a))", "A @ softmax(a)"),
    Law(_EXPONENTIALS, "outer(exp(a), b)/sum(exp(a))", "outer(softmax(a), b)"),
    Law(_EXPONENTIALS, "exp(log_softmax(x))", "softmax(x)"),
    Law(_EXPONENTIALS, "exp(x)/(1 + exp(x))", "sigmoid(x)"),
    Law(_EXPONENTIALS, "exp(x)/(exp(x) + 1)", "sigmoid(x)"),
    Law(_EXPONENTIALS, "exp(-x)/(1 + exp(-x))", "sigmoid(-x)"),
    Law(_EXPONENTIALS, "1/(1 + exp(-x))", "sigmoid(x)"),
    Law(_EXPONENTIALS, "1/(1 + exp(x))", "sigmoid(-x)"),
    Law(_EXPONENTIALS, "log(exp(x))", "x"),
    Law(_POWERS, "square(x)", "x^2"),
    Law(_POWERS, "sqrt(x)^2", "x"),
    # what is assumed
    Law(_GIVEN, "A.T", "A", "square A, symmetric A"),
    Law(_GIVEN, "sum(a)", "1", "sums to 1 a"),
    Law(_GIVEN, "sum(A, axis=1)", "ones_like(A[:, 0])", "sums to 1 A"),
    Law(_GIVEN, "sum(A, axis=1, keepdims=true)", "ones_like(A[:, 0:1])", "sums to 1 A"),
    Law(_GIVEN, "x^2", "x", "0/1 x"),
)


def parsed(text: str) -> Expr:
    """The tree of a law's side, as graphs write trees: ops by the names formulas use, places as options.

    >>> from backtrace_cli.language.tree.text import to_text
    >>> to_text(parsed("outer(a, b).T + tr(A)*A[:, 0]"))
    'outer(a, b).T + trace(A)·A[:, 0]'
    """
    return rebuild(parse_expression(text, functions=FUNCTIONS | OPS.keys()), _as_graphs_write)


def _as_graphs_write(node: Expr) -> Expr:
    op = find(node.func, len(node.args)) if isinstance(node, Call) else None
    if op is None or not isinstance(node, Call):
        return node
    first, *places = node.args or (None,)
    if places and "at" in op.option_names and first is not None:
        return Call(op.called, (first,), options=(("at", ", ".join(map(_place, places))),))
    given = dict(zip(op.option_names, map(to_text, node.args[op.arity :]), strict=False))
    values = tuple((name, text.replace("−", "-")) for name, text in given.items())
    return Call(op.called, node.args[: op.arity] if given else node.args, options=node.options + values)


def _place(tree: Expr) -> str:
    """A whole number or a slice between an index's brackets."""
    return ":".join(map(_place, tree.args)) if isinstance(tree, Call) else tree[0]


def ones(like: Expr) -> Expr:
    """Ones in the shape of ``like``."""
    return Call("ones_like", (like,))


def is_ones(tree: Expr) -> bool:
    """Is it ones in the shape of something?"""
    return isinstance(tree, Call) and tree.func == "ones_like"


def raised(base: Expr, power: int) -> Expr:
    """A square matrix to a whole power."""
    return Call("matrix_power", (base,), options=(("n", str(power)),))


def zeros(like: Expr) -> Expr:
    """Zeros in the shape of ``like``; of a number, 0."""
    return Number("0") if isinstance(like, Number) else Call("zeros_like", (like,))
