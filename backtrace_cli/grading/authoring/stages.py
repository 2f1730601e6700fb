"""A Python file of a course, which the doctor marks: looked at, and never run here."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator

from backtrace_cli.clinic.battery import GROUPS
from backtrace_cli.clinic.target import header_of

__all__ = ["is_stage", "look_at_stage"]

_MOST_BYTES = 1_000_000


def is_stage(path: str) -> bool:
    """Is it a Python file in which a line says what the doctor is to look at?"""
    return path.endswith(".py") and not os.path.islink(path) and header_of(_text(path)) is not None


def look_at_stage(path: str) -> tuple[str, list[tuple[str, int | None]]]:
    """Its title, the first line of its text, and what is to be mended: (words, line)."""
    text = _text(path)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return os.path.basename(path), [(f"this is no Python: {error}", getattr(error, "lineno", None))]
    task = ast.get_docstring(tree) or ""
    title = task.strip().split("\n")[0].rstrip(".") or os.path.basename(path)
    return title, list(_problems(tree, text, task))


def _problems(tree: ast.Module, text: str, task: str) -> Iterator[tuple[str, int | None]]:
    found = header_of(text)
    assert found is not None
    name, groups = found
    line = next(
        (number for number, one in enumerate(text.splitlines(), 1) if one.startswith("# doctor:")), None
    )
    if len(task.strip().splitlines()) < 2:
        yield "the text on top gives no task: a title, and what is to be done", 1
    if name not in {node.name for node in tree.body if isinstance(node, ast.ClassDef)}:
        yield f"there is no class {name}", line
    unknown = [group for group in groups if group not in GROUPS]
    if unknown:
        yield f"there are no graphs called {', '.join(unknown)}; there are {', '.join(GROUPS)}", line


def _text(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
