"""NumPy over arrays and numbers."""

from __future__ import annotations

from backtrace_cli.export.dialect import Dialect

DIALECT = Dialect("numpy", ("import numpy as np",), "np", "NumPy")
