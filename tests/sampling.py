"""Cases of which a few run each time, and all with ``-m slow``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

__all__ = ["few"]


def few(cases: Iterable[Any], quick: int = 3) -> list[Any]:
    """``cases``, of which all but ``quick``, spread over the list, are marked slow."""
    listed = list(cases)
    step = max(1, len(listed) // quick)
    chosen = set(range(0, len(listed), step)[:quick])
    return [
        case if place in chosen
        else pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
        for place, case in enumerate(listed)
    ]  # fmt: skip
