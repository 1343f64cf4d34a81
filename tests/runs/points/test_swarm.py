"""`swarm`: starts spread evenly without showing a grid, moments from first to last, each dot a run of its own."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import configure
from optviz.runs.points.swarm import MAP, scattered, schedule, swarm
from tests.runs.points.alone import EDGE, alone, assert_runs

RATES = {"sgd": 0.01, "adam": 0.1}


@pytest.fixture(scope="module")
def himmelblau():
    return swarm("himmelblau", ["sgd", "adam"], starts=300, steps=80, frames=20, lr=RATES, seed=2)


def test_moments_begin_and_end_with_the_runs(himmelblau):
    moments = himmelblau.moments
    assert moments.dtype == np.int64 and moments[0] == 0 and moments[-1] == 80 and len(moments) <= 20
    gaps = np.diff(moments)
    assert (gaps > 0).all() and gaps[0] < gaps[-1]


@hypothesis(max_examples=100, deadline=None)
@given(steps=st.integers(1, 10**7), frames=st.integers(2, 2000))
def test_any_schedule(steps, frames):
    moments = schedule(steps, frames)
    assert moments[0] == 0 and moments[-1] == steps and len(moments) <= frames
    assert (np.diff(moments) > 0).all()
    assert len(moments) == min(frames, steps + 1) or steps < 20 * frames  # few steps fall together at the beginning


def test_all_flocks_start_at_the_same_points_inside_the_region(himmelblau):
    (low_x, high_x), (low_y, high_y) = himmelblau.landscape.view
    first, second = (flock.points[0] for flock in himmelblau.runs)
    np.testing.assert_array_equal(first, second)
    assert (first[:, 0] >= low_x).all() and (first[:, 0] <= high_x).all()
    assert (first[:, 1] >= low_y).all() and (first[:, 1] <= high_y).all()
    np.testing.assert_array_equal(first, scattered(himmelblau.landscape.view, 300, 2).astype(np.float32))


def test_every_dot_is_a_run_alone(himmelblau):
    starts = scattered(himmelblau.landscape.view, 300, 2)
    some = [0, 1, 150, len(starts) - 1]
    for flock in himmelblau.runs:
        name = flock.contender.optimizer
        expected = alone(
            FUNCTIONS["himmelblau"],
            configure(name, lr=RATES[name]),
            starts[some],
            80,
            history=himmelblau.moments.tolist(),
        )
        assert flock.points.dtype == np.float32
        np.testing.assert_array_equal(flock.points[:, some], expected["history"].astype(np.float32))
        for part in ("reached", "arrived", "diverged"):
            np.testing.assert_array_equal(getattr(flock, part)[some], expected[part])


def test_dots_vanish_after_a_divergence():
    made = swarm(EDGE, ["momentum"], starts=100, steps=60, frames=60, lr=0.2)
    (flock,) = made.runs
    gone = np.isnan(flock.points).any(axis=2)
    assert len(set(flock.diverged)) > 2
    for run, step in enumerate(flock.diverged):
        later = made.moments > step if step else made.moments < 0
        assert gone[later, run].all() and not gone[made.moments < (step or 61), run].any()


@hypothesis(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 3000),
    width=st.floats(1e-3, 1e3),
    height=st.floats(1e-3, 1e3),
    seed=st.integers(0, 2**64 - 1),
)
def test_one_start_lies_in_each_of_equal_cells(count, width, height, seed):
    region = ((-1.0, -1.0 + width), (2.0, 2.0 + height))
    starts = scattered(region, count, seed)
    nx = max(round(math.sqrt(count * width / height)), 1)
    ny = len(starts) // nx
    assert len(starts) == nx * ny
    assert len(starts) == pytest.approx(count, abs=max(nx, ny) / 2 + 1) or min(nx, ny) == 1
    low, size = np.array([-1.0, 2.0]), np.array([width, height])
    cells = np.clip(np.floor((starts - low) / size * (nx, ny) + 1e-9), 0, (nx - 1, ny - 1))
    assert ((starts >= low) & (starts <= np.array(region)[:, 1])).all()
    assert len(np.unique(cells, axis=0)) >= 0.99 * len(starts)  # rounding at the borders of cells


def test_seeds_move_the_starts():
    view = FUNCTIONS["sphere"].view
    np.testing.assert_array_equal(scattered(view, 100, 1), scattered(view, 100, 1))
    assert (scattered(view, 100, 1) != scattered(view, 100, 2)).all()


def test_the_record_names_what_made_it(himmelblau):
    assert (himmelblau.steps, himmelblau.seed, himmelblau.tolerance, himmelblau.noise) == (80, 2, 1e-4, "")
    assert himmelblau.landscape.values.shape == (MAP, MAP) and himmelblau.tuning is None
    assert [flock.contender.rate for flock in himmelblau.runs] == ["given", "given"]
    assert "17 x 18" not in himmelblau.provenance() and "seed 2" in himmelblau.provenance()
    np.testing.assert_array_equal(himmelblau.minimizers, FUNCTIONS["himmelblau"].minimizers)
    part = swarm("himmelblau", ["sgd"], starts=9, steps=3, lr=0.01, bounds=((0, 1), (-1, 0)))
    assert part.landscape.view == ((0.0, 1.0), (-1.0, 0.0)) and len(part.runs[0].reached) == 9


def test_the_default_is_adam_tuned():
    made = swarm("sphere", starts=4, steps=10)
    assert [flock.contender.optimizer for flock in made.runs] == ["adam"]
    assert made.runs[0].contender.rate == "tuned" and made.tuning["starts"] == 256


def test_noise_progress_and_threads():
    seen = []
    one, three = (
        swarm(
            "himmelblau",
            ["sgd"],
            starts=600,
            steps=30,
            lr=0.01,
            noise="gaussian:3",
            seed=4,
            threads=threads,
            progress=lambda *now: seen.append(now),
        )
        for threads in (1, 3)
    )
    np.testing.assert_array_equal(one.runs[0].points, three.runs[0].points)
    assert one.noise == "gaussian:3" and seen[-1][0] == seen[-1][1] == len(one.runs[0].reached) * 30
    from optviz.runs.points.minimize_many import minimize_many

    starts = scattered(one.landscape.view, 600, 4)
    together = minimize_many("himmelblau", "sgd", starts, 30, lr=0.01, noise="gaussian:3", seed=4)
    assert_runs(one.runs[0], {"reached": together.reached, "arrived": together.arrived})
    np.testing.assert_array_equal(one.runs[0].points[-1], together.points.astype(np.float32))


@pytest.mark.parametrize(
    ("keywords", "error", "words"),
    [
        ({"starts": 0}, UsageError, "starts is 0"),
        ({"starts": 10**8}, UsageError, "starts is 100000000"),
        ({"starts": 2.5}, UsageTypeError, "2.5"),
        ({"frames": 1}, UsageError, "frames is 1"),
        ({"frames": "9"}, UsageTypeError, "'9'"),
        ({"starts": 10**7, "frames": 10**4, "steps": 10**6}, UsageError, "10,000,000 starts at .* moments needs"),
        ({"steps": 0}, UsageError, "steps is 0"),
        ({"bounds": ((0, 9), (0, 1))}, UsageError, "leave those of himmelblau"),
        ({"optimizers": "sgd"}, UsageTypeError, "'sgd'"),
        ({"optimizers": ()}, UsageError, "empty"),
        ({"optimizers": ["sgd", "sgd"]}, UsageError, "twice"),
        ({"optimizers": ["adma"]}, UnknownNameError, "Did you mean 'adam'"),
        ({"function": FUNCTIONS["sphere"].in_dimension(3)}, UsageError, "sequence of 3"),
        ({"lr": -1.0}, UsageError, "lr is -1.0"),
        ({"tolerance": math.nan}, UsageError, "nan"),
        ({"seed": -1}, UsageError, "seed is -1"),
        ({"threads": 0}, UsageError, "threads is 0"),
        ({"noise": "gausian:1"}, UnknownNameError, "Did you mean 'gaussian'"),
        ({"defaults": "keras3"}, UsageError, "keras3"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_compiled(keywords, error, words, nothing_runs):
    with pytest.raises(error, match=words) as caught:
        swarm(**{"function": "himmelblau", "optimizers": ["sgd"], "steps": 10} | keywords)
    assert caught.value.remedy
