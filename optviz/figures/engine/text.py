"""Measured text: widths, shortening and wrapping, so that no position in a picture rests on a guess."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import matplotlib
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties, get_font

from optviz.errors import printable
from optviz.style import OURS

DPI = 100
SMALLEST = 12  # px; anything smaller does not survive a palette of 255 colours
MISSING = "□"
CAP_HEIGHT = 0.73  # of the font size, DejaVu Sans
DIGITS = frozenset("0123456789.−×<⁰¹²³⁴⁵⁶⁷⁸⁹⁻")  # texts of these alone are put together from single glyphs
_FILES = {
    (False, False): "DejaVuSans.ttf",
    (True, False): "DejaVuSans-Bold.ttf",
    (False, True): "DejaVuSans-Oblique.ttf",
    (True, True): "DejaVuSans-BoldOblique.ttf",
}


@lru_cache(maxsize=256)
@OURS
def font(size: float, bold: bool = False, italic: bool = False) -> FontProperties:
    """DejaVu Sans as matplotlib ships it, whatever fonts this machine has; `size` in pixels. Not to be changed."""
    return FontProperties(fname=_file(bold, italic), size=size * 72 / DPI)


@lru_cache(maxsize=8192)
def drawable(text: str, bold: bool = False, italic: bool = False) -> str:
    """`text` as it can be drawn: `printable`, and a white square for each character that DejaVu Sans lacks.

    A font of this machine might have it, and another machine would draw another picture.
    """
    text = printable(text)
    if text.isascii():
        return text
    glyphs = get_font(str(_file(bold, italic)))
    return "".join(letter if letter.isascii() or glyphs.get_char_index(ord(letter)) else MISSING for letter in text)


def _file(bold: bool, italic: bool) -> Path:
    return Path(matplotlib.get_data_path(), "fonts", "ttf", _FILES[bold, italic])


def width(text: str, size: float, bold: bool = False, italic: bool = False) -> float:
    """The width of a line of text in pixels."""
    if DIGITS.issuperset(text):
        return sum(advance(glyph, size, bold, italic) for glyph in text)
    return _measured(text, size, bold, italic)


@lru_cache(maxsize=1024)
def advance(text: str, size: float, bold: bool, italic: bool) -> float:
    """How far the pen moves over a text: what one more copy of it adds to a line."""
    return _measured(text * 2, size, bold, italic) - _measured(text, size, bold, italic)


@lru_cache(maxsize=8192)
@OURS
def _measured(text: str, size: float, bold: bool, italic: bool) -> float:
    return RendererAgg(1, 1, DPI).get_text_width_height_descent(
        drawable(text, bold, italic), font(size, bold, italic), False
    )[0]


def shortened(text: str, room: float, size: float, bold: bool = False) -> str:
    """`text`, or as much of it as fits into `room` pixels with an ellipsis at the end."""
    text = drawable(text, bold)
    if width(text, size, bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + "…", size, bold) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def chosen(choices: Sequence[str], room: float, sizes: Sequence[float], bold: bool = False) -> tuple[str, float]:
    """The first of `choices` that fits into `room` pixels at one of `sizes`, and that size; or the last, shortened."""
    for words in choices:
        for size in sizes:
            if width(words, size, bold) <= room:
                return words, size
    return shortened(choices[-1], room, sizes[-1], bold), sizes[-1]


def leading(parts: Sequence[str], room: float, size: float) -> str:
    """As many parts, from the first on, as fit into `room` pixels on one line."""
    for count in range(len(parts), 0, -1):
        if width(words := " · ".join(parts[:count]), size) <= room:
            return words
    return ""


def fitted(text: str, room: float, sizes: tuple[float, ...], bold: bool = False) -> tuple[str, float]:
    """`text` at the first of `sizes` at which it fits into `room` pixels; shortened at the last one if at none."""
    for size in sizes:
        if width(text, size, bold) <= room:
            return text, size
    return shortened(text, room, sizes[-1], bold), sizes[-1]


def wrapped(text: str, room: float, size: float, separator: str = " ") -> list[str]:
    """`text` in lines of at most `room` pixels, broken at `separator`, inside a piece at spaces where it must be."""
    text = drawable(text)
    lines: list[str] = []
    for piece in text.split(separator):
        joined = f"{lines[-1]}{separator}{piece}" if lines else piece
        if lines and width(joined, size) <= room:
            lines[-1] = joined
        elif width(piece, size) <= room:
            lines.append(piece)
        elif separator != " ":
            lines += wrapped(piece, room, size)
        else:
            lines.append(shortened(piece, room, size))
    return lines
