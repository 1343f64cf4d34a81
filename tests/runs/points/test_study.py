"""`study`: every run is what `minimize` gives, from starts unknown to the tuning; lost and late runs do not count."""

import dataclasses
import math

import numpy as np
import pytest

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import REGISTRY as OPTIMIZERS
from optviz.optimizers import SEVEN, configure
from optviz.results.study_steps import areas
from optviz.runs import memory
from optviz.runs.points import study as module
from optviz.runs.points import tuning
from optviz.runs.points.criteria import TARGETS
from optviz.runs.points.minimize import minimize
from optviz.runs.points.study import drawn, study
from tests.functions.classics import PLANE

RATES = {"sgd": 0.01, "adam": 0.1}
STEPS = 150


@pytest.fixture(scope="module")
def two_by_two():
    return study(["himmelblau", "booth"], ["sgd", "adam"], starts=12, steps=STEPS, lr=RATES, seed=3)


def recomputed(values, minimum):
    """(K,) the step from which on the gap stays at or below each target, for a twentieth of the steps; -1 for never."""
    steps = len(values) - 1
    found = []
    for target in TARGETS:
        above = np.flatnonzero(~(values <= minimum + target))
        first = above[-1] + 1 if len(above) else 0
        found.append(-1 if first + max(steps // 20, 1) > steps else first)
    return found


def test_every_run_is_a_run_alone(two_by_two):
    assert two_by_two.reached.shape == (2, 2, len(TARGETS), 12) and two_by_two.reached.dtype == np.int32
    assert two_by_two.gaps.shape == two_by_two.diverged.shape == (2, 2, 12)
    for f, name in enumerate(two_by_two.functions):
        starts = drawn(FUNCTIONS[name], 12, 3)
        for o, one in enumerate(two_by_two.contenders):
            for k, start in enumerate(starts.tolist()):
                run = minimize(name, one.optimizer, start, STEPS, lr=RATES[one.optimizer])
                assert two_by_two.diverged[f, o, k] == (run.diverged_at or 0)
                assert two_by_two.gaps[f, o, k] == max(run.gap[-1], 0)
                assert two_by_two.reached[f, o, :, k].tolist() == recomputed(run.values, run.minimum)
    assert (two_by_two.reached >= 0).any() and (two_by_two.reached < 0).any()


def test_a_harder_target_is_never_reached_sooner(two_by_two):
    assert (np.diff(TARGETS) < 0).all() and TARGETS[0] == 100 and TARGETS[-1] == pytest.approx(1e-8)
    np.testing.assert_array_equal(two_by_two.targets, TARGETS)
    steps = np.where(two_by_two.reached < 0, STEPS + 1, two_by_two.reached)
    assert (np.diff(steps, axis=2) >= 0).all()


@pytest.mark.parametrize(("steps", "held"), [(1, 1), (12, 1), (59, 2), (60, 3), (100, 5)])
def test_a_target_must_be_held_for_a_twentieth_of_the_steps(steps, held, monkeypatch):
    sphere = FUNCTIONS["sphere"]
    values = minimize(sphere, "sgd", drawn(sphere, 1, 0)[0].tolist(), steps, lr=1e-3).values
    # Targets that the run, which goes down all the way, reaches just in time, and a step too late.
    targets = np.repeat(values[[-held - 1, -held]], [len(TARGETS) - 1, 1])
    monkeypatch.setattr(module, "TARGETS", targets)
    made = study([sphere], ["sgd"], starts=1, steps=steps, lr=1e-3)
    assert made.reached[0, 0, [0, -1], 0].tolist() == [steps - held, -1]


def test_starts_are_the_same_for_all_and_none_of_the_tuning():
    for function in PLANE:
        starts = drawn(function, 50, 3)
        low, high = np.array(function.view).T
        assert starts.shape == (50, 2) and ((starts >= low) & (starts <= high)).all()
        np.testing.assert_array_equal(starts[:10], drawn(function, 10, 3))
        assert not np.isin(starts, tuning.spread(function.view, 3)).any()
        assert not np.isin(starts, drawn(function, 50, 4)).any()


def test_each_optimizer_is_tuned_on_each_function():
    made = study(["sphere", "quadratic"], ["sgd"], starts=3, steps=60)
    assert made.rates.shape == (2, 1) and made.rates[0, 0] > 10 * made.rates[1, 0]
    for rate in made.rates[:, 0]:
        assert rate in tuning.grid(np.arange(-60, 60))
    assert made.contenders[0].rate == "tuned" and made.contenders[0].hyperparameters["lr"] == 1e-3
    assert made.tuning["starts"] == 64 and made.provenance().startswith(f"learning rates: {made.tuning['rule']}")
    run = minimize("quadratic", "sgd", drawn(FUNCTIONS["quadratic"], 3, 0)[2].tolist(), 60, lr=made.rates[1, 0])
    assert made.gaps[1, 0, 2] == run.gap[-1]


def test_the_record_names_what_made_it(two_by_two):
    assert two_by_two.functions == ("himmelblau", "booth") and two_by_two.function_titles == ("Himmelblau", "Booth")
    assert [one.optimizer for one in two_by_two.contenders] == ["sgd", "adam"]
    assert (two_by_two.steps, two_by_two.seed, two_by_two.noise, two_by_two.tuning) == (STEPS, 3, "", None)
    np.testing.assert_array_equal(two_by_two.rates, [[0.01, 0.1]] * 2)
    assert two_by_two.starts == 12
    assert two_by_two.provenance() == "learning rates: given · 12 starts on each function · no clipping · seed 3"


@pytest.mark.filterwarnings("ignore:left out")
def test_all_is_every_registered_unit_and_the_seven_are_usual(monkeypatch):
    made = []

    def entrants(unit, optimizers, *rest, **more):
        made.append((unit.name, [getattr(one, "name", one) for one in optimizers]))
        raise ZeroDivisionError

    monkeypatch.setattr(module, "entrants", entrants)
    for given in ({}, {"optimizers": "all"}):
        with pytest.raises(ZeroDivisionError):
            study(**given)
    unable = ("gauss_newton", "levenberg_marquardt")  # of sums of squares alone
    able = [rule.name for rule in OPTIMIZERS if rule.name not in unable and rule.kind != "matrices"]
    first = FUNCTIONS.names()[0]
    assert made == [(first, [*SEVEN]), (first, able)]


def test_functions_and_optimizers_may_be_objects():
    unit = dataclasses.replace(FUNCTIONS["booth"], name="mine", title="Mine")
    setting = configure("adam", beta1=0.5)
    made = study([unit, "sphere"], [OPTIMIZERS["sgd"], setting], starts=2, steps=20, lr=0.01)
    assert made.functions == ("mine", "sphere") and made.function_titles == ("Mine", "Sphere")
    assert made.contenders[1].hyperparameters["beta1"] == 0.5
    start = drawn(unit, 2, 0)[1].tolist()
    assert made.gaps[0, 1, 1] == minimize(unit, setting, start, 20, lr=0.01).gap[-1]


def test_noise_threads_and_progress():
    seen = []
    one, three = (
        study(
            ["booth"],
            ["sgd", "adam"],
            starts=600,
            steps=30,
            lr=0.05,
            noise="gaussian:3",
            seed=4,
            threads=threads,
            progress=lambda *now: seen.append(now),
        )
        for threads in (1, 3)
    )
    np.testing.assert_array_equal(one.reached, three.reached)
    np.testing.assert_array_equal(one.gaps, three.gaps)
    assert one.noise == "gaussian:3" and seen[-1] == (2 * 600 * 30,) * 2
    first = minimize(
        "booth", "adam", drawn(FUNCTIONS["booth"], 1, 4)[0].tolist(), 30, lr=0.05, noise="gaussian:3", seed=4
    )
    assert one.gaps[0, 1, 0] == first.gap[-1]


def test_divergence_is_a_result():
    made = study(["rosenbrock"], ["sgd"], starts=40, steps=60, lr=0.002)
    gone = made.diverged[0, 0] > 0
    assert 0 < gone.mean() < 1
    assert np.isnan(made.gaps[0, 0, gone]).all() and (made.reached[0, 0][:, gone] == -1).all()
    assert np.isfinite(made.gaps[0, 0, ~gone]).all()


def test_lower_ground_outside_the_bounds_is_no_success():
    function = FUNCTIONS["eggholder"]
    made = study([function], ["momentum"], starts=60, steps=200, lr=1.0)
    ends = [minimize(function, "momentum", start, 200, lr=1.0) for start in drawn(function, 60, 0).tolist()]
    low, high = np.array(function.bounds).T
    last = np.array([run.points[-1] for run in ends])
    below = np.array([run.values[-1] for run in ends]) < function.minimum
    outside = ((last < low) | (last > high)).any(axis=1)
    lost = below & outside
    assert lost.any() and not lost.all() and not (below & ~outside).any()
    np.testing.assert_array_equal(np.isnan(made.gaps[0, 0]), lost)
    assert (made.reached[0, 0][:, lost] == -1).all() and (made.diverged == 0).all()
    for k in np.flatnonzero(~lost):
        assert made.reached[0, 0, :, k].tolist() == recomputed(ends[k].values, function.minimum)


@pytest.mark.parametrize(
    ("keywords", "error", "words"),
    [
        ({"functions": []}, UsageError, "the list of functions is empty"),
        ({"functions": "sphere"}, UsageTypeError, r'(?s)functions is .sphere.*functions=\["sphere"\]'),
        ({"functions": None}, UsageTypeError, "functions is None"),
        ({"functions": ["sphere", "sphere"]}, UsageError, "twice"),
        ({"functions": ["spher"]}, UnknownNameError, "Did you mean 'sphere'"),
        ({"functions": ["sphere", FUNCTIONS["sphere"].in_dimension(3)]}, UsageError, "sequence of 3 numbers"),
        ({"optimizers": []}, UsageError, "the list of optimizers is empty"),
        ({"optimizers": "adam"}, UsageTypeError, "optimizers is 'adam'"),
        ({"optimizers": 3}, UsageTypeError, "optimizers is 3"),
        ({"optimizers": ["sgd", "sgd"]}, UsageError, "twice"),
        ({"optimizers": ["adma"]}, UnknownNameError, "Did you mean 'adam'"),
        ({"starts": 0}, UsageError, "starts is 0"),
        ({"starts": 1.5}, UsageTypeError, "1.5"),
        ({"starts": 10**7}, UsageError, "starts is 10000000"),
        ({"steps": 0}, UsageError, "steps is 0"),
        ({"seed": -1}, UsageError, "seed is -1"),
        ({"threads": 0}, UsageError, "threads is 0"),
        ({"noise": "gausian:1"}, UnknownNameError, "Did you mean 'gaussian'"),
        ({"noise": "gaussian:1,2,3"}, UsageError, "3 numbers"),
        ({"lr": -1.0}, UsageError, "lr is -1.0"),
        ({"lr": {"adam": 0.1}}, UsageError, "adam"),
        ({"lr": "default"}, UsageError, "default"),
        ({"defaults": "keras3"}, UsageError, "keras3"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_compiled(keywords, error, words, nothing_runs):
    with pytest.raises(error, match=words) as caught:
        study(**{"functions": ["sphere"], "optimizers": ["sgd"], "steps": 10} | keywords)
    assert caught.value.remedy


def test_what_memory_does_not_hold_is_refused(nothing_runs, monkeypatch):
    monkeypatch.setattr(memory, "free", lambda: 10**8)
    with pytest.raises(UsageError, match="a study of 1,000,000 starts on each function needs 0.1 GB") as caught:
        study(["sphere"], ["sgd"], starts=1_000_000, lr=0.1)
    assert "fewer starts" in caught.value.remedy
    assert math.prod((1, 1, len(TARGETS), 1_000_000)) * 4 < 10**8  # what is kept


# When a target is reached


def first_hits(run, function):
    """(K,) the step at which the gap is first at or below each target, -1 for never; below the minimum is no hit."""
    values = [value for value in run.values[: run.diverged_at] if value >= function.floor]
    steps = [step for step, value in enumerate(run.values[: run.diverged_at]) if value >= function.floor]
    found = []
    for target in TARGETS:
        hits = (step for step, value in zip(steps, values, strict=True) if value <= function.minimum + target)
        found.append(next(hits, -1))
    return found


@pytest.mark.thin(2)
@pytest.mark.parametrize(
    ("name", "optimizer", "lr"),
    [("himmelblau", "adam", 0.3), ("eggholder", "momentum", 0.5), ("rosenbrock", "sgd", 0.002), ("sphere", "sgd", 0.4)],
)
def test_a_first_hit_counts_whatever_comes_later(name, optimizer, lr):
    function = FUNCTIONS[name]
    made = study([name], [optimizer], starts=12, steps=80, lr=lr, targets="first", seed=1)
    assert made.reaching == "first"
    for k, start in enumerate(drawn(function, 12, 1).tolist()):
        run = minimize(name, optimizer, start, 80, lr=lr)
        assert made.reached[0, 0, :, k].tolist() == first_hits(run, function)
    kept = study([name], [optimizer], starts=12, steps=80, lr=lr, seed=1)
    later = np.where(kept.reached < 0, 99, kept.reached)
    assert (np.where(made.reached < 0, 99, made.reached) <= later).all()


def test_runs_that_diverge_have_hit_what_they_passed():
    made = study(["rosenbrock"], ["sgd"], starts=40, steps=80, lr=0.003, targets="first")
    gone = made.diverged[0, 0] > 0
    assert gone.any() and (made.reached[0, 0, 0, gone] >= 0).any()
    assert (made.reached[0, 0][:, gone] < made.diverged[0, 0][gone]).all()


def test_rates_are_tuned_by_the_hits_that_are_counted():
    kept, first = (study(["quadratic"], ["momentum"], starts=30, steps=60, targets=how) for how in ("kept", "first"))
    assert kept.tuning["rule"] == first.tuning["rule"]
    assert areas(first.reached, 60) >= areas(kept.reached, 60)


def test_how_targets_are_reached_must_be_known():
    with pytest.raises(UsageError, match="targets is 'last'"):
        study(["sphere"], ["sgd"], targets="last")
