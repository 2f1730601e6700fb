"""Exercises: what is asked, whether an answer equals the trace's, which step went wrong first."""

from backtrace_cli.grading.exercise.exercise import Answer, Exercise, load

__all__ = ["Answer", "Exercise", "load"]
