"""The shaded map of a test function: one rule for every function, from a narrow valley to a thousand pits.

The level of a point blends the logarithm of f - f* (which opens up valleys) with its rank among all points (which
spends the colours evenly). Iso-lines and relief are computed from the level, in screen space.
"""

from collections.abc import Iterator

import numpy as np

from optviz.figures.engine.clip import Box
from optviz.figures.engine.items import Item
from optviz.figures.engine.panel import Mark
from optviz.figures.engine.pixels import WHOLE, interpolated
from optviz.figures.engine.theme import Theme, ramp_table, rgb

LIGHT = np.array([-0.5, 0.62, 0.6]) / np.linalg.norm([-0.5, 0.62, 0.6])  # towards the upper left, y up
RELIEF = 0.55 * 0.16  # how much the shading of a slope moves its level
SAMPLE = 7  # one point in so many is enough to rank all
DENSEST = 3.0  # px between iso-lines below which they fade out


def levels(values: np.ndarray, minimum: float) -> np.ndarray:
    """The level of each point of a landscape.

    Parameters
    ----------
    values : (n, n) float64
        The function; values that are not finite count as the highest.
    minimum : float
        Where it is not finite the least finite value takes its place.

    Returns
    -------
    (n, n) float64
        From 0 (lowest) to 1.
    """
    finite = np.isfinite(values)
    if not np.isfinite(minimum):
        minimum = float(values[finite].min()) if finite.any() else 0.0
    top = values[finite].max() if finite.any() else minimum + 1
    with np.errstate(over="ignore"):
        depth = np.clip(np.where(finite, values, top) - minimum, 0, 1e300)
    ordered = np.sort(depth.ravel()[::SAMPLE])
    growth = np.log1p(depth / (ordered[int(0.02 * len(ordered))] + 1e-12))
    growth /= growth.max() or 1.0
    # A plateau is one level: its rank is that of its lowest point, not spread over the whole of it.
    steps, first = np.unique(ordered, return_index=True)
    # By a power of two, which changes no digit, the depths come near 1: the slopes between tiny ones would overflow.
    scale = -int(np.frexp(depth.max())[1])
    rank = np.interp(np.ldexp(depth, scale), np.ldexp(steps, scale), first / max(1, len(ordered) - 1))
    return (growth + rank) / 2


def line_count(slope: np.ndarray) -> int:
    """How many iso-lines a map can carry: few where the ground is rough, up to 18 where it is calm.

    Parameters
    ----------
    slope : (size, size) float64
        Of the level, per pixel.
    """
    of_small_map = slope.mean() * len(slope) / 120
    return int(np.clip(round(0.30 / max(of_small_map, 1e-9)), 8, 18))


class Relief:
    """A landscape that can be shown whole or in part, as a map or as a surface, always in the same colours.

    Parameters
    ----------
    values : (n, n) float64
        The function at the cells' centres, row 0 lowest.
    minimum : float
    theme : Theme

    Attributes
    ----------
    levels : (n, n) float64
        See `levels`.
    """

    def __init__(self, values: np.ndarray, minimum: float, theme: Theme):
        self.levels = levels(values, minimum)
        self._table = ramp_table(theme.ramp)
        self._iso, self._opacity = np.array(rgb(theme.iso[0])) / 255, theme.iso[1]

    def shaded(self, size: int, part: Box = WHOLE) -> np.ndarray:
        """The landscape as a picture.

        Parameters
        ----------
        size : int
            Pixels per side.
        part : (left, top, right, bottom)
            What is shown, in shares of the whole.

        Returns
        -------
        (size, size, 3) uint8
            Row 0 is the highest y.
        """
        level = interpolated(self.levels[::-1], size, part)
        down, right = np.gradient(level)
        steepness = size / 5
        lambert = LIGHT[2] + steepness * (LIGHT[1] * down - LIGHT[0] * right)
        slope = np.hypot(right, down)
        lambert /= np.sqrt(1 + (steepness * slope) ** 2)
        # NaN comes of values so small that they are none.
        toned = np.nan_to_num(level + RELIEF * (lambert - LIGHT[2]))
        return self.coloured(toned, lines(level, slope, line_count(slope)))

    def coloured(self, toned: np.ndarray, lines: np.ndarray) -> np.ndarray:
        """The colours of places.

        Parameters
        ----------
        toned : (...) float
            Where on the ramp they are, 0 to 1; what lies outside has the colour of its end.
        lines : (...) float
            How much of them an iso-line covers.

        Returns
        -------
        (..., 3) uint8
        """
        picture = self._table[np.rint(np.clip(toned, 0, 1) * (len(self._table) - 1)).astype(int)]
        picture += (lines * self._opacity)[..., None] * (self._iso - picture)
        return np.rint(picture * 255).astype(np.uint8)


def lines(level: np.ndarray, slope: np.ndarray, count: int) -> np.ndarray:
    """How much of each pixel an iso-line covers; none at the lowest level.

    Parameters
    ----------
    level : (...) float
    slope : (...) float
        How much the level changes from a pixel to the next.
    count : int
        Of the iso-lines.

    Returns
    -------
    (...) float
        From 0 to 1.
    """
    nearest = np.rint(level * count)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.abs(level * count - nearest) / (slope * count)
        fade = np.clip(1 / (slope * count) / DENSEST - 0.35, 0, 1)
    flat = (slope * count <= 1e-6) | (nearest <= 0)
    return np.where(flat, 0.0, np.clip(1 - distance, 0, 1) * fade)


class Ground(Mark):
    """A landscape, or a part of it, on a square panel."""

    def __init__(self, relief: Relief, part: Box = WHOLE):
        self._relief, self._part = relief, part

    def still(self) -> Iterator[Item]:
        yield self.panel.shown(lambda size: self._relief.shaded(size[0], self._part))
