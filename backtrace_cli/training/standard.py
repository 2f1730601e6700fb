"""Columns with mean 0 and deviation 1: worked out on the examples that are trained on, and remembered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.suggest import nearest_of
from backtrace_cli.engine.events import plain

__all__ = ["Scale", "about_of", "scales_in", "scales_of"]


class Scale(NamedTuple):
    """What the columns of one data variable are moved and divided by."""

    mean: Any
    deviation: Any

    def of(self, values: Any) -> Any:
        """The ``values`` in these units."""
        return (values - self.mean) / self.deviation

    def back(self, values: Any) -> Any:
        """What ``values`` in these units were before."""
        return values * self.deviation + self.mean


def scales_of(names: str, arrays: Mapping[str, Any], words: Collection[str] = ()) -> dict[str, Scale]:
    """The scale of each variable in ``names``, a text such as ``X,Z``, by its examples.

    A column that never changes has none to divide by, and is only moved. Raises PointError for a name that is
    no data, or one of ``words``, which are classes.

    >>> import numpy as np
    >>> scales_of("x", {"x": np.array([1.0, 3.0])})["x"].of(5.0)
    np.float64(3.0)
    """
    import numpy as np

    found = {}
    for name in filter(None, (part.strip() for part in names.split(","))):
        if name not in arrays or name in words:
            what = "holds classes" if name in words else "is no data of this formula"
            able = [other for other in arrays if other not in words]
            raise PointError(f"--standardise names {shorten(name, 24)}, which {what}",
                             hint=nearest_of(name, able, "its data are") if able else None)  # fmt: skip
        with np.errstate(all="ignore"):
            mean, deviation = arrays[name].mean(axis=0), arrays[name].std(axis=0)
        if not np.isfinite(deviation).all():
            raise PointError(f"{shorten(name, 24)} is too large to be standardised",
                             hint="divide it in the file or in the formula")  # fmt: skip
        found[name] = Scale(mean, np.where(deviation == 0, 1.0, deviation))
    return found


def about_of(scales: Mapping[str, Scale], labels: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What a file of parameters says beside them: the names of classes and the units of data, if any."""
    found: dict[str, Any] = (
        {"labels": {name: list(words) for name, words in labels.items()}} if labels else {}
    )
    if scales:
        found["scales"] = {
            name: [plain(scale.mean), plain(scale.deviation)] for name, scale in scales.items()
        }
    return found


def scales_in(about: Mapping[str, Any]) -> dict[str, Scale]:
    """The units of data that a file of parameters tells of.

    >>> scales_in({"scales": {"x": [2.0, 0.5]}})["x"].back(1.0)
    np.float64(2.5)
    """
    import numpy as np

    pairs = about.get("scales", {}).items()
    return {name: Scale(*(np.asarray(part, float)[()] for part in pair)) for name, pair in pairs}
