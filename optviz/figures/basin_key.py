"""The key of basins of attraction: what brightness says, whose colour is whose, what black and hatching stand for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures import ticks
from optviz.figures.basin_colours import GREYS, NEVER, RAMP, SHADES, Heights, Pace, painted, ramp_light, shades, srgb
from optviz.figures.engine import text
from optviz.figures.engine.clip import Box
from optviz.figures.engine.heads import STAR, placed
from optviz.figures.engine.minimizer_colours import minimizer_colours
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import FLOOR, number
from optviz.figures.layout import Scale
from optviz.figures.page import Item, Label, Picture, rectangle, rgba, shapes
from optviz.results.basins import Basins
from optviz.results.words import counted

STRIPES = 6  # of a bar; more could not be told apart


@dataclass(frozen=True)
class Bar:
    """A scale of colours.

    Attributes
    ----------
    title : str
    light : (rows, SHADES, 3) float64
        Linear light, one row for each colour.
    marks : tuple of (share, text)
        What stands below it, the most important first.
    """

    title: str
    light: np.ndarray
    marks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Entry:
    """A sign and what it stands for.

    Attributes
    ----------
    sign : {"star", "local", "never", "diverged"}
    colour : str
        Of a star.
    words : tuple of str
        From the longest to the shortest; all entries show their first, or all their second, and so on.
    """

    sign: str
    colour: str
    words: tuple[str, ...]


def steps_bar(scale: Pace, colours: Sequence[str], theme: Theme) -> Bar:
    """What brightness says about steps."""
    light = np.stack([shades(colour, theme) for colour in colours[:STRIPES]])
    low, high = round(scale.low), round(scale.high)
    between = ticks.logarithmic(max(1, scale.low), scale.high, 5) if high > low else []
    marks = [(float(scale.share(np.array(steps))), number(steps)) for steps in dict.fromkeys([low, high, *between])]
    return Bar("steps to arrive", light, tuple(marks))


def values_bar(scale: Heights, grey: bool = False) -> Bar:
    """What a colour, or a grey beside the colours of minimizers, says about the value reached."""
    at = (0.0, 1.0, 0.5, 0.25, 0.75)
    known = [number(float(np.interp(share, scale.places, scale.values)), 2) for share in at]
    title = "f at none, where few arrive" if grey else "f where the run ends"
    return Bar(title, ramp_light(GREYS if grey else RAMP)[None], tuple(zip(at, known, strict=True)))


def entries(basins: Basins, theme: Theme, values: bool) -> list[Entry]:
    """The signs that occur in a picture: minimizers that are shown or reached, and what became of other runs."""
    found = []
    colours = minimizer_colours(basins.minimizers, theme)
    for index in shown(basins):
        exact, short = ("({}, {})".format(*(number(x, digits) for x in basins.minimizers[index])) for digits in (4, 3))
        least = float(basins.minima[index])
        value = f"  f = {number(0.0 if abs(least) <= FLOOR else least)}"
        local = index >= len(basins.landscape.minimizers)
        kind = " local" if local else ""
        words = f"{exact}{kind}{value}", f"{short}{kind}{value}", f"{short}{value}", short
        found.append(Entry("local" if local else "star", theme.ink if values else colours[index], words))
    if not values and any(((one.arrived < 0) & (one.diverged == 0)).any() for one in basins.maps):
        found.append(Entry("never", "", (f"at none after {counted(basins.steps, 'step')}", "at none")))
    if any((one.diverged > 0).any() for one in basins.maps):
        found.append(Entry("diverged", "", ("diverges",)))
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


def key(
    bars: Sequence[Bar], found: Sequence[Entry], box: Box, upright: bool, scale: Scale, theme: Theme
) -> Iterator[Item]:
    """Bars and entries, below each other or, where not `upright`, the entries in rows beside the bars."""
    left, top, right, bottom = box
    small = scale.font(12)
    pitch = round(1.5 * small)
    for bar in bars:
        wide = round(min(right - left, scale.length(186)) if upright else min(scale.length(186), 0.3 * (right - left)))
        items = [*_bar(bar, round(left), round(top), wide, scale, theme)]
        yield from items
        if upright:
            top = max(item.y for item in items if isinstance(item, Label)) + small
        else:
            left += max(wide, text.width(bar.title, small)) + scale.length(24)
    rows = max(1, int((bottom - top) / pitch))
    step = pitch if upright else min(1.25 * pitch, (bottom - top) / rows)
    columns = 1 if upright else _columns(found, rows, right - left, scale)
    room = (right - left) / columns
    fitting = room - (1.5 if upright else 2.5) * small
    last = max((len(entry.words) for entry in found), default=1) - 1
    level = next(
        (n for n in range(last) if all(text.width(_words(entry, n), small) <= fitting for entry in found)), last
    )
    kept = found if len(found) <= rows * columns else found[: rows * columns - 1]
    for index, entry in enumerate(kept):
        column, row = divmod(index, rows)
        middle = top + (row + 0.5) * step
        yield _sign(entry, round(left + column * room), middle, round(0.9 * small), theme)
        words = text.shortened(_words(entry, level), fitting, small)
        yield Label(left + column * room + 1.5 * small, middle + 0.36 * small, words, small, theme.muted)
    if len(kept) < len(found):
        column, row = divmod(len(kept), rows)
        base = top + (row + 0.5) * step + 0.36 * small
        yield Label(left + column * room, base, f"and {len(found) - len(kept)} more", small, theme.muted)


def star(x: float, y: float, radius: float, colour: str, theme: Theme, local: bool = False) -> Item:
    """A minimizer: its colour in a hem that stands out from every colour of the map; hollow for a local one."""
    outer, inner = (theme.rim, theme.ink) if theme.name == "dark" else (theme.ink, theme.rim)
    if local:
        outline = placed(STAR, x, y, 0.85 * radius)
        return shapes(
            [
                (outline, rgba(outer, 0.9), rgba(outer), 0.6 * radius),
                (outline, rgba(colour), rgba(theme.rim), 0.22 * radius),
            ]
        )
    outline = placed(STAR, x, y, radius)
    return shapes(
        [(outline, rgba(outer, 0.9), rgba(outer), 0.5 * radius), (outline, rgba(inner), rgba(colour), 0.2 * radius)]
    )


def _columns(found: Sequence[Entry], rows: int, room: float, scale: Scale) -> int:
    """As few columns as hold all entries, but as many as fit with the shortest words."""
    widest = max((text.width(entry.words[-1], scale.font(12)) for entry in found), default=1.0)
    fitting = max(1, int(room / (widest + 2.5 * scale.font(12))))
    return min(fitting, max(1, -(-len(found) // rows)))


def _bar(bar: Bar, left: int, top: int, wide: int, scale: Scale, theme: Theme) -> Iterator[Item]:
    small, tall = scale.font(12), round(scale.length(13))
    base = top + round(0.8 * small)
    yield Label(left, base, bar.title, small, theme.ink)
    start = base + round(0.5 * small)
    rows = np.arange(tall) * len(bar.light) // tall
    columns = np.linspace(0, SHADES - 1, wide).round().astype(int)
    yield Picture(np.round(255 * srgb(bar.light[rows][:, columns])).astype(np.uint8), left, start)
    spans: list[tuple[float, float]] = []
    for share, words in bar.marks:
        half = text.width(words, small) / 2
        middle = min(max(left + share * wide, left + half), left + wide - half)
        if all(middle + half + 0.45 * small <= low or middle - half - 0.45 * small >= high for low, high in spans):
            spans.append((middle - half, middle + half))
            yield Label(middle, start + tall + round(1.05 * small), words, small, theme.muted, anchor="center")


def _words(entry: Entry, level: int) -> str:
    return entry.words[min(level, len(entry.words) - 1)]


def _sign(entry: Entry, left: int, middle: float, size: int, theme: Theme) -> Item:
    top = round(middle - size / 2)
    if entry.sign in ("star", "local"):
        return star(left + size / 2, middle, 0.62 * size, entry.colour, theme, entry.sign == "local")
    if entry.sign == "never":
        swatch = rectangle((left + 0.5, top + 0.5, left + size - 0.5, top + size - 0.5))
        return shapes([(swatch, rgba(theme.muted), rgba(NEVER[theme.name]), 1.0)])
    return Picture(painted(np.zeros((1, 1, 3)), np.ones((1, 1), bool), (size, size), theme), left, top)
