"""What a run of another library's optimizer evaluates, counted and kept."""

import math
from typing import Any

import numpy as np

from optviz.functions import Function
from optviz.runs.points.height import height

LARGEST = 1e150


class Enough(Exception):
    """A run may go no further. Libraries hand it on, since it is none of the errors that they expect.

    Parameters
    ----------
    stopped : str
        Why, as `optviz.results.race.STOPS` says it; "" where all steps have been made.
    """

    def __init__(self, stopped: str):
        super().__init__(stopped)
        self.stopped = stopped


class Evaluations:
    """A function that counts its evaluations and knows the iterates between which they are made.

    An evaluation gives value, gradient and Hessian, of which a method asks for what it wants: one at the same point
    again costs nothing. The first one is at the start.

    Parameters
    ----------
    function : Function
    start : (d,) float64
    steps : int
        The number of iterates after the start, at most.
    budget : int
        The number of evaluations, at most.
    """

    def __init__(self, function: Function, start: np.ndarray, steps: int, budget: int):
        self._function, self._steps, self._budget = function, steps, budget
        self._d = len(start)
        self.points: list[list[float]] = []
        self.heights: list[float] = []
        self.made_at: list[int] = []
        self.iterates, self.values, self.counts = [start.tolist()], [math.nan], [0]
        self.diverged = 0
        self._at: dict[tuple[float, ...], float] = {}
        self.missed = False  # whether something was no number that libraries compute with
        self.values[0] = self.value(start)
        self.counts[0] = len(self.points)

    def value(self, x: np.ndarray) -> float:
        """The value at a point; a new evaluation unless it is that of the last one."""
        point = np.asarray(x, np.float64).tolist()
        if self.points and self.points[-1] == point:
            return self.heights[-1]
        if len(self.points) >= self._budget:
            raise Enough("out of evaluations")
        # What is asked for before the first iterate belongs to the first step, but for the start.
        self.made_at.append(min(len(self.iterates), self._steps) if self.points else 0)
        self.points.append(point)
        self.heights.append(height(self._function, point))
        self._at[tuple(point)] = self.heights[-1]
        self.missed |= not _usable([self.heights[-1], *point])
        return self.heights[-1]

    def gradient(self, x: np.ndarray) -> np.ndarray:
        """(d,) float64: the gradient at a point, of the same evaluation as its value."""
        self.value(x)
        slopes = np.array(self._function.gradient_at(np.asarray(x, np.float64).tolist()))
        self.missed |= not _usable(slopes.tolist())
        return slopes

    def hessian(self, x: np.ndarray) -> np.ndarray:
        """(d, d) float64: the second derivatives at a point, NaN outside of the domain."""
        self.value(x)
        matrix = hessian_at(self._function, np.asarray(x, np.float64).tolist())
        self.missed |= not _usable(matrix.ravel().tolist())
        return matrix

    def moved(self, x: np.ndarray) -> None:
        """Take the next iterate; raises `Enough` when it is the last one, or has diverged."""
        point = np.asarray(x, np.float64).tolist()
        self.iterates.append(point)
        self.values.append(self._known(point))
        self.counts.append(len(self.points))
        far = any(not abs(number) <= self._function.far for number in point)
        if far:
            self.diverged = len(self.iterates) - 1
        if far or len(self.iterates) > self._steps:
            raise Enough("")

    def path(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Iterates (steps + 1, d), values and counts (steps + 1,): the last ones repeated, NaN after a divergence."""
        made, steps = len(self.iterates), self._steps
        points: np.ndarray = np.full((steps + 1, self._d), np.nan)
        values: np.ndarray = np.full(steps + 1, np.nan)
        counts = np.full(steps + 1, len(self.points), np.int64)
        points[:made], values[:made], counts[:made] = self.iterates, self.values, self.counts
        if not self.diverged:
            points[made:], values[made:] = points[made - 1], values[made - 1]
        return points, values, counts

    def told(self, stopped: str) -> dict[str, Any]:
        """What a `optviz.results.race.Trajectory` says of the evaluations of a run that stopped so."""
        return {
            "evaluations": self.path()[2],
            "evaluated": np.array(self.points, np.float64).reshape(-1, self._d),
            "evaluated_at": np.array(self.made_at, np.int64),
            "stopped": stopped,
        }

    def _known(self, point: list[float]) -> float:
        """The value at an iterate; one that was not evaluated, but lies on the way, is drawn and not counted."""
        key = tuple(point)
        return self._at[key] if key in self._at else height(self._function, point)


def _usable(numbers: list[float]) -> bool:
    """Whether all are finite, and their squares too."""
    return all(abs(number) < LARGEST for number in numbers)  # NaN is not


def hessian_at(function: Function, point: list[float]) -> np.ndarray:
    """(d, d) float64: the second derivatives of a function; NaN outside of its domain."""
    d = len(point)
    matrix: np.ndarray = np.full((d, d), np.nan)
    try:
        if function.dimension is None:
            xx, xy, yy = function.hessian(*point)
            rows: Any = [[xx, xy], [xy, yy]]
        else:
            rows = []
            for k in range(d):
                along, slopes, product = [0.0] * d, [0.0] * d, [0.0] * d
                along[k] = 1.0
                function.hessian(point, along, slopes, product)
                rows.append(product)
        matrix[:] = rows
    except (ArithmeticError, ValueError, TypeError):  # complex roots too
        matrix[:] = np.nan
    return matrix
