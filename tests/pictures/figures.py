"""Figures about pictures: crossings beside Graphviz's dot, and how long drawing takes beyond the trace.

    python -m tests.pictures.figures

Crossings are counted the same way in both: places at which lines from two boxes cross. Graphviz is
needed for this comparison alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from itertools import combinations

from backtrace_cli import trace
from backtrace_cli.engine.trace import Trace
from backtrace_cli.export.layout.arrange import Layout, side_by_side, upright
from backtrace_cli.export.layout.canvas import Canvas
from backtrace_cli.export.layout.fitting import Picture
from backtrace_cli.export.pictures import writer
from backtrace_cli.pages.wording import Wording
from backtrace_cli.runs.point import read_point
from backtrace_cli.runs.run import run

__all__ = ["GRAPHS", "drawn", "traced"]

Point = tuple[float, float]
ALL = 10**6

#: name -> (formula, point): the lecture's graphs and what networks are made of.
GRAPHS = {
    "readme": ("x^2 - (x+y)*y + y^2", "x=1,y=0"),
    "sheet": ("s = σ(y); g = x + s; r = σ(x); p = x + y; q = p²; h = r + q; k = 1/h; f = g·k", "x=3,y=-4"),
    "neuron": ("z = w1*x1 + w2*x2 + b; a = σ(z); L = (a - t)^2", "w1=0.5,w2=-1,x1=2,x2=3,b=0.1,t=1"),
    "softmax": (
        "e1 = exp(z1); e2 = exp(z2); e3 = exp(z3); s = e1 + e2 + e3; p1 = e1/s; p2 = e2/s; p3 = e3/s; "
        "L = -(t1*log(p1) + t2*log(p2) + t3*log(p3))", "z1=1,z2=0.5,z3=-1,t1=0,t2=1,t3=0",
    ),
    "two layers": (
        "h1 = tanh(w11*x1 + w12*x2 + b1); h2 = tanh(w21*x1 + w22*x2 + b2); y = σ(v1*h1 + v2*h2 + c); "
        "L = -(t*log(y) + (1 - t)*log(1 - y))",
        "w11=0.5,w12=-1,w21=0.3,w22=0.8,x1=1,x2=2,b1=0.1,b2=-0.2,v1=1,v2=-1,c=0,t=1",
    ),
    "lstm": (
        "i = σ(wi*x + ui*h + bi); j = σ(wf*x + uf*h + bf); o = σ(wo*x + uo*h + bo); "
        "g = tanh(wg*x + ug*h + bg); d = j*c + i*g; k = o*tanh(d)",
        "x=1,h=0.5,c=-0.3,wi=1,ui=0.2,bi=0,wf=0.4,uf=-1,bf=1,wo=0.7,uo=0.1,bo=0,wg=-0.6,ug=0.9,bg=0.2",
    ),
    "attention": (
        "Q = X @ W_q; K = X @ W_k; V = X @ W_v; S = Q @ K.T/sqrt(2); A = softmax(S, axis=1); O = A @ V; "
        "L = sum(O^2)",
        "X=[[1,0],[0,1],[1,1]],W_q=[[1,2],[0,1]],W_k=[[0,1],[1,0]],W_v=[[1,1],[2,0]]",
    ),
    "two layers, arrays": (
        "h = relu(W1 @ x + b1); y = W2 @ h + b2; L = sum((y - t)^2)",
        "W1=[[1,2],[3,-4],[0,1]],x=[1,2],b1=[0,0,1],W2=[[1,0,1],[2,1,0]],b2=[0,1],t=[1,1]",
    ),
}  # fmt: skip


def traced(name: str) -> Trace:
    """The trace of one of the graphs."""
    formula, at = GRAPHS[name]
    return run(formula, read_point([at]))


def crossings(lines: list[tuple[int, list[Point]]]) -> int:
    """At how many places lines from different boxes cross; where edges share a line it is one place."""
    found = set()
    for (child, first), (other, second) in combinations(lines, 2):
        if child == other:
            continue
        for a in zip(first, first[1:], strict=False):
            for b in zip(second, second[1:], strict=False):
                if _meets(a, b):
                    x, y = _place(a, b)
                    found.add((min(child, other), max(child, other), round(x, 3), round(y, 3)))
    return len(found)


def _place(a: tuple[Point, Point], b: tuple[Point, Point]) -> Point:
    """Where two lines cross."""
    (x, y), (u, v) = a
    (p, q), (r, s) = b
    t = ((p - x) * (s - q) - (q - y) * (r - p)) / ((u - x) * (s - q) - (v - y) * (r - p))
    return x + t * (u - x), y + t * (v - y)


def _meets(a: tuple[Point, Point], b: tuple[Point, Point]) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(*a, b[0]) * side(*a, b[1]) < 0 and side(*b, a[0]) * side(*b, a[1]) < 0


def ours(layout: Layout) -> int:
    return crossings([(r.edge.child, [(float(x), float(y)) for x, y in r.points]) for r in layout.routes])


def dots(picture: Picture) -> int:
    """Crossings where ``dot`` lays out the same graph."""
    text = writer("dot").write(picture)
    assert isinstance(text, str)
    answer = subprocess.run(["dot", "-Tjson0"], input=text, capture_output=True, text=True, check=True)
    lines = []
    for edge in json.loads(answer.stdout).get("edges", []):
        points = [tuple(map(float, part.split(","))) for part in edge["pos"].removeprefix("e,").split()]
        arrow, *rest = points
        curve = [point for t in range(0, len(rest) - 3, 3) for point in _bent(rest[t : t + 4])]
        lines.append((edge["tail"], [*curve, (arrow[0], arrow[1])]))
    return crossings(lines)


def _bent(control: list[tuple[float, ...]]) -> list[Point]:
    found = []
    for step in range(9):
        t = step / 8
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        found.append((sum(w * p[0] for w, p in zip(weights, control, strict=True)),
                      sum(w * p[1] for w, p in zip(weights, control, strict=True))))  # fmt: skip
    return found


def drawn(name: str, width: int, ascii: bool = False) -> list[str]:
    """One of the graphs in characters."""
    layout = Picture(traced(name), Wording(ascii=ascii)).fitted(width)
    return ["".join(text for text, _ in row).rstrip() for row in Canvas(layout, ascii).rows()]


def chain(count: int) -> Trace:
    """``count`` boxes, each of which reads two of the ones before it."""
    lines = ["a0 = x*y", "a1 = a0 + x"]
    lines += [f"a{n} = {'sin' if n % 3 else 'tanh'}(a{n - 1})*a{n // 2}" for n in range(2, count // 2)]
    return trace("\n".join(lines), x=0.5, y=2.0)


def _timed() -> None:
    small, large = chain(200), chain(10_000)
    whole = Picture(small, Wording(), None, ALL)
    for what, job in (
        (f"{len(small.graph)} nodes, terminal", lambda: Picture(small, Wording()).fitted(80)),
        (f"{len(small.graph)} nodes, nothing folded, upright", lambda: upright(whole.scene())),
        (f"{len(small.graph)} nodes, nothing folded, in layers", lambda: side_by_side(whole.scene())),
        (f"{len(small.graph)} nodes, SVG", lambda: writer("svg").write(Picture(small, Wording()))),
        (f"{len(large.graph)} nodes, folded", lambda: Picture(large, Wording()).fitted(80)),
    ):  # fmt: skip
        start = time.process_time()
        job()
        print(f"{what:45} {1000 * (time.process_time() - start):8.0f} ms")


if __name__ == "__main__":
    _timed()
    for name in GRAPHS:
        picture = Picture(traced(name), Wording(), None, ALL)
        beside = dots(picture) if shutil.which("dot") else -1
        steps = len(picture.trace.graph.steps)
        layers, column = ours(side_by_side(picture.scene())), ours(upright(picture.scene()))
        print(f"{name:20} {steps:3} steps  ours {layers:3}  upright {column:3}  dot {beside:3}")
