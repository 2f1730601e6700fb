"""A student's record as plain data and back; what comes from a file is made safe to show again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.grading.classroom.records import (
    VERDICTS,
    AnswerRecord,
    Correction,
    Evidence,
    FileRecord,
    Mark,
    Stray,
    StudentRecord,
)
from backtrace_cli.grading.exercise.worth import tidy
from backtrace_cli.grading.judging.verdict import RIGHT

__all__ = ["file_dict", "file_record", "points_of", "student_dict", "student_record"]

#: So deep a list goes in a point.
_MOST_AXES = 8


def student_dict(student: StudentRecord) -> dict[str, Any]:
    """A student's record as plain data; ``student_record`` reads it."""
    return {
        "student": student.name,
        "folder": student.folder,
        "files": [file_dict(file) for file in student.files],
        "strays": [stray._asdict() for stray in student.strays],
        "ids": dict(student.ids),
    } | ({} if student.mark is None else {"mark": student.mark._asdict()})


def student_record(data: Mapping[str, Any]) -> StudentRecord:
    """The record that ``student_dict`` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    strays = tuple(Stray(_name(stray["path"]), _name(stray["why"])) for stray in data["strays"])
    files = tuple(map(file_record, data["files"]))
    ids = tuple((_name(kind), _name(value)) for kind, value in data.get("ids", {}).items())
    mark = data.get("mark")
    found = None if mark is None else Mark(points_of(mark["points"]), points_of(mark["of"]),
                                           tuple(map(_text, mark["why"])))  # fmt: skip
    return StudentRecord(_name(data["student"]), _name(data["folder"]), files, strays, ids, found)


def file_dict(file: FileRecord) -> dict[str, Any]:
    """A file's record as plain data."""
    return {**file._asdict(), "answers": [_answer_dict(answer) for answer in file.answers]}


def file_record(data: Mapping[str, Any]) -> FileRecord:
    """The record that ``file_dict`` wrote."""
    return FileRecord(
        _name(data["exercise"]), _name(data["title"]), _name(data["path"]), _text(data["status"]),
        _name(data["reason"]), _text(data["details"]), tuple(map(_name, data["notes"])),
        tuple(map(_answer, data["answers"])), _text(data.get("variant", "")),
        tuple(map(_text, data.get("fits", ()))),
    )  # fmt: skip


def _answer_dict(answer: AnswerRecord) -> dict[str, Any]:
    found = answer._asdict()
    if answer.correction is None:
        del found["correction"]
    else:
        found["correction"] = answer.correction._asdict()
    if answer.witness is not None:
        found["witness"] = answer.witness._asdict()
        if not answer.witness.entry:
            del found["witness"]["entry"]
    return found


def _answer(data: Mapping[str, Any]) -> AnswerRecord:
    witness = data["witness"]
    verdict, points, of = _text(data["verdict"]), points_of(data["points"]), points_of(data["of"])
    if verdict not in VERDICTS or points not in (0, of) or (points and verdict != RIGHT):
        raise ValueError(f"{points} of {of} points for {verdict}")
    return AnswerRecord(
        _text(data["table"]), _text(data["key"]), verdict, points, of, int(data["line"]),
        _text(data["answer"]), bool(data["carried"]),
        None if data["mistake"] is None else _text(data["mistake"]), _text(data["words"]),
        None if witness is None else _evidence(witness),
        tuple(tuple(map(_text, names)) for names in data.get("explained", ())), _correction(data),
    )  # fmt: skip


def _correction(data: Mapping[str, Any]) -> Correction | None:
    found = data.get("correction")
    if found is None:
        return None
    return Correction(points_of(found["points"]), *(_text(found[key]) for key in ("reason", "by", "when")))


def points_of(value: Any) -> float:
    """A number of points from a file."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e12:
        raise ValueError(f"{value} points")
    return tidy(value)


def _evidence(data: Mapping[str, Any]) -> Evidence:
    at = {_text(name): _value(value, _MOST_AXES) for name, value in data["at"].items()}
    return Evidence(at, _number(data["yours"]), [int(place) for place in data.get("entry", ())])


def _value(value: Any, deep: int) -> Any:
    """A number, or nested lists of them."""
    if isinstance(value, list) and deep:
        return [_value(entry, deep - 1) for entry in value]
    return _number(value)


def _number(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, float)) else _text(value)


def _name(value: Any) -> str:
    """A name, or a sentence, that must not become two rows."""
    return visible_name(_text(value))


def _text(value: Any) -> str:
    """Text from a file, made safe again: a report to be merged may have been written by anybody."""
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} for text")
    return visible(value)
