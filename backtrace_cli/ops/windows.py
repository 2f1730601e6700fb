"""Windows over the last axes of an array, for convolutions and pools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.shape_functions import Shape, sides
from backtrace_cli.ops.spec import fixed_text

__all__ = ["named", "places_of", "steps_of", "windows_of"]


def named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """``function`` under the name that its module has it by."""
    function.__name__ = function.__qualname__ = name
    return function


def steps_of(name: str, value: Any, dims: int, least: int) -> tuple[int, ...]:
    """A whole number for each direction, or one for all of them."""
    found = value if isinstance(value, tuple) else (value,) * dims
    if len(found) != dims or any(isinstance(n, bool) or not isinstance(n, int) or n < least for n in found):
        each = "a whole number" if dims == 1 else "a whole number, or one a direction"
        raise ShapeError(
            f"{name} is {each} from {least}, not {fixed_text(value)}", hint=f"write {name}={least or 1}"
        )
    return found


def places_of(sizes: Shape, kernel: Shape, stride: tuple[int, ...]) -> Shape:
    """How many windows fit in each direction."""
    found = tuple((n - k) // s + 1 for n, k, s in zip(sizes, kernel, stride, strict=True))
    if any(n < 1 for n in found) or 0 in kernel:
        raise ShapeError(f"a window of {sides(kernel)} doesn't fit into {sides(sizes)}",
                         hint="choose a smaller one, or padding=1")  # fmt: skip
    return found


def windows_of(a: Any, kernel: Shape, steps: tuple[int, ...]) -> Any:
    """The windows, their own axes last."""
    import numpy as np

    dims = len(kernel)
    found: Any = np.lib.stride_tricks.sliding_window_view(a, kernel, axis=tuple(range(-dims, 0)))
    return found[(..., *(slice(None, None, step) for step in steps), *[slice(None)] * dims)]
