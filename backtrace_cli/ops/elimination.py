"""Determinants and inverses: LAPACK's for doubles, exact ones where entries are whole, and elimination
over any other numbers, such as those of many digits."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

__all__ = ["cofactors_array", "det_array", "inv_array", "logabsdet", "solve_array"]

#: A matrix of whole numbers up to this size is worked out in fractions, and rounded once.
_MOST_EXACT = 6
#: Larger numbers than this are not worth it.
_LARGEST = 2.0**31


def _rows(a: Any) -> list[list[Any]] | None:
    """The entries as exact fractions where they are whole, as they are where NumPy has no number for
    them; None for doubles."""
    import numpy as np

    if a.dtype == object:
        return [list(row) for row in a]
    small = max(a.shape) <= _MOST_EXACT and bool(np.all(np.abs(a) < _LARGEST))
    if small and bool(np.all(a == np.floor(a))):
        return [[Fraction(int(entry)) for entry in row] for row in a]
    return None


def _reduced(rows: list[list[Any]], size: int) -> Any:
    """Gauss and Jordan's elimination in place, the largest pivot first; the determinant."""
    det: Any = 1
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        if rows[pivot][column] == 0:
            return rows[pivot][column]
        if pivot != column:
            rows[column], rows[pivot] = rows[pivot], rows[column]
            det = -det
        top = rows[column][column]
        det = det * top
        rows[column] = [entry / top for entry in rows[column]]
        for row in range(size):
            factor = rows[row][column]
            if row != column and factor != 0:
                rows[row] = [x - factor * y for x, y in zip(rows[row], rows[column], strict=True)]
    return det


def det_array(a: Any) -> Any:
    """The determinant."""
    import numpy as np

    a = np.asarray(a)
    rows = _rows(a) if a.size else None
    if rows is None:
        return np.linalg.det(a)
    found = _reduced(rows, len(rows))
    return found if a.dtype == object else float(found)


def solve_array(a: Any, b: Any) -> Any:
    """x with a @ x = b; nan where a is singular."""
    import numpy as np

    a, b = np.asarray(a), np.asarray(b)
    right = b.reshape(len(a), -1)
    rows = _rows(a) if a.size and right.size else None
    others = _rows(right) if rows is not None else None
    if rows is None or others is None:
        try:
            return np.linalg.solve(a, b)
        except np.linalg.LinAlgError:
            return np.full(b.shape, np.nan)
    both = [[*row, *other] for row, other in zip(rows, others, strict=True)]
    if _reduced(both, len(a)) == 0:
        return np.full(b.shape, np.nan)
    kind = object if a.dtype == object else float
    return np.array([row[len(a) :] for row in both], dtype=kind).reshape(b.shape)


def inv_array(a: Any) -> Any:
    """The inverse; nan where there is none."""
    import numpy as np

    a = np.asarray(a)
    return solve_array(a, np.eye(len(a), dtype=a.dtype if a.dtype == object else float))


def cofactors_array(a: Any) -> Any:
    """Each entry's cofactor, the slope of the determinant in it, of singular matrices too."""
    import numpy as np

    a = np.asarray(a)
    if not a.size:
        return np.zeros(a.shape)
    if _rows(a) is None:  # a = u·diag(s)·v: the cofactors are those of three factors
        u, s, v = np.linalg.svd(a)
        others = np.array([np.prod(np.delete(s, k)) for k in range(len(s))])
        return np.linalg.det(u) * np.linalg.det(v) * (u * others) @ v
    found = np.empty(a.shape, dtype=object if a.dtype == object else float)
    for i, j in np.ndindex(*a.shape):
        minor = np.delete(np.delete(a, i, 0), j, 1)
        found[i, j] = (det_array(minor) if minor.size else a[i, j] ** 0) * (-1) ** (i + j)
    return found


def logabsdet(a: Any) -> Any:
    """(sign, log of its size) of the determinant, without overflow."""
    import numpy as np

    a = np.asarray(a)
    if a.dtype != object:
        return np.linalg.slogdet(a)
    det = det_array(a)
    log = det.context.log(abs(det)) if det != 0 else -det.context.inf
    return det.context.sign(det), log
