"""A record checked row by row, with nothing but the ops' forward functions and local partials.

No walk is made here: each row is recomputed from what the rows before it say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic, Floats
from backtrace_cli.engine.arithmetics.exact import Exact
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.forward import forward
from backtrace_cli.graph import Graph
from backtrace_cli.graph.builder import built
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.language.reading.parser import parse
from backtrace_cli.ops import OPS
from backtrace_cli.readings.checking.recorded_numbers import all_single, flat, number_of, same, shown

__all__ = ["Verified", "verify"]

#: A recomputed number is the recorded one up to this, on its own scale or that of its array.
_SAME, _SAME_SINGLE = 1e-10, 1e-5
#: Every name that a row's expression may call, those of declarations among them.
_CALLABLE = frozenset(name for op in OPS.values() for name in (op.name, op.called, *op.aliases))


class Verified(NamedTuple):
    """What came of it."""

    rows: int
    """How many rows were recomputed."""
    fault: str
    """The first row that does not follow, and why; empty where all do."""


class _Fault(Exception):
    """A row that does not follow."""


def verify(record: Mapping[str, Any]) -> Verified:
    """Check every row of a record in the shape of docs/json.md.

    Raises KeyError, TypeError or ValueError where it is no such record.

    >>> from backtrace_cli import trace
    >>> record = trace("x^2*y", x=3, y=2).to_dict()
    >>> verify(record)
    Verified(rows=7, fault='')
    >>> record["backward"][0]["contribution"] = 5.0
    >>> verify(record).fault
    'backward row 1, from f to v1: it adds 5, where upstream and local derivative give 2'
    """
    found = _verified(record, single=False)
    if found.fault and record["arithmetic"] == "numpy" and all_single(record):
        return _verified(record, single=True)
    return found


def _verified(record: Mapping[str, Any], single: bool) -> Verified:
    checker = _Checker(record["arithmetic"], single)
    try:
        checker.record(record, "")
    except _Fault as fault:
        return Verified(checker.rows, str(fault))
    return Verified(checker.rows, "")


class _Checker:
    def __init__(self, arithmetic: str, single: bool) -> None:
        if arithmetic not in ("float", "exact", "numpy"):
            raise ValueError("a record without a point has no numbers to recompute")
        self.exact = arithmetic == "exact"
        self.same = _SAME_SINGLE if single else _SAME
        self.arrays = arithmetic == "numpy"
        self.single = single
        self.rows = 0

    def arithmetic(self, graph: Graph) -> Arithmetic:
        if not self.arrays:
            return Exact() if self.exact else Floats()
        from backtrace_cli.engine.arithmetics.arrays import Arrays

        return Arrays(guarded=self.guarded, single=self.single)

    def number(self, value: Any) -> Any:
        return number_of(value, self.exact)

    def record(self, record: Mapping[str, Any], where: str) -> None:
        """Every row of one record, and of the second sweeps in it."""
        self.guarded = any(OPS[row["op"]].selects for row in record["forward"] if row["op"] in OPS)
        self.values = {name: self.number(value) for name, value in record["at"].items()}
        self.made: dict[str, tuple[Graph, Arithmetic, list[Value]]] = {}
        for row in record["forward"]:
            self.step(row, where)
        output = record["output"]
        if output in self.values:
            self.agree(
                record["value"], self.values[output], f"{where}the value of {output}: it is", "the steps give"
            )
        self.backward(record, where)
        for table in record.get("tangent", ()):
            self.tangent(table, record)
        for name in ("hessian", "second"):
            for sweep in record.get(name, {}).get("sweeps", ()):
                self.record(sweep, f"{name}, sweep of {sweep['of']}: ")
        if "hessian" in record:
            self.hessian(record["hessian"])
        if "hvp" in record:
            self.record(record["hvp"]["sweep"], "hvp: ")
            for name, value in record["hvp"]["value"].items():
                self.agree(value, self.number(record["hvp"]["sweep"]["gradient"][name]),
                           f"hvp of {name}: it is", "its sweep gives")  # fmt: skip

    def step(self, row: Mapping[str, Any], where: str) -> None:
        """A forward row: the op's forward function of the values before it."""
        self.rows += 1
        words = f"{where}forward row {row['step']}, {row['node']} = {row['expression']}"
        graph, arithmetic = self.of(row, words)
        try:
            inputs = {graph.inputs[name]: self.values[name] for name in graph.inputs}
            values, _ = forward(graph, inputs, arithmetic)
        except (KeyError, BacktraceError) as error:
            raise _Fault(f"{words}: it can't be computed from the rows before it ({error})") from None
        self.agree(row["value"], values[graph.output], f"{words}: its value is", "the op gives")
        self.values[row["node"]] = self.number(row["value"])
        values[graph.output] = self.values[row["node"]]
        self.made[row["node"]] = graph, arithmetic, values

    def of(self, row: Mapping[str, Any], words: str) -> tuple[Graph, Arithmetic]:
        """The one box of a forward row."""
        names = set(self.values)
        unknown = [
            arg for arg in row["args"] if arg.isidentifier() and arg not in names | {"pi", "e", "inf", "nan"}
        ]
        if unknown:
            raise _Fault(f"{words}: it reads {unknown[0]}, which no row before it gives")
        try:
            graph = built(parse(f"out_ = {row['expression']}", functions=_CALLABLE, bound=names), bound=names)
            if self.arrays:
                graph = fit_shapes(
                    graph, {i: shape_of(self.values[name]) for name, i in graph.inputs.items()}
                )
        except BacktraceError as error:
            raise _Fault(f"{words}: it can't be read ({error.message})") from None
        if len(graph.steps) != 1:
            raise _Fault(f"{words}: it is {len(graph.steps)} steps, not one")
        node = graph.nodes[graph.steps[0]]
        read = [graph.name(arg) for arg in node.args]
        if node.op is None or node.op.called != row["op"] or read != list(row["args"]):
            raise _Fault(
                f"{words}: its op is {row['op']} of {', '.join(row['args'])}, which the expression is not"
            )
        return graph, self.arithmetic(graph)

    def backward(self, record: Mapping[str, Any], where: str) -> None:
        """The messages: upstream from what arrived, local from the op, sums at forks, the gradient."""
        if record.get("mode", "reverse") != "reverse":
            return
        rows = record["backward"]
        counts = Counter(row["to"] for row in rows)
        totals: dict[str, Any] = {}
        arrived: Counter[str] = Counter()
        output = record["output"]
        if output in self.values:
            start = self.number(record["upstream"]) if "upstream" in record else 1.0
            totals[output] = start + 0 * self.values[output] if shape_of(self.values[output]) else start
        for row in rows:
            self.message(row, totals, arrived, counts, where)
        for name, value in record["gradient"].items():
            self.rows += 1
            given = totals.get(name, 0.0)
            self.agree(value, given, f"{where}the gradient by {name}: it is", "its messages add up to")

    def message(
        self, row: Mapping[str, Any], totals: dict[str, Any], arrived: Counter[str], counts: Counter[str],
        where: str,
    ) -> None:  # fmt: skip
        """One backward row."""
        self.rows += 1
        source, target, slot = row["from"], row["to"], row["slot"]
        words = f"{where}backward row {row['step']}, from {source} to {target}"
        if source not in self.made:
            raise _Fault(f"{words}: no forward row computes {source}")
        graph, arithmetic, values = self.made[source]
        node = graph.nodes[graph.steps[0]]
        if not 0 <= slot < len(node.args) or graph.name(node.args[slot]) != target:
            raise _Fault(f"{words}: argument {slot} of {source} is not {target}")
        if source not in totals or arrived[source] < counts[source]:
            raise _Fault(f"{words}: {source} has not got all its messages yet")
        self.agree(row["upstream"], totals[source], f"{words}: the upstream gradient is", f"{source} has got")
        upstream = self.number(row["upstream"])
        at = [*(values[arg] for arg in node.args), values[node.index]]
        local, sent, _ = Rules(graph, values, arithmetic).message(node, slot, upstream, at)
        sent, _ = arithmetic.fit(sent, values[node.args[slot]])
        if row["local"]["value"] is not None and local is not None:
            self.agree(
                row["local"]["value"], local, f"{words}: the local derivative is", "the op's rule gives"
            )
        self.agree(row["contribution"], sent, f"{words}: it adds", "upstream and local derivative give")
        arrived[target] += 1
        added = self.number(row["contribution"])
        total = added if arrived[target] == 1 else totals[target] + added
        self.agree(row["total"], total, f"{words}: the total is", "what arrived so far is")
        totals[target] = self.number(row["total"])
        fork = {"index": arrived[target], "of": counts[target]} if counts[target] > 1 else None
        if row["fork"] != fork:
            told = "no fork" if fork is None else f"message {fork['index']} of {fork['of']}"
            raise _Fault(f"{words}: this is {told}, and the row says otherwise")

    def tangent(self, table: Mapping[str, Any], record: Mapping[str, Any]) -> None:
        """A table of forward mode: each row is the sum over its terms, and the last one the slope."""
        moved = {name: 0 * value for name, value in self.values.items()}
        for name, value in table["direction"].items():
            moved[name] = moved[name] + self.number(value)
        for row in table["steps"]:
            self.moved(row, moved)
        direction = table["direction"].items()
        along = ", ".join(f"{name} = {shown(self.number(value))}" for name, value in direction)
        words, slope = f"the tangent along {along}", self.number(table["value"])
        self.agree(table["value"], moved[record["output"]], f"{words}: it is", "its rows give")
        gradient = [
            self.number(record["gradient"][name]) * self.number(value)
            for name, value in table["direction"].items()
            if name in record["gradient"]
        ]
        if gradient:
            told = sum(one.sum() if shape_of(one) else one for one in gradient)
            total = slope.sum() if shape_of(slope) else slope
            if not same(told, total, self.same):
                raise _Fault(f"{words}: the gradient gives {shown(told)}, and its rows {shown(total)}")

    def moved(self, row: Mapping[str, Any], moved: dict[str, Any]) -> None:
        """One row of a table of forward mode."""
        self.rows += 1
        words = f"tangent row {row['step']}, {row['node']}"
        if row["node"] not in self.made:
            raise _Fault(f"{words}: no forward row computes {row['node']}")
        graph, arithmetic, values = self.made[row["node"]]
        node, total = graph.nodes[graph.steps[0]], 0 * values[graph.output]
        rules, slots = Rules(graph, values, arithmetic), list(range(len(node.args)))
        at = [*(values[arg] for arg in node.args), values[node.index]]
        for term in row["terms"]:
            slot = next((slot for slot in slots if graph.name(node.args[slot]) == term["to"]), None)
            if slot is None:
                raise _Fault(f"{words}: it does not read {term['to']}")
            slots.remove(slot)
            self.agree(term["tangent"], moved[term["to"]], f"{words}: {term['to']} moves by", "it does by")
            local, part, _ = rules.tangent(node, slot, moved[term["to"]], at)
            if local is not None:
                told = term["local"]["value"]
                self.agree(told, local, f"{words}: the local derivative is", "the op's rule gives")
            total = total + part
        self.agree(row["value"], total, f"{words}: it moves by", "its terms add up to")
        moved[row["node"]] = self.number(row["value"])

    def hessian(self, found: Mapping[str, Any]) -> None:
        """Each row of the matrix is the gradient of its sweep."""
        for sweep, entries in zip(found["sweeps"], found["entries"], strict=True):
            row = [one for value in sweep["gradient"].values() for one in flat(value)]
            for label, entry, given in zip(found["variables"], entries, row, strict=True):
                self.rows += 1
                self.agree(entry, self.number(given), f"hessian, row {sweep['of']}, column {label}: it is",
                           "its sweep gives")  # fmt: skip

    def agree(self, told: Any, given: Any, words: str, otherwise: str) -> None:
        """Raise a fault where a recorded value is not the recomputed one."""
        if told is None:
            raise _Fault(f"{words} missing, where {otherwise} {shown(given)}")
        value = self.number(told)
        if not same(value, given, self.same):
            raise _Fault(f"{words} {shown(value)}, where {otherwise} {shown(given)}")
