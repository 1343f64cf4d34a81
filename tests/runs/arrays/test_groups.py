"""Hyperparameters of some of several arrays."""

import pickle

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError, UsageTypeError

START = {"body.weight": np.arange(4.0) + 1, "body.bias": np.ones(3), "head.weight": -np.ones(2)}


def moved(opt, start=START, steps=5):
    is_dict = isinstance(start, dict)
    params = {k: a.copy() for k, a in start.items()} if is_dict else [a.copy() for a in start]
    state = opt.init(params)
    for _ in range(steps):
        grads = {k: 0.5 * a for k, a in params.items()} if is_dict else [0.5 * a for a in params]
        opt.step(params, grads, state)
    return params


def alone(array, steps=5, **hyperparameters):
    return moved(optviz.optimizer(**hyperparameters), [array], steps)[0]


def test_each_array_has_the_numbers_of_its_groups():
    groups = {"*bias": {"weight_decay": 0}, "head.*": {"lr": 0.2}, ("head.weight",): {"beta1": 0.5}}
    params = moved(optviz.optimizer("adamw", lr=0.1, weight_decay=0.1, groups=groups))
    common = {"name": "adamw", "lr": 0.1, "weight_decay": 0.1}
    np.testing.assert_array_equal(params["body.weight"], alone(START["body.weight"], **common))
    np.testing.assert_array_equal(params["body.bias"], alone(START["body.bias"], **common | {"weight_decay": 0}))
    head = common | {"lr": 0.2, "beta1": 0.5}
    np.testing.assert_array_equal(params["head.weight"], alone(START["head.weight"], **head))


def test_places_in_a_list_and_schedules():
    arrays = list(START.values())
    groups = {-1: {"lr": "linear(0.2, steps=5)"}, (0, 1): {"momentum": 0.5}}
    params = moved(optviz.optimizer("momentum", lr=0.1, groups=groups), arrays)
    np.testing.assert_array_equal(params[0], alone(arrays[0], name="momentum", lr=0.1, momentum=0.5))
    np.testing.assert_array_equal(params[2], alone(arrays[2], name="momentum", lr="linear(0.2, steps=5)"))


def test_of_several_groups_the_last_one_counts():
    groups = {"*": {"lr": 0.3}, "head*": {"lr": 0.4}}
    params = moved(optviz.optimizer("sgd", groups=groups))
    np.testing.assert_array_equal(params["head.weight"], alone(START["head.weight"], name="sgd", lr=0.4))
    np.testing.assert_array_equal(params["body.bias"], alone(START["body.bias"], name="sgd", lr=0.3))


def test_groups_survive_pickling_and_replacing():
    opt = optviz.optimizer("sgd", lr=0.1, groups={"*bias": {"lr": 0.3}})
    for copy in (pickle.loads(pickle.dumps(opt)), opt.replace(lr=0.1)):
        for name, array in moved(copy).items():
            np.testing.assert_array_equal(array, moved(opt)[name])


@pytest.mark.parametrize(
    ("groups", "error", "problem"),
    [
        ({"tail": {"lr": 1}}, UsageError, "the group 'tail' names no array\nThere is: body.weight, body.bias, head"),
        ({7: {"lr": 1}}, UsageError, "the group 7 names no array"),
        ({"head*": {"lr": -1}}, UsageError, "sgd: lr is -1"),
        ({"head*": {"beta": 1}}, UsageError, "sgd has no hyperparameter 'beta'"),
        ({"head*": {}}, UsageTypeError, "the group 'head\\*' has {}"),
        ({"head*": 0.1}, UsageTypeError, "the group 'head\\*' has 0.1"),
        ({(): {"lr": 1}}, UsageError, "a group has no name"),
        ([1], UsageTypeError, "groups is \\[1\\]"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_moves(groups, error, problem):
    params = {name: array.copy() for name, array in START.items()}
    with pytest.raises(error, match=problem):
        optviz.optimizer("sgd", groups=groups).init(params)
    assert all(np.array_equal(params[name], START[name]) for name in START)


def test_a_function_of_the_step_cannot_be_pickled():
    with pytest.raises(UsageTypeError, match="the schedule of lr is a function, <lambda>"):
        pickle.dumps(optviz.optimizer("sgd", lr=lambda t: 0.1 / t))
    assert pickle.loads(pickle.dumps(optviz.optimizer("sgd", lr="cosine(0.1, steps=5)"))).setting.schedules


def test_an_array_alone_has_no_name():
    with pytest.raises(UsageError, match="names no array\nThere is: one array alone"):
        optviz.optimizer("sgd", groups={"bias": {"lr": 1}}).init(np.ones(3))


def test_reported_points_and_the_value():
    opt = optviz.optimizer("ema(sgd(lr=0.1), decay=0.5)", groups={"*bias": {"lr": 0.0}})
    params = {name: array.copy() for name, array in START.items()}
    state = opt.init(params)
    opt.step(params, {name: np.ones_like(array) for name, array in params.items()}, state)
    shown = opt.reported(params, state)
    np.testing.assert_allclose(shown["body.weight"], START["body.weight"] - 0.05)
    np.testing.assert_array_equal(shown["body.bias"], START["body.bias"])
    assert optviz.optimizer("sgd").reported(params, optviz.optimizer("sgd").init(params)).keys() == params.keys()

    opt, x = optviz.optimizer("plateau(sgd(lr=1), patience=0, factor=0.5)"), np.zeros(1)
    state = opt.init(x)
    for value in (1.0, 2.0, 3.0, float("nan")):
        opt.step(x, np.ones(1), state, value=value)
    np.testing.assert_array_equal(x, -(1 + 1 + 0.5 + 0.25))
    with pytest.raises(UsageError, match="plateau\\(sgd\\) needs the value at the iterate"):
        opt.step(x, np.ones(1), state)
    with pytest.raises(UsageTypeError, match="value is 'x'"):
        opt.step(x, np.ones(1), state, value="x")
