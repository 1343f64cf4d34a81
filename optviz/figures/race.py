"""The race: several optimizers from one start on one map, as an animation and as a still picture of its end."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from optviz.errors import UsageError
from optviz.figures.curves import curve_panel, rate_panel
from optviz.figures.engine.animation import Animation, delay, durations
from optviz.figures.engine.boxes import Block, Column, Either, Row, Space
from optviz.figures.engine.clip import Box
from optviz.figures.engine.key import Flow
from optviz.figures.engine.panel import Panel
from optviz.figures.engine.sheet import Corner, Footer, Header, Progress, Sheet
from optviz.figures.engine.style import USUAL, Entrant, Style, entrants, told_apart
from optviz.figures.engine.table import Cells, Table
from optviz.figures.engine.theme import Theme
from optviz.figures.race_key import signs
from optviz.figures.race_stage import Moments, Stage
from optviz.figures.standings import Standings
from optviz.results import Race, plain
from optviz.results.evaluations import by_evaluation

if TYPE_CHECKING:
    from optviz.figures.engine.painter import Page

FRAMES = 200
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
    view: str = "2d",
    camera: Sequence[float] | None = None,
    turn: float = 0.0,
) -> Animation:
    """A race as an animation; all but `race` and `turn` as for `optviz.draw`.

    The first frame is held for 0.6 s and the last for 2.6 s; a frame lasts the nearest multiple of 10 ms.

    Parameters
    ----------
    turn : float
        By how many degrees the camera of a surface turns in all, at most 45, slowly at both ends; the last frame is
        seen from the camera itself. Every frame is then drawn anew.

    Raises
    ------
    UsageError
        If the size, the theme, `fps`, `frames`, the view, the camera or the turn cannot be used.
    """
    if isinstance(frames, bool) or not isinstance(frames, int | np.integer) or not 1 <= frames <= 10_000:
        raise UsageError(f"frames is {frames!r}", "It must be a whole number from 1 to 10000.")
    milliseconds = durations(int(frames), delay(fps))
    style = Style.of(size, theme)
    stage = Stage(by_evaluation(race), style, view, camera, turn)
    colours = [*dict.fromkeys(entrant.colour for entrant in entered(race, style))]
    return Animation(_sheet(race, size, style, int(frames), show, stage), milliseconds, colours)


def race_figure(
    race: Race,
    size: tuple[int, int] = USUAL,
    theme: str | Theme = "dark",
    show: str | None = None,
    view: str = "2d",
    camera: Sequence[float] | None = None,
) -> "Page":
    """The picture that the animation of a race ends with; parameters and errors as for `optviz.figure`."""
    style = Style.of(size, theme)
    return _sheet(race, size, style, FRAMES, show, Stage(by_evaluation(race), style, view, camera)).page()


def entered(race: Race, style: Style) -> list[Entrant]:
    """The entrants of a race, in its order; of many those have colours that end best."""
    race = by_evaluation(race)
    order = Standings(race).order(race.steps)
    best = [race.trajectories[index].optimizer for index in order]
    return [*entrants({run.optimizer: run.title for run in race.trajectories}, style.theme, best).values()]


def sources(race: Race, field: Sequence[Entrant], style: Style) -> str:
    """Where the learning rates come from, and by which rule some are grey."""
    return " · ".join(filter(None, [race.provenance(), told_apart(field, style.theme)]))


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
        Corner(race.length[1]),
        Corner(widest, 20.0, "ink", bold=True, at=lambda frame: str(int(steps[frame]))),
        Corner(f"/ {race.steps}"),
    ]
    formula = [[race.landscape.formula]] if race.landscape.formula else []
    return Header([race.landscape.title], formula, style, corner=corner, most=FORMULA)


def _sheet(race: Race, size: tuple[int, int], style: Style, frames: int, show: str | None, stage: Stage) -> Sheet:
    told, race = facts(race, stage.facts), by_evaluation(race)
    standings, field = Standings(race), entered(race, style)
    moments = Moments(standings, race.steps, frames)
    curves = curve_panels(race, standings, moments, field, style, show)
    two, one = (table_of(standings, moments, field, style, two=lines) for lines in (True, False))
    column = _column(two if len(field) <= MOST_TWO else one, one, size[0])

    def body(box: Box) -> Block:
        gap = style.length(22)
        beside, stacked = stage.room(), stage.room()
        Row(beside, Space(column), gap=gap).place(box)
        Column(stacked, Block(), gap=gap).place(box)
        ground = stage.panel(field, moments, show)
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
        Footer(" · ".join([*stage.notes, sources(race, field, style)]), style, key=Flow(signs(race, show), style)),
        told,
        frames=frames,
        above=[Progress(lambda frame: 1.0 if frame == frames - 1 else moments.schedule[frame] / last, style)],
    )


def _column(wide: Table, narrow: Table, page: int) -> float:
    """The width of curve and table: what suits the rows; less where names are long or the page is narrow."""
    least = narrow.widths(0.0)[0]
    return max(least, COLUMN * page, min(wide.whole, WIDEST * page))


def facts(race: Race, more: Mapping[str, Any] = MappingProxyType({})) -> str:
    """The run's facts as one JSON document in plain ASCII, with `more` of the picture."""
    runs = [
        {
            "optimizer": run.optimizer,
            "variant": run.variant,
            "defaults": run.defaults,
            "learning_rate": race.rates.get(run.optimizer),
            "hyperparameters": run.hyperparameters,
            "diverged_at": run.diverged_at,
            "stopped": run.stopped,
        }
        for run in race.trajectories
    ]
    document = {
        "function": race.landscape.function,
        "start": race.start,
        "steps": race.steps,
        "evaluations": race.budget,
        "seed": race.seed,
        "provenance": race.provenance(),
        "tuning": race.tuning,
        "runs": runs,
    }
    return json.dumps(plain(document | {**more}))
