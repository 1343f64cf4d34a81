"""One optimizer's panel of a sheet of basins: heading, pixels, minimizers and ticks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from optviz.figures.basin_axes import Ruler
from optviz.figures.basin_colours import painted
from optviz.figures.basin_key import Bar, star
from optviz.figures.basin_layout import Frame, Places
from optviz.figures.engine import text
from optviz.figures.engine.minimizer_colours import minimizer_colours
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import rate
from optviz.figures.page import NONE, Item, Label, Outline, Picture, rectangle, rgba, shapes
from optviz.figures.rows import leading
from optviz.results.basins import BasinMap, Basins


@dataclass(frozen=True)
class Kind:
    """What the colours of a sheet mean.

    Attributes
    ----------
    title : str
        Follows the function's name.
    about : tuple of str
        The line below it, as much as fits.
    bars : tuple of Bar
    light : function of a BasinMap
        Its colours: (ny, nx, 3) float64, linear light.
    outcome : function of a BasinMap
        What stands above its panel: longer and shorter words.
    values : bool
        Whether colours are values and not minimizers.
    """

    title: str
    about: tuple[str, ...]
    bars: tuple[Bar, ...]
    light: Callable[[BasinMap], np.ndarray]
    outcome: Callable[[BasinMap], tuple[list[str], list[str]]]
    values: bool


def panel(
    basins: Basins,
    one: BasinMap,
    kind: Kind,
    outcome: str,
    where: Places,
    index: int,
    rulers: tuple[Ruler, Ruler],
    around: Frame,
    colours: Theme,
) -> Iterator[Item]:
    """One optimizer: heading, pixels, minimizers and ticks."""
    left, top, right, bottom = where.panels[index]
    bold = all(text.width(other.contender.title, around.small, bold=True) <= where.room for other in basins.maps)
    yield from _heading(one, outcome, bold, where, index, around, colours)
    border = rectangle((left - 0.5, top - 0.5, right + 0.5, bottom + 0.5))
    yield shapes([(border, rgba(colours.muted, 0.6), NONE, 1.0)])
    pixels = painted(kind.light(one), one.diverged > 0, (right - left, bottom - top), colours)
    yield Picture(pixels, left, top)
    yield from _stars(basins, kind, where.panels[index], around, colours)
    yield from _ticks(rulers, where.outer[index], where.panels[index], around, colours)


def outcomes(kind: Kind, maps: tuple[BasinMap, ...], where: Places, small: float) -> list[str]:
    """What stands above each panel: in the longer words if all of them fit, else in the shorter ones."""
    said = [kind.outcome(one) for one in maps]
    if all(text.width(" · ".join(longer), small) <= where.room for longer, _ in said):
        return [" · ".join(longer) for longer, _ in said]
    return [leading(shorter, where.room, small) for _, shorter in said]


def _heading(
    one: BasinMap, outcome: str, bold: bool, where: Places, index: int, around: Frame, colours: Theme
) -> Iterator[Item]:
    """Name, learning rate and outcome; narrow names are `bold` where all of them then fit."""
    left, top, _, _ = where.panels[index]
    small, big, width = around.small, around.scale.font(15), where.room
    lr = one.contender.hyperparameters.get("lr")
    # A number that is cut off would say another one.
    rates = [] if lr is None else [f"lr {rate(lr)}", rate(lr)]
    words = next((rated for rated in rates if text.width(rated, small) <= width), "")
    base = top - around.scale.length(7) - 0.1 * small
    yield Label(left, base, outcome, small, colours.muted)
    if where.narrow:
        yield Label(left, base - 1.35 * small, words, small, colours.muted)
        title = text.shortened(one.contender.title, width, small, bold)
        yield Label(left, base - 2.75 * small, title, small, colours.ink, bold)
        return
    aside = text.width(words, small) + 0.7 * small if words else 0.0
    title, size = text.fitted(one.contender.title, width - aside, (big, small), bold=True)
    name = Label(left, base - 1.45 * small, title, size, colours.ink, bold=True)
    yield from (name, Label(left + name.width + 0.7 * small, name.y, words, small, colours.muted))


def _stars(basins: Basins, kind: Kind, box: tuple, around: Frame, colours: Theme) -> Iterator[Item]:
    left, top, right, bottom = box
    (x_low, x_high), (y_low, y_high) = basins.landscape.view
    radius = around.scale.length(8) * min(1.0, max(0.6, (right - left) / around.scale.length(200)))
    hues = minimizer_colours(basins.minimizers, colours)
    for index, ((x, y), hue) in enumerate(zip(basins.minimizers.tolist(), hues, strict=True)):
        if x_low <= x <= x_high and y_low <= y <= y_high:
            at = left + (x - x_low) / (x_high - x_low) * (right - left)
            down = top + (y_high - y) / (y_high - y_low) * (bottom - top)
            local = index >= len(basins.landscape.minimizers)
            yield star(at, down, radius, colours.ink if kind.values else hue, colours, local)


def _ticks(
    rulers: tuple[Ruler, Ruler], outer: tuple[bool, bool], box: tuple, around: Frame, colours: Theme
) -> Iterator[Item]:
    left, top, right, bottom = box
    small, aside = around.small, left - 8
    across, along = rulers
    marks = []
    if outer[0]:
        base = bottom + small + 7
        for at, words in across.ticks:
            x, half = left + at * (right - left), text.width(words, small) / 2
            marks.append(Outline(np.array([(x, bottom + 1), (x, bottom + 5)])))
            if left - 4 <= x - half and x + half <= right + 4:
                yield Label(x, base, words, small, colours.muted, anchor="center")
        if outer[1]:
            yield Label(aside, base, "x", small, colours.muted, italic=True, anchor="right")
    if outer[1]:
        yield Label(aside, top - small, "y", small, colours.muted, italic=True, anchor="right")
        for at, words in along.ticks:
            y = bottom - at * (bottom - top)
            marks.append(Outline(np.array([(left - 5, y), (left - 1, y)])))
            yield Label(aside, y + 0.36 * small, words, small, colours.muted, anchor="right")
    if marks:
        yield shapes([(mark, rgba(colours.muted), NONE, 1.0) for mark in marks])
