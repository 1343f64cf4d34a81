"""`basins`: the right way up, each cell the run that `minimize` gives, tuned the same whatever part is looked at."""

import dataclasses
import math

import numpy as np
import pytest

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import REGISTRY as OPTIMIZERS
from optviz.optimizers import SEVEN, configure
from optviz.runs import memory
from optviz.runs.points import tuning
from optviz.runs.points.basins import basins
from optviz.runs.points.criteria import MostArrive
from tests.runs.points.alone import TILE, alone

BOUNDS = ((-4.0, 5.0), (-5.0, 1.0))
WIDE = 23, 14  # nx, ny
RATES = {"sgd": 0.01, "adam": 0.1}


@pytest.fixture(scope="module")
def himmelblau():
    return basins("himmelblau", ["sgd", "adam"], bounds=BOUNDS, resolution=WIDE, steps=120, lr=RATES)


def centres(bounds, resolution):
    """x of each column and y of each row, lowest first."""
    return [
        np.array([low + (high - low) * ((k + 0.5) / n) for k in range(n)])
        for (low, high), n in zip(bounds, resolution, strict=True)
    ]


def test_every_cell_is_the_run_from_its_centre(himmelblau):
    x, y = centres(BOUNDS, WIDE)
    random = np.random.default_rng(0)
    cells = [
        (0, 0),
        (0, WIDE[0] - 1),
        (WIDE[1] - 1, 0),
        *((random.integers(14), random.integers(23)) for _ in "x" * 40),
    ]
    for one in himmelblau.maps:
        assert one.reached.shape == one.arrived.shape == one.diverged.shape == one.values.shape == WIDE[::-1]
        assert one.reached.dtype == one.arrived.dtype == one.diverged.dtype == np.int32
        setting = configure(one.contender.optimizer, lr=RATES[one.contender.optimizer])
        for row, column in cells:
            run = alone(FUNCTIONS["himmelblau"], setting, np.array([(x[column], y[row])]), 120)
            for name in ("reached", "arrived", "diverged", "values"):
                np.testing.assert_array_equal(
                    getattr(one, name)[row, column], run[name][0], err_msg=f"{name} {row} {column}"
                )


def test_the_first_row_is_the_lowest_and_the_first_column_the_leftmost(himmelblau):
    # Gradient descent in small steps ends in the well beside which it starts.
    _, well = himmelblau.minimizers[[1, 2]]  # to the lower left
    x, y = centres(BOUNDS, WIDE)
    row, column = np.abs(y - well[1]).argmin(), np.abs(x - well[0]).argmin()
    assert row < 7 and column < 4
    assert himmelblau.maps[0].reached[row, column] == 2
    assert set(np.unique(himmelblau.maps[0].reached)) >= {0, 2, 3}


def test_the_landscape_is_the_function_at_the_same_centres(himmelblau):
    scape = himmelblau.landscape
    assert scape.view == BOUNDS and scape.values.shape == WIDE[::-1]
    x, y = centres(BOUNDS, WIDE)
    expected = [[FUNCTIONS["himmelblau"].value(across, up) for across in x] for up in y]
    np.testing.assert_allclose(scape.values, expected, rtol=1e-12)
    assert scape.bounds == FUNCTIONS["himmelblau"].bounds
    np.testing.assert_array_equal(himmelblau.minimizers, FUNCTIONS["himmelblau"].minimizers)


def test_runs_that_diverge_are_told():
    made = basins("rosenbrock", ["sgd"], resolution=20, steps=60, lr=0.002)
    (one,) = made.maps
    gone = one.diverged > 0
    assert 0 < gone.mean() < 1
    assert np.isnan(one.values[gone]).all() and np.isfinite(one.values[~gone]).all()
    assert (one.reached[gone] == -1).all() and (one.arrived[gone] == -1).all()


def test_a_zoom_of_a_billionth_still_has_different_cells():
    width = 1e-9
    x, y = 0.5, 4.3
    region = ((x, x + width), (y, y + width))
    made = basins("himmelblau", ["sgd"], bounds=region, resolution=16, steps=20, lr=0.01)
    assert made.landscape.view == region
    assert len(np.unique(made.landscape.values)) > 200
    across, up = centres(region, (16, 16))
    run = alone(FUNCTIONS["himmelblau"], configure("sgd", lr=0.01), np.array([(across[3], up[12])]), 20)
    np.testing.assert_array_equal(made.maps[0].values[12, 3], run["values"][0])


@pytest.mark.parametrize(
    ("resolution", "shape"), [(1, (1, 1)), ((7, 3), (3, 7)), ([2, 5], (5, 2)), (np.array([4, 1]), (1, 4))]
)
def test_any_resolution(resolution, shape):
    made = basins("himmelblau", ["sgd"], resolution=resolution, steps=5, lr=0.01)
    assert made.maps[0].reached.shape == made.landscape.values.shape == shape


def test_more_cells_than_a_tile_on_several_threads():
    one, three = (basins("himmelblau", ["sgd"], resolution=(TILE, 5), steps=50, lr=0.01, threads=n) for n in (1, 3))
    for name in ("reached", "arrived", "diverged", "values"):
        np.testing.assert_array_equal(getattr(one.maps[0], name), getattr(three.maps[0], name))


def test_noise_sees_the_number_of_the_start():
    made = basins("himmelblau", ["sgd"], resolution=(30, 20), steps=50, lr=0.01, noise="gaussian:5", seed=3)
    x, y = centres(made.landscape.view, (30, 20))
    from optviz.runs.points.minimize_many import minimize_many

    starts = np.array([(across, up) for up in y for across in x])
    together = minimize_many("himmelblau", "sgd", starts, 50, lr=0.01, noise="gaussian:5", seed=3)
    np.testing.assert_array_equal(made.maps[0].values.ravel(), together.values)
    np.testing.assert_array_equal(made.maps[0].reached.ravel(), together.reached)
    assert (made.noise, made.seed) == ("gaussian:5", 3)


# Who runs, and at which rate


def test_seven_optimizers_are_tuned_with_the_same_budget(monkeypatch):
    asked = []

    def tuned(function, settings, starts, steps, criterion, noise, seed, *rest):
        asked.append((function.name, [setting.rule.name for setting in settings], starts, steps))
        assert isinstance(criterion, MostArrive) and (noise, seed) == (None, 5)
        return [setting.replace(lr=0.01) for setting in settings], {"rule": "the luckiest of 49", "grid": 49}

    from optviz.runs.points import entrants

    monkeypatch.setattr(entrants, "tune", tuned)
    made = basins("himmelblau", resolution=4, steps=30, seed=5)
    ((name, optimizers, starts, steps),) = asked
    assert (name, optimizers, steps) == ("himmelblau", list(SEVEN), 30)
    np.testing.assert_array_equal(starts, tuning.spread(FUNCTIONS["himmelblau"].view, 5))
    assert [one.contender.optimizer for one in made.maps] == list(SEVEN)
    assert all(one.contender.rate == "tuned" and one.contender.hyperparameters["lr"] == 0.01 for one in made.maps)
    assert made.tuning == {"rule": "the luckiest of 49", "grid": 49}
    assert made.provenance() == "learning rates: the luckiest of 49 · tolerance 0.0001 · no clipping · seed 5"


def test_tuned_rates_do_not_depend_on_the_part_that_is_looked_at():
    whole, part = (
        basins("sphere", ["sgd", "momentum"], bounds=bounds, resolution=3, steps=30)
        for bounds in (None, ((1.0, 1.5), (2.0, 2.1)))
    )
    rates = [[one.contender.hyperparameters["lr"] for one in made.maps] for made in (whole, part)]
    assert rates[0] == rates[1] and set(rates[0]) <= set(tuning.grid(np.arange(-60, 60)))
    assert whole.landscape.view == FUNCTIONS["sphere"].view
    assert whole.tuning == part.tuning and whole.tuning["starts"] == 256


def test_starts_of_the_tuning_lie_all_over_the_view():
    view = ((0.0, 8.0), (-2.0, 2.0))
    starts = tuning.spread(view, 3)
    cells = np.floor((starts - [0, -2]) / [0.5, 0.25]).astype(int)
    assert sorted(map(tuple, cells.tolist())) == [(i, j) for i in range(16) for j in range(16)]
    np.testing.assert_array_equal(starts, tuning.spread(view, 3))
    assert (starts != tuning.spread(view, 4)).all()


@pytest.mark.parametrize(
    ("lr", "rates", "sources"),
    [
        (0.03, [0.03, 0.03], ["given", "given"]),
        ("defaults", [1e-3, 1e-3], ["torch", "torch"]),
        ({"sgd": 0.02, "adam": 0.3}, [0.02, 0.3], ["given", "given"]),
    ],
)
def test_rates_may_be_given(lr, rates, sources):
    made = basins("himmelblau", ["sgd", "adam"], resolution=2, steps=3, lr=lr)
    assert [one.contender.hyperparameters["lr"] for one in made.maps] == rates
    assert [one.contender.rate for one in made.maps] == sources
    assert made.tuning is None


def test_optimizers_and_functions_may_be_objects():
    setting = configure("adam", beta1=0.5)
    unit = dataclasses.replace(FUNCTIONS["himmelblau"], local_minimizers=((0.0, 0.0),))
    made = basins(unit, [OPTIMIZERS["sgd"], setting], resolution=2, steps=3, lr=0.01)
    assert [one.contender.optimizer for one in made.maps] == ["sgd", "adam"]
    assert made.maps[1].contender.hyperparameters["beta1"] == 0.5
    assert len(made.minimizers) == 5 and made.landscape.local_minimizers.tolist() == [[0.0, 0.0]]


def test_progress_counts_all_optimizers():
    seen = []
    basins("himmelblau", ["sgd", "adam"], resolution=5, steps=10, lr=0.01, progress=lambda *now: seen.append(now))
    assert seen[-1] == (500, 500) and seen == sorted(seen)


# Bad input


@pytest.mark.parametrize(
    ("keywords", "error", "words"),
    [
        ({"resolution": 0}, UsageError, "resolution is 0"),
        ({"resolution": -5}, UsageError, "resolution is -5"),
        ({"resolution": 2.5}, UsageTypeError, "2.5"),
        ({"resolution": "9"}, UsageTypeError, "'9'"),
        ({"resolution": (3, 0)}, UsageError, "resolution is 0"),
        ({"resolution": (1, 2, 3)}, UsageTypeError, r"\(1, 2, 3\)"),
        ({"resolution": None}, UsageTypeError, "None"),
        ({"resolution": (10**6, 10**6)}, UsageError, "1,000,000 x 1,000,000 starts needs 44,000.0 GB, 0.8 GB are free"),
        ({"bounds": ((1, 0), (0, 1))}, UsageError, "bounds of x are 1 to 0"),
        ({"bounds": ((0, 1), (1, 1))}, UsageError, "bounds of y are 1 to 1"),
        ({"bounds": ((0, math.nan), (0, 1))}, UsageError, "nan"),
        ({"bounds": ((0, 1), (-math.inf, 1))}, UsageError, "-inf"),
        ({"bounds": ((0, 9), (0, 1))}, UsageError, "leave those of himmelblau"),
        ({"bounds": ((1, 1 + 1e-15), (0, 1))}, UsageError, "too close"),
        ({"bounds": (0, 1)}, UsageTypeError, "bounds"),
        ({"bounds": ((0, 1), (0,))}, UsageTypeError, "bounds"),
        ({"bounds": "view"}, UsageTypeError, "'view'"),
        ({"bounds": (("0", "1"), ("0", "1"))}, UsageTypeError, "'0'"),
        ({"bounds": ((None, 1), (0, 1))}, UsageTypeError, "None"),
        ({"bounds": ((False, True), (False, True))}, UsageTypeError, "False"),
        ({"optimizers": []}, UsageError, "empty"),
        ({"optimizers": ["sgd", "sgd"]}, UsageError, "twice"),
        ({"optimizers": "sgd"}, UsageTypeError, r'(?s)optimizers is .sgd.*optimizers=\["sgd"\]'),
        ({"optimizers": None}, UsageTypeError, "None"),
        ({"optimizers": ["adma"]}, UnknownNameError, "Did you mean 'adam'"),
        ({"function": "himelblau"}, UnknownNameError, "Did you mean 'himmelblau'"),
        ({"function": FUNCTIONS["sphere"].in_dimension(2)}, UsageError, "sphere is a function of one sequence of 2"),
        ({"lr": -1.0}, UsageError, "lr is -1.0"),
        ({"lr": {"adam": 0.1}}, UsageError, "adam"),
        ({"lr": "default"}, UsageError, "default"),
        ({"steps": 0}, UsageError, "steps is 0"),
        ({"tolerance": 0}, UsageError, "tolerance is 0"),
        ({"seed": 1.5}, UsageTypeError, "1.5"),
        ({"threads": 0}, UsageError, "threads is 0"),
        ({"noise": "gausian:1"}, UnknownNameError, "Did you mean 'gaussian'"),
        ({"noise": "gaussian:1,2,3"}, UsageError, "3 numbers"),
        ({"defaults": "keras3"}, UsageError, "keras3"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_compiled(keywords, error, words, nothing_runs):
    arguments = {"function": "himmelblau", "optimizers": ["sgd"], "steps": 10}
    with pytest.raises(error, match=words) as caught:
        basins(**arguments | keywords)
    assert caught.value.remedy


def test_a_picture_that_fits_is_made(monkeypatch):
    monkeypatch.setattr(memory, "free", lambda: 10_000)
    basins("himmelblau", ["sgd"], resolution=10, steps=2, lr=0.01)
    with pytest.raises(UsageError, match="a picture of 20 x 10 starts"):
        basins("himmelblau", ["sgd"], resolution=(20, 10), steps=2, lr=0.01)


def test_starts_lie_inside_the_bounds_where_the_view_does_not():
    function = FUNCTIONS["rosenbrock"]
    made = basins(function, ["sgd"], resolution=(4, 8), steps=3, lr="defaults")
    assert made.landscape.view == ((-2.0, 2.0), (-1.0, 2.048)) != function.view
