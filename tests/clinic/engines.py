"""Engines written for the tests: healthy ones, each in another way, and twelve with one bug planted each."""

# ruff: noqa: E501  (what is replaced in a source stands in one piece)

from __future__ import annotations

from typing import NamedTuple

#: Closures, and a depth-first sort: the way most people learn it.
CLOSURES = """
import math


class Value:
    def __init__(self, data, parents=(), op=""):
        self.data = data
        self.grad = 0.0
        self._parents = parents
        self._back = lambda: None

    def _lift(self, other):
        return other if isinstance(other, Value) else Value(other)

    def __add__(self, other):
        other = self._lift(other)
        out = Value(self.data + other.data, (self, other))

        def back():
            self.grad += out.grad
            other.grad += out.grad

        out._back = back
        return out

    def __mul__(self, other):
        other = self._lift(other)
        out = Value(self.data * other.data, (self, other))

        def back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._back = back
        return out

    def __pow__(self, power):
        out = Value(self.data**power, (self,))

        def back():
            self.grad += power * self.data ** (power - 1) * out.grad

        out._back = back
        return out

    def relu(self):
        out = Value(max(0.0, self.data), (self,))

        def back():
            self.grad += (self.data > 0) * out.grad

        out._back = back
        return out

    def tanh(self):
        out = Value(math.tanh(self.data), (self,))

        def back():
            self.grad += (1 - out.data**2) * out.grad

        out._back = back
        return out

    def exp(self):
        out = Value(math.exp(self.data), (self,))

        def back():
            self.grad += out.data * out.grad

        out._back = back
        return out

    def _sorted(self):
        topo, seen = [], set()

        def visit(v):
            if v not in seen:
                seen.add(v)
                for parent in v._parents:
                    visit(parent)
                topo.append(v)

        visit(self)
        return topo

    def zero_grad(self):
        for v in self._sorted():
            v.grad = 0.0

    def backward(self):
        self.grad = 1.0
        for v in reversed(self._sorted()):
            v._back()

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-self._lift(other))

    def __rsub__(self, other):
        return self._lift(other) - self

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return self * self._lift(other) ** -1

    def __rtruediv__(self, other):
        return self._lift(other) / self
"""

#: A tape of numbers: each entry knows what it read, and by how much it moves with it.
TAPE = """
import math


class Var:
    tape = []

    def __init__(self, value, reads=()):
        self.value = float(value)
        self.gradient = 0.0
        self.reads = tuple(reads)
        Var.tape.append(self)

    @staticmethod
    def of(thing):
        return thing if isinstance(thing, Var) else Var(thing)

    def __add__(self, other):
        other = Var.of(other)
        return Var(self.value + other.value, [(self, 1.0), (other, 1.0)])

    __radd__ = __add__

    def __sub__(self, other):
        other = Var.of(other)
        return Var(self.value - other.value, [(self, 1.0), (other, -1.0)])

    def __rsub__(self, other):
        return Var.of(other) - self

    def __neg__(self):
        return Var(-self.value, [(self, -1.0)])

    def __mul__(self, other):
        other = Var.of(other)
        return Var(self.value * other.value, [(self, other.value), (other, self.value)])

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = Var.of(other)
        return Var(self.value / other.value, [(self, 1 / other.value), (other, -self.value / other.value**2)])

    def __rtruediv__(self, other):
        return Var(other / self.value, [(self, -other / self.value**2)])

    def __pow__(self, other):
        other = Var.of(other)
        out = self.value**other.value
        slope = out * math.log(self.value) if self.value > 0 else 0.0
        return Var(out, [(self, other.value * self.value ** (other.value - 1)), (other, slope)])

    def __rpow__(self, other):
        return Var.of(other) ** self

    def sin(self):
        return Var(math.sin(self.value), [(self, math.cos(self.value))])

    def sigmoid(self):
        out = 1 / (1 + math.exp(-self.value))
        return Var(out, [(self, out * (1 - out))])

    def log(self):
        return Var(math.log(self.value), [(self, 1 / self.value)])

    def backprop(self):
        for entry in Var.tape:
            entry.gradient = 0.0
        self.gradient = 1.0
        for entry in reversed(Var.tape):
            for read, slope in entry.reads:
                read.gradient += slope * entry.gradient
"""

#: Boxes with fprop and bprop, and a function that walks back by counting who still has to send.
BOXES = """
import math
from collections import Counter


class Node:
    def __init__(self, data, box=None, *reads):
        self.data = data
        self.grad = 0.0
        self.box = box
        self.reads = reads

    def _make(self, box, *others):
        reads = [self, *(o if isinstance(o, Node) else Node(o) for o in others)]
        return Node(box.fprop(*(n.data for n in reads)), box, *reads)

    def __add__(self, other): return self._make(Add, other)
    def __radd__(self, other): return self._make(Add, other)
    def __mul__(self, other): return self._make(Mul, other)
    def __rmul__(self, other): return self._make(Mul, other)
    def __sub__(self, other): return self._make(Sub, other)
    def __neg__(self): return Node(0.0) - self
    def __pow__(self, n):
        if isinstance(n, Node):
            raise TypeError("only plain numbers as exponents")
        return self._make(Pow, n)


class Add:
    fprop = staticmethod(lambda a, b: a + b)
    bprop = staticmethod(lambda g, a, b: (g, g))


class Sub:
    fprop = staticmethod(lambda a, b: a - b)
    bprop = staticmethod(lambda g, a, b: (g, -g))


class Mul:
    fprop = staticmethod(lambda a, b: a * b)
    bprop = staticmethod(lambda g, a, b: (g * b, g * a))


class Pow:
    fprop = staticmethod(lambda a, n: a**n)
    bprop = staticmethod(lambda g, a, n: (g * n * a ** (n - 1), 0.0))


class Exp:
    fprop = staticmethod(math.exp)
    bprop = staticmethod(lambda g, a: (g * math.exp(a),))


def exp(node):
    return node._make(Exp)


def backward(root):
    counts, todo, seen = Counter(), [root], {id(root)}
    while todo:
        for read in todo.pop().reads:
            counts[id(read)] += 1
            if id(read) not in seen:
                seen.add(id(read))
                todo.append(read)
    root.grad = 1.0
    ready = [root]
    while ready:
        node = ready.pop()
        if node.box is None:
            continue
        for read, g in zip(node.reads, node.box.bprop(node.grad, *(n.data for n in node.reads))):
            read.grad += g
            counts[id(read)] -= 1
            if counts[id(read)] == 0:
                ready.append(read)
"""

#: Arrays, with gradients that start as zeros and are added in place.
TENSOR = """
import numpy as np


def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g


class Tensor:
    def __init__(self, data, parents=(), back=None):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents = parents
        self.back = back

    def lift(self, other):
        return other if isinstance(other, Tensor) else Tensor(other)

    def __add__(self, other):
        other = self.lift(other)

        def back(g):
            self.grad += unbroadcast(g, self.data.shape)
            other.grad += unbroadcast(g, other.data.shape)

        return Tensor(self.data + other.data, (self, other), back)

    def __mul__(self, other):
        other = self.lift(other)

        def back(g):
            self.grad += unbroadcast(g * other.data, self.data.shape)
            other.grad += unbroadcast(g * self.data, other.data.shape)

        return Tensor(self.data * other.data, (self, other), back)

    def __pow__(self, n):
        def back(g):
            self.grad += g * n * self.data ** (n - 1)

        return Tensor(self.data**n, (self,), back)

    def __matmul__(self, other):
        def back(g):
            self.grad += g @ other.data.T if other.data.ndim > 1 else np.outer(g, other.data)
            other.grad += self.data.T @ g

        return Tensor(self.data @ other.data, (self, other), back)

    def sum(self, axis=None):
        def back(g):
            if axis is not None:
                g = np.expand_dims(g, axis)
            self.grad += g * np.ones_like(self.data)

        return Tensor(self.data.sum(axis=axis), (self,), back)

    def mean(self, axis=None):
        count = self.data.size if axis is None else self.data.shape[axis]
        return self.sum(axis) * (1 / count)

    def relu(self):
        def back(g):
            self.grad += g * (self.data > 0)

        return Tensor(np.maximum(self.data, 0), (self,), back)

    def tanh(self):
        out = np.tanh(self.data)

        def back(g):
            self.grad += g * (1 - out**2)

        return Tensor(out, (self,), back)

    @property
    def T(self):
        def back(g):
            self.grad += g.T

        return Tensor(self.data.T, (self,), back)

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((parent, False) for parent in node.parents)
        self.grad = np.ones_like(self.data)
        for node in reversed(order):
            if node.back:
                node.back(node.grad)

    def __neg__(self): return self * -1
    def __sub__(self, other): return self + -self.lift(other)
    def __rsub__(self, other): return self.lift(other) - self
    def __radd__(self, other): return self + other
    def __rmul__(self, other): return self * other
    def __truediv__(self, other): return self * self.lift(other) ** -1
    def __rtruediv__(self, other): return self.lift(other) / self
"""

#: Arrays whose gradients are None at first, and objects of the class themselves.
LAZY = """
import numpy as np


class Tensor:
    def __init__(self, data, requires_grad=False):
        if not isinstance(data, np.ndarray) and not np.isscalar(data):
            raise TypeError("an array, please")
        self.data = np.array(data, dtype=float)
        self.requires_grad = requires_grad
        self.grad = None
        self.ctx = None

    def _then(self, data, *reads):
        out = Tensor(data, any(t.requires_grad for t, _ in reads))
        out.ctx = reads
        return out

    def __add__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        return self._then(self.data + other.data, (self, lambda g: g), (other, lambda g: g))

    def __mul__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        return self._then(self.data * other.data, (self, lambda g: g * other.data), (other, lambda g: g * self.data))

    __radd__, __rmul__ = __add__, __mul__

    def __matmul__(self, other):
        def left(g):
            return np.outer(g, other.data) if other.data.ndim == 1 else g @ other.data.T
        return self._then(self.data @ other.data, (self, left), (other, lambda g: self.data.T @ g))

    def sum(self, dim=None):
        def back(g):
            return np.broadcast_to(g if dim is None else np.expand_dims(g, dim), self.data.shape)
        return self._then(self.data.sum(axis=dim), (self, back))

    def relu(self):
        return self._then(np.where(self.data > 0, self.data, 0), (self, lambda g: g * (self.data > 0)))

    def transpose(self):
        return self._then(self.data.T, (self, lambda g: g.T))

    def backward(self):
        order, seen = [], set()

        def visit(t):
            if id(t) not in seen:
                seen.add(id(t))
                for read, _ in t.ctx or ():
                    visit(read)
                order.append(t)

        visit(self)
        for t in order:
            if t.ctx is not None:
                t.grad = None
        self.grad = Tensor(np.ones_like(self.data))
        for t in reversed(order):
            for read, send in t.ctx or ():
                g = send(t.grad.data)
                extra = g.ndim - read.data.ndim
                g = g.sum(axis=tuple(range(extra))) if extra else g
                for axis, size in enumerate(read.data.shape):
                    if size == 1 and g.shape[axis] != 1:
                        g = g.sum(axis=axis, keepdims=True)
                read.grad = Tensor(g) if read.grad is None else Tensor(read.grad.data + g)
"""

#: (source, class) of every healthy engine.
HEALTHY = {
    "closures": (CLOSURES, "Value"), "tape": (TAPE, "Var"), "boxes": (BOXES, "Node"),
    "tensor": (TENSOR, "Tensor"), "lazy": (LAZY, "Tensor"),
}  # fmt: skip


class Planted(NamedTuple):
    """One bug: what of which engine becomes what, and how it has to be called."""

    engine: str
    changes: tuple[tuple[str, str], ...]
    fault: str
    mentions: str
    """What the words have to speak of."""

    @property
    def source(self) -> str:
        """The engine with the bug in it."""
        text = HEALTHY[self.engine][0]
        for old, new in self.changes:
            assert old in text, old
            text = text.replace(old, new)
        return text

    @property
    def name(self) -> str:
        """The class."""
        return HEALTHY[self.engine][1]


_RECURSIVE = """    def backward(self, first=True):
        if first:
            self.grad = 1.0
        self._back()
        for parent in self._parents:
            parent.backward(False)
"""
_SORTED = """    def backward(self):
        self.grad = 1.0
        for v in reversed(self._sorted()):
            v._back()
"""

#: The twelve of the plan, as public reports have them.
TWELVE = {
    "= for +=": Planted("closures", (("grad += ", "grad = "),), "overwritten", "+="),
    "parents in a set": Planted(
        "tape", (("            for read, slope in entry.reads:", "            for read, slope in dict(entry.reads).items():"),),
        "parents in a set", "tuple"),
    "depth-first without order": Planted("closures", ((_SORTED, _RECURSIVE),), "passed on too early", "topological"),
    "missing zero_grad": Planted(
        "closures", (("            v.grad = 0.0\n", "            v.gradient = 0.0\n"),), "gradients not cleared", "zero_grad"),
    "power's wrong partial": Planted(
        "tape", (("other.value * self.value ** (other.value - 1)", "other.value * self.value ** other.value"),),
        "power rule", "lowered"),
    "division by a constant on the left": Planted(
        "tape", (("[(self, -other / self.value**2)]", "[(self, other / self.value**2)]"),), "sign", "__rtruediv__"),
    "tanh by its input": Planted("closures", (("1 - out.data**2", "1 - self.data**2"),), "input for output", "output"),
    "relu at 0": Planted("closures", (("self.data > 0", "self.data >= 0"),), "another slope at the kink", "kink"),
    "broadcast not summed": Planted(
        "lazy", (("g.sum(axis=tuple(range(extra))) if extra else g", "g"),
                 ("if size == 1 and g.shape[axis] != 1:", "if False:")), "not summed back", "summed"),
    "transposed matmul message": Planted("tensor", (("g @ other.data.T if", "g @ other.data if"),), "transposed", "@"),
    "sum not spread": Planted(
        "lazy", (("return np.broadcast_to(g if dim is None else np.expand_dims(g, dim), self.data.shape)", "return g"),),
        "not spread", "spread"),
    "stale gradients": Planted(
        "closures", (("        for v in self._sorted():\n            v.grad = 0.0",
                      "        for v in self._sorted():\n            if not v._parents:\n                v.grad = 0.0"),),
        "stale gradients", "between"),
}  # fmt: skip

#: More of the kind, of which the same is held.
MORE = {
    "= for += in one place": Planted("closures", (("other.grad += self.data * out.grad", "other.grad = self.data * out.grad"),),
                                     "overwritten", "__mul__"),
    "preorder": Planted("closures", (("for v in reversed(self._sorted()):", "for v in self._preorder():"),
                                     ("    def zero_grad(self):", '''    def _preorder(self):
        found, stack = [], [self]
        while stack:
            v = stack.pop()
            if v not in found:
                found.append(v)
                stack += v._parents
        return found

    def zero_grad(self):''')), "visited too early", "topological"),
    "not reversed": Planted("closures", (("reversed(self._sorted())", "self._sorted()"),), "order not turned round", "reversed"),
    "topo as a default": Planted(
        "closures", (("def _sorted(self):\n        topo, seen = [], set()", "def _sorted(self, topo=[], seen=set()):"),
                     ("            v.grad = 0.0\n", "            v.grad = 0.0 if not v._parents else v.grad\n")),
        "boxes of an earlier run", "default"),
    "own factor": Planted("boxes", (("(g * b, g * a)", "(g * a, g * b)"),), "own factor", "other factor"),
    "minus passes plus": Planted("boxes", (("(g, -g)", "(g, g)"),), "sign", "second"),
    "upstream left out": Planted("closures", (("(1 - out.data**2) * out.grad", "(1 - out.data**2)"),), "factor left out", "tanh"),
    "sigmoid as 1 - s": Planted("tape", (("out * (1 - out)", "1 - out"),), "wrong rule", "σ"),
    "rsub turned round": Planted("tape", (("return Var.of(other) - self", "return self - other"),), "order turned round", "__rsub__"),
    "mean without 1/N": Planted("tensor", (("return self.sum(axis) * (1 / count)", '''
        def back(g):
            if axis is not None:
                g = np.expand_dims(g, axis)
            self.grad += g * np.ones_like(self.data)

        return Tensor(self.data.mean(axis=axis), (self,), back)'''),), "mean and sum", "N"),
    "shared array": Planted("lazy", (("read.grad = Tensor(g) if read.grad is None else Tensor(read.grad.data + g)",
                                      '''if read.grad is None:
                    read.grad = Tensor(0.0)
                    read.grad.data = g
                else:
                    read.grad.data += g'''), ("return np.broadcast_to(g if dim is None else np.expand_dims(g, dim), self.data.shape)",
                                              "return np.array(np.broadcast_to(g if dim is None else np.expand_dims(g, dim), self.data.shape))")),
                            "shared array", "copy"),
    "= for += on a tape": Planted("tape", (("read.gradient += slope", "read.gradient = slope"),), "overwritten", "+="),
    "sub adds": Planted(
        "closures",
        (("        return self + (-self._lift(other))", "        return self + self._lift(other)"),),
        "another operation",
        "__sub__",
    ),
    "parent forgotten": Planted(
        "closures",
        (
            (
                "(self, other))\n\n        def back():\n            self.grad += out.grad",
                "(self,))\n\n        def back():\n            self.grad += out.grad",
            ),
        ),
        "parent forgotten",
        "parents",
    ),
    "no 1 at the output": Planted(
        "closures", (("self.grad = 1.0\n        for", "for"),), "output without its 1", "∂f/∂f"
    ),
    "denominator not squared": Planted(
        "tape", (("-self.value / other.value**2", "-self.value / other.value"),), "denominator not squared", "squared"
    ),
    "size 1 not summed": Planted(
        "tensor",
        (("        if size == 1:\n            g = g.sum(axis=axis, keepdims=True)", "        pass"),),
        "not summed back",
        "size 1",
    ),
    "averaged back": Planted("tensor", (("g = g.sum(axis=0)", "g = g.mean(axis=0)"),), "mean and sum", "summed"),
    "outer turned": Planted(
        "tensor", (("np.outer(g, other.data)", "np.outer(other.data, g)"),), "outer product turned", "__matmul__"
    ),
    "gate of the upstream": Planted(
        "closures", (("(self.data > 0) * out.grad", "(out.grad > 0) * out.grad"),), "gate of the upstream", "lets a message"
    ),
}  # fmt: skip
