"""The graphs an engine is tried on, each made so that one fault shows; and what an op is called by."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.graph import Graph, Node
from backtrace_cli.ops import OPS, Op
from backtrace_cli.ops.arithmetic import divide, power
from backtrace_cli.ops.library_names import library_names

__all__ = [
    "GROUPS",
    "LONG",
    "SAME",
    "Case",
    "called_by",
    "cases_for",
    "chosen",
    "exponents",
    "functions",
    "over_arrays",
]

_AFRESH, SAME = "afresh", "same"
#: Its graphs tell of limits, not of faults.
LONG = "long"


class Case(NamedTuple):
    """One graph, at one or more points."""

    group: str
    formula: str
    points: tuple[str, ...]
    plain: bool = False
    """Are constants handed over as plain numbers? Else as objects of the engine, but for exponents."""
    also: tuple[str, ...] = ()
    """The same built of other boxes, as an engine may build it: x/y as x·y⁻¹."""
    rounds: str = "once"
    arrays: bool = False


def _scalar(group: str, formula: str, *points: str, **more: Any) -> Case:
    return Case(group, formula, points, **more)


def _array(group: str, formula: str, *points: str, **more: Any) -> Case:
    return Case(group, formula, points, arrays=True, **more)


_XY, _XYZ = ("x=3,y=-2", "x=0.5,y=4"), ("x=3,y=-2,z=5", "x=0.5,y=4,z=-1.5")
_LADDER = "a1 = x + x\n" + "\n".join(f"a{n} = a{n - 1} + a{n - 1}" for n in range(2, 31)) + "\nf = a30 + x"
_CHAIN = "x" + " + y" * 1500

#: The battery: groups in the order in which somebody builds an engine.
_CASES = (
    _scalar("values", "x", "x=3", "x=-0.5"),
    _scalar("add", "f = x + y", *_XY),
    _scalar("add", "a = x + y; f = a + z", *_XYZ),
    _scalar("mul", "f = x*y", *_XY),
    _scalar("mul", "a = x*y; f = a*z", *_XYZ),
    _scalar("mul", "a = x*y; f = a + z", *_XYZ),
    _scalar("mul", "a = x + y; f = a*z", *_XYZ),
    _scalar("forks", "f = x + x", "x=3", "x=-0.5"),
    _scalar("forks", "f = x*x", "x=3", "x=-0.5"),
    _scalar("forks", "a = x*y; f = a + x", *_XY),
    _scalar("forks", "a = x*y; f = x + a", *_XY),
    _scalar("forks", "a = x*y; f = a*x", *_XY),
    _scalar("forks", "a = x + y; f = a*x", *_XY),
    _scalar("forks", "a = x*y; b = x*z; f = a*b", *_XYZ),
    _scalar("forks", "a = x*y; b = x*z; c = a + b; f = c + x", *_XYZ),
    _scalar("order", "a = x*y; f = a*a", *_XY),
    _scalar("order", "a = x*y; b = a + x; c = a*y; f = b*c", *_XY),
    _scalar("order", "a = x*y; b = a*x; c = b*y; f = a + c", *_XY),
    _scalar("order", "a = x*y; b = a*x; c = b*y; f = c + a", *_XY),
    _scalar("order", "a = x + y; b = a*x; c = b*a; d = c*b; f = d + a", *_XY),
    _scalar("order", "a = x + y; b = a*x; c = b*a; d = c*b; f = a + d", *_XY),
    _scalar("constants", "f = x + 2", "x=3", "x=-0.5", plain=True),
    _scalar("constants", "f = 2 + x", "x=3", "x=-0.5", plain=True, also=("f = x + 2",)),
    _scalar("constants", "f = x*3", "x=3", "x=-0.5", plain=True),
    _scalar("constants", "f = 3*x", "x=3", "x=-0.5", plain=True, also=("f = x*3",)),
    _scalar("minus", "f = -x", "x=3", "x=-0.5", also=("f = -1*x", "f = 0 - x")),
    _scalar("minus", "f = x - y", *_XY, also=("f = x + -y", "f = x + -1*y")),
    _scalar("minus", "a = x - y; f = a*z", *_XYZ, also=("a = x + -y; f = a*z", "a = x + -1*y; f = a*z")),
    _scalar("minus", "f = x - 2", "x=3", "x=-0.5", plain=True, also=("f = x + -2",)),
    _scalar("minus", "f = 2 - x", "x=3", "x=-0.5", plain=True, also=("f = 2 + -x", "f = 2 + -1*x")),
    _scalar("power", "f = x**2", "x=3", "x=-0.5", also=("f = x*x",)),
    _scalar("power", "f = x**3", "x=3", "x=-0.5", also=("f = x*x*x",)),
    _scalar("power", "a = x**2; f = a*y", "x=3,y=-2", "x=0.5,y=4", also=("a = x*x; f = a*y",)),
    _scalar("power", "f = x**-1", "x=3", "x=-0.5", also=("f = 1/x",)),
    _scalar("power", "f = x**0.5", "x=4", "x=2.25", also=("f = sqrt(x)",)),
    _scalar("divide", "f = x/y", "x=3,y=-2", "x=0.5,y=4", also=("f = x*y**-1",)),
    _scalar("divide", "a = x/y; f = a*z", *_XYZ, also=("a = x*y**-1; f = a*z",)),
    _scalar("divide", "f = x/4", "x=3", "x=-0.5", plain=True, also=("f = x*0.25",)),
    _scalar("divide", "f = 4/x", "x=3", "x=-0.5", plain=True, also=("f = 4*x**-1",)),
    _scalar("both", "f = x**y", "x=3,y=2", "x=0.5,y=1.5", also=("f = exp(y*log(x))",)),
    _scalar("both", "f = 2**x", "x=3", "x=-0.5", plain=True, also=("f = exp(x*log(2))",)),
    _scalar("again", "a = x*y; f = a + x", *_XY, rounds=_AFRESH),
    _scalar("again", "a = x*y; b = a*x; f = a*b", *_XY, rounds=_AFRESH),
    _scalar("again", "a = x*y; b = a*x; f = a*b", *_XY, rounds=SAME),
    _scalar(LONG, _CHAIN, "x=3,y=0.5"),
    _scalar(LONG, _LADDER, "x=3"),
    _array("arrays", "X.sum()", "X=[[1,2],[3,5]]"),
    _array("arrays", "Y = X*C; f = Y.sum()", "X=[[1,2],[3,5]],C=[[2,-1],[4,3]]"),
    _array("arrays", "Y = X + C; Z = Y*C; f = Z.sum()", "X=[[1,2],[3,5]],C=[[2,-1],[4,3]]"),
    _array("arrays", "Y = X + X; Z = Y*C; f = Z.sum()", "X=[[1,2],[3,5]],C=[[2,-1],[4,3]]"),
    _array("arrays", "Y = X + C; Z = Y + X; f = Z.sum()", "X=[[1,2],[3,5]],C=[[2,-1],[4,3]]"),
    _array("arrays", "Y = X + C; Z = X + Y; W = Z + C; f = W.sum()", "X=[[1,2],[3,5]],C=[[2,-1],[4,3]]"),
    _array("broadcasting", "Y = X + b; Z = Y*C; f = Z.sum()", "X=[[1,2],[3,5]],b=[1,-2],C=[[2,-1],[4,3]]"),
    _array("broadcasting", "Y = b + X; Z = Y*C; f = Z.sum()",
           "X=[[1,2,4],[3,5,-1]],b=[[2],[3]],C=[[2,-1,1],[4,3,5]]"),
    _array("broadcasting", "Y = X*b; f = Y.sum()", "X=[[1,2,4],[3,5,-1]],b=[1,-2,3]"),
    _array("broadcasting", "Y = b*X; f = Y.sum()", "X=[[1,2,4],[3,5,-1]],b=[[2],[3]]"),
    _array("broadcasting", "Y = X*s; f = Y.sum()", "X=[[1,2],[3,5]],s=2"),
    _array("broadcasting", "Y = X - b; Z = Y*C; f = Z.sum()", "X=[[1,2],[3,5]],b=[1,-2],C=[[2,-1],[4,3]]",
           also=("Y = X + -b; Z = Y*C; f = Z.sum()",)),
    _array("broadcasting", "Y = X/b; f = Y.sum()", "X=[[1,2],[3,5]],b=[4,-2]",
           also=("Y = X*b**-1; f = Y.sum()",)),
    _array("reductions", "s = X.sum(); f = s*s", "X=[[1,2],[3,5]]"),
    _array("reductions", "s = X.sum(axis=0); t = s*c; f = t.sum()", "X=[[1,2],[3,5]],c=[2,-3]"),
    _array("reductions", "s = X.sum(axis=1); t = s*c; f = t.sum()", "X=[[1,2,4],[3,5,-1]],c=[2,-3]"),
    _array("reductions", "m = X.mean(); f = m*m", "X=[[1,2],[3,6]]"),
    _array("reductions", "m = X.mean(axis=0); t = m*c; f = t.sum()", "X=[[1,2],[3,5]],c=[2,-3]"),
    _array("matrices", "Y = A @ B; Z = Y*C; f = Z.sum()",
           "A=[[1,2],[3,-1]],B=[[2,1],[-1,3]],C=[[1,4],[2,-3]]"),
    _array("matrices", "Y = A @ B; f = Y.sum()", "A=[[1,2],[3,-1],[2,5]],B=[[2,1,0,4],[-1,3,2,1]]"),
    _array("matrices", "y = W @ h; z = y*c; f = z.sum()", "W=[[1,2],[3,-1]],h=[2,1],c=[5,4]"),
    _array("matrices", "Y = A.T; Z = Y*C; f = Z.sum()", "A=[[1,2],[3,-1]],C=[[1,4],[2,-3]]"),
)  # fmt: skip

GROUPS = tuple(dict.fromkeys([case.group for case in _CASES] + ["functions", "kinks"]))
#: op's own forward function -> how Python writes it
_SIGNS: dict[Any, str] = {
    operator.add: "+", operator.sub: "-", operator.mul: "*", divide: "/", power: "**", operator.neg: "neg",
}  # fmt: skip
#: Arguments at which a kink is looked for.
_CORNERS = (0.0, 1.0)


def called_by(node: Node) -> tuple[str, ...]:
    """How an engine may call the op of ``node``: its sign, or the names under which to look for it."""
    op = node.op
    assert op is not None
    sign = _SIGNS.get(op.float) or ("@" if op.numpy == "matmul" else None)
    if sign is not None:
        return (sign,)
    turned = ("T",) if op.numpy == "transpose" else ()
    return (*turned, *dict.fromkeys((op.called, op.name, *op.aliases, *library_names(op))))


def functions(offers: Iterable[str]) -> Iterator[tuple[str, Op]]:
    """(name, op) of every function of one number that the engine has, by a name the language knows."""
    there = set(offers)
    for op in OPS.values():
        if (
            op.mixes
            or op.variadic
            or op.arity != 1
            or op.internal
            or op.stops
            or op.flat
            or op.float in _SIGNS
        ):
            continue
        name = next((name for name in (op.name, *op.aliases) if name in there and name.isidentifier()), None)
        if name is not None:
            yield name, op


def over_arrays(offers: Iterable[str], takes: str) -> bool:
    """Is it an engine over arrays: does it make arrays of lists, or take some and mix their entries?

    >>> over_arrays(["relu"], "arrays"), over_arrays(["__matmul__"], "arrays"), over_arrays([], "lists")
    (False, True, True)
    """
    names = {name for op in OPS.values() if op.mixes for name in (op.name, *op.aliases)}
    return takes == "lists" or (takes == "arrays" and bool({"__matmul__", *names} & set(offers)))


def cases_for(offers: Iterable[str], arrays: bool) -> list[Case]:
    """The battery for an engine: all graphs over numbers, those over arrays where it takes some, and one for
    each function it has.

    >>> [case.formula for case in cases_for(["tanh"], False) if case.group == "functions"]
    ['h = tanh(x); f = h*y']
    """
    found = [case for case in _CASES if arrays or not case.arrays]
    for _, op in functions(offers):
        points = [sample[0] for sample in op.samples if abs(sample[0]) < 4][:3]
        found.append(Case("functions", f"h = {op.name}(x); f = h*y", tuple(f"x={x!r},y=3" for x in points)))
        for corner in _CORNERS if any(kink.kind == "kink" for kink in op.kinks) else ():
            found.append(Case("kinks", f"h = {op.name}(x); f = h*y", (f"x={corner!r},y=3",)))
    if arrays:
        for _, op in functions(offers):
            inside = [sample[0] for sample in op.samples if abs(sample[0]) < 4][:2]
            if len(inside) == 2:
                at = f"X=[[{inside[0]!r},{inside[1]!r}]],C=[[2,-3]]"
                found.append(Case("functions", f"Y = {op.name}(X); Z = Y*C; f = Z.sum()", (at,), arrays=True))
    return found


def chosen(cases: Iterable[Case], groups: Iterable[str]) -> list[Case]:
    """The cases of ``groups`` (all, where none is named). Raises BacktraceError for an unknown one."""
    wanted = list(groups)
    for group in wanted:
        if group not in GROUPS:
            raise BacktraceError(f"there are no graphs called {group}", hint=f"there are {', '.join(GROUPS)}")
    return [case for case in cases if not wanted or case.group in wanted]


def exponents(graph: Graph, node: Node) -> list[bool]:
    """For each argument of ``node``: is it a constant that is handed over as a plain number in any case?"""
    is_power = node.op is not None and node.op.float is power
    return [is_power and slot == 1 and graph.nodes[arg].is_constant for slot, arg in enumerate(node.args)]
