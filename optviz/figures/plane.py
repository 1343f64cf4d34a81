"""The training plane: the paths of all optimizers' weights over the loss around them, as animation and still picture.

Paths, losses and table advance together, epoch by epoch.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from optviz.errors import UsageError
from optviz.figures.comparison import counter, entered, facts, header, style_of
from optviz.figures.curves import Curves
from optviz.figures.engine import text
from optviz.figures.engine.animation import Animation, delay, durations
from optviz.figures.engine.axis import LOG, Axis, ranked, spanned
from optviz.figures.engine.boxes import Block, Column, Either, Row, Space
from optviz.figures.engine.clip import Box
from optviz.figures.engine.items import Item
from optviz.figures.engine.key import Flow
from optviz.figures.engine.painter import Page
from optviz.figures.engine.panel import CHART, Frame, Mark, Panel
from optviz.figures.engine.paths import Corners, Heads, Paths, Ranking, Runner, usual_pen
from optviz.figures.engine.sheet import Footer, Progress, Sheet
from optviz.figures.engine.style import USUAL, Entrant, Style, told_apart
from optviz.figures.engine.table import Cells, Table
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.trails import Pen
from optviz.figures.engine.wording import number
from optviz.figures.plane_key import colour_bar, ruler, signs
from optviz.figures.plane_map import Fog, Ground, Looks, axes
from optviz.figures.plane_notes import notes, numbers
from optviz.figures.plane_table import FRAMES, HEADINGS, Standings
from optviz.figures.plane_time import shares
from optviz.results.comparison import Comparison
from optviz.results.training_run import Plane

FRAME = Frame(across=False, along=False)
CLOSE = 0.6  # of the distance at which trails of a race take turns: paths that fan out should not be dashed
LEAST_SCALE = 0.75  # heads and trails are not drawn smaller than that
STACKED, UPPER = 1.3, 0.6  # times as large a map makes up for curve and table below it; its share of the height
WIDEST, THREE = 0.58, 2.5  # of the width, for the table; times its width for curve and table side by side
CURVE = 50.0  # px of its height at least


def plane_figure(comparison: Comparison, size: tuple[int, int] = USUAL, theme: str | Theme = "dark") -> Page:
    """Draw where each optimizer took the weights, on the plane of their two common principal directions.

    The map shows the training loss on the plane itself, faded where no run came near. Beside it stand the training
    loss of every run and a table with test accuracy, learning rate, and how far off the plane its weights are. It is
    the picture that `plane_animation` ends with. Parameters and errors as for `optviz.figure`.

    Raises
    ------
    UsageError
        If the comparison has no training plane.
    """
    return _sheet(comparison, _checked(comparison.plane), size, style_of(size, theme)).page()


def plane_animation(
    comparison: Comparison, size: tuple[int, int] = USUAL, theme: str | Theme = "dark", fps: int = 25
) -> Animation:
    """A training plane as an animation; all but `comparison` as for `optviz.draw`.

    Time passes evenly in the first half epoch and like the logarithm after it. Between two looks at the weights the
    paths are interpolated smoothly; the dots are where the weights really were. A frame lasts the nearest multiple of
    10 ms.

    Raises
    ------
    UsageError
        If the comparison has no training plane, or if the size, the theme or `fps` cannot be used.
    """
    plane, style, milliseconds = _checked(comparison.plane), style_of(size, theme), durations(FRAMES, delay(fps))
    colours = [entrant.colour for entrant in _field(comparison, plane, style)]
    return Animation(_sheet(comparison, plane, size, style), milliseconds, colours)


def _checked(plane: Plane | None) -> Plane:
    if plane is None or not plane.paths:
        raise UsageError(
            "this comparison has no training plane", "Make one that keeps the weights: optviz train -o mnist.gif"
        )
    return plane


def _field(comparison: Comparison, plane: Plane, style: Style) -> list[Entrant]:
    each = entered(comparison, style.theme)
    return [each[path.optimizer] for path in plane.paths]


def _sheet(comparison: Comparison, plane: Plane, size: tuple[int, int], style: Style) -> Sheet:
    standings, field = Standings(comparison, plane), _field(comparison, plane, style)
    order, ground = cache(standings.order), Ground(plane, style)
    tables = [_table(standings, order, field, style, two) for two in (True, False)]
    curve = _curve(standings, order, field, style)
    marks = _marks(plane, standings, order, field, ground)
    strong = Style(style.theme, max(style.factor, LEAST_SCALE))

    def map_of(marks: Sequence[Mark] = (), least: float = 40.0, most: float = np.inf) -> Panel:
        held = f"the plane holds {plane.held:.0%} of the variance"
        heading = f"{held} of all paths", held, f"{plane.held:.0%} of the variance"
        x, y = axes(plane)
        least, most = least / strong.factor, most / strong.factor
        return Panel(x, y, strong, marks, frame=FRAME, heading=heading, aspect=1.0, name="map", least=least, most=most)

    def body(box: Box) -> Block:
        gap, below, wide = style.length(22), style.length(6), box[2] - box[0]
        column = min(tables[0].widths(0.0)[0], WIDEST * wide)
        inner = *box[:3], box[3] - style.pitch - below
        beside, stacked = map_of(), map_of()
        Row(Column(beside, colour_bar(ground, wide, style), gap=below), Space(column), gap=gap).place(inner)
        rest: Block = Space(height=(1 - UPPER) * (inner[3] - inner[1]))
        Column(Column(stacked, colour_bar(ground, wide, style), gap=below), rest, gap=gap).place(inner)
        over = stacked.size[0] > STACKED * beside.size[0]
        side = (stacked if over else beside).size[0]
        left = Column(map_of(marks, side, side), colour_bar(ground, side, style), gap=below, weight=0.0)
        rest = Either(*(Column(curve, table, gap=style.length(10)) for table in tables), tables[1])
        if wide - side - gap > THREE * column:
            rest = Row(curve, Column(Either(*tables), width=column, weight=0.0), gap=gap)
        parts = Column(left, rest, gap=gap) if over else Row(left, rest, gap=gap)
        entries = [*signs(plane, standings, marks[2].epochs), ruler(side / (plane.x[-1] - plane.x[0]), style)]
        return Column(parts, Flow(entries, style, most=1), gap=below)

    def epoch(frame: int) -> str:
        return str(int(min(standings.moments[frame], standings.reached) + 1e-9))

    return Sheet(
        size,
        style,
        header(comparison, "Training plane", style, counter(comparison, epoch)),
        body,
        Footer(" · ".join(filter(None, [*notes(plane), told_apart(field, style.theme)])), style),
        json.dumps(facts(comparison) | {"plane": numbers(plane)}, allow_nan=False),
        frames=FRAMES,
        above=[Progress(lambda frame: standings.moments[frame] / standings.last, style)],
    )


def _pen(style: Style) -> Pen:
    return replace(usual_pen(style), leap=np.inf, bead=np.inf, crossings=np.inf)


def _marks(
    plane: Plane, standings: Standings, order: Ranking, field: Sequence[Entrant], ground: Ground
) -> tuple[Fog, Paths, Looks, Corners, Heads]:
    """What stands and runs on the map."""
    runners = [Runner(entrant, points) for entrant, points in zip(field, standings.points, strict=True)]
    paths = Paths(runners, np.arange(FRAMES, dtype=float), order, _pen, CLOSE)
    ended = zip(standings.times, standings.gone, strict=True)
    none, ringed = np.empty((0, 2)), [int(at[-1]) if gone else FRAMES for at, gone in ended]
    heads = Heads(paths, (0.0, 0.0), none, none, ringed=ringed)
    return Fog(ground, paths), paths, Looks(plane, standings.times, paths), Corners(), heads


def _table(standings: Standings, order: Ranking, field: Sequence[Entrant], style: Style, two: bool) -> Table:
    samples = standings.widest(field, two=two)

    def cells(index: int, frame: int) -> Cells:
        return standings.cells(index, frame, field[index], two=two)

    return Table(order, cells, style, HEADINGS, len(field), frames=FRAMES, samples=samples, two=two)


class Losses(Curves):
    """Curves with a head where each is, or where it ended."""

    def moving(self, frame: int) -> Iterator[Item]:
        known = [np.flatnonzero(np.isfinite(losses[: frame + 1])) for losses in self._gaps]
        order = [index for index in reversed([*self._ranking(frame)]) if len(known[index])]
        yield from self._heads([(index, float(known[index][-1])) for index in order])


def _curve(standings: Standings, order: Ranking, field: Sequence[Entrant], style: Style) -> Panel:
    """The training loss over the time that the animation takes."""
    last, losses = standings.last, standings.losses
    epochs = [
        0.0,
        last,
        *(factor * 10.0**power for some in ((1,), (2, 5)) for power in range(-1, 5) for factor in some),
    ]
    at = {float(shares(np.array(epoch), last)) * (FRAMES - 1): number(epoch) for epoch in epochs}
    x = Axis(0, FRAMES - 1, ranked(np.asarray, [*at]), write=at.__getitem__)
    y = spanned(losses[np.isfinite(losses)], LOG)
    curves = Losses(losses, np.arange(FRAMES, dtype=float), order, field)
    frame = replace(CHART, right=max(style.length(6), text.width(number(last), style.small) / 2))
    return Panel(x, y, style, [curves], frame=frame, heading=["training loss by epoch"], name="curve", least=CURVE)
