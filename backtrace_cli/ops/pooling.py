"""Pools over the last one or two axes: the largest entry of each window, or their mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.nothing import ADDED, AVERAGED, CHOSEN, COUNTED, FLAT, SHAPE
from backtrace_cli.ops.shape_functions import Shape, second_shape, sides
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


def _pooled(dims: int, largest: bool) -> Callable[..., Any]:
    def pool(a: Any, kernel_size: Any, stride: Any = None) -> Any:
        """The largest entry of each window, or their mean."""
        import numpy as np

        kernel, steps, _ = counted(dims, np.shape(a), kernel_size, stride)
        cut, own = windows_of(np.asarray(a), kernel, steps), tuple(range(-dims, 0))
        return np.max(cut, axis=own) if largest else np.mean(cut, axis=own)

    return named(pool, f"{'max' if largest else 'avg'}_pool{dims}d_array")


max_pool1d_array, max_pool2d_array = _pooled(1, True), _pooled(2, True)
avg_pool1d_array, avg_pool2d_array = _pooled(1, False), _pooled(2, False)


def _shares(a: Any, kernel: Shape, steps: tuple[int, ...], largest: bool) -> Any:
    """What share of its window each entry is: the largest has all, or all have the same."""
    import numpy as np

    cut, own = _windows_of(a, kernel, steps), tuple(range(-len(kernel), 0))
    taken = cut == np.max(cut, axis=own, keepdims=True) if largest else np.ones(np.shape(cut))
    return taken / np.sum(taken, axis=own, keepdims=True)


def _windows_of(a: Any, kernel: Shape, steps: tuple[int, ...]) -> Any:
    import numpy as np

    return windows_of(np.asarray(a), kernel, steps)


def _unpooled(dims: int, largest: bool) -> Callable[..., Any]:
    def unpool(u: Any, a: Any, kernel_size: Any, stride: Any = None) -> Any:
        """What stands for each window, given to its entries by their shares."""
        import numpy as np

        kernel, steps, places = counted(dims, np.shape(a), kernel_size, stride)
        sent = np.reshape(u, np.shape(u) + (1,) * dims) * _shares(a, kernel, steps, largest)
        found: Any = np.zeros_like(a, dtype=sent.dtype)
        for at in np.ndindex(*kernel):
            spots = [slice(k, k + s * n, s) for k, s, n in zip(at, steps, places, strict=True)]
            found[(..., *spots)] = found[(..., *spots)] + sent[(..., *at)]
        return found

    return named(unpool, f"{'max' if largest else 'avg'}_unpool{dims}d_array")


def _read_at(dims: int) -> Callable[..., Any]:
    def read(u: Any, a: Any, kernel_size: Any, stride: Any = None) -> Any:
        """What u holds where a is largest in each window."""
        import numpy as np

        kernel, steps, _ = counted(dims, np.shape(a), kernel_size, stride)
        cut = _windows_of(u, kernel, steps) * _shares(a, kernel, steps, True)
        return np.sum(cut, axis=tuple(range(-dims, 0)))

    return named(read, f"pool_at{dims}d_array")


def pool_tied(dims: int) -> Callable[..., Any]:
    """Whether several entries of a window are its largest."""

    def tied(a: Any, kernel_size: Any, stride: Any = None) -> Any:
        """How many windows have several largest entries."""
        import numpy as np

        kernel, steps, _ = counted(dims, np.shape(a), kernel_size, stride)
        shares = _shares(a, kernel, steps, True)
        return np.asarray(float(np.sum(np.max(shares, axis=tuple(range(-dims, 0))) < 1)))

    return named(tied, f"pool_ties{dims}d_array")


def ties_shape(a: Shape, *_: Any) -> Shape:
    """A number."""
    return ()


max_unpool1d_array, max_unpool2d_array = _unpooled(1, True), _unpooled(2, True)
avg_unpool1d_array, avg_unpool2d_array = _unpooled(1, False), _unpooled(2, False)
pool_at1d_array, pool_at2d_array = _read_at(1), _read_at(2)
pool_ties1d_array, pool_ties2d_array = pool_tied(1), pool_tied(2)


def _pool_ops(dims: int, functions: dict[str, Any], samples: Any) -> tuple[Op, ...]:
    """The pools in so many directions, and what their messages are made of."""
    passed, over = "kernel_size=kernel_size, stride=stride", "axis" if dims == 1 else "two axes"
    pool: dict[str, Any] = {
        "options": "kernel_size stride=none",
        "shape": pool_shape(dims),
        "samples": samples,
    }
    back: dict[str, Any] = {
        "options": "kernel_size stride=none", "internal": True, "entries": ADDED,
        "samples": tuple((pool_shape(dims)(*sample), *sample) for sample in samples),
    }  # fmt: skip
    unpool = f"max_unpool{dims}d(g, a, {passed})"
    return (
        Op(f"max_pool{dims}d", "a", f"the largest entry of each window over the last {over}",
           numpy=functions["max_pool"], messages=(unpool,), tangents=(f"pool_at{dims}d(d, a, {passed})",),
           entries=CHOSEN, kinks=(Kink(f"pool_ties{dims}d(a, {passed})", (unpool,),
                                       "several entries of a window tie; each takes an equal share of 1",
                                       slopes=("0", "1")),),
           why="The largest entry of a window gets what arrived, equal ones share it, others get nothing.",
           yields="*", **pool),
        Op(f"avg_pool{dims}d", "a", f"the mean of each window over the last {over}",
           numpy=functions["avg_pool"], messages=(f"avg_unpool{dims}d(g, a, {passed})",),
           tangents=(f"avg_pool{dims}d(d, {passed})",), entries=AVERAGED,
           why="Each entry of a window is divided by their number, so it gets that share of what arrived.",
           yields="*", **pool),
        Op(f"max_unpool{dims}d", "u a", "what stands for each window, given to its largest entry",
           numpy=functions["max_unpool"], shape=second_shape,
           messages=(f"pool_at{dims}d(g, a, {passed})", FLAT),
           tangents=(f"max_unpool{dims}d(d, a, {passed})", FLAT),
           why="Only the largest entry was given it, so what arrived there goes back.", **back),
        Op(f"avg_unpool{dims}d", "u a", "what stands for each window, shared by its entries",
           numpy=functions["avg_unpool"], shape=second_shape,
           messages=(f"avg_pool{dims}d(g, {passed})", SHAPE),
           tangents=(f"avg_unpool{dims}d(d, a, {passed})", SHAPE),
           why="Each entry was given an equal share, so the mean of what arrived goes back.",
           **{**back, "entries": AVERAGED}),
        Op(f"pool_at{dims}d", "u a", "what u holds where a is largest in each window",
           numpy=functions["pool_at"], shape=at_shape(dims), options="kernel_size stride=none", internal=True,
           entries=ADDED, messages=(f"max_unpool{dims}d(g, a, {passed})", FLAT),
           tangents=(f"pool_at{dims}d(d, a, {passed})", FLAT),
           why="Only the place of the largest entry was read, so what arrived goes there.",
           samples=tuple((sample[0], *sample) for sample in samples)),
        Op(f"pool_ties{dims}d", "a", "how many windows have several largest entries",
           numpy=functions["pool_ties"], shape=ties_shape, options="kernel_size stride=none", internal=True,
           entries=COUNTED, messages=(FLAT,), tangents=(FLAT,),
           why="A count is flat between its jumps, so nothing is passed on.", samples=samples),
    )  # fmt: skip


def at_shape(dims: int) -> Callable[..., Shape]:
    """The shape of a pool over the second argument."""

    def shape(u: Shape, a: Shape, kernel_size: Any, stride: Any = None) -> Shape:
        return pool_shape(dims)(a, kernel_size, stride)

    return shape


OPS = (
    *_pool_ops(1, {
        "max_pool": max_pool1d_array, "avg_pool": avg_pool1d_array, "max_unpool": max_unpool1d_array,
        "avg_unpool": avg_unpool1d_array, "pool_at": pool_at1d_array, "pool_ties": pool_ties1d_array,
    }, (((6,), 2), ((2, 5), 3, 1))),
    *_pool_ops(2, {
        "max_pool": max_pool2d_array, "avg_pool": avg_pool2d_array, "max_unpool": max_unpool2d_array,
        "avg_unpool": avg_unpool2d_array, "pool_at": pool_at2d_array, "pool_ties": pool_ties2d_array,
    }, (((4, 4), 2), ((2, 3, 3), (2, 1), 1))),
)  # fmt: skip
