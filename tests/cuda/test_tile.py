"""Batches on a CUDA device against those on the CPU: every formula, and everything that a run can have."""

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.formulas.composing import made
from optviz.formulas.formula import formula_of
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.kernels.cuda import backend, tile
from optviz.noise import REGISTRY as NOISES
from optviz.optimizers import configure, mean, total
from optviz.runs.points import gpu, slices
from optviz.runs.points.minimize import minimize
from optviz.runs.points.minimize_many import minimize_many
from tests.cuda.same import assert_same, few_threads
from tests.optimizers.sample import SAMPLE
from tests.wide_rule import registered

STEPS = 8
NUMBERS = {
    "gaussian": "0.1,1",
    "annealed": "0.3,0.55",
    "multiplicative": "0.3",
    "minibatch": "20,6",
    "stable": "1.5,0.1",
}


@pytest.fixture(autouse=True)
def _few_threads(monkeypatch):
    few_threads(monkeypatch)


def near_start(function, count=4):
    """Starts from which no path is so steep that a last digit grows."""
    moves = np.random.default_rng(0).uniform(-0.1, 0.1, (count, len(function.start)))
    return np.clip(function.start + moves, *np.array(function.bounds).T)


def assert_batch(function, setting, starts, *, exact=True, **keywords):
    """A batch is the same on the device; it is given back."""
    keywords = {"steps": STEPS, "threads": None} | keywords
    here, there = (minimize_many(function, setting, starts, device=device, **keywords) for device in ("cpu", "cuda"))
    # In float32 a power is not the product that a compiler makes of it.
    exact = exact and keywords.get("dtype", np.float64) is np.float64
    for name in ("points", "values", "reached", "arrived", "diverged", "history"):
        assert_same(getattr(here, name), getattr(there, name), exact=exact)
    return there


def short(setting):
    """A setting whose steps are so short that a last digit does not grow."""
    return setting.replace(lr=5e-4) if "lr" in setting.hyperparameters else setting


@pytest.mark.thin(4)
@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "rastrigin"])
@pytest.mark.parametrize("label", SAMPLE)
def test_every_kind_of_rule(label, name, dtype):
    """Thresholds, arrivals and history too, of what the rule reports."""
    starts, keywords = near_start(FUNCTIONS[name]), {"tolerance": 0.1, "history": [0, 1, STEPS], "dtype": dtype}
    batch = assert_batch(name, short(SAMPLE[label]), starts, exact=False, **keywords)
    assert (batch.points != starts.astype(dtype)).all()


@pytest.mark.thin(3)
@pytest.mark.parametrize("label", SAMPLE)
def test_the_trace_of_every_kind_of_rule(label, dtype):
    here, there = (
        minimize("rosenbrock", short(SAMPLE[label]), steps=STEPS, dtype=dtype, device=device)
        for device in ("cpu", "cuda")
    )
    for name in ("points", "values", "iterates"):
        assert_same(getattr(here, name), getattr(there, name))


@pytest.mark.parametrize(("name", "spent"), [("adam", None), ("extragradient", [1, 3, 5]), ("sophia", [1, 3, 4])])
def test_a_run_tells_how_many_evaluations_it_made(name, spent):
    found = [minimize("rosenbrock", name, steps=2, device=device).evaluations for device in ("cpu", "cuda")]
    np.testing.assert_equal(found, [spent, spent])


def test_a_rule_with_more_numbers_than_any_of_ours(dtype, monkeypatch):
    with registered(monkeypatch):
        assert_batch("rosenbrock", configure("wide", lr=1e-4), near_start(FUNCTIONS["rosenbrock"]), dtype=dtype)


def test_arrivals_and_divergences(dtype):
    starts = [*((0.2 + 0.3 * i, -1.0) for i in range(7)), (1.0, 1.0), (1.001, 1.0), (1.02, 1.0), (0.95, 0.95)]
    batch = assert_batch("rosenbrock", configure("sgd", lr=0.0015), starts, steps=20, tolerance=1e-2, dtype=dtype)
    assert (batch.diverged > 0).any() and (batch.arrived == 0).any() and (batch.arrived > 0).any()
    assert np.isnan(batch.points[batch.diverged > 0]).all() and np.isnan(batch.values[batch.diverged > 0]).all()


def test_several_levels_of_minima():
    starts = np.array([(-2.9, -2.9), (2.7, 2.7), (-2.9, 2.7), (2.7, -2.9)])
    batch = assert_batch("styblinski_tang", configure("sgd", lr=0.02), starts, steps=20, tolerance=1e-2, exact=False)
    assert len(set(batch.reached.tolist())) == 4


@pytest.mark.parametrize("steps", [2, 3, 4])
def test_a_divergence_at_each_step(steps):
    # Of which the last is one that no step has looked at.
    starts = [(0.2 + 0.3 * i, -1.0) for i in range(7)]
    batch = assert_batch("rosenbrock", configure("sgd", lr=0.02), starts, steps=steps, history=range(steps + 1))
    assert (batch.diverged == steps).any()


@pytest.mark.thin(5)
@pytest.mark.parametrize("name", [noise.name for noise in NOISES])
def test_noise(name, dtype):
    starts, noise = near_start(FUNCTIONS["rosenbrock"], 4), f"{name}:{NUMBERS[name]}"
    exact = name in ("gaussian", "multiplicative", "minibatch")
    keywords = {"noise": noise, "seed": 2**63 + 5, "dtype": dtype, "history": [1, 5]}
    assert_batch("rosenbrock", configure("adam", lr=0.01), starts, steps=6, exact=exact, **keywords)


@pytest.mark.thin(5)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("noise", [None, "gaussian:0.1"])
def test_more_dimensions(optimizer, noise, dtype):
    function = FUNCTIONS["rosenbrock"].in_dimension(5)
    assert_batch(function, configure(optimizer, lr=1e-3), near_start(function, 3), steps=6, dtype=dtype, noise=noise)


@pytest.mark.thin(5)
@pytest.mark.parametrize(("name", "n"), [("bbob_f15", 10), ("bbob_f21", 3), ("bbob_f24", 4), ("bbob_f7", 3)])
def test_scratch_memory_and_long_constants(name, n, dtype):
    function = FUNCTIONS[name].in_dimension(n)
    batch = assert_batch(
        function, configure("adam", lr=1e-4), near_start(function, 3), steps=3, dtype=dtype, exact=False
    )
    assert np.isfinite(batch.values).all()


def test_parts_and_slices_change_nothing(monkeypatch):
    starts, setting = near_start(FUNCTIONS["rosenbrock"], 11), configure("adam", lr=0.01)
    keywords = {"noise": "gaussian:0.1", "history": [0, 2, 3, 6], "steps": 6, "device": "cuda"}
    whole = minimize_many("rosenbrock", setting, starts, **keywords)
    monkeypatch.setattr(gpu, "MOST", 4)
    monkeypatch.setattr(gpu, "FULL", 1)
    monkeypatch.setattr(slices, "FIRST", 1)
    monkeypatch.setattr(slices, "SLICE", 1e-9)
    seen = []
    pieces = minimize_many("rosenbrock", setting, starts, progress=lambda *done: seen.append(done), **keywords)
    for name in ("points", "values", "arrived", "diverged", "history"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(pieces, name))
    assert seen[-1] == (66, 66)


@pytest.mark.thin(5)
@pytest.mark.parametrize("keywords", [{}, {"noise": "gaussian:0.1", "seed": 3}, {"dimension": 4}])
@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_one_run(name, keywords, dtype, monkeypatch):
    monkeypatch.setattr(slices, "TRACED", 16)
    given = {"steps": STEPS, "lr": 1e-3, "dtype": dtype} | keywords
    here, there = (minimize("rosenbrock", name, device=device, **given) for device in ("cpu", "cuda"))
    assert_same(here.points, there.points, exact=dtype is np.float64)
    assert_same(here.values, there.values, exact=dtype is np.float64)


def test_one_run_that_diverges():
    given = {"start": (2.0, -1.0), "steps": 20, "lr": 0.1}
    here, there = (minimize("rosenbrock", "sgd", device=device, **given) for device in ("cpu", "cuda"))
    assert here.diverged_at == there.diverged_at is not None
    assert_same(here.points, there.points, exact=True)
    assert_same(here.values, there.values, exact=True)


LOOKS = {
    "without a state": configure("extragradient", lr=5e-4),
    "of the last gradient": configure("past_extragradient", lr=5e-4),
    "of a state": configure("nesterov_ahead", lr=5e-4),
    "of a norm": configure("sam(adam)", lr=5e-4),
    "of a norm in the scale of the iterate": configure("asam(momentum)", lr=5e-4),
    "with a value": configure("sam(polyak)"),
    "of products with the Hessian": configure("adahessian", lr=5e-4),
    "of products at some steps": configure("sophia", lr=5e-4, every=3),
}


@pytest.mark.thin(3)
@pytest.mark.parametrize("name", ["rosenbrock", "rosenbrock:5"])
@pytest.mark.parametrize("label", LOOKS)
def test_rules_that_look_a_second_time_or_multiply(label, name, dtype):
    function = FUNCTIONS["rosenbrock"] if name == "rosenbrock" else FUNCTIONS["rosenbrock"].in_dimension(5)
    assert_batch(function, LOOKS[label], near_start(function), exact=False, dtype=dtype, tolerance=0.1)


def test_a_second_look_sees_the_noise_of_the_first(dtype):
    starts = near_start(FUNCTIONS["rosenbrock"])
    assert_batch("rosenbrock", LOOKS["of a norm"], starts, exact=False, dtype=dtype, noise="gaussian:0.1,1", seed=3)


@pytest.mark.parametrize(
    ("function", "label"),
    [
        ("rosenbrock:5", "step scalars"),
        ("rosenbrock:5", "begins at x"),
        ("rosenbrock", "reported"),
        ("bbob_f15:5", "sums"),
    ],
)
def test_runs_whose_state_is_in_the_memory_of_the_device(function, label, dtype, monkeypatch):
    monkeypatch.setattr(tile, "NARROW", 0)
    name, _, dimension = function.partition(":")
    function = FUNCTIONS[name].in_dimension(int(dimension)) if dimension else FUNCTIONS[name]
    keywords = {"tolerance": 0.1, "history": [0, 1, STEPS], "dtype": dtype}
    assert_batch(function, short(SAMPLE[label]), near_start(function), exact=False, **keywords)


@pytest.mark.thin(3)
@pytest.mark.parametrize("label", ["of a norm", "with a value", "of products at some steps"])
def test_second_looks_of_runs_in_the_memory_of_the_device(label, dtype, monkeypatch):
    monkeypatch.setattr(tile, "NARROW", 0)
    function = FUNCTIONS["rosenbrock"].in_dimension(5)
    assert_batch(function, LOOKS[label], near_start(function), exact=False, dtype=dtype, noise="gaussian:0.1")


def test_what_a_thread_has_of_its_own_counts_as_used_memory(monkeypatch):
    """A thousand numbers of an array for each thread that could run would fill a device."""
    function = FUNCTIONS["rosenbrock"].in_dimension(1000)
    adam = configure("adam").formula
    assert tile.is_wide(adam, function, np.float32)
    assert tile.rooms(adam, function, np.float32) == 2001
    assert not tile.is_wide(adam, FUNCTIONS["rosenbrock"], np.float64)
    monkeypatch.setattr(backend, "resident_threads", lambda: 1 << 30)
    with pytest.raises(UsageError, match="GB of the device are free"):
        minimize_many("rosenbrock", "adam", [(0.0, 0.0)], 5, device="cuda")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"sum_of": "total(g * g)"}, {"sum_of": "total(abs(g))"}),
        ({"sum_of": "total(g * g)"}, {"sum_of": "mean(g * g)"}),
        ({"initial": {}}, {"initial": {"y": "x"}}),
    ],
)
def test_formulas_that_differ_in_what_is_around_the_update_have_kernels_of_their_own(one, other):
    """Of one name, as a formula and what becomes of it."""
    kernels = [
        tile.advance_kernel(_summing(**changes), FUNCTIONS["rosenbrock"], np.float64, 0, None, False)
        for changes in (one, other, one)
    ]
    assert kernels[0] is kernels[2] is not kernels[1]


def _summing(sum_of="total(g)", initial=None):
    text = f"def summing(x, g, y, lr):\n    y = y + x\n    return x - lr * g * y / (1 + {sum_of}), y\n"
    return formula_of(made(text, {"total": total, "mean": mean}), None, ("lr",), initial or {}, None)
