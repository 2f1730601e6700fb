"""Special functions, and a few that NumPy, PyTorch and JAX have by name."""

from __future__ import annotations

import math
from typing import Any

from backtrace_cli.ops.activations import softplus, softplus_array
from backtrace_cli.ops.arithmetic import divide
from backtrace_cli.ops.exponential import log
from backtrace_cli.ops.nothing import COUNT, EVERYWHERE
from backtrace_cli.ops.spec import Domain, Kink, Op
from backtrace_cli.ops.trigonometric import cos, sin, tan

_ANY = ((0.5,), (-1.2,), (2.5,))
#: Above this the asymptotic series of the polygammas has all the digits of a double.
_FAR = 20.0
#: The Bernoulli numbers B₂, B₄ … B₁₆.
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)


def loggamma(a: float) -> float:
    """log |Γ(a)|; nan at its poles, inf where it is too large."""
    try:
        return math.lgamma(a)
    except ValueError:
        return math.nan
    except OverflowError:
        return math.inf


def digamma(a: float) -> float:
    """Γ′/Γ: by its recurrence to where the asymptotic series holds, by reflection on the left."""
    if a != a or a == -math.inf:
        return math.nan
    if a <= 0:
        if a == math.floor(a):
            return math.nan
        return digamma(1 - a) - math.pi / math.tan(math.pi * (a - math.floor(a)))
    terms = []
    while a < _FAR:
        terms.append(-1 / a)
        a += 1
    series = [-b / (2 * k * a ** (2 * k)) for k, b in enumerate(_BERNOULLI, 1)] if a < 1e18 else []
    return math.fsum([math.log(a), -0.5 / a, *series, *terms]) if a < math.inf else a


def polygamma(n: float, a: float) -> float:
    """The n-th derivative of digamma, for a above 0: n!·Σ 1/(a + k)^(n+1), with a sign."""
    if n == 0:
        return digamma(a)
    if not 0 <= n <= 100 or n != math.floor(n) or not a > 0:
        return math.nan
    order, terms, factorial = int(n), [0.0], math.factorial(int(n))
    far = _FAR + order
    try:
        while a < far:
            terms.append(a ** -(order + 1))
            a += 1
        terms += [a**-order / order, a ** -(order + 1) / 2]
        for k, b in enumerate(_BERNOULLI, 1):
            rising = math.prod(range(order + 1, order + 2 * k))
            terms.append(b * rising / math.factorial(2 * k) * a ** -(order + 2 * k))
        return float((-1) ** (order + 1) * factorial * math.fsum(terms))
    except OverflowError:
        return math.copysign(math.inf, (-1) ** (order + 1))


def mod(a: float, b: float) -> float:
    """What is left of a when b is taken off whole times; it has the sign of b."""
    if b == 0 or not math.isfinite(a) or b != b:
        return math.nan
    return a % b if math.isfinite(b) else (a if a == 0 or (a > 0) == (b > 0) else b)


def mod_exact(a: Any, b: Any) -> Any:
    """``mod`` of fractions."""
    return a % b if b else math.nan


def sinc(a: float) -> float:
    """sin(πa)/(πa), 1 at 0."""
    return 1.0 if a == 0 else sin(math.pi * a) / (math.pi * a)


def sinc_slope(a: float) -> float:
    """The derivative of sinc, by its series near 0, where its text loses its digits."""
    if abs(a) < 0.1:
        square, term, total = (math.pi * a) ** 2, -((math.pi) ** 2) * a / 3, 0.0
        for k in range(1, 9):
            total += term
            term *= -square * (2 * k + 2) / (2 * k * (2 * k + 2) * (2 * k + 3))
        return total
    return divide(cos(math.pi * a) - sinc(a), a)


def sec(a: float) -> float:
    """1/cos."""
    return divide(1.0, cos(a))


def csc(a: float) -> float:
    """1/sin."""
    return divide(1.0, sin(a))


def cot(a: float) -> float:
    """cos/sin."""
    return divide(1.0, tan(a))


def sec_array(a: Any) -> Any:
    """``sec`` over arrays."""
    import numpy as np

    return 1 / np.cos(a)


def csc_array(a: Any) -> Any:
    """``csc`` over arrays."""
    import numpy as np

    return 1 / np.sin(a)


def cot_array(a: Any) -> Any:
    """``cot`` over arrays."""
    import numpy as np

    return 1 / np.tan(a)


def logsigmoid(a: float) -> float:
    """log σ(a), without overflow."""
    return -softplus(-a)


def logsigmoid_array(a: Any) -> Any:
    """``logsigmoid`` over arrays."""
    return -softplus_array(-a)


def logaddexp(a: float, b: float) -> float:
    """log(e^a + e^b), the larger one taken out first."""
    top = max(a, b)
    if a != a or b != b:
        return math.nan
    return top if math.isinf(top) else top + math.log1p(math.exp(-abs(a - b)))


def xlogy(a: float, b: float) -> float:
    """a·log b, 0 where a is 0 whatever b."""
    if b != b or b < 0:
        return math.nan
    return 0.0 if a == 0 else a * log(b)


def xlogy_array(a: Any, b: Any) -> Any:
    """``xlogy`` over arrays."""
    import numpy as np

    return np.where((np.equal(a, 0)) & (np.asarray(b) >= 0), 0.0, np.multiply(a, np.log(b)))


def logit(a: float) -> float:
    """log(a/(1 − a)), the inverse of σ."""
    if not 0 <= a <= 1:
        return math.nan
    return log(a) - (math.log1p(-a) if a < 1 else -math.inf)


def logit_array(a: Any) -> Any:
    """``logit`` over arrays."""
    import numpy as np

    return np.log(a) - np.log1p(-a)


def passed(a: float) -> float:
    """a itself."""
    return a


OPS = (
    Op("lgamma", "a", "log |Γ(a)|, the logarithm of the gamma function", float=loggamma,
       partials=("digamma(a)",),
       domain=Domain("(a > 0) + (a != floor(a))", "Γ has no value at 0, −1, −2 …"), logarithm=False,
       aliases=("gammaln", "loggamma"), yields="*",
       why="The slope of log Γ is digamma by its definition.",
       samples=((0.5,), (3.5,), (40.0,)), refuses=((-2.0,),)),
    Op("digamma", "a", "slope of log Γ(a)", float=digamma, partials=("polygamma(1, a)",),
       domain=Domain("(a > 0) + (a != floor(a))", "Γ has no value at 0, −1, −2 …"), aliases=("psi",),
       yields="*", why="The slope of digamma is polygamma(1, a), the next of the row.",
       samples=((0.5,), (3.5,), (40.0,)), refuses=((-2.0,),)),
    Op("polygamma", "n a", "the n-th derivative of digamma(a), a above 0", float=polygamma,
       partials=(COUNT, "polygamma(n + 1, a)"),
       domain=Domain("(a > 0)*(n >= 0)*(n == floor(n))",
                     "polygamma needs a number above 0 and a whole order"),
       yields="*", why="Each of the row is the slope of the one before.",
       samples=((1.0, 0.5), (2.0, 3.5), (0.0, 2.5)), refuses=((1.0, -2.5),)),
    Op("mod", "a b", "what is left of a when b is taken off whole times; it has the sign of b, as in NumPy "
       "and Python", float=mod, partials=("1", "-floor(a/b)"), numpy="mod", fraction=mod_exact,
       means="a - b*floor(a/b)",
       kinks=(Kink("a/b == floor(a/b)", (None,), "the remainder jumps here", kind="jump"),),
       aliases=("remainder",), yields="*",
       why="Between its jumps it is a less a whole number of times b.",
       samples=((7.3, 2.0), (-7.3, 2.0), (5.5, -1.5))),
    Op("sinc", "a", "sin(π·a)/(π·a), 1 at 0, as NumPy and PyTorch have it", float=sinc,
       partials=("(cos(pi*a) - out)/a",), stable=("sinc_slope(a)",), numpy="sinc",
       means="where(a == 0, 1, sin(pi*a)/(pi*a))",
       kinks=(Kink("a == 0", ("0",), "", kind="limit"),), yields="*",
       why="It is a quotient, so its slope is the quotient rule's.", samples=((0.3,), (-1.7,), (2.5,))),
    Op("sinc_slope", "a", "slope of sinc, exact near 0", float=sinc_slope,
       means="where(a == 0, 0, (cos(pi*a) - sin(pi*a)/(pi*a))/a)",
       partials=("-pi^2*sinc(a) - 2*out/a",), kinks=(Kink("a == 0", ("-pi^2/3",), "", kind="limit"),),
       internal=True, why="From the equation that sinc satisfies.", samples=((0.3,), (-1.7,), (0.05,))),
    Op("sec", "a", "1/cos(a)", float=sec, partials=("out*tan(a)",), numpy=sec_array, means="1/cos(a)",
       yields="*",
       why="The slope of 1/cos is sin/cos², which is sec·tan.", samples=_ANY),
    Op("csc", "a", "1/sin(a)", float=csc, partials=("-out*cot(a)",), numpy=csc_array, means="1/sin(a)",
       yields="*",
       why="The slope of 1/sin is −cos/sin², which is −csc·cot.", samples=_ANY),
    Op("cot", "a", "1/tan(a)", float=cot, partials=("-(1 + out^2)",), numpy=cot_array, means="1/tan(a)",
       yields="*",
       why="The slope of cos/sin is −1/sin², which is −(1 + cot²).", samples=_ANY),
    Op("logsigmoid", "a", "log σ(a), without overflow", float=logsigmoid, partials=("sigmoid(-a)",),
       numpy=logsigmoid_array, means="-log(1 + exp(-a))", logarithm=True, reach=4.0,
       aliases=("log_sigmoid",), yields="*", why="σ′/σ is 1 − σ, and that is σ of −a.",
       samples=(*_ANY, (-12.0,))),
    Op("logaddexp", "a b", "log(e^a + e^b), without overflow", float=logaddexp,
       partials=("exp(a - out)", "exp(b - out)"), stable=("σ(a - b)", "σ(b - a)"), numpy="logaddexp",
       means="log(exp(a) + exp(b))", logarithm=True, yields="*",
       why="Each has the share e^a of the sum, so it gets that share.",
       samples=((0.5, 1.5), (-3.0, 2.0), (40.0, 1.0))),
    Op("xlogy", "a b", "a·log(b), 0 where a is 0", float=xlogy, partials=("log(b)", "a/b"), numpy=xlogy_array,
       means="where(a == 0, 0, a*log(b))", needs=("target", ""),
       domain=Domain("b >= 0", "log needs a positive number"),
       kinks=(Kink("(a == 0)*(b == 0)", (None, "0"), "", kind="limit"),), yields="*",
       why="It is a product, so each factor gets the other one's part.",
       samples=((1.5, 2.0), (-0.7, 0.3)), refuses=((1.0, -1.0),)),
    Op("logit", "a", "log(a/(1 − a)), the inverse of σ", float=logit, partials=("1/(a*(1 - a))",),
       numpy=logit_array, means="log(a) - log(1 - a)", logarithm=True,
       domain=Domain("(a >= 0)*(a <= 1)", "logit needs a number from 0 to 1"), yields="*",
       why="The slope of an inverse is one over the slope of σ.",
       samples=((0.3,), (0.85,), (0.01,)), refuses=((1.5,),)),
    Op("stop_gradient", "a", "a itself, with no gradient passed", float=passed, partials=("0",),
       numpy="positive",
       fraction=passed, aliases=("detach",), yields="*",
       kinks=(Kink(EVERYWHERE, ("0",), "the gradient is stopped here: the slope is 1, and 0 is taken"),),
       why="It says that its input is to be taken as a constant, so nothing is passed on.",
       samples=((1.5,), (-0.7,))),
)  # fmt: skip
