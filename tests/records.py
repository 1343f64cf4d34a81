"""One record of every kind, and what it means that two are the same."""

import dataclasses

import numpy as np

from optviz.results import (
    Batch,
    Comparison,
    Landscape,
    LossPath,
    Mistakes,
    Optimum,
    Plane,
    PlanePath,
    Published,
    Race,
    RateSearch,
    TrainingRun,
    Trajectory,
    Tuning,
)
from tests.budgets import nearby
from tests.cli import batch_results
from tests.figures import explanations
from tests.studies import made_of


def trajectory(optimizer="sgd", diverged_at=None, steps=4):
    points = np.linspace(0.0, 1.0, 2 * (steps + 1)).reshape(-1, 2)
    values = points[:, 0] ** 2 + 0.1
    if diverged_at is not None:
        points[diverged_at], values[diverged_at] = np.inf, np.nan
        points[diverged_at + 1 :], values[diverged_at + 1 :] = np.nan, np.nan
    return Trajectory(
        "sphere",
        optimizer,
        optimizer.upper(),
        "torch",
        "torch",
        {"lr": 0.1, "nesterov": 0.0},
        points,
        values,
        diverged_at,
        0.1,
    )


def stopped():
    """Three steps: the first makes two evaluations, the second three and finds nothing, the third none."""
    points, looks = np.array([[0, 1], [1, 1], [1, 1], [1, 1.0]]), [[0, 1], [2, 1], [1, 1], [3, 3], [9, 9], [1, 2.0]]
    return dataclasses.replace(
        trajectory("lbfgs", steps=3),
        points=points,
        values=points[:, 0] ** 2 + 0.1,
        evaluations=np.array([1, 3, 6, 6]),
        evaluated=np.array(looks),
        evaluated_at=np.array([0, 1, 1, 2, 2, 2]),
        stopped="no descent",
    )


LANDSCAPE = Landscape(
    function="sphere",
    title="Sphere – “kugel”",
    formula="f(x, y) = x² + y²",
    bounds=((-5.12, 5.12), (-5.12, 5.12)),
    view=((-5.0, 3.0), (-4.0, 4.0)),
    values=np.arange(9.0).reshape(3, 3),
    minimizers=np.zeros((1, 2)),
    local_minimizers=np.zeros((0, 2)),
    minimum=0.1,
)
TUNING = nearby()


def race(rates, tuning=None, diverged_at=None):
    runs = tuple(trajectory(name, diverged_at) for name in rates)
    return Race(LANDSCAPE, runs, (-4.0, 1.5), 7, dict(rates), tuning)


def by_evaluations():
    """A run of one evaluation a step beside one that stops."""
    one = race({"sgd": "given", "lbfgs": "given"})
    return dataclasses.replace(one, trajectories=(trajectory(steps=5), stopped()), budget=6)


EPOCHS = (
    {"epoch": 1, "train_loss": 0.5, "test_loss": 0.25, "test_accuracy": 0.925, "seconds": 0.5},
    {"epoch": 2, "train_loss": float("nan"), "test_loss": float("inf"), "test_accuracy": 0.098, "seconds": 0.5},
)
TRAINING_RUN = TrainingRun(
    "adam", "Adam", "keras", "keras", {"lr": 1e-3}, 0, EPOCHS, 2, np.linspace(2, 1, 6), np.array([1, 0, 2], np.uint8)
)
RATE_SEARCH = RateSearch(
    "adam", "Adam", np.array([0.01, 0.1]), np.array([0.9, np.nan]), np.array([0.8, np.nan]), np.array([1, np.nan]), 0.01
)
SEARCHED = Tuning(2, 0.01, 0.1, 0, 1, 2, 50, 10, (RATE_SEARCH,))
PUBLISHED = Published("somebody, somewhere", "mnist", "keras", 64, (1, 2), {"adam": (0.9, 0.95)})
MISTAKES = Mistakes("adam", "Adam", 0, 3, np.zeros((2, 4, 5), np.uint8), np.ones(2, np.uint8), np.zeros(2, np.uint8))
PATH = PlanePath("adam", "Adam", np.arange(3.0), np.zeros((3, 2)), np.ones(3), np.array([0, 0.5, 0.25]))
OPTIMUM = Optimum(
    100, np.array([1, 3, 4, 6]), np.array([0.9, 0.4, 0.3, 0.25]), "out of evaluations",
    (LossPath("adam", "Adam", 0, np.arange(3.0), np.array([2.3, 0.5, np.inf])),),
)  # fmt: skip
PLANE = Plane(0, np.arange(4.0), np.arange(4.0), np.ones((4, 4)), 100, 0.9, (PATH,))
BASINS, SWARM, SWEEP = batch_results.basins(), batch_results.swarm(), batch_results.sweep()
BATCH = Batch(
    function="sphere",
    contender=SWEEP.contender,
    steps=20,
    seed=2**64 - 1,
    tolerance=1e-4,
    noise="gaussian:0.1",
    points=np.array([[0.5, -0.0, 1.0], [np.nan] * 3], np.float32),
    values=np.array([1.25, np.nan], np.float32),
    reached=np.array([0, -1], np.int32),
    arrived=np.array([7, -1], np.int32),
    diverged=np.array([0, 3], np.int32),
    minimizers=np.zeros((1, 3)),
    minima=np.zeros(1),
    history_steps=np.array([0]),
    history=np.ones((1, 2, 3), np.float32),
)
STUDY = made_of([[[[0, 5, -1], [20, -1, -1]]]], gaps=np.array([[[0.0, 0.5, np.nan]]]), rates=np.array([[np.nan]]))
EXPLANATION = explanations.made()
RECORDS = {
    "trajectory": trajectory(),
    "diverged trajectory": trajectory(diverged_at=2),
    "landscape": LANDSCAPE,
    "stopped trajectory": stopped(),
    "race by evaluations": by_evaluations(),
    "race": race({"sgd": "tuned", "adam": "given"}, TUNING),
    "training run": TRAINING_RUN,
    "comparison": Comparison("mlp", "mnist", "784-128-10", 64, 3, (TRAINING_RUN,), interrupted=True),
    "full comparison": Comparison(
        "mlp",
        "mnist",
        "784-128-10",
        64,
        3,
        (TRAINING_RUN,),
        False,
        101_770,
        3,
        {"adam": "tuned"},
        0.97,
        SEARCHED,
        PUBLISHED,
        np.array([1, 1, 2], np.uint8),
        (MISTAKES,),
        PLANE,
        optimum=OPTIMUM,
    ),
    "rate search": RATE_SEARCH,
    "tuning": SEARCHED,
    "published": PUBLISHED,
    "mistakes": MISTAKES,
    "path": PATH,
    "plane": PLANE,
    "optimum": OPTIMUM,
    "loss path": OPTIMUM.paths[0],
    "batch": BATCH,
    "basins": BASINS,
    "basin map": BASINS.maps[0],
    "swarm": SWARM,
    "flock": SWARM.runs[0],
    "sweep": SWEEP,
    "sweep without a best pixel": batch_results.sweep(best=False),
    "axis": SWEEP.x,
    "curve": SWEEP.theory[0],
    "study": STUDY,
    "explanation": EXPLANATION,
    "quantity": EXPLANATION.columns[1],
    "diverged explanation": explanations.diverging(),
    "contender": SWEEP.contender,
    "empty comparison": Comparison("mlp", "mnist", "784-128-10", 64, 3, ()),
}


def assert_same(one, other):
    """Equal in every field, array and type, NaN included."""
    assert type(one) is type(other)
    if dataclasses.is_dataclass(one):
        for item in dataclasses.fields(one):
            assert_same(getattr(one, item.name), getattr(other, item.name))
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for name in one:
            assert_same(one[name], other[name])
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    else:
        assert one == other or (one != one and other != other)
