"""The race: several optimizers from one start on one map, as an animation and as a still picture of its end."""

import numpy as np

from optviz.errors import UsageError
from optviz.figures.animation import Player, delay
from optviz.figures.engine.timeline import durations
from optviz.figures.page import Page
from optviz.figures.scene import Scene, facts
from optviz.results import Race

FRAMES = 200


def race_animation(
    race: Race, size: tuple[int, int] = (800, 600), theme: str = "dark", fps: int = 25, frames: int = FRAMES
) -> Player:
    """A race as an animation.

    Parameters
    ----------
    race : Race
    size : (width, height)
        In pixels, at least 480 x 360.
    theme : {"dark", "light"}
    fps : int
        Frames a second, 1 to 50; a frame lasts the nearest multiple of 10 ms.
    frames : int
        How many; the first is held for 0.6 s and the last for 2.6 s.

    Returns
    -------
    Player
        An `optviz.figures.animation.Animation`.

    Raises
    ------
    UsageError
        If the size, the theme, `fps` or `frames` cannot be used.
    """
    if isinstance(frames, bool) or not isinstance(frames, int | np.integer) or not 1 <= frames <= 10_000:
        raise UsageError(f"frames is {frames!r}", "It must be a whole number from 1 to 10000.")
    milliseconds = durations(int(frames), delay(fps))
    scene = Scene(race, size, theme, int(frames))
    return Player(scene, Page(scene.layout.size, scene.theme.page, facts(scene.race)), milliseconds)


def race_figure(race: Race, size: tuple[int, int] = (800, 600), theme: str = "dark") -> Page:
    """The end of a race as a matplotlib Figure: the picture that the animation ends with.

    Parameters
    ----------
    race : Race
    size : (width, height)
        In pixels at 100 dots per inch, at least 480 x 360.
    theme : {"dark", "light"}

    Returns
    -------
    Page
        A Figure of lines and text, with the map as an image; its ``comment`` holds the run's facts.

    Raises
    ------
    UsageError
        If the size or the theme cannot be used.
    """
    scene = Scene(race, size, theme, FRAMES)
    page = Page(scene.layout.size, scene.theme.page, facts(scene.race))
    page.add(scene.still())
    for first, last in zip(scene.steps[:-1], scene.steps[1:], strict=True):
        page.add(scene.added(first, last))
    page.add([scene.table.marks(scene.ranking(FRAMES - 1)), *scene.rows(FRAMES - 1)])
    page.add(scene.moving(FRAMES - 1))
    return page
