"""Every function and every optimizer: the share of starts solved as a colour, and the median steps as a number."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine import heads, text
from optviz.figures.engine.clip import Box
from optviz.figures.engine.contrast import readable
from optviz.figures.engine.theme import Theme, ramp_table, rgb
from optviz.figures.layout import Scale
from optviz.figures.page import Item, Label, Picture, rgba, shapes
from optviz.figures.sheet import RADIUS, RING
from optviz.figures.study_sheet import Look, share, steps_in_short
from optviz.results.study import Study
from optviz.results.study_steps import ratios, steps_to_target

NAMES = 0.36  # of the width, for the names of functions at most
STRENGTH = 0.52  # of the colour for everything: text on it stays readable, and heads stand out
DIVERGED = 0.5  # share of the runs from which on a cell says so
CROSS, NOTHING = "×", "–"


@dataclass(frozen=True)
class Matrix:
    """What stands in the cells, and where they are.

    Attributes
    ----------
    looks : sequence of Look
        The columns.
    titles : sequence of str
        The rows that fit; `left_out` says how many do not.
    solved : (rows, columns) float64
    words : (rows, columns) str
    best : (rows, columns) bool
        The fastest of each row.
    corner : (left, start, top)
        Where names start, where cells do, and the upper edge of the first row, in pixels.
    cell : (width, height)
        In whole pixels.
    small : float
        The size of all text.
    worded, named : bool
        Whether cells are wide enough for all words, and columns for the names of optimizers.
    """

    looks: Sequence[Look]
    titles: Sequence[str]
    left_out: int
    solved: np.ndarray
    words: np.ndarray
    best: np.ndarray
    corner: tuple[float, int, int]
    cell: tuple[int, int]
    small: float
    worded: bool
    named: bool


def matrix_notes(study: Study) -> list[str]:
    """What a reader of the words in the cells has to know."""
    lost = ((study.diverged > 0).mean(axis=2) >= DIVERGED).any()
    return [
        "number: median steps to the last target, bold for the fastest",
        "percent: solved, where half of the starts or more fail",
        f"{CROSS}: half of them or more diverged" if lost else "",
    ]


def matrix_head(scale: Scale) -> float:
    """The height of the column heads."""
    return 2 * scale.length(RADIUS) + 8


def laid_out(study: Study, looks: Sequence[Look], box: Box, scale: Scale, most: tuple[float, float]) -> Matrix:
    """The matrix in `box`, optimizers in the order of `looks`, with cells of at most so many pixels."""
    left, top, right, bottom = box
    small, titles = scale.font(12), study.function_titles
    first = round(top + matrix_head(scale))
    fitting = int((bottom - first) / (small + 3))
    rows = len(titles) if fitting >= len(titles) else max(fitting - 1, 0)
    lines = max(1, rows + (rows < len(titles)))
    columns = [look.overall.index for look in looks]
    found, diverged = steps_to_target(study.reached, study.steps), (study.diverged > 0).mean(axis=2)
    facts = [part[:rows, columns] for part in (found.solved, found.median, diverged)]
    words = np.array([_words(*one) for one in zip(*(part.flat for part in facts), strict=True)], str)
    names = min(max(text.width(title, small) for title in titles), NAMES * (right - left))
    start = math.ceil(left + names + 8)
    wide = int(min((right - start) / len(looks), most[0]))
    widest = max((text.width(word, small, bold=True) for word in words.tolist()), default=0.0)
    name = max(text.width(look.title, small) for look in looks) + 2 * scale.length(RADIUS) + 5
    return Matrix(
        looks=looks,
        titles=titles[:rows],
        left_out=len(titles) - rows,
        solved=facts[0],
        words=words.reshape(facts[0].shape),
        best=ratios(study.reached, study.steps)[:rows, columns] == 1.0,
        corner=(left, start, first),
        cell=(wide, int(min((bottom - first) / lines, most[1]))),
        small=small,
        worded=widest + 4 <= wide,
        named=name <= wide - 6,
    )


def matrix(one: Matrix, scale: Scale, colours: Theme) -> Iterator[Item]:
    """Column heads, names of functions, and cells."""
    (left, start, first), (_, tall), small = one.corner, one.cell, one.small
    yield from _heads(one, scale, colours)
    for row, title in enumerate(one.titles):
        base = first + tall * (row + 0.5) + 0.36 * small
        yield Label(left, base, text.shortened(title, start - 8 - left, small), small, colours.ink)
    if one.left_out:
        base = first + tall * (len(one.titles) + 0.5) + 0.36 * small
        yield Label(left, base, f"and {one.left_out} more", small, colours.muted)
    if one.titles:
        yield from _cells(one, colours)


def key(left: float, base: float, right: float, scale: Scale, colours: Theme) -> Iterator[Item]:
    """What the colours mean, on one line."""
    small = scale.font(12)
    none, all_ = "0% of starts solved", "100%"
    room = right - left - text.width(none, small) - text.width(all_, small) - 16
    wide, tall = round(min(room, scale.length(110))), round(0.75 * small)
    first = Label(left, base, none, small, colours.muted)
    start = round(left + first.width + 8)
    pixels = np.broadcast_to(_colour(np.linspace(0, 1, wide), colours), (tall, wide, 3)).copy()
    yield from (first, Picture(pixels, start, round(base) - tall))
    yield Label(start + wide + 8, base, all_, small, colours.muted)


def _words(solved: float, median: float, diverged: float) -> str:
    if math.isfinite(median):
        return steps_in_short(median)
    if diverged >= DIVERGED:
        return CROSS
    return share(solved) if solved else NOTHING


def _colour(shares: np.ndarray, colours: Theme) -> np.ndarray:
    """(..., 3) uint8: from the panel's colour for nothing towards the colour of what arrived for everything."""
    ramp = np.round(255 * ramp_table((colours.panel, colours.good))).astype(np.uint8)
    return ramp[np.round(np.asarray(shares) * STRENGTH * (len(ramp) - 1)).astype(int)]


def _heads(one: Matrix, scale: Scale, colours: Theme) -> Iterator[Item]:
    """The head of each optimizer above its column, with its name where all names fit."""
    (_, start, first), (wide, _), small = one.corner, one.cell, one.small
    radius = min(scale.length(RADIUS), 0.42 * wide)
    middle = first - scale.length(RADIUS) - 4
    drawn = []
    for column, look in enumerate(one.looks):
        x = start + wide * (column + 0.5)
        if one.named:
            x -= (text.width(look.title, small) + 5) / 2
            yield Label(x + radius + 5, middle + 0.36 * small, look.title, small, colours.muted)
        drawn.append((heads.head(look.shape, radius).moved(x, middle), rgba(colours.rim), rgba(look.colour), RING))
    yield shapes(drawn)


def _cells(one: Matrix, colours: Theme) -> Iterator[Item]:
    """The colours, with a hairline between them, and in them the words where all can be read."""
    (_, x, y), (wide, tall) = one.corner, one.cell
    paper = _colour(one.solved, colours)
    pixels = paper.repeat(tall, axis=0).repeat(wide, axis=1)
    pixels[tall - 1 :: tall], pixels[:, wide - 1 :: wide] = rgb(colours.page), rgb(colours.page)
    yield Picture(pixels, x, y)
    if not one.worded:
        return
    ink = {CROSS: colours.bad, NOTHING: colours.muted}
    for (row, column), word in np.ndenumerate(one.words):
        middle, base = x + wide * (column + 0.5), y + tall * (row + 0.5) + 0.36 * one.small
        tone = ink.get(word) or readable(paper[row, column], colours)
        yield Label(middle, base, str(word), one.small, tone, bold=bool(one.best[row, column]), anchor="center")
