"""First values of parameters: ``param W: uniform(3, 2)``, drawn by a seed and the parameter's name."""

from __future__ import annotations

import math

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.limits import MOST_ENTRIES_BY, most_entries
from backtrace_cli.base.plain_values import Given
from backtrace_cli.language.tree.syntax import INITIALISERS, Call, Declaration, Expr, Number

__all__ = ["drawn"]


def drawn(line: Declaration, source: str, seed: int) -> Given:
    """The first value of a declared parameter.

    ``uniform(H, K)`` is uniform on [−r, r] with r = √6/√(H + K) unless ``r=`` says
    otherwise (Glorot and Bengio, 2010); ``normal(H, K)`` has the deviation √(2/K)
    unless ``std=`` does (He and others, 2015); ``zeros`` and ``ones`` are what they
    say; a number or a list is itself. The same seed and name give the same values,
    whatever else the formula declares. Raises PointError.

    >>> from backtrace_cli.graph import build
    >>> graph = build("param W: zeros(2, 3)\\nsum(W)")
    >>> drawn(graph.declared["W"], graph.formula, 0).value.shape
    (2, 3)
    """
    tree = line.value
    text = source[tree.span[0] : tree.span[1]]
    if not (isinstance(tree, Call) and tree.func in INITIALISERS):
        return Given(text, tree)
    import zlib

    import numpy as np

    shape = tuple(_size(line, source, arg) for arg in tree.args)
    if math.prod(shape) > most_entries():
        words = f"{line.name} would have {math.prod(shape):,} entries, of {most_entries():,} at most"
        raise _refused(line, source, words, f"choose smaller sizes, or raise {MOST_ENTRIES_BY}")
    if tree.func in ("zeros", "ones"):
        return Given(text, np.zeros(shape) if tree.func == "zeros" else np.ones(shape))
    draw = np.random.default_rng([seed, zlib.crc32(line.name.encode())])
    spread = _spread(line, source, tree, shape)
    if tree.func == "uniform":
        return Given(text, draw.uniform(-spread, spread, shape))
    return Given(text, draw.normal(0.0, spread, shape))


def _spread(line: Declaration, source: str, tree: Call, shape: tuple[int, ...]) -> float:
    """The r or std of a draw: as given, or by the sizes."""
    for _, text in tree.options:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not (math.isfinite(value) and value >= 0):
            raise _refused(line, source, f"{shorten(text, 24)} is no width to draw from",
                           f"write {'r' if tree.func == 'uniform' else 'std'}=0.1")  # fmt: skip
        return value
    into = shape[-1] if shape else 1
    out = shape[-2] if len(shape) > 1 else 1
    return math.sqrt(6.0 / max(into + out, 1)) if tree.func == "uniform" else math.sqrt(2.0 / max(into, 1))


def _size(line: Declaration, source: str, tree: Expr) -> int:
    if isinstance(tree, Number) and tree.text.isdecimal():
        return int(tree.text[:12])
    raise _refused(line, source, f"the sizes of {line.name} are whole numbers",
                   f"write param {line.name}: uniform(3, 2), or set n = 3 in a line before")  # fmt: skip


def _refused(line: Declaration, source: str, message: str, hint: str) -> PointError:
    return PointError(message, span=Span(*line.value.span), source=source, hint=hint)
