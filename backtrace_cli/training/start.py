"""From a formula, data files and options to a Training that is ready for its first step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import BacktraceError, PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.suggest import nearest_of
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.graph import Graph, build
from backtrace_cli.runs.point import Given, bind, nearest, other_spellings, sizes_in, value_of
from backtrace_cli.training.examples import Examples, gather
from backtrace_cli.training.settings import Settings
from backtrace_cli.training.standard import scales_of
from backtrace_cli.training.training import Training

__all__ = ["start"]


def start(
    source: str,
    data: Sequence[str] | Mapping[str, Any] = (),
    *,
    wrt: Sequence[str] = (),
    point: Mapping[str, Given] | None = None,
    metrics: Sequence[str] = (),
    settings: Settings | None = None,
) -> Training:
    """Everything that training ``source`` needs, checked before anything is computed.

    ``data`` names files, or holds arrays by name. ``wrt`` are the variables to train: all
    ``param`` lines' if empty. ``point`` gives constants, and first values in place of
    those declared. A metric is the name of a value that the formula computes, or a
    formula over its names. Raises FormulaError, PointError or ShapeError; ValueError for
    settings that make no sense.

    >>> training = start("param x: 3; f = (x - 1)^2", settings=Settings(lr=0.25, epochs=2))
    >>> training.step(), training.step(), float(training.parameters["x"])
    (4.0, 1.0, 1.5)
    """
    point, settings = point or {}, Settings.made((settings or Settings())._asdict())
    names = {name for given in (*point, *wrt) for name in (given, *other_spellings(given))}
    graph = build(source, bound=names, sizes=sizes_in(point))
    measured: dict[str, Graph] = {}
    for title, text in (metric_of(graph, text) for text in metrics):
        if title in measured:
            raise PointError(f"--metric names {shorten(title, 24)} twice", hint="leave one of them out")
        with _pointing(source):
            measured[title] = build(f"{source}\n{text}", bound=names, sizes=sizes_in(point))
    graphs = [graph, *measured.values()]
    given = _spelled(graphs, point)
    trained = _trained(graph, wrt, with_data=bool(data))
    declared = {name for one in graphs for name, line in one.declared.items() if line.kind == "param"}
    examples = gather(graphs, data, {*given, *declared})
    for name in trained:
        if name in examples.arrays:
            raise _is_data(name)
    values = _values(graphs, given, examples, settings.seed)
    parameters = {name: _own(values.pop(name)) for name in trained}
    constants = {name: value for name, value in values.items() if name not in examples.arrays}
    seen, held = examples.split(settings.hold_out, settings.seed)
    scales = scales_of(settings.standardise, seen.arrays, seen.labels)
    seen, held = seen.scaled(scales), held and held.scaled(scales)
    with _pointing(source):
        training = Training(graph, measured, seen, constants, parameters, settings, held)
    training.scales = scales
    training.given = frozenset(given)
    training.named = bool(wrt)
    return training


@contextmanager
def _pointing(source: str) -> Iterator[None]:
    """Let an error in a metric point into the metric, not past the end of the formula's file."""
    try:
        yield
    except BacktraceError as error:
        begin = len(source) + 1
        text = error.source or ""
        if error.span and text.startswith(source + "\n") and begin < len(text) and error.span[0] >= begin:
            also = error.also
            error.source, error.origin = text[begin:], "--metric"
            error.span = Span(error.span[0] - begin, error.span[1] - begin)
            error.also = Span(also[0] - begin, also[1] - begin) if also and also[0] >= begin else None
        raise


def _own(value: Any) -> Any:
    """An array of double precision."""
    import numpy as np

    return np.array(value, dtype=float)


def metric_of(graph: Graph, text: str, option: str = "--metric") -> tuple[str, str]:
    """A metric's title and formula. Raises PointError for a name the formula doesn't compute."""
    text = text.strip()
    title, equals, rest = text.partition("=")
    if text.isidentifier():
        known = [*graph.aliases, *graph.unused]
        if text not in known and not {text, *other_spellings(text)} & set(graph.inputs):
            raise PointError(f"the formula computes nothing called {shorten(text, 24)}",
                             hint=nearest_of(text, known, "it computes"))  # fmt: skip
        return text, text
    if not text:
        raise PointError(f"{option} names nothing", hint=f"write {option} accuracy")
    named = equals and not rest.startswith("=") and title.strip().isidentifier()
    return (title.strip() if named else text), text


def _spelled(graphs: Sequence[Graph], point: Mapping[str, Given]) -> dict[str, Given]:
    """``point`` under the formula's own names. Raises PointError for a name it lacks."""
    found: dict[str, Given] = {}
    for name, given in point.items():
        spellings = (name, *sorted(other_spellings(name)))
        match = next((n for n in spellings if any(n in graph.inputs for graph in graphs)), None)
        if match is not None:
            found[match] = given
        elif name not in graphs[0].sizes:
            raise PointError(
                f"the formula has no variable {shorten(name, 24)}", hint=nearest(graphs[0], name)
            )
    return found


def _trained(graph: Graph, wrt: Sequence[str], *, with_data: bool) -> list[str]:
    """The variables to train, in the formula's own spelling. Raises PointError where there is none."""
    found = []
    for name in wrt:
        match = next((n for n in (name, *sorted(other_spellings(name))) if n in graph.inputs), None)
        if match is None:
            computed = name in graph.aliases or name in graph.unused
            what = "is computed by the formula" if computed else "is not a variable of the formula"
            raise PointError(f"--wrt names {shorten(name, 24)}, which {what}", hint=nearest(graph, name))
        if match in graph.declared and graph.declared[match].kind == "data":
            raise _is_data(match)
        found.append(match)
    if wrt:
        return list(dict.fromkeys(found))
    params = [name for name, line in graph.declared.items() if line.kind == "param" and name in graph.inputs]
    params = [name for name in params if graph.leads_from({graph.inputs[name]})[graph.output]]
    if not params:
        usual = {"x", "X", "y", "Y", "t", "T"} if with_data else set()  # names of data, not of what to train
        free = [n for n in graph.inputs if n not in graph.declared and n not in usual]
        some = next(iter(free), "w")
        raise PointError("there is nothing to train: the formula declares no parameters",
                         hint=f"declare one in the file, as in param {some}: zeros(3), "
                         f"or name it: --wrt {some} --at {some}=0")  # fmt: skip
    return params


def _is_data(name: str) -> PointError:
    """The complaint about an example that is to be trained: its rows come and go with the batches."""
    shown = shorten(name, 24)
    return PointError(f"--wrt names {shown}, which is data: the examples can't be trained",
                      hint=f"train the parameters; {shown} itself is trained where it is given as a value, "
                      f"--at {shown}=@values.csv, and not by --data")  # fmt: skip


def _values(
    graphs: Sequence[Graph], given: Mapping[str, Given], examples: Examples, seed: int
) -> dict[str, Any]:
    """The value of every variable of every graph, data among them."""
    arithmetic = Arrays()
    found: dict[str, Any] = {}
    whole = {**given, **{name: Given("", array) for name, array in examples.arrays.items()}}
    for graph in graphs:
        known = {name: item for name, item in whole.items() if name in graph.inputs}
        for name, item in bind(graph, known, seed).items():
            if name not in found:
                found[name] = value_of(name, item, arithmetic)
    return found
