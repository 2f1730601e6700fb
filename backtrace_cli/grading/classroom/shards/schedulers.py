"""How a machine learns which part of the class is its own: what each scheduler says by the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible

__all__ = ["MOST", "SCHEDULERS", "VARIABLE", "Scheduler", "own_shard"]

#: Names this part where no scheduler does, as 2/5: for a matrix of GitHub's, or by hand.
VARIABLE = "BACKTRACE_SHARD"
#: More parts than this are a slip.
MOST = 10_000


class Scheduler(NamedTuple):
    """One scheduler's variables."""

    title: str
    place: str
    first: str = ""
    """The variable with the index of the first; empty where ``base`` is it."""
    base: int = 0
    step: str = ""
    """The variable with the distance of two indices."""
    total: str = ""
    """The variable with how many there are; empty where it has to be given."""


SCHEDULERS = (
    Scheduler("Slurm", "SLURM_ARRAY_TASK_ID", first="SLURM_ARRAY_TASK_MIN", step="SLURM_ARRAY_TASK_STEP",
              total="SLURM_ARRAY_TASK_COUNT"),
    Scheduler("Kubernetes", "JOB_COMPLETION_INDEX"),
    Scheduler("GitLab", "CI_NODE_INDEX", base=1, total="CI_NODE_TOTAL"),
)  # fmt: skip


def own_shard(count: int = 0, environ: Mapping[str, str] | None = None) -> tuple[int, int]:
    """(number from 1, of how many) of this machine's part; ``count`` of them, where that was given.

    Raises BacktraceError where nobody says it, two say it differently, or what is said makes no sense.

    >>> own_shard(0, {"CI_NODE_INDEX": "3", "CI_NODE_TOTAL": "5"})
    (3, 5)
    >>> own_shard(20, {"JOB_COMPLETION_INDEX": "0"})
    (1, 20)
    """
    said = os.environ if environ is None else environ
    if said.get(VARIABLE):
        own, slash, total = said[VARIABLE].partition("/")
        found = {VARIABLE: (_whole(own, VARIABLE), _whole(total, VARIABLE) if slash else count)}
    else:
        found = {one.title: _told(one, count, said) for one in SCHEDULERS if said.get(one.place)}
    if not found:
        names = ", ".join(one.place for one in SCHEDULERS)
        raise BacktraceError(f"nobody says which part this is: none of {names}, {VARIABLE} is set",
                             hint=f"give it: --shard 2/5, or {VARIABLE}=2/5")  # fmt: skip
    if len(set(found.values())) > 1:
        told = " and ".join(f"{who} says {number}/{of}" for who, (number, of) in found.items())
        raise BacktraceError(f"two schedulers say which part this is: {told}", hint="give it: --shard 2/5")
    who, (number, of) = next(iter(found.items()))
    if not of:
        raise BacktraceError(f"{who} does not say how many parts there are", hint="give it: --shard auto/20")
    if count and of != count:
        raise BacktraceError(f"{who} says that there are {of} parts, and {count} are given",
                             hint="leave the number out: --shard auto")  # fmt: skip
    if not 1 <= number <= of <= MOST:
        raise BacktraceError(f"{who} says that this is part {number} of {of}",
                             hint=f"an array has no gaps, and at most {MOST:,} parts")  # fmt: skip
    return number, of


def _told(one: Scheduler, count: int, said: Mapping[str, str]) -> tuple[int, int]:
    index = _whole(said[one.place], one.place)
    first = _whole(said[one.first], one.first) if said.get(one.first) else one.base
    step = _whole(said[one.step], one.step) if said.get(one.step) else 1
    of = _whole(said[one.total], one.total) if said.get(one.total) else count
    if step < 1 or (index - first) % step:
        raise BacktraceError(f"{one.place} is {index}, which is no step of {step} from {first}",
                             hint="give it: --shard 2/5")  # fmt: skip
    return (index - first) // step + 1, of


def _whole(text: str, name: str) -> int:
    if not (text.strip().isascii() and text.strip().isdecimal() and len(text.strip()) < 10):
        shown = visible(text[:40])
        raise BacktraceError(f"{name} is {shown}, which says no part", hint="give it: --shard 2/5")
    return int(text)
