"""Arrays under a rule for matrices: two axes and more are matrices, the rest follow the rule for vectors."""

import copy
import pickle

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from optviz.optimizers import configure
from tests.optimizers.driving import MATRIX_PAIRS, drawn_matrix, drive, relative

PAIRED = pytest.mark.parametrize(("name", "variant"), MATRIX_PAIRS)


def walk(opt, params, steps, gradient=drawn_matrix):
    state = opt.init(params)
    for t in range(1, steps + 1):
        opt.step(params, {key: np.asarray(gradient(array, t), array.dtype) for key, array in params.items()}, state)
    return state


@PAIRED
def test_a_matrix_moves_as_its_formula_says(name, variant):
    start = np.random.default_rng(3).normal(size=(4, 6))
    setting = configure(name, variant=variant, lr=0.03)
    params = {"weights": start.copy()}
    walk(optviz.optimizer(setting), params, 20)
    assert np.array_equal(params["weights"], drive(setting, drawn_matrix, start, 20)[-1])


@PAIRED
def test_single_precision_stays_near(name, variant):
    start = np.random.default_rng(4).normal(size=(4, 4))
    setting = configure(name, variant=variant, lr=0.03)
    params = {"weights": start.astype(np.float32)}
    state = walk(optviz.optimizer(setting), params, 20)
    assert {slot.dtype for slot in state["weights"].values() if isinstance(slot, np.ndarray)} == {np.dtype(np.float32)}
    assert relative(params["weights"], drive(setting, drawn_matrix, start, 20)[-1]) < 1e-3


@PAIRED
def test_layouts_and_more_axes(name, variant):
    """A Fortran array, a view with gaps and a convolution's four axes are moved as the matrix that they hold."""
    start = np.random.default_rng(5).normal(size=(4, 6))
    wide = np.zeros((8, 6))
    params = {"plain": start.copy(), "fortran": np.asfortranarray(start), "gaps": wide[::2]}
    params["gaps"][...] = start
    kernels = {"filters": start.reshape(4, 3, 2, 1).copy()}
    opt = optviz.optimizer(name, variant=variant, lr=0.05)
    walk(opt, params, 5)
    state = walk(opt, kernels, 5, lambda x, t: drawn_matrix(start, t).reshape(x.shape))
    for key in ("fortran", "gaps"):
        np.testing.assert_allclose(params[key], params["plain"], rtol=1e-12)
    np.testing.assert_allclose(kernels["filters"].reshape(4, 6), params["plain"], rtol=1e-12)
    assert np.all(wide[1::2] == 0)
    assert state["filters"]["t"] == 5


@PAIRED
def test_vectors_and_numbers_follow_their_own_rule(name, variant):
    setting = configure(name, variant=variant, lr=0.03)
    params = {"bias": np.array([1.0, -2.0, 0.5]), "number": np.array(2.0), "weights": np.ones((2, 3))}
    alone = {key: params[key].copy() for key in ("bias", "number")}
    walk(optviz.optimizer(setting), params, 10)
    walk(optviz.optimizer(setting.moving(1)), alone, 10)
    for key, array in alone.items():
        assert np.array_equal(params[key], array)
        assert np.all(np.isfinite(array)) and np.all(array != 1.0)


def test_muon_moves_vectors_as_adamw():
    opt = optviz.optimizer("muon", lr=0.02, adam_lr_ratio=0.5, beta1=0.8, beta2=0.9, eps=1e-6, adam_weight_decay=0.1)
    params, alone = {"bias": np.array([1.0, -2.0])}, {"bias": np.array([1.0, -2.0])}
    walk(opt, params, 10)
    walk(optviz.optimizer("adamw", lr=0.01, beta1=0.8, beta2=0.9, eps=1e-6, weight_decay=0.1), alone, 10)
    assert np.array_equal(params["bias"], alone["bias"])


def test_a_schedule_reaches_matrices_and_vectors():
    schedule = "linear(0.1, steps=4, final=0)"
    params = {"weights": np.ones((2, 3)), "bias": np.ones(3)}
    opt = optviz.optimizer("muon", lr=schedule, weight_decay=0, adam_weight_decay=0)
    state = walk(opt, params, 4)
    before = {key: array.copy() for key, array in params.items()}
    opt.step(params, {key: np.ones_like(array) for key, array in params.items()}, state)
    assert all(np.array_equal(before[key], params[key]) for key in params)  # the learning rate is 0
    assert optviz.optimizer("muon", lr=schedule).setting.moving(1).schedules["lr"].value == 0.1


def test_groups_give_matrices_and_vectors_other_numbers():
    groups = {"head": {"lr": 0.0, "weight_decay": 0.0}, "*bias": {"adam_weight_decay": 0.0, "adam_lr_ratio": 0.0}}
    params = {"head": np.ones((2, 2)), "body": np.ones((2, 2)), "body bias": np.ones(2)}
    walk(optviz.optimizer("muon", lr=0.1, groups=groups), params, 3)
    assert np.all(params["head"] == 1) and np.all(params["body bias"] == 1)
    assert np.all(params["body"] != 1)


@PAIRED
def test_state_is_plain_and_goes_on(name, variant):
    opt = optviz.optimizer(name, variant=variant, lr=0.05)
    params = {"weights": np.eye(3, 5), "bias": np.ones(5)}
    state = walk(opt, params, 3)
    again, there = pickle.loads(pickle.dumps((opt, state))), copy.deepcopy(params)
    grads = {key: drawn_matrix(array, 9) for key, array in params.items()}
    opt.step(params, grads, state)
    again[0].step(there, grads, again[1])
    assert all(np.array_equal(params[key], there[key]) for key in params)


@PAIRED
def test_what_is_not_finite_is_a_result(name, variant):
    params = {"weights": np.ones((3, 4)), "other": np.ones((4, 3)), "empty": np.ones((0, 3))}
    grads = {"weights": np.full((3, 4), np.nan), "other": np.full((4, 3), 1e300), "empty": np.ones((0, 3))}
    opt = optviz.optimizer(name, variant=variant)
    state = opt.init(params)
    for _ in range(3):
        opt.step(params, grads, state)
    assert np.isnan(params["weights"]).any()
    assert state["empty"]["t"] == 3


def test_what_is_refused():
    for around in ("lookahead(muon)", "clip(muon)"):
        with pytest.raises(UsageError, match="muon moves whole matrices"):
            optviz.optimizer(around)
    with pytest.raises(UsageError, match="muon goes downhill"):
        optviz.optimizer("muon", maximize=True)
    with pytest.raises(UsageError, match="form of weight decay of its own"):
        optviz.optimizer("muon", decay="l2")
    with pytest.raises(UsageError, match="ns_steps is 2.5"):
        optviz.optimizer("muon", ns_steps=2.5)
    with pytest.raises(UsageError, match="muon moves matrices, and Rosenbrock is a function of single numbers"):
        optviz.minimize("rosenbrock", "muon")


def test_a_state_of_another_shape_is_refused():
    opt = optviz.optimizer("muon")
    params = np.ones((2, 3))
    with pytest.raises(UsageError, match="state\\['M'\\] has shape \\(3, 2\\)"):
        opt.step(params, params, {"t": 0, "M": np.zeros((3, 2))})
    bias = np.ones(3)
    with pytest.raises(UsageError, match="adamw needs t, m, v"):
        opt.step(bias, bias, {"t": 0, "M": np.zeros(3)})
