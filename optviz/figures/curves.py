"""The convergence curves of a race: the suboptimality gap of every optimizer over the steps, both logarithmic."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from optviz.figures.engine import text
from optviz.figures.engine.axis import LOG, Axis, early_steps, ranked
from optviz.figures.engine.clip import grown
from optviz.figures.engine.course import straight
from optviz.figures.engine.heads import ARROW, DISC, placed
from optviz.figures.engine.items import Drawn, Item, fill, rgba, shapes
from optviz.figures.engine.panel import Frame, Mark, Panel
from optviz.figures.engine.style import Entrant, Style
from optviz.figures.engine.timeline import elapsed
from optviz.figures.engine.trails import Pen, Trail, merged
from optviz.figures.engine.wording import FLOOR, gap, number, rate
from optviz.figures.standings import Standings
from optviz.results import Race

RATES = "lr by {}, both log", "lr by {}", "lr"
LOWEST = 1e-4  # share of the largest learning rate below which none is shown
LABELS = 38.0  # px from label to label of the gaps
HEAD = 3.4  # px, the radius of heads
LEAST = 38.0  # px of height


class Curves(Mark):
    """Lines that grow, with their heads.

    Parameters
    ----------
    gaps : (optimizers, steps + 1) float64
        At least `FLOOR`; NaN where there is none.
    schedule : (frames,) float64
        The step that each frame shows.
    ranking : function of a frame
    entrants : sequence of Entrant
    beads : int
        Heads along each line, so that lines can be told apart without colour.
    stops : sequence of (int or None)
        For each the step after which it did not go on, of itself: a ring on the line.
    """

    name = "curves"

    def __init__(
        self,
        gaps: np.ndarray,
        schedule: np.ndarray,
        ranking: Callable[[int], Sequence[int]],
        entrants: Sequence[Entrant],
        beads: int = 0,
        stops: Sequence[int | None] = (),
    ):
        self._stops = [*enumerate(stops)]
        self._gaps, self._schedule, self._ranking, self._entrants = gaps, schedule, ranking, entrants
        self._steps, self._beads = np.floor(schedule + 1e-9).astype(int), beads
        self._order = sorted(ranking(len(schedule) - 1), key=lambda index: entrants[index].chosen)  # grey ones below

    def place(self, panel: Panel) -> None:
        super().place(panel)
        style = panel.style
        steps = np.broadcast_to(np.arange(self._gaps.shape[1]), self._gaps.shape)
        self._points = panel.to_page(np.stack([steps, self._gaps], axis=-1))
        pen = Pen(style.length(1.6), 0.0, np.inf, np.inf, style.length(8), 2.0)
        self._trails = [
            Trail(straight(points, panel.box), entrant.colour, panel.box, pen, style.theme, entrant.dash)
            for points, entrant in zip(self._points, self._entrants, strict=True)
        ]
        top = panel.box[1] - 1e-6
        above = [np.flatnonzero(points[:, 1] < top) for points in self._points]
        self._first_above = [int(steps[0]) if len(steps) else np.inf for steps in above]
        self._places = self._points.tolist()  # single items of an array cost more than all the arithmetic with them

    def added(self, first: int, last: int) -> Iterator[Item]:
        steps = 0 if first < 0 else int(self._steps[first]), int(self._steps[last])
        order = self._order if steps[0] < steps[1] else ()
        if lines := [line for index in order for line in self._trails[index].strokes(*steps)[1]]:
            yield merged(lines, "round", grown(self.panel.box, 1))

    def moving(self, frame: int) -> Iterator[Item]:
        at = float(self._schedule[frame])
        order = [index for index in self._ranking(frame) if self._entrants[index].chosen]
        apart = (self._gaps.shape[1] - 1) / max(self._beads, 1)
        for place, index in enumerate(order if self._beads else ()):
            steps = (np.arange(self._beads) + 0.3 + 0.6 * place / len(order)) * apart
            yield from self._heads([(index, float(step)) for step in steps])
        yield from self._leaving(int(at))
        yield from self._stopped(at)
        yield from self._heads([(index, at) for index in reversed(order)])

    def _stopped(self, at: float) -> Iterator[Item]:
        """A ring where an optimizer has stopped by then, on the panel."""
        style, top = self.panel.style, self.panel.box[1]
        drawn: list[Drawn] = []
        for index, step in self._stops:
            if step is None or step > at or not self._entrants[index].chosen:
                continue
            x, y = self._places[index][step]
            if math.isfinite(y) and y >= top:
                disc = placed(DISC, x, y, style.length(HEAD))
                drawn.append((disc, rgba(self._entrants[index].colour), rgba(style.theme.panel), style.length(1.6)))
        if drawn:
            yield shapes(drawn)

    def _leaving(self, upto: int) -> Iterator[Item]:
        """Small arrows at the top edge where curves leave the panel."""
        left, top, right, _ = self.panel.box
        size = self.panel.style.length(4.5)
        drawn: list[Drawn] = []
        taken: list[float] = []
        for places, entrant, first in zip(self._places, self._entrants, self._first_above, strict=True):
            if first > upto or not entrant.chosen:
                continue
            x = min(max(places[int(first)][0], left + size), right - size)
            while any(abs(x - other) < 2.9 * size for other in taken):
                x += 2.9 * size
            taken.append(x)
            drawn.append(fill(placed(ARROW, x, top - size, size, -np.pi / 2), entrant.colour))
        if drawn:
            yield shapes(drawn)

    def _heads(self, places: Sequence[tuple[int, float]]) -> Iterator[Item]:
        """Heads for (optimizer, step); none where a curve has ended or is outside the panel."""
        top, style = self.panel.box[1], self.panel.style
        drawn = []
        for index, at in places:
            places = self._places[index]
            first = min(int(at), len(places) - 1)
            here, there = places[first], places[min(first + 1, len(places) - 1)]
            there = there if math.isfinite(there[1]) else (there[0], here[1])
            if math.isfinite(here[1]) and min(here[1], there[1]) >= top - 1e-6:
                share = at - first
                x, y = ((1 - share) * start + share * end for start, end in zip(here, there, strict=True))
                drawn.append(self._entrants[index].mark(x, y, style, HEAD, 1.0))
        if drawn:
            yield shapes(drawn)


def curve_panel(
    standings: Standings,
    schedule: np.ndarray,
    ranking: Callable[[int], Sequence[int]],
    entrants: Sequence[Entrant],
    style: Style,
    beads: int = 0,
) -> Panel:
    """The panel with the curves of a race; parameters as for `Curves`."""
    gaps = np.where(np.isfinite(standings.gaps), np.clip(standings.gaps, FLOOR, 1e300), np.nan)
    steps = gaps.shape[1] - 1
    x = Axis(0, max(steps, 1), ranked(lambda at: elapsed(at, steps), early_steps(steps)))
    y = Axis(*limits(gaps, standings.ranked), LOG, write=gap)
    frame = Frame(grid="xy", every=(0.0, LABELS), right=text.width(number(steps), style.small) / 2)
    curves = Curves(gaps, schedule, ranking, entrants, beads, standings.stops)
    heading = f"{standings.words} by {standings.unit}, both log"
    return Panel(x, y, style, [curves], frame=frame, heading=[heading], name="curve", least=LEAST)


def rate_panel(
    race: Race, schedule: np.ndarray, ranking: Callable[[int], Sequence[int]], entrants: Sequence[Entrant], style: Style
) -> Panel | None:
    """The panel with the learning rates of a race, constant where they have no schedule; None where nobody has one.

    The other parameters are as for `Curves`. What is below a small share of the largest rate, as the end of many a
    schedule, lies on the edge.
    """
    known = [np.nan * run.values if (lr := run.hyperparameters.get("lr")) is None else np.full(len(run.values), lr)
             for run in race.trajectories]  # fmt: skip
    rates = np.array(
        [
            own if run.learning_rates is None else run.learning_rates
            for own, run in zip(known, race.trajectories, strict=True)
        ]
    )
    high = float(np.nanmax(rates, initial=0.0))
    if not high > 0:
        return None
    seen = rates[rates > LOWEST * high]
    low, steps = float(seen.min()), race.steps
    rates = np.where(np.isnan(rates), np.nan, np.maximum(rates, low))
    x = Axis(0, max(steps, 1), ranked(lambda at: elapsed(at, steps), early_steps(steps)))
    y = Axis(*limits(rates, np.full(rates.shape, True)), LOG, write=rate)
    frame = Frame(grid="xy", every=(0.0, LABELS), right=text.width(number(steps), style.small) / 2)
    words = [one.format(race.length[1]) for one in RATES]
    return Panel(
        x, y, style, [Curves(rates, schedule, ranking, entrants)], frame=frame, heading=words, name="lr", least=LEAST
    )


def limits(gaps: np.ndarray, ranked: np.ndarray) -> tuple[float, float]:
    """The ends of the axis: everything that counts in the race, with a little air; never empty."""
    seen = gaps[ranked & np.isfinite(gaps)]
    if not len(seen):
        seen = gaps[np.isfinite(gaps)]
    if not len(seen):
        return 0.1, 10.0
    low, high = float(np.log10(seen.min())), float(np.log10(min(seen.max(), 1e290)))
    air = max(0.04 * (high - low), 0.02)
    if high - low < 0.1:
        low, high, air = low - 0.3, high + 0.3, 0.0
    return 10 ** (low - air), 10 ** (high + air)
