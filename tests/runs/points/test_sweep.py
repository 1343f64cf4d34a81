"""`sweep`: every pixel is the run that `minimize` gives with its hyperparameters; axes, and the best robust pixel."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

import optviz
from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.results.sweep import Axis
from optviz.runs.points import slices, tuning
from optviz.runs.points import sweep as module
from optviz.runs.points.sweep import robust, sweep
from tests.runs.points.alone import EDGE, alone

STEPS = 80
LR = ("lr", 1e-3, 10.0, 24)
BETA1, BETA2 = ("beta1", 0.0, 0.99, 17), ("beta2", 0.0, 0.999, 19)
MOMENTUM = ("momentum", 0.0, 0.99, 17)
START_SUM = ("initial_accumulator_value", 1e-6, 10.0, 18)


def assert_pixels(made, function, optimizer, count=25, noise=None, seed=0, **settings):
    """Some random pixels are what their hyperparameters give alone, bit for bit."""
    random = np.random.default_rng(0)
    start = np.array([made.start])
    for row, column in zip(
        random.integers(len(made.y.values), size=count), random.integers(len(made.x.values), size=count), strict=True
    ):
        varied = {made.x.name: made.x.values[column], made.y.name: made.y.values[row]}
        fixed = {"noise": noise, "seed": seed} if noise else {}
        run = alone(function, optimizer, start, made.steps, tolerance=made.tolerance, **fixed, **settings, **varied)
        for name in ("arrived", "diverged", "values"):
            np.testing.assert_array_equal(getattr(made, name)[row, column], run[name][0], err_msg=f"{name} {varied}")


CASES = [
    ("momentum", ("lr", 1e-3, 0.1, 24), MOMENTUM, {}),
    ("momentum", MOMENTUM, ("lr", 1e-3, 0.1, 24), {}),
    ("adam", LR, BETA1, {}),
    ("adam", BETA1, LR, {}),
    ("adam", BETA1, BETA2, {"lr": 0.1}),
    ("adam", LR, ("eps", 1e-8, 1e2, 11), {}),
    # Keras's step scalar holds the learning rate and both averages.
    ("adam", LR, BETA1, {"defaults": "keras"}),
    ("adam", BETA2, BETA1, {"defaults": "keras", "lr": 0.1}),
    # This one is where a state slot starts.
    ("adagrad", START_SUM, LR, {}),
    ("adagrad", LR, START_SUM, {}),
]
SLOW = [
    ("adagrad", LR, ("lr_decay", 1e-5, 1.0, 13), {}),
    ("adagrad", LR, START_SUM, {"defaults": "keras"}),
    ("rmsprop", LR, MOMENTUM, {}),
    ("rmsprop", LR, ("rho", 0.0, 0.999, 13), {"centered": True}),
    ("momentum", ("dampening", 0.0, 1.0, 13), MOMENTUM, {"lr": 0.003}),
    ("momentum", ("lr", 1e-3, 0.1, 24), MOMENTUM, {"variant": "keras"}),
    ("nesterov", ("lr", 1e-3, 0.1, 24), MOMENTUM, {}),
    ("adadelta", LR, ("rho", 0.0, 0.999, 13), {}),
    ("adadelta", ("eps", 1e-8, 1.0, 13), ("rho", 0.0, 0.999, 13), {"variant": "paper"}),
]


@pytest.mark.parametrize(
    ("optimizer", "x", "y", "settings"), [*CASES, *(pytest.param(*case, marks=pytest.mark.slow) for case in SLOW)]
)
def test_every_pixel_is_a_run_alone(optimizer, x, y, settings):
    made = sweep("quadratic", optimizer, x, y, steps=STEPS, tolerance=1.0, **settings)
    assert made.arrived.shape == made.diverged.shape == made.values.shape == (y[3], x[3])
    assert 0 < (made.arrived >= 0).mean() < 1
    assert_pixels(made, FUNCTIONS["quadratic"], optimizer, **settings)


def test_pixels_beside_nan_are_runs_alone():
    made = sweep(EDGE, "momentum", ("lr", 1e-3, 3.0, 300), MOMENTUM, start=(2.0, 1.0), steps=STEPS, tolerance=0.1)
    assert (made.diverged > 0).any() and (made.arrived >= 0).any()
    assert np.isnan(made.values[made.diverged > 0]).all() and np.isfinite(made.values[made.arrived >= 0]).all()
    assert_pixels(made, EDGE, "momentum", count=60)


def test_all_pixels_see_the_same_noise():
    x = ("lr", 1e-3, 0.1, 300)
    made = sweep("quadratic", "momentum", x, MOMENTUM, steps=STEPS, tolerance=1.0, noise="gaussian:0.5", seed=7)
    assert (made.noise, made.seed) == ("gaussian:0.5", 7)
    assert_pixels(made, FUNCTIONS["quadratic"], "momentum", noise="gaussian:0.5", seed=7)


def test_threads_and_slices_change_nothing(monkeypatch):
    axes = ("lr", 1e-3, 0.1, 300), MOMENTUM
    whole = sweep("quadratic", "momentum", *axes, steps=STEPS, threads=1)
    monkeypatch.setattr(slices, "SLICE", 1e-9)
    monkeypatch.setattr(slices, "FIRST", 1)
    pieces = sweep("quadratic", "momentum", *axes, steps=STEPS, threads=3)
    for name in ("arrived", "diverged", "values"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(pieces, name))


def test_step_scalars_in_slices(monkeypatch):
    whole = sweep("quadratic", "adam", BETA1, BETA2, lr=0.1, steps=STEPS)
    monkeypatch.setattr(slices, "SLICE", 1e-9)
    monkeypatch.setattr(slices, "FIRST", 1)
    np.testing.assert_array_equal(sweep("quadratic", "adam", BETA1, BETA2, lr=0.1, steps=STEPS).values, whole.values)


def test_progress_ends_at_the_whole():
    seen = []
    sweep("quadratic", "momentum", LR, MOMENTUM, steps=STEPS, progress=lambda *now: seen.append(now))
    assert seen[-1] == (24 * 17 * STEPS,) * 2 and seen == sorted(seen)


# Axes


def axes(x, y=MOMENTUM, optimizer="momentum"):
    """Of a sweep of one step."""
    made = sweep("quadratic", optimizer, x, y, steps=1)
    return made.x, made.y


def test_values_lie_at_the_pixels_centres():
    x, y = axes(("lr", 1e-3, 1.0, 3), ("momentum", 0.0, 0.75, 2))
    assert (x.name, x.scale, x.low, x.high) == ("lr", "log", 1e-3, 1.0)
    np.testing.assert_allclose(x.values, [10**-2.5, 10**-1.5, 10**-0.5], rtol=1e-14)
    # 1 - b from 1 to 1/4: centres at a quarter and three quarters of two octaves.
    assert (y.name, y.scale, y.low, y.high) == ("momentum", "log(1-b)", 0.0, 0.75)
    np.testing.assert_allclose(y.values, [1 - 2**-0.5, 1 - 2**-1.5], rtol=1e-14)
    x, y = axes(("lr", 1.0, 5.0, 2, "linear"), ("momentum", 0.1, 0.9, 4, "linear"))
    assert x.values.tolist() == [2.0, 4.0]
    np.testing.assert_allclose(y.values, [0.2, 0.4, 0.6, 0.8], rtol=1e-14)


@hypothesis(max_examples=60, deadline=None)
@given(
    scale=st.sampled_from(["log", "linear", "log(1-b)"]),
    ends=st.tuples(st.floats(1e-6, 0.99), st.floats(1e-6, 0.99)).filter(lambda ends: abs(ends[0] - ends[1]) > 1e-3),
    count=st.integers(2, 400),
)
def test_pixels_are_placed_where_they_are(scale, ends, count):
    low, high = sorted(ends)
    request = ("momentum", low, high, count, scale)
    axis = module._axis(FUNCTIONS["quadratic"], module.configure("momentum"), request, (1.0, 1.0), 1, None, 0)
    place = axis.place(axis.values)
    np.testing.assert_allclose(place, np.arange(count) + 0.5, atol=1e-6 * count)
    assert axis.place([low, high]) == pytest.approx([0, count], abs=1e-9)
    assert (np.diff(axis.values) > 0).all() and low < axis.values[0] and axis.values[-1] < high


def test_a_place_off_the_scale_is_none():
    assert np.isnan(Axis("lr", "log", 1.0, 2.0, np.ones(3)).place([-1.0])).all()
    assert np.isnan(Axis("beta1", "log(1-b)", 0.0, 0.9, np.ones(3)).place([1.5])).all()


def test_usual_axes():
    x, y = axes("lr", "momentum")
    assert len(x.values) == len(y.values) == module.PIXELS
    assert x.high / x.low == pytest.approx(module.BELOW * module.ABOVE)
    grid = tuning.grid(np.arange(-60, 60))
    assert np.isclose(x.low * module.BELOW, grid).any()
    assert (y.low, y.high, y.scale) == (0.0, 0.999, "log(1-b)")
    one, other = axes(("lr", None, None, 5), ("momentum", None, None, 6, "linear"))
    assert (one.low, one.high, len(one.values)) == (x.low, x.high, 5)
    assert (other.low, other.high, other.scale, len(other.values)) == (0.0, 0.999, "linear", 6)


def test_axes_go_by_the_names_of_other_libraries_too():
    ours, theirs = (
        sweep("quadratic", "adam", (name, *BETA1[1:]), ("lr", *LR[1:]), steps=STEPS) for name in ("beta1", "beta_1")
    )
    assert theirs.x.name == "beta1"
    np.testing.assert_array_equal(ours.values, theirs.values)


def test_the_record_names_what_made_it():
    made = sweep("booth", "adam", BETA1, LR, steps=3, start=(1.0, -2.0), beta_2=0.9, eps=1e-3, seed=4)
    assert made.contender.hyperparameters == {"lr": 1e-3, "beta1": 0.9, "beta2": 0.9, "eps": 1e-3}
    assert (made.start, made.steps, made.seed, made.tolerance, made.noise) == ((1.0, -2.0), 3, 4, 1e-4, "")
    assert made.landscape.function == "booth" and made.best is None
    assert made.provenance() == "from (1, −2) · beta2 0.9 · eps 0.001 · tolerance 0.0001 · no clipping · seed 4"
    assert sweep("booth", "adam", BETA1, LR, steps=1).start == FUNCTIONS["booth"].start


# The best robust pixel


def slow_best(arrived, radius):
    """The same with two loops: (worst, own, row, column), the least of all."""
    found = []
    rows, columns = arrived.shape
    for row in range(radius, rows - radius):
        for column in range(radius, columns - radius):
            around = arrived[row - radius : row + radius + 1, column - radius : column + radius + 1]
            if (around >= 0).all():
                found.append((around.max(), arrived[row, column], row, column))
    return min(found, default=None)


def plain_axis(name, count):
    return Axis(name, "linear", 0.0, float(count), np.arange(count) + 0.5)


@hypothesis(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(1, 14),
    columns=st.integers(1, 14),
    radius=st.integers(1, 3),
    lost=st.floats(0, 0.2),
)
def test_the_best_pixel_is_that_of_a_slow_search(seed, rows, columns, radius, lost):
    random = np.random.default_rng(seed)
    arrived = random.integers(0, 6, (rows, columns), np.int32)
    arrived[random.random(arrived.shape) < lost] = -1
    best = robust(arrived, plain_axis("lr", columns), plain_axis("momentum", rows), radius)
    expected = slow_best(arrived, radius)
    if expected is None:
        assert best is None
        return
    worst, own, row, column = expected
    assert (best["worst"], best["steps"], best["row"], best["column"]) == (worst, own, row, column)
    assert (best["lr"], best["momentum"], best["radius"]) == (column + 0.5, row + 0.5, radius)


def test_the_best_pixel_of_a_sweep_is_inside_its_map():
    made = sweep("booth", "momentum", ("lr", 1e-3, 0.3, 60), ("momentum", 0.0, 0.95, 50), steps=500)
    column, row, radius = made.best["column"], made.best["row"], made.best["radius"]
    assert radius == 1  # a fortieth of 50
    around = made.arrived[row - radius : row + radius + 1, column - radius : column + radius + 1]
    assert around.shape == (3, 3) and around.min() >= 0 and around.max() == made.best["worst"]
    assert (made.best["lr"], made.best["momentum"]) == (made.x.values[column], made.y.values[row])
    assert made.arrived[row, column] == made.best["steps"]


# Bad input

THREE = FUNCTIONS["sphere"].in_dimension(3)


@pytest.mark.parametrize(
    ("keywords", "error", "words"),
    [
        ({"y": ("momentun", 0, 0.9, 5)}, UsageError, "(?s)y: momentum has no .*Did you mean 'momentum'"),
        ({"x": ("nonsense", 0, 0.9, 5)}, UsageError, "(?s)'nonsense'.*It has: lr, momentum, dampening"),
        ({"optimizer": "adam", "x": ("betas", 0, 0.9, 5)}, UsageError, "adam has no hyperparameter 'betas'"),
        ({"x": ("lr", 1, 0.1, 5)}, UsageError, "lr reaches from 1 to 0.1"),
        ({"x": ("lr", 0.1, 0.1, 5)}, UsageError, "lr reaches from 0.1 to 0.1"),
        ({"x": ("lr", 0.1, math.nan, 5)}, UsageError, "lr reaches from 0.1 to nan"),
        ({"x": ("lr", math.nan, 0.1, 5)}, UsageError, "lr reaches from nan to 0.1"),
        ({"x": ("lr", 0.1, math.inf, 5)}, UsageError, "lr reaches from 0.1 to inf"),
        ({"x": ("lr", -math.inf, 0.1, 5)}, UsageError, "lr reaches from -inf"),
        ({"x": ("lr", 0.1, 10**400, 5)}, UsageError, "lr reaches from 0.1 to 1000"),
        ({"x": ("lr", 0, 1, 5, "log")}, UsageError, "(?s)lr reaches down to 0.*choose linear"),
        ({"x": ("lr", -1, 1, 5)}, UsageError, "lr is -1.0"),
        ({"y": ("momentum", 0, 1, 5)}, UsageError, "momentum reaches up to 1"),
        ({"y": ("momentum", 0, 1.5, 5)}, UsageError, "momentum reaches up to 1.5"),
        ({"y": ("momentum", 0, 1.5, 5, "linear")}, UsageError, "momentum is 1.35"),
        ({"y": ("momentum", -1, 0.5, 5)}, UsageError, "momentum is -0"),
        ({"x": ("lr", 1.0, 1 + 1e-14, 300)}, UsageError, "fewer than 300 numbers"),
        ({"x": ("lr", 1.0, 2.0, 1)}, UsageError, "x: pixels is 1"),
        ({"x": ("lr", 1.0, 2.0, 10**7)}, UsageError, "x: pixels is 10000000"),
        ({"x": ("lr", 1.0, 2.0, 2.5)}, UsageTypeError, "x: pixels is 2.5"),
        ({"x": ("lr", 1.0, 2.0, 5, "sqrt")}, UsageError, "(?s)unknown scale 'sqrt'.*log, linear"),
        ({"x": ("lr", 1.0)}, UsageTypeError, "x is"),
        ({"x": ("lr", "1", "2", 5)}, UsageTypeError, "lr reaches from '1' to '2'"),
        ({"x": ("lr", False, True, 5)}, UsageTypeError, "False"),
        ({"x": ("lr", None, 1.0, 5)}, UsageTypeError, "None"),
        ({"x": None}, UsageTypeError, "x is None"),
        ({"x": 3}, UsageTypeError, "x is 3"),
        ({"x": ()}, UsageTypeError, "x is"),
        ({"x": "momentum"}, UsageError, "both axes are momentum"),
        ({"optimizer": "rmsprop", "y": ("centered", 0, 1, 5)}, UsageError, "y: centered is a switch"),
        ({"variant": "keras", "y": ("dampening", 0, 1, 5)}, UsageError, "no dampening"),
        # What would be tuned is not, because of what comes after it.
        ({"x": "lr", "y": ("momentum", 0, 1, 5)}, UsageError, "momentum reaches up to 1"),
        ({"x": "lr", "noise": "gausian:1"}, UnknownNameError, "Did you mean 'gaussian'"),
        ({"noise": "gaussian:1,2,3"}, UsageError, "3 numbers"),
        ({"start": (9e6, 0.0)}, UsageError, "too far away"),
        ({"start": (math.nan, 0.0)}, UsageError, "nan"),
        ({"steps": 0}, UsageError, "steps is 0"),
        ({"tolerance": -1.0}, UsageError, "tolerance is -1.0"),
        ({"seed": -1}, UsageError, "seed is -1"),
        ({"threads": 0}, UsageError, "threads is 0"),
        ({"momentun": 0.5}, UsageError, "Did you mean 'momentum'"),
        ({"optimizer": "momentun"}, UnknownNameError, "Did you mean 'momentum'"),
        ({"function": "spher"}, UnknownNameError, "Did you mean 'sphere'"),
        ({"function": THREE}, UsageError, "sequence of 3 numbers"),
        ({"defaults": "keras3"}, UsageError, "keras3"),
        ({"x": ("lr", 0.1, 1.0, 10**6), "y": ("momentum", 0.0, 0.9, 10**6)}, UsageError, "1,000,000 x 1,000,000"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_compiled(keywords, error, words, nothing_runs):
    arguments = {"function": "sphere", "optimizer": "momentum", "x": ("lr", 0.1, 1.0, 5), "y": "momentum", "steps": 9}
    with pytest.raises(error, match=words) as caught:
        sweep(**arguments | keywords)
    assert caught.value.remedy


def test_whole_numbers_vary_in_whole_numbers():
    """The pixels of an axis are as many as there are numbers, and each holds what a run alone gives."""
    axes = {"x": ("lr", 0.01, 0.1, 5), "y": ("k", 1, 4, 24)}
    sweep = optviz.sweep("booth", "lookahead(sgd)", **axes, start=(-3.0, 4.0), steps=30)
    assert sweep.y.values.tolist() == [1, 2, 3, 4] and sweep.values.shape == sweep.arrived.shape == (4, 5)
    assert (sweep.y.scale, sweep.y.low, sweep.y.high) == ("linear", 0.5, 4.5)
    assert optviz.sweep("booth", "lookahead(sgd)", **axes | {"y": ("k", 1, 100, 10)}).y.values.tolist() == [
        *range(1, 101, 10)
    ]
    for row, k in enumerate(sweep.y.values):
        for column, lr in enumerate(sweep.x.values):
            run = optviz.minimize("booth", f"lookahead(sgd, k={int(k)})", start=(-3.0, 4.0), steps=30, lr=float(lr))
            assert run.values[-1] == sweep.values[row, column]
