"""How long each optimizer takes to reach a test accuracy: bars, the fastest first."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optviz.errors import UsageError
from optviz.figures.comparison import as_wide, compared, entered, style_of, tabled
from optviz.figures.engine.axis import LINEAR, Axis, ranked
from optviz.figures.engine.boxes import Block, Column, Row, Space
from optviz.figures.engine.clip import Box
from optviz.figures.engine.heads import head
from optviz.figures.engine.items import Item, closed, fill, line, rectangle, rgba, shapes, stroke
from optviz.figures.engine.painter import Page
from optviz.figures.engine.panel import CHART, Mark, Panel
from optviz.figures.engine.style import USUAL, Entrant
from optviz.figures.engine.table import Cells, Table
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import number, rate
from optviz.results.comparison import Comparison
from optviz.results.training_seeds import Summary

THICK = 22.0  # px of a bar
RIGHT = 14.0  # px beside the panel
TABLE = 0.42  # of the width, for names at most
FRAME = replace(CHART, grid="x", along=False, every=(60.0, 0.0))


@dataclass(frozen=True)
class Way:
    """One optimizer's way to the target.

    Attributes
    ----------
    entrant : Entrant
    cells : Cells
        Its row in words.
    length : float
        The median; of an optimizer that did not reach the target the time it spent trying.
    reached : bool
        Whether the median is finite.
    dots : (k,) float64
        Of the seeds that reached the target, where there are several.
    """

    entrant: Entrant
    cells: Cells
    length: float
    reached: bool
    dots: np.ndarray

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
    heading = f"{unit} until {goal} of the test images are recognised", f"{unit} until {goal}", unit
    ways = sorted((_way(each[row.first.optimizer], row, comparison.timed) for row in rows), key=lambda way: way.place)

    several = any(row.runs > 1 for row in rows)

    def body(box: Box) -> Block:
        rows, value = [way.cells for way in ways], "median" if several else "time"
        labels = style.small + style.length(8)
        table = tabled(rows, value, (*box[:3], box[3] - labels), size[0], style, TABLE * size[0])
        high = (table.box[3] - table.box[1]) / style.factor
        farthest = max([way.length for way in ways] + [float(at) for way in ways for at in way.dots])
        x, y = Axis(0.0, 1.05 * farthest or 1.0, LINEAR), Axis(0.0, 1.0, ranked(np.asarray, []))
        frame, marks = replace(FRAME, right=style.length(RIGHT)), [Bars(ways, table)]
        panel = Panel(x, y, style, marks, frame=frame, heading=heading, name="bars", least=1.0, most=high)
        return Row(as_wide(table, Space(height=labels)), Column(panel), gap=style.length(16))

    ended = any(row.epochs for row in rows)
    title, notes = f"Time to {goal}", _notes(comparison, rows)
    return compared(comparison, title, notes, size, style, body if ended else None)


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
    target, rates = row.target, row.first.hyperparameters
    assert target is not None
    middle, each = (target.seconds, target.run_seconds) if seconds else (target.epochs, target.run_epochs)
    dots = each[np.isfinite(each)] if row.runs > 1 else np.empty(0)
    some = f"{target.reached} of {row.runs} seeds" if target.reached < row.runs and target.reached else ""
    length, reached, live = middle, math.isfinite(middle), row.epochs > 0
    tried = float(row.seconds.mean[-1]) if seconds and live else float(row.epochs)
    if reached:
        epochs = f"{number(target.epochs)} epoch" + "s" * (target.epochs != 1)
        value, *more = [f"{number(middle, 3)} s", epochs] if seconds else [epochs]
        detail, tone = " · ".join(filter(None, [*more, some])), "ink"
    elif live:
        lost = f" · {f'{row.diverged} ' * (row.diverged < row.runs)}diverged" if row.diverged else ""
        length, value, tone = tried, some or "not reached", "muted"
        detail = f"best {float(row.test_accuracy.high.max()):.2%}{lost}"
    else:
        length = 0.0
        value, detail, tone = ("diverged", f"in epoch {row.diverged_at}", "bad") if row.diverged else ("–", "", "muted")
    facts = (f"lr {rate(rates['lr'])}",) if "lr" in rates else ()
    return Way(entrant, Cells(entrant, value, facts, (detail,), tone, live=live), length, reached, dots)


class Bars(Mark):
    """A bar beside each row of a table."""

    def __init__(self, ways: Sequence[Way], table: Table):
        self._ways, self._table = ways, table

    def still(self) -> Iterator[Item]:
        left, top, _, bottom = self.panel.box
        yield shapes([stroke(line((left, top), (left, bottom)), self.panel.style.theme.muted, self.panel.style.hair)])
        for row, way in enumerate(self._ways[: self._table.shown]):
            yield from self._bar(way, self._table.middle(row))

    def _bar(self, way: Way, middle: float) -> Iterator[Item]:
        """A full bar, or a hatched one with an arrow where the target was not reached, and a dot for each seed."""
        style, theme, colour = self.panel.style, self.panel.style.theme, way.entrant.colour
        thick = min(0.5 * (self._table.middle(1) - self._table.middle(0)), style.length(THICK))
        left, right, *dots = self._across([0.0, way.length, *way.dots])
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
        yield shapes((dot.moved(x, middle), rgba(theme.rim), rgba(theme.ink), 1.0) for x in dots)

    def _across(self, lengths: Sequence[float]) -> list[float]:
        return self.panel.to_page(np.stack([lengths, np.zeros(len(lengths))], axis=-1))[:, 0].tolist()
