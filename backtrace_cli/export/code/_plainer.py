"""Helpers in a shorter form, for libraries that can't move axes about as NumPy does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backtrace_cli.ops.steady import log_total

PLAINER: dict[Callable[..., Any], str] = {
    # without the last digits where one entry is far above all others
    log_total: """
def log_total(less, top, axis):
    return np.log(np.sum(np.exp(less), axis=axis, keepdims=True))
""",
}
