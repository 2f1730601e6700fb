"""How to train: every setting, what it may be, and what it is in words."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.suggest import nearest_of
from backtrace_cli.training.moving.optimisers import optimiser_of
from backtrace_cli.training.moving.schedules import factor_of

__all__ = ["FREE", "Settings"]

#: The settings that a run that is resumed may change.
FREE = ("lr", "epochs", "patience")


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


def _optional(value: Any) -> float | None:
    return None if value is None else _length(value)


def _from_zero(value: Any) -> float:
    found = _number(value)
    if not 0 <= found < math.inf:
        raise ValueError
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


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
    "lr": (_optional, "a number above 0"),
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
    "optimiser": (_text, 'a text such as "adam" or "adam, beta1=0.8"'),
    "schedule": (_text, 'a text such as "cosine" or "step, every=10, by=0.5"'),
    "warm_up": (_from_zero, "a number of epochs from 0"),
    "clip_norm": (_from_zero, "a number from 0"),
    "clip_each": (_from_zero, "a number from 0"),
    "patience": (_whole(0), "a whole number of epochs from 0"),
    "standardise": (_text, "a text such as X or X,Z"),
}


class Settings(NamedTuple):
    """How to train."""

    lr: float | None = None
    """The length of a step; None for what the optimiser usually takes."""
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
    optimiser: str = ""
    schedule: str = ""
    warm_up: float = 0.0
    """In so many epochs the step grows to its length."""
    clip_norm: float = 0.0
    """The gradient of all parameters together is not longer than this; 0 for any length."""
    clip_each: float = 0.0
    """And none of its entries is larger."""
    patience: int = 0
    """Stop when so many epochs in a row have not lowered the held-out loss; 0 for never."""
    standardise: str = ""
    """The data whose columns get mean 0 and deviation 1, as names."""

    @classmethod
    def made(cls, given: Mapping[str, Any]) -> Settings:
        """Settings from values of any origin, each as the number it is.

        Raises TypeError for a name that is no setting, ValueError for a value that makes no sense,
        PointError for an optimiser or a schedule that is none.

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
        made = cls(**found)
        entry, _ = optimiser_of(made.optimiser, made.momentum)
        factor_of(made.schedule, made.warm_up, made.epochs, 1)
        return made if made.lr is not None else made._replace(lr=entry.lr)

    @property
    def length(self) -> float:
        """α, the length of a step before schedule and warm-up."""
        assert self.lr is not None
        return self.lr

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return self._asdict()
