"""The ``backtrace`` command: a click group whose subcommands load when they are called."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NoReturn

import click

from backtrace_cli import __version__, commands

__all__ = ["main"]


class _Lazy(click.Group):
    """A file in commands/ is a subcommand of its name; one that begins with an underscore helps them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        files = [name for folder in commands.__path__ for name in os.listdir(folder)]
        return sorted({name[:-3] for name in files if name.endswith(".py") and name[0] != "_"})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name.startswith("_") or not cmd_name.isidentifier():
            return None
        if not any(os.path.exists(f"{folder}/{cmd_name}.py") for folder in commands.__path__):
            return None
        found: click.Command = import_module(f"{commands.__name__}.{cmd_name}").command
        return found

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Read the words; ``--help`` loads every subcommand."""
        with _silent_end():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand."""
        with _silent_end():
            found = super().invoke(ctx)
            sys.stdout.flush()  # here, where it can be said what became of the reader
            return found


@contextmanager
def _silent_end() -> Iterator[None]:
    """Ctrl-C ends a command in silence and with the shell's own exit code for it: click would say
    Aborted! and exit 1, which means that an answer is wrong."""
    try:
        yield
    except (KeyboardInterrupt, click.Abort):
        raise click.exceptions.Exit(130) from None
    except BrokenPipeError:  # | head -1: who reads has enough; 1 would mean that an answer is wrong
        _reader_gone()


def _reader_gone() -> NoReturn:
    """End as a program does that SIGPIPE ends, in silence: what is still to be written goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    raise click.exceptions.Exit(141) from None


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="backtrace")
def main() -> None:
    """Backpropagation, step by step: every value forward, every message back.

    \b
    backtrace eval "x^2 - (x+y)*y + y^2" --at x=1,y=0
    """
