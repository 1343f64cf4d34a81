"""`minimize_many`: every run is the one that `minimize` gives, whatever its neighbours, the threads and the slices."""

import dataclasses
import math
import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.kernels.tile_rows import TILE
from optviz.noise import configure as configure_noise
from optviz.optimizers import REGISTRY, SEVEN, configure
from optviz.runs import memory
from optviz.runs.points import cpu, slices
from optviz.runs.points.minimize import minimize
from optviz.runs.points.minimize_many import minimize_many
from optviz.runs.points.problem import Problem
from optviz.runs.points.runner import Runner
from tests.functions.classics import OF_EACH_KIND, PLANE
from tests.optimizers.driving import PAIRS, settings
from tests.optimizers.sample import SAMPLE
from tests.runs.points.alone import EDGE, MANY, SIZES, alone, assert_runs, starts_in

STEPS = 150
MOMENTS = (0, 1, 2, 37, 149, 150)
RATES = {"sgd": 0.01, "momentum": 0.005, "nesterov": 0.005, "adagrad": 1, "adadelta": 5, "rmsprop": 0.05, "adam": 0.1}
# One setting for each formula that a name, a variant and numbers lead to.
SETTINGS = {
    setting.formula.update.__name__: setting.replace(lr=RATES[name])
    for name, variant in PAIRS
    for setting in settings(name, variant)
    if name in RATES
} | {label: one.resolved(STEPS) for label, one in SAMPLE.items()}
USUAL = {configure(name).formula.update.__name__ for name in SEVEN}
MARKED = {"kink", "rough", "continuum", "steps"}
SMOOTH = [FUNCTIONS[name] for name in OF_EACH_KIND if not MARKED & {*FUNCTIONS[name].traits}]  # at their minimizers
TOLERANCES = {"edge": 1e-2, "booth": 1.0, "himmelblau": 1e-2, "rastrigin": 5.0}

each_formula = pytest.mark.parametrize("formula", SETTINGS)
each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def late(*case):
    """A case for CI's second stage: each function, rule and precision that is compiled costs a second."""
    return pytest.param(*case, marks=pytest.mark.slow)


def unit_of(name):
    return EDGE if name == "edge" else FUNCTIONS[name]


def compare(name, setting, dtype=np.float64, count=TILE + 45):
    """A batch, once it has been found equal to its runs alone."""
    function, tolerance = unit_of(name), TOLERANCES[name]
    starts = starts_in(function, count)
    together = minimize_many(
        function, setting, starts, STEPS, tolerance=tolerance, history=MOMENTS, dtype=dtype, threads=1
    )
    assert together.points.dtype == together.values.dtype == together.history.dtype == dtype
    expected = alone(function, setting, starts, STEPS, tolerance=tolerance, history=MOMENTS, dtype=dtype)
    assert_runs(together, expected)
    return together


def test_every_formula_of_these_rules_is_tried():
    """Of the seven and of the sample: others differ in their element's formula, which other tests go over."""
    of_rules = {f.update.__name__ for name in RATES for forms in REGISTRY[name].variants.values() for f in forms}
    assert set(SETTINGS) == {*of_rules, *SAMPLE}


@pytest.mark.thin(4)
@pytest.mark.parametrize("formula", [name if name in USUAL else late(name) for name in SETTINGS])
def test_a_batch_is_its_runs_alone(formula):
    compare("booth", SETTINGS[formula])


@pytest.mark.slow
@each_dtype
@pytest.mark.parametrize("function", ["edge", "himmelblau", "rastrigin"])
@each_formula
def test_a_batch_is_its_runs_alone_on_functions_of_all_kinds(formula, function, dtype):
    compare(function, SETTINGS[formula], dtype)


@pytest.mark.thin(2)
@pytest.mark.parametrize(
    ("formula", "lr", "dtype"),
    [
        ("momentum_sum", 0.2, np.float64),
        ("adam", 1.0, np.float32),
        late("momentum_sum", 0.2, np.float32),
        late("adam", 1.0, np.float64),
    ],
)
def test_neighbours_that_diverge_change_nothing(formula, lr, dtype):
    together = compare("edge", SETTINGS[formula].replace(lr=lr), dtype)
    gone = together.diverged > 0
    assert gone[:TILE].any() and (together.arrived[:TILE] >= 0).any()
    assert len(set(together.diverged)) > 2  # some at the first step, some later
    assert np.isnan(together.points[gone]).all() and np.isnan(together.values[gone]).all()
    for moment, points in zip(MOMENTS, together.history, strict=True):
        later = gone & (together.diverged < moment)
        assert np.isnan(points[later]).all() and np.isfinite(points[~gone]).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", [unit.name for unit in PLANE])
def test_on_every_function_a_batch_is_its_runs_alone(name):
    function = FUNCTIONS[name]
    starts, setting = starts_in(function, 60), configure("adam", lr=0.05)
    together = minimize_many(function, setting, starts, STEPS, tolerance=0.1, history=MOMENTS)
    assert_runs(together, alone(function, setting, starts, STEPS, tolerance=0.1, history=MOMENTS))


def edge_runs(starts, **keywords):
    return minimize_many(EDGE, "adam", starts, STEPS, lr=0.1, tolerance=1e-2, history=MOMENTS, **keywords)


@pytest.fixture(scope="module")
def expected():
    """Starts, and their runs alone."""
    starts = starts_in(EDGE, max(SIZES), seed=1)
    return starts, alone(EDGE, configure("adam", lr=0.1), starts, STEPS, tolerance=1e-2, history=MOMENTS)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("size", SIZES)
def test_batches_of_any_size_on_any_number_of_threads(size, threads, expected):
    starts, runs = expected
    assert_runs(edge_runs(starts[:size], threads=threads), runs, slice(size))


def test_the_order_of_starts_changes_nothing(expected):
    starts, runs = expected
    order = np.random.default_rng(2).permutation(len(starts))
    assert_runs(edge_runs(starts[order]), runs, order)


def in_slices(monkeypatch):
    """Let every call make as few steps as it can, on one tile; the list of steps that calls make."""
    made = []
    kernel = cpu.tile.advance
    monkeypatch.setattr(slices, "SLICE", 1e-9)
    monkeypatch.setattr(slices, "FIRST", 1)
    monkeypatch.setattr(cpu, "LARGEST", 1)
    monkeypatch.setattr(cpu.tile, "advance", lambda *given: (made.append(given[-1][:2]), kernel(*given))[1])
    return made


@pytest.mark.parametrize("threads", [1, 3])
def test_slices_change_nothing(threads, expected, monkeypatch):
    starts, runs = expected
    made = in_slices(monkeypatch)
    assert_runs(edge_runs(starts[: 2 * TILE + 7], threads=threads), runs, slice(2 * TILE + 7))
    # Behind the last step, the last iterates are looked at.
    assert len(made) == 3 * (STEPS + 1) and all(first == last for first, last in made)


@hypothesis(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_part_in_any_pieces(data, expected):
    starts, runs = expected
    which = np.array(data.draw(st.lists(st.integers(0, len(starts) - 1), min_size=1, max_size=600)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "SLICE", data.draw(st.sampled_from([1e-9, 1e-5, 1e-3])))
        patch.setattr(slices, "FIRST", data.draw(st.integers(1, 10_000)))
        patch.setattr(cpu, "LARGEST", data.draw(st.integers(1, 3)))
        assert_runs(edge_runs(starts[which], threads=data.draw(st.integers(1, 4))), runs, which)


def test_starts_may_be_of_any_kind_of_number():
    rows = [(1, 2), (-3, 4)]
    batches = [
        minimize_many("sphere", "sgd", starts, 3, lr=0.25)
        for starts in (rows, np.array(rows, np.int8), np.array(rows, np.float16), np.array(rows, np.float32).copy("F"))
    ]
    for one in batches:
        np.testing.assert_array_equal(one.points, np.array(rows) / 8)
    original = np.array(rows, float)
    minimize_many("sphere", "sgd", original, 3, lr=0.25)
    np.testing.assert_array_equal(original, rows)


def test_the_record_names_what_made_it():
    together = minimize_many("booth", "adam", [(1.0, 2.0)] * 3, defaults="keras", beta_1=0.8, history=[5, 0, 5])
    who = together.contender
    assert (together.function, who.optimizer, who.title, who.variant, who.defaults) == (
        "booth",
        "adam",
        "Adam",
        "keras",
        "keras",
    )
    assert who.hyperparameters == {"lr": 1e-3, "beta1": 0.8, "beta2": 0.999, "eps": 1e-7} and who.rate == "keras"
    assert together.steps == FUNCTIONS["booth"].steps
    assert (together.seed, together.tolerance, together.noise) == (0, 1e-4, "")
    assert together.history_steps.tolist() == [0, 5] and together.history.shape == (2, 3, 2)
    assert together.minimizers.tolist() == [[1.0, 3.0]] and together.minima.tolist() == [0.0]
    given_rate = minimize_many("booth", "adam", [(1.0, 2.0)], 1, lr=0.1).contender
    assert given_rate.rate == "given"


# Rest


def tiles_of(runner):
    """A list of the tiles that slices of a runner will make."""
    made, make = [], runner.processor.tiles
    runner.processor.tiles = lambda *given: (made.append(make(*given)), made[-1])[1]
    return made


@pytest.mark.thin(3)
@pytest.mark.parametrize(
    ("name", "optimizer", "steps", "hyperparameters"),
    [
        ("sphere", "sgd", 2000, {"lr": 0.3}),
        late("quadratic", "sgd", 60_000, {"lr": 0.009}),
        ("booth", "momentum", 4000, {"lr": 0.05, "momentum": 0.5}),
        late("sphere", "adagrad", 4000, {"lr": 3.0}),
        ("edge", "sgd", 4000, {"lr": 0.3}),
    ],
)
def test_tiles_at_rest_are_left_alone_and_nothing_changes(name, optimizer, steps, hyperparameters):
    function = unit_of(name)
    setting = configure(optimizer, **hyperparameters)
    starts = starts_in(function, TILE + 10, seed=3)
    history = [0, 7, steps // 2, steps - 1, steps]
    results, both = [], []
    for rests in (True, False):
        runner = Runner(Problem(setting, function, steps, [function.minimum + one for one in (1.0, 1e-4)]))
        assert runner.processor.parts.rests
        runner.processor.parts = runner.processor.parts._replace(rests=rests)
        both += [tiles_of(runner)]
        kept, ends = np.empty((len(history), *starts.shape)), []
        part = runner.slice(
            starts,
            place=slice(0, len(starts)),
            collect=lambda *end, into=ends: into.extend(end),
            history=history,
            kept=kept,
        )
        while not part.finished:
            part.advance(None)
        results.append([*ends[1:], kept])
    (one,), (other,) = both
    assert one.at_rest.all() and not other.at_rest.any()
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)
    arrived, diverged = results[0][2:4]
    assert (arrived >= 0).any() and (name == "edge") == (diverged > 0).any()
    some = [0, TILE // 2, TILE + 9]
    expected = alone(function, setting, starts[some], steps, history=history)
    np.testing.assert_array_equal(arrived[1, some], expected["arrived"])
    np.testing.assert_array_equal(results[0][-1][:, some], expected["history"])


def test_the_iterates_of_a_run_at_rest_are_those_of_a_run_alone():
    setting, starts = configure("sgd", lr=0.3), np.array([(3.0, -4.0), (1.0, 2.0)])
    runner = Runner(Problem(setting, FUNCTIONS["sphere"], 3000))
    made = tiles_of(runner)
    points, values, iterates, diverged = runner.slice(starts).paths()
    assert iterates.shape == (*values.shape, 0)
    assert made[0].at_rest.all() and not diverged.any()
    for i, start in enumerate(starts.tolist()):
        run = minimize("sphere", setting, start, 3000)
        np.testing.assert_array_equal(points[i], run.points)
        np.testing.assert_array_equal(values[i], run.values)


def test_what_depends_on_the_step_or_on_chance_never_rests():
    for optimizer, noise in (("adam", None), ("sgd", configure_noise("gaussian:0"))):
        runner = Runner(Problem(configure(optimizer, lr=0.3), FUNCTIONS["sphere"], 3000, noise=noise))
        made = tiles_of(runner)
        runner.slice(np.zeros((1, 2))).paths()
        assert not made[0].at_rest.any()


# Thresholds


@pytest.mark.parametrize("count", [late(1), late(5), late(24), 30])
def test_each_threshold_has_its_own_step(count):
    function, setting = FUNCTIONS["booth"], configure("momentum", lr=0.02)
    starts = starts_in(function, 40, seed=4)
    levels = np.geomspace(1e-6, 300, count)[::-1]
    ends = []
    Runner(Problem(setting, function, 200, levels)).run(starts, lambda *given: ends.extend(given))
    for i, start in enumerate(starts.tolist()):
        values = minimize(function, setting, start, 200).values
        for k, level in enumerate(levels):
            above = np.flatnonzero(values > level)
            first = above[-1] + 1 if len(above) else 0
            assert ends[3][k, i] == (first if first <= 200 else -1)


# Minimizers


def test_local_minimizers_are_told_apart():
    unit = FUNCTIONS["styblinski_tang"]
    starts = starts_in(unit, 300, seed=5)
    together = minimize_many(unit, "sgd", starts, 400, lr=0.01)
    # The double wells of the coordinates part at their maximum, (0.1567, 0.1567).
    right, above = (starts > 0.156731).T
    np.testing.assert_array_equal(together.reached, np.where(right, np.where(above, 3, 1), np.where(above, 2, 0)))
    assert (together.arrived > 0).all()
    np.testing.assert_allclose(together.minima, [-78.33233140754, -64.19561235748, -64.19561235748, -50.05889330742])
    np.testing.assert_allclose(together.points, together.minimizers[together.reached], atol=1e-5)


def test_wells_of_very_different_depths():
    unit = FUNCTIONS["goldstein_price"]
    wells = np.array([*unit.minimizers, *unit.local_minimizers])
    starts = np.concatenate([wells + 0.01, wells])
    together = minimize_many(unit, "sgd", starts, 5000, lr=1e-5)
    np.testing.assert_allclose(together.minima, [3, 30, 84, 840])
    assert together.reached.tolist() == [0, 1, 2, 3] * 2
    assert (together.arrived[:4] > 0).all() and (together.arrived[4:] == 0).all()


def test_a_value_as_low_elsewhere_is_no_arrival():
    # On its way down from a local minimizer's height a run is nearest to that minimizer, and lower than it.
    unit = dataclasses.replace(FUNCTIONS["sphere"], local_minimizers=((2.0, 0.0),))  # one that is none, at f = 4
    together = minimize_many(unit, "sgd", [(1.9, 0.0), (2.0, 0.0), (0.1, 0.0)], 1, lr=1e-9)
    assert together.reached.tolist() == [-1, 1, -1]
    assert together.arrived.tolist() == [-1, 0, -1]


def test_a_run_that_passes_through_and_leaves_has_not_arrived():
    run = {"lr": 0.01, "momentum": 0.99, "tolerance": 0.01}
    path = minimize_many("sphere", "momentum", [(1.0, 0.0)], 25, history=range(26), **run)
    low = (path.history[:, 0] ** 2).sum(axis=1) <= 0.01
    assert low.any() and not low[-1] and not low[0]
    assert path.reached.tolist() == path.arrived.tolist() == [-1]
    inside = np.flatnonzero(low)
    stopped = minimize_many("sphere", "momentum", [(1.0, 0.0)], int(inside[-1]), **run)
    assert stopped.reached.tolist() == [0] and stopped.arrived.tolist() == [inside[0]]


def test_a_run_that_ends_nowhere_is_told_from_one_that_diverges():
    together = minimize_many("sphere", "sgd", [(1.0, 1.0), (0.0, 0.0)], 20, lr=1e-6)
    assert together.reached.tolist() == [-1, 0] and together.arrived.tolist() == [-1, 0]
    assert together.diverged.tolist() == [0, 0]
    gone = minimize_many("sphere", "sgd", [(1.0, 1.0), (0.0, 0.0)], 60, lr=3.0)
    assert gone.reached.tolist() == [-1, 0] and gone.arrived.tolist() == [-1, 0]
    assert gone.diverged[0] == minimize("sphere", "sgd", (1.0, 1.0), 60, lr=3.0).diverged_at > 1
    assert gone.diverged[1] == 0


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("himmelblau", np.float64),
        *(late(unit.name, np.float64) for unit in SMOOTH if unit.name != "himmelblau"),
        *(late(unit.name, np.float32) for unit in SMOOTH),
    ],
)
def test_a_start_at_a_minimizer_has_arrived_at_once(name, dtype):
    unit = FUNCTIONS[name]
    starts = np.array([*unit.minimizers, *unit.local_minimizers])
    together = minimize_many(unit, "sgd", starts, 1, lr=1e-12, dtype=dtype, tolerance=1e-3)
    assert together.reached.tolist() == list(range(len(starts)))
    assert together.arrived.tolist() == [0] * len(starts)


def test_without_minimizers_the_minimum_alone_counts():
    nowhere = dataclasses.replace(FUNCTIONS["sphere"], minimizers=())
    together, known = (minimize_many(unit, "sgd", [(1.0, 2.0)], 60, lr=0.1) for unit in (nowhere, "sphere"))
    assert together.reached.tolist() == [-1] and together.arrived.tolist() == known.arrived.tolist() != [-1]
    assert together.minimizers.shape == (0, 2) and together.minima.shape == (0,)


def test_where_nothing_is_known_nothing_arrives():
    together = minimize_many("eggholder", "adam", starts_in(FUNCTIONS["eggholder"].in_dimension(3), 5), 20, dimension=3)
    assert (together.reached == -1).all() and (together.arrived == -1).all()
    assert np.isfinite(together.values).all() and together.minimizers.shape == (0, 3)


# Any dimension


@pytest.mark.parametrize("name", ["rosenbrock", late("styblinski_tang")])
def test_two_dimensions_are_the_function_of_two_variables(name):
    starts = starts_in(FUNCTIONS[name], 100, seed=6)
    one, other = (
        minimize_many(name, "adam", starts, 400, lr=0.1, tolerance=1e-2, dimension=dimension) for dimension in (None, 2)
    )
    np.testing.assert_array_equal(one.reached, other.reached)
    np.testing.assert_array_equal(one.arrived, other.arrived)
    assert (one.arrived >= 0).sum() > 20
    np.testing.assert_allclose(one.points, other.points, atol=1e-9)


def in_plain_python(unit, setting, start, steps):
    """(steps + 1, d): the formula on one Python float after the other."""
    from tests.optimizers.driving import drive

    def gradient(x, t):
        g = [0.0] * len(x)
        unit.gradient(x.tolist(), g)
        return g

    return drive(setting, gradient, start, steps)


@pytest.mark.thin(2)
@pytest.mark.parametrize(
    ("name", "optimizer", "dimension"),
    [
        ("rosenbrock", "adam", 10),
        ("quadratic", "momentum", 3),
        late("rosenbrock", "adam", 3),
        late("quadratic", "momentum", 10),
    ],
)
def test_more_dimensions_follow_the_plain_formula(name, optimizer, dimension):
    unit, setting = FUNCTIONS[name].in_dimension(dimension), configure(optimizer, lr=1e-3)
    starts = starts_in(unit, 4, seed=7)
    together = minimize_many(name, setting, starts, 60, dimension=dimension, history=range(61))
    for i, start in enumerate(starts):
        path = in_plain_python(unit, setting, start, 60)
        np.testing.assert_allclose(together.history[:, i], path, rtol=1e-9, atol=1e-12)
        assert together.values[i] == pytest.approx(unit.value(path[-1].tolist()), rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float64, late(np.float32)])
def test_a_run_alone_in_ten_dimensions(dtype):
    unit, setting = FUNCTIONS["rosenbrock"].in_dimension(10), configure("adam", lr=0.1)
    starts = starts_in(unit, 20, seed=8)
    moments = [0, 1, 33, 900]
    together = minimize_many(unit, setting, starts, 900, history=moments, dtype=dtype, tolerance=0.1)
    assert_runs(together, alone(unit, setting, starts, 900, history=moments, dtype=dtype, tolerance=0.1))
    assert (together.arrived >= 0).any()
    by_name = minimize("rosenbrock", setting, tuple(starts[0]), 900, dimension=10, dtype=dtype)
    assert by_name.points.shape == (901, 10)
    np.testing.assert_array_equal(by_name.points[moments], together.history[:, 0])


# Noise


def noisy(starts, noise="gaussian:0.5", seed=5, **keywords):
    return minimize_many("booth", "adam", starts, 60, lr=0.1, noise=noise, seed=seed, history=[1, 60], **keywords)


@pytest.mark.parametrize(
    "noise", ["gaussian:0.5", "minibatch:40,3,2", late("multiplicative:0.5"), late("stable:1.5,0.3")]
)
def test_noise_depends_on_seed_start_and_step_alone(noise, monkeypatch):
    starts = starts_in(FUNCTIONS["booth"], MANY, seed=9)
    whole = noisy(starts, noise, threads=1)
    assert whole.noise == noise
    for size in (1, TILE + 1, 1000):
        np.testing.assert_array_equal(noisy(starts[:size], noise).history, whole.history[:, :size])
    in_slices(monkeypatch)
    np.testing.assert_array_equal(noisy(starts, noise, threads=3).history, whole.history)
    first = minimize("booth", "adam", starts[0].tolist(), 60, lr=0.1, noise=noise, seed=5)
    np.testing.assert_array_equal(first.points[[1, 60]], whole.history[:, 0])


def test_seeds_and_runs_differ_and_equal_seeds_do_not():
    starts = np.ones((MANY, 2))
    one, again, other = (noisy(starts, seed=seed, threads=1) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one.history, again.history)
    assert len(np.unique(one.points[:, 0])) == MANY
    assert not np.isin(other.points[:, 0], one.points[:, 0]).any()


def test_more_steps_begin_alike():
    starts = starts_in(FUNCTIONS["booth"], 5, seed=10)
    short, long = (
        minimize_many("booth", "sgd", starts, steps, lr=0.01, noise="minibatch:40,3,2", history=[50])
        for steps in (50, 90)
    )
    np.testing.assert_array_equal(short.history, long.history)


def test_noise_of_no_size_changes_nothing():
    starts = starts_in(FUNCTIONS["booth"], 20, seed=11)
    exact, silent = (noisy(starts, noise) for noise in (None, "gaussian:0"))
    np.testing.assert_array_equal(exact.history, silent.history)
    assert exact.noise == ""


# Interruption


def test_an_interrupt_ends_the_batch_and_its_threads():
    before = threading.active_count()
    seen = []

    def progress(done, total):
        seen.append((done, total))
        if done > 0:
            raise KeyboardInterrupt

    # Uninterrupted this takes minutes.
    with pytest.raises(KeyboardInterrupt):
        minimize_many("booth", "adam", starts_in(FUNCTIONS["booth"], 5000), 1_000_000, threads=3, progress=progress)
    assert threading.active_count() == before
    done, total = seen[-1]
    assert 0 < done < total == 5000 * 1_000_000


def test_progress_ends_at_the_whole():
    seen = []
    minimize_many("booth", "adam", [(1.0, 2.0)] * 3, 40, progress=lambda *now: seen.append(now))
    assert seen[-1] == (120, 120) and seen == sorted(seen)


def test_an_error_in_the_progress_bar_is_not_swallowed():
    def progress(done, total):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        minimize_many("booth", "adam", [(1.0, 2.0)], 5, progress=progress)


# Bad input

INSIDE = [(1.0, 2.0)]


@pytest.mark.parametrize(
    ("keywords", "error", "words"),
    [
        ({"starts": [(1.0, math.nan)]}, UsageError, "start 0 is .*nan"),
        ({"starts": [(1.0, 2.0), (math.inf, 0.0)]}, UsageError, "start 1 is .*inf"),
        ({"starts": [(1.0, 2.0), (9e6, 0.0)]}, UsageError, r"start 1 is too far away for sphere: \(9000000.0, 0.0\)"),
        ({"starts": [(1.0, -5.2e6)]}, UsageError, r"(?s)start 0 is too far.*y must lie between -1e\+06 and 1e\+06"),
        ({"starts": np.empty((0, 2))}, UsageError, "empty"),
        ({"starts": []}, UsageError, r"shape \(0,\)"),
        ({"starts": (1.0, 2.0)}, UsageError, r"shape \(2,\)"),
        ({"starts": 3.0}, UsageError, r"shape \(\)"),
        ({"starts": np.zeros((2, 3))}, UsageError, r"shape \(2, 3\)"),
        ({"starts": np.zeros((2, 2, 2))}, UsageError, r"shape \(2, 2, 2\)"),
        ({"starts": [(1.0, 2.0)], "dimension": 3}, UsageError, r"(?s)shape \(1, 2\).*\(n, 3\)"),
        ({"starts": [(None, 1.0)]}, UsageTypeError, "object"),
        ({"starts": None}, UsageTypeError, "object"),
        ({"starts": [(1j, 1.0)]}, UsageTypeError, "complex"),
        ({"starts": [(True, False)]}, UsageTypeError, "bool"),
        ({"starts": [("1", "2")]}, UsageTypeError, "<U1"),
        ({"starts": "sphere"}, UsageTypeError, "<U6"),
        ({"starts": [(1.0, 2.0), (3.0,)]}, UsageTypeError, "not an array"),
        ({"history": [-1]}, UsageError, "history is -1"),
        ({"history": [11]}, UsageError, "(?s)history is 11.*between 0 and 10"),
        ({"history": [1.5]}, UsageTypeError, "1.5"),
        ({"history": [True]}, UsageTypeError, "True"),
        ({"history": "12"}, UsageTypeError, "'1'"),
        ({"history": 5}, UsageTypeError, "history is 5"),
        ({"history": None}, UsageTypeError, "history is None"),
        ({"dtype": int}, UsageTypeError, "int"),
        ({"dtype": "float16"}, UsageTypeError, "float16"),
        ({"dtype": "nonsense"}, UsageTypeError, "nonsense"),
        ({"threads": 0}, UsageError, "threads is 0"),
        ({"threads": -2}, UsageError, "threads is -2"),
        ({"threads": 1.5}, UsageTypeError, "1.5"),
        ({"threads": True}, UsageTypeError, "True"),
        ({"tolerance": 0}, UsageError, "tolerance is 0"),
        ({"tolerance": -1e-4}, UsageError, "-0.0001"),
        ({"tolerance": math.nan}, UsageError, "nan"),
        ({"tolerance": math.inf}, UsageError, "inf"),
        ({"tolerance": 10**400}, UsageError, "tolerance is 1000"),
        ({"tolerance": "1"}, UsageTypeError, "'1'"),
        ({"steps": 0}, UsageError, "steps is 0"),
        ({"steps": 10**9}, UsageError, "1000000000"),
        ({"steps": 2.0}, UsageTypeError, "2.0"),
        ({"seed": -1}, UsageError, "-1"),
        ({"seed": 1 << 64}, UsageError, "18446744073709551616"),
        ({"seed": 0.5}, UsageTypeError, "0.5"),
        ({"noise": "gausian:1"}, UnknownNameError, "Did you mean 'gaussian'"),
        ({"noise": "gaussian"}, UsageError, "sigma"),
        ({"noise": "gaussian:1,2,3"}, UsageError, "3 numbers, the function 2 variables"),
        ({"noise": 3}, UsageTypeError, "3"),
        ({"dimension": 1}, UsageError, "dimension is 1"),
        ({"dimension": 2.5}, UsageTypeError, "2.5"),
        ({"function": "booth", "dimension": 3}, UsageError, "booth has two variables"),
        ({"function": "spher"}, UnknownNameError, "Did you mean 'sphere'"),
        ({"function": 5}, UsageTypeError, "5"),
        ({"optimizer": "adma"}, UnknownNameError, "Did you mean 'adam'"),
        ({"lr": -1.0}, UsageError, "lr is -1.0"),
        ({"momentun": 0.5, "optimizer": "momentum"}, UsageError, "Did you mean 'momentum'"),
        ({"variant": "none"}, UsageError, "none"),
        ({"defaults": "none"}, UsageError, "none"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_compiled(keywords, error, words, nothing_runs):
    arguments = {"function": "sphere", "optimizer": "sgd", "starts": INSIDE, "steps": 10} | keywords
    with pytest.raises(error, match=words) as caught:
        minimize_many(**arguments)
    assert caught.value.remedy


def test_what_memory_does_not_hold_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "free", lambda: 20_000)
    minimize_many("sphere", "sgd", INSIDE * 100, 5)
    with pytest.raises(UsageError, match="a batch of 1,000 starts needs 0.0 GB"):
        minimize_many("sphere", "sgd", INSIDE * 1000, 5)
    with pytest.raises(UsageError, match="Give fewer starts at a time"):
        minimize_many("sphere", "sgd", INSIDE * 100, 20, history=range(20))
    monkeypatch.setattr(memory, "free", lambda: None)  # a system that does not say
    assert len(minimize_many("sphere", "sgd", INSIDE * 1000, 5).values) == 1000
