"""What an engine's objects hold, as plain numbers; how their methods are called; what an error says."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["METHODS", "numbers", "parameters", "plain_of", "told", "with_options"]

#: Its name in Python -> the special methods that a class gives it by, from the left and from the right.
METHODS = {
    "+": ("__add__", "__radd__"), "-": ("__sub__", "__rsub__"), "*": ("__mul__", "__rmul__"),
    "/": ("__truediv__", "__rtruediv__"), "**": ("__pow__", "__rpow__"), "@": ("__matmul__", "__rmatmul__"),
    "neg": ("__neg__", "__neg__"),
}  # fmt: skip
_AXIS = ("axis", "dim")


def told(error: BaseException) -> str:
    """``TypeError: …`` on one line."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}"[:200] if words else type(error).__name__


def parameters(engine: Any) -> tuple[str, ...]:
    """The names of what a call takes; none where nobody can tell."""
    try:
        return tuple(inspect.signature(engine).parameters)
    except (TypeError, ValueError):
        return ()


def with_options(function: Any, args: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """The call with its options, the axis under the name that it knows."""
    if not options:
        return function(*args)
    known = parameters(function)
    axis = next((name for name in _AXIS if name in known), _AXIS[0])
    return function(*args, **{axis if name == _AXIS[0] else name: value for name, value in options.items()})


def plain_of(held: Any, data: str) -> Any:
    """A number, a nested list, or None; of an object that holds its number in turn, that one."""
    for _ in range(3):
        if held is None or isinstance(held, (int, float, list)) or hasattr(held, "tolist"):
            break
        held = getattr(held, data)
    return None if held is None else numbers(held)


def numbers(held: Any) -> Any:
    """A float, or nested lists of them. Raises TypeError and ValueError."""
    if hasattr(held, "tolist"):
        held = held.tolist()
    return [numbers(one) for one in held] if isinstance(held, (list, tuple)) else float(held)
