"""Faults put in on purpose, to see whether anything notices.

``plant`` puts a wrong rule in the place of an op's right one. ``python -m tests.planted`` plants each of
``planted_faults`` in a copy of the package, runs its tests, and prints those that survive; a word
after it picks the faults of the files in whose names it stands.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from backtrace_cli import ops
from backtrace_cli.ops import Op
from tests.planted_faults import FAULTS, Planted

__all__ = ["plant"]

ROOT = Path(__file__).resolve().parents[1]
#: Tests that take longer are as good as failed: the fault made them hang.
_MOST = 600


def plant(monkeypatch: pytest.MonkeyPatch, op: Op, slot: int, factor: str = "1.001", field: str = "") -> Op:
    """Put ``op`` with its partial (or message) for ``slot`` times ``factor`` where the builder finds ops.

    ``field`` names another text of the declaration to spoil instead, such as ``tangents``.
    """

    def spoilt_one(rule: Any) -> Any:
        if callable(rule):
            return lambda *at: spoilt_one(rule(*at))
        return f"{factor}*({rule})" if isinstance(rule, str) else rule

    def spoilt(rules: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            spoilt_one(rule) if place == slot or op.variadic else rule for place, rule in enumerate(rules)
        )

    fields = {name: getattr(op, name) for name in Op.__match_args__}
    wrong = ("tangents", "steady") if field == "tangents" else ("partials", "messages", "stable")
    bad = Op(**(fields | {name: spoilt(getattr(op, name)) for name in wrong}))
    monkeypatch.setitem(ops.OPS, op.name, bad)
    for name, known in list(ops.BY_NAME.items()):
        monkeypatch.setitem(ops.BY_NAME, name, [bad if found is op else found for found in known])
    return bad


def fails(copy: Path, tests: str, fault: Planted | None = None) -> str:
    """The first of ``tests`` that fails in a copy of the package with the fault in it; "" where none does."""
    file = copy / "backtrace_cli" / fault.file if fault else None
    text = file.read_text("utf-8") if file else ""
    if fault and file:
        assert text.count(fault.old) == 1, f"{fault.file} has {text.count(fault.old)} times {fault.old!r}"
        file.write_text(text.replace(fault.old, fault.new), "utf-8")
    told = copy / "told.xml"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n0",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        f"--junitxml={told}",
    ]
    env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        found = subprocess.run(
            [*command, *tests.split("\n")], cwd=copy, env=env, capture_output=True, timeout=_MOST, check=False
        )
    except subprocess.TimeoutExpired:
        return "it hangs"
    finally:
        if file:
            file.write_text(text, "utf-8")
    for case in ElementTree.parse(told).iter("testcase") if found.returncode else ():
        if case.find("failure") is not None or case.find("error") is not None:
            return f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
    return "it does not begin" if found.returncode else ""


def plant_all(word: str) -> int:
    """How many of the faults in files with ``word`` in their names survive; each is printed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache"))
        planted = [fault for fault in FAULTS if word in fault.file]
        left = 0
        for fault in planted:
            begun = time.monotonic()
            noticed = fails(copy, "\n".join(f"tests/{name}" for name in fault.tests.split()), fault)
            if noticed.startswith("tests/") and fails(copy, noticed):
                noticed = ""  # it fails as it is
            left += not noticed
            told = f"by {noticed}" if noticed else "SURVIVES"
            print(f"{fault.file}: {fault.new[:60]!r}, {time.monotonic() - begun:.0f} s: {told}", flush=True)
        print(f"{len(planted)} faults planted, {left} survive")
        return left


if __name__ == "__main__":
    sys.exit(plant_all(sys.argv[1] if len(sys.argv) > 1 else "") > 0)
