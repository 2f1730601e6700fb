"""Mistakes people make in backpropagation: the catalogue, replaying one, recognising one."""

from backtrace_cli.mistakes.question import Question, expected

__all__ = ["Question", "expected"]
