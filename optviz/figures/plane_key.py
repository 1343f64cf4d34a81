"""What the signs and colours on the map of a training plane mean."""

from collections.abc import Iterator, Sequence

import numpy as np

from optviz.figures.engine import text
from optviz.figures.engine.axis import spacing
from optviz.figures.engine.boxes import Column, Row
from optviz.figures.engine.heads import DISC, placed
from optviz.figures.engine.items import Item, Picture, fill, line, rectangle, shapes, stroke
from optviz.figures.engine.key import Bar, Entry, Flow, Words, drawn
from optviz.figures.engine.pixels import hatching
from optviz.figures.engine.style import Style
from optviz.figures.engine.theme import rgb
from optviz.figures.engine.wording import number
from optviz.figures.plane_map import Ground, axes
from optviz.figures.plane_table import Standings
from optviz.figures.race_key import SIGNS
from optviz.figures.standings import OFF
from optviz.results.training_run import Plane

RULER = 90.0  # px: the distance in the key at most
DOT = drawn(lambda x, y, style: [fill(placed(DISC, x, y, style.length(2.6)), style.theme.ink)])
DIVERGED = drawn(
    lambda x, y, style: [stroke(placed(DISC, x, y, style.length(4.6)), style.theme.bad, style.length(1.8))]
)


def colour_bar(ground: Ground, room: float, style: Style) -> Row:
    """The colours of the map with the losses that they stand for, as wide as the room with their words."""
    words, _ = text.chosen(["loss on the plane", "loss"], 0.4 * room, [style.small])
    gap, wide = style.length(10), text.width(words, style.small)
    bar = Bar("", ground.colours(), ground.axis(), style, most=(room - wide - gap) / style.factor)
    return Row(Column(Words(words, style), width=wide, weight=0.0), bar, gap=gap)


def signs(plane: Plane, standings: Standings, looks: Sequence[float]) -> list[Entry]:
    """What is on the map that needs a word; `looks` are the epochs with a dot."""
    dots = "each epoch" if [*looks] == [*range(1, len(looks) + 1)] else "looks at the weights"
    points = np.concatenate(standings.points)
    points = points[np.isfinite(points).all(axis=1)]
    away = [np.abs(axis.share(at) - 0.5).max() for axis, at in zip(axes(plane), points.T, strict=True)]
    found = [
        ("start", SIGNS["start"], True),
        (dots, DOT, looks),
        ("diverged", DIVERGED, any(standings.gone)),
        (OFF, SIGNS[OFF], max(away) > 0.5),
        ("no run came near", _hatched, True),
    ]
    return [Entry((words,), sign) for words, sign, there in found if there]


def _hatched(x: float, y: float, style: Style) -> Iterator[Item]:
    wide, high = round(style.length(14)), round(style.length(9))
    panel, muted = (np.array(rgb(colour)) for colour in (style.theme.panel, style.theme.muted))
    pixels = panel + hatching((wide, high), style.length(4.5), style.hair)[..., None] * (muted - panel)
    box = left, top, _, _ = round(x - wide / 2), round(y - high / 2), round(x + wide / 2), round(y + high / 2)
    yield Picture(np.rint(pixels).astype(np.uint8), left, top)
    yield shapes([stroke(rectangle(box), style.theme.muted, style.hair, 0.6)])


def ruler(unit: float, style: Style) -> Entry:
    """A round distance between weights; `unit` is how many pixels 1 is."""
    most = style.length(RULER)
    distance = max(step for part in (0.4, 0.6, 1.0) if (step := spacing(part * most / unit, 1)) * unit <= 1.001 * most)

    def sign(x: float, y: float, style: Style) -> Iterator[Item]:
        half, tick = distance * unit / 2, style.length(3)
        ends = [line((at, y - tick), (at, y + tick)) for at in (x - half, x + half)]
        rules = [line((x - half, y), (x + half, y)), *ends]
        yield shapes(stroke(rule, style.theme.ink, max(1.0, style.length(1.4))) for rule in rules)

    wide = distance * unit + 6 - style.length(2 * Flow.BEFORE)
    return Entry((f"{number(distance)} between weights",), sign, wide=wide)
