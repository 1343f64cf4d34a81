"""What a moving picture is to whoever writes it to a file."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from optviz.errors import UsageError


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
