"""What the best and the worst optimizer take each class for: confusion matrices, side by side."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optviz.errors import UsageError
from optviz.figures.comparison import Caption, compared, entered, finished, furthest, style_of
from optviz.figures.engine import text
from optviz.figures.engine.axis import COUNTS, Axis
from optviz.figures.engine.boxes import Block, Column, Row
from optviz.figures.engine.clip import Box
from optviz.figures.engine.contrast import readable
from optviz.figures.engine.items import Item, Label, Picture
from optviz.figures.engine.key import Entry, Flow
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
    shown = {"best: ": known[0], "worst: ": known[-1]} if len(known) > 1 else dict(zip([""], known, strict=False))
    most = max((float(one.errors.max()) for one in shown.values()), default=0.0)
    matrices = Row(*(_column(one, place, most, style) for place, one in shown.items()), gap=style.length(24))
    body = Column(matrices, *[_shares(most, style)] * bool(most), gap=style.length(10))
    return compared(comparison, "Confusion", _notes(comparison), size, style, body if shown else None)


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


def _shares(most: float, style: Style) -> Flow:
    """The colours of shares, up to the most frequent error, on one line."""
    wide, tall = round(style.length(120)), round(0.8 * style.small)
    strip = _colours(np.linspace(0, 1, wide) ** 2 * most, most, style.theme)[None].repeat(tall, axis=0)
    words = f"{number(100 * most, 2)}% of the row, on a square root scale"

    def sign(x: float, y: float, _: Style) -> list[Item]:
        return [Picture(strip, round(x - wide / 2), round(y - tall / 2))]

    return Flow([Entry(("0%",)), Entry((words,), sign, wide=wide + 6 - style.length(2 * Flow.BEFORE))], style)


def _column(confusion: Confusion, place: str, most: float, style: Style) -> Column:
    """One optimizer: caption and matrix, with what it confuses most often."""
    matrix, started = Matrix(confusion, most, style), confusion.row.runs
    wrong, tested = int(confusion.wrong.sum()), int(confusion.counts.sum())

    def facts() -> list[str]:
        pooled = math.ceil(len(confusion.counts) / matrix.panel.size[0])
        found = f"{place}{wrong:,} of {tested:,} wrong", f"{confusion.seeds} of {started} seeds"
        return [*found[: 1 + (confusion.seeds < started)], *[f"{pooled}×{pooled} cells a pixel"] * (pooled > 1)]

    caption = Caption(confusion.entrant, f"{1 - wrong / tested:.2%}", facts, style, over=matrix.panel)
    return Column(caption, matrix)


class Matrix(Block):
    """The matrix, and its most frequent confusions: a list beside it where there is room, lines below it where not."""

    def __init__(self, confusion: Confusion, most: float, style: Style):
        self.style, classes = style, len(confusion.counts)
        x, y = Axis(-0.5, classes - 0.5, COUNTS), Axis(classes - 0.5, -0.5, COUNTS)
        frame = Frame(grid="xy", widest=str(classes - 1))  # rules below the cells
        self.panel = Panel(x, y, style, [Cells(confusion, most)], frame=frame, aspect=1.0, name="matrix")
        order = np.argsort(-confusion.wrong, axis=None, kind="stable")[:OFTEN]
        pairs = [(*divmod(int(at), classes), int(confusion.wrong.flat[at])) for at in order]
        self._often = [f"{true} → {taken}  {count:,}×" for true, taken, count in pairs if count]

    def place(self, box: Box) -> None:
        self.box = left, top, right, bottom = box
        self.panel.place((left, top, right, bottom - 1.4 * self.style.small))

    def parts(self) -> Iterator[Block]:
        yield from (self, self.panel)

    def still(self) -> Iterator[Item]:
        (left, _, right, bottom), (_, top, side, foot) = self.box, self.panel.box
        small, pitch, theme = self.style.small, self.style.pitch, self.style.theme
        wide = max((text.width(words, small) for words in ("most often", *self._often)), default=0.0)
        if right - side >= wide + 1.5 * small:
            x, first, words = side + 1.2 * small, top + small, ["most often", *self._often]
        else:
            x, first = left, foot + self.panel.below + 1.5 * small
            words = text.wrapped(
                " · ".join(["most often", *self._often]).replace(" · ", " ", 1), right - x, small, " · "
            )
        for row, said in enumerate(words[: int((bottom + 0.3 * small - first) / pitch) + 1] if self._often else ()):
            ink = theme.ink if row and x > side else theme.muted
            yield Label(x, first + pitch * row, said, small, ink)


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
