"""The schema of the record: ``backtrace eval --json``."""

from __future__ import annotations

from typing import Any

from backtrace_cli.readings.report import SCHEMA_VERSION
from backtrace_cli.serving.schemas.check_schema import VERDICTS
from backtrace_cli.serving.schemas.schema_parts import (
    ANSWER,
    NAMED_VALUES,
    NUMBER,
    PLACE,
    TEXT,
    VALUE,
    WHOLE,
    either,
    listed,
    record,
    schema,
)

__all__ = ["record_schema"]

_OPTIONAL_TEXT = {"type": ["string", "null"]}
_LOCAL = record({"expression": TEXT, "value": VALUE})
_FORWARD = record(
    {"step": WHOLE, "node": TEXT, "op": TEXT, "args": listed(TEXT), "expression": TEXT, "value": VALUE},
    {"shape": PLACE},
    "A forward step.",
)
_BACKWARD = record(
    {
        "step": WHOLE,
        "from": TEXT,
        "to": TEXT,
        "slot": WHOLE,
        "upstream": VALUE,
        "local": _LOCAL,
        "contribution": VALUE,
        "total": VALUE,
        "fork": either({"type": "null"}, record({"index": WHOLE, "of": WHOLE})),
    },
    {"shape": PLACE},
    "A message going back.",
)
_NOTE = record({"kind": TEXT, "node": TEXT, "message": TEXT})
_TANGENT = record(
    {
        "direction": NAMED_VALUES,
        "value": VALUE,
        "steps": listed(
            record(
                {
                    "step": WHOLE,
                    "node": TEXT,
                    "value": VALUE,
                    "terms": listed(record({"to": TEXT, "local": _LOCAL, "tangent": VALUE})),
                }
            )
        ),
    }
)
_CHECK = record(
    {
        "variable": TEXT,
        "gradient": NUMBER,
        "verdict": {"enum": ["agrees", "differs", "undecided"]},
        "digits": WHOLE,
        "reason": _OPTIONAL_TEXT,
        "best_step": {"type": ["number", "string", "null"]},
        "sweep": listed(record({"h": NUMBER, "difference": NUMBER, "error": NUMBER})),
    }
)
_EXPAND = record(
    {
        "from": TEXT,
        "to": TEXT,
        "entries": listed(
            record(
                {
                    "entry": TEXT,
                    "value": VALUE,
                    "terms": listed(
                        record(
                            {
                                "through": TEXT,
                                "upstream": VALUE,
                                "local": _LOCAL,
                                "contribution": VALUE,
                            }
                        )
                    ),
                }
            )
        ),
    }
)
_CLOSED = record(
    {
        "variable": TEXT,
        "paths": TEXT,
        "lines": listed(record({"expression": TEXT, "why": TEXT})),
        "result": TEXT,
        "note": _OPTIONAL_TEXT,
    }
)


def record_schema() -> dict[str, Any]:
    """What ``backtrace eval --json`` prints, and ``Trace.to_dict`` gives."""
    required = {
        "schema_version": {"const": SCHEMA_VERSION},
        "formula": TEXT,
        "mode": {"enum": ["reverse", "forward"]},
        "arithmetic": TEXT,
        "at": NAMED_VALUES,
        "output": TEXT,
        "value": VALUE,
        "gradient": NAMED_VALUES,
        "forward": listed(_FORWARD),
        "backward": listed(_BACKWARD),
        "notes": listed(_NOTE),
    }
    optional = {
        "tangent": listed(_TANGENT),
        "check": listed(_CHECK),
        "cost": listed(record({"step": WHOLE, "node": TEXT, "forward": WHOLE, "backward": WHOLE})),
        "expand": listed(_EXPAND),
        "mine": listed(ANSWER),
        "closed_form": listed(_CLOSED),
        "paths": {"type": "object", "additionalProperties": listed(listed(TEXT))},
        "upstream": VALUE,
        **{name: {"type": "object"} for name in ("jacobian", "hessian", "second", "hvp")},
    }
    return schema(
        "record", "The record of a run of backtrace", record(required, optional), {"verdict": VERDICTS}
    )
