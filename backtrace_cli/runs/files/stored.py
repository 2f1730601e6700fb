"""Arrays that another program stored, with the precision in which it computed them."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.runs.files.array_files import read_kept

__all__ = ["Stored", "read_stored"]

_TEXT = (".csv", ".json")
#: Numbers with so many significant digits have all that a double has, or a single.
_DOUBLE, _SINGLE = 15, 8


class Stored(NamedTuple):
    """An array of doubles, and what it was before."""

    array: Any
    precision: str
    """``float64``, ``float32``, ``float16``, ``bfloat16``; ``text`` of numbers with few digits."""


def read_stored(name: str, path: str) -> dict[str, Stored]:
    """The arrays in a .npy, .npz, .pt, .csv or .json file by name; of one that holds a single array
    without a name, that under ``name``. Raises PointError.
    """
    ending = os.path.splitext(path)[1]
    if ending in (".pt", ".pth"):
        from backtrace_cli.runs.files.torch_files import read_torch

        found: Any = read_torch(path)
    else:
        found = read_kept(name or path, path)
    if not isinstance(found, dict):
        if not name:
            raise PointError(f"{path} holds one array, without a name", hint=f'write "W = @{path}"')
        return {name: _stored(found, ending)}
    if not name:
        return {title: _stored(array, ending) for title, array in found.items()}
    if name not in found and len(found) != 1:
        has = ", ".join(shorten(key, 24) for key in list(found)[:8]) or "nothing"
        raise PointError(f"{path} has no array called {shorten(name, 24)}", hint=f"it holds {has}")
    return {name: _stored(found.get(name, next(iter(found.values()))), ending)}


def _stored(array: Any, ending: str) -> Stored:
    if isinstance(array, Stored):
        return array
    precision, double = str(array.dtype), array.astype(float)
    if ending in _TEXT:
        return Stored(double, _digits(double))
    return Stored(double, precision if precision in ("float32", "float16", "bfloat16") else "float64")


def _digits(array: Any) -> str:
    """The precision that numbers in a text were written with, by how many digits the longest has."""
    written = (repr(abs(one)).partition("e")[0] for one in array.ravel()[:500].tolist())
    most = max((len(one.replace(".", "").strip("0")) for one in written), default=0)
    return "float64" if most >= _DOUBLE else "float32" if most >= _SINGLE else "text"
