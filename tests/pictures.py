"""What tests ask of pictures: where words and colours are; and two files of one picture, compared."""

import itertools
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image

SIZES = ((480, 360), (800, 600), (1000, 600), (1920, 1080))
SMALLEST = 12  # px

CELL = 8  # pixels wide and high: other last digits of a colour or an edge move no mean of so many by much
NOTICED = 24  # of 255: a line that lies elsewhere, or another digit, does


class Word(NamedTuple):
    """A line of text and the box that it fills, in page pixels from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float


def boxes(page):
    """Every line of text of a page."""
    renderer, high = FigureCanvasAgg(page).get_renderer(), page.get_size_inches()[1] * page.dpi
    found = []
    for artist in page.findobj(Text):
        if artist.get_text() and artist.get_visible():
            box = artist.get_window_extent(renderer)
            size = artist.get_fontsize() * page.dpi / 72
            found.append(Word(artist.get_text(), box.x0, high - box.y1, box.x1, high - box.y0, size))
    return found


def words(page):
    return [word.text for word in boxes(page)]


def image(page):
    """The pixels of a page: (height, width, 3) int64, so that differences are signed."""
    canvas = FigureCanvasAgg(page)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def assert_readable(page):
    """All text is on the page, large enough, and touches no other."""
    wide, high = page.get_size_inches() * page.dpi
    found = boxes(page)
    for word in found:
        assert word.left >= 0 and word.top >= 0 and word.right <= wide and word.bottom <= high, word.text
        assert word.size >= SMALLEST - 1e-9, word.text
    for one, other in itertools.combinations(found, 2):
        across = min(one.right, other.right) - max(one.left, other.left)
        down = min(one.bottom, other.bottom) - max(one.top, other.top)
        assert min(across, down) <= 0.5, f"{one.text!r} lies on {other.text!r}"
    return found


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
