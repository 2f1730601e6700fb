"""Imports run one way, and heavy libraries stay in their rooms."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import backtrace_cli

PACKAGE = Path(backtrace_cli.__file__).parent
#: The rooms from the ground up. A room imports from itself and from those before it.
FLOORS = [
    "base", "language", "ops", "graph", "engine", "readings", "runs", "export", "mistakes", "training",
    "grading", "quiz", "pages", "commands", "api", "notebook", "pytest_plugin", "cli", "__main__", "__init__",
]  # fmt: skip
#: What still looks up, for its types alone.
UPWARDS = {
    ("engine/trace.py", "backtrace_cli.readings.check_verdict"),
    ("engine/trace.py", "backtrace_cli.readings.closed.closed_form"),
    ("engine/trace.py", "backtrace_cli.readings.opened.terms"),
}
#: library -> rooms (or files) that may import it at all
HOMES = {
    "rich": {"pages", "api", "commands/_shared.py"},
    "click": {"commands", "cli", "pages/reference.py"},
    "numpy": {"ops", "engine", "readings", "runs", "training", "mistakes/loose.py"},
    "sympy": {"readings"},
    "mpmath": {"engine"},
    "fsrs": {"quiz/memory/schedule.py"},
    "filelock": {"quiz/memory/store.py"},
    "platformdirs": {"quiz/memory/store.py"},
    "readline": {"pages/terminal.py"},
    "cairosvg": {"export/pictures/png.py"},
}
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The floor a file stands on."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[str]:
    """Every module that a file imports, wherever in the file it does."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    """No room imports from a higher floor; a library is imported only in its rooms."""
    here = FLOORS.index(room(path))
    name = str(path.relative_to(PACKAGE))
    for module in imports(path):
        parts = module.split(".")
        if parts[0] == "backtrace_cli" and len(parts) > 1:
            higher = FLOORS.index(parts[1]) > here and (name, module) not in UPWARDS
            assert not higher, f"{name} imports {module} from a higher floor"
        homes = HOMES.get(parts[0])
        if homes is not None:
            assert room(path) in homes or name in homes, f"{name} imports {parts[0]}"


def test_nothing_is_evaluated() -> None:
    """No file calls eval, exec or compile: what a user types is never handed to Python."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile", "__import__"), path


def test_files_are_rooms_not_halls() -> None:
    """A file stays under 400 lines."""
    long = {
        str(p.relative_to(PACKAGE)): n for p in FILES if (n := len(p.read_text("utf-8").splitlines())) > 400
    }
    assert not long
