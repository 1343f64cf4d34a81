"""Random signs in 32-bit arithmetic are those of the kernels, bit for bit."""

import numpy as np
import pytest

from optviz.formulas.philox import bits
from optviz.kernels.random import random_signs


@pytest.mark.parametrize("step", [1, 2, 1000, 2**31, 2**32 - 1])
def test_signs_are_those_of_kernels(step):
    found = 2.0 * bits(np.arange(5000, dtype=np.uint32), np.uint32(step), np.uint32) - 1.0
    np.testing.assert_array_equal(found, random_signs(0, step, 5000))
