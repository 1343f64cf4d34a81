"""Optimizers that train one network: accuracy and loss by epoch, step and second, with the final order as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.axis import accuracy_axis, count_axis, log_axis, loss_axis, parted, time_axis
from optviz.figures.engine import heads, text
from optviz.figures.engine.clip import Box
from optviz.figures.engine.declutter import declutter
from optviz.figures.engine.theme import Theme
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, Page, closed, rgba, shapes
from optviz.figures.panel import Panel
from optviz.figures.rows import table
from optviz.figures.sheet import RADIUS, RING, Look, furthest, looks, nothing, sheet
from optviz.figures.training_table import rows
from optviz.results.comparison import Comparison
from optviz.results.training_run import stretch_ends

LINE, BAND = 2.0, 0.18
NARROW = 310  # px: panels by second stand beside the others where at least this much is left for both


@dataclass(frozen=True)
class Curve:
    """How a quantity went, over seeds.

    Attributes
    ----------
    look : Look
    at : (n,) float64
        When, in epochs.
    mean, low, high : (n,) float64
    """

    look: Look
    at: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def along(self, unit: str, steps: int) -> np.ndarray:
        """When, in epochs, steps or seconds: (n,) float64."""
        if unit == "second":
            seconds = self.look.summary.seconds.mean
            return np.interp(self.at, np.arange(len(seconds) + 1), np.concatenate([[0.0], seconds]))
        return self.at * steps if unit == "step" else self.at


@dataclass(frozen=True)
class Curves:
    """A panel with what it shows, by "epoch", "step" or "second"."""

    panel: Panel
    unit: str
    curves: Sequence[Curve]


def training_figure(comparison: Comparison, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark") -> Page:
    """Draw how the optimizers of a comparison train the network.

    Four panels show test accuracy by epoch and by second, and training loss by step and by second; a line is the mean
    over seeds, its band reaches from the lowest seed to the highest. Accuracy stands on a logarithmic axis of the
    error, because near 1 it is the error that tells runs apart; steps stand on a logarithmic axis, because most
    happens in the first of them. The table gives the final order with each learning rate. Small pictures leave out
    the panels by second, as do those of comparisons without times; the loss of comparisons that do not know it within
    epochs is shown by epoch.

    Parameters
    ----------
    comparison : Comparison
        Runs that diverged or were interrupted show what they have.
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
        If the picture cannot be drawn at this size, or if the theme is unknown.
    """
    frame = sheet(comparison, "Training", _notes(comparison), size, theme)
    scale, colours = frame.scale, frame.colours
    ones = looks(comparison, colours)
    left, top, right, bottom = frame.box
    small = scale.font(12)
    top += small + 10
    column = round(min(scale.length(300), max(scale.length(250), 0.33 * size[0], 190)))
    order = rows(ones, comparison.epochs)
    frame.page.add(table(order, "test accuracy", (right - column, top, right, bottom - 1.6 * small), scale, colours))
    for shown in _panels(comparison, ones, (left, top, right - column, bottom - 1.6 * small), scale):
        frame.page.add(shown.panel.ground(scale, colours))
        frame.page.add(_drawn(shown, comparison, scale, colours))
    return frame.page


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


def _accuracy(look: Look) -> Curve:
    spread = look.summary.test_accuracy
    return Curve(look, np.arange(1.0, len(spread.mean) + 1), spread.mean, spread.low, spread.high)


def _loss(look: Look, comparison: Comparison) -> Curve:
    """The training loss over each stretch, or over each epoch where no more is known."""
    one, steps = look.summary, comparison.steps
    at = (np.arange(one.epochs)[:, None] + stretch_ends(steps) / max(1, steps)).ravel()
    runs = [run.losses[: len(at)] for run in furthest(one)]
    if len(at) and all(len(losses) == len(at) and np.isfinite(losses).all() for losses in runs):
        losses = np.array(runs)
        return Curve(look, at, losses.mean(axis=0), losses.min(axis=0), losses.max(axis=0))
    spread = one.train_loss
    return Curve(look, np.arange(1.0, one.epochs + 1), spread.mean, spread.low, spread.high)


def _panels(comparison: Comparison, ones: Sequence[Look], box: Box, scale: Scale) -> Iterator[Curves]:
    """The panels inside `box`: accuracy over loss, and on their right, where there is room, both by second."""
    left, top, right, bottom = box
    small, epochs, steps = scale.font(12), comparison.epochs, comparison.steps
    strip, gap = scale.length(28), scale.length(20)
    between = scale.length(14) + 2 * small + 16
    height = (bottom - top - between) / 2
    finished = [look for look in ones if look.summary.epochs]
    accuracies, losses = [_accuracy(look) for look in finished], [_loss(look, comparison) for look in finished]
    fine = any(len(curve.at) > curve.look.summary.epochs for curve in losses)
    rows = [
        ("test accuracy", "epoch", accuracies, accuracy_axis(_shown(accuracies), height, 1.7 * small)),
        ("training loss", "step" if fine else "epoch", losses, loss_axis(_shown(losses), height, 1.7 * small)),
    ]
    left += max(text.width(label, small) for *_, axis in rows for _, label in axis.ticks) + 6
    columns = 1 if right - left < NARROW or not comparison.timed else 2
    width = (right - left - strip - gap) / columns
    axes = {"epoch": count_axis(epochs, width, small)}
    if fine:
        axes["step"] = log_axis(float(stretch_ends(steps)[0]), float(epochs * steps), width, small)
    if columns == 2:
        longest = max((float(look.summary.seconds.mean[-1]) for look in finished), default=0.0)
        axes["second"] = time_axis(longest, width, small)
    for row, (quantity, first, curves, y) in enumerate(rows):
        start = top + row * (height + between)
        for column, unit in enumerate((first, "second")[:columns]):
            edge = left + column * (width + strip)
            place = edge, start, edge + width, start + height
            yield Curves(Panel(place, f"{quantity} by {unit}", axes[unit], y, column == 0), unit, curves)


def _shown(curves: Sequence[Curve]) -> np.ndarray:
    return np.concatenate([np.empty(0), *(part for curve in curves for part in (curve.low, curve.high))])


def _drawn(shown: Curves, comparison: Comparison, scale: Scale, colours: Theme) -> Iterator[Item]:
    """Bands, lines with a bead for each epoch, and heads; the best optimizer lies on top."""
    panel, line = shown.panel, scale.length(LINE)
    bands, lines, ends = [], [], []
    for curve in reversed(shown.curves):
        colour = curve.look.colour
        x = curve.along(shown.unit, comparison.steps)
        middle, low, high = (panel.place(x, y) for y in (curve.mean, curve.low, curve.high))
        bands.append((closed(np.concatenate([low, high[::-1]])), NONE, rgba(colour, BAND), 0.0))
        lines.append((Outline(middle), rgba(colour), NONE, line))
        bead = heads.head("disc", line / 2 + 0.8)
        lines += [(bead.moved(*point), NONE, rgba(colour), 0.0) for point in middle[curve.at == np.round(curve.at)]]
        ends.append((curve.look, *middle[-1]))
    if not ends:
        left, top, right, bottom = panel.box
        words = nothing(comparison)
        yield Label((left + right) / 2, (top + bottom) / 2, words, scale.font(12), colours.muted, anchor="center")
        return
    yield shapes(bands, clip=panel.box)
    yield shapes(lines, cap="round", clip=panel.box if shown.unit == "step" else None)
    yield from _heads(shown, ends, comparison.epochs, scale, colours)


def _heads(
    shown: Curves, ends: list[tuple[Look, float, float]], epochs: int, scale: Scale, colours: Theme
) -> Iterator[Item]:
    """A head for each line: where the line ends, or beside the panel, in a column, where many end together."""
    radius = scale.length(RADIUS)
    left, top, right, bottom = shown.panel.box
    listed = [end for end in ends if shown.unit != "second" and end[0].summary.epochs == epochs]
    column = right + scale.length(18)
    heights = parted([y for _, _, y in listed], 2 * radius + 2, top + radius, bottom - radius)
    drawn = []
    for (look, x, y), height in zip(listed, heights, strict=True):
        drawn.append((Outline(np.array([(x, y), (column, height)])), rgba(look.colour, 0.7), NONE, 1.0))
    others = [end for end in ends if end not in listed]
    points = np.array([(x, y) for _, x, y in others]).reshape(1, -1, 2)
    moved = np.clip(
        declutter(points, np.empty((0, 2)), 1.8 * radius, 0.0)[0], (left, top + radius), (right, bottom - radius)
    )
    for (look, _, _), (x, y) in zip(others, moved, strict=True):
        stopped = look.summary.diverged and look.summary.epochs < epochs
        rim = rgba(colours.bad if stopped else colours.rim)
        drawn.append((heads.head(look.shape, radius).moved(x, y), rim, rgba(look.colour), RING))
    for (look, _, _), height in zip(listed, heights, strict=True):
        drawn.append((heads.head(look.shape, radius).moved(column, height), rgba(colours.rim), rgba(look.colour), RING))
    yield shapes(drawn)
