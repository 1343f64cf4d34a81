"""Transformed functions on a CUDA device against those on the CPU."""

import numpy as np
import pytest

from optviz.optimizers import configure
from optviz.runs.points.subject import function_of
from tests.cuda.same import few_threads
from tests.cuda.test_tile import assert_batch, near_start


@pytest.fixture(autouse=True)
def _few_threads(monkeypatch):
    few_threads(monkeypatch)


@pytest.mark.parametrize(
    ("text", "dimension"),
    [("logged(tilted(rosenbrock, 30))", None), ("mirrored(himmelblau)", None), ("shifted(rosenbrock, 1, -1)", 3)],
)
def test_transforms(text, dimension):
    function = function_of(text, dimension)
    assert_batch(function, configure("adam", lr=1e-3), near_start(function, 3), steps=6, dtype=np.float64, exact=False)
