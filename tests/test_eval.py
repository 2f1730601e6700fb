"""The command, through the front door: options, exit codes, streams, narrow and absent terminals."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from backtrace_cli import trace
from backtrace_cli.readings.cost import costs

Run = Callable[..., Result]
POLYNOMIAL = "x^2 - (x+y)*y + y^2"
SHEET = "s = σ(y); g = x + s; r = σ(x); p = x + y; q = p²; h = r + q; k = 1/h; f = g·k"


def test_formula_may_begin_with_a_dash(backtrace: Run) -> None:
    """-x^2 is a formula, not an option; at 3 it is −9."""
    result = backtrace("eval", "-x^2", "--at", "x=3", "--json")
    assert json.loads(result.stdout)["value"] == -9


@pytest.mark.parametrize("formula", ["-f*x", "-x", "--x*2", "-at*x", "-1"])
def test_dashes_that_look_like_options(backtrace: Run, formula: str) -> None:
    """A word that begins with a dash is an option only if it is exactly one."""
    names = re.findall("[a-z]", formula)
    point = ["--at", ",".join(f"{name}=2" for name in dict.fromkeys(names))] if names else []
    point = ["--at", "at=2,x=2"] if formula == "-at*x" else point
    assert backtrace("eval", formula, *point, "--json").exit_code == 0


def test_unknown_option_is_named(backtrace: Run) -> None:
    """A misspelt option is an error with a suggestion, not a formula."""
    result = backtrace("eval", "x", "--closed-from")
    assert result.exit_code == 2
    assert "--closed-form" in result.stderr


def test_formula_from_file_and_standard_input(backtrace: Run, tmp_path: Path) -> None:
    """-f FILE and - read the same formula; \\r\\n and a byte-order mark are no trouble."""
    file = tmp_path / "f.bt"
    file.write_bytes(b"\xef\xbb\xbfa = x^2\r\nf = a*y # comment\r\n")
    from_file = backtrace("eval", "-f", str(file), "--at", "x=3,y=2", "--json")
    from_input = backtrace("eval", "-", "--at", "x=3,y=2", "--json", stdin=file.read_bytes())
    assert json.loads(from_file.stdout)["value"] == json.loads(from_input.stdout)["value"] == 18


def test_wrt_prunes(backtrace: Run) -> None:
    """With --wrt x no message goes where only y is to be found."""
    record = json.loads(backtrace("eval", POLYNOMIAL, "--at", "x=1,y=0", "--wrt", "x", "--json").stdout)
    assert list(record["gradient"]) == ["x"]
    assert "y" not in {message["to"] for message in record["backward"]}
    assert "v5" not in {message["to"] for message in record["backward"]}


def test_errors_go_to_standard_error(backtrace: Run) -> None:
    """An error leaves standard output empty and exits 2."""
    result = backtrace("eval", "1/2x", "--at", "x=1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "(1/2)*x" in result.stderr
    assert "1/(2*x)" in result.stderr


@pytest.mark.parametrize("columns", [40, 80, 132])
@pytest.mark.parametrize("digits", [6, 17])
def test_no_number_is_cut(backtrace: Run, columns: int, digits: int) -> None:
    """At any width every value of the record stands whole on the page."""
    words = ("eval", SHEET, "--at", "x=3,y=-4", "--digits", str(digits))
    page = backtrace(*words, columns=columns).stdout
    assert "…" not in page
    record = json.loads(backtrace(*words, "--json").stdout)
    numbers = [step["value"] for step in record["forward"]]
    numbers += [message[key] for message in record["backward"] for key in ("contribution", "total")]
    for number in numbers:
        text = f"{number:.{digits}g}".replace("-", "−")
        assert re.search(rf"(?<![\d.]){re.escape(text)}(?![\d])", page), text


def test_json_is_the_documented_shape(backtrace: Run) -> None:
    """The fields of the JSON, in order, and nothing else on standard output."""
    record = json.loads(backtrace("eval", POLYNOMIAL, "--at", "x=1,y=0", "--json").stdout)
    assert list(record) == [
        "schema_version", "formula", "mode", "arithmetic", "at", "output", "value", "gradient",
        "forward", "backward", "notes",
    ]  # fmt: skip
    assert record["schema_version"] == 1
    assert list(record["forward"][0]) == ["step", "node", "op", "args", "expression", "value"]
    assert list(record["backward"][2]) == [
        "step", "from", "to", "slot", "upstream", "local", "contribution", "total", "fork",
    ]  # fmt: skip
    assert record["backward"][2]["local"] == {"expression": "2*y", "value": 0.0}
    assert record["backward"][2]["fork"] == {"index": 1, "of": 3}


def test_json_writes_what_is_not_finite_as_text(backtrace: Run) -> None:
    """Infinities and nan are strings, so that every JSON reader reads the document."""

    def refuse(name: str) -> None:
        raise AssertionError(name)

    text = backtrace("eval", "1/x + y/y", "--at", "x=0,y=0", "--json").stdout
    record = json.loads(text, parse_constant=refuse)
    assert record["value"] == "nan"
    assert {note["kind"] for note in record["notes"]} >= {"infinite", "nan"}


def test_json_and_api_agree(backtrace: Run) -> None:
    """--json is to_dict(), streamed."""
    from backtrace_cli import trace

    shown = json.loads(backtrace("eval", SHEET, "--at", "x=3,y=-4", "--json").stdout)
    assert shown == json.loads(json.dumps(trace(SHEET, x=3, y=-4).to_dict()))


def test_failed_check_exits_1(backtrace: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a wrong rule planted, --check says so and exits 1; without --check eval still exits 0."""
    from backtrace_cli.engine import backward

    right = backward.Rules.local

    def wrong(self, node, slot, at):  # type: ignore[no-untyped-def]
        value, kink = right(self, node, slot, at)
        return value * 1.001, kink

    assert backtrace("eval", "x*y", "--at", "x=2,y=3", "--check").exit_code == 0
    monkeypatch.setattr(backward.Rules, "local", wrong)
    result = backtrace("eval", "x*y", "--at", "x=2,y=3", "--check")
    assert result.exit_code == 1
    assert "DISAGREES" in result.stdout
    assert backtrace("eval", "x*y", "--at", "x=2,y=3").exit_code == 0


def test_rich_markup_is_text() -> None:
    """Nothing a user writes is read as markup: a terminal's page and error hold it letter by letter."""
    written = "[red]x[/red] [/] :smile:"
    long = f"# {written}\n" + " + ".join(["x"] * 250)  # a long formula is titled by its source
    page = _process("eval", long, FORCE_COLOR="1", NO_COLOR="1", TERM="xterm")
    assert page.returncode == 0
    shown = re.sub(r"\x1b\[[0-9;]*m", "", page.stdout.decode())
    assert written in shown
    refused = _process("eval", "x", "--at", f"{written}=1", FORCE_COLOR="1", TERM="xterm")
    assert refused.returncode == 2
    assert written in refused.stderr.decode()


def _process(*words: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "backtrace_cli", *words], capture_output=True,
        env={**os.environ, "COLUMNS": "80", **env},
    )  # fmt: skip


def test_output_that_takes_only_ascii() -> None:
    """Where standard output speaks only ASCII the page is ASCII, and nothing raises."""
    result = _process("eval", SHEET, "--at", "x=3,y=-4", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert result.returncode == 0, result.stderr
    assert result.stdout.isascii()
    assert b"sigmoid(y)" in result.stdout


def test_no_color_has_no_colour() -> None:
    """NO_COLOR wins in a terminal; without it the page is coloured."""
    words = ("eval", POLYNOMIAL, "--at", "x=1,y=0")
    assert b"\x1b[32m" in _process(*words, FORCE_COLOR="1", TERM="xterm", NO_COLOR="").stdout
    assert b"\x1b[3" not in _process(*words, FORCE_COLOR="1", TERM="xterm", NO_COLOR="1").stdout


def test_terminal_and_pipe_show_the_same_words() -> None:
    """The rich tables of a terminal and the aligned lines of a pipe say the same, line by line."""
    words = ("eval", SHEET, "--at", "x=3,y=-4")
    pipe = _process(*words).stdout.decode().splitlines()
    screen = _process(*words, FORCE_COLOR="1", TERM="dumb", NO_COLOR="1").stdout.decode().splitlines()
    bare = [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in screen]
    assert bare == [line.rstrip() for line in pipe]


def test_closed_pipe_is_quiet() -> None:
    """``backtrace … | head`` ends without a traceback."""
    command = f'{sys.executable} -m backtrace_cli eval "{" + ".join(["x"] * 5000)}" --at x=1 | head -1'
    result = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert result.stderr == ""


def test_scalar_trace_loads_no_heavy_library() -> None:
    """The path of a scalar eval imports neither numpy nor sympy, nor rich where no terminal is."""
    code = (
        "import sys; from backtrace_cli.cli import main\n"
        f"try: main(['eval', {SHEET!r}, '--at', 'x=3,y=-4'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('numpy', 'sympy', 'rich') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "words", [["--help"], *([name, "--help"] for name in ("eval", "chain", "ops", "check"))]
)
def test_help_shows_an_example_that_runs(backtrace: Run, words: list[str]) -> None:
    """Every help text has an example, and the example runs."""
    import shlex

    text = backtrace(*words, "--help").stdout
    examples = [line.strip() for line in text.splitlines() if line.startswith("  backtrace ")]
    assert examples
    for example in examples:
        result = backtrace(*shlex.split(example)[1:])
        assert result.exit_code == (" check " in example), example
        assert not result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(backtrace: Run, shell: str) -> None:
    """A completion script for each shell, and completion of commands and options works."""
    assert "_BACKTRACE_COMPLETE" in backtrace("completion", shell).stdout
    result = _process(_BACKTRACE_COMPLETE="bash_complete", COMP_WORDS="backtrace ev", COMP_CWORD="1")
    assert b"eval" in result.stdout


def test_version(backtrace: Run) -> None:
    """--version names the program and its version."""
    from backtrace_cli import __version__

    assert backtrace("--version").stdout.strip() == f"backtrace, version {__version__}"


def test_every_op_has_a_page_and_is_known_by_it(backtrace: Run) -> None:
    """``backtrace ops NAME`` of every name; and the JSON calls a box by a name that has one."""
    from backtrace_cli.ops import FUNCTIONS, OPS

    for name in sorted(FUNCTIONS | {op.called for op in OPS.values() if op.spelled}):
        page = backtrace("ops", name)
        assert page.exit_code == 0, (name, page.stderr)
        assert "{" not in page.stdout
    network, at = "f = cross_entropy(softmax(W@x), 1)", "W=[[1,2],[3,4]],x=[1,0]"
    record = backtrace("eval", network, "--at", at, "--json")
    assert [step["op"] for step in json.loads(record.stdout)["forward"]] == [
        "matmul",
        "softmax",
        "cross_entropy",
    ]


def test_adding_up_is_counted_among_the_costs() -> None:
    """Of two messages to x one is a product and both are added: a = x·y sends back 3 multiply-adds."""
    found = costs(trace("a = x*y; f = a + x", x=2, y=3))
    assert [(cost.forward, cost.backward) for cost in found] == [(1, 3), (1, 0)]
