"""Test functions of one's own: typed formulas, Python functions, compiled and not, and what is refused of them."""

import functools
import math
import signal
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import optviz
from optviz.errors import FormulaError, OptvizError, UsageError, UsageTypeError
from optviz.functions import Function
from optviz.kernels.cache import COMPILES
from optviz.optimizers import REGISTRY as OPTIMIZERS
from optviz.optimizers import configure, refusal
from optviz.runs.points.minimize_many import minimize_many
from optviz.runs.points.race import race

SLOW = "called by Python"  # what a warning says of what is not compiled


def bowl(x, y):
    """A bowl."""
    return (x - 1) ** 2 + 2 * (y + 0.5) ** 2


def bowl_gradient(x, y):
    return 2 * (x - 1), 4 * (y + 0.5)


def both(x, y):
    return bowl(x, y), bowl_gradient(x, y)


def many(x):
    total = 0.0
    for i in range(len(x)):
        total += (x[i] - 1) ** 2
    return total


def of_array(x):
    return float(((np.asarray(x) - 1) ** 2).sum())


def with_default(x, y, a=2.0):
    return (x - a) ** 2 + y**2


def uncalled(what, **given):
    """A function that is called as it is, and the warning that it gives."""
    with pytest.warns(UserWarning, match=SLOW) as told:
        unit = optviz.function(what, **given)
    assert unit.uncompiled and len(told) == 1
    return unit


def is_minimum(unit, point, close=1e-6):
    return any(math.dist(point, other) < close for other in unit.minimizers)


# Typed formulas


def test_a_typed_formula_is_a_test_function():
    unit = optviz.function("(x - 1)**2 + 2*(y + 0.5)**2")
    assert isinstance(unit, Function) and not unit.uncompiled and unit.searched and unit.family == "own"
    assert unit.minimum == 0 and is_minimum(unit, (1.0, -0.5)) and unit.formula == "f(x, y) = (x − 1)² + 2 (y + 0.5)²"
    assert unit.bounds == ((-5.0, 5.0), (-5.0, 5.0)) and unit.value(0.0, 0.0) == 1.5
    assert unit.gradient(0.0, 0.0) == (-2.0, 2.0) and unit.hessian(0.0, 0.0) == (2.0, 0.0, 4.0)
    run = optviz.minimize(unit, "sgd", steps=50, lr=0.2)
    assert run.values[-1] < 1e-9
    again = optviz.function("(x - 1)**2 + 2*(y + 0.5)**2")
    assert again == unit and again.name == unit.name


def test_a_formula_stands_for_a_name_everywhere():
    text = "x**2 + 2*y**2"
    run = optviz.minimize(text, "momentum", (1.0, 1.0), steps=20, lr=0.05)
    assert run.function.startswith("formula_") and run.values[-1] < run.values[0]
    raced = race(text, ["sgd", "adam"], steps=20, lr=0.1)
    assert len(raced.trajectories) == 2 and raced.trajectories[0].minimum == 0
    batch = minimize_many(text, "sgd", [(1.0, 1.0), (2.0, -1.0)], 50, lr=0.1)
    assert (batch.values < 1e-3).all()


def test_constants_are_numbers_in_the_formula():
    unit = optviz.function("(x - a)**2 + b*y**2", constants={"a": 2, "b": np.float64(3.0)})
    assert is_minimum(unit, (2.0, 0.0)) and unit.value(0.0, 1.0) == 7.0
    other = optviz.function("(x - a)**2 + b*y**2", constants={"a": 1, "b": 3.0})
    assert other.name != unit.name and other.value(0.0, 0.0) == 1.0


@pytest.mark.parametrize(
    "constants",
    [
        {"x": 1.0},
        {"a b": 1.0},
        {"": 1.0},
        {"a": math.nan},
        {"a": math.inf},
        {"a": "1"},
        {"a": True},
        {"a": None},
        {"ä": 1.0},
        {1: 1.0},
        {"a": 1j},
    ],
)
def test_bad_constants_are_refused(constants):
    with pytest.raises(OptvizError, match="constant"):
        optviz.function("x + y", constants=constants)


@pytest.mark.parametrize(
    ("what", "given", "words"),
    [
        ("x + ", {}, "formula"),
        ("3", {}, "constant"),
        ("pi * e", {}, "constant"),
        ("x - x + 0*y", {}, "same value everywhere"),
        ("sqrt(-1 - x**2 - y**2)", {}, "no value anywhere"),
        ("log(x + y - 100)", {}, "no value anywhere"),
        ("x + y", {"gradient": bowl_gradient}, "gradient is for Python functions"),
        ("x + y", {"dimension": 3}, "dimension is for Python functions"),
        (bowl, {"constants": {"a": 1}}, "constants are for formulas"),
        (bowl, {"dimension": 3}, "takes two numbers"),
        (many, {"dimension": 1}, "dimension is 1"),
        (many, {"dimension": 1001}, "1,000"),
        (many, {"dimension": 2.5}, "dimension is 2.5"),
        (many, {"dimension": True}, "dimension is True"),
        (lambda x, y, z: x, {}, "takes 3 arguments"),
        (lambda: 1.0, {}, "takes 0 arguments"),
        (3, {}, "no function"),
        (None, {}, "no function"),
        ((bowl,), {}, "no function with its gradient"),
        ((bowl, bowl_gradient, 1), {}, "no function with its gradient"),
        ((bowl, bowl_gradient), {"gradient": bowl_gradient}, "no function with its gradient"),
        ((bowl, 3), {}, "no function"),
        ((bowl, False), {}, "no function"),
        (bowl, {"gradient": 3}, "no function"),
        (bowl, {"minimum": "low"}, "minimum is 'low'"),
        (bowl, {"minimum": True}, "minimum is True"),
        (bowl, {"minimum": math.nan}, "minimum is nan"),
        (bowl, {"minimum": (1.0,)}, "minimum is"),
        (bowl, {"minimum": (math.nan, 0.0)}, "minimum is"),
        (bowl, {"minimum": 1.0}, "below the minimum given"),
        (bowl, {"minimum": (0.0, 0.0)}, "below the minimum given"),
    ],
)
def test_what_cannot_be_used_is_refused(what, given, words):
    with pytest.raises(OptvizError, match=words) as caught:
        optviz.function(what, **given)
    assert isinstance(caught.value, UsageError | UsageTypeError | FormulaError) and caught.value.remedy


@pytest.mark.parametrize(
    "bounds",
    [
        "wide",
        3,
        (1, 2, 3),
        ((0, 1),) * 3,
        ((0, 0), (0, 1)),
        ((1, 0), (0, 1)),
        ((0, math.inf), (0, 1)),
        ((math.nan, 1), (0, 1)),
        ((1e200, 2e200), (0, 1)),
        ((1.0, 1.0 + 1e-14), (0, 1)),
        [],
        {"x": (0, 1)},
    ],
)
def test_bad_bounds_are_refused(bounds):
    with pytest.raises(OptvizError, match="bounds"):
        optviz.function(bowl, bounds=bounds)


def test_bounds_start_title_and_minimum_are_taken():
    unit = optviz.function(bowl, bounds=((0, 2), (-1, 3)), start=(0.5, 2), title="My bowl", minimum=0)
    assert unit.bounds == unit.view == ((0.0, 2.0), (-1.0, 3.0)) and unit.start == (0.5, 2.0)
    assert unit.title == "My bowl" and unit.minimum == 0 and not unit.searched and is_minimum(unit, (1.0, -0.5))
    assert optviz.function(bowl, bounds=(-3, 3)).bounds == ((-3.0, 3.0),) * 2
    known = optviz.function(bowl, minimum=(1, -0.5))
    assert known.minimizers[0] == (1.0, -0.5) and known.minimum == 0 and not known.searched
    with pytest.warns(UserWarning, match="lowest value found of Bowl is 0, at .*; -1 was given"):
        lower = optviz.function(bowl, minimum=-1.0)  # it may lie where no search looks
    assert lower.minimum == -1.0 and lower.minimizers == ()


def test_outside_of_the_domain_everything_is_nan():
    unit = optviz.function("sqrt(x) + log(y) + x**0.5 + 1/(x + y)", bounds=(0.1, 3))
    for point in ((-1.0, 1.0), (1.0, -1.0), (1.0, 0.0), (-1.0, -1.0)):
        assert math.isnan(unit.value_at(point)) and all(map(math.isnan, unit.gradient_at(point)))
    assert unit.value_at((1.0, 1.0)) == 2.5


def test_one_variable_is_warned_of():
    with pytest.warns(UserWarning, match="does not depend on y"):
        unit = optviz.function("(x - 1)**2")
    assert abs(unit.minimizers[0][0] - 1) < 1e-6


def test_what_falls_without_end_is_warned_of():
    with pytest.warns(UserWarning, match="falls without end"):
        unit = optviz.function("1/x + y**2 + log(abs(y - 1.0123))")
    assert math.isfinite(unit.minimum)


def test_a_function_with_steps_has_minimizers_too():
    unit = optviz.function("floor(x)**2 + (y - 1)**2")
    assert unit.minimum == pytest.approx(0, abs=1e-9) and 0 <= unit.minimizers[0][0] < 1


def test_part_of_the_bounds_may_have_no_value():
    unit = optviz.function("sqrt(x) + (y - 1)**2 + x**2")
    assert unit.minimum == pytest.approx(0, abs=1e-6) and all(map(math.isfinite, unit.start))
    assert optviz.minimize(unit, "adam", steps=20).points.shape == (21, 2)


# Python functions that are compiled


def test_a_python_function_is_compiled_with_a_derived_gradient():
    unit = optviz.function(bowl)
    assert not unit.uncompiled and unit.name == "bowl" and unit.title == "Bowl" and unit.text == "A bowl."
    assert unit.formula == "f(x, y) = (x − 1)² + 2 (y + 0.5)²" and unit.gradient(0.0, 0.0) == bowl_gradient(0.0, 0.0)
    pair = optviz.function((bowl, bowl_gradient))
    assert pair.written_gradient is not None and not pair.uncompiled


def test_lambdas_closures_defaults_and_functions_inside_others():
    centre = 2.0

    def inner(x, y):
        return (x - centre) ** 2 + y**2

    for what in (
        lambda x, y: (x - 2) ** 2 + y**2,
        lambda x, y: (x - centre) ** 2 + y**2,
        inner,
        with_default,
        lambda x, y, c=2.0: (x - c) ** 2 + y**2,
    ):
        unit = optviz.function(what)
        assert not unit.uncompiled and is_minimum(unit, (2.0, 0.0)), what
        assert unit.gradient(0.0, 1.0) == (-4.0, 2.0)


def test_a_name_of_ours_is_not_taken_away():
    def sphere(x, y):
        return x**2 + y**2 + 1

    unit = optviz.function(sphere)
    assert unit.name == "own_sphere" and optviz.minimize("sphere", "sgd", steps=1).minimum == 0


def test_a_function_of_an_array_in_many_dimensions_is_compiled():
    unit = optviz.function(many, dimension=4, minimum=0.0)
    assert unit.dimension == 4 and not unit.uncompiled and unit.minimum == 0
    run = optviz.minimize(unit, "sgd", steps=50, lr=0.2)
    assert run.points.shape == (51, 4) and run.values[-1] < 1e-9


# Functions that are called as they are


class Callable:
    def __call__(self, x, y):
        return bowl(x, y)


class Counting:
    """It keeps how often it is called."""

    def __init__(self):
        self.count = 0

    def __call__(self, x, y):
        self.count += 1
        return bowl(x, y)


def numpy_bowl(x, y):
    return float(np.sum(np.array([1.0, 2.0]) * (np.array([x, y]) - [1.0, -0.5]) ** 2))


@pytest.mark.parametrize(
    "what",
    [
        numpy_bowl,
        Callable(),
        functools.partial(with_default, a=1.0),
        lambda *point: bowl(*point) + sum([0.0]),
        (numpy_bowl, bowl_gradient),
        (both, True),
        of_array,
        (of_array, lambda x: 2 * (x - 1)),
        lambda x, y: np.array([bowl(x, y) + np.sum([0.0])]),
        lambda x, y: np.float32(bowl(x, y)),
    ],
    ids=[
        "numpy",
        "object",
        "partial",
        "stars",
        "fun, jac",
        "jac=True",
        "array",
        "array, jac",
        "array of one",
        "float32",
    ],
)
def test_what_cannot_be_compiled_is_called(what):
    unit = uncalled(what)
    assert unit.minimum == pytest.approx(0, abs=1e-5)
    run = optviz.minimize(unit, "sgd", unit.start, steps=60, lr=0.15)
    assert run.values[-1] < 1e-4 * max(1.0, run.values[0])


def test_a_call_by_python_gives_what_a_kernel_gives():
    """To rounding: value and gradient are the same numbers."""
    called = uncalled((numpy_bowl, bowl_gradient))
    compiled = optviz.function((bowl, bowl_gradient))
    for name in ("sgd", "adam"):
        one, other = (optviz.minimize(unit, name, (3.0, 2.0), steps=50, lr=0.05) for unit in (called, compiled))
        np.testing.assert_allclose(one.points, other.points, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(one.values, other.values, rtol=1e-12, atol=1e-12)
    starts = np.random.default_rng(1).uniform(-3, 3, (37, 2))
    one, other = (minimize_many(unit, "adam", starts, 30, lr=0.1) for unit in (called, compiled))
    np.testing.assert_allclose(one.points, other.points, rtol=1e-12, atol=1e-12)


def test_central_differences_are_close():
    unit = uncalled(numpy_bowl)
    assert unit.gradient(3.0, 2.0) == pytest.approx(bowl_gradient(3.0, 2.0), rel=1e-7)


@pytest.mark.slow
def test_every_optimizer_runs_on_what_is_called():
    unit = uncalled((numpy_bowl, bowl_gradient))
    for rule in OPTIMIZERS:
        if not refusal(configure(rule.name), "points", unit):
            run = optviz.minimize(unit, rule.name, (3.0, 2.0), steps=5)
            assert len(run.values) == 6 or run.stopped


def test_in_threads_each_has_its_own_failure():
    """Two functions that fail, at the same time: each error is its own function's."""

    def failing(word):
        def f(x, y):
            if abs(x) < 1.5:
                raise ValueError(word)
            return float(np.sum([x * x, y * y]))

        return uncalled((f, lambda x, y: (2 * x, 2 * y)), bounds=((2, 5), (2, 5)))

    units = {word: failing(word) for word in ("one", "other", "third")}

    def run(word):
        with pytest.raises(FormulaError, match=f"fails at .*ValueError: {word}"):
            optviz.minimize(units[word], "sgd", (4.0, 4.0), steps=200, lr=0.05)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, list(units) * 4))
    good = uncalled((numpy_bowl, bowl_gradient))
    with ThreadPoolExecutor(3) as pool:
        ends = set(pool.map(lambda _: optviz.minimize(good, "adam", (3.0, 2.0), steps=30).values[-1], range(6)))
    assert len(ends) == 1


def raising(x, y):
    raise KeyError("nothing here")


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (raising, "raising fails at .*KeyError"),
        (lambda x, y: "text" + str(sum([x])), "(?s)returns 'text.*must return one number"),
        (lambda x, y: None if sum([x]) else None, "returns None"),
        (lambda x, y: bool(sum([x]) > 0), "returns (True|False)"),
        (lambda x, y: np.array([x, y]), "an array of shape"),
        (lambda x, y: [x], "returns"),
        (lambda x, y: {}[x], "KeyError"),
        (lambda x, y: x.nothing, "AttributeError"),
        ((numpy_bowl, lambda x, y: (1.0, 2.0, 3.0)), "returns 3 numbers"),
        ((numpy_bowl, lambda x, y: 1.0), "returns 1 number"),
        ((numpy_bowl, raising), "raising fails at .*KeyError"),
        (lambda x: x, "an array of shape"),
    ],
)
def test_what_fails_or_gives_no_number_is_refused_with_its_place(what, words):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(FormulaError, match=words) as caught:
            unit = optviz.function(what)
            optviz.minimize(unit, "sgd", (1.0, 1.0), steps=5, lr=0.1)
    assert caught.value.remedy


def test_a_gradient_that_fails_later_ends_the_run():
    def fails(x, y):
        if x < 2:
            raise OSError("gone")
        return 2 * x, 2 * y

    unit = uncalled((lambda x, y: float(np.sum([x * x, y * y])), fails), bounds=((3, 5), (3, 5)))
    with pytest.raises(FormulaError, match="OSError: gone"):
        optviz.minimize(unit, "sgd", (4.0, 4.0), steps=100, lr=0.1)


def test_outside_of_its_domain_a_function_has_no_value():
    def root(x, y):
        return math.sqrt(x) + y * y + sum([0.0])

    unit = uncalled(root)
    assert math.isnan(unit.value(-1.0, 0.0)) and unit.value(4.0, 0.0) == 2.0
    assert unit.minimum == pytest.approx(0, abs=1e-4)
    complex_one = uncalled(lambda x, y: sum([(x + 0.1) ** 0.5, y * y]))
    assert math.isnan(complex_one.value(-1.0, 0.0))


def test_printing_is_the_functions_own(capsys):
    def loud(x, y):
        print("called")
        return x * x + y * y

    unit = uncalled(loud)
    optviz.minimize(unit, "sgd", (1.0, 1.0), steps=2, lr=0.1)
    assert "called" in capsys.readouterr().out


def test_a_function_may_count_its_calls():
    counting = Counting()
    unit = uncalled((counting, bowl_gradient))
    before = counting.count
    optviz.minimize(unit, "sgd", (3.0, 2.0), steps=10, lr=0.1)
    assert counting.count - before >= 11


def test_on_a_gpu_python_cannot_be_called():
    unit = uncalled((numpy_bowl, bowl_gradient))
    with pytest.raises(OptvizError) as caught:
        minimize_many(unit, "sgd", [(1.0, 1.0)], 5, device="cuda")
    assert "cuda" in str(caught.value).lower()


def test_the_warning_says_why_and_how_slow():
    with pytest.warns(UserWarning) as told:
        optviz.function(numpy_bowl)
    (text,) = [str(one.message) for one in told]
    assert "thousand steps" in text and "central differences" in text and "numpy_bowl" in text.lower().replace(" ", "_")


FOREVER = """
import math, signal, sys
import optviz
calls = []
def endless(x, y):
    calls.append(x)
    while len(calls) > 5000:
        pass
    return x * x + y * y + sum([0.0])
import warnings
warnings.simplefilter("ignore")
unit = optviz.function((endless, lambda x, y: (2 * x, 2 * y)))
print("ready", flush=True)
calls.extend([0.0] * 5000)
try:
    optviz.minimize(unit, "sgd", (1.0, 1.0), steps=10**6, lr=1e-6)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no Ctrl-C for one process")
def test_ctrl_c_ends_a_function_that_never_returns(tmp_path):
    file = tmp_path / "endless.py"
    file.write_text(FOREVER)
    running = subprocess.Popen([sys.executable, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert running.stdout.readline() == "ready\n"
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    finally:
        running.kill()
        running.communicate()
    assert out == "interrupted\n" and "Traceback" not in err, err
    assert running.returncode == 0


@pytest.mark.skipif(not COMPILES, reason="Numba's compiler is switched off")
def test_compiled_runs_need_no_python():
    unit = optviz.function(bowl)
    assert minimize_many(unit, "sgd", np.ones((1000, 2)), 100, lr=0.1).values.max() < 1e-6
