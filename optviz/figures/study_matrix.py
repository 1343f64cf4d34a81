"""Every function and every optimizer: the share of starts solved as a colour, and the median steps as a number."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from optviz.figures import heads, text
from optviz.figures.clip import Box
from optviz.figures.contrast import readable
from optviz.figures.layout import Scale
from optviz.figures.page import Item, Label, Picture, rgba, shapes
from optviz.figures.sheet import RADIUS, RING
from optviz.figures.study_sheet import Look, share, steps_in_short
from optviz.figures.theme import Theme, ramp_table
from optviz.study import Study
from optviz.study_summary import ratios, steps_to_target

NAMES = 0.36  # of the width, for the names of functions at most
WIDEST = 64.0  # px, of a column
DIVERGED = 0.5  # share of the runs from which on a cell says so
NOTES = (
    "number: median steps to the last target, bold for the fastest",
    "percent: solved, where half of the starts or more fail",
)
CROSS = "×: half or more diverged"


def notes(study: Study) -> list[str]:
    """What a reader of the matrix has to know."""
    return [*NOTES, *([CROSS] if (_diverged(study) >= DIVERGED).any() else [])]


def matrix_head(scale: Scale) -> float:
    """The height of the column heads."""
    return 2 * scale.length(RADIUS) + 8


def matrix(study: Study, looks: Sequence[Look], box: Box, scale: Scale, colours: Theme) -> Iterator[Item]:
    """Draw the matrix in `box`, optimizers in the order of `looks`; functions that do not fit are counted."""
    left, top, right, bottom = box
    small = scale.font(12)
    titles = list(study.function_titles)
    names = min(max(text.width(title, small) for title in titles), NAMES * (right - left))
    start = math.ceil(left + names + 8)
    wide = int(min((right - start) / len(looks), scale.length(WIDEST)))
    first = round(top + matrix_head(scale))
    fitting = int((bottom - first) / (small + 3))
    shown = titles if fitting >= len(titles) else titles[: max(fitting - 1, 0)]
    lines = len(shown) + (len(shown) < len(titles))
    tall = int(min((bottom - first) / max(lines, 1), 2 * small))
    yield from _heads(looks, start, wide, first, scale, colours)
    for row, title in enumerate(shown):
        base = first + tall * (row + 0.5) + 0.36 * small
        yield Label(left, base, text.shortened(title, start - 8 - left, small), small, colours.ink)
    if len(shown) < len(titles):
        base = first + tall * (len(shown) + 0.5) + 0.36 * small
        yield Label(left, base, f"and {len(titles) - len(shown)} more", small, colours.muted)
    if shown:
        yield from _cells(study, looks, len(shown), (start, first), (wide, tall), small, colours)


def key(left: float, base: float, right: float, scale: Scale, colours: Theme) -> Iterator[Item]:
    """What the colours mean: a strip from nothing to everything, as wide as fits between `left` and `right`."""
    small = scale.font(12)
    ends = "0% of starts solved", "100%"
    strip = right - left - sum(text.width(word, small) for word in ends) - 16
    wide, tall = round(min(strip, scale.length(110))), round(0.75 * small)
    if wide < 30:
        return
    first = Label(left, base, ends[0], small, colours.muted)
    start = round(left + first.width + 8)
    pixels = np.broadcast_to(_colour(np.linspace(0, 1, wide), colours), (tall, wide, 3)).copy()
    yield from (first, Picture(pixels, start, round(base) - tall))
    yield Label(start + wide + 8, base, ends[1], small, colours.muted)


def _diverged(study: Study) -> np.ndarray:
    return (study.diverged > 0).mean(axis=2)


def _colour(shares: np.ndarray, colours: Theme) -> np.ndarray:
    """(..., 3) uint8: from the panel's colour for nothing to the ramp's far end for everything."""
    ramp = np.round(255 * ramp_table((colours.panel, *colours.ramp[1:]))).astype(np.uint8)
    return ramp[np.round(np.asarray(shares) * (len(ramp) - 1)).astype(int)]


def _heads(looks: Sequence[Look], start: int, wide: int, first: int, scale: Scale, colours: Theme) -> Iterator[Item]:
    """The head of each optimizer above its column, with its name where all names fit."""
    small, radius = scale.font(12), min(scale.length(RADIUS), 0.42 * wide)
    middle = first - scale.length(RADIUS) - 4
    sizes = [text.width(look.title, small) + 2 * radius + 5 for look in looks]
    named = max(sizes) <= wide - 4
    drawn = []
    for column, (look, size) in enumerate(zip(looks, sizes, strict=True)):
        x = start + wide * (column + 0.5)
        if named:
            x -= size / 2 - radius
            yield Label(x + radius + 5, middle + 0.36 * small, look.title, small, colours.muted)
        drawn.append((heads.head(look.shape, radius).moved(x, middle), rgba(colours.rim), rgba(look.colour), RING))
    yield shapes(drawn)


def _cells(
    study: Study,
    looks: Sequence[Look],
    shown: int,
    corner: tuple[int, int],
    cell: tuple[int, int],
    small: float,
    colours: Theme,
) -> Iterator[Item]:
    """The colours, and in them the words where all can be read."""
    columns = [look.overall.index for look in looks]
    found, best, diverged = steps_to_target(study), ratios(study)[:shown, columns] == 1.0, _diverged(study)
    solved, median, lost = (part[:shown, columns] for part in (found.solved, found.median, diverged))
    paper = _colour(solved, colours)
    (x, y), (wide, tall) = corner, cell
    pixels = paper.repeat(tall, axis=0).repeat(wide, axis=1)
    hair = np.array([int(colours.page[at : at + 2], 16) for at in (1, 3, 5)], np.uint8)
    pixels[tall - 1 :: tall], pixels[:, wide - 1 :: wide] = hair, hair
    yield Picture(pixels, x, y)
    words = [[_words(*facts) for facts in zip(*rows, strict=True)] for rows in zip(solved, median, lost, strict=True)]
    widest = max(text.width(word, small, bold=bool(best[at])) for at, word in np.ndenumerate(np.array(words)))
    if widest + 4 > wide:
        return
    for at, word in np.ndenumerate(np.array(words)):
        row, column = at
        ink = colours.bad if word == "×" else colours.muted if word == "–" else readable(paper[at], colours)
        middle, base = x + wide * (column + 0.5), y + tall * (row + 0.5) + 0.36 * small
        yield Label(middle, base, str(word), small, ink, bold=bool(best[at]), anchor="center")


def _words(solved: float, median: float, diverged: float) -> str:
    if np.isfinite(median):
        return steps_in_short(median)
    if diverged >= DIVERGED:
        return "×"
    return share(solved) if solved else "–"
