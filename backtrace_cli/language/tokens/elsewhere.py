"""What a word means elsewhere that is no function here, and what to write for it, whatever it is like.

A name that becomes an op is never looked up here, as only unknown functions are.
"""

from __future__ import annotations

from backtrace_cli.language.tokens.other_dialects import FUNCTIONS

__all__ = ["hint_for", "method_hint"]

#: How it is written with what is here.
_WRITTEN = {
    "logit": "log(p/(1 - p)), the inverse of σ",
    **dict.fromkeys(("logsigmoid", "log_sigmoid"), "-softplus(-x)"),
    **dict.fromkeys(("hardtanh", "hard_tanh"), "clip(x, -1, 1)"),
    **dict.fromkeys(("hardsigmoid", "hard_sigmoid"), "clip(x/6 + 1/2, 0, 1)"),
    **dict.fromkeys(("hardswish", "hard_swish"), "x*clip(x/6 + 1/2, 0, 1)"),
    "relu6": "clip(x, 0, 6)", "softsign": "x/(1 + abs(x))", "softmin": "softmax(-x)",
    "prelu": "leaky_relu(x, a)",
    "tanhshrink": "x - tanh(x)", "selu": "1.0507*elu(x, 1.6733)", "celu": "elu(x/a)*a",
    "glu": "a*sigmoid(b)", "threshold": "where(x > t, x, v)",
    **dict.fromkeys(("int", "floordiv", "floor_divide"), "floor(x) for the whole part"),
    **dict.fromkeys(("float", "double", "tensor", "as_tensor", "Tensor", "asarray", "Variable"),
                    "the value alone: every number is a float"),
    **dict.fromkeys(("remainder", "fmod", "rem"), "x - y*floor(x/y)"),
    **dict.fromkeys(("neg", "negate", "minus"), "-x"), **dict.fromkeys(("sub", "subtract_"), "x - y"),
    **dict.fromkeys(("div", "true_divide", "quotient"), "x/y"), **dict.fromkeys(("reciprocal", "recip"),
                    "1/x"),
    "rsqrt": "1/sqrt(x)", "exp2": "2^x", "exp10": "10^x", "sinc": "sin(pi*x)/(pi*x)",
    "logaddexp": "logsumexp([x, y])",
    "sech": "1/cosh(x)", "csch": "1/sinh(x)", "coth": "1/tanh(x)", "lerp": "a + t*(b - a)",
    **dict.fromkeys(("radians", "deg2rad"), "x*pi/180"), **dict.fromkeys(("degrees", "rad2deg"), "x*180/pi"),
    **dict.fromkeys(("logit_loss", "logistic_loss"), "softplus(-y*s), with y = ±1"),
    **dict.fromkeys(("hinge", "hinge_loss"), "relu(1 - y*s), with y = ±1"),
    **dict.fromkeys(("mae", "l1_loss", "L1Loss", "absolute_error"), "mean(abs(y - t))"),
    **dict.fromkeys(("sse", "rss"), "sum((y - t)^2)"), "rmse": "sqrt(mse(y, t))",
    **dict.fromkeys(("huber", "huber_loss", "smooth_l1_loss", "SmoothL1Loss"),
                    "where(abs(r) < 1, r^2/2, abs(r) - 1/2), with r = y - t"),
    **dict.fromkeys(("kl_div", "kl_divergence", "kl", "relative_entropy"), "sum(p*log(p/q))"),
    "entropy": "-sum(p*log(p))",
    **dict.fromkeys(("cosine_similarity", "cos_sim", "cosine"), "a @ b/(norm(a)*norm(b))"),
    **dict.fromkeys(("normalize", "unit"), "x/norm(x)"), **dict.fromkeys(("dist", "distance", "cdist"),
                    "norm(x - y)"),
    **dict.fromkeys(("layer_norm", "layernorm", "LayerNorm", "standardize", "zscore"),
                    "(x - mean(x))/sqrt(var(x) + 1e-5)"),
    **dict.fromkeys(("batch_norm", "batchnorm", "BatchNorm1d"),
                    "(X - mean(X, axis=0))/sqrt(var(X, axis=0) + 1e-5)"),
    "rms_norm": "x/sqrt(mean(x^2) + 1e-5)", "bilinear": "x @ A @ y",
    "trace": "A[0,0] + A[1,1] + …, the diagonal's terms", "tr": "A[0,0] + A[1,1] + …, the diagonal's terms",
    "l2": "norm(x)", "l1": "sum(abs(x))", "frobenius": "norm(A)", "sumsq": "sum(x^2)", "ssq": "sum(x^2)",
    **dict.fromkeys(("eye", "identity_matrix"), "the identity as a value, I=[[1,0],[0,1]]"),
    "repeat": "x + zeros_like(Y), which takes the shape of Y",
    "tile": "x + zeros_like(Y), which takes the shape of Y",
    "broadcast_to": "x + zeros_like(Y), which takes the shape of Y",
    "permute": "transpose(A)", "swapaxes": "transpose(A)", "dot": "a @ b", "vdot": "a @ b", "bmm": "A @ B",
    "einsum": "the product with @, or sum(A*B, axis=…)",
    "tensordot": "the product with @, or sum(A*B, axis=…)",
    "cross": "its three terms: a[1]*b[2] - a[2]*b[1], …",
    "diag": "A*I with I=[[1,0],[0,1]] for a matrix's diagonal",
    "gather": "x[i], or sum(X*one_hot(y, 3), axis=1) for one entry of each row",
    "range": "the sum's terms, or a loop: for i in 1..3: …",
    "lambda": "g(t) = t^2 for a function of your own",
    **dict.fromkeys(("ite", "choose", "piecewise", "switch", "cases"), "where(condition, a, b)"),
}  # fmt: skip

#: What it is, where nothing here does it.
_ABSENT = {
    **dict.fromkeys(("sort", "argsort", "topk", "msort"),
                    "sorting is not an op here; amax(x) and amin(x) take one entry"),
    **dict.fromkeys(("median", "quantile", "percentile", "mode"),
                    "a median or quantile is not an op here; mean(x) is"),
    **dict.fromkeys(("kron", "kronecker"),
                    "the Kronecker product is not an op here; outer(a, b) is, for vectors"),
    **dict.fromkeys(("inv", "inverse", "pinv", "solve", "lstsq"),
                    "for a number write 1/x; the inverse of a matrix is not an op here"),
    **dict.fromkeys(("eig", "eigh", "eigvals", "svd", "qr", "cholesky", "lu", "expm", "logm", "sqrtm",
                    "matrix_power"),
                    "of matrices there are @, .T, outer and norm; this is not an op here"),
    **dict.fromkeys(("digamma", "polygamma", "psi", "gamma", "lgamma", "gammaln", "loggamma", "factorial",
                    "beta_fn"),
                    "the Γ function and its kin are not ops here"),
    **dict.fromkeys(("bessel", "jv", "i0", "zeta", "erfinv", "ndtr", "ndtri", "lambertw"),
                    "this special function is not an op here; erf and erfc are"),
    **dict.fromkeys(("flip", "fliplr", "flipud", "reverse", "roll", "rot90"),
                    "nothing here turns an array round; pick its entries: [x[2], x[1], x[0]]"),
    **dict.fromkeys(("cumsum", "cumprod", "cummax"),
                    "running sums are not an op here; write their terms: [x[0], x[0] + x[1]]"),
    **dict.fromkeys(("conv", "conv1d", "conv2d", "convolve", "maxpool", "max_pool2d", "avg_pool2d"),
                    "convolution and pooling are not ops here; write the terms over x[i:j]"),
    **dict.fromkeys(("fft", "ifft", "rfft"), "the Fourier transform is not an op here"),
    **dict.fromkeys(("tril", "triu", "mask"), "multiply by a mask: A*M with M=[[1,0],[1,1]]"),
    **dict.fromkeys(("comb", "binom", "perm", "gcd", "lcm"), "this counts, and has no derivative"),
    **dict.fromkeys(("real", "imag", "conj", "angle"), "complex numbers have no place here"),
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

    >>> hint_for("logit"), hint_for("conj")
    ('write log(p/(1 - p)), the inverse of σ', 'complex numbers have no place here')
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
