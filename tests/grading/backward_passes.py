"""Backward passes as people write them, each with one bug: which line is wrong, and which mistake it is."""

from __future__ import annotations

import random
from typing import NamedTuple


class Pass(NamedTuple):
    """One network with its backward pass, right, and the bugs that are put into it one at a time."""

    name: str
    formula: str
    shapes: dict[str, tuple[int, ...]]
    text: str
    bugs: tuple[tuple[int, str, str], ...]
    """(number of the line, what stands there instead, the mistake; empty where the catalogue has none)"""
    given: tuple[str, ...] = ()
    """Data, of which nobody asks the gradient."""


def point(shapes: dict[str, tuple[int, ...]], seed: int = 3) -> str:
    """Values for arrays of these shapes, as ``--at`` takes them; a name in capitals with one-hot rows: Y."""
    draw = random.Random(seed)

    def values(shape: tuple[int, ...]) -> str:
        if not shape:
            return f"{draw.choice((-1, 1)) * draw.randint(3, 19) / 10}"
        return f"[{', '.join(values(shape[1:]) for _ in range(shape[0]))}]"

    def one_hot(rows: int, classes: int) -> str:
        chosen = [draw.randrange(classes) for _ in range(rows)]
        return str([[int(place == one) for place in range(classes)] for one in chosen])

    found = {name: one_hot(*shape) if name == "Y" else values(shape) for name, shape in shapes.items()}
    return ",".join(f"{name}={value}" for name, value in found.items())


AFFINE = Pass(
    "affine", "Z = X @ W + b; E = Z - T; L = sum(E^2)",
    {"X": (4, 3), "W": (3, 2), "b": (2,), "T": (4, 2)},
    """
dE = 2*E
dZ = dE
dW = X.T @ dZ
db = np.sum(dZ, axis=0)
dX = dZ @ W.T
""",
    ((3, "dW = dZ.T @ X", "transposed"),
     (5, "dX = dZ @ W", "transposed"),
     (4, "db = np.mean(dZ, axis=0)", "mean and sum"),
     (1, "dE = E", "power rule"),
     (2, "dZ = -dE", "sign"),
     (4, "db = dZ", "not summed back")),
    ("T",),
)  # fmt: skip

TWO_LAYERS = Pass(
    "relu", "z = W1 @ x + b1; h = relu(z); y = W2 @ h + b2; e = y - t; L = sum(e^2)/2",
    {"x": (3,), "W1": (4, 3), "b1": (4,), "W2": (2, 4), "b2": (2,), "t": (2,)},
    """
# the output layer
dy = e                      # y - t
dW2 = np.outer(dy, h)
db2 = dy
dh = W2.T @ dy
dh[z <= 0] = 0              # through the relu, in place
dW1 = np.outer(dh, x)
db1 = dh.copy()
""",
    ((2, "dy = 2*e", "doubled"),
     (3, "dW2 = np.outer(h, dy)", "outer product turned"),
     (5, "dh = W2 @ dy", "transposed"),
     (7, "dW1 = np.outer(dh, z)", ""),
     (2, "dy = t - y", "sign")),
    ("t", "x"),
)  # fmt: skip

GATED = Pass(
    "relu gate", "z = W1 @ x + b1; h = relu(z); y = w @ h; L = (y - t)^2",
    {"x": (3,), "W1": (4, 3), "b1": (4,), "w": (4,), "t": ()},
    """
dy = 2*(y - t)
dw = dy*h
dh = dy*w
dz = dh*(z > 0)
dW1 = np.outer(dz, x)
db1 = dz
""",
    ((4, "dz = dh", "factor left out"),
     (4, "dz = dh*(dh > 0)", "gate of the upstream"),
     (4, "dz = dh*h", "wrong rule"),
     (3, "dh = dy*h", "own factor")),
    ("t", "x"),
)  # fmt: skip

SOFTMAX = Pass(
    "softmax loss", "S = X @ W; P = softmax(S, axis=1); L = -sum(Y*log(P))/rows(X)",
    {"X": (4, 3), "W": (3, 3), "Y": (4, 3)},
    """
N = X.shape[0]
dS = (P - Y)/N
dW = X.T @ dS
dX = dS @ W.T
""",
    ((2, "dS = P - Y", "factor left out"),
     (2, "dS = (Y - P)/N", "sign"),
     (3, "dW = dS.T @ X", "transposed")),
    ("Y",),
)  # fmt: skip

BATCH_NORM = Pass(
    "batch norm",
    "mu = mean(X, axis=0); xc = X - mu; v = mean(xc^2, axis=0); s = sqrt(v + 0.01); xhat = xc/s; "
    "Out = gamma*xhat + beta; L = sum(Out*C)",
    {"X": (4, 3), "gamma": (3,), "beta": (3,), "C": (4, 3)},
    """
dOut = C
N, D = X.shape
dbeta = dOut.sum(axis=0)
dgamma = np.sum(dOut*xhat, axis=0)
dxhat = dOut*gamma
dxc = dxhat/s
ds = -np.sum(dxhat*xc, axis=0)/s**2
dv = 0.5*ds/np.sqrt(v + 0.01)
dxc += (2.0/N)*xc*dv
dmu = -dxc.sum(axis=0)
dX = dxc + dmu/N
""",
    ((4, "dgamma = np.sum(dOut*xc, axis=0)", ""),
     (7, "ds = -np.sum(dxhat*xc, axis=0)/s", "denominator not squared"),
     (9, "dxc += 2.0*xc*dv", "mean and sum"),
     (11, "dX = dxc", "statistic held constant"),
     (11, "dX = dxc + dmu", "mean and sum"),
     (8, "dv = ds/np.sqrt(v + 0.01)", "doubled"),
     (7, "ds = np.sum(dxhat*xc, axis=0)/s**2", "sign")),
    ("C",),
)  # fmt: skip

LAYER_NORM = Pass(
    "layer norm",
    "m = mean(x); d = x - m; v = mean(d^2); r = 1/sqrt(v + 0.01); n = d*r; y = g*n + b; L = sum(y*c)",
    {"x": (5,), "g": (5,), "b": (5,), "c": (5,)},
    """
dy = c
dg = dy*n
db = dy
dn = dy*g
dr = np.sum(dn*d)
dd = dn*r
dv = dr * -0.5*(v + 0.01)**(-1.5)
dd += dv*2*d/5
dm = -np.sum(dd)
dx = dd + dm/5
""",
    ((7, "dv = dr * 0.5*(v + 0.01)**(-1.5)", "sign"),
     (8, "dd = dv*2*d/5", "overwritten"),
     (5, "dr = np.sum(dn*r)", "own factor"),
     (8, "dd += dv*d/5", "power rule"),
     (10, "dx = dd", "statistic held constant"),
     (4, "dn = dy*n", "own factor")),
    ("c",),
)  # fmt: skip

LSTM = Pass(
    "lstm",
    "zi = Wi @ x + Ui @ h0; zf = Wf @ x + Uf @ h0; zo = Wo @ x + Uo @ h0; zg = Wg @ x + Ug @ h0; "
    "i = sigmoid(zi); f = sigmoid(zf); o = sigmoid(zo); q = tanh(zg); c = f*c0 + i*q; a = tanh(c); h = o*a; "
    "L = sum((h - t)^2)",
    {"x": (2,), "h0": (2,), "c0": (2,), "t": (2,)} | {f"{k}{g}": (2, 2) for k in "WU" for g in "ifog"},
    """
dh = 2*(h - t)
do = dh*a
dc = dh*o*(1 - a**2)
di = dc*q
df = dc*c0
dq = dc*i
dzi = di*i*(1 - i)
dzf = df*f*(1 - f)
dzo = do*o*(1 - o)
dzg = dq*(1 - q**2)
dWi = np.outer(dzi, x)
dUf = np.outer(dzf, h0)
dh0 = Ui.T @ dzi
dh0 += Uf.T @ dzf
dh0 += Uo.T @ dzo
dh0 += Ug.T @ dzg
dc0 = dc*f
""",
    ((3, "dc = dh*o*(1 - c**2)", "input for output"),
     (8, "dzf = df*zf*(1 - zf)", "input for output"),
     (16, "dh0 = Ug.T @ dzg", "overwritten"),
     (6, "dq = dc*q", "own factor"),
     (10, "dzg = dq*(1 - q)", "wrong rule"),
     (14, "dh0 += Uf @ dzf", "transposed"),
     (9, "dzo = do*o", "wrong rule")),
    ("t",),
)  # fmt: skip

ATTENTION = Pass(
    "attention",
    "S = Q @ K.T/sqrt(2); A = softmax(S, axis=1); O = A @ V; L = sum(O*C)",
    {"Q": (3, 2), "K": (4, 2), "V": (4, 3), "C": (3, 3)},
    """
dO = C
dV = A.T @ dO
dA = dO @ V.T
dS = A*(dA - np.sum(dA*A, axis=1, keepdims=True))
scale = 1/np.sqrt(2)
dQ = dS @ K*scale
dK = dS.T @ Q*scale
""",
    ((4, "dS = A*(1 - A)*dA", "softmax diagonal"),
     (4, "dS = A*(dA - np.sum(dA*A, axis=0))", ""),
     (6, "dQ = dS @ K", "factor left out"),
     (2, "dV = dO.T @ A", "transposed"),
     (5, "scale = 2", "")),
    ("C",),
)  # fmt: skip

CONVOLUTION = Pass(
    "convolution",
    "P = [x[0:3], x[1:4], x[2:5]]; y = P @ w + b; a = relu(y); L = sum((a - t)^2)/2",
    {"x": (5,), "w": (3,), "b": (), "t": (3,)},
    """
da = a - t
dy = da*(y > 0)
db = np.sum(dy)
dw = P.T @ dy
dP = np.outer(dy, w)
""",
    ((4, "dw = P.T @ da", ""),
     (3, "db = np.mean(dy)", "mean and sum"),
     (5, "dP = np.outer(w, dy)", "outer product turned"),
     (3, "db = dy", "not summed back")),
    ("t",),
)  # fmt: skip

SHIFTED = Pass(
    "convolution by shifts",
    "y = w[0]*x[0:3] + w[1]*x[1:4] + w[2]*x[2:5]; L = sum((y - t)^2)",
    {"x": (5,), "w": (3,), "t": (3,)},
    """
∂L/∂y = 2*(y - t)
∂L/∂w = [sum(∂L/∂y*x[0:3]), sum(∂L/∂y*x[1:4]), sum(∂L/∂y*x[2:5])]
∂L/∂x = concatenate([w[0]*∂L/∂y, [0, 0]]) + concatenate([[0], w[1]*∂L/∂y, [0]]) \\
    + concatenate([[0, 0], w[2]*∂L/∂y])
""",
    ((2, "∂L/∂w = [sum(∂L/∂y*x[0:3]), sum(∂L/∂y*x[0:3]), sum(∂L/∂y*x[2:5])]", ""),
     (3, "∂L/∂x = concatenate([w[0]*∂L/∂y, [0, 0]]) + concatenate([[0], w[1]*∂L/∂y, [0]])", "lost path")),
    ("t",),
)  # fmt: skip

NEURON = Pass(
    "neuron", "z = w*x + b; s = σ(z); E = (s - t)^2/2",
    {"w": (), "x": (), "b": (), "t": ()},
    """
tmp = s - t          # of the loss
dz = tmp*s*(1 - s)
dw = dz*x; db = dz; dx = dz*w
""",
    ((1, "tmp = t - s", "sign"),
     (2, "dz = tmp*(1 - s)", "wrong rule"),
     (2, "dz = tmp*z*(1 - z)", "input for output"),
     (3, "dw = dz*w; db = dz; dx = dz*w", "own factor")),
    ("t",),
)  # fmt: skip

FORK = Pass(
    "fork", "a = x*y; b = a^2; c = 3*a; f = b*c + a",
    {"x": (), "y": ()},
    """
db = c
dc = b
da = 1
da += db*2*a
da += dc*3
dx = da*y
dy = da*x
""",
    ((5, "da = dc*3", "overwritten"),
     (4, "da += db*a", "power rule"),
     (1, "db = b", "own factor"),
     (6, "dx = y", "factor left out"),
     (5, "da += dc", "factor left out")),
)  # fmt: skip

PASSES = (
    AFFINE,
    TWO_LAYERS,
    GATED,
    SOFTMAX,
    BATCH_NORM,
    LAYER_NORM,
    LSTM,
    ATTENTION,
    CONVOLUTION,
    SHIFTED,
    NEURON,
    FORK,
)


def planted(one: Pass, line: int, wrong: str) -> str:
    """The text with that line in place of the right one; lines are counted from the first that has words."""
    lines = one.text.strip("\n").split("\n")
    lines[line - 1] = wrong
    return "\n".join(lines)
