"""Races and the tuning of their learning rates."""

import math

import numpy as np
import pytest

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import SEVEN
from optviz.runs.points import tuning
from optviz.runs.points.minimize import minimize
from optviz.runs.points.race import race, view_of


@pytest.fixture(scope="module")
def rosenbrock():
    return race("rosenbrock", steps=120, resolution=40)


def test_seven_optimizers_run_from_one_start(rosenbrock):
    assert [run.optimizer for run in rosenbrock.trajectories] == list(SEVEN)
    assert all(tuple(run.points[0]) == rosenbrock.start for run in rosenbrock.trajectories)
    assert all(run.steps == 120 for run in rosenbrock.trajectories)


@pytest.mark.slow
def test_every_trajectory_is_the_one_that_minimize_gives(rosenbrock):
    for run in rosenbrock.trajectories:
        alone = minimize("rosenbrock", run.optimizer, steps=120, **run.hyperparameters)
        np.testing.assert_array_equal(run.points, alone.points)


def test_the_landscape_is_the_function_at_cell_centres(rosenbrock):
    scape = rosenbrock.landscape
    (x_low, x_high), (y_low, y_high) = scape.view
    x = x_low + (x_high - x_low) * 5.5 / 40
    y = y_low + (y_high - y_low) * 9.5 / 40
    assert scape.values.shape == (40, 40)
    assert scape.values[9, 5] == pytest.approx(FUNCTIONS["rosenbrock"].value(x, y), rel=1e-12)


def test_the_provenance_is_generated_from_the_budget(rosenbrock):
    text = rosenbrock.provenance()
    assert text == (
        "learning rates: the rate with the lowest settled gap (largest of the last twentieth of 120 steps), median "
        "over 16 nearby starts, each of 49 judged with its two neighbours; diverged is worst · no clipping · seed 0"
    )
    assert rosenbrock.tuning["grid"] == rosenbrock.tuning["most"] == 49 and rosenbrock.tuning["starts"] == 16


def test_tuned_rates_are_on_the_grid_and_do_not_depend_on_the_company(rosenbrock):
    grid = tuning.grid(np.arange(-60, 60))
    assert len(set(grid)) == len(grid)
    alone = race("rosenbrock", ["adam"], steps=120, resolution=8)
    adam = rosenbrock.trajectories[SEVEN.index("adam")]
    assert alone.trajectories[0].hyperparameters == adam.hyperparameters
    assert all(run.hyperparameters["lr"] in grid for run in rosenbrock.trajectories)


def test_tuned_rates_do_not_diverge_and_make_progress(rosenbrock):
    for run in rosenbrock.trajectories:
        assert run.diverged_at is None
        assert run.gap[-1] < run.gap[0] / 2


def test_a_rate_can_be_given_for_one_and_the_others_are_tuned():
    result = race("sphere", ["sgd", "adam"], steps=40, lr={"adam": 0.05}, resolution=8)
    assert result.rates == {"sgd": "tuned", "adam": "given"}
    assert result.trajectories[1].hyperparameters["lr"] == 0.05
    assert result.provenance().startswith("SGD: the rate with the lowest settled gap")
    assert "judged with its two neighbours; diverged is worst · others: given" in result.provenance()


def test_one_rate_for_all():
    result = race("sphere", ["sgd", "adam"], steps=40, lr=0.03, resolution=8)
    assert [run.hyperparameters["lr"] for run in result.trajectories] == [0.03, 0.03]
    assert result.tuning is None


@pytest.mark.parametrize(("table", "lr"), [("torch", 1e-3), ("keras", 0.01)])
def test_default_rates_come_from_the_named_table(table, lr):
    result = race("sphere", ["sgd"], steps=10, lr="defaults", defaults=table, resolution=8)
    assert result.trajectories[0].hyperparameters["lr"] == lr
    assert f"{table} defaults" in result.provenance()


def test_equal_seeds_give_equal_races():
    one, two = (race("sphere", ["sgd", "adam"], steps=40, seed=3, resolution=8) for _ in range(2))
    for a, b in zip(one.trajectories, two.trajectories, strict=True):
        np.testing.assert_array_equal(a.points, b.points)


@pytest.mark.parametrize(
    ("keywords", "error", "words"),
    [
        ({"optimizers": []}, UsageError, "empty"),
        ({"optimizers": ["adam", "adam"]}, UsageError, "twice"),
        ({"optimizers": ["adma"]}, UnknownNameError, "adma"),
        ({"lr": "default"}, UsageError, "default"),
        ({"lr": {"adam": -1.0}}, UsageError, "-1.0"),
        ({"lr": {"adma": 1.0}}, UnknownNameError, "adma"),
        ({"lr": {"rmsprop": 1.0}, "optimizers": ["sgd"]}, UsageError, "rmsprop"),
        ({"lr": math.nan}, UsageTypeError, "nan"),
        ({"seed": -1}, UsageError, "-1"),
        ({"steps": 0}, UsageError, "0"),
        ({"start": (9e9, 0.0)}, UsageError, "too far away"),
        ({"defaults": "keras3"}, UsageError, "keras3"),
    ],
)
def test_bad_arguments_are_refused_by_name(keywords, error, words):
    with pytest.raises(error, match=words):
        race("sphere", **{"steps": 10, "resolution": 8} | keywords)


def test_a_start_outside_the_bounds_is_said_and_the_map_grows():
    inside = race("rosenbrock", ["sgd"], steps=5, resolution=8)
    outside = race("rosenbrock", ["sgd"], start=(-3.0, 5.0), steps=5, resolution=8)
    assert "outside" not in inside.provenance() and inside.landscape.view == FUNCTIONS["rosenbrock"].view
    assert "start outside the function's bounds" in outside.provenance()
    (left, right), (low, high) = outside.landscape.view
    assert left < -3.0 and high > 5.0 and right >= 2.0 and low <= -1.0
    assert (right - left) == pytest.approx(high - low)  # as square as before
    assert tuple(outside.trajectories[0].points[0]) == (-3.0, 5.0)


@pytest.mark.parametrize("start", [(0.0, 9.0), (9.0, 0.0), (-9.0, -30.0), (2.5, 0.0), (2.0, 3.0)])
def test_a_grown_map_holds_the_view_and_the_start_with_some_air(start):
    function = FUNCTIONS["rosenbrock"]
    for (low, high), (least, most), at in zip(view_of(function, start), function.view, start, strict=True):
        assert low <= least + 1e-12 and high >= most - 1e-12
        if not least <= at <= most:
            assert low + 0.04 * (high - low) < at < high - 0.04 * (high - low)


def test_a_race_under_noise_is_what_minimize_sees():
    noisy = race("sphere", ["sgd", "adam"], steps=20, noise="gaussian:0.5", seed=3, resolution=8)
    assert noisy.noise == "gaussian:0.5" and " · noise gaussian:0.5 · " in noisy.provenance()
    for run in noisy.trajectories:
        alone = minimize("sphere", run.optimizer, steps=20, noise="gaussian:0.5", seed=3, **run.hyperparameters)
        np.testing.assert_array_equal(run.points, alone.points)
