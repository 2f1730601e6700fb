"""Words, functions and signs as they are elsewhere, with what to write here: tables only."""

from __future__ import annotations

__all__ = ["FUNCTIONS", "TWO_SIGNS"]

#: Functions by the names they have elsewhere, as they are written here.
FUNCTIONS = {
    **dict.fromkeys(("tg", "tang"), "tan(x)"),
    **dict.fromkeys(("ctg", "cotg", "cotan"), "cot(x)"), "cosec": "csc(x)",
    **dict.fromkeys(("step", "heaviside"), "x > 0, which is 1 or 0"),
    **dict.fromkeys(("diff", "deriv", "grad"), "the formula alone; backtrace finds its derivatives"),
    **dict.fromkeys(("ifelse", "iif", "cond", "select"), "where(condition, a, b)"),
    "arctg": "atan(x)", "sh": "sinh(x)", "ch": "cosh(x)", "th": "tanh(x)",
    "lg": "log10(x)", "lb": "log2(x)", "sqr": "x^2",
    "root": "x^(1/n)", "trunc": "sign(x)*floor(abs(x))",
    "avg": "mean(x)", "average": "mean(x)", "len": "size(x)", "product": "prod(x)", "total": "sum(x)",
    "inner": "a @ b", "matmult": "a @ b",
    "hadamard": "a*b", "array": "[x, y]", "vector": "[x, y]", "matrix": "[[a, b], [c, d]]",
    "zeros": "0, which takes the shape it meets",
    "ones": "1, which takes the shape it meets", "crossentropy": "cross_entropy(p, y)",
    "bce": "binary_cross_entropy(p, y)", "linear": "W @ x + b", "dense": "W @ x + b",
    "T": "x.T", "sig": "sigmoid(x)",
    **dict.fromkeys(("mean_squared_error", "squared_error", "quadratic_loss", "MSELoss"), "mse(y, t)"),
    **dict.fromkeys(("nll", "nll_loss", "NLLLoss"), "cross_entropy(p, y), or -log(p[y]) for one example"),
    **dict.fromkeys(("bce_with_logits", "bce_logits", "BCEWithLogitsLoss", "sigmoid_cross_entropy"),
                    "binary_cross_entropy_with_logits(z, y)"),
    **dict.fromkeys(("bce_loss", "BCELoss", "log_loss"), "binary_cross_entropy(p, y)"),
    **dict.fromkeys(("cross_entropy_loss", "CrossEntropyLoss", "softmax_cross_entropy"),
                    "cross_entropy_with_logits(z, y) for scores, cross_entropy(p, y) for probabilities"),
    "hstack": "concat(x, y) for vectors, concat(A, B, axis=1) for matrices",
    "column_stack": "concat(A, B, axis=1) for matrices, [x, y].T for vectors",
    **dict.fromkeys(("vstack", "row_stack"), "concat(A, B) for matrices, [x, y] for vectors"),
    "flatten": "reshape(x, -1)",
    **dict.fromkeys(("uniform", "normal"), "param W: uniform(3, 2) in a line of its own"),
    **dict.fromkeys(("gauss", "gaussian", "randn"), "normal(3, 2) in a param line"),
    **dict.fromkeys(("rand", "random", "xavier", "glorot", "he", "kaiming"), "uniform(3, 2) in a param line"),
}  # fmt: skip

TWO_SIGNS = {
    ("multiply", "multiply"): "a power is written ** without a space, or ^",
    ("divide", "divide"): "a quotient has one /; for its whole part write floor(x/y)",
    ("less", "greater"): "for “not equal” write !=",
    ("=", "greater"): "for “at least” write >=",
    ("=", "less"): "for “at most” write <=",
    ("=", "="): "to compare write ==",
    ("equal", "="): "to compare write ==",
}
