"""Fair learning rates: the same grid, the same starts and the same number of steps for every optimizer.

A rate is judged on several starts around the given one, by the worse of them, and together with its neighbours on the
grid: a rate that is best for a single start, or between two bad ones, was lucky and would not be best again.
"""

import math
from collections.abc import Sequence

import numpy as np

from optviz.errors import UsageError
from optviz.functions import Bounds, Function
from optviz.kernels.rows import TILE
from optviz.optimizers import Setting
from optviz.runs.many import Engine
from optviz.runs.slab import Slab

GRID = 49
DECADES = (-6, 2)  # of the grid, for a view of width 4; wider views ask for longer steps
STARTS = 16
JITTER = 0.04  # of the view's width, to each side
FLOOR = 1e-6  # gaps below this count as arrived
MOST_STEPS = 10_000  # of a trial; what has not settled by then is not told apart by more
WORST = 1e3  # score of a run that diverges, above all others


def rates_for(function: Function) -> np.ndarray:
    """(49,) float64: the rates tried on a function, rounded to two digits so that what is shown is what was used."""
    (low, high), _ = function.view
    grid = np.logspace(*DECADES, GRID) * (high - low) / 4
    return np.array([float(f"{rate:.1e}") for rate in grid])


def tune(function: Function, settings: Sequence[Setting], starts: np.ndarray, steps: int) -> tuple[list[Setting], dict]:
    """Give every setting its best learning rate.

    Parameters
    ----------
    function : Function
    settings : sequence of Setting
    starts : (k, 2) float64
    steps : int
        Length of the run that is tuned for; trials are as long, up to 10,000 steps.

    Returns
    -------
    settings : list of Setting
        With their best ``lr``.
    budget : dict
        What was spent on each: ``grid low high starts steps``.

    Raises
    ------
    UsageError
        If the function's minimum is not finite.
    """
    if not math.isfinite(function.minimum):
        raise UsageError(
            f"the minimum of {function.name} is {function.minimum:g}: no learning rate can be judged by it",
            "Give learning rates, or take the defaults.",
        )
    rates = rates_for(function)
    steps = min(steps, MOST_STEPS)
    budget = {"grid": GRID, "low": float(rates[0]), "high": float(rates[-1]), "starts": len(starts), "steps": steps}
    tuned = []
    for setting in settings:
        scores = _scores(function, setting, rates, starts, steps)
        tuned.append(setting.replace(lr=float(rates[_best(scores)])))
    return tuned, budget


def jittered(function: Function, start: tuple[float, float], seed: int) -> np.ndarray:
    """(16, 2) float64: the start and 15 others near it, inside the view."""
    low, high = np.array(function.view).T
    moves = np.random.default_rng(seed).uniform(-JITTER, JITTER, (STARTS, 2)) * (high - low)
    moves[0] = 0
    return np.clip(np.array(start) + moves, np.minimum(low, start), np.maximum(high, start))


def spread(bounds: Bounds, seed: int) -> np.ndarray:
    """(16, 2) float64: starts all over a region, one in each cell of a grid of 4 x 4."""
    low, high = np.array(bounds).T
    cells = np.stack(np.meshgrid(np.arange(4), np.arange(4)), axis=-1).reshape(STARTS, 2)
    return low + (high - low) * (cells + np.random.default_rng(seed).uniform(0, 1, (STARTS, 2))) / 4


def score(function: Function, points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """How good some runs are, smaller is better.

    The score of a run is the mean over its steps of log10 of the *settled gap*, the largest f - f* from that step on:
    a run that passes low ground and leaves it again has not arrived. Leaving the map costs more the longer it lasts.

    Parameters
    ----------
    points : (runs, steps + 1, 2) float64
    values : (runs, steps + 1) float64
        Both NaN after a divergence.

    Returns
    -------
    (runs,) float64
    """
    low, high = np.array(function.view).T
    outside = ((points < low) | (points > high)).any(axis=2)
    gap = np.maximum(values - function.minimum, 0.0)
    # Outside its domain a function may lie below its minimum; such ground is not better than the start.
    gap = np.where(outside, np.maximum(gap, gap[:, :1]), gap)
    settled = np.maximum.accumulate(gap[:, ::-1], axis=1)[:, ::-1]
    result = np.log10(settled + FLOOR).mean(axis=1)
    result += np.where(outside.any(axis=1), 0.5 + 20 * outside.mean(axis=1), 0.0)
    return np.where(np.isfinite(result), result, WORST)


def _scores(function: Function, setting: Setting, rates: np.ndarray, starts: np.ndarray, steps: int) -> np.ndarray:
    """(rates,) float64: the 75th percentile over the starts of each rate's score."""
    # Always on the CPU: last digits must not decide between two rates, so that a device would change what is run.
    engine = Engine(setting, function, steps, (), own=("lr",))
    scores = np.empty((len(rates), len(starts)))
    some = max(TILE // len(starts), 1)  # as many rates as fill a tile
    for first in range(0, len(rates), some):
        own = np.repeat(rates[first : first + some], len(starts))
        paths = Slab(engine, np.tile(starts, (len(own) // len(starts), 1)), own={"lr": own}).paths()
        scores[first : first + some] = score(function, *paths[:2]).reshape(-1, len(starts))
    return np.percentile(scores, 75, axis=1)


def _best(scores: np.ndarray) -> int:
    """The index whose score and whose median of three neighbours are least; ties go to the better score itself."""
    padded = np.concatenate([scores[:1], scores, scores[-1:]])
    smooth = np.maximum(scores, np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0))
    return int(np.lexsort((scores, smooth))[0])
