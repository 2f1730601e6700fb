"""The Python API: ``trace`` and the Trace that can show itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import TYPE_CHECKING, Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.engine.trace import Trace as Record
from backtrace_cli.graph.sources.objects import read_object
from backtrace_cli.readings.checking.gradient_check import VariableCheck, check
from backtrace_cli.readings.report import Report
from backtrace_cli.runs.curvature import Curvature, curvature
from backtrace_cli.runs.derivatives_of import hessian, hvp, jacobian, jvp, vjp
from backtrace_cli.runs.point import Given, read_point
from backtrace_cli.runs.prepared_gradient import Gradient, given_values, gradient
from backtrace_cli.runs.run import run

if TYPE_CHECKING:
    from rich.console import Console

    from backtrace_cli.clinic.examination import Examination
    from backtrace_cli.clinic.gradients.checked_gradient import GradientCheck
    from backtrace_cli.pages.layout import Screen
    from backtrace_cli.readings.opened.terms import Expansion, StepCost
    from backtrace_cli.readings.second.hessian import Hessian
    from backtrace_cli.training.training import Training

__all__ = [
    "Curvature", "Gradient", "Trace", "assert_gradient", "check_gradient", "curvature", "doctor", "gradient",
    "hessian", "hvp", "jacobian", "jvp", "trace", "train", "vjp",
]  # fmt: skip

#: A number, a nested list, a NumPy array, or text such as ``"pi/2"``.
Number = Any


class Trace(Record):
    """The record of a run (see backtrace_cli.engine.trace.Trace), able to print itself.

    ``print(t)`` gives the plain tables, rich and notebooks show them formatted.
    """

    def check(self) -> list[VariableCheck]:
        """The gradient check by central differences, one entry a variable.

        >>> trace("x^2", x=3).check()[0].verdict
        'agrees'
        """
        return check(self)

    def expand(self, name: str) -> list[Expansion]:
        """Every message to node ``name`` opened into its scalar sums; PointError where that can't be.

        >>> trace("y = w @ x", w=[1, 2], x=[3, 4]).expand("w")[0].entries[1][2]
        4.0
        """
        from backtrace_cli.readings.opened.message import expand

        return expand(self, name)

    def cost(self) -> list[StepCost]:
        """The multiply-adds of each step, forward and backward.

        >>> trace("y = w @ x", w=[1, 2], x=[3, 4]).cost()[0].forward
        2
        """
        from backtrace_cli.readings.cost import costs

        return costs(self)

    order = 1
    """2 where second derivatives are printed along."""

    def hessian(self) -> Hessian:
        """All second derivatives, each by two routes, with the sweeps behind them.

        >>> found = trace("x^2*y", x=3, y=2).hessian()
        >>> found.entries, found.agrees
        ([[4.0, 6.0], [6.0, 0.0]], True)
        """
        from backtrace_cli.readings.second.hessian import hessian

        return hessian(self)

    def _report(self) -> Report:
        return Report(self) if self.order < 2 else Report(self, hessian=self.hessian())

    def to_dict(self) -> dict[str, Any]:
        """The whole record as plain data, in the shape that docs/json.md describes."""
        return self._report().to_dict()

    def json_chunks(self) -> Iterator[str]:
        """The record as strict JSON, in pieces, so that a long one streams."""
        return self._report().json_chunks()

    def __str__(self) -> str:
        """The tables as text, 100 columns wide."""
        from backtrace_cli.pages.layout import Screen

        file = StringIO()
        self._print(Screen(file, 100))
        return file.getvalue()

    def __rich_console__(self, console: Console, options: Any) -> Iterable[Any]:
        """The tables, for rich's ``print`` and ``Console.print``."""
        from rich.console import Console
        from rich.text import Text

        from backtrace_cli.pages.layout import Screen

        inner = Console(file=StringIO(), width=options.max_width, force_terminal=True,
                        color_system=console.color_system)  # type: ignore[arg-type]  # fmt: skip
        self._print(Screen(inner.file, console=inner))
        assert isinstance(inner.file, StringIO)
        yield Text.from_ansi(inner.file.getvalue(), no_wrap=True)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Picture and tables as HTML, the derivation as LaTeX, and plain text, for a notebook."""
        from backtrace_cli.notebook import mimebundle

        return mimebundle(self, str(self))

    def _repr_html_(self) -> str:
        """Picture and tables as HTML, for what asks for no more."""
        return self._repr_mimebundle_()["text/html"]

    def _print(self, screen: Screen) -> None:
        from backtrace_cli.pages.trace.page import Options, trace_page
        from backtrace_cli.pages.writers.terminal import show

        show(screen, trace_page(self._report(), Options()))


def trace(
    formula: Any,
    at: Mapping[str, Number] | str | None = None,
    *,
    wrt: Iterable[str] | str = (),
    mode: str = "reverse",
    seed: Mapping[str, Number] | str | None = None,
    exact: bool = False,
    share: bool = True,
    init_seed: int = 0,
    order: int = 1,
    **values: Number,
) -> Trace:
    """Trace ``formula`` at a point and return the record.

    ``formula`` is text, a Python function (its source is read, and never run) or a SymPy expression.

    The point comes as keywords (``x=3``), as a mapping, or as text (``"x=3,y=pi/2"``);
    values are numbers, constant expressions as text, nested lists or NumPy arrays.
    Without a point the trace is symbolic. ``wrt`` limits the variables; ``mode`` is
    ``"reverse"`` or ``"forward"``, with ``seed`` a direction for the latter; ``exact``
    computes with fractions; ``share=False`` keeps equal subexpressions apart; ``init_seed``
    draws the parameters that the formula declares.

    With ``order=2`` the record prints, and gives as JSON, its Hessian and the sweeps behind it.

    Raises BacktraceError (FormulaError, PointError, DomainError), whose text shows
    the place; ValueError for an unknown mode or order.

    >>> t = trace("x^2*y", x=3, y=2)
    >>> t.value, t.gradient
    (18.0, {'x': 12.0, 'y': 9.0})
    >>> trace("x/3", x=1, exact=True).value
    Fraction(1, 3)
    """
    if mode not in ("reverse", "forward"):
        raise ValueError(f'mode is "reverse" or "forward", not {mode!r}')
    if order not in (1, 2):
        raise ValueError(f"order is 1 or 2, not {order!r}")
    point: dict[str, Given] | None = None
    if isinstance(at, str):
        point = read_point([at])
    elif at is not None:
        point = given_values(at)
    if values:
        point = {**(point or {}), **given_values(values)}
    names = [wrt] if isinstance(wrt, str) else list(wrt)
    along = (
        None if seed is None else read_point([seed], "seed") if isinstance(seed, str) else given_values(seed)
    )
    formula = formula if isinstance(formula, str) else read_object(formula)
    record = run(
        formula, point, wrt=names, mode="forward" if along else mode, seed=along,
        exact=exact, share=share, init_seed=init_seed,
    )  # fmt: skip
    found = Trace(**vars(record))
    if order > 1:
        vars(found)["order"] = order
    return found


def train(
    formula: str,
    data: Mapping[str, Any] | Iterable[str] = (),
    *,
    wrt: Iterable[str] | str = (),
    at: Mapping[str, Number] | str | None = None,
    metrics: Iterable[str] | str = (),
    **settings: Any,
) -> Training:
    """Train the parameters of ``formula``, whose output is the loss, and return the run.

    ``data`` holds arrays by name, their first axis the examples, or names files as
    ``--data`` does. ``wrt``, ``at`` and ``metrics`` are as on the command line, and so are
    the settings: ``lr``, ``epochs``, ``batch`` (None for all), ``seed``, ``momentum``,
    ``optimiser``, ``schedule``, ``warm_up``, ``clip_norm``, ``clip_each``, ``l1``, ``l2``, ``shuffle``,
    ``hold_out``, ``patience``, ``standardise``.

    Raises BacktraceError (BrokenError where the loss stops being a number); TypeError for
    an unknown setting, ValueError for one that makes no sense.

    >>> run = train("param w: 0; L = mean((w*x - y)^2)", {"x": [1, 2], "y": [2, 4]}, epochs=30)
    >>> round(float(run.parameters["w"]), 6), run.updates, len(run.losses)
    (2.0, 30, 30)
    """
    from backtrace_cli.training.settings import Settings
    from backtrace_cli.training.start import start

    point = read_point([at]) if isinstance(at, str) else given_values(at or {})
    files = data if isinstance(data, Mapping) else [data] if isinstance(data, str) else list(data)
    chosen = Settings.made(settings)
    training = start(
        formula, files, wrt=[wrt] if isinstance(wrt, str) else list(wrt), point=point,
        metrics=[metrics] if isinstance(metrics, str) else list(metrics), settings=chosen,
    )  # fmt: skip
    return training.run()


def check_gradient(
    loss: Any, gradients: Any = None, at: Mapping[str, Any] | None = None, formula: str | None = None
) -> GradientCheck:
    """A gradient of your own beside its function, over NumPy, PyTorch or JAX arrays: right, wrong, undecided.

    See docs/doctor.md. Raises BacktraceError where there is nothing to check.

    >>> str(check_gradient("x^2", {"x": 3.0}, {"x": 3.0})).splitlines()[0]
    'gradient of x: wrong; it is 1/2 of what is right'
    """
    from backtrace_cli.clinic.gradients.checked_gradient import check_gradient as checked

    return checked(loss, gradients, at, formula)


def assert_gradient(
    loss: Any, gradients: Any = None, at: Mapping[str, Any] | None = None, formula: str | None = None
) -> None:
    """``check_gradient`` as a test: AssertionError where a gradient is wrong, or nothing could be decided;
    its message is the diagnosis.

    >>> assert_gradient("x^2", {"x": 6.0}, {"x": 3.0})
    """
    __tracebackhide__ = True  # pytest shows the line of the test, not this one
    found = check_gradient(loss, gradients, at, formula)
    if not found.ok or not found.decided:
        raise AssertionError(f"\n{found}")


def doctor(
    engine: Any, *, only: Iterable[str] | str = (), data: str = "", grad: str = "", backward: str = "",
    zero: str = "",
) -> Examination:  # fmt: skip
    """Examine an engine of your own as one test: AssertionError, with the diagnosis, where it is wrong.

    ``engine`` is a class as docs/doctor.md describes it, ``only`` names groups of graphs; the other arguments
    say what its parts are called. It runs in this process, without limits to time. Raises BacktraceError
    where the class can't be used.

    >>> from micrograd.engine import Value  # doctest: +SKIP
    >>> doctor(Value, only="add,mul,forks,order").right  # doctest: +SKIP
    18
    """
    import sys

    from backtrace_cli.clinic.bedside.patient import Names, NoEngine, Patient
    from backtrace_cli.clinic.examination import examine
    from backtrace_cli.pages.doctor.examined import examination_page
    from backtrace_cli.pages.document import sentences
    from backtrace_cli.pages.wording import Wording

    __tracebackhide__ = True
    name = getattr(engine, "__name__", "engine")
    try:
        module = sys.modules.get(getattr(engine, "__module__", ""))
        patient = Patient(engine, vars(module) if module else {}, Names(data, grad, backward, zero))
    except NoEngine as error:
        raise BacktraceError(f"{name} can't be examined: {error}") from None
    groups = only.split(",") if isinstance(only, str) and only else only
    found = examine(name, patient.found, lambda programs: map(patient.run, programs), groups)
    if found.wrong:
        raise AssertionError(
            "\n" + "\n".join(sentences(examination_page(found, name, "run here"), Wording()))
        )
    return found
