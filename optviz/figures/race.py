"""The race: several optimizers from one start on one map, as an animation and as a still picture of its end."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from optviz.errors import UsageError
from optviz.figures.curvature import Ellipses
from optviz.figures.curves import curve_panel, rate_panel
from optviz.figures.engine.animation import Animation, delay, durations
from optviz.figures.engine.axis import LINEAR, Axis
from optviz.figures.engine.boxes import Block, Column, Either, Row, Space
from optviz.figures.engine.clip import Box
from optviz.figures.engine.heads import ARROW, DISC, STAR, placed
from optviz.figures.engine.inset import Inset, Rim
from optviz.figures.engine.items import Outline, fill, stroke
from optviz.figures.engine.key import Entry, Flow, drawn
from optviz.figures.engine.panel import Frame, Mark, Panel
from optviz.figures.engine.paths import Corners, Heads, Paths, Runner
from optviz.figures.engine.relief import WHOLE, Ground, Relief
from optviz.figures.engine.sheet import Corner, Footer, Header, Progress, Sheet
from optviz.figures.engine.style import USUAL, Entrant, Style, entrants, told_apart
from optviz.figures.engine.table import Cells, Table
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.timeline import schedule
from optviz.figures.standings import OFF, Standings
from optviz.results import Race, plain

if TYPE_CHECKING:
    from optviz.figures.engine.painter import Page

FRAMES = 200
FRAME = Frame(names="ends", every=(70.0, 70.0))
STACKED = 1.3  # times as large a map makes up for a curve below it
FORMULA = 4  # lines that it takes at most
MOST_TWO = 7  # rows with two lines
COLUMN, WIDEST = 0.29, 0.4  # of the page's width: for curve and table at least, and for names as long as they are


def race_animation(
    race: Race,
    size: tuple[int, int] = USUAL,
    theme: str | Theme = "dark",
    fps: int = 25,
    frames: int = FRAMES,
    show: str | None = None,
) -> Animation:
    """A race as an animation; all but `race` as for `optviz.draw`.

    The first frame is held for 0.6 s and the last for 2.6 s; a frame lasts the nearest multiple of 10 ms.

    Raises
    ------
    UsageError
        If the size, the theme, `fps` or `frames` cannot be used.
    """
    if isinstance(frames, bool) or not isinstance(frames, int | np.integer) or not 1 <= frames <= 10_000:
        raise UsageError(f"frames is {frames!r}", "It must be a whole number from 1 to 10000.")
    milliseconds = durations(int(frames), delay(fps))
    style = Style.of(size, theme)
    colours = [*dict.fromkeys(entrant.colour for entrant in entered(race, style))]
    return Animation(_sheet(race, size, style, int(frames), show), milliseconds, colours)


def race_figure(
    race: Race, size: tuple[int, int] = USUAL, theme: str | Theme = "dark", show: str | None = None
) -> "Page":
    """The picture that the animation of a race ends with; parameters and errors as for `optviz.figure`."""
    return _sheet(race, size, Style.of(size, theme), FRAMES, show).page()


def entered(race: Race, style: Style) -> list[Entrant]:
    """The entrants of a race, in its order; of many those have colours that end best."""
    order = Standings(race).order(race.steps)
    best = [race.trajectories[index].optimizer for index in order]
    return [*entrants({run.optimizer: run.title for run in race.trajectories}, style.theme, best).values()]


def sources(race: Race, field: Sequence[Entrant], style: Style) -> str:
    """Where the learning rates come from, and by which rule some are grey."""
    return " · ".join(filter(None, [race.provenance(), told_apart(field, style.theme)]))


class Moments:
    """What each frame of a race shows.

    Attributes
    ----------
    schedule : (frames,) float64
        The step, whole or in between.
    steps : (frames,) int64
        The last whole step.
    """

    def __init__(self, standings: Standings, steps: int, frames: int):
        self.schedule = schedule(frames, steps)
        self.steps = np.floor(self.schedule + 1e-9).astype(int)
        self._order = cache(standings.order)

    def ranking(self, frame: int) -> list[int]:
        """The indices of the entrants, the leader first."""
        return self._order(int(self.steps[frame]))


def table_of(standings: Standings, moments: Moments, field: Sequence[Entrant], style: Style, *, two: bool) -> Table:
    """The table of a race, with one line for each entrant or with two."""

    def cells(index: int, frame: int) -> Cells:
        return standings.cells(index, int(moments.steps[frame]), field[index])

    samples = standings.widest(field)
    frames = len(moments.steps)
    return Table(moments.ranking, cells, style, standings.headings, len(field), frames=frames, samples=samples, two=two)


def curve_panels(
    race: Race,
    standings: Standings,
    moments: Moments,
    field: Sequence[Entrant],
    style: Style,
    show: str | None,
    beads: int = 0,
) -> list[Panel]:
    """The curves of a race, and below them what else is asked for."""
    curve = curve_panel(standings, moments.schedule, moments.ranking, field, style, beads)
    rates = rate_panel(race, moments.schedule, moments.ranking, field, style) if show == "lr" else None
    return [curve, rates] if rates else [curve]


def header_of(race: Race, style: Style, steps: np.ndarray) -> Header:
    """Title, formula, and the step of each frame."""
    widest = "8" * len(str(race.steps))
    corner = [
        Corner("step"),
        Corner(widest, 20.0, "ink", bold=True, at=lambda frame: str(int(steps[frame]))),
        Corner(f"/ {race.steps}"),
    ]
    formula = [[race.landscape.formula]] if race.landscape.formula else []
    return Header([race.landscape.title], formula, style, corner=corner, most=FORMULA)


def _sheet(race: Race, size: tuple[int, int], style: Style, frames: int, show: str | None = None) -> Sheet:
    standings, field = Standings(race), entered(race, style)
    moments = Moments(standings, race.steps, frames)
    curves = curve_panels(race, standings, moments, field, style, show)
    two, one = (table_of(standings, moments, field, style, two=lines) for lines in (True, False))
    column = _column(two if len(field) <= MOST_TWO else one, one, size[0])

    def body(box: Box) -> Block:
        gap = style.length(22)
        beside, stacked = _map(race, style), _map(race, style)
        Row(beside, Space(column), gap=gap).place(box)
        Column(stacked, Block(), gap=gap).place(box)
        ground = _map(race, style, _marks(race, field, moments, style, show))
        columns = (*curves, two), (*curves, one), (curves[-1], one)  # where little fits what is asked for comes first
        rest = Either(*(Column(*blocks, gap=style.length(10)) for blocks in columns), one)
        if stacked.size[0] > STACKED * beside.size[0]:
            return Column(ground, rest, gap=gap)
        slack = box[3] - beside.box[3] - beside.below
        foot = Space(height=ground.below if slack < style.length(24) else 0.0)  # the table ends where the map does
        return Row(ground, Column(rest, foot, width=column, weight=0.0), gap=gap)

    last = max(race.steps, 1)
    return Sheet(
        size,
        style,
        header_of(race, style, moments.steps),
        body,
        Footer(sources(race, field, style), style, key=Flow(_signs(race, show), style)),
        facts(race),
        frames=frames,
        above=[Progress(lambda frame: 1.0 if frame == frames - 1 else moments.schedule[frame] / last, style)],
    )


def _map(race: Race, style: Style, marks: Sequence[Mark] = ()) -> Panel:
    x, y = (Axis(low, high, LINEAR, (name,)) for name, (low, high) in zip("xy", race.landscape.view, strict=True))
    return Panel(x, y, style, marks, frame=FRAME, aspect=1.0, name="map", least=64.0)


def _marks(race: Race, field: Sequence[Entrant], moments: Moments, style: Style, show: str | None) -> list[Mark]:
    """What stands and runs on the map, and in an inset what it shows."""
    landscape = race.landscape
    relief = Relief(landscape.values, landscape.minimum, style.theme)
    runners = [Runner(one, run.points, run.diverged_at) for one, run in zip(field, race.trajectories, strict=True)]
    landmarks = np.concatenate([landscape.minimizers, [race.start]])
    minima = np.concatenate([landscape.minimizers, landscape.local_minimizers])
    curved = show == "curvature"
    ellipses = [Ellipses(minima, landscape.hessians)] if curved and landscape.hessians is not None else []

    def marks(part: Box, above: Callable[[Paths], Sequence[Mark]], whole: bool) -> list[Mark]:
        paths = Paths(runners, moments.schedule, moments.ranking)
        heads = Heads(paths, race.start, landscape.minimizers, landscape.local_minimizers, whole=whole)
        return [Ground(relief, part), *ellipses, paths, *above(paths), heads]

    def inset(part: Box) -> list[Mark]:
        return marks(part, lambda _: [Rim(part[2] - part[0])], False)

    return marks(WHOLE, lambda paths: [Inset(paths, landmarks, inset), Corners()], True)


def _column(wide: Table, narrow: Table, page: int) -> float:
    """The width of curve and table: what suits the rows; less where names are long or the page is narrow."""
    least = narrow.widths(0.0)[0]
    return max(least, COLUMN * page, min(wide.whole, WIDEST * page))


def _signs(race: Race, show: str | None) -> list[Entry]:
    """The signs on the map that occur in this race, each with its word."""
    landscape = race.landscape
    (left, right), (low, high) = landscape.view

    def shown(points: np.ndarray) -> np.ndarray:
        x, y = points.T
        return (x >= left) & (x <= right) & (y >= low) & (y <= high)

    minima, local = (int(shown(points).sum()) for points in (landscape.minimizers, landscape.local_minimizers))
    lowest = ("lowest found", "lowest found") if landscape.searched else ("minimum", "minima")
    found = {
        "start": shown(np.array([race.start])).any(),
        lowest[minima > 1]: minima,
        "local minimum" if local == 1 else "local minima": local,
        CURVED: show == "curvature" and landscape.hessians is not None and np.isfinite(landscape.hessians).any(),
        OFF: any(not shown(run.points).all() for run in race.trajectories),  # NaN is not shown
    }
    return [Entry((words,), SIGNS[SAME.get(words, words)]) for words, there in found.items() if there]


def _flat(outline: Outline, y: float) -> Outline:
    """A shape half as high."""
    return Outline((outline.vertices - (0.0, y)) * (1.0, 0.55) + (0.0, y), outline.codes)


SAME = {"minima": "minimum", "local minima": "local minimum", "lowest found": "minimum"}  # signs of several words
CURVED = "level of the curvature"
SIGNS = {
    "start": drawn(
        lambda x, y, style: [stroke(placed(DISC, x, y, style.length(4.6)), style.theme.ink, style.length(1.8))]
    ),
    "minimum": drawn(lambda x, y, style: [fill(placed(STAR, x, y, style.length(7.5)), style.theme.ink)]),
    "local minimum": drawn(
        lambda x, y, style: [stroke(placed(STAR, x, y, style.length(6.5)), style.theme.ink, style.length(1.1), 0.75)]
    ),
    CURVED: drawn(
        lambda x, y, style: [
            stroke(_flat(placed(DISC, x, y, style.length(6.0)), y), style.theme.ink, style.length(1.2))
        ]
    ),
    OFF: drawn(lambda x, y, style: [fill(placed(ARROW, x, y, style.length(5)), style.theme.ink)]),
}


def facts(race: Race) -> str:
    """The run's facts as one JSON document in plain ASCII."""
    runs = [
        {
            "optimizer": run.optimizer,
            "variant": run.variant,
            "defaults": run.defaults,
            "learning_rate": race.rates.get(run.optimizer),
            "hyperparameters": run.hyperparameters,
            "diverged_at": run.diverged_at,
        }
        for run in race.trajectories
    ]
    document = {
        "function": race.landscape.function,
        "start": race.start,
        "steps": race.steps,
        "seed": race.seed,
        "provenance": race.provenance(),
        "tuning": race.tuning,
        "runs": runs,
    }
    return json.dumps(plain(document))
