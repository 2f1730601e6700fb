"""An exercise made from a formula: its boxes named, its blanks laid out, its point chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from string import ascii_lowercase
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import numeral, shape_of
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.grading.authoring.array_making import answerable, shaped
from backtrace_cli.grading.authoring.exercise_point import point_of, rival_points
from backtrace_cli.graph import Graph, build
from backtrace_cli.language.tree.syntax import Expr, Name, size
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.mistakes.choose_point import Showing
from backtrace_cli.ops import CONSTANTS, FUNCTIONS
from backtrace_cli.ops.shape_functions import Shape
from backtrace_cli.readings.questions import KINDS, Question
from backtrace_cli.runs.point import other_spellings

__all__ = ["ASKABLE", "USUAL", "Made", "make_exercise", "named_formula", "questions_about"]

#: The tables that an exercise can ask for, in the order of the file.
ASKABLE = tuple(name for name, kind in KINDS.items() if kind.offered)
#: Those that it does ask for where nobody says.
USUAL = tuple(name for name in ASKABLE if KINDS[name].usual)
#: A formula with more boxes than this is no exercise.
MOST_BOXES = 60
#: More boxes than this are called v1, v2, … and not a, b, c, ….
_MOST_LETTERS = 16
_STOCK_FORK = "Read more than once:"


class Made(NamedTuple):
    """A new exercise, and why its point was chosen."""

    text: str
    """The file."""
    graph: Graph
    at: dict[str, Any]
    shows: Showing | None
    """What the mistakes do at that point."""
    rivals: tuple[tuple[dict[str, Any], Showing], ...]
    """Other points, for comparison."""
    tried: int
    """How many points were looked at; 0 where the point was given."""


def make_exercise(
    formula: str, tables: Sequence[str] = USUAL, title: str = "", at: Mapping[str, Any] | None = None,
    file: str = "FILE", shapes: Mapping[str, Shape] | None = None,
) -> Made:  # fmt: skip
    """An exercise on ``formula`` with blanks for ``tables``, at the point where mistakes show best.

    Arrays need their ``shapes``, or a point ``at`` that has them.

    Raises BacktraceError where the formula can't be read, has no variables, is too long,
    or has no trace at any point that was tried.

    >>> made = make_exercise("x^2*y", ["gradient"])
    >>> print(made.text.splitlines()[-3])
    [gradient]
    """
    bound = {
        spelling for name in (*(at or ()), *(shapes or ())) for spelling in {name, *other_spellings(name)}
    }
    graph = build(formula, bound=bound)
    if at is not None and (graph.mixes or any(map(shape_of, at.values()))):
        shapes = {name: shape_of(value) for name, value in at.items()}
    if shapes is None and (graph.mixes or graph.lists):
        raise BacktraceError("this formula works on arrays, and nobody has said of what shapes",
                             hint="add --shapes W=2x3,h=3, or a point: --at W=[[1,2],[3,4]]")  # fmt: skip
    if not graph.inputs:
        raise BacktraceError("there is nothing to differentiate", hint="an exercise needs a variable: x^2*y")
    if not graph.steps:
        raise BacktraceError("there is no box to work through", hint="write more than one variable: x^2*y")
    if len(graph.steps) > MOST_BOXES:
        raise BacktraceError(f"{len(graph.steps):,} boxes are too many for an exercise",
                             hint=f"give one of at most {MOST_BOXES}")  # fmt: skip
    if shapes is None and not all(KINDS[table].numeric for table in tables):
        raise BacktraceError("every box of this formula is a number, and has no shape to ask for",
                             hint=f"ask for {', '.join(USUAL)}")  # fmt: skip
    boxes = any(not KINDS[table].is_sum for table in tables)
    if boxes:
        formula = named_formula(graph)
        graph = build(formula, bound=set(graph.inputs))
    questions = [
        question for table in ASKABLE if table in tables for question in questions_about(graph, table)
    ]
    if shapes is not None:
        graph = shaped(graph, shapes)
        questions = answerable(graph, questions)
    if not questions:
        raise BacktraceError("there is nothing to ask", hint=f"ask for {', '.join(ASKABLE)}")
    choice = point_of(graph, questions, at)
    text = _text(graph, formula, questions, title, choice.at, file)
    shows = None if choice.shows.of == 0 else choice.shows
    rivals = tuple(rival_points(graph, questions, choice)) if shows else ()
    return Made(text, graph, choice.at, shows, rivals, choice.tried)


# -- names and blanks --------------------------------------------------------------


def named_formula(graph: Graph) -> str:
    """``graph`` as statements, one a box, so that each box can be asked for by name.

    >>> named_formula(build("(x + y)*y"))
    'a = x + y; f = a*y'
    """
    names = _box_names(graph)

    def term(index: int) -> Expr:
        return Name(names[index]) if index in names else graph.term(index)

    return "; ".join(
        f"{names[index]} = {to_text(graph.definition(index, term), ascii=True)}" for index in graph.steps
    )


def _box_names(graph: Graph) -> dict[int, str]:
    """What every box is called: its own name, or the next free letter."""
    own = {graph.name(i) for i in graph.inputs.values()} | set(graph.aliases)
    output = graph.name(graph.output)
    taken = {spelling for name in (*own, output) for spelling in {name, *other_spellings(name)}}
    taken |= {*CONSTANTS, *FUNCTIONS, "i", "l", "o"}
    letters = iter([letter for letter in ascii_lowercase if letter not in taken])
    few = len(graph.steps) <= _MOST_LETTERS
    names: dict[int, str] = {}
    for index in graph.steps:
        node = graph.nodes[index]
        if node.name or index == graph.output or not few:
            names[index] = graph.name(index)
        else:
            names[index] = next(letters, graph.name(index))
    return names


def questions_about(graph: Graph, table: str) -> list[Question]:
    """Everything that ``table`` can ask about ``graph``, in the order of the computation.

    >>> [question.key for question in questions_about(build("a = x + y; f = a*y"), "messages")]
    ['f->a', 'f->y', 'a->x', 'a->y']
    """
    return KINDS[table].every(graph, _carrying(graph))


def _carrying(graph: Graph) -> dict[int, list[int]]:
    """For every box that a message can reach: the nodes it sends one to. A condition gets none."""
    varies = graph.leads_from(set(graph.inputs.values()))
    reached = {graph.output}
    found: dict[int, list[int]] = {}
    for node in reversed(graph.nodes):
        if node.op is not None and node.index in reached:
            args = node.args[1:] if node.op.selects else node.args
            found[node.index] = [arg for arg in args if varies[arg]]
            reached.update(found[node.index])
    return found


# -- the file -------------------------------------------------------------------------


def _text(
    graph: Graph, formula: str, questions: Sequence[Question], title: str, at: Mapping[str, Any],
    file: str,
) -> str:  # fmt: skip
    whole = _written_out(graph)
    about = "shapes in" if all(not question.kind.numeric for question in questions) else "derivatives of"
    title = title or (f"The {about} {whole}" if len(whole) <= 60 else f"{len(graph.steps)} boxes")
    point = ", ".join(f"{_key(name)} = {_value(value)}" for name, value in at.items())
    lines = [
        f"# Fill in the blanks between the quotes, then:  backtrace check {visible_name(file)}",
        "",
        f"title = {_quoted(title)}",
        'why = ""        # one sentence: why does this matter?',
        f"formula = {_quoted(formula)}",
        f"at = {{ {point} }}",
        "hints = [",
        *(f"  {_quoted(hint)}," for hint in _hints(graph, questions)),
        "]",
    ]
    for table in ASKABLE:
        asked = [question for question in questions if question.kind is KINDS[table]]
        if asked:
            width = max(len(_key(question.key)) for question in asked)
            lines += ["", KINDS[table].heading, f"[{table}]"]
            lines += [f'{_key(question.key):<{width}} = ""{_comment(graph, question)}' for question in asked]
    return "\n".join(lines) + "\n"


def _written_out(graph: Graph) -> str:
    """The output over the variables, as far as that stays short."""
    trees: list[Expr] = []
    for node in graph.nodes:
        tree = graph.definition(node.index, trees.__getitem__)
        trees.append(tree if size(tree, 60) <= 60 else graph.term(node.index))
    return to_text(trees[graph.output])


def _comment(graph: Graph, question: Question) -> str:
    name = question.kind.box(question)
    index = None if name is None else graph.find(name)
    if index is None:
        return ""
    return f"     # {name} = {to_text(graph.definition(index))}"


def is_stock(hint: str) -> bool:
    """Is it one of the hints that a new exercise begins with?"""
    return hint in (kind.hint for kind in KINDS.values() if kind.hint) or hint.startswith(_STOCK_FORK)


def _hints(graph: Graph, questions: Sequence[Question]) -> Iterator[str]:
    """Hints to begin with; an author who knows the class writes better ones."""
    readers = graph.readers()
    forks = [
        f"{graph.name(i)} by {', '.join(dict.fromkeys(graph.name(reader) for reader in found))}"
        for i, found in enumerate(readers)
        if len(found) > 1 and not graph.nodes[i].is_constant
    ]
    tables = {question.table for question in questions}
    yield from dict.fromkeys(KINDS[table].hint for table in ASKABLE if table in tables)
    if forks and any(KINDS[table].back for table in tables):
        yield f"{_STOCK_FORK} {'; '.join(forks[:4])}. Each reading sends a message, and they add up."


def _quoted(text: str) -> str:
    """``text`` as a TOML string."""
    return json.dumps(visible(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").isalnum()
    return name if plain else _quoted(name)


def _value(value: Any) -> str:
    """A number, or nested lists, in the shortest way that is read as the same again."""
    if shape_of(value):
        return f"[{', '.join(map(_value, value))}]"
    if not isinstance(value, (int, Fraction)):
        found = float(value)
        return numeral(found, 17, ascii=True) if found == int(found) else repr(found)
    return str(value.numerator) if value.denominator == 1 else f'"{value}"'
