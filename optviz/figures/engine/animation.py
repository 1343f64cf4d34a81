"""Moving pictures: the frames of a sheet, for whatever writes them to a file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from optviz.errors import UsageError
from optviz.figures.engine.boxes import Block, named
from optviz.figures.engine.canvas import Board, Canvas
from optviz.figures.engine.sheet import Sheet
from optviz.figures.engine.theme import rgb
from optviz.style import OURS

if TYPE_CHECKING:
    from optviz.figures.engine.painter import Page

KEY_SHARES = (0.02, 0.2, 0.45, 0.75, 1.0)
FIRST_MS, LAST_MS = 600, 2600


class Animation:
    """The frames of a sheet with their durations, drawn one after the other on one canvas.

    The background is drawn once. Each frame adds what stays to a layer that is kept, and draws what moves on top of it.

    Parameters
    ----------
    sheet : Sheet
    milliseconds : sequence of int
        Of each frame, multiples of 10.
    colours : sequence of str
        That a palette must hold, beside those of the theme.

    Attributes
    ----------
    size : (width, height)
        In pixels.
    durations : sequence of int
        As `milliseconds`.
    reserved : tuple of (red, green, blue)
        Colours of 0 to 255 that a palette must hold exactly: page, text and the optimizers.
    comment : str
        The run's facts as one JSON document in plain ASCII, for the metadata of the file.
    """

    def __init__(self, sheet: Sheet, milliseconds: Sequence[int], colours: Iterable[str]):
        theme = sheet.style.theme
        quiet = (theme.page, theme.panel, theme.ink, theme.muted, theme.grid, theme.good, theme.bad, theme.rim)
        self.durations, self.comment = milliseconds, sheet.facts
        self.reserved = tuple(dict.fromkeys(rgb(colour) for colour in (*quiet, *colours)))
        self._sheet = sheet
        self._canvas = Canvas(sheet.size, theme.page)
        self._canvas.paint(sheet.still())
        self._background = self._canvas.pixels.copy()
        self.size = sheet.size
        self._boards = [_Ranked(block, self._canvas, self._background) for block in sheet.blocks]
        self._boards = [board for board in self._boards if board.block.ranking(0) is not None]

    def page(self, frame: int | None = None) -> "Page":
        """A frame as a matplotlib Figure; by default the last one."""
        return self._sheet.page(frame)

    def find(self, name: str) -> Any:
        """The part of that name, see `Page.find`."""
        return named(self._sheet.parts, name)

    def frames(self) -> Iterator[np.ndarray]:
        """Draw the frames in order; each call starts again and gives the same pixels.

        Yields
        ------
        (height, width, 4) uint8
            Red, green, blue, alpha (255 everywhere). A live view of the canvas: the next frame overwrites it.
        """
        return self._drawn(range(len(self.durations)))

    def keyframes(self) -> list[np.ndarray]:
        """About five frames from start to end, as copies, that between them show every colour of the animation."""
        last = len(self.durations) - 1
        return [frame.copy() for frame in self._drawn(sorted({round(share * last) for share in KEY_SHARES}))]

    def _drawn(self, frames: Iterable[int]) -> Iterator[np.ndarray]:
        sheet, canvas = self._sheet, self._canvas
        layer, before = self._background.copy(), -1
        for board in self._boards:
            board.ranking = None
        for frame in frames:
            with OURS:
                canvas.pixels[...] = layer
                canvas.paint(sheet.added(before, frame))
                before = frame
                for board in self._boards:
                    board.show(frame)
                layer[...] = canvas.pixels
                canvas.paint(sheet.moving(frame))
            yield canvas.pixels  # outside: nobody knows what happens between two frames


class _Ranked:
    """A block whose rows are ranked anew now and then, on a canvas."""

    def __init__(self, block: Block, canvas: Canvas, background: np.ndarray):
        self.block, self.ranking = block, None
        self._canvas, self._background = canvas, background

    def show(self, frame: int) -> None:
        ranking = self.block.ranking(frame)
        if ranking != self.ranking:
            self.ranking = ranking
            left, top, right, bottom = (round(edge) for edge in self.block.box)
            self._canvas.pixels[top:bottom, left:right] = self._background[top:bottom, left:right]
            self._canvas.paint([self.block.ranked(frame)])
            self._board = Board(self._canvas, self._canvas.pixels.copy())
        self._board.show(self.block.labels(frame))


class Watched:
    """An animation that reports each frame and keeps a copy of the last one.

    Attributes
    ----------
    last : (height, width, 4) uint8
        The last frame, once all have been drawn.
    """

    last: np.ndarray

    def __init__(self, animation: Any, progress: Callable[[int, int], None] | None = None):
        self._animation = animation
        self._progress = progress

    def __getattr__(self, name: str) -> Any:
        return getattr(self._animation, name)

    def frames(self) -> Iterator[np.ndarray]:
        """The animation's frames."""
        total = len(self._animation.durations)
        for number, frame in enumerate(self._animation.frames(), 1):
            if number == total:
                self.last = frame.copy()
            yield frame
            if self._progress:
                self._progress(number, total)


def durations(frames: int, delay: int) -> list[int]:
    """Milliseconds of each frame: a short hold on the first, a long one on the last."""
    if frames == 1:
        return [LAST_MS]
    return [FIRST_MS, *[delay] * (frames - 2), LAST_MS]


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
