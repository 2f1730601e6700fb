"""A thousand boxes and more

visit calls itself for each value, and Python ends a recursion after a thousand calls: a network
through time is longer. Write sorted with a list of what is still to be visited (a stack) in place
of the calls. Hint: put a value on the stack twice, first to open its parents, then to close it.

    backtrace doctor exercises/17_build_an_engine/10_long_chains.py
"""

import math

# doctor: Value  order, long


class Value:
    """A number that remembers what it was computed from."""

    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.back = lambda: None

    @staticmethod
    def of(thing):
        return thing if isinstance(thing, Value) else Value(thing)

    def __add__(self, other):
        other = Value.of(other)
        out = Value(self.data + other.data, (self, other))

        def back():
            self.grad += out.grad
            other.grad += out.grad

        out.back = back
        return out

    def __mul__(self, other):
        other = Value.of(other)
        out = Value(self.data * other.data, (self, other))

        def back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.back = back
        return out

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __pow__(self, power):
        out = Value(self.data**power, (self,))

        def back():
            self.grad += power * self.data ** (power - 1) * out.grad

        out.back = back
        return out

    def exp(self):
        out = Value(math.exp(self.data), (self,))

        def back():
            self.grad += out.data * out.grad

        out.back = back
        return out

    def tanh(self):
        out = Value(math.tanh(self.data), (self,))

        def back():
            self.grad += (1 - out.data**2) * out.grad

        out.back = back
        return out

    def relu(self):
        out = Value(max(0.0, self.data), (self,))

        def back():
            self.grad += (self.data > 0) * out.grad

        out.back = back
        return out

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -Value.of(other)

    def __rsub__(self, other):
        return Value.of(other) + -self

    def __truediv__(self, other):
        return self * Value.of(other) ** -1

    def __rtruediv__(self, other):
        return Value.of(other) * self**-1

    def zero_grad(self):
        for value in self.sorted():
            value.grad = 0.0

    def backward(self):
        self.grad = 1.0
        for value in reversed(self.sorted()):
            value.back()

    def sorted(self):
        order, seen = [], set()

        def visit(value):
            if value not in seen:
                seen.add(value)
                for parent in value.parents:
                    visit(parent)
                order.append(value)

        visit(self)
        return order
