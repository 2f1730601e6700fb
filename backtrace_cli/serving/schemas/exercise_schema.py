"""The schema of an exercise file, by which editors complete and check it."""

from __future__ import annotations

from typing import Any

from backtrace_cli.grading.exercise.exercise import FIELDS, MOST_ANSWER
from backtrace_cli.grading.exercise.judging_keys import CHOICES, DIGITS
from backtrace_cli.grading.exercise.question_keys import TABLES
from backtrace_cli.readings.questions import KINDS
from backtrace_cli.serving.schemas.schema_parts import TEXT, either, listed, schema

__all__ = ["exercise_schema"]

_NUMBER = {"type": "number"}
#: A list as long and deep as it has to be.
_LIST = {"type": "array", "items": {"anyOf": [{"type": ["number", "string"]}, {"$ref": "#/$defs/list"}]}}
_BLANK = {
    "description": "A blank, a number, an expression over the exercise's names, or a list of these.",
    "anyOf": [{"type": "string", "maxLength": MOST_ANSWER}, _NUMBER, {"$ref": "#/$defs/list"}],
}
_VALUE = either({"type": ["number", "string"]}, {"$ref": "#/$defs/list"})
_POINT = {"anyOf": [TEXT, {"type": "object", "additionalProperties": _VALUE}]}
_WORDS = {
    "title": "What the page is called; the file's name where it is missing.",
    "formula": "The formula, in backtrace's language.",
    "at": "The point: { x = 2, y = 3 }, or text.",
    "hints": "Hints, each saying more than the one before.",
    "points": "Points for each answer: a number, or a table of them.",
    "tags": "Words by which a course can be searched.",
    "why": "One sentence: why does this matter?",
    "given": "Data: variables that keep their values wherever an answer is tried.",
    "assume": 'What the variables are: { A = "symmetric", b = "> 0" }.',
    "lines": "A worked solution, one line of it wrong.",
    "wrong": "Which line is wrong; the student fills it in.",
    "mended": "What that line should say; the student fills it in.",
    "derive": "The nodes whose gradients the derivation has to arrive at.",
    "derivation": "A backward pass of several lines, which the student writes.",
    "lint": "Why the author means it to catch fewer mistakes than others.",
    "variants": "What varies from student to student.",
    "answers": "Numbers, formulas, or either.",
    "digits": "A number may be rounded to so many significant digits.",
    "kink": "At a kink: the slope that the trace takes, or any between the sides.",
    "here": "What is right where it holds at the exercise's own point alone.",
    "carry": "From which of a student's own values later steps are carried.",
}


def exercise_schema() -> dict[str, Any]:
    """What a file of an exercise may hold: its keys, tables and choices as they are declared."""
    least, most = DIGITS
    points = {"type": "number", "minimum": 0, "maximum": 1_000_000}
    line = {
        "type": "object",
        "required": ["table", "key", "claim"],
        "properties": {"table": {"enum": list(TABLES)}, "key": TEXT, "claim": _BLANK, "text": TEXT},
    }
    kinds: dict[str, dict[str, Any]] = {
        "at": _POINT,
        "hints": listed(TEXT),
        "tags": listed(TEXT),
        "given": listed(TEXT),
        "points": either(points, {"type": "object", "additionalProperties": points}),
        "derive": listed(TEXT),
        "digits": {"type": "integer", "minimum": least, "maximum": most},
        "assume": {"type": "object", "additionalProperties": TEXT},
        "lines": listed(line),
        "wrong": _VALUE,
        "mended": _BLANK,
        "variants": {"type": "object"},
        "lint": {"type": "object", "properties": {"reason": TEXT}, "additionalProperties": False},
        **{name: {"enum": list(choices)} for name, choices in CHOICES.items()},
    }
    properties: dict[str, Any] = {}
    for name in sorted(FIELDS - TABLES.keys()):
        properties[name] = {"description": _WORDS[name], **kinds.get(name, TEXT)}
    for name in TABLES:
        kind = KINDS[name]
        example = f"A key: {kind.example}." if kind.example else "A key is the name of a node."
        properties[name] = {
            "description": f"{kind.heading.removeprefix('# ')}. {example}",
            "type": "object",
            "additionalProperties": _BLANK,
        }
    body = {
        "type": "object",
        "required": ["formula"],
        "properties": properties,
        "additionalProperties": False,
    }
    return schema("exercise", "An exercise of backtrace", body, {"list": _LIST})
