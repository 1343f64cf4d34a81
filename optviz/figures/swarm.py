"""The swarm: thousands of starts flow down a test function together, in the colour of the minimizer they will reach."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from optviz.errors import UsageError
from optviz.figures.engine import theme as themes
from optviz.figures.engine.animation import Animation, delay, durations
from optviz.figures.engine.axis import LINEAR, Axis
from optviz.figures.engine.boxes import Block, Column, Either, Row, Space
from optviz.figures.engine.clip import Box
from optviz.figures.engine.key import Flow, Key
from optviz.figures.engine.minimizer_colours import minimizer_colours
from optviz.figures.engine.painter import Page
from optviz.figures.engine.panel import Frame, Panel
from optviz.figures.engine.relief import Relief
from optviz.figures.engine.sheet import Corner, Footer, Header, Progress, Sheet
from optviz.figures.engine.style import USUAL, Style
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import rate
from optviz.figures.swarm_chart import chart
from optviz.figures.swarm_key import SIGNS, Shares, entries, untabled
from optviz.figures.swarm_marks import Caption, Flock, Tally
from optviz.figures.swarm_story import Story
from optviz.results.saved import plain
from optviz.results.swarm import Swarm

NOWHERE = {"dark": "#c4c8cc", "light": "#4d545b"}  # runs that end at none of the minimizers
FRAME = Frame(names="ends", every=(70.0, 70.0))
BARE = Frame(across=False, along=False)
MANY = 20  # maps on a page of the usual size
LEAST_MAP, NEARLY = 64, 1.02  # px; how much larger a map must be for a less usual arrangement
LEAST_COLUMN = 190.0  # px beside a single map
GAP, APART = 14.0, 22.0  # px between maps, and between them and what is beside them


def swarm_animation(
    swarm: Swarm, size: tuple[int, int] | None = None, theme: str | Theme = "dark", fps: int = 25
) -> Animation:
    """A swarm as an animation: one large map for one optimizer, maps side by side for several.

    Every kept moment is a frame; where moments are a single step apart there are frames between them, more of them
    at the beginning, when most happens. Parameters as for `optviz.draw`; more than twenty maps have a larger picture
    where no size is given.

    Raises
    ------
    UsageError
        If the size, the theme or `fps` cannot be used, or if the maps would be too small.
    """
    size = size or _usual(swarm)
    pause, style = delay(fps), _style(swarm, size, theme)
    sheet = _sheet(swarm, size, style, resting=False)
    return Animation(sheet, durations(sheet.frames, pause), _colours(swarm, style))


def swarm_figure(swarm: Swarm, size: tuple[int, int] | None = None, theme: str | Theme = "dark") -> Page:
    """A swarm as a still picture: four moments of one optimizer, or the end of several; errors as for the animation.

    At the end all dots lie upon each other, so that the map shows instead where runs have started, in the colours of
    where that has led, and the ways that some of them have taken.
    """
    size = size or _usual(swarm)
    return _sheet(swarm, size, _style(swarm, size, theme), resting=True).page()


def _usual(swarm: Swarm) -> tuple[int, int]:
    """The size of a picture of which nothing is said."""
    return USUAL if len(swarm.runs) <= MANY else (2 * USUAL[0], 2 * USUAL[1])


def _style(swarm: Swarm, size: tuple[int, int], theme: str | Theme) -> Style:
    """The style at that size; of many maps that of the usual page, so that a larger one has room for them."""
    style = Style.of(size, theme)
    return style if len(swarm.runs) <= MANY else replace(style, factor=min(style.factor, 1.0))


def _sheet(swarm: Swarm, size: tuple[int, int], style: Style, resting: bool) -> Sheet:
    story = Story(swarm)
    moments = story.moments(0) if resting and len(swarm.runs) == 1 else []
    moments = moments if len(moments) > 1 else []
    body = _one_map if len(moments or swarm.runs) == 1 else _maps
    landscape, steps = swarm.landscape, max(swarm.steps, 1)
    formula = [[landscape.formula]] if landscape.formula else []
    progress = Progress(lambda frame: float(story.steps[frame] / steps), style)  # like the counter: time is not even
    return Sheet(
        size,
        style,
        Header([landscape.title], formula, style, corner=_corner(story, moments), most=4),
        body(story, style, moments, size),
        Footer(swarm.provenance(), style),
        facts(swarm),
        frames=story.frames,
        above=[] if moments else [progress],
    )


def _corner(story: Story, moments: Sequence[int]) -> list[Corner]:
    """The step of each frame, or whose moments these are."""
    swarm = story.swarm
    if moments:
        return [Corner(swarm.runs[0].contender.title, 16.0, "ink", bold=True), Corner(_rate(swarm, 0))]
    widest = "8" * len(str(swarm.steps))
    number = Corner(widest, 20.0, "ink", bold=True, at=lambda frame: str(int(story.steps[frame] + 1e-9)))
    return [Corner("step"), number, Corner(f"/ {swarm.steps}")]


def _colours(swarm: Swarm, style: Style) -> list[str]:
    """Of the minimizers, and of runs that end at none."""
    return [*minimizer_colours(swarm.minimizers, style.theme), NOWHERE[style.theme.name]]


def _relief(swarm: Swarm, style: Style) -> Relief:
    return Relief(swarm.landscape.values, swarm.landscape.minimum, style.theme)


def _axes(swarm: Swarm) -> list[Axis]:
    view = zip(("x{}", "y{}"), swarm.landscape.view, strict=True)
    return [Axis(low, high, LINEAR, (name,)) for name, (low, high) in view]


def _one_map(story: Story, style: Style, *_: Any) -> Callable[[Box], Block]:
    """A large map; beside it or below it name, chart and key with their numbers."""
    swarm, colours = story.swarm, _colours(story.swarm, style)
    key = Shares(entries(story, colours), style)
    caption = Caption(swarm.runs[0].contender.title, _rate(swarm, 0), style, 16.0, story=story)
    arrivals = chart(story, colours[:-1], [""], style, ())
    wide = max(key.widths(0.0)[0], caption.least, style.length(LEAST_COLUMN))
    x, y = _axes(swarm)
    deep = any(axis.ticked(16 * style.small, style.small).note for axis in (x, y))  # said with the axes' names
    frame = replace(FRAME, names="centred") if deep else FRAME
    flock = Flock(story, 0, colours, _relief(swarm, style))
    beside, stacked, shown = (
        Panel(x, y, style, marks, frame=frame, aspect=1.0, name="map 0", least=LEAST_MAP) for marks in ([], [], [flock])
    )

    def body(box: Box) -> Block:
        gap = style.length(APART)
        rest = Column(caption, Either(Column(arrivals, key, gap=style.length(GAP)), key), gap=style.length(GAP))
        Row(beside, Space(wide), gap=gap).place(box)
        Column(stacked, Space(height=rest.heights(box[2] - box[0])[0]), gap=gap).place(box)
        if stacked.size[0] > NEARLY * beside.size[0]:
            return Column(shown, rest, gap=gap)
        return Row(shown, Column(rest, width=wide, weight=0.0), gap=gap)

    return body


def _maps(story: Story, style: Style, moments: Sequence[int], size: tuple[int, int]) -> Callable[[Box], Block]:
    """Maps of one size in rows, as large as can be, with key and chart beside or below them."""
    swarm, colours, relief = story.swarm, _colours(story.swarm, style), _relief(story.swarm, style)
    named = themes.heads(run.contender.optimizer for run in swarm.runs)
    heads = [named[run.contender.optimizer] for run in swarm.runs]
    arrivals = chart(story, colours[:-1], heads, style, moments)
    shown: list[tuple[int, int | None, Caption]] = [
        (0, frame, Caption(f"step {int(story.steps[frame]):,}", "", style)) for frame in moments
    ] or [
        (k, None, Caption(run.contender.title, _rate(swarm, k), style, head=heads[k], chart=arrivals))
        for k, run in enumerate(swarm.runs)
    ]
    signs = untabled(entries(story, colours), len(swarm.runs) == 1, swarm)
    flow, key = Flow(signs, style), Key(signs, style, width=SIGNS)
    wide = style.length(SIGNS + 9) + max(width(entry.said(0), style.small) for entry in signs)
    tally, gap = Tally(story, 0, colours, style).heights(0.0)[0], style.length(GAP)
    x, y = _axes(swarm)

    def body(box: Box) -> Block:
        below = flow.heights(box[2] - box[0])[0]
        found = _largest(box, [caption for *_, caption in shown], wide, below, tally)
        if found is None:
            raise UsageError(
                f"{len(shown)} maps do not fit into {size[0]}x{size[1]} pixels",
                "Ask for a larger picture, or for fewer optimizers.",
            )
        side, columns, lines, stacked = found
        cells = []
        for index, (flock, frame, caption) in enumerate(shown):
            marks = [Flock(story, flock, colours, relief, frame)]
            panel = Panel(x, y, style, marks, frame=BARE, pixels=(side, side), name=f"map {index}")
            cells.append(Column(replace(caption, lines=lines), panel, Tally(story, flock, colours, style, frame)))
        grid = Column(*(Row(*cells[at : at + columns], gap=gap) for at in range(0, len(cells), columns)), gap=gap)
        if not stacked:
            return Row(grid, Either(Column(arrivals, key, gap=gap), key), gap=style.length(APART))
        table = Row(arrivals, Column(key, width=wide, weight=0.0), gap=style.length(APART))
        return Column(grid, Either(table, Column(arrivals, flow, gap=gap), flow), gap=gap)

    return body


def _largest(
    box: Box, captions: Sequence[Caption], key: float, flow: float, tally: float
) -> tuple[int, int, int, bool] | None:
    """The side of the maps where they are largest, their columns, lines of captions, and whether the key is below."""
    style, count, best = captions[0].style, len(captions), None
    gap, widest = style.length(GAP), max(caption.least for caption in captions)
    for columns, stacked, lines in product(range(1, count + 1), (False, True), (1, 2)):
        rows, above = math.ceil(count / columns), replace(captions[0], lines=lines).heights(0.0)[0]
        across = box[2] - box[0] - (0 if stacked else style.length(APART) + key) - gap * (columns - 1)
        down = box[3] - box[1] - (flow + gap if stacked else 0) - gap * (rows - 1)
        side = int(min(across / columns, down / rows - above - tally))
        if (lines == 2 or widest <= side) and side >= LEAST_MAP and (best is None or side > NEARLY * best[0]):
            best = side, columns, lines, stacked
    return best


def facts(swarm: Swarm) -> str:
    """The swarm's facts as one JSON document in plain ASCII."""
    document = {name: value for name, value in swarm.to_dict(arrays=False).items() if name not in ("schema", "moments")}
    return json.dumps(plain(document), allow_nan=False)


def _rate(swarm: Swarm, flock: int) -> str:
    """A flock's learning rate, if it has one."""
    hyperparameters = swarm.runs[flock].contender.hyperparameters
    return f"lr {rate(hyperparameters['lr'])}" if "lr" in hyperparameters else ""
