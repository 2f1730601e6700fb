"""A picture in characters, as it stands in a terminal or a text file."""

from __future__ import annotations

from backtrace_cli.export.layout.canvas import Canvas
from backtrace_cli.export.layout.fitting import Picture
from backtrace_cli.export.layout.writer import Writer

__all__ = ["WRITER"]

_WIDTH = 80


def _write(picture: Picture) -> str:
    layout = picture.fitted(_WIDTH)
    rows = ["".join(text for text, _ in row).rstrip() for row in Canvas(layout, picture.words.ascii).rows()]
    legend = [f"  {mark} {text}" for mark, text in layout.scene.legend]
    return "\n".join([*rows, *([""] if legend else []), *legend]) + "\n"


WRITER = Writer(".txt", "characters, 80 columns", _write)
