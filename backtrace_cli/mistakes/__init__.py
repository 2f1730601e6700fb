"""Mistakes people make in backpropagation: the catalogue, replaying one, recognising one."""

from backtrace_cli.readings.question import Question, expected

__all__ = ["Question", "expected"]
