"""What a batch must give, recomputed run by run from what `minimize` keeps; and a function whose domain has an edge."""

from dataclasses import replace
from math import sqrt
from unittest.mock import patch

import numpy as np

from optviz.functions import REGISTRY as FUNCTIONS
from optviz.kernels.tile_rows import TILE
from optviz.runs.points.minimize import minimize

MANY = 5 * TILE + 20  # starts that one thread runs in slabs of two tiles
SIZES = (1, TILE - 1, TILE, TILE + 1, 1000, MANY)  # of batches


def edge_gradient(x, y):
    return sqrt(x + 4) - 1, 2 * y


def edge(x, y):
    """A bowl that ends at x = -4: runs that start beyond, or step across, are NaN for every rule."""
    return 2 * (x + 4) * sqrt(x + 4) / 3 - x + y**2


EDGE = replace(
    FUNCTIONS["sphere"],
    name="edge",
    title="Edge",
    value=edge,
    written_gradient=edge_gradient,
    minimizers=((-3.0, 0.0),),
    minimum=2 / 3 + 3,
    view=((-5.0, 3.0), (-4.0, 4.0)),
)


def starts_in(function, count, seed=0):
    """(count, d) float64: uniform inside the bounds."""
    low, high = np.array(function.bounds).T
    return np.random.default_rng(seed).uniform(low, high, (count, len(low)))


def fate(run, function, tolerance, dtype):
    """(reached, arrived) as the records define them, from a run's iterates and values."""
    minimizers = [*function.minimizers, *function.local_minimizers]
    if run.diverged_at is not None:
        return -1, -1
    nearest = int(np.argmin([((run.points[-1] - np.array(one)) ** 2).sum() for one in minimizers]))
    level = function.minimum if nearest < len(function.minimizers) else function.value_at(minimizers[nearest])
    above = np.flatnonzero(~(run.values.astype(dtype) <= dtype(level + tolerance)))
    arrived = int(above[-1]) + 1 if len(above) else 0
    there = arrived <= run.steps and run.values[-1] >= level - tolerance - 8 * np.finfo(dtype).eps * abs(level)
    return (nearest, arrived) if there else (-1, -1)


def alone(function, setting, starts, steps, *, tolerance=1e-4, history=(), dtype=np.float64, **keywords):
    """dict: the fields of `Batch` that its runs determine, each from a run of its own."""
    # Alone a run is refused where the function has no value; in a batch it is one that diverges.
    with patch("optviz.runs.points.minimize.height", lambda function, point: 0.0):
        runs = [minimize(function, setting, start, steps, dtype=dtype, **keywords) for start in starts.tolist()]
    fates = [fate(run, function, tolerance, dtype) for run in runs]
    lost = np.array([run.diverged_at is not None for run in runs])
    return {
        "points": np.where(lost[:, np.newaxis], np.nan, [run.points[-1] for run in runs]),
        "values": np.where(lost, np.nan, [run.values[-1] for run in runs]),
        "reached": np.array([one[0] for one in fates]),
        "arrived": np.array([one[1] for one in fates]),
        "diverged": np.array([run.diverged_at or 0 for run in runs]),
        "history": np.array([[run.points[step] for run in runs] for step in history]).reshape(-1, *starts.shape),
    }


def assert_runs(batch, expected, which=slice(None)):
    """Equal bit for bit, NaN included."""
    for name, values in expected.items():
        chosen = values[:, which] if name == "history" else values[which]
        np.testing.assert_array_equal(getattr(batch, name), chosen, err_msg=name)
