"""One run from a formula and a point to the Trace."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from backtrace_cli.base.collector import steady
from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic, Floats
from backtrace_cli.engine.backward import Backward, backward
from backtrace_cli.engine.events import TangentStep
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.forward_mode import Row, tangents
from backtrace_cli.engine.trace import Tangent, Trace, View, tangent_expression
from backtrace_cli.graph import Graph, build
from backtrace_cli.language.tree.syntax import Name
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops.shape_functions import Shape, sides
from backtrace_cli.readings.notes import notes_of
from backtrace_cli.runs.point import (
    Given,
    bind,
    is_array,
    is_param,
    nearest,
    other_spellings,
    sizes_in,
    value_of,
)
from backtrace_cli.runs.unknown_names import check_names

__all__ = ["choose_arithmetic", "run", "tangent_step", "wanted_names", "with_tangents"]

#: Forward mode takes an array entry by entry, up to this many.
MOST_PASSES = 12


def run(
    formula: str,
    point: Mapping[str, Given] | None = None,
    *,
    wrt: Iterable[str] = (),
    mode: str = "reverse",
    seed: Mapping[str, Given] | None = None,
    exact: bool = False,
    share: bool = True,
    init_seed: int = 0,
    upstream: Given | None = None,
    shapes: Mapping[str, Shape] | None = None,
    guess: bool = False,
) -> Trace:
    """The Trace of ``formula`` at ``point``; symbolic where the point is None.

    A symbolic trace over arrays is made for ``shapes``, or with ``guess`` for some that fit together.

    ``wrt`` limits the variables (all if empty). ``mode`` is ``reverse`` or
    ``forward``; forward mode makes one tangent table a variable, or a single one
    along ``seed``. ``init_seed`` draws the parameters that the formula declares. ``upstream`` is
    the message at the output, in place of ones.
    Raises FormulaError, PointError or DomainError.

    >>> from backtrace_cli.runs.point import read_point
    >>> run("x*y", read_point(["x=2,y=3"])).gradient
    {'x': 3.0, 'y': 2.0}
    """
    names = set(point or ()) | set(wrt)
    for name in list(names):
        names |= other_spellings(name)
    graph = build(formula, bound=names, share=share, sizes=sizes_in(point or {}))
    with steady():
        if point is None and graph.inputs and not _all_declared(graph):
            from backtrace_cli.engine.arithmetics.symbols import Symbols
            from backtrace_cli.engine.symbolic import expanded

            check_names(graph, names)
            if shapes is not None or (guess and graph.mixes):
                from backtrace_cli.runs.given_shapes import fit_named, likely_shapes

                shapes = likely_shapes(graph) if shapes is None else shapes
                graph = graph if shapes is None else fit_named(graph, shapes)
            if graph.has_grads:
                raise PointError("grad(…) over arrays goes by their shapes, which are not known",
                                 hint="add --at x=[1,2],…, or --shapes x=2")  # fmt: skip
            arithmetic: Arithmetic = Symbols()
            at: dict[str, Value] = {}
            values: list[Value] = list(expanded(graph))
            bad: list[int] = []
        else:
            given = bind(graph, point or {}, init_seed)
            _refuse_masks(graph, given)
            arithmetic = choose_arithmetic(graph, given, exact, seed)
            at = {name: arithmetic.own(value_of(name, item, arithmetic)) for name, item in given.items()}
            inputs = {graph.inputs[name]: value for name, value in at.items()}
            if arithmetic.arrays:
                from backtrace_cli.graph.shape_fitting import fit_shapes

                graph = fit_shapes(graph, {index: shape_of(value) for index, value in inputs.items()})
            values, bad = forward(graph, inputs, arithmetic)
            refuse_undefined(graph, values, bad, arithmetic)
        wanted = wanted_names(graph, wrt, tuple(at) or tuple(graph.inputs))
        sent = None if upstream is None else _at_output(values[graph.output], upstream, arithmetic)
        back = _reverse(graph, values, arithmetic, wanted, sent) if mode == "reverse" else None
    drawn = tuple(name for name in at if is_param(graph, name) and name not in (point or {}))
    trace = Trace(graph, at, arithmetic, values, back, wanted, drawn=drawn, upstream=sent)
    if back is None:
        trace = trace.having(tangents=tuple(_forward_mode(trace, seed)))
    return trace.having(notes=tuple(notes_of(trace, bad)))


def _all_declared(graph: Graph) -> bool:
    """Does the formula say itself where all its variables' values come from?"""
    return all(is_param(graph, name) for name in graph.inputs)


def _refuse_masks(graph: Graph, given: Mapping[str, Given]) -> None:
    """Refuse an array of true and false as an index: NumPy would pick by it."""
    for node in graph.nodes:
        if node.op is None or node.op.name != "take":
            continue
        name = graph.nodes[node.args[1]].name or ""
        if name in given and str(getattr(given[name].value, "dtype", "")) == "bool":
            from backtrace_cli.graph.masks import mask_refused

            _, hint = mask_refused(to_text(graph.term(node.args[0])), Name(name))
            message = f"{shorten(name, 24)} holds true and false, and an index names entries by their numbers"
            raise PointError(message, span=node.span, source=graph.source, hint=hint)


def choose_arithmetic(
    graph: Graph, given: Mapping[str, Given], exact: bool, seed: Mapping[str, Given] | None = None
) -> Arithmetic:
    """Floats, fractions or arrays, by what the point (and the seed) hold; arrays of single precision
    where arrays of that sort are given and none of double (lists and whole numbers count for neither)."""
    items = (*given.values(), *(seed or {}).values())
    if graph.mixes or graph.lists or any(is_array(item) for item in items):
        if exact:
            raise PointError("--exact works on numbers, not on lists", hint="leave --exact out")
        from backtrace_cli.engine.arithmetics.arrays import Arrays

        precisions = {str(getattr(item.value, "dtype", "")) for item in items if is_array(item)}
        single = "float32" in precisions and "float64" not in precisions
        return Arrays(guarded=any(node.op and node.op.selects for node in graph.nodes), single=single)
    if exact:
        from backtrace_cli.engine.arithmetics.exact import Exact

        return Exact()
    return Floats()


def wanted_names(graph: Graph, wrt: Iterable[str], names: tuple[str, ...]) -> tuple[str, ...]:
    """The variables that ``wrt`` names; by default the parameters, or all that can be moved."""
    return _wanted(graph, wrt) or _by_default(graph, names)


def _wanted(graph: Graph, wrt: Iterable[str]) -> tuple[str, ...]:
    """The variables that --wrt names, each of which must be a variable of the graph."""
    return tuple(dict.fromkeys(_variable(graph, name, "--wrt") for name in wrt))


def _by_default(graph: Graph, names: tuple[str, ...]) -> tuple[str, ...]:
    """The parameters, where the formula declares any; else all variables but class indices and the like."""
    declared = tuple(name for name in names if is_param(graph, name))
    if declared or not (graph.mixes or any(node.op is not None and node.op.counts for node in graph.nodes)):
        return declared or names
    return tuple(name for name in names if not graph.picks(graph.inputs[name]))


def _variable(graph: Graph, name: str, option: str) -> str:
    """The graph's own spelling of a variable that ``option`` names."""
    for spelling in (name, *sorted(other_spellings(name))):
        if spelling in graph.inputs:
            return spelling
    computed = name in graph.aliases or name in graph.unused
    what = "is computed by the formula" if computed else "is not a variable of the formula"
    message = f"{option} names {shorten(name, 24)}, which {what}"
    raise PointError(message, hint=nearest(graph, name))


def _at_output(value: Value, upstream: Given, arithmetic: Arithmetic) -> Value:
    """The message at the output: an array of its shape, or one number for all its entries."""
    if arithmetic.symbols:
        raise PointError("a message at the output has its shape, which the point says", hint="add --at x=…")
    sent = arithmetic.own(value_of("g", upstream, arithmetic))
    if shape_of(sent) not in ((), shape_of(value)):
        raise PointError(
            f"the message at the output has shape {sides(shape_of(sent))}, and the output has "
            f"{sides(shape_of(value))}", hint="it has the output's shape, or is one number",
        )  # fmt: skip
    return arithmetic.empty(value) + sent


def _reverse(
    graph: Graph, values: list[Value], arithmetic: Arithmetic, wanted: tuple[str, ...], sent: Value
) -> Backward:
    targets = {graph.inputs[name] for name in wanted}
    if arithmetic.symbols:
        from backtrace_cli.engine.shaped import ShapedRules
        from backtrace_cli.engine.symbolic import SymbolicRules

        rules = SymbolicRules(graph, arithmetic) if graph.shapes is None else ShapedRules(graph, arithmetic)
        return backward(graph, rules.values, arithmetic, targets, rules)
    return backward(graph, values, arithmetic, targets, seed=sent)


def _forward_mode(trace: Trace, seed: Mapping[str, Given] | None) -> Iterable[Tangent]:
    """One tangent table for each wanted variable, or one along the seed."""
    graph, arithmetic = trace.graph, trace.arithmetic
    values = trace.values
    if arithmetic.symbols:
        values = [graph.term(i) for i in range(len(graph))]
    if seed is not None:
        yield _along_seed(trace, values, seed)
        return
    for name in trace.wrt:
        index = graph.inputs[name]
        shape = shape_of(trace.values[index])
        if shape and (graph.mixes or shape != shape_of(trace.value)):  # one direction would mix entries up
            yield from _by_entry(trace, values, name, shape)
            continue
        rows, found = tangents(graph, values, arithmetic, {index: arithmetic.seed(trace.values[index])})
        yield Tangent({name: 1}, name, View(rows, _row_maker(graph)), found[graph.output])


def with_tangents(trace: Trace) -> Trace:
    """``trace`` with a table of forward mode for each of its variables."""
    return trace.having(tangents=tuple(_forward_mode(trace, None)))


def _along_seed(trace: Trace, values: list[Value], seed: Mapping[str, Given]) -> Tangent:
    graph, arithmetic = trace.graph, trace.arithmetic
    spelled = {_variable(graph, name, "--seed"): item for name, item in seed.items()}
    direction = {name: arithmetic.own(value_of(name, item, arithmetic)) for name, item in spelled.items()}
    for name, value in direction.items():
        shape = shape_of(trace.values[graph.inputs[name]])
        if shape_of(value) not in ((), shape):
            raise PointError(
                f"the seed of {name} has shape {sides(shape_of(value))}, and {name} has {sides(shape)}",
                hint="a direction has the shape of the variable, or is one number",
            )
    start = {graph.inputs[name]: value for name, value in direction.items()}
    rows, found = tangents(graph, values, arithmetic, start)
    return Tangent(direction, None, View(rows, _row_maker(graph)), found[graph.output])


def _by_entry(trace: Trace, values: list[Value], name: str, shape: tuple[int, ...]) -> Iterable[Tangent]:
    """One forward pass for each entry of an array: what reverse mode spares."""
    import numpy as np

    graph, index = trace.graph, trace.graph.inputs[name]
    if math.prod(shape) > MOST_PASSES:
        raise PointError(
            f"forward mode needs a pass for each of the {math.prod(shape)} entries of {name}",
            hint=f"choose a direction, --seed {name}=…, leave {name} out with --wrt, or use reverse mode, "
            "which needs one pass for all",
        )
    for place in np.ndindex(*shape):
        direction = trace.arithmetic.own(np.zeros(shape))
        direction[place] = 1.0
        rows, found = tangents(graph, values, trace.arithmetic, {index: direction}, alone=True)
        label = f"{name}[{','.join(map(str, place))}]"
        yield Tangent({name: direction}, label, View(rows, _row_maker(graph)), found[graph.output], name)


def _row_maker(graph: Graph) -> Any:
    return lambda position, row: tangent_step(graph, position, row)


def tangent_step(graph: Graph, position: int, row: Row) -> TangentStep:
    """One row of the tangent table with its local derivatives as formulas."""
    index, terms, value = row
    node = graph.nodes[index]
    shown = tuple(
        (tangent_expression(graph, node, slot), local, graph.name(node.args[slot]), tangent)
        for slot, local, tangent, _ in terms
    )
    return TangentStep(graph.step(index) or position + 1, graph.name(index), shown, value)
