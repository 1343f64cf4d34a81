"""The optimum against scipy's L-BFGS-B in float64."""

import numpy as np
import pytest

from optviz.runs.networks import optimum
from tests.networks import reference
from tests.runs.networks.test_optimum import IMAGES, LABELS, PLAN, TRAINING

optimize = pytest.importorskip("scipy.optimize")


def test_the_lowest_loss_is_that_of_scipy():
    found = optimize.minimize(
        lambda x: reference.loss(x, PLAN, IMAGES, LABELS),
        np.zeros(PLAN.parameters),
        jac=lambda x: reference.gradient(x, PLAN, IMAGES, LABELS),
        method="L-BFGS-B",
        options={"maxiter": 5000, "maxfun": 20_000, "ftol": 1e-15, "gtol": 1e-9},
    )
    assert optimum.lowest(PLAN, TRAINING, 2).lowest == pytest.approx(found.fun, abs=1e-6)
