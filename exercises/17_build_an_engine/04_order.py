"""When all messages are in

Here backward calls itself: each value sends to its parents, and they go on at once. But a value
that two others read must not go on before it has heard from both, or it sends its first message
twice. Read the doctor's wrong graphs, then sort the values first, each after all that it reads
(topological order), and go through them from the end, each once.

    backtrace doctor exercises/17_build_an_engine/04_order.py
"""

# doctor: Value  forks, order


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
        self.walk()

    def walk(self):
        self.back()
        for parent in self.parents:
            parent.walk()
