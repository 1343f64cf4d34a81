"""What the signs and colours on the map of a training plane mean."""

from collections.abc import Iterator, Sequence

import numpy as np

from optviz.figures.engine.clip import Box
from optviz.figures.engine.heads import ARROW, DISC, placed
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme, ramp_table
from optviz.figures.engine.wording import number
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, Picture, rectangle, rgba, shapes
from optviz.figures.ticks import spacing

MANTISSAS = (1, 3, 2, 5, 1.5, 7)  # in the order in which labels take the room there is


def ramp(losses: np.ndarray, levels: np.ndarray, box: Box, words: str, size: float, theme: Theme) -> Iterator[Item]:
    """A bar of the map's colours with the losses they stand for below it.

    Parameters
    ----------
    losses, levels : (n,) float64
        Ascending: losses on the map, and their levels of 0 to 1.
    box : (left, top, right, bottom)
        The bar with its words, in whole pixels.
    words : str
        What the bar shows, at its left end.
    size : float
        Of the font.
    theme : Theme
    """
    yield Label(box[0], box[3] + 1, words, size, theme.muted)
    left, top, right, bottom = (round(edge) for edge in (box[0] + width(words, size) + 0.8 * size, *box[1:]))
    table = ramp_table(theme.ramp, right - left)
    yield Picture(np.rint(np.tile(table, (bottom - top, 1, 1)) * 255).astype(np.uint8), left, top)
    taken: list[tuple[float, float]] = []
    decades = range(int(np.floor(np.log10(losses[0]))), int(np.ceil(np.log10(losses[-1]))) + 1)
    for value in (mantissa * 10.0**decade for mantissa in MANTISSAS for decade in decades):
        if not losses[0] <= value <= losses[-1]:
            continue
        x = left + float(np.interp(value, losses, levels)) * (right - left)
        label = number(value)
        half = width(label, size) / 2
        x = min(max(x, left + half), right - half)
        start, end = x - half - 0.5 * size, x + half + 0.5 * size
        if all(end <= other_start or start >= other_end for other_start, other_end in taken):
            taken.append((start, end))
            yield Label(x, bottom + size + 2, label, size, theme.muted, anchor="center")


def key(
    signs: Sequence[tuple[str, str]],
    left: float,
    right: float,
    baseline: float,
    size: float,
    scale: Scale,
    theme: Theme,
) -> Iterator[Item]:
    """Signs with their words, one after the other, as many as fit.

    Parameters
    ----------
    signs : sequence of (sign, words)
        A sign is ``"start"``, ``"dot"``, ``"diverged"``, ``"arrow"`` or ``"hatch"``, or the length of a line in pixels.
    left, right, baseline, size : float
    scale : Scale
    theme : Theme
    """
    ink, middle = rgba(theme.ink), baseline - 0.36 * size
    for sign, words in signs:
        wide = _wide(sign, scale)
        if left + wide + scale.length(6) + width(words, size) > right:
            return
        x = left + wide / 2
        if sign == "start":
            drawn = (placed(DISC, x, middle, scale.length(4.6)), ink, NONE, scale.length(1.8))
        elif sign == "dot":
            drawn = (placed(DISC, x, middle, scale.length(2.6)), NONE, ink, 0.0)
        elif sign == "diverged":
            drawn = (placed(DISC, x, middle, scale.length(4.6)), rgba(theme.bad), NONE, scale.length(1.8))
        elif sign == "arrow":
            drawn = (placed(ARROW, x, middle, scale.length(5)), NONE, ink, 0.0)
        elif sign == "hatch":
            half = scale.length(4.5)
            slants = [[(x + k - half, middle + half), (x + k + half, middle - half)] for k in (-half, 0, half)]
            hair = rgba(theme.muted), NONE, max(1.0, scale.length(1))
            box = x - wide / 2, middle - half, x + wide / 2, middle + half
            yield shapes([(Outline(np.array(line)), *hair) for line in slants], clip=box)
            drawn = (rectangle(box), rgba(theme.muted, 0.6), NONE, hair[2])
        else:
            tick = scale.length(3)
            line = [
                (left, -tick),
                (left, tick),
                (left, 0.0),
                (left + wide, 0.0),
                (left + wide, tick),
                (left + wide, -tick),
            ]
            drawn = (Outline(np.array(line) + (0.0, middle)), ink, NONE, max(1.0, scale.length(1.4)))
        yield shapes([drawn])
        left += wide + scale.length(6)
        yield Label(left, baseline, words, size, theme.muted)
        left += width(words, size) + scale.length(14)


def length(pixels: float, most: float) -> tuple[str, str]:
    """A sign for `key`: the longest round distance that is at most so many pixels long.

    Parameters
    ----------
    pixels : float
        Of one unit of distance.
    most : float
    """
    distance = spacing(most / pixels, 1, (1, 2, 5, 10))
    distance = distance if distance * pixels <= most * (1 + 1e-9) else spacing(0.4 * most / pixels, 1, (1, 2, 5, 10))
    return str(distance * pixels), f"{number(distance)} between weights"


def _wide(sign: str, scale: Scale) -> float:
    return scale.length(11) if sign.isalpha() else float(sign)
