"""Trails: where an optimizer has been, with the same ink for every step and for every patch of the map.

Two rules keep trails readable. A long step is faint, because the optimizer was never between its two ends. And where
one optimizer crosses the same patch again and again its strokes grow translucent, so that hundreds of short zigzags
lay a wash over the map instead of a lid.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.path import Path

from optviz.figures.clip import Box, clipped, grown
from optviz.figures.page import NONE, Strokes, rgba
from optviz.figures.theme import Theme


@dataclass(frozen=True)
class Pen:
    """How trails of one panel are drawn; lengths in pixels.

    Attributes
    ----------
    width, hem : float
        Of the trail, and of the casing on each of its sides.
    leap : float
        Steps longer than this fade.
    bead : float
        Iterates whose step is longer than this get a dot; infinite for none.
    patch : float
        Side of the cells in which ink is counted.
    ink : float
        How much of a cell one optimizer may cover before its strokes fade.
    """

    width: float
    hem: float
    leap: float
    bead: float
    patch: float
    ink: float


class Trail:
    """One optimizer's trail.

    Parameters
    ----------
    points : (steps + 1, 2) float64
        In page pixels; may hold NaN and infinities.
    colour : str
        ``#rrggbb``.
    box : (left, top, right, bottom)
        The panel.
    pen : Pen
    theme : Theme
    """

    def __init__(self, points: np.ndarray, colour: str, box: Box, pen: Pen, theme: Theme):
        self.points = points
        self.pen = pen
        self._core = np.array(rgba(colour))
        self._casing = np.array(rgba(*theme.casing))
        with np.errstate(over="ignore", invalid="ignore"):
            length = np.hypot(*np.diff(points, axis=0).T)
        self.starts, self.ends, self.shown = clipped(points[:-1], points[1:], grown(box, 8))
        self.length = np.where(np.isfinite(length), length, 0.0)
        stretch = pen.leap / np.maximum(self.length, pen.leap)
        self.leaps = self.length > 2.4 * pen.leap
        crowd = np.minimum(1.0, pen.ink / np.maximum(self._coverage(box), 1e-9))
        self.opacity = np.maximum(stretch**0.75, 0.30) * np.maximum(crowd, 0.07)
        self.casing_opacity = np.maximum(stretch**0.75, 0.30) * np.maximum(crowd, 0.05) ** 1.5
        self.thickness = np.where(stretch**0.75 < 0.8, 0.72, 1.0) * np.where(crowd < 0.5, 0.8, 1.0)

    def _coverage(self, box: Box) -> np.ndarray:
        """(steps,) float64: how many times over the whole trail paints the patches that each segment crosses."""
        covered = np.zeros(len(self.length))
        if not self.shown.any():
            return covered
        patch, left, top = self.pen.patch, *box[:2]
        starts, ends = self.starts[self.shown], self.ends[self.shown]
        seen = np.hypot(*(ends - starts).T)
        pieces = np.maximum(1, np.ceil(seen / (patch / 2)).astype(int))
        owner = np.repeat(np.arange(len(pieces)), pieces)
        share = (np.arange(len(owner)) - np.repeat(np.cumsum(pieces) - pieces, pieces) + 0.5) / pieces[owner]
        at = starts[owner] + share[:, None] * (ends - starts)[owner]
        columns, rows = np.floor((at - (left - 8, top - 8)) / patch).astype(int).T
        cell = rows * (int((box[2] - left + 16) / patch) + 2) + columns
        _, cell = np.unique(cell, return_inverse=True)
        faint = (self.pen.leap / np.maximum(self.length[self.shown], self.pen.leap)) ** 0.75
        # A step far shorter than the trail is wide still leaves a dot.
        painted = np.maximum(seen, 0.25 * self.pen.width) * faint * (self.pen.width + self.pen.hem)
        ink = np.bincount(cell, weights=(painted / pieces)[owner])[cell] / patch**2
        covered[self.shown] = np.bincount(owner, weights=ink) / pieces
        return covered

    def strokes(self, first: int, last: int) -> tuple[list, list]:
        """What the steps after `first` up to `last` add: casings and cores, each as (path, colour, width)."""
        casings: list[tuple[Path, np.ndarray, float]] = []
        cores: list[tuple[Path, np.ndarray, float]] = []
        for start, stop in self._groups(first, last):
            opacity = self.opacity[start:stop].mean()
            width = self.pen.width * self.thickness[start]
            line = np.concatenate([self.starts[start : start + 1], self.ends[start:stop]])
            if self.pen.hem:
                hem = self._faded(self._casing, self.casing_opacity[start:stop].mean())
                casings.append((Path(line), hem, width + 2 * self.pen.hem))
            if opacity > 0.97 and start > 0 and self._joins(start) and self.opacity[start - 1] > 0.97:
                line = np.concatenate([self.starts[start - 1 : start], line])  # over the nick that the casing left
            cores.append((Path(line), self._faded(self._core, opacity), width))
        for k in np.flatnonzero(self.shown[first:last] & (self.length[first:last] > self.pen.bead)) + first:
            if (self.ends[k] == self.points[k + 1]).all():
                dot = Path(self.ends[k] + np.array([(0, 0), (0.01, 0)]))
                cores.append((dot, self._faded(self._core, self.opacity[k]), self.pen.width + 2))
        return casings, cores

    def _groups(self, first: int, last: int) -> list[tuple[int, int]]:
        """Runs of segments that one path can draw: joined, equally faint, no leaps."""
        groups: list[tuple[int, int]] = []
        for k in np.flatnonzero(self.shown[first:last]) + first:
            start, stop = groups[-1] if groups else (-1, -1)
            alike = stop == k and abs(self.opacity[k] - self.opacity[start]) <= 0.25 * self.opacity[start]
            if alike and self._joins(k) and not self.leaps[k] and not self.leaps[start]:
                groups[-1] = (start, int(k) + 1)
            else:
                groups.append((int(k), int(k) + 1))
        return groups

    def _joins(self, k: int) -> bool:
        """Whether the segment starts where the one before it ends, both uncut there."""
        return bool(self.shown[k - 1] and (self.ends[k - 1] == self.starts[k]).all())

    def _faded(self, colour: np.ndarray, by: float) -> np.ndarray:
        return colour * (1, 1, 1, by)

    def comet(self, at: float, head: np.ndarray, length: int = 14) -> list:
        """The last steps before `at`, wider and brighter towards the head, each as (path, colour, width)."""
        done = int(at)
        drawn = []
        for k in range(max(0, done - length), min(done + 1, len(self.length))):
            age = at - k - 1 if k < done else 0.0
            strength = 1 - max(0.0, age) / length
            end = self.ends[k] if k < done else head
            if not self.shown[k] or strength <= 0 or np.abs(end - self.starts[k]).max() < 0.3:
                continue
            fade = max(0.25, min(1.0, 60 / max(self.length[k], 60.0)) ** 0.8)
            colour = self._faded(self._core, strength * fade)
            drawn.append((Path(np.array([self.starts[k], end])), colour, self.pen.width * strength + strength))
        return drawn


def merged(drawn: list, cap: str, box: Box) -> Strokes:
    """Strokes of many (path, colour, width), clipped to the panel."""
    paths, colours, widths = zip(*drawn, strict=True) if drawn else ((), (), ())
    edges = np.array(colours).reshape(-1, 4)
    return Strokes(paths, edges, np.tile(NONE, (len(edges), 1)), np.array(widths, float), cap, box)
