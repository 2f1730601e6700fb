"""What a medium declares: how its files end, what it is, and the function that writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from backtrace_cli.export.layout.fitting import Picture

__all__ = ["Writer"]


class Writer(NamedTuple):
    """A medium. Its name is its file's."""

    ending: str
    """How a file of it ends: ``.svg``."""
    about: str
    """What it is, in a few words."""
    write: Callable[[Picture], str | bytes]
    """The picture in this medium. Raises BacktraceError where something for it is missing."""
    curves: bool = False
    """Does it draw a curve, too, where the picture has one?"""
