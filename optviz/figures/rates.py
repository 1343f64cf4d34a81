"""How accuracy depends on the learning rate: what the search for each optimizer's rate found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optviz.errors import UsageError
from optviz.figures.comparison import Band, Bands, as_wide, compared, entered, labelled, style_of, tabled
from optviz.figures.engine.axis import EFFORT, LOG, Axis, ranked, spanned
from optviz.figures.engine.boxes import Block, Column, Row
from optviz.figures.engine.clip import Box
from optviz.figures.engine.items import Item, Label, line, shapes, stroke
from optviz.figures.engine.key import Words
from optviz.figures.engine.painter import Page
from optviz.figures.engine.panel import Mark, Panel
from optviz.figures.engine.style import RADIUS, RING, USUAL, Entrant, Style
from optviz.figures.engine.table import Cells
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import rate
from optviz.results.comparison import Comparison
from optviz.results.training_run import RateSearch, Tuning

RIGHT = 22.0  # px on the right of the panel, for heads
LANE, LANES = 13.0, 0.35  # px of the line of an optimizer that diverged, and the share of the height for all of them
DIVERGED, ALL = "diverged", "every rate diverged"


@dataclass(frozen=True)
class Found:
    """A search, and how its optimizer appears."""

    search: RateSearch
    entrant: Entrant

    @property
    def known(self) -> np.ndarray:
        """(n,) bool: for which rates there is an accuracy."""
        search = self.search
        return np.isfinite(search.accuracies) & np.isfinite(search.low) & np.isfinite(search.high)

    @property
    def chosen(self) -> int | None:
        """The index of the rate chosen; None where every rate diverged."""
        at = int(np.argmin(np.abs(np.log(self.search.rates / self.search.best))))
        return at if self.known[at] else None

    @property
    def accuracy(self) -> float:
        """With the rate chosen; −1 where every rate diverged."""
        return -1.0 if self.chosen is None else float(self.search.accuracies[self.chosen])

    def bands(self) -> Iterator[Band]:
        """One for each run of neighbouring rates that are known."""
        search, edges = self.search, np.flatnonzero(np.diff(np.concatenate([[False], self.known, [False]])))
        for start, stop in edges.reshape(-1, 2):
            parts = search.rates, search.accuracies, search.low, search.high, self.known
            yield Band(self.entrant, *(part[start:stop] for part in parts))


def rates_figure(comparison: Comparison, size: tuple[int, int] = USUAL, theme: str | Theme = "dark") -> Page:
    """Draw the validation accuracy of each optimizer against its learning rate.

    A line is the mean over seeds, its band reaches from the lowest seed to the highest, and the head marks the rate
    chosen. Rates with which a run diverged have a cross below the panel, on their optimizer's own line. The table
    gives the order at the chosen rates; one at the end of what was tried is named, because a better one may lie beyond.
    Parameters and errors as for `optviz.figure`.

    Raises
    ------
    UsageError
        If the comparison was not tuned.
    """
    tuning = comparison.tuning
    if tuning is None:
        raise UsageError("this comparison was not tuned", "Run it with --tune.")
    style = style_of(size, theme)
    each = entered(comparison, style.theme)
    found = [Found(search, each[search.optimizer]) for search in tuning.searches if len(search.rates)]
    found.sort(key=lambda one: one.accuracy, reverse=True)

    def body(box: Box) -> Block:
        if not found:
            return Words("no search has ended", style, size=15, centred=True)
        table = tabled([_cells(one) for one in found], "validation accuracy", box, size[0], style)
        return Row(_panels(found, box, style), as_wide(table))

    return compared(comparison, "Learning rates", _notes(tuning), size, style, body, counted=False)


def _notes(tuning: Tuning) -> list[str]:
    refined = f", then {tuning.refined} around the best" if tuning.refined else ""
    epochs = f"{tuning.epochs} epochs" if tuning.epochs > 1 else "one epoch"
    return [
        f"{tuning.grid} rates each from {rate(tuning.low)} to {rate(tuning.high)}{refined}",
        epochs,
        f"learned from {tuning.images:,} training images, judged by {tuning.validation:,} others",
        f"band: range of {tuning.seeds} seeds" if tuning.seeds > 1 else "one seed",
        "accuracy axis: logarithm of the error",
    ]


def _cells(found: Found) -> Cells:
    search, chosen = found.search, found.chosen
    if chosen is None:
        return Cells(found.entrant, DIVERGED, (), ("with every rate",), "bad", live=False)
    low, high = search.low[chosen], search.high[chosen]
    remarks, tone = ("" if low == high else f"{100 * low:.2f}–{high:.2%}", ""), "muted"
    if len(search.rates) > 1 and chosen in (0, len(search.rates) - 1):
        end = "highest" if chosen else "lowest"
        remarks, tone = (f"the {end} rate tried", f"{end} tried"), "bad"
    return Cells(found.entrant, f"{found.accuracy:.2%}", (f"lr {rate(search.best)}",), remarks, remark_tone=tone)


def _panels(found: Sequence[Found], box: Box, style: Style) -> Column:
    """The panel with its curves and, below it, a line for each optimizer that diverged."""
    high, diverged = box[3] - box[1], [one for one in found if not one.known.all()]
    shown = [part[one.known] for one in found for part in (one.search.low, one.search.high)]
    y, rates = spanned(np.concatenate(shown), EFFORT), np.concatenate([one.search.rates for one in found])
    x = Axis(0.8 * rates.min(), 1.25 * rates.max(), LOG)
    frame = replace(labelled([y], high, style, *[DIVERGED] * bool(diverged)), right=style.length(RIGHT))
    heading = "validation accuracy by learning rate", "by learning rate"
    above = replace(frame, across=not diverged)
    panel = Panel(x, y, style, [Curves(found)], frame=above, heading=heading, name="curves")
    if not diverged:
        return Column(panel)
    lane = min(style.length(LANE), LANES * high / len(diverged))
    lanes, below = lane * len(diverged) / style.factor, Axis(float(len(diverged)), 0.0, ranked(np.asarray, []))
    marks = [Lanes(diverged, lane)]
    crosses = Panel(x, below, style, marks, frame=frame, name=DIVERGED, weight=0.0, least=lanes, most=lanes)
    return Column(panel, crosses, gap=style.length(10))


class Curves(Bands):
    """Curves with a bead for each rate, and a head at the rate chosen."""

    def __init__(self, found: Sequence[Found]):
        super().__init__([band for one in found for band in one.bands()])
        self._found = [one for one in found if one.chosen is not None and one.entrant.chosen]

    def still(self) -> Iterator[Item]:
        yield from super().still()
        style, (left, top, right, bottom) = self.panel.style, self.panel.box
        if not self._found:
            middle = (left + right) / 2, (top + bottom) / 2
            yield Label(*middle, ALL, style.font(14), style.theme.muted, anchor="center")
            return
        at = np.array([(one.search.rates[one.chosen], one.accuracy) for one in self._found])
        points = self.panel.to_page(at)
        places = [*zip(points.tolist(), self.apart(points, 2.1).tolist(), self._found, strict=True)][::-1]
        yield shapes(stroke(line(point, moved), style.theme.ink, 1.0, 0.8) for point, moved, _ in places)
        yield shapes(one.entrant.mark(x, y, style) for _, (x, y), one in places)


class Lanes(Mark):
    """A line for each optimizer with a cross at each rate that diverged, and its head at the end."""

    def __init__(self, diverged: Sequence[Found], pitch: float):
        self._diverged, self._pitch = diverged, pitch

    def still(self) -> Iterator[Item]:
        left, top, right, bottom = self.panel.box
        style, theme, small = self.panel.style, self.panel.style.theme, self.panel.style.small
        arm, radius = min(style.length(3.2), 0.36 * self._pitch), min(RADIUS, 0.42 * self._pitch / style.factor)
        drawn = []
        for row, one in enumerate(self._diverged):
            rates = one.search.rates[~one.known]
            points = self.panel.to_page(np.stack([rates, np.full(len(rates), row + 0.5)], axis=-1))
            y = top + (row + 0.5) * (bottom - top) / len(self._diverged)
            drawn.append(stroke(line((left, y), (right, y)), theme.grid))
            for x in points[:, 0].tolist():
                for turn in (arm, -arm):
                    cross = line((x - arm, y - turn), (x + arm, y + turn))
                    drawn.append(stroke(cross, one.entrant.colour, style.length(1.8)))
            drawn.append(one.entrant.mark(right + style.length(11), y, style, radius, 0.7 * RING))
        yield shapes(drawn)
        yield Label(left - 6, (top + bottom) / 2 + 0.36 * small, DIVERGED, small, theme.bad, anchor="right")
