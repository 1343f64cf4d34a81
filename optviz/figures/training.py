"""Optimizers that train one network: accuracy and loss by epoch and by second, with the final order as a table."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures import heads, text
from optviz.figures import theme as themes
from optviz.figures.axis import Axis, accuracy_axis, count_axis, loss_axis, parted, time_axis
from optviz.figures.clip import Box
from optviz.figures.crowd import apart
from optviz.figures.layout import Scale, checked
from optviz.figures.page import NONE, Item, Label, Outline, Page, closed, rectangle, rgba, shapes
from optviz.figures.theme import Theme
from optviz.figures.training_table import RADIUS, RING, Look, leading, table
from optviz.results import Comparison, plain
from optviz.summary import Spread, Summary, summarise

MARGIN = 16.0
LINE, BAND = 2.0, 0.18
NARROW = 310  # px: panels by second stand beside those by epoch where at least this much is left for both
LIBRARIES = {"keras": "Keras", "torch": "PyTorch", "paper": "papers'"}


@dataclass(frozen=True)
class Panel:
    """One set of axes on the page: a box in pixels, a heading, what its axes show, and which labels it carries."""

    box: Box
    quantity: str
    by_epoch: bool
    x: Axis
    y: Axis

    def place(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """(n, 2) float64: where the points lie on the page."""
        left, top, right, bottom = self.box
        return np.stack([left + self.x.share(x) * (right - left), bottom - self.y.share(y) * (bottom - top)], axis=-1)


def training_figure(comparison: Comparison, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark") -> Page:
    """Draw how the optimizers of a comparison train the network.

    Four panels show test accuracy and training loss by epoch and by second; a line is the mean over seeds, its band
    reaches from the lowest seed to the highest. Accuracy stands on a logarithmic axis of the error, because near 1 it
    is the error that tells runs apart. The table gives the final order with each learning rate. Small pictures leave
    out the panels by second.

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
    colours, (width, height) = themes.find(theme), checked(size)
    scale = Scale(min(width / 800, height / 600))
    left, right = scale.length(MARGIN), width - scale.length(MARGIN)
    looks = _looks(comparison, colours)
    page = Page((width, height), colours.page, _facts(comparison))
    page.add(_header(comparison, left, right, scale, colours))
    small, line = scale.font(12), scale.font(12) + 4
    notes = text.wrapped(_notes(comparison), right - left, small, " · ")
    foot = height - 8 - line * len(notes)
    page.add(Label(left, foot + line * (row + 0.75), words, small, colours.muted) for row, words in enumerate(notes))
    top, bottom = scale.length(68) + small + 10, foot - 1.6 * small - 8
    column = round(min(scale.length(300), max(scale.length(250), 0.33 * width, 190)))
    page.add(table(looks, comparison.epochs, (right - column, top, right, bottom), scale, colours))
    for panel in _panels(looks, comparison.epochs, (left, top, right - column, bottom), scale):
        page.add(_axes(panel, scale, colours))
        page.add(_curves(panel, looks, comparison.epochs, scale, colours))
    return page


def _looks(comparison: Comparison, colours: Theme) -> list[Look]:
    """The optimizers, best first."""
    ones = sorted(summarise(comparison), key=_final_accuracy, reverse=True)
    names = [one.first.optimizer for one in ones]
    hue, shape = themes.colours(names, colours), themes.heads(names)
    return [Look(hue[name], shape[name], one) for name, one in zip(names, ones, strict=True)]


def _final_accuracy(one: Summary) -> float:
    return float(one.test_accuracy.mean[-1]) if one.epochs else -1.0


def _facts(comparison: Comparison) -> str:
    """What was trained, as one JSON document in plain ASCII."""
    document = plain(comparison)
    runs = [{key: value for key, value in run.items() if key not in ("title", "epochs")} for run in document["runs"]]
    return json.dumps(document | {"runs": runs}, allow_nan=False)


def _header(comparison: Comparison, left: float, right: float, scale: Scale, colours: Theme) -> Iterator[Item]:
    base = scale.length(34)
    reached = max((len(run.epochs) for run in comparison.runs), default=0)
    total = Label(right, base, f" / {comparison.epochs}", scale.font(14), colours.muted, anchor="right")
    number = Label(total.left, base, str(reached), scale.font(20), colours.ink, bold=True, anchor="right")
    words = "interrupted · epoch" if comparison.interrupted else "epoch"
    word = Label(number.left - 8, base, words, scale.font(14), colours.muted, anchor="right")
    yield from (word, number, total)
    sizes = tuple(scale.font(pixels) for pixels in (25, 22, 18, 15))
    title, high = text.fitted(f"Training on {comparison.dataset.upper()}", word.left - 2 * left, sizes, bold=True)
    yield Label(left, base, title, high, colours.ink, bold=True)
    small = scale.font(14)
    yield Label(left, scale.length(57), leading(_setting(comparison), right - left, small), small, colours.muted)


def _setting(comparison: Comparison) -> list[str]:
    tables = dict.fromkeys(run.defaults for run in comparison.runs)
    defaults = " and ".join(LIBRARIES.get(name, name) for name in tables) + " defaults"
    batch = f"batch {comparison.batch_size}"
    return [f"{comparison.network} {comparison.architecture}", batch, defaults, "same weights and batches for all"]


def _notes(comparison: Comparison) -> str:
    seeds = sorted({run.seed for run in comparison.runs})
    if len(seeds) > 1:
        spread = f"line: mean of {len(seeds)} seeds · band: lowest to highest seed"
    else:
        spread = f"one seed ({seeds[0] if seeds else 0}), so small differences may be chance"
    return f"{spread} · accuracy axis: logarithm of the error · seconds: training alone, without tests"


def _panels(looks: Sequence[Look], epochs: int, box: Box, scale: Scale) -> Iterator[Panel]:
    """The panels inside `box`: accuracy over loss, by epoch and, where there is room, by second."""
    left, top, right, bottom = box
    small = scale.font(12)
    strip, gap = scale.length(28), scale.length(20)
    between = scale.length(14) + 2 * small + 16
    height = (bottom - top - between) / 2
    ones = [look.summary for look in looks]
    rows = [
        ("test accuracy", accuracy_axis(_shown([one.test_accuracy for one in ones]), height, 1.7 * small)),
        ("training loss", loss_axis(_shown([one.train_loss for one in ones]), height, 1.7 * small)),
    ]
    left += max(text.width(label, small) for _, axis in rows for _, label in axis.ticks) + 6
    columns = 1 if right - left < NARROW else 2
    width = (right - left - strip - gap) / columns
    longest = max((float(one.seconds.mean[-1]) for one in ones if one.epochs), default=0.0)
    times = [count_axis(epochs, width, small), time_axis(longest, width, small)][:columns]
    for row, (quantity, y) in enumerate(rows):
        first = top + row * (height + between)
        for column, x in enumerate(times):
            start = left + column * (width + strip)
            yield Panel((start, first, start + width, first + height), quantity, column == 0, x, y)


def _shown(spreads: Sequence[Spread]) -> np.ndarray:
    return np.concatenate([np.empty(0), *(part for spread in spreads for part in (spread.low, spread.high))])


def _axes(panel: Panel, scale: Scale, colours: Theme) -> Iterator[Item]:
    """Ground, rules, labels and heading; the panels by epoch, on the left, carry the labels of y."""
    left, top, right, bottom = panel.box
    small = scale.font(12)
    rules = [(rectangle(panel.box), NONE, rgba(colours.panel), 0.0)]
    for at, label in panel.y.ticks:
        y = bottom - (at - panel.y.low) / (panel.y.high - panel.y.low) * (bottom - top)
        rules.append((Outline(np.array([(left, y), (right, y)])), rgba(colours.grid), NONE, 1.0))
        if panel.by_epoch:
            yield Label(left - 6, y + 0.36 * small, label, small, colours.muted, anchor="right")
    for at, label in panel.x.ticks:
        x = left + (at - panel.x.low) / (panel.x.high - panel.x.low) * (right - left)
        rules.append((Outline(np.array([(x, bottom), (x, bottom + 4)])), rgba(colours.muted), NONE, 1.0))
        yield Label(x, bottom + small + 5, label, small, colours.muted, anchor="center")
    rules.append((Outline(np.array([(left, bottom), (right, bottom)])), rgba(colours.muted), NONE, 1.0))
    yield shapes(rules)
    yield Label(left, top - 8, f"{panel.quantity} by {'epoch' if panel.by_epoch else 'second'}", small, colours.muted)


def _curves(panel: Panel, looks: Sequence[Look], epochs: int, scale: Scale, colours: Theme) -> Iterator[Item]:
    """Bands, lines with a bead for each epoch, and heads; the best optimizer lies on top."""
    line = scale.length(LINE)
    bands, lines, ends = [], [], []
    for look in reversed(looks):
        one = look.summary
        if not one.epochs:
            continue
        spread = one.test_accuracy if panel.quantity == "test accuracy" else one.train_loss
        x = np.arange(1, one.epochs + 1) if panel.by_epoch else one.seconds.mean
        middle, low, high = (panel.place(x, y) for y in (spread.mean, spread.low, spread.high))
        bands.append((closed(np.concatenate([low, high[::-1]])), NONE, rgba(look.colour, BAND), 0.0))
        lines.append((Outline(middle), rgba(look.colour), NONE, line))
        lines += [(heads.head("disc", line / 2 + 0.8).moved(x, y), NONE, rgba(look.colour), 0.0) for x, y in middle]
        ends.append((look, *middle[-1]))
    if not ends:
        left, top, right, bottom = panel.box
        words = "no epoch has ended"
        yield Label((left + right) / 2, (top + bottom) / 2, words, scale.font(12), colours.muted, anchor="center")
        return
    yield shapes(bands, clip=panel.box)
    yield shapes(lines, cap="round")
    yield from _heads(panel, ends, epochs, scale, colours)


def _heads(
    panel: Panel, ends: list[tuple[Look, float, float]], epochs: int, scale: Scale, colours: Theme
) -> Iterator[Item]:
    """A head for each line: where the line ends, or beside the panel, in a column, where many end together."""
    radius = scale.length(RADIUS)
    left, top, right, bottom = panel.box
    listed = [end for end in ends if panel.by_epoch and end[0].summary.epochs == epochs]
    column = right + scale.length(18)
    heights = parted([y for _, _, y in listed], 2 * radius + 2, top + radius, bottom - radius)
    drawn = []
    for (look, x, y), height in zip(listed, heights, strict=True):
        drawn.append((Outline(np.array([(x, y), (column, height)])), rgba(look.colour, 0.7), NONE, 1.0))
    others = [end for end in ends if end not in listed]
    points = np.array([(x, y) for _, x, y in others]).reshape(1, -1, 2)
    moved = np.clip(
        apart(points, np.empty((0, 2)), 1.8 * radius, 0.0)[0], (left, top + radius), (right, bottom - radius)
    )
    for (look, _, _), (x, y) in zip(others, moved, strict=True):
        stopped = look.summary.diverged and look.summary.epochs < epochs
        rim = rgba(colours.bad if stopped else colours.rim)
        drawn.append((heads.head(look.shape, radius).moved(x, y), rim, rgba(look.colour), RING))
    for (look, _, _), height in zip(listed, heights, strict=True):
        drawn.append((heads.head(look.shape, radius).moved(column, height), rgba(colours.rim), rgba(look.colour), RING))
    yield shapes(drawn)
