"""Runs of other libraries' optimizers in the place of tiles: one after the other, each made as a whole, in Python."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from optviz.runs.points import libraries
from optviz.runs.points.problem import Problem


class Foreigners:
    """What makes the runs of a contender; a `optviz.runs.points.cpu.Processor`.

    Parameters
    ----------
    problem : Problem
        Of a setting whose kind is "contender".
    """

    def __init__(self, problem: Problem):
        self.problem, self.pace = problem, 0.0

    def threads(self, asked: int | None) -> int:
        """One: Python makes one run at a time."""
        return 1

    def share(self, count: int, threads: int) -> int:
        """One run, after which Ctrl-C and the progress are looked at."""
        return 1

    def lines(self, length: int) -> int:
        """One."""
        return 1

    def load(self, count: int) -> int:
        """All of them."""
        return count

    def tiles(self, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int, group: int) -> "ForeignTiles":
        """Runs before their first step."""
        return ForeignTiles(self, starts, own, number)


class ForeignTiles:
    """Runs of a contender, all of them made when the first step is asked for."""

    resting = True  # the time that a step takes says nothing about the others

    def __init__(self, host: Foreigners, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int):
        self.problem = host.problem
        problem = host.problem
        runs = [
            libraries.run(
                problem.setting.replace(**{name: float(each[place]) for name, each in own.items()}),
                problem.function,
                start,
                problem.steps,
                problem.budget,
                (problem.seed, number + place),
            )
            for place, start in enumerate(starts.astype(np.float64))
        ]
        self._runs = runs
        paths = [made.path() for made, _ in runs]
        self._points, self._values = (np.stack([path[k] for path in paths]) for k in (0, 1))
        self._diverged = np.array([made.diverged for made, _ in runs], np.int32)

    def run(self, first: int, last: int) -> None:
        """Nothing is left to do."""

    def trace(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The iterates before some steps, and their values."""
        points, values = self._points[:, first - 1 : last], self._values[:, first - 1 : last]
        return points, values, points[:, :, :0]

    def told(self, run: int) -> dict[str, Any]:
        """What a `Trajectory` says of a run besides its points."""
        made, stopped = self._runs[run]
        return made.told(stopped)

    def places(self, step: int) -> np.ndarray:
        """(n, d): the iterates."""
        return self._points[:, step]

    def diverged(self) -> np.ndarray:
        """(n,) int32: the steps of divergence."""
        return self._diverged

    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Points, values, arrivals and divergences."""
        points, values = self._points[:, -1].copy(), self._values[:, -1].copy()
        points[self._diverged > 0], values[self._diverged > 0] = np.nan, np.nan
        return points, values, self._arrivals(), self._diverged

    def _arrivals(self) -> np.ndarray:
        """(thresholds, n) int32: since which step a run is at or below each, or first was; -1 where never."""
        problem, steps = self.problem, self._values.shape[1]
        floor = problem.function.floor if problem.first else -np.inf
        arrived: np.ndarray = np.empty((len(problem.thresholds), len(self._values)), np.int32)
        with np.errstate(invalid="ignore"):
            for k, level in enumerate(problem.thresholds):
                below = (self._values <= level) & (self._values >= floor)
                below &= (self._diverged[:, None] == 0) | (np.arange(steps) < self._diverged[:, None])
                if problem.first:
                    arrived[k] = np.where(below.any(axis=1), below.argmax(axis=1), -1)
                else:
                    outside = steps - 1 - (~below)[:, ::-1].argmax(axis=1)  # the last step above
                    arrived[k] = np.where(below.all(axis=1), 0, np.where(below[:, -1], outside + 1, -1))
        if problem.counted:
            spent = np.stack([made.path()[2] for made, _ in self._runs])
            arrived = np.where(arrived < 0, arrived, spent[np.arange(len(spent)), arrived]).astype(np.int32)
        return arrived
