"""The map of a training plane: the loss on it, faded where no run came near, and the paths of all runs."""

from collections.abc import Sequence

import numpy as np

from optviz.figures.engine.clip import grown
from optviz.figures.engine.heads import DISC, placed
from optviz.figures.engine.interleave import interleave
from optviz.figures.engine.pixels import interpolated
from optviz.figures.engine.relief import Relief, levels
from optviz.figures.engine.theme import Theme, rgb
from optviz.figures.engine.trails import HEM, Pen, Trail, comets, merged
from optviz.figures.field import HEAD, Field
from optviz.figures.layout import MapView, Scale
from optviz.figures.page import NONE, Item, Picture, Strokes, around, rgba, rounded, shapes
from optviz.figures.plane_time import between
from optviz.results import Landscape, Race, Trajectory
from optviz.results.training_run import Plane

CLEAR, FADED = 0.10, 0.30  # shares of the side: nothing is faded so near a path, everything so far away
FOG, HATCH = 0.75, 0.30  # how much of the map is lost there, and the opacity of the lines over it
CLOSE = 0.6  # of the distance at which trails of a race take turns: paths that fan out should not be dashed
CELLS = 61  # columns in which the distance from the paths is reckoned
LEAST_SCALE = 0.75  # heads and trails are not drawn smaller than that


class PlaneMap:
    """The map.

    Parameters
    ----------
    plane : Plane
    view : MapView
    times : sequence of (k,) float64
        For each path when its looks are shown, in frames.
    frames : int
    diverged : sequence of bool
        Which of them ended because the loss was no longer finite.
    colours, heads : sequence of str
        Of the paths.
    scale : Scale
    theme : Theme

    Attributes
    ----------
    marked : list of float
        The ends of epochs at which there was a look; they are marked on the trails.
    off_the_map, diverged : bool
        Whether any path leaves it, and whether any ended because its loss was no longer finite.
    levels : (n,) and (n,) float64
        Losses on the map, ascending, and the levels of 0 to 1 that its colours show for them.
    """

    def __init__(
        self,
        plane: Plane,
        view: MapView,
        times: Sequence[np.ndarray],
        frames: int,
        diverged: Sequence[bool],
        colours: Sequence[str],
        heads: Sequence[str],
        scale: Scale,
        theme: Theme,
    ):
        scale = Scale(max(scale.factor, LEAST_SCALE))
        self._view, self._scale, self._theme, self._colours = view, scale, theme, colours
        ground = _loss(plane, view.side)
        schedule = np.arange(frames, dtype=float)
        race = _race(plane, [between(at, path.points, schedule) for at, path in zip(times, plane.paths, strict=True)])
        pen = Pen(scale.length(2.2), max(HEM, scale.length(HEM)), np.inf, np.inf, scale.length(8), np.inf)
        self._trails = [
            Trail(view.to_page(run.points), colour, view.box, pen, theme)
            for run, colour in zip(race.trajectories, colours, strict=True)
        ]
        self._field = Field(race, self._trails, colours, heads, view, schedule, scale, theme, True)
        self.off_the_map = bool(self._field.off.any())
        self._relief = _faded(Relief(ground, 0.0, theme).shaded(view.side), self._field.true, view, scale, theme)
        self.diverged = any(diverged)
        self.levels = np.sort(ground, axis=None), np.sort(levels(ground, 0.0), axis=None)
        interleave(self._trails, range(len(colours)), view.box, CLOSE * scale.factor)
        self._landmarks = [self._framed(), *self._field.landmarks()]
        self._ends = [int(at[-1]) if gone else frames for at, gone in zip(times, diverged, strict=True)]
        looks = np.unique(np.concatenate([path.epochs for path in plane.paths]))
        self.marked = looks[(looks >= 1) & (looks == np.round(looks))].tolist()
        self._beads = self._marked(plane, times)

    def _marked(self, plane: Plane, times: Sequence[np.ndarray]) -> list[list[tuple[int, np.ndarray]]]:
        """For each path the frames with a dot, and where it is; none too near the one before."""
        marks = []
        for path, at in zip(plane.paths, times, strict=True):
            kept: list[tuple[int, np.ndarray]] = []
            for epoch, when, point in zip(path.epochs, at, self._view.to_page(path.points), strict=True):
                if epoch in self.marked and (not kept or np.hypot(*(point - kept[-1][1])) > self._scale.length(7)):
                    kept.append((int(np.ceil(when - 1e-9)), point))
            marks.append(kept)
        return marks

    def still(self) -> list[Item]:
        """The landscape."""
        return [Picture(self._relief, self._view.x, self._view.y)]

    def added(self, first: int, last: int) -> list[Strokes]:
        """Trails and dots of the frames after `first` up to `last`."""
        casings, cores, dots = [], [], []
        radius, hair, rim = self._scale.length(2.8), self._scale.length(1), rgba(self._theme.rim)
        for trail, colour, marks in zip(self._trails, self._colours, self._beads, strict=True):
            hems, lines = trail.strokes(first, last)
            casings += hems
            cores += lines
            dots += [
                (placed(DISC, float(x), float(y), radius), rim, rgba(colour), hair)
                for frame, (x, y) in marks
                if first < frame <= last
            ]
        box = self._view.box
        items = [merged(casings, "butt", box), merged(cores, "round", box)]
        return [item for item in items if item.paths] + ([shapes(dots, clip=box)] if dots else [])

    def comets(self, frame: int, order: Sequence[int]) -> list[Strokes]:
        """The last stretch of each path, the leader's on top."""
        at = self._field.true[frame]
        drawn = comets(
            [self._trails[index].comet(float(frame), at[index]) for index in reversed(order)], self._view.box
        )
        return [drawn] if drawn.paths else []

    def heads(self, frame: int, order: Sequence[int]) -> list[Item]:
        """The map's frame, the start and the heads; a ring around those of runs that have diverged."""
        field, scale = self._field, self._scale
        gone = [index for index in order if frame >= self._ends[index]]
        rings = [
            (placed(DISC, float(x), float(y), scale.length(HEAD + 4)), edge, NONE, scale.length(width))
            for edge, width in ((rgba(*self._theme.casing), 4.0), (rgba(self._theme.bad), 1.8))
            for x, y in field.shown[frame, gone]
        ]
        return [
            *field.leaders(frame, order),
            *self._landmarks,
            *([shapes(rings)] if rings else []),
            *field.heads(frame, order),
        ]

    def _framed(self) -> Strokes:
        """Page colour over the map's corners, and a hairline around it."""
        box, scale, theme = self._view.box, self._scale, self._theme
        edge = (rounded(grown(box, -0.5), scale.length(8)), rgba(theme.muted, 0.35), NONE, max(1.0, scale.length(1)))
        return shapes([(around(box, scale.length(8)), NONE, rgba(theme.page), 0.0), edge])


def _loss(plane: Plane, side: int) -> np.ndarray:
    """(side, side) float64: the landscape at the map's pixels, its logarithm interpolated; row 0 is the lowest y."""
    finite = np.isfinite(plane.losses)
    top = plane.losses[finite].max() if finite.any() else 1.0
    logarithm = np.log(np.maximum(np.where(finite, plane.losses, top), 1e-12))
    return np.exp(interpolated(logarithm, side))


def _race(plane: Plane, points: Sequence[np.ndarray]) -> Race:
    """The paths as a race over the landscape: each step is one frame."""
    view = square(plane)
    nothing = np.empty((0, 2))
    ground = Landscape("plane", "", "", view, view, plane.losses, nothing, nothing, 0.0)
    runs = tuple(
        Trajectory("plane", path.optimizer, path.title, "", "", {}, at, np.zeros(len(at)), None, 0.0)
        for path, at in zip(plane.paths, points, strict=True)
    )
    return Race(ground, runs, (0.0, 0.0), plane.seed, {})


def square(plane: Plane) -> tuple[tuple[float, float], tuple[float, float]]:
    """What the landscape covers: half a cell more than its outermost centres."""
    sides = []
    for centres in (plane.x, plane.y):
        half = (centres[-1] - centres[0]) / (len(centres) - 1) / 2
        sides.append((float(centres[0] - half), float(centres[-1] + half)))
    return sides[0], sides[1]


def _faded(picture: np.ndarray, paths: np.ndarray, view: MapView, scale: Scale, theme: Theme) -> np.ndarray:
    """The map, hatched and with less to see the farther a place is from all (frames, runs, 2) points of the paths."""
    centres = (np.arange(CELLS) + 0.5) / CELLS * view.side
    cells = np.stack(np.meshgrid(view.x + centres, view.y + centres[::-1]), axis=-1).reshape(-1, 1, 2)
    points = paths.reshape(-1, 2)
    points = points[np.unique(np.round(points / 4), axis=0, return_index=True)[1]]
    parts = np.array_split(points, 16)  # all at once would be a hundred megabytes
    nearest = np.min([np.hypot(*np.moveaxis(cells - part, -1, 0)).min(axis=1) for part in parts if len(part)], axis=0)
    share = np.clip((nearest / view.side - CLEAR) / (FADED - CLEAR), 0, 1)
    share = interpolated((share * share * (3 - 2 * share)).reshape(CELLS, CELLS)[::-1], view.side)[..., None]
    faded = picture + FOG * share * (np.array(rgb(theme.panel)) - picture)
    row, column = np.indices(share.shape[:2])
    pitch = scale.length(9)
    distance = np.abs((row + column + pitch / 2) % pitch - pitch / 2) / np.sqrt(
        2
    )  # from the nearest diagonal, in pixels
    line = HATCH * share * np.clip(max(1.0, scale.length(1)) / 2 + 0.5 - distance, 0, 1)[..., None]
    return np.rint(faded + line * (np.array(rgb(theme.muted)) - faded)).astype(np.uint8)
