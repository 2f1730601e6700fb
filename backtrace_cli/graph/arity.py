"""What a function is refused for that is given too many arguments or too few."""

from __future__ import annotations

from backtrace_cli.ops import Op, find

__all__ = ["count_words", "refusal"]

#: More arguments than this are any number of them.
_COUNTED = 10


def refusal(name: str, given: int) -> tuple[str, str]:
    """Message and hint for the function ``name`` called with ``given`` arguments too many or too few.

    >>> refusal("log", 3)[0]
    'log takes 1 or 2 arguments, 3 given'
    """
    found = {op.name: op for count in range(1, _COUNTED) if (op := find(name, count))}
    counts = [count for count in range(1, _COUNTED) if find(name, count)]
    if all(op.options and not op.options.startswith("*") for op in found.values()):
        counts = sorted({op.arity for op in found.values()})  # options go by their names
    uses = [f"{name}({', '.join((*op.arg_names, *_options(op)))}): {op.doc}" for op in found.values()]
    return f"{name} takes {count_words(counts)}, {given} given", "\n".join(uses)


def _options(op: Op) -> list[str]:
    return [part.lstrip("*") for part in op.options.split()]


def count_words(counts: list[int]) -> str:
    """How many arguments: ``1 or 2 arguments``.

    >>> count_words([1, 2])
    '1 or 2 arguments'
    """
    if len(counts) > 2 and counts == list(range(counts[0], _COUNTED)):
        return f"{counts[0]} or more arguments"
    words = " or ".join(str(count) for count in counts)
    return f"{words} argument" if counts == [1] else f"{words} arguments"
