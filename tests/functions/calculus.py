"""Derivatives of formulas by other means than their gradients."""

import math
from collections.abc import Callable
from types import FunctionType, SimpleNamespace

import numpy as np

from optviz.functions import Function

STEP = 1e-30  # of the complex step: no difference is taken, so it may be as small as it likes


def _fabs(z):
    """|z| continued off the real line: analytic on either side of 0."""
    return -z if z.real < 0 else z


COMPLEX_MATH = SimpleNamespace(
    **{name: getattr(np, name) for name in ("sqrt", "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    fabs=_fabs,
    pi=math.pi,
    e=math.e,
)


def on_complex(formula: Callable) -> Callable:
    """A formula with the functions of ``math`` replaced by those that take complex numbers."""

    def replaced(value):
        if value is math:
            return COMPLEX_MATH
        if callable(value) and getattr(value, "__module__", None) == "math":
            return getattr(COMPLEX_MATH, value.__name__, value)
        return on_complex(value) if isinstance(value, FunctionType) else value

    scope = {name: replaced(value) for name, value in formula.__globals__.items() if name in formula.__code__.co_names}
    return FunctionType(formula.__code__, scope | {"abs": _fabs})


def slope(value: Callable, x: float, y: float) -> np.ndarray:
    """(2,) float64: the gradient by the complex step, exact to rounding.

    Squire & Trapp 1998, SIAM Review 40(1), 110-112.
    """
    f = on_complex(value)
    along_x = f(np.complex128(complex(x, STEP)), np.complex128(y))
    along_y = f(np.complex128(x), np.complex128(complex(y, STEP)))
    return np.array([along_x.imag, along_y.imag]) / STEP


def general_slope(value: Callable, x: np.ndarray) -> np.ndarray:
    """(n,) float64: the gradient of a function of one sequence by the complex step."""
    f = on_complex(value)
    return np.array([f(list(x + STEP * 1j * unit)).imag for unit in np.eye(len(x))]) / STEP


def central_slope(f: Callable, x: float, y: float, step: float) -> np.ndarray:
    """(2,) float64: the gradient by central differences of fourth order."""
    along_x = 8 * (f(x + step, y) - f(x - step, y)) - (f(x + 2 * step, y) - f(x - 2 * step, y))
    along_y = 8 * (f(x, y + step) - f(x, y - step)) - (f(x, y + 2 * step) - f(x, y - 2 * step))
    return np.array([along_x, along_y]) / (12 * step)


def width(unit: Function) -> float:
    """The shorter side of the bounds."""
    return min(high - low for low, high in unit.bounds)


def borders(unit: Function, point: tuple[float, float]) -> list[int]:
    """For each coordinate -1 on the lower bound, 1 on the upper, else 0."""
    return [(value == high) - (value == low) for value, (low, high) in zip(point, unit.bounds, strict=True)]


def free_curvature(unit: Function, point: tuple[float, float]) -> np.ndarray:
    """The Hessian for the coordinates that are not on a border, by central differences of the gradient."""
    step = 1e-6 * width(unit)
    sides = borders(unit, point)
    x, y = (value - 2 * step * side for value, side in zip(point, sides, strict=True))
    along_x = np.subtract(unit.gradient(x + step, y), unit.gradient(x - step, y)) / (2 * step)
    along_y = np.subtract(unit.gradient(x, y + step), unit.gradient(x, y - step)) / (2 * step)
    hessian = np.array([along_x, along_y])
    free = [i for i, side in enumerate(sides) if not side]
    return ((hessian + hessian.T) / 2)[np.ix_(free, free)]
