"""Settings for groups of parameters: one formula, which gives each group the path of its own formula."""

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.optimizers import alike, configure
from optviz.runs.scalars import course
from tests.optimizers.driving import START, disturbed

CHANGES = {
    "adamw": [{}, {"weight_decay": 0}],
    "adam": [{}, {"weight_decay": 0.1}, {"lr": 0.3, "weight_decay": 0.2}],
    "sgd": [{}, {"weight_decay": 0.1, "decay": "decoupled"}, {"lr": "cosine(0.1, steps=9)"}],
    "rmsprop": [{}, {"momentum": 0.9}, {"centered": True, "lr": 0.1}],
    "adagrad": [{}, {"initial_accumulator_value": 0.3}],
    "momentum(variant=torch)": [{}, {"dampening": 0.5}, {"momentum": 0}],
    "lookahead(adamw, k=3)": [{"lr": "linear(0.1, steps=9)"}, {"weight_decay": 0}, {"alpha": 0.9}],
    "adamw(variant=paper)": [{}, {"lr": "cosine(0.1, steps=9)"}, {"weight_decay": 0}],
}


def path(setting, steps=20):
    """The iterates of the formula in plain Python, its schedules followed."""
    formula, table = setting.formula, course(setting.formula, setting).columns(1, steps)
    hyper = [setting.hyperparameters[name] for name in formula.hyperparameters]
    x, found = list(START), []
    slots = [[at if setting.initial(slot) == "x" else setting.initial(slot) for slot in formula.slots] for at in x]
    for step in range(steps):
        for i, g in enumerate(disturbed(np.array(x), step + 1)):
            after = formula.update(x[i], g, *slots[i], *table[:, step], *hyper)
            x[i], *slots[i] = after if isinstance(after, tuple) else (after,)
        found.append(list(x))
    return np.array(found)


@pytest.mark.parametrize("name", CHANGES)
def test_one_formula_and_the_same_paths(name):
    settings = [configure(name).replace(**changes).resolved(20, 5) for changes in CHANGES[name]]
    found = [setting.resolved() for setting in alike(settings)]
    assert len({setting.formula for setting in found}) == 1
    for setting, one in zip(settings, found, strict=True):
        np.testing.assert_allclose(path(one), path(setting), rtol=1e-14)


def test_settings_with_one_formula_stay_as_they_are():
    settings = tuple(configure("adam", lr=lr) for lr in (0.1, 0.2))
    assert alike(settings) == settings


@pytest.mark.parametrize("changes", [{"maximize": True}, {"variant": "keras"}, {"decay": "decoupled"}])
def test_what_is_no_number_is_the_same_in_all(changes):
    setting = configure("adam", weight_decay=0.1, decay="l2")
    with pytest.raises(UsageError, match="the groups of adam differ in more than numbers"):
        alike([setting, setting.replace(**changes)])
