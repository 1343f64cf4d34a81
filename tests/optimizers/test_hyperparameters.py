"""Bad values are refused by name and value; good ones are taken in every usual form."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.optimizers import RANGES, REGISTRY, configure
from tests.optimizers.driving import BUILT_IN


class Unprintable:
    def __repr__(self):
        raise RuntimeError


NOT_NUMBERS = [
    True,
    False,
    np.True_,
    np.False_,
    None,
    "0.1",
    "",
    b"0.1",
    1j,
    complex(0.1, 0),
    np.complex128(0.1),
    [],
    [0.1],
    (0.1, 0.2),
    {},
    np.array([0.1]),
    np.zeros((40, 40)),
    np.array(True),
    np.array("0.1"),
    np.array(None),
    np.datetime64("2026-01-01"),
    Decimal("0.1"),
    object(),
    Unprintable(),
]
NOT_FINITE = [math.nan, math.inf, -math.inf, np.float32("nan"), 10**400, -(10**5000)]
NEGATIVE = [
    -1,
    -1e-300,
    -0.5,
    np.float64(-2),
]


def range_of(optimizer, name):
    """What a hyperparameter of a rule may be: (low, high, low allowed, high allowed), or bool."""
    return (RANGES | REGISTRY[optimizer].ranges)[name]


ALL = [(rule.name, name) for rule in BUILT_IN for name in rule.hyperparameters if name not in rule.whole]
NUMBERS = [pair for pair in ALL if range_of(*pair) is not bool]
SWITCHES = [pair for pair in ALL if range_of(*pair) is bool]


def refused(error, optimizer, name, value):
    assert f"{optimizer}: {name} is {shown(value)}" == error.value.problem
    assert "\n" not in error.value.problem and len(error.value.problem) < 120
    assert error.value.remedy.startswith("It must be")
    assert error.value.exit_code == 2


@pytest.mark.parametrize(("optimizer", "name"), NUMBERS)
def test_what_is_not_a_number_is_refused(optimizer, name):
    for value in NOT_NUMBERS:
        if (optimizer, name) == ("adafactor", "eps") and isinstance(value, tuple):
            continue  # torch's pair
        with pytest.raises(TypeError) as error:
            configure(optimizer, **{name: value})
        refused(error, optimizer, name, value)


@pytest.mark.parametrize(("optimizer", "name"), NUMBERS)
def test_numbers_out_of_range_are_refused(optimizer, name):
    low, high, low_allowed, high_allowed = range_of(optimizer, name)
    beyond = [] if math.isinf(high) else [math.nextafter(high, math.inf), high + 0.5, high + 1000]
    below = [] if math.isinf(low) else [value for value in NEGATIVE if not value >= low]
    ends = [] if low_allowed else [low, np.float64(low)] + [-0.0, np.float32(0)] * (low == 0)
    if not high_allowed and not math.isinf(high):
        ends += [high, int(high), np.int64(high)]
    for value in [*NOT_FINITE, *below, *beyond, *ends]:
        with pytest.raises(ValueError) as error:
            configure(optimizer, **{name: value})
        refused(error, optimizer, name, value)


def variant_with(optimizer, name):
    """A variant with a formula that has this hyperparameter."""
    rule = REGISTRY[optimizer]
    for variant, formulas in rule.variants.items():
        if any(name in (*formula.hyperparameters, *formula.scalar_arguments) for formula in formulas):
            return variant
    return next(iter(rule.variants))  # it says what a state slot begins with


@pytest.mark.parametrize(("optimizer", "name"), NUMBERS)
def test_numbers_in_range_are_taken_in_every_usual_form(optimizer, name):
    low, high, low_allowed, _ = range_of(optimizer, name)
    variant = variant_with(optimizer, name)
    inside = 0.25 if low < 0.25 < high else low + 0.25 if math.isfinite(low) else high - 0.25
    held = [np.array(inside), np.array(inside, np.float32)[()], np.ma.array(inside)]
    least = [math.nextafter(low, math.inf)] * math.isfinite(low) + [low] * low_allowed
    for value in [inside, np.float32(inside), np.float64(inside), Fraction(inside), *held, *least]:
        setting = configure(optimizer, variant=variant, **{name: value})
        assert setting.hyperparameters[name] == float(value)
        assert type(setting.hyperparameters[name]) is float


@pytest.mark.parametrize(("optimizer", "name"), SWITCHES)
def test_switches_are_true_or_false(optimizer, name):
    for value in (True, 1, 1.0, np.True_, np.int8(1), np.array(True), np.array(1)):
        assert configure(optimizer, **{name: value}).hyperparameters[name] == 1.0
    for value in (False, 0, 0.0, np.False_):
        assert configure(optimizer, **{name: value}).hyperparameters[name] == 0.0
    bad = [2, -1, 0.5, math.nan, math.inf, None, "yes", "True", "", b"1", 1j, complex(1, 0), [], [True], (True, False)]
    for value in [*bad, {}, np.array([True]), np.zeros(3), Decimal(1), object(), Unprintable()]:
        with pytest.raises(TypeError) as error:
            configure(optimizer, **{name: value})
        refused(error, optimizer, name, value)


def test_tensors_without_dimensions_are_numbers():
    torch = pytest.importorskip("torch")
    for value in (torch.tensor(0.25), torch.tensor(0.25, dtype=torch.float64, requires_grad=True)):
        assert configure("adam", lr=value, beta1=value).hyperparameters["beta1"] == 0.25
    for value in (torch.tensor(True), torch.tensor([0.25]), torch.tensor(0.25j)):
        with pytest.raises(UsageTypeError, match="adam: lr is"):
            configure("adam", lr=value)


def test_a_learning_rate_may_be_zero():
    for rule in BUILT_IN:
        if "lr" in rule.hyperparameters and range_of(rule.name, "lr")[2]:
            assert configure(rule, lr=0).hyperparameters["lr"] == 0.0
    with pytest.raises(UsageError, match="sgd: lr is -1e-300"):
        configure("sgd", lr=-1e-300)


def test_betas_are_two_numbers():
    assert configure("adam", betas=(0.5, 0.6)).hyperparameters["beta1"] == 0.5
    assert configure("adam", betas=[0.5, 0.6]).hyperparameters["beta2"] == 0.6
    for value in (0.9, (0.9,), (0.9, 0.99, 0.999), [], "ab", None, {1: 2, 3: 4}, np.array([0.9, 0.99])):
        with pytest.raises(UsageTypeError, match="adam: betas is"):
            configure("adam", betas=value)
    with pytest.raises(UsageError, match="adam: beta2 is nan"):
        configure("adam", betas=(0.9, math.nan))
    with pytest.raises(UsageTypeError, match="adam: beta1 is '0.9'"):
        configure("adam", betas=("0.9", 0.999))
    with pytest.raises(UsageError, match="rmsprop has no hyperparameter 'betas'"):
        configure("rmsprop", betas=(0.9, 0.999))


def test_other_libraries_names_are_understood():
    assert configure("sgd", learning_rate=0.5).hyperparameters["lr"] == 0.5
    assert configure("adam", beta_1=0.5, epsilon=1e-3).hyperparameters["eps"] == 1e-3
    assert configure("rmsprop", alpha=0.5).hyperparameters["rho"] == 0.5
    with pytest.raises(UsageError, match="rmsprop: rho is 1.5"):
        configure("rmsprop", alpha=1.5)
    with pytest.raises(UsageError, match="adadelta has no hyperparameter 'alpha'"):
        configure("adadelta", alpha=0.5)


def test_one_thing_cannot_be_given_twice():
    for twice in ({"lr": 0.1, "learning_rate": 0.1}, {"betas": (0.9, 0.99), "beta1": 0.9}, {"eps": 0, "epsilon": 0}):
        with pytest.raises(UsageError, match="is given twice"):
            configure("adam", **twice)


def test_unknown_hyperparameters_are_refused_with_the_nearest():
    with pytest.raises(UsageError, match=r"sgd has no hyperparameter 'speed'\nIt has: lr"):
        configure("sgd", speed=0.9)
    with pytest.raises(UsageError, match="Did you mean 'dampening'"):
        configure("momentum", damping=0.9)
