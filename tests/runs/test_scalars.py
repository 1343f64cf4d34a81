"""Step scalars: one way to compute them, whatever the processor, the slice, the batch and the precision."""

import numpy as np
import pytest

from optviz.optimizers import configure
from optviz.runs.scalars import course, rounded, step_table
from tests.optimizers.driving import PAIRS, scalars_at, settings

COUNT = 300
WITH_SCALARS = [
    setting for pair in PAIRS for setting in settings(*pair) if setting.formula.table_names
]  # every variant and case of every rule
IDS = [f"{setting.rule.name}-{setting.variant}-{i}" for i, setting in enumerate(WITH_SCALARS)]

every_setting = pytest.mark.parametrize("setting", WITH_SCALARS, ids=IDS)


def columns(setting, first, count, own=None):
    return course(setting.formula, setting, own).columns(first, count)


@every_setting
def test_a_table_holds_what_plain_python_computes_step_by_step(setting):
    expected, before = [], {}
    for t in range(1, COUNT + 1):
        before = scalars_at(setting, float(t), before)
        expected.append([before[name] for name in setting.formula.table_names])
    expected = np.array(expected, float).T
    table = step_table(setting, np.float64, COUNT)
    assert table.dtype == np.float64
    np.testing.assert_array_equal(table, expected)
    np.testing.assert_array_equal(step_table(setting, np.float32, COUNT), rounded(expected, np.float32))


@every_setting
def test_slices_are_parts_of_the_table(setting):
    table = step_table(setting, np.float64, COUNT)
    for first, last in ((0, 1), (1, 8), (8, 263), (263, 300), (5, 9)):
        np.testing.assert_array_equal(columns(setting, first + 1, last - first), table[:, first:last])
    going = course(setting.formula, setting)
    for first, last in ((0, 1), (1, 8), (8, 263), (5, 9), (263, 300)):  # one that goes on, and goes back once
        np.testing.assert_array_equal(going.columns(first + 1, last - first), table[:, first:last])


@pytest.mark.parametrize("defaults", ["torch", "keras"])
@pytest.mark.parametrize("varied", [("lr",), ("beta1",), ("lr", "beta2"), ("lr", "beta1", "beta2")], ids="-".join)
@pytest.mark.parametrize("name", ["adam", "nadam"])
def test_runs_with_hyperparameters_of_their_own_have_the_scalars_of_runs_alone(name, defaults, varied):
    setting = configure(name, defaults=defaults)
    rng = np.random.default_rng(0)
    own = {name: np.repeat(rng.uniform(0.1, 0.99, 5), 3)[rng.permutation(15)] for name in varied}
    of_all = course(setting.formula, setting, own)
    table = of_all.columns(1, COUNT)
    assert of_all.places is None or table.shape[2] <= 15
    for run in range(15):
        alone = step_table(setting.replace(**{name: values[run] for name, values in own.items()}), np.float64, COUNT)
        mine = table if of_all.places is None else table[:, :, of_all.places[run]]
        np.testing.assert_array_equal(mine, alone)


def test_rules_without_step_scalars_have_empty_tables():
    assert step_table(configure("sgd"), np.float64, 7).shape == (0, 7)
    assert columns(configure("sgd"), 1, 7, {"lr": np.array([0.1, 0.2])}).shape == (0, 7)
