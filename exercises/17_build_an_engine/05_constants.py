"""Plain numbers on either side

x + 2 hands the number 2 to __add__, and a number has no data: make a Value of it first (Value.of is
there). For 2 + x Python asks the number, which can't, and then calls x.__radd__(2). Write that and
its like for products.

    backtrace doctor exercises/17_build_an_engine/05_constants.py
"""

# doctor: Value  add, mul, constants


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
        out = Value(self.data + other.data, (self, other))

        def back():
            self.grad += out.grad
            other.grad += out.grad

        out.back = back
        return out

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))

        def back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

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
