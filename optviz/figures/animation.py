"""What a moving picture is to whoever writes it to a file."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from optviz.errors import UsageError
from optviz.figures.canvas import Board, Canvas
from optviz.figures.engine.theme import rgb
from optviz.figures.page import Label, Page
from optviz.style import OURS

KEY_SHARES = (0.02, 0.2, 0.45, 0.75, 1.0)


class Animation(Protocol):
    """Frames with their durations, drawn one after the other on one canvas.

    Attributes
    ----------
    size : (width, height)
        In pixels.
    durations : sequence of int
        Milliseconds of each frame, multiples of 10; as many as there are frames.
    reserved : tuple of (red, green, blue)
        Colours of 0 to 255 that a palette must hold exactly: page, text and the optimizers.
    comment : str
        The run's facts as one JSON document in plain ASCII, for the metadata of the file.
    """

    size: tuple[int, int]
    durations: Sequence[int]
    reserved: tuple[tuple[int, int, int], ...]
    comment: str

    def frames(self) -> Iterator[np.ndarray]:
        """Draw the frames in order; each call starts again and gives the same pixels.

        Yields
        ------
        (height, width, 4) uint8
            Red, green, blue, alpha (255 everywhere). A live view of the canvas: the next frame overwrites it.
        """
        ...

    def keyframes(self) -> list[np.ndarray]:
        """About five frames from start to end, as copies, that between them show every colour of the animation."""
        ...


class Scene(Protocol):
    """What a `Player` shows: what stands still, what stays once it is drawn, and what moves on top of that.

    Attributes
    ----------
    theme : Theme
    colours : sequence of str
        Of the optimizers.
    steps : sequence of int
        For each frame, how far it has got.
    table : object with ``box`` and ``marks(ranking)``
        Rows that are ranked anew now and then.
    """

    theme: Any
    colours: Any
    steps: Any
    table: Any

    def still(self) -> Iterable[Any]: ...

    def added(self, first: int, last: int) -> Iterable[Any]: ...

    def moving(self, frame: int) -> Iterable[Any]: ...

    def ranking(self, frame: int) -> Any: ...

    def rows(self, frame: int) -> list[Label]: ...


class Player:
    """The frames of a scene, an `Animation`.

    The background is drawn once. Each frame adds the new pieces of the trails to a layer that is kept, and draws what
    moves on top of it.

    Parameters
    ----------
    scene : Scene
    page : Page
        Without what stands still; its comment is that of the animation.
    milliseconds : sequence of int
        Of each frame.
    """

    def __init__(self, scene: Scene, page: Page, milliseconds: Sequence[int]):
        theme = scene.theme
        quiet = (theme.page, theme.panel, theme.ink, theme.muted, theme.grid, theme.good, theme.bad, theme.rim)
        self.durations = milliseconds
        self.reserved = tuple(dict.fromkeys(rgb(colour) for colour in (*quiet, *scene.colours)))
        self.comment = page.comment
        self._scene = scene
        page.add(scene.still())
        self._canvas = Canvas(page)
        self._background = self._canvas.pixels.copy()
        height, width = self._background.shape[:2]
        self.size = width, height

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
            with OURS:
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
            yield canvas.pixels  # outside: nobody knows what happens between two frames


def delay(fps: int) -> int:
    """Milliseconds a frame at `fps` frames a second, rounded to the multiples of 10 that a GIF can hold.

    Raises
    ------
    UsageError
        If `fps` is not between 1 and 50: browsers slow anything faster down to 10 frames a second.
    """
    if isinstance(fps, bool) or not isinstance(fps, int | float) or not 1 <= fps <= 50:
        raise UsageError(f"fps is {fps!r}", "It must be a number from 1 to 50.")
    return max(20, round(100 / fps) * 10)
