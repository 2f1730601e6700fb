"""Dialects of code: a file each, with the ``Dialect`` in ``DIALECT``; the file's name is the dialect's."""

from __future__ import annotations

import os
from importlib import import_module

from backtrace_cli.export.dialect import Dialect

__all__ = ["dialect", "dialects"]


def dialects() -> list[str]:
    """The names of the dialects, in the order of the alphabet."""
    files = [name for folder in __path__ for name in os.listdir(folder)]
    return sorted({name[:-3] for name in files if name.endswith(".py") and name[0] != "_"})


def dialect(name: str) -> Dialect:
    """The dialect called ``name``; KeyError where there is none."""
    if name not in dialects():
        raise KeyError(name)
    found: Dialect = import_module(f"{__name__}.{name}").DIALECT
    return found
