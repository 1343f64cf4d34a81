"""Columns: formulas of any dimension on one run of a tile, compiled as in plain Python, pure and vectorised."""

import os
import re
import subprocess
import sys

import numba
import numpy as np
import pytest

from optviz.functions import REGISTRY
from optviz.kernels.cache import COMPILES, OPTIONS
from optviz.kernels.column import PlainColumn, column_maker, scratch_maker
from optviz.kernels.literals import typed
from optviz.kernels.specialise import compiled
from tests.kernels.purity import assert_pure

TILE = 128
GENERAL = [unit for unit in REGISTRY if unit.general is not None and unit.family != "bbob"]

pytestmark = pytest.mark.skipif(not COMPILES, reason="Numba's compiler is switched off")

# The rounding of a sine is carried through 3²⁰ times its angle: a part of the greatest slope.
ROUGH = {"weierstrass": 1e-6}

each = pytest.mark.parametrize("unit", GENERAL, ids=lambda unit: unit.name)
each_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def mixed(x, g):
    """Reads and writes in every way that a formula may."""
    before = x[0]
    for i in range(len(x) - 1):
        g[i] = 2.5 * before - x[i + 1] / float(i + 3)
        before = x[i]
    g[len(g) - 1] = 0.0
    for i in range(1, len(g)):
        g[i] += x[i] * x[i] * float(len(x))  # to Python x**2 is a power, which its library may round otherwise
        g[i] -= g[i - 1] if x[i] > 0.5 else 1


def folded(x):
    total = 0.0
    for i in range(len(x) - 1, -1, -1):
        total = 0.5 * total + x[i]
    return total


def on_columns(n, gradient, value):
    """A kernel for n coordinates in rows 1 to n, slopes in the next rows, values in the last."""
    point, slope = column_maker(1, TILE, n), column_maker(n + 1, TILE, n)
    last = (2 * n + 1) * TILE

    def kernel(s):
        for i in range(TILE):
            gradient(point(s, i), slope(s, i))
        for i in range(TILE):
            s[last + i] = value(point(s, i))

    return numba.njit(**OPTIONS)(kernel)


def inlined(formula, dtype):
    return numba.njit(**OPTIONS, forceinline=True)(compiled(formula, dtype).py_func)


def tile(n, dtype, low=-2.0, high=2.0):
    return np.random.default_rng(n).uniform(low, high, (2 * n + 2) * TILE).astype(dtype)


def in_plain_python(s, n, gradient, value, dtype):
    """The same kernel run by hand, on a copy."""
    s = s.copy()
    gradient, value = typed(gradient, dtype), typed(value, dtype)
    for i in range(TILE):
        point = PlainColumn(s, TILE + i, TILE, n)
        gradient(point, PlainColumn(s, (n + 1) * TILE + i, TILE, n))
        s[(2 * n + 1) * TILE + i] = value(point)
    return s


@pytest.mark.thin(4)
@each_dtype
@pytest.mark.parametrize("n", [1, 2, 3, 10, 40])
def test_compiled_equals_plain_python_bit_for_bit(n, dtype):
    s = tile(n, dtype)
    expected = in_plain_python(s, n, mixed, folded, dtype)
    on_columns(n, inlined(mixed, dtype), inlined(folded, dtype))(s)
    np.testing.assert_array_equal(s, expected)


@pytest.mark.thin(9)
@each
def test_functions_equal_plain_python(unit):
    n, unit = 3, unit.in_dimension(3)
    s = tile(n, np.float64, *unit.bounds[0])
    expected = in_plain_python(s, n, unit.gradient, unit.value, np.float64)
    on_columns(n, compiled(unit.gradient, np.float64), compiled(unit.value, np.float64))(s)
    # Powers, exp, sin and cos may be rounded in another way.
    slopes, others = slice((n + 1) * TILE, (2 * n + 1) * TILE), slice((2 * n + 1) * TILE, None)
    np.testing.assert_allclose(s[others], expected[others], rtol=1e-11, atol=1e-11)
    slack = ROUGH.get(unit.name, 0.0) * np.abs(expected[slopes]).max()
    np.testing.assert_allclose(s[slopes], expected[slopes], rtol=1e-11, atol=1e-11 + slack)


@pytest.mark.thin(12)
@each
def test_float32_is_pure(unit):
    n, unit = 3, unit.in_dimension(3)
    kernel = on_columns(n, compiled(unit.gradient, np.float32), compiled(unit.value, np.float32))
    s = tile(n, np.float32, *unit.bounds[0])
    kernel(s)
    (code,) = kernel.inspect_llvm().values()
    assert_pure(code)
    assert np.isfinite(s).all()


@pytest.mark.thin(4)
@each_dtype
@pytest.mark.parametrize("n", [2, 10])
@pytest.mark.parametrize("name", ["quadratic", "rosenbrock"])
def test_one_instruction_serves_several_runs(name, n, dtype):
    unit = REGISTRY[name].in_dimension(n)
    value, gradient = inlined(unit.value, dtype), inlined(unit.gradient, dtype)
    kernel = on_columns(n, gradient, value)
    kernel(tile(n, dtype))
    (code,) = kernel.inspect_llvm().values()
    (body,) = re.findall(r"^define [^\n]*on_columns.*?^}", code, re.MULTILINE | re.DOTALL)[:1]
    kind = "float" if dtype is np.float32 else "double"
    assert re.search(rf"= fmul <\d+ x {kind}>", body)
    assert not re.search(rf"= fmul {kind} ", body)
    assert " call " not in re.sub(r"call void @(NRT|llvm)[^\n]*", "", body)


@each_dtype
def test_nothing_else_is_written(dtype):
    n, at = 3, 17
    point, slope = column_maker(0, TILE, n), column_maker(4, TILE, n)

    @numba.njit(**OPTIONS)
    def kernel(s):
        read, write = point(s, at), slope(s, at)
        for i in range(len(write)):
            write[i] = read[i]

    s = np.arange(8 * TILE).astype(dtype)
    expected = s.copy()
    expected[[(4 + k) * TILE + at for k in range(n)]] = s[[k * TILE + at for k in range(n)]]
    kernel(s)
    np.testing.assert_array_equal(s, expected)


def summed_backwards(x, w):
    for i in range(len(x)):
        w[i] = x[len(x) - 1 - i]
    total = 0.0
    for i in range(len(w)):
        total += w[i]
    return total


@each_dtype
@pytest.mark.parametrize("n", [1, 3, 40, 1000])
def test_scratch_memory_is_a_sequence_on_the_stack(n, dtype):
    point, scratch, runs = column_maker(0, TILE, n), scratch_maker(dtype, n), 5000
    value = compiled(summed_backwards, dtype)

    @numba.njit(**OPTIONS)
    def kernel(s):
        total = s[0] - s[0]
        for i in range(runs):  # a stack that grew with each run would end here
            total += value(point(s, i % TILE), scratch())
        s[0] = total

    s = np.full(n * TILE, 0.5, dtype)
    kernel(s)
    assert s[0] == n * runs / 2
    if n == 40:
        (code,) = kernel.inspect_llvm().values()
        assert "malloc" not in code and "NRT" not in code


def test_a_plain_column_refuses_what_compiled_code_does_not_look_at():
    column = PlainColumn(np.zeros(3 * TILE), 0, TILE, 3)
    assert len(column) == 3
    for k in (-1, 3):
        with pytest.raises(IndexError):
            column[k]
        with pytest.raises(IndexError):
            column[k] = 1.0


SCRIPT = """
import numpy as np
from optviz.functions import REGISTRY
from optviz.kernels.column import column_maker
from optviz.kernels.specialise import compiled
unit = REGISTRY["rosenbrock"].in_dimension(3)
s = np.zeros(7 * 4)
compiled(unit.gradient, np.float64)(column_maker(0, 4, 3)(s, 2), column_maker(3, 4, 3)(s, 2))
print(compiled(unit.value, np.float64)(column_maker(0, 4, 3)(s, 2)), s[12:24].tolist())
"""
SCRATCH = """
import numpy as np
from optviz.functions import REGISTRY
from optviz.kernels.tile import function_values
unit = REGISTRY["bbob_f15"].in_dimension(10)
x = np.linspace(-4, 4, 10)
print(function_values(unit, np.array([x, x]))[1] == unit.value_at(x.tolist()))
"""


def test_without_a_compiler_columns_are_plain_python():
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"2.0 {[0.0, 0.0, -2.0, 0.0] * 2 + [0.0] * 4}"


def test_without_a_compiler_so_is_scratch_memory():
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", SCRATCH], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
