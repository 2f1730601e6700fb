"""Convolutions over the last one or two axes, as PyTorch and JAX have them: no kernel is turned round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.nothing import ADDED, SHAPE
from backtrace_cli.ops.shape_functions import Shape, second_shape, sides, size
from backtrace_cli.ops.spec import Op
from backtrace_cli.ops.windows import named, places_of, steps_of, windows_of

_WIDE = "batch, channels, then the places"


def conv_shape(dims: int) -> Callable[..., Shape]:
    """The shape of a convolution in so many directions."""

    def shape(a: Shape, w: Shape, stride: Any = 1, padding: Any = 0) -> Shape:
        steps, pads = steps_of("stride", stride, dims, 1), steps_of("padding", padding, dims, 0)
        plain = len(a) == len(w) == dims
        if not plain and (len(w) != dims + 2 or len(a) not in (dims + 1, dims + 2) or a[-dims - 1] != w[1]):
            raise ShapeError(
                f"a convolution takes an input of {_WIDE}, and a kernel of output channels, input channels, "
                f"then its sizes; shapes {sides(a)} and {sides(w)} are given",
                hint=f"or both plain, with {dims} {'axis' if dims == 1 else 'axes'} each",
            )
        wide = tuple(n + 2 * pad for n, pad in zip(a[-dims:], pads, strict=True))
        return (() if plain else a[: -dims - 1] + w[:1]) + places_of(wide, w[-dims:], steps)

    return shape


def _padded(a: Any, pads: tuple[int, ...]) -> Any:
    import numpy as np

    before = [(0, 0)] * (np.ndim(a) - len(pads))
    return np.pad(a, [*before, *((pad, pad) for pad in pads)]) if any(pads) else np.asarray(a)


def _full(array: Any, axes: int) -> Any:
    """The array with axes of size 1 in front."""
    import numpy as np

    return np.reshape(array, (1,) * (axes - np.ndim(array)) + np.shape(array))


#: n batch, o and c channels, x y places, k l the kernel's sizes.
_LETTERS = {1: ("x", "k"), 2: ("xy", "kl")}


def _forward(dims: int) -> Callable[..., Any]:
    def conv(a: Any, w: Any, stride: Any = 1, padding: Any = 0) -> Any:
        """Each window times the kernel, added up."""
        import numpy as np

        kernel = np.shape(w)[-dims:]
        places, inner = _LETTERS[dims]
        steps, pads = steps_of("stride", stride, dims, 1), steps_of("padding", padding, dims, 0)
        cut = windows_of(_padded(_full(a, dims + 2), pads), kernel, steps)
        found = np.einsum(f"nc{places}{inner},oc{inner}->no{places}", cut, _full(w, dims + 2))
        return np.reshape(found, conv_shape(dims)(np.shape(a), np.shape(w), stride, padding))

    return named(conv, f"conv{dims}d_array")


def _to_input(dims: int) -> Callable[..., Any]:
    def back(g: Any, a: Any, w: Any, stride: Any = 1, padding: Any = 0) -> Any:
        """What arrived, put back where each window was taken, times the kernel."""
        import numpy as np

        kernel, sizes = np.shape(w)[-dims:], np.shape(a)[-dims:]
        places, _ = _LETTERS[dims]
        steps, pads = steps_of("stride", stride, dims, 1), steps_of("padding", padding, dims, 0)
        full_w, full_a = _full(w, dims + 2), (1,) * (dims + 2 - np.ndim(a)) + np.shape(a)
        counts = places_of(tuple(n + 2 * p for n, p in zip(sizes, pads, strict=True)), kernel, steps)
        full_g = np.reshape(g, (full_a[0], full_w.shape[0], *counts))
        wide = tuple(n + 2 * p for n, p in zip(sizes, pads, strict=True))
        found: Any = np.zeros((*full_a[:2], *wide), dtype=np.result_type(g, w))
        for at in np.ndindex(*kernel):
            part = np.einsum(f"no{places},oc->nc{places}", full_g, full_w[(..., *at)])
            spots = [slice(k, k + s * n, s) for k, s, n in zip(at, steps, counts, strict=True)]
            found[(..., *spots)] = found[(..., *spots)] + part
        inside = [slice(pad, pad + n) for pad, n in zip(pads, sizes, strict=True)]
        return np.reshape(found[(..., *inside)], np.shape(a))

    return named(back, f"conv{dims}d_input_array")


def _to_kernel(dims: int) -> Callable[..., Any]:
    def back(g: Any, a: Any, w: Any, stride: Any = 1, padding: Any = 0) -> Any:
        """What arrived times the window that it was made of, added up over all places."""
        import numpy as np

        kernel = np.shape(w)[-dims:]
        places, inner = _LETTERS[dims]
        steps, pads = steps_of("stride", stride, dims, 1), steps_of("padding", padding, dims, 0)
        cut = windows_of(_padded(_full(a, dims + 2), pads), kernel, steps)
        full_g = np.reshape(g, (cut.shape[0], -1 if np.size(g) else 0, *cut.shape[2 : 2 + dims]))
        found = np.einsum(f"no{places},nc{places}{inner}->oc{inner}", full_g, cut)
        return np.reshape(found, np.shape(w))

    return named(back, f"conv{dims}d_kernel_array")


conv1d_array, conv2d_array = _forward(1), _forward(2)
conv1d_input_array, conv2d_input_array = _to_input(1), _to_input(2)
conv1d_kernel_array, conv2d_kernel_array = _to_kernel(1), _to_kernel(2)


def kernel_shape(g: Shape, a: Shape, w: Shape, *_: Any) -> Shape:
    """The kernel's shape."""
    return w


def cost_of_conv(out: Shape, a: Shape, w: Shape) -> int:
    """Each entry of the result is a sum over the kernel."""
    return size(out) * (size(w[1:]) if len(w) > 2 else size(w))


def _conv_ops(dims: int, functions: Any, samples: Any) -> tuple[Op, ...]:
    name, passed = f"conv{dims}d", "stride=stride, padding=padding"
    places = "along a line" if dims == 1 else "over a plane"
    sent = tuple((conv_shape(dims)(*sample), *sample) for sample in samples)
    common: dict[str, Any] = {"options": "stride=1 padding=0", "entries": ADDED}
    gathers = "each gathers what it was multiplied with."
    return (
        Op(name, "a w", f"convolution {places}: each window of a times the kernel w, which is not turned",
           numpy=functions[0], shape=conv_shape(dims), yields="*", cost=cost_of_conv,
           messages=(f"{name}_to_input(g, a, w, {passed})", f"{name}_to_kernel(g, a, w, {passed})"),
           tangents=(f"{name}(d, w, {passed})", f"{name}(a, d, {passed})"),
           why="Each entry meets the kernel at several places, so it gathers what arrived there, weighted by "
               "what it met.", samples=samples, **common),
        Op(f"{name}_to_input", "u a w", "what arrived, back where each window was taken, times the kernel",
           numpy=functions[1], shape=second_shape, internal=True,
           messages=(f"{name}(g, w, {passed})", SHAPE, f"{name}_to_kernel(u, g, w, {passed})"),
           tangents=(f"{name}_to_input(d, a, w, {passed})", SHAPE, f"{name}_to_input(u, a, d, {passed})"),
           why=f"It is linear in what arrived and in the kernel: {gathers}", samples=sent, **common),
        Op(f"{name}_to_kernel", "u a w", "what arrived times the window it was made of, over all places",
           numpy=functions[2], shape=kernel_shape, internal=True,
           messages=(f"{name}(a, g, {passed})", f"{name}_to_input(u, a, g, {passed})", SHAPE),
           tangents=(f"{name}_to_kernel(d, a, w, {passed})", f"{name}_to_kernel(u, d, w, {passed})", SHAPE),
           why=f"It is linear in what arrived and in the input: {gathers}", samples=sent, **common),
    )  # fmt: skip


OPS = (
    *_conv_ops(1, (conv1d_array, conv1d_input_array, conv1d_kernel_array),
               (((5,), (2,)), ((2, 2, 5), (3, 2, 3)))),
    *_conv_ops(2, (conv2d_array, conv2d_input_array, conv2d_kernel_array),
               (((4, 3), (2, 2)), ((2, 3, 3), (2, 2, 2, 2)))),
)  # fmt: skip
