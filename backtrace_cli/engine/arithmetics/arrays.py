"""NumPy arrays as an arithmetic: elementwise, broadcasting, messages summed back to shape."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.ops import Op

__all__ = ["Arrays"]


#: A number as a formula writes it, which JSON may not take: 1., .5, 007, 1e999.
_JSON_NUMBER = re.compile(r"[^\[\], ]+")


def _json_number(found: re.Match[str]) -> str:
    return repr(float(found.group())).replace("inf", "Infinity")


class Arrays(Arithmetic):
    """Arrays (and scalars among them), all in double precision, or all in single."""

    name = "numpy"
    arrays = True

    def __init__(self, *, guarded: bool = False, single: bool = False) -> None:
        super().__init__()
        self.dtype = np.dtype(np.float32 if single else np.float64)
        self.guarded = guarded
        """Where branches are chosen entry by entry, an entry that was sent exactly 0 stays 0
        whatever the local derivative there: the branch not taken can't poison the gradient."""
        self._functions: dict[str, Callable[..., Value]] = {}

    def function(self, op: Op) -> Callable[..., Value]:
        if op.name not in self._functions:
            forward: Any = getattr(np, op.numpy) if isinstance(op.numpy, str) else op.numpy
            if forward is None and op.float is not None:
                forward = np.vectorize(op.float, otypes=[float])
            self._functions[op.name] = _ArrayCall(forward, self.dtype)
        return self._functions[op.name]

    def literal(self, text: str) -> Value:
        if text[0] != "[":
            return super().literal(text)
        import json

        return np.asarray(json.loads(_JSON_NUMBER.sub(_json_number, text)), dtype=self.dtype)

    @property
    def single(self) -> bool:
        """Are the numbers of single precision?"""
        return bool(self.dtype == np.float32)

    def own(self, value: Value) -> Value:
        """An array in this arithmetic's precision; a number as it is."""
        return np.asarray(value, dtype=self.dtype) if np.shape(value) else value

    def bad(self, value: Value) -> bool:
        # A sum that is finite has only finite terms; it is much quicker than looking at each.
        with np.errstate(all="ignore"):
            total = np.add.reduce(value, axis=None)
        if math.isfinite(total):
            return False
        return not bool(np.isfinite(value).all())

    def undefined(self, value: Value) -> bool:
        return bool(np.isnan(value).any())

    def truth(self, value: Value) -> bool:
        return bool(np.any(value))

    def choose(self, mask: Value, taken: Value, otherwise: Value) -> Value:
        return np.where(mask, taken, otherwise)

    def times(self, upstream: Value, local: Value) -> Value:
        if isinstance(local, float) and local == 1.0 and np.shape(upstream):
            return upstream  # nothing here writes into an array, so none is copied
        with np.errstate(all="ignore"):
            product = np.multiply(upstream, local)
        if self.guarded:
            product = np.where(np.equal(upstream, 0), 0.0, product)
        return product

    def plus(self, total: Value, contribution: Value) -> Value:
        with np.errstate(all="ignore"):
            return np.add(total, contribution)

    def fit(self, contribution: Value, target: Value) -> tuple[Value, tuple[int, ...]]:
        """``contribution`` summed over the axes along which ``target`` was broadcast."""
        shape, wide = np.shape(target), np.shape(contribution)
        if shape == wide:
            return contribution, ()
        if len(wide) < len(shape) or any(
            a == 1 and b != 1 for a, b in zip(wide[::-1], shape[::-1], strict=False)
        ):
            wide = np.broadcast_shapes(wide, shape)
            contribution = np.broadcast_to(contribution, wide)
        lead = len(wide) - len(shape)
        axes = tuple(i for i, size in enumerate(wide) if i < lead or (shape[i - lead] == 1 and size != 1))
        with np.errstate(all="ignore"):
            return np.sum(contribution, axis=axes, keepdims=True).reshape(shape), axes

    def full(self, moved: Value, like: Value) -> Value:
        """``moved`` in the shape of ``like``: x of one column moves every column of x + Y."""
        if np.shape(moved) == np.shape(like):
            return moved
        return np.broadcast_to(np.asarray(moved, self.dtype), np.shape(like)).copy()

    def seed(self, value: Value) -> Value:
        return np.ones(np.shape(value), self.dtype)

    def gathered(self, tangents: list[Value], value: Value) -> Value:
        return np.array([np.sum(tangent) for tangent in tangents]).reshape(np.shape(value))

    def empty(self, value: Value) -> Value:
        return np.zeros(np.shape(value), self.dtype)


class _ArrayCall:
    """A NumPy function with its warnings off (the trace names what went bad) and one precision out."""

    def __init__(self, forward: Callable[..., Value], dtype: np.dtype[Any]) -> None:
        self.forward = forward
        self.dtype = dtype

    def __call__(self, *args: Value) -> Value:
        # A number of NumPy's overflows to inf, where one of Python's raises.
        args = tuple(self.dtype.type(arg) if type(arg) is float else arg for arg in args)
        try:
            with np.errstate(all="ignore"):
                value = np.asarray(self.forward(*args))
        except MemoryError:
            raise ShapeError("this needs more memory than there is", hint="choose smaller sizes") from None
        except ValueError:
            shapes = " and ".join(str(np.shape(arg)) for arg in args if hasattr(arg, "shape"))
            raise ShapeError(
                f"shapes {shapes} can't be broadcast together",
                hint="two shapes fit where, from the right, their sizes are equal or one of them is 1",
            ) from None
        return value if value.dtype == self.dtype else value.astype(self.dtype)
