"""Optimizers that train one network: accuracy and loss by epoch, step and second, with the final order as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from optviz.figures.comparison import (
    Band,
    Bands,
    as_wide,
    compared,
    entered,
    furthest,
    labelled,
    nothing,
    style_of,
    tabled,
)
from optviz.figures.engine.axis import COUNTS, EFFORT, LEAST_SPAN, LINEAR, LOG, Axis, spanned
from optviz.figures.engine.boxes import Block, Column, Row
from optviz.figures.engine.clip import Box
from optviz.figures.engine.declutter import parted
from optviz.figures.engine.items import Item, line, rgba, shapes, stroke
from optviz.figures.engine.key import Words
from optviz.figures.engine.painter import Page
from optviz.figures.engine.panel import Panel
from optviz.figures.engine.style import RADIUS, USUAL, Entrant, Style
from optviz.figures.engine.theme import Theme
from optviz.figures.training_table import cells
from optviz.results.comparison import Comparison
from optviz.results.optimum import Optimum
from optviz.results.training_run import stretch_ends
from optviz.results.training_seeds import Summary

HEADS, STRIP = 28.0, 14.0  # px on the right of a panel: with a column of heads, and without
NARROW = 340.0  # px: panels by second stand beside the others where at least this much is left for both


def training_figure(comparison: Comparison, size: tuple[int, int] = USUAL, theme: str | Theme = "dark") -> Page:
    """Draw how the optimizers of a comparison train the network; parameters and errors as for `optviz.figure`.

    Four panels show test accuracy by epoch and by second, and training loss by step and by second; a line is the mean
    over seeds, its band reaches from the lowest seed to the highest. Accuracy stands on a logarithmic axis of the
    error, because near 1 it is the error that tells runs apart; steps stand on a logarithmic axis, because most
    happens in the first of them. Where the comparison knows an optimum, the gap to it is shown instead of the training
    loss: of the loss over all training images at the moments at which the weights were kept. The table gives the final
    order with each learning rate. Small pictures leave out
    the panels by second, as do those of comparisons without times; the loss of comparisons that do not know it within
    epochs is shown by epoch.
    """
    style, ranked = style_of(size, theme), comparison.ranked()
    each = entered(comparison, style.theme)
    rows = [cells(row, each[row.first.optimizer], comparison.epochs, comparison.optimum) for row in ranked]
    ended = [(each[row.first.optimizer], row) for row in ranked if row.epochs]

    def body(box: Box) -> Block:
        table = tabled(rows, "test accuracy", box, size[0], style)
        curves: Block = Words(nothing(comparison), style, size=15, centred=True)
        if ended:
            curves = _panels(comparison, ended, (box[0], box[1], table.box[0], box[3]), style)
        return Row(curves, as_wide(table), gap=style.length(8))

    return compared(comparison, "Training", _notes(comparison), size, style, body if rows else None)


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
    gap = comparison.optimum.rule() if comparison.optimum else ""
    return [*notes, axes, gap, "seconds without tests" if comparison.timed else ""]


def _panels(comparison: Comparison, ended: Sequence[tuple[Entrant, Summary]], box: Box, style: Style) -> Column:
    """Accuracy over loss, and on their right, where there is room in the box, both by second."""
    epochs, steps = comparison.epochs, max(1, comparison.steps)
    accuracies, losses = [_accuracy(*one) for one in ended], [_loss(*one, comparison) for one in ended]
    names, below, y = ["training loss"], ended, spanned(_shown(losses), LOG)
    first = float(stretch_ends(steps)[0])
    optimum = comparison.optimum
    if optimum is not None and (seen := [one for one in ended if len(optimum.of(one[1])[0]) > 1]):
        names, below, losses = ["gap to the optimum", "gap"], seen, [_gap(*one, optimum) for one in seen]
        y = spanned(_shown(losses), LOG)
        y = replace(y, low=max(y.low, optimum.floor))
        first = min(float(curve.x[0]) for curve in losses) * steps
    fine = any(len(curve.x) > row.epochs for curve, (_, row) in zip(losses, below, strict=True))
    axes = {
        "epoch": Axis(1.0, epochs, COUNTS) if epochs > 1 else Axis(0.5, 1.5, COUNTS),
        "step": Axis(first, max(float(epochs * steps), first * 10**LEAST_SPAN), LOG),
        "second": Axis(0.0, 1.05 * max(row.seconds.mean[-1] for _, row in ended) or 1.0, LINEAR),
    }
    rows = [
        (["test accuracy"], "epoch", ended, accuracies, spanned(_shown(accuracies), EFFORT)),
        (names, "step" if fine else "epoch", below, losses, y),
    ]
    frame = labelled([y for *_, y in rows], (box[3] - box[1]) / 2, style)
    two = comparison.timed and box[2] - box[0] >= NARROW

    def panel(names: Sequence[str], unit: str, whose: Sequence, curves: Sequence[Band], y: Axis) -> Panel:
        shape = replace(frame, along=unit != "second", right=style.length(STRIP if unit == "second" else HEADS))
        drawn = [_along(curve, row, unit, steps) for curve, (_, row) in zip(curves, whose, strict=True)]
        marks = [Curves(drawn, [row for _, row in whose], epochs, aside=unit != "second")]
        return Panel(axes[unit], y, style, marks, frame=shape, heading=[f"{name} by {unit}" for name in names])

    return Column(
        *(
            Row(*(panel(names, unit, whose, curves, y) for unit in (first, "second")[: 1 + two]))
            for names, first, whose, curves, y in rows
        ),
        gap=style.length(14),
    )


def _accuracy(entrant: Entrant, row: Summary) -> Band:
    at, spread = np.arange(1.0, row.epochs + 1), row.test_accuracy
    return Band(entrant, at, spread.mean, spread.low, spread.high, at > 0)


def _loss(entrant: Entrant, row: Summary, comparison: Comparison) -> Band:
    """The training loss over each stretch, or over each epoch where no more is known."""
    at = (np.arange(row.epochs)[:, None] + stretch_ends(comparison.steps) / max(1, comparison.steps)).ravel()
    runs = [run.losses[: len(at)] for run in furthest(row)]
    if len(at) and all(len(losses) == len(at) and np.isfinite(losses).all() for losses in runs):
        losses = np.array(runs)
        return Band(entrant, at, losses.mean(axis=0), losses.min(axis=0), losses.max(axis=0), at == np.round(at))
    at, spread = np.arange(1.0, row.epochs + 1), row.train_loss
    return Band(entrant, at, spread.mean, spread.low, spread.high, at > 0)


def _gap(entrant: Entrant, row: Summary, optimum: Optimum) -> Band:
    """The distance of the loss over all training images from the optimum's; what is not told lies on the floor."""
    at, losses = optimum.of(row)
    gaps = np.maximum(losses[:, at > 0] - optimum.lowest, optimum.floor)
    at = at[at > 0]
    return Band(entrant, at, gaps.mean(axis=0), gaps.min(axis=0), gaps.max(axis=0), at == np.round(at))


def _along(band: Band, row: Summary, unit: str, steps: int) -> Band:
    """A band over epochs as one over epochs, steps or seconds."""
    if unit == "second":
        seconds = row.seconds.mean
        return band._replace(x=np.interp(band.x, np.arange(len(seconds) + 1), np.concatenate([[0.0], seconds])))
    return band._replace(x=band.x * steps) if unit == "step" else band


def _shown(curves: Sequence[Band]) -> np.ndarray:
    return np.concatenate([part for curve in curves for part in (curve.low, curve.high)])


class Curves(Bands):
    """Curves with a head each: where they end or, where many end together, in a column beside the panel."""

    def __init__(self, bands: Sequence[Band], rows: Sequence[Summary], epochs: int, *, aside: bool):
        super().__init__(bands)
        self._stopped = [row.diverged > 0 and row.epochs < epochs for row in rows]
        self._aside = [aside and row.epochs == epochs for row in rows]

    def still(self) -> Iterator[Item]:
        yield from super().still()
        style, (_, top, right, bottom) = self.panel.style, self.panel.box
        radius, column = style.length(RADIUS), right + style.length(18)
        ends = [tuple(points[-1].tolist()) for points in self.lines]
        chosen = [index for index, band in enumerate(self.bands) if band.entrant.chosen]
        beside = [index for index in chosen if self._aside[index]]
        others = [index for index in chosen if not self._aside[index]]
        heights = parted([ends[index][1] for index in beside], 2 * radius + 2, top + radius, bottom - radius)
        places = {index: (column, y) for index, y in zip(beside, heights.tolist(), strict=True)}
        leads = [(line(ends[index], places[index]), self.bands[index].entrant.colour) for index in beside]
        yield shapes(stroke(lead, colour, 1.0, 0.7) for lead, colour in leads)
        moved = self.apart([ends[index] for index in others], 1.8)
        places |= {index: (x, y) for index, (x, y) in zip(others, moved.tolist(), strict=True)}
        heads = []
        for index, place in sorted(places.items(), reverse=True):
            outline, rim, colour, ring = self.bands[index].entrant.mark(*place, style)
            heads.append((outline, rgba(style.theme.bad) if self._stopped[index] else rim, colour, ring))
        yield shapes(heads)
