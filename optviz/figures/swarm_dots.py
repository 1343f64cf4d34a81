"""Thousands of dots on a map, as pixels: a disc is a small table of coverage, and many are added up at once.

Each dot holds back light like a pane of tinted glass: where panes lie over each other the depths add up, whatever
their order, so a crowd is denser than a single dot and never more than `CEILING`. A pile on one spot stays round. Where
so many meet that more would not show, their colour turns towards ink.
"""

import numpy as np

AT_ONCE = 50_000  # dots, each of some forty pixels
PHASES = 2  # positions within a pixel at which a disc is drawn
OPACITY, CEILING = 0.8, 0.97  # of a single dot, and of any number
HALO, SHADE = 0.8, 0.4  # px around a dot that are darker, or lighter, than the map, and by how much
CROWD, PACKED, HEAT = 5.0, 250.0, 0.45  # depths between which a crowd turns towards ink, and how far


class Dots:
    """Dots of one size on maps of one size.

    Parameters
    ----------
    side : int
        Of the map, in pixels.
    radius : float
        Of a dot, in pixels.
    colours : (k, 3) float64
        Red, green and blue of 0 to 255 for each kind of dot.
    ink, rim : (3,) float64
        What crowds turn towards, and the halo.
    """

    def __init__(self, side: int, radius: float, colours: np.ndarray, ink: np.ndarray, rim: np.ndarray):
        self._side, self._colours, self._ink, self._rim = side, colours, ink, rim
        self._disc, self._halo = _coverage(radius, radius + HALO), _coverage(radius + HALO, radius + HALO)
        self._wide = self._disc.shape[-1]

    def painted(
        self, ground: np.ndarray, points: np.ndarray, kinds: np.ndarray, opacity: float = OPACITY, shade: float = SHADE
    ) -> np.ndarray:
        """A map with dots.

        Parameters
        ----------
        ground : (side, side, 3) uint8
        points : (n, 2) float64
            In pixels from the map's upper left corner; NaN and what lies outside is left out.
        kinds : (n,) int
            Which of the colours each has.
        opacity, shade : float
            Of a single dot, and of the halo around it.

        Returns
        -------
        (side, side, 3) uint8
        """
        with np.errstate(invalid="ignore"):
            near = np.flatnonzero(((points > -self._wide) & (points < self._side + self._wide)).all(axis=1))
        reach = self._side + 4 * self._wide  # a frame of its own around the map takes what hangs over
        sums, widest = np.zeros((5, reach * reach)), np.zeros(reach * reach)
        for first in range(0, len(near), AT_ONCE):
            part = near[first : first + AT_ONCE]
            cell, phase = np.divmod(np.floor((points[part] - self._wide / 2) * PHASES + 0.5).astype(int), PHASES)
            columns, rows = (cell[:, axis, None] + np.arange(self._wide) + 2 * self._wide for axis in (0, 1))
            at = (rows[:, :, None] * reach + columns[:, None, :]).ravel()
            covered, halo = self._disc[phase[:, 1], phase[:, 0]], self._halo[phase[:, 1], phase[:, 0]]
            depth = -np.log1p(-opacity * covered)
            hues = self._colours[kinds[part]].T[:, :, None, None]
            weights = [-np.log1p(-shade * halo), depth, *(depth * channel for channel in hues)]
            sums += [np.bincount(at, weight.ravel(), reach * reach) for weight in weights]
            np.maximum.at(widest, at, covered.ravel())
        inner = slice(2 * self._wide, 2 * self._wide + self._side)
        layers = np.vstack([sums, widest]).reshape(6, reach, reach)[:, inner, inner]
        touched = (layers[:2] > 0).any(axis=0)
        halo, depth, *mixed, widest = layers[:, touched]
        picture = ground[touched].astype(float)
        picture += np.minimum(1 - np.exp(-halo), shade)[:, None] * (self._rim - picture)
        hue = np.stack(mixed, axis=-1) / np.maximum(depth, 1e-9)[:, None]
        heat = HEAT * np.clip(np.log(np.maximum(depth, 1e-9) / CROWD) / np.log(PACKED / CROWD), 0, 1)
        hue += heat[:, None] * (self._ink - hue)
        picture += np.minimum(1 - np.exp(-depth), CEILING * widest)[:, None] * (hue - picture)
        painted = ground.copy()
        painted[touched] = np.rint(picture).astype(np.uint8)
        return painted


def _coverage(radius: float, widest: float) -> np.ndarray:
    """How much of each pixel a disc covers, for each phase of row and column; (PHASES, PHASES, w, w) float64."""
    wide = int(np.ceil(2 * widest + 3 - 2 / PHASES))
    centres = wide / 2 + np.arange(PHASES) / PHASES
    away = np.arange(wide) + 0.5 - centres[:, None]
    distance = np.hypot(away[:, None, :, None], away[None, :, None, :])
    return np.clip(radius + 0.5 - distance, 0, 1)
