"""Gradients that a program of somebody's own computed, whole parameters from files, judged and diagnosed.

One mistake in a backward pass shows in every gradient below it, so all arrays together are its evidence: the
mistake that leads to each of them, the right ones among them, is named before any that explains one alone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import listed, shorten
from backtrace_cli.base.numerals import numeral, shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.base.suggest import nearest_of
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.exercise.exercise import Answer
from backtrace_cli.grading.judging.carry_forward import first_step
from backtrace_cli.grading.judging.checked import RIGHT, WRONG, Checked
from backtrace_cli.grading.own_work.mine import Mine
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.readings.questions import Question
from backtrace_cli.runs.files.stored import Stored, read_stored
from backtrace_cli.runs.point import other_spellings

if TYPE_CHECKING:
    from backtrace_cli.mistakes.diagnose import Diagnosis

__all__ = ["TOLERANCES", "Tolerance", "judge_arrays"]

#: After so many seconds no further mistakes are tried.
_PATIENCE = 30.0


class Tolerance(NamedTuple):
    """How far an entry may be off: a share of itself, and a share of the array's largest, as what is left
    where large terms cancel has the rounding of those."""

    share: float
    largest: float


#: What rounding may do to a gradient, by the precision in which it was computed.
TOLERANCES = {
    "float64": Tolerance(1e-8, 1e-11), "float32": Tolerance(1e-4, 5e-6), "float16": Tolerance(2e-2, 2e-3),
    "bfloat16": Tolerance(5e-2, 1e-2), "text": Tolerance(5e-4, 1e-9),
}  # fmt: skip


class _Given(NamedTuple):
    question: Question
    text: str
    stored: Stored
    right: Value
    tolerance: Tolerance


def judge_arrays(trace: Trace, files: Sequence[tuple[str, str]]) -> Mine:
    """Judge the arrays in ``files`` as the gradients of ``trace``: (name, path), the name empty where the
    file names its arrays itself. Raises PointError where a file can't be used.
    """
    if trace.symbolic or trace.back is None:
        raise PointError("numbers are judged at a point, going back", hint="add --at, leave --mode out")
    given, left = _read(trace, files)
    checked = [_checked(trace, one) for one in given]
    wrong = [one for one, found in zip(given, checked, strict=True) if found.verdict == WRONG]
    remarks = [f"{one} is no variable of this formula, and was left alone." for one in left]
    remarks += _precisions(given)
    if not wrong:
        return Mine(trace, arrays=tuple(checked), remarks=tuple(remarks))
    common, apart = _explained(trace, given, wrong)
    for place, one in enumerate(given):
        if (found := common or apart.get(one.question)) is not None and checked[place].verdict == WRONG:
            checked[place] = checked[place]._replace(
                mistake=found.sure, diagnosis=found.words, explained=found.explained
            )
    if (factor := _factor(wrong)) is not None:
        each = "It is" if len(wrong) == 1 else "Each of those that are wrong is"
        remarks.append(f"{each} {numeral(factor)} times what it should be.")
    if common is not None and len(wrong) > 1:
        names = listed([f"∂{trace.output}/∂{one.question.target}" for one in wrong])
        remarks.append(f"This one mistake explains all that is wrong: {names}.")
    elif common is None and len(apart) > 1:
        remarks.append("No one mistake explains them all; each is explained by itself.")
    at_fault = [one for one in checked if one.verdict == WRONG]
    first = at_fault[first_step(trace, [one.answer.question for one in at_fault])]
    return Mine(trace, arrays=tuple(checked), first_wrong=first, remarks=tuple(remarks))


def _read(trace: Trace, files: Sequence[tuple[str, str]]) -> tuple[list[_Given], list[str]]:
    """What the files give for variables of the formula, in the order of these; and names that are none."""
    spelled = {other: name for name in trace.graph.inputs for other in other_spellings(name)}
    spelled |= {name: name for name in trace.graph.inputs}
    found: dict[str, _Given] = {}
    left: list[str] = []
    for name, path in files:
        for title, stored in read_stored(name, path).items():
            plain = title.replace(".", "_")
            known = next((spelled[one] for one in _ways(plain) if one in spelled), None)
            if known is None:
                if name:
                    hint = nearest_of(name, dict.fromkeys(trace.graph.inputs), "its variables")
                    raise PointError(f"{shorten(name, 24)} is no variable of this formula", hint=hint)
                left.append(shorten(title, 24))
                continue
            if known in found:
                raise PointError(f"the gradient of {known} is given twice", hint="give it once")
            question = Question("gradient", None, known)
            right = trace.gradient_of(known)
            found[known] = _Given(question, f"@{path}", stored, right, TOLERANCES[stored.precision])
    if not found:
        raise PointError(f"{files[0][1]} has no array for a variable of this formula",
                         hint=f"its variables: {listed(list(trace.graph.inputs))}")  # fmt: skip
    return [found[name] for name in trace.graph.inputs if name in found], left


def _ways(title: str) -> list[str]:
    """The variable that an array called ``title`` may belong to: W, dW, grad_W, W_grad."""
    ways = [title]
    for before in ("d", "grad_", "g_"):
        ways += [title[len(before) :]] if title.startswith(before) else []
    return [*ways, title.removesuffix("_grad")]


def _checked(trace: Trace, one: _Given) -> Checked:
    answer = Answer(one.question, one.text, 0)
    mine, right = one.stored.array, one.right
    if shape_of(mine) != shape_of(right):
        name, wide, found = one.question.target, sides(shape_of(right)), sides(shape_of(mine))
        words = f"the gradient has the shape of {name}, {wide}; yours is {found}"
        return Checked(answer, WRONG, words=words)
    off = _off(mine, right, one.tolerance)
    if not _any(off):
        return Checked(answer, RIGHT, holds="at the point")
    gap = abs(mine - right) * off
    place = tuple(int(i) for i in _unravelled(int(gap.argmax()), shape_of(right))) if shape_of(right) else ()
    yours, theirs = (float(mine[place]), float(right[place])) if place else (float(mine), float(right))
    many = ""
    if place:
        where = ", ".join(map(str, place))
        many = f"{int(off.sum()):,} of {off.size:,} entries differ, most at [{where}]: "
    return Checked(answer, WRONG, words=f"{many}yours is {numeral(yours)}, the trace has {numeral(theirs)}")


def _off(mine: Any, right: Any, tolerance: Tolerance) -> Any:
    """Where the two differ by more than rounding."""
    size = abs(right)
    largest = size.max() if shape_of(size) else size
    gap = abs(mine - right)
    return ~(gap <= tolerance.share * size + tolerance.largest * largest)


def _any(found: Any) -> bool:
    return bool(found.any() if shape_of(found) else found)


def _factor(wrong: Sequence[_Given]) -> float | None:
    """What all of them are the right ones times, where that is one number."""
    found: set[float] = set()
    for one in wrong:
        mine, right = one.stored.array, one.right
        if shape_of(mine) != shape_of(right):
            return None
        size = float((right * right).sum()) if shape_of(right) else float(right) ** 2
        dot = float((mine * right).sum()) if shape_of(right) else float(mine) * float(right)
        if not size or _any(_off(mine, dot / size * right, one.tolerance)):
            return None
        found.add(float(f"{dot / size:.3g}"))
    return found.pop() if len(found) == 1 and 0.0 not in found else None


def _unravelled(index: int, shape: tuple[int, ...]) -> list[int]:
    place: list[int] = []
    for size in reversed(shape):
        index, rest = divmod(index, size)
        place.insert(0, rest)
    return place


def _precisions(given: Sequence[_Given]) -> list[str]:
    """What the tolerance was, where it is wider than that of doubles."""
    words = {
        "float32": "Computed in float32, so entries may be off by 1 part in 10,000.",
        "float16": "Computed in float16, so entries may be off by 2 parts in 100.",
        "bfloat16": "Computed in bfloat16, so entries may be off by 5 parts in 100.",
        "text": "Written with few digits, so entries may be off by 5 parts in 10,000.",
    }
    return [words[name] for name in dict.fromkeys(one.stored.precision for one in given) if name in words]


def _explained(
    trace: Trace, given: Sequence[_Given], wrong: Sequence[_Given]
) -> tuple[Diagnosis | None, dict[Question, Diagnosis]]:
    """The mistake behind all of them, or, where there is none, that behind each."""
    from backtrace_cli.mistakes.together import Witnessed, together

    at_fault = {one.question for one in wrong}
    evidence = [
        Witnessed(one.question, one.stored.array, one.question in at_fault, *one.tolerance) for one in given
    ]
    until = time.monotonic() + _PATIENCE
    return together(trace, evidence, lambda: time.monotonic() > until)
