"""Random graphs to draw: forks of up to six, up to sixty nodes, numbers and arrays."""

from __future__ import annotations

import random
import re
from typing import Any

from backtrace_cli import trace
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph

__all__ = ["edges_of", "random_trace"]

_TWO = ("{0} + {1}", "{0} - {1}", "{0}*{1}", "max({0}, {1})")
_ONE = ("sin({0})", "tanh({0})", "{0}^2", "{0}*3", "σ({0})", "1 - {0}")


def random_trace(seed: int, most: int = 60) -> Trace:
    """A trace of a graph of at most ``most`` nodes; every fifth has arrays, every fourth one wanted input."""
    rng = random.Random(seed)
    size = rng.randint(2, most)
    inputs = [f"x{n}" for n in range(rng.randint(1, max(1, min(size // 3, 12))))]
    reads = dict.fromkeys(inputs, 0)
    lines = []
    for number in range(size - len(inputs) - 1):
        free = [name for name in reads if reads[name] < 6]
        unread = [name for name in free if not reads[name]]
        chosen = [rng.choice(unread if unread and rng.random() < 0.7 else free[-rng.randint(1, 12) :])
                  for _ in range(rng.choice((1, 2, 2, 2)))]  # fmt: skip
        if len(chosen) == 2 and chosen[0] == chosen[1] and reads[chosen[0]] > 4:
            chosen = chosen[:1]
        for name in chosen:
            reads[name] += 1
        text = rng.choice(_TWO if len(chosen) == 2 else _ONE).format(*chosen)
        lines.append(f"n{number} = {text}")
        reads[f"n{number}"] = 0
    left = [name for name, count in reads.items() if not count] or [next(iter(reads))]
    arrays = seed % 5 == 0
    last = " + ".join(left)
    lines.append(f"f = sum({last})" if arrays else f"f = {last}")
    whole = "\n".join(lines)
    used = [name for name in inputs if re.search(rf"\b{name}\b", whole)]
    drawn = {name: [rng.randint(-9, 9) / 4 for _ in range(3)] for name in used}
    at: dict[str, Any] = {name: value if arrays else value[0] for name, value in drawn.items()}
    wrt = [used[0]] if seed % 4 == 0 else []
    return trace(whole, wrt=wrt, **at)


def edges_of(graph: Graph) -> list[tuple[str, str, int]]:
    """(child, reader, which of the reader's arguments that are drawn), straight from the graph."""
    found = []
    for node in graph.nodes:
        drawn = [arg for arg in node.args if not graph.nodes[arg].is_constant]
        found += [(graph.name(arg), graph.name(node.index), number) for number, arg in enumerate(drawn)]
    return sorted(found)
