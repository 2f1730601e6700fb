"""Softmax, the losses of the lectures, and dropout. Names as in PyTorch, except that
``cross_entropy`` takes probabilities, as ``binary_cross_entropy`` does, and
``cross_entropy_with_logits`` takes what stands before the softmax."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.nothing import COMPUTED, COUNT, COUNTED, SHAPE
from backtrace_cli.ops.shape_functions import Shape, axes, cost_of_reading, number_shape, same, sides, size
from backtrace_cli.ops.shares import class_surprise_array, log_softmax_array, softmax_array
from backtrace_cli.ops.spec import Domain, Op, fixed_text
from backtrace_cli.ops.whole_numbers import classes

#: A probability may be so much, as the rounding of a sum leaves it in single precision.
_MOST = 1 + 1e-6

_MEAN = "reduction=mean"
_SUM_OR_MEAN = "reduction is mean or sum"

_SOFTMAX = "exp(a)/sum(exp(a), axis=axis, keepdims=true)"
_LOG_SOFTMAX = "a - log(sum(exp(a), axis=axis, keepdims=true))"


def along_shape(a: Shape, axis: Any = -1) -> Shape:
    """The argument's shape; the axis must be there."""
    if a == ():
        raise ShapeError("softmax is taken over the entries of a vector; a number has none",
                         hint="write a list: softmax([a, b])")  # fmt: skip
    axes(a, axis)
    return a


def rank_of_softmax(a: Shape, axis: Any = -1) -> str:
    """A vector has a message that reads more simply."""
    return "softmax_vector" if len(a) == 1 else "softmax"


def rank_of_log_softmax(a: Shape, axis: Any = -1) -> str:
    """A vector has a message that reads more simply."""
    return "log_softmax_vector" if len(a) == 1 else "log_softmax"


def row_count(sign: str, reduction: Any = "mean") -> str:
    """What a loss over rows is divided by: the number of rows, or nothing."""
    return "rows(a)" if reduction == "mean" else "1"


def rows_array(a: Any) -> Any:
    """How many rows a matrix, or a stack of them, has."""
    import numpy as np

    return float(size(np.shape(a)[:-1]))


def entry_count(sign: str, reduction: Any = "mean") -> str:
    """What a loss over entries is divided by."""
    return "size(a)" if reduction == "mean" else "1"


def _reduce(losses: Any, reduction: Any) -> Any:
    import numpy as np

    return np.mean(losses) if reduction == "mean" else np.sum(losses)


def _check_reduction(reduction: Any, a: Shape) -> None:
    if reduction not in ("mean", "sum"):
        raise ShapeError(f"{_SUM_OR_MEAN}, not {fixed_text(reduction)}", hint="write reduction=sum")
    if reduction == "mean" and 0 in a:
        raise ShapeError(
            "there is nothing to take the mean of", hint="give it entries, or write reduction=sum"
        )


def _picked(a: Any, b: Any) -> Any:
    """The entry of each row of a that b names."""
    import numpy as np

    places = classes(b, np.shape(a)[-1])
    return np.take_along_axis(a, np.expand_dims(places, -1), axis=-1)[..., 0]


def _weighted(weights: Any, logs: Any) -> Any:
    """weights·logs, 0 where the weight is 0 whatever the logarithm."""
    import numpy as np

    return np.where(np.equal(weights, 0), 0, np.multiply(weights, logs))


def _if_shares(a: Any, loss: Any) -> Any:
    """``loss``, nan where an entry of a is no probability (give or take the rounding of a sum)."""
    import numpy as np

    return loss if not np.any((a < 0) | (a > _MOST)) else np.full(np.shape(loss), np.nan)


def cross_entropy_array(a: Any, b: Any, reduction: Any = "mean") -> Any:
    """−Σ b log a along the last axis, of probabilities a."""
    import numpy as np

    return _if_shares(a, _reduce(-np.sum(_weighted(b, np.log(a)), axis=-1), reduction))


def cross_entropy_index_array(a: Any, b: Any, reduction: Any = "mean") -> Any:
    """−log of the probability of the class that b names."""
    import numpy as np

    return _if_shares(a, _reduce(-np.log(_picked(a, b)), reduction))


def logits_array(a: Any, b: Any, reduction: Any = "mean") -> Any:
    """−Σ b log softmax(a) along the last axis."""
    import numpy as np

    return _reduce(-np.sum(_weighted(b, log_softmax_array(a)), axis=-1), reduction)


def logits_index_array(a: Any, b: Any, reduction: Any = "mean") -> Any:
    """−log softmax(a) at the class that b names."""
    return _reduce(class_surprise_array(a, b), reduction)


def binary_array(a: Any, b: Any, reduction: Any = "mean") -> Any:
    """−b log a − (1 − b) log(1 − a), of probabilities a."""
    import numpy as np

    found = _reduce(-_weighted(b, np.log(a)) - _weighted(1 - b, np.log1p(-a)), reduction)
    return _if_shares(a, found)


def binary_logits_array(a: Any, b: Any, reduction: Any = "mean") -> Any:
    """The same of σ(a), without overflow."""
    import numpy as np

    return _reduce(np.maximum(a, 0) - a * b + np.log1p(np.exp(-np.abs(a))), reduction)


def mse_array(a: Any, b: Any, reduction: Any = "mean") -> Any:
    """The mean of the squared differences."""
    return _reduce((a - b) ** 2, reduction)


def loss_shape(a: Shape, b: Shape, reduction: Any = "mean") -> Shape:
    """A number, of two arrays of one shape."""
    _check_reduction(reduction, a)
    same(a, b)
    return ()


def class_loss_shape(a: Shape, b: Shape, reduction: Any = "mean") -> Shape:
    """A number, of rows of scores and either a distribution or a class index for each row."""
    _check_reduction(reduction, a)
    if a == ():
        raise ShapeError("a cross-entropy needs a score for each class; a number is one",
                         hint="for two classes write binary_cross_entropy")  # fmt: skip
    if b not in (a, a[:-1]):
        raise ShapeError(f"shapes {sides(a)} and {sides(b)} don't belong together: the target has the "
                         f"scores' shape {sides(a)}, or one class index for each row, shape {sides(a[:-1])}",
                         hint="give each example a row, as z = X @ W.T + b does" if b == a[1:] else
                         "for class indices as rows of 0 and 1 write one_hot(y, n)")  # fmt: skip
    return ()


def _rank(name: str, a: Shape, b: Shape) -> str:
    return name + ("" if len(a) == len(b) else "_index") + ("_vector" if len(a) == 1 else "")


def rank_of_cross_entropy(a: Shape, b: Shape, reduction: Any = "mean") -> str:
    """By the target: a distribution or a class index; by the scores: one row or many."""
    return _rank("cross_entropy", a, b)


def rank_of_logits(a: Shape, b: Shape, reduction: Any = "mean") -> str:
    """By the target: a distribution or a class index; by the scores: one row or many."""
    return _rank("cross_entropy_with_logits", a, b)


_INSIDE = Domain("(a >= 0)*(a <= 1)", "a cross-entropy needs probabilities, from 0 to 1; for scores before "
                 "the softmax or σ write …_with_logits")  # fmt: skip


_WHY_SHARES = "Only the probability of what was true counts, and a small one weighs most: minus one over it."
_WHY_LOGITS = (
    "The logarithm undoes the softmax's powers of e, and what is left is the probability less the target."
)


def _class_losses() -> tuple[Op, ...]:
    """The cross-entropies: of probabilities or logits, to a distribution or an index, of one row or many."""
    found = []
    for logits in (False, True):
        base = "cross_entropy" + ("_with_logits" if logits else "")
        for index in (False, True):
            for vector in (False, True):
                name = base + ("_index" if index else "") + ("_vector" if vector else "")
                target = "one_hot_like(b, a)" if index else "b"
                over = "1" if vector else "{n}"
                scale = "g" if vector else "g/{n}"
                if logits:
                    total = "sum(b)" if vector else "sum(b, axis=-1, keepdims=true)"
                    front = "softmax(a)" if index else f"softmax(a)*{total}"
                    message = f"{scale}*({front} - {target})"
                    tangent = f"sum(({front} - {target})*d)/{over}"
                    stable = f"-{scale}*less_share({target}, softmax(a))"
                    steady = f"-sum(less_share({target}, softmax(a))*d)/{over}"
                    if index:
                        stable, steady = f"{scale}*class_gap(a, b)", f"sum(class_gap(a, b)*d)/{over}"
                else:
                    message = f"-{scale}*{target}/a"
                    tangent = f"-sum(where({target} == 0, 0, {target}*d/a))/{over}"
                    stable, steady = f"-{scale}*where({target} == 0, 0, {target}/a)", None
                logs = "log_softmax(a)" if logits else "log(a)"
                forward = {
                    (False, False): cross_entropy_array,
                    (False, True): cross_entropy_index_array,
                    (True, False): logits_array,
                    (True, True): logits_index_array,
                }[logits, index]
                words = "of scores before the softmax" if logits else "of probabilities a"
                doc = f"−Σ b·log a {words}; b is a distribution or a class index; mean over the rows"
                shapes = ((3,),) if vector else ((4, 3),)
                found.append(Op(
                    name, "a b", doc, numpy=forward, options=_MEAN, shape=class_loss_shape,
                    cost=cost_of_reading,
                    upstream=row_count, messages=(message, COUNT if index else f"-{scale}*{logs}"),
                    tangents=(tangent, COUNT if index else f"-sum({logs}*d)/{over}"),
                    stable=(stable, None), steady=(steady, None), spelled=base, internal=name != base,
                    ranks=rank_of_logits if logits else rank_of_cross_entropy,
                    entries=COMPUTED, needs=("" if logits else "shares", "target"),
                    judges="scores" if logits else "shares",
                    why=_WHY_LOGITS if logits else _WHY_SHARES,
                    spread=5.0 if logits else None,
                    domain=None if logits else _INSIDE, refuses=() if logits else ((2.0, 1.0),),
                    samples=((shapes[0], shapes[0][:-1] if index else shapes[0]),),
                    means=f"-sum(where({target} == 0, 0, {target}*{logs}))/{over}",
                ))  # fmt: skip
    return tuple(found)


OPS = (
    Op("softmax", "a", "e^a over its sum along an axis, the last unless another is named",
       numpy=softmax_array, options="axis=-1", shape=along_shape, ranks=rank_of_softmax, spread=5.0,
       messages=("out*(g - sum(g*out, axis=axis, keepdims=true))",),
       tangents=("out*(d - sum(d*out, axis=axis, keepdims=true))",), entries=COMPUTED, means=_SOFTMAX,
       stable=("out*less_mean(g, out, axis=axis)",), steady=("out*less_mean(d, out, axis=axis)",),
       why="The shares add up to 1, so what one gains the others lose: each gets its share times how far "
           "what arrived at it lies above the average that arrived.",
       samples=(((2, 3),), ((3, 1),))),
    Op("softmax_vector", "a", "softmax of a vector", numpy=softmax_array, spread=5.0, options="axis=-1",
       shape=along_shape, messages=("out*(g - g @ out)",), tangents=("out*(d - d @ out)",),
       stable=("out*less_mean(g, out)",), steady=("out*less_mean(d, out)",),
       spelled="softmax", internal=True, entries=COMPUTED, means=_SOFTMAX,
       samples=(((3,),),)),
    Op("log_softmax", "a", "log of the softmax along an axis, without overflow", logarithm=True, spread=5.0,
       numpy=log_softmax_array, options="axis=-1", shape=along_shape, ranks=rank_of_log_softmax,
       messages=("g - exp(out)*sum(g, axis=axis, keepdims=true)",),
       tangents=("d - sum(d*exp(out), axis=axis, keepdims=true)",),
       stable=("less_share(g, softmax(a, axis=axis), axis=axis)",),
       steady=("less_mean(d, softmax(a, axis=axis), axis=axis)",), entries=COMPUTED, means=_LOG_SOFTMAX,
       why="A score lifts its own logarithm and lowers all of them by its share: each gets what arrived "
           "at it, less its share of everything that arrived.",
       samples=(((2, 3),),)),
    Op("log_softmax_vector", "a", "log_softmax of a vector", numpy=log_softmax_array,
       logarithm=True, spread=5.0, options="axis=-1", shape=along_shape, messages=("g - exp(out)*sum(g)",),
       tangents=("d - d @ exp(out)",),
       stable=("less_share(g, softmax(a))",), steady=("less_mean(d, softmax(a))",),
       spelled="log_softmax", internal=True, entries=COMPUTED, means=_LOG_SOFTMAX,
       samples=(((3,),),)),
    *_class_losses(),
    Op("rows", "a", "how many rows there are", numpy=rows_array, shape=number_shape, messages=(SHAPE,),
       tangents=(SHAPE,), entries=COUNTED,
       why="How many rows there are does not hang on what is in them, so nothing is passed on.",
       samples=(((4, 3),),)),
    Op("binary_cross_entropy", "a b", "mean of −b·log a − (1 − b)·log(1 − a), of probabilities a",
       numpy=binary_array, options=_MEAN, shape=loss_shape, upstream=entry_count,
       cost=cost_of_reading,
       messages=("g/{n}*(a - b)/(a*(1 - a))", "g/{n}*(log(1 - a) - log(a))"),
       stable=("g/{n}*(where(b == 1, 0, (1 - b)/(1 - a)) - where(b == 0, 0, b/a))", None),
       tangents=("sum((where(b == 1, 0, (1 - b)/(1 - a)) - where(b == 0, 0, b/a))*d)/{n}",
                 "sum((log(1 - a) - log(a))*d)/{n}"),
       domain=_INSIDE, refuses=((2.0, 1.0),), entries=COMPUTED, judges="shares",
       means="-sum(where(b == 0, 0, b*log(a)) + where(b == 1, 0, (1 - b)*log(1 - a)))/{n}",
       why="It pulls the probability towards the target, the harder the surer it was of the other: the "
           "difference over p times 1 less p.",
       samples=(((3,), (3,)), ((2, 3), (2, 3)))),
    Op("binary_cross_entropy_with_logits", "a b", "the same of σ(a), without overflow", reach=4.0,
       numpy=binary_logits_array, options=_MEAN, shape=loss_shape, upstream=entry_count,
       cost=cost_of_reading,
       messages=("g/{n}*(σ(a) - b)", "-g/{n}*a"), tangents=("sum((σ(a) - b)*d)/{n}", "-sum(a*d)/{n}"),
       stable=("g/{n}*(σ(a)*(1 - b) - b*σ(-a))", None),
       steady=("sum((σ(a)*(1 - b) - b*σ(-a))*d)/{n}", None),
       entries=COMPUTED, judges="scores", means="sum(log(1 + exp(a)) - a*b)/{n}",
       why="The slope of σ cancels against the loss's own, and the probability less the target is left.",
       samples=(((3,), (3,)), ((2, 3), (2, 3)))),
    Op("mse", "a b", "mean of the squared differences", numpy=mse_array, options=_MEAN, shape=loss_shape,
       upstream=entry_count, messages=("2*g/{n}*(a - b)", "-2*g/{n}*(a - b)"),
       tangents=("2*sum((a - b)*d)/{n}", "-2*sum((a - b)*d)/{n}"),
       steady=("2*sum((a - b)/{n}*d)", "-2*sum((a - b)/{n}*d)"),
       aliases=("mse_loss",), entries=COMPUTED, means="sum((a - b)^2)/{n}",
       why="Each squared distance sends twice the distance, and the mean divides by how many there are.",
       samples=(((3,), (3,)), ((2, 3), (2, 3)))),
)  # fmt: skip
