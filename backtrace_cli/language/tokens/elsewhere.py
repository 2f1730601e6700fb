"""What a word means elsewhere that is no function here, and what to write for it, whatever it is like.

A name that becomes an op is never looked up here, as only unknown functions are.
"""

from __future__ import annotations

from backtrace_cli.language.tokens.other_dialects import FUNCTIONS

__all__ = ["hint_for", "method_hint"]

#: How it is written with what is here.
_WRITTEN = {
    **dict.fromkeys(("hardtanh", "hard_tanh"), "clip(x, -1, 1)"),
    **dict.fromkeys(("hardsigmoid", "hard_sigmoid"), "clip(x/6 + 1/2, 0, 1)"),
    **dict.fromkeys(("hardswish", "hard_swish"), "x*clip(x/6 + 1/2, 0, 1)"),
    "relu6": "clip(x, 0, 6)", "softsign": "x/(1 + abs(x))", "softmin": "softmax(-x)",
    **dict.fromkeys(("log1pexp", "log1p_exp", "softrelu"), "softplus(x)"),
    "prelu": "leaky_relu(x, a)",
    "tanhshrink": "x - tanh(x)", "selu": "1.0507*elu(x, 1.6733)", "celu": "elu(x/a)*a",
    "glu": "a*sigmoid(b)", "threshold": "where(x > t, x, v)",
    **dict.fromkeys(("int", "floordiv", "floor_divide"), "floor(x) for the whole part"),
    **dict.fromkeys(("float", "double", "tensor", "as_tensor", "Tensor", "asarray", "Variable"),
                    "the value alone: every number is a float"),
    **dict.fromkeys(("fmod", "rem"), "mod(x, y)"),
    "negate": "-x", "subtract_": "x - y", "quotient": "x/y",
    **dict.fromkeys(("reciprocal", "recip"), "1/x"),
    "rsqrt": "1/sqrt(x)", "exp2": "2^x", "exp10": "10^x",
    "sech": "1/cosh(x)", "csch": "1/sinh(x)", "coth": "1/tanh(x)", "lerp": "a + t*(b - a)",
    **dict.fromkeys(("arccot", "acot", "arcctg"), "atan(1/x), or pi/2 - atan(x)"),
    **dict.fromkeys(("arcsec", "asec"), "acos(1/x)"), **dict.fromkeys(("arccsc", "acsc"), "asin(1/x)"),
    **dict.fromkeys(("radians", "deg2rad"), "x*pi/180"), **dict.fromkeys(("degrees", "rad2deg"), "x*180/pi"),
    **dict.fromkeys(("logit_loss", "logistic_loss"), "softplus(-y*s), with y = ±1"),
    **dict.fromkeys(("L1Loss", "absolute_error"), "l1_loss(y, t)"),
    **dict.fromkeys(("sse", "rss"), "sum((y - t)^2)"), "rmse": "sqrt(mse(y, t))",
    "SmoothL1Loss": "smooth_l1_loss(y, t)",
    **dict.fromkeys(("kl_divergence", "kl", "relative_entropy"), "sum(p*log(p/q))"),
    "entropy": "-sum(p*log(p))",
    **dict.fromkeys(("cos_sim", "cosine"), "cosine_similarity(a, b)"),
    "normalize": "x/norm(x)", **dict.fromkeys(("dist", "distance", "cdist"), "norm(x - y)"),
    **dict.fromkeys(("layernorm", "LayerNorm", "standardize", "zscore"), "layer_norm(x)"),
    **dict.fromkeys(("batchnorm", "BatchNorm1d"), "batch_norm(X)"),
    "rms_norm": "x/sqrt(mean(x^2) + 1e-5)", "bilinear": "x @ A @ y",
    "l2": "norm(x)", "l1": "sum(abs(x))", "frobenius": "norm(A)", "sumsq": "sum(x^2)", "ssq": "sum(x^2)",
    "broadcast_to": "x + zeros_like(Y), which takes the shape of Y",
    "vdot": "a @ b",
    "einsum": "the product with @, or sum(A*B, axis=…)",
    "tensordot": "the product with @, or sum(A*B, axis=…)",
    "cross": "its three terms: a[1]*b[2] - a[2]*b[1], …",
    "kronecker": "kron(A, B)", "msort": "sort(x)", "percentile": "quantile(x, 0.9) for the 90th",
    **dict.fromkeys(("reverse", "flipud"), "flip(x, axis=0)"), "fliplr": "flip(A, axis=1)",
    **dict.fromkeys(("pinv", "lstsq"), "inv(A.T @ A) @ A.T, of full column rank"),
    **dict.fromkeys(("conv", "convolve"), "conv1d(x, w), which does not turn w round"),
    "maxpool": "max_pool2d(x, 2)", "mask": "A*M with M=[[1,0],[1,1]]",
    "gather": "x[i], or sum(X*one_hot(y, 3), axis=1) for one entry of each row",
    "range": "the sum's terms, or a loop: for i in 1..3: …",
    "lambda": "g(t) = t^2 for a function of your own",
    **dict.fromkeys(("ite", "choose", "piecewise", "switch", "cases"), "where(condition, a, b)"),
}  # fmt: skip

#: What it is, where nothing here does it.
_ABSENT = {
    "mode": "what is most frequent has no slope; mean(x) and median(x) have one",
    **dict.fromkeys(("integral", "integrate", "antiderivative", "quad"),
                    "integrals are not taken here: write the formula that comes of it"),
    **dict.fromkeys(("limit", "lim", "series", "taylor"), "write the formula that comes of it"),
    **dict.fromkeys(("eig", "eigh", "eigvals", "svd", "qr", "cholesky", "lu", "expm", "logm", "sqrtm"),
                    "no matrix is taken apart here; det, inv, solve and matrix_power are ops"),
    **dict.fromkeys(("gamma", "factorial"), "write exp(lgamma(x)); of n! it is exp(lgamma(n + 1))"),
    **dict.fromkeys(("beta_fn", "betaln"), "write it with lgamma"),
    **dict.fromkeys(("bessel", "jv", "i0", "zeta", "erfinv", "ndtr", "ndtri", "lambertw"),
                    "this special function is not an op here; erf, erfc, lgamma and digamma are"),
    "rot90": "write flip(A.T, axis=0)",
    "cummax": "nothing keeps a running maximum here; sums do: cumsum(x)",
    **dict.fromkeys(("fft", "ifft", "rfft"), "the Fourier transform is not an op here"),
    **dict.fromkeys(("comb", "binom", "perm", "gcd", "lcm"), "this counts, and has no derivative"),
    **dict.fromkeys(("real", "imag", "conj", "angle", "cis", "arg"), "complex numbers have no place here"),
    **dict.fromkeys(("lstm", "gru", "rnn", "LSTM", "GRU", "attention"),
                    "write its equations out, one name a gate"),
    **dict.fromkeys(("print", "str", "input", "assert", "return", "def", "import"),
                    "a formula only computes; the page shows every value"),
}  # fmt: skip

#: What objects of array libraries can do that no formula needs.
_METHODS = {
    **dict.fromkeys(("backward", "grad", "autograd"),
                    "leave it out: the derivatives are what backtrace shows"),
    **dict.fromkeys(("zero_grad", "zero_", "step", "requires_grad_", "retain_grad"),
                    "leave it out: every run starts from fresh gradients"),
    **dict.fromkeys(("detach", "data", "stop_gradient", "no_grad"),
                    "leave it out, and name with --wrt what the derivatives are wanted of"),
    **dict.fromkeys(("item", "numpy", "tolist", "cpu", "cuda", "to", "clone", "copy",
                     "contiguous",
                     "float", "double", "long", "int", "astype", "type"),
                    "leave it out: a value is what it is"),
}  # fmt: skip


def hint_for(name: str) -> str | None:
    """What to write for a function that is known elsewhere; None for a word that means nothing there either.

    >>> hint_for("relu6"), hint_for("conj")
    ('write clip(x, 0, 6)', 'complex numbers have no place here')
    """
    if name in _ABSENT:
        return _ABSENT[name]
    written = _WRITTEN.get(name) or FUNCTIONS.get(name)
    return f"write {written}" if written else None


def method_hint(name: str) -> str | None:
    """What to do with ``.backward()`` and the like behind a value.

    >>> method_hint("backward")
    'leave it out: the derivatives are what backtrace shows'
    """
    return _METHODS.get(name)
