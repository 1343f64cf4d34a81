"""The training plane in motion: paths, losses and table advance together, epoch by epoch."""

from optviz.figures.animation import Player, delay
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.timeline import durations
from optviz.figures.plane_scene import FRAMES, PlaneScene
from optviz.results.comparison import Comparison

FPS = 25


def plane_animation(
    comparison: Comparison, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark", fps: int = FPS
) -> Player:
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
    fps : int
        Frames a second, 1 to 50; a frame lasts the nearest multiple of 10 ms.

    Returns
    -------
    Player
        An `optviz.figures.animation.Animation`.

    Raises
    ------
    UsageError
        If the comparison has no training plane, or if the size, the theme or `fps` cannot be used.
    """
    scene = PlaneScene(comparison, size, theme)
    return Player(scene, scene.page, durations(FRAMES, delay(fps)))
