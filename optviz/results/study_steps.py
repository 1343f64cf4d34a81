"""The numbers of a study: how soon each optimizer gets how close to the minimum, over all functions.

How many steps a run takes to a target is what everything here is made of; a run that does not get there within the
study's steps counts as infinite, and is left out of nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from optviz.results import numeric, pairs
from optviz.results.parts import Contender

QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Steps:
    """How many steps runs take to the last target, the hardest.

    Attributes
    ----------
    solved : (...) float64
        The share of runs that reach it.
    low, median, high : (...) float64
        Quartiles of the steps over all runs; infinite where too few reach it.
    """

    solved: np.ndarray
    low: np.ndarray
    median: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Overall:
    """One optimizer over all functions of a study.

    Attributes
    ----------
    index : int
        Its place among the study's contenders.
    contender : Contender
    areas : (F,) float64
        On each function, see `areas`.
    rates : (F,) float64
        Its learning rate on each function; NaN without.
    solved : float
        The share of runs, of all functions and starts, that reach the last target.
    low, median, high : float
        Quartiles of the steps that they take, see `Steps`.
    diverged : float
        The share of runs that diverged.
    fastest : int
        On how many functions no other one's median steps to the last target are fewer; where half of the starts or
        more do not reach it, nobody is fastest.
    place : tuple of int
        The best and the worst place that the functions allow, by `areas`; see `optviz.results.pairs.Verdict`.
    """

    index: int
    contender: Contender
    areas: np.ndarray
    rates: np.ndarray
    solved: float
    low: float
    median: float
    high: float
    diverged: float
    fastest: int
    place: tuple[int, int]

    @cached_property
    def scores(self) -> dict[int, float]:
        """Its area on each function: what `optviz.results.pairs` compares."""
        return dict(enumerate(self.areas.tolist()))

    @property
    def area(self) -> float:
        """The mean of `areas`, the area under `ecdf`: by it optimizers are ordered."""
        return pairs.mean(self.scores)

    @property
    def rate_ends(self) -> tuple[float, float]:
        """The lowest and the highest of its learning rates; NaN without."""
        known = self.rates[np.isfinite(self.rates)]
        return (float(known.min()), float(known.max())) if len(known) else (math.nan, math.nan)


def steps_to_target(reached: np.ndarray, steps: int) -> Steps:
    """For each function and optimizer: arrays of (F, O)."""
    return _steps(reached[:, :, -1], steps)


def ecdf(reached: np.ndarray, steps: int) -> np.ndarray:
    """The share of pairs of target and start that are reached within so many steps, of all functions given.

    The empirical distribution of steps as in Hansen, Auger, Ros, Mersmann, Tušar & Brockhoff 2021, "COCO: a platform
    for comparing continuous optimizers in a black-box setting", Optimization Methods and Software 36(1), 114-144.
    What is never reached never counts, so a curve ends at the share that is reached at all.

    Returns
    -------
    (O, steps + 1) float64
        For 0, 1, ... steps.
    """
    rows = np.moveaxis(reached, 1, 0).reshape(reached.shape[1], -1)
    counts = [np.bincount(row[row >= 0], minlength=steps + 1) for row in rows]
    return np.cumsum(counts, axis=1) / rows.shape[1]


def areas(reached: np.ndarray, steps: int) -> np.ndarray:
    """The area under each function's `ecdf` over the logarithm of steps from 1 to all, as a share of all.

    1 where every target is reached by the first step, 0 where none is before the last one. It is 1 less the mean
    logarithm of steps in units of the logarithm of all steps, where a target that is not reached counts as all
    of these: so the difference of two areas is a mean difference of logarithms.

    Parameters
    ----------
    reached : (..., targets, starts) int
        As in a `Study`.
    steps : int
        Of each run.

    Returns
    -------
    (...) float64
    """
    return _shares(steps)[reached].mean(axis=(-2, -1))


@lru_cache(maxsize=8)
def _shares(steps: int) -> np.ndarray:
    """(steps + 2,) float64: what a target counts that is reached at step 0, 1, ... or, at the end, never."""
    longest = math.log(max(steps, 2))
    return np.append(numeric.each(lambda step: 1 - math.log(max(step, 1)) / longest, np.arange(steps + 1)), 0.0)


def ratios(reached: np.ndarray, steps: int) -> np.ndarray:
    """By which factor each optimizer's median steps to the last target exceed the best one's, on each function.

    The performance ratio of Dolan & Moré 2002, "Benchmarking optimization software with performance profiles",
    Mathematical Programming 91(2), 201-213. Medians of less than a step count as one.

    Returns
    -------
    (F, O) float64
        1 for the best; infinite where half of the starts or more do not reach the target.
    """
    median = np.maximum(steps_to_target(reached, steps).median, 1.0)
    best = median.min(axis=1, keepdims=True)
    return np.where(np.isfinite(median), median / np.where(np.isfinite(best), best, 1.0), np.inf)


def profile(reached: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The performance profile: on which share of functions an optimizer is within a factor of the best.

    Returns
    -------
    factors : (m,) float64
        The finite `ratios`, ascending, from 1; 1 alone where there are none.
    shares : (O, m) float64
    """
    factor = ratios(reached, steps)
    factors = np.unique(np.concatenate([[1.0], factor[np.isfinite(factor)]]))
    return factors, (factor[:, :, None] <= factors).mean(axis=0)


def overall(
    contenders: Sequence[Contender], rates: np.ndarray, reached: np.ndarray, diverged: np.ndarray, steps: int
) -> tuple[Overall, ...]:
    """Every optimizer over all functions, best first; those that are equal keep their order."""
    each = areas(reached, steps)
    fastest = (ratios(reached, steps) == 1.0).sum(axis=0)
    taken = _steps(np.moveaxis(reached[:, :, -1], 1, 0).reshape(len(contenders), -1), steps)
    lost = (diverged > 0).mean(axis=(0, 2))
    places = pairs.judged([dict(enumerate(column.tolist())) for column in each.T]).places
    rows = [
        Overall(
            index,
            contender,
            each[:, index],
            rates[:, index],
            float(taken.solved[index]),
            float(taken.low[index]),
            float(taken.median[index]),
            float(taken.high[index]),
            float(lost[index]),
            int(fastest[index]),
            places[index],
        )
        for index, contender in enumerate(contenders)
    ]
    return tuple(sorted(rows, key=lambda row: -row.area))


def _steps(reached: np.ndarray, steps: int) -> Steps:
    """Over the last axis of the steps that runs take, -1 for never."""
    beyond = 1e9 * (steps + 1)  # so far that what is interpolated towards it is known by its size
    low, median, high = np.quantile(np.where(reached < 0, beyond, reached), QUARTILES, axis=-1)
    known = [np.where(part <= steps, part, np.inf) for part in (low, median, high)]
    return Steps((reached >= 0).mean(axis=-1), *known)
