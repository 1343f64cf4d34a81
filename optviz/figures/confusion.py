"""What the best and the worst optimizer take each class for: confusion matrices, side by side."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optviz.errors import UsageError
from optviz.figures.comparison import Caption, compared, entered, finished, furthest, nothing, style_of
from optviz.figures.engine import text
from optviz.figures.engine.axis import COUNTS, Axis
from optviz.figures.engine.boxes import Block, Column, Row
from optviz.figures.engine.clip import Box
from optviz.figures.engine.contrast import readable
from optviz.figures.engine.items import Item, Label, Picture
from optviz.figures.engine.key import Words
from optviz.figures.engine.painter import Page
from optviz.figures.engine.panel import Frame, Mark, Panel
from optviz.figures.engine.style import USUAL, Entrant, Style
from optviz.figures.engine.theme import Theme, ramp_table, rgb
from optviz.figures.engine.wording import number
from optviz.results.comparison import Comparison
from optviz.results.training_seeds import Summary

OFTEN = 12  # confusions listed at most
LEAST = 0.06  # of the ramp: the rarest error still differs from none
HAIRLINE = 8  # px of a cell from which on a line parts it from others


@dataclass(frozen=True)
class Confusion:
    """How often each class was taken for each other.

    Attributes
    ----------
    entrant : Entrant
    row : Summary
    seeds : int
        Over how many runs the counts are summed.
    counts : (classes, classes) int64
        Rows are the true classes.
    """

    entrant: Entrant
    row: Summary
    seeds: int
    counts: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        """The counts of what is wrong, 0 on the diagonal: (classes, classes) int64."""
        return self.counts * ~np.eye(len(self.counts), dtype=bool)

    @property
    def errors(self) -> np.ndarray:
        """The share of each row's images in each cell, 0 on the diagonal: (classes, classes) float64."""
        return self.wrong / np.maximum(1, self.counts.sum(axis=1, keepdims=True))


def confusion_figure(comparison: Comparison, size: tuple[int, int] = USUAL, theme: str | Theme = "dark") -> Page:
    """Draw which classes the best and the worst optimizer take for which.

    Rows are the true classes, columns what the network takes them for. The colour is the share of the row on a scale
    that both matrices have in common; the diagonal, what is right, is muted. Counts are summed over seeds and stand
    in the cells where they can be read. Parameters and errors as for `optviz.figure`.

    Raises
    ------
    UsageError
        If the comparison holds no predictions though epochs have ended.
    """
    style = style_of(size, theme)
    each = entered(comparison, style.theme)
    ranked = [_confusion(each[row.first.optimizer], row, comparison.labels) for row in comparison.ranked()]
    known = [one for one in ranked if one]
    if not known and finished(comparison):
        raise UsageError("this comparison holds no predictions", "It is older than they are; run it again.")
    body: Block = Words(nothing(comparison), style, size=15, centred=True)
    if known:
        shown = {"": known[0]} if len(known) == 1 else {"best: ": known[0], "worst: ": known[-1]}
        most = max(float(one.errors.max()) for one in shown.values())
        matrices = Row(*(Matrix(one, place, most, style) for place, one in shown.items()), gap=style.length(24))
        body = Column(matrices, *[Shades(most, style)] * bool(most), gap=style.length(10))
    return compared(comparison, "Confusion", _notes(comparison), size, style, body)


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


def _confusion(entrant: Entrant, row: Summary, labels: np.ndarray) -> Confusion | None:
    """The confusions of the runs that have not diverged, where there are any."""
    runs = [run for run in furthest(row) if run.diverged_at is None and len(run.predictions) == len(labels)]
    if not runs or not len(labels):
        return None
    classes = 1 + max(int(array.max()) for array in (labels, *(run.predictions for run in runs)))
    cells = np.concatenate([labels.astype(np.int64) * classes + run.predictions for run in runs])
    return Confusion(entrant, row, len(runs), np.bincount(cells, minlength=classes**2).reshape(classes, classes))


def _colours(shares: np.ndarray, most: float, theme: Theme) -> np.ndarray:
    """(..., 3) uint8: from the panel's colour for 0, in the square root, up to the colour of what went wrong."""
    strength = np.sqrt(shares / most) if most else np.zeros_like(shares)
    strength = np.where(shares > 0, LEAST + (1 - LEAST) * strength, 0.0)
    ramp = np.round(255 * ramp_table((theme.panel, theme.bad))).astype(np.uint8)
    return ramp[np.round(strength * (len(ramp) - 1)).astype(int)]


class Matrix(Block):
    """One optimizer: caption, matrix, and its most frequent confusions beside or below it."""

    def __init__(self, confusion: Confusion, place: str, most: float, style: Style):
        self._confusion, self.style, classes = confusion, style, len(confusion.counts)
        ends = Axis(-0.5, classes - 0.5, COUNTS), Axis(classes - 0.5, -0.5, COUNTS)
        frame = Frame(grid="xy", widest=str(classes - 1))  # below the cells
        self.panel = Panel(*ends, style, [Cells(confusion, most)], frame=frame, aspect=1.0, name="matrix")
        wrong, tested = int(confusion.wrong.sum()), int(confusion.counts.sum())
        self._words, started = [f"{place}{wrong:,} of {tested:,} wrong"], confusion.row.runs
        self._words += [f"{confusion.seeds} of {started} seeds"] if confusion.seeds < started else []
        self._accuracy = f"{1 - wrong / tested:.2%}"
        order = np.argsort(-confusion.wrong, axis=None, kind="stable")[:OFTEN]
        pairs = [(*divmod(int(at), classes), int(confusion.wrong.flat[at])) for at in order]
        self._often = [f"{true} → {taken}  {count:,}×" for true, taken, count in pairs if count]

    def place(self, box: Box) -> None:
        self.box = left, top, right, bottom = box
        style, small, classes = self.style, self.style.small, len(self._confusion.counts)
        high = Caption(self._confusion.entrant, "", [], style).heights(right - left)[0]
        self.panel.place((left, top + high, right, bottom - 1.4 * small))
        pooled = math.ceil(classes / self.panel.size[0])
        words = self._words + [f"{pooled}×{pooled} cells a pixel"] * (pooled > 1)
        self._caption = Caption(self._confusion.entrant, self._accuracy, words, style, over=self.panel)
        self._caption.place((left, top, right, top + high))

    def parts(self) -> Iterator[Block]:
        yield from (self, self._caption, self.panel)

    def still(self) -> Iterator[Item]:
        """The most frequent confusions: a list beside the matrix where there is room, a line below it where not."""
        if not self._often:
            return
        (left, _, right, bottom), (_, top, side, foot) = self.box, self.panel.box
        small, theme = self.style.small, self.style.theme
        if right - side >= max(text.width(words, small) for words in ("most often", *self._often)) + 1.5 * small:
            fitting = int((bottom - top) / (1.5 * small)) - 1
            for row, words in enumerate(["most often", *self._often[:fitting]]):
                base = top + (1.5 * row + 1) * small
                yield Label(side + 1.2 * small, base, words, small, theme.ink if row else theme.muted)
            return
        lines = text.wrapped(" · ".join([f"most often {self._often[0]}", *self._often[1:]]), right - left, small, " · ")
        first = foot + self.panel.below + 1.5 * small
        for row, words in enumerate(lines[: int((bottom + 0.3 * small - first) / self.style.pitch) + 1]):
            yield Label(left, first + self.style.pitch * row, words, small, theme.muted)


class Cells(Mark):
    """The colours of a matrix, and the counts in its cells."""

    def __init__(self, confusion: Confusion, most: float):
        self._confusion, self._most = confusion, most

    def still(self) -> Iterator[Item]:
        yield self.panel.shown(self._pixels)
        yield from self._counts()

    def _pixels(self, size: tuple[int, int]) -> np.ndarray:
        """The matrix with hairlines between cells; of cells smaller than a pixel the worst in each."""
        theme, side, classes = self.panel.style.theme, size[0], len(self._confusion.counts)
        pooled = math.ceil(classes / side)
        cells = -classes % pooled
        errors = np.pad(self._confusion.errors, (0, cells)).reshape((classes + cells) // pooled, pooled, -1, pooled)
        colours = _colours(errors.max(axis=(1, 3)), self._most, theme)
        if pooled == 1:
            colours[np.diag_indices(classes)] = rgb(theme.grid)
        cell = np.arange(side) * len(colours) // side
        pixels = colours[cell][:, cell]
        if side >= HAIRLINE * classes:
            last = np.diff(cell, append=len(colours)) > 0
            pixels[last], pixels[:, last] = rgb(theme.page), rgb(theme.page)
        return pixels

    def _counts(self) -> Iterator[Label]:
        """The counts, where all errors can be read; those of the diagonal only where they have room too."""
        counts, theme, small = self._confusion.counts, self.panel.style.theme, self.panel.style.small
        right, cell = np.eye(len(counts), dtype=bool), self.panel.size[0] / len(counts)
        widest = {kind: text.width(str(counts[right == kind].max(initial=0)), small) + 2 for kind in (False, True)}
        if widest[False] > cell or 1.3 * small > cell:
            return
        paper = _colours(self._confusion.errors, self._most, theme)
        for row, column in np.argwhere(counts > 0).tolist():
            if widest[row == column] <= cell:
                x, y = self.panel.to_page(np.array([column, row])).tolist()
                ink = theme.muted if row == column else readable(paper[row, column], theme)
                yield Label(x, y + 0.36 * small, str(counts[row, column]), small, ink, anchor="center")


class Shades(Block):
    """The colours of shares, up to the most frequent error, on one line."""

    weight = 0.0

    def __init__(self, most: float, style: Style):
        self._most, self.style = most, style

    def heights(self, width: float) -> tuple[float, float]:
        return 1.2 * self.style.small, 1.2 * self.style.small

    def still(self) -> Iterator[Item]:
        left, top, _, _ = self.box
        style, small, theme = self.style, self.style.small, self.style.theme
        base, ends = top + small, ("0%", f"{number(100 * self._most, 2)}% of the row, on a square root scale")
        start = round(left + text.width(ends[0], small) + 8)
        wide, tall = round(style.length(120)), round(0.8 * small)
        strip = _colours(np.linspace(0, 1, wide) ** 2 * self._most, self._most, theme)
        yield Picture(np.broadcast_to(strip, (tall, wide, 3)).copy(), start, round(base) - tall)
        for x, words in zip((left, start + wide + 8), ends, strict=True):
            yield Label(x, base, words, small, theme.muted)
