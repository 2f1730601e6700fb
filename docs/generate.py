"""Fill in what the documentation takes from the program: outputs, tables, mistakes, the CLI reference.

    python docs/generate.py           rewrite the pages
    python docs/generate.py --check   say which are stale, and exit 1 if any is

In a ```console block every line that begins with ``$ backtrace`` is run, 80 columns
wide into a pipe, and the lines below it become its output. Between
``<!-- generated: NAME -->`` and ``<!-- end -->`` stands the table of that name.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner

from backtrace_cli.cli import main
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops.matrix_algebra import LAWS, STRUCTURE, parsed
from backtrace_cli.pages.mistake_catalogue import mistakes_markdown
from backtrace_cli.pages.reference import cli_markdown, ops_markdown
from backtrace_cli.readings.closed.written_chain import ClosedForm
from backtrace_cli.runs.closed_forms import closed_forms
from backtrace_cli.runs.given_shapes import read_shapes
from backtrace_cli.runs.run import run as trace_of

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TABLES = {
    "ops": ops_markdown,
    "cli": lambda: cli_markdown(main),
    "mistakes": mistakes_markdown,
    "laws": lambda: "\n".join(_laws()),
    "results": lambda: "\n".join(_results()),
    "rooms": lambda: "\n".join(_rooms()),
}

_CONSOLE = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"(<!-- generated: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def run(command: str) -> str:
    """What ``command`` prints, standard output and error as a reader sees them."""
    words = shlex.split(command)
    piped = None
    if "|" in words:
        piped = shlex.join(words[words.index("|") + 1 :])
        words = words[: words.index("|")]
    env = {"COLUMNS": "80", "NO_COLOR": "1", "FORCE_COLOR": ""}
    here = os.getcwd()
    os.chdir(ROOT)
    try:
        result = CliRunner(env=env).invoke(main, words[1:], prog_name="backtrace")
    finally:
        os.chdir(here)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    output = result.output
    if piped:
        output = subprocess.run(piped, shell=True, input=output, text=True, capture_output=True).stdout
    return "".join(f"{line.rstrip()}\n" for line in output.splitlines())


def fill_console(block: re.Match[str]) -> str:
    """A console block with the outputs of its commands made anew."""
    commands = [line for line in block[1].splitlines() if line.startswith("$ ")]
    filled = ""
    for command in commands:
        filled += f"{command}\n" + (run(command[2:]) if command.startswith("$ backtrace") else "")
    return filled


def fill(text: str) -> str:
    """A page with everything generated in it made anew."""
    text = _CONSOLE.sub(fill_console, text)
    return _TABLE.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n{found[4]}", text)


def _laws() -> Iterator[str]:
    """The laws of matrix algebra, a group a row."""
    yield "| in a line of the chain | laws |\n|---|---|"
    groups: dict[str, list[str]] = {}
    for law in (*STRUCTURE, *LAWS):
        where = f" ({law.where})" if law.where else ""
        groups.setdefault(law.words, []).append(f"`{law.left} → {law.right}`{where}")
    for words, laws in groups.items():
        yield f"| {words} | {' · '.join(laws)} |"


def _results() -> Iterator[str]:
    """Each result beside the textbook's, then the steps of each group."""
    results = tomllib.loads((ROOT / "docs" / "matrix-calculus.toml").read_text("utf-8"))["result"]
    for group in dict.fromkeys(result["group"] for result in results):
        yield f"## {group}\n\n| f | ∂f/∂ | as tables write it | backtrace | steps |\n|---|---|---|---|---|"
        steps = []
        for result in (result for result in results if result["group"] == group):
            form = _closed(result)
            given = f", {result['assume'].replace(' = ', ' ')}" if "assume" in result else ""
            found, textbook = to_text(form.result), to_text(parsed(result["textbook"]))
            same = found if found != textbook else "the same"
            yield (f"| `{result['formula']}`{given} | {result['variable']} | `{textbook}` | "
                   f"{same if same == 'the same' else f'`{same}`'} | {len(form.lines)} |")  # fmt: skip
            steps.append(f"f = {result['formula']}{given}")
            left = f"∂f/∂{result['variable']}"
            for line in form.lines:
                why = f"    {line.why}" if line.why else ""
                steps.append(f"  {left} = {to_text(line.text)}{why}")
                left = " " * len(left)
        yield "\nStep by step:\n\n```text"
        yield from steps
        yield "```\n"


def _closed(result: dict[str, str]) -> ClosedForm:
    shapes = read_shapes(result["shapes"]) if "shapes" in result else None
    found = trace_of(result["formula"], wrt=[result["variable"]], shapes=shapes, guess=True)
    return closed_forms(found, [result["assume"]] if "assume" in result else [])[0]


def _rooms() -> Iterator[str]:
    """Who imports from whom: a dot is an import, and none stands above the diagonal."""
    sys.path.insert(0, str(ROOT))
    from tests.test_layering import FILES, FLOORS, SHELVES, imports, room

    rooms = [name for name in FLOORS if any(room(path) == name and path.stem != name for path in FILES)]
    reads: dict[str, set[str]] = {name: set() for name in rooms}
    for path in FILES:
        if room(path) in reads:
            named = (module.split(".") for module in imports(path))
            reads[room(path)] |= {
                parts[1] for parts in named if parts[0] == "backtrace_cli" and len(parts) > 1
            }
    yield "```text"
    yield f"{'':17}{' '.join(f'{number:2}' for number in range(1, len(rooms)))}"
    for number, name in enumerate(rooms, 1):
        dots = "".join("  ●" if below in reads[name] else "  ·" for below in rooms[: number - 1])
        shelves = f"   {', '.join(SHELVES[name])}" if name in SHELVES else ""
        yield f"{number:2}  {name:12}{dots}{shelves}".rstrip()
    yield "```"


def stale() -> list[Path]:
    """The pages that differ from what the program says now."""
    return [page for page in PAGES if fill(page.read_text("utf-8")) != page.read_text("utf-8")]


if __name__ == "__main__":
    if "--check" in sys.argv:
        found = stale()
        for page in found:
            print(f"{page.relative_to(ROOT)} is stale: run python docs/generate.py")
        sys.exit(bool(found))
    for page in PAGES:
        page.write_text(fill(page.read_text("utf-8")), "utf-8")
