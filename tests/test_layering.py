"""The house's rules: imports run one way, libraries and names have one home, files and rooms are small."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import backtrace_cli
from backtrace_cli import trace
from backtrace_cli.mistakes.catalogue import MISTAKES
from tests.planted_faults import FAULTS

PACKAGE = Path(backtrace_cli.__file__).parent
#: The rooms from the ground up. A room imports from itself and from those before it.
FLOORS = [
    "base", "language", "ops", "graph", "engine", "readings", "runs", "export", "mistakes", "training",
    "clinic", "grading", "quiz", "pages", "serving", "commands", "notebook", "api", "pytest_plugin", "cli",
    "__main__", "__init__",
]  # fmt: skip
#: The rooms within a room, in the same way; files that stand in none of them are not held to it.
SHELVES = {
    "language": ["tree", "tokens", "notation", "latex", "reading"],
    "engine": ["arithmetics", "compiled"],
    "graph": ["derivatives", "sources"],
    "export": ["layout", "plots", "pictures", "code"],
    "mistakes": ["places"],
    "readings": ["checking", "opened", "closed", "second", "questions"],
    "runs": ["files"],
    "grading": [
        "exercise", "comparing", "judging", "derivation", "own_work", "people", "authoring",
        "classroom", "statistics",
    ],
    "clinic": ["bedside", "gradients"],
    "quiz": ["formulas", "memory"],
    "serving": ["schemas"],
    "pages": ["writers", "trace", "cells", "quiz", "grading", "training", "doctor"],
}  # fmt: skip
#: library -> rooms (or files) that may import it at all
HOMES = {
    "rich": {"pages", "api", "commands/_shared.py"},
    "click": {"commands", "cli", "pages/reference.py"},
    "numpy": {"ops", "engine", "readings", "runs", "training", "clinic", "mistakes/loose.py"},
    "sympy": {"readings"},
    "mpmath": {"engine"},
    "fsrs": {"quiz/memory/schedule.py"},
    "filelock": {"quiz/memory/store.py"},
    "yaml": {"grading/classroom/downloads/submitters.py"},
    "platformdirs": {"base/own_files.py"},
    "readline": {"pages/terminal.py"},
    "cairosvg": {"export/pictures/png.py"},
    "typst": {"pages/writers/_pdf.py"},
}
FILES = sorted(PACKAGE.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """A file, parsed once for all rules."""
    return ast.parse(path.read_text("utf-8"))


def room(path: Path) -> str:
    """The floor a file stands on."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[str]:
    """Every module that a file imports, wherever in the file it does."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
    return found


def test_imports_run_one_way() -> None:
    """No room imports from a higher floor; a library is imported only in its rooms."""
    found = []
    for path in FILES:
        here, name = FLOORS.index(room(path)), str(path.relative_to(PACKAGE))
        for module in imports(path):
            parts = module.split(".")
            if parts[0] == "backtrace_cli" and len(parts) > 1 and FLOORS.index(parts[1]) > here:
                found.append(f"{name} imports {module} from a higher floor")
            homes = HOMES.get(parts[0])
            if homes is not None and room(path) not in homes and name not in homes:
                found.append(f"{name} imports {parts[0]}")
    assert not found


@pytest.mark.parametrize("name", SHELVES)
def test_rooms_within_a_room_are_in_order(name: str) -> None:
    """No room within a room imports from one that comes after it, and each has its place in the order."""
    order = SHELVES[name]
    folders = {path.parent.name for path in (PACKAGE / name).glob("*/__init__.py")}
    assert folders == set(order)
    for path in FILES:
        here = path.relative_to(PACKAGE).parts
        if here[0] != name or len(here) < 3:
            continue
        for module in imports(path):
            parts = module.split(".")[1:]
            if parts[:1] == [name] and len(parts) > 1 and parts[1] in order:
                higher = order.index(parts[1]) > order.index(here[1])
                assert not higher, f"{'/'.join(here)} imports {module} from a later room"


def test_nothing_private_is_imported() -> None:
    """A name or file that begins with an underscore is used only in the folder it stands in."""
    found = []
    for path in FILES:
        folder = ["backtrace_cli", *path.relative_to(PACKAGE).parts[:-1]]
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ImportFrom) or not node.module or "." not in node.module:
                continue
            for alias in node.names:
                parts = [*node.module.split("."), alias.name]
                private = next((i for i, one in enumerate(parts) if re.match("_[^_]", one)), None)
                if private is None:
                    continue
                is_file = (PACKAGE.parent.joinpath(*parts[:private])).is_dir()
                if parts[: private if is_file else private - 1] != folder:
                    found.append(f"{path.relative_to(PACKAGE)}: {'.'.join(parts)}")
    assert not found


def test_nothing_is_evaluated() -> None:
    """No file calls eval, exec or compile: what a user types is never handed to Python.

    One file hands Python trees that it built itself (see tests/engine/test_compiled.py).
    """
    for path in FILES:
        if path == PACKAGE / "engine" / "compiled" / "emit.py":
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile", "__import__"), path


# -- files, rooms, names ------------------------------------------------------------

TEXTS = {str(path.relative_to(PACKAGE)): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}

#: A test of a question's table, or of an arithmetic's name: its kind says what is to be known.
_BY_NAME = re.compile(
    r"""(?:\.table|\btable)\ (?:[=!]=|(?:not\ )?in)\ [("'{\[]   # question.table == "values"
    |arithmetic\.name\ (?:[=!]=|(?:not\ )?in)\                   # trace.arithmetic.name == "exact"
    """,
    re.VERBOSE,
)
_MOST_LINES = 300
#: Longer files, and how long each may be: a number here only ever shrinks.
_LONG = {
    "commands/quiz.py": 334,
    "grading/exercise/exercise.py": 314,
    "graph/builder.py": 341,
    "language/notation/products.py": 389,
    "language/reading/complaints.py": 380,
    "language/reading/parser.py": 399,
    "language/tree/simplify.py": 310,
    "ops/entries.py": 343,
    "ops/losses.py": 340,
    "pages/cells/quiz_sheet.py": 307,
    "pages/grading/verdicts.py": 361,
    "pages/wording.py": 353,
    "quiz/questions.py": 350,
    "quiz/session.py": 325,
    "runs/point.py": 337,
    "training/training.py": 304,
}
_MOST_FILES = 12
#: Larger folders, which may only shrink; and names that stand twice.
_CROWDED: dict[str, int] = {}
_TWICE: set[str] = set()
#: Folders in which a file more is a thing more that the program can do: they grow, and names may recur.
_PLUG_INS = {"commands", "ops", "reports", "questions", "writers", "pictures", "code"}


def _shelved(name: str) -> bool:
    """Does a file stand in a room of its own, and not among plug-ins?"""
    return Path(name).parent.name not in _PLUG_INS and not name.endswith("__.py")


def test_nobody_asks_a_question_for_its_table() -> None:
    """A kind of question, and an arithmetic, says itself what others need to know of it."""
    found = [
        f"{name}:{number}"
        for name, text in TEXTS.items()
        for number, line in enumerate(text.splitlines(), 1)
        if _BY_NAME.search(line) and not name.startswith(("readings/questions/", "engine/arithmetics/"))
    ]
    assert not found


def test_no_mistake_is_known_by_name() -> None:
    """What others need to know of a mistake is a field of its declaration."""
    told = {mistake.name for mistake in MISTAKES} - {"sign", "doubled"}  # an op, and a word
    found = []
    for name in TEXTS:
        if not name.startswith("mistakes/"):
            constants = (node for node in ast.walk(tree(PACKAGE / name)) if isinstance(node, ast.Constant))
            found += [f"{name}:{node.lineno}: {node.value}" for node in constants if node.value in told]
    assert not found


def test_files_are_short() -> None:
    """At most 300 lines a file; what is longer today may only shrink."""
    lengths = {name: len(text.splitlines()) for name, text in TEXTS.items()}
    assert not {name: n for name, n in lengths.items() if n > _LONG.get(name, _MOST_LINES)}


def test_rooms_are_small() -> None:
    """At most twelve files a folder."""
    counts = Counter(str(Path(name).parent) for name in TEXTS if _shelved(name))
    assert not {
        folder: n for folder, n in counts.items() if n > _CROWDED.get(folder, _MOST_FILES) and folder != "."
    }


def test_no_name_stands_twice() -> None:
    """No two files of the same name, so that a name in a traceback or a search tells where."""
    counts = Counter(Path(name).name for name in TEXTS if _shelved(name))
    assert {name for name, n in counts.items() if n > 1} <= _TWICE


def test_a_trace_is_a_record() -> None:
    """Nobody writes into a trace: what is read off it stands in a Report."""
    record = trace("x^2", x=3)
    for name in (*vars(record), "checks"):
        with pytest.raises(AttributeError):
            setattr(record, name, None)
    assert record.having(notes=()).gradient == record.gradient


def test_every_planted_fault_can_still_be_planted() -> None:
    """The texts that ``python -m tests.planted`` puts faults in the place of stand where they stood."""
    gone = [
        (fault.file, fault.old)
        for fault in FAULTS
        if (PACKAGE / fault.file).read_text("utf-8").count(fault.old) != 1
        or not all((PACKAGE.parent / "tests" / name).exists() for name in fault.tests.split())
    ]
    assert not gone
