"""Two files of one picture, compared: by their bytes, or as an eye does where other versions drew one of them."""

from pathlib import Path

import numpy as np
from PIL import Image

CELL = 8  # pixels wide and high: another hinting of letters moves no mean of so many by much
NOTICED = 24  # of 255: a line that lies elsewhere, or another digit, does


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
    with Image.open(one) as ours, Image.open(other) as theirs:
        count = getattr(ours, "n_frames", 1)
        if ours.size != theirs.size or count != getattr(theirs, "n_frames", 1):
            return "its size or its number of frames differs"
        for frame in range(count):
            ours.seek(frame)
            theirs.seek(frame)
            if ours.info.get("duration") != theirs.info.get("duration"):
                return f"frame {frame + 1} of {count} is shown for another time"
            a, b = (np.asarray(picture.convert("RGB")) for picture in (ours, theirs))
            pixels = int((a != b).any(axis=-1).sum())
            if pixels and (exactly or (np.abs(means(a) - means(b)) > NOTICED).any()):
                return f"{pixels:,} pixels of frame {frame + 1} of {count} differ"
    return "its bytes differ, and no pixel" if exactly else ""
