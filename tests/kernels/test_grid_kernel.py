"""A function on a grid: what the function gives, point by point."""

import numpy as np
import pytest

from optviz.kernels.grid import grid_kernel
from tests.kernels.plain import FUNCTIONS_BY_NAME


@pytest.mark.thin(5)
@pytest.mark.parametrize("function", FUNCTIONS_BY_NAME.values(), ids=FUNCTIONS_BY_NAME)
def test_equal_to_plain_python(function):
    (x_low, x_high), (y_low, y_high) = function.bounds
    xs, ys = np.linspace(x_low, x_high, 11), np.linspace(y_low, y_high, 7)
    values = np.empty((7, 11))
    grid_kernel(function)(xs, ys, values)
    expected = [[function.value(x, y) for x in xs.tolist()] for y in ys.tolist()]
    np.testing.assert_allclose(values, expected, rtol=1e-13, atol=1e-13 * np.abs(expected).max())
