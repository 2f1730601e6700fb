"""The schemas as they are published: in the package, and by ``backtrace schema``."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from backtrace_cli.serving.schemas.check_schema import check_schema
from backtrace_cli.serving.schemas.exercise_schema import exercise_schema
from backtrace_cli.serving.schemas.record_schema import record_schema

__all__ = ["SCHEMAS", "written"]

SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "check": check_schema,
    "exercise": exercise_schema,
    "record": record_schema,
}


def written(name: str) -> str:
    """The schema ``name`` as a file holds it.

    >>> written("record").splitlines()[1]
    '  "$schema": "https://json-schema.org/draft/2020-12/schema",'
    """
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n"
