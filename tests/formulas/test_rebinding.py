"""Formulas on whole arrays: every rule moves as its kernel does, and choices are choices between elements."""

import math

import numpy as np
import pytest

from optviz.errors import FormulaError
from optviz.formulas.rebinding import Engine, rebound
from optviz.formulas.stepping import Input, stepped
from optviz.optimizers import REGISTRY, configure
from optviz.runs.arrays.matrices import beginning
from optviz.runs.arrays.optimizer import Optimizer

NUMPY = Engine(
    "NumPy",
    lambda given: isinstance(given, np.ndarray | np.generic),
    (np,),
    lambda value, x: np.asarray(value, x.dtype),
)
OURS = [rule for rule in REGISTRY if rule.module.startswith("optviz.")]
PAIRS = [(rule.name, variant) for rule in OURS if rule.kind in ("element-wise", "sums") for variant in rule.variants]
WRAPPED = ("lookahead(adam, k=2)", "clip_global_norm(adamw, limit=0.5)", "agc(momentum)", "cautious(lion)", "ema(sgd)")
SHAPES = ((5, 4), (3,))
STEPS = 6


def walked(setting, dtype):
    """Arrays after some steps of the kernels, and after those of NumPy's own arithmetic."""
    rng = np.random.default_rng(0)
    ours = [rng.normal(size=shape).astype(dtype) for shape in SHAPES]
    theirs = [x.copy() for x in ours]
    opt, moving = Optimizer(setting), [setting.moving(len(shape)) for shape in SHAPES]
    state = opt.init(ours)
    slots = [[beginning(one, slot, x) for slot in one.formula.slots] for one, x in zip(moving, theirs, strict=True)]
    value, before = ((1.5,) if setting.formula.takes_value else ()), {}
    for t in range(1, STEPS + 1):
        slopes = [rng.normal(size=shape).astype(dtype) for shape in SHAPES]
        opt.step(ours, slopes, state, **({"value": 1.5} if value else {}))
        before = setting.formula.step_scalars(float(t), setting.hyperparameters, before)
        scalars = (*value, *(before[name] for name in setting.formula.table_names))
        hyper = [setting.hyperparameters[name] for name in setting.formula.hyperparameters]
        given = zip(moving, theirs, slopes, slots, strict=True)
        after = stepped([Input(one.formula, x, g, own, scalars, hyper) for one, x, g, own in given], NUMPY)
        theirs, slots = [x for x, *_ in after], [own for _, *own in after]
    return ours, theirs


@pytest.mark.parametrize(("name", "variant"), PAIRS)
def test_every_rule_moves_as_its_kernel_does(name, variant):
    for x, y in zip(*walked(configure(name, variant=variant), np.float64), strict=True):
        assert np.abs(x - y).max() <= 1e-13 * np.abs(x).max()


@pytest.mark.parametrize("text", WRAPPED)
def test_what_is_put_around_rules_as_well(text):
    for x, y in zip(*walked(configure(text), np.float64), strict=True):
        assert np.abs(x - y).max() <= 1e-13 * np.abs(x).max()


@pytest.mark.parametrize("text", ["adam", "rprop", "lamb", "adafactor", "tiger"])
def test_float32_stays_float32(text):
    for x, y in zip(*walked(configure(text), np.float32), strict=True):
        assert y.dtype == np.float32
        assert np.abs(x - y).max() <= 1e-5 * np.abs(x).max()


# ---------------------------------------------------------------------------------------------------------------------
# What a rule of one's own may write


def branches(x, g, m, lr):
    if g > 0:
        step = lr * g
        m = m + 1
    elif g < -1:
        step = -lr
    else:
        step = 0.0
        unread = 1.0
        m = unread - m
    return x - step, m


def loops(x, g, lr):
    total = 0.0
    for k in range(3):
        total += g**k / (k + 1) if 0 <= x < 1 or not g > 0 else 0.25
    return x - lr * total


def shorter(x, g, lr):
    return max(x - lr * g, -1.0, min(g, lr)) * abs(g) + math.hypot(x, g) + pow(2.0, lr) * helper(g, lr)


def helper(a, b):
    return math.copysign(b, a) if a != 0 else math.sqrt(b)


def leaves_early(x, g, lr):
    if g > 0:
        return x
    return x - lr * g


def endless(x, g, lr):
    while lr > 1:
        lr = lr / 2
    return x - lr * g


def unknown(x, g, lr):
    return x - lr * math.erfc(g)


@pytest.mark.parametrize("formula", [branches, loops, shorter])
def test_what_a_formula_says_of_one_element_holds_for_each(formula):
    rng = np.random.default_rng(1)
    slots = formula.__code__.co_argcount - 3
    columns = [rng.normal(size=50) * 1.5 for _ in range(2 + slots)]
    columns[1][:4] = 0, -1, 1, np.nan
    found = rebound(formula, NUMPY)(*columns, 0.3)
    for i, given in enumerate(zip(*columns, strict=True)):
        one = formula(*given, 0.3)
        one = one if isinstance(one, tuple) else (one,)
        np.testing.assert_allclose([column[i] for column in found], one, rtol=1e-15)


def test_of_numbers_a_formula_makes_numbers():
    assert rebound(shorter, NUMPY)(0.5, 2.0, 0.1)[0] == shorter(0.5, 2.0, 0.1)


@pytest.mark.parametrize(
    ("formula", "words"),
    [(leaves_early, "more than one place"), (endless, "without a count"), (unknown, "NumPy has no function erfc")],
)
def test_what_cannot_be_said_of_arrays_is_refused(formula, words):
    with pytest.raises(FormulaError, match=words):
        rebound(formula, NUMPY)


def test_a_formula_is_rebound_once():
    assert rebound(branches, NUMPY) is rebound(branches, NUMPY)
