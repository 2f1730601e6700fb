"""Every array op against textbook NumPy and central differences of it, through the front door."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from backtrace_cli import ops, trace
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.ops import FUNCTIONS, OPS, Op, fixed_text, place_text
from tests.arrays import Array, drawn, hold, strided
from tests.planted import plant

ARRAY_OPS = {op.name: op for op in OPS.values() if op.mixes}


def _norm(a: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return np.sqrt(np.sum(a * a, axis=axis, keepdims=keepdims))


def _softmax(a: Array, axis: Any = -1) -> Array:
    return np.exp(a) / np.sum(np.exp(a), axis=axis, keepdims=True)


def _row_losses(losses: Array, reduction: str) -> Array:
    return np.mean(losses) if reduction == "mean" else np.sum(losses)


def _spread_classes(b: Array, a: Array) -> Array:
    """The targets as rows that add up to what they weigh: class indices become rows of 0 and 1."""
    return b if np.shape(b) == np.shape(a) else np.eye(np.shape(a)[-1])[np.asarray(b, dtype=int)]


def _cross_entropy(a: Array, b: Array, reduction: str = "mean") -> Array:
    return _row_losses(-np.sum(_spread_classes(b, a) * np.log(a), axis=-1), reduction)


def _of_logits(a: Array, b: Array, reduction: str = "mean") -> Array:
    return _cross_entropy(_softmax(a), _spread_classes(b, a), reduction)


def _binary(a: Array, b: Array, reduction: str = "mean") -> Array:
    return _row_losses(-b * np.log(a) - (1 - b) * np.log(1 - a), reduction)


def _zeros_with(a: Array, at: Any, g: Array) -> Array:
    found = np.zeros(np.shape(a))
    for place in np.ndindex(*np.shape(np.zeros(np.shape(a))[at])):
        where = np.arange(found.size).reshape(found.shape)[at]
        found.flat[where[place]] += np.asarray(g)[place]
    return found


def _rows_added(g: Array, a: Array, i: Array) -> Array:
    return np.einsum("k...,kn->n...", g, np.eye(len(a))[np.asarray(i, dtype=int)])


def _mask(a: Array, p: float = 0.5, seed: int = 0) -> Array:
    return np.where(np.random.default_rng(seed).random(np.shape(a)) >= p, 1 / (1 - p), 0.0)


def _others(a: Array, *ways: Array, axis: Any = None) -> Array:
    """Every other entry multiplied, one of them exchanged for an entry of each way, in every order."""
    assert axis is None
    flat, rows = np.ravel(a), [np.ravel(way) for way in ways]
    found = np.zeros(flat.size)
    for place in range(flat.size):
        for chosen in permutations([k for k in range(flat.size) if k != place], len(rows)):
            found[place] += np.prod(np.delete(flat, [place, *chosen])) * np.prod(
                [row[k] for row, k in zip(rows, chosen, strict=True)]
            )
    return found.reshape(np.shape(a))


def _recur(a: Array, b: Array, axis: int = 0) -> Array:
    rows: list[Array] = []
    for k in range(b.shape[axis]):
        before = rows[-1] * np.take(a, k, axis) if rows else 0
        rows.append(np.take(b, k, axis) + before)
    return np.stack(rows, axis)


def _put_along(g: Array, a: Array, i: Array, axis: int) -> Array:
    found = np.zeros(a.shape)
    for at in np.ndindex(*i.shape):
        place = list(at)
        place[axis] = int(i[at])
        found[tuple(place)] += g[at]
    return found


def _quantile_weights(a: Array, q: float, axis: Any) -> Array:
    return _slope_of(
        lambda x: np.sum(np.quantile(a + x / 2**20, q, axis) - np.quantile(a, q, axis)) * 2**20, a
    )


def _convolved(a: Array, w: Array, dims: int) -> Array:
    """Every window times the kernel, place by place."""
    x = a.reshape((1,) * (dims + 2 - a.ndim) + a.shape)
    k = w.reshape((1,) * (dims + 2 - w.ndim) + w.shape)
    places = [n - m + 1 for n, m in zip(x.shape[2:], k.shape[2:], strict=True)]
    found = np.zeros((len(x), len(k), *places))
    for n, o, *at in np.ndindex(*found.shape):
        cut = x[(n, slice(None), *(slice(p, p + m) for p, m in zip(at, k.shape[2:], strict=True)))]
        found[(n, o, *at)] = np.sum(cut * k[o])
    return found.reshape(places if w.ndim == dims else found.shape[-dims - 2 + (a.ndim == dims + 1) :])


def _window_cut(a: Array, sizes: Any, stride: Any) -> Array:
    sizes = tuple(int(n) for n in sizes)
    steps = sizes if stride is None else (stride,) * len(sizes)
    lead, own = a.shape[: a.ndim - len(sizes)], a.shape[a.ndim - len(sizes) :]
    places = [(n - m) // s + 1 for n, m, s in zip(own, sizes, steps, strict=True)]
    found = np.zeros((*lead, *places, *sizes))
    for at in np.ndindex(*places):
        spot = tuple(slice(p * s, p * s + m) for p, s, m in zip(at, steps, sizes, strict=True))
        found[(..., *at, *[slice(None)] * len(sizes))] = a[(..., *spot)]
    return found


def _at_largest(u: Array, a: Array, sizes: Any, stride: Any) -> Array:
    """What u holds at the largest entry of each window of a."""
    cut, of = _window_cut(a, sizes, stride), _window_cut(u, sizes, stride)
    places = cut.shape[: cut.ndim - len(sizes)]
    found = np.zeros(places)
    for at in np.ndindex(*places):
        found[at] = np.ravel(of[at])[np.argmax(cut[at])]
    return found


def _slope_of(linear: Callable[[Array], Array], at: Array) -> Array:
    """The slope of a linear function: what it makes of each unit."""
    found = np.zeros(at.shape)
    for place in np.ndindex(*at.shape):
        unit = np.zeros(at.shape)
        unit[place] = 1.0
        found[place] = linear(unit)
    return found


def _piece(*arrays: Array, part: int = 0, axis: int = 0) -> Array:
    sizes = np.cumsum([0, *(np.shape(array)[axis] for array in arrays[1:])])
    return np.moveaxis(np.moveaxis(arrays[0], axis, 0)[sizes[part] : sizes[part + 1]], 0, axis)


def _leibniz(a: Array) -> Array:
    """The determinant by its definition, over all permutations."""
    total = 0.0
    for order in permutations(range(len(a))):
        inversions = sum(x > y for k, x in enumerate(order) for y in order[k + 1 :])
        total = total + (-1) ** inversions * np.prod([a[k, column] for k, column in enumerate(order)])
    return np.asarray(total)


#: By the name a formula calls: the same in NumPy, from its definition, over the op's arguments and options.
def _weights(p: Array, axis: int = -1) -> Array:
    return p / np.sum(p, axis, keepdims=True)


WITNESS: dict[str, Callable[..., Array]] = {
    "matmul": lambda a, b: np.matmul(a, b),
    "trace": lambda a: sum(a[k, k] for k in range(min(a.shape))),
    "det": _leibniz,
    "cofactors": lambda a: np.array([[(-1) ** (i + j) * _leibniz(np.delete(np.delete(a, i, 0), j, 1))
     for j in range(len(a))] for i in range(len(a))]),
    "logdet": lambda a: np.log(_leibniz(a)),
    "slogdet": lambda a: np.array([np.sign(_leibniz(a)), np.log(abs(_leibniz(a)))]),
    "inv": np.linalg.inv,
    "solve": lambda a, b: np.linalg.inv(a) @ b,
    "matrix_power": lambda a, n: np.linalg.matrix_power(a, n),
    "diag": lambda a: np.einsum("i,ij->ij", a, np.eye(len(a))),
    "diagonal": lambda a: np.array([a[k, k] for k in range(min(a.shape))]),
    "on_diagonal": lambda g, a: np.array([[g[i] if i == j else 0 for j in range(a.shape[1])]
     for i in range(a.shape[0])]),
    "eye": lambda n: np.array([[float(i == j) for j in range(np.ravel(n)[-1])]
     for i in range(np.ravel(n)[0])]),
    "eye_like": lambda a: np.array([[float(i == j) for j in range(a.shape[1])] for i in range(a.shape[0])]),
    "kron": lambda a, b: np.concatenate([np.concatenate([x * b for x in row], 1) for row in a], 0),
    "blocks": lambda g, b: np.array([[g[i : i + b.shape[0], j : j + b.shape[1]]
     for j in range(0, g.shape[1], b.shape[1])] for i in range(0, g.shape[0], b.shape[0])]),
    "joined": lambda a: np.concatenate([np.concatenate(list(row), 1) for row in a], 0),
    "outer": lambda a, b: np.einsum("i,j->ij", a, b),
    "transpose": lambda a: np.moveaxis(a, range(a.ndim)[::-1], range(a.ndim)),
    "mT": lambda a: np.einsum("...ij->...ji", a),
    "sum": lambda a, **o: np.add.reduce(a, **({"axis": None} | o)),
    "mean": lambda a, **o: np.mean(a, **o),
    "prod": lambda a, **o: np.multiply.reduce(a, **({"axis": None} | o)),
    "max": lambda a, **o: np.max(a, **o),
    "min": lambda a, **o: -np.max(-a, **o),
    "var": lambda a, **o: np.var(a, **o),
    "std": lambda a, **o: np.sqrt(np.var(a, **o)),
    "norm": _norm,
    "logsumexp": lambda a, **o: np.log(np.sum(np.exp(a), **o)),
    "others": _others,
    "size": lambda a, axis=None: np.asarray(float(np.sum(np.ones(np.shape(a)), axis=axis).flat[0])),
    "index": lambda a, *i, at=None: a[at] if at is not None else a[np.asarray(i[0], dtype=int)],
    "scatter": lambda g, a, at: _zeros_with(a, at, g),
    "scatter_add": _rows_added,
    "stack": lambda *a: np.array(a),
    "concat": lambda *a, axis=0: np.concatenate(a, axis),
    "piece": _piece,
    "reshape": lambda a, shape: np.ravel(a).reshape(shape),
    "reshape_like": lambda a, b: np.ravel(a).reshape(np.shape(b)),
    "expand_dims": lambda a, axis: a[None] if axis == 0 else a[..., None],
    "one_hot": lambda i, n: np.eye(n)[np.asarray(i, dtype=int)],
    "one_hot_like": lambda i, a: np.eye(np.shape(a)[-1])[np.asarray(i, dtype=int)],
    "argmax": lambda a, axis=None: np.argmax(a, axis).astype(float),
    "ravel": lambda a: np.array([float(a[at]) for at in np.ndindex(*a.shape)]),
    "squeeze": lambda a, axis=None: a[tuple(0 if n == 1 and axis in (None, k) else slice(None)
     for k, n in enumerate(a.shape))],
    "permute": lambda a, axis: np.moveaxis(a, axis, range(a.ndim)),
    "swapaxes": lambda a, axis1, axis2: np.swapaxes(a, axis1, axis2),
    "roll": lambda a, shift, axis=None: np.roll(a, shift, axis),
    "unroll": lambda a, shift, axis=None: np.roll(a, -shift, axis),
    "unpermute": lambda a, axis: np.moveaxis(a, range(a.ndim), axis),
    "flip": lambda a, axis=None: a[tuple(slice(None, None, -1 if axis in (None, k) else None)
     for k in range(a.ndim))],
    "tril": lambda a, k=0: a * (np.arange(a.shape[-1])[None, :] - np.arange(a.shape[-2])[:, None] <= k),
    "triu": lambda a, k=0: a * (np.arange(a.shape[-1])[None, :] - np.arange(a.shape[-2])[:, None] >= k),
    "repeat": lambda a, repeats, axis=0: np.stack([a] * repeats, axis + 1).reshape(
     [n * (repeats if k == axis else 1) for k, n in enumerate(a.shape)]),
    "unrepeat": lambda g, a, repeats, axis=0: sum(
     np.take(g, np.arange(a.shape[axis]) * repeats + k, axis) for k in range(repeats)),
    "tile": lambda a, reps: np.tile(a, reps),
    "untile": lambda g, a, reps: sum(np.split(g, np.ravel(reps)[0], 0)),
    "cumsum": lambda a, axis=0: np.stack([np.sum(np.take(a, range(k + 1), axis), axis)
     for k in range(a.shape[axis])], axis),
    "cumprod": lambda a, axis=0: np.stack([np.prod(np.take(a, range(k + 1), axis), axis)
     for k in range(a.shape[axis])], axis),
    "logcumsumexp": lambda a, axis=0: np.log(np.cumsum(np.exp(a), axis)),
    "running_shares": lambda a, axis=0: np.exp(a) / np.cumsum(np.exp(a), axis),
    "running_keeps": lambda a, axis=0: 1 - np.exp(a) / np.cumsum(np.exp(a), axis),
    "recur": _recur,
    "delay": lambda a, axis=0, fill=0: np.concatenate([fill + 0 * np.take(a, [0], axis),
     np.take(a, range(a.shape[axis] - 1), axis)], axis),
    "sort": lambda a, axis=-1, descending=False: -np.sort(-a, axis) if descending else np.sort(a, axis),
    "argsort": lambda a, axis=-1: np.argsort(a, axis).astype(float),
    "argmin": lambda a, axis=None: np.argmin(a, axis).astype(float),
    "take_along_axis": lambda a, i, axis=-1: np.take_along_axis(a, np.asarray(i, int), axis),
    "put_along": lambda g, a, i, axis=-1: _put_along(g, a, i, axis),
    "topk": lambda a, k, axis=-1: np.take(-np.sort(-a, axis), range(k), axis),
    "topk_places": lambda a, k, axis=-1: np.take(np.argsort(-a, axis), range(k), axis).astype(float),
    "median": lambda a, **o: np.median(a, **o),
    "quantile": lambda a, q, **o: np.quantile(a, q, **o),
    "quantile_shares": lambda a, q, axis=None: _quantile_weights(a, q, axis),
    "quantile_tied": lambda a, q, axis=None: np.zeros(a.shape),
    "tied": lambda a, axis=-1: np.zeros(a.shape),
    "conv1d": lambda a, w: _convolved(a, w, 1), "conv2d": lambda a, w: _convolved(a, w, 2),
    "conv1d_to_input": lambda u, a, w: _slope_of(lambda x: np.sum(u * _convolved(x, w, 1)), a),
    "conv2d_to_input": lambda u, a, w: _slope_of(lambda x: np.sum(u * _convolved(x, w, 2)), a),
    "conv1d_to_kernel": lambda u, a, w: _slope_of(lambda x: np.sum(u * _convolved(a, x, 1)), w),
    "conv2d_to_kernel": lambda u, a, w: _slope_of(lambda x: np.sum(u * _convolved(a, x, 2)), w),
    "max_unpool1d": lambda u, a, kernel_size, stride=None: _slope_of(
     lambda x: np.sum(u * _at_largest(x, a, (kernel_size,), stride)), a),
    "avg_unpool1d": lambda u, a, kernel_size, stride=None: _slope_of(
     lambda x: np.sum(u * _window_cut(x, (kernel_size,), stride).mean(-1)), a),
    "pool_at1d": lambda u, a, kernel_size, stride=None: _at_largest(u, a, (kernel_size,), stride),
    "pool_ties1d": lambda a, kernel_size, stride=None: np.asarray(0.0),
    "max_unpool2d": lambda u, a, kernel_size, stride=None: _slope_of(
     lambda x: np.sum(u * _at_largest(x, a, np.broadcast_to(kernel_size, 2), stride)), a),
    "avg_unpool2d": lambda u, a, kernel_size, stride=None: _slope_of(
     lambda x: np.sum(u * _window_cut(x, np.broadcast_to(kernel_size, 2), stride).mean((-1, -2))), a),
    "pool_at2d": lambda u, a, kernel_size, stride=None: _at_largest(
     u, a, np.broadcast_to(kernel_size, 2), stride),
    "pool_ties2d": lambda a, kernel_size, stride=None: np.asarray(0.0),
    "max_pool1d": lambda a, kernel_size, stride=None: _window_cut(a, (kernel_size,), stride).max(-1),
    "max_pool2d": lambda a, kernel_size, stride=None: _window_cut(
     a, np.broadcast_to(kernel_size, 2), stride).max((-1, -2)),
    "avg_pool1d": lambda a, kernel_size, stride=None: _window_cut(a, (kernel_size,), stride).mean(-1),
    "avg_pool2d": lambda a, kernel_size, stride=None: _window_cut(
     a, np.broadcast_to(kernel_size, 2), stride).mean((-1, -2)),
    "layer_norm": lambda a, axis=-1, eps=1e-5: (a - a.mean(axis, keepdims=True))
     / np.sqrt(a.var(axis, keepdims=True) + eps),
    "batch_norm": lambda a, axis=0, eps=1e-5: (a - a.mean(axis, keepdims=True))
     / np.sqrt(a.var(axis, keepdims=True) + eps),
    "embedding": lambda i, a: np.eye(len(a))[np.asarray(i, int)] @ a,
    "l1_loss": lambda a, b, reduction="mean": _row_losses(np.abs(a - b), reduction),
    "huber": lambda a, b, reduction="mean", delta=1: _row_losses(np.where(np.abs(a - b) < delta,
     (a - b) ** 2 / 2, delta * np.abs(a - b) - delta**2 / 2), reduction),
    "smooth_l1_loss": lambda a, b, reduction="mean", beta=1: _row_losses(np.where(np.abs(a - b) < beta,
     (a - b) ** 2 / 2 / beta, np.abs(a - b) - beta / 2), reduction),
    "hinge": lambda a, b, reduction="mean": _row_losses(np.maximum(0, 1 - a * b), reduction),
    "kl_div": lambda a, b, reduction="mean": _row_losses(b * (np.log(b) - a), reduction),
    "cosine_similarity": lambda a, b, axis=-1: np.sum(a * b, axis) / np.sqrt(
     np.sum(a * a, axis) * np.sum(b * b, axis)),
    "softmax": _softmax,
    "log_softmax": lambda a, axis=-1: np.log(_softmax(a, axis)),
    "cross_entropy": _cross_entropy,
    "cross_entropy_with_logits": _of_logits,
    "rows": lambda a: np.asarray(float(np.size(a) // np.shape(a)[-1])),
    "binary_cross_entropy": _binary,
    "binary_cross_entropy_with_logits": lambda a, b, **o: _binary(1 / (1 + np.exp(-a)), b,
     **{"reduction": "mean"} | o),
    "mse": lambda a, b, reduction="mean": _row_losses((a - b) ** 2, reduction),
    "dropout": lambda a, b=None, p=0.5, seed=0: a * (_mask(a, p, seed) if b is None else b),
    "dropout_mask": _mask,
    "less_mean": lambda a, p, axis=-1: a - np.sum(a * _weights(p, axis), axis, keepdims=True),
    "class_gap": lambda a, i: _weights(np.exp(a), -1) - np.eye(a.shape[-1])[np.asarray(i, int)],
    "less_share": lambda a, p, axis=-1: a - _weights(p, axis) * np.sum(a, axis, keepdims=True),
    "portions": lambda a, axis=None: np.exp(a) / np.sum(np.exp(a), axis),
    "centered": lambda a, axis=None: a - np.mean(a, axis, keepdims=True),
    "standardized": lambda a, axis=None: (a - np.mean(a, axis)) / np.sqrt(np.var(a, axis)),
    "unit": lambda a, axis=None: a / np.sqrt(np.sum(a**2, axis, keepdims=True)),
}  # fmt: skip

#: Ops that take matrices with a positive determinant.
POSITIVE = {"logdet"}

#: Arguments that hold whole numbers below the number given, and those that hold probabilities.
INDICES = {
    "take": {"i": 3}, "take_along_axis": {"i": 3}, "put_along": {"i": 3}, "embedding": {"i": 3},
    "scatter_add": {"i": 3}, "one_hot": {"i": 3}, "one_hot_like": {"i": 3}, "class_gap": {"i": 3},
    **{name: {"b": 3} for name in ARRAY_OPS if "_index" in name},
}  # fmt: skip
SHARES = {name for name in ARRAY_OPS if "cross_entropy" in name or name == "kl_div"}


def given(op: Op, sample: tuple[Any, ...]) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arguments by name and the options that a sample of the registry stands for."""
    count = len(sample) if op.variadic else op.arity
    if op.name == "piece":
        count = 3
    names = op.params(count)
    values: dict[str, Array] = {}
    for seed, (name, shape) in enumerate(zip(names, sample, strict=False)):
        if name in INDICES.get(op.name, {}):
            values[name] = np.asarray(np.arange(np.prod(shape, dtype=int)) * 2 % 3, float).reshape(shape)
        elif op.name in POSITIVE:
            values[name] = drawn(shape, seed) @ drawn(shape, seed).T + np.eye(*shape)
        elif op.name in SHARES and "logits" not in op.name:
            values[name] = drawn(shape, seed, 0.1, 0.9)
        else:
            values[name] = drawn(shape, seed)
    return values, dict(zip(op.option_names, sample[count:], strict=False))


def text(op: Op, names: list[str], options: dict[str, Any]) -> str:
    """How a formula calls ``op``."""
    if op.called == "index" and "at" in options:
        return f"{names[0]}[{place_text(options['at'])}]"
    parts = [*names, *(f"{name}={fixed_text(value)}" for name, value in options.items())]
    return f"{op.called}({', '.join(parts)})"


def keyed(options: dict[str, Any]) -> dict[str, Any]:
    """Options as NumPy takes them: slices for the parts of an index."""
    if "at" in options and isinstance(options["at"], tuple):
        parts = options["at"]
        return options | {"at": tuple(slice(*p[1:]) if isinstance(p, tuple) else p for p in parts)}
    return options


def hold_sample(op: Op, sample: tuple[Any, ...], remake: Callable[[Array], Array] = np.asarray) -> None:
    """``hold`` for one sample of the registry."""
    values, options = given(op, sample)
    witness, keywords = WITNESS[op.called], keyed(options)
    still = [name for slot, name in enumerate(values) if not op.sends(slot)]
    hold(
        text(op, list(values), options), {name: remake(value) for name, value in values.items()},
        lambda **at: witness(*at.values(), **keywords), tuple(still),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _internal_ops_may_be_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ops that only rules use are looked at here as well."""
    everything = FUNCTIONS | {op.called for op in ARRAY_OPS.values()}
    monkeypatch.setattr("backtrace_cli.graph.own_names._CALLABLE", everything)


SAMPLES = [
    pytest.param(op, sample, id=f"{op.name}-{'-'.join(map(str, sample))}".replace(" ", ""))
    for op in ARRAY_OPS.values() for sample in op.samples
]  # fmt: skip


def test_the_witness_knows_every_array_op() -> None:
    """An op that mixes entries can't slip past these tests, nor a witness outlive its op."""
    assert {op.called for op in ARRAY_OPS.values()} == set(WITNESS)


@pytest.mark.parametrize(("op", "sample"), SAMPLES)
def test_value_gradient_and_tangent(op: Op, sample: tuple[Any, ...]) -> None:
    """Value, messages and tangents of every array op are those of its definition."""
    hold_sample(op, sample)
    hold_sample(op, sample, strided)


@pytest.mark.parametrize(("op", "sample"), SAMPLES)
def test_the_op_that_is_meant_is_the_op_that_runs(op: Op, sample: tuple[Any, ...]) -> None:
    """The samples of a variant, such as matrix times vector, lead to that variant."""
    values, options = given(op, sample)
    found = trace(text(op, list(values), options), values)
    ran = {found.graph.nodes[index].op for index in found.graph.steps}
    assert any(one is op for one in ran), [one.name for one in ran if one]


PLANTS = [
    pytest.param(op, slot, id=f"{op.name}-{slot}")
    for op in ARRAY_OPS.values() for slot in range(op.arity) if op.sends(slot)
]  # fmt: skip


@pytest.mark.parametrize(("op", "slot"), PLANTS)
@pytest.mark.parametrize("field", ["messages", "tangents"])
def test_a_slope_a_thousandth_off_is_noticed(
    op: Op, slot: int, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """These tests fail where a message or a tangent is wrong by 0.1 %."""
    plant(monkeypatch, op, slot, field=field)
    with pytest.raises(AssertionError):
        hold_sample(op, op.samples[0])


@pytest.mark.parametrize("formula", ["sum(W @ x)", "softmax(x) @ x", "norm(W)", "mse(x, y)",
 "concat(x, y) @ [1, 2, 3, 4, 5, 6]"])  # fmt: skip
def test_the_users_own_check_notices_too(formula: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gradient check that a user runs agrees, and differs once a message is 0.1 % off."""
    at = {"W": drawn((2, 3)), "x": drawn((3,)), "y": drawn((3,), 5)}
    at = {name: value for name, value in at.items() if name in formula}
    assert {found.verdict for found in trace(formula, at).check()} == {"agrees"}
    for index in (found := trace(formula, at)).graph.steps:
        op = found.graph.nodes[index].op
        assert op is not None
        if op.mixes:
            plant(monkeypatch, op, 0)
    assert "differs" in {one.verdict for one in trace(formula, at).check()}
    assert ops.OPS["sum"].name == "sum"


STABLE = [
    pytest.param(op, slot, id=f"{op.name}-{slot}")
    for op in ARRAY_OPS.values() for slot, text in enumerate(op.stable) if text and op.messages[slot]
]  # fmt: skip


@pytest.mark.parametrize(("op", "slot"), STABLE)
def test_the_message_that_is_shown_is_the_one_that_is_computed(op: Op, slot: int) -> None:
    """Where a message has a stable form, both texts give the same numbers."""
    for sample in op.samples:
        values, _ = given(op, sample)
        shown, stable = Arrays(), Arrays()
        shown.stable = False
        out = np.asarray(WITNESS[op.called](*values.values()))
        at = [*values.values(), out, drawn(np.shape(out), 4) if out.shape else 1.75, *op.option_defaults]
        found = [
            each.run(each.partial(op, slot, len(values), op.option_defaults), at) for each in (shown, stable)
        ]
        np.testing.assert_allclose(found[0], found[1], rtol=1e-12)
