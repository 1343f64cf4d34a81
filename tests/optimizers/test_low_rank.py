"""Gradients of low rank, as batches that are smaller than a layer give, in float32: roundings are no directions."""

import numpy as np
import pytest

from optviz.optimizers import REGISTRY
from optviz.runs.arrays.optimizer import optimizer

MATRICES = [rule.name for rule in REGISTRY if rule.module.startswith("optviz.") and rule.kind == "matrices"]


@pytest.mark.parametrize("scale", [0.01, 1.0, 1000.0])
@pytest.mark.parametrize("name", MATRICES)
def test_steps_stay_finite_and_small(name, scale):
    rng = np.random.default_rng(0)
    x, opt = np.ones((48, 32), np.float32), optimizer(name, lr=1e-3)
    state = opt.init(x)
    for _ in range(5):
        g = rng.normal(size=(48, 3)) @ rng.normal(size=(3, 32)) * scale
        opt.step(x, g.astype(np.float32), state)
    assert np.isfinite(x).all() and abs(x - 1).max() < 0.5
