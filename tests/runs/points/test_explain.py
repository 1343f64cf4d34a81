"""Explanations against the kernels: the same iterates, for every rule, and every end that a run can have."""

import json
import math
import re

import numpy as np
import pytest

import optviz
from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.optimizers import REGISTRY
from optviz.results.explanation import MOVE
from optviz.results.saved import valid
from tests.optimizers.driving import MOVED_BY_GRADIENTS

FUNCTION = "rosenbrock"
WRITTEN = ["lookahead(adam, k=2)", "accumulate(momentum, k=2)", "plateau(sgd)", "adam(lr=cosine(0.1))", "ema(adagrad)"]

PAIRS = [(rule.name, variant) for rule in MOVED_BY_GRADIENTS for variant in rule.variants]


def given(optimizer):
    """A learning rate for a rule that has one, so that nothing is tuned."""
    has_rate = "lr" in optviz.configure(optimizer).hyperparameters and "lr=" not in optimizer
    return {"lr": 0.002} if has_rate else {}


def agrees(told, run):
    """Whether an explanation has a run's iterates to the digits that are shown, and all others nearly."""
    iterates = run.points if run.iterates is None else run.iterates
    assert np.allclose(told.points, iterates[: len(told.points)], rtol=1e-9, atol=1e-12)
    if run.iterates is None:
        assert np.allclose(told.values, run.values[: len(told.points)], rtol=1e-9, atol=1e-12, equal_nan=True)
    return True


@pytest.mark.thin(23)
@pytest.mark.parametrize(("name", "variant"), PAIRS, ids=[f"{name}-{variant}" for name, variant in PAIRS])
def test_every_variant_takes_the_steps_of_its_kernel(name, variant):
    text = f"{name}(variant={variant})"
    told = optviz.explain(text, FUNCTION, **given(text))
    run = optviz.minimize(FUNCTION, text, steps=5, **given(text))
    assert agrees(told, run) and told.diverged_at == run.diverged_at and valid(told)
    assert told.steps == (run.diverged_at or 5)


@pytest.mark.thin(3)
@pytest.mark.parametrize("text", WRITTEN)
def test_wrapped_and_scheduled_rules_take_the_steps_of_their_kernels(text):
    told = optviz.explain(text, FUNCTION, **given(text))
    # A schedule is as long as the function's own run.
    run = optviz.minimize(FUNCTION, text, **given(text))
    assert agrees(told, run) and valid(told)


@pytest.mark.parametrize(("name", "variant"), PAIRS, ids=[f"{name}-{variant}" for name, variant in PAIRS])
def test_every_variant_is_explained(name, variant):
    """The column of each reported point and slot is finite, and the move is the next iterate."""
    text = f"{name}(variant={variant})"
    told = optviz.explain(text, FUNCTION, steps=3, **given(text))
    assert np.array_equal(told.quantity(MOVE).values, told.points[1:])
    assert np.isfinite([column.values for column in told.columns]).all()
    assert 2 <= len(told.columns) <= 7
    assert json.loads(json.dumps(told.to_dict(), allow_nan=False))["columns"][0]["key"] == "gradient"


def test_later_steps_are_those_of_a_longer_run():
    late = optviz.explain("adam", FUNCTION, first=40, steps=2, lr=0.1)
    run = optviz.minimize(FUNCTION, "adam", steps=41, lr=0.1)
    assert agrees(late, run) and (late.first, late.last, late.steps) == (40, 41, 2)
    # As many steps of memory as there have been, not none.
    assert np.abs(late.quantity("m").before).min() > 0


def test_the_learning_rate_is_that_of_a_race():
    told = optviz.explain("adam", FUNCTION)
    race = optviz.race(FUNCTION, ["adam"], resolution=8)
    assert told.contender.hyperparameters == race.trajectories[0].hyperparameters
    assert told.contender.rate == race.rates["adam"] == "tuned" and told.tuning == race.tuning
    assert told.tuning["rule"] in told.provenance()
    usual = optviz.explain("adam", FUNCTION, lr="defaults", defaults="keras")
    assert usual.contender.hyperparameters["lr"] == 1e-3 and usual.contender.variant == "keras"
    assert "keras defaults" in usual.provenance()


def test_a_schedule_scales_each_step():
    told = optviz.explain("sgd", FUNCTION, lr="linear(0.001, final=0, steps=10)", steps=5)
    assert told.learning_rates.tolist() == pytest.approx([0.001 * (1 - k / 10) for k in range(5)])
    moves = np.diff(told.points, axis=0)
    assert np.allclose(moves, -told.learning_rates[:, None] * told.columns[0].values)


def test_a_run_is_told_until_it_diverges():
    told = optviz.explain("sgd", FUNCTION, lr=0.1)
    run = optviz.minimize(FUNCTION, "sgd", steps=5, lr=0.1)
    assert told.diverged_at == run.diverged_at == told.last and told.steps < 5 and valid(told)
    assert f"diverged at step {told.diverged_at}" in told.headline()
    with pytest.raises(UsageError, match="diverges at step"):
        optviz.explain("sgd", FUNCTION, lr=0.1, first=told.last + 1)


def test_a_run_that_becomes_no_number_ends_there():
    told = optviz.explain("adam", "sphere", start=(0.0, 1.0), lr=0.1, eps=0.0)
    assert told.diverged_at == 1 and np.isnan(told.points[1, 0]) and valid(told)
    assert json.dumps(told.to_dict(), allow_nan=False)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rprop", "lookahead(adam)"])
def test_nothing_moves_at_a_minimizer(optimizer):
    told = optviz.explain(optimizer, "sphere", start=(0.0, 0.0), lr=0.1)
    assert (told.points == 0).all() and valid(told)
    assert told.landscape.view == tuple(map(tuple, np.array(told.landscape.view)))
    assert all(high > low for low, high in told.landscape.view)


def test_nothing_moves_without_a_learning_rate():
    told = optviz.explain("adam", FUNCTION, lr=0)
    assert (told.points == told.points[0]).all() and (told.learning_rates == 0).all() and valid(told)
    assert (np.diff(told.quantity("m").values, axis=0) != 0).all()


def falls(x, y):
    return x + y


def test_a_function_without_a_known_minimum():
    unit = optviz.function("x**3 + y**2", bounds=((-2, 2), (-2, 2)))
    told = optviz.explain("momentum", unit, lr=0.01, start=(1.0, 1.0))
    assert told.landscape.searched and told.height == "f − lowest found"
    told = optviz.explain("momentum", falls, lr=0.01, start=(1.0, 1.0))
    assert told.columns[0].values.tolist() == [[1.0, 1.0]] * 5


def test_a_rule_of_ones_own(monkeypatch):
    REGISTRY.names()
    monkeypatch.setattr(REGISTRY, "_units", dict(REGISTRY._units))  # it is forgotten after the test

    @optviz.optimizers.optimizer
    def halved(x, g, m, lr=0.1):
        m = 0.5 * m + 0.5 * g
        return x - lr * m, m

    told = optviz.explain("halved", "sphere", lr=0.1)
    assert [column.words for column in told.columns] == ["gradient", "decaying sum", "the move"]
    assert told.columns[1].text == "m ← 0.5m + 0.5g"


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ({"optimizer": "adma"}, UnknownNameError, "Did you mean 'adam'"),
        ({"function": "rosenbrok"}, UnknownNameError, "rosenbrock"),
        ({"steps": 0}, UsageError, "steps is 0"),
        ({"steps": 6}, UsageError, "steps is 6"),
        ({"steps": "two"}, UsageTypeError, "steps is"),
        ({"first": 0}, UsageError, "first is 0"),
        ({"start": (1.0,)}, UsageTypeError, "start is"),
        ({"lr": "fast"}, UsageError, "lr is 'fast'"),
        ({"beta1": 2.0}, UsageError, "beta1"),
        ({"variant": "none"}, UsageError, "variant"),
    ],
    ids=str,
)
def test_bad_arguments_are_refused(given, kind, said):
    with pytest.raises(kind) as refused:
        optviz.explain(**{"optimizer": "adam", "lr": 0.1} | given)
    assert said in str(refused.value)


def test_functions_of_many_variables_are_refused():
    unit = optviz.functions.REGISTRY["rosenbrock"].in_dimension(3)
    with pytest.raises((UsageError, UsageTypeError)):
        optviz.explain("adam", unit, lr=0.1)


def plain(text):
    """A number as it is shown, as a number."""
    text = re.sub("(?<![\\d×])10(?=[⁰¹²³⁴⁵⁶⁷⁸⁹⁻])", "1×10", text).replace("×10", "e")
    return float(text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")))


@pytest.mark.parametrize(("name", "variant"), PAIRS, ids=[f"{name}-{variant}" for name, variant in PAIRS])
def test_printed_numbers_give_the_next_iterate(name, variant):
    """Each line is right within what its rounded numbers allow, and ends with the kernel's iterate as it is printed."""
    from optviz.figures.engine.wording import number
    from optviz.figures.explain_words import equation

    text = f"{name}(variant={variant})"
    told = optviz.explain(text, FUNCTION, steps=2, **given(text))
    for row in range(2):
        for axis in (0, 1):
            for short in (True, False):
                left, _, right = equation(told, row, axis, short).rpartition(" = ")
                assert right == number(told.points[row + 1, axis])
                low, high = within(left)
                slack = 1e-3 * max(abs(plain(right)), 1e-12) + 1e-12
                assert low - slack <= plain(right) <= high + slack, (left, right)


NUMBER = re.compile(r"(?<![\d.])10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+|\d[\d.]*(?:×10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?")


def within(text):
    """The least and the largest value of an expression whose numbers are rounded to four digits."""

    def interval(found):
        value = plain(found[0])
        return f"I({value * (1 - 6e-4)!r}, {value * (1 + 6e-4)!r})"

    result = eval(NUMBER.sub(interval, text).replace("−", "-").replace("·", "*"), {"I": Interval})
    return result.low, result.high


class Interval:
    """Numbers between two others."""

    def __init__(self, *ends):
        self.low, self.high = min(ends), max(ends)

    def __add__(self, other):
        return Interval(self.low + other.low, self.high + other.high)

    def __neg__(self):
        return Interval(-self.low, -self.high)

    def __sub__(self, other):
        return self + -other

    def __mul__(self, other):
        return Interval(*(a * b for a in (self.low, self.high) for b in (other.low, other.high)))

    def __truediv__(self, other):
        if other.low <= 0 <= other.high:
            return Interval(-math.inf, math.inf)
        return self * Interval(1 / other.low, 1 / other.high)


def test_whose_numbers_are_told():
    """LAMB is none of torch's, whose numbers are taken where nothing is said."""
    assert "paper formula, paper numbers" in optviz.explain("lamb", lr=0.1).provenance()
    assert "torch formula, torch numbers" in optviz.explain("adam", lr=0.1).provenance()
    assert "keras formula, keras numbers" in optviz.explain("lamb", lr=0.1, defaults="keras").provenance()
