"""Faults to plant, one at a time: where, what stands there, what is put instead, which tests must fail.

``python -m tests.planted`` plants each in a copy of the package. The first nine survived everything once.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FAULTS", "Planted"]


class Planted(NamedTuple):
    """One fault: a text of a file of ``backtrace_cli`` and what is put in its place."""

    file: str
    old: str
    new: str
    tests: str
    """Files of tests, below ``tests``, one of which has to fail."""


OPS = "ops/test_array_ops.py ops/test_extreme_sizes.py"
WITNESS = "engine/test_witness.py"
GRADING = "grading/test_found.py grading/test_verdict.py grading/test_equality_pairs.py"
DIAGNOSE = "mistakes/test_diagnose.py mistakes/test_classics.py mistakes/test_array_mistakes.py"

FAULTS = (
    # the nine that nothing noticed
    Planted(
        "ops/reductions.py",
        'ddof=ddof)/(size(a, axis=axis) - ddof)",)',
        'ddof=ddof)/size(a, axis=axis)",)',
        OPS,
    ),
    Planted("base/plain_values.py", "floor = 1e-13 *", "floor = 1e-11 *", "base/test_values.py"),
    Planted(
        "grading/comparing/compare.py", "Fraction(500001, 1000000)", "Fraction(600001, 1000000)", GRADING
    ),
    Planted(
        "grading/classroom/worker.py",
        "_MEMORY = 2_000_000_000",
        "_MEMORY = 40_000_000_000",
        "grading/test_untrusted.py",
    ),
    Planted(
        "grading/classroom/pool.py",
        '"limit": self.plan.limit,',
        '"limit": 10 * self.plan.limit,',
        "grading/test_untrusted.py grading/test_grade.py",
    ),
    Planted(
        "grading/authoring/variants.py",
        'unicodedata.normalize("NFC", student.strip())',
        'unicodedata.normalize("NFC", student.strip().casefold())',
        "grading/test_variants.py",
    ),
    Planted(
        "grading/comparing/equality.py",
        "POINTS, LEAST = 12, 4",
        "POINTS, LEAST = 12, 1",
        "grading/test_found.py",
    ),
    Planted(
        "readings/checking/own_rounding.py",
        "_RUNS, _MOST = 6,",
        "_RUNS, _MOST = 1,",
        "engine/test_cancelling_paths.py engine/test_check.py",
    ),
    Planted(
        "engine/backward.py",
        "        for slot in slots:\n            target",
        "        for slot in slots:\n            if node.op.logarithm and upstream == 0:\n"
        "                continue\n            target",
        WITNESS + " test_eval.py ops/test_edges.py",
    ),
    # ops
    Planted("ops/arithmetic.py", 'partials=("1", "-1")', 'partials=("1", "1")', WITNESS),
    Planted(
        "ops/arithmetic.py",
        '"-a/b^2"), stable=("1/b", "-out/b")',
        '"-a/b^2"), stable=("1/b", "out/b")',
        WITNESS,
    ),
    Planted("ops/trigonometric.py", 'partials=("1 + out^2",)', 'partials=("1 + out",)', WITNESS),
    Planted(
        "ops/special.py",
        'stable=("σ(a - b)", "σ(b - a)")',
        'stable=("σ(b - a)", "σ(a - b)")',
        "ops/test_extreme_sizes.py",
    ),
    Planted(
        "ops/losses.py",
        'stable=("g/{n}*(σ(a)*(1 - b) - b*σ(-a))", None)',
        'stable=("g/{n}*(σ(a)*(1 - b) + b*σ(-a))", None)',
        OPS,
    ),
    Planted(
        "ops/cumulative.py",
        "before = total * np.exp(top[max(k - 1, 0)] - top[k])",
        "before = total * np.exp(top[k] - top[max(k - 1, 0)])",
        OPS,
    ),
    Planted("ops/products.py", "return not bool(np.all(", "return bool(np.all(", OPS),
    Planted(
        "ops/activations.py",
        "return 0.0 if below == 0 else a * below",
        "return a * below",
        "ops/test_edges.py",
    ),
    Planted("ops/elimination.py", "det = -det", "det = det", "ops/test_elimination.py"),
    # engine
    Planted(
        "engine/backward.py",
        "contribution, _ = arithmetic.fit(contribution, values[target])",
        "pass",
        "ops/test_array_cases.py test_worked_arrays.py",
    ),
    Planted(
        "engine/backward.py",
        "order == 1 else self.arithmetic.plus(total, contribution)",
        "order == 1 else contribution",
        "test_worked_examples.py",
    ),
    Planted(
        "engine/forward_mode.py",
        "total = part if total is None else arithmetic.plus(total, part)",
        "total = part",
        WITNESS + " test_worked_examples.py",
    ),
    Planted(
        "engine/symbolic.py",
        'contribution = simplify(Call("sum", (_at_each_entry(contribution, at[-1]),)))',
        "contribution = contribution",
        "engine/test_symbolic_arrays.py",
    ),
    Planted(
        "engine/compiled/lines.py",
        "return self.apply(_NEGATE, (other,))",
        "return other",
        "engine/test_compiled.py",
    ),
    Planted(
        "engine/arithmetics/big.py",
        'text = f"0{text}" if text[0] == "." else text',
        "pass",
        "test_every_option.py",
    ),
    Planted(
        "engine/forward.py",
        "if needed[index] and _outside(node, values, arithmetic):",
        "if False:",
        "test_bad_inputs.py",
    ),
    # graph and language
    Planted(
        "graph/masks.py",
        "if not keeps_mask(node.op) or grows:",
        "if not keeps_mask(node.op):",
        "test_masks.py",
    ),
    Planted(
        "graph/shape_fitting.py",
        "turned[slot] = given[slot][::-1]",
        "turned[slot] = given[slot]",
        "test_shape_errors.py",
    ),
    Planted(
        "language/tree/text.py",
        "need = ATOM if _signed(right) else operator.level + 1",
        "need = operator.level",
        "language/test_language.py test_fuzz.py",
    ),
    Planted(
        "language/tree/simplify.py",
        "return None if inner is None else -inner",
        "return inner",
        "engine/test_closed.py language/test_language.py engine/test_messages.py",
    ),
    Planted(
        "language/notation/sums.py",
        'empty = Token("number", "0" if sign.text == "sum" else "1", first)',
        'empty = Token("number", "0", first)',
        "language/test_latex_input.py language/test_notation.py",
    ),
    Planted(
        "language/tokens/elsewhere.py",
        '"rsqrt": "1/sqrt(x)"',
        '"rsqrt": "1/sqr(x)"',
        "language/test_elsewhere.py",
    ),
    # readings
    Planted(
        "readings/cost.py",
        "if sent.order > 1:\n        cost += target",
        "if False:\n        cost += target",
        "test_eval.py test_array_pages.py test_worked_arrays.py",
    ),
    Planted(
        "readings/checking/check_verdict.py",
        "_SURE = 10.0",
        "_SURE = 1000.0",
        "engine/test_check.py engine/test_cancelling_paths.py",
    ),
    Planted(
        "readings/kinks.py",
        "def _differ(one: Value, other: Value, where: Value) -> bool:",
        "def _differ(one: Value, other: Value, where: Value) -> bool:\n    return False",
        "engine/test_check_at_kinks.py",
    ),
    Planted(
        "readings/two_columns.py",
        "elif not _is_one(local):",
        "elif _is_one(local):",
        "test_eval.py test_golden.py",
    ),
    Planted(
        "readings/gradient_terms.py",
        'if many else Number("1")',
        'if many and False else Number("1")',
        "test_array_pages.py",
    ),
    Planted(
        "readings/closed/shortest.py",
        "if form is tree or agree(tree, form))",
        "if True)",
        "engine/test_closed.py",
    ),
    # runs
    Planted(
        "runs/first_values.py",
        "[seed, zlib.crc32(line.name.encode())]",
        "[seed]",
        "training/test_train.py training/test_keeping.py test_golden.py test_eval.py",
    ),
    Planted(
        "runs/files/refusals.py",
        "if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):",
        "if False:",
        "test_limits.py",
    ),
    Planted(
        "runs/run.py",
        'single = "float32" in precisions and "float64" not in precisions',
        "single = False",
        "ops/test_array_cases.py test_api.py ops/test_array_torch.py",
    ),
    Planted(
        "runs/prepared_gradient.py",
        "return self._by_the_walk(given)  # which says",
        "raise  # which says",
        "test_api.py",
    ),
    # export and pictures
    Planted(
        "export/layout/layering.py",
        "level[place] = found - 1",
        "level[place] = found - 2",
        "pictures/test_read_back.py pictures/test_media.py test_golden.py",
    ),
    Planted("export/pictures/svg.py", "</desc>", "</title>", "pictures/test_media.py"),
    Planted(
        "export/written_code.py",
        'f"{self.dialect.arrays}.ones_like',
        'f"{self.dialect.arrays}.zeros_like',
        "export/test_code.py",
    ),
    # training
    Planted(
        "training/moving/optimisers.py",
        '"w - lr*(g + mu*v)"',
        '"w - lr*(g - mu*v)"',
        "training/test_optimisers.py training/test_pytorch.py training/test_descent.py",
    ),
    Planted(
        "training/training.py",
        "self.best.epoch + patience <= len(self.epochs)",
        "self.best.epoch + patience < len(self.epochs)",
        "training/test_optimisers.py training/test_train.py",
    ),
    Planted(
        "training/examples.py",
        "np.stack(parts, axis=1)",
        "np.stack(parts[::-1], axis=1)",
        "training/test_data.py training/test_train.py",
    ),
    # mistakes
    Planted(
        "mistakes/told.py",
        '(2.0, "doubled", "your answer is twice',
        '(3.0, "doubled", "your answer is twice',
        "mistakes/test_classics.py",
    ),
    # grading
    Planted(
        "grading/judging/carry_forward.py",
        "_STOCK = {0.0, 1.0, -1.0, 2.0}",
        "_STOCK = {0.0, 1.0}",
        "grading/test_found.py grading/test_fair.py",
    ),
    Planted(
        "grading/comparing/equality.py",
        "return self._first_difference(closer) or short",
        "return short",
        "grading/test_found.py",
    ),
    Planted(
        "grading/comparing/kink_interval.py",
        "(low + moved - abs(low - moved)) / 2",
        "(low + moved + abs(low - moved)) / 2",
        "grading/test_found.py grading/test_exercise.py grading/test_verdict.py",
    ),
    Planted(
        "readings/assumptions.py",
        "total *= first[0]",
        "total += first[0]",
        "grading/test_fair.py grading/test_found.py",
    ),
    Planted(
        "grading/sampling.py",
        "name: self.at[name] if name in self.held",
        "name: value if name in self.held",
        "grading/test_found.py",
    ),
    Planted(
        "grading/classroom/book.py", "self._spool.seek(0, 2)", "self._spool.seek(0)", "grading/test_grade.py"
    ),
    Planted("quiz/judge.py", "if said.trouble:", "if False:", "quiz/test_said.py"),
    Planted(
        "quiz/memory/progress.py",
        "Day(day.asked + 1, day.right + right)",
        "Day(day.asked + 1, day.right + 1)",
        "quiz/test_progress.py quiz/test_midnight.py",
    ),
    Planted(
        "quiz/memory/store.py", "if not Path(lock.lock_file).exists():", "if False:", "quiz/test_progress.py"
    ),
    Planted(
        "quiz/memory/choose.py",
        "progress.level(name) == 1), None)",
        "progress.level(name) == 2), None)",
        "quiz/test_coming_back.py quiz/test_newcomer.py quiz/test_learner.py",
    ),
    # base, pages, commands
    Planted("base/safe_text.py", '"Cc", "Cf"', '"Cc"', "test_fuzz.py language/test_language.py"),
    Planted(
        "base/whole_file.py",
        "os.replace(draft, target)",
        "os.replace(draft, target + 'x')",
        "base/test_whole_file.py",
    ),
    Planted(
        "pages/writers/html.py",
        "def escaped(text: str) -> str:",
        "def escaped(text: str) -> str:\n    return text",
        "pages/test_media.py",
    ),
    Planted(
        "cli.py",
        "raise click.exceptions.Exit(141) from None",
        "raise click.exceptions.Exit(1) from None",
        "test_limits.py",
    ),
    Planted("__main__.py", "os._exit(2)", "os._exit(1)", "test_limits.py"),
)
