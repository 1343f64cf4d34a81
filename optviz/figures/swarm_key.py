"""The key of a swarm: which colour ends where, how many runs do, and how many have arrived so far."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.boxes import Span
from optviz.figures.engine.clip import Box
from optviz.figures.engine.heads import DISC, STAR, placed
from optviz.figures.engine.items import Item, Label, Strokes, fill, line, shapes, stroke
from optviz.figures.engine.key import Entry, Key, Sign, drawn
from optviz.figures.engine.style import Style
from optviz.figures.engine.text import width
from optviz.figures.engine.wording import MINUS, number, percent
from optviz.figures.swarm_story import Story
from optviz.results.swarm import Swarm

MOST = 8  # minimizers that are named
SIGNS, APART, LONGEST = 11.0, 16.0, 300.0  # px: signs, between columns of numbers, and a line with its numbers
HEADINGS = "in the end", "so far"
DIGITS, TRUE = 3, 0.01  # of the ends of an axis, and how far off they may be, as a share of its length


@dataclass(frozen=True)
class Line(Entry):
    """An entry with shares of all runs.

    Attributes
    ----------
    ends : float or None
        What it comes to in the end.
    so_far : (frames,) float64 or None
        What it has come to in each frame.
    """

    colour: str = "ink"
    ends: float | None = None
    so_far: np.ndarray | None = None


def entries(story: Story, colours: Sequence[str]) -> list[Line]:
    """What needs a word in this swarm, with the shares of the first flock.

    Parameters
    ----------
    story : Story
    colours : sequence of str
        Of the minimizers, and of runs that end at none.
    """
    swarm, one, runs = story.swarm, story.swarm.runs[0], len(story.swarm.runs[0].reached)
    reached = np.unique(np.concatenate([flock.reached for flock in swarm.runs]))
    stray = [((flock.reached < 0) & (flock.diverged == 0)).mean() for flock in swarm.runs]
    (left, right), (low, high) = swarm.landscape.view
    found: list[Line] = []
    for k, (x, y) in enumerate(swarm.minimizers):
        if k in reached or (left <= x <= right and low <= y <= high):
            local = k >= len(swarm.landscape.minimizers)
            words = f"({number(x, 3)}, {number(y, 3)}){' local' if local else ''}"
            sign = _star(colours[k], local)
            share, so_far = float((one.reached == k).mean()), story.arrived[0, :, k] / runs
            found.append(Line((words,), sign, ends=share, so_far=so_far))
    if len(found) > MOST:
        found[MOST - 1 :] = [Line((f"and {len(found) - MOST + 1} more",), None, "muted")]
    if any(stray):
        found.append(Line((f"none by step {swarm.steps:,}",), _dot(colours[-1]), ends=float(stray[0])))
    if story.diverged.any():
        share = float((one.diverged > 0).mean())
        found.append(Line(("diverged",), _ring, ends=share, so_far=story.diverged[0] / runs))
    lost = np.array([story.lost(0, frame) for frame in range(story.frames)]) / runs
    found += [Line(("off the map",), None, "muted", so_far=lost)] if lost.any() else []
    told = len(story.told)
    ways = f"at the end: ways of {'all' if told == runs else f'{told} of the'} runs"
    return [*found, Line(("where runs started",), _faint), Line((ways,), _way)]


def untabled(lines: Sequence[Line], shares: bool, swarm: Swarm) -> list[Entry]:
    """The entries without columns, at most with their shares of all runs; and what small maps have no room for."""
    found = []
    for one in lines:
        if one.ends is not None or one.so_far is None:
            told = f" {percent(one.ends)}" if shares and one.ends is not None else ""
            found.append(Entry((one.said(0) + told,), one.sign, one.colour))
    view = swarm.landscape.view
    sides = [_said(name, *ends) for name, ends in zip("xy", view, strict=True)]
    sides = [", ".join(sides)] if all(_telling(*ends) for ends in view) else sides
    return [*found, *(Entry((note,)) for note in ("bar: runs that have arrived", *sides))]


def _telling(low: float, high: float) -> bool:
    """Whether the ends of an axis, as they are written, are where they say."""
    ends = (float(f"{end:.{DIGITS}g}") for end in (low, high))
    return all(abs(said - end) <= TRUE * (high - low) for said, end in zip(ends, (low, high), strict=True))


def _said(name: str, low: float, high: float) -> str:
    """An axis in words, for maps that have no room for labels."""
    if _telling(low, high):
        return f"{name} {number(low, DIGITS)} to {number(high, DIGITS)}"
    half = float(f"{(high - low) / 2:.2g}")
    places = min(17, max(0, 1 - int(np.floor(np.log10(half)))))
    return f"{name} {(low + high) / 2:.{places}f} ± {number(half, 2)}".replace("-", MINUS)


class Shares(Key):
    """The key with columns of numbers, of which the last changes from frame to frame."""

    def __init__(self, lines: Sequence[Line], style: Style):
        super().__init__(lines, style, width=SIGNS)
        self._columns = [max(width(words, style.small), width(">99%", style.small)) for words in HEADINGS]

    def widths(self, height: float) -> Span:
        numbers = sum(self._columns) + 2 * self.style.length(APART)
        wide = [
            width(one.said(0), self.style.small) + (0.0 if one.ends is None and one.so_far is None else numbers)
            for one in self._lined()
        ]
        return self._start + max(wide), math.inf

    def heights(self, width: float) -> Span:
        least, most = super().heights(width)
        return least + self._head, most + self._head

    def place(self, box: Box) -> None:
        left, top, right, bottom = box
        super().place((left, top + self._head, right, bottom))
        self._right = min(right, left + max(self.widths(0.0)[0], self.style.length(LONGEST)))

    def still(self) -> Iterator[Item]:
        yield from super().still()
        style, muted = self.style, self.style.theme.muted
        head = self.box[1] + style.small - self._head
        yield Label(self.box[0] + self._start, head, "ends at", style.small, muted)
        for x, words in zip(self._edges, HEADINGS, strict=True):
            yield Label(x, head, words, style.small, muted, anchor="right")
        for one, base, _ in self.lines():
            if isinstance(one, Line) and one.ends is not None:
                yield Label(self._edges[0], base, percent(one.ends), style.small, style.theme.ink, anchor="right")

    def ranking(self, frame: int) -> int:
        return 0  # the order stays

    def ranked(self, frame: int) -> Strokes:
        return shapes(())

    def labels(self, frame: int) -> list[Label]:
        small, ink, right = self.style.small, self.style.theme.ink, self._edges[1]
        return [
            Label(right, base, percent(float(one.so_far[frame])), small, ink, anchor="right")
            for one, base, _ in self.lines()
            if isinstance(one, Line) and one.so_far is not None
        ]

    @property
    def _head(self) -> float:
        return self.style.pitch + self.style.length(5)

    @property
    def _edges(self) -> tuple[float, float]:
        return self._right - self._columns[1] - self.style.length(APART), self._right

    def _lined(self) -> list[Line]:
        return [one for one in self.entries if isinstance(one, Line)]


def _star(colour: str, local: bool) -> Sign:
    if local:
        return drawn(lambda x, y, style: [stroke(placed(STAR, x, y, style.length(6)), colour, style.length(1.3))])
    return drawn(lambda x, y, style: [fill(placed(STAR, x, y, style.length(7)), colour)])


def _dot(colour: str) -> Sign:
    return drawn(lambda x, y, style: [fill(placed(DISC, x, y, style.length(3)), colour)])


_faint = drawn(lambda x, y, style: [fill(placed(DISC, x, y, style.length(3)), style.theme.ink, 0.35)])
_ring = drawn(lambda x, y, style: [stroke(placed(DISC, x, y, style.length(4)), style.theme.bad, style.length(1.6))])
_way = drawn(
    lambda x, y, style: [
        stroke(line((x - style.length(5), y), (x + style.length(5), y)), style.theme.ink, style.length(1.2))
    ]
)
