"""What learning rates on test functions are judged by: three criteria, each with its rule in one sentence.

A criterion gives every rate a row of numbers. Smaller is better, and a later number decides where the earlier ones are
equal. Which rate is taken then, `optviz.runs.points.tuning` says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optviz.functions import Function
from optviz.kernels.tile_rows import TILE
from optviz.results.study_steps import areas
from optviz.runs.points.arrivals import Arrivals
from optviz.runs.points.runner import Runner
from optviz.runs.points.slices import Collect, Slice

PART = 20  # a gap has settled over the last twentieth of the steps
# Gaps that count as equal, and as nothing: COCO's last target (Hansen et al. 2016, arXiv:1605.03560). What lies below
# is rounding; where the starts' own gap is less than 1, it is this share of that.
EQUAL = 1e-8
# Of a study: suboptimality gaps over the range that COCO takes, two a decade.
TARGETS = np.array([10.0 ** (half / 2) for half in range(4, -17, -1)])


@dataclass(frozen=True)
class Trials:
    """One optimizer with each of some learning rates from each of some starts.

    Attributes
    ----------
    runner : Runner
        Whose runs have learning rates of their own.
    rates : (r,) float64
    starts : (s, 2) float64
    """

    runner: Runner
    rates: np.ndarray
    starts: np.ndarray

    def paths(self) -> Iterator[tuple[tuple[slice, slice], np.ndarray]]:
        """Some rates and starts at a time: which, and f at every iterate (r, s, steps + 1), NaN after a divergence."""
        for place in self._places():
            values = self._slab(place).paths()[1]
            yield place, values.reshape(*self._shape(place), -1)

    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The last points (r * s, 2), their values (r * s,), arrivals at the thresholds (thresholds, r * s) int32."""
        shape, watched = (len(self.rates), len(self.starts)), len(self.runner.problem.watched)
        points, values = np.empty((*shape, 2)), np.empty(shape)
        arrived = np.empty((watched, *shape), np.int32)

        def collector(place: tuple[slice, slice]) -> Collect:
            def collect(_: slice, last: np.ndarray, height: np.ndarray, at: np.ndarray, diverged: np.ndarray) -> None:
                part = self._shape(place)
                points[place], values[place] = last.reshape(*part, 2), height.reshape(part)
                arrived[(slice(None), *place)] = at.reshape(watched, *part)

            return collect

        jobs = [self._slab(place, collector(place)) for place in self._places()]
        self.runner.finish(jobs, None, None)
        return points.reshape(-1, 2), values.ravel(), arrived.reshape(watched, -1)

    def _places(self) -> list[tuple[slice, slice]]:
        """Which rates and starts run together."""
        count, starts = len(self.rates), len(self.starts)
        if self.runner.problem.model is not None:  # what noise a run sees, the number of its start decides
            return [(slice(0, count), slice(number, number + 1)) for number in range(starts)]
        some = max(TILE // starts, 1)  # as many rates as fill a tile
        return [(slice(first, min(first + some, count)), slice(0, starts)) for first in range(0, count, some)]

    def _shape(self, place: tuple[slice, slice]) -> tuple[int, int]:
        rates, starts = place
        return rates.stop - rates.start, starts.stop - starts.start

    def _slab(self, place: tuple[slice, slice], collect: Collect | None = None) -> Slice:
        rates, starts = self.rates[place[0]], self.starts[place[1]]
        own = {"lr": np.repeat(rates, len(starts))}
        return self.runner.slice(np.tile(starts, (len(rates), 1)), collect=collect, own=own, number=place[1].start)


class Criterion(Protocol):
    """What learning rates are judged by.

    Attributes
    ----------
    rule : str
        One sentence, with places for the numbers of ``{rates}``, ``{starts}`` and ``{steps}``.
    thresholds : list of float
        What runs have to watch.
    first : bool
        Whether it watches for the first time at each of them, see `optviz.runs.points.problem.Problem`.
    """

    rule: str
    thresholds: list[float]
    first: bool

    def rows(self, trials: Trials) -> np.ndarray:
        """(r, k) float64 without NaN: how good each rate is, smaller is better."""


class SettledGap:
    """The lowest settled gap, the largest f - f* of the last twentieth of the steps; for runs from nearby starts.

    Of rates whose gap settles below 1e-8 the one is best that gets there first. Where a run has been does not matter.
    """

    rule = (
        "the rate with the lowest settled gap (largest of the last twentieth of {steps} steps), median over {starts} "
        "nearby starts, each of {rates} judged with its two neighbours; diverged is worst"
    )

    def __init__(self, function: Function):
        self.minimum, self.floor = function.minimum, function.floor - function.minimum
        self.thresholds: list[float] = []
        self.first = False

    def rows(self, trials: Trials) -> np.ndarray:
        """(r, 2): medians over the starts of the settled gap, and of the step from which on it is below 1e-8."""
        gaps, steps = (np.empty((len(trials.rates), len(trials.starts))) for _ in range(2))
        for place, values in trials.paths():
            gaps[place], steps[place] = self.settled(values)
        return np.stack([np.median(gaps, axis=1), np.median(steps, axis=1)], axis=1)

    def settled(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The settled gap of runs and the step at which it is down to what counts as nothing.

        Parameters
        ----------
        values : (..., steps + 1) float64
            NaN after a divergence.

        Returns
        -------
        gaps, steps : (...) float64
            Infinite and steps + 1 for runs that diverge, or that end below the minimum: outside its bounds a function
            may lie lower, and such ground is not what was looked for.
        """
        count = values.shape[-1] - 1
        gap = values - self.minimum
        nothing = EQUAL * np.minimum(gap[..., 0], 1.0)
        last = gap[..., -max(count // PART, 1) :]
        with np.errstate(invalid="ignore"):
            lost = ~np.isfinite(last).all(axis=-1) | (last.min(axis=-1) < self.floor)
            above = ~(gap <= nothing[..., np.newaxis])
        gaps = np.where(lost, np.inf, np.maximum(last.max(axis=-1), nothing))
        steps = np.where(above.any(axis=-1), count + 1 - above[..., ::-1].argmax(axis=-1), 0)
        return gaps, np.where(lost, count + 1, steps).astype(float)


class MostArrive:
    """The largest share of starts that arrive at a minimizer, then the fewest steps; for runs from all over a region.

    The share counts in whole percents: one start of many that lies in a minimum is no success. Steps are the mean over
    all starts, with those that do not arrive counting as all steps. Where this does not decide, where no start arrives
    above all, the lowest gap at the end does, the median over the starts.
    """

    rule = (
        "the rate with the largest share of {starts} starts that arrives, then the fewest of {steps} steps, then the "
        "lowest gap, each of {rates} judged with its two neighbours"
    )

    def __init__(self, function: Function, arrivals: Arrivals):
        self.minimum, self.arrivals = function.minimum, arrivals
        self.thresholds = arrivals.thresholds
        self.first = False

    def rows(self, trials: Trials) -> np.ndarray:
        """(r, 3): the share in percent that does not arrive, steps, gap."""
        shape = len(trials.rates), len(trials.starts)
        points, values, arrived = trials.ends()
        _, at = self.arrivals.of(points, values, arrived)
        never, at = at.reshape(shape) < 0, at.reshape(shape)
        gaps = np.where(np.isfinite(values), values - self.minimum, np.inf).reshape(shape)
        missed = np.round(100 * never.mean(axis=1))
        steps = np.where(never, trials.runner.problem.steps, at).mean(axis=1)
        steps[missed == 100] = trials.runner.problem.steps
        return np.stack([missed, steps, np.median(gaps, axis=1)], axis=1)


class MostTargets:
    """The largest area under the curve of targets reached, by which a study ranks; for runs from all over a region."""

    rule = (
        "the rate with the largest area under its own curve of targets, over {starts} starts and {steps} steps, each "
        "of {rates} judged with its two neighbours"
    )

    def __init__(self, function: Function, first: bool = False):
        self.function, self.first = function, first
        self.thresholds = list(function.minimum + TARGETS)

    def rows(self, trials: Trials) -> np.ndarray:
        """(r, 1): one minus the area, rounded: a logarithm's last digits differ between processors."""
        shape = len(trials.rates), len(trials.starts)
        reached, _ = targets_reached(self.function, trials.runner.problem.steps, self.first, *trials.ends())
        within = areas(reached.reshape(len(TARGETS), *shape).swapaxes(0, 1), trials.runner.problem.steps)
        return np.round(1 - within, 9)[:, np.newaxis]


def targets_reached(
    function: Function, steps: int, first: bool, points: np.ndarray, values: np.ndarray, arrived: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """When runs reached each of the targets, and how far above the minimum they ended.

    Parameters
    ----------
    function : Function
    steps : int
    first : bool
        Whether `arrived` is when a run was at each target for the first time; else from when on it has kept it.
    points, values : (n, 2), (n,) float64
        At the end.
    arrived : (targets, n) int32
        -1 for never.

    Returns
    -------
    reached : (targets, n) int32
        If they must be kept, -1 also for what is kept less than a twentieth of the steps, and for runs that are lost.
    gaps : (n,) float64
        NaN for runs that diverged or are lost.
    """
    low, high = np.array(function.bounds).T
    # Outside its bounds a function may lie below its minimum; that is no success.
    lost = ((points < low) | (points > high)).any(axis=1) & (values < function.minimum)
    # A run that swings about a minimum lies under a target at the last step by chance.
    late = arrived > steps - max(steps // PART, 1)
    gaps = np.where(lost, np.nan, np.maximum(values - function.minimum, 0.0))
    return (arrived if first else np.where(lost | late, -1, arrived)), gaps
