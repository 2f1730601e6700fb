"""A vector has no sides here, but ``a @ b.T`` of two vectors says that they are columns."""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.ops import OPS, Op

__all__ = ["column_times_row"]


def column_times_row(
    op: Op | None, right: Op | None, shapes: Sequence[tuple[int, ...]], columns: bool
) -> Op | None:
    """The outer product, where ``op`` is the product of one vector and another that is turned by ``right``:
    with ``columns`` always, else where their lengths leave nothing else. None for any other op.

    >>> found = column_times_row(OPS["matmul"], OPS["transpose"], [(2,), (3,)], False)
    >>> found.name
    'outer'
    """
    if op is None or op.called != "matmul" or right is not OPS["transpose"]:
        return None
    vectors = [len(shape) for shape in shapes] == [1, 1]
    return OPS["outer"] if vectors and (columns or shapes[0] != shapes[1]) else None
