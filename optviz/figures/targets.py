"""How long each optimizer takes to reach a test accuracy: bars, the fastest first."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optviz.errors import UsageError
from optviz.figures.axis import Axis, time_axis
from optviz.figures.engine import heads, text
from optviz.figures.engine.clip import Box
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import number, rate
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, Page, closed, rectangle, rgba, shapes
from optviz.figures.rows import line_pitch
from optviz.figures.sheet import RADIUS, RING, Look, looks, nothing, sheet
from optviz.results.comparison import Comparison


@dataclass(frozen=True)
class Bar:
    """One optimizer's way to the target.

    Attributes
    ----------
    look : Look
    length : float
        The median; of an optimizer that did not reach the target the time it spent trying.
    reached : bool
        Whether the median is finite.
    dots : (k,) float64
        Of the seeds that reached the target, where there are several.
    value, detail : str
        Its row in words.
    tone : {"ink", "muted", "bad"}
    """

    look: Look
    length: float
    reached: bool
    dots: np.ndarray
    value: str
    detail: str
    tone: str

    @property
    def place(self) -> tuple[bool, float, float]:
        """What bars are sorted by: those that reached the target first, the fastest of them on top."""
        return not self.reached, self.length if self.reached else 0.0, -len(self.dots)


def targets_figure(comparison: Comparison, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark") -> Page:
    """Draw how long each optimizer trains until it reaches the comparison's target.

    A bar is the median over seeds, each seed has a dot. Hatched bars are optimizers that did not reach the target:
    they show how long those tried. Where the seconds are not known the bars are epochs.

    Parameters
    ----------
    comparison : Comparison
        With a ``target``.
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
        If the comparison has no target, the picture cannot be drawn at this size, or the theme is unknown.
    """
    if comparison.target is None:
        raise UsageError("this comparison has no target accuracy", "Run it with one: --target 0.97")
    seconds = comparison.timed
    goal = f"{number(100 * comparison.target, 6)}%"
    frame = sheet(comparison, f"Time to {goal}", _notes(comparison, seconds), size, theme)
    scale, colours = frame.scale, frame.colours
    ones = looks(comparison, colours)
    if not any(look.summary.epochs for look in ones):
        frame.say(nothing(comparison))
        return frame.page
    bars = sorted((_bar(look, seconds) for look in ones), key=lambda bar: bar.place)
    unit = "seconds" if seconds else "epochs"
    left, top, right, bottom = frame.box
    small = scale.font(12)
    box = left, top + small + 10, right, bottom - 1.6 * small
    frame.page.add(_drawn(bars, f"{unit} until {goal} of the test images are recognised", box, scale, colours))
    return frame.page


def _notes(comparison: Comparison, seconds: bool) -> list[str]:
    seeds = len({run.seed for run in comparison.runs})
    missed = any(one.epochs and one.target and math.isinf(one.target.epochs) for one in comparison.summaries())
    return [
        f"bar: median of {seeds} seeds · dot: a seed" if seeds > 1 else "one seed, so small differences may be chance",
        "hatched: tried so long in vain" if missed else "",
        "tested after each epoch",
        "seconds without tests" if seconds else "",
    ]


def _bar(look: Look, seconds: bool) -> Bar:
    one, target = look.summary, look.summary.target
    assert target is not None
    best = float(one.test_accuracy.high.max(initial=0.0))
    middle, each = (target.seconds, target.run_seconds) if seconds else (target.epochs, target.run_epochs)
    dots = each[np.isfinite(each)] if one.runs > 1 else np.empty(0)
    some = f"{target.reached} of {one.runs} seeds" if target.reached < one.runs and target.reached else ""
    if math.isfinite(middle):
        epochs = f"{number(target.epochs)} epoch" + "s" * (target.epochs != 1)
        words = [f"{number(middle, 3)} s", epochs] if seconds else [epochs]
        return Bar(look, middle, True, dots, words[0], " · ".join([*words[1:], *filter(None, [some])]), "ink")
    if not one.epochs:
        if one.diverged:
            return Bar(look, 0.0, False, dots, "diverged", f"in epoch {one.diverged_at}", "bad")
        return Bar(look, 0.0, False, dots, "–", "", "muted")
    tried = float(one.seconds.mean[-1]) if seconds else float(one.epochs)
    lost = f" · {one.diverged if one.diverged < one.runs else ''} diverged".replace("  ", " ") if one.diverged else ""
    return Bar(look, tried, False, dots, some or "not reached", f"best {best:.2%}{lost}", "muted")


def _drawn(bars: Sequence[Bar], heading: str, box: Box, scale: Scale, colours: Theme) -> Iterator[Item]:
    """Names on the left, bars over an axis in the middle, and on the right what the bars say."""
    left, top, right, bottom = box
    small = scale.font(12)
    height = min((bottom - top) / len(bars), max(scale.length(64), 36))
    big = min(scale.font(15), height - small - 4)
    double, pitch = big >= small, line_pitch(height, small)
    big = big if double else small
    start = left + 3 * scale.length(RADIUS) + 14
    start += min(max(text.width(bar.look.summary.first.title, big, bold=True) for bar in bars), 0.26 * (right - left))
    said = [(text.width(bar.value, big, bold=True), text.width(bar.detail, small)) for bar in bars]
    room = max(max(pair) if double else sum(pair) + 8 for pair in said)
    end = right - room - 14
    farthest = max([bar.length for bar in bars] + [float(at) for bar in bars for at in bar.dots])
    axis = time_axis(farthest, end - start, small)
    yield from _ground(axis, (start, top, end, top + height * len(bars)), small, colours)
    shown = heading if text.width(heading, small) <= right - start else heading.split()[0]
    yield Label(start, top - 8, shown, small, colours.muted)
    if text.width("optimizer", small) + 8 <= start - left:
        yield Label(left, top - 8, "optimizer", small, colours.muted)
    for row, bar in enumerate(bars):
        middle = top + height * (row + 0.5)
        yield from _name(bar.look, (left, start - 10), middle, big, pitch * double, scale, colours)
        thick = min(0.5 * height, scale.length(22))
        reach = start + float(axis.share(np.array(bar.length))) * (end - start)
        yield from _strip(bar, (start, middle - thick / 2, reach, middle + thick / 2), scale, colours)
        if len(bar.dots):
            dot = heads.head("disc", min(scale.length(3.6), 0.4 * thick + 0.8))
            at = start + axis.share(bar.dots) * (end - start)
            yield shapes([(dot.moved(x, middle), rgba(colours.rim), rgba(colours.ink), 1.0) for x in at.tolist()])
        below = double and bool(bar.detail)
        base = middle + (text.CAP_HEIGHT * big - pitch * below) / 2
        value = Label(right - room, base, bar.value, big, getattr(colours, bar.tone), bold=True)
        x, y = (right - room, base + pitch) if double else (value.left + value.width + 8, base)
        yield from (value, Label(x, y, bar.detail, small, colours.muted))


def _name(
    look: Look, edges: tuple[float, float], middle: float, big: float, pitch: float, scale: Scale, colours: Theme
) -> Iterator[Item]:
    """Head and name, and the learning rate where there is a second line, `pitch` below; 0 where there is none."""
    one, small, radius = look.summary.first, scale.font(12), scale.length(RADIUS)
    left, right = edges
    head = heads.head(look.shape, radius).moved(left + radius + 1, middle)
    yield shapes([(head, rgba(colours.rim), rgba(look.colour), RING)])
    left += 3 * radius + 3
    below = f"lr {rate(one.hyperparameters['lr'])}" if pitch and "lr" in one.hyperparameters else ""
    base = middle + (text.CAP_HEIGHT * big - pitch * bool(below)) / 2
    name, size = text.fitted(one.title, right - left + 1, (big, small), bold=True)
    yield Label(left, base, name, size, colours.ink if look.summary.epochs else colours.muted, bold=True)
    yield Label(left, base + pitch, text.shortened(below, right - left, small), small, colours.muted)


def _ground(axis: Axis, box: Box, small: float, colours: Theme) -> Iterator[Item]:
    left, top, right, bottom = box
    rules = [(rectangle(box), NONE, rgba(colours.panel), 0.0)]
    for at, label in axis.ticks:
        x = left + (at - axis.low) / (axis.high - axis.low) * (right - left)
        rules.append((Outline(np.array([(x, top), (x, bottom + 4)])), rgba(colours.grid), NONE, 1.0))
        yield Label(x, bottom + small + 5, label, small, colours.muted, anchor="center")
    rules.append((Outline(np.array([(left, top), (left, bottom)])), rgba(colours.muted), NONE, 1.0))
    yield shapes(rules)


def _strip(bar: Bar, box: Box, scale: Scale, colours: Theme) -> Iterator[Item]:
    """A full bar, or a hatched one with an arrow where the target was not reached."""
    left, top, right, bottom = box
    colour, thick = bar.look.colour, bottom - top
    if right - left < 0.5:
        return
    if bar.reached:
        yield shapes([(rectangle(box), NONE, rgba(colour, 0.85), 0.0)])
        return
    step = max(5.0, scale.length(7))
    starts = np.arange(left - thick, right, step)
    lines = [(Outline(np.array([(x, bottom), (x + thick, top)])), rgba(colour, 0.55), NONE, 1.2) for x in starts]
    yield shapes([(rectangle(box), NONE, rgba(colour, 0.10), 0.0), *lines], clip=box)
    edges = [Outline(np.array([(left, y), (right, y)])) for y in (top, bottom)]
    tip = closed([(right, top - 1), (right + 0.45 * thick, (top + bottom) / 2), (right, bottom + 1)])
    yield shapes([*((edge, rgba(colour), NONE, 1.2) for edge in edges), (tip, NONE, rgba(colour), 0.0)])
