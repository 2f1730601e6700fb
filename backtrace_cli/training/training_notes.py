"""What is worth telling about a training run before its first step: what is not read, what is often meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtrace_cli.base.lengths import shorten
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.text import to_text

if TYPE_CHECKING:
    from backtrace_cli.training.training import Training

__all__ = ["remarks"]


def remarks(training: Training) -> list[str]:
    """Declared variables without effect, and an ``argmax`` over all examples at once.

    >>> from backtrace_cli.training.start import start
    >>> remarks(start("param w: 1; param b: 2; f = w^2"))
    ['b is declared and never read, so it is not trained']
    """
    graphs = [training.graph, *training.metrics.values()]
    found = []
    for name, line in training.graph.declared.items():
        shown = shorten(name, 24)
        if not any(name in graph.inputs for graph in graphs):
            rest = ", so it is not trained" if line.kind == "param" else ""
            found.append(f"{shown} is declared and never read{rest}")
        elif line.kind == "param" and name not in training.parameters and not training.named:
            loss = training.graph.name(training.graph.output)
            found.append(f"{loss} does not depend on {shown}, so it is not trained")
    for graph in graphs:
        found += _over_all_examples(training.fitted(graph), training.examples.size)
    return list(dict.fromkeys(found))


def _over_all_examples(graph: Graph, count: int) -> list[str]:
    """An ``argmax`` without an axis, of a matrix with an example a row."""
    assert graph.shapes is not None
    found = []
    for node in graph.nodes:
        if node.op is None or node.op.name != "argmax" or node.fixed != (None,):
            continue
        shape = graph.shapes[node.args[0]]
        if len(shape) > 1 and shape[0] == count:
            inner = shorten(to_text(graph.term(node.args[0])), 24)
            found.append(
                f"argmax({inner}) is one number for all examples; argmax({inner}, axis=1) is one an example"
            )
    return found
