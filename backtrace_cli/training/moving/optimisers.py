"""The optimisers, each one literal: what is kept, and how a parameter w moves along its gradient g.

A rule is text in the formula language. The same text is shown and, put on the lines of the step's program,
computed. The conventions are those of torch.optim; ``t`` is the number of the update, from 1.
"""

from __future__ import annotations

from backtrace_cli.base.errors import PointError
from backtrace_cli.training.moving.choice import Bound, Entry, chosen

__all__ = ["OPTIMISERS", "optimiser_of"]

_SHARE = Bound(0.9, 0, 1)

OPTIMISERS = {
    entry.name: entry
    for entry in (
        Entry("sgd", "straight down the gradient", (("w", "w - lr*g"),)),
        Entry("momentum", "gradient descent that keeps some of its speed",
              (("v", "mu*v + g"), ("w", "w - lr*v")), {"mu": _SHARE}, ("v",)),
        Entry("nesterov", "momentum that looks ahead along its speed",
              (("v", "mu*v + g"), ("w", "w - lr*(g + mu*v)")), {"mu": _SHARE}, ("v",)),
        Entry("rmsprop", "each number's gradient over its own usual size",
              (("s", "rho*s + (1 - rho)*g^2"), ("w", "w - lr*g/(sqrt(s) + eps)")),
              {"rho": Bound(0.99, 0, 1), "eps": Bound(1e-8, 0, open=True)}, ("s",), lr=0.01),
        Entry("adam", "momentum and rmsprop at once, both corrected for their start at 0",
              (("m", "beta1*m + (1 - beta1)*g"), ("s", "beta2*s + (1 - beta2)*g^2"),
               ("w", "w - lr*(m/(1 - beta1^t))/(sqrt(s/(1 - beta2^t)) + eps)")),
              {"beta1": _SHARE, "beta2": Bound(0.999, 0, 1), "eps": Bound(1e-8, 0, open=True)},
              ("m", "s"), lr=0.001),
    )
}  # fmt: skip


def optimiser_of(text: str, momentum: float = 0.0) -> tuple[Entry, dict[str, float]]:
    """The optimiser that ``--optimiser`` names and its options; ``--momentum`` is the μ of one that has it.

    Raises PointError.

    >>> optimiser_of("nesterov", 0.5)[1]
    {'mu': 0.5}
    """
    entry, options = chosen(text or ("momentum" if momentum else "sgd"), OPTIMISERS, "--optimiser")
    if momentum:
        if "mu" not in options:
            able = " or ".join(name for name, one in OPTIMISERS.items() if "mu" in one.options)
            raise PointError(f"{entry.name} has no --momentum", hint=f"leave it out, or use {able}")
        options["mu"] = momentum
    return entry, options
