"""The second derivatives of a function at one point, as solvers ask for them."""

from functools import cache
from typing import Any

import numpy as np

from optviz.functions import Function
from optviz.kernels.cache import ADDRESSED
from optviz.kernels.indirect import address
from optviz.kernels.specialise import compiled, fingerprint, specialise
from optviz.kernels.tile_parts import function_label

HESSIAN: Any = None  # bound by `specialise`: the second derivatives, or their product with a vector


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
