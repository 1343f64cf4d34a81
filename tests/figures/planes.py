"""Small made-up comparisons with a training plane: a bowl of a loss, and paths that behave as asked."""

import math

import numpy as np

from optviz.results import Comparison, Plane, PlanePath, TrainingRun
from tests.figures.races import SEVEN

EARLY = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.6)
SIDE = 12.0
CENTRE = np.array([5.0, 2.0])


def bowl(x, y):
    return 0.02 + 0.05 * ((x - CENTRE[0]) ** 2 + 2 * (y - CENTRE[1]) ** 2)


def path(name, index, count, epochs, reach=1.0):
    moments = np.array([*EARLY, *range(1, epochs + 1)]) if epochs else np.array([0.0])
    done = (np.log1p(moments / 0.5) / math.log1p(20))[:, None] * reach
    turn = np.pi * (index / max(1, count - 1) - 0.5)
    points = done * (5 * np.array([math.cos(turn), math.sin(turn)]) + done * [1.0, 0.3])
    off = np.where(moments > 0, 0.9 - 0.1 * index / count - 0.4 * np.minimum(1, done[:, 0]), 0.0)
    return PlanePath(name, name.capitalize(), moments, points, bowl(*points.T) * 0.8, off)


def run(name, index, epochs, diverged_at=None):
    rows = tuple(
        {
            "epoch": k,
            "train_loss": 0.5 / k,
            "test_loss": 0.6 / k,
            "test_accuracy": 1 - 0.2 / k - 0.01 * index,
            "seconds": 0.5,
        }
        for k in range(1, epochs + 1)
    )
    return TrainingRun(name, name.capitalize(), "keras", "keras", {"lr": 0.001 * (index + 1)}, 3, rows, diverged_at)


def comparison(names=SEVEN, epochs=10, finished=None, diverged=(), reach=None, interrupted=False, resolution=9):
    """Runs of `finished` epochs where it names them; `reach` makes a path longer than others are."""
    names, finished, reach = list(names), finished or {}, reach or {}
    centres = (np.arange(resolution) + 0.5) / resolution * SIDE - SIDE / 2
    x, y = centres + 3, centres
    done = {name: finished.get(name, epochs) for name in names}
    paths = tuple(path(name, k, len(names), done[name], reach.get(name, 1.0)) for k, name in enumerate(names))
    runs = tuple(run(name, k, done[name], done[name] + 1 if name in diverged else None) for k, name in enumerate(names))
    plane = Plane(3, x, y, bowl(*np.meshgrid(x, y)), 2000, 0.87, paths)
    return Comparison("mlp", "mnist", "784-128-10", 64, epochs, runs, interrupted, plane=plane)
