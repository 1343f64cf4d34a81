"""How accuracy depends on the learning rate: what the search for each optimizer's rate found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optviz.errors import UsageError
from optviz.figures.axis import accuracy_axis, log_axis
from optviz.figures.engine import heads, text
from optviz.figures.engine.clip import Box
from optviz.figures.engine.declutter import declutter
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import rate
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, Page, closed, rgba, shapes
from optviz.figures.panel import Panel
from optviz.figures.rows import Row, table
from optviz.figures.sheet import RADIUS, RING, marks, sheet
from optviz.results.comparison import Comparison
from optviz.results.training_run import RateSearch, Tuning

LINE, BAND = 2.0, 0.16


@dataclass(frozen=True)
class Found:
    """A search, and how its optimizer appears."""

    search: RateSearch
    colour: str
    shape: str

    @property
    def known(self) -> np.ndarray:
        """(n,) bool: for which rates there is an accuracy."""
        one = self.search
        return np.isfinite(one.accuracies) & np.isfinite(one.low) & np.isfinite(one.high)

    @property
    def chosen(self) -> int | None:
        """The index of the rate chosen; None where every rate diverged."""
        at = int(np.argmin(np.abs(np.log(self.search.rates / self.search.best))))
        return at if self.known[at] else None

    @property
    def accuracy(self) -> float:
        """With the rate chosen; −1 where every rate diverged."""
        return -1.0 if self.chosen is None else float(self.search.accuracies[self.chosen])


def rates_figure(comparison: Comparison, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark") -> Page:
    """Draw the validation accuracy of each optimizer against its learning rate.

    A line is the mean over seeds, its band reaches from the lowest seed to the highest, and the head marks the rate
    chosen. Rates with which a run diverged have a cross below the panel, on their optimizer's own line. The table
    gives the order at the chosen rates; one at the end of what was tried is named, because a better one may lie beyond.

    Parameters
    ----------
    comparison : Comparison
        With ``tuning``.
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
        If the comparison was not tuned, the picture cannot be drawn at this size, or the theme is unknown.
    """
    tuning = comparison.tuning
    if tuning is None:
        raise UsageError("this comparison was not tuned", "Run it with --tune.")
    frame = sheet(comparison, "Learning rates", _notes(tuning), size, theme, counted=False)
    scale, colours = frame.scale, frame.colours
    hue, shape = marks(comparison, colours)
    searches = [Found(one, hue[one.optimizer], shape[one.optimizer]) for one in tuning.searches if len(one.rates)]
    if not searches:
        frame.say("no search has ended")
        return frame.page
    searches.sort(key=lambda one: one.accuracy, reverse=True)
    left, top, right, bottom = frame.box
    small = scale.font(12)
    top, bottom = top + small + 10, bottom - 1.6 * small
    column = round(min(scale.length(300), max(scale.length(250), 0.33 * size[0], 190)))
    order = [_row(one) for one in searches]
    frame.page.add(table(order, "validation accuracy", (right - column, top, right, bottom), scale, colours))
    frame.page.add(_drawn(searches, (left, top, right - column - scale.length(22), bottom), scale, colours))
    return frame.page


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


def _row(one: Found) -> Row:
    search, chosen = one.search, one.chosen
    mark = one.colour, one.shape, search.title
    if chosen is None:
        return Row(*mark, "diverged", (), ("with every rate",), "bad", live=False)
    remarks, tone = ["" if search.low[chosen] == search.high[chosen] else _range(search, chosen), ""], "muted"
    if len(search.rates) > 1 and chosen in (0, len(search.rates) - 1):
        end = "highest" if chosen else "lowest"
        remarks, tone = [f"the {end} rate tried", f"{end} tried"], "bad"
    return Row(*mark, f"{one.accuracy:.2%}", (f"lr {rate(search.best)}",), (*remarks,), remark_tone=tone)


def _range(search: RateSearch, index: int) -> str:
    return f"{100 * search.low[index]:.2f}–{search.high[index]:.2%}"


def _drawn(searches: Sequence[Found], box: Box, scale: Scale, colours: Theme) -> Iterator[Item]:
    """The panel with its curves and, below it, a line for each optimizer that diverged."""
    left, top, right, bottom = box
    small = scale.font(12)
    diverged = [one for one in searches if not one.known.all()]
    lane = min(scale.length(13), 0.35 * (bottom - top) / max(1, len(diverged)))
    floor = bottom - lane * len(diverged) - (scale.length(10) if diverged else 0)
    shown = np.concatenate([part[one.known] for one in searches for part in (one.search.low, one.search.high)])
    y = accuracy_axis(shown, floor - top, 1.7 * small)
    left += (
        max([text.width(label, small) for _, label in y.ticks] + [text.width("diverged", small)] * bool(diverged)) + 6
    )
    low, high = min(one.search.rates[0] for one in searches), max(one.search.rates[-1] for one in searches)
    x = log_axis(0.8 * low, 1.25 * high, right - left, small)
    heading = "validation accuracy by learning rate"
    heading = heading if text.width(heading, small) <= right - left else "by learning rate"
    bare = replace(x, ticks=())
    panel = Panel((left, top, right, floor), heading, bare if diverged else x, y)
    yield from panel.ground(scale, colours)
    if diverged:
        below = Panel((left, bottom - lane * len(diverged), right, bottom), "", x, replace(y, ticks=()))
        yield from below.ground(scale, colours)
        yield from _lanes(diverged, below, lane, scale, colours)
    yield from _curves(searches, panel, scale, colours)


def _curves(searches: Sequence[Found], panel: Panel, scale: Scale, colours: Theme) -> Iterator[Item]:
    """Bands, lines with a bead for each rate, and heads; the best optimizer lies on top."""
    line, radius = scale.length(LINE), scale.length(RADIUS)
    bands, lines, ends = [], [], []
    for one in reversed(searches):
        search = one.search
        middle, low, high = (panel.place(search.rates, y) for y in (search.accuracies, search.low, search.high))
        for part in _stretches(one.known):
            bands.append((closed(np.concatenate([low[part], high[part][::-1]])), NONE, rgba(one.colour, BAND), 0.0))
            lines.append((Outline(middle[part]), rgba(one.colour), NONE, line))
            bead = heads.head("disc", line / 2 + 0.8)
            lines += [(bead.moved(*point), NONE, rgba(one.colour), 0.0) for point in middle[part]]
        if one.chosen is not None:
            ends.append((one, middle[one.chosen]))
    if not ends:
        left, top, right, bottom = panel.box
        words = "every rate diverged"
        yield Label((left + right) / 2, (top + bottom) / 2, words, scale.font(14), colours.muted, anchor="center")
        return
    yield shapes(bands, clip=panel.box)
    yield shapes(lines, cap="round")
    points = np.array([point for _, point in ends])
    left, top, right, bottom = panel.box
    inside = (left + radius, top + radius), (right - radius, bottom - radius)
    moved = np.clip(declutter(points[None], np.empty((0, 2)), 2.1 * radius, 0.0)[0], *inside)
    drawn = [(Outline(np.array([a, b])), rgba(colours.ink, 0.8), NONE, 1.0) for a, b in zip(points, moved, strict=True)]
    for (one, _), point in zip(ends, moved, strict=True):
        drawn.append((heads.head(one.shape, radius).moved(*point), rgba(colours.rim), rgba(one.colour), RING))
    yield shapes(drawn)


def _lanes(diverged: Sequence[Found], panel: Panel, lane: float, scale: Scale, colours: Theme) -> Iterator[Item]:
    """A line for each optimizer with a cross at each rate that diverged, and its head at the end."""
    left, top, right, bottom = panel.box
    small = scale.font(12)
    arm = min(scale.length(3.2), 0.36 * lane)
    drawn = []
    for row, one in enumerate(diverged):
        y = top + lane * (row + 0.5)
        drawn.append((Outline(np.array([(left, y), (right, y)])), rgba(colours.grid), NONE, 1.0))
        for x, _ in panel.place(one.search.rates[~one.known], np.zeros((~one.known).sum())):
            for turn in (1, -1):
                stroke = Outline(np.array([(x - arm, y - turn * arm), (x + arm, y + turn * arm)]))
                drawn.append((stroke, rgba(one.colour), NONE, scale.length(1.8)))
        radius = min(scale.length(RADIUS), 0.42 * lane)
        head = heads.head(one.shape, radius).moved(right + scale.length(11), y)
        drawn.append((head, rgba(colours.rim), rgba(one.colour), 0.7 * RING))
    yield shapes(drawn)
    yield Label(left - 6, (top + bottom) / 2 + 0.36 * small, "diverged", small, colours.bad, anchor="right")


def _stretches(known: np.ndarray) -> Iterator[slice]:
    """The runs of neighbours that are known."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]])))
    yield from (slice(start, stop) for start, stop in edges.reshape(-1, 2))
