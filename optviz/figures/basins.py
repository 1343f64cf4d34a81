"""Basins of attraction: where each optimizer ends from every start, one panel for each optimizer."""

import json
from collections.abc import Iterator

import numpy as np

from optviz.figures.basin_axes import Ruler, ruler
from optviz.figures.basin_colours import Heights, basin_light, fitted, heights, pace
from optviz.figures.basin_key import entries, key, shown, steps_bar, values_bar
from optviz.figures.basin_layout import SIZE, Frame, aspect, frame, grid, line, panel_pixels, places
from optviz.figures.basin_panel import Kind, outcomes, panel
from optviz.figures.engine import text
from optviz.figures.engine import theme as themes
from optviz.figures.engine.minimizer_colours import minimizer_colours
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import number
from optviz.figures.page import Item, Label, Page
from optviz.figures.rows import leading
from optviz.results.basins import BasinMap, Basins
from optviz.results.parts import median_steps, share
from optviz.results.words import counted

FEW = 0.25  # of all runs: where fewer arrive, values tell more than minimizers

__all__ = ["SIZE", "basin_values_figure", "basins_figure", "panel_pixels"]


def basins_figure(basins: Basins, size: tuple[int, int] = SIZE, theme: str | Theme = "dark") -> Page:
    """Draw at which minimizer each optimizer ends, from every start.

    A pixel is a start, its hue the minimizer at which the run ends, its brightness the steps until it is there, on a
    logarithmic scale that all panels share and that ends well before black, which stands for runs that end elsewhere.
    Those that diverge are hatched. In panels where fewer than `FEW` arrive runs that end elsewhere are grey, by the
    value that they reach. Where fewer than `FEW` of all runs arrive, and on functions without minimizers, the picture
    is that of `basin_values_figure`.

    Parameters
    ----------
    basins : Basins
        Of at least one optimizer. Cells smaller than a pixel are averaged; see `panel_pixels`.
    size : (width, height)
        In pixels, at least 480x360.
    theme : {"dark", "light"} or Theme

    Returns
    -------
    Page
        A matplotlib Figure.

    Raises
    ------
    UsageError
        If the picture cannot be drawn at this size, or the theme is unknown.
    """
    arrive = float(np.mean([share(one.arrived) for one in basins.maps]))
    if not len(basins.minimizers):
        return basin_values_figure(basins, size, theme)
    if arrive < FEW:
        few = f"{_percent(arrive).replace('<', 'fewer than ')} of all runs arrive" if arrive else "no run arrives"
        return _values_sheet(
            basins, size, theme, (f"{few} at a minimizer, so that colour tells f where a run ends",), True
        )
    colours, scale = themes.find(theme), pace(basins.maps)
    hues = minimizer_colours(basins.minimizers, colours)
    greys = heights([one for one in basins.maps if _few(one)], basins.landscape.minimum, basins.tolerance)
    bars = [steps_bar(scale, [hues[index] for index in shown(basins)], colours)] if scale else []
    bars += [values_bar(greys, grey=True)] if greys else []
    slow = "darker" if colours.name == "dark" else "paler"
    kind = Kind(
        title="where each optimizer ends",
        about=("every pixel is a start", "colour: the minimizer it leads to", f"{slow}: more steps"),
        bars=tuple(bars),
        light=lambda one: basin_light(one, hues, scale, greys if _few(one) else None, colours),
        outcome=lambda one: _arrivals_and_value(one, greys) if _few(one) else _arrivals(one),
        values=False,
    )
    return _sheet(basins, kind, size, colours)


def basin_values_figure(basins: Basins, size: tuple[int, int] = SIZE, theme: str | Theme = "dark") -> Page:
    """Draw which value each optimizer reaches, from every start.

    For functions without isolated minima, or where most runs end at others than the listed ones. Parameters, result and
    errors are those of `basins_figure`.
    """
    return _values_sheet(basins, size, theme, ("colour: f where its run ends",), False)


def _values_sheet(
    basins: Basins, size: tuple[int, int], theme: str | Theme, about: tuple[str, ...], arrivals: bool
) -> Page:
    """A sheet whose colours are values; with `arrivals`, headings begin with the share of runs that arrive."""
    colours, scale = themes.find(theme), heights(basins.maps, basins.landscape.minimum, basins.tolerance)
    kind = Kind(
        title="the value that each optimizer reaches",
        about=("every pixel is a start", *about),
        bars=(values_bar(scale),) if scale else (),
        light=lambda one: scale.light(one.values) if scale else np.zeros((*one.values.shape, 3)),
        outcome=lambda one: _arrivals_and_value(one, scale) if arrivals else _values(one, scale),
        values=True,
    )
    return _sheet(basins, kind, size, colours)


def _few(one: BasinMap) -> bool:
    return share(one.arrived) < FEW


def _arrivals(one: BasinMap) -> tuple[list[str], list[str]]:
    arrived, middle = share(one.arrived), median_steps(one.arrived)
    steps = "" if middle is None else f"{number(middle, 3)} step" + "s" * (middle != 1)
    words = [f"{_percent(arrived)} arrive", *([f"median {steps}"] if steps else []), *_lost(one)]
    return words, [_percent(arrived), *([steps] if steps else []), *_lost(one)]


def _arrivals_and_value(one: BasinMap, scale: Heights | None) -> tuple[list[str], list[str]]:
    arrived, known = _percent(share(one.arrived)), one.values[np.isfinite(one.values)]
    if scale is None or not known.size:
        return [f"{arrived} arrive", *_lost(one)], [arrived, *_lost(one)]
    middle = number(float(scale.rounded(np.median(known))), 3)
    return [f"{arrived} arrive", f"median f = {middle}", *_lost(one)], [
        f"{arrived} arrive",
        f"median f {middle}",
        *_lost(one),
    ]


def _values(one: BasinMap, scale: Heights | None) -> tuple[list[str], list[str]]:
    known = one.values[np.isfinite(one.values)]
    if scale is None or not known.size:
        return _lost(one), _lost(one)
    middle = number(float(scale.rounded(np.median(known))), 3)
    there = float((known <= scale.least + scale.unit).sum()) / one.values.size
    rest = [f"{_percent(there)} at {number(scale.least)}", *_lost(one)]
    return [f"median f = {middle}", *rest], [middle, *rest]


def _lost(one: BasinMap) -> list[str]:
    diverged = float((one.diverged > 0).mean())
    return [f"{_percent(diverged)} diverge"] if diverged else []


def _percent(part: float) -> str:
    """Whole percent; all and nothing only where that is true."""
    if 0 < part < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= part < 1 else f"{part:.0%}"


def _sheet(basins: Basins, kind: Kind, size: tuple[int, int], colours: Theme) -> Page:
    around, count, shape = frame(size), len(basins.maps), aspect(basins.landscape.view)
    room = grid(count, around, shape)
    rulers = _rulers(basins, room.width, room.height, around.small)
    notes = " · ".join([*(f"{name} = {one.note}" for name, one in zip("xy", rulers, strict=True) if one.note)])
    foot = " · ".join(filter(None, [notes, basins.provenance()]))
    lines = text.wrapped(foot, around.size[0] - 2 * around.margin, around.small, " · ")
    around = frame(size, len(lines))
    room = grid(count, around, shape)
    ny, nx = basins.maps[0].reached.shape
    pixels = fitted(nx, room.width), fitted(ny, room.height)
    where = places(count, room, pixels, around)
    rulers = _rulers(basins, *pixels, around.small)

    page = Page(around.size, colours.page, json.dumps(basins.to_dict(arrays=False), allow_nan=False))
    page.add(_head(basins, kind, around, colours))
    page.add(_foot(lines, around, colours))
    said = outcomes(kind, basins.maps, where, around.small)
    for index, (one, outcome) in enumerate(zip(basins.maps, said, strict=True)):
        page.add(panel(basins, one, kind, outcome, where, index, rulers, around, colours))
    signs = entries(basins, colours, kind.values)
    page.add(key(kind.bars, signs, where.key, room.key != "below", around.scale, colours))
    return page


def _rulers(basins: Basins, width: int, height: int, small: float) -> tuple[Ruler, Ruler]:
    (left, right), (low, high) = basins.landscape.view
    return ruler(left, right, width, small), ruler(low, high, height, small)


def _head(basins: Basins, kind: Kind, around: Frame, colours: Theme) -> Iterator[Item]:
    scale, right = around.scale, around.size[0] - around.margin
    base = scale.length(30)
    steps = Label(right, base, counted(basins.steps, "step"), scale.font(14), colours.muted, anchor="right")
    yield steps
    room = steps.left - 2 * around.margin
    sizes = tuple(scale.font(pixels) for pixels in (22, 19, 16, 13))
    title, size = text.fitted(f"{basins.landscape.title}: {kind.title}", room, sizes, bold=True)
    yield Label(around.margin, base, title, size, colours.ink, bold=True)
    size = scale.font(13)
    about = leading(kind.about, right - around.margin, size)
    yield Label(around.margin, base + 1.65 * size, about, size, colours.muted)


def _foot(lines: list[str], around: Frame, colours: Theme) -> Iterator[Item]:
    pitch = line(around.scale)
    last = around.size[1] - around.scale.length(10)
    for row, words in enumerate(lines):
        base = last - pitch * (len(lines) - 1 - row)
        yield Label(around.margin, base, words, around.small, colours.muted)
