"""The race: several optimizers from one start on one map, as an animation and as a still picture of its end."""

from collections.abc import Iterable, Iterator

import numpy as np

from optviz.errors import UsageError
from optviz.figures.animation import delay
from optviz.figures.canvas import Board, Canvas
from optviz.figures.page import Page
from optviz.figures.scene import Scene, facts
from optviz.figures.theme import rgb
from optviz.figures.timeline import durations
from optviz.results import Race

FRAMES = 200
KEY_SHARES = (0.02, 0.2, 0.45, 0.75, 1.0)


def race_animation(
    race: Race, size: tuple[int, int] = (800, 600), theme: str = "dark", fps: int = 25, frames: int = FRAMES
) -> "RaceAnimation":
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
    RaceAnimation
        An `optviz.figures.animation.Animation`.

    Raises
    ------
    UsageError
        If the size, the theme, `fps` or `frames` cannot be used.
    """
    if isinstance(frames, bool) or not isinstance(frames, int | np.integer) or not 1 <= frames <= 10_000:
        raise UsageError(f"frames is {frames!r}", "It must be a whole number from 1 to 10000.")
    milliseconds = durations(int(frames), delay(fps))
    return RaceAnimation(Scene(race, size, theme, int(frames)), milliseconds)


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


class RaceAnimation:
    """The frames of a race, see `optviz.figures.animation.Animation`.

    The background is drawn once. Each frame adds the new pieces of the trails to a layer that is kept, and draws what
    moves on top of it.
    """

    def __init__(self, scene: Scene, milliseconds: list[int]):
        theme = scene.theme
        self.size = scene.layout.size
        self.durations = milliseconds
        quiet = (theme.page, theme.panel, theme.ink, theme.muted, theme.grid, theme.good, theme.bad, theme.rim)
        self.reserved = tuple(dict.fromkeys(rgb(colour) for colour in (*quiet, *scene.colours)))
        self.comment = facts(scene.race)
        self._scene = scene
        page = Page(self.size, theme.page)
        page.add(scene.still())
        self._canvas = Canvas(page)
        self._background = self._canvas.pixels.copy()

    def frames(self) -> Iterator[np.ndarray]:
        """Draw every frame, see `Animation.frames`."""
        return self._drawn(range(len(self.durations)))

    def keyframes(self) -> list[np.ndarray]:
        """Copies of five frames, see `Animation.keyframes`."""
        last = len(self.durations) - 1
        return [frame.copy() for frame in self._drawn(sorted({round(share * last) for share in KEY_SHARES}))]

    def _drawn(self, frames: Iterable[int]) -> Iterator[np.ndarray]:
        scene, canvas = self._scene, self._canvas
        left, top, right, bottom = (round(edge) for edge in scene.table.box)
        layer = self._background.copy()
        ranking, done = None, 0
        for frame in frames:
            canvas.pixels[...] = layer
            canvas.draw(*scene.added(done, int(scene.steps[frame])))
            done = int(scene.steps[frame])
            if ranking != scene.ranking(frame):
                ranking = scene.ranking(frame)
                canvas.pixels[top:bottom, left:right] = self._background[top:bottom, left:right]
                canvas.draw(scene.table.marks(ranking))
                board = Board(canvas, canvas.pixels.copy())
            board.show(scene.rows(frame))
            layer[...] = canvas.pixels
            canvas.draw(*scene.moving(frame))
            yield canvas.pixels
