"""What a tutor made of a language model, or an editor, may ask: traces, verdicts, hints, named mistakes."""

from __future__ import annotations

import math
from typing import Any

from backtrace_cli.base.errors import BacktraceError, PointError
from backtrace_cli.base.lengths import listed
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.derivation.line_verdicts import Judged, judge_derivation
from backtrace_cli.grading.derivation.steps import read_derivation
from backtrace_cli.grading.judging.checked import Checked
from backtrace_cli.grading.own_work.mine import judge_mine, task_of
from backtrace_cli.mistakes.catalogue import MISTAKES
from backtrace_cli.pages.grading.mine_page import mine_dicts, mine_page
from backtrace_cli.pages.trace.page import Options, trace_page
from backtrace_cli.pages.wording import Wording
from backtrace_cli.pages.writers.plain import plain_lines
from backtrace_cli.readings.report import Report
from backtrace_cli.runs.point import read_point
from backtrace_cli.runs.run import run
from backtrace_cli.serving.protocol import Served, Tool

__all__ = ["TOOLS"]

#: More boxes, or longer texts, are refused: what a conversation is about is small.
MOST_STEPS, MOST_TEXT, MOST_ENTRIES = 400, 20_000, 5_000
_FORMULA = {
    "type": "string",
    "maxLength": MOST_TEXT,
    "description": "A formula in backtrace's language, e.g. z = W @ x + b; h = relu(z); L = sum((h - t)^2)",
}
_AT = {
    "type": "string",
    "maxLength": MOST_TEXT,
    "description": "The point, e.g. x=1,y=0 or W=[[1,2],[3,4]],x=[1,2]",
}
_WRT = {
    "type": "string",
    "maxLength": 2_000,
    "description": "Only these variables, e.g. W,b; the others are given data",
}
_DERIVATION = {
    "type": "string",
    "maxLength": MOST_TEXT,
    "description": "The student's backward pass, a line a gradient: dh = 2*(h - t); dW = outer(dh, x)",
}
_GRADIENTS = {
    "type": "object",
    "description": 'Derivatives by variable, as formulas or numbers: {"x": "2*x*y"}; "b->x" names a message',
}


def _trace(given: dict[str, Any]) -> Trace:
    at = given.get("at", "")
    if "@" in at:
        raise PointError("a point is numbers here, and reads no file", hint="write W=[[1,2],[3,4]]")
    wrt = [name.strip() for name in given.get("wrt", "").split(",") if name.strip()]
    found = run(given["formula"], read_point([at]) if at.strip() else None, wrt=wrt)
    if len(found.graph.steps) > MOST_STEPS:
        raise BacktraceError(f"the formula has more than {MOST_STEPS} boxes", hint="ask about a part of it")
    if sum(math.prod(shape_of(value)) for value in found.values) > MOST_ENTRIES:
        raise BacktraceError(
            f"its arrays have more than {MOST_ENTRIES:,} entries", hint="choose smaller arrays"
        )
    return found


def _traced(given: dict[str, Any]) -> Served:
    report = Report(_trace(given))
    page = trace_page(report, Options("steps", False, False, False, "", True))
    return Served("\n".join(plain_lines(page, Wording())), report.to_dict())


def _check_derivation(given: dict[str, Any]) -> Served:
    trace = _trace(given)
    mine = judge_mine(trace, (), (), [given["derivation"]])
    data = {"finished": mine.finished, "missing": list(mine.missing), "lines": mine_dicts(mine, reveal=False)}
    return Served("\n".join(plain_lines(mine_page(mine, reveal=False), Wording())), data)


def _diagnose(given: dict[str, Any]) -> Served:
    trace = _trace(given)
    mine = judge_mine(trace, _texts(given["answers"]))
    rows = mine_dicts(mine, reveal=False)
    return Served(
        "\n".join(plain_lines(mine_page(mine, reveal=False), Wording())),
        {"finished": mine.finished, "answers": rows},
    )


def _verify(given: dict[str, Any]) -> Served:
    trace = _trace(given)
    mine = judge_mine(trace, _texts(given["gradient"]))
    rows = [
        {
            "key": one.answer.question.key,
            "claimed": one.answer.text,
            "verdict": one.verdict,
            "holds": one.holds or None,
        }
        for one in mine.answers
    ]
    text = "\n".join(
        f"{row['key']}: {row['verdict']}{' at this point' if row['holds'] == 'at the point' else ''}"
        for row in rows
    )
    return Served(text, {"verified": mine.finished, "claims": rows})


def _texts(answers: dict[str, str]) -> list[str]:
    if not answers:
        raise BacktraceError("there is nothing to judge", hint='give {"x": "2*x*y"}')
    return [f"{name} = {text}" for name, text in answers.items()]


# -- hints ---------------------------------------------------------------------------


def _hint(given: dict[str, Any]) -> Served:
    """A hint about the first wrong line, or about a node. What it says depends on the formula's boxes and the
    student's mistake alone, never on a value, so it can't give a number away."""
    trace, level = _trace(given), given.get("level", 1)
    judged = None
    if given.get("derivation", "").strip():
        statement = task_of(trace).statement
        derivation = read_derivation(statement, given["derivation"])
        judged = judge_derivation(task_of(trace), derivation)
    node = given.get("node", "")
    lines = [*_about_line(judged, level), *_about_node(trace, node or _stuck(trace, judged), level)]
    return Served("\n".join(lines), {"level": level, "of": 3, "hints": lines})


def _about_line(judged: Judged | None, level: int) -> list[str]:
    first: Checked | None = judged.first_wrong if judged is not None else None
    if first is None:
        return ["Every line that is there is right."] if judged is not None else []
    found = [f"Look at line {first.answer.line} again; what stands before it is right."]
    title = next((one.title for one in MISTAKES if one.name == first.mistake), "")
    if level > 1 and title:
        found.append(f"It looks like this: {title}.")
    if level > 2 and first.mistake and first.diagnosis:
        found.append(first.diagnosis[:1].upper() + first.diagnosis[1:] + ".")
    return found


def _stuck(trace: Trace, judged: Judged | None) -> str:
    """The node to think about: that of the first wrong line, or the first without one."""
    graph = trace.graph
    if judged is not None and judged.first_wrong is not None:
        name = judged.first_wrong.answer.question.target
        return name if graph.find(name) is not None else ""
    given = judged.given if judged is not None else {}
    names = [
        graph.name(node.index)
        for node in reversed(graph.nodes)
        if node.name or node.index in graph.inputs.values()
    ]
    return next((name for name in names if name not in given and name != trace.output), "")


def _about_node(trace: Trace, name: str, level: int) -> list[str]:
    graph = trace.graph
    index = graph.find(name) if name else None
    if name and index is None:
        raise BacktraceError(
            f"{name} is no node of this formula", hint=f"its nodes: {listed(sorted(graph.aliases))}"
        )
    if index is None:
        return []
    readers = [node for node in graph.nodes if index in node.args and node.op is not None]
    if not readers:
        return [f"{name} is the output: its own gradient is where the walk back begins."]
    found = [f"Which boxes read {name}? What each of them sends back to it adds up."]
    if level > 1:
        shown = listed([graph.name(node.index) for node in readers])
        found.append(f"{name} is read by {shown}.")
    if level > 2:
        found += list(dict.fromkeys(node.op.why for node in readers if node.op is not None and node.op.why))
    return found


_POINT = {"formula": _FORMULA, "at": _AT, "wrt": _WRT}
_LEVEL = {"type": "integer", "minimum": 1, "maximum": 3, "description": "How much it says, 1 to 3"}
_NODE = {"type": "string", "maxLength": 200, "description": "The node that somebody is stuck at, e.g. h"}
TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "trace",
            "Every value forward and every message back of a formula at a point, with the rule that made "
            "each; without a point as formulas. This holds the answers.",
            _POINT,
            ("formula",),
            _traced,
        ),
        Tool(
            "check_derivation",
            "Judge a student's backward pass line by line: right, wrong, or right given an "
            "earlier wrong line; the first wrong line, and the mistake where exactly one explains it. Tells "
            "no right answer.",
            {**_POINT, "derivation": _DERIVATION},
            ("formula", "at", "derivation"),
            _check_derivation,
        ),
        Tool(
            "hint",
            "A hint for somebody who is stuck, which never holds a number or the answer. Level 1 asks, 3 "
            "says the most.",
            {**_POINT, "derivation": _DERIVATION, "node": _NODE, "level": _LEVEL},
            ("formula", "at"),
            _hint,
        ),
        Tool(
            "diagnose",
            "Judge derivatives that somebody gave, and name the mistake behind a wrong one where "
            "exactly one explains it; where none is named, none is known. Tells no right answer.",
            {**_POINT, "answers": _GRADIENTS},
            ("formula", "at", "answers"),
            _diagnose,
        ),
        Tool(
            "verify",
            "Is a claimed gradient true? Formulas are tried at many points with many digits, numbers at "
            "the point.",
            {**_POINT, "gradient": _GRADIENTS},
            ("formula", "gradient"),
            _verify,
        ),
    )
}
