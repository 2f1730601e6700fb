"""What pulls parameters to zero: ``l2`` adds λ·w to the gradient, that is λ/2·Σw² to the loss; ``l1`` adds
λ·sign(w), that is λ·Σ|w|. These are PyTorch's conventions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.suggest import nearest_of

__all__ = ["penalties", "penalty"]


def penalties(text: str, option: str, parameters: Mapping[str, Any]) -> dict[str, float]:
    """How strongly each parameter is pulled to zero.

    A single number holds for the parameters with two axes or more: weights, and not
    biases, as the lectures have it. ``W1=0.1,b1=0.2`` names them.
    Raises PointError.

    >>> import numpy as np
    >>> penalties("0.5", "--l2", {"W": np.ones((2, 2)), "b": np.ones(2)})
    {'W': 0.5}
    """
    if not text.strip():
        return {}
    if "=" not in text:
        strength = _strength(text, option)
        found = {name: strength for name, value in parameters.items() if value.ndim > 1}
        if not found and strength:
            name = next(iter(parameters))
            raise PointError(f"{option} {text.strip()} holds for matrices, and there is none to train",
                             hint=f"name what to pull to zero: {option} {name}={text.strip()}")  # fmt: skip
        return found if strength else {}
    found = {}
    for part in text.split(","):
        if not part.strip():
            continue
        name, _, value = part.partition("=")
        name = name.strip()
        if name not in parameters:
            raise PointError(f"{option} names {shorten(name, 24) or 'nothing'}, which is not trained",
                             hint=nearest_of(name, parameters, "trained are"))  # fmt: skip
        if name in found:
            raise PointError(f"{option} names {shorten(name, 24)} twice", hint="give it one number")
        found[name] = _strength(value, option)
    return {name: value for name, value in found.items() if value}


def _strength(text: str, option: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not (math.isfinite(value) and value >= 0):
        raise PointError(f"{option} takes a number from 0, not {shorten(text.strip(), 24)}",
                         hint=f"write {option} 0.01, or {option} W1=0.01")  # fmt: skip
    return value


def penalty(parameters: Mapping[str, Any], l1: Mapping[str, float], l2: Mapping[str, float]) -> float:
    """What the penalties add to the loss: λ·Σ|w| and λ/2·Σw².

    >>> import numpy as np
    >>> penalty({"W": np.array([[3.0, -4.0]])}, {"W": 1.0}, {"W": 2.0})
    32.0
    """
    import numpy as np

    total = sum(strength * float(np.sum(np.abs(parameters[name]))) for name, strength in l1.items())
    total += sum(strength / 2 * float(np.sum(parameters[name] ** 2)) for name, strength in l2.items())
    return float(total)
