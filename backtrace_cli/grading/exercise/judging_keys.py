"""What an exercise file says about judging: the form of answers, digits, kinks, given data, assumptions."""

from __future__ import annotations

from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.grading.policy import Policy

__all__ = ["CHOICES", "DIGITS", "assumed", "policy_of", "strings", "whole"]

#: key -> what may stand there, what it is where nothing does first.
CHOICES = {
    "answers": ("either", "numbers", "expressions"), "kink": ("taken", "interval"),
    "here": ("numbers", "formulas"), "carry": ("any", "diagnosed", "none"),
}  # fmt: skip
#: The fewest and the most digits that an answer may be asked for.
DIGITS = (1, 15)


def policy_of(source: Source) -> Policy:
    """How the file's answers are judged."""
    return Policy(
        _choice(source, "answers"), whole(source, "digits", 4, *DIGITS), _choice(source, "kink"),
        _choice(source, "here"), _choice(source, "carry"),
    )  # fmt: skip


def assumed(source: Source) -> dict[str, str]:
    """What the file assumes of its variables."""
    found = source.data.get("assume", {})
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        hint = 'write assume = { A = "symmetric", b = "> 0" }'
        source.fail("assume is a table of texts", "assume", hint=hint)
    return found


def strings(source: Source, key: str) -> tuple[str, ...]:
    """A list of texts; empty where there is none."""
    value = source.data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        source.fail(f"{key} is a list of texts", key, hint=f'write {key} = ["…", "…"]')
    return tuple(value)


def whole(source: Source, key: str, default: int, least: int, most: int) -> int:
    """A whole number between two others."""
    value = source.data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        source.fail(f"{key} is a whole number from {least} to {most:,}", key)
    return value


def _choice(source: Source, key: str) -> str:
    value = source.data.get(key, CHOICES[key][0])
    if value not in CHOICES[key]:
        source.fail(f"{key} is one of {', '.join(CHOICES[key])}", key)
    return str(value)
