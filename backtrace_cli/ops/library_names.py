"""Names that NumPy, PyTorch and JAX give to ops and to their arguments, beside those that the ops declare."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.ops.spec import Op

__all__ = ["argument_names", "left_out", "library_names"]

#: Op -> its names elsewhere. A name that an op declares itself goes before these.
_NAMES = {
    "add": "plus",
    "subtract": "sub minus",
    "multiply": "mul times",
    "divide": "div true_divide",
    "negative": "neg",
    "power": "pow float_power",
    "less": "lt",
    "less_equal": "le",
    "greater": "gt",
    "greater_equal": "ge",
    "equal": "eq",
    "not_equal": "ne",
    "abs": "absolute fabs",
    "sign": "sgn signum",
    "sigmoid": "expit",
    "matmul": "mm mv bmm",
    "reshape": "view",
    "expand_dims": "unsqueeze",
}

#: Op -> the names of its arguments where they are given by name, an argument a word, | between synonyms.
_ARGUMENTS = {
    "clip": "input|x|a min|a_min|low|lo max|a_max|high|hi",
    "leaky_relu": "input|x negative_slope|alpha|slope",
    "elu": "input|x alpha",
    "swish": "input|x beta",
    "log_base": "x base",
    "power": "input|x exponent|y",
    "where": "condition|input x y|other",
    "mse": "input|x target|y",
    "binary_cross_entropy": "input|p target|y",
    "binary_cross_entropy_with_logits": "input|logits target|y",
    "cross_entropy": "input|p target|labels",
    "cross_entropy_with_logits": "input|logits target|labels",
    "matmul": "input other",
    "take": "input|a indices|index",
}

#: What the arguments of an op are that a call with names leaves out.
_LEFT_OUT = {"clip": ("0", "-inf", "inf")}


def left_out(op: Op) -> tuple[str, ...]:
    """What the arguments of ``op`` are where a call gives only others by name.

    >>> from backtrace_cli.ops import OPS
    >>> left_out(OPS["clip"])[1:]
    ('-inf', 'inf')
    """
    return _LEFT_OUT.get(op.name, ())


def library_names(op: Op) -> tuple[str, ...]:
    """What else ``op`` is called in array libraries.

    >>> from backtrace_cli.ops import OPS
    >>> library_names(OPS["power"])
    ('pow', 'float_power')
    """
    return tuple(_NAMES.get(op.name, "").split())


def argument_names(op: Op) -> Iterator[tuple[str, int]]:
    """The names by which a formula may give an argument of ``op``, each with the argument's place."""
    for place, names in enumerate(_ARGUMENTS.get(op.name, "").split()):
        for name in names.split("|"):
            yield name, place
