"""What a trained formula predicts as a page: how often it is right, class against class."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import numeral
from backtrace_cli.base.safe_text import visible
from backtrace_cli.engine.events import plain
from backtrace_cli.pages.document import (
    HEADING,
    QUIET,
    VALUE,
    Block,
    Column,
    Heading,
    Paragraph,
    Space,
    Table,
)  # fmt: skip
from backtrace_cli.pages.wording import Wording
from backtrace_cli.training.predicting.predictor import Predicted, confusion

__all__ = ["confusion_blocks", "prediction_csv", "prediction_dict", "prediction_page"]


def prediction_page(predicted: Predicted, files: Sequence[str]) -> Iterator[Block]:
    """Each example with what is predicted of it, then how often that is right."""
    count = len(predicted.values)
    where = visible(" and ".join(files))
    yield Space()
    words = f"{_short(predicted.name)} of {count:,} examples"
    yield Paragraph([(words, HEADING), (f"   from {where}", "")], said=f"{words} from {where}")
    yield Space()
    yield _table(predicted)
    if predicted.truth is not None and predicted.truth.ndim == 1:
        yield from _judged(predicted)
    yield from confusion_blocks(confusion(predicted), predicted)


def _table(predicted: Predicted) -> Table:
    says = "class" if predicted.classes is not None else _short(predicted.name)
    columns = [Column("", right=True), Column(says, right=predicted.classes is None, style=VALUE, keep=True)]
    if predicted.shares is not None:
        columns.append(Column("sure", right=True, lead="sure ", keep=True))
    beside = predicted.truth is not None and predicted.truth.ndim == 1
    if beside:
        columns.append(Column("is", right=predicted.classes is None, lead="is ", keep=True))
        if predicted.classes is not None:
            columns.append(Column("", keep=True))

    def rows(wording: Wording) -> Iterator[list[str]]:
        for place in range(len(predicted.values)):
            row = [str(place + 1), _said(predicted, place, wording.ascii)]
            if predicted.shares is not None:
                row.append(numeral(float(predicted.shares[place]), 3, ascii=wording.ascii))
            if beside and predicted.classes is None:
                row.append(numeral(float(predicted.truth[place]), 4, ascii=wording.ascii))
            elif beside:
                row += [
                    _short(predicted.label(predicted.truth[place])),
                    "" if _right(predicted, place) else "wrong",
                ]
            yield row

    def said(wording: Wording) -> Iterator[str]:
        for row in rows(wording):
            number, what, *rest = row
            sure = f", sure {rest.pop(0)}" if predicted.shares is not None else ""
            truth = f", is {rest.pop(0)}" if beside else ""
            yield f"example {number}: {what}{sure}{truth}" + (f", {rest[0]}" if rest and rest[0] else "")

    return Table(columns, rows, said)


def _said(predicted: Predicted, place: int, ascii: bool = False) -> str:
    """What is predicted of one example."""
    if predicted.classes is not None:
        return _short(predicted.label(predicted.classes[place]))
    value = predicted.values[place]
    return numeral(value if value.ndim else float(value), 4, ascii=ascii)


def _right(predicted: Predicted, place: int) -> bool:
    return bool(predicted.classes[place] == predicted.truth[place])


def _judged(predicted: Predicted) -> Iterator[Block]:
    """How well the predictions fit what the data say."""
    count = len(predicted.values)
    if predicted.classes is not None:
        right = sum(_right(predicted, place) for place in range(count))
        words = f"{right:,} of {count:,} right, {numeral(right / count, 4)} of them all"
    elif predicted.values.ndim == 1:
        off = predicted.values - predicted.truth
        far, square = numeral(float(abs(off).mean()), 4), numeral(float((off**2).mean()), 4)
        words = f"off by {far} on average, mean square {square}"
    else:
        return
    yield Space()
    yield Paragraph([(words, "")], said=words)


def confusion_blocks(counts: list[list[int]], predicted: Predicted, over: str = "") -> Iterator[Block]:
    """The table of classes against classes: a row for what it is, a column for what it was taken for."""
    if not counts:
        return
    names = [_short(predicted.label(place), 16) for place in range(len(counts))]
    taken = (Column(name, right=True, lead=f"taken for {name}: ", keep=True) for name in names)
    right = Column("right", right=True, style=QUIET, lead="right: ", keep=True)
    columns = [Column("is"), *taken, right]

    def rows(wording: Wording) -> Iterator[list[str]]:
        for place, row in enumerate(counts):
            share = numeral(row[place] / sum(row), 3, ascii=wording.ascii) if sum(row) else ""
            yield [names[place], *map(str, row), share]

    def said(wording: Wording) -> Iterator[str]:
        for place, row in enumerate(counts):
            wrong = [f"{n} taken for {names[other]}" for other, n in enumerate(row) if n and other != place]
            yield ", ".join([f"{names[place]}: {row[place]} of {sum(row)} right", *wrong])

    yield Heading("Confusion", [f"a row for the class it is, a column for what it was taken for{over}"])
    yield Table(columns, rows, said)


def prediction_csv(predicted: Predicted) -> str:
    """The predictions as a file of columns."""
    found = io.StringIO()
    write = csv.writer(found, lineterminator="\n").writerow
    wide = predicted.values.shape[1] if predicted.values.ndim == 2 else 0
    titles = [f"{predicted.name}{n}" for n in range(wide)] or [predicted.name]
    more = ["class"] * (predicted.classes is not None) + ["sure"] * (predicted.shares is not None)
    write([*titles, *more])
    for place, value in enumerate(predicted.values):
        row: list[Any] = [repr(float(entry)) for entry in (value if wide else [value])]
        if predicted.classes is not None:
            row.append(predicted.label(predicted.classes[place]))
        if predicted.shares is not None:
            row.append(repr(float(predicted.shares[place])))
        write(row)
    return found.getvalue()


def prediction_dict(predicted: Predicted, files: Sequence[str]) -> dict[str, Any]:
    """The predictions as JSON has them (see docs/training.md). It only ever grows."""
    counts = confusion(predicted)
    right = sum(row[place] for place, row in enumerate(counts))
    classes = predicted.classes
    return {
        "schema_version": 1,
        "name": predicted.name,
        "files": list(files),
        "examples": len(predicted.values),
        "values": plain(predicted.values),
        "classes": None if classes is None else [predicted.label(one) for one in classes],
        "sure": None if predicted.shares is None else plain(predicted.shares),
        "labels": list(predicted.labels),
        "right": right if counts else None,
        "confusion": counts,
    }


def _short(text: str, most: int = 24) -> str:
    return shorten(visible(text), most)
