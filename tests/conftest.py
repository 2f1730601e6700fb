"""Fixtures for all tests: the command line, and how goldens are rewritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings

from backtrace_cli.cli import main

# No test fails because the machine is busy; how long things take is the benchmarks' affair. A run is
# repeatable, but for whoever looks for something new: pytest --hypothesis-profile=anew
settings.register_profile(
    "unhurried", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("anew", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

#: Runs of pytest inside a test, for the plugin.
pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update-golden`` rewrites the golden screens instead of comparing."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden screens")


@pytest.fixture
def backtrace() -> Callable[..., Result]:
    """Run ``backtrace`` with these words, 80 columns wide, without colour."""

    def run(*words: str, columns: int = 80, stdin: Any = None) -> Result:
        env = {"COLUMNS": str(columns), "NO_COLOR": "1", "FORCE_COLOR": ""}
        return CliRunner(env=env).invoke(main, list(words), input=stdin, prog_name="backtrace")

    return run
