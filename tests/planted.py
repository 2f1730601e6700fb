"""An op with a wrong rule in place of the right one, to see whether a checker notices."""

from __future__ import annotations

from typing import Any

import pytest

from backtrace_cli import ops
from backtrace_cli.ops import Op

__all__ = ["plant"]


def plant(monkeypatch: pytest.MonkeyPatch, op: Op, slot: int, factor: str = "1.001", field: str = "") -> Op:
    """Put ``op`` with its partial (or message) for ``slot`` times ``factor`` where the builder finds ops.

    ``field`` names another text of the declaration to spoil instead, such as ``tangents``.
    """

    def spoilt_one(rule: Any) -> Any:
        if callable(rule):
            return lambda *at: spoilt_one(rule(*at))
        return f"{factor}*({rule})" if isinstance(rule, str) else rule

    def spoilt(rules: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            spoilt_one(rule) if place == slot or op.variadic else rule for place, rule in enumerate(rules)
        )

    fields = {name: getattr(op, name) for name in Op.__match_args__}
    wrong = ("tangents", "steady") if field == "tangents" else ("partials", "messages", "stable")
    bad = Op(**(fields | {name: spoilt(getattr(op, name)) for name in wrong}))
    monkeypatch.setitem(ops.OPS, op.name, bad)
    for name, known in list(ops.BY_NAME.items()):
        monkeypatch.setitem(ops.BY_NAME, name, [bad if found is op else found for found in known])
    return bad
