"""A trained formula that is asked: values for examples, classes, and how often they are right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Given
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.graph import Graph, build
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.graph.surgery import pruned, rooted
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.runs.files.array_files import read_about, read_arrays
from backtrace_cli.runs.point import other_spellings, sizes_in, value_of
from backtrace_cli.training.dropout import drawing_nodes, undropped
from backtrace_cli.training.examples import Examples, gather, holds_classes
from backtrace_cli.training.predicting.found import Asked, prediction_of
from backtrace_cli.training.standard import Scale, scales_in
from backtrace_cli.training.start import metric_of
from backtrace_cli.training.step_program import value_function
from backtrace_cli.training.training import Training

__all__ = ["Predicted", "Predictor", "confusion", "predict", "predictor_of"]


class Predicted(NamedTuple):
    """What the formula says of some examples."""

    name: str
    values: Any
    """An entry, or a row, an example."""
    classes: Any = None
    """The number of the class it says, where it says one."""
    shares: Any = None
    """How sure it is of that class, where the formula's loss tells what its values mean."""
    truth: Any = None
    """The target, where the data have it."""
    labels: tuple[str, ...] = ()
    """The names of the classes, where they have names."""

    def label(self, number: Any) -> str:
        """The name of a class, or its number."""
        place = int(number)
        return self.labels[place] if 0 <= place < len(self.labels) else f"{float(number):g}"


class Predictor(NamedTuple):
    """A formula's prediction, with everything it reads but the data."""

    graph: Graph
    """Rooted at the prediction."""
    name: str
    constants: Mapping[str, Any]
    scales: Mapping[str, Scale]
    labels: tuple[str, ...]
    target: str | None
    holds: str
    says_classes: bool
    """Is the target a class?"""

    def __call__(self, arrays: Mapping[str, Any], *, scaled: bool = False) -> Any:
        """The prediction for examples; ``scaled`` where they are in the units of the training."""
        import numpy as np

        known = dict(arrays)
        if not scaled:
            known |= {name: scale.of(arrays[name]) for name, scale in self.scales.items() if name in arrays}
        values = {name: {**self.constants, **known}[name] for name in self.graph.inputs}
        shapes = {self.graph.inputs[name]: shape_of(value) for name, value in values.items()}
        graph = undropped(fit_shapes(self.graph, shapes), drawing_nodes(self.graph))
        with np.errstate(all="ignore"):
            found = np.asarray(value_function(graph, Arrays(), values)(*values.values())[0])
        size = len(next(iter(arrays.values())))
        if not found.ndim or len(found) != size:
            raise PointError(f"{shorten(self.name, 24)} has shape {sides(found.shape)} for {size:,} examples",
                             hint="--show names a value with one entry, or one row, an example")  # fmt: skip
        return found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found

    def classified(self, values: Any) -> tuple[Any, Any]:
        """The class that each value says, and how sure it is; None where it says none, or nothing of that."""
        import numpy as np

        if not self.says_classes or values.ndim > 2:
            return None, None
        scores = self.holds == "scores"
        if values.ndim == 2:
            found = values.argmax(axis=1)
            if scores:
                raised = np.exp(values - values.max(axis=1, keepdims=True))
                values = raised / raised.sum(axis=1, keepdims=True)
            return found, values.max(axis=1) if self.holds else None
        if not self.holds and (values == np.floor(values)).all() and (values >= 0).all():
            return values.astype(int), None  # it says the classes themselves
        found = (values > (0.0 if scores else 0.5)).astype(int)
        if scores:
            values = np.exp(-np.logaddexp(0.0, -values))
        return found, np.where(found == 1, values, 1 - values) if self.holds else None

    def of(self, examples: Examples, *, scaled: bool = False) -> Predicted:
        """Everything that is said of the examples."""
        arrays = {name: array for name, array in examples.arrays.items() if name in self.graph.inputs}
        values = self(arrays, scaled=scaled)
        classes, shares = self.classified(values)
        truth = None if self.target is None else examples.arrays.get(self.target)
        return Predicted(self.name, values, classes, shares, truth, self.labels)


def predictor_of(training: Training) -> Predictor:
    """The prediction of a run, with its parameters as they are. Raises PointError where there is none."""
    graph, examples = training.graph, training.examples
    asked = _found(graph, [*examples.arrays], [*training.parameters])
    known = {**training.constants, **training.parameters}
    return _made(graph, graph.name(asked.node), asked, known, training.scales, examples.labels)


def predict(
    source: str, net: str, data: Sequence[str], *, point: Mapping[str, Given], show: str = ""
) -> tuple[Predictor, Examples, Predicted]:
    """What ``source`` says of the examples in ``data`` with the parameters in the file ``net``.

    ``show`` is the name of the value that predicts, or a formula over the formula's names; without it, that
    value is found (see ``prediction_of``). Raises FormulaError, PointError or ShapeError.
    """
    given = {**read_arrays(net), **point}
    about = read_about(net)
    names = {name for one in given for name in (one, *other_spellings(one))}
    whole = build(source, bound=names, sizes=sizes_in(given))
    values = {name: item for name, item in given.items() if name in whole.inputs}
    data_names = [name for name in whole.inputs if name not in values]
    lost = [n for n in data_names if n in whole.declared and whole.declared[n].kind == "param"]
    if lost:
        held = ", ".join(shorten(name, 24) for name in list(given)[:8])
        raise PointError(f"{net} has no {shorten(lost[0], 24)}, which the formula trains",
                         hint=f"it holds {held}: is it this formula's file?")  # fmt: skip
    labels = {name: tuple(words) for name, words in about.get("labels", {}).items()}
    if show:
        title, text = metric_of(whole, show, "--show")
        graph = build(f"{source}\n{text}", bound=names, sizes=sizes_in(given))
        target = next((a.target for a in [prediction_of(whole, data_names, [*values])] if a), None)
        asked = Asked(graph.output, target, "")
        says = whole
    else:
        graph, says = whole, whole
        asked = _found(whole, data_names, [*values], "name it: --show p")
        title = whole.name(asked.node)
    scales = scales_in(about)
    arithmetic = Arrays()
    known = {name: value_of(name, item, arithmetic) for name, item in values.items()}
    found = _made(graph, title, asked, known, scales, labels, says)
    optional = [] if asked.target is None or asked.target in found.graph.inputs else [asked.target]
    examples = gather([found.graph, says], data, {*known, *(set(says.inputs) - set(found.graph.inputs)
                      - set(optional))}, known=labels, optional=optional)  # fmt: skip
    if not any(name in found.graph.inputs for name in examples.arrays):
        raise PointError(f"{shorten(title, 24)} reads no data, so there is nothing to predict from")
    return found, examples, found.of(examples)


def _found(graph: Graph, data: Sequence[str], parameters: Sequence[str], hint: str = "") -> Asked:
    asked = prediction_of(graph, data, parameters)
    if asked is None:
        raise PointError("it can't be told which value of the formula is its prediction",
                         hint=hint or "the loss compares it with data that nothing else reads")  # fmt: skip
    return asked


def _made(
    graph: Graph, name: str, asked: Asked, known: Mapping[str, Any], scales: Mapping[str, Scale],
    labels: Mapping[str, tuple[str, ...]], says: Graph | None = None,
) -> Predictor:  # fmt: skip
    classes = asked.target is not None and (
        asked.target in labels or holds_classes([says or graph], asked.target)
    )
    words = labels.get(asked.target or "", ())
    root = pruned(rooted(graph, asked.node))
    return Predictor(root, name, known, scales, words, asked.target, asked.holds, classes)


def confusion(predicted: Predicted) -> list[list[int]]:
    """How often each class (a row) was taken for each (a column); nothing where no classes are known.

    >>> import numpy as np
    >>> confusion(Predicted("p", None, np.array([0, 1, 1]), None, np.array([0.0, 0.0, 1.0])))
    [[1, 1], [0, 1]]
    """
    import numpy as np

    if predicted.classes is None or predicted.truth is None or predicted.truth.ndim != 1:
        return []
    count = int(max(predicted.classes.max(), predicted.truth.max(), len(predicted.labels) - 1)) + 1
    found = np.zeros((count, count), int)
    np.add.at(found, (predicted.truth.astype(int), predicted.classes), 1)
    rows: list[list[int]] = found.tolist()
    return rows
