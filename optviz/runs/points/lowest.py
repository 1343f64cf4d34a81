"""The lowest point of a function of which nothing is known: a grid, then refinement of its lowest places."""

import math
from dataclasses import dataclass

import numpy as np

from optviz.errors import FormulaError, UsageError
from optviz.functions import Function
from optviz.kernels.tile import function_values
from optviz.runs.points.height import height

SIDE = 513  # points along x and y, both ends included, so that borders and the middle are among them
UNCOMPILED_SIDE = 65  # of a function that calls Python
REFINED = 24  # of the lowest places of the grid
SAME = 1e-9  # values that differ by less, relative to the larger one above 1, are the same minimum
APART = 1e-5  # of the bounds' width: points nearer to each other are one
ROUNDING = 4e-16  # of a value above 1: what is closer to it may be as low
MARKED = 12  # local minimizers


@dataclass(frozen=True)
class Lowest:
    """What a search has found.

    Attributes
    ----------
    minimizers : tuple of points
        The lowest, and those as low.
    minimum : float
    local_minimizers : tuple of points
        Inside the bounds.
    flat : bool
        Whether the function has one value everywhere.
    endless : bool
        Whether values fall without end near the lowest point.
    """

    minimizers: tuple[tuple[float, float], ...]
    minimum: float
    local_minimizers: tuple[tuple[float, float], ...]
    flat: bool
    endless: bool


def lowest(function: Function) -> Lowest:
    """Search the bounds of a function of two variables for its lowest points.

    A grid of 513 x 513 points, borders included, 65 x 65 where the function is not compiled; then the 24 lowest of its
    local minima are refined: by damped Newton steps where there are derivatives, and by a compass search with steps
    that are halved until they no longer change the point.

    Raises
    ------
    UsageError
        If the function has no finite value anywhere on the grid.
    """
    side = UNCOMPILED_SIDE if function.uncompiled else SIDE
    xs, ys = (np.linspace(low, high, side) for low, high in function.bounds)
    points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    values = function_values(function, points).reshape(side, side)
    if not np.isfinite(values).any():
        text = " and ".join(f"{low:g} to {high:g}" for low, high in function.bounds)
        raise UsageError(f"{function.title} has no value anywhere in its bounds, {text}", "Give others: --bounds")
    finite = values[np.isfinite(values)]
    heights = np.where(np.isnan(values), np.inf, values)
    pits, wide, high = _pits(heights), float(xs[1] - xs[0]), float(ys[1] - ys[0])
    found = [_refined(function, (float(xs[c]), float(ys[r])), wide, high) for r, c in pits]
    found = sorted((one for one in found if math.isfinite(one[1])), key=lambda one: one[1])
    spread = float(np.quantile(finite, 0.98) - finite.min())
    endless = not found or bool(np.isneginf(values).any()) or found[0][1] < finite.min() - 1e6 * max(spread, 1e-300)
    if endless:
        row, column = np.unravel_index(int(np.argmin(np.where(np.isfinite(values), values, np.inf))), values.shape)
        found = [((float(xs[column]), float(ys[row])), float(finite.min()))]
    least = found[0][1]
    tolerance = SAME * max(1.0, abs(least))
    kept: list[tuple[tuple[float, float], float]] = []
    for point, value in found:
        widths = [high - low for low, high in function.bounds]
        if all(max(abs(a - b) / w for a, b, w in zip(point, other, widths, strict=True)) > APART for other, _ in kept):
            kept.append((point, value))
    low = [point for point, value in kept if value <= least + tolerance]
    if len(low) == REFINED:  # a plateau, or a trough: one of its points stands for all
        middle = [(low + high) / 2 for low, high in function.bounds]
        low = [min(low, key=lambda point: math.dist(point, middle))]
    inside = [point for point, value in kept if value > least + tolerance and _inside(function, point)]
    return Lowest(tuple(low), least, tuple(inside[:MARKED]), bool(finite.max() == finite.min()), bool(endless))


def _pits(heights: np.ndarray) -> list[tuple[int, int]]:
    """The lowest places that are no higher than the eight around them: rows and columns."""
    padded = np.pad(heights, 1, constant_values=np.inf)
    rows, columns = heights.shape
    around = [padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    pits = np.argwhere((heights <= np.minimum.reduce(around)) & np.isfinite(heights))
    if not len(pits):
        pits = np.array([np.unravel_index(int(np.argmin(heights)), heights.shape)])
    # Of those that are equally low the ones near the middle come first.
    off = np.hypot(pits[:, 0] - (rows - 1) / 2, pits[:, 1] - (columns - 1) / 2)
    order = np.lexsort((off, heights[pits[:, 0], pits[:, 1]]))
    return [(int(row), int(column)) for row, column in pits[order][:REFINED]]


def _refined(
    function: Function, point: tuple[float, float], wide: float, high: float
) -> tuple[tuple[float, float], float]:
    """A point near which nothing is lower, and the value there."""
    value = height(function, point)
    if not function.uncompiled:
        point, value = _newton(function, point, value)
    point, value = _compass(function, point, value, (wide, high))
    if not function.uncompiled:
        point, value = _newton(function, point, value)
    return point, value


def _newton(function: Function, point: tuple[float, float], value: float) -> tuple[tuple[float, float], float]:
    """Newton steps, shortened towards the gradient where the function is not convex; as long as they lead down.

    At the end values differ by rounding alone, and a step is one if the slope gets less.
    """
    damping = 1e-3
    for _ in range(200):
        try:
            a, b = function.gradient(*point)
            xx, xy, yy = function.hessian(*point)
        except (ArithmeticError, ValueError, TypeError, FormulaError):
            break
        scale = max(abs(xx), abs(yy), abs(xy))
        if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(scale)) or a == b == 0 or scale == 0:
            break
        add = damping * scale
        determinant = (xx + add) * (yy + add) - xy * xy
        trial = point
        if determinant > 0 and xx + add > 0:
            step = ((yy + add) * a - xy * b) / determinant, ((xx + add) * b - xy * a) / determinant
            trial = _within(function, (point[0] - step[0], point[1] - step[1]))
        reached = height(function, trial)
        rounding = ROUNDING * max(1.0, abs(value))
        if reached < value - rounding or (reached <= value + rounding and _slope(function, trial) < math.hypot(a, b)):
            point, value, damping = trial, min(reached, value), max(damping / 10, 1e-16)
        elif damping > 1e7:
            break
        else:
            damping *= 10
    return point, height(function, point)


def _slope(function: Function, point: tuple[float, float]) -> float:
    """The length of the gradient; infinite where there is none."""
    slope = math.hypot(*function.gradient_at(point))
    return slope if math.isfinite(slope) else math.inf


def _compass(
    function: Function, point: tuple[float, float], value: float, steps: tuple[float, float]
) -> tuple[tuple[float, float], float]:
    """Steps along the axes and the diagonals, as long as they lead down; then half as long ones."""
    length = 1.0
    for _ in range(4000):
        for across, along in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)):
            trial = _within(function, (point[0] + across * length * steps[0], point[1] + along * length * steps[1]))
            reached = height(function, trial)
            if reached < value:
                point, value = trial, reached
                break
        else:
            length /= 2
            if length < 1e-15 or (function.uncompiled and length < 1e-8):
                break
    return point, value


def _within(function: Function, point: tuple[float, float]) -> tuple[float, float]:
    """The nearest point inside the bounds."""
    (left, right), (low, high) = function.bounds
    return min(max(point[0], left), right), min(max(point[1], low), high)


def _inside(function: Function, point: tuple[float, float]) -> bool:
    return all(low < value < high for value, (low, high) in zip(point, function.bounds, strict=True))
