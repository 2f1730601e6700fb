"""Losses between two arrays entry by entry, distances of distributions, and of directions."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.losses import entry_count, loss_shape
from backtrace_cli.ops.nothing import COMPUTED
from backtrace_cli.ops.reductions import norm_array, spread
from backtrace_cli.ops.shape_functions import Shape, cost_of_reading, reduced, same
from backtrace_cli.ops.spec import Domain, Kink, Op, fixed_text

_MEAN = "reduction=mean"


def _reduced(losses: Any, reduction: Any) -> Any:
    import numpy as np

    return np.mean(losses) if reduction == "mean" else np.sum(losses)


def l1_array(a: Any, b: Any, reduction: Any = "mean") -> Any:
    """The mean of the absolute differences."""
    import numpy as np

    return _reduced(np.abs(np.subtract(a, b)), reduction)


def huber_array(a: Any, b: Any, reduction: Any = "mean", delta: Any = 1.0) -> Any:
    """r²/2 up to delta, a straight line beyond."""
    import numpy as np

    size = np.abs(np.subtract(a, b))
    return _reduced(np.where(size <= delta, size * size / 2, delta * (size - delta / 2)), reduction)


def smooth_l1_array(a: Any, b: Any, reduction: Any = "mean", beta: Any = 1.0) -> Any:
    """The Huber loss over beta."""
    return huber_array(a, b, reduction, beta) / beta


def hinge_array(a: Any, b: Any, reduction: Any = "mean") -> Any:
    """The mean of max(0, 1 − a·b)."""
    import numpy as np

    margin = 1 - np.multiply(a, b)
    return _reduced(np.where(margin > 0, margin, 0 * margin), reduction)


def kl_array(a: Any, b: Any, reduction: Any = "mean") -> Any:
    """The mean of b·(log b − a), where a holds logarithms; 0 where b is 0."""
    import numpy as np

    a, b = np.asarray(a), np.asarray(b)
    if np.any(b < 0):
        return np.sum(b) * np.nan
    own = np.log(np.where(b == 0, 1, b))
    return _reduced(np.where(b == 0, 0, b * (own - a)), reduction)


def cosine_array(a: Any, b: Any, axis: Any = -1) -> Any:
    """The inner product over both lengths."""
    import numpy as np

    lengths = norm_array(a, axis) * norm_array(b, axis)
    return np.sum(np.multiply(a, b), axis=axis) / lengths


def kinked_shape(a: Shape, b: Shape, reduction: Any = "mean", width: Any = 1.0) -> Shape:
    """``loss_shape``; the width is above 0."""
    if isinstance(width, bool) or not isinstance(width, (int, float)) or not width > 0:
        raise ShapeError(f"the width of the round part is above 0, not {fixed_text(width)}",
                         hint="write delta=1")  # fmt: skip
    return loss_shape(a, b, reduction)


def count_of_entries(sign: str, reduction: Any = "mean", *_: Any) -> str:
    """What a loss over entries is divided by."""
    return entry_count(sign, reduction)


def cosine_shape(a: Shape, b: Shape, axis: Any = -1) -> Shape:
    """The shape without the axis, of two arrays of one shape."""
    same(a, b)
    if a == ():
        raise ShapeError("directions are compared of vectors", hint="write lists: [x, y]")
    return reduced(a, axis)


def cosine_spread(sign: str, axis: Any = -1) -> str:
    """``g`` (or ``out``) as it stands against the argument."""
    return spread(sign, axis)


def _loss(name: str, words: str, forward: Any, slope: str, other: str | None = None, **more: Any) -> Op:
    """A loss entry by entry: its slope in a, and in b (less the slope in a, unless it is another)."""
    other = other or f"-({slope})"
    fields: dict[str, Any] = {
        "options": _MEAN, "shape": loss_shape, "samples": (((3,), (3,)), ((2, 3), (2, 3))),
        **more,
    }  # fmt: skip
    return Op(name, "a b", words, numpy=forward, upstream=count_of_entries,
              messages=(f"g/{{n}}*{slope}", f"g/{{n}}*{other}"),
              tangents=(f"sum(d*{slope})/{{n}}", f"sum(d*{other})/{{n}}"), entries=COMPUTED,
              cost=cost_of_reading, yields="*", **fields)  # fmt: skip


_LENGTH = "norm({}, axis=axis, keepdims=true)"


def _turned(one: str, other: str) -> str:
    """The slope of a cosine in ``one``: the part of the other direction that is across it."""
    return f"({other}/{_LENGTH.format(other)} - {{out}}*{one}/{_LENGTH.format(one)})/{_LENGTH.format(one)}"


OPS = (
    _loss("l1_loss", "mean of the absolute differences", l1_array, "sign(a - b)", aliases=("mae",),
          kinks=(Kink("sum(a == b) > 0", ("g/{n}*sign(a - b)", "-g/{n}*sign(a - b)"),
                      "two entries are equal; the slope is −1 on one side and 1 on the other; 0 is taken"),),
          why="Each difference counts by its size, so it says its sign alone, divided by their number."),
    _loss("huber", "mean of r²/2 where |r| ≤ delta, and a straight line beyond, r = a − b", huber_array,
          "clip(a - b, -delta, delta)", aliases=("huber_loss",), options=f"{_MEAN} delta=1",
          shape=kinked_shape, why="Small differences count by themselves, large ones by their sign alone."),
    _loss("smooth_l1_loss", "the Huber loss over beta, as PyTorch has it", smooth_l1_array,
          "clip((a - b)/beta, -1, 1)", options=f"{_MEAN} beta=1", shape=kinked_shape,
          why="Small differences count by themselves, large ones by their sign alone."),
    _loss("hinge", "mean of max(0, 1 − a·b), of scores a and labels b = ±1", hinge_array, "-b*(a*b < 1)",
          "-a*(a*b < 1)", aliases=("hinge_loss",),
          kinks=(Kink("sum(a*b == 1) > 0", ("-g/{n}*b*(a*b < 1)", "-g/{n}*a*(a*b < 1)"),
                      "a margin is exactly 1, where the slope is 0 on one side only; 0 is taken"),),
          why="Beyond the margin nothing counts; below it the score counts by its label."),
    _loss("kl_div", "mean of b·(log b − a), as PyTorch has it: a holds logarithms of probabilities, b "
          "probabilities; sum(p*log(p/q)) is kl_div(log(q), p, reduction=sum)", kl_array, "-b",
          "(log(b) + 1 - a)",
          means="sum(where(b == 0, 0, b*(log(where(b == 0, 1, b)) - a)))/{n}", needs=("", "target"),
          domain=Domain("b >= 0", "kl_div, as PyTorch has it, takes logarithms first and then probabilities"),
          refuses=(((-1.0, -1.0), (-0.5, 1.5)),),
          why="The first is weighed by the target, so each entry gets less its share of it."),
    Op("cosine_similarity", "a b", "cosine of the angle between a and b along an axis, the last unless named",
       numpy=cosine_array, means="sum(a*b, axis=axis)/(norm(a, axis=axis)*norm(b, axis=axis))",
       options="axis=-1", shape=cosine_shape, upstream=cosine_spread,
       messages=(f"{{g}}*{_turned('a', 'b')}", f"{{g}}*{_turned('b', 'a')}"),
       tangents=(f"sum(d*{_turned('a', 'b')}, axis=axis)", f"sum(d*{_turned('b', 'a')}, axis=axis)"),
       entries=COMPUTED, cost=cost_of_reading, yields="*",
       domain=Domain("norm(a, axis=axis)*norm(b, axis=axis) != 0", "a vector of zeros has no direction"),
       refuses=(((0, 0), (1, 1)),),
       why="Only the part of the other direction that is across it turns it.",
       samples=(((3,), (3,)), ((2, 3), (2, 3)), ((2, 3), (2, 3), 0))),
)  # fmt: skip
