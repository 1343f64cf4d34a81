"""The key of basins of attraction: what brightness says, whose colour is whose, what black and hatching stand for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from optviz.figures.basin_colours import GREYS, NEVER, RAMP, Heights, painted, ramp_light, shades
from optviz.figures.basin_marks import star
from optviz.figures.engine.axis import Axis, ranked
from optviz.figures.engine.items import Item, Picture, rectangle, rgba, shapes
from optviz.figures.engine.key import Bar, Entry, Sign
from optviz.figures.engine.minimizer_colours import minimizer_colours
from optviz.figures.engine.pixels import srgb
from optviz.figures.engine.style import Style
from optviz.figures.engine.wording import FLOOR, number
from optviz.results.basins import Basins
from optviz.results.words import counted

STRIPES = 6  # of a bar; more could not be told apart
LONG = 216.0  # px, of a bar
SIDE = 0.9  # of a sign, in font sizes
SHARES = (0.0, 1.0, 0.5, 0.25, 0.75)  # of a bar, at which it says a value


def steps_bar(scale: Axis, colours: Sequence[str], style: Style) -> Bar:
    """What brightness says about steps: both ends, and round numbers between them."""
    light = np.stack([shades(colour, style.theme) for colour in colours[:STRIPES]])
    between = [
        value for value, _ in replace(scale, low=max(1, scale.low)).ticked(style.length(LONG), style.small).ticks
    ]
    ends = replace(scale, scale=ranked(np.log, [scale.low, scale.high, *between]), write=lambda at: number(round(at)))
    return Bar("steps to arrive", srgb(light), ends, style, most=LONG, weight=0.0)


def values_bar(scale: Heights, style: Style, grey: bool = False) -> Bar:
    """What a colour, or a grey beside the colours of minimizers, says about the value reached."""

    def write(at: float) -> str:
        return number(float(np.interp(at, scale.places, scale.values)), 2)

    title = "f at none, where few arrive" if grey else "f where the run ends"
    axis = Axis(0.0, 1.0, ranked(np.asarray, SHARES), write=write)
    return Bar(title, srgb(ramp_light(GREYS if grey else RAMP)), axis, style, most=LONG, weight=0.0)


def entries(basins: Basins, values: bool, style: Style) -> list[Entry]:
    """The signs that occur in a picture: minimizers that are shown or reached, and what became of other runs."""
    found = []
    colours = minimizer_colours(basins.minimizers, style.theme)
    for index in shown(basins):
        exact, short = ("({}, {})".format(*(number(x, digits) for x in basins.minimizers[index])) for digits in (4, 3))
        least = float(basins.minima[index])
        value = f"  f = {number(0.0 if abs(least) <= FLOOR else least)}"
        local = index >= len(basins.landscape.minimizers)
        kind = " local" if local else ""
        words = f"{exact}{kind}{value}", f"{short}{kind}{value}", f"{short}{value}", short
        found.append(Entry(words, _star(style.theme.ink if values else colours[index], local)))
    if not values and any(((one.arrived < 0) & (one.diverged == 0)).any() for one in basins.maps):
        found.append(Entry((f"at none after {counted(basins.steps, 'step')}", "at none"), _never))
    if any((one.diverged > 0).any() for one in basins.maps):
        found.append(Entry(("diverges",), _diverged))
    return found


def shown(basins: Basins) -> list[int]:
    """The minimizers that lie in the view or that some run reaches."""
    (left, right), (low, high) = basins.landscape.view
    reached = {int(index) for one in basins.maps for index in np.unique(one.reached)}
    return [
        index
        for index, (x, y) in enumerate(basins.minimizers)
        if index in reached or (left <= x <= right and low <= y <= high)
    ]


def _star(colour: str, local: bool) -> Sign:
    return lambda x, y, style: [star(x, y, 0.62 * SIDE * style.small, colour, style, local)]


def _never(x: float, y: float, style: Style) -> Iterator[Item]:
    half = SIDE * style.small / 2 - 0.5
    swatch = rectangle((x - half, y - half, x + half, y + half))
    yield shapes([(swatch, rgba(style.theme.muted), rgba(NEVER[style.theme.name]), 1.0)])


def _diverged(x: float, y: float, style: Style) -> Iterator[Item]:
    side = round(SIDE * style.small)
    pixels = painted(np.zeros((1, 1, 3)), np.ones((1, 1), bool), (side, side), style.theme)
    yield Picture(pixels, round(x - side / 2), round(y - side / 2))
