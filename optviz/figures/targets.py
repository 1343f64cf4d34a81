"""How long each optimizer takes to reach a test accuracy: bars, the fastest first."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optviz.errors import UsageError
from optviz.figures.comparison import compared, entered, nothing, style_of
from optviz.figures.engine import text
from optviz.figures.engine.axis import LINEAR, Axis, ranked
from optviz.figures.engine.boxes import Block, Column, Row, Space
from optviz.figures.engine.clip import Box
from optviz.figures.engine.heads import head
from optviz.figures.engine.items import Item, Label, closed, fill, line, rectangle, rgba, shapes, stroke
from optviz.figures.engine.key import Words
from optviz.figures.engine.painter import Page
from optviz.figures.engine.panel import CHART, Mark, Panel
from optviz.figures.engine.style import RADIUS, USUAL, Entrant, Style
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import number, rate
from optviz.results.comparison import Comparison
from optviz.results.training_seeds import Summary

ROW, LEAST_ROW = 64.0, 36.0  # px of a row at most
NAMES = 0.26  # of the width, for the names at most
THICK = 22.0  # px of a bar
FRAME = replace(CHART, grid="x", along=False, every=(60.0, 0.0))


@dataclass(frozen=True)
class Way:
    """One optimizer's way to the target.

    Attributes
    ----------
    entrant : Entrant
    row : Summary
    length : float
        The median; of an optimizer that did not reach the target the time it spent trying.
    reached : bool
        Whether the median is finite.
    dots : (k,) float64
        Of the seeds that reached the target, where there are several.
    value, detail : str
        Its row in words.
    tone : {"ink", "muted", "bad"}
    """

    entrant: Entrant
    row: Summary
    length: float
    reached: bool
    dots: np.ndarray
    value: str
    detail: str
    tone: str

    @property
    def place(self) -> tuple[bool, float, float]:
        """What ways are sorted by: those that reached the target first, the fastest of them on top."""
        return not self.reached, self.length if self.reached else 0.0, -len(self.dots)


def targets_figure(comparison: Comparison, size: tuple[int, int] = USUAL, theme: str | Theme = "dark") -> Page:
    """Draw how long each optimizer trains until it reaches the comparison's target.

    A bar is the median over seeds, each seed has a dot. Hatched bars are optimizers that did not reach the target:
    they show how long those tried. Where the seconds are not known the bars are epochs. Parameters and errors as for
    `optviz.figure`.

    Raises
    ------
    UsageError
        If the comparison has no target.
    """
    if comparison.target is None:
        raise UsageError("this comparison has no target accuracy", "Run it with one: --target 0.97")
    style, rows = style_of(size, theme), comparison.ranked()
    each, goal = entered(comparison, style.theme), f"{number(100 * comparison.target, 6)}%"
    unit = "seconds" if comparison.timed else "epochs"
    heading = f"{unit} until {goal} of the test images are recognised", unit
    ways = sorted((_way(each[row.first.optimizer], row, comparison.timed) for row in rows), key=lambda way: way.place)

    def body(box: Box) -> Block:
        if not any(row.epochs for row in rows):
            return Words(nothing(comparison), style, size=15, centred=True)
        return _panel(ways, heading, box, style)

    return compared(comparison, f"Time to {goal}", _notes(comparison, rows), size, style, body)


def _notes(comparison: Comparison, rows: Sequence[Summary]) -> list[str]:
    seeds = len({run.seed for run in comparison.runs})
    missed = any(row.epochs and row.target and math.isinf(row.target.epochs) for row in rows)
    return [
        f"bar: median of {seeds} seeds · dot: a seed" if seeds > 1 else "one seed, so small differences may be chance",
        "hatched: tried so long in vain" if missed else "",
        "tested after each epoch",
        "seconds without tests" if comparison.timed else "",
    ]


def _way(entrant: Entrant, row: Summary, seconds: bool) -> Way:
    target = row.target
    assert target is not None
    best = float(row.test_accuracy.high.max(initial=0.0))
    middle, each = (target.seconds, target.run_seconds) if seconds else (target.epochs, target.run_epochs)
    dots = each[np.isfinite(each)] if row.runs > 1 else np.empty(0)
    some = f"{target.reached} of {row.runs} seeds" if target.reached < row.runs and target.reached else ""
    if math.isfinite(middle):
        epochs = f"{number(target.epochs)} epoch" + "s" * (target.epochs != 1)
        words = [f"{number(middle, 3)} s", epochs] if seconds else [epochs]
        detail = " · ".join(filter(None, [*words[1:], some]))
        return Way(entrant, row, middle, True, dots, words[0], detail, "ink")
    if not row.epochs:
        said = ("diverged", f"in epoch {row.diverged_at}", "bad") if row.diverged else ("–", "", "muted")
        return Way(entrant, row, 0.0, False, dots, *said)
    tried = float(row.seconds.mean[-1]) if seconds else float(row.epochs)
    lost = f" · {f'{row.diverged} ' * (row.diverged < row.runs)}diverged" if row.diverged else ""
    return Way(entrant, row, tried, False, dots, some or "not reached", f"best {best:.2%}{lost}", "muted")


def _panel(ways: Sequence[Way], heading: Sequence[str], box: Box, style: Style) -> Block:
    """Bars over an axis, with room for names on the left and for what the bars say on the right."""
    small, width = style.small, box[2] - box[0]
    room = (box[3] - box[1] - 2 * small - style.length(16)) / len(ways)
    pitch = min(room, max(style.length(ROW), LEAST_ROW))
    bars = Bars(ways, pitch, box[0], style)
    names = 3 * style.length(RADIUS) + 14 + min(bars.names, NAMES * width)
    farthest = max([way.length for way in ways] + [float(at) for way in ways for at in way.dots])
    x, y = Axis(0.0, 1.05 * farthest or 1.0, LINEAR), Axis(float(len(ways)), 0.0, ranked(np.asarray, []))
    frame = replace(FRAME, right=bars.room + 14)
    high = pitch * len(ways) / style.factor
    panel = Panel(x, y, style, [bars], frame=frame, heading=heading, name="bars", least=1.0, most=high)
    return Column(Row(Space(names), panel))


class Bars(Mark):
    """For each optimizer its name, its bar, and what the bar says.

    Parameters
    ----------
    ways : sequence of Way
        From top to bottom.
    pitch : float
        From row to row, in pixels; rows have two lines where there is room.
    left : float
        Where names begin.
    style : Style

    Attributes
    ----------
    names, room : float
        The width of all names, and of what bars say.
    """

    def __init__(self, ways: Sequence[Way], pitch: float, left: float, style: Style):
        self._ways, self._left, small = ways, left, style.small
        self._pitch, big = pitch, min(style.font(15), pitch - small - 4)
        self._double = big >= small
        self._big, self._line = (big, min(small + 4, pitch / 2 + 1)) if self._double else (small, 0.0)
        self.names = max(text.width(way.entrant.title, self._big, bold=True) for way in ways)
        said = [(text.width(way.value, self._big, bold=True), text.width(way.detail, small)) for way in ways]
        self.room = max(max(pair) if self._double else sum(pair) + 8 for pair in said)

    def still(self) -> Iterator[Item]:
        left, top, _, bottom = self.panel.box
        style, theme, small = self.panel.style, self.panel.style.theme, self.panel.style.small
        yield shapes([stroke(line((left, top), (left, bottom)), theme.muted, style.hair)])
        if text.width("optimizer", small) + 8 <= left - self._left:
            yield Label(self._left, top - style.length(8), "optimizer", small, theme.muted)
        for row, way in enumerate(self._ways):
            middle = top + (row + 0.5) * (bottom - top) / len(self._ways)
            yield from self._name(way, middle)
            yield from self._bar(way, middle)
            yield from self._said(way, middle)

    def _name(self, way: Way, middle: float) -> Iterator[Item]:
        """Head and name, and the learning rate where there is a second line."""
        style, theme, radius = self.panel.style, self.panel.style.theme, self.panel.style.length(RADIUS)
        yield shapes([way.entrant.mark(self._left + radius + 1, middle, style)])
        left, rates = self._left + 3 * radius + 3, way.row.first.hyperparameters
        below = f"lr {rate(rates['lr'])}" if self._double and "lr" in rates else ""
        room = self.panel.box[0] - 9 - left
        name, size = text.fitted(way.entrant.title, room, (self._big, style.small), bold=True)
        base = self._base(middle, below)
        yield Label(left, base, name, size, theme.ink if way.row.epochs else theme.muted, bold=True)
        yield Label(left, base + self._line, text.shortened(below, room, style.small), style.small, theme.muted)

    def _said(self, way: Way, middle: float) -> Iterator[Item]:
        """The value, and beside it or on a second line its detail."""
        theme, x = self.panel.style.theme, self.panel.box[2] + 14
        base = self._base(middle, way.detail)
        value = Label(x, base, way.value, self._big, getattr(theme, way.tone), bold=True)
        beside = 0.0 if self._double else value.width + 8
        yield from (value, Label(x + beside, base + self._line, way.detail, self.panel.style.small, theme.muted))

    def _base(self, middle: float, below: str) -> float:
        """The baseline of the first line."""
        return middle + (text.CAP_HEIGHT * self._big - self._line * bool(below)) / 2

    def _bar(self, way: Way, middle: float) -> Iterator[Item]:
        """A full bar, or a hatched one with an arrow where the target was not reached, and a dot for each seed."""
        style, theme, colour = self.panel.style, self.panel.style.theme, way.entrant.colour
        thick = min(0.5 * self._pitch, style.length(THICK))
        left, right = self.panel.to_page(np.array([(0.0, 0.0), (way.length, 0.0)]))[:, 0].tolist()
        top, bottom = middle - thick / 2, middle + thick / 2
        box = left, top, right, bottom
        if way.reached:
            yield shapes([fill(rectangle(box), colour, 0.85)])
        elif right - left >= 0.5:
            starts = np.arange(left - thick, right, max(5.0, style.length(7))).tolist()
            slants = [stroke(line((x, bottom), (x + thick, top)), colour, 1.2, 0.55) for x in starts]
            yield shapes([fill(rectangle(box), colour, 0.10), *slants], clip=box)
            edges = [stroke(line((left, y), (right, y)), colour, 1.2) for y in (top, bottom)]
            tip = closed([(right, top - 1), (right + 0.45 * thick, middle), (right, bottom + 1)])
            yield shapes([*edges, fill(tip, colour)])
        dot = head("disc", min(style.length(3.6), 0.4 * thick + 0.8))
        points = self.panel.to_page(np.stack([way.dots, np.zeros(len(way.dots))], axis=-1))[:, 0].tolist()
        yield shapes((dot.moved(x, middle), rgba(theme.rim), rgba(theme.ink), 1.0) for x in points)
