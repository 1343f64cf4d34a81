"""At which minimizer a run ends, and from which step on it stays there."""

import numpy as np

from optviz.functions import Function
from optviz.runs.points.height import height


class Arrivals:
    """Which minimizer each run has reached, and when.

    Parameters
    ----------
    function : Function
    tolerance : float
    dtype : type
        In which the runs compute.

    Attributes
    ----------
    minimizers : (k, d) float64
        Global, then local ones.
    minima : (k,) float64
        The function there.
    thresholds : list of float
        What runs have to watch: the different minima, lowest first, plus `tolerance`. The minimum alone for a
        function without isolated minimizers.
    """

    def __init__(self, function: Function, tolerance: float, dtype: type):
        points = [*function.minimizers, *function.local_minimizers]
        self.minimizers = np.array(points, float).reshape(-1, len(function.bounds))
        own = [function.minimum] * len(function.minimizers)
        self.minima = np.array(own + [height(function, point) for point in function.local_minimizers], float)
        # Mirrored minimizers have values that differ by rounding; the highest of them is their common level.
        levels, self.level = np.unique(np.round(self.minima, 12), return_inverse=True)
        highest = [float(self.minima[self.level == k].max()) for k in range(len(levels))]
        self.thresholds = [level + tolerance for level in highest or [function.minimum]]
        # In the precision of the runs a value may lie below the minimum by its rounding.
        self.slack = tolerance + 8 * np.finfo(dtype).eps * np.abs(self.minima)

    def of(self, points: np.ndarray, values: np.ndarray, arrived: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The minimizer that each run reached, -1 for none, and when it arrived, -1 if not: (n,) integers.

        Parameters
        ----------
        points, values : (n, d), (n,)
        arrived : (thresholds, n) int32
        """
        if not len(self.minima):
            return np.full(len(values), -1), arrived[0]
        nearest, least = np.zeros(len(values), np.intp), np.full(len(values), np.inf)
        for k, minimizer in enumerate(self.minimizers if len(self.minimizers) > 1 else ()):
            distance = np.zeros(len(values))
            for column, at in zip(points.T, minimizer, strict=True):  # ten times as fast as summing rows of two numbers
                distance += (column - at) ** 2
            closer = distance < least
            nearest[closer], least[closer] = k, distance[closer]
        at = arrived[0] if len(arrived) == 1 else arrived[self.level[nearest], np.arange(len(values))]
        there = (at >= 0) & (np.abs(values - self.minima[nearest]) <= self.slack[nearest])
        return np.where(there, nearest, -1), np.where(there, at, -1)
