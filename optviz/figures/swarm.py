"""The swarm: thousands of starts flow down a test function together, in the colour of the minimizer they will reach."""

from optviz.figures.animation import Player, delay
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.timeline import durations
from optviz.figures.page import Page
from optviz.figures.swarm_scene import SwarmScene, facts
from optviz.results.swarm import Swarm


def swarm_animation(
    swarm: Swarm, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark", fps: int = 25
) -> Player:
    """A swarm as an animation: one large map for one optimizer, maps side by side for several.

    Every kept moment is a frame; where moments are a single step apart there are frames between them, more of them
    at the beginning, when most happens.

    Parameters
    ----------
    swarm : Swarm
    size : (width, height)
        In pixels, at least 480 x 360.
    theme : {"dark", "light"} or Theme
    fps : int
        Frames a second, 1 to 50; a frame lasts the nearest multiple of 10 ms, the first 0.6 s and the last 2.6 s.

    Returns
    -------
    Player
        An `optviz.figures.animation.Animation`.

    Raises
    ------
    UsageError
        If the size, the theme or `fps` cannot be used, or if the maps would be too small.
    """
    pause = delay(fps)
    scene = SwarmScene(swarm, size, theme)
    return Player(scene, Page(size, scene.theme.page, facts(swarm)), durations(scene.story.frames, pause))


def swarm_figure(swarm: Swarm, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark") -> Page:
    """A swarm as a still picture: four moments of one optimizer, or the end of several.

    At the end all dots lie upon each other, so that the map shows instead where runs have started, in the colours of
    where that has led, and the ways that some of them have taken.

    Parameters
    ----------
    swarm : Swarm
    size : (width, height)
        In pixels at 100 dots per inch, at least 480 x 360.
    theme : {"dark", "light"} or Theme

    Returns
    -------
    Page
        A Figure of lines and text, with the maps and their dots as images; its ``comment`` holds the run's facts.

    Raises
    ------
    UsageError
        If the size or the theme cannot be used, or if the maps would be too small.
    """
    scene = SwarmScene(swarm, size, theme, resting=True)
    page = Page(size, scene.theme.page, facts(swarm))
    page.add(scene.still())
    frame = scene.story.frames - 1
    page.add([scene.table.marks(0), *scene.rows(frame)])
    page.add(scene.moving(frame))
    return page
