"""Gradient descent: how parameters move along their gradients, with momentum and penalties.

The conventions are those of PyTorch's SGD. ``l2`` adds λ·w to the gradient, that is
λ/2·Σw² to the loss; ``l1`` adds λ·sign(w), that is λ·Σ|w|. Momentum keeps a velocity
v ← μ·v + g, which begins as the first g, and moves w ← w − α·v.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.suggest import nearest_of

__all__ = ["Settings", "descend", "penalties", "penalty"]


def _whole(low: int) -> Callable[[Any], int]:
    """A whole number from ``low``; True and 2.0 are none."""

    def fits(value: Any) -> int:
        found = operator.index(value)
        if isinstance(value, bool) or found < low:
            raise ValueError
        return found

    return fits


def _share(value: Any) -> float:
    """A number from 0 up to 1."""
    found = _number(value)
    if not 0 <= found < 1:
        raise ValueError
    return found


def _length(value: Any) -> float:
    found = _number(value)
    if not 0 < found < math.inf:
        raise ValueError
    return found


def _number(value: Any) -> float:
    if isinstance(value, (str, bool)):
        raise TypeError
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _strengths(value: Any) -> str:
    return value if isinstance(value, str) else str(_number(value))


#: What each setting is made with (it raises where that makes no sense), and what it is in words.
_FITS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "lr": (_length, "a number above 0"),
    "epochs": (_whole(1), "a whole number from 1"),
    "batch": (
        lambda value: None if value is None else _whole(1)(value),
        "a whole number from 1, or None for all examples",
    ),
    "seed": (_whole(0), "a whole number from 0"),
    "momentum": (_share, "a number from 0 up to 1"),
    "l1": (_strengths, "a number from 0, or a text such as W1=0.1"),
    "l2": (_strengths, "a number from 0, or a text such as W1=0.1"),
    "shuffle": (_flag, "True or False"),
    "hold_out": (_share, "a number from 0 up to 1"),
}


class Settings(NamedTuple):
    """How to train."""

    lr: float = 0.1
    epochs: int = 20
    batch: int | None = 32
    """Examples in a batch; None for all of them."""
    seed: int = 0
    """Draws the parameters, the order of the examples in each epoch, and dropout's masks."""
    momentum: float = 0.0
    l1: str = ""
    """A number for every parameter with two axes or more, or ``W1=0.1,W2=0.01``."""
    l2: str = ""
    shuffle: bool = True
    hold_out: float = 0.0
    """The share of the examples that is kept apart, to be measured on; drawn by the seed."""

    @classmethod
    def made(cls, given: Mapping[str, Any]) -> Settings:
        """Settings from values of any origin, each as the number it is.

        Raises TypeError for a name that is no setting, ValueError for a value that makes no sense.

        >>> Settings.made({"lr": 1, "l2": 0.5}).l2
        '0.5'
        >>> Settings.made({"batch": 0})
        Traceback (most recent call last):
        ValueError: batch=0 makes no sense: it is a whole number from 1, or None for all examples
        """
        for name in given:
            if name not in cls._fields:
                raise TypeError(f"there is no setting {shorten(name, 24)}; "
                                f"{nearest_of(name, cls._fields, 'there are')}")  # fmt: skip
        found = {}
        for name, value in given.items():
            fits, words = _FITS[name]
            try:
                found[name] = fits(value)
            except (TypeError, ValueError, OverflowError):
                shown = shorten(repr(value), 24)
                raise ValueError(f"{name}={shown} makes no sense: it is {words}") from None
        return cls(**found)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return self._asdict()


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


def descend(
    parameters: Mapping[str, Any],
    gradients: Mapping[str, Any],
    velocities: dict[str, Any],
    settings: Settings,
    l1: Mapping[str, float],
    l2: Mapping[str, float],
) -> None:
    """Move every parameter one step down its gradient, in place.

    >>> import numpy as np
    >>> w = np.array([1.0, 2.0])
    >>> descend({"w": w}, {"w": np.array([1.0, 0.0])}, {}, Settings(lr=0.5), {}, {})
    >>> w
    array([0.5, 2. ])
    """
    import numpy as np

    with np.errstate(all="ignore"):
        for name, value in parameters.items():
            move = gradients[name]
            if name in l2:
                move = move + l2[name] * value
            if name in l1:
                move = move + l1[name] * np.sign(value)
            if settings.momentum:
                if name in velocities:
                    velocities[name] *= settings.momentum
                    velocities[name] += move
                else:
                    velocities[name] = np.array(move)
                move = velocities[name]
            value -= settings.lr * move
