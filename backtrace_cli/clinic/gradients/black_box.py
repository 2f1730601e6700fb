"""A function over NumPy, PyTorch or JAX arrays, to be called and differentiated as its library does it."""

from __future__ import annotations

import contextlib
import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.plain_values import Value

__all__ = ["BlackBox", "as_double", "library_of", "moves"]

#: The unit of rounding by precision.
_UNITS = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23}
_TORCH, _JAX, _NUMPY = "torch", "jax", "numpy"
#: Points for the table of differences that tells how much a value is rounded, and how far apart they are.
_TABLE, _APART = 9, 2.0**-13


def library_of(values: Mapping[str, Any]) -> str:
    """Whose arrays are among ``values``."""
    homes = {type(value).__module__.partition(".")[0] for value in values.values()}
    return _TORCH if "torch" in homes else _JAX if homes & {"jax", "jaxlib"} else _NUMPY


def as_double(value: Any) -> Any:
    """A number as a float, any array as NumPy's in double precision."""
    value = value.detach().cpu().numpy() if hasattr(value, "requires_grad") else value
    found = np.asarray(value, dtype=float)
    return float(found) if found.ndim == 0 else found


def moves(value: Any) -> bool:
    """Is it a number that can be moved a little, and not a whole one, such as a class?"""
    kind = str(getattr(value, "dtype", ""))
    if kind:
        return "float" in kind
    return not isinstance(value, (bool, int)) and np.asarray(value).dtype.kind == "f"


class BlackBox:
    """``loss`` as a function of named values in double precision, where it takes that.

    >>> box = BlackBox(lambda x, y: x * y, {"x": 2.0, "y": 3.0})
    >>> box({"x": 2.0, "y": 4.0}), box.own_gradient() is None
    (8.0, True)
    """

    def __init__(self, loss: Callable[..., Any], at: Mapping[str, Any]) -> None:
        self.loss, self.given = loss, dict(at)
        self.library = library_of(at)
        self.at = {name: as_double(value) for name, value in at.items()}
        self.by_name = _takes(loss, at)
        self.double = True
        try:
            self.value = self(self.at)
        except Exception:
            self.double = False
            self.value = self(self.at)
        if not math.isfinite(self.value):
            raise BacktraceError("the function has no finite value at this point", hint="choose another")

    def __call__(self, at: Mapping[str, Value]) -> float:
        """The value at ``at``; the sum of the entries of an array."""
        with self._wide():
            values = {name: self._own(name, value) for name, value in at.items()}
            found = self._called(values)
            self.unit = _UNITS.get(str(getattr(found, "dtype", "")).rpartition(".")[2], 2.0**-52)
            return float(np.sum(as_double(found)))

    @contextlib.contextmanager
    def _wide(self) -> Iterator[None]:
        """JAX makes single precision of everything, unless it is told not to."""
        if self.library != _JAX or not self.double:
            yield
            return
        import jax

        with jax.enable_x64(True):
            yield

    @staticmethod
    def called(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
        """``function`` of ``values``, by their names where its arguments are called so."""
        return function(**values) if _takes(function, values) else function(*values.values())

    def _called(self, values: Mapping[str, Any]) -> Any:
        return self.loss(**values) if self.by_name else self.loss(*values.values())

    def _own(self, name: str, value: Value) -> Any:
        """A value in the library's own array; what is no fraction, such as a class, as it was given."""
        given = self.given[name]
        if not moves(given):
            return given
        if self.library == _TORCH:
            import torch

            return torch.tensor(value, dtype=torch.float64 if self.double else getattr(given, "dtype", None))
        if self.library == _JAX:
            import jax.numpy as jnp

            return jnp.asarray(value, dtype=float if self.double else getattr(given, "dtype", None))
        return np.asarray(value, dtype=given.dtype) if not self.double and hasattr(given, "dtype") else value

    def own_gradient(self) -> dict[str, Any] | None:
        """What the library's own walk back gives, custom rules among it; None of NumPy, which has none."""
        names = [name for name, value in self.given.items() if moves(value)]
        if self.library == _TORCH:
            import torch

            leaves = {
                name: torch.as_tensor(value).detach().clone().requires_grad_(name in names)
                for name, value in self.given.items()
            }
            self._called(leaves).sum().backward()
            return {name: leaves[name].grad for name in names}
        if self.library == _JAX:
            import jax

            def total(moved: Mapping[str, Any]) -> Any:
                return self._called({**self.given, **moved}).sum()

            found: dict[str, Any] = jax.grad(total)({name: self.given[name] for name in names})
            return found
        return None

    def noise(self) -> float:
        """How much rounding moves the value, from a table of differences at points close by.

        (Moré and Wild's way: differences of a high order of a smooth function are its rounding.)
        """
        dice = np.random.default_rng(0)
        along = {
            name: dice.choice([-1.0, 1.0], size=np.shape(value)) * np.maximum(1.0, np.abs(value))
            for name, value in self.at.items() if moves(self.given[name])
        }  # fmt: skip
        row = np.array([
            self({**self.at, **{name: self.at[name] + step * _APART * one for name, one in along.items()}})
            for step in range(_TABLE)
        ])  # fmt: skip
        levels = []
        for order in range(1, _TABLE - 2):
            row = np.diff(row)
            scale = math.factorial(order) ** 2 / math.factorial(2 * order)
            levels.append(math.sqrt(scale * float(np.mean(row**2))))
        return max(self.unit * abs(self.value), min(levels[3:]))


def _takes(loss: Callable[..., Any], at: Mapping[str, Any]) -> bool:
    """Are its arguments called as the values are?"""
    try:
        return set(at) <= set(inspect.signature(loss).parameters)
    except (TypeError, ValueError):
        return False
