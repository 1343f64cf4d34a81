"""How accuracy depends on the learning rate: what the search for each optimizer's rate found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optviz.errors import UsageError
from optviz.figures.comparison import column, compared, entered, style_of
from optviz.figures.engine import text
from optviz.figures.engine.axis import EFFORT, LOG, Axis, ranked, spanned
from optviz.figures.engine.boxes import Block, Column, Either, Row
from optviz.figures.engine.clip import Box
from optviz.figures.engine.declutter import declutter
from optviz.figures.engine.heads import head
from optviz.figures.engine.items import Item, Label, Outline, closed, fill, line, shapes, stroke
from optviz.figures.engine.key import Words
from optviz.figures.engine.painter import Page
from optviz.figures.engine.panel import CHART, Mark, Panel
from optviz.figures.engine.style import RADIUS, RING, USUAL, Entrant, Style
from optviz.figures.engine.table import Cells, fixed
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import rate
from optviz.results.comparison import Comparison
from optviz.results.training_run import RateSearch, Tuning

LINE, BAND = 2.0, 0.16  # px, and opacity
RIGHT = 22.0  # px on the right of the panel, for heads
LANE, LANES = 13.0, 0.35  # px of the line of an optimizer that diverged, and the share of the height for all of them
ROW = 70.0  # px of a row of the table at most
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
        rows, headings = [_cells(one) for one in found], ("optimizer", "validation accuracy", "lr")
        tables = [fixed(rows, style, headings, two=True, most=ROW), fixed(rows, style, headings, two=False)]
        return Row(_panels(found, box, style), Column(Either(*tables), width=column(size, style), weight=0.0))

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
    small, high = style.small, box[3] - box[1]
    diverged = [one for one in found if not one.known.all()]
    y = spanned(
        np.concatenate([part[one.known] for one in found for part in (one.search.low, one.search.high)]), EFFORT
    )
    x = Axis(0.8 * min(one.search.rates[0] for one in found), 1.25 * max(one.search.rates[-1] for one in found), LOG)
    said = [words for _, words in y.ticked(high, small, upright=True).ticks] + [DIVERGED] * bool(diverged)
    frame = replace(CHART, widest=max(said, key=lambda words: text.width(words, small)), right=style.length(RIGHT))
    heading = "validation accuracy by learning rate", "by learning rate"
    above = replace(frame, across=not diverged)
    panel = Panel(x, y, style, [Curves(found)], frame=above, heading=heading, name="curves")
    if not diverged:
        return Column(panel)
    lane = min(style.length(LANE), LANES * high / len(diverged))
    lanes = lane * len(diverged) / style.factor
    below = Axis(float(len(diverged)), 0.0, ranked(np.asarray, []))
    marks = [Lanes(diverged, lane)]
    crosses = Panel(x, below, style, marks, frame=frame, name=DIVERGED, weight=0.0, least=lanes, most=lanes)
    return Column(panel, crosses, gap=style.length(10))


class Curves(Mark):
    """Bands, lines with a bead for each rate, and heads; the best optimizer lies on top."""

    def __init__(self, found: Sequence[Found]):
        self._found = found[::-1]

    def still(self) -> Iterator[Item]:
        box, width = self.panel.box, self.panel.style.length(LINE)
        bead = head("disc", width / 2 + 0.8)
        bands, lines, ends = [], [], []
        for one in self._found:
            search, colour = one.search, one.entrant.colour
            middle, low, high = (
                self.panel.to_page(np.stack([search.rates, y], axis=-1))
                for y in (search.accuracies, search.low, search.high)
            )
            for part in _stretches(one.known):
                bands.append(fill(closed(np.concatenate([low[part], high[part][::-1]])), colour, BAND))
                lines.append(stroke(Outline(middle[part]), colour, width))
                lines += [fill(bead.moved(*point), colour) for point in middle[part]]
            if one.chosen is not None:
                ends.append((one.entrant, middle[one.chosen]))
        yield shapes(bands, clip=box)
        yield shapes(lines, cap="round")
        yield from self._heads(ends)

    def _heads(self, ends: Sequence[tuple[Entrant, np.ndarray]]) -> Iterator[Item]:
        """The head of each optimizer at the rate chosen, and a line to there from one that had to make room."""
        style, (left, top, right, bottom) = self.panel.style, self.panel.box
        if not ends:
            middle = (left + right) / 2, (top + bottom) / 2
            yield Label(*middle, ALL, style.font(14), style.theme.muted, anchor="center")
            return
        radius, points = style.length(RADIUS), np.array([point for _, point in ends])
        moved = declutter(points[None], np.empty((0, 2)), 2.1 * radius, 0.0)[0]
        moved = np.clip(moved, (left + radius, top + radius), (right - radius, bottom - radius))
        yield shapes(stroke(line(*pair), style.theme.ink, 1.0, 0.8) for pair in zip(points, moved, strict=True))
        yield shapes(entrant.mark(x, y, style) for (entrant, _), (x, y) in zip(ends, moved.tolist(), strict=True))


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


def _stretches(known: np.ndarray) -> Iterator[slice]:
    """The runs of neighbours that are known."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]])))
    yield from (slice(start, stop) for start, stop in edges.reshape(-1, 2))
