"""The options of second order: --jacobian, --upstream, --hessian, --second, --hvp."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.runs.point import Given, read_point

if TYPE_CHECKING:
    from backtrace_cli.engine.trace import Trace
    from backtrace_cli.readings.report import Report
    from backtrace_cli.readings.second.sweeps import Part

__all__ = ["Asked", "second_options"]

#: ``x``, ``W[0,1]``
_PART = re.compile(r"\s*([^\W\d]\w*)\s*(?:\[\s*(\d{1,9}(?:\s*,\s*\d{1,9})*)\s*\])?\s*")


def second_options(function: Any) -> Any:
    """The options, which a command gets as keywords for ``Asked``."""
    for option in (
        click.option("--certify", is_flag=True,
                     help="The gradient by every way there is, side by side; exit 1 if they disagree."),
        click.option("--second", metavar="x,y", help="One second derivative, ∂²f/∂x∂y, by both routes."),
        click.option("--hvp", metavar="x=1,y=0", help="The Hessian times this direction, by two walks."),
        click.option("--hessian", is_flag=True,
                     help="All second derivatives: the backward pass as a graph, walked back again."),
        click.option("--upstream", metavar="g=[1,0]",
                     help="The message at the output (a vector-Jacobian product) in place of ones."),
        click.option("--jacobian", is_flag=True,
                     help="All partials of an output with several entries, as formulas and numbers."),
    ):  # fmt: skip
        function = option(function)
    return function


class Asked(NamedTuple):
    """What was asked for."""

    jacobian: bool = False
    upstream: str | None = None
    hessian: bool = False
    hvp: str | None = None
    second: str | None = None
    certify: bool = False

    @property
    def message(self) -> Given | None:
        """The message at the output; PointError where it is not one."""
        if self.upstream is None:
            return None
        found = read_point([self.upstream], "--upstream")
        if len(found) != 1:
            raise PointError(
                "--upstream is one message, of the output's shape", hint="write --upstream g=[1,0]"
            )
        return next(iter(found.values()))

    def refuse_with_forward(self, mode: str, seed: str | None) -> None:
        """Second order begins with a walk back."""
        asked = (
            ("--upstream", self.upstream),
            ("--hessian", self.hessian),
            ("--hvp", self.hvp),
            ("--second", self.second),
            ("--certify", self.certify),
            ("--jacobian", self.jacobian),
        )
        named = next((name for name, value in asked if value), None)
        if named and (mode == "forward" or seed is not None):
            hint = "leave --seed out" if seed is not None else "leave --mode forward out"
            raise PointError(f"{named} begins with a walk back from the output", hint=hint)

    def read_off(self, report: Report) -> Report:
        """``report`` with whatever of second order was asked for. Raises PointError."""
        trace = report.trace
        if self.hessian or self.hvp is not None or self.second is not None or self.jacobian:
            _refuse_nothing(trace)
        if self.hessian or self.hvp is not None or self.second is not None:
            _refuse_arrays_out(trace)
        if self.certify:
            from backtrace_cli.readings.second.certificate import certificate
            from backtrace_cli.runs.closed_forms import closed_forms

            report = report._replace(certificate=certificate(trace, lambda: _results(closed_forms, trace)))
        if self.jacobian:
            from backtrace_cli.readings.second.jacobian import jacobian

            report = report._replace(jacobian=jacobian(trace))
        if self.hessian:
            from backtrace_cli.readings.second.hessian import hessian

            report = report._replace(hessian=hessian(trace))
        if self.second is not None:
            from backtrace_cli.readings.second.hessian import second

            report = report._replace(second=second(trace, *_two_parts(trace, self.second)))
        if self.hvp is not None:
            from backtrace_cli.readings.second.hessian_products import directed, hessian_product
            from backtrace_cli.runs.point import value_of

            if trace.symbolic:
                raise PointError("--hvp takes a direction from a point", hint="add --at x=…")
            given = read_point([self.hvp], "--hvp")
            if not given:
                raise PointError("--hvp has no direction in it", hint="write --hvp x=1,y=0")
            values = {name: value_of(name, item, trace.arithmetic) for name, item in given.items()}
            report = report._replace(product=hessian_product(trace, directed(trace, values, "--hvp")))
        return report


def _results(closed_forms: Any, trace: Trace) -> dict[str, Any]:
    """The closed forms by name; none where there can't be any."""
    from backtrace_cli.base.errors import BacktraceError

    try:
        return {form.variable: form.result for form in closed_forms(trace)}
    except (BacktraceError, KeyError):
        return {}


def _refuse_nothing(trace: Trace) -> None:
    """Without a variable there is nothing to differentiate by."""
    if not trace.wrt:
        raise PointError("there is no variable to differentiate by", hint="write a formula with one: x^2")


def _refuse_arrays_out(trace: Trace) -> None:
    """A Hessian is of a number: of an array the sum of its entries would be taken in silence."""
    from backtrace_cli.base.numerals import shape_of
    from backtrace_cli.ops.shape_functions import sides

    shape = () if trace.symbolic else shape_of(trace.value)
    if shape and trace.upstream is None:
        raise PointError(
            f"{trace.output} has shape {sides(shape)}, and a Hessian is that of one number",
            hint="take its sum(…), one entry of it, or weigh them by --upstream g=…",
        )


def _two_parts(trace: Trace, text: str) -> tuple[Part, Part]:
    """``x,y`` or ``W[0,1],b[0]``: two variables, or entries of them."""
    from backtrace_cli.base.numerals import shape_of
    from backtrace_cli.ops.shape_functions import sides
    from backtrace_cli.readings.second.sweeps import Part

    pieces = re.split(r",(?![^\[]*\])", text)
    found = []
    for piece in pieces if len(pieces) == 2 else pieces * 2 if len(pieces) == 1 else []:
        match = _PART.fullmatch(piece)
        name = match[1] if match else piece.strip()
        if match is None or name not in trace.wrt:
            raise PointError(f"--second names {shorten(name, 24)}, which is no variable here",
                             hint=f"the variables: {', '.join(trace.wrt)}")  # fmt: skip
        place = tuple(int(part) for part in match[2].split(",")) if match[2] else ()
        shape = () if trace.symbolic else shape_of(trace.at[name])
        if len(place) != len(shape) or any(at >= size for at, size in zip(place, shape, strict=True)):
            example = f"{name}[{','.join('0' for _ in shape)}]" if shape else name
            raise PointError(f"--second is about single entries, and {name} has shape {sides(shape)}"
                             if shape else f"{name} is a number and has no entries",
                             hint=f"write {example}")  # fmt: skip
        found.append(Part(name, place))
    if not found:
        raise PointError("--second takes two variables", hint="write --second x,y")
    return found[0], found[1]
