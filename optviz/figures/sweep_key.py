"""Beside the map of a sweep: its colours, what share of the runs fares how, and what the signs mean."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from optviz.batches import Axis, Curve, Sweep
from optviz.figures import text
from optviz.figures.clip import Box
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, Picture, rectangle, rgba, shapes
from optviz.figures.sweep_colours import Shades, Speed, hatched, ramp
from optviz.figures.sweep_marks import Stroke, line, point, ring
from optviz.figures.sweep_ticks import ticks
from optviz.figures.theme import Theme, rgb

BAR = 18.0  # px, the width of the bar of colours and of samples
LEAST_BAR = 64.0
BOUND = "\u00a0"  # a space at which no line breaks


def column(
    sweep: Sweep,
    curves: Sequence[tuple[Curve, int]],
    speed: Speed,
    colours: Shades,
    box: Box,
    scale: Scale,
    theme: Theme,
) -> Iterator[Item]:
    """Bar, shares and key, from top to bottom.

    Parameters
    ----------
    sweep : Sweep
    curves : sequence of (Curve, int)
        What of its theory is visible, see `sweep_marks.visible`.
    speed : Speed
    colours : Shades
    box : (left, top, right, bottom)
    scale : Scale
    theme : Theme
    """
    left, top, right, bottom = box
    small = scale.font(12)
    pitch, gap = round(1.35 * small), round(scale.length(12))
    start = left + scale.length(BAR) + scale.length(8)
    entries = _fitting(sweep, curves, right - start, bottom - top - LEAST_BAR - 5 * pitch - 2 * gap, pitch, small)
    needed = sum(len(lines) * pitch + scale.length(5) for _, lines in entries)
    foot = bottom - needed - gap - 3 * (pitch + scale.length(3)) - gap
    foot = min(foot, top + scale.length(300))
    yield from _bar(sweep, speed, colours, (left, top, start, foot), scale, theme)
    base = foot + gap + small
    for sample, words in _shares(sweep, speed, colours, round(scale.length(BAR)), round(0.95 * small)):
        yield Picture(sample, round(left), round(base) - sample.shape[0] + 1)
        yield Label(start, base, words, small, theme.ink)
        base += pitch + scale.length(3)
    base += gap
    for sign, lines in entries:
        yield shapes(_sign(sign, left, base - 0.36 * small, scale, theme))
        for row, words in enumerate(lines):
            yield Label(start, base + pitch * row, words, small, theme.muted)
        base += pitch * len(lines) + scale.length(5)


def _bar(sweep: Sweep, speed: Speed, colours: Shades, box: Box, scale: Scale, theme: Theme) -> Iterator[Item]:
    """The ramp, fast at the top, with steps beside it."""
    left, top, start, foot = box
    small = scale.font(12)
    yield Label(left, top + 0.75 * small, "steps to arrive", small, theme.ink)
    first, wide = round(top + 1.7 * small), round(scale.length(BAR))
    high = round(foot) - first
    strip = ramp(colours)[np.linspace(len(ramp(colours)) - 1, 0, high).astype(int)]
    yield Picture(np.repeat(strip[:, None], wide, axis=1), round(left), first)
    axis = Axis("steps", "log", speed.fast, speed.slow, np.empty(1))
    rules = []
    faster = bool(((sweep.arrived >= 0) & (sweep.arrived < speed.fast)).any())
    for share, _ in ticks(axis, high, small, np.inf).marks:
        y = first + share * high
        rules.append((Outline(np.array([(left + wide, y), (left + wide + 4, y)])), rgba(theme.muted), NONE, 1.0))
        steps = f"{round(speed.fast * (speed.slow / speed.fast) ** share):,}"
        words = f"≤ {steps}" if faster and share < 1e-6 else steps
        yield Label(start, y + 0.36 * small, words, small, theme.muted)
    yield shapes(rules)


def _shares(sweep: Sweep, speed: Speed, colours: Shades, wide: int, high: int) -> Iterator[tuple[np.ndarray, str]]:
    """A sample and a share for each of the three things that can happen."""
    arrived, diverged = (sweep.arrived >= 0).mean(), (sweep.diverged > 0).mean()
    across = np.broadcast_to(ramp(colours)[np.linspace(0, 1023, wide).astype(int)], (high, wide, 3))
    yield across.copy(), f"{_percent(arrived)} arrive"
    never = np.full((high, wide, 3), rgb(colours.never), np.uint8)
    yield never, f"{_percent(1 - arrived - diverged)} not within {sweep.steps:,}"
    red = np.full((high, wide, 3), rgb(colours.diverged), np.uint8)
    yield hatched(red, np.ones((high, wide), bool), colours), f"{_percent(diverged)} diverge"


def _percent(share: float) -> str:
    """A share in percent; never "0%" for a few or "100%" for not quite all."""
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{share:.1%}" if 0 < share < 1 else f"{share:.0%}"


def _fitting(
    sweep: Sweep, curves: Sequence[tuple[Curve, int]], wide: float, high: float, pitch: float, size: float
) -> list[tuple[tuple[str, int], list[str]]]:
    """Signs with their words on lines; where the full words do not fit, theory is named only."""
    signs: list[tuple[tuple[str, int], tuple[str, str]]] = []
    if sweep.best:
        side = 2 * sweep.best["radius"] + 1
        worst = f"the worst takes {sweep.best['worst']:,}"
        rule = f"fewest steps in the worst of the {side}×{side} runs around it"
        signs.append((("ring", 0), (f"best robust point: {rule}; {worst}", f"best robust point: {rule}")))
    else:
        words = "no best robust point: no neighbourhood arrives as a whole"
        signs.append((("", 0), (words, words)))
    for curve, index in curves:
        signs.append((("point" if len(curve.points) == 1 else "line", index), (curve.text, curve.name)))
    for choice in (0, 1):
        entries = [(sign, _wrapped(words[choice], wide, size)) for sign, words in signs]
        if sum(len(lines) * pitch for _, lines in entries) <= high:
            break
    return entries


def _wrapped(words: str, wide: float, size: float) -> list[str]:
    """On lines that do not break at an equals sign or inside of parentheses, as far as those fit."""
    bound = re.sub(r" = |\([^()]*\)", lambda found: found[0].replace(" ", BOUND), words)
    if max(text.width(piece, size) for piece in bound.split(" ")) > wide:
        bound = words
    return [line.replace(BOUND, " ") for line in text.wrapped(bound, wide, size)]


def _sign(sign: tuple[str, int], left: float, middle: float, scale: Scale, theme: Theme) -> list[Stroke]:
    kind, index = sign
    wide = scale.length(BAR)
    if kind == "ring":
        return ring(left + wide / 2, middle, Scale(0.75 * scale.factor), theme)
    if kind == "point":
        return point(left + wide / 2, middle, index, scale, theme)
    if kind == "line":
        return line(np.array([(left, middle), (left + wide, middle)]), index, scale, theme)
    return [(rectangle((left, middle, left, middle)), NONE, NONE, 0.0)]
