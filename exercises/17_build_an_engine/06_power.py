"""Powers

x**2, x**3, x**-1 and x**0.5 are one box: a power with a plain number for its exponent. Write what
it sends: the exponent comes down as a factor, and is one less above.

    backtrace doctor exercises/17_build_an_engine/06_power.py
"""

# doctor: Value  power


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
            pass  # your line

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
