"""``python -m backtrace_cli`` and the ``backtrace`` script."""

from __future__ import annotations

from backtrace_cli.cli import main as cli

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    cli(prog_name="backtrace")


if __name__ == "__main__":
    main()
