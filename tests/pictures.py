"""Two files of one picture, compared as strictly as what drew them allows."""

from pathlib import Path

import numpy as np
from PIL import Image

CELL = 8  # pixels wide and high: other last digits of a colour or an edge move no mean of so many by much
NOTICED = 24  # of 255: a line that lies elsewhere, or another digit, does


def strictness(made: str | None, here: str) -> str:
    """What must be the same of two pictures, from what they were made with (`optviz.gallery.versions`).

    Returns
    -------
    {"bytes", "pixels", "numbers"}
        All bytes where everything was the same; what an eye sees where the same libraries draw; and otherwise what the
        picture says about itself, since another FreeType has letters of other widths, which move everything.
    """
    drawing = {part for part in here.split(", ") if part.startswith(("matplotlib", "freetype"))}
    if made == here:
        return "bytes"
    return "pixels" if made and drawing <= {*made.split(", ")} else "numbers"


def difference(one: Path, other: Path, strict: str) -> str:
    """What is different between two files, ``.png`` or ``.gif``, in words; nothing where they are alike."""
    if one.read_bytes() == other.read_bytes():
        return ""
    with Image.open(one) as ours, Image.open(other) as theirs:
        count = getattr(ours, "n_frames", 1)
        if ours.size != theirs.size or count != getattr(theirs, "n_frames", 1):
            return "its size or its number of frames differs"
        if any(ours.info.get(name) != theirs.info.get(name) for name in ("Comment", "comment")):
            return "the numbers that it holds differ"
        for frame in range(count if strict != "numbers" else 0):
            ours.seek(frame)
            theirs.seek(frame)
            if ours.info.get("duration") != theirs.info.get("duration"):
                return f"frame {frame + 1} of {count} is shown for another time"
            a, b = (np.asarray(picture.convert("RGB")) for picture in (ours, theirs))
            pixels = int((a != b).any(axis=-1).sum())
            if pixels and (strict == "bytes" or (np.abs(_means(a) - _means(b)) > NOTICED).any()):
                return f"{pixels:,} pixels of frame {frame + 1} of {count} differ"
    return "its bytes differ, and no pixel" if strict == "bytes" else ""


def _means(pixels: np.ndarray) -> np.ndarray:
    """The mean colour of each cell of a frame; the border that fills no cell is left out."""
    high, wide = (length // CELL for length in pixels.shape[:2])
    whole = pixels[: high * CELL, : wide * CELL].reshape(high, CELL, wide, CELL, 3)
    return whole.mean(axis=(1, 3), dtype=np.float32)
