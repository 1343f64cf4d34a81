"""The colours of a sweep: how fast each run arrives, and what becomes of those that do not.

The ramp of each theme runs in equal steps of OKLab, always brighter or always darker, from a quiet end, slow, to the
one that stands out most from the page, fast. It holds no red and no grey: grey is for runs that do not arrive within
the budget, red with hatching for those that diverge. All three differ in normal, deutan, protan and tritan vision.
"""

from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.axis import MANTISSAS
from optviz.figures.engine.pixels import averaged, eroded, hatching, lit, ramp, srgb
from optviz.figures.engine.style import Style
from optviz.figures.engine.theme import Theme, linear, oklab, rgb
from optviz.figures.engine.wording import FLOOR
from optviz.results.sweep import Sweep

PITCH = 8.0  # px between the lines of the hatching, along rows and columns
FEW = 0.02  # of the runs: where fewer arrive, the map would be grey
ROUND = tuple(m * 10.0**k for k in range(-13, 10) for m in MANTISSAS[-1])
CALM = 3  # px around a pixel that must have diverged too for it to be hatched: fractal shores stay clean


@dataclass(frozen=True)
class Shades:
    """Colours as ``#rrggbb``.

    Attributes
    ----------
    ramp : tuple of str
        From slow to fast.
    never, diverged, hatch : str
        Not within the budget; diverged, and the lines over it.
    """

    ramp: tuple[str, ...]
    never: str
    diverged: str
    hatch: str


ON_DARK = Shades(
    ramp=("#3a3c89", "#305aa2", "#1b79ab", "#1d95ab", "#3db0a5", "#49c892", "#87da78", "#c6e869", "#faf489"),
    never="#262a30",
    diverged="#2a0c0d",
    hatch="#78343a",
)
ON_LIGHT = Shades(
    ramp=("#7fdfcf", "#5bc7c6", "#3baebd", "#1f95b5", "#117bac", "#1b619e", "#27478b", "#2b2d74", "#281657"),
    never="#e9ecf0",
    diverged="#f29a7b",
    hatch="#d9704f",
)


def shades(theme: Theme) -> Shades:
    """The colours that stand out from a theme's page."""
    return ON_DARK if oklab(linear(np.array(rgb(theme.page)) / 255))[0] < 0.5 else ON_LIGHT


@dataclass(frozen=True)
class Speed:
    """What the ramp's ends stand for; what is still faster or slower has the colour of the end.

    Attributes
    ----------
    fast, slow : float
        Steps to arrive, or where hardly any run arrives the f − f* at which runs end.
    steps : bool
        Which of the two.
    """

    fast: float
    slow: float
    steps: bool = True

    @classmethod
    def of(cls, sweep: Sweep) -> "Speed":
        """Round numbers around all but the fastest hundredth and the slowest thousandth of the runs that arrive.

        Where fewer than `FEW` do, and others end at different values, round numbers around nearly all of those.
        """
        taken = np.maximum(sweep.arrived[sweep.arrived >= 0], 1)
        ends = _ends(sweep)
        ends = ends[np.isfinite(ends)]
        if (sweep.arrived >= 0).mean() < FEW and len(ends) and ends.min() < ends.max():
            fast, slow = np.quantile(ends, (0.01, 0.99))
            fast = max(value for value in ROUND if value <= fast)
            return cls(fast, max(2 * fast, min(value for value in ROUND if value >= min(slow, ROUND[-1]))), False)
        if not taken.size:
            return cls(1.0, float(max(2, sweep.steps)))
        fast, slow = np.quantile(taken, (0.01, 0.999))
        slow = max(2.0, min([float(sweep.steps), *(value for value in ROUND if value >= slow)]))
        return cls(min(slow / 2, max(value for value in ROUND if value <= fast)), slow)

    def amounts(self, sweep: Sweep) -> np.ndarray:
        """(ny, nx) float64: what colours tell about each run; NaN where it has no colour of the ramp."""
        return np.where(sweep.arrived >= 0, sweep.arrived, np.nan) if self.steps else _ends(sweep)

    def share(self, amounts: np.ndarray) -> np.ndarray:
        """Where on the ramp, 0 for `slow` to 1 for `fast`."""
        least = 1.0 if self.steps else self.fast
        return np.clip(np.log(self.slow / np.maximum(amounts, least)) / np.log(self.slow / self.fast), 0, 1)


def _ends(sweep: Sweep) -> np.ndarray:
    """(ny, nx) float64: the f − f* at which runs end, not below the tolerance; NaN where they diverge."""
    least = sweep.landscape.minimum
    with np.errstate(invalid="ignore"):
        gaps = np.maximum(sweep.values - least, max(sweep.tolerance, FLOOR))
    return np.where((sweep.diverged > 0) | ~np.isfinite(gaps), np.nan, gaps)


def cells(sweep: Sweep, speed: Speed, style: Style) -> np.ndarray:
    """The colour of each run: (ny, nx, 3) uint8, row 0 is the lowest y."""
    colours = shades(style.theme)
    found = np.empty((*sweep.arrived.shape, 3), np.uint8)
    found[...] = rgb(colours.never)
    amounts = speed.amounts(sweep)
    known = np.isfinite(amounts)
    table = ramp(colours.ramp)
    found[known] = table[np.rint(speed.share(amounts[known]) * (len(table) - 1)).astype(int)]
    found[sweep.diverged > 0] = rgb(colours.diverged)
    return found


def painted(sweep: Sweep, speed: Speed, size: tuple[int, int], style: Style) -> np.ndarray:
    """The map at a size in pixels: (height, width, 3) uint8, row 0 is the highest y.

    Where there are more runs than pixels their colours are averaged, in linear light; where there are fewer, each pixel
    shows the nearest run.
    """
    picture = srgb(averaged(lit(cells(sweep, speed, style)[::-1]), size))
    everywhere = averaged((sweep.diverged[::-1] > 0).astype(float), size) > 1 - 1e-6
    return hatched(picture, everywhere, style)


def hatched(picture: np.ndarray, where: np.ndarray, style: Style) -> np.ndarray:
    """The picture with lines over what diverged: (h, w, 3) uint8, (h, w) bool; fractal shores stay clean."""
    lines = hatching(where.shape[::-1], style.length(PITCH), style.length(1)) * eroded(where, CALM)
    colour = np.array(rgb(shades(style.theme).hatch))
    return np.rint(picture + lines[..., None] * (colour - picture)).astype(np.uint8)
