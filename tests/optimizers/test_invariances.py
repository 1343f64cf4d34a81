"""What a rule's path follows: measured in plain Python, against what is known and against another measurement."""

import numpy as np
import pytest

from optviz.optimizers import configure, invariances
from tests.optimizers.driving import BUILT_IN, drive

SIGN = ("scale of f", "sign of a coordinate", "translation")
KNOWN = {
    "sgd": ("sign of a coordinate", "rotation", "translation"),
    "momentum": ("sign of a coordinate", "rotation", "translation"),
    "nesterov(variant=keras)": ("sign of a coordinate", "rotation", "translation"),
    "sgd(weight_decay=0.1)": ("sign of a coordinate", "rotation"),
    "adam": SIGN,
    "adam(variant=keras, lr=cosine(0.1))": SIGN,
    "adam(lr=cosine(0.1, warmup=100))": SIGN,
    "adamw": ("scale of f", "sign of a coordinate"),
    "rmsprop": SIGN,
    "adagrad": SIGN,
    "adagrad(variant=keras)": ("sign of a coordinate", "translation"),
    "adadelta": ("sign of a coordinate", "translation"),
    "signsgd": SIGN,
    "lion": SIGN,
    "lookahead(sgd)": ("sign of a coordinate", "rotation", "translation"),
    "clip(sgd)": ("sign of a coordinate", "translation"),
    "kate": ("sign of a coordinate", "translation", "scale of a coordinate"),
    "cocob": SIGN,
    "newton": ("scale of f", "sign of a coordinate", "rotation", "translation", "scale of a coordinate"),
    "trust_region": ("scale of f", "sign of a coordinate", "rotation", "translation"),
    "saddle_free": ("scale of f", "sign of a coordinate", "rotation", "translation"),
    "lbfgs": ("sign of a coordinate", "rotation", "translation"),
    "lbfgs(variant=fixed)": (
        "sign of a coordinate",
        "translation",
    ),  # whose first step has a length of 1 in another norm
    "barzilai_borwein": ("sign of a coordinate", "rotation", "translation"),
    "compass": ("scale of f", "sign of a coordinate", "translation"),
    "nelder_mead": ("scale of f", "sign of a coordinate", "scale of a coordinate"),
}


@pytest.mark.parametrize("text", KNOWN)
def test_known_invariances(text):
    changes = ("scale of f", "sign of a coordinate", "rotation", "translation", "scale of a coordinate")
    assert invariances(configure(text)) == {change: change in KNOWN[text] for change in changes}


@pytest.mark.parametrize("rule", BUILT_IN, ids=lambda rule: rule.name)
def test_every_rule_is_measured_and_the_first_three_by_another_path_too(rule):
    setting = configure(rule)
    measured = invariances(setting)
    assert len(measured) == (0 if rule.kind == "products" else 5)
    small = {name: 0.0 for name in rule.hyperparameters if name.startswith("eps")}
    if (
        not measured
        or setting.formula.takes_value
        or rule.name in ("adadelta", "cocob")
        or setting.resolved(30) != setting
    ):
        return
    setting = configure(rule, **small)
    curve = np.array([[2.0, 0.7], [0.7, 1.0]])
    start, noise = np.array([1.0, -2.0]), np.random.default_rng(3).normal(size=(31, 2))
    gradient = lambda x, t: curve @ (x - 0.3) + noise[t]
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    flip = np.diag([1.0, -1.0])
    try:
        path = drive(setting, gradient, start, 30)
    except ZeroDivisionError:  # without eps
        return
    for change, matrix, scale in (
        ("scale of f", np.eye(2), 5.1),
        ("sign of a coordinate", flip, 1),
        ("rotation", turn, 1),
    ):
        other = drive(setting, lambda x, t, m=matrix, c=scale: c * m @ gradient(m.T @ x, t), matrix @ start, 30)
        image = path @ matrix.T
        least = 1e-11 * np.max(np.abs(image - image[0])) + 2e-14 * np.max(np.abs(image))
        assert (np.max(np.abs(other - image)) <= least) == measured[change], change


def test_what_does_not_move_has_no_invariances():
    assert invariances(configure("sgd", lr=0)) == {}
