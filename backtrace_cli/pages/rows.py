"""The rows of a trace's tables, in words."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LEAVES", "BackwardRow", "ForwardRow", "GraphRow", "TangentRow"]

#: What a node that computes nothing is called in the graph.
LEAVES = ("variable", "parameter")


class GraphRow(NamedTuple):
    """A name, what it is, who reads it."""

    name: str
    definition: str
    readers: str
    fork: bool
    shape: str = ""
    """``3×2`` in a trace of arrays."""


class ForwardRow(NamedTuple):
    """A forward step."""

    step: str
    name: str
    definition: str
    numbers: str
    value: str
    shape: str = ""


class BackwardRow(NamedTuple):
    """A backward message."""

    step: str
    through: str
    source: str
    target: str
    upstream: str
    local: str
    local_value: str
    """Empty where the local derivative is a number already."""
    adds: str
    total: str
    fork: str
    first: bool
    """The first message through its box?"""
    whole: bool = False
    """Is ``local`` the whole message, over the upstream gradient g, and not a factor of it?"""
    shape: str = ""
    """The shape of what is sent to the target."""


class TangentRow(NamedTuple):
    """A row of forward mode."""

    step: str
    left: str
    rule: str
    numbers: str
    value: str
    shape: str = ""
