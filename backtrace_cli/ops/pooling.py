"""Pools over the last one or two axes: the largest entry of each window, or their mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.nothing import ADDED, AVERAGED, CHOSEN, MOVED, SHAPE
from backtrace_cli.ops.shapes import Shape, second_shape, sides
from backtrace_cli.ops.spec import Kink, Op
from backtrace_cli.ops.windows import named, places_of, steps_of, windows_of


def pool_shape(dims: int) -> Callable[..., Shape]:
    """The shape of a pool in so many directions."""

    def shape(a: Shape, kernel_size: Any, stride: Any = None) -> Shape:
        return a[:-dims] + counted(dims, a, kernel_size, stride)[2]

    return shape


def counted(dims: int, a: Shape, kernel_size: Any, stride: Any) -> tuple[Shape, tuple[int, ...], Shape]:
    if len(a) < dims:
        raise ShapeError(
            f"a pool over {dims} axes takes no array of shape {sides(a)}", hint="reshape it first"
        )
    kernel = steps_of("kernel_size", kernel_size, dims, 1)
    steps = kernel if stride is None else steps_of("stride", stride, dims, 1)
    return kernel, steps, places_of(a[-dims:], kernel, steps)


def windows_shape(dims: int) -> Callable[..., Shape]:
    """The shape of the windows, their own axes last."""

    def shape(a: Shape, kernel_size: Any, stride: Any = None) -> Shape:
        kernel, _, places = counted(dims, a, kernel_size, stride)
        return a[:-dims] + places + kernel

    return shape


def _cut(dims: int) -> Callable[..., Any]:
    def windows(a: Any, kernel_size: Any, stride: Any = None) -> Any:
        """The windows, their own axes last."""
        import numpy as np

        kernel, steps, _ = counted(dims, np.shape(a), kernel_size, stride)
        return np.array(windows_of(np.asarray(a), kernel, steps))

    return named(windows, f"windows{dims}d_array")


def _put_back(dims: int) -> Callable[..., Any]:
    def back(g: Any, a: Any, kernel_size: Any, stride: Any = None) -> Any:
        """What the windows hold, added up where they were cut."""
        import numpy as np

        kernel, steps, places = counted(dims, np.shape(a), kernel_size, stride)
        found: Any = np.zeros_like(a, dtype=np.result_type(g))
        for at in np.ndindex(*kernel):
            spots = [slice(k, k + s * n, s) for k, s, n in zip(at, steps, places, strict=True)]
            found[(..., *spots)] = found[(..., *spots)] + np.asarray(g)[(..., *at)]
        return found

    return named(back, f"windows{dims}d_back_array")


def _pooled(dims: int, largest: bool) -> Callable[..., Any]:
    def pool(a: Any, kernel_size: Any, stride: Any = None) -> Any:
        """The largest entry of each window, or their mean."""
        import numpy as np

        kernel, steps, _ = counted(dims, np.shape(a), kernel_size, stride)
        cut, own = windows_of(np.asarray(a), kernel, steps), tuple(range(-dims, 0))
        return np.max(cut, axis=own) if largest else np.mean(cut, axis=own)

    return named(pool, f"{'max' if largest else 'avg'}_pool{dims}d_array")


windows1d_array, windows2d_array = _cut(1), _cut(2)
windows1d_back_array, windows2d_back_array = _put_back(1), _put_back(2)
max_pool1d_array, max_pool2d_array = _pooled(1, True), _pooled(2, True)
avg_pool1d_array, avg_pool2d_array = _pooled(1, False), _pooled(2, False)


def _pool_ops(dims: int, functions: Any, samples: Any) -> tuple[Op, ...]:
    """Windows and the pools over them, in so many directions."""
    passed = "kernel_size=kernel_size, stride=stride"
    windows, back = f"windows{dims}d(a, {passed})", f"windows{dims}d_back({{}}, a, {passed})"

    def over(text: str, keep: bool = False) -> str:
        """The sum over the axes of a window."""
        kept = ", keepdims=true" if keep else ""
        for axis in range(-1, -dims - 1, -1) if keep else [-1] * dims:
            text = f"sum({text}, axis={axis}{kept})"
        return text

    def wide(name: str) -> str:
        """The value of each window, beside its entries."""
        for _ in range(dims):
            name = f"expand_dims({name}, axis=-1)"
        return name

    largest = f"({windows} == {wide('out')})"
    to_largest = back.format(f"{wide('g')}*{largest}/{over(largest, True)}")
    moved = windows.replace("(a,", "(d,")
    common: dict[str, Any] = {
        "options": "kernel_size stride=none",
        "shape": pool_shape(dims),
        "yields": "*",
        "samples": samples,
    }
    return (
        Op(f"max_pool{dims}d", "a", "the largest entry of each window over the last "
           + ("axis" if dims == 1 else "two axes"), numpy=functions[0], messages=(to_largest,),
           tangents=(f"{over(f'{moved}*{largest}')}/{over(largest)}",), entries=CHOSEN,
           kinks=(Kink(f"{over(largest)} > 1", (to_largest,),
                       "several entries of a window tie; each takes an equal share of 1",
                        slopes=("0", "1")),),
           why="The largest entry of a window gets what arrived, equal ones share it, others get nothing.",
           **common),
        Op(f"avg_pool{dims}d", "a", "the mean of each window over the last "
           + ("axis" if dims == 1 else "two axes"), numpy=functions[1],
           messages=(back.format(f"{wide('g')}*ones_like({windows})/{over(f'ones_like({windows})', True)}"),),
           tangents=(f"avg_pool{dims}d(d, {passed})",), entries=AVERAGED,
           why="Each entry of a window is divided by their number, so it gets that share of what arrived.",
           **common),
        Op(f"windows{dims}d", "a", "the windows of a, their own axes last", numpy=functions[2],
           options="kernel_size stride=none", shape=windows_shape(dims), internal=True, entries=MOVED,
           messages=(back.format("g"),), tangents=(moved,),
           why="An entry stands in several windows, so what arrived at them adds up.", samples=samples),
        Op(f"windows{dims}d_back", "u a", "what windows hold, added up in place", numpy=functions[3],
           options="kernel_size stride=none", shape=second_shape, internal=True, entries=ADDED,
           messages=(f"windows{dims}d(g, {passed})", SHAPE),
           tangents=(f"windows{dims}d_back(d, a, {passed})", SHAPE),
           why="Each entry added is read once, so all of them get what arrived at their sum.",
           samples=tuple((windows_shape(dims)(*sample), *sample) for sample in samples)),
    )  # fmt: skip


OPS = (
    *_pool_ops(1, (max_pool1d_array, avg_pool1d_array, windows1d_array, windows1d_back_array),
               (((6,), 2), ((2, 5), 3, 1))),
    *_pool_ops(2, (max_pool2d_array, avg_pool2d_array, windows2d_array, windows2d_back_array),
               (((4, 4), 2), ((2, 3, 3), (2, 1), 1))),
)  # fmt: skip
