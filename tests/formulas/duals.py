"""Dual numbers: formulas carried out with a derivative beside each number, and with a second one beside that.

Another way to the same derivatives, by operators of Python and not by reading formulas.
"""

import math
from collections.abc import Callable
from numbers import Real
from types import FunctionType

import numpy as np

from optviz.formulas.partials import digamma, trigamma  # tested against numbers that are known

_largest = [0.0]


class Dual:
    """v + d ε with ε² = 0; both may be dual themselves."""

    def __init__(self, v, d):
        self.v, self.d = v, d
        if isinstance(v, float):
            _largest[0] = max(_largest[0], abs(v), abs(bare(d)))

    def __add__(self, other):
        return Dual(self.v + value(other), self.d + slope(other))

    def __sub__(self, other):
        return Dual(self.v - value(other), self.d - slope(other))

    def __rsub__(self, other):
        return Dual(other - self.v, -self.d)

    def __mul__(self, other):
        return Dual(self.v * value(other), self.d * value(other) + self.v * slope(other))

    def __truediv__(self, other):
        quotient = self.v / value(other)
        return Dual(quotient, (self.d - quotient * slope(other)) / value(other))

    def __rtruediv__(self, other):
        return Dual(other, 0.0) / self

    def __pow__(self, n):
        if isinstance(n, Real) and float(n).is_integer():
            below = 0.0 if n == 0 else n * (1.0 if n == 1 else self.v ** (int(n) - 1))
            return Dual(self.v ** int(n), below * self.d)
        return of("exp")(n * of("log")(self))

    def __rpow__(self, base):
        return of("exp")(self * math.log(base))

    def __mod__(self, other):
        return self - other * math.floor(bare(self) / bare(other))

    def __neg__(self):
        return Dual(-self.v, -self.d)

    def __pos__(self):
        return self

    def __abs__(self):
        return self if bare(self) > 0 else -self if bare(self) < 0 else Dual(abs(self.v), 0.0 * self.d)

    def __lt__(self, other):
        return bare(self) < bare(other)

    def __le__(self, other):
        return bare(self) <= bare(other)

    def __gt__(self, other):
        return bare(self) > bare(other)

    def __ge__(self, other):
        return bare(self) >= bare(other)

    def __eq__(self, other):
        return bare(self) == bare(other)

    def __ne__(self, other):
        return bare(self) != bare(other)

    __hash__ = None
    __radd__, __rmul__ = __add__, __mul__


def value(u):
    return u.v if isinstance(u, Dual) else u


def slope(u):
    return u.d if isinstance(u, Dual) else 0.0


def bare(u):
    return bare(u.v) if isinstance(u, Dual) else u


def of(name: str) -> Callable:
    """A function of ``math``, of numbers and dual ones."""

    def function(u, *others):
        if not any(isinstance(one, Dual) for one in (u, *others)):
            return {"digamma": digamma, "trigamma": trigamma}.get(name, getattr(math, name, None))(u, *others)
        if name in SEVERAL:
            return SEVERAL[name](u, *others)
        result = function(u.v)
        return Dual(result, SLOPES[name](u.v, result) * u.d)

    return function


SLOPES = {
    "sqrt": lambda u, f: 0.5 / f,
    "cbrt": lambda u, f: f / (3 * u),
    "exp": lambda u, f: f,
    "exp2": lambda u, f: f * math.log(2),
    "expm1": lambda u, f: of("exp")(u),
    "log": lambda u, f: 1 / u,
    "log2": lambda u, f: 1 / (u * math.log(2)),
    "log10": lambda u, f: 1 / (u * math.log(10)),
    "log1p": lambda u, f: 1 / (1 + u),
    "sin": lambda u, f: of("cos")(u),
    "cos": lambda u, f: -of("sin")(u),
    "tan": lambda u, f: 1 / of("cos")(u) ** 2,
    "asin": lambda u, f: 1 / of("sqrt")(1 - u * u),
    "acos": lambda u, f: -1 / of("sqrt")(1 - u * u),
    "atan": lambda u, f: 1 / (1 + u * u),
    "sinh": lambda u, f: of("cosh")(u),
    "cosh": lambda u, f: of("sinh")(u),
    "tanh": lambda u, f: 1 / of("cosh")(u) ** 2,
    "asinh": lambda u, f: 1 / of("sqrt")(1 + u * u),
    "acosh": lambda u, f: 1 / of("sqrt")(u * u - 1),
    "atanh": lambda u, f: 1 / (1 - u * u),
    "erf": lambda u, f: 2 / math.sqrt(math.pi) * of("exp")(-u * u),
    "erfc": lambda u, f: -2 / math.sqrt(math.pi) * of("exp")(-u * u),
    "gamma": lambda u, f: of("gamma")(u) * of("digamma")(u),
    "lgamma": lambda u, f: of("digamma")(u),
    "digamma": lambda u, f: of("trigamma")(u),
    "floor": lambda u, f: 0.0,
    "ceil": lambda u, f: 0.0,
    "trunc": lambda u, f: 0.0,
    "degrees": lambda u, f: 180 / math.pi,
    "radians": lambda u, f: math.pi / 180,
}


def _atan2(u, v):
    square = value(u) * value(u) + value(v) * value(v)
    return Dual(of("atan2")(value(u), value(v)), (value(v) * slope(u) - value(u) * slope(v)) / square)


SEVERAL = {
    "hypot": lambda u, v: of("sqrt")(u * u + v * v),
    "atan2": _atan2,
    "copysign": lambda u, v: abs(u) * math.copysign(1.0, bare(v)),
    "fmod": lambda u, v: u - v * math.trunc(bare(u) / bare(v)),
    "pow": lambda u, v: u**v,
    "fabs": abs,
}


def on_duals(formula: Callable) -> Callable:
    """A formula, and what it calls, on dual numbers."""

    def replaced(thing):
        if callable(thing) and getattr(thing, "__module__", None) == "math":
            return of(thing.__name__)
        return on_duals(thing) if isinstance(thing, FunctionType) else thing

    scope = {name: replaced(thing) for name, thing in formula.__globals__.items() if name in formula.__code__.co_names}
    return FunctionType(formula.__code__, scope | {"float": lambda u: u if isinstance(u, Dual) else float(u)})


def jet(formula: Callable, point, whole: bool = False) -> tuple[np.ndarray, np.ndarray, float]:
    """Gradient and Hessian of a formula, of numbers or, `whole`, of one sequence; and the largest number on the way."""
    f, n = on_duals(formula), len(point)
    gradient, hessian = np.empty(n), np.empty((n, n))
    _largest[0] = 1.0
    for i in range(n):
        for j in range(i, n):
            inner = [Dual(float(one), float(k == i)) for k, one in enumerate(point)]
            given = [Dual(one, Dual(float(k == j), 0.0)) for k, one in enumerate(inner)]
            result = f(given) if whole else f(*given)
            first = value(result)
            gradient[i] = slope(first) if isinstance(first, Dual) else 0.0
            second = slope(result)
            hessian[i, j] = hessian[j, i] = slope(second) if isinstance(second, Dual) else 0.0
    return gradient, hessian, _largest[0]
