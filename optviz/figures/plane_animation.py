"""The training plane in motion: paths, losses and table advance together, epoch by epoch."""

from typing import Any

from optviz.comparison import Comparison
from optviz.figures.animation import delay
from optviz.figures.canvas import Canvas
from optviz.figures.plane_scene import FRAMES, PlaneScene
from optviz.figures.race import RaceAnimation
from optviz.figures.theme import Theme, rgb
from optviz.figures.timeline import durations

FPS = 25


def plane_animation(
    comparison: Comparison, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark"
) -> "PlaneAnimation":
    """A training plane as an animation that ends with `optviz.figures.plane.plane_figure`.

    Time passes evenly in the first half epoch and like the logarithm after it. Between two looks at the weights the
    paths are interpolated smoothly; the dots are where the weights really were.

    Parameters
    ----------
    comparison : Comparison
        With a `plane`.
    size : (width, height)
        In pixels, at least 480x360.
    theme : {"dark", "light"} or Theme

    Returns
    -------
    PlaneAnimation
        An `optviz.figures.animation.Animation`.

    Raises
    ------
    UsageError
        If the comparison has no training plane, or if the size or the theme cannot be used.
    """
    return PlaneAnimation(PlaneScene(comparison, size, theme))


class PlaneAnimation(RaceAnimation):
    """The frames of a training plane, see `optviz.figures.animation.Animation`."""

    def __init__(self, scene: PlaneScene):
        theme = scene.theme
        self.size = scene.size
        self.durations = durations(FRAMES, delay(FPS))
        quiet = (theme.page, theme.panel, theme.ink, theme.muted, theme.grid, theme.bad, theme.rim)
        self.reserved = tuple(dict.fromkeys(rgb(colour) for colour in (*quiet, *scene.colours)))
        self.comment = scene.page.comment
        self._scene: Any = scene
        scene.page.add(scene.still())
        self._canvas = Canvas(scene.page)
        self._background = self._canvas.pixels.copy()
