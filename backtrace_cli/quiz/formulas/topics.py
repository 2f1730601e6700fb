"""The topics of the quiz, in the order of the course: what their formulas hold and what they ask for.

Adding a topic is adding a declaration to TOPICS: it says which boxes and which cells, and
nothing else knows it. A network and softmax begin box by box, in numbers, and come to vectors and
matrices on the way up; those have topics of their own, too.
"""

from __future__ import annotations

from typing import NamedTuple

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.mistakes.catalogue import BY_NAME
from backtrace_cli.ops.spec import Op

__all__ = ["BASE", "BOXES", "LEVELS", "TOPICS", "Box", "Topic", "home_of"]

#: Levels run from 1 to this.
LEVELS = 5


class Box(NamedTuple):
    """One kind of box that formulas are made of."""

    op: str
    text: str
    """The formula, with {a} and {b} for what it reads and {n} for a small whole number."""
    level: int = 1
    """Where it first appears."""
    smooth: bool = False
    """Is its value seldom a round number?"""
    axes: str = ""
    """Over arrays, the axes of what it reads and of what it gives: ``ij,j->i``; several ways with a bar."""

    @property
    def pair(self) -> bool:
        """Does it read two nodes?"""
        return "{b}" in self.text


#: The axes of a box that works entry by entry, on one array or on two of the same shape.
_EACH, _BOTH = "i->i|ij->ij", "i,i->i|ij,ij->ij"

#: Every box by a short name.
BOXES: dict[str, Box] = {
    "add": Box("add", "{a} + {b}", axes=_BOTH),
    "sub": Box("subtract", "{a} - {b}", axes=_BOTH),
    "mul": Box("multiply", "{a}*{b}", axes=_BOTH),
    "scale": Box("multiply", "{n}*{a}", axes=_EACH),
    "shift": Box("add", "{a} + {n}"),
    "square": Box("power", "{a}^2", axes=_EACH + "|->"),
    "cube": Box("power", "{a}^3", 2),
    "div": Box("divide", "{a}/{b}", 2),
    "inverse": Box("divide", "{n}/{a}", 2),
    "sqrt": Box("sqrt", "sqrt({a})", 2, True),
    "exp": Box("exp", "exp({a})", 2, True),
    "log": Box("log", "log({a})", 2, True),
    "sin": Box("sin", "sin({a})", 3, True),
    "cos": Box("cos", "cos({a})", 3, True),
    "sigmoid": Box("sigmoid", "sigmoid({a})", 1, True, axes=_EACH),
    "tanh": Box("tanh", "tanh({a})", 1, True, axes=_EACH),
    "softplus": Box("softplus", "softplus({a})", 3, True),
    "relu": Box("relu", "relu({a})", axes=_EACH),
    "abs": Box("abs", "abs({a})"),
    "max": Box("max", "max({a}, {b})", 2),
    "min": Box("min", "min({a}, {b})", 3),
    "clip": Box("clip", "clip({a}, -2, 3)", 3),
    "dot": Box("matmul", "{a} @ {b}", axes="i,i->"),
    "apply": Box("matmul", "{a} @ {b}", axes="ij,j->i"),
    "row": Box("matmul", "{a} @ {b}", axes="i,ij->j"),
    "product": Box("matmul", "{a} @ {b}", axes="ij,jk->ik"),
    "outer": Box("outer", "outer({a}, {b})", 3, axes="i,j->ij"),
    "turned": Box("transpose", "{a}.T", 2, axes="ij->ji"),
    "sum": Box("sum", "sum({a})", axes="i->|ij->"),
    "mean": Box("mean", "mean({a})", axes="i->|ij->"),
    "down": Box("sum", "sum({a}, axis=0)", 3, axes="ij->j"),
    "across": Box("mean", "mean({a}, axis=1)", 4, axes="ij->i"),
    "bias": Box("add", "{a} + {b}", 2, axes="ij,j->ij|i,->i"),
    "times": Box("multiply", "{a}*{b}", 3, axes=",i->i|,ij->ij|j,ij->ij"),
    "softmax": Box("softmax", "softmax({a})", 3, True, axes="i->i"),
    "surprise": Box("cross_entropy", "cross_entropy({a}, {b})", 4, True),
    "length": Box("norm", "norm({a})", 4, True, axes="i->"),
    "soft max": Box("logsumexp", "logsumexp({a})", 5, True, axes="i->"),
    "mse": Box("mse", "mse({a}, {b})", 3, axes="i,i->"),
}

#: What fills a formula up beside the boxes that its topic is about.
BASE = ("add", "sub", "mul", "scale", "shift", "square", "cube")


class Topic(NamedTuple):
    """One topic: a chapter of the course."""

    name: str
    title: str
    about: tuple[str, ...]
    """The boxes it is about; at least one of them is in each of its formulas."""
    asks: tuple[str, ...]
    """Tables of cells that are asked for; ``whole`` is ∂f/∂x in one go."""
    base: tuple[str, ...] = BASE
    forks: int = 0
    """Forks beyond those of the level."""
    only_about: bool = False
    """Are only cells at its own boxes asked for, and the others filled in?"""
    kinked: bool = False
    """May the point stand on a kink?"""
    frames: tuple[tuple[str, ...], ...] = ()
    """Instead of formulas wired by chance, some for each level, with {s} and {t} for activations, {i}, {j}
    and {k} for inputs, {n} for a small whole number; over arrays the inputs with their axes come first."""
    arrays: int = 0
    """The axes of its largest arrays: 1 for vectors, 2 for matrices, 0 for numbers alone."""
    lent: tuple[Box, ...] = ()
    """Boxes of ops that it has none of, for a mistake that is to come back (see boxes.py)."""

    @property
    def own(self) -> list[Box]:
        """The boxes it is about, and what it is lent."""
        return [BOXES[name] for name in self.about] + list(self.lent)

    @property
    def filling(self) -> list[Box]:
        """The boxes that fill its formulas up."""
        return [BOXES[name] for name in self.base]

    @property
    def boxes(self) -> list[Box]:
        """All its boxes."""
        return self.own + self.filling

    def over_arrays(self, level: int) -> bool:
        """May its formulas of that level hold arrays?"""
        return self.arrays > 0 or any("|" in frame for frame in self.frames[level - 1 : level])


#: From one neuron to two hidden ones with a squared error; t is what is aimed at.
_NETWORKS = (
    ("a = w*{i}; f = {s}(a)", "a = {i} + {j}; f = {s}(a)", "h = {s}({i}); f = w*h",
     "h = {s}({i}); f = h - t", "a = {n}*{i}; f = {s}(a)"),
    ("a = w*{i}; b = a + {j}; f = {s}(b)", "a = w*{i}; h = {s}(a); f = v*h",
     "a = w*{i}; h = {s}(a); f = h - t", "a = w*{i}; r = a - t; f = r^2",
     "h = {s}({i}); a = w*h; f = a + {j}", "h = {s}({i}); r = h - t; f = r^2"),
    ("a = w*{i}; b = a + c; h = {s}(b); r = h - t; f = r^2", "a = w*{i}; b = a + {j}; h = {s}(b); f = v*h",
     "a = w*{i}; h = {s}(a); k = v*h; r = k - t; f = r^2", "a = w*{i}; h = {s}(a); b = w*h; f = {t}(b)",
     "a = w*{i}; h = {s}(a); k = h + {i}; r = k - t; f = r^2"),
    ("a = u*{i}; h = {s}(a); b = v*{i}; g = {t}(b); k = h + g; r = k - t; f = r^2",
     "W=ij x=j b=i c=i | a = W @ x; p = a + b; h = {s}(p); y = c @ h; k = {n}*y; L = k^2",
     "W=ij x=j b=i v=i t= | a = W @ x; p = a + b; h = {s}(p); y = v @ h; r = y - t; L = r^2",
     "X=ij W=jk b=k T=ik | a = X @ W; y = a + b; h = {s}(y); R = h - T; s = R^2; L = sum(s)"),
    ("a = u*{i}; h = {s}(a); b = v*{i}; g = {t}(b); p = w*h; k = p + g; o = sigmoid(k); r = o - t; f = r^2",
     "W=ij x=j b=i V=ki t=k | a = W @ x; p = a + b; h = {s}(p); k = V @ h; y = {t}(k); r = y - t; s = r^2; "
     "L = sum(s)",
     "X=ij W=jk b=k V=kl T=il | a = X @ W; p = a + b; h = {s}(p); Y = h @ V; R = Y - T; S = R^2; m = mean(S);"
     " L = {n}*m",
     "W=ij x=j V=ii b=i c=i | p = W @ x; h = {s}(p); a = V @ h; k = a + b; r = {t}(k); y = r + h; L = c @ y"),
)  # fmt: skip
#: Softmax of two or three scores, box by box, and the cross-entropy of the first.
_SOFTMAX = (
    ("m = exp({i}); n = exp({j}); f = m + n", "m = exp({i}); f = m/{j}", "p = {i}/{j}; f = log(p)",
     "a = {i} - {j}; f = exp(a)", "a = {i}/{n}; m = exp(a); f = m + {j}", "m = exp({i}); f = {j} - m",
     "l = log({i}); f = {j}*l", "s = {i} + {j}; f = log(s)", "m = exp({i}); s = m + {n}; f = log(s)"),
    ("m = exp({i}); n = exp({j}); s = m + n; f = {n}*s", "m = exp({i}); n = exp({j}); s = m + n; f = log(s)",
     "m = exp({i}); p = m/{j}; l = log(p); f = -l", "a = {i} - {j}; m = exp(a); s = m + 1; f = log(s)",
     "m = exp({i}); s = m + {j}; p = {n}/s; f = log(p)", "m = exp({i}); n = exp({j}); r = m/n; f = {n}*r",
     "a = {i}/{n}; m = exp(a); s = m + {j}; f = log(s)", "m = exp({i}); n = exp({j}); s = m + n; f = {k}/s"),
    ("m = exp({i}); n = exp({j}); s = m + n; p = m/s; f = {n}*p",
     "m = exp({i}); n = exp({j}); s = m + n; p = m/s; f = log(p)",
     "m = exp({i}); n = exp({j}); s = m + n; l = log(s); f = l - {i}",
     "m = exp({i}); s = m + {j}; p = m/s; l = log(p); f = -l",
     "z=i c=i | a = {n}*z; y = softmax(a); L = c @ y", "z=i c=i | y = softmax(z); p = {n}*y; L = c @ p",
     "z=i b=i c=i | a = z + b; y = softmax(a); L = c @ y", "z=i c=i | a = z^2; y = softmax(a); L = c @ y",
     "z=i t=i* | a = {n}*z; y = softmax(a); L = cross_entropy(y, t)"),
    ("a = {i}/{n}; m = exp(a); n = exp({j}); s = m + n; p = m/s; l = log(p); f = -l",
     "z=i b=i c=i | a = z + b; y = softmax(a); p = y^2; L = c @ p",
     "W=ij x=j t=i* | a = W @ x; y = softmax(a); L = cross_entropy(y, t)",
     "W=ij x=j c=i | a = W @ x; y = softmax(a); L = c @ y",
     "z=i b=i t=i* | a = z*b; y = softmax(a); L = cross_entropy(y, t)"),
    ("a = {i}/{n}; m = exp(a); n = exp({j}); k = exp({k}); b = m + n; s = b + k; p = m/s; l = log(p); f = -l",
     "W=ij x=j b=i t=i* | p = W @ x; a = p + b; y = softmax(a); m = cross_entropy(y, t); L = {n}*m",
     "W=ij x=j b=i c=i | p = W @ x; a = p + b; y = softmax(a); k = y*a; r = c @ k; L = r^2"),
)  # fmt: skip

TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic("values", "Values", ("add", "sub", "mul", "square", "div", "abs", "max"), ("values",)),
        Topic("local", "Local derivatives", ("mul", "square", "cube", "sub", "div", "sin", "exp", "log"),
              ("local",)),
        Topic("chain", "The chain", ("square", "cube", "scale", "sqrt", "exp", "log", "sin", "cos"),
              ("local", "messages", "whole")),
        Topic("forks", "Forks", ("mul", "add", "square"), ("messages", "gradient", "whole"), forks=1),
        Topic("products", "Products", ("mul",), ("local", "messages", "whole"), only_about=True),
        Topic("quotients", "Quotients", ("div", "inverse"), ("local", "messages", "whole"), only_about=True),
        Topic("activations", "Activations", ("sigmoid", "tanh", "relu", "exp", "softplus"),
              ("local", "messages", "whole"), base=("add", "sub", "mul", "scale", "shift"), only_about=True),
        Topic("kinks", "Kinks", ("relu", "abs", "max", "min", "clip"), ("local", "messages"),
              base=("add", "sub", "mul", "scale", "shift"), only_about=True, kinked=True),
        Topic("forward", "Forward mode", ("mul", "square", "sin", "div"), ("tangent",)),
        Topic("sheet", "The whole sheet", ("mul", "square", "div", "sigmoid", "exp"),
              ("values", "messages", "gradient")),
        Topic("network", "A small network", ("sigmoid", "tanh", "relu", "softplus", "mul"),
              ("local", "messages", "gradient", "whole"), frames=_NETWORKS),
        Topic("softmax", "Softmax and cross-entropy", ("exp", "log", "div", "softmax", "surprise"),
              ("local", "messages", "gradient", "whole"), frames=_SOFTMAX),
        Topic("vectors", "Vectors", ("dot", "sum", "mean", "times"),
              ("shapes", "values", "local", "messages", "gradient", "whole"),
              base=("add", "sub", "mul", "scale", "square", "bias", "relu", "tanh", "mse", "length",
                    "soft max"), arrays=1),
        Topic("matrices", "Matrices",
              ("apply", "row", "product", "outer", "turned", "down", "across", "bias"),
              ("shapes", "values", "messages", "gradient", "whole"),
              base=("add", "sub", "mul", "scale", "square", "sum", "mean", "dot", "times", "relu", "sigmoid"),
              arrays=2),
    )
}  # fmt: skip


#: Ops that other topics have boxes for, too, but not over arrays.
_OPS_OVER_ARRAYS = {
    "matmul": "matrices", "outer": "matrices", "transpose": "matrices", "sum": "vectors", "mean": "vectors",
    "mse": "vectors", "norm": "vectors", "logsumexp": "vectors", "softmax": "softmax",
    "cross_entropy": "softmax",
}  # fmt: skip
#: Losses, whose mean over the rows takes a matrix.
_LOSSES = ("cross_entropy", "cross_entropy_with_logits", "binary_cross_entropy",
           "binary_cross_entropy_with_logits")  # fmt: skip


def home_of(mistake: str, op: str) -> str:
    """The topic in which a mistake at a box is practised.

    >>> home_of("lost path", ""), home_of("own factor", "multiply"), home_of("sign", "cos")
    ('forks', 'products', 'chain')
    >>> home_of("transposed", "matmul"), home_of("not spread", "sum")
    ('matrices', 'vectors')
    """
    entry = BY_NAME.get(mistake)
    home = entry.practised if entry else ""
    if entry and entry.misread:
        return "values"
    if entry and entry.spreads and (op in _LOSSES or op not in _OPS_OVER_ARRAYS):
        return "matrices"
    if home == "softmax" and _OPS_OVER_ARRAYS.get(op) != home:
        return "vectors"
    if home or op in _OPS_OVER_ARRAYS:
        return home or _OPS_OVER_ARRAYS[op]
    if not op:
        return "forks"
    for name in ("quotients", "activations", "kinks", "products", "chain", "local"):
        if any(box.op == op for box in TOPICS[name].own) and (op != "multiply" or name == "products"):
            return name
    return _home_by_family(op)


#: Families of ops that have a topic of their own, for ops that no topic has boxes for.
_FAMILIES = {"activations": "activations", "linalg": "matrices", "reductions": "vectors", "losses": "vectors"}


def _home_by_family(op: str) -> str:
    from backtrace_cli.ops import OPS, families

    family = next((name for name, ops in families().items() if any(one.name == op for one in ops)), "")
    if family in _FAMILIES or op not in OPS or OPS[op].shape is None:
        return _FAMILIES.get(family, "chain")
    return "vectors" if _takes_vectors(OPS[op]) else "matrices"


def _takes_vectors(op: Op) -> bool:
    """Does it read vectors, as the quiz would write it?"""
    try:
        made = op.shape(*[(2,)] * (2 if op.variadic else op.arity), *op.option_defaults)  # type: ignore[misc]
    except (ShapeError, TypeError, ValueError, IndexError):
        return False
    return len(made) < 2
