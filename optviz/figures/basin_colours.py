"""The pixels of basins of attraction: colours of cells, averaged in linear light where a pixel holds several."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.axis import LOG, Axis
from optviz.figures.engine.pixels import averaged, srgb
from optviz.figures.engine.theme import CONES, OPPONENT, Theme, linear, oklab, ramp_table, rgb
from optviz.figures.engine.wording import FLOOR
from optviz.results.basins import BasinMap

SLOWEST = {"dark": 0.60, "light": 0.30}  # what the slowest runs keep: of their lightness, or of their colour
NEVER = {"dark": "#000000", "light": "#1b1e23"}
GREYS = ("#eceff2", "#b3b9c0", "#7d838b", "#4a4f56", "#1d2025")  # values beside the colours of minimizers, low to high
DIVERGED = {"dark": ("#3a1416", "#a8433f"), "light": ("#4a1416", "#d9564c")}  # the ground of the hatching, its lines
RAMP = ("#f8efa0", "#a3d67f", "#3fae8f", "#2b7b93", "#34508c", "#34255f")  # values, low to high
SHADES = 256
HIGHEST = 1e290  # of values that have a colour of their own; their ratios are finite
PERIOD = 6  # px, of the hatching


def pace(maps: tuple[BasinMap, ...]) -> Axis | None:
    """The steps at full colour and at the farthest from it, on a logarithmic axis; None where no run arrives."""
    taken = [np.maximum(one.arrived[one.arrived >= 0], 1) for one in maps if (one.arrived >= 0).any()]
    if not taken:
        return None
    # A few pixels on a seam, or beside a minimizer, must not set the scale.
    low = min(float(np.percentile(steps, 2)) for steps in taken)
    high = max(float(np.percentile(steps, 98)) for steps in taken)
    return Axis(low, max(high, 1.1 * low), LOG)


def shades(colour: str, theme: Theme, steps: int = SHADES) -> np.ndarray:
    """A colour from that of the fastest runs to that of the slowest: (steps, 3) float64, linear light.

    On the dark page slow runs are darker, on the light one paler: they fade towards the page, and away from what stands
    for runs that do not arrive.
    """
    own = oklab(linear(np.array(rgb(colour)) / 255))
    slow = np.linspace(0, 1, steps)[:, None] * (1 - SLOWEST[theme.name])
    page = oklab(np.ones(3)) if theme.name == "light" else np.zeros(3)
    return np.clip(_light(own + slow * (page - own)), 0, 1)


def basin_light(
    one: BasinMap, hues: Sequence[str], scale: Axis | None, elsewhere: "Heights | None", theme: Theme
) -> np.ndarray:
    """The colours of one optimizer's starts: the minimizers' hues, and greys by the value reached `elsewhere`, or none.

    Returns
    -------
    (ny, nx, 3) float64
        Linear light.
    """
    if elsewhere:
        light = elsewhere.light(one.values, GREYS)
    else:
        light = np.broadcast_to(_solid(NEVER[theme.name]), (*one.values.shape, 3)).copy()
    came = (one.reached >= 0) & (one.arrived >= 0)
    if scale and hues:
        table = np.stack([shades(colour, theme) for colour in hues])
        slow = np.clip(scale.share(np.maximum(one.arrived[came], 1)), 0, 1)
        light[came] = table[one.reached[came], np.round(slow * (SHADES - 1)).astype(int)]
    return light


@dataclass(frozen=True)
class Heights:
    """How values become colours: half by the logarithm of their distance to the minimum, half by their rank.

    Attributes
    ----------
    least, unit : float
        The minimum, and the distance from it below which values are alike.
    values, places : (n,) float64
        Values in ascending order, and where on the ramp they stand, 0 to 1.
    """

    least: float
    unit: float
    values: np.ndarray
    places: np.ndarray

    def rounded(self, values: np.ndarray) -> np.ndarray:
        """The values, or the minimum where they are no different from it."""
        return np.where(values - self.least > self.unit, values, self.least)

    def light(self, values: np.ndarray, ramp: tuple[str, ...] = RAMP) -> np.ndarray:
        """(..., 3) float64, linear light; values that are not finite are the highest."""
        known = self.rounded(np.where(np.isfinite(values), values, np.inf))
        return ramp_light(ramp)[np.round(np.interp(known, self.values, self.places) * (SHADES - 1)).astype(int)]


def heights(maps: Sequence[BasinMap], minimum: float, tolerance: float) -> Heights | None:
    """The scale of the values that occur in a picture; None where no run ends at one.

    All within `tolerance` of the minimum are alike: a run that is there is there, and its last digits say nothing.
    """
    values = np.concatenate([one.values.ravel() for one in maps] or [np.empty(0)])
    values = values[np.abs(values) < HIGHEST]
    if not values.size:
        return None
    unit = max(tolerance, FLOOR)
    least = minimum if np.isfinite(minimum) else float(values.min())
    gaps, counts = np.unique(np.maximum(values - least, unit), return_counts=True)
    growth, rank = np.log(gaps / unit), np.cumsum(counts) - counts
    known = least + np.where(gaps > unit, gaps, 0.0)
    return Heights(least, unit, known, (growth / (growth[-1] or 1.0) + rank / (rank[-1] or 1)) / 2)


def ramp_light(ramp: tuple[str, ...] = RAMP) -> np.ndarray:
    """The colours of values: (SHADES, 3) float64, linear light."""
    return linear(ramp_table(ramp, SHADES))


def painted(light: np.ndarray, diverged: np.ndarray, size: tuple[int, int], theme: Theme) -> np.ndarray:
    """Cells as pixels, with the hatching of those that diverged.

    Parameters
    ----------
    light : (ny, nx, 3) float64
        Linear light; row 0 is the lowest y.
    diverged : (ny, nx) bool
    size : (width, height)
        In pixels.
    theme : Theme

    Returns
    -------
    (height, width, 3) uint8
        Row 0 is the highest y.
    """
    ground, lines = (_solid(colour) for colour in DIVERGED[theme.name])
    down, across = np.arange(size[1])[:, None], np.arange(size[0])
    hatched = np.where(((down + across) % PERIOD < PERIOD // 3)[..., None], lines, ground)
    share = averaged(diverged[::-1].astype(float), size)[..., None]
    return srgb(averaged(np.where(diverged[..., None], 0.0, light)[::-1], size) + share * hatched)


def _solid(colour: str) -> np.ndarray:
    return linear(np.array(rgb(colour)) / 255)


def _light(lab: np.ndarray) -> np.ndarray:
    """OKLab (..., 3) as linear light."""
    return (lab @ np.linalg.inv(OPPONENT).T) ** 3 @ np.linalg.inv(CONES).T
