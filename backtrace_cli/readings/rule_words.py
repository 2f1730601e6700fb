"""The rule of a box in words: over letters of its own, and over arrays what it sends back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Node
from backtrace_cli.language.tree.simplify import simplify, substitute
from backtrace_cli.language.tree.syntax import Call, Expr, Name, names_in
from backtrace_cli.ops import find, in_place, rule
from backtrace_cli.readings.questions.question import Question, edges

__all__ = ["Sheet", "Wording", "array_hints", "array_reason", "box_words", "rule_words", "shape_hints"]


class Wording(Protocol):
    """How numbers and formulas are written for the reader at hand."""

    @property
    def arrow(self) -> str: ...
    @property
    def dot(self) -> str: ...
    @property
    def minus(self) -> str: ...
    def added(self, numbers: list[str]) -> str: ...
    def expr(self, tree: Expr) -> str: ...
    def factor(self, tree: Expr) -> str: ...
    def number(self, value: Value) -> str: ...
    def partial(self, top: str, bottom: str) -> str: ...


class Sheet(Protocol):
    """The words of every cell of one trace, as a page has them."""

    @property
    def trace(self) -> Trace: ...
    @property
    def wording(self) -> Wording: ...
    @property
    def arrays(self) -> bool: ...
    def adds(self, source: str, target: str) -> str: ...
    def arrived(self, source: str) -> str: ...
    def definition(self, name: str) -> str: ...
    def gradient(self, target: str) -> str: ...
    def local(self, source: str, target: str) -> str: ...
    def local_value(self, source: str, target: str) -> str: ...
    def message(self, source: str, target: str) -> str: ...
    def mixed(self, source: str) -> bool: ...
    def numbers(self, name: str) -> str: ...
    def partial(self, target: str) -> str: ...
    def parts(self, target: str) -> list[str]: ...
    def readers(self, target: str) -> list[str]: ...
    def shape(self, name: str) -> str: ...
    def tangent(self, node: str) -> tuple[str, str, str]: ...
    def upstream(self, source: str) -> str: ...
    def value(self, name: str) -> str: ...


def rule_words(cell: Question, sheet: Sheet) -> str:
    """The partial of the box over letters of its own: ``∂(u·v)/∂u = v``."""
    graph, w = sheet.trace.graph, sheet.wording
    node = graph.nodes[graph.find(cell.source or "") or 0]
    op, count, slot = node.op, len(node.args), node.args.index(graph.find(cell.target) or 0)
    assert op is not None
    letters = _letters_for(sheet, count)
    whole = Call(op.name, tuple(letters))
    tree = substitute(rule(op, slot, count), dict(zip(op.params(count), letters, strict=True)))
    text = w.expr(tree)
    out = f", where out is {w.expr(whole)}" if "out" in names_in(tree) else ""
    return f"{w.partial(f'({w.expr(whole)})', letters[slot].name)} = {text}{out}"


def _letters_for(sheet: Sheet, count: int) -> list[Name]:
    """Letters for the arguments of a box that are no names of the formula."""
    graph = sheet.trace.graph
    free = [letter for letter in "uvwrstpqmn" if graph.find(letter) is None]
    return [Name(free[n] if n < len(free) else f"u{n + 1}") for n in range(count)]


#: An argument's letter in the line that describes an op. An a before other words is the article.
_ARGUMENT = re.compile(
    r"\ba\b(?! (?!(?:above|and|below|between|equals|first|holds|in|is|kept|or|over|to)\b)[a-z])|\b[bc]\b"
)


def box_words(box: str, sheet: Sheet, *, back: bool) -> str:
    """What a box does, over letters of its own: ``b = relu(x).  relu(u): max(0, u).``; going back, why its
    rule is as it is, in a sentence."""
    graph = sheet.trace.graph
    node = graph.nodes[graph.find(box) or 0]
    if node.op is None:
        return f"{box} = {sheet.definition(box)}."
    spelled = find(node.op.spelled) if node.op.spelled else None
    why = node.op.why or (spelled.why if spelled is not None else "")
    if back and why:
        return f"{box} = {sheet.definition(box)}.  {why}"
    letters = _letters_for(sheet, len(node.args))
    named = {p: letter.name for p, letter in zip(node.op.params(len(node.args)), letters, strict=True)}
    doc = _ARGUMENT.sub(lambda found: named.get(found[0], found[0]), node.op.doc.partition(";")[0])
    whole = _over_letters(node, letters, sheet)
    return f"{box} = {sheet.definition(box)}.  {whole}: {doc}."


# -- arrays ------------------------------------------------------------------------------

#: More terms of an opened entry than this are too many to read.
_MOST_TERMS = 6


def array_hints(cell: Question, sheet: Sheet) -> list[str]:
    """The hints for a message over arrays."""
    source, target = cell.source or "", cell.target
    arrived, message = sheet.arrived(source) or "1", sheet.message(source, target)
    box = f"{source} = {sheet.definition(source)}"
    given = f"That is {message}" + (
        f", with {arrived} = {sheet.upstream(source)}." if arrived != "1" else "."
    )
    if sheet.mixed(source):
        told = f", over what arrived at {source}, called {arrived}" if arrived != "1" else ""
        return [f"The box {box} mixes entries: its rule gives the message as a whole{told}. "
                f"The message has the shape of {target}, {sheet.shape(target)}.",
                f"The rule of the box: {_message_rule(cell, sheet)}.", given]  # fmt: skip
    spread = _spread(source, target, sheet)
    part = sheet.wording.partial(source, target)
    found = [f"What arrived at {source}, entry by entry times the local {part} of the box {box}."]
    found += [f"{spread} What all its uses send adds up, so that the message has the shape of {target}."
              ] if spread else []  # fmt: skip
    return [*found, f"{arrived} arrived at {source}, and the local {part} is {sheet.local(source, target)}.",
            given]  # fmt: skip


def shape_hints(source: str, target: str, sheet: Sheet) -> list[str]:
    """The hints for the shape of a box, or of what ``source`` sends."""
    if source:
        return ["What is sent to a node has an entry for each entry of the node.",
                f"What is the shape of {target}? It stands above, as a value."]  # fmt: skip
    graph = sheet.trace.graph
    node = graph.nodes[graph.find(target) or 0]
    if node.op is None:
        return [f"{target} is given: count its rows, then what is in each of them."]
    read = [arg for arg in dict.fromkeys(node.args) if not graph.nodes[arg].is_constant]
    listed = ", ".join(f"{graph.name(arg)} has the shape {sheet.shape(graph.name(arg))}" for arg in read)
    plain = "Entry by entry: the larger shape stays." if not node.op.mixes else ""
    return [
        f"{target} = {sheet.definition(target)}, and {listed}.",
        node.op.shape_words or plain or node.op.doc,
    ]


def _spread(source: str, target: str, sheet: Sheet) -> str:
    """``b has the shape 2, and r 3×2.``, where an array was spread over a larger one."""
    small, wide = sheet.shape(target), sheet.shape(source)
    return f"{target} has the shape {small}, and {source} {wide}." if small != wide else ""


def array_reason(cell: Question, sheet: Sheet) -> Iterator[str]:
    """Why a message over arrays is as it is."""
    source, target = cell.source or "", cell.target
    arrived = sheet.arrived(source)
    if sheet.mixed(source):
        yield f"{_message_rule(cell, sheet)}."
    else:
        yield f"{rule_words(cell, sheet)}, entry by entry."
        if spread := _spread(source, target, sheet):
            yield f"{spread} Each entry of {target} is used several times: what the uses send adds up."
    where = f", where {arrived} is what arrived at {source}." if arrived else ": at the output arrives 1."
    yield f"Here that is {sheet.message(source, target)}{where}"
    opened = _opened(sheet.trace, source, target, sheet)
    if opened:
        yield f"One entry opened:  {opened}."


def _message_rule(cell: Question, sheet: Sheet) -> str:
    """``u @ v sends u.T @ g to v, where g is what arrived``: the rule over letters of its own."""
    graph, w = sheet.trace.graph, sheet.wording
    (source, slot), *_ = edges(graph, cell)
    node = graph.nodes[source]
    op, count = node.op, len(node.args)
    assert op is not None
    letters = _letters_for(sheet, count)
    names: dict[str, Expr] = dict(zip(op.params(count), letters, strict=True))
    tree = simplify(in_place(op, rule(op, slot, count, False, node.fixed), names, node.fixed))
    whole = _over_letters(node, letters, sheet)
    used = names_in(tree)
    told = ", where " * bool(used & {"g", "out"}) + " and ".join(
        words
        for name, words in (("g", "g is what arrived"), ("out", "out is what comes out"))
        if name in used
    )
    return f"{whole} sends {w.expr(tree)} to {letters[slot].name}{told}"


def _over_letters(node: Node, letters: list[Name], sheet: Sheet) -> str:
    """What a box computes, over letters: ``u·v``, ``sum(u, axis=0)``."""
    graph = sheet.trace.graph
    assert node.op is not None
    if not node.op.mixes or len(set(node.args)) < len(node.args):
        return sheet.wording.expr(Call(node.op.called, tuple(letters)))
    by_index = dict(zip(node.args, letters, strict=False))
    return sheet.wording.expr(graph.definition(node.index, lambda index: by_index[index]))


def _opened(trace: Trace, source: str, target: str, sheet: Sheet) -> str:
    """The first entry of a message as the sum that it is: ``dx[0] = dy[0]·W[0,0] + dy[1]·W[1,0]``."""
    from backtrace_cli.readings.opened.message import expand

    opened = next((one for one in expand(trace, target) if one.source == source), None)
    if opened is None or not opened.entries:
        return ""
    entry, terms, total = opened.entries[0]
    if not 1 <= len(terms) <= _MOST_TERMS:
        return ""
    w, parts, numbers = sheet.wording, [], []
    for term in terms:
        up = f"d{term.entry}" if sheet.arrived(source) else ""
        local = _bracketed(w.factor(term.local), sheet)
        parts.append(f"{up}{w.dot}{local}" if up and local != "1" else up or local)
        numbers.append(f"{_bracketed(w.number(term.upstream), sheet)}{w.dot}"
                       f"{_bracketed(w.number(term.slope), sheet)}")  # fmt: skip
    left = f"{entry} {w.arrow}"
    return f"{left} {' + '.join(parts)} = {' + '.join(numbers)} = {w.number(total)}"


def _bracketed(number: str, sheet: Sheet) -> str:
    return f"({number})" if number.startswith(sheet.wording.minus) else number
