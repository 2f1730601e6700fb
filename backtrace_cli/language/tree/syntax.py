"""The syntax tree: what a formula says, and where in the text it says it.

Nodes are tuples with names, so they are frozen and cheap. Never hash or compare
whole trees: both walk the tree on the C stack, and a user's formula may be
deeper than that stack. ``walk``, ``fold`` and ``rebuild`` visit trees of any depth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias, TypeVar

from backtrace_cli.base.caret import Span

__all__ = [
    "ARGUMENTS",
    "CONSTANT",
    "INITIALISERS",
    "KEYWORDS",
    "LEFT_OUT",
    "LIBRARY_NAMES",
    "OPERATORS",
    "Assign",
    "Call",
    "Declaration",
    "Define",
    "Expr",
    "Name",
    "Number",
    "Operator",
    "Program",
    "Reading",
    "call",
    "fold",
    "names_in",
    "number",
    "rebuild",
    "size",
    "walk",
]

T = TypeVar("T")

NOWHERE = Span(0, 0)
#: The place of a name that stands for a constant such as e, and not for a variable.
CONSTANT = Span(-1, -1)


class Number(NamedTuple):
    """A literal, kept as it was written so that ``0.1`` can become exactly 1/10."""

    text: str
    span: Span = NOWHERE


class Name(NamedTuple):
    """A variable, a named intermediate or a constant such as ``pi``."""

    name: str
    span: Span = NOWHERE


class Call(NamedTuple):
    """A function or an operator (``add``, ``power`` …) applied to arguments."""

    func: str
    args: tuple[Expr, ...]
    span: Span = NOWHERE
    options: tuple[tuple[str, str], ...] = ()
    """What is fixed when the formula is read, as text: ``axis=0`` of a sum, the place in ``x[0, 1:3]``."""


Expr: TypeAlias = Number | Name | Call


class Assign(NamedTuple):
    """A named intermediate: ``a = x^2``."""

    name: str
    value: Expr
    span: Span


class Define(NamedTuple):
    """A function of the user's own: ``g(t) = t^2``."""

    name: str
    params: tuple[str, ...]
    body: Expr
    span: Span


class Declaration(NamedTuple):
    """``param W: uniform(3, 2)`` or ``data X: height, width``: where a variable's values come from."""

    kind: str
    name: str
    value: Expr
    span: Span


class Reading(NamedTuple):
    """How something was read that somebody could have meant otherwise, said beside the result."""

    message: str
    span: Span


class Program(NamedTuple):
    """A whole formula: its statements in order, the last one being the output."""

    source: str
    statements: tuple[Assign | Define, ...]
    output: str | None
    """The output's name when the last statement gives it one."""
    params: tuple[Name, ...] = ()
    """Where the formula is written f(x, y) = …: the variables it names."""
    declared: tuple[Declaration, ...] = ()
    """Its ``param`` and ``data`` lines."""
    sizes: tuple[tuple[str, int], ...] = ()
    """Names given from outside that only a loop or a numbered name uses."""
    readings: tuple[Reading, ...] = ()
    """How it was read where somebody could have meant otherwise."""


class Operator(NamedTuple):
    """How an operator is written and how tightly it binds."""

    symbol: str
    pretty: str
    level: int
    right: bool = False


#: Functions that take options, such as ``axis=0``, and which. The ops say so when they load.
KEYWORDS: dict[str, tuple[str, ...]] = {"uniform": ("r",), "normal": ("std",)}

#: The arguments of functions that may be given by name, such as ``min=0`` of clip, and their places.
#: The ops say so when they load.
ARGUMENTS: dict[str, dict[str, int]] = {}

#: What such an argument is where only others are given, such as -inf and inf of clip, from its place on.
LEFT_OUT: dict[str, tuple[str, ...]] = {}

#: What array libraries call functions of this language, as far as no function here bears that name; only
#: what is called goes by it. The ops say so when they load.
LIBRARY_NAMES: dict[str, str] = {}

#: What a ``param`` line may call for its first values.
INITIALISERS = ("uniform", "normal", "zeros", "ones")

#: The one precedence table, read by the parser and by every printer. Higher binds tighter.
COMPARISON, SUM, PRODUCT, JUXTAPOSED, NEGATION, POWER, ATOM = 1, 2, 3, 4, 5, 6, 7

OPERATORS: dict[str, Operator] = {
    "less": Operator("<", "<", COMPARISON),
    "less_equal": Operator("<=", "≤", COMPARISON),
    "greater": Operator(">", ">", COMPARISON),
    "greater_equal": Operator(">=", "≥", COMPARISON),
    "equal": Operator("==", "==", COMPARISON),
    "not_equal": Operator("!=", "≠", COMPARISON),
    "add": Operator("+", "+", SUM),
    "subtract": Operator("-", "−", SUM),
    "multiply": Operator("*", "·", PRODUCT),
    "divide": Operator("/", "/", PRODUCT),
    "matmul": Operator("@", "@", PRODUCT),
    "negative": Operator("-", "−", NEGATION),
    "power": Operator("^", "^", POWER, right=True),
}


def call(func: str, *args: Expr) -> Call:
    """A call without a place in any text, for trees that the project builds itself."""
    return Call(func, args)


def number(value: int | float | str) -> Expr:
    """A literal tree for ``value``; a negative one is the negative of its literal.

    >>> number(-2).func, number(-2).args[0].text
    ('negative', '2')
    """
    text = value if isinstance(value, str) else repr(value)
    if text.startswith("-"):
        return Call("negative", (Number(text[1:]),))
    return Number(text)


def walk(expr: Expr) -> Iterator[Expr]:
    """Every subtree of ``expr``, parents before children, without recursion."""
    stack: list[Expr] = [expr]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Call):
            stack.extend(reversed(node.args))


def fold(expr: Expr, make: Callable[[Expr, list[T]], T]) -> T:
    """What ``make`` gives for ``expr``, from what it gave for the arguments; without recursion.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> fold(parse_expression("x*(y + 1)"), lambda node, depths: 1 + max(depths, default=0))
    3
    """
    done: list[T] = []
    stack: list[tuple[Expr, bool]] = [(expr, False)]
    while stack:
        node, ready = stack.pop()
        if not isinstance(node, Call):
            done.append(make(node, []))
        elif not ready:
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args))
        else:
            first = len(done) - len(node.args)
            done[first:] = [make(node, done[first:])]
    return done[0]


def rebuild(expr: Expr, make: Callable[[Expr], Expr]) -> Expr:
    """``expr`` with ``make`` applied to every subtree, children first, without recursion."""

    def again(node: Expr, args: list[Expr]) -> Expr:
        if isinstance(node, Call):
            node = Call(node.func, tuple(args), node.span, node.options)
        return make(node)

    return fold(expr, again)


def size(expr: Expr, limit: int | None = None) -> int:
    """How many nodes ``expr`` has, counting no further than ``limit``."""
    count = 0
    for _ in walk(expr):
        count += 1
        if limit is not None and count > limit:
            break
    return count


def names_in(expr: Expr) -> set[str]:
    """The names that occur in ``expr``."""
    return {node.name for node in walk(expr) if isinstance(node, Name)}
