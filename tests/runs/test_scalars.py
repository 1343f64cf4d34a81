"""Step scalars: one way to compute them, whatever the processor, the slice, the batch and the precision."""

import numpy as np
import pytest

from optviz.optimizers import configure
from optviz.runs.scalars import own_scalars, step_scalars, step_table
from tests.optimizers.driving import PAIRS, scalars_at, settings

T = np.arange(1.0, 301.0)
WITH_SCALARS = [
    setting for pair in PAIRS for setting in settings(*pair) if setting.formula.scalars is not None
]  # every variant and case of the seven rules
IDS = [f"{setting.rule.name}-{setting.variant}-{i}" for i, setting in enumerate(WITH_SCALARS)]

every_setting = pytest.mark.parametrize("setting", WITH_SCALARS, ids=IDS)


@every_setting
def test_a_table_holds_what_plain_python_computes_step_by_step(setting):
    expected = np.array([scalars_at(setting, float(t)) for t in T])
    table = np.stack(step_table(setting, np.float64, len(T)), axis=1)
    assert table.dtype == np.float64
    np.testing.assert_array_equal(table, expected)
    rounded = np.stack(step_table(setting, np.float32, len(T)), axis=1)
    np.testing.assert_array_equal(rounded, expected.astype(np.float32))


@every_setting
def test_slices_are_parts_of_the_table(setting):
    table = step_table(setting, np.float64, len(T))
    for first, last in ((0, 1), (1, 8), (8, 263), (263, 300)):
        for whole, part in zip(table, step_scalars(setting, np.float64, T[first:last]), strict=True):
            np.testing.assert_array_equal(part, whole[first:last])


@pytest.mark.parametrize("defaults", ["torch", "keras"])
@pytest.mark.parametrize("varied", [("lr",), ("beta1",), ("lr", "beta2"), ("lr", "beta1", "beta2")], ids="-".join)
def test_runs_with_hyperparameters_of_their_own_have_the_scalars_of_runs_alone(defaults, varied):
    setting = configure("adam", defaults=defaults)
    rng = np.random.default_rng(0)
    own = {name: np.repeat(rng.uniform(0.1, 0.99, 5), 3)[rng.permutation(15)] for name in varied}
    table = own_scalars(setting, own, T, 20)
    assert table.shape[2] in (1, 20)
    for run in range(15):
        alone = step_table(setting.replace(**{name: values[run] for name, values in own.items()}), np.float64, len(T))
        column = run if table.shape[2] > 1 else 0
        np.testing.assert_array_equal(table[:, :, column], alone)


def test_rules_without_step_scalars_have_empty_tables():
    assert step_table(configure("sgd"), np.float64, 7) == ()
    assert own_scalars(configure("sgd"), {"lr": np.array([0.1, 0.2])}, T, 256).shape == (0, len(T), 1)
