"""Trails: where an optimizer has been, with the same ink for every step and for every patch of the map.

Two rules keep trails readable. A long step is faint, because the optimizer was never between its two ends. And where
one optimizer crosses the same patch again and again its strokes grow translucent, so that hundreds of short zigzags
lay a wash over the map instead of a lid.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.clip import Box
from optviz.figures.engine.course import Course
from optviz.figures.engine.items import Outline, Strokes, rgba
from optviz.figures.engine.theme import Theme

HEM = 2.0  # px of casing on each side, in small pictures as well: one pixel is its own wherever the line lies
THINNEST, FAINTEST = 0.45, 0.4  # what a leap across the whole map keeps of its width, and of its ink
STILL = 0.3  # px; what moves less has no comet
_DOT = np.array([(0.0, 0.0), (0.01, 0.0)])  # with round caps


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
    crossings : float
        How often one optimizer may cross a cell before its strokes fade.
    """

    width: float
    hem: float
    leap: float
    bead: float
    patch: float
    crossings: float


class Trail:
    """One optimizer's trail.

    Parameters
    ----------
    course : Course
        In page pixels.
    colour : str
        ``#rrggbb``.
    box : (left, top, right, bottom)
        The panel.
    pen : Pen
    theme : Theme
    dash : (float, float), optional
        Of the line, as of an `Entrant`; trails that take turns with others have other dashes there.

    Attributes
    ----------
    course : Course
    starts, ends, shown, length : (n, ...)
        As of the course: its pieces are the segments of the trail.
    crowd : (n,) float64
        How much of their ink segments keep: 1, or less where the trail crosses the same place many times.
    parts : dict of int to sequence of (2, 2) float64
        For segments that are not drawn whole the lines that are.
    """

    def __init__(
        self,
        course: Course,
        colour: str,
        box: Box,
        pen: Pen,
        theme: Theme,
        dash: tuple[float, float] | None = None,
    ):
        self.course = course
        self.pen = pen
        self._core = np.array(rgba(colour))
        self._casing = np.array(rgba(*theme.casing))
        self.starts, self.ends, self.shown, self.length = course.starts, course.ends, course.shown, course.length
        stretch = np.minimum(1.0, pen.leap / np.maximum(self.length, 1e-9))
        self._stretch = stretch
        leaps = self.length > 2.4 * pen.leap
        self.crowd = crowd = np.minimum(1.0, pen.crossings / np.maximum(self._crossings(box), 1e-9))
        faint = np.maximum(stretch**0.75, FAINTEST)
        thin = np.maximum(stretch**0.6, THINNEST)
        self.opacity = faint * np.maximum(crowd, 0.07) * course.ink
        joined = np.zeros(len(self.length), bool)
        joined[1:] = self.shown[:-1] & (self.ends[:-1] == self.starts[1:]).all(axis=1)
        # Lists: single items of an array cost more than all the arithmetic done with them.
        self._visible, self._joined, self._step = self.shown.tolist(), joined.tolist(), course.step.tolist()
        self._alone = (leaps | np.r_[False, leaps[:-1]]).tolist()
        self._opacities = self.opacity.tolist()
        self._dots = (np.maximum(crowd, 0.07) * course.ink).tolist()  # at a leap's end the optimizer has really been
        self._opaque = (self.opacity > 0.97).tolist()
        # Or many casings over each other would cover the map.
        self._hems = ((faint * np.maximum(crowd, 0.05)) ** 2 * course.ink).tolist()
        self._widths = (thin * np.where(crowd < 0.5, 0.8, 1.0)).tolist()
        long_enough = self.shown & course.arrives & (self.length > pen.bead)
        self.parts: dict[int, Sequence[np.ndarray]] = {}
        self._beads = long_enough.tolist() if long_enough.any() else None
        self._lines = np.stack([self.starts, self.ends], axis=1)
        self._fade = np.maximum(0.25, np.minimum(1.0, 60 / np.maximum(self.length, 1e-9)) ** 0.8) * course.ink
        if dash:
            self._break(*dash)
        self._moves = self.shown & (np.abs(self.ends - self.starts).max(axis=1, initial=0.0) > STILL)

    def _pieces(self, first: int, last: int) -> tuple[int, int]:
        """The first piece of a step, and the one after the last piece before another step."""
        start, stop = np.searchsorted(self.course.step, (first, last))
        return int(start), int(stop)

    def _break(self, on: float, off: float) -> None:
        """Leave of each segment what lies in the dashes along the whole trail."""
        seen = np.where(self.shown, np.hypot(*(self.ends - self.starts).T), 0.0)
        begin = np.cumsum(seen) - seen
        for k in np.flatnonzero((seen > 0) & (begin % (on + off) + seen > on)):
            first, last = begin[k], begin[k] + seen[k]
            dashes = (on + off) * np.arange(first // (on + off), last // (on + off) + 1)
            cut = np.clip(np.stack([dashes, dashes + on], axis=-1), first, last)
            share = (cut[cut[:, 1] > cut[:, 0]] - first)[..., None] / seen[k]
            self.parts[int(k)] = [*(self.starts[k] + share * (self.ends[k] - self.starts[k]))]

    def _crossings(self, box: Box) -> np.ndarray:
        """(steps,) float64: how often the whole trail crosses the cells that each segment touches."""
        crossed = np.zeros(len(self.length))
        if not self.shown.any():
            return crossed
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
        faint = self._stretch[self.shown] ** 0.75
        # A step far shorter than the trail is wide still leaves a dot.
        inked = np.maximum(seen, 0.25 * self.pen.width) * faint
        times = np.bincount(cell, weights=(inked / pieces)[owner])[cell] / patch
        crossed[self.shown] = np.bincount(owner, weights=times) / pieces
        return crossed

    def strokes(self, first: int, last: int) -> tuple[list, list]:
        """What the steps after `first` up to `last` add: casings and cores, each as (outline, colour, width)."""
        first, last = self._pieces(first, last)
        casings: list[tuple[Outline, np.ndarray, float]] = []
        cores: list[tuple[Outline, np.ndarray, float]] = []
        for start, stop in self._groups(first, last):
            thin, hem = self._widths[start], self._casing * (1, 1, 1, self._hems[start])
            width = self.pen.width * thin
            colour = self._core * (1, 1, 1, self._opacities[start])
            line = np.concatenate([self.starts[start : start + 1], self.ends[start:stop]])
            lines = [*self.parts.get(start, [line])]
            if self.pen.hem:
                casings += [(Outline(line), hem, width + 2 * self.pen.hem * thin) for line in lines]
            before = start - 1
            whole = before not in self.parts and start not in self.parts
            if whole and self._joined[start] and self._opaque[start] and self._opaque[before]:
                lines = [np.concatenate([self.starts[before:start], line])]  # over the nick that the casing left
            cores += [(Outline(line), colour, width) for line in lines]
        if self._beads is not None:
            for k in range(first, last):
                if self._beads[k]:
                    dot = Outline(self.ends[k] + _DOT)
                    cores.append((dot, self._core * (1, 1, 1, self._dots[k]), self.pen.width + 2))
        return casings, cores

    def _groups(self, first: int, last: int) -> list[tuple[int, int]]:
        """Runs of segments that one line can draw: joined, equally faint, no leaps."""
        groups: list[tuple[int, int]] = []
        start = stop = -1
        for k in range(first, last):
            if not self._visible[k]:
                continue
            faint = self._opacities[start]
            alike = abs(self._opacities[k] - faint) <= 0.25 * faint
            leap = self._alone[k] and self._step[k] != self._step[start]
            cut = leap or k in self.parts or start in self.parts
            if stop == k and self._joined[k] and alike and not cut:
                stop = k + 1
                groups[-1] = (start, stop)
            else:
                start, stop = k, k + 1
                groups.append((start, stop))
        return groups

    def comet(self, at: float, head: np.ndarray, length: int = 14) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The last steps before `at`, wider and brighter towards the head.

        Parameters
        ----------
        at : float
            A step, or between two.
        head : (2,) float64
            Where the optimizer is then.
        length : int
            In steps.

        Returns
        -------
        lines : (n, 2, 2) float64
        colours : (n, 4) float64
        widths : (n,) float64
        """
        course, done = self.course, int(at)
        first, last = self._pieces(max(0, done - length), done + 1)
        last = first + int(np.searchsorted(course.begin[first:last], at, side="right"))
        lines, moves = self._lines[first:last], self._moves[first:last]
        if last > first and course.end[last - 1] > at:
            lines, moves = lines.copy(), moves.copy()
            lines[-1, 1] = head
            moves[-1] = self.shown[last - 1] and np.abs(head - lines[-1, 0]).max() > STILL
        strength = np.minimum(1.0, 1 - (at - 1 - (course.end[first:last] - 1)) / length)
        seen = moves & (strength > 0)
        strength = strength[seen]
        colours = np.empty((len(strength), 4))
        colours[:] = self._core
        colours[:, 3] = strength * self._fade[first:last][seen]
        return lines[seen], colours, (self.pen.width + 1) * strength


def merged(drawn: list, cap: str, box: Box) -> Strokes:
    """Strokes of many (outline, colour, width), clipped to the panel."""
    outlines, colours, widths = zip(*drawn, strict=True) if drawn else ((), (), ())
    edges = np.array(colours).reshape(-1, 4)
    return Strokes(outlines, edges, np.zeros((len(edges), 4)), np.array(widths, float), cap, box)


def comets(pieces: list, box: Box) -> Strokes:
    """Strokes of many comets, clipped to the panel."""
    lines, colours, widths = (np.concatenate(part) for part in zip(*pieces, strict=True))
    return Strokes([Outline(line) for line in lines], colours, np.zeros((len(lines), 4)), widths, "butt", box)
