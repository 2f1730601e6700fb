"""What stands in a rule's place where an argument is sent nothing, and what becomes of entries."""

from __future__ import annotations

from enum import Enum

__all__ = [
    "ADDED", "AVERAGED", "CHOSEN", "COMPUTED", "COUNT", "COUNTED", "ENTRIES", "EVERYWHERE", "FLAT", "MOVED",
    "MULTIPLIED", "SHAPE", "Nothing",
]  # fmt: skip


class Nothing(Enum):
    """Why an argument is sent no message, and moves the output by no tangent."""

    COUNT = "it is read as a whole number, and no gradient passes one"
    """A class, an index, how many: it has no neighbours to move to."""
    SHAPE = "only its shape is read"
    FLAT = "the value is flat between its jumps"


COUNT, SHAPE, FLAT = Nothing.COUNT, Nothing.SHAPE, Nothing.FLAT

#: The condition of a kink that stands at every point, as where a gradient is stopped.
EVERYWHERE = "a == a"

#: What becomes of the entries in an op that mixes them.
MOVED, ADDED, AVERAGED, MULTIPLIED = "moved", "added", "averaged", "multiplied"
CHOSEN, COUNTED, COMPUTED = "chosen", "counted", "computed"
ENTRIES = {
    MOVED: "each entry of the result is one of the arguments', or 0",
    ADDED: "sums of entries, or of products of one entry of each argument, every term with a plus sign",
    AVERAGED: "such sums, each divided by how many they are",
    MULTIPLIED: "products of entries",
    CHOSEN: "each entry of the result is one of the arguments', which one their values decide",
    COUNTED: "whole numbers or places, to which nothing is sent back",
    COMPUTED: "anything else; it rounds",
}
