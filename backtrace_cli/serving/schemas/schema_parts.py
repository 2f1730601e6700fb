"""What several JSON Schemas are made of."""

from __future__ import annotations

from typing import Any

__all__ = [
    "ANSWER",
    "NAMED_VALUES",
    "NUMBER",
    "PLACE",
    "TEXT",
    "VALUE",
    "WHOLE",
    "either",
    "listed",
    "record",
    "schema",
]

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
YES_NO: dict[str, Any] = {"type": "boolean"}
#: A number; where it is none, or is a fraction or a formula, a text.
NUMBER: dict[str, Any] = {"type": ["number", "string"]}
VALUE: dict[str, Any] = {"$ref": "#/$defs/value"}
NAMED_VALUES: dict[str, Any] = {"type": "object", "additionalProperties": VALUE}
PLACE: dict[str, Any] = {"type": "array", "items": WHOLE}


def either(*kinds: dict[str, Any]) -> dict[str, Any]:
    """One of several."""
    return {"anyOf": list(kinds)}


def listed(item: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A list of ``item``."""
    return {"type": "array", "items": item, **more}


def record(
    required: dict[str, Any], optional: dict[str, Any] | None = None, words: str = ""
) -> dict[str, Any]:
    """An object with these keys, and with others that later versions add."""
    found: dict[str, Any] = {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
    }
    return {"description": words, **found} if words else found


def schema(name: str, title: str, body: dict[str, Any], defs: dict[str, Any] | None = None) -> dict[str, Any]:
    """A whole schema of draft 2020-12."""
    value = {
        "description": "A number; the text inf, -inf or nan; a fraction or a formula as text; a list of "
        "these; null where there is none.",
        "anyOf": [{"type": ["number", "string", "boolean", "null"]}, {"type": "array", "items": VALUE}],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:backtrace-cli:schema:{name}:1",
        "title": title,
        **body,
        "$defs": {"value": value, **(defs or {})},
    }


#: An answer with its verdict, as check and --mine have it.
ANSWER = record(
    {
        "table": TEXT,
        "key": TEXT,
        "answer": TEXT,
        "verdict": {"$ref": "#/$defs/verdict"},
        "holds": {"enum": ["everywhere", "at the point", None]},
        "carried": YES_NO,
        "mistake": {"type": ["string", "null"]},
        "witness": either(
            {"type": "null"}, record({"at": NAMED_VALUES, "yours": VALUE}, {"entry": PLACE, "trace": VALUE})
        ),
        "words": {"type": ["string", "null"]},
    },
    {"file": TEXT, "line": WHOLE},
)
