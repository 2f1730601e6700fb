"""The problems of GradBench beside NumPy by hand, PyTorch and JAX: ``python tests/benchmark_gradbench.py``
(pytest does not collect it). With ``--write`` the table goes into docs/performance.md.

A problem is a formula of ours, the same in PyTorch and in JAX, and, where somebody would still do it, its
gradient by hand. All must agree to 1e-8 of the gradient's size. One thread, rounds in turn, CPU time; ratios
are medians of the ratios within a round. Each is prepared beforehand: our program written, JAX's compiled.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from backtrace_cli import gradient

DOC = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- gradbench -->", "<!-- /gradbench -->"
#: So long each tool runs in a round, and so many rounds there are.
_ROUND, _ROUNDS = 0.04, 15

Values = dict[str, Any]
Slopes = Callable[[], Any]


class Problem(NamedTuple):
    """One row of the table."""

    name: str
    words: str
    formula: str
    at: Values
    wrt: tuple[str, ...]
    loss: Callable[..., Any]
    """The same over a library's arrays: (library's functions, values by name)."""
    by_hand: Callable[..., Values] | None = None


class Torch:
    """What the losses call, in PyTorch."""

    def __init__(self) -> None:
        import torch

        torch.set_num_threads(1)
        self.it = torch
        self.exp, self.log, self.sqrt, self.sin, self.cos = (
            torch.exp,
            torch.log,
            torch.sqrt,
            torch.sin,
            torch.cos,
        )
        self.tanh, self.sigmoid, self.tril = torch.tanh, torch.sigmoid, torch.tril
        self.lse = lambda a, axis: torch.logsumexp(a, axis)
        self.amin = lambda a, axis: torch.amin(a, axis)

    def slopes(self, problem: Problem) -> Slopes:
        """A function that gives the gradients."""
        at = {n: self.it.tensor(v, requires_grad=n in problem.wrt) for n, v in problem.at.items()}
        wanted = [at[name] for name in problem.wrt]
        return lambda: self.it.autograd.grad(problem.loss(self, **at), wanted)


class Jax:
    """What the losses call, in JAX."""

    def __init__(self) -> None:
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", True)
        self.it = jax
        self.exp, self.sqrt, self.sin, self.cos = jnp.exp, jnp.sqrt, jnp.sin, jnp.cos
        self.tanh, self.sigmoid, self.tril = jnp.tanh, jax.nn.sigmoid, jnp.tril
        self.lse = lambda a, axis: jax.scipy.special.logsumexp(a, axis=axis)
        self.amin = lambda a, axis: jnp.min(a, axis=axis)

    def slopes(self, problem: Problem) -> Slopes:
        """A compiled function that gives the gradients."""
        import jax.numpy as jnp

        at = {name: jnp.asarray(value) for name, value in problem.at.items()}
        wanted = {name: at[name] for name in problem.wrt}
        rest = {name: value for name, value in at.items() if name not in wanted}
        found = self.it.jit(self.it.grad(lambda w: problem.loss(self, **rest, **w)))
        return lambda: self.it.block_until_ready(found(wanted))


# -- the problems -------------------------------------------------------------------


def hello() -> Problem:
    """The square of a number."""
    return Problem("hello", "x² of one number", "x^2", {"x": 3.0}, ("x",), lambda _, x: x * x,
                   lambda x: {"x": 2 * x})  # fmt: skip


def lse(count: int) -> Problem:
    """log Σ eˣ."""

    def by_hand(x: Any) -> Values:
        raised = np.exp(x - x.max())
        return {"x": raised / raised.sum()}

    at = {"x": np.random.default_rng(1).normal(size=count)}
    return Problem(
        "lse", f"logsumexp of {count:,}", "logsumexp(x)", at, ("x",), lambda f, x: f.lse(x, 0), by_hand
    )


def llsq(rows: int, columns: int) -> Problem:
    """Polynomials fitted to a sign."""
    t = np.linspace(-1, 1, rows)
    at = {"A": np.vander(t, columns, increasing=True), "s": np.sign(t),
          "x": np.random.default_rng(2).normal(size=columns)}  # fmt: skip

    def by_hand(A: Any, s: Any, x: Any) -> Values:  # noqa: N803
        r = A @ x - s
        return {"x": r @ A}

    return Problem("llsq", f"least squares, {rows:,} × {columns}", "sum((A @ x - s)^2)/2", at, ("x",),
                   lambda _, A, s, x: ((A @ x - s) ** 2).sum() / 2, by_hand)  # fmt: skip


def kmeans(points: int, means: int, size: int) -> Problem:
    """Squared distances to the nearest of some means."""
    dice = np.random.default_rng(3)
    at = {"P": dice.normal(size=(points, size)), "C": dice.normal(size=(means, size))}

    def loss(f: Any, P: Any, C: Any) -> Any:  # noqa: N803
        return f.amin((P * P).sum(1)[:, None] - 2 * P @ C.T + (C * C).sum(1), 1).sum()

    def by_hand(P: Any, C: Any) -> Values:  # noqa: N803
        near = ((P * P).sum(1)[:, None] - 2 * P @ C.T + (C * C).sum(1)).argmin(1)
        picked = np.zeros((len(P), len(C)))
        picked[np.arange(len(P)), near] = 1
        return {"C": 2 * (picked.sum(0)[:, None] * C - picked.T @ P)}

    formula = "sum(min(sum(P^2, axis=1, keepdims=true) - 2*P @ C.T + sum(C^2, axis=1), axis=1))"
    words = f"{points:,} points, {means} means in {size} dimensions"
    return Problem("kmeans", words, formula, at, ("C",), loss, by_hand)


def gmm(points: int, size: int, parts: int) -> Problem:
    """The likelihood of a mixture of Gaussians, by the roots of their inverse covariances."""
    dice = np.random.default_rng(4)
    at = {"X": dice.normal(size=(points, size)), "α": dice.normal(size=parts),
          "μ": dice.normal(size=(parts, 1, size)), "q": dice.normal(size=(parts, 1, size)) / 4,
          "L": dice.normal(size=(parts, size, size)) / 4}  # fmt: skip

    def loss(f: Any, X: Any, α: Any, μ: Any, q: Any, L: Any) -> Any:  # noqa: N803
        d = X - μ
        r = f.exp(q) * d + d @ f.tril(L, -1).swapaxes(-1, -2)
        z = (α + q.sum(-1)[:, 0])[:, None] - (r * r).sum(-1) / 2
        return f.lse(z, 0).sum() - len(X) * f.lse(α, 0)

    def by_hand(X: Any, α: Any, μ: Any, q: Any, L: Any) -> Values:  # noqa: N803
        d, scale, low = X - μ, np.exp(q), np.tril(L, -1)
        r = scale * d + d @ low.swapaxes(-1, -2)
        z = (α + q.sum(-1)[:, 0])[:, None] - (r * r).sum(-1) / 2
        raised = np.exp(z - z.max(0))
        p = raised / raised.sum(0)
        each, share = p.sum(1), np.exp(α - α.max())
        dr = -p[:, :, None] * r
        dq = (dr * d).sum(1, keepdims=True) * scale + each[:, None, None]
        dL = np.tril(dr.swapaxes(-1, -2) @ d, -1)  # noqa: N806
        dd = (dr.sum(1, keepdims=True) * scale) + dr.sum(1, keepdims=True) @ low
        return {"α": each - len(X) * share / share.sum(), "μ": -dd, "q": dq, "L": dL}

    formula = (
        "d = X - μ; r = exp(q)*d + d @ mT(tril(L, k=-1)); "
        "z = expand_dims(α + sum(q, axis=[1, 2]), 1) - sum(r^2, axis=2)/2; "
        f"f = sum(logsumexp(z, axis=0)) - {points}*logsumexp(α)"
    )
    return Problem("gmm", f"{points:,} points, {parts} Gaussians in {size} dimensions", formula, at,
                   ("α", "μ", "q", "L"), loss, by_hand)  # fmt: skip


def ba(seen: int) -> Problem:
    """Points seen by cameras: turned, moved, distorted, and compared with where they were seen."""
    dice = np.random.default_rng(5)
    at = {"r": dice.normal(size=(seen, 3)) / 4, "c": dice.normal(size=(seen, 3)),
          "X": dice.normal(size=(seen, 3)),
          "k": 1 + dice.normal(size=(seen, 3)) / 9, "o": dice.normal(size=(seen, 2)) / 9,
          "m": dice.normal(size=(seen, 2)), "w": dice.uniform(0.5, 1, size=(seen, 1))}  # fmt: skip
    at["X"][:, 2] += 8

    def loss(f: Any, r: Any, c: Any, X: Any, k: Any, o: Any, m: Any, w: Any) -> Any:  # noqa: N803
        θ = f.sqrt((r * r).sum(1))[:, None]
        v, d = r / θ, X - c
        a, b = ([part[:, n : n + 1] for n in range(3)] for part in (v, d))
        n, s, g = f.cos(θ), f.sin(θ), (v * d).sum(1)[:, None] * (1 - f.cos(θ))
        t0 = b[0] * n + (a[1] * b[2] - a[2] * b[1]) * s + a[0] * g
        t1 = b[1] * n + (a[2] * b[0] - a[0] * b[2]) * s + a[1] * g
        t2 = b[2] * n + (a[0] * b[1] - a[1] * b[0]) * s + a[2] * g
        x, y = t0 / t2, t1 / t2
        q = x * x + y * y
        h = k[:, :1] * (1 + k[:, 1:2] * q + k[:, 2:] * q**2)
        e0 = w * (h * x + o[:, :1] - m[:, :1])
        e1 = w * (h * y + o[:, 1:] - m[:, 1:])
        return ((e0 * e0).sum() + (e1 * e1).sum()) / 2

    formula = (
        "θ = sqrt(sum(r^2, axis=1, keepdims=true)); v = r/θ; d = X - c; "
        + "".join(f"a{n} = v[:, {n}:{n + 1}]; b{n} = d[:, {n}:{n + 1}]; " for n in range(3))
        + "n = cos(θ); s = sin(θ); g = sum(v*d, axis=1, keepdims=true)*(1 - n); "
        "t0 = b0*n + (a1*b2 - a2*b1)*s + a0*g; t1 = b1*n + (a2*b0 - a0*b2)*s + a1*g; "
        "t2 = b2*n + (a0*b1 - a1*b0)*s + a2*g; x = t0/t2; y = t1/t2; q = x^2 + y^2; "
        "h = k[:, 0:1]*(1 + k[:, 1:2]*q + k[:, 2:3]*q^2); e0 = w*(h*x + o[:, 0:1] - m[:, 0:1]); "
        "e1 = w*(h*y + o[:, 1:2] - m[:, 1:2]); f = (sum(e0^2) + sum(e1^2))/2"
    )
    return Problem(
        "ba", f"{seen:,} points seen by cameras", formula, at, ("r", "c", "X", "k", "o", "w"), loss
    )


def lstm(length: int, size: int) -> Problem:
    """Two layers of long short-term memory along a text, as ADBench has them: weights act entry by entry."""
    dice = np.random.default_rng(6)
    at: Values = {"x": np.eye(size)[dice.integers(0, size, length + 1)]}
    for layer in (1, 2):
        for gate in "figa":
            at[f"W{gate}{layer}"], at[f"b{gate}{layer}"] = dice.normal(size=(2, size))
        at[f"h{layer}"], at[f"c{layer}"] = dice.normal(size=(2, size))
    at |= {"u": dice.normal(size=size), "v": dice.normal(size=size), "z": dice.normal(size=size)}

    def loss(f: Any, x: Any, **p: Any) -> Any:
        h, c = {1: p["h1"], 2: p["h2"]}, {1: p["c1"], 2: p["c2"]}
        total = 0.0
        for t in range(length):
            y = x[t] * p["u"]
            for n in (1, 2):
                forget = f.sigmoid(y * p[f"Wf{n}"] + p[f"bf{n}"])
                into = f.sigmoid(h[n] * p[f"Wi{n}"] + p[f"bi{n}"])
                out = f.sigmoid(y * p[f"Wg{n}"] + p[f"bg{n}"])
                c[n] = c[n] * forget + into * f.tanh(h[n] * p[f"Wa{n}"] + p[f"ba{n}"])
                y = h[n] = out * f.tanh(c[n])
            s = y * p["v"] + p["z"]
            total = total + f.lse(s, 0) - (x[t + 1] * s).sum()
        return total / length

    lines = ["H1_0 = h1", "H2_0 = h2", "C1_0 = c1", "C2_0 = c2"]
    for t in range(length):
        lines.append(f"Y0_{t} = x[{t}]*u")
        for n in (1, 2):
            y, h = f"Y{n - 1}_{t}", f"H{n}_{t}"
            lines += [
                f"C{n}_{t + 1} = C{n}_{t}*sigmoid({y}*Wf{n} + bf{n}) "
                f"+ sigmoid({h}*Wi{n} + bi{n})*tanh({h}*Wa{n} + ba{n})",
                f"H{n}_{t + 1} = sigmoid({y}*Wg{n} + bg{n})*tanh(C{n}_{t + 1})",
                f"Y{n}_{t} = H{n}_{t + 1}",
            ]
        lines += [f"S_{t} = Y2_{t}*v + z", f"E_{t} = logsumexp(S_{t}) - x[{t + 1}] @ S_{t}"]
    lines.append("L = (" + " + ".join(f"E_{t}" for t in range(length)) + f")/{length}")
    wrt = tuple(name for name in at if name != "x" and name[0] not in "hc")
    return Problem("lstm", f"2 layers of {size}, {length} letters", "\n".join(lines), at, wrt, loss)


def hand(points: int, bones: int) -> Problem:
    """A hand bent at its joints: three angles a bone, every point a mixture of what its bones say."""
    dice = np.random.default_rng(7)
    at = {"a": dice.normal(size=(bones, 3)) / 3, "j": dice.normal(size=(bones, 1, 3)),
          "V": dice.normal(size=(points, 3)), "w": dice.dirichlet(np.ones(bones), size=points).T[:, :, None],
          "m": dice.normal(size=(points, 3))}  # fmt: skip

    def loss(f: Any, a: Any, j: Any, V: Any, w: Any, m: Any) -> Any:  # noqa: N803
        s, c = f.sin(a), f.cos(a)
        d = V - j
        x, y, z = d[:, :, 0:1], d[:, :, 1:2], d[:, :, 2:3]
        sx, sy, sz = (s[:, n : n + 1, None] for n in range(3))
        cx, cy, cz = (c[:, n : n + 1, None] for n in range(3))
        y1, z1 = y * cx - z * sx, y * sx + z * cx
        x2, z2 = x * cy + z1 * sy, z1 * cy - x * sy
        x3, y3 = x2 * cz - y1 * sz, x2 * sz + y1 * cz
        k = [
            (w * (part + j[:, :, n : n + 1])).sum(0) - m[:, n : n + 1] for n, part in enumerate((x3, y3, z2))
        ]
        return sum((part * part).sum() for part in k) / 2

    axes = "".join(
        f"s{n} = expand_dims(sin(a[:, {k}:{k + 1}]), 2); c{n} = expand_dims(cos(a[:, {k}:{k + 1}]), 2); "
        for k, n in enumerate("xyz")
    )
    formula = (
        "d = V - j; x = d[:, :, 0:1]; y = d[:, :, 1:2]; z = d[:, :, 2:3]; "
        + axes
        + "y1 = y*cx - z*sx; z1 = y*sx + z*cx; x2 = x*cy + z1*sy; z2 = z1*cy - x*sy; "
        "x3 = x2*cz - y1*sz; y3 = x2*sz + y1*cz; "
        "k0 = sum(w*(x3 + j[:, :, 0:1]), axis=0) - m[:, 0:1]; "
        "k1 = sum(w*(y3 + j[:, :, 1:2]), axis=0) - m[:, 1:2]; "
        "k2 = sum(w*(z2 + j[:, :, 2:3]), axis=0) - m[:, 2:3]; f = (sum(k0^2) + sum(k1^2) + sum(k2^2))/2"
    )
    return Problem("ht", f"{points:,} points on {bones} bones", formula, at, ("a", "j"), loss)


def problems() -> list[Problem]:
    """All rows."""
    return [
        hello(), lse(1_000), lse(1_000_000), llsq(128, 16), llsq(20_000, 64), kmeans(10_000, 20, 8),
        gmm(1_000, 16, 25), hand(500, 22), ba(2_000), lstm(20, 14),
    ]  # fmt: skip


# -- timing -------------------------------------------------------------------------


def ours(problem: Problem) -> Slopes:
    """Our program, written for these shapes."""
    f = gradient(problem.formula, wrt=problem.wrt)
    f(**problem.at)
    return lambda: f(**problem.at)


def agree(problem: Problem, found: dict[str, Any]) -> None:
    """All gradients are the same, to 1e-8 of their size."""
    for name in problem.wrt:
        wanted = np.asarray(found["backtrace"][1][name])
        size = float(np.abs(wanted).max()) or 1.0
        for tool, slopes in found.items():
            if tool != "backtrace":
                got = slopes[name] if isinstance(slopes, dict) else slopes[problem.wrt.index(name)]
                np.testing.assert_allclose(np.asarray(got), wanted, rtol=0, atol=1e-8 * size, err_msg=tool)


def measured(problem: Problem, tools: dict[str, Any]) -> dict[str, float]:
    """Seconds of each tool: ours first, then the medians of the others' ratios to it."""
    runs: dict[str, Slopes] = {"backtrace": ours(problem)}
    if problem.by_hand is not None:
        write = problem.by_hand
        runs["by hand"] = lambda: write(**problem.at)
    for name, tool in tools.items():
        runs[name] = tool.slopes(problem)
    agree(problem, {name: run() for name, run in runs.items()})
    counts = {}
    for name, run in runs.items():
        began = time.process_time()
        run()
        counts[name] = max(1, min(20_000, int(_ROUND / max(1e-7, time.process_time() - began))))
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(_ROUNDS + 2):
        for name, run in runs.items():
            began = time.process_time()
            for _ in range(counts[name]):
                run()
            if number > 1:
                times[name].append((time.process_time() - began) / counts[name])
    mine = times["backtrace"]
    found = {"seconds": median(mine)}
    for name, theirs in times.items():
        if name != "backtrace":
            found[name] = median(a / b for a, b in zip(mine, theirs, strict=True))
    return found


def table() -> list[str]:
    """The rows, in Markdown."""
    tools: dict[str, Any] = {}
    for name, tool in (("PyTorch", Torch), ("JAX", Jax)):
        try:
            tools[name] = tool()
        except ImportError:
            print(f"{name} is not installed")
    lines = ["| problem | | a gradient takes | to NumPy by hand | to PyTorch | to JAX, compiled |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for problem in problems():
        found = measured(problem, tools)
        ratios = [f"×{found[name]:.2f}" if name in found else "" for name in ("by hand", "PyTorch", "JAX")]
        took = found["seconds"]
        shown = f"{took * 1e6:.3g} µs" if took < 1e-3 else f"{took * 1e3:.3g} ms"
        lines.append(f"| {problem.name} | {problem.words} | {shown} | {' | '.join(ratios)} |")
        print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Print the table; with ``--write`` put it into the docs."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = asked.parse_args()
    rows = table()
    if options.write:
        text = DOC.read_text("utf-8")
        before, rest = text.split(BEGIN)
        DOC.write_text(before + BEGIN + "\n\n" + "\n".join(rows) + "\n\n" + END + rest.split(END)[1], "utf-8")


if __name__ == "__main__":
    main()
