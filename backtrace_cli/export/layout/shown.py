"""How much of a trace a picture shows: all of it, or what is known after some step."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.engine.trace import Trace

__all__ = ["Shown", "shown_upto", "state"]


class Shown(NamedTuple):
    """How much of a trace is shown: None is all of it."""

    values: Container[int] | None = None
    """Nodes whose values are known."""
    messages: Container[tuple[int, int]] | None = None
    """(reader, slot) of the messages that have been sent."""
    box: int | None = None
    """The node that is marked."""
    edge: tuple[int, int] | None = None
    """(reader, slot) of the edge that is marked."""
    discreet: bool = False
    """Is nothing to be marked that follows from values, such as a kink or what is not visited?"""


def shown_upto(trace: Trace, text: str) -> Shown:
    """What is known after ``forward:K`` or ``backward:K``, the step just made marked.

    Raises PointError where there is no such step.
    """
    word, _, count = text.partition(":")
    steps = {"forward": len(trace.graph.steps), "backward": len(trace.sent)}
    if word not in steps or not count.isdecimal() or not count.isascii() or len(count) > 12:
        raise PointError("--upto names a step of one of the two passes",
                         hint="write forward:3 or backward:5")  # fmt: skip
    number, most = int(count), steps[word]
    if number > most:
        steps_are = f"the {word} pass has {most} step{'' if most == 1 else 's'}"
        raise PointError(steps_are, hint=f"the last is {word}:{most}")
    if word == "forward":
        return state(trace, number, None)
    return state(trace, steps["forward"], number)


def state(trace: Trace, forward: int, backward: int | None) -> Shown:
    """What is known after so many forward steps, and so many messages (None before the first)."""
    graph = trace.graph
    if backward is None:
        values = {*graph.inputs.values(), *graph.steps[:forward]}
        return Shown(values, (), box=graph.steps[forward - 1] if forward else None)
    sent = trace.sent[:backward]
    last = (sent[-1].source, sent[-1].slot) if sent else None
    return Shown(None, {(one.source, one.slot) for one in sent}, last[0] if last else graph.output, last)
