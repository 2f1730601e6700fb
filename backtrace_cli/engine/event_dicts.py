"""Steps, messages and tangents as plain data."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.events import ForwardStep, Message, plain
from backtrace_cli.engine.trace import Tangent
from backtrace_cli.language.tree.text import to_text

__all__ = ["forward_dict", "message_dict", "tangent_dict"]


def forward_dict(step: ForwardStep) -> dict[str, Any]:
    """A forward step."""
    return {
        "step": step.step, "node": step.node, "op": step.op, "args": list(step.args),
        "expression": to_text(step.expression, ascii=True), "value": plain(step.value),
        **_shape(step.value),
    }  # fmt: skip


def message_dict(message: Message) -> dict[str, Any]:
    """A backward message."""
    local = {"expression": to_text(message.local_expression, ascii=True), "value": plain(message.local)}
    fork = None if message.fork is None else {"index": message.fork[0], "of": message.fork[1]}
    return {
        "step": message.step, "from": message.source, "to": message.target, "slot": message.slot,
        "upstream": plain(message.upstream), "local": local,
        "contribution": plain(message.contribution), "total": plain(message.total), "fork": fork,
        **_shape(message.total),
    }  # fmt: skip


def _shape(value: Value) -> dict[str, Any]:
    """The shape of an array, which a nested list does not always tell."""
    return {"shape": list(value.shape)} if hasattr(value, "shape") else {}


def tangent_dict(tangent: Tangent) -> dict[str, Any]:
    """A table of forward mode."""
    rows = [
        {
            "step": step.step, "node": step.node,
            "terms": [
                {"to": arg, "local": {"expression": to_text(expr, ascii=True), "value": plain(local)},
                 "tangent": plain(value)}
                for expr, local, arg, value in step.terms
            ],
            "value": plain(step.value),
        }
        for step in tangent.steps
    ]  # fmt: skip
    direction = {name: plain(value) for name, value in tangent.direction.items()}
    return {"direction": direction, "steps": rows, "value": plain(tangent.value)}
