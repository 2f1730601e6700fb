"""The media a graph can be drawn in: a file each, with its declaration in ``WRITER``; a file that begins
with an underscore helps them."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backtrace_cli.export.layout.writer import Writer

__all__ = ["names", "writer"]


def names() -> list[str]:
    """Every medium, by its name."""
    return sorted(found.name for found in iter_modules(__path__) if found.name[0] != "_")


def writer(name: str) -> Writer:
    """The declaration of a medium."""
    found: Writer = import_module(f"{__name__}.{name}").WRITER
    return found
