"""A small course and classes that answer it, for the tests of ``backtrace grade``."""

from __future__ import annotations

from pathlib import Path

__all__ = ["CHAIN", "FORK", "RIGHT", "class_of", "course_of", "filled"]

CHAIN = """title = "Chain"
formula = "a = x + 2; f = a^2"
at = { x = 3.25 }
hints = ["one", "two"]
[values]
a = ""
[messages]
"f->a" = ""
[gradient]
x = ""
"""
FORK = """title = "Fork"
formula = "a = x^2; b = x*y; f = a + b*y"
at = { x = 2, y = 3 }
points = 2
[messages]
"a->x" = ""
"b->x" = ""
[gradient]
x = ""
"""
#: file -> key -> a right answer
RIGHT = {
    "1_chain/chain.toml": {"a": "5.25", '"f->a"': '"2*a"', "x": '"2*x + 4"'},
    "2_forks/fork.toml": {'"a->x"': '"2*x"', '"b->x"': "9", "x": '"2*x + y^2"'},
}
_STARTERS = {"1_chain/chain.toml": CHAIN, "2_forks/fork.toml": FORK}


def course_of(folder: Path, files: dict[str, str] | None = None) -> Path:
    """The course, in a folder of its own."""
    return _write(folder / "course", files or _STARTERS)


def filled(file: str, **changed: str) -> str:
    """A starter with right answers, but for those that are ``changed`` (as TOML has them)."""
    text = _STARTERS[file]
    for key, answer in {**RIGHT[file], **changed}.items():
        assert f'\n{key} = ""' in text, key
        text = text.replace(f'\n{key} = ""', f"\n{key} = {answer}")
    return text


def class_of(folder: Path, students: dict[str, dict[str, str] | None]) -> Path:
    """Submissions: student -> file -> text; None for everything right."""
    for name, files in students.items():
        _write(folder / "class" / name, {file: filled(file) for file in RIGHT} if files is None else files)
    return folder / "class"


def _write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
    return folder
