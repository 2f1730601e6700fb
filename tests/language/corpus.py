r"""Formulas as they stand in notes, papers and programs, each with a witness written by hand in mpmath.

Facts only: the formula, where it is commonly found, a point, and the same function over mpmath's numbers.
``gradient_of`` takes differences at 60 digits, so a witness knows nothing of derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mpmath import (
    acos,
    asin,
    atan,
    cos,
    cosh,
    erf,
    exp,
    fabs,
    log,
    mp,
    mpf,
    pi,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)  # fmt: skip

Vector = list[Any]


class Entry(NamedTuple):
    """One formula: where it is found, as it stands there, a point, and its witness over mpmath's numbers."""

    source: str
    formula: str
    at: Mapping[str, Any]
    witness: Callable[..., Any]


def s(x: Any) -> Any:
    """The logistic function."""
    return 1 / (1 + exp(-x))


def dot(a: Vector, b: Vector) -> Any:
    """The inner product."""
    return sum((x * y for x, y in zip(a, b, strict=True)), mpf(0))


def mv(w: list[Vector], x: Vector) -> Vector:
    """A matrix times a vector."""
    return [dot(row, x) for row in w]


def sm(z: Vector) -> Vector:
    """The softmax of a vector."""
    total = sum(exp(each) for each in z)
    return [exp(each) / total for each in z]


def mean(x: Vector) -> Any:
    """The mean of a list."""
    return sum(x) / len(x)


def var(x: Vector, ddof: int = 0) -> Any:
    """The variance of a list."""
    return sum((each - mean(x)) ** 2 for each in x) / (len(x) - ddof)


def flat(w: list[Vector]) -> Vector:
    """The entries of a matrix."""
    return [each for row in w for each in row]


V2, V3 = [0.5, -1.25], [0.5, -1.25, 2.0]
W22, W23 = [[0.5, -1.0], [1.5, 0.25]], [[0.5, -1.0, 0.75], [1.5, 0.25, -0.5]]

CALCULUS = [
    Entry("calculus notes: product rule", r"x^2 \sin x", {"x": 1.3}, lambda x: x**2 * sin(x)),
    Entry("calculus notes: product rule", r"x \ln x", {"x": 1.3}, lambda x: x * log(x)),
    Entry("calculus notes: quotient rule", r"\frac{\sin x}{x}", {"x": 1.3}, lambda x: sin(x) / x),
    Entry("calculus notes: quotient rule", r"\frac{x^2+1}{x-1}", {"x": 3.2}, lambda x: (x**2 + 1) / (x - 1)),
    Entry("calculus notes: quotient rule", r"\frac{e^x}{1+e^x}", {"x": 0.4}, lambda x: exp(x) / (1 + exp(x))),
    Entry("calculus notes: chain rule", r"\sin(x^2)", {"x": 1.3}, lambda x: sin(x**2)),
    Entry("calculus notes: chain rule", r"\sin^2 x", {"x": 1.3}, lambda x: sin(x) ** 2),
    Entry("calculus notes: chain rule", r"\cos 2x", {"x": 1.3}, lambda x: cos(2 * x)),
    Entry("calculus notes: chain rule", r"\sqrt{1-x^2}", {"x": 0.3}, lambda x: sqrt(1 - x**2)),
    Entry("calculus notes: chain rule", r"e^{-x^2/2}", {"x": 0.7}, lambda x: exp(-(x**2) / 2)),
    Entry("calculus notes: chain rule", "y = u^2, u = 3x+1", {"x": 0.7}, lambda x: (3 * x + 1) ** 2),
    Entry(
        "calculus notes: chain rule",
        "y = \\sqrt{u} \\\\ u = 1 + v^2 \\\\ v = \\cos x",
        {"x": 0.7},
        lambda x: sqrt(1 + cos(x) ** 2),
    ),
    Entry("calculus notes: chain rule", r"\ln(\cos x)", {"x": 0.7}, lambda x: log(cos(x))),
    Entry("calculus notes: chain rule", r"\ln \sin x", {"x": 0.7}, lambda x: log(sin(x))),
    Entry("calculus notes: chain rule", "(2x + 1)^5", {"x": 0.7}, lambda x: (2 * x + 1) ** 5),
    Entry("calculus notes: chain rule", r"\tan^{2}(3x)", {"x": 0.2}, lambda x: tan(3 * x) ** 2),
    Entry("calculus notes: chain rule", r"e^{\sin x}", {"x": 0.7}, lambda x: exp(sin(x))),
    Entry("calculus notes: logarithmic differentiation", "x^x", {"x": 1.7}, lambda x: x**x),
    Entry("calculus notes: logarithmic differentiation", r"x^{\sin x}", {"x": 1.7}, lambda x: x ** sin(x)),
    Entry("calculus notes: Pythagoras", "sin² x + cos² x", {"x": 0.7}, lambda x: sin(x) ** 2 + cos(x) ** 2),
    Entry("calculus notes: inverse functions", r"\arctan\frac{1}{x}", {"x": 0.7}, lambda x: atan(1 / x)),
    Entry(
        "calculus notes: inverse functions",
        r"\arcsin x + \arccos x \cdot x",
        {"x": 0.3},
        lambda x: asin(x) + acos(x) * x,
    ),
    Entry(
        "calculus notes: hyperbolic functions",
        r"\frac{\sinh x}{\cosh x}",
        {"x": 0.7},
        lambda x: sinh(x) / cosh(x),
    ),
    Entry(
        "calculus notes: roots",
        r"\sqrt[3]{x} + \sqrt[5]{x}",
        {"x": 1.7},
        lambda x: x ** (mpf(1) / 3) + x ** (mpf(1) / 5),
    ),
    Entry("calculus notes: roots", "∛x + √x", {"x": 1.7}, lambda x: x ** (mpf(1) / 3) + sqrt(x)),
    Entry("calculus notes: powers", "½g·t²", {"g": 9.81, "t": 1.5}, lambda g, t: g * t**2 / 2),
    Entry("calculus notes: powers", "x^{2} e^{-x}", {"x": 1.2}, lambda x: x**2 * exp(-x)),
    Entry(
        "calculus notes: partial derivatives",
        "f(x, y) = x^2 y + y^3",
        {"x": 1.2, "y": 0.7},
        lambda x, y: x**2 * y + y**3,
    ),
    Entry(
        "calculus notes: partial derivatives",
        r"f(x,y) = \frac{xy}{x^2+y^2}",
        {"x": 1.2, "y": 0.7},
        lambda x, y: x * y / (x**2 + y**2),
    ),
    Entry(
        "calculus notes: partial derivatives",
        r"e^{xy}\cos(x+y)",
        {"x": 0.4, "y": 0.7},
        lambda x, y: exp(x * y) * cos(x + y),
    ),
    Entry(
        "calculus notes: partial derivatives",
        r"\ln(x^2 + y^2)",
        {"x": 1.2, "y": 0.7},
        lambda x, y: log(x**2 + y**2),
    ),
    Entry(
        "calculus notes: Taylor polynomials",
        r"\sum_{k=0}^{4} \frac{x^k}{k+1}",
        {"x": 0.7},
        lambda x: sum(x**k / (k + 1) for k in range(5)),
    ),
    Entry(
        "calculus notes: geometric sums",
        r"\sum_{n=0}^{5} r^n",
        {"r": 0.7},
        lambda r: sum(r**n for n in range(6)),
    ),
    Entry(
        "calculus notes: products",
        r"\prod_{k=1}^{3} (x - k)",
        {"x": 0.7},
        lambda x: (x - 1) * (x - 2) * (x - 3),
    ),
    Entry(
        "calculus notes: logarithms",
        r"\log_2(x) + \log_{10} x",
        {"x": 1.7},
        lambda x: log(x) / log(mpf(2)) + log(x) / log(mpf(10)),
    ),
    Entry(
        "calculus notes: absolute value",
        r"|x - a| \cdot \ln|x|",
        {"x": -1.7, "a": 0.4},
        lambda x, a: fabs(x - a) * log(fabs(x)),
    ),
    Entry(
        "calculus notes: damped oscillation",
        r"A e^{-\gamma t} \cos(\omega t + \varphi)",
        {"A": 2.0, "γ": 0.3, "t": 1.2, "ω": 2.5, "φ": 0.4},
        lambda A, γ, t, ω, φ: A * exp(-γ * t) * cos(ω * t + φ),
    ),
]

PHYSICS = [
    Entry(
        "physics notes: kinetic energy", r"\frac{1}{2} m v^2", {"m": 2.0, "v": 3.5}, lambda m, v: m * v**2 / 2
    ),
    Entry(
        "physics notes: gravitation",
        r"G \frac{m_1 m_2}{r^2}",
        {"G": 6.7, "m1": 2.0, "m2": 3.0, "r": 1.5},
        lambda G, m1, m2, r: G * m1 * m2 / r**2,
    ),
    Entry(
        "physics notes: Lorentz factor",
        r"\frac{1}{\sqrt{1-\frac{v^2}{c^2}}}",
        {"v": 1.2, "c": 3.0},
        lambda v, c: 1 / sqrt(1 - v**2 / c**2),
    ),
    Entry(
        "physics notes: Lennard-Jones potential",
        r"4\varepsilon\left[\left(\frac{\sigma}{r}\right)^{12}-\left(\frac{\sigma}{r}\right)^{6}\right]",
        {"ε": 0.8, "σ": 1.1, "r": 1.4},
        lambda ε, σ, r: 4 * ε * ((σ / r) ** 12 - (σ / r) ** 6),
    ),
    Entry(
        "physics notes: pendulum",
        r"2\pi\sqrt{\frac{L}{g}}",
        {"L": 1.5, "g": 9.81},
        lambda L, g: 2 * pi * sqrt(L / g),
    ),
    Entry(
        "physics notes: circle and sphere",
        "πr² + 4πr³/3",
        {"r": 1.2},
        lambda r: pi * r**2 + 4 * pi * r**3 / 3,
    ),
    Entry("physics notes: Planck's law", r"\frac{x^3}{e^x - 1}", {"x": 1.2}, lambda x: x**3 / (exp(x) - 1)),
    Entry(
        "physics notes: Fermi function",
        r"\frac{1}{e^{(E-\mu)/T}+1}",
        {"E": 1.2, "μ": 0.7, "T": 0.4},
        lambda E, μ, T: 1 / (exp((E - μ) / T) + 1),
    ),
    Entry(
        "physics notes: Morse potential",
        r"D (1 - e^{-a(r - r_0)})^2",
        {"D": 2.0, "a": 0.8, "r": 1.7, "r0": 1.1},
        lambda D, a, r, r0: D * (1 - exp(-a * (r - r0))) ** 2,
    ),
    Entry(
        "economics notes: Cobb-Douglas",
        r"A K^\alpha L^{1-\alpha}",
        {"A": 1.2, "K": 2.0, "α": 0.3, "L": 1.5},
        lambda A, K, α, L: A * K**α * L ** (1 - α),
    ),
    Entry(
        "economics notes: compound interest",
        r"P \left(1 + \frac{r}{n}\right)^{n t}",
        {"P": 100.0, "r": 0.05, "n": 4.0, "t": 2.5},
        lambda P, r, n, t: P * (1 + r / n) ** (n * t),
    ),
    Entry(
        "biology notes: Michaelis-Menten",
        r"\frac{V_{max} S}{K_m + S}",
        {"V_max": 2.0, "S": 1.5, "K_m": 0.7},
        lambda V_max, S, K_m: V_max * S / (K_m + S),
    ),
    Entry(
        "biology notes: logistic growth",
        r"\frac{K}{1 + \frac{K - P_0}{P_0} e^{-r t}}",
        {"K": 10.0, "P0": 2.0, "r": 0.5, "t": 1.5},
        lambda K, P0, r, t: K / (1 + (K - P0) / P0 * exp(-r * t)),
    ),
]

STATISTICS = [
    Entry(
        "statistics notes: normal density",
        r"\frac{1}{\sqrt{2\pi\sigma^2}} e^{-\frac{(x-\mu)^2}{2\sigma^2}}",
        {"σ": 1.3, "x": 0.7, "μ": 0.2},
        lambda σ, x, μ: exp(-((x - μ) ** 2) / (2 * σ**2)) / sqrt(2 * pi * σ**2),
    ),
    Entry(
        "statistics notes: normal log-likelihood",
        r"-\frac{1}{2}\ln(2\pi) - \ln\sigma - \frac{(x-\mu)^2}{2\sigma^2}",
        {"σ": 1.3, "x": 0.7, "μ": 0.2},
        lambda σ, x, μ: -log(2 * pi) / 2 - log(σ) - (x - μ) ** 2 / (2 * σ**2),
    ),
    Entry(
        "statistics notes: Bernoulli log-likelihood",
        r"y \log p + (1-y) \log(1-p)",
        {"y": 0.3, "p": 0.6},
        lambda y, p: y * log(p) + (1 - y) * log(1 - p),
    ),
    Entry(
        "statistics notes: Poisson log-likelihood",
        r"k \ln\lambda - \lambda",
        {"k": 3.0, "λ": 2.2},
        lambda k, λ: k * log(λ) - λ,
    ),
    Entry(
        "statistics notes: exponential density",
        r"\lambda e^{-\lambda x}",
        {"λ": 1.2, "x": 0.7},
        lambda λ, x: λ * exp(-λ * x),
    ),
    Entry(
        "statistics notes: entropy of a coin",
        r"-p\log p - (1-p)\log(1-p)",
        {"p": 0.3},
        lambda p: -p * log(p) - (1 - p) * log(1 - p),
    ),
    Entry(
        "statistics notes: entropy",
        r"-\sum_i p_i \log p_i",
        {"p": [0.2, 0.3, 0.5]},
        lambda p: -sum(x * log(x) for x in p),
    ),
    Entry(
        "statistics notes: Kullback-Leibler divergence",
        r"\sum_i p_i \log\frac{p_i}{q_i}",
        {"p": [0.2, 0.3, 0.5], "q": [0.4, 0.4, 0.2]},
        lambda p, q: sum(x * log(x / y) for x, y in zip(p, q, strict=True)),
    ),
    Entry(
        "statistics notes: Gaussian KL",
        r"\frac12\sum_j (\mu_j^2 + \sigma_j^2 - \log\sigma_j^2 - 1)",
        {"μ": V2, "σ": [0.6, 1.4]},
        lambda μ, σ: sum(m**2 + v**2 - log(v**2) - 1 for m, v in zip(μ, σ, strict=True)) / 2,
    ),
    Entry(
        "statistics notes: sample mean",
        r"\bar{x} = \frac{1}{n}\sum_{i=1}^n x_i",
        {"x": V3},
        lambda x: mean(x),
    ),
    Entry(
        "statistics notes: least squares",
        r"\sum_{i=1}^{n} (y_i - a x_i - b)^2",
        {"y": V3, "a": 0.7, "x": [1.0, 2.0, 3.0], "b": 0.2},
        lambda y, a, x, b: sum((q - a * p - b) ** 2 for p, q in zip(x, y, strict=True)),
    ),
    Entry(
        "statistics notes: Mahalanobis distance",
        r"(x-\mu)^T A (x-\mu)",
        {"x": V2, "μ": [0.1, 0.3], "A": W22},
        lambda x, μ, A: dot(
            [p - q for p, q in zip(x, μ, strict=True)], mv(A, [p - q for p, q in zip(x, μ, strict=True)])
        ),
    ),
    Entry(
        "statistics notes: weighted mean",
        r"\frac{\sum_i w_i x_i}{\sum_i w_i}",
        {"w": [1.0, 2.0, 0.5], "x": V3},
        lambda w, x: dot(w, x) / sum(w),
    ),
    Entry(
        "statistics notes: expectation",
        r"\mathbb{E}[(x - c)^2]",
        {"x": V3, "c": 0.3},
        lambda x, c: mean([(each - c) ** 2 for each in x]),
    ),
    Entry(
        "statistics notes: Gaussian cdf",
        r"\frac12\left(1 + \operatorname{erf}\left(\frac{x}{\sqrt2}\right)\right)",
        {"x": 0.7},
        lambda x: (1 + erf(x / sqrt(mpf(2)))) / 2,
    ),
    Entry(
        "statistics notes: Huber loss",
        r"\begin{cases} \frac12 r^2 & \text{if } |r| \le \delta \\ "
        r"\delta(|r| - \frac12\delta) & \text{otherwise} \end{cases}",
        {"r": 2.5, "δ": 1.0},
        lambda r, δ: δ * (fabs(r) - δ / 2) if fabs(r) > δ else r**2 / 2,
    ),
]

LEARNING = [
    Entry("machine learning notes: logistic function", r"\frac{1}{1+e^{-z}}", {"z": 0.7}, lambda z: s(z)),
    Entry(
        "course notes on backpropagation: a neuron",
        r"f(w,x) = \frac{1}{1+e^{-(w_0x_0 + w_1x_1 + w_2)}}",
        {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0},
        lambda w0, x0, w1, x1, w2: s(w0 * x0 + w1 * x1 + w2),
    ),
    Entry(
        "course notes on backpropagation: the sheet's formula",
        r"\frac{x+\sigma(y)}{\sigma(x)+(x+y)^2}",
        {"x": 3.0, "y": -4.0},
        lambda x, y: (x + s(y)) / (s(x) + (x + y) ** 2),
    ),
    Entry(
        "machine learning notes: linear model",
        r"w^T x + b",
        {"w": V3, "x": [1.0, 0.3, -0.7], "b": 0.4},
        lambda w, x, b: dot(w, x) + b,
    ),
    Entry(
        "machine learning notes: linear model",
        r"\theta^T x",
        {"θ": V3, "x": [1.0, 0.3, -0.7]},
        lambda θ, x: dot(θ, x),
    ),
    Entry(
        "machine learning notes: linear model",
        r"θ₀ + θ₁x",
        {"θ0": 0.4, "θ1": 1.2, "x": 0.7},
        lambda θ0, θ1, x: θ0 + θ1 * x,
    ),
    Entry(
        "machine learning notes: logistic regression",
        r"\sigma(\mathbf{w}^\top \mathbf{x} + b)",
        {"w": V3, "x": [1.0, 0.3, -0.7], "b": 0.4},
        lambda w, x, b: s(dot(w, x) + b),
    ),
    Entry(
        "machine learning notes: squared error",
        r"\mathcal{L} = \frac12 (y - \hat{y})^2",
        {"y": 1.2, "y_hat": 0.7},
        lambda y, y_hat: (y - y_hat) ** 2 / 2,
    ),
    Entry(
        "machine learning notes: mean squared error",
        r"\frac{1}{N}\sum_{n=1}^N (y_n - w x_n)^2",
        {"y": V3, "w": 0.7, "x": [1.0, 0.3, -0.7]},
        lambda y, w, x: mean([(a - w * b) ** 2 for a, b in zip(y, x, strict=True)]),
    ),
    Entry(
        "machine learning notes: mean squared error",
        r"\frac{1}{2}\sum_{i=1}^{3} (t_i - y_i)^2",
        {"t1": 1.0, "t2": 0.3, "t3": -0.7, "y1": 0.5, "y2": 0.1, "y3": 0.2},
        lambda t1, t2, t3, y1, y2, y3: ((t1 - y1) ** 2 + (t2 - y2) ** 2 + (t3 - y3) ** 2) / 2,
    ),
    Entry(
        "machine learning notes: binary cross-entropy",
        r"-y \log \hat{y} - (1 - y) \log(1 - \hat{y})",
        {"y": 0.3, "y_hat": 0.6},
        lambda y, y_hat: -y * log(y_hat) - (1 - y) * log(1 - y_hat),
    ),
    Entry(
        "machine learning notes: softmax", r"\frac{e^{z_1}}{\sum_j e^{z_j}}", {"z": V3}, lambda z: sm(z)[0]
    ),
    Entry(
        "machine learning notes: softmax",
        r"\frac{e^{z_1}}{e^{z_1} + e^{z_2}}",
        {"z1": 0.5, "z2": -0.4},
        lambda z1, z2: exp(z1) / (exp(z1) + exp(z2)),
    ),
    Entry(
        "machine learning notes: softmax with temperature",
        r"\frac{e^{z_2/T}}{\sum_j e^{z_j/T}}",
        {"z": V3, "T": 1.7},
        lambda z, T: sm([each / T for each in z])[1],
    ),
    Entry(
        "machine learning notes: cross-entropy of softmax",
        r"-\sum_i y_i \log \frac{e^{z_i}}{\sum_j e^{z_j}}",
        {"y": [0.2, 0.3, 0.5], "z": V3},
        lambda y, z: -sum(a * log(b) for a, b in zip(y, sm(z), strict=True)),
    ),
    Entry(
        "machine learning notes: log-sum-exp",
        r"\log \sum_i e^{x_i}",
        {"x": V3},
        lambda x: log(sum(exp(a) for a in x)),
    ),
    Entry(
        "machine learning notes: hinge loss",
        r"\max(0, 1 - y f)",
        {"y": -1.0, "f": 0.4},
        lambda y, f: max(mpf(0), 1 - y * f),
    ),
    Entry(
        "machine learning notes: ReLU",
        r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
        {"x": 0.7},
        lambda x: x,
    ),
    Entry(
        "machine learning notes: leaky ReLU",
        r"\begin{cases} x, & x \ge 0, \\ \alpha x, & x < 0. \end{cases}",
        {"x": -0.7, "α": 0.1},
        lambda x, α: α * x if x < 0 else x,
    ),
    Entry(
        "machine learning notes: ELU",
        r"\begin{cases} x & x > 0 \\ \alpha(e^x - 1) & x \le 0 \end{cases}",
        {"x": -0.7, "α": 1.3},
        lambda x, α: α * (exp(x) - 1) if x <= 0 else x,
    ),
    Entry(
        "paper on GELU",
        r"0.5x\left(1+\tanh\left[\sqrt{2/\pi}(x+0.044715x^3)\right]\right)",
        {"x": 0.7},
        lambda x: x / 2 * (1 + tanh(sqrt(2 / pi) * (x + mpf("0.044715") * x**3))),
    ),
    Entry("paper on swish", r"x \cdot \sigma(\beta x)", {"x": 0.7, "β": 1.3}, lambda x, β: x * s(β * x)),
    Entry("paper on mish", r"x \tanh(\ln(1 + e^x))", {"x": 0.7}, lambda x: x * tanh(log(1 + exp(x)))),
    Entry("machine learning notes: softplus", r"\ln(1 + e^x)", {"x": 0.7}, lambda x: log(1 + exp(x))),
    Entry(
        "machine learning notes: tanh", r"\frac{e^x - e^{-x}}{e^x + e^{-x}}", {"x": 0.7}, lambda x: tanh(x)
    ),
    Entry(
        "machine learning notes: ridge regression",
        r"\|\mathbf{y} - \mathbf{X}\mathbf{w}\|_2^2 + \lambda \|\mathbf{w}\|_2^2",
        {"y": V2, "X": W23, "w": V3, "λ": 0.1},
        lambda y, X, w, λ: sum((a - b) ** 2 for a, b in zip(y, mv(X, w), strict=True)) + λ * dot(w, w),
    ),
    Entry(
        "machine learning notes: lasso",
        r"\frac12 \|y - w x\|^2 + \lambda |w|",
        {"y": V3, "w": 0.7, "x": [1.0, 0.3, -0.7], "λ": 0.1},
        lambda y, w, x, λ: sum((a - w * b) ** 2 for a, b in zip(y, x, strict=True)) / 2 + λ * fabs(w),
    ),
    Entry(
        "machine learning notes: quadratic form",
        r"x^T A x",
        {"x": V2, "A": W22},
        lambda x, A: dot(x, mv(A, x)),
    ),
    Entry(
        "machine learning notes: normal equations",
        r"\frac12 x^T A x - b^T x",
        {"x": V2, "A": W22, "b": [0.3, 0.9]},
        lambda x, A, b: dot(x, mv(A, x)) / 2 - dot(b, x),
    ),
    Entry(
        "machine learning notes: cosine similarity",
        r"\frac{\langle a, b \rangle}{\|a\| \|b\|}",
        {"a": V3, "b": [1.0, 0.3, -0.7]},
        lambda a, b: dot(a, b) / sqrt(dot(a, a) * dot(b, b)),
    ),
    Entry(
        "machine learning notes: Gaussian kernel",
        r"e^{-\gamma \|x - y\|^2}",
        {"γ": 0.3, "x": V3, "y": [1.0, 0.3, -0.7]},
        lambda γ, x, y: exp(-γ * sum((a - b) ** 2 for a, b in zip(x, y, strict=True))),
    ),
    Entry(
        "machine learning notes: a hidden layer",
        r"\mathbf{v}^\top \tanh(\mathbf{W}\mathbf{x} + \mathbf{b})",
        {"v": V2, "W": W23, "x": V3, "b": [0.1, -0.2]},
        lambda v, W, x, b: dot(v, [tanh(a + c) for a, c in zip(mv(W, x), b, strict=True)]),
    ),
    Entry(
        "course on deep learning: two layers",
        r"z^{[1]} = w^{[1]} x + b^{[1]}; a^{[1]} = \sigma(z^{[1]}); w^{[2]} a^{[1]} + b^{[2]}",
        {"w1": 0.7, "x": 1.2, "b1": -0.3, "w2": 1.4, "b2": 0.2},
        lambda w1, x, b1, w2, b2: w2 * s(w1 * x + b1) + b2,
    ),
    Entry(
        "course on deep learning: layers above a letter",
        r"w^{(2)} \sigma(w^{(1)} x)",
        {"w2": 1.4, "w1": 0.7, "x": 1.2},
        lambda w2, w1, x: w2 * s(w1 * x),
    ),
    Entry(
        "course on deep learning: two layers in Unicode",
        "w₂σ(w₁x + b₁) + b₂",
        {"w2": 1.4, "w1": 0.7, "x": 1.2, "b1": -0.3, "b2": 0.2},
        lambda w2, w1, x, b1, b2: w2 * s(w1 * x + b1) + b2,
    ),
    Entry(
        "paper on recurrent networks: a step",
        r"h_t = \tanh(w_h h_{t-1} + w_x x_t)",
        {"w_h": 0.7, "h_tm1": 0.3, "w_x": 1.2, "x_t": -0.4},
        lambda w_h, h_tm1, w_x, x_t: tanh(w_h * h_tm1 + w_x * x_t),
    ),
    Entry(
        "paper on LSTM: the cell",
        r"c_t = f_t \odot c_{t-1} + i_t \odot \tanh(g_t)",
        {"f_t": 0.7, "c_tm1": 0.3, "i_t": 0.4, "g_t": -0.5},
        lambda f_t, c_tm1, i_t, g_t: f_t * c_tm1 + i_t * tanh(g_t),
    ),
    Entry(
        "paper on GRU: the state",
        r"(1 - z) h_{t-1} + z \tilde{h}",
        {"z": 0.3, "h_tm1": 0.7, "h_tilde": -0.4},
        lambda z, h_tm1, h_tilde: (1 - z) * h_tm1 + z * h_tilde,
    ),
    Entry(
        "paper on Adam: the update",
        r"\theta - \alpha \frac{\hat{m}}{\sqrt{\hat{v}} + \epsilon}",
        {"θ": 1.0, "α": 0.1, "m_hat": 0.3, "v_hat": 0.4, "ε": 0.01},
        lambda θ, α, m_hat, v_hat, ε: θ - α * m_hat / (sqrt(v_hat) + ε),
    ),
    Entry(
        "paper on batch normalization",
        r"\gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta",
        {"γ": 1.2, "x": 0.7, "μ": 0.3, "σ": 0.5, "ε": 0.01, "β": -0.2},
        lambda γ, x, μ, σ, ε, β: γ * (x - μ) / sqrt(σ**2 + ε) + β,
    ),
    Entry(
        "paper on focal loss",
        r"-\alpha (1 - p)^\gamma \log p",
        {"α": 0.25, "p": 0.6, "γ": 2.0},
        lambda α, p, γ: -α * (1 - p) ** γ * log(p),
    ),
    Entry(
        "paper on contrastive learning",
        r"-\log \frac{e^{a/\tau}}{e^{a/\tau} + e^{b/\tau}}",
        {"a": 0.7, "b": 0.2, "τ": 0.5},
        lambda a, b, τ: -log(exp(a / τ) / (exp(a / τ) + exp(b / τ))),
    ),
    Entry(
        "paper on direct preference optimization",
        r"-\log \sigma(\beta (u - v))",
        {"β": 0.5, "u": 1.2, "v": 0.7},
        lambda β, u, v: -log(s(β * (u - v))),
    ),
    Entry(
        "paper on attention: a score",
        r"\frac{q^T k}{\sqrt{d}}",
        {"q": V3, "k": [1.0, 0.3, -0.7], "d": 3.0},
        lambda q, k, d: dot(q, k) / sqrt(d),
    ),
    Entry(
        "paper on policy gradients: clipped ratio",
        r"\min(r A, \operatorname{clip}(r, 1 - \epsilon, 1 + \epsilon) A)",
        {"r": 1.4, "A": 0.7, "ε": 0.2},
        lambda r, A, ε: min(r * A, min(max(r, 1 - ε), 1 + ε) * A),
    ),
    Entry(
        "benchmark functions: Rosenbrock",
        r"f(x, y) = (1-x)^2 + 100(y-x^2)^2",
        {"x": 0.7, "y": 0.4},
        lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    ),
    Entry(
        "benchmark functions: Himmelblau",
        r"(x^2+y-11)^2 + (x+y^2-7)^2",
        {"x": 0.7, "y": 0.4},
        lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    ),
    Entry(
        "benchmark functions: Rastrigin",
        r"10 n + \sum_{i=1}^{2} (x_i^2 - 10\cos(2\pi x_i))",
        {"n": 2.0, "x1": 0.7, "x2": 0.4},
        lambda n, x1, x2: 10 * n + sum(x**2 - 10 * cos(2 * pi * x) for x in (x1, x2)),
    ),
    Entry(
        "benchmark functions: Griewank",
        r"\sum_{i=1}^{2} \frac{x_i^2}{4000} - \prod_{i=1}^{2} \cos\left(\frac{x_i}{\sqrt{i}}\right) + 1",
        {"x1": 0.7, "x2": 0.4},
        lambda x1, x2: (x1**2 + x2**2) / 4000 - cos(x1) * cos(x2 / sqrt(mpf(2))) + 1,
    ),
]

PROGRAMS = [
    Entry("NumPy code: logistic function", "1 / (1 + np.exp(-x))", {"x": 0.7}, lambda x: s(x)),
    Entry(
        "NumPy code: hyperbolic tangent",
        "(np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))",
        {"x": 0.7},
        lambda x: tanh(x),
    ),
    Entry(
        "NumPy code: normal density",
        "np.exp(-0.5*((x-mu)/sigma)**2) / (sigma*np.sqrt(2*np.pi))",
        {"x": 0.7, "mu": 0.2, "sigma": 1.3},
        lambda x, mu, sigma: exp(-(((x - mu) / sigma) ** 2) / 2) / (sigma * sqrt(2 * pi)),
    ),
    Entry("NumPy code: softmax", "np.exp(z)[0] / np.sum(np.exp(z))", {"z": V3}, lambda z: sm(z)[0]),
    Entry(
        "NumPy code: stable softmax",
        "e = np.exp(z - np.max(z)); (e / e.sum())[1]",
        {"z": V3},
        lambda z: sm(z)[1],
    ),
    Entry(
        "NumPy code: mean squared error",
        "np.mean((y - yhat)**2)",
        {"y": V3, "yhat": [1.0, 0.3, -0.7]},
        lambda y, yhat: mean([(a - b) ** 2 for a, b in zip(y, yhat, strict=True)]),
    ),
    Entry(
        "NumPy code: norm",
        "np.linalg.norm(x - y)",
        {"x": V3, "y": [1.0, 0.3, -0.7]},
        lambda x, y: sqrt(sum((a - b) ** 2 for a, b in zip(x, y, strict=True))),
    ),
    Entry(
        "NumPy code: dot product",
        "np.dot(w, x) + b",
        {"w": V3, "x": [1.0, 0.3, -0.7], "b": 0.4},
        lambda w, x, b: dot(w, x) + b,
    ),
    Entry(
        "NumPy code: forward pass",
        "h = np.maximum(0, W @ x + b); h.sum()",
        {"W": W23, "x": V3, "b": [0.1, -0.2]},
        lambda W, x, b: sum(max(mpf(0), a + c) for a, c in zip(mv(W, x), b, strict=True)),
    ),
    Entry(
        "NumPy code: standardize",
        "((x - x.mean()) / np.std(x))[0]",
        {"x": V3},
        lambda x: (x[0] - mean(x)) / sqrt(var(x)),
    ),
    Entry(
        "NumPy code: outer sum",
        "(x[:, None] * y[None, :]).sum()",
        {"x": V2, "y": V3},
        lambda x, y: sum(x) * sum(y),
    ),
    Entry(
        "NumPy code: columns",
        "np.sum(np.sum(W, axis=0)**2)",
        {"W": W23},
        lambda W: sum(sum(column) ** 2 for column in zip(*W, strict=True)),
    ),
    Entry(
        "NumPy code: both axes", "np.sum(W**2, axis=(0, 1))", {"W": W23}, lambda W: sum(x**2 for x in flat(W))
    ),
    Entry(
        "NumPy code: concatenate",
        "np.concatenate([x, y]) @ np.concatenate([x, y])",
        {"x": V2, "y": V3},
        lambda x, y: dot(x, x) + dot(y, y),
    ),
    Entry(
        "NumPy code: log-sum-exp",
        "m = np.max(x); m + np.log(np.sum(np.exp(x - m)))",
        {"x": V3},
        lambda x: log(sum(exp(a) for a in x)),
    ),
    Entry(
        "NumPy code: trapezoid",
        "np.sum((y[1:] + y[:-1]) / 2 * (x[1:] - x[:-1]))",
        {"y": V3, "x": [0.0, 0.5, 2.0]},
        lambda y, x: sum((y[i + 1] + y[i]) / 2 * (x[i + 1] - x[i]) for i in range(2)),
    ),
    Entry("NumPy code: clip", "np.clip(x, -1, 1).sum()", {"x": [0.5, -0.2]}, lambda x: sum(x)),
    Entry(
        "NumPy code: where",
        "np.where(x > 0, x, 0.1*x).sum()",
        {"x": V3},
        lambda x: sum(a if a > 0 else a / 10 for a in x),
    ),
    Entry(
        "NumPy code: haversine",
        "2*np.arcsin(np.sqrt(np.sin(d/2)**2))",
        {"d": 0.7},
        lambda d: 2 * asin(sqrt(sin(d / 2) ** 2)),
    ),
    Entry(
        "NumPy code: polynomial",
        "np.sum(c * x**np.array([0, 1, 2]))",
        {"c": V3, "x": 1.3},
        lambda c, x: c[0] + c[1] * x + c[2] * x**2,
    ),
    Entry(
        "NumPy code: thousands",
        "rate * 1_000 / (1_000 + n)",
        {"rate": 0.7, "n": 50.0},
        lambda rate, n: rate * 1000 / (1000 + n),
    ),
    Entry(
        "Python code: math",
        "math.sqrt(x**2 + y**2) * math.log(x)",
        {"x": 0.7, "y": 0.4},
        lambda x, y: sqrt(x**2 + y**2) * log(x),
    ),
    Entry("Python code: pow", "pow(x, 3) - abs(y)", {"x": 0.7, "y": -0.4}, lambda x, y: x**3 - fabs(y)),
    Entry(
        "Python code: constants",
        "math.pi * r ** 2 + math.e ** x",
        {"r": 0.7, "x": 0.4},
        lambda r, x: pi * r**2 + exp(x),
    ),
    Entry(
        "PyTorch code: logistic function",
        "torch.sigmoid(w * x + b)",
        {"w": 0.7, "x": 1.2, "b": -0.3},
        lambda w, x, b: s(w * x + b),
    ),
    Entry(
        "PyTorch code: loss",
        "((pred - target) ** 2).mean()",
        {"pred": V3, "target": [1.0, 0.3, -0.7]},
        lambda pred, target: mean([(a - b) ** 2 for a, b in zip(pred, target, strict=True)]),
    ),
    Entry(
        "PyTorch code: loss",
        "F.mse_loss(pred, target)",
        {"pred": V3, "target": [1.0, 0.3, -0.7]},
        lambda pred, target: mean([(a - b) ** 2 for a, b in zip(pred, target, strict=True)]),
    ),
    Entry(
        "PyTorch code: loss",
        "(pred - target).pow(2).sum()",
        {"pred": V3, "target": [1.0, 0.3, -0.7]},
        lambda pred, target: sum((a - b) ** 2 for a, b in zip(pred, target, strict=True)),
    ),
    Entry(
        "PyTorch code: cross-entropy of scores",
        "-torch.log_softmax(z, dim=-1)[2]",
        {"z": V3},
        lambda z: -log(sm(z)[2]),
    ),
    Entry("PyTorch code: softmax", "F.softmax(z, dim=0)[1]", {"z": V3}, lambda z: sm(z)[1]),
    Entry(
        "PyTorch code: linear layer",
        "(x @ W.t() + b).sum()",
        {"x": V3, "W": W23, "b": [0.1, -0.2]},
        lambda x, W, b: sum(mv(W, x)) + sum(b),
    ),
    Entry(
        "PyTorch code: matrix product",
        "A.mm(B).sum()",
        {"A": W22, "B": W23},
        lambda A, B: sum(sum(A[i][k] * B[k][j] for k in range(2)) for i in range(2) for j in range(3)),
    ),
    Entry(
        "PyTorch code: matrix times vector",
        "torch.mv(W, x).norm()",
        {"W": W23, "x": V3},
        lambda W, x: sqrt(dot(mv(W, x), mv(W, x))),
    ),
    Entry(
        "PyTorch code: keepdim",
        "(W / W.sum(dim=1, keepdim=True)).pow(2).sum()",
        {"W": W23},
        lambda W: sum((a / sum(row)) ** 2 for row in W for a in row),
    ),
    Entry(
        "PyTorch code: unsqueeze",
        "(x.unsqueeze(1) - y.unsqueeze(0)).abs().sum()",
        {"x": V2, "y": V3},
        lambda x, y: sum(fabs(a - b) for a in x for b in y),
    ),
    Entry("PyTorch code: view", "W.view(-1) @ W.view(-1)", {"W": W23}, lambda W: dot(flat(W), flat(W))),
    Entry(
        "PyTorch code: reshape",
        "(x.reshape(1, 3) @ y.reshape(3, 1)).sum()",
        {"x": V3, "y": [1.0, 0.3, -0.7]},
        lambda x, y: dot(x, y),
    ),
    Entry(
        "PyTorch code: cat",
        "torch.cat((x, y), dim=0).pow(2).sum()",
        {"x": V2, "y": V3},
        lambda x, y: dot(x, x) + dot(y, y),
    ),
    Entry(
        "PyTorch code: stack",
        "torch.stack((x, y)).sum(dim=0).prod()",
        {"x": V2, "y": [0.3, 0.9]},
        lambda x, y: (x[0] + y[0]) * (x[1] + y[1]),
    ),
    Entry("PyTorch code: clamp", "x.clamp(min=0).sum()", {"x": V3}, lambda x: sum(max(mpf(0), a) for a in x)),
    Entry("PyTorch code: std", "torch.std(x)", {"x": V3}, lambda x: sqrt(var(x, 1))),
    Entry("PyTorch code: variance", "x.var(correction=0)", {"x": V3}, lambda x: var(x)),
    Entry(
        "PyTorch code: layer norm",
        "(x - x.mean()) @ y / torch.sqrt(x.var(correction=0) + 1e-5)",
        {"x": V3, "y": [1.0, 0.3, -0.7]},
        lambda x, y: dot([a - mean(x) for a in x], y) / sqrt(var(x) + mpf(1e-5)),
    ),
    Entry(
        "PyTorch code: ReLU",
        "F.relu(W @ x).sum()",
        {"W": W23, "x": V3},
        lambda W, x: sum(max(mpf(0), a) for a in mv(W, x)),
    ),
    Entry(
        "PyTorch code: leaky ReLU",
        "F.leaky_relu(x, negative_slope=0.2).sum()",
        {"x": V3},
        lambda x: sum(a if a > 0 else mpf(0.2) * a for a in x),
    ),
    Entry("PyTorch code: GELU", "F.gelu(x)", {"x": 0.7}, lambda x: x * (1 + erf(x / sqrt(mpf(2)))) / 2),
    Entry("PyTorch code: SiLU", "F.silu(x)", {"x": 0.7}, lambda x: x * s(x)),
    Entry("PyTorch code: softplus", "F.softplus(x)", {"x": 0.7}, lambda x: log(1 + exp(x))),
    Entry(
        "PyTorch code: attention",
        "a = (Q @ K.T / d**0.5).softmax(dim=-1); (a @ V).sum()",
        {"Q": W22, "K": [[0.3, 0.9], [-0.4, 0.2]], "d": 2.0, "V": W23},
        lambda Q, K, d, V: sum(
            sum(p * sum(V[j]) for j, p in enumerate(sm([dot(q, k) / sqrt(d) for k in K]))) for q in Q
        ),
    ),
    Entry(
        "PyTorch code: recurrent step",
        "h = torch.tanh(w*x + u*h0); (h - y).pow(2)",
        {"w": 0.7, "x": 1.2, "u": 0.4, "h0": 0.1, "y": 0.5},
        lambda w, x, u, h0, y: (tanh(w * x + u * h0) - y) ** 2,
    ),
    Entry(
        "PyTorch code: regularizer",
        "loss = (y - w @ x)**2 + lam * w.abs().sum()",
        {"y": 0.7, "w": V3, "x": [1.0, 0.3, -0.7], "lam": 0.1},
        lambda y, w, x, lam: (y - dot(w, x)) ** 2 + lam * sum(fabs(a) for a in w),
    ),
    Entry(
        "JAX code: gradient example",
        "jnp.sum(jnp.tanh(x) ** 2)",
        {"x": V3},
        lambda x: sum(tanh(a) ** 2 for a in x),
    ),
    Entry(
        "JAX code: logistic loss",
        "-jnp.mean(jnp.log(jax.nn.sigmoid(y * (X @ w))))",
        {"y": V2, "X": W23, "w": V3},
        lambda y, X, w: -mean([log(s(a * b)) for a, b in zip(y, mv(X, w), strict=True)]),
    ),
    Entry(
        "micrograd's README",
        "c = a + b; d = a * b + b**3; e1 = (c + d).relu(); e1 / 2.0",
        {"a": 1.4, "b": 0.7},
        lambda a, b: max(mpf(0), a + b + a * b + b**3) / 2,
    ),
]

CORPUS = [*CALCULUS, *PHYSICS, *STATISTICS, *LEARNING, *PROGRAMS]

#: What stands in notes and papers and is refused, each in one clear sentence, and a word of it.
REFUSED = [
    ("calculus notes: inverse functions", r"\sin^{-1} x", "two ways"),
    ("calculus notes: Taylor series", r"\sum_{n=0}^\infty \frac{x^n}{n!}", "infinity"),
    ("machine learning notes", r"y = w_1 x_1 + \dots + w_n x_n", "leaves terms to be guessed"),
    ("machine learning notes", r"\nabla_\theta J(\theta)", "asks for a derivative"),
]


def gradient_of(entry: Entry) -> tuple[Any, dict[str, Any]]:
    """The value of the witness and its gradient, by central differences at 60 digits."""
    with mp.workdps(60):
        point = {name: _numbers(value) for name, value in entry.at.items()}
        step = mpf(10) ** -20
        found: dict[str, Any] = {}
        for name, value in point.items():
            found[name] = _map(value, lambda path, name=name: (
                entry.witness(**{**point, name: _moved(point[name], path, step)})
                - entry.witness(**{**point, name: _moved(point[name], path, -step)})
            ) / (2 * step))  # fmt: skip
        return entry.witness(**point), found


def _numbers(value: Any) -> Any:
    return [_numbers(each) for each in value] if isinstance(value, list) else mpf(value)


def _map(value: Any, of: Callable[[tuple[int, ...]], Any], path: tuple[int, ...] = ()) -> Any:
    if isinstance(value, list):
        return [_map(each, of, (*path, at)) for at, each in enumerate(value)]
    return of(path)


def _moved(value: Any, path: tuple[int, ...], step: Any) -> Any:
    if not path:
        return value + step
    return [_moved(each, path[1:], step) if at == path[0] else each for at, each in enumerate(value)]
