"""Tuning on test functions does what its printed rule says: compared with brute force, at every scale."""

import dataclasses
import math

import numpy as np
import pytest

from optviz.functions import REGISTRY as FUNCTIONS
from optviz.functions import Function
from optviz.noise import configure as noise_of
from optviz.optimizers import SEVEN, configure
from optviz.results.study_steps import areas
from optviz.runs.points import tuning
from optviz.runs.points.arrivals import Arrivals
from optviz.runs.points.criteria import MostArrive, MostTargets, SettledGap, Trials
from optviz.runs.points.minimize import minimize
from optviz.runs.points.minimize_many import minimize_many
from optviz.runs.points.problem import Problem
from optviz.runs.points.runner import Runner
from optviz.runs.points.study import study
from tests.functions.classics import OF_EACH_KIND, PLANE

FEW = [("rosenbrock", "momentum"), ("himmelblau", "adam"), ("eggholder", "sgd"), ("ackley", "adagrad")]
EVERY = [pytest.param(f, o, marks=pytest.mark.slow) for f in OF_EACH_KIND for o in SEVEN if (f, o) not in FEW]


def neighbourhoods(rows):
    """How good each rate is with the better of its neighbours, by the words of the rule; smaller is better."""
    rows = [tuple(row) for row in rows]
    return [max(own, min(rows[k] for k in (at - 1, at + 1) if 0 <= k < len(rows))) for at, own in enumerate(rows)]


def tuned(function, name, starts, steps, criterion, **noise):
    """The best rate that the search finds, all that were tried, and whether it is the last of them."""
    problem = Problem(configure(name), function, steps, criterion.thresholds, own=("lr",), **noise)
    return tuning.searched(Runner(problem), starts, criterion)


def settled(values, minimum):
    """The settled gap of one run in plain words, and when it was down to what counts as nothing."""
    gaps = [value - minimum for value in values]
    steps = len(gaps) - 1
    last = gaps[-max(steps // 20, 1) :]
    if not all(math.isfinite(gap) for gap in last) or min(last) < -1e-8 * max(abs(minimum), 1):
        return math.inf, steps + 1
    nothing = 1e-8 * min(gaps[0], 1)
    down = next((k + 1 for k in range(steps, -1, -1) if not gaps[k] <= nothing), 0)
    return max(*last, nothing), down


@pytest.mark.parametrize(("name", "optimizer"), [*FEW, *EVERY])
def test_no_rate_whose_neighbourhood_is_better_is_passed_over(name, optimizer):
    function = FUNCTIONS[name]
    steps = min(function.steps, 100)
    starts = tuning.jittered(function, function.start, 0)
    found = tuned(function, optimizer, starts, steps, SettledGap(function))
    rows = []
    for rate in found.rates:
        runs = Runner(Problem(configure(optimizer, lr=rate), function, steps)).slice(starts).paths()[1].tolist()
        rows.append(tuple(np.median([settled(values, function.minimum) for values in runs], axis=0)))
    judged, at = neighbourhoods(rows), found.rates.tolist().index(found.rate)
    assert judged[at] == min(judged)
    assert rows[at] == min(row for row, both in zip(rows, judged, strict=True) if both == min(judged))
    no_rate_matters = len({*rows}) == 1  # where the gradient is zero, as on steps
    assert 0 < at < len(rows) - 1 or found.end or no_rate_matters


@pytest.mark.parametrize(("name", "optimizer"), [*FEW[:2], *EVERY])
def test_basins_take_the_largest_share_then_the_fewest_steps_then_the_lowest_gap(name, optimizer):
    function, steps = FUNCTIONS[name], 80
    starts = tuning.spread(function.region, 1)
    criterion = MostArrive(function, Arrivals(function, 1e-4, np.float64))
    found = tuned(function, optimizer, starts, steps, criterion)
    rows = []
    for rate in found.rates:
        batch = minimize_many(function, optimizer, starts, steps, lr=rate)
        missed = round(100 * sum(at < 0 for at in batch.arrived) / len(starts))
        taken = sum(at if at >= 0 else steps for at in batch.arrived) / len(starts)
        gaps = np.where(np.isfinite(batch.values), batch.values - function.minimum, np.inf)
        rows.append((missed, taken if missed < 100 else steps, np.median(gaps)))
    judged, at = neighbourhoods(rows), found.rates.tolist().index(found.rate)
    assert judged[at] == min(judged)


def test_a_study_tunes_by_what_it_ranks_by():
    function, steps = FUNCTIONS["himmelblau"], 60
    starts = tuning.spread(function.region, 0, 8)
    found = tuned(function, "adam", starts, steps, MostTargets(function))
    rows = []
    for rate in found.rates[::6]:
        made = study([function], ["adam"], starts=40, steps=steps, lr=float(rate), seed=3)
        rows.append(areas(made.reached, steps)[0, 0])
    best = study([function], ["adam"], starts=40, steps=steps, lr=found.rate, seed=3)
    assert areas(best.reached, steps)[0, 0] > max(rows) - 0.02


def test_rows_are_those_of_runs_alone_whatever_runs_with_them():
    function = FUNCTIONS["booth"]
    starts, criterion = tuning.spread(function.view, 2, 4), SettledGap(function)
    runner = Runner(Problem(configure("adam"), function, 40, own=("lr",)))
    rates = tuning.grid(np.arange(-20, 15))
    together = criterion.rows(Trials(runner, rates, starts))
    for at in (0, 3, 17, 34):
        np.testing.assert_array_equal(criterion.rows(Trials(runner, rates[at : at + 1], starts))[0], together[at])


# Which of neighbouring rates


@pytest.mark.parametrize(
    ("rows", "at", "end"),
    [
        ([3.0, 2.0, 1.5, 1.2, 2.0, 0.1, 900.0, 1000.0], 3, 0),  # 0.1 was lucky
        ([3.0, 2.0, 1.5, 1.0, math.inf, math.inf], 3, 0),  # below the edge of divergence
        ([3.0, 2.0, 1.0], 2, 1),
        ([1.0, 2.0, 3.0], 0, -1),
        ([math.inf] * 4, 0, -1),
        ([math.inf, math.inf, 2.0, 1.0], 3, 1),
        ([0.5, 0.5, 0.5], 0, 0),  # nothing to be found beyond
    ],
)
def test_the_better_of_the_two_neighbours_whose_worse_one_is_best(rows, at, end):
    assert tuning.best(np.array(rows)[:, np.newaxis]) == (at, end)


def test_a_later_number_decides_between_equals():
    rows = np.array([[1.0, 9.0], [0.0, 5.0], [0.0, 3.0], [0.0, 4.0], [2.0, 0.0]])
    assert tuning.best(rows) == (2, 0)


# The settled gap


def values_of(*runs):
    return np.array(runs, float)


def test_a_run_that_leaves_low_ground_has_not_arrived():
    stays, leaves = [1.0] * 5 + [1e-3] * 6, [1.0] * 2 + [1e-3] * 8 + [1.0]
    gaps, _ = SettledGap(FUNCTIONS["sphere"]).settled(values_of(stays, leaves))
    assert gaps.tolist() == [1e-3, 1.0]


def test_diverged_and_lost_below_the_minimum_are_worst():
    runs = values_of([1.0, 0.5, 0.2], [1.0, 0.5, math.nan], [1.0, 0.5, -3.0], [1.0, -3.0, 0.2])
    gaps, steps = SettledGap(FUNCTIONS["sphere"]).settled(runs)
    assert gaps.tolist() == [0.2, math.inf, math.inf, 0.2]  # where a run passes costs nothing
    assert steps.tolist() == [3, 3, 3, 3]


def test_what_lies_below_the_last_target_is_equal_and_the_first_there_is_best():
    runs = values_of([4.0, 1e-9, 1e-12, 0.0], [4.0, 1.0, 1e-10, 1e-20], [4.0, 1e-9, 1.0, 1e-30])
    gaps, steps = SettledGap(FUNCTIONS["sphere"]).settled(runs)
    assert gaps.tolist() == [1e-8] * 3 and steps.tolist() == [1, 2, 3]


# Every scale


def scaled(size, factor=1.0):
    """factor (x² + 10 y²) on a square of a size, minimum at 0."""
    return Function(
        **{
            **{field.name: getattr(FUNCTIONS["sphere"], field.name) for field in dataclasses.fields(Function)},
            "name": "long_bowl",
            "value": _bowls[factor][0],
            "written_gradient": _bowls[factor][1],
            "bounds": ((-size, size), (-size, size)),
            "view": ((-size, size), (-size, size)),
            "start": (0.8 * size, -0.6 * size),
        }
    )


def long_bowl(x, y):
    return x**2 + 10 * y**2


def long_bowl_gradient(x, y):
    return 2 * x, 20 * y


def steep_bowl(x, y):
    return 1e9 * (x**2 + 10 * y**2)


def steep_bowl_gradient(x, y):
    return 2e9 * x, 2e10 * y


_bowls = {1.0: (long_bowl, long_bowl_gradient), 1e9: (steep_bowl, steep_bowl_gradient)}


@pytest.mark.parametrize("size", [5e-7, 5.0, 5e6])
def test_the_rate_of_a_gradient_step_follows_the_curvature_and_not_the_view(size):
    # Curvatures 2 and 20: stable below 0.1, best for both at 2 / 22 = 0.091.
    function = scaled(size)
    found = tuned(function, "sgd", tuning.jittered(function, function.start, 0), 300, SettledGap(function))
    assert found.rate in (0.068, 0.1) and not found.end and len(found.rates) == 49
    # Its neighbours tell 0.1, which is at the edge of stability, from 0.068.
    assert found.rate == 0.068


def test_the_rate_of_a_gradient_step_follows_the_values_scale():
    function = scaled(5.0, 1e9)
    found = tuned(function, "sgd", tuning.jittered(function, function.start, 0), 300, SettledGap(function))
    assert found.rate == 6.8e-11


@pytest.mark.parametrize("name", ["adam", "rmsprop", "adagrad"])
def test_the_rate_of_a_normalised_step_follows_the_view_and_not_the_curvature(name):
    places = []
    for size, factor in ((5e-3, 1e9), (5.0, 1e9), (5.0, 1.0), (5e3, 1.0)):
        function = scaled(size, factor)
        scale = tuning.scale(function, configure(name), tuning.jittered(function, function.start, 0))
        places.append(scale / size)
    np.testing.assert_allclose(places, places[0], rtol=1e-5)


def test_a_run_far_out_on_a_large_function_is_not_called_diverged():
    function = scaled(5e6)
    assert function.far == 5e9 and FUNCTIONS["sphere"].far == 1e6
    run = minimize(function, "sgd", lr=0.05, steps=100)
    assert run.diverged_at is None and run.gap[-1] < 1e-9 * run.gap[0]
    batch = minimize_many(function, "sgd", [function.start], steps=100, lr=0.05)
    assert batch.diverged.tolist() == [0] and batch.values[0] == run.values[-1]
    assert minimize(function, "sgd", lr=1.0, steps=100).diverged_at


def test_a_grid_grows_until_the_best_rate_is_inside():
    function = FUNCTIONS["sphere"]
    runner = Runner(Problem(configure("sgd"), function, 40, own=("lr",)))

    class Near:
        """The rate nearest to a thousand times the best of the first grid."""

        rule, thresholds = "", []

        def rows(self, trials):
            return np.abs(np.log(trials.rates / 3.3e4))[:, np.newaxis]

    found = tuning.searched(runner, tuning.jittered(function, function.start, 0), Near())
    assert found.rate == 3.2e4 and not found.end and len(found.rates) % 6 == 1 and len(found.rates) > 49

    class Beyond(Near):
        def rows(self, trials):
            return -trials.rates[:, np.newaxis]

    found = tuning.searched(runner, tuning.jittered(function, function.start, 0), Beyond())
    assert found.end and found.rate == found.rates[-1] and len(found.rates) == 49 + 36


def test_an_end_of_the_grid_is_said(monkeypatch):
    monkeypatch.setattr(tuning, "MOST_DECADES", 0)
    monkeypatch.setattr(tuning, "BELOW", 60)
    function = FUNCTIONS["sphere"]
    starts = tuning.jittered(function, function.start, 0)
    _, budget = tuning.tune(function, [configure("sgd"), configure("adam")], starts, 20, SettledGap(function))
    assert budget["ends"] == ("SGD", "Adam")
    assert budget["rule"].endswith("diverged is worst; the last one tried for SGD and Adam")


# Starts and noise


def test_tuning_starts_are_none_of_those_that_are_shown():
    for function in PLANE:
        starts = tuning.jittered(function, function.start, 3)
        low, high = np.array(function.view).T
        assert starts.shape == (16, 2) and ((starts >= low) & (starts <= high)).all()
        assert not (starts == function.start).all(axis=1).any()
        np.testing.assert_allclose(np.abs(starts - function.start).max(axis=0) / (high - low), 0.035, atol=0.006)


def test_the_rate_is_tuned_under_the_noise_that_is_shown():
    function = FUNCTIONS["sphere"]
    starts, criterion, noise = (
        tuning.jittered(function, function.start, 0),
        SettledGap(function),
        noise_of("gaussian:5"),
    )
    (exact,), budget = tuning.tune(function, [configure("sgd")], starts, 100, criterion)
    (noisy,), told = tuning.tune(function, [configure("sgd")], starts, 100, criterion, noise, 7)
    # The noise floor goes with the rate: smaller steps are better.
    assert noisy.hyperparameters["lr"] < exact.hyperparameters["lr"] / 4
    assert told["noise"] and not budget["noise"] and "under the noise that is shown" in told["rule"]
    (again,), _ = tuning.tune(function, [configure("sgd")], starts, 100, criterion, noise, 7)
    assert again == noisy


def test_trials_see_other_noise_than_what_is_shown_and_each_start_its_own():
    function, noise = FUNCTIONS["sphere"], noise_of("gaussian:5")
    seeds = []

    class Seen(SettledGap):
        def rows(self, trials):
            seeds.append(int(trials.runner.problem.seed))
            values = np.concatenate([values for _, values in trials.paths()], axis=1)
            assert len({*np.round(values[0, :, -1], 9)}) == len(trials.starts)
            return super().rows(trials)

    same = np.repeat([[1.0, 1.0]], 4, axis=0)
    tuning.tune(function, [configure("sgd")], same, 20, Seen(function), noise, 7)
    assert seeds and 7 not in seeds
