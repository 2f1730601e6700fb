"""A number that adds, and walks back

A Value holds a number (data), the gradient that arrives at it (grad), and which values it was
computed from (parents). What it sends back to them stands in its function back; backward calls that
for every value, from the output on. (How they come into the right order is the fourth stage.)

Write what a sum sends to its two terms: what arrived, out.grad, unchanged. Add it to their grad.

    backtrace doctor exercises/17_build_an_engine/01_add.py
"""

# doctor: Value  values, add


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
            pass  # your two lines

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
