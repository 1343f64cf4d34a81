"""Small made-up races for the tests of pictures: a bowl with a known minimum and runs that behave as asked."""

import numpy as np

from optviz.figures.engine.theme import HEADS
from optviz.results import Landscape, Race, Trajectory
from tests.budgets import nearby

VIEW = ((-2.0, 2.0), (-2.0, 2.0))
MINIMIZER = (1.0, -0.5)
START = (-1.4, 1.2)
SEVEN = ["sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam"]
TWENTY = [*SEVEN, "adamw", "lion", *(f"plugin_{k}" for k in range(11))]
assert {*SEVEN, "adamw", "lion"} == {*HEADS}


def bowl(x, y):
    return (x - MINIMIZER[0]) ** 2 + 4 * (y - MINIMIZER[1]) ** 2


def landscape(n=60, local=()):
    centres = -2 + 4 * (np.arange(n) + 0.5) / n
    return Landscape(
        function="bowl",
        title="Bowl",
        formula="f(x, y) = (x − 1)² + 4 (y + ½)²",
        bounds=VIEW,
        view=VIEW,
        values=bowl(*np.meshgrid(centres, centres)),
        minimizers=np.array([MINIMIZER]),
        local_minimizers=np.array(local, float).reshape(-1, 2),
        minimum=0.0,
    )


def descent(name, lr, steps=40, title=None, start=START):
    """Gradient descent, ended like a run of the package when it leaves for good."""
    points, values = np.full((steps + 1, 2), np.nan), np.full(steps + 1, np.nan)
    points[0] = start
    values[0] = bowl(*start)
    diverged = None
    for step in range(1, steps + 1):
        slope = np.array([2, 8]) * (points[step - 1] - MINIMIZER)
        points[step] = points[step - 1] - lr * slope
        values[step] = bowl(*points[step])
        if np.abs(points[step]).max() > 1e6:
            diverged = step
            break
    return trajectory(name, points, values, lr, diverged, title)


def trajectory(name, points, values, lr=0.1, diverged_at=None, title=None):
    return Trajectory(
        function="bowl",
        optimizer=name,
        title=title or name.replace("_", " ").capitalize(),
        variant="paper",
        defaults="torch",
        hyperparameters={"lr": lr},
        points=np.asarray(points, float),
        values=np.asarray(values, float),
        diverged_at=diverged_at,
        minimum=0.0,
    )


def race(trajectories, ground=None, start=START):
    steps = len(trajectories[0].values) - 1
    return Race(
        landscape=ground or landscape(),
        trajectories=tuple(trajectories),
        start=start,
        seed=3,
        rates={run.optimizer: "tuned" for run in trajectories},
        tuning=nearby(steps),
    )


def calm(names=SEVEN, steps=40):
    """A race in which all converge, at different speeds; the last name comes first."""
    return race([descent(name, 0.012 + 0.19 * k / len(names), steps) for k, name in enumerate(names)])


def wild():
    """A race in which one diverges to and fro and one does not converge."""
    return race([descent("sgd", 0.7), descent("momentum", 0.05), descent("adam", 0.249), descent("rmsprop", 0.004)])
