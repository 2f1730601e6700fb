"""``--student`` and ``--key-file``: whose variant of an exercise is meant."""

from __future__ import annotations

import os
from typing import Any

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name

__all__ = ["KEY_VARIABLE", "course_key", "student_options"]

#: The environment variable that holds the course's key, so that it stands in no list of processes.
KEY_VARIABLE = "BACKTRACE_KEY"
_MOST_BYTES = 10_000


def student_options(function: Any) -> Any:
    """``--student ID`` and ``--key-file FILE``, for ``course_key``."""
    key_file = click.option(
        "--key-file", metavar="FILE", help=f"The course's key for variants; or the variable {KEY_VARIABLE}."
    )
    student = click.option(
        "--student",
        metavar="ID",
        callback=_somebody,
        help="Draw this student's variant (see docs/exercises.md).",
    )
    return student(key_file(function))


def _somebody(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A name that is somebody's: an empty one comes from a variable that isn't set."""
    if value is not None and not value.strip():
        raise click.BadParameter("it is empty, and a variant is drawn by somebody's name", ctx, param)
    return value


def course_key(key_file: str | None) -> bytes:
    """The course's key: a file's, or the environment's; empty where there is none.

    Raises BacktraceError where the file can't be read or holds nothing.
    """
    if key_file is None:
        return os.environ.get(KEY_VARIABLE, "").encode("utf-8", "surrogateescape").strip()
    from backtrace_cli.grading.exercise.source import read_small

    key = read_small(key_file, "the key", _MOST_BYTES, "a key is one long random line; is it the right file?")
    key = key.strip()
    if not key:
        raise BacktraceError(
            f"the key {visible_name(key_file)} is empty", hint="put a long random line into it"
        )
    return key
