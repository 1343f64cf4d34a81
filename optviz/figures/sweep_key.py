"""Beside the map of a sweep: its colours, what share of the runs fares how, and what the signs mean."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from optviz.figures import text
from optviz.figures.clip import Box
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, Picture, Strokes, rgba, rounded, shapes
from optviz.figures.sweep_colours import Shades, Speed, hatched, ramp
from optviz.figures.sweep_marks import line, point, ring
from optviz.figures.sweep_ticks import ticks
from optviz.figures.theme import Theme, rgb
from optviz.figures.wording import number
from optviz.results.sweep import Axis, Curve, Sweep

BAR = 18.0  # px, the width of the bar of colours and of samples
LEAST_BAR, MOST_BAR = 60.0, 280.0  # px, its height
GAP = 12.0
PITCH, HEADING = 1.35, 1.7  # in font sizes: from line to line, and above the bar
BOUND = "\u00a0"  # a space at which no line breaks

Entry = tuple[tuple[str, int], list[str]]  # a sign of `sweep_marks` with its number, and the lines beside it


def entries(sweep: Sweep, curves: Sequence[tuple[Curve, int]], box: Box, scale: Scale) -> tuple[list[Entry], list[str]]:
    """The signs on the map with their words, and what these had no room for.

    Parameters
    ----------
    sweep : Sweep
    curves : sequence of (Curve, int)
        What of its theory is visible, see `sweep_marks.visible`.
    box : (left, top, right, bottom)
        Of the column.
    scale : Scale

    Returns
    -------
    entries : list of (sign, lines)
    rest : list of str
        Where the column is too short, curves have their names only, the last perhaps nothing, and their texts are here.
    """
    best = sweep.best
    sign, words = ("", 0), ["no best robust point: no whole neighbourhood of a run arrives"]
    if best:
        side = 2 * best["radius"] + 1
        sign, words = ("ring", 0), [f"best robust point: fewest steps in the worst of the {side}×{side} runs around it"]
        words.append(f"{words[0]}; the worst takes {best['worst']:,}")
    kinds = [("point" if len(curve.points) == 1 else "line", index) for curve, index in curves]
    small = scale.font(12)
    left, top, right, bottom = box
    room = bottom - top - scale.length(LEAST_BAR) - _around_bar(scale)
    for best_words, named in ((words[-1], False), (words[-1], True), (words[0], True)):
        told = [best_words, *(curve.name if named else curve.text for curve, _ in curves)]
        lines = [_wrapped(one, right - _start(left, scale), small) for one in told]
        found = list(zip([sign, *kinds], lines, strict=True))
        if _height(found, scale) <= room:
            break
    while _height(found, scale) > room and len(found) > 1:
        found.pop()
    return found, [f"{curve.name}: {curve.text}" for curve, _ in curves] if named else []


def column(
    sweep: Sweep, shown: Sequence[Entry], speed: Speed, colours: Shades, box: Box, scale: Scale, theme: Theme
) -> Iterator[Item]:
    """Bar, shares and key, from top to bottom.

    Parameters
    ----------
    sweep : Sweep
    shown : sequence of (sign, lines)
        See `entries`.
    speed : Speed
    colours : Shades
    box : (left, top, right, bottom)
    scale : Scale
    theme : Theme
    """
    left, top, _, bottom = box
    small, start = scale.font(12), _start(left, scale)
    pitch, gap = round(PITCH * small), scale.length(GAP)
    foot = min(bottom - _height(shown, scale) - _around_bar(scale), top + scale.length(MOST_BAR))
    foot += HEADING * small
    yield from _bar(sweep, speed, colours, (left, top, start, foot), scale, theme)
    base = foot + gap + small
    for sample, words in _shares(sweep, colours, round(scale.length(BAR)), round(0.95 * small), scale):
        yield Picture(sample, round(left), round(base) - sample.shape[0] + 1)
        yield Label(start, base, words, small, theme.ink)
        base += pitch + scale.length(3)
    base += gap
    for sign, lines in shown:
        yield from _sign(sign, left, base - 0.36 * small, colours, scale, theme)
        for row, words in enumerate(lines):
            yield Label(start, base + pitch * row, words, small, theme.muted)
        base += pitch * len(lines) + scale.length(5)


def _start(left: float, scale: Scale) -> float:
    """Where the column's words start, right of its samples."""
    return left + scale.length(BAR) + scale.length(8)


def _around_bar(scale: Scale) -> float:
    """What the column needs beside bar and key: heading, shares and gaps."""
    small = scale.font(12)
    return HEADING * small + 2 * scale.length(GAP) + 3 * (round(PITCH * small) + scale.length(3))


def _height(shown: Sequence[Entry], scale: Scale) -> float:
    return sum(round(PITCH * scale.font(12)) * len(lines) + scale.length(5) for _, lines in shown)


def _bar(sweep: Sweep, speed: Speed, colours: Shades, box: Box, scale: Scale, theme: Theme) -> Iterator[Item]:
    """The ramp, fast at the top, with steps beside it."""
    left, top, start, foot = box
    small = scale.font(12)
    title = "steps to arrive" if speed.steps else "f − f* at the end"
    yield Label(left, top + 0.75 * small, title, small, theme.ink)
    first, wide = round(top + HEADING * small), round(scale.length(BAR))
    high = round(foot) - first
    strip = ramp(colours)[np.linspace(len(ramp(colours)) - 1, 0, high).astype(int)]
    yield Picture(np.repeat(strip[:, None], wide, axis=1), round(left), first)
    axis = Axis("steps", "log", speed.fast, speed.slow, np.empty(1))
    rules = []
    taken = speed.amounts(sweep)
    ends = "≤ " if (taken < speed.fast).any() else "", "≥ " if (taken > speed.slow).any() else ""
    for share, _ in ticks(axis, high, small, np.inf).marks:
        amount = speed.fast * (speed.slow / speed.fast) ** share
        if speed.steps and abs(amount - round(amount)) > 1e-6 * amount:
            continue  # there is no half a step
        y = first + share * high
        rules.append((Outline(np.array([(left + wide, y), (left + wide + 4, y)])), rgba(theme.muted), NONE, 1.0))
        sign = ends[0] if share < 1e-6 else ends[1] if share > 1 - 1e-6 else ""
        yield Label(
            start,
            y + 0.36 * small,
            f"{sign}{round(amount):,}" if speed.steps else sign + number(amount),
            small,
            theme.muted,
        )
    yield shapes(rules)


def _shares(sweep: Sweep, colours: Shades, wide: int, high: int, scale: Scale) -> Iterator[tuple[np.ndarray, str]]:
    """A sample and a share for each of the three things that can happen; where values are shown they are one thing."""
    arrived, diverged = (sweep.arrived >= 0).mean(), (sweep.diverged > 0).mean()
    across = np.broadcast_to(ramp(colours)[np.linspace(0, len(ramp(colours)) - 1, wide).astype(int)], (high, wide, 3))
    yield across.copy(), f"{_percent(arrived)} arrive"
    never = np.full((high, wide, 3), rgb(colours.never), np.uint8) if Speed.of(sweep).steps else across.copy()
    yield never, f"{_percent(1 - arrived - diverged)} not within {sweep.steps:,}"
    red = np.full((high, wide, 3), rgb(colours.diverged), np.uint8)
    yield hatched(red, np.ones((high, wide), bool), colours, scale), f"{_percent(diverged)} diverge"


def _percent(share: float) -> str:
    """A share in percent; never "0%" for a few or "100%" for not quite all."""
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{share:.1%}" if 0 < share < 1 else f"{share:.0%}"


def _wrapped(words: str, wide: float, size: float) -> list[str]:
    """On lines that do not break inside of a formula or of parentheses, as far as those fit."""
    for parts in (r"[A-Za-z]+ = [^,]*|\([^()]*\)", r" = |\([^()]*\)", r"$"):
        bound = re.sub(parts, lambda found: found[0].replace(" ", BOUND), words)
        if max(text.width(piece, size) for piece in bound.split(" ")) <= wide:
            break
    return [line.replace(BOUND, " ") for line in text.wrapped(bound, wide, size)]


def _sign(
    sign: tuple[str, int], left: float, middle: float, colours: Shades, scale: Scale, theme: Theme
) -> Iterator[Strokes]:
    kind, index = sign
    wide = scale.length(BAR)
    if kind == "ring":
        ground = rounded((left, middle - wide / 2, left + wide, middle + wide / 2), scale.length(3))
        yield shapes([(ground, NONE, rgba(colours.ramp[-1]), 0.0)])
        yield shapes(ring(left + wide / 2, middle, Scale(0.62 * scale.factor), theme))
    elif kind == "point":
        yield shapes(point(left + wide / 2, middle, index, scale, theme))
    elif kind == "line":
        yield shapes(line(np.array([(left, middle), (left + wide, middle)]), index, scale, theme))
