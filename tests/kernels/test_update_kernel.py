"""The flat update: equal to the formula in plain Python, in pure float32, vectorised, safe in threads."""

import platform
import re
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import pytest

from optviz.kernels.cache import OPTIONS
from optviz.kernels.update import array_function, array_kernel
from optviz.optimizers import configure
from tests.kernels.plain import FORMULAS, constants, numbers, steps, zeros

STEPS = 50
SIZE = 37  # not a multiple of any vector length

every_formula = pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)


@pytest.mark.thin(8)
@every_formula
def test_equal_to_plain_python_over_fifty_steps(formula):
    rng = np.random.default_rng(0)
    x, gradients = rng.normal(size=SIZE), rng.normal(size=(STEPS, SIZE))
    gradients[:, 0] = 0.0
    gradients[:, 1] *= 1e8
    gradients[:, 2] *= 1e-8
    expected = np.array([steps(formula, *start)[-1] for start in zip(x.tolist(), gradients.T.tolist(), strict=True)])
    slots = zeros(formula, np.float64, SIZE)
    update = array_function(formula, np.float64)
    for g in gradients:
        update(x, g, slots, numbers(formula.scalar_names, np.float64), constants(formula, np.float64))
    np.testing.assert_allclose(np.stack([x, *slots], axis=1), expected, rtol=4e-16 * STEPS, atol=1e-300)


@pytest.mark.thin(8)
@every_formula
def test_float32_is_pure_and_vectorised(formula):
    # Compiled here and now, since what comes from the disk cache has no intermediate code to look at.
    kernel = numba.njit(**OPTIONS)(array_kernel(formula, np.float32).py_func)
    x, g, slots = np.ones(SIZE, np.float32), np.ones(SIZE, np.float32), zeros(formula, np.float32, SIZE)
    kernel(x, g, slots, numbers(formula.scalar_names, np.float32), constants(formula, np.float32))
    assert x.dtype == np.float32 and (x == x[0]).all()
    (code,) = kernel.inspect_llvm().values()
    assert "fpext" not in code
    if platform.machine() in ("x86_64", "AMD64"):
        (assembly,) = kernel.inspect_asm().values()
        assert re.search(r"<(4|8|16) x float>", code)
        root = re.search(r"\bv?sqrt[ps]s\b", assembly)
        # Of sums a root is taken once for all elements.
        assert root is None or formula.totals or re.search(r"\bv?sqrtps\b", assembly)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 255, 256, 257, 1000])
def test_every_size(size):
    formula = configure("adam").formula
    x, g = np.arange(size, dtype=np.float32), np.ones(size, np.float32)
    slots = zeros(formula, np.float32, size)
    scalars, hyper = numbers(formula.scalar_names, np.float32), constants(formula, np.float32)
    array_function(formula, np.float32)(x, g, slots, scalars, hyper)
    one = np.arange(size, dtype=np.float32)
    for i in range(size):
        part = tuple(np.zeros(1, np.float32) for _ in slots)
        array_function(formula, np.float32)(one[i : i + 1], g[i : i + 1], part, scalars, hyper)
    np.testing.assert_array_equal(x, one)


def test_a_read_only_gradient_is_read():
    formula = configure("sgd").formula
    x, g = np.ones(3), np.broadcast_to(np.float64(2.0), (3,)).copy()
    g.flags.writeable = False
    array_function(formula, np.float64)(x, g, (), (), (0.25,))
    assert x.tolist() == [0.5] * 3


def test_four_threads_give_what_one_gives():
    formula = configure("adam").formula
    update = array_function(formula, np.float64)
    scalars, hyper = numbers(formula.scalar_names, np.float64), constants(formula, np.float64)

    def run(seed):
        rng = np.random.default_rng(seed)
        x, slots = rng.normal(size=20_000), zeros(formula, np.float64, 20_000)
        for _ in range(20):
            update(x, rng.normal(size=x.size), slots, scalars, hyper)
        return x.tobytes()

    alone = [run(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(4))) == alone
