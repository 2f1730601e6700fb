"""What several commands share: reading a formula, errors, output that never raises."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from backtrace_cli.base.errors import BacktraceError, FormulaError
from backtrace_cli.base.safe_text import visible
from backtrace_cli.base.whole_file import read_patiently

if TYPE_CHECKING:
    from backtrace_cli.pages.document import Block
    from backtrace_cli.pages.layout import Screen
    from backtrace_cli.pages.wording import Wording

__all__ = [
    "FormulaCommand", "at_option", "fail", "formula_argument", "json_option", "json_output", "plain_option",
    "as_options", "prepare_output", "read_formula", "refuse_two_media", "screen", "write_lines", "write_out",
    "write_page",
]  # fmt: skip


#: What declares an option of a command.
Decorator = Callable[[Any], Any]

#: A longer file is refused: a formula of a million boxes takes a fifth of this.
MOST_BYTES = 100_000_000


class FormulaCommand(click.Command):
    """A command whose argument is a formula, which may begin with a dash.

    ``-f`` and ``--at`` are options only when they stand alone as a word; any other
    word that begins with a dash, such as ``-x^2``, is the formula.
    """

    #: Options behind which ``-f FILE`` means their value, as in ``--mine -f backward.bt``.
    from_files = ("--mine",)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options: dict[str, bool] = {}
        for param in self.get_params(ctx):
            if isinstance(param, click.Option):
                takes = not param.is_flag and not param.count
                options |= dict.fromkeys((*param.opts, *param.secondary_opts), takes)
        before: list[str] = []
        formulas: list[str] = []
        rest = list(args)
        while rest:
            word = rest.pop(0)
            if word == "--":
                formulas += rest
                break
            name, equals, _ = word.partition("=")
            if word in options or (equals and name.startswith("--") and name in options):
                before.append(word)
                if word in self.from_files and rest[:1] in (["-f"], ["--file"]) and len(rest) > 1:
                    before.append(f"-f {rest[1]}")
                    rest = rest[2:]
                elif options.get(word):
                    if not rest or rest[0] in options:
                        example = ", such as x=1,y=0" if word in ("--at", "--seed") else ""
                        raise click.UsageError(f"{word} needs a value{example}", ctx)
                    before.append(rest.pop(0))
            elif word.startswith("--") and word[2:].replace("-", "").isalpha() and len(word) > 3:
                before.append(word)
            else:
                formulas.append(word)
        if len(formulas) > 1:
            whole = visible(" ".join(formulas))
            if all("=" in word for word in formulas[1:]) and {"--at", "--seed"} & set(before):
                hint = 'put it in quotes: --at "x=3, y=2"'
                raise click.UsageError(f"a value after --at ended at a space; {hint}", ctx)
            pieces = f"the formula came in {len(formulas)} pieces"
            raise click.UsageError(f'{pieces}; put it in quotes: "{whole}"', ctx)
        return super().parse_args(ctx, [*before, "--", *formulas])


def formula_argument(function: Any) -> Any:
    """The FORMULA argument and ``-f FILE``, for ``read_formula``."""
    function = click.option("-f", "--file", "path", metavar="FILE", help="Read the formula from FILE.")(
        function
    )
    return click.argument("formula", required=False)(function)


def plain_option(more: str = "") -> Decorator:
    """``--plain``, whose help may say more."""
    return click.option("--plain", is_flag=True, help=f"Plain sentences in ASCII, one a line{more}.")


def json_option(page: str = "") -> Decorator:
    """``--json``, as ``as_json``; ``page`` of the docs describes the document."""
    told = f" (see docs/{page})" if page else ""
    return click.option("--json", "as_json", is_flag=True, help=f"One JSON document{told}.")


def as_options() -> Decorator:
    """``--as``, as ``medium``, and ``--standalone``."""
    from backtrace_cli.pages.writers import media

    def declare(function: Any) -> Any:
        whole = click.option(
            "--standalone",
            is_flag=True,
            help="With --as: a document that stands by itself.",
        )
        medium = click.option(
            "--as", "medium", type=click.Choice(media()),
            help="To take along: the derivation for a paper or a README, the page for a browser.",
        )  # fmt: skip
        return medium(whole(function))

    return declare


def refuse_two_media(medium: str | None, standalone: bool, plain: bool, as_json: bool) -> None:
    """One way to write at a time; a whole document of one that has such a thing."""
    if medium is not None and (plain or as_json):
        other = "--plain" if plain else "--json"
        raise BacktraceError(f"--as {medium} and {other} are two ways to write it", hint="give one of them")
    if standalone and medium is None:
        raise BacktraceError(
            "--standalone makes a document of what --as writes", hint="add --as html, or latex"
        )


def at_option(words: str) -> Decorator:
    """``--at``, which may be repeated."""
    return click.option("--at", multiple=True, metavar="x=1,y=0", help=words)


def _example() -> str:
    """A call of the command that was typed."""
    context = click.get_current_context(silent=True)
    name = context.info_name if context else "eval"
    return f'backtrace {name} "x^2*y"' + ("" if name == "new" else " --at x=3,y=2")


def read_formula(formula: str | None, path: str | None) -> str:
    """The formula's text: the argument, a file, or standard input for ``-``.

    Raises FormulaError where there is none, or two, or the file can't be read.
    """
    if formula is not None and path is not None:
        raise FormulaError("a formula and a file are two formulas", hint="give one of them")
    if formula is None and path is None:
        raise FormulaError("there is no formula", hint=f"give one: {_example()}")
    if formula is not None and formula != "-":
        if formula.endswith(".bt") and " " not in formula:
            raise FormulaError(f"{formula} looks like a file", hint=f"read it with -f {formula}")
        module, colon, function = formula.rpartition(":")
        if colon and module.endswith(".py") and function.isidentifier():
            from backtrace_cli.graph.sources.python_function import formula_of

            return formula_of(read_formula(None, module), function, module)
        return _as_typed(formula)
    try:
        if path in (None, "-"):
            if sys.stdin is None:
                raise FormulaError("standard input is closed", hint="name a file instead")
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            data = read_patiently(str(path), MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise FormulaError(
                f"{path or 'the input'} is longer than {MOST_BYTES // 10**6} MB", hint="is it the right file?"
            )
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except (UnicodeDecodeError, ValueError) as error:
        if not isinstance(error, UnicodeDecodeError):  # a NUL in the file's name
            raise FormulaError("this file's name can't be read", hint="check it") from None
        raise FormulaError(f"{path or 'the input'} is not text in UTF-8", hint="save it as UTF-8") from None
    except OSError as error:
        raise FormulaError(
            f"{path} can't be read: {(error.strerror or 'no reason given').lower()}",
            hint="check the file's name",
        ) from None


def _as_typed(text: str) -> str:
    """``text`` as it was typed in UTF-8, where the locale made Python read it byte by byte."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        return text


def fail(error: BacktraceError) -> NoReturn:
    """Print the error to standard error and leave with its exit code."""
    prepare_output(sys.stderr)
    click.echo(error.report(), err=True)
    sys.exit(error.exit_code)


def prepare_output(stream: Any = None) -> bool:
    """Make ``stream`` (standard output) take any character; True where it speaks only ASCII."""
    stream = stream or sys.stdout
    if stream is None:  # standard output is closed: nobody listens
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        return False
    narrow = not (stream.encoding or "").lower().replace("-", "").startswith("utf")
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    return narrow


def json_output() -> None:
    """Make standard output UTF-8, which JSON and files to take along are, whatever the terminal speaks."""
    if sys.stdout is None:
        raise BacktraceError("standard output is closed", hint="send it to a file: > FILE")
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def write_lines(lines: Iterator[str] | Sequence[str]) -> None:
    """Write ``lines`` as they come."""
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def write_page(
    blocks: Iterable[Block], wording: Wording | None = None, *, plain: bool = False,
    medium: str | None = None, whole: bool = False, title: str = "",
) -> None:  # fmt: skip
    """Write a page as tables or, where it is asked for, as plain sentences or in a medium to take along."""
    if medium is not None:
        from backtrace_cli.pages.writers import written

        json_output()
        write_lines(written(medium, blocks, wording, whole=whole, title=title))
        return
    narrow = prepare_output()
    if plain:
        from backtrace_cli.pages.writers.plain import plain_lines

        write_lines(plain_lines(blocks, wording))
    else:
        from backtrace_cli.pages.writers.terminal import show

        show(screen(narrow), blocks, wording)


def write_out(path: str, data: bytes | str) -> None:
    """Write a file whole or not at all. Raises BacktraceError where that can't be done."""
    from backtrace_cli.base.safe_text import visible_name
    from backtrace_cli.base.whole_file import whole_file

    try:
        with whole_file(path) as file:
            file.write(data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data)
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise BacktraceError(f"{visible_name(path)} can't be written: {reason}",
                             hint="choose another place") from None  # fmt: skip


def screen(ascii: bool = False) -> Screen:
    """Where pages go: rich in a terminal (or with FORCE_COLOR), plain aligned lines elsewhere.

    Everything of rich's that could reinterpret a user's text is switched off.
    """
    from backtrace_cli.pages.layout import Screen

    if sys.stdout.isatty() or os.environ.get("FORCE_COLOR"):
        from rich.console import Console

        console = Console(highlight=False, markup=False, emoji=False)
        return Screen(sys.stdout, console=console, ascii=ascii)
    columns = os.environ.get("COLUMNS", "")
    return Screen(sys.stdout, int(columns) if columns.isdecimal() else 80, ascii=ascii)
