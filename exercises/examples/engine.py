"""A small engine with one slip in it: see what the doctor says.

backtrace doctor exercises/examples/engine.py
"""

# doctor: Value


class Value:
    """A number that remembers what it was computed from."""

    def __init__(self, data, parents=(), back=None):
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.back = back

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
        order, seen = [], set()

        def visit(value):
            if value not in seen:
                seen.add(value)
                for parent in value.parents:
                    visit(parent)
                order.append(value)

        visit(self)
        self.grad = 1.0
        for value in reversed(order):
            if value.back:
                value.back()
