"""Powers that are the same on every processor: number by number, by the C library's ``pow``, as Python's own are.

NumPy takes another path where the processor has AVX-512, and there one power in seven differs in its last bit. Sums,
products and quotients are rounded alike on every path.
"""

from typing import Any

import numpy as np

from optviz.kernels.cache import cached_jit
from optviz.kernels.delay_interrupt import delay_interrupt


def powers(bases, exponents, results):
    for i in range(results.size):
        results[i] = bases[i] ** exponents[i]


_kernel = cached_jit(powers)


class Powered(np.ndarray):
    """An array of float64 whose powers, ``array**x`` and ``x**array``, are those of ``math.pow``."""

    def __pow__(self, exponent: Any) -> "Powered":  # type: ignore[override]
        return _power(self, exponent)

    def __rpow__(self, base: Any) -> "Powered":  # type: ignore[override]
        return _power(base, self)


def powered(numbers: Any) -> Powered:
    """Numbers as float64 whose powers are the same on every processor."""
    return np.asarray(numbers, np.float64).view(Powered)


def _power(base: Any, exponent: Any) -> Powered:
    bases, exponents = np.broadcast_arrays(np.asarray(base, np.float64), np.asarray(exponent, np.float64))
    results = np.empty(bases.shape)
    with delay_interrupt():  # the first call compiles
        _kernel(bases.flatten(), exponents.flatten(), results.reshape(-1))
    return results.view(Powered)
