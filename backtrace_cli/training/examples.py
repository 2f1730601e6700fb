"""The examples that training runs over: every data variable of the formula filled from files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.suggest import nearest_of
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.syntax import Call, Declaration, Expr, Name, names_in
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.runs.files.tables import Tables, given_tables, read_tables
from backtrace_cli.training.standard import Scale

__all__ = ["Examples", "digest", "gather", "whole_rows"]


class Examples(NamedTuple):
    """The data of a run: arrays whose first axis counts the examples."""

    arrays: dict[str, Any]
    """One array for each data variable."""
    size: int
    """How many examples there are; 1 where the formula reads no data."""
    left: dict[str, str]
    """Columns and arrays that the formula doesn't read, with their files."""
    files: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]] = {}
    """The classes of each variable whose column holds words, in the order of their numbers."""

    def batch(self, rows: Any) -> dict[str, Any]:
        """The examples that ``rows`` names, of every variable."""
        return {name: array[rows] for name, array in self.arrays.items()}

    def split(self, share: float, seed: int) -> tuple[Examples, Examples | None]:
        """The examples to train on, and a ``share`` of them, drawn by ``seed``, that is kept apart.

        Raises PointError where one of the two would be empty.
        """
        if not share:
            return self, None
        import numpy as np

        count = round(share * self.size)
        if not 0 < count < self.size:
            what = "none" if not count else "all"
            raise PointError(f"a share of {share:g} of {self.size:,} examples is {what} of them",
                             hint="hold out a share such as 0.2")  # fmt: skip
        order = np.random.default_rng([seed, 2]).permutation(self.size)
        apart, rest = np.sort(order[:count]), np.sort(order[count:])
        return (
            self._replace(arrays=self.batch(rest), size=len(rest)),
            self._replace(arrays=self.batch(apart), size=count),
        )

    def scaled(self, scales: Mapping[str, Scale]) -> Examples:
        """The examples with some variables in other units."""
        moved = {name: scale.of(self.arrays[name]) for name, scale in scales.items()}
        return self._replace(arrays={**self.arrays, **moved})

    def unscaled(self, scales: Mapping[str, Scale]) -> Examples:
        """The examples in the units they had before."""
        moved = {name: scale.back(self.arrays[name]) for name, scale in scales.items()}
        return self._replace(arrays={**self.arrays, **moved})

    def fingerprint(self) -> str:
        """The same for the same numbers, and in practice for no others."""
        return digest(*(part for name in sorted(self.arrays) for part in (name, self.arrays[name])))


def digest(*parts: Any) -> str:
    """A text that is the same for the same arrays, numbers and words, and in practice for no others."""
    import hashlib

    import numpy as np

    found = hashlib.blake2b(digest_size=16)
    for part in parts:
        if isinstance(part, str):
            found.update(f"{part} ".encode())
            continue
        array = np.asarray(part)
        found.update(f"{array.shape} {array.dtype.str} ".encode())
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()


def gather(
    graphs: Sequence[Graph],
    data: Sequence[str] | Mapping[str, Any],
    taken: Collection[str],
    *,
    known: Mapping[str, Sequence[str]] = {},  # noqa: B006
    optional: Collection[str] = (),
) -> Examples:
    """Every variable of ``graphs`` that is not ``taken`` by a value of its own, from
    files (see ``read_tables``) or from arrays by name.

    A ``data`` line names a variable's columns: several stand side by side in a matrix,
    a single one is a vector, a list of lists has an axis more. A variable without such a
    line takes the column (or array) of its own name. A column that says which class is right may hold words;
    ``known`` says their order. Variables in ``optional`` may be missing. Raises PointError.
    """
    wanted = {
        name: graph for graph in reversed(graphs) for name in reversed(graph.inputs) if name not in taken
    }
    needed = set(wanted)
    for name, graph in wanted.items():
        if name in graph.declared:
            needed |= names_in(graph.declared[name].value)
    columns = {name: _column(name, wanted[name]) for name in wanted if holds_classes(graphs, name)}
    wordy = {column: known.get(name, ()) for name, column in columns.items()}
    if isinstance(data, Mapping):
        tables = given_tables(data, needed, wordy)
    else:
        tables = read_tables(data, needed, wordy)
    missing = {name for name in optional if name in wanted and not _there(name, wanted[name], tables)}
    arrays = {name: _filled(name, wanted[name], tables) for name in reversed(wanted) if name not in missing}
    _same_count(arrays)
    count = len(next(iter(arrays.values()))) if arrays else 1
    labels = {name: tables.labels[column] for name, column in columns.items() if column in tables.labels}
    return Examples(arrays, count, tables.left, tables.files, labels)


def holds_classes(graphs: Sequence[Graph], name: str) -> bool:
    """Does a variable say which class is right? So a loss over classes reads it, or it only picks entries."""
    for graph in graphs:
        index = graph.inputs.get(name)
        judged = (node.args[1] for node in graph.nodes if node.op is not None and node.op.judges)
        if index is not None and (index in judged or graph.picks(index)):
            return True
    return False


def _column(name: str, graph: Graph) -> str:
    """The column that fills a variable alone; its own name where it is filled by none, or by several."""
    line = graph.declared.get(name)
    tree = line.value if line is not None and line.kind == "data" else None
    alone = isinstance(tree, Call) and len(tree.args) == 1 and isinstance(tree.args[0], Name)
    return tree.args[0].name if alone else name  # type: ignore[union-attr]


def _there(name: str, graph: Graph, tables: Tables) -> bool:
    """Are all columns of a variable in the files?"""
    line = graph.declared.get(name)
    needed = names_in(line.value) if line is not None and line.kind == "data" else {name}
    return name in tables.arrays or needed <= set(tables.arrays)


def _filled(name: str, graph: Graph, tables: Tables) -> Any:
    """The array of one data variable."""
    if name in tables.arrays:
        return tables.arrays[name]
    line = graph.declared.get(name)
    if line is None or line.kind != "data":
        raise _without_value(name, graph, tables)
    if not tables.files:
        raise PointError(f"{name} comes from data, and none are given", span=Span(*line.span),
                         source=graph.source, hint="add --data values.csv")  # fmt: skip
    tree = line.value
    assert isinstance(tree, Call)
    if len(tree.args) == 1:  # data y: label; data X: [height] is a matrix of one column
        tree = tree.args[0]
    return _stacked(tree, line, graph, tables)


def _stacked(tree: Expr, line: Declaration, graph: Graph, tables: Tables) -> Any:
    """The columns of one declaration, side by side behind the axis of the examples."""
    if isinstance(tree, Name):
        if tree.name not in tables.arrays:
            hint = nearest_of(tree.name, [*tables.left, *tables.arrays], "there are")
            if not (tables.left or tables.arrays):
                hint = (
                    "its first line, or its keys, are the names"
                    if len(tables.files) == 1
                    else "none has names"
                )
                raise PointError(f"{_files(tables)} names no columns", span=Span(*tree.span),
                                 source=graph.source, hint=hint)  # fmt: skip
            raise PointError(f"there is no column {shorten(tree.name, 24)} in {_files(tables)}",
                             span=Span(*tree.span), source=graph.source, hint=hint)  # fmt: skip
        return tables.arrays[tree.name]
    if not (isinstance(tree, Call) and tree.func == "stack"):
        raise PointError("a data line lists columns by their names", span=Span(*tree.span),
                         source=graph.source, hint=f"write data {line.name}: height, width")  # fmt: skip
    import numpy as np

    parts = [_stacked(part, line, graph, tables) for part in tree.args]
    try:
        return np.stack(parts, axis=1)
    except ValueError:
        raise PointError(f"the columns of {line.name} differ in shape", span=Span(*tree.span),
                         source=graph.source, hint="each has a number a line") from None  # fmt: skip


def _without_value(name: str, graph: Graph, tables: Tables) -> PointError:
    """The complaint about a variable that nothing gives a value."""
    where = f"{_files(tables)} has no column of that name" if tables.files else "there is no --data"
    shown = shorten(name, 24)
    near = nearest_of(name, tables.left, "") if tables.left else ""
    column = near.removeprefix("did you mean ").removesuffix("?") if near.startswith("did you") else ""
    columns = [column] if column else [shorten(title, 24) for title in [*tables.left][:4]]
    hint = f"if it is data, write data {shown}: {' or '.join(columns) if columns else 'COLUMN'}"
    hint += "" if tables.files else " and add --data values.csv"
    if any(line.kind == "param" for line in graph.declared.values()):
        hint += f"; to train it: param {shown}: zeros(3)"
    hint += f"; as a constant: --at {shown}=1"
    return PointError(f"{shown} has no value: no param line declares it, and {where}",
                      span=graph.nodes[graph.inputs[name]].span, source=graph.source, hint=hint)  # fmt: skip


def _files(tables: Tables) -> str:
    return " and ".join(tables.files[:3])


def _same_count(arrays: dict[str, Any]) -> None:
    """Refuse variables that differ in the number of their examples."""
    counts = {name: len(array) for name, array in arrays.items()}
    if len(set(counts.values())) > 1:
        (one, first), *rest = counts.items()
        other, second = next((name, count) for name, count in rest if count != first)
        raise PointError(f"{one} has {first:,} examples and {other} {second:,}",
                         hint="the first axis of every array counts the examples")  # fmt: skip


def whole_rows(graph: Graph) -> str | None:
    """What to write in place of ``p[y]``, where it takes a row for each example's class."""
    assert graph.shapes is not None
    for node in graph.nodes:
        if node.op is None or node.op.name != "take":
            continue
        of, at = (graph.shapes[arg] for arg in node.args[:2])
        if len(of) == 2 and at == of[:1]:
            p, y = (shorten(to_text(graph.term(arg)), 24) for arg in node.args[:2])
            return (
                f"{p}[{y}] takes whole rows of {p}; for the probability of each example's own class "
                f"write cross_entropy({p}, {y})"
            )
    return None
