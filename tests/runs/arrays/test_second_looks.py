"""Arrays under rules that look twice: the caller makes the gradients where `look` has put the parameters."""

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from tests.optimizers.driving import START, disturbed, drive


def walked(text, steps=30, dtype=np.float64, **numbers):
    opt, x = optviz.optimizer(text, **numbers), START.astype(dtype)
    state, path = opt.init(x), [x.copy()]
    for t in range(1, steps + 1):
        first = disturbed(x, t).astype(dtype) if opt.setting.formula.looks_first else None
        with opt.look(x, first, state):
            g = disturbed(x, t).astype(dtype)
        assert np.array_equal(x, path[-1])
        opt.step(x, g, state)
        path.append(x.copy())
    return np.array(path)


@pytest.mark.parametrize(
    "text",
    ["sam(adam)", "asam(sgd)", "extragradient", "nesterov_ahead", "past_extragradient", "sam(lamb)", "ema(sam(sgd))"],
)
def test_arrays_move_as_points_do(text):
    setting = optviz.optimizer(text).setting
    np.testing.assert_allclose(walked(text), drive(setting, disturbed, START, 30), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(walked(text, dtype=np.float32), walked(text), rtol=1e-4, atol=1e-4)


def test_the_climb_is_along_all_arrays_together():
    params = {"a": np.ones((2, 3)), "b": np.full(4, 2.0), "frozen": np.ones(2)}
    opt = optviz.optimizer("sam(sgd)", lr=0.1, rho=0.5)
    state = opt.init(params)
    grads = {name: array.copy() for name, array in params.items()} | {"frozen": None}
    length = np.sqrt(6 * 1 + 4 * 4)
    with opt.look(params, grads, state):
        np.testing.assert_allclose(params["a"], 1 + 0.5 / length)
        np.testing.assert_allclose(params["b"], 2 + 1.0 / length)
        np.testing.assert_array_equal(params["frozen"], 1.0)
        there = {name: array.copy() for name, array in params.items()} | {"frozen": None}
    opt.step(params, there, state)
    np.testing.assert_allclose(params["a"], 1 - 0.1 * (1 + 0.5 / length))
    assert state["a"]["t"] == 1 and state["frozen"]["t"] == 0


@pytest.mark.slow
def test_matrices_of_factored_rules_are_probed_too():
    params = [np.ones((3, 4)), np.ones(3)]
    opt = optviz.optimizer("sam(adafactor)", rho=0.5)
    state = opt.init(params)
    with opt.look(params, [2 * one for one in params], state):
        np.testing.assert_allclose(params[0], 1 + 0.5 / np.sqrt(15))
    np.testing.assert_array_equal(params[0], 1.0)


def test_what_fails_inside_leaves_the_parameters_as_they_were():
    x = START.copy()
    opt = optviz.optimizer("sam(sgd)")
    state = opt.init(x)
    with pytest.raises(ZeroDivisionError), opt.look(x, x.copy(), state):
        raise ZeroDivisionError
    assert np.array_equal(x, START)
    with pytest.raises(UsageError, match="where nobody has looked"):
        opt.step(x, x.copy(), state)


def test_a_step_without_a_look_is_refused():
    x = START.copy()
    opt = optviz.optimizer("extragradient", lr=0.1)
    state = opt.init(x)
    for _ in range(2):
        with pytest.raises(
            UsageError, match=r"extragradient takes its gradients at a point of its own.*\n.*opt.look\("
        ):
            opt.step(x, x.copy(), state)
        assert np.array_equal(x, START) and state["t"] == 0
    with pytest.raises(UsageError, match="needs the gradients at the parameters"), opt.look(x, None, state):
        pass
    plain = optviz.optimizer("sgd", lr=0.1)
    state = plain.init(x)
    with plain.look(x, None, state):
        assert np.array_equal(x, START)
    plain.step(x, x.copy(), state)
