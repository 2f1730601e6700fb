"""backtrace: a backprop tutor and step tracer.

>>> from backtrace_cli import trace
>>> trace("x^2*y", x=3, y=2).value
18.0
"""

from __future__ import annotations

TYPE_CHECKING = (
    False  # typing.TYPE_CHECKING, without its 5 ms: until __main__ listens, Ctrl-C shows a traceback
)

if TYPE_CHECKING:
    from typing import Any

    from backtrace_cli.api import (
        Curvature,
        Gradient,
        Trace,
        assert_gradient,
        check_gradient,
        curvature,
        doctor,
        gradient,
        hessian,
        hvp,
        jacobian,
        jvp,
        trace,
        train,
        vjp,
    )
    from backtrace_cli.base.errors import BacktraceError

__all__ = [
    "BacktraceError", "Curvature", "Gradient", "Trace", "__version__", "assert_gradient", "check_gradient",
    "curvature", "doctor", "gradient", "hessian", "hvp", "jacobian", "jvp", "trace", "train", "vjp",
]  # fmt: skip

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """The public names, loaded when first used, so that ``import backtrace_cli`` costs nothing."""
    if name in __all__ and name not in ("BacktraceError", "__version__"):
        from backtrace_cli import api

        return getattr(api, name)
    if name == "BacktraceError":
        from backtrace_cli.base.errors import BacktraceError

        return BacktraceError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
