"""The map of a training plane: the loss on it, faded where no run came near, and looks at the weights."""

from collections.abc import Iterator, Sequence

import numpy as np

from optviz.figures.engine.axis import LINEAR, Axis, ranked
from optviz.figures.engine.heads import DISC, placed
from optviz.figures.engine.items import Item, rgba, shapes
from optviz.figures.engine.panel import Mark, Panel
from optviz.figures.engine.paths import Paths
from optviz.figures.engine.pixels import hatching, interpolated, ramp
from optviz.figures.engine.relief import Relief, levels
from optviz.figures.engine.style import Style
from optviz.figures.engine.theme import rgb
from optviz.results.training_run import Plane

CLEAR, FADED = 0.10, 0.30  # shares of the side: nothing is faded so near a path, everything so far away
FOG, HATCH = 0.75, 0.30  # how much of the map is lost there, and the opacity of the lines over it
CELLS = 61  # columns in which the distance from the paths is reckoned
GRID = 400  # columns of the landscape
APART = 7.0  # px between dots on a path
MANTISSAS = (1, 3, 2, 5, 1.5, 7)  # of losses, in the order in which labels take the room there is


class Ground:
    """The landscape of a plane in its colours.

    Attributes
    ----------
    relief : Relief
    """

    def __init__(self, plane: Plane, style: Style):
        finite = np.isfinite(plane.losses)
        top = plane.losses[finite].max() if finite.any() else 1.0
        logarithm = np.log(np.maximum(np.where(finite, plane.losses, top), 1e-12))
        ground = np.exp(interpolated(logarithm, GRID))
        self.relief = Relief(ground, 0.0, style.theme)
        self._losses, self._levels = np.sort(ground, axis=None), np.sort(levels(ground, 0.0), axis=None)
        self._ramp = style.theme.ramp

    def colours(self) -> np.ndarray:
        """The colours on the map, of the lowest loss first: (n, 3) uint8."""
        table = ramp(self._ramp)
        first, last = (round(level * (len(table) - 1)) for level in self._levels[[0, -1]])
        return table[first : last + 1]

    def axis(self) -> Axis:
        """The axis of losses along these colours."""
        low, high = float(self._losses[0]), float(self._losses[-1])
        decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
        values = [mantissa * 10.0**decade for mantissa in MANTISSAS for decade in decades]
        return Axis(low, high, ranked(lambda loss: np.interp(loss, self._losses, self._levels), values))


def axes(plane: Plane) -> tuple[Axis, Axis]:
    """What the landscape covers: half a cell more than its outermost centres."""
    halves = [(centres[-1] - centres[0]) / (len(centres) - 1) / 2 for centres in (plane.x, plane.y)]
    x, y = (
        Axis(float(centres[0] - half), float(centres[-1] + half), LINEAR)
        for centres, half in zip((plane.x, plane.y), halves, strict=True)
    )
    return x, y


class Fog(Mark):
    """The landscape, hatched and with less to see the farther a place is from all paths."""

    def __init__(self, ground: Ground, paths: Paths):
        self._ground, self._paths = ground, paths

    def still(self) -> Iterator[Item]:
        yield self.panel.shown(lambda size: self._faded(size[0]))

    def _faded(self, side: int) -> np.ndarray:
        style, (left, top, _, _) = self.panel.style, self.panel.box
        share = self._far(left, top, side)[..., None]
        panel, muted = (np.array(rgb(colour)) for colour in (style.theme.panel, style.theme.muted))
        picture = self._ground.relief.shaded(side)
        faded = picture + FOG * share * (panel - picture)
        line = HATCH * share * hatching((side, side), style.length(9), style.hair)[..., None]
        return np.rint(faded + line * (muted - faded)).astype(np.uint8)

    def _far(self, left: float, top: float, side: int) -> np.ndarray:
        """How far pixels are from the paths, 0 where they are near, to 1: (side, side) float64."""
        centres = (np.arange(CELLS) + 0.5) / CELLS * side
        cells = np.stack(np.meshgrid(left + centres, top + centres), axis=-1).reshape(-1, 1, 2)
        points = self._paths.at.reshape(-1, 2)
        points = points[np.unique(np.round(points / 4), axis=0, return_index=True)[1]]
        parts = np.array_split(points, 16)  # all at once would be a hundred megabytes
        nearest = np.min([np.hypot(*np.moveaxis(cells - part, -1, 0)).min(axis=1) for part in parts if len(part)], 0)
        share = np.clip((nearest / side - CLEAR) / (FADED - CLEAR), 0, 1)
        return interpolated((share * share * (3 - 2 * share)).reshape(CELLS, CELLS), side)


class Looks(Mark):
    """Dots on the paths at the ends of epochs with a look at the weights; none too near the one before.

    Parameters
    ----------
    plane : Plane
    times : sequence of (k,) float64
        For each path when its looks are shown, in frames.
    paths : Paths

    Attributes
    ----------
    epochs : list of float
        Those ends of epochs.
    """

    def __init__(self, plane: Plane, times: Sequence[np.ndarray], paths: Paths):
        self._plane, self._times, self._paths = plane, times, paths
        looks = np.unique(np.concatenate([path.epochs for path in plane.paths]))
        self.epochs = looks[(looks >= 1) & (looks == np.round(looks))].tolist()

    def place(self, panel: Panel) -> None:
        super().place(panel)
        length, rim = panel.style.length, rgba(panel.style.theme.rim)
        self._dots = []
        for path, times, runner in zip(self._plane.paths, self._times, self._paths.runners, strict=True):
            before = np.full(2, -np.inf)
            for epoch, at, point in zip(path.epochs, times, panel.to_page(path.points), strict=True):
                if epoch in self.epochs and np.hypot(*(point - before)) > length(APART):
                    before = point
                    outline = placed(DISC, float(point[0]), float(point[1]), length(2.8))
                    dot = outline, rim, rgba(runner.entrant.colour), length(1)
                    self._dots.append((int(np.ceil(at - 1e-9)), dot))

    def added(self, first: int, last: int) -> Iterator[Item]:
        if dots := [dot for frame, dot in self._dots if first < frame <= last]:
            yield shapes(dots, clip=self.panel.box)
