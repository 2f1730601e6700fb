"""An examination for machines: as JSON, and as JUnit XML, a test case a graph."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from backtrace_cli.base.safe_text import visible
from backtrace_cli.clinic.ailment import Ailment
from backtrace_cli.clinic.examination import LACKING, WRONG, Examination, Graded
from backtrace_cli.clinic.prepared_case import plain
from backtrace_cli.clinic.reproduced import reproduced
from backtrace_cli.engine.events import plain as as_json
from backtrace_cli.pages.doctor.examined import diagnosis_lines, told_difference
from backtrace_cli.pages.wording import Wording

__all__ = ["examination_dict", "junit_text"]

#: The version of the JSON. It only ever grows: fields are added, never changed.
_SCHEMA = 1


def examination_dict(seen: Examination, path: str) -> dict[str, Any]:
    """The whole examination as plain data, as docs/doctor.md describes it."""
    diagnosis = seen.diagnosis
    places = [place for place, one in enumerate(seen.graded) if one.verdict == WRONG]
    return {
        "schema_version": _SCHEMA, "file": path, "class": seen.engine,
        "names": seen.found.names._asdict(), "right": seen.right, "of": seen.of,
        "graphs": [_graph(seen, one) for one in seen.graded],
        "faults": [
            {**_fault(fault), "explains": [places[place] for place in explains]}
            for fault, explains in zip(diagnosis.faults, diagnosis.explains, strict=True)
        ],
        "instead": [_fault(fault) for fault in diagnosis.instead],
        "unexplained": len(seen.unexplained),
        "lacking": {reason: len(cases) for reason, cases in seen.lacking.items()},
    }  # fmt: skip


def _fault(fault: Ailment) -> dict[str, str]:
    return {"name": fault.name, "words": fault.words, "look": fault.look}


def _graph(seen: Examination, one: Graded) -> dict[str, Any]:
    found, case = one.difference, one.case
    point = found.point if found else 0
    trace = case.own.traces[point]
    record: dict[str, Any] = {
        "group": case.case.group, "formula": case.case.formula, "verdict": one.verdict,
        "reason": one.reason or None, "at": {name: plain(value) for name, value in trace.at.items()},
    }  # fmt: skip
    if found is not None:
        of = next(iter(trace.at)) if found.error else found.of
        record |= {
            "wrong": None if found.error else f"d{trace.output}/d{found.of}" if found.of else trace.output,
            "yours": _numbers(found.yours), "right": _numbers(found.right), "error": found.error or None,
            "reproduce": reproduced(case, point, of, seen.engine, seen.found),
        }  # fmt: skip
    return record


def _numbers(value: Any) -> Any:
    return [_numbers(one) for one in value] if isinstance(value, list) else as_json(value)


def junit_text(seen: Examination, path: str) -> str:
    """JUnit XML: a wrong graph is a failure, one that the engine can't do is skipped."""
    skipped_ones = sum(one.verdict == LACKING for one in seen.graded)
    counts = {"tests": str(len(seen.graded)), "failures": str(len(seen.wrong)),
              "skipped": str(skipped_ones), "errors": "0"}  # fmt: skip
    suite = ElementTree.Element("testsuite", {"name": f"backtrace doctor {seen.engine}", **counts})
    wording = Wording()
    for number, one in enumerate(seen.graded, 1):
        name = f"{number} {one.case.case.group}: {' '.join(one.case.case.formula.split())}"[:200]
        case = ElementTree.SubElement(suite, "testcase", classname=seen.engine, name=name, file=path)
        if one.verdict == LACKING:
            skipped = ElementTree.SubElement(case, "skipped", message=visible(one.reason))
            skipped.text = visible(one.reason)
        elif one.verdict == WRONG:
            told = visible(told_difference(one, wording))
            failure = ElementTree.SubElement(case, "failure", message=told, type="wrong gradient")
            failure.text = "\n".join([told, *map(visible, diagnosis_lines(seen))])
    suites = ElementTree.Element("testsuites", {"name": "backtrace doctor", **counts})
    suites.append(suite)
    ElementTree.indent(suites)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"
    )
