"""The training plane: the paths of all optimizers' weights over the loss around them."""

from optviz.figures.engine.theme import Theme
from optviz.figures.page import Page
from optviz.figures.plane_scene import FRAMES, PlaneScene
from optviz.results.comparison import Comparison


def plane_figure(comparison: Comparison, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark") -> Page:
    """Draw where each optimizer took the weights, on the plane of their two common principal directions.

    The map shows the training loss on the plane itself, faded where no run came near. Beside it stand the training
    loss of every run and a table with test accuracy, learning rate, and how far off the plane its weights are.

    Parameters
    ----------
    comparison : Comparison
        With a `plane`. Runs that diverged or were interrupted show what they have.
    size : (width, height)
        In pixels, at least 480x360.
    theme : {"dark", "light"} or Theme

    Returns
    -------
    Page
        A matplotlib Figure: the last frame of `optviz.figures.plane_animation.plane_animation`.

    Raises
    ------
    UsageError
        If the comparison has no training plane, or if the size or the theme cannot be used.
    """
    scene = PlaneScene(comparison, size, theme)
    page, last = scene.page, FRAMES - 1
    page.add(scene.still())
    for frame in range(last):
        page.add(scene.added(frame, frame + 1))
    page.add([scene.table.marks(scene.ranking(last)), *scene.rows(last), *scene.moving(last)])
    return page
