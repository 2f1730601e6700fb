"""The catalogue of mistakes as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.base.lengths import capitalised
from backtrace_cli.base.numerals import numeral
from backtrace_cli.base.safe_text import visible
from backtrace_cli.mistakes.catalogue import MISTAKES
from backtrace_cli.mistakes.example import example_of

__all__ = ["mistakes_markdown"]


def mistakes_markdown() -> str:
    """Every mistake with an example, in Markdown."""
    return "\n".join(_lines()).rstrip()


def _lines() -> Iterator[str]:
    for mistake in MISTAKES:
        example = example_of(mistake)
        at = ", ".join(f"{name} = {numeral(value)}" for name, value in example.at.items())
        yield f"### {mistake.name}"
        yield ""
        yield f"{mistake.title[:1].upper()}{mistake.title[1:]}."
        yield ""
        yield f"In `{visible(example.formula)}` at {at}, {example.asked} is {numeral(example.right)};"
        yield f"with the mistake it comes out as {numeral(example.wrong)}, and `check` says:"
        yield ""
        yield f"> {_escaped(capitalised(example.words))}."
        yield ""


def _escaped(text: str) -> str:
    """``text`` with nothing in it that Markdown reads as a sign."""
    return text.replace("*", r"\*").replace("_", r"\_")
