"""Every rule finds the bottom of a bowl and of a ravine at some sensible learning rate."""

import numpy as np
import pytest

from tests.optimizers.driving import PAIRS, drive_reported, settings

RATES = [0.03, 0.3, 0.1, 0.01, 1.0, 3e-3, 1e-3, 3.0, 1e-4, 1e-5]  # those that suit most rules first
LARGE = {"kate": [30.0, 100.0]}  # whose first step is lr / |g|
BOWLS = {"sphere": np.array([1.0, 1.0]), "ravine": np.array([1.0, 30.0])}


@pytest.mark.parametrize(("name", "variant"), PAIRS)
@pytest.mark.parametrize("bowl", BOWLS)
def test_every_rule_converges(name, variant, bowl):
    curvature, start = BOWLS[bowl], np.array([-2.0, 1.5])
    value = lambda x: 0.5 * np.sum(curvature * x**2, axis=-1)
    memory = 1 / (1 - settings(name, variant)[0].hyperparameters.get("beta1", 0))
    gaps = []
    for lr in RATES + LARGE.get(name, []):
        setting = settings(name, variant)[0]
        setting = setting.replace(lr=lr) if "lr" in setting.hyperparameters else setting
        with np.errstate(over="ignore", invalid="ignore"):
            path = drive_reported(setting, lambda x, t: curvature * x, start, max(400, round(20 * memory)))
            gaps.append(value(path[-1]))
        if gaps[-1] < 1e-3 * value(start):
            return
    pytest.fail(f"it ends at {gaps}")
