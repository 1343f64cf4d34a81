"""Two files of one picture, compared: by their bytes, or as an eye does where other versions drew one of them."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence

CELL = 8  # pixels wide and high: another hinting of letters moves no mean of so many by much
NOTICED = 24  # of 255: a line that lies elsewhere, or another digit, does


def frames(path: Path) -> tuple[list[int], np.ndarray]:
    """How long each frame is shown, in milliseconds, and (frames, height, width, 3) uint8."""
    with Image.open(path) as picture:
        shown = [
            (frame.info.get("duration", 0), np.asarray(frame.convert("RGB")))
            for frame in ImageSequence.Iterator(picture)
        ]
    return [duration for duration, _ in shown], np.array([pixels for _, pixels in shown])


def means(pixels: np.ndarray) -> np.ndarray:
    """The mean colour of each cell of a frame; the border that fills no cell is left out."""
    high, wide = (length // CELL for length in pixels.shape[:2])
    whole = pixels[: high * CELL, : wide * CELL].reshape(high, CELL, wide, CELL, 3)
    return whole.mean(axis=(1, 3), dtype=np.float32)


def difference(one: Path, other: Path, exactly: bool) -> str:
    """What is different, in words; nothing where the two are alike.

    Parameters
    ----------
    one, other : Path
        A ``.png`` or a ``.gif`` each.
    exactly : bool
        Whether the bytes must be the same; otherwise the pictures must look the same.
    """
    if one.read_bytes() == other.read_bytes():
        return ""
    (times, ours), (durations, theirs) = frames(one), frames(other)
    if ours.shape != theirs.shape:
        return "its size or its number of frames differs"
    if times != durations:
        return "its frames are shown for other times"
    pixels = sum(int((a != b).any(axis=-1).sum()) for a, b in zip(ours, theirs, strict=True))
    seen = any((np.abs(means(a) - means(b)) > NOTICED).any() for a, b in zip(ours, theirs, strict=True))
    if seen or (exactly and pixels):
        return f"{pixels:,} pixels differ"
    return "its bytes differ, and no pixel" if exactly else ""
