"""The axes of a single map of a swarm: their ends, or in a narrow view ticks that count from a base."""

from collections.abc import Iterator

import numpy as np

from optviz.figures.basin_axes import Ruler, label_room, ruler
from optviz.figures.engine.clip import Box
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import MINUS, number
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, rgba, shapes

DIGITS = 3
ROOM = 13  # font sizes: the length of an axis for which ticks are chosen
TRUE = 0.01  # of the span: how far off a label may be


def telling(low: float, high: float) -> bool:
    """Whether the ends of an axis, as they are written, are where they say."""
    ends = (float(f"{end:.{DIGITS}g}") for end in (low, high))
    return all(abs(said - end) <= TRUE * (high - low) for said, end in zip(ends, (low, high), strict=True))


def marked(low: float, high: float, size: float) -> Ruler:
    """The labels of an axis; they fit on any map, so that their note is known before the map's size is."""
    if telling(low, high):
        return Ruler(((0.0, number(low, DIGITS)), (1.0, number(high, DIGITS))))
    return ruler(low, high, ROOM * size, size)


def widest(low: float, high: float, size: float) -> float:
    """The room, in pixels, that the labels of an axis need whatever its length."""
    if telling(low, high):
        return max(width(number(end, DIGITS), size) for end in (low, high))
    return label_room(size)


def said(name: str, low: float, high: float) -> str:
    """An axis in words, for maps that have no room for labels."""
    if telling(low, high):
        return f"{name} {number(low, DIGITS)} to {number(high, DIGITS)}"
    half = float(f"{(high - low) / 2:.2g}")
    places = min(17, max(0, 1 - int(np.floor(np.log10(half)))))
    return f"{name} {(low + high) / 2:.{places}f} ± {number(half, 2)}".replace("-", MINUS)


def labels(across: Ruler, along: Ruler, box: Box, scale: Scale, theme: Theme) -> Iterator[Item]:
    """The labels of both axes around a map, their names in the widest gap."""
    left, top, right, bottom = box
    small, muted = scale.font(12), theme.muted
    below, beside = bottom + small + scale.length(4), left - scale.length(6)
    for share, words in across.ticks:
        at, half = left + share * (right - left), width(words, small) / 2
        if at - half < left:
            yield Label(left, below, words, small, muted)
        elif at + half > right:
            yield Label(right, below, words, small, muted, anchor="right")
        else:
            yield Label(at, below, words, small, muted, anchor="center")
    if (middle := _gap(across)) is not None:
        yield Label(left + middle * (right - left), below, "x", small, muted, italic=True, anchor="center")
    for share, words in along.ticks:
        at = bottom - share * (bottom - top) + 0.36 * small
        yield Label(beside, min(max(at, top + 0.8 * small), bottom - 1), words, small, muted, anchor="right")
    if (middle := _gap(along)) is not None:
        at = bottom - middle * (bottom - top)
        yield Label(beside, at + 0.3 * small, "y", small, muted, italic=True, anchor="right")
    long = scale.length(3)
    x = [left + share * (right - left) for share, _ in across.ticks if 0 < share < 1]
    y = [bottom - share * (bottom - top) for share, _ in along.ticks if 0 < share < 1]
    rules = [Outline(np.array([(at, bottom), (at, bottom + long)])) for at in x]
    rules += [Outline(np.array([(left - long, at), (left, at)])) for at in y]
    if rules:
        yield shapes([(rule, rgba(muted), NONE, 1.0) for rule in rules])


def _gap(marks: Ruler) -> float | None:
    """The middle of the widest gap between two labels, as a share of the axis."""
    at = [share for share, _ in marks.ticks]
    gaps = [(high - low, (low + high) / 2) for low, high in zip(at, at[1:], strict=False)]
    return max(gaps)[1] if gaps else None
