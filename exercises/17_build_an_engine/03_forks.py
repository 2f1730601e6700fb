"""A value read twice

This engine works, as long as nobody reads a value twice. Try x*x at 3: the gradient is 6, and here
it is not. Ask the doctor what becomes of the two messages that arrive at x, and mend it.

    backtrace doctor exercises/17_build_an_engine/03_forks.py
"""

# doctor: Value  add, mul, forks


class Value:
    """A number that remembers what it was computed from."""

    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.back = lambda: None

    def __add__(self, other):
        out = Value(self.data + other.data, (self, other))

        def back():
            self.grad = out.grad
            other.grad = out.grad

        out.back = back
        return out

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))

        def back():
            self.grad = other.data * out.grad
            other.grad = self.data * out.grad

        out.back = back
        return out

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
