"""What the best and the worst optimizer take each class for: confusion matrices, side by side."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optviz.errors import UsageError
from optviz.figures.engine import text
from optviz.figures.engine.clip import Box
from optviz.figures.engine.contrast import readable
from optviz.figures.engine.theme import Theme, ramp_table, rgb
from optviz.figures.engine.wording import number
from optviz.figures.layout import Scale
from optviz.figures.page import Item, Label, Page, Picture
from optviz.figures.rows import caption
from optviz.figures.sheet import Look, furthest, looks, nothing, sheet
from optviz.figures.ticks import spacing
from optviz.results.comparison import Comparison

OFTEN = 12  # confusions listed at most
LEAST = 0.06  # of the ramp: the rarest error still differs from none


@dataclass(frozen=True)
class Matrix:
    """How often each class was taken for each other.

    Attributes
    ----------
    look : Look
    seeds : int
        Over how many runs the counts are summed.
    counts : (classes, classes) int64
        Rows are the true classes.
    """

    look: Look
    seeds: int
    counts: np.ndarray

    @property
    def errors(self) -> np.ndarray:
        """The share of each row's images in each cell, 0 on the diagonal: (classes, classes) float64."""
        shares = self.counts / np.maximum(1, self.counts.sum(axis=1, keepdims=True))
        np.fill_diagonal(shares, 0.0)
        return shares


def confusion_figure(comparison: Comparison, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark") -> Page:
    """Draw which classes the best and the worst optimizer take for which.

    Rows are the true classes, columns what the network takes them for. The colour is the share of the row on a scale
    that both matrices have in common; the diagonal, what is right, is muted. Counts are summed over seeds and stand
    in the cells where they can be read.

    Parameters
    ----------
    comparison : Comparison
        With predictions and labels.
    size : (width, height)
        In pixels, at least 480x360.
    theme : {"dark", "light"} or Theme

    Returns
    -------
    Page
        A matplotlib Figure.

    Raises
    ------
    UsageError
        If the comparison holds no predictions though epochs have ended, the picture cannot be drawn at this size, or
        the theme is unknown.
    """
    frame = sheet(comparison, "Confusion", _notes(comparison), size, theme)
    scale, colours = frame.scale, frame.colours
    ones = looks(comparison, colours)
    known = [one for one in (_matrix(look, comparison.labels) for look in ones) if one]
    if not known:
        if any(not run.diverged_at for run in comparison.runs if run.epochs):
            raise UsageError("this comparison holds no predictions", "It is older than they are; run it again.")
        frame.say(nothing(comparison))
        return frame.page
    shown = known if len(known) == 1 else [known[0], known[-1]]
    most = max(float(one.errors.max()) for one in shown)
    left, top, right, bottom = frame.box
    small, gap = scale.font(12), scale.length(24)
    frame.page.add(_key(most, left, bottom - 0.3 * small, scale, colours) if most else [])
    bottom -= small + scale.length(14)
    width = (right - left - gap * (len(shown) - 1)) / len(shown)
    for column, (one, place) in enumerate(zip(shown, ("best: ", "worst: ") if len(shown) > 1 else ("",), strict=True)):
        edge = left + column * (width + gap)
        frame.page.add(_block(one, place, most, (edge, top, edge + width, bottom), scale, colours))
    return frame.page


def _notes(comparison: Comparison) -> list[str]:
    seeds = len({run.seed for run in comparison.runs})
    well = {run.optimizer for run in comparison.runs if run.diverged_at is None}
    lost = dict.fromkeys(run.title for run in comparison.runs if run.optimizer not in well)
    return [
        "rows: the true class",
        "columns: what it is taken for",
        f"counts: sums over {seeds} seeds" if seeds > 1 else "one seed",
        "diagonal, muted: right",
        f"left out, diverged: {', '.join(lost)}" if lost else "",
    ]


def _matrix(look: Look, labels: np.ndarray) -> Matrix | None:
    """The confusions of the runs that have not diverged, where there are any."""
    runs = [run for run in furthest(look.summary) if run.diverged_at is None and len(run.predictions) == len(labels)]
    if not runs or not len(labels):
        return None
    classes = 1 + max(int(array.max()) for array in (labels, *(run.predictions for run in runs)))
    cells = np.concatenate([labels.astype(np.int64) * classes + run.predictions for run in runs])
    return Matrix(look, len(runs), np.bincount(cells, minlength=classes**2).reshape(classes, classes))


def _colour(shares: np.ndarray, most: float, colours: Theme) -> np.ndarray:
    """(..., 3) uint8: from the panel's colour for 0, in the square root, up to the colour of what went wrong."""
    strength = np.sqrt(shares / most) if most else np.zeros_like(shares)
    strength = np.where(shares > 0, LEAST + (1 - LEAST) * strength, 0.0)
    ramp = np.round(255 * ramp_table((colours.panel, colours.bad))).astype(np.uint8)
    return ramp[np.round(strength * (len(ramp) - 1)).astype(int)]


def _key(most: float, left: float, base: float, scale: Scale, colours: Theme) -> Iterator[Item]:
    """The colours of shares, up to the most frequent error."""
    small = scale.font(12)
    first = Label(left, base, "0%", small, colours.muted)
    yield first
    start, wide, tall = round(first.left + first.width + 8), round(scale.length(120)), round(0.8 * small)
    strip = _colour(np.linspace(0, 1, wide) ** 2 * most, most, colours)
    yield Picture(np.broadcast_to(strip, (tall, wide, 3)).copy(), start, round(base) - tall)
    words = f"{number(100 * most, 2)}% of the row, on a square root scale"
    yield Label(start + wide + 8, base, words, small, colours.muted)


def _block(one: Matrix, place: str, most: float, box: Box, scale: Scale, colours: Theme) -> Iterator[Item]:
    """One optimizer: heading, matrix, and its most frequent confusions beside or below it."""
    left, top, right, bottom = box
    small, classes = scale.font(12), len(one.counts)
    first = top + 2 * small + scale.length(24)  # the matrix's first row
    start = math.ceil(left + text.width(str(classes - 1), small) + 6)
    room = min(right - start, bottom - first - 3.6 * small)
    pooled = math.ceil(classes / room)  # cells smaller than a pixel are drawn several at a time
    cells = math.ceil(classes / pooled)
    cell = int(room / cells)
    side = cell * cells

    wrong, all_ = int(one.counts.sum() - np.trace(one.counts)), int(one.counts.sum())
    words = [f"{place}{wrong:,} of {all_:,} wrong"]
    words += [f"{one.seeds} of {one.look.summary.runs} seeds"] if one.seeds < one.look.summary.runs else []
    words += [f"{pooled}×{pooled} cells a pixel"] if pooled > 1 else []
    mark = one.look.colour, one.look.shape, one.look.summary.first.title
    heading = left, top, right, first - scale.length(6)
    yield from caption(mark, f"{1 - wrong / all_:.2%}", words, heading, start + side, scale, colours)
    yield _picture(one, most, pooled, cell, (start, round(first)), colours)
    yield from _labels(classes, cell / pooled, (start, round(first)), side, small, colours)
    if pooled == 1:
        yield from _counts(one, most, cell, (start, round(first)), small, colours)
    yield from _often(one, (left, start, start + side, right), (round(first), bottom), small, colours)


def _picture(one: Matrix, most: float, pooled: int, cell: int, corner: tuple[int, int], colours: Theme) -> Picture:
    classes = len(one.counts)
    pad = -classes % pooled
    errors = np.pad(one.errors, (0, pad)).reshape((classes + pad) // pooled, pooled, -1, pooled).max(axis=(1, 3))
    pixels = _colour(errors, most, colours)
    diagonal = np.arange(len(pixels))
    if pooled == 1:
        pixels[diagonal, diagonal] = rgb(colours.grid)
    pixels = pixels.repeat(cell, axis=0).repeat(cell, axis=1)
    if cell >= 8:  # a hairline between cells
        pixels[cell - 1 :: cell], pixels[:, cell - 1 :: cell] = rgb(colours.page), rgb(colours.page)
    return Picture(pixels, *corner)


def _labels(
    classes: int, cell: float, corner: tuple[int, int], side: int, small: float, colours: Theme
) -> Iterator[Label]:
    """The classes, on the left and below; where they are many, some of them."""
    left, top = corner
    widest = text.width(str(classes - 1), small)
    rows, columns = (_every(classes, int(side / room)) for room in (1.3 * small, widest + 0.7 * small))
    for label in range(0, classes, rows):
        y = top + cell * (label + 0.5) + 0.36 * small
        yield Label(left - 6, y, str(label), small, colours.muted, anchor="right")
    for label in range(0, classes, columns):
        yield Label(
            left + cell * (label + 0.5), top + side + small + 2, str(label), small, colours.muted, anchor="center"
        )


def _every(classes: int, fitting: int) -> int:
    """The round step at which labels of classes fit."""
    return max(1, round(spacing(classes, fitting)))


def _counts(
    one: Matrix, most: float, cell: int, corner: tuple[int, int], small: float, colours: Theme
) -> Iterator[Label]:
    """The counts, where all errors can be read; those of the diagonal only where they have room too."""
    right = np.eye(len(one.counts), dtype=bool)
    widest = {kind: text.width(str(one.counts[right == kind].max(initial=0)), small) + 2 for kind in (False, True)}
    if widest[False] > cell or 1.3 * small > cell:
        return
    paper = _colour(one.errors, most, colours)
    for row, column in np.argwhere(one.counts > 0).tolist():
        if widest[row == column] > cell:
            continue
        x, y = corner[0] + cell * (column + 0.5), corner[1] + cell * (row + 0.5) + 0.36 * small
        ink = colours.muted if row == column else readable(paper[row, column], colours)
        yield Label(x, y, str(one.counts[row, column]), small, ink, anchor="center")


def _often(
    one: Matrix, columns: tuple[float, float, float, float], rows: tuple[float, float], small: float, colours: Theme
) -> Iterator[Label]:
    """The most frequent confusions: a list beside the matrix where there is room, a line below it where not."""
    left, start, side, right = columns
    top, bottom = rows
    wrong = one.counts * ~np.eye(len(one.counts), dtype=bool)
    order = np.argsort(-wrong, axis=None, kind="stable")[:OFTEN]
    pairs = [(*divmod(int(at), len(wrong)), int(wrong.flat[at])) for at in order if wrong.flat[at]]
    words = [f"{true} → {taken}  {count:,}×" for true, taken, count in pairs]
    if not words:
        return
    if right - side >= max(text.width(line, small) for line in ("most often", *words)) + 1.5 * small:
        fitting = int((bottom - top) / (1.5 * small)) - 1
        for row, line in enumerate(["most often", *words[:fitting]]):
            yield Label(
                side + 1.2 * small, top + (1.5 * row + 1) * small, line, small, colours.ink if row else colours.muted
            )
        return
    lines = text.wrapped(" · ".join(["most often", *words]).replace(" · ", " ", 1), right - left, small, " · ")
    first = top + side - start + 2.9 * small
    for row, line in enumerate(lines[: int((bottom - first) / (1.35 * small)) + 1]):
        yield Label(left, first + 1.35 * row * small, line, small, colours.muted)
