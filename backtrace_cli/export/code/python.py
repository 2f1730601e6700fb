"""Plain Python over numbers, with nothing but ``math``."""

from __future__ import annotations

from backtrace_cli.export.dialect import Dialect

DIALECT = Dialect("python", ("import math",), None, "plain Python")
