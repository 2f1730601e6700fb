"""No right answer is refused, however sympy writes it, with constants as large as textbooks have them."""

from __future__ import annotations

import pytest

from tests.grading.rewritten import judged


@pytest.mark.slow
def test_derivatives_rewritten_by_sympy(capsys: pytest.CaptureFixture[str]) -> None:
    """exp, log, tanh, powers and quotients with constants up to 10: none is wrong, and hardly one undecided;
    a thousandth more is never right."""
    found = judged(120, seed=11)
    assert found["undecided"] <= 3
    with capsys.disabled():
        print(f"\n{dict(found)}")
