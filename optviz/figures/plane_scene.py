"""A training plane as what stands still, what is added frame by frame, and what moves."""

import json
import math
from collections.abc import Sequence

import numpy as np

from optviz.errors import UsageError
from optviz.figures import plane_key
from optviz.figures.engine.clip import Box
from optviz.figures.engine.table import RANK_EVERY, VALUES_EVERY
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import number
from optviz.figures.layout import MapView
from optviz.figures.page import NONE, Item, Label, Strokes, rectangle, rgba, shapes
from optviz.figures.plane_curve import PlaneCurve, losses
from optviz.figures.plane_map import PlaneMap, square
from optviz.figures.plane_table import PlaneTable
from optviz.figures.plane_time import between, moments, shares
from optviz.figures.sheet import MARGIN, marks, sheet
from optviz.results.comparison import Comparison
from optviz.results.saved import plain
from optviz.results.training_run import Plane, TrainingRun

FRAMES = 200
BEYOND = 2.0  # sides of the map: runs that end farther from the start than that are named
LEAST_CURVE = 120.0  # px of height, with heading and labels


class PlaneScene:
    """Everything in a picture of a training plane.

    Parameters
    ----------
    comparison : Comparison
    size : (width, height)
        In pixels.
    theme : {"dark", "light"} or Theme

    Raises
    ------
    UsageError
        If the comparison has no training plane, or if the size or the theme cannot be used.
    """

    def __init__(self, comparison: Comparison, size: tuple[int, int], theme: str | Theme):
        plane = self._plane = _checked(comparison.plane)
        self._comparison = comparison
        ground = sheet(comparison, "Training plane", _notes(plane), size, theme, counted=False)
        self.page, self.scale, self.theme = ground.page, ground.scale, ground.colours
        self.size = size
        runs = [_run(comparison, path.optimizer, plane.seed) for path in plane.paths]
        hue, shape = marks(comparison, self.theme)
        names = [path.optimizer for path in plane.paths]
        self.colours, heads = [hue[name] for name in names], [shape[name] for name in names]

        self._reached = max(float(path.epochs[-1]) for path in plane.paths)
        last = self._reached or 1.0
        times = [shares(path.epochs, last) * (FRAMES - 1) for path in plane.paths]
        self.steps = np.arange(FRAMES)
        self._moments = moments(FRAMES, last)
        falling = losses(plane.paths, times, FRAMES)
        off = [between(at, path.off[:, None], self.steps)[:, 0] for at, path in zip(times, plane.paths, strict=True)]
        self.table = PlaneTable(
            plane.paths, runs, self._moments, falling, np.array(off), self.colours, heads, self.scale, self.theme
        )
        room = self._arrange(ground.box)
        self.curve = PlaneCurve(falling, last, self.colours, heads, self.scale, self.theme, room) if room else None
        diverged = [run.diverged_at is not None for run in runs]
        self._map = PlaneMap(plane, self._view, times, FRAMES, diverged, self.colours, heads, self.scale, self.theme)
        self._final = self.table.order(FRAMES - 1)
        self.page.comment = json.dumps(json.loads(self.page.comment) | {"plane": _facts(plane)}, allow_nan=False)

    def _arrange(self, box: Box) -> Box | None:
        """Find a place for map, colours, key, progress and table; return what is left for the curve."""
        scale, plane = self.scale, self._plane
        left, top, right, bottom = box
        small, gap = scale.font(12), round(scale.length(22))
        top = round(top + small + 10)  # headings stand above
        self.bar = (left, bottom - max(2.0, round(scale.length(3))), right, bottom)
        self._key = self.bar[1] - scale.length(8)
        foot = self._key - 1.5 * small  # of the colours' labels
        self._ramp = round(scale.length(6)), small + 6  # height of the bar of colours, and of its labels
        lowest = foot - self._ramp[0] - self._ramp[1] - scale.length(8)
        wanted = self.table.wanted
        beside, above = min(lowest - top, right - left - gap - wanted), min(right - left, 0.55 * (lowest - top))
        stacked = above > 1.3 * beside
        side = int(above if stacked else beside)
        self._view = MapView(round(left), top, side, square(plane))
        column = self._view.x + side + gap
        heading = small + 10
        if stacked:
            rest = (left, top + side + self._ramp[0] + self._ramp[1] + scale.length(16), right, foot)
        elif right - column > 2 * wanted + gap:
            start = self.table.place((right - wanted, top - heading, right, top + side), 0.0)
            spare = start - (top - heading)
            self.table.place((right - wanted, top - heading, right, top + side - spare), 0.0)
            return column, top - heading, right - wanted - gap, top + side
        else:
            rest = (column, top - heading, right, foot)
        end = self.table.place(rest, scale.length(LEAST_CURVE)) - scale.length(10)
        return (*rest[:3], end) if end - rest[1] >= 0.7 * scale.length(LEAST_CURVE) else None

    def still(self) -> list[Item]:
        """What never changes, beside what is on the page already: landscape, frames, key."""
        theme, scale, view = self.theme, self.scale, self._view
        small = scale.font(12)
        held = f"the plane holds {self._plane.held:.0%} of the variance"
        heading = _fitting((f"{held} of all paths", held, f"{self._plane.held:.0%} of the variance"), view.side, small)
        quantity = _fitting(("loss on the plane", "loss"), 0.4 * view.side, small)
        top = view.y + view.side + round(scale.length(8))
        colours = (view.x, top, view.x + view.side, top + self._ramp[0])
        items: list[Item] = [*self._map.still(), *self._counter()]
        items.append(Label(view.x, view.y - 8, heading, small, theme.muted))
        items += plane_key.ramp(*self._map.levels, colours, quantity, small, theme)
        items += plane_key.key(self._signs(), self.bar[0], self.bar[2], self._key, small, scale, theme)
        items += self.curve.frame() if self.curve else []
        items += self.table.frame()
        items.append(shapes([(rectangle(self.bar), NONE, rgba(theme.grid), 0.0)]))
        return items

    def added(self, first: int, last: int) -> list[Strokes]:
        """Trails and curves of the frames after `first` up to `last`."""
        return self._map.added(first, last) + (self.curve.added(first, last, self._final) if self.curve else [])

    def ranking(self, frame: int) -> list[int]:
        """The order of the table: that of every tenth frame and of the last."""
        return self.table.order(frame if frame == FRAMES - 1 else frame // RANK_EVERY * RANK_EVERY)

    def rows(self, frame: int) -> list[Label]:
        """The texts of the table: the values of every second frame and of the last."""
        valued = frame if frame == FRAMES - 1 else frame // VALUES_EVERY * VALUES_EVERY
        return self.table.rows(self.ranking(frame), valued)

    def moving(self, frame: int) -> list[Item]:
        """What is drawn anew in every frame: comets, heads, epoch, progress."""
        order = self.table.order(frame)
        items: list[Item] = [*self._map.comets(frame, order)] if frame < FRAMES - 1 else []
        items += self._map.heads(frame, order)
        items += self.curve.heads(frame, order) if self.curve else []
        total = self._total()
        epoch = str(int(min(self._moments[frame], self._reached) + 1e-9))
        items.append(Label(total.left, total.y, epoch, self.scale.font(20), self.theme.ink, bold=True, anchor="right"))
        left, top, right, bottom = self.bar
        if share := self._moments[frame] / self._moments[-1]:  # like the counter: time is not even, frames are
            done = rectangle((left, top, left + share * (right - left), bottom))
            items.append(shapes([(done, NONE, rgba(self.theme.ink), 0.0)]))
        return items

    def _total(self) -> Label:
        right = self.size[0] - self.scale.length(MARGIN)
        words, size = f" / {self._comparison.epochs}", self.scale.font(14)
        return Label(right, self.scale.length(34), words, size, self.theme.muted, anchor="right")

    def _counter(self) -> list[Label]:
        """The words around the number of the epoch."""
        total = self._total()
        widest = width("8" * len(str(self._comparison.epochs)), self.scale.font(20), bold=True)
        words = "interrupted · epoch" if self._comparison.interrupted else "epoch"
        return [total, Label(total.left - widest - 8, total.y, words, total.size, total.colour, anchor="right")]

    def _signs(self) -> list[tuple[str, str]]:
        """What is on the map that needs a word."""
        marked = self._map.marked
        dots = "each epoch" if marked == [*range(1, len(marked) + 1)] else "looks at the weights"
        signs = [("start", "start"), *([("dot", dots)] if marked else [])]
        signs += [("diverged", "diverged")] if self._map.diverged else []
        signs += [("arrow", "off the map")] if self._map.off_the_map else []
        (left, right), _ = self._view.view
        signs += [("hatch", "no run came near")]
        return [*signs, plane_key.length(self._view.side / (right - left), self.scale.length(90))]


def _fitting(choices: Sequence[str], room: float, size: float) -> str:
    """The first of several words that fits, or the last."""
    return next((words for words in choices if width(words, size) <= room), choices[-1])


def _checked(plane: Plane | None) -> Plane:
    if plane is None or not plane.paths:
        raise UsageError(
            "this comparison has no training plane", "Make one that keeps the weights: optviz train -o mnist.gif"
        )
    return plane


def _run(comparison: Comparison, optimizer: str, seed: int) -> TrainingRun:
    return next(run for run in comparison.runs if (run.optimizer, run.seed) == (optimizer, seed))


def _notes(plane: Plane) -> list[str]:
    """What the map does not show by itself."""
    ends = np.array([path.losses[-1] for path in plane.paths])
    below = np.array([_below(plane, path.points[-1]) for path in plane.paths])
    side = plane.x[-1] - plane.x[0]
    reach = {
        path.title: math.hypot(*path.points[-1]) / math.sqrt(max(1 - path.off[-1] ** 2, 1e-12)) for path in plane.paths
    }
    return [
        f"map: training loss on the plane, over {plane.images:,} images",
        "off: distance from the plane ÷ distance from the start",
        f"seed {plane.seed}",
        f"loss at the ends {_range(ends)}, on the plane below {_range(below)}",
        *(f"{title} ends {number(far, 2)} from the start" for title, far in reach.items() if far > BEYOND * side),
    ]


def _below(plane: Plane, point: np.ndarray) -> float:
    """The loss on the plane nearest to a point; NaN off the map."""
    away = [np.abs(centres - at) for centres, at in zip((plane.x, plane.y), point, strict=True)]
    column, row = (int(distance.argmin()) for distance in away)
    if max(away[0][column], away[1][row]) > plane.x[1] - plane.x[0]:
        return math.nan
    return float(plane.losses[row, column])


def _range(values: np.ndarray) -> str:
    """From the lowest to the highest finite value, in few digits."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return "not finite"
    low, high = number(float(finite.min()), 2), number(float(finite.max()), 2)
    return low if low == high else f"{low}–{high}"


def _facts(plane: Plane) -> dict:
    """The plane in numbers, without landscape and paths."""
    paths = [
        {"optimizer": path.optimizer, "epochs": path.epochs[-1], "loss": path.losses[-1], "off": path.off[-1]}
        for path in plane.paths
    ]
    return plain({"seed": plane.seed, "images": plane.images, "held": plane.held, "paths": paths})
