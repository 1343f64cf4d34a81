"""Made-up basins of attraction: quarters of a square, each led to a minimizer of its own, at a pace as asked."""

import numpy as np

from optviz.results.basins import BasinMap, Basins
from optviz.results.parts import Contender, Landscape
from tests.budgets import spread

FOUR = ((1.5, 1.0), (-1.4, 1.6), (-1.9, -1.6), (1.8, -0.9))
SQUARE = ((-2.0, 2.0), (-2.0, 2.0))
TITLES = (
    "SGD",
    "Momentum",
    "NAG",
    "AdaGrad",
    "Adadelta",
    "RMSProp",
    "Adam",
    "AMSGrad",
    "Nadam",
    "Lion",
)


def quarters(nx, ny):
    """(ny, nx) int32: 0 upper right, 1 upper left, 2 lower left, 3 lower right; row 0 is the lowest."""
    right, above = np.arange(nx) >= nx // 2, np.arange(ny)[:, None] >= ny // 2
    return np.where(above, np.where(right, 0, 1), np.where(right, 3, 2)).astype(np.int32)


def basin_map(nx=48, ny=None, title="Adam", steps=20, reached=None, never=False, diverged=False, lr=0.05, values=None):
    """One optimizer; `steps`, `never` and `diverged` are arrays over the grid, or one value for all of it."""
    shape = (ny or nx, nx)
    reached = quarters(*shape[::-1]) if reached is None else np.broadcast_to(reached, shape)
    lost = np.broadcast_to(never, shape) | np.broadcast_to(diverged, shape)
    reached = np.where(lost, -1, reached).astype(np.int32)
    known = np.where(lost, 3.5, 0.0) if values is None else np.broadcast_to(values, shape)
    return BasinMap(
        contender=Contender(title.lower(), title, "torch", "torch", {} if lr is None else {"lr": lr}, "tuned"),
        reached=reached,
        arrived=np.where(lost, -1, np.broadcast_to(steps, shape)).astype(np.int32),
        diverged=np.where(diverged, 7, np.zeros(shape)).astype(np.int32),
        values=np.where(diverged, np.nan, known).astype(float),
    )


def basins(maps, view=SQUARE, minimizers=FOUR, local=(), minimum=0.0, title="Quarters", **changes):
    facts = {"steps": 300, "seed": 0, "tolerance": 1e-4, "noise": "", "tuning": None} | changes
    tuning = spread()
    landscape = Landscape(
        function="quarters",
        title=title,
        formula="f(x, y)",
        bounds=SQUARE,
        view=view,
        values=np.zeros(maps[0].reached.shape),
        minimizers=np.array(minimizers, float).reshape(-1, 2),
        local_minimizers=np.array(local, float).reshape(-1, 2),
        minimum=minimum,
    )
    minima = np.full(len(landscape.minimizers) + len(landscape.local_minimizers), landscape.minimum)
    return Basins(landscape, minima, tuple(maps), **(facts | {"tuning": tuning}))


def several(count=7, nx=48, view=SQUARE, **changes):
    """So many optimizers, ever slower; some runs of the second never arrive, some of the third diverge."""
    lane = np.arange(nx) < nx // 8
    fates = [{}, {"never": lane}, {"diverged": lane}] + [{}] * count
    maps = [
        basin_map(nx, title=TITLES[index % len(TITLES)], steps=10 + 20 * index, **fates[index])
        for index in range(count)
    ]
    return basins(maps, view, **changes)
