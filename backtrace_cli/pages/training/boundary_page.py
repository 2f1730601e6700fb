"""Where one class ends and the next begins: in characters, as a sentence, and as part of a run's picture."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import numeral
from backtrace_cli.base.safe_text import visible
from backtrace_cli.export.pictures.svg import STYLE
from backtrace_cli.export.plots.run_svg import Area, run_svg
from backtrace_cli.pages.layout import QUIET, VALUE, Screen, heading
from backtrace_cli.training.examples import Examples
from backtrace_cli.training.predicting.boundary import Boundary, boundary_of
from backtrace_cli.training.predicting.predictor import Predictor
from backtrace_cli.training.training import Training

__all__ = ["boundary_sentence", "print_boundary", "run_picture"]

#: What stands for the area of a class, and for an example in it. A class beyond these begins anew.
_AREAS, _AREAS_ASCII = " ░▒▓┼╱", " .:=+/"
_MARKS = "0123456789"
#: The grid of a picture.
_GRID = (160, 120)


def print_boundary(screen: Screen, predictor: Predictor, examples: Examples, high: int = 18) -> None:
    """The rectangle of two inputs: a shade for each class, and each example as its class's number."""
    wide = min(screen.width, 90) - 14
    boundary = boundary_of(predictor, examples, wide, high)
    areas = _AREAS_ASCII if screen.ascii else _AREAS
    heading(screen, "Boundary", f"{boundary.names[1]} over {boundary.names[0]}")
    marks = _placed(boundary, wide, high)
    for row, classes in enumerate(boundary.grid):
        label = boundary.high[1] if not row else boundary.low[1] if row == high - 1 else None
        text = "" if label is None else numeral(label, 3, ascii=screen.ascii)
        parts = [(f"{text:>10} " + ("|" if screen.ascii else "│"), "")]
        for column, number in enumerate(classes):
            mark = marks.get((row, column))
            parts.append(
                (_MARKS[mark % 10], VALUE) if mark is not None else (areas[number % len(areas)], QUIET)
            )
        screen.parts(_joined(parts))
    screen.parts([(" " * 11 + ("+" if screen.ascii else "└") + ("-" if screen.ascii else "─") * wide, "")])
    left, right = (numeral(end[0], 3, ascii=screen.ascii) for end in (boundary.low, boundary.high))
    screen.parts([(" " * 12 + left + right.rjust(wide - len(left)), "")])
    for number in boundary.classes:
        area = areas[number % len(areas)] * 3
        screen.parts([(f"{'':11} {area}", QUIET), (f" {_MARKS[number % 10]} ", VALUE),
                      (shorten(visible(boundary.label(number)), 40), "")])  # fmt: skip


def _placed(boundary: Boundary, wide: int, high: int) -> dict[tuple[int, int], int]:
    """The class of the last example in each cell."""
    found = {}
    for x, y, number in boundary.points:
        column = int((x - boundary.low[0]) / (boundary.high[0] - boundary.low[0]) * wide)
        row = int((boundary.high[1] - y) / (boundary.high[1] - boundary.low[1]) * high)
        found[row, column] = number
    return found


def _joined(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbouring pieces of one style as one."""
    found: list[tuple[str, str]] = []
    for text, style in parts:
        if found and found[-1][1] == style:
            found[-1] = (found[-1][0] + text, style)
        else:
            found.append((text, style))
    return found


def boundary_sentence(predictor: Predictor, examples: Examples) -> Iterator[str]:
    """How much of the rectangle each class has."""
    boundary = boundary_of(predictor, examples, 60, 60)
    cells = [cell for row in boundary.grid for cell in row]
    for number in boundary.classes:
        share = numeral(100 * cells.count(number) / len(cells), 2, ascii=True)
        extents = zip(boundary.names, boundary.low, boundary.high, strict=True)
        ends = (f"{n} from {numeral(a, 3, ascii=True)} to {numeral(b, 3, ascii=True)}" for n, a, b in extents)
        yield f"{boundary.label(number)}: {share} percent of {' and '.join(ends)}"


def run_picture(
    training: Training | None, predictor: Predictor | None, examples: Examples | None, title: str
) -> str:
    """The picture of a run, or of a predictor alone, as SVG."""
    area: Area | None = None
    if predictor is not None and examples is not None:
        found = boundary_of(predictor, examples, *_GRID)
        labels = {number: found.label(number) for number in found.classes}
        area = found.names, found.low, found.high, found.grid, found.points, labels
    losses = training.losses if training is not None else ()
    done = training.updates / training.batches if training is not None else 0
    return run_svg(title, losses, ("epoch 0", f"epoch {numeral(done, 6)}"), area, STYLE)
