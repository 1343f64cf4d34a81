"""What every rule keeps to on arrays: one test for each rule, which compiles its kernel once and asks all of it."""

import pickle

import numpy as np
import pytest

from optviz.optimizers import Setting, configure
from optviz.runs.arrays.optimizer import Optimizer
from tests.optimizers.driving import MOVED_BY_GRADIENTS

SIZE, STEPS = 9, 6
START = np.linspace(-1, 2, SIZE).astype(np.float32)
GRADIENTS = np.random.default_rng(0).normal(size=(STEPS, SIZE)).astype(np.float32)

# A learning rate of 0 does not stop these: they clip it into bounds or go on with rates of their own.
MOVES_WITHOUT_A_RATE = ("delta_bar_delta", "rprop", "adabound", "amsbound")
REFUSES_NO_RATE = ("ftrl",)
# The squares of gradients of 1e30 are infinite in float32. These rules subtract or divide two such numbers, or
# multiply one by 0, as their papers do.
OVERFLOWS = ("ftrl", "smorms3", "qhadam", "yogi", "adamg", "exadam", "kate", "ano", "adai", "stable_adamw")


def stepped(setting: Setting, gradients, start=START, split=0):
    """The array and its state after some gradients; after `split` of them they are saved and loaded."""
    opt, x = Optimizer(setting), np.array(start)
    state = opt.init(x)
    value = {"value": 1.5} if setting.formula.takes_value else {}
    for step, g in enumerate(gradients):
        if split and step == split:
            x, state = pickle.loads(pickle.dumps((x, state)))
        opt.step(x, np.array(g), state, **value)
    return x, state


@pytest.mark.parametrize("name", [rule.name for rule in MOVED_BY_GRADIENTS])
def test_every_rule(name):
    setting = configure(name)
    whole, state = stepped(setting, GRADIENTS)
    assert np.isfinite(whole).all() and not np.array_equal(whole, START)

    saved, other = stepped(setting, GRADIENTS, split=3)
    assert np.array_equal(saved, whole) and state["t"] == other["t"] == STEPS
    for slot in setting.formula.slots:
        assert np.array_equal(state[slot], other[slot])

    spoiled = GRADIENTS.copy()
    spoiled[2, 3] = np.nan
    found, _ = stepped(setting, spoiled)
    assert np.isnan(found[3])
    if not setting.formula.sums:
        for part in (slice(0, 1), slice(1, 4), slice(4, SIZE)):
            assert np.array_equal(stepped(setting, GRADIENTS[:, part], START[part])[0], whole[part])
        assert np.flatnonzero(np.isnan(found)).tolist() == [3]
        assert np.array_equal(np.delete(found, 3), np.delete(whole, 3))

    assert np.isfinite(stepped(setting, 0 * GRADIENTS)[0]).all()
    assert np.isfinite(stepped(setting, np.float32(1e-30) * GRADIENTS)[0]).all()
    assert np.isfinite(stepped(setting, np.float32(1e30) * GRADIENTS)[0]).all() == (name not in OVERFLOWS)

    if "lr" in setting.hyperparameters and name not in REFUSES_NO_RATE:
        still = stepped(setting.replace(lr=0), GRADIENTS)[0]
        assert np.array_equal(still, START) == (name not in MOVES_WITHOUT_A_RATE)
