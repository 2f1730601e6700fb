"""Running ``backtrace train`` as a person does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from backtrace_cli.cli import main

ROOT = Path(__file__).parent.parent.parent
FORMULAS = ROOT / "exercises" / "formulas"
IRIS = str(ROOT / "exercises" / "data" / "iris.csv")
COLUMNS = ("sepal_length", "sepal_width", "petal_length", "petal_width")


def train(*words: object, **env: str) -> Result:
    """One run of the command, its outputs apart."""
    return CliRunner(env={"COLUMNS": "80", "FORCE_COLOR": "", **env}).invoke(
        main, ["train", *map(str, words)]
    )


def trained(*words: object) -> dict[str, Any]:
    """What a run that must succeed says in JSON."""
    result = train(*words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def write(folder: Path, name: str, text: str) -> str:
    """A file with ``text`` in it; its path."""
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)
