"""A neuron and its loss in NumPy, read as a formula: backtrace eval exercises/formulas/neuron.py:loss"""

import numpy as np


def sigma(z):
    return 1 / (1 + np.exp(-z))


def loss(w, x, b, t):
    """Squared error of one neuron."""
    y = sigma(w * x + b)
    return (y - t) ** 2 / 2


def twice(w, x, t):
    """The same neuron two times in a row, without a bias."""
    y = x
    for _ in range(2):
        y = sigma(w * y)
    return (y - t) ** 2 / 2
