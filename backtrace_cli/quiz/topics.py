"""The topics of the quiz, in the order of the course: what their formulas hold and what they ask for.

Adding a topic is adding a declaration to TOPICS: it says which boxes and which cells, and
nothing else knows it. A network and softmax are here box by box, in numbers; topics over
arrays join as frames of their own as soon as grading compares arrays.
"""

from __future__ import annotations

from typing import NamedTuple

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

    @property
    def pair(self) -> bool:
        """Does it read two nodes?"""
        return "{b}" in self.text


#: Every box by a short name.
BOXES: dict[str, Box] = {
    "add": Box("add", "{a} + {b}"),
    "sub": Box("subtract", "{a} - {b}"),
    "mul": Box("multiply", "{a}*{b}"),
    "scale": Box("multiply", "{n}*{a}"),
    "shift": Box("add", "{a} + {n}"),
    "square": Box("power", "{a}^2"),
    "cube": Box("power", "{a}^3", 2),
    "div": Box("divide", "{a}/{b}", 2),
    "inverse": Box("divide", "{n}/{a}", 2),
    "sqrt": Box("sqrt", "sqrt({a})", 2, True),
    "exp": Box("exp", "exp({a})", 2, True),
    "log": Box("log", "log({a})", 2, True),
    "sin": Box("sin", "sin({a})", 3, True),
    "cos": Box("cos", "cos({a})", 3, True),
    "sigmoid": Box("sigmoid", "sigmoid({a})", 1, True),
    "tanh": Box("tanh", "tanh({a})", 1, True),
    "softplus": Box("softplus", "softplus({a})", 3, True),
    "relu": Box("relu", "relu({a})"),
    "abs": Box("abs", "abs({a})"),
    "max": Box("max", "max({a}, {b})", 2),
    "min": Box("min", "min({a}, {b})", 3),
    "clip": Box("clip", "clip({a}, -2, 3)", 3),
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
    frames: tuple[str, ...] = ()
    """Instead of formulas wired by chance, one a level, with {s} and {t} for activations, {i}, {j} and
    {k} for inputs, {n} for a small whole number."""


#: From one neuron to two hidden ones with a squared error; t is what is aimed at.
_NETWORKS = (
    "a = w*{i}; f = {s}(a)",
    "a = w*{i}; b = a + {j}; f = {s}(b)",
    "a = w*{i}; b = a + c; h = {s}(b); r = h - t; f = r^2",
    "a = u*{i}; h = {s}(a); b = v*{i}; g = {t}(b); q = h + g; r = q - t; f = r^2",
    "a = u*{i}; h = {s}(a); b = v*{i}; g = {t}(b); p = w*h; q = p + g; o = sigmoid(q); r = o - t; f = r^2",
)
#: Softmax of two or three scores, box by box, and the cross-entropy of the first.
_SOFTMAX = (
    "m = exp({i}); n = exp({j}); f = m + n",
    "m = exp({i}); n = exp({j}); s = m + n; f = {n}*s",
    "m = exp({i}); n = exp({j}); s = m + n; p = m/s; f = {n}*p",
    "a = {i}/{n}; m = exp(a); n = exp({j}); s = m + n; p = m/s; l = log(p); f = -l",
    "a = {i}/{n}; m = exp(a); n = exp({j}); k = exp({k}); b = m + n; s = b + k; p = m/s; l = log(p); f = -l",
)

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
        Topic("softmax", "Softmax and cross-entropy", ("exp", "log", "div"),
              ("local", "messages", "gradient", "whole"), frames=_SOFTMAX),
    )
}  # fmt: skip


#: Mistakes of reading the formula: they show in the values already.
_READING = ("read differently", "order turned round", "power as product")


def home_of(mistake: str, op: str) -> str:
    """The topic in which a mistake at a box is practised.

    >>> home_of("lost path", ""), home_of("own factor", "multiply"), home_of("sign", "cos")
    ('forks', 'products', 'chain')
    """
    if mistake in _READING:
        return "values"
    if not op:
        return "forks"
    for name in ("quotients", "activations", "kinks", "products", "chain", "local"):
        topic = TOPICS[name]
        if any(BOXES[box].op == op for box in topic.about) and (op != "multiply" or name == "products"):
            return name
    return "chain"
