"""Which share of the planted mistakes is told, over 100 formulas and 40 of arrays, and in which words.

Run it with ``python -m tests.mistakes.shares`` (some minutes; pytest does not collect it). A mistake
is told *alone*, as *one of two* (the words name both), or by *what came out* (the answer is right but
for its sign, a factor 2, or is 0); it is misnamed where the words are of other mistakes only.
"""

from __future__ import annotations

from collections import Counter

from backtrace_cli.grading.statement import Statement
from tests.mistakes.test_array_mistakes import FORMULAS, planted_in_arrays
from tests.mistakes.test_diagnose import named_at_chosen_points


def _line(what: str, told: Counter[str]) -> str:
    of = told.total()
    named = of - told["silent"] - told["misnamed"]
    parts = ", ".join(f"{kind} {told[kind] / of:.1%}" for kind in ("alone", "one of two", "what came out"))
    return f"{what}: {named / of:.1%} of {of:,} told ({parts}), {told['misnamed']} misnamed"


if __name__ == "__main__":
    for answers in ("numbers", "formulas"):
        print(_line(f"from {answers}", named_at_chosen_points(answers, 1)[0]), flush=True)
    for answers in ("numbers", "formulas"):
        found = Counter[str]()
        for formula, at in FORMULAS:
            found += planted_in_arrays(Statement(formula, at), 1 if answers == "numbers" else 3)[0]
        print(_line(f"arrays, from {answers}", found), flush=True)
