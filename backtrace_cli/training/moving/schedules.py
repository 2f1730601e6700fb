"""How the length of a step changes on the way, each schedule one literal.

A rule gives the factor of α. ``e`` is how many epochs have gone by (a fraction, within an epoch), ``E`` how
many there will be.
"""

from __future__ import annotations

from collections.abc import Callable

from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.engine.compiled.emit import function_of
from backtrace_cli.engine.compiled.lowering import lowered
from backtrace_cli.graph import build
from backtrace_cli.training.moving.choice import Bound, Entry, chosen

__all__ = ["SCHEDULES", "factor_of", "schedule_of", "warm_up_rule"]

SCHEDULES = {
    entry.name: entry
    for entry in (
        Entry("constant", "the same all the way", (("factor", "1"),)),
        Entry("step", "by times as long after every so many epochs", (("factor", "by^floor(e/every)"),),
              {"every": Bound(10, 0, open=True), "by": Bound(0.1, 0, open=True)}),
        Entry("cosine", "along half a cosine down to least times the first length",
              (("factor", "least + (1 - least)*(1 + cos(pi*e/E))/2"),), {"least": Bound(0, 0, 1)}),
        Entry("exponential", "by times as long after each epoch, evenly", (("factor", "by^e"),),
              {"by": Bound(0.95, 0, open=True)}),
    )
}  # fmt: skip


def warm_up_rule(epochs: float, batches: int) -> str:
    """The factor of the first ``epochs`` epochs, at which the length rises evenly."""
    return f"min(1, (e + 1/{batches})/{epochs!r})"


def schedule_of(text: str) -> tuple[Entry, dict[str, float]]:
    """The schedule that ``--schedule`` names, and its options. Raises PointError."""
    return chosen(text or "constant", SCHEDULES, "--schedule")


def factor_of(text: str, warm_up: float, epochs: int, batches: int) -> Callable[[int], float]:
    """The factor of α at every update (from 0), of so many ``batches`` an epoch. Raises PointError.

    >>> halved = factor_of("step, every=2, by=0.5", 0, 6, 10)
    >>> [halved(update) for update in (0, 19, 20, 40)]
    [1.0, 1.0, 0.5, 0.25]
    """
    entry, options = schedule_of(text)
    rule = entry.rule[-1][1]
    if warm_up:
        rule = f"({rule})*{warm_up_rule(warm_up, batches)}"
    if rule == "1":
        return _one
    names = ["e", "E", *options]
    graph = build(rule, bound=names)
    factor = function_of(lowered(graph, [], Floats(), {}, {}), names)
    values = [*options.values()]

    def at(update: int) -> float:
        return float(factor(update / batches, float(epochs), *values)[0])

    return at


def _one(update: int) -> float:
    return 1.0
