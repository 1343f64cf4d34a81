"""Arrays whose dtype is set in place between two steps, which makes other numbers of the same memory."""

import numpy as np
import pytest

import optviz
from optviz.errors import OptvizError


@pytest.mark.parametrize("name", ["sgd", "adam", "lamb"])
@pytest.mark.parametrize("which", ["params", "grads", "state"])
def test_a_dtype_that_was_set_between_steps_is_noticed(name, which):
    params, grads = [np.ones(4), np.ones(3)], [np.ones(4), np.ones(3)]
    opt = optviz.optimizer("momentum" if name == "sgd" else name, lr=0.1)
    state = opt.init(params)
    opt.step(params, grads, state)
    opt.step(params, grads, state)
    slot = next(key for key in state[1] if key != "t")
    changed = {"params": params[1], "grads": grads[1], "state": state[1][slot]}[which]
    changed.dtype = np.int64
    before = params[0].copy()
    with pytest.raises(OptvizError, match="dtype"):
        opt.step(params, grads, state)
    assert np.array_equal(params[0], before) and state[0]["t"] == 2
    changed.dtype = np.float64
    opt.step(params, grads, state)
    assert state[0]["t"] == state[1]["t"] == 3
