"""The update of a table of arrays: that of each array, bit for bit, in pure float32, vectorised."""

import platform
import re

import numba
import numpy as np
import pytest

from optviz.kernels.cache import OPTIONS
from optviz.kernels.table import SLOTS, table_function, table_kernel, table_of
from optviz.kernels.update import array_function
from optviz.optimizers import configure
from optviz.runs.arrays.host import address_of
from tests.kernels.plain import constants, numbers, zeros

SIZES = (7, 0, 300, 1, 8)
RULES = ("sgd", "adam", "rprop", "lookahead(adam(weight_decay=0.1), k=2)")


def arrays(formula, dtype, seed=0):
    rng = np.random.default_rng(seed)
    x, g = ([rng.normal(size=size).astype(dtype) for size in SIZES] for _ in range(2))
    return x, g, [zeros(formula, dtype, size) for size in SIZES]


def table(formula, x, g, slots):
    rows = [(one[0].size, *map(address_of, (one[0], one[1], *one[2]))) for one in zip(x, g, slots, strict=True)]
    return table_of(rows, len(formula.slots))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rule", RULES)
def test_a_table_is_moved_as_each_of_its_arrays(rule, dtype):
    formula = configure(rule).formula
    given = numbers(formula.scalar_names, dtype), constants(formula, dtype)
    x, g, slots = arrays(formula, dtype)
    expected, _, others = arrays(formula, dtype)
    step, one = table_function(formula, dtype), array_function(formula, dtype)
    rows = table(formula, x, g, slots)
    for _ in range(3):
        step(rows[:2], *given)
        step(rows[2:], *given)
        for k in range(len(SIZES)):
            one(expected[k], g[k], others[k], *given)
    for k in range(len(SIZES)):
        assert np.array_equal(x[k], expected[k])
        assert all(map(np.array_equal, slots[k], others[k]))
    step(rows[:0], *given)


def test_nothing_is_as_good_as_no_row():
    assert table_of([], 2).shape == (0, SLOTS + 2)


@pytest.mark.parametrize("rule", ["adam", "lion"])
def test_float32_is_pure_and_vectorised(rule):
    formula = configure(rule).formula
    x, g, slots = arrays(formula, np.float32)
    # Compiled here and now, since what comes from the disk cache has no intermediate code to look at.
    kernel = numba.njit(**OPTIONS)(table_kernel(formula, np.float32).py_func)
    kernel(table(formula, x, g, slots), numbers(formula.scalar_names, np.float32), constants(formula, np.float32))
    (code,) = kernel.inspect_llvm().values()
    assert "fpext" not in code
    if platform.machine() in ("x86_64", "AMD64"):
        assert re.search(r"<(4|8|16) x float>", code)
