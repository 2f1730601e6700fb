"""Helpers in a shorter form, for libraries that can't move axes about as NumPy does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backtrace_cli.ops.shares import class_surprise_array, log_total, powers

PLAINER: dict[Callable[..., Any], str] = {
    # without the last digits where one entry is far above all others
    powers: """
def powers(a, axis=-1):
    top = np.max(a, axis=axis, keepdims=True)
    less = a - np.where(np.isfinite(top), top, 0)
    return np.exp(less), less, top
""",
    class_surprise_array: """
def class_surprise_array(a, i):
    logs = log_softmax_array(a)
    return -np.take_along_axis(logs, np.asarray(i).astype(int)[..., None], -1)[..., 0]
""",
    log_total: """
def log_total(parts, axis):
    return np.log(np.sum(parts[0], axis=axis, keepdims=True))
""",
}
