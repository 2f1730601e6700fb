"""Which share of the planted mistakes is named at the points that ``new`` chooses, over all 100 formulas.

Run it with ``python -m tests.mistakes.shares`` (some minutes; pytest does not collect it).
"""

from __future__ import annotations

from tests.mistakes.test_diagnose import named_at_chosen_points

if __name__ == "__main__":
    for answers in ("numbers", "formulas"):
        share, of, misnamed = named_at_chosen_points(answers, 1)
        print(f"from {answers}: {share:.1%} of {of:,} named, {len(misnamed)} misnamed", flush=True)
