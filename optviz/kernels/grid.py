"""The values of a function of two variables on a grid."""

from typing import Any

import numpy as np

from optviz.functions import Function
from optviz.kernels.specialise import compiled, fingerprint, specialise

VALUE: Any = None  # bound by specialise


def grid(xs, ys, values):
    for i in range(ys.size):
        for j in range(xs.size):
            values[i, j] = VALUE(xs[j], ys[i])


def grid_kernel(function: Function) -> Any:
    """A function at every point of a grid, in float64.

    Parameters
    ----------
    function : Function

    Returns
    -------
    kernel
        ``kernel(xs, ys, values)`` writes ``f(xs[j], ys[i])`` to ``values[i, j]``; `xs` ``(nx,)``, `ys` ``(ny,)`` and
        `values` ``(ny, nx)`` are float64 and contiguous.
    """
    return specialise(grid, function.name, fingerprint(function.value), VALUE=compiled(function.value, np.float64))
