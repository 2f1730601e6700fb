"""A derivation read: each line a step that gives a name a new version, over versions of earlier ones.

A hand-written backward pass names gradients (``dh``), values of the formula (``h``) and things of its
own (``tmp``), adds to them (``dx += …``), and masks them in place (``dh[h <= 0] = 0``). Every such
statement is a version here, written ``dx'2``; a name that is read before it is given means its last one,
as in a derivation on paper the order is free.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from backtrace_cli.base.caret import Span
from backtrace_cli.base.collector import steady
from backtrace_cli.base.errors import BacktraceError, FormulaError
from backtrace_cli.grading.derivation.statements import NAME, Piece, apart, pieces
from backtrace_cli.grading.derivation.upstream_notation import Notation
from backtrace_cli.grading.exercise.lists import too_deep
from backtrace_cli.grading.exercise.question_keys import suggestion
from backtrace_cli.grading.exercise.spellings import spellings_of
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph.own_names import callable_in
from backtrace_cli.language.notation.assigned_parts import masked
from backtrace_cli.language.notation.assigned_parts import picked as one_hot_rows
from backtrace_cli.language.reading.parser import parse
from backtrace_cli.language.tokens.lexer import normal_name
from backtrace_cli.language.tree.syntax import CONSTANT, Assign, Call, Expr, Name, Number, names_in, rebuild
from backtrace_cli.ops import CONSTANTS
from backtrace_cli.readings.questions import Question

__all__ = ["Derivation", "Step", "question_of", "read_derivation"]

#: More lines than this are no answer, nor is a longer text.
MOST_LINES, MOST_TEXT = 400, 40_000
_MASKED = re.compile(r"(?P<name>[^\W\d]\w*)\s*\[(?P<place>.*)\]", re.DOTALL)
#: cs231n's way to take one from the scores of the right classes.
_PICKED = re.compile(
    r"\s*(?:(?:np\.)?arange\s*\([^()]*\)|range\s*\([^()]*(?:\([^()]*\)|\[[^\]]*\])?[^()]*\)|:)\s*,\s*(.+)",
    re.DOTALL,
)
#: What changes nothing of a value.
_IDLE = re.compile(r"\.(?:copy|clone|detach|contiguous)\(\)|\.(?:astype|to)\([\w.]*\)|\.(?:float|double)\(\)")
_ZEROS = re.compile(r"(?:np\.|torch\.)?zeros\s*\(.*\)|(?:np\.|torch\.)?zeros_like\s*\([^()]*\)|0(?:\.0?)?")
_FUNCTIONS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "@": "matmul"}


class Step(NamedTuple):
    """One line of a derivation."""

    line: int
    text: str
    name: str
    """What it gives a version of."""
    version: str
    before: str = ""
    """The version that it goes on from: that of ``dx`` in ``dx += …``."""
    sign: str = ""
    """``+`` where it adds to that one; ``[`` where it masks it."""
    value: Expr | None = None
    """Over the formula's names and over versions; None where it can't be read."""
    added: Expr | None = None
    """What ``+=`` adds."""
    zero: bool = False
    """Does it only make room for what is added later: ``dx = 0``?"""
    target: str = ""
    """The node whose gradient it is to be."""
    node: str = ""
    """The node whose value it is to be."""
    problem: BacktraceError | None = None


class Derivation(NamedTuple):
    """All lines, in the order of the text."""

    text: str
    steps: tuple[Step, ...]

    @property
    def by_version(self) -> dict[str, Step]:
        """The step that gives each version."""
        return {step.version: step for step in self.steps}

    def versions(self, name: str) -> list[Step]:
        """The steps that give versions of ``name``, in order."""
        return [step for step in self.steps if step.name == name]


def read_derivation(statement: Statement, text: str) -> Derivation:
    """``text`` read over the names of ``statement``. What can't be read stands in a step's ``problem``.

    >>> found = read_derivation(Statement("h = w*x; L = h^2", "w=2,x=3"), "dh = 2*h; dw = dh*x")
    >>> [(step.target, step.version) for step in found.steps]
    [('h', "dh'1"), ('w', "dw'1")]
    """
    shown = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found = [part for one in pieces(shown[:MOST_TEXT]) for part in apart(one)]
    if len(shown) > MOST_TEXT or len(found) > MOST_LINES:
        raise BacktraceError(
            f"a derivation has at most {MOST_LINES} lines and {MOST_TEXT:,} characters", hint="write less"
        )
    return _Reader(statement, shown, found).derivation()


class _Reader:
    def __init__(self, statement: Statement, text: str, found: list[Piece]) -> None:
        graph = statement.graph
        self.statement = statement
        self.text = text
        self.pieces = found
        self.names = statement.names
        named = {*graph.inputs, *graph.aliases, *(node.name for node in graph.nodes if node.name)}
        self.named = named & statement.names
        """Those that the formula itself gives; a box without a name may be called v1 by anybody."""
        self.output = graph.name(graph.output)
        self.notation = Notation(self.output, set(self.named), set(statement.names))
        self.spelled = spellings_of(statement.names)
        self.latest: dict[str, str] = {}
        self.left = {name for one in found if (name := self._left(one)[0])}
        self.steps: list[Step] = []

    def derivation(self) -> Derivation:
        with steady():
            for piece in self.pieces:
                self.steps.append(self._step(piece))
        return Derivation(self.text, tuple(self._settled(step) for step in self.steps))

    def _left(self, piece: Piece) -> tuple[str, str]:
        """The name on the left, and what stands in the brackets behind it; no name where there is none."""
        left = self.notation.plainly(piece.left).strip()
        part = _MASKED.fullmatch(left)
        name, where = (part["name"], part["place"]) if part is not None else (left, "")
        name = normal_name(name)
        name = self.spelled.get(name, name)
        return (name if NAME.fullmatch(name) else ""), where

    def _step(self, piece: Piece) -> Step:
        name, where = self._left(piece)
        number = sum(step.name == name for step in self.steps) + 1
        target = self.notation.targets.get(name, "")
        node = name if name in self.named else ""
        step = Step(piece.line, piece.text, name, f"{name}'{number}", target=target, node=node)
        try:
            if not name:
                raise FormulaError(
                    "a line gives a name a value", span=Span(0, len(piece.text)), source=piece.text,
                    hint="write dh = …, or ∂L/∂h = …",
                )  # fmt: skip
            if not piece.right:
                raise FormulaError(f"{name} is given nothing", span=Span(0, len(piece.text)),
                                   source=piece.text, hint=f"write {name} = …")  # fmt: skip
            return self._read(piece, step, where)
        except BacktraceError as error:
            return step._replace(problem=_shown_in(piece, error))
        finally:
            if name:
                self.latest[name] = step.version

    def _read(self, piece: Piece, step: Step, where: str) -> Step:
        before = self.latest.get(step.name, "")
        right = self._tree(piece, piece.right)
        if where:
            return self._masked(piece, step, where, before, right)
        zero = not piece.sign and bool(_ZEROS.fullmatch(piece.right))
        if not piece.sign:
            goes_on = before if before and before in names_in(right) else ""
            return step._replace(value=right, zero=zero, before=goes_on)
        if not before and piece.sign in "+-" and step.name not in self.names:
            value = right if piece.sign == "+" else Call("negative", (right,))
            return step._replace(value=value, added=value, sign="+")
        if not before:
            raise self._unknown(step.name, Span(0, len(piece.left)), piece.text)
        value = Call(_FUNCTIONS[piece.sign], (Name(before), right))
        if piece.sign in "+-":
            added = right if piece.sign == "+" else Call("negative", (right,))
            return step._replace(value=value, before=before, sign="+", added=added)
        return step._replace(value=value, before=before, sign=piece.sign)

    def _masked(self, piece: Piece, step: Step, where: str, before: str, right: Expr) -> Step:
        """``dh[h <= 0] = 0`` and ``dz[arange(N), y] -= 1``."""
        if not before:
            raise self._unknown(step.name, Span(0, len(piece.left)), piece.text)
        old: Expr = Name(before)
        picked = _PICKED.fullmatch(where)
        if step.target and piece.sign in ("+", "-") and "," not in (picked[1] if picked else where):
            index = self._tree(piece, picked[1] if picked else where)
            row = one_hot_rows(index, self.statement.shape(step.target)[-1], right)
            return step._replace(value=Call(_FUNCTIONS[piece.sign], (old, row)), before=before, sign="[")
        if piece.sign or not re.search(r"[<>=≤≥≠]", where):
            raise FormulaError(
                "parts of an array can't be given one by one",
                span=Span(0, len(piece.left)), source=piece.text,
                hint="write where(condition, a, b), or the whole array as a list",
            )  # fmt: skip
        condition = self._tree(piece, where)
        return step._replace(value=masked(old, condition, right), before=before, sign="[")

    def _tree(self, piece: Piece, text: str) -> Expr:
        """``text`` as a tree over the formula's names and the versions at hand."""
        plain = self.notation.plainly(_IDLE.sub(lambda found: " " * len(found[0]), text)).replace("∞", "inf")
        if too_deep(plain):
            raise FormulaError("its brackets are nested too deeply", span=Span(0, len(text)), source=text)
        own = self.left - self.names
        bound = {*self.names, *self.spelled, *own, *self.notation.targets}
        program = parse(plain, functions=callable_in(plain, bound), bound=bound, tuples=True)
        first = program.statements[0]
        if len(program.statements) > 1 or not isinstance(first, Assign) or first.name:
            raise FormulaError("one expression is expected", span=Span(0, len(text)), source=text,
                               hint="give each line one name")  # fmt: skip
        return rebuild(first.value, lambda tree: self._meant(tree, plain))

    def _meant(self, tree: Expr, text: str) -> Expr:
        if not isinstance(tree, Name) or tree.span == CONSTANT:
            return tree
        name = tree.name
        if name in self.latest:
            return tree._replace(name=self.latest[name])
        if name in self.names or name in self.spelled:
            return tree._replace(name=self.spelled.get(name, name))
        if name in self.left:  # given further down: on paper the order is free
            return tree._replace(name=f"{name}'")
        if name == f"d{self.output}" and name in self.notation.targets:
            return Number("1", tree.span)
        if name in CONSTANTS:
            return tree
        raise self._unknown(name, Span(*tree.span), text)

    def _unknown(self, name: str, span: Span, text: str) -> FormulaError:
        if name in self.notation.targets:
            node = self.notation.targets[name]
            return FormulaError(f"{name} is not worked out anywhere", span=span, source=text,
                                hint=f"give it a line: {name} = …, the gradient of {node}")  # fmt: skip
        if name.startswith("d") and name[1:] and (near := suggestion(name[1:], frozenset(self.named))):
            message = f"{name} has no value yet, and there is no {name[1:]} in the formula"
            return FormulaError(message, span=span, source=text, hint=near)
        hint = suggestion(name, frozenset({*self.named, *self.latest, *self.notation.targets}))
        return FormulaError(f"{name} has no value yet", span=span, source=text, hint=hint)

    def _settled(self, step: Step) -> Step:
        """``step`` with what it reads from further down settled to the last version of that."""
        if step.value is None:
            return step

        def settled(tree: Expr) -> Expr:
            if isinstance(tree, Name) and tree.name.endswith("'"):
                return tree._replace(name=self.latest[tree.name[:-1]])
            return tree

        added = rebuild(step.added, settled) if step.added is not None else None
        found = step._replace(value=rebuild(step.value, settled), added=added)
        circle = _circle(found, self.steps, self.latest)
        if circle:
            problem = FormulaError(f"{step.name} is worked out from itself, through {circle}",
                                   span=Span(0, len(step.text)), source=step.text,
                                   hint="give one of them in other terms")  # fmt: skip
            return found._replace(problem=problem, value=None)
        return found


def _shown_in(piece: Piece, error: BacktraceError) -> BacktraceError:
    """``error`` in a part of a line, shown in the whole of it."""
    start = piece.text.find(error.source) if error.source else -1
    if start < 0:
        start = max(0, len(piece.text) - len(error.source or ""))
    for name in ("span", "also"):
        span = getattr(error, name)
        if span is not None:
            setattr(error, name, Span(span.start + start, span.end + start))
    error.source, error.origin = piece.text, f"line {piece.line}"
    return error


def _circle(step: Step, all_steps: Sequence[Step], latest: Mapping[str, str]) -> str:
    """The name through which a step reads itself; empty where it doesn't."""
    values = {one.version: one.value for one in all_steps}
    waiting, seen = [step.version], set[str]()
    while waiting:
        value = values[waiting.pop()]
        for read in names_in(value) if value is not None else ():
            version = latest[read[:-1]] if read.endswith("'") else read
            if version == step.version:
                return read.partition("'")[0]
            if version in values and version not in seen:
                seen.add(version)
                waiting.append(version)
    return ""


def question_of(step: Step) -> Question | None:
    """What a step answers; None of a name of the student's own."""
    if step.target:
        return Question("gradient", None, step.target)
    return Question("values", None, step.node) if step.node else None
