"""The tutor: formulas made for a learner, questions from a Trace, a session, and what is remembered."""

from backtrace_cli.readings.cells import Cell, cells

__all__ = ["Cell", "cells"]
