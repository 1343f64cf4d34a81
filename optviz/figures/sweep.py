"""A sweep of two hyperparameters as a map: how fast each pair of values arrives, and where it does not or diverges."""

import json
from collections.abc import Iterator

import numpy as np
from matplotlib.text import Text

from optviz.figures import text
from optviz.figures import theme as themes
from optviz.figures.page import NONE, Item, Label, Outline, Page, Picture, rectangle, rgba, shapes
from optviz.figures.sweep_colours import Speed, painted, shades
from optviz.figures.sweep_key import column, entries
from optviz.figures.sweep_layout import SIZE, WIDEST_TICK, Places, SweepPanel, panel_pixels, places, sweep_panel
from optviz.figures.sweep_marks import best, drawn, visible
from optviz.figures.sweep_ticks import Ticks, ticks
from optviz.figures.theme import Theme
from optviz.figures.wording import number
from optviz.results.sweep import Axis, Sweep
from optviz.results.words import counted
from optviz.style import OURS

__all__ = ["SIZE", "SweepPanel", "panel_pixels", "sweep_figure", "sweep_panel"]

WORDS = {"lr": "learning rate"}


def sweep_figure(sweep: Sweep, size: tuple[int, int] = SIZE, theme: str | Theme = "dark") -> Page:
    """Draw how many steps each pair of hyperparameters takes to arrive.

    Colour is the number of steps, on a logarithmic ramp. Runs that do not arrive within the budget are grey, those
    that diverge red and hatched. Where hardly any run arrives, colour is the value at which a run ends instead. A ring
    marks the best robust point, whose slowest neighbour is fastest: a single fast pixel may be luck. What theory says
    is drawn over the map and explained beside it.

    Parameters
    ----------
    sweep : Sweep
        `panel_pixels` says how many runs a picture of a size can show one by one.
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
    look, place = themes.find(theme), places(size)
    page = Page(place.size, look.page, _facts(sweep))
    page.add(_heading(sweep, place, look))

    panel = SweepPanel(place.panel, sweep.x, sweep.y)
    colours, speed = shades(look), Speed.of(sweep)
    page.add([Picture(painted(sweep, speed, colours, panel.size, place.scale), *place.panel[:2])])
    small = place.scale.font(12)
    x = ticks(sweep.x, panel.size[0], small)
    y = ticks(sweep.y, panel.size[1], small, text.width(WIDEST_TICK, small))
    page.add(_axes(x, y, place, look))
    page.add([_level_name(sweep.x, x, place, look)])
    page.add_artist(_upright_name(page, sweep.y, y, place, look))

    curves = visible(sweep)
    page.add(drawn(curves, panel, place.scale, look))
    page.add(best(sweep, panel, curves, place.scale, look))
    shown, rest = entries(sweep, curves, place.column, place.scale)
    page.add(column(sweep, shown, speed, colours, place.column, place.scale, look))
    page.add(_footer(sweep, rest, place, look))
    return page


def _heading(sweep: Sweep, place: Places, look: Theme) -> Iterator[Label]:
    """Who ran on what, the formula, and what was counted."""
    scale, room = place.scale, place.size[0] - 2 * place.margin
    who = f"{sweep.contender.title} on {sweep.landscape.title}"
    names = (sweep.x.name, sweep.y.name)
    full = f"{who}: {' and '.join(WORDS.get(name, name.replace('_', ' ')) for name in names)}"
    short = f"{who}: {' and '.join(names)}"
    choices = [(full, 25), (full, 22), (full, 20), (full, 18), (short, 18), (short, 16), (who, 16)]
    sized = [(words, scale.font(pixels)) for words, pixels in choices]
    words, size = _fitting(sized, room, bold=True)
    yield Label(place.margin, place.title, text.shortened(words, room, size, bold=True), size, look.ink, bold=True)

    start = f"from ({number(sweep.start[0])}, {number(sweep.start[1])})"
    goal = f"f − f* stays below {number(sweep.tolerance)}"
    if Speed.of(sweep).steps:
        told, shorter = f"colour: steps until {goal}", (f"steps until {goal}", f"until {goal}")
    else:
        told = f"colour: f − f* at the end, since hardly any run arrives below {number(sweep.tolerance)}"
        shorter = (
            "colour: f − f* at the end, since hardly any run arrives",
            "f − f* at the end: hardly any run arrives",
        )
    goals = [
        f"{start} · {told} · budget {counted(sweep.steps, 'step')}",
        *(f"{start} · {words} · budget {sweep.steps:,}" for words in shorter),
    ]
    sizes = (scale.font(14), scale.font(12))
    for base, versions in zip(place.lines, ([sweep.landscape.formula], goals), strict=True):
        words, size = _fitting([(words, size) for words in versions for size in sizes], room)
        yield Label(place.margin, base, text.shortened(words, room, size), size, look.muted)


def _fitting(choices: list[tuple[str, float]], room: float, bold: bool = False) -> tuple[str, float]:
    """The first words that fit at their size, or the last."""
    return next((choice for choice in choices if text.width(*choice, bold) <= room), choices[-1])


def _footer(sweep: Sweep, notes: list[str], place: Places, look: Theme) -> Iterator[Label]:
    """The provenance but for the start, below notes where there is room; what has none is left to the metadata."""
    small, room = place.scale.font(12), place.size[0] - 2 * place.margin
    lines = text.wrapped(sweep.conditions(), room, small, " · ")
    rows = len(place.footer)
    if len(lines) > rows:
        lines = [*lines[: rows - 1], text.shortened(" · ".join(lines[rows - 1 :]), room, small)]
    above: list[str] = []
    for note in notes:
        more = text.wrapped(note, room, small)
        above += more if len(above) + len(more) + len(lines) <= rows else []
    lines = above + lines
    for base, words in zip(place.footer[-len(lines) :], lines, strict=True):
        yield Label(place.margin, base, words, small, look.muted)


def _axes(x: Ticks, y: Ticks, place: Places, look: Theme) -> Iterator[Item]:
    """Marks with their labels outside the map, and a hairline around it."""
    left, top, right, bottom = place.panel
    small, long = place.scale.font(12), place.scale.length(4)
    rules = [(rectangle((left - 0.5, top - 0.5, right + 0.5, bottom + 0.5)), rgba(look.muted, 0.5), NONE, 1.0)]
    for share, label in x.marks:
        at = left + share * (right - left)
        rules.append((_rule((at, bottom + 0.5), (at, bottom + long)), rgba(look.muted), NONE, 1.0))
        yield Label(at, place.x_ticks, label, small, look.muted, anchor="center")
    for share, label in y.marks:
        at = bottom - share * (bottom - top)
        rules.append((_rule((left - long, at), (left - 0.5, at)), rgba(look.muted), NONE, 1.0))
        yield Label(left - long - 3, at + 0.36 * small, label, small, look.muted, anchor="right")
    yield shapes(rules)


def _rule(*ends: tuple[float, float]) -> Outline:
    return Outline(np.array(ends))


def _level_name(axis: Axis, marked: Ticks, place: Places, look: Theme) -> Label:
    left, _, right, _ = place.panel
    words, size = _name(axis, marked, right - left, place)
    return Label((left + right) / 2, place.x_name, words, size, look.ink, anchor="center")


@OURS
def _upright_name(page: Page, axis: Axis, marked: Ticks, place: Places, look: Theme) -> Text:
    _, top, _, bottom = place.panel
    words, size = _name(axis, marked, bottom - top, place)
    return Text(
        place.y_name,
        (top + bottom) / 2 + text.width(words, size) / 2,
        words,
        color=look.ink,
        fontproperties=text.font(size),
        rotation=90,
        rotation_mode="anchor",
        horizontalalignment="left",
        verticalalignment="baseline",
        transform=page.pixels,
        parse_math=False,
    )


def _name(axis: Axis, marked: Ticks, room: float, place: Places) -> tuple[str, float]:
    """The hyperparameter, how its axis is scaled, and what its labels count from."""
    short = f"{axis.name} = {marked.offset}" if marked.offset else axis.name
    name = f"{WORDS[axis.name]} {short}" if axis.name in WORDS else short
    scaled = {"log": " (log)", "log(1-b)": f" (log of 1 − {axis.name})"}.get(axis.scale, "")
    sizes = place.scale.font(13), place.scale.font(12)
    words, size = _fitting([(words, size) for words in (name + scaled, name, short) for size in sizes], room)
    return text.shortened(words, room, size), size


def _facts(sweep: Sweep) -> str:
    """The run as one JSON document in plain ASCII, without grids and points."""
    document = sweep.to_dict(arrays=False)
    for axis in ("x", "y"):
        document[axis]["pixels"] = len(document[axis].pop("values"))
    for curve in document["theory"]:
        del curve["points"]
    return json.dumps(document, allow_nan=False)
