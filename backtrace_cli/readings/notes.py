"""What the reader should know about a run: conventions used, infinities, inputs without effect."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.base.numerals import numeral, shape_of
from backtrace_cli.engine.events import Note, Sent
from backtrace_cli.engine.forward import taken
from backtrace_cli.engine.trace import Trace, local_expression
from backtrace_cli.graph import Graph, Node
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.readings.entry_names import first_few
from backtrace_cli.readings.kinks import kink_notes

__all__ = ["notes_of"]

_EPS = 2.0**-52
#: Rounding relative to the sum that is worth a note: it reaches the digits shown by default.
_SHOWN = 1e-7


def notes_of(trace: Trace, bad: list[int]) -> list[Note]:
    """The notes of ``trace``; ``bad`` are the nodes whose value is infinite or nan."""
    found = [Note("reading", trace.output, each.message) for each in trace.graph.readings]
    found += [
        *_unused(trace),
        *_values(trace, bad),
        *_inexact(trace),
        *_flat(trace),
        *_branches(trace),
        *kink_notes(trace),
        *_messages(trace),
        *_cancelled(trace),
        *_arrays(trace),
        *_random(trace),
        *_misread(trace),
        *_unshaped(trace),
        *_independent(trace),
    ]
    return list(dict.fromkeys(found))


def _unused(trace: Trace) -> Iterator[Note]:
    for name in trace.graph.declared:
        if name not in trace.graph.inputs:
            yield Note("unused", name, f"{name} is declared and never read")
    for name in trace.graph.unused:
        yield Note("unused", name, f"{name} is not read by {trace.output}")


def _values(trace: Trace, bad: list[int]) -> Iterator[Note]:
    """What was given as nan; the first step that made an infinity, and a nan, from good values."""
    graph, arithmetic = trace.graph, trace.arithmetic
    for name, value in trace.at.items():
        if arithmetic.undefined(value):
            words = first_few(name, value != value)
            are = "are" if "," in words or "more" in words else "is"
            yield Note("nan", name, f"{words} {are} nan, as given: the first nan here")
    wrong = set(bad)
    said: set[str] = set()
    for index in bad:
        node = graph.nodes[index]
        kind = "nan" if arithmetic.undefined(trace.values[index]) else "infinite"
        before = any(
            arg in wrong and (kind == "infinite" or arithmetic.undefined(trace.values[arg]))
            for arg in node.args
        )
        if node.op is None or kind in said or before:
            continue
        said.add(kind)
        shown = numeral(trace.values[index]) if not shape_of(trace.values[index]) else kind
        text = to_text(graph.definition(index))
        yield Note(kind, graph.name(index),
                   f"step {graph.step(index)}, {graph.name(index)} = {text}, is {shown}: "
                   f"the first {'nan' if kind == 'nan' else 'infinity'} here")  # fmt: skip


def _inexact(trace: Trace) -> Iterator[Note]:
    """Where fractions ended: at a value or constant that is none, or at an op that is not rational."""
    if not trace.arithmetic.exact:
        return
    graph = trace.graph
    for node in graph.nodes:
        if isinstance(trace.values[node.index], float):
            name = graph.name(node.index) if not node.is_constant else to_text(graph.term(node.index))
            what = f"{node.op.written} is not rational" if node.op else f"{name} is no fraction"
            yield Note("inexact", name, f"{what}: floats from there on")
            return


def _flat(trace: Trace) -> Iterator[Note]:
    for index in trace.graph.steps:
        op = trace.graph.nodes[index].op
        if op is not None and op.remark:
            readers = [node for node in trace.graph.nodes if node.op is not None and node.op.selects]
            choosing = any(reader.args[0] == index for reader in readers)
            if not choosing:
                yield Note("flat", trace.graph.name(index), f"{trace.graph.name(index)}: {op.remark}")


def _branches(trace: Trace) -> Iterator[Note]:
    if trace.symbolic:
        return
    for index in trace.graph.steps:
        node = trace.graph.nodes[index]
        if node.op is not None and node.op.selects:
            used = taken(node, trace.values, trace.arithmetic)
            for slot, word in ((1, "fails"), (2, "holds")):
                if not used[slot]:
                    branch = to_text(trace.graph.definition(node.args[slot]))
                    yield Note("branch", trace.graph.name(index),
                               f"{trace.graph.name(index)}: the condition {word}, so {branch} "
                               "is not taken and is sent no message")  # fmt: skip


def _messages(trace: Trace) -> Iterator[Note]:
    """The first message that went bad though what it was made of had not."""
    arithmetic = trace.arithmetic
    if trace.symbolic:
        return
    for sent in trace.sent:
        if arithmetic.bad(sent.contribution) and not arithmetic.bad(sent.upstream):
            if sent.kink < 0:  # a kink has a note of its own
                yield _bad_message(trace, sent)
            return


def _cancelled(trace: Trace) -> Iterator[Note]:
    """Messages so large beside their sum that rounding shows in the digits that are printed."""
    if trace.back is None or trace.arithmetic.exact or not trace.arithmetic.scalar:
        return
    sizes: dict[int, float] = {}
    for sent in trace.sent:
        sizes[sent.target] = sizes.get(sent.target, 0.0) + abs(sent.contribution)
    for name in trace.wrt:
        index = trace.graph.inputs[name]
        size, total = sizes.get(index, 0.0), trace.back.gradients[index]
        if total is not None and size - size == 0 and size * _EPS > _SHOWN * max(abs(total), 1.0):
            yield Note("cancellation", name, f"the messages to {name} nearly cancel: they are as large as "
                       f"{numeral(size)}, so their sum is certain to about ±{numeral(size * _EPS, 1)} only; "
                       "--exact may keep it whole")  # fmt: skip


def _bad_message(trace: Trace, sent: Sent) -> Note:
    graph = trace.graph
    source, target = graph.name(sent.source), graph.name(sent.target)
    text = to_text(local_expression(graph, sent))
    kind = "nan" if trace.arithmetic.undefined(sent.contribution) else "infinite"
    shown = "nan" if kind == "nan" else "infinite"
    if sent.local is None:
        made = f"it is {text}"
    else:
        made = f"the local derivative is {text}"
        made += "" if shape_of(sent.local) else f" = {numeral(sent.local)}"
    return Note(kind, target, f"the message from {source} to {target} is {shown}: {made}")


def _unshaped(trace: Trace) -> Iterator[Note]:
    """Where two arrays meet entry by entry and no shapes are known."""
    graph = trace.graph
    if not trace.symbolic or not graph.mixes:
        return
    if graph.shapes is not None:
        known = ", ".join(f"{name} {sides(graph.shapes[index])}" for name, index in graph.inputs.items())
        yield Note("shapes", trace.output, f"without a point, read for shapes {known}; --shapes gives others")
        return
    from backtrace_cli.engine.symbolic import numbers

    sure = numbers(graph)
    for index in graph.steps:
        node = graph.nodes[index]
        assert node.op is not None
        if not node.op.mixes and len({arg for arg in node.args if not sure[arg]}) > 1:
            text = to_text(graph.definition(index))
            why = (
                "without a point shapes are unknown: where they differ, as they may in "
                f"{text}, the smaller one's message is summed over the axes it is spread along; "
                "the formulas leave that sum out"
            )
            yield Note("broadcast", graph.name(index), why)
            return


def _arrays(trace: Trace) -> Iterator[Note]:
    if not trace.arithmetic.arrays:
        return
    if (shape := shape_of(trace.value)) and trace.upstream is None:
        yield Note("sum", trace.output, f"{trace.output} has shape {sides(shape)}: the gradient is that of "
                   "the sum of its entries")  # fmt: skip
    for sent in trace.sent:
        op = trace.graph.nodes[sent.source].op
        wide, narrow = (shape_of(trace.values[i]) for i in (sent.source, sent.target))
        if wide != narrow and op is not None and not op.mixes:
            target = trace.graph.name(sent.target)
            lead = len(wide) - len(narrow)
            gone = [i for i, size in enumerate(wide) if i < lead or (narrow[i - lead] == 1 and size != 1)]
            over = f"axis {gone[0]}" if len(gone) == 1 else f"axes {', '.join(map(str, gone))}"
            of = f"of shape {sides(narrow)}" if narrow else "is a number and"
            yield Note("broadcast", target, f"{target} {of} was broadcast to "
                       f"{sides(wide)}: its message through {trace.graph.name(sent.source)} is summed over "
                       f"{over}, back to its own shape")  # fmt: skip


def _random(trace: Trace) -> Iterator[Note]:
    """Masks that were drawn: training drops entries, and a network that has been trained none."""
    graph = trace.graph
    drawing = [index for index in graph.steps if _share(graph.nodes[index])]
    if trace.symbolic or not drawing:
        return
    names = ", ".join(graph.name(index) for index in drawing[:3]) + (", …" if len(drawing) > 3 else "")
    node = graph.nodes[drawing[0]]
    assert node.op is not None
    off = f"{node.op.called}({to_text(graph.term(node.args[0]))}, p=0)"
    yield Note("drawn", graph.name(drawing[0]),
               f"{names}: a mask was drawn at random, by its seed, the same in every run; to trace the "
               f"network as it is used after training, with nothing dropped, write {off}")  # fmt: skip


def _share(node: Node) -> float:
    """Which share of its entries an op drops by a mask that it draws."""
    options = dict(zip(node.op.option_names, node.fixed, strict=False)) if node.op else {}
    share = options.get("p")  # anything but a number is refused once shapes are known
    return float(share) if "seed" in options and isinstance(share, (int, float)) else 0.0


def _misread(trace: Trace) -> Iterator[Note]:
    """Readings that are right as they stand and were often meant otherwise."""
    graph = trace.graph
    unknown = trace.symbolic and graph.shapes is None
    if unknown and any((op := node.op) is not None and op.name == "matmul" for node in graph.nodes):
        yield Note("shapes", trace.output, "without a point the shapes are not known: g @ h.T is written for "
                   "matrices; for a vector h it is outer(g, h)")  # fmt: skip
    if not trace.arithmetic.arrays:
        return
    for index in graph.steps:
        node = graph.nodes[index]
        assert node.op is not None
        name, text = graph.name(index), to_text(graph.definition(index))
        shapes = [shape_of(trace.values[arg]) for arg in node.args]
        if node.op.name == "multiply" and sorted(map(len, shapes)) == [1, 2]:
            (one,), matrix = sorted(shapes, key=len)
            if one == matrix[-1]:
                left, right = (to_text(graph.term(arg)) for arg in node.args)
                yield Note("product", name, f"{text} multiplies entry by entry; for the matrix product "
                           f"write {left} @ {right}")  # fmt: skip
        elif (
            node.op.name in ("max", "min")
            and len(shapes[0]) == 2
            and (graph.nodes[node.args[1]].literal in ("0", "1"))
        ):
            array, word = to_text(graph.term(node.args[0])), node.op.name
            yield Note("extreme", name, f"{text} is taken entry by entry; the {node.op.doc.split()[1]} along "
                       f"an axis is {word}({array}, axis={graph.nodes[node.args[1]].literal})")  # fmt: skip
        elif node.op.name == "take" and len(shapes[0]) == 2 and shapes[1] == shapes[0][:1]:
            scores, classes = (to_text(graph.term(arg)) for arg in node.args)
            yield Note("index", name, f"{text} takes whole rows of {scores}; for the probability of each "
                       f"row's own class write cross_entropy({scores}, {classes})")  # fmt: skip
        elif (
            node.op.name == "abs"
            and len(shapes[0]) == 2
            and shapes[0][0] == shapes[0][1]
            and _bars(graph, node)
        ):
            yield Note("norm", name, f"{text} is taken entry by entry; a determinant is det(…)")
        elif node.op.name == "abs" and shapes[0] and (inner := graph.nodes[node.args[0]].op):
            if inner.name == "abs":
                yield Note("norm", name, f"{text} is taken entry by entry; the length of a vector is norm(x)")
        elif node.op.name == "power" and len(shapes[0]) == 2 and graph.nodes[node.args[1]].literal == "-1":
            yield Note("power", name, f"{text} is taken entry by entry; it is no inverse matrix")


def _bars(graph: Graph, node: Node) -> bool:
    """Was it written between bars?"""
    return graph.source is not None and node.span is not None and "|" in graph.source[slice(*node.span)][:6]


def _independent(trace: Trace) -> Iterator[Note]:
    if trace.back is None:
        return
    graph = trace.graph
    for name in trace.wrt:
        index = graph.inputs[name]
        if trace.back.gradients[index] is None:
            reached = graph.leads_from({index})
            silent = [
                found for node in graph.nodes for slot, arg in enumerate(node.args)
                if node.op is not None and reached[arg] and (found := node.op.silent(slot))
            ]  # fmt: skip
            if silent and reached[graph.output]:
                why = silent[0].value
            elif reached[graph.output]:
                why = "at this point only a branch not taken reads it"
            else:
                why = "no path leads from it to the output"
            yield Note("independent", name, f"{trace.output} does not depend on {name}: {why}")
