"""Derivatives of formulas by other means than their gradients."""

import ast
import math
from collections.abc import Callable, Sequence
from types import FunctionType, SimpleNamespace

import numpy as np

from optviz.formulas.sources import references, tree_of
from optviz.functions import Function
from tests.functions.classics import gradient_at, value_at

STEP = 1e-30  # of the complex step: no difference is taken, so it may be as small as it likes
EDGE = 1e-13  # of a border's coordinate: whose bound is no round number is on it to rounding


def _fabs(z):
    """|z| continued off the real line: analytic on either side of 0."""
    return -z if z.real < 0 else z


def _largest(*zs):
    return max(zs, key=lambda z: z.real)


def _least(*zs):
    return min(zs, key=lambda z: z.real)


def _power(z, exponent):
    """Numbers below 0 have whole powers only; NumPy takes the logarithm of all."""
    whole = exponent.imag == 0 and float(exponent.real).is_integer() and abs(exponent.real) < 100
    return z ** int(exponent.real) if whole else np.power(z, exponent)


COMPLEX_MATH = SimpleNamespace(
    **{name: getattr(np, name) for name in ("sqrt", "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: getattr(np, f"arc{name[1:]}") for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
    **{name: getattr(np, name) for name in ("log2", "log10", "log1p", "expm1", "exp2")},
    **{f.__name__: lambda z, f=f: float(f(z.real)) for f in (math.floor, math.ceil, math.trunc)},
    hypot=lambda u, v: np.sqrt(u * u + v * v),
    copysign=lambda u, v: _fabs(u) * math.copysign(1.0, v.real),
    pow=_power,
    fabs=_fabs,
    pi=math.pi,
    tau=math.tau,
    e=math.e,
)
BUILT_IN = {"abs": _fabs, "max": _largest, "min": _least}


def on_complex(formula: Callable) -> Callable:
    """A formula with the functions of ``math`` replaced by those that take complex numbers."""

    def replaced(value):
        if value is math:
            return COMPLEX_MATH
        if callable(value) and getattr(value, "__module__", None) == "math":
            return getattr(COMPLEX_MATH, value.__name__, value)
        return on_complex(value) if isinstance(value, FunctionType) else value

    scope = {name: replaced(value) for name, value in formula.__globals__.items() if name in formula.__code__.co_names}
    return FunctionType(formula.__code__, scope | BUILT_IN)


def used(formula: Callable) -> set[str]:
    """The functions and operators that a formula uses, and those that it calls."""
    found = {type(node).__name__ for node in ast.walk(tree_of(formula)) if isinstance(node, ast.operator | ast.cmpop)}
    for text, value in references(formula).items():
        if isinstance(value, FunctionType):
            found |= used(value)
        else:
            found.add(getattr(value, "__name__", text))
    return found


def is_analytic(formula: Callable) -> bool:
    """Whether the complex step can be taken: no function that has no form of complex numbers."""
    return not used(formula) & {"Mod", "FloorDiv", "erf", "erfc", "gamma", "lgamma", "atan2", "fmod", "round"}


def slope(value: Callable, x: float, y: float) -> np.ndarray:
    """(2,) float64: the gradient by the complex step, exact to rounding.

    Squire & Trapp 1998, SIAM Review 40(1), 110-112.
    """
    f = on_complex(value)
    along_x = f(np.complex128(complex(x, STEP)), np.complex128(y))
    along_y = f(np.complex128(x), np.complex128(complex(y, STEP)))
    return np.array([along_x.imag, along_y.imag]) / STEP


def general_slope(unit: Function, x: np.ndarray) -> np.ndarray:
    """(n,) float64: the gradient of a function of one sequence by the complex step."""
    f, memory = on_complex(unit.value), [[math.nan] * unit.scratch] * bool(unit.scratch)
    return np.array([f(list(x + STEP * 1j * axis), *memory).imag for axis in np.eye(len(x))]) / STEP


def complex_slope(unit: Function, point: Sequence[float]) -> np.ndarray:
    """(n,) float64: the gradient of a function of two variables or of a sequence by the complex step."""
    if unit.dimension is None:
        return slope(unit.value, *map(float, point))
    return general_slope(unit, np.array(point, float))


def central_slope(f: Callable, point: Sequence[float], steps: Sequence[float]) -> np.ndarray:
    """(n,) float64: the gradient by central differences of fourth order, f of a sequence."""
    result = []
    for k, step in enumerate(steps):
        moved = [np.array(point, float) for _ in range(4)]
        for one, factor in zip(moved, (1, -1, 2, -2), strict=True):
            one[k] += factor * step
        a, b, c, d = map(f, moved)
        result.append((8 * (a - b) - (c - d)) / (12 * step))
    return np.array(result)


def width(unit: Function) -> float:
    """The shorter side of the bounds."""
    return min(high - low for low, high in unit.bounds)


def borders(unit: Function, point: Sequence[float]) -> list[int]:
    """For each coordinate -1 on the lower bound, 1 on the upper, else 0."""

    def on(value: float, end: float) -> bool:
        return abs(value - end) <= EDGE * max(1.0, abs(end))

    return [on(value, high) - on(value, low) for value, (low, high) in zip(point, unit.bounds, strict=True)]


def free_curvature(unit: Function, point: Sequence[float]) -> np.ndarray:
    """The Hessian for the coordinates that are not on a border, by central differences of the gradient."""
    step = 1e-6 * width(unit)
    sides = borders(unit, point)
    centre = np.array(point, float) - 2 * step * np.array(sides)
    rows = [
        np.subtract(gradient_at(unit, centre + step * axis), gradient_at(unit, centre - step * axis)) / (2 * step)
        for axis in np.eye(len(centre))
    ]
    hessian = np.array(rows)
    free = [i for i, side in enumerate(sides) if not side]
    return ((hessian + hessian.T) / 2)[np.ix_(free, free)]


def values_of(unit: Function) -> Callable:
    """A function of points, NaN where it has no value."""
    return lambda point: value_at(unit, point)
