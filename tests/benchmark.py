"""How long things take, told as ratios: ``python tests/benchmark.py`` (pytest does not collect it).

``startup``: the whole ``backtrace eval`` process beside one that only imports click and rich. ``gradient``:
one gradient beside the other tools that are installed (``pip install -e ".[bench]"``). ``growth``: time and
memory per node as formulas grow, and four large inputs through the command. Figures are medians of rounds
after a warm-up, ratios medians of the ratios within a round; CPU time is what other processes disturb least.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module, metadata
from pathlib import Path
from statistics import median
from typing import Any

try:
    import pty
    import resource
except ImportError:  # Windows has neither
    pty = resource = None  # type: ignore[assignment]

SHEET = "s = σ(y); g = x + s; r = σ(x); p = x + y; q = p²; h = r + q; k = 1/h; f = g·k"
A3 = ["eval", SHEET, "--at", "x=3,y=-4"]
PROBE = """import atexit, sys; atexit.register(lambda: print([m in sys.modules for m in ("numpy", "sympy")]))
from backtrace_cli.__main__ import main; main()"""
FORMULA, POINT = "(x + sigmoid(y))/(sigmoid(x) + (x + y)^2)", (3.0, -4.0)
AT = dict(zip("xy", POINT, strict=True))
MODULE = [sys.executable, "-m", "backtrace_cli"]
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
ENV = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")}
Gradient = Callable[[], Any]
seconds = partial(timeit.timeit, setup="import gc; gc.enable()", timer=time.process_time)


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], *notes: str) -> None:
    """Print ``rows`` under ``header``, the first column left and the others right, and the notes."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    print(f"\n{title}\n")
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  " + "  ".join([row[0].ljust(widths[0]), *cells]))
    print("\n" + "".join(f"  {note}\n" for note in notes), end="", flush=True)


def figure(value: float) -> str:
    """Three significant digits without an exponent: ``0.0123``, ``4.56``, ``12,300``."""
    places = 2 - math.floor(math.log10(value)) if value > 0 else 0
    return f"{round(value, places):,.{max(0, places)}f}"


def spawn(argv: list[str], into: str = "pipe") -> tuple[bytes, float, float, float]:
    """Output, wall seconds, CPU seconds, peak MB of a process; ``into`` a pipe, a terminal or nothing."""
    start, output, cpu, most = time.perf_counter(), b"", math.nan, math.nan
    main, side = pty.openpty() if into == "terminal" else os.pipe()
    stdout = subprocess.DEVNULL if into == "nothing" else side
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=stdout, env=ENV)
    os.close(side)
    with suppress(OSError):  # how Linux says that the far side of a terminal has closed
        while chunk := os.read(main, 65536):
            output += chunk
    if resource is not None:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        cpu, most = used.ru_utime + used.ru_stime, used.ru_maxrss * PEAK_UNIT / 1e6
    if child.wait():
        raise subprocess.CalledProcessError(child.returncode, argv)
    wall = time.perf_counter() - start
    os.close(main)
    return output, wall, cpu, most


def startup(quick: bool) -> None:
    """Worked example A3 and the baseline in pairs, A B A B, in the same environment."""
    script = [str(Path(sys.executable).with_name("backtrace"))]
    rows, notes, baseline = [], [], [sys.executable, "-c", "import click, rich.console, rich.table"]
    for place in ("pipe", "terminal") if pty else ("pipe",):
        for name, argv in (("python -m backtrace_cli", MODULE), ("backtrace", script)):
            pairs = []
            for _ in range(4 if quick else 31):
                base, own = spawn(baseline, place), spawn([*argv, *A3], place)
                pairs.append((own[1] * 1e3, base[1] * 1e3, own[1] / base[1], own[2] / base[2]))
            assert b"2.05957" in own[0], f"{name} into a {place} printed no gradient"
            columns = list(zip(*pairs[1:], strict=True))  # the first pair is the warm-up
            spread = f"{min(columns[2]):.2f}-{max(columns[2]):.2f}"
            rows.append([name, place, *(figure(median(column)) for column in columns), spread])
        loaded = spawn([sys.executable, "-c", PROBE, *A3], place)[0].decode().splitlines()[-1]
        notes.append(f"into a {place}: are numpy, sympy imported? {loaded}")
    table("START-UP  backtrace eval, worked example A3; baseline: import click, rich.console, rich.table",
          ["process", "output", "ms", "base ms", "ratio", "CPU ratio", "range"], rows, *notes)  # fmt: skip


def tools() -> dict[str, tuple[str, Callable[[Any], Gradient]]]:
    """What to show -> (a module, what makes the gradient's function from it)."""

    def formula(exp: Any, sigmoid: Any = None) -> Callable[[Any, Any], Any]:
        s = sigmoid or (lambda a: 1 / (1 + exp(-a)))
        return lambda x, y: (x + s(y)) / (s(x) + (x + y) ** 2)

    def by_hand(x: float = POINT[0], y: float = POINT[1]) -> tuple[float, float]:
        s, r, p = 1 / (1 + math.exp(-y)), 1 / (1 + math.exp(-x)), x + y
        k = 1 / (r + p * p)
        h = -(x + s) * k * k
        return k + h * r * (1 - r) + h * 2 * p, k * s * (1 - s) + h * 2 * p

    def walk(graphs: Any) -> Gradient:  # forward and backward alone, with the record of every step
        run = import_module("backtrace_cli.runs.run")
        graph, floats = graphs.build(FORMULA), run.Floats()
        at = {graph.inputs[name]: value for name, value in AT.items()}
        values = partial(run.forward, graph, at, floats)
        return lambda: map(run.backward(graph, values()[0], floats, {*at}).gradients.__getitem__, at)

    def by_run(f: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
        f(x, y).backward()
        return x.grad, y.grad

    def micrograd(engine: Any) -> Gradient:  # it has no exp, and is given one in its own manner
        def exp(a: Any) -> Any:
            out = engine.Value(math.exp(a.data), (a,), "exp")
            out._backward = lambda: setattr(a, "grad", a.grad + out.data * out.grad)
            return out

        return lambda: by_run(formula(exp), *map(engine.Value, POINT))

    def pytorch(torch: Any) -> Gradient:
        scalar = partial(torch.tensor, dtype=torch.float64, requires_grad=True)
        return lambda: by_run(formula(torch.exp, torch.sigmoid), *map(scalar, POINT))

    def jitted(jax: Any) -> Gradient:
        jax.config.update("jax_enable_x64", True)
        compiled = jax.jit(jax.grad(formula(jax.numpy.exp), argnums=(0, 1)))
        return lambda: jax.block_until_ready(compiled(*POINT))

    def casadi(ca: Any) -> Gradient:
        xy = [ca.SX.sym(name) for name in AT]
        return partial(ca.Function("g", xy, [ca.gradient(formula(ca.exp)(*xy), v) for v in xy]), *POINT)

    def sympy(module: Any, compiled: bool) -> Gradient:
        f, xy = formula(module.exp)(*module.symbols("x y")), module.symbols("x y")
        at = dict(zip(xy, POINT, strict=True))
        if compiled:
            return partial(module.lambdify(xy, [f.diff(v) for v in xy], "math", cse=True), *POINT)
        return lambda: [f.diff(v).evalf(subs=at) for v in xy]

    def text(package: Any) -> Gradient:
        return lambda: package.trace(FORMULA, AT).gradient.values()

    return {
        "hand-written Python": ("math", lambda m: by_hand),
        "backtrace, graph built once": ("backtrace_cli.graph", walk),
        "backtrace, trace() from text": ("backtrace_cli", text),
        "micrograd": ("micrograd.engine", micrograd),
        "sympy, lambdify": ("sympy", partial(sympy, compiled=True)),
        "CasADi, Function": ("casadi", casadi),
        "JAX, jitted": ("jax", jitted),
        "PyTorch": ("torch", pytorch),
        "HIPS autograd": ("autograd", lambda m: partial(m.grad(formula(m.numpy.exp), (0, 1)), *POINT)),
        "sympy, diff + evalf": ("sympy", partial(sympy, compiled=False)),
    }


def gradient(quick: bool) -> None:
    """One gradient with every tool there is, in turns."""
    ready: dict[str, tuple[Gradient, int, str]] = {}
    rows, notes, expected = [], [], tools()["hand-written Python"][1](None)()
    for name, (module, make) in tools().items():
        package = {"math": ""}.get(module, module.partition(".")[0])
        try:
            call = make(import_module(module))
        except ImportError:
            notes.append(f"{name}: not installed: pip install {package}")
            continue
        found, number = [float(part) for part in call()], 1
        if not all(abs(a - b) <= 1e-6 for a, b in zip(found, expected, strict=True)):
            notes.append(f"WARNING: {name} gives {found}")
        while seconds(call, number=number) < (0.002 if quick else 0.02):  # this is the warm-up too
            number *= 2
        ready[name] = call, number, metadata.version(package) if package else ""
    gc.freeze()  # what one tool imported must not slow the garbage collections of another
    turns = [{n: seconds(f, number=k) / k for n, (f, k, _) in ready.items()} for _ in range(15 - 12 * quick)]
    for name, (_, _, version) in ready.items():
        ratios = [turn[name] / turn["hand-written Python"] for turn in turns]
        rows.append([name, version, figure(median(turn[name] for turn in turns) * 1e6),
                     figure(median(ratios)), f"{figure(min(ratios))}-{figure(max(ratios))}"])  # fmt: skip
    table("ONE GRADIENT  of (x+σ(y))/(σ(x)+(x+y)²) at (3, -4); ratio to hand-written Python",
          ["tool", "version", "CPU µs", "ratio", "range"], rows, *notes,
          f"by hand it is {expected}; every tool without a warning agrees to 1e-6")  # fmt: skip


def products(count: int) -> Iterator[str]:
    """``y + x*0.5 + x*1.5 + …``: ``count`` steps; every factor is a node besides."""
    yield "y"
    yield from (f" + x*{k}.5" for k in range(count // 2))


def chain(count: int) -> Iterator[str]:
    """``a1 = x*1.0000001``, ``a2 = a1 + y`` …, a statement a line, ``count`` steps."""
    yield "a1 = x*1.0000001\n"
    yield from (f"a{k} = a{k - 1}{'*1.0000001' if k % 2 else ' + y'}\n" for k in range(2, count + 1))


def work(path: str) -> None:
    """In a fresh process: CPU time and memory of one traced run of the formula in ``path``, as JSON."""
    run = import_module("backtrace_cli.runs.run")
    graphs: Any = sys.modules["backtrace_cli.graph.builder"]  # as an attribute, build is the function
    parse, floats, marks = graphs.parse, run.Floats(), list[tuple[float, float]]()

    def mark(result: Any = None) -> Any:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT if resource else 0
        marks.append((time.process_time(), most))
        return result

    def traced(source: str) -> int:
        mark()
        graph = mark(graphs.build(source))
        inputs = dict.fromkeys(graph.inputs.values(), 1.0)
        with run.steady():  # as in the engine's own run
            values, _ = mark(run.forward(graph, inputs, floats))
            mark(run.backward(graph, values, floats, set(inputs)))
        return len(graph)

    graphs.parse = lambda *args, **options: mark(parse(*args, **options))
    for shape in [chain, products] * 5:  # the warm-up
        traced("".join(shape(200)))
    nodes = traced(Path(path).read_text(encoding="utf-8"))
    idle, *marks = marks[-6:]
    spent = [marks[i + 1][0] - marks[i][0] for i in range(4)]
    print(json.dumps([*(1e6 * phase / nodes for phase in (*spent, sum(spent))),
                      *((marks[i][1] - idle[1]) / nodes for i in (1, 2, 4)), nodes]))  # fmt: skip


def growth(quick: bool) -> None:
    """Time and memory per node at three sizes, then the large inputs through the command."""
    sizes, less = ((1_000, 3_000, 10_000), 100) if quick else ((10_000, 100_000, 1_000_000), 1)
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:

        def write(parts: Iterable[str]) -> str:  # piece by piece, so that this process stays small
            with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
                file.writelines(parts)
            return file.name

        for name, shape in (("sum of products", products), ("named chain", chain)):
            workers = [[sys.executable, __file__, "--work", write(shape(size))] for size in sizes]
            turns = [[json.loads(spawn(argv)[0]) for argv in workers] for _ in range(2 if quick else 5)]
            for place, size in enumerate(sizes):
                *spent, a, b, c, nodes = map(median, zip(*(turn[place] for turn in turns), strict=True))
                ratio = median(turn[place][4] / turn[0][4] for turn in turns)
                rows.append([name, f"{size:,}", f"{nodes:,.0f}", *map(figure, spent), f"{ratio:.2f}",
                             *(f"{most:,.0f}" for most in (a, b, c))])  # fmt: skip
        table(f"GROWTH  CPU µs per node, its ratio to {sizes[0]:,} steps, and peak bytes per node",
              ["shape", "steps", "nodes", "parse", "build", "forward", "backward", "all", "ratio",
               "B parsed", "B built", "B all"], rows)  # fmt: skip
        rows, (deep, many, most) = [], (5_000 // less, 100_000 // less, 1_000_000 // less)
        for name, parts in (
            (f"sum of {many:,} terms", products(2 * many)),
            (f"{deep:,} nested parentheses", ["(x + " * deep, "y", ")" * deep]),
            (f"chain of {many:,} ops", chain(many)),
            (f"file of {most:,} nodes", chain(most)),
        ):
            argv = [*MODULE, "eval", "-f", write(parts), "--at", "x=1,y=1", "--json"]
            _, *columns = zip(*(spawn(argv, "nothing") for _ in range(3)), strict=True)
            rows.append([name, *(figure(median(column)) for column in columns)])
    table("LARGE INPUTS  the whole process of backtrace eval -f FILE --at x=1,y=1 --json > /dev/null",
          ["input", "wall s", "CPU s", "peak MB"], rows)  # fmt: skip


def main() -> None:
    """Each part in a process of its own: a parent that stays small keeps the peak memory honest."""
    parts = {"startup": startup, "gradient": gradient, "growth": growth}
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a few seconds instead of minutes")
    parser.add_argument("--only", choices=parts, help="one part of the three")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work)
    elif options.only:
        parts[options.only](options.quick)
    else:
        print(f"Python {sys.version.split()[0]}, {sys.platform}, {os.cpu_count()} cores", flush=True)
        for part in parts:
            subprocess.run([sys.executable, *sys.orig_argv[1:], "--only", part], check=True)


if __name__ == "__main__":
    main()
