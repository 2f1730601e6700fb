"""What a class got wrong, for programs: one JSON document, or a CSV with a row an answer."""

from __future__ import annotations

import csv
import json
from typing import IO, Any

from backtrace_cli.grading.classroom.record_words import cell, stem
from backtrace_cli.grading.statistics.class_statistics import ClassStatistics, Learner, Made
from backtrace_cli.grading.statistics.items import Item

__all__ = ["SCHEMA", "class_dict", "write_class_csv", "write_class_json"]

#: The version of the JSON. It only ever grows: fields are added, never changed.
SCHEMA = 1
_DIGITS = 6


def class_dict(found: ClassStatistics, names: bool = True) -> dict[str, Any]:
    """Everything as plain data; without ``names`` how many it was, and nobody alone."""
    document = {
        "schema_version": SCHEMA,
        "report": "class",
        "anonymous": not names,
        "students": found.students,
        "absent": found.absent,
        "answers": found.answers,
        "wrong": found.wrong,
        "unexplained": found.unexplained,
        "mistakes": [_made(one, names) for one in found.mistakes],
        "items": [_item(one) for one in found.items],
        "chapters": [
            {"chapter": one.name, "right": one.right, "tried": one.tried, "absent": one.absent,
             "needed_by": len(one.who)} | ({"who": list(one.who)} if names else {})
            for one in found.chapters
        ],
    }  # fmt: skip
    if names:
        document["learners"] = [_learner(one) for one in found.learners]
        document["put_right"] = [one._asdict() for one in found.put_right]
    return document


def write_class_json(found: ClassStatistics, file: IO[str], names: bool = True) -> None:
    """The JSON document."""
    json.dump(class_dict(found, names), file, ensure_ascii=False, allow_nan=False, indent=1)
    file.write("\n")


def write_class_csv(found: ClassStatistics, file: IO[str]) -> None:
    """A row an answer: how many tried it and were right, how well it tells apart, what went wrong most."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["exercise", "table", "key", "tried", "right", "wrong", "blank", "difficulty",
                   "discrimination", "commonest wrong", "times", "explained by"])  # fmt: skip
    for item in found.items:
        common = item.common[0] if item.common else None
        rows.writerow([
            cell(stem(item.exercise)), item.table, cell(item.key), item.tried, item.right, item.wrong,
            item.blank, "" if not item.tried else round(item.facility, _DIGITS),
            "" if item.discrimination is None else round(item.discrimination, _DIGITS),
            cell(common.text) if common else "", common.times if common else "",
            " and ".join(common.mistakes) if common else "",
        ])  # fmt: skip


def _made(one: Made, names: bool) -> dict[str, Any]:
    found = {
        "mistake": one.mistake,
        "title": one.title,
        "answers": one.answers,
        "students": len(one.who),
        "places": [place._asdict() for place in one.where],
    }
    return found | ({"who": list(one.who)} if names else {})


def _item(one: Item) -> dict[str, Any]:
    return {
        "exercise": one.exercise, "table": one.table, "key": one.key,
        "tried": one.tried, "right": one.right, "wrong": one.wrong, "blank": one.blank,
        "difficulty": round(one.facility, _DIGITS) if one.tried else None,
        "discrimination": None if one.discrimination is None else round(one.discrimination, _DIGITS),
        "wrong_answers": [
            {"answer": wrong.text, "students": wrong.times, "mistakes": list(wrong.mistakes)}
            for wrong in one.common
        ],
    }  # fmt: skip


def _learner(one: Learner) -> dict[str, Any]:
    return {
        "student": one.student,
        "right": one.right,
        "of": one.of,
        "mistakes": [
            {"mistake": made.mistake, "answers": made.answers, "exercises": list(made.exercises)}
            for made in one.mistakes
        ],
        "chapters": list(one.chapters),
    }
