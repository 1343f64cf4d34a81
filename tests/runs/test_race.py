"""Races and the tuning of their learning rates."""

import math

import numpy as np
import pytest

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import SEVEN, configure
from optviz.runs import tuning
from optviz.runs.race import race
from optviz.runs.trajectory import minimize


@pytest.fixture(scope="module")
def rosenbrock():
    return race("rosenbrock", steps=120, resolution=40)


def test_seven_optimizers_run_from_one_start(rosenbrock):
    assert [run.optimizer for run in rosenbrock.trajectories] == list(SEVEN)
    assert all(tuple(run.points[0]) == rosenbrock.start for run in rosenbrock.trajectories)
    assert all(run.steps == 120 for run in rosenbrock.trajectories)


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
    assert text == "learning rates: best of 49 over 16 nearby starts, 120 steps each · no clipping · seed 0"
    assert rosenbrock.tuning["grid"] == 49 and rosenbrock.tuning["starts"] == 16


def test_tuned_rates_are_on_the_grid_and_do_not_depend_on_the_company(rosenbrock):
    grid = tuning.rates_for(FUNCTIONS["rosenbrock"])
    assert len(grid) == 49 and len(set(grid)) == 49
    alone = race("rosenbrock", ["adam"], steps=120, resolution=8)
    adam = rosenbrock.trajectories[SEVEN.index("adam")]
    assert alone.trajectories[0].hyperparameters == adam.hyperparameters
    assert all(run.hyperparameters["lr"] in grid for run in rosenbrock.trajectories)


def test_tuned_rates_do_not_diverge_and_make_progress(rosenbrock):
    for run in rosenbrock.trajectories:
        assert run.diverged_at is None
        assert run.gap[-1] < run.gap[0] / 2


def test_tuned_sgd_on_a_quadratic_stays_below_the_stability_limit():
    # Curvatures 2 and 200: stable below 2 / 200, best for both at 2 / 202.
    setting = configure("sgd")
    (tuned,), _ = tuning.tune(
        FUNCTIONS["quadratic"], [setting], tuning.jittered(FUNCTIONS["quadratic"], (-4.0, 3.0), 0), 300
    )
    assert 0.003 < tuned.hyperparameters["lr"] < 0.01


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_scores_are_those_of_runs_alone(name):
    function, setting = FUNCTIONS["booth"], configure(name)
    rates, starts = tuning.rates_for(function), tuning.spread(function.view, 2)
    scores = tuning._scores(function, setting, rates, starts, 40)
    assert scores.shape == (49,)
    for at in (0, 3, 24, 25, 31, 48):  # the last ones diverge
        runs = [minimize(function, setting, start, 40, lr=rates[at]) for start in starts.tolist()]
        points, values = (np.array([getattr(run, part) for run in runs]) for part in ("points", "values"))
        assert scores[at] == np.percentile(tuning.score(function, points, values), 75)


def test_a_rate_can_be_given_for_one_and_the_others_are_tuned():
    result = race("sphere", ["sgd", "adam"], steps=40, lr={"adam": 0.05}, resolution=8)
    assert result.rates == {"sgd": "tuned", "adam": "given"}
    assert result.trajectories[1].hyperparameters["lr"] == 0.05
    assert result.provenance().startswith("SGD: best of 49 over 16 nearby starts, 40 steps each · others: given")


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
        ({"start": (99.0, 0.0)}, UsageError, "99"),
        ({"defaults": "keras3"}, UsageError, "keras3"),
    ],
)
def test_bad_arguments_are_refused_by_name(keywords, error, words):
    with pytest.raises(error, match=words):
        race("sphere", **{"steps": 10, "resolution": 8} | keywords)


@pytest.mark.parametrize("name", SEVEN)
def test_the_best_rate_hardly_depends_on_the_number_of_steps(name):
    function = FUNCTIONS["rosenbrock"]
    rates = [
        tuning.tune(function, [configure(name)], tuning.jittered(function, function.start, 0), steps)[0][0]
        for steps in (200, 300)
    ]
    few, many = (setting.hyperparameters["lr"] for setting in rates)
    assert abs(math.log10(few / many)) < 0.4  # two values of the grid


def test_a_run_that_leaves_low_ground_has_not_arrived():
    function = FUNCTIONS["sphere"]
    steps = 10
    points = np.zeros((2, steps + 1, 2))
    values = np.ones((2, steps + 1))
    values[0, 5:] = 1e-3  # arrives and stays
    values[1, 2:-1] = 1e-3  # arrives sooner and leaves at the last step
    stays, leaves = tuning.score(function, points, values)
    assert stays < leaves


def test_leaving_the_map_and_diverging_cost():
    function = FUNCTIONS["sphere"]
    points = np.zeros((3, 11, 2))
    values = np.full((3, 11), 0.5)
    points[1, 4] = 1e3  # outside once
    points[2, 6:] = np.nan
    values[2, 6:] = np.nan
    inside, outside, diverged = tuning.score(function, points, values)
    assert inside < outside < diverged == tuning.WORST


def test_a_lucky_rate_between_two_bad_ones_is_not_the_best():
    scores = np.array([3.0, 2.0, 1.5, 1.2, 2.0, 0.1, 900.0, 1000.0])
    assert tuning._best(scores) == 3


def test_a_rate_below_the_edge_of_divergence_is_the_best():
    scores = np.array([3.0, 2.0, 1.5, 1.0, 1000.0, 1000.0])
    assert tuning._best(scores) == 3
