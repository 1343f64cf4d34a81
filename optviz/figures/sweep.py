"""A sweep of two hyperparameters as a map: how fast each pair of values arrives, and where it does not or diverges."""

import json
import math
from collections.abc import Iterator, Sequence

import numpy as np

from optviz.figures.engine import text
from optviz.figures.engine.axis import LINEAR, LOG, SHORTFALL, Axis
from optviz.figures.engine.boxes import Block, Column, Row
from optviz.figures.engine.items import Item, Picture, fill, rounded, shapes
from optviz.figures.engine.key import Bar, Entry, Key, Sign
from optviz.figures.engine.painter import Page
from optviz.figures.engine.panel import Frame, Mark, Panel
from optviz.figures.engine.pixels import ramp
from optviz.figures.engine.sheet import Footer, Header, Sheet
from optviz.figures.engine.style import USUAL, Style
from optviz.figures.engine.theme import Theme, rgb
from optviz.figures.engine.wording import number
from optviz.figures.sweep_colours import Speed, hatched, painted, shades
from optviz.figures.sweep_marks import Best, Theory, ring, sign_of, visible
from optviz.results.sweep import Axis as Swept
from optviz.results.sweep import Curve, Sweep
from optviz.results.words import counted

SIZE = USUAL
COLUMN = 196.0  # px beside the map, for colours and key
WIDEST_TICK = "0.88888"  # the room that labels of the upright axis have
WIDEST_SHARE = "88.8% not within 888,888"  # what has to fit into the column
PROVENANCE = 1200.0  # px of text at 12 px that the footer has room for
WORDS = {"lr": "learning rate"}
FRAME = Frame(border=True, names="centred", widest=WIDEST_TICK)
SCALES = {"log": LOG, "linear": LINEAR, "log(1-b)": SHORTFALL}


def sweep_figure(sweep: Sweep, size: tuple[int, int] = SIZE, theme: str | Theme = "dark") -> Page:
    """Draw how many steps each pair of hyperparameters takes to arrive; parameters and errors as for `optviz.figure`.

    Colour is the number of steps, on a logarithmic ramp. Runs that do not arrive within the budget are grey, those
    that diverge red and hatched. Where hardly any run arrives, colour is the value at which a run ends instead. A ring
    marks the best robust point, whose slowest neighbour is fastest: a single fast pixel may be luck. What theory says
    is drawn over the map and explained beside it.
    """
    style = Style.of(size, theme)
    speed, curves = Speed.of(sweep), visible(sweep)
    marks = [Runs(sweep, speed), Theory(curves), Best(sweep, curves)]
    panel = Panel(axis(sweep.x), axis(sweep.y), style, marks, frame=FRAME, name="map")
    signs = Key(_signs(sweep, curves), style, name="signs", weight=1.0)
    shares = Key(_shares(sweep, speed, style), style, name="shares")
    told = [f"{curve.name}: {curve.text}" for curve, _ in curves]
    return Sheet(
        size,
        style,
        Header(_title(sweep), [[sweep.landscape.formula], _goal(sweep, speed)], style),
        _body(panel, style, _bar(sweep, speed, style), shares, signs),
        Footer(sweep.conditions(), style, rows=_rows(size, style), notes=lambda: told if signs.level else ()),
        _facts(sweep),
    ).page()


def panel_pixels(size: tuple[int, int] = SIZE) -> tuple[int, int]:
    """How many pixels wide and high the map of a picture of that size is: as many runs can be seen one by one.

    Raises
    ------
    UsageError
        If pictures cannot be drawn at this size.
    """
    style = Style.of(size, "dark")
    panel = Panel(Axis(0, 1, LINEAR), Axis(0, 1, LINEAR), style, frame=FRAME)
    Sheet(size, style, Header([""], [[""], [""]], style), _body(panel, style), Footer("", style, _rows(size, style)))
    return panel.size


def axis(swept: Swept) -> Axis:
    """The axis of a hyperparameter."""
    name = swept.name
    said = f"{WORDS[name]} {name}{{}}" if name in WORDS else f"{name}{{}}"
    scaled = {"log": " (log)", "log(1-b)": f" (log of 1 − {name})"}.get(swept.scale, "")
    return Axis(swept.low, swept.high, SCALES[swept.scale], (said + scaled, said, f"{name}{{}}"))


def _body(panel: Panel, style: Style, *beside: Block) -> Row:
    """The map, and beside it a column whose width does not depend on what it says."""
    width = max(style.length(COLUMN), text.width(WIDEST_SHARE, style.small) + style.length(26))
    return Row(panel, Column(*beside, gap=style.length(12), width=width, weight=0.0), gap=style.length(22))


def _rows(size: tuple[int, int], style: Style) -> int:
    """How many rows the footer has."""
    return math.ceil(PROVENANCE * style.small / 12 / (size[0] - 2 * style.margin))


def _title(sweep: Sweep) -> list[str]:
    """Who ran on what, and what varies."""
    who = f"{sweep.contender.title} on {sweep.landscape.title}"
    names = (sweep.x.name, sweep.y.name)
    full = " and ".join(WORDS.get(name, name.replace("_", " ")) for name in names)
    return [f"{who}: {full}", f"{who}: {' and '.join(names)}", who]


def _goal(sweep: Sweep, speed: Speed) -> list[str]:
    """What was counted, from the longest to the shortest words."""
    goal = f"{sweep.landscape.gap} stays below {number(sweep.tolerance)}"
    if speed.steps:
        told, *shorter = f"colour: steps until {goal}", f"steps until {goal}", f"until {goal}"
    else:
        few, colour = "hardly any run arrives", f"{sweep.landscape.gap} at the end"
        told = f"colour: {colour}, since {few} below {number(sweep.tolerance)}"
        shorter = [f"colour: {colour}, since {few}", f"{colour}: {few}"]
    budgets = [f"{told} · budget {counted(sweep.steps, 'step')}"]
    budgets += [f"{words} · budget {sweep.steps:,}" for words in shorter]
    return [f"from ({number(sweep.start[0])}, {number(sweep.start[1])}) · {words}" for words in budgets]


class Runs(Mark):
    """The colours of all runs."""

    def __init__(self, sweep: Sweep, speed: Speed):
        self._sweep, self._speed = sweep, speed

    def still(self) -> Iterator[Item]:
        yield self.panel.shown(lambda size: painted(self._sweep, self._speed, size, self.panel.style))


def _bar(sweep: Sweep, speed: Speed, style: Style) -> Bar:
    """The ramp, fast at the top."""
    taken = speed.amounts(sweep)
    faster, slower = bool((taken < speed.fast).any()), bool((taken > speed.slow).any())

    def write(amount: float) -> str:
        if speed.steps and abs(amount - round(amount)) > 1e-6 * amount:
            return ""  # there is no half a step
        words = f"{round(amount):,}" if speed.steps else number(amount)
        return (
            "≤ " if faster and amount < 1.001 * speed.fast else "≥ " if slower and amount > 0.999 * speed.slow else ""
        ) + words

    title = "steps to arrive" if speed.steps else f"{sweep.landscape.gap} at the end"
    ends = Axis(speed.slow, speed.fast, LOG, write=write)
    return Bar(title, ramp(shades(style.theme).ramp), ends, style, upright=True, most=280.0, weight=0.0)


def _shares(sweep: Sweep, speed: Speed, style: Style) -> list[Entry]:
    """What share of the runs fares how; where values are shown, runs that do not arrive have colours too."""
    colours, wide, high = shades(style.theme), round(style.length(18)), round(0.95 * style.small)
    arrived, diverged = float((sweep.arrived >= 0).mean()), float((sweep.diverged > 0).mean())
    across = np.repeat(ramp(colours.ramp, wide)[None], high, axis=0)
    grey = np.full((high, wide, 3), rgb(colours.never), np.uint8) if speed.steps else across
    red = hatched(np.full((high, wide, 3), rgb(colours.diverged), np.uint8), np.ones((high, wide), bool), style)
    return [
        Entry((f"{_percent(arrived)} arrive",), _sample(across), "ink"),
        Entry((f"{_percent(1 - arrived - diverged)} not within {sweep.steps:,}",), _sample(grey), "ink"),
        Entry((f"{_percent(diverged)} diverge",), _sample(red), "ink"),
    ]


def _sample(pixels: np.ndarray) -> Sign:
    high, wide = pixels.shape[:2]
    return lambda x, y, style: [Picture(pixels, round(x - wide / 2), round(y - high / 2))]


def _signs(sweep: Sweep, curves: Sequence[tuple[Curve, int]]) -> list[Entry]:
    """The signs on the map; at the second level curves have their names alone."""
    if best := sweep.best:
        side = 2 * best["radius"] + 1
        short = f"best robust point: fewest steps in the worst of the {side}×{side} runs around it"
        long = f"{short}; the worst takes {best['worst']:,}"
        found = [Entry((long, long, short), _ring)]
    else:
        found = [Entry(("no best robust point: no whole neighbourhood of a run arrives",))]
    return found + [Entry((curve.text, curve.name), sign_of(curve, index)) for curve, index in curves]


def _ring(x: float, y: float, style: Style) -> Iterator[Item]:
    half = style.length(9)
    ground = rounded((x - half, y - half, x + half, y + half), style.length(3))
    yield shapes([fill(ground, shades(style.theme).ramp[-1])])
    yield shapes(ring(x, y, Style(style.theme, 0.62 * style.factor)))


def _percent(share: float) -> str:
    """A share in percent; never "0%" for a few or "100%" for not quite all."""
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{share:.1%}" if 0 < share < 1 else f"{share:.0%}"


def _facts(sweep: Sweep) -> str:
    """The run as one JSON document in plain ASCII, without grids and points."""
    document = sweep.to_dict(arrays=False)
    for name in ("x", "y"):
        document[name]["pixels"] = len(document[name].pop("values"))
    for curve in document["theory"]:
        del curve["points"]
    return json.dumps(document, allow_nan=False)
