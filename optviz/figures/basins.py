"""Basins of attraction: where each optimizer ends from every start, one panel for each optimizer."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.basin_colours import Heights, basin_light, heights, pace
from optviz.figures.basin_key import LONG, entries, shown, steps_bar, values_bar
from optviz.figures.basin_layout import (
    KEY,
    SIZE,
    WIDEST_TICK,
    Cells,
    body,
    cells,
    fitted,
    narrow,
    panel_pixels,
    usual_rows,
)
from optviz.figures.basin_marks import (
    Heading,
    Minimizers,
    Outcome,
    Starts,
    arrivals,
    arrivals_and_value,
    reached_values,
)
from optviz.figures.engine import text
from optviz.figures.engine.axis import LINEAR, Axis
from optviz.figures.engine.boxes import Block, Column, Row
from optviz.figures.engine.key import Bar, Flow, Key
from optviz.figures.engine.minimizer_colours import minimizer_colours
from optviz.figures.engine.painter import Page
from optviz.figures.engine.panel import Frame, Panel
from optviz.figures.engine.sheet import Corner, Footer, Header, Sheet
from optviz.figures.engine.style import Style
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import percent
from optviz.results.basins import BasinMap, Basins
from optviz.results.parts import share
from optviz.results.words import counted

FEW = 0.25  # of all runs: where fewer arrive, values tell more than minimizers
EVERY, MOST = 48.0, 7  # px between labels, and so many of them at most fill a large panel

__all__ = ["SIZE", "basin_values_figure", "basins_figure", "panel_pixels"]


@dataclass(frozen=True)
class Kind:
    """What the colours of a picture mean.

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
        What stands above its panel.
    values : bool
        Whether colours are values and not minimizers.
    """

    title: str
    about: tuple[str, ...]
    bars: tuple[Bar, ...]
    light: Callable[[BasinMap], np.ndarray]
    outcome: Callable[[BasinMap], Outcome]
    values: bool


def basins_figure(basins: Basins, size: tuple[int, int] = SIZE, theme: str | Theme = "dark") -> Page:
    """Draw at which minimizer each optimizer ends, from every start; parameters and errors as for `optviz.figure`.

    A pixel is a start, its hue the minimizer at which the run ends, its brightness the steps until it is there, on a
    logarithmic scale that all panels share and that ends well before black, which stands for runs that end elsewhere.
    Those that diverge are hatched. In panels where fewer than `FEW` arrive runs that end elsewhere are grey, by the
    value that they reach. Where fewer than `FEW` of all runs arrive, and on functions without minimizers, the picture
    is that of `basin_values_figure`. Cells smaller than a pixel are averaged; see `panel_pixels`.
    """
    style = Style.of(size, theme, SIZE)
    if not len(basins.minimizers):
        return basin_values_figure(basins, size, theme)
    arrive = float(np.mean([share(one.arrived) for one in basins.maps]))
    if arrive < FEW:
        told = f"{percent(arrive).replace('<', 'fewer than ')} of all runs arrive" if arrive else "no run arrives"
        about = f"{told} at a minimizer, so that colour tells f where a run ends"
        return _page(basins, _values(basins, about, arrivals_and_value, style), size, style)
    scale = pace(basins.maps)
    greys = heights([one for one in basins.maps if _few(one)], basins.landscape.minimum, basins.tolerance)
    hues = minimizer_colours(basins.minimizers, style.theme)
    bars = [steps_bar(scale, [hues[index] for index in shown(basins)], style)] if scale else []
    slow = "darker" if style.theme.name == "dark" else "paler"
    kind = Kind(
        title="where each optimizer ends",
        about=("every pixel is a start", "colour: the minimizer it leads to", f"{slow}: more steps"),
        bars=tuple([*bars, values_bar(greys, style, grey=True)] if greys else bars),
        light=lambda one: basin_light(one, hues, scale, greys if _few(one) else None, style.theme),
        outcome=lambda one: arrivals_and_value(one, greys) if _few(one) else arrivals(one),
        values=False,
    )
    return _page(basins, kind, size, style)


def basin_values_figure(basins: Basins, size: tuple[int, int] = SIZE, theme: str | Theme = "dark") -> Page:
    """Draw which value each optimizer reaches, from every start; parameters and errors as for `optviz.figure`.

    For functions without isolated minima, or where most runs end at others than the listed ones.
    """
    style = Style.of(size, theme, SIZE)
    return _page(basins, _values(basins, "colour: f where its run ends", reached_values, style), size, style)


def _values(basins: Basins, about: str, outcome: Callable[[BasinMap, Heights | None], Outcome], style: Style) -> Kind:
    """Colours that are values."""
    scale = heights(basins.maps, basins.landscape.minimum, basins.tolerance)
    return Kind(
        title="the value that each optimizer reaches",
        about=("every pixel is a start", about),
        bars=(values_bar(scale, style),) if scale else (),
        light=lambda one: scale.light(one.values) if scale else np.zeros((*one.values.shape, 3)),
        outcome=lambda one: outcome(one, scale),
        values=True,
    )


def _few(one: BasinMap) -> bool:
    return share(one.arrived) < FEW


def _page(basins: Basins, kind: Kind, size: tuple[int, int], style: Style) -> Page:
    words, view = basins.provenance(), basins.landscape.view
    rows = len(text.wrapped(words, size[0] - 2 * style.margin, style.small, " · "))
    notes = _notes(_panels(basins, kind, cells(len(basins.maps), view, size, style, rows), size, style))
    rows = max(rows + len(notes), usual_rows(size))
    where = cells(len(basins.maps), view, size, style, rows)
    about = [" · ".join(kind.about[:most]) for most in range(len(kind.about), 0, -1)]
    title = [f"{basins.landscape.title}: {kind.title}", basins.landscape.title]
    return Sheet(
        size,
        style,
        Header(title, [about], style, corner=[Corner(counted(basins.steps, "step"))]),
        body(_panels(basins, kind, where, size, style), _key(basins, kind, where, style), where, style),
        Footer(words, style, rows=rows, notes=lambda: notes),
        json.dumps(basins.to_dict(arrays=False), allow_nan=False),
    ).page()


def _panels(basins: Basins, kind: Kind, where: Cells, size: tuple[int, int], style: Style) -> list[Panel]:
    """The panels; those at the left and at the foot have labels."""
    ground, count, headings = basins.landscape, len(basins.maps), list[Heading]()
    hues = (
        [style.theme.ink] * len(basins.minimizers) if kind.values else minimizer_colours(basins.minimizers, style.theme)
    )
    ny, nx = basins.maps[0].reached.shape
    pixels = fitted(nx, where.width), fitted(ny, where.height)
    every = max(EVERY, pixels[0] / style.factor / MOST), max(EVERY, pixels[1] / style.factor / MOST)
    gap, edge = where.gap * (1 + (where.columns == 1)), size[0] - style.margin
    found = []
    for index, one in enumerate(basins.maps):
        foot, first = index + where.columns >= count, index % where.columns == 0
        frame = Frame(border=True, names="corner" * first, widest=WIDEST_TICK, across=foot, along=first, every=every)
        x, y = (Axis(low, high, LINEAR, (name,)) for name, (low, high) in zip("xy", ground.view, strict=True))
        heading = Heading(headings, one.contender, kind.outcome(one), narrow(where.width, style), gap, edge)
        marks = [
            Starts(kind.light(one), one.diverged > 0),
            Minimizers(basins.minimizers, hues, len(ground.minimizers)),
            heading,
        ]
        found.append(Panel(x, y, style, marks, frame=frame, pixels=pixels, name=one.contender.optimizer))
    return found


def _notes(panels: Sequence[Panel]) -> list[str]:
    """How labels are read, where they count from a base."""
    panels[0].place((0.0, 0.0, 0.0, 0.0))
    axes = zip("xy", (panels[0].x, panels[0].y), strict=True)
    told = [f"{name} = {axis.note}" for name, axis in axes if axis.note]
    return [" · ".join(told)] if told else []


def _key(basins: Basins, kind: Kind, where: Cells, style: Style) -> Block:
    """What colours and signs mean: below each other, or in a row where they stand below the panels."""
    signs = entries(basins, kind.values, style)
    if where.key != "below":
        width = style.length(KEY)
        return Column(*kind.bars, Key(signs, style, weight=1.0, listed=True), gap=style.small, width=width)
    bars = [
        Column(bar, width=max(style.length(LONG), text.width(bar.title, style.small)), weight=0.0) for bar in kind.bars
    ]
    return Row(
        *bars, Column(Flow(signs, style, most=int(where.foot / (Flow.LINE * style.small)))), gap=style.length(24)
    )
