"""The foot of a race picture: the key to the signs on the map, and where the learning rates come from."""

import numpy as np

from optviz.figures.engine.heads import ARROW, DISC, STAR, placed
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.layout import Layout, Scale
from optviz.figures.page import NONE, Item, Label, Strokes, rgba, shapes
from optviz.figures.standings import OFF
from optviz.results import Race

BEFORE, AFTER, APART = 7.0, 12.0, 12.0  # px around a sign, and behind its word

Key = list[tuple[str, str]]


def key(race: Race) -> Key:
    """The signs on the map that occur in this race, each with its word."""
    landscape = race.landscape
    (left, right), (low, high) = landscape.view

    def shown(points: np.ndarray) -> np.ndarray:
        x, y = points.T
        return (x >= left) & (x <= right) & (y >= low) & (y <= high)

    signs: Key = []
    if shown(np.array([race.start])).any():
        signs.append(("start", "start"))
    if (minima := shown(landscape.minimizers).sum()) > 0:
        signs.append(("minimum", "minimum" if minima == 1 else "minima"))
    if (minima := shown(landscape.local_minimizers).sum()) > 0:
        signs.append(("local", "local minimum" if minima == 1 else "local minima"))
    if any(not shown(run.points).all() for run in race.trajectories):  # NaN is not shown
        signs.append(("arrow", OFF))
    return signs


def key_width(signs: Key, scale: Scale) -> float:
    """The room that the key takes, in pixels."""
    words = sum(width(text, scale.font(12)) for _, text in signs)
    return words + scale.length((BEFORE + AFTER + APART) * len(signs) - APART)


def foot(race: Race, signs: Key, layout: Layout, theme: Theme) -> list[Item]:
    """Key and provenance."""
    scale, footer = layout.scale, layout.footer
    items: list[Item] = []
    x, middle = float(layout.margin), layout.key - 0.36 * footer.size
    for sign, text in signs:
        x += scale.length(BEFORE)
        items.append(_sign(sign, x, middle, scale, theme))
        x += scale.length(AFTER)
        items.append(Label(x, layout.key, text, footer.size, theme.muted))
        x += width(text, footer.size) + scale.length(APART)
    shared = layout.key == footer.baseline
    for row, text in enumerate(footer.lines):
        y = footer.baseline + row * footer.pitch
        x, anchor = (layout.size[0] - layout.margin, "right") if shared else (layout.margin, "left")
        items.append(Label(x, y, text, footer.size, theme.muted, anchor=anchor))
    return items


def _sign(sign: str, x: float, y: float, scale: Scale, theme: Theme) -> Strokes:
    ink = rgba(theme.ink)
    if sign == "start":
        return shapes([(placed(DISC, x, y, scale.length(4.6)), ink, NONE, scale.length(1.8))])
    if sign == "arrow":
        return shapes([(placed(ARROW, x, y, scale.length(5)), NONE, ink, 0.0)])
    if sign == "local":
        return shapes([(placed(STAR, x, y, scale.length(6.5)), rgba(theme.ink, 0.75), NONE, scale.length(1.1))])
    return shapes([(placed(STAR, x, y, scale.length(7.5)), NONE, ink, 0.0)])
