"""What the engine draws inside of any matplotlib Axes, by the axes' own scales and limits.

Lines of matplotlib have one width and one opacity from end to end, and no casing; everything else about them is kept,
so that a path is in legends, limits and picks like any other line.
"""

from typing import Any

import numpy as np
from matplotlib.artist import allow_rasterization
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgba
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from optviz.figures.engine.clip import Box
from optviz.figures.engine.course import straight
from optviz.figures.engine.heads import head
from optviz.figures.engine.interleave import interleave
from optviz.figures.engine.items import Drawn, Strokes, shapes
from optviz.figures.engine.painter import artist_of
from optviz.figures.engine.style import RADIUS, Entrant, Style
from optviz.figures.engine.text import DPI
from optviz.figures.engine.theme import DARK, LIGHT, Theme
from optviz.figures.engine.trails import HEM, Pen, Trail, merged


def theme_of(axes: Axes) -> Theme:
    """The theme whose colours stand out from the ground of an axes."""
    ground = to_rgba(axes.get_facecolor())
    colour = ground if ground[3] or axes.figure is None else to_rgba(axes.figure.get_facecolor())
    return LIGHT if np.dot(colour[:3], (0.2126, 0.7152, 0.0722)) > 0.4 else DARK


class AxesView:
    """An axes as a place for marks, in pixels of a hundredth of an inch from the figure's upper left corner."""

    def __init__(self, axes: Any):
        figure = axes.get_figure(root=True)
        self._axes, self._unit, self._height = axes, figure.dpi / DPI, figure.bbox.height
        self.style = Style(theme_of(axes))
        self.pixels = Affine2D().scale(self._unit, -self._unit).translate(0, self._height)

    @property
    def box(self) -> Box:
        box = self._axes.bbox
        x, y = np.array([box.x0, box.x1]), self._height - np.array([box.y1, box.y0])
        return x[0] / self._unit, y[0] / self._unit, x[1] / self._unit, y[1] / self._unit

    def to_page(self, points: np.ndarray) -> np.ndarray:
        """(n, 2) points as pixels."""
        with np.errstate(all="ignore"):
            at = self._axes.transData.transform(np.asarray(points, float))
        return np.stack([at[..., 0], self._height - at[..., 1]], axis=-1) / self._unit


class PathLine(Line2D):
    """The way of one optimizer as a line of an axes: leaps are faint, trails along each other take turns.

    Parameters
    ----------
    group : list of PathLine
        Those drawn together; this line appends itself.
    entrant : Entrant
    points : (n, 2) float64
    """

    def __init__(self, group: "list[PathLine]", entrant: Entrant, points: np.ndarray, **properties: Any):
        outline = head(entrant.head, 1.0)
        marker = Path(outline.vertices * (1, -1), outline.codes)
        x, y = points[np.isfinite(points).all(axis=1)].T
        ends: dict[str, Any] = {
            "marker": marker,
            "markevery": [max(len(x) - 1, 0)],
            "markersize": 2 * RADIUS * 72 / DPI,
        }
        looks = {"color": entrant.colour, "label": entrant.title, **ends, **properties}
        super().__init__(x, y, **looks)
        self._group, self._entrant = group, entrant
        group.append(self)

    @allow_rasterization
    def draw(self, renderer: Any) -> None:
        """Draw casing, line, beads and head."""
        if not self.get_visible() or self.axes is None:
            return
        view = AxesView(self.axes)
        shown = [line for line in self._group if line.get_visible() and line.axes is self.axes]
        trails = [line._trail(view) for line in shown]
        interleave(trails, range(len(trails)), view.box, 1.0)
        trail = trails[shown.index(self)]
        casings, cores = trail.strokes(0, len(trail.course.points))
        items: list[Strokes] = [merged(casings, "butt", view.box), merged(cores, "round", view.box)]
        if self is shown[-1]:  # heads lie above all trails
            items.append(shapes([mark for line in shown for mark in line._head(view)]))
        for item in items:
            if item.paths:
                artist = artist_of(item, view.pixels)
                artist.set_figure(self.axes.figure)
                if self.get_clip_on():
                    artist.set_clip_box(self.axes.bbox)
                artist.set_alpha(self.get_alpha())
                artist.draw(renderer)
        self.stale = False

    def _head(self, view: AxesView) -> list[Drawn]:
        """The head at its end, if the line has markers and the end is a place."""
        at = view.to_page(np.asarray(self.get_xydata())[-1:])
        if self.get_marker() in ("", " ", "None", "none", None) or not np.isfinite(at).all() or not len(at):
            return []
        entrant = Entrant(self._entrant.title, to_hex(self.get_color()), self._entrant.head)
        return [entrant.mark(float(at[0, 0]), float(at[0, 1]), view.style, self.get_markersize() * DPI / 144)]

    def _trail(self, view: AxesView) -> Trail:
        width = self.get_linewidth() * DPI / 72
        pen = Pen(width, max(HEM, 0.9 * width), leap=46.0, bead=7.0, patch=8.0, crossings=1.5)
        course = straight(view.to_page(np.asarray(self.get_xydata())), view.box)
        return Trail(course, to_hex(self.get_color()), view.box, pen, view.style.theme)
