"""Where a file's numbers go wrong: the line and column of a .csv, the entry of a list in a .json."""

from __future__ import annotations

import json
from typing import Any

from backtrace_cli.base.lengths import shorten
from backtrace_cli.runs.files.columns import field_count, not_a_number, numbers_in
from backtrace_cli.runs.files.csv_rows import rows_of
from backtrace_cli.runs.files.refusals import fail

__all__ = ["refuse_csv", "refuse_json", "refuse_lists"]

_SAME = "numbers only, every row of the same length"


def refuse_csv(path: str) -> None:
    """Raise PointError at the first line of a .csv file that does not fit into one array of numbers.

    A line is what ``numpy.loadtxt`` takes for one: what stands behind # is a remark.
    """
    wide = 0
    with open(path, encoding="utf-8-sig", newline="") as file:
        for line, row in rows_of(path, file, ",", "#"):
            header = [str(place + 1) for place in range(len(row))]
            if not numbers_in(row):
                one = len(row) == 1 and numbers_in(row[0].replace(";", " ").split())
                hint = "separate the numbers with commas" if one else "put a number there"
                not_a_number(path, line, row, header, range(len(row)), hint)
            if wide and len(row) != wide:
                fail(
                    f"{path}, line {line} has {field_count(len(row))}, and the lines before it {wide}", _SAME
                )
            wide = len(row)
    if not wide:
        fail(f"{path} is empty", "put numbers into it, separated by commas")


def refuse_json(path: str, error: json.JSONDecodeError, example: str) -> None:
    """Raise PointError for a file that is no JSON, at the line and column where it stops to be any."""
    fail(f"{path}, line {error.lineno}, column {error.colno}: {error.msg.lower()}", example)


def refuse_lists(path: str, name: str, value: Any) -> None:
    """Raise PointError at the first entry of nested lists that keeps them from being one array of
    numbers. ``name`` is what the file calls the array, or nothing.

    >>> refuse_lists("d.json", "W", [[1, 2], [3, "x"]])
    Traceback (most recent call last):
    backtrace_cli.base.errors.PointError: d.json, W[1,1]: "x" is not a number
    put a number there
    """
    first: dict[int, tuple[str, Any]] = {}
    waiting: list[tuple[str, int, Any]] = [("", 0, value)]
    while waiting:
        place, depth, entry = waiting.pop()
        where = f"{path}, {shorten(name, 24)}{f'[{place}]' if place else ''}" if name or place else path
        if not isinstance(entry, list) and (why := _no_number(entry)):
            fail(f"{where}: {why}", "write 1e30" if "exponent" in why else "put a number there")
        other, model = first.setdefault(depth, (place, entry))
        if _words(entry, model) != _words(model, entry):
            fail(f"{where} {_words(entry, model)}, and [{other}] {_words(model, entry)}", _SAME)
        if isinstance(entry, list):
            front = f"{place}," if place else ""
            waiting += [(f"{front}{i}", depth + 1, part) for i, part in reversed([*enumerate(entry)])]


def _words(entry: Any, beside: Any) -> str:
    """What an entry is, to be told from the one beside it."""
    if not isinstance(entry, list):
        return "is a number"
    if not isinstance(beside, list):
        return "is a list"
    return f"has {len(entry)} {'entry' if len(entry) == 1 else 'entries'}"


def _no_number(entry: Any) -> str:
    """Why ``entry`` is none; nothing where it is one."""
    if isinstance(entry, (bool, float)):
        return ""
    if isinstance(entry, int):
        return "" if -(2**63) <= entry < 2**63 else "a number as large as this is written with an exponent"
    if isinstance(entry, str):
        return f'"{shorten(" ".join(entry.split()), 24)}" is not a number'
    return "null is not a number" if entry is None else "an object is not a number"
