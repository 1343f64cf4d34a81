"""The second derivatives of a function at one point, as solvers ask for them, or those of its squares alone."""

from functools import cache
from typing import Any

import numpy as np

from optviz.formulas.derive import gradient_of
from optviz.functions import Function
from optviz.kernels.cache import ADDRESSED
from optviz.kernels.indirect import address
from optviz.kernels.specialise import compiled, fingerprint, specialise
from optviz.kernels.tile_parts import function_label

JACOBIAN: Any = None  # bound by `specialise`: the slopes of all residuals
HESSIAN: Any = None  # the second derivatives, or their product with a vector


def hessian_pair(x, h, work):
    h[0], h[1], h[3] = HESSIAN(x[0], x[1])
    h[2] = h[1]


def hessian_columns(x, h, work):
    n = len(x)
    along, slope = work[:n], work[n:]
    for k in range(n):
        for c in range(n):
            along[c] = 0.0
        along[k] = 1.0
        HESSIAN(x, along, slope, h[k * n : (k + 1) * n])


def normal_pair(x, h, work):
    slopes = JACOBIAN(x[0], x[1])
    xx, xy, yy = 0.0, 0.0, 0.0
    for k in range(len(slopes) // 2):
        a, b = slopes[2 * k], slopes[2 * k + 1]
        xx, xy, yy = xx + a * a, xy + a * b, yy + b * b
    h[0], h[1], h[2], h[3] = 2 * xx, 2 * xy, 2 * xy, 2 * yy


@cache
def hessian_address(function: Function) -> int:
    """The address of ``hessian(x, h, work)``: a point of n numbers, the n * n that it writes, and 2 n of room."""
    pair = function.dimension is None
    second = compiled(function.hessian, np.float64)
    label = function_label(function, np.float64)
    template = hessian_pair if pair else hessian_columns
    kernel = specialise(template, label, fingerprint(function.hessian), ADDRESSED, HESSIAN=second)
    row = np.empty(0)
    return address(kernel, row, row, row)


@cache
def normal_address(function: Function) -> int:
    """The address of what writes twice the Jacobian of a function's residuals times itself, as `hessian_address`."""
    assert function.residuals is not None
    slopes = gradient_of(function.residuals)
    label = function_label(function, np.float64)
    names = {"JACOBIAN": compiled(slopes, np.float64)}
    kernel = specialise(normal_pair, label, fingerprint(slopes), ADDRESSED, **names)
    row = np.empty(0)
    return address(kernel, row, row, row)
