"""Kernels of transformed functions: pure in float32, and what plain Python computes."""

import numba
import numpy as np
import pytest

from optviz.kernels import tile_parts
from optviz.kernels.cache import OPTIONS
from optviz.kernels.tile import function_values
from optviz.kernels.tile_parts import evaluate_address
from optviz.runs.points.subject import function_of
from tests.kernels.purity import assert_pure

TEXTS = [
    "shifted(rosenbrock, 0.1, -0.3)",
    "tilted(rosenbrock, 30)",
    "stretched(shubert, 2, 3)",
    "sheared(booth, 0.3)",
    "mirrored(goldstein_price)",
    "logged(tilted(himmelblau, 10))",
    "amplified(ackley, 3, 1)",
]
DIMENSIONAL = ["shifted(rosenbrock, 0.1, -0.3)", "logged(stretched(shubert, 2, 3))", "mirrored(rastrigin)"]


def assert_pure_kernel(function, monkeypatch):
    kernels = []

    def compiled(kernel, *examples):
        copy = numba.njit(**OPTIONS)(kernel.py_func)  # what the disk cache gives has no listing
        copy.compile(tuple(map(numba.typeof, examples)))
        kernels.append(copy)
        return 0

    monkeypatch.setattr(tile_parts, "address", compiled)
    evaluate_address.__wrapped__(function, np.float32)
    (llvm,) = kernels[-1].inspect_llvm().values()
    assert_pure(llvm)


@pytest.mark.thin(3)
@pytest.mark.parametrize("text", TEXTS)
def test_transformed_functions_in_float32_are_pure(text, monkeypatch):
    assert_pure_kernel(function_of(text), monkeypatch)


@pytest.mark.thin(2)
@pytest.mark.parametrize("text", DIMENSIONAL)
def test_transformed_functions_of_many_variables_in_float32_are_pure(text, monkeypatch):
    assert_pure_kernel(function_of(text, 5), monkeypatch)


@pytest.mark.parametrize("text", TEXTS[:3])
def test_values_are_those_of_plain_python(text):
    unit = function_of(text)
    points = np.random.default_rng(3).uniform(-3, 3, (50, 2))
    expected = [unit.value(x, y) for x, y in points.tolist()]
    np.testing.assert_allclose(function_values(unit, points), expected, rtol=1e-13)
