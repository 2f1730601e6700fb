"""A trace and what was read off it (checks, openings, costs, closed forms), and the JSON document of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from backtrace_cli.engine.event_dicts import forward_dict, message_dict, tangent_dict
from backtrace_cli.engine.events import plain
from backtrace_cli.engine.trace import Trace
from backtrace_cli.language.tree.text import to_text

if TYPE_CHECKING:
    from backtrace_cli.readings.checking.check_verdict import VariableCheck
    from backtrace_cli.readings.closed.closed_form import ClosedForm
    from backtrace_cli.readings.opened.terms import Expansion, StepCost
    from backtrace_cli.readings.second.certificate import Certificate
    from backtrace_cli.readings.second.hessian import Hessian, Second
    from backtrace_cli.readings.second.hessian_products import HessianProduct
    from backtrace_cli.readings.second.jacobian import Jacobian

__all__ = ["SCHEMA_VERSION", "Report"]

#: The version of the dict form. It only ever grows: fields are added, never changed.
SCHEMA_VERSION = 1


class Report(NamedTuple):
    """A trace with whatever somebody asked to have read off it.

    >>> from backtrace_cli import trace
    >>> list(Report(trace("x^2", x=3)).to_dict())[:4]
    ['schema_version', 'formula', 'mode', 'arithmetic']
    """

    trace: Trace
    checks: Sequence[VariableCheck] = ()
    """The gradient check, an entry a variable."""
    costs: Sequence[StepCost] = ()
    expansions: Sequence[Expansion] = ()
    """Messages opened into their terms."""
    mine: Sequence[dict[str, Any]] = ()
    """What somebody worked out by hand, judged."""
    closed: Sequence[ClosedForm] = ()
    jacobian: Jacobian | None = None
    hessian: Hessian | None = None
    second: Second | None = None
    """One entry of the Hessian."""
    product: HessianProduct | None = None
    certificate: Certificate | None = None

    def to_dict(self) -> dict[str, Any]:
        """The whole record as plain data, in the shape that docs/json.md describes."""
        return {key: list(part) if isinstance(part, Iterator) else part for key, part in self._parts()}

    def json_chunks(self) -> Iterator[str]:
        """The record as strict JSON, in pieces, so that a long one streams."""
        import json

        opening = "{"
        for key, part in self._parts():
            yield f"{opening}{json.dumps(key)}: "
            opening = ",\n"
            if isinstance(part, Iterator):
                start, dumps = "[", _encoder()
                for item in part:
                    yield f"{start}\n  {dumps(item)}"
                    start = ","
                yield "[]" if start == "[" else "\n]"
            else:
                yield _dumps(part)
        yield "}\n"

    def _parts(self) -> Iterator[tuple[str, Any]]:
        """The dict form in order; what may be long comes as an iterator."""
        trace = self.trace
        yield "schema_version", SCHEMA_VERSION
        yield "formula", trace.formula
        yield "mode", "forward" if trace.back is None else "reverse"
        yield "arithmetic", trace.arithmetic.name
        yield "at", {name: plain(value) for name, value in trace.at.items()}
        yield "output", trace.output
        yield "value", plain(trace.value)
        yield "gradient", {name: plain(value) for name, value in trace.gradient.items()}
        yield "forward", (forward_dict(step) for step in trace.steps)
        yield "backward", (message_dict(message) for message in trace.messages)
        yield "notes", [note._asdict() for note in trace.notes]
        if trace.tangents:
            yield "tangent", (tangent_dict(tangent) for tangent in trace.tangents)
        if self.checks:
            yield "check", (check.to_dict() for check in self.checks)
        if self.costs:
            yield "cost", (cost._asdict() for cost in self.costs)
        if self.expansions:
            yield "expand", (expansion.to_dict() for expansion in self.expansions)
        if self.mine:
            yield "mine", iter(self.mine)
        if self.closed:
            yield "closed_form", (_closed_dict(form) for form in self.closed)
        yield from self._second_order()

    def _second_order(self) -> Iterator[tuple[str, Any]]:
        if self.trace.upstream is not None:
            yield "upstream", plain(self.trace.upstream)
        if self.certificate is not None:
            yield "certificate", self.certificate.to_dict()
        if self.jacobian is None and self.hessian is None and self.second is None and self.product is None:
            return
        from backtrace_cli.readings.second import second_dicts as dicts

        if self.jacobian is not None:
            yield "jacobian", dicts.jacobian_dict(self.jacobian)
        if self.hessian is not None:
            yield "hessian", dicts.hessian_dict(self.hessian)
        if self.second is not None:
            yield "second", dicts.second_dict(self.second)
        if self.product is not None:
            yield "hvp", dicts.product_dict(self.product)


def _dumps(item: Any) -> str:
    return _encoder()(item)


def _encoder() -> Callable[[Any], str]:
    """What makes strict JSON of one item after another; made anew for each, as json.dumps does it, it would
    take longer to be made than to encode."""
    import json
    from json import encoder

    made = getattr(encoder, "c_make_encoder", None)
    whole = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
    if made is None:  # a Python without the compiled part
        return whole.encode
    quoted = encoder.encode_basestring
    parts = made(None, whole.default, quoted, None, ": ", ", ", False, False, False)
    return lambda item: "".join(parts(item, 0))


def _closed_dict(form: ClosedForm) -> dict[str, Any]:
    return {
        "variable": form.variable,
        "paths": form.paths,
        "lines": [{"expression": to_text(line.text, ascii=True), "why": line.why} for line in form.lines],
        "result": to_text(form.result, ascii=True),
        "note": form.note,
    }
