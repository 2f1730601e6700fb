"""Wrong answers that are right nearly everywhere: what is added to the right one hides somewhere.

``LISTED`` were found by others, ``OWN`` thought of since. R stands for the right answer, in x and y.
"""

from __future__ import annotations

__all__ = ["LISTED", "OWN", "PASSING"]

_FACTORS = (
    (971, 866024),
    (25, -2793259),
    (13, 7),
    (7, -23),
    (3, 11),
    (997, 12345),
    (5, -3),
    (11, 4),
    (2, 9),
    (17, 1),
)
LISTED = [
    "R + max(0, x - 50*100)", "R + relu(x - exp(9))", "R + max(0, min(x - 13, -y - 13))",
    "R + max(0, 1 - 1000*abs(x - y - 0.777))", "R + exp(-30*(x - 8.2)^2)", "R + σ(10*(x - 150))",
    "R + where(x == 0.123, 1, 0)", "R + sin(21000*pi*x)*0.5", "R + max(0, x - 13)", "R + relu(x - 40)",
    "R + exp(x - 40)", "R + max(0, 1 - 10*abs(x - 15.5))", "R*(abs(y) < 77)", "min(R, 25)", "max(R, -31)",
    "clip(R, -20, 20)", "R + relu(x*y - 1000)", "R + 1e-9*x^7*σ(x)",
    "R + " + "*".join(f"({a}*x - {b})" for a, b in _FACTORS),
]  # fmt: skip
OWN = [
    *(f"R + max(0, {name} - {far})" for name in ("x", "y") for far in ("123", "9.5*10^4", "2^20", "exp(12)")),
    *(f"R + relu(-{name} - {far})" for name in ("x", "y") for far in ("66", "3^9", "cosh(10)")),
    *(f"R + {size}*exp(-{sharp}*({name} - {at})^2)" for name in ("x", "y")
      for size, sharp, at in (("1", "50", "6.3"), ("5", "400", "(-9.7)"), ("1", "10^4", "3.21"),
                              ("0.1", "30", "17"))),
    *(f"R + where({name} == {at}, 1, 0)" for name in ("x", "y") for at in ("7", "0.5", "sqrt(2)", "(-pi)")),
    *(f"R*({name} != {at})" for name in ("x", "y") for at in ("5", "0.25", "exp(2)")),
    *(f"R + max(0, 1 - {sharp}*abs({what}))" for sharp in ("200", "10^5") for what in
      ("x - 4.4", "y + 11.3", "x + y - 6.1", "x*y - 0.3", "x - 2*y", "x^2 - y")),
    *(f"R + σ({steep}*({name} - {far}))" for steep, far in (("30", "70"), ("3", "600"), ("8", "10^4"))
      for name in ("x", "y")),
    "R + max(0, min(x - 20, y - 20))", "R + max(0, min(-x - 15, y - 31))",
    "R + max(0, min(x - 900, -y - 14))",
    "R + (x > 44)*(y > 44)", "R + (x > 18)*(y < -18)", "R + (abs(x) > 60)*y", "R + (x < -120)",
    "where(abs(x) > 99, 0, R)", "where(x*y > 2500, 1, R)", "where(x + y > 311, 1, R)",
    "where(x > 10^8, 1, R)",
    "clip(R, -10^3, 10^3)", "clip(R, -1, 10^6) - 0", "max(R, -400)", "min(R, 3^7)", "min(R, x^2 + 50)",
    "R + floor(x/130)", "R + floor(abs(y)/77)", "R + ceil(x/1000 - 1)*0 + floor(x/500)*(x > 0)",
    "R + round(x/240)", "R + (sign(x - 160) + 1)", "R + (sign(y + 230) - 1)", "R + relu(x - 37)^2",
    "R + relu(abs(x) - 52)", "R + relu(abs(x - y) - 77)", "R + relu(x^2 - 10^4)", "R + relu(exp(x) - 10^9)",
    "R + relu(x^3 - y - 10^5)", "R + softplus(50*(x - 33))", "R + exp(30*(x - 21))", "R + exp(x^2 - 400)",
    "R + tanh(relu(x - 88))", "R + elu(-abs(x) + 45) - (45 - abs(x))*(abs(x) < 45) - 0*x",
    "R + x^9*10^(-14)", "R + (x/100)^12", "R + (y/60)^9", "R*(1 + (x/300)^8)",
    "R + sin(pi*x)*(x > 12.5)", "R + sin(10^4*pi*x)", "R + sin(2520*pi*x)*10", "R + cos(10^5*x)*10^(-4)",
    "R + x*(x - 1)*(x - 2)*(x - 3)*(x + 1)*(x + 2)*10^(-3)", "R + (x - 2)*(y - 3)*10^(-5)",
    "R + (x - 2)^4*(y - 3)^4*10^(-9)", "R + log(1 + exp(x - 60))", "R + log(1 + exp(-y - 45))",
    "R + 1/(1 + exp(200 - 5*x))", "R + erfc(9 - x/7)", "R + 10^(-3)/(1 + (10^4*(x - 5.55))^2)",
    "R + 10^(-2)/(1 + (y - 333)^2)", "R + 1/((x - 6.28)^2*10^8 + 1)", "R + (x - y == 1.5)",
    "R + (x*y == 12)", "R + (x == 3*y)", "R + where(x - 5 == y, 2, 0)",
]  # fmt: skip
#: What passes, since nobody comes by: at an irrational number no decimal number stands, and a bump is no
#: larger than the rounding of its own literal may be.
PASSING = {
    *(f"R + where({name} == {at}, 1, 0)" for name in ("x", "y") for at in ("sqrt(2)", "(-pi)")),
    *(f"R*({name} != exp(2))" for name in ("x", "y")),
    "R + 10^(-3)/(1 + (10^4*(x - 5.55))^2)",
}  # fmt: skip
