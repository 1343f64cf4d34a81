"""Optimizers that train one network: accuracy and loss by epoch, step and second, with the final order as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optviz.figures.comparison import column, compared, entered, furthest, nothing, style_of
from optviz.figures.engine import text
from optviz.figures.engine.axis import COUNTS, EFFORT, LEAST_SPAN, LINEAR, LOG, Axis, parted, spanned
from optviz.figures.engine.boxes import Block, Column, Either, Row
from optviz.figures.engine.clip import Box
from optviz.figures.engine.declutter import declutter
from optviz.figures.engine.heads import head
from optviz.figures.engine.items import Item, Outline, closed, fill, line, rgba, shapes, stroke
from optviz.figures.engine.key import Words
from optviz.figures.engine.painter import Page
from optviz.figures.engine.panel import CHART, Mark, Panel
from optviz.figures.engine.style import RADIUS, USUAL, Entrant, Style
from optviz.figures.engine.table import fixed
from optviz.figures.engine.theme import Theme
from optviz.figures.training_table import cells
from optviz.results.comparison import Comparison
from optviz.results.training_run import stretch_ends
from optviz.results.training_seeds import Summary

LINE, BAND = 2.0, 0.18  # px, and opacity
HEADS, STRIP = 28.0, 14.0  # px on the right of a panel: with a column of heads, and without
NARROW = 340.0  # px: panels by second stand beside the others where at least this much is left for both
ROW = 70.0  # px of a row of the table at most


@dataclass(frozen=True)
class Curve:
    """How a quantity went, over seeds.

    Attributes
    ----------
    entrant : Entrant
    row : Summary
    at : (n,) float64
        When, in epochs.
    mean, low, high : (n,) float64
    """

    entrant: Entrant
    row: Summary
    at: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def along(self, unit: str, steps: int) -> np.ndarray:
        """When, in epochs, steps or seconds: (n,) float64."""
        if unit == "second":
            seconds = self.row.seconds.mean
            return np.interp(self.at, np.arange(len(seconds) + 1), np.concatenate([[0.0], seconds]))
        return self.at * steps if unit == "step" else self.at


def training_figure(comparison: Comparison, size: tuple[int, int] = USUAL, theme: str | Theme = "dark") -> Page:
    """Draw how the optimizers of a comparison train the network; parameters and errors as for `optviz.figure`.

    Four panels show test accuracy by epoch and by second, and training loss by step and by second; a line is the mean
    over seeds, its band reaches from the lowest seed to the highest. Accuracy stands on a logarithmic axis of the
    error, because near 1 it is the error that tells runs apart; steps stand on a logarithmic axis, because most
    happens in the first of them. The table gives the final order with each learning rate. Small pictures leave out
    the panels by second, as do those of comparisons without times; the loss of comparisons that do not know it within
    epochs is shown by epoch.
    """
    style, ranked = style_of(size, theme), comparison.ranked()
    each = entered(comparison, style.theme)
    rows = [cells(row, each[row.first.optimizer], comparison.epochs) for row in ranked]
    ended = [(each[row.first.optimizer], row) for row in ranked if row.epochs]

    def body(box: Box) -> Block:
        wide = column(size, style)
        headings = "optimizer", "test accuracy", "lr"
        tables = [fixed(rows, style, headings, two=True, most=ROW), fixed(rows, style, headings, two=False)]
        curves: Block = Words(nothing(comparison), style, size=15, centred=True)
        if ended:
            curves = _panels(comparison, ended, (*box[:2], box[2] - wide, box[3]), style)
        beside = Column(Either(*tables), width=wide, weight=0.0)
        return Row(curves, beside, gap=style.length(8)) if rows else curves

    return compared(comparison, "Training", _notes(comparison), size, style, body)


def _notes(comparison: Comparison) -> list[str]:
    seeds = sorted({run.seed for run in comparison.runs})
    notes = [f"one seed ({seeds[0] if seeds else 0}), so small differences may be chance"]
    if len(seeds) > 1:
        notes = [
            f"line: mean of {len(seeds)} seeds",
            "band: their range",
            "±: 95% interval",
            "places: pairs at 95%, Holm’s correction",
        ]
    axes = "accuracy axis: logarithm of the error"
    return [*notes, axes, "seconds without tests" if comparison.timed else ""]


def _panels(comparison: Comparison, ended: Sequence[tuple[Entrant, Summary]], box: Box, style: Style) -> Column:
    """Accuracy over loss, and on their right, where there is room in the box, both by second."""
    epochs, steps = comparison.epochs, max(1, comparison.steps)
    accuracies, losses = [_accuracy(*one) for one in ended], [_loss(*one, comparison) for one in ended]
    fine = any(len(curve.at) > curve.row.epochs for curve in losses)
    first = float(stretch_ends(steps)[0])
    axes = {
        "epoch": Axis(1.0, epochs, COUNTS) if epochs > 1 else Axis(0.5, 1.5, COUNTS),
        "step": Axis(first, max(float(epochs * steps), first * 10**LEAST_SPAN), LOG),
        "second": Axis(0.0, 1.05 * max(row.seconds.mean[-1] for _, row in ended) or 1.0, LINEAR),
    }
    gap, high = style.length(14), (box[3] - box[1]) / 2
    rows = [
        ("test accuracy", "epoch", accuracies, spanned(_shown(accuracies), EFFORT)),
        ("training loss", "step" if fine else "epoch", losses, spanned(_shown(losses), LOG)),
    ]
    said = [words for *_, y in rows for _, words in y.ticked(high, style.small, upright=True).ticks]
    frame = replace(CHART, widest=max(said, key=lambda words: text.width(words, style.small), default=""))
    two = comparison.timed and box[2] - box[0] >= NARROW

    def panel(quantity: str, unit: str, curves: Sequence[Curve], y: Axis) -> Panel:
        heads = HEADS if unit != "second" else STRIP
        shape = replace(frame, along=unit != "second", right=style.length(heads))
        lines, heading = Lines(curves, unit, epochs, steps), [f"{quantity} by {unit}"]
        return Panel(axes[unit], y, style, [lines], frame=shape, heading=heading, name=heading[0])

    return Column(
        *(
            Row(*(panel(quantity, unit, curves, y) for unit in ((first, "second") if two else (first,))))
            for quantity, first, curves, y in rows
        ),
        gap=gap,
    )


def _accuracy(entrant: Entrant, row: Summary) -> Curve:
    spread = row.test_accuracy
    return Curve(entrant, row, np.arange(1.0, row.epochs + 1), spread.mean, spread.low, spread.high)


def _loss(entrant: Entrant, row: Summary, comparison: Comparison) -> Curve:
    """The training loss over each stretch, or over each epoch where no more is known."""
    at = (np.arange(row.epochs)[:, None] + stretch_ends(comparison.steps) / max(1, comparison.steps)).ravel()
    runs = [run.losses[: len(at)] for run in furthest(row)]
    if len(at) and all(len(losses) == len(at) and np.isfinite(losses).all() for losses in runs):
        losses = np.array(runs)
        return Curve(entrant, row, at, losses.mean(axis=0), losses.min(axis=0), losses.max(axis=0))
    spread = row.train_loss
    return Curve(entrant, row, np.arange(1.0, row.epochs + 1), spread.mean, spread.low, spread.high)


def _shown(curves: Sequence[Curve]) -> np.ndarray:
    return np.concatenate([part for curve in curves for part in (curve.low, curve.high)])


class Lines(Mark):
    """Bands, lines with a bead for each epoch, and heads; the best optimizer lies on top.

    A head stands where its line ends, or beside the panel, in a column, where many end together.
    """

    def __init__(self, curves: Sequence[Curve], unit: str, epochs: int, steps: int):
        self._curves, self._unit, self._epochs, self._steps = curves[::-1], unit, epochs, steps

    def still(self) -> Iterator[Item]:
        width, box = self.panel.style.length(LINE), self.panel.box
        bead = head("disc", width / 2 + 0.8)
        bands, lines, ends = [], [], []
        for curve in self._curves:
            x, colour = curve.along(self._unit, self._steps), curve.entrant.colour
            middle, low, high = (
                self.panel.to_page(np.stack([x, y], axis=-1)) for y in (curve.mean, curve.low, curve.high)
            )
            bands.append(fill(closed(np.concatenate([low, high[::-1]])), colour, BAND))
            lines.append(stroke(Outline(middle), colour, width))
            lines += [fill(bead.moved(*point), colour) for point in middle[curve.at == np.round(curve.at)]]
            ends.append((curve, tuple(middle[-1].tolist())))
        yield shapes(bands, clip=box)
        yield shapes(lines, cap="round", clip=box if self._unit == "step" else None)
        yield from self._heads(ends)

    def _heads(self, ends: Sequence[tuple[Curve, tuple[float, float]]]) -> Iterator[Item]:
        style, (left, top, right, bottom) = self.panel.style, self.panel.box
        radius, aside = style.length(RADIUS), right + style.length(18)
        listed = [end for end in ends if self._unit != "second" and end[0].row.epochs == self._epochs]
        others = [end for end in ends if end not in listed]
        heights = parted([y for _, (_, y) in listed], 2 * radius + 2, top + radius, bottom - radius)
        beside = [*zip(listed, heights.tolist(), strict=True)]
        yield shapes(stroke(line(end, (aside, y)), curve.entrant.colour, 1.0, 0.7) for (curve, end), y in beside)
        points = np.array([end for _, end in others]).reshape(1, -1, 2)
        moved = declutter(points, np.empty((0, 2)), 1.8 * radius, 0.0)[0]
        moved = np.clip(moved, (left, top + radius), (right, bottom - radius))
        for (curve, _), (x, y) in zip(others, moved.tolist(), strict=True):
            outline, rim, colour, ring = curve.entrant.mark(x, y, style)
            stopped = curve.row.diverged and curve.row.epochs < self._epochs
            yield shapes([(outline, rgba(style.theme.bad) if stopped else rim, colour, ring)])
        yield shapes(curve.entrant.mark(aside, y, style) for (curve, _), y in beside)
