"""The documentation says what the program does: every example in it runs here."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import runpy
from pathlib import Path

import pytest

import backtrace_cli

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MODULES = [
    info.name
    for info in pkgutil.walk_packages(backtrace_cli.__path__, "backtrace_cli.")
    if not info.name.endswith("__main__")
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_is_fresh(page: Path) -> None:
    """Outputs, the op table and the CLI reference are what the program prints now."""
    generate = runpy.run_path(str(ROOT / "docs" / "generate.py"))
    text = page.read_text("utf-8")
    assert generate["fill"](text) == text, "run python docs/generate.py and read the difference"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_examples_run(page: Path) -> None:
    """The >>> lines of a page give what stands below them."""
    blocks = re.findall(r"^```pycon\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.name, str(page), 0)
    assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(examples).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Links between pages point at files that exist."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_run(name: str) -> None:
    """The example in every docstring runs."""
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


def test_public_names_are_documented() -> None:
    """Everything in an __all__ has a docstring, if it can have one."""
    for name in MODULES:
        module = importlib.import_module(name)
        assert module.__doc__, name
        for public in getattr(module, "__all__", []):
            thing = getattr(module, public)
            if isinstance(thing, type) or hasattr(thing, "__code__"):
                assert thing.__doc__, f"{name}.{public}"
