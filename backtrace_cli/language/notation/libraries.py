"""Functions and options as NumPy, PyTorch and JAX spell them, and where these libraries disagree."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from backtrace_cli.language.tree.syntax import Call
from backtrace_cli.language.tree.text import to_text

__all__ = [
    "DIFFERING", "ELSEWHERE", "FOLDS", "IDLE_OPTIONS", "LIBRARY_CONSTANTS", "METHODS", "MODULES", "OPTIONS",
    "REWRITTEN", "TAKES_LIST", "spelled_plainly",
]  # fmt: skip

_NUMPY, _TORCH, _OTHER = "NumPy", "PyTorch", "another library"
#: What stands before a function's name and a point, and whose it is.
MODULES = {
    **dict.fromkeys(("np", "numpy", "jnp", "jax", "scipy", "sp", "special", "linalg", "fft"), _NUMPY),
    **dict.fromkeys(("torch", "F", "nn", "functional", "Tensor"), _TORCH),
    **dict.fromkeys(("math", "cmath", "tf", "keras", "K", "sympy", "sym"), _OTHER),
}  # fmt: skip

LIBRARY_CONSTANTS = {"pi": "pi", "e": "e", "inf": "inf", "newaxis": "None", "Infinity": "inf"}

#: Options by the names that PyTorch gives them.
OPTIONS = {
    "dim": "axis", "dims": "axis", "axes": "axis", "keepdim": "keepdims", "correction": "ddof",
    "unbiased": "ddof", "approximate": "approximate",
}  # fmt: skip

#: Options that change nothing of what is computed here.
IDLE_OPTIONS = frozenset({"dtype", "device", "requires_grad", "inplace", "copy", "out", "name"})

#: Functions that take a list as they take its values.
TAKES_LIST = frozenset({"array", "tensor", "asarray", "Tensor", "reshape", "stack"})

#: Functions of a library that mean another one than the same name here.
ELSEWHERE = {
    (_TORCH, "cross_entropy"): "cross_entropy_with_logits",
}  # fmt: skip

#: Methods whose function has another name.
METHODS = {"t": "transpose", "dot": "dot"}

#: Functions of other libraries that are written with those of this language: which, and what else it
#: is given. "" is what it is taken of.
REWRITTEN: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(("array", "tensor", "asarray", "Tensor", "detach_", "float", "double"), ("", ())),
    "flatten": ("reshape", ("-1",)),
    "len": ("rows", ()),
}  # fmt: skip


#: Functions that take a generator of terms, and the sign between the terms.
FOLDS = {"sum": " + ", "prod": "*"}


class Differing(NamedTuple):
    """A function that libraries take differently: whose reading is taken, and how the other is written."""

    options: tuple[str, ...]
    """With one of these it is clear what is meant."""
    added: dict[str, tuple[tuple[str, str], ...]]
    """What a library's own call stands for."""
    here: str
    other: str

    def settled(self, call: Call, library: str) -> tuple[Call, str]:
        """``call`` as its library means it, and what is to be said of it ("" where nothing is)."""
        shown = to_text(call._replace(args=call.args[:1]))
        more = self.added.get(library)
        if more is not None:
            made = call._replace(options=(*call.options, *more))
            written = to_text(made._replace(args=made.args[:1]))
            return made, f"{self.here.format(shown, library)}: {written}" if more else ""
        return call, self.other.format(shown, shown[:-1])


_DIVISOR = Differing(
    ("ddof",), {_TORCH: (("ddof", "1"),), _NUMPY: ()},
    "PyTorch's {0} divides by n − 1",
    "{0} divides by n, as NumPy has it; PyTorch divides by n − 1, which is written {1}, ddof=1)",
)  # fmt: skip
DIFFERING = {"std": _DIVISOR, "var": _DIVISOR}


@lru_cache(maxsize=256)
def _squashed(functions: frozenset[str]) -> dict[str, str]:
    return {name.replace("_", "").lower(): name for name in functions if len(name) > 1}


def spelled_plainly(name: str, functions: Collection[str]) -> str:
    """The function that ``name`` spells in other capitals, as ReLU and LeakyReLU do; "" for none.

    >>> spelled_plainly("LeakyReLU", frozenset({"leaky_relu"})), spelled_plainly("Net", frozenset({"relu"}))
    ('leaky_relu', '')
    """
    return _squashed(frozenset(functions)).get(name.replace("_", "").lower(), "")
