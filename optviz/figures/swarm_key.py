"""The key of a swarm: which colour ends where, how many runs do, and how many have arrived so far."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.clip import Box
from optviz.figures.engine.heads import DISC, STAR, placed
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import number
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, Strokes, rgba, shapes
from optviz.figures.swarm_story import Story

MOST = 8  # minimizers that are named
SIGN, APART = 16.0, 16.0  # px: room for a sign, and between columns or entries


@dataclass(frozen=True)
class Entry:
    """A line of the key.

    Attributes
    ----------
    sign : {"minimum", "local", "dot", "faint", "ring", "line", ""}
    colour, words : str
    ends : float or None
        The share of all runs.
    so_far : (frames,) float64 or None
        The same for each frame.
    """

    sign: str
    colour: str
    words: str
    ends: float | None = None
    so_far: np.ndarray | None = None


def percent(share: float) -> str:
    """A share in whole percents; what is not none and not all does not look so."""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def entries(story: Story, colours: Sequence[str], theme: Theme) -> list[Entry]:
    """What needs a word in this swarm.

    Parameters
    ----------
    story : Story
    colours : sequence of str
        Of the minimizers, and of runs that end at none.
    theme : Theme

    Returns
    -------
    list of Entry
        With the shares of the first flock.
    """
    swarm = story.swarm
    one = swarm.runs[0]
    runs = len(one.reached)
    reached = np.unique(np.concatenate([flock.reached for flock in swarm.runs]))
    stray = [((flock.reached < 0) & (flock.diverged == 0)).mean() for flock in swarm.runs]
    (left, right), (low, high) = swarm.landscape.view
    found: list[Entry] = []
    for k, (x, y) in enumerate(swarm.minimizers):
        if k in reached or (left <= x <= right and low <= y <= high):
            sign = "minimum" if k < len(swarm.landscape.minimizers) else "local"
            ends, so_far = float((one.reached == k).mean()), story.arrived[0, :, k] / runs
            words = f"({number(x, 3)}, {number(y, 3)}){' local' if sign == 'local' else ''}"
            found.append(Entry(sign, colours[k], words, ends, so_far))
    if len(found) > MOST:
        found[MOST - 1 :] = [Entry("", theme.muted, f"and {len(found) - MOST + 1} more")]
    if any(stray):
        found.append(Entry("dot", colours[-1], f"none by step {swarm.steps:,}", float(stray[0])))
    if story.diverged.any():
        found.append(Entry("ring", theme.bad, "diverged", float((one.diverged > 0).mean()), story.diverged[0] / runs))
    lost = np.array([story.lost(0, frame) for frame in range(story.frames)]) / runs
    found += [Entry("", theme.muted, "off the map", None, lost)] if lost.any() else []
    told = len(story.told)
    ways = f"at the end: ways of {'all' if told == runs else f'{told} of the'} runs"
    return [*found, Entry("faint", theme.ink, "where runs started"), Entry("line", theme.ink, ways)]


def untabled(lines: list[Entry], shares: bool) -> list[Entry]:
    """The same without columns: with the share of all runs in the words, or without shares."""
    said = [line for line in lines if line.ends is not None or line.so_far is None]
    return [
        Entry(
            line.sign,
            line.colour,
            f"{line.words} {percent(line.ends)}" if shares and line.ends is not None else line.words,
        )
        for line in said
    ]


class Key:
    """The key as a table, or as a line of signs and words.

    Parameters
    ----------
    lines : list of Entry
    notes : sequence of str
        What else there is to say, in lines of their own.
    scale : Scale
    theme : Theme

    Attributes
    ----------
    box : (left, top, right, bottom)
        Where it stands, once it has a place.
    """

    def __init__(self, lines: list[Entry], notes: Sequence[str], scale: Scale, theme: Theme):
        self._lines, self._notes, self._scale, self._theme = lines, notes, scale, theme
        self._size, self.pitch = scale.font(12), scale.font(12) + scale.length(8)
        self._counted = any(line.ends is not None for line in lines)
        self._heads = ("in the end", "so far") if self._counted else ()
        self._columns = [max(width(head, self._size), width(">99%", self._size)) for head in self._heads]
        self.box: Box = (0.0, 0.0, 0.0, 0.0)
        self._spots: list[tuple[float, float]] = []

    @property
    def column(self) -> tuple[float, float]:
        """Width and height as a table."""
        numbers = sum(self._columns) + self._scale.length(APART) * len(self._columns)
        wide = [
            self._scale.length(SIGN)
            + width(line.words, self._size)
            + (numbers if line.ends is not None or line.so_far is not None else 0.0)
            for line in self._lines
        ]
        indent = self._scale.length(SIGN) if self._counted else 0.0
        widest = max([*wide, *(indent + width(note, self._size) for note in self._notes)])
        return widest, self.pitch * (len(self._lines) + len(self._notes) + self._counted)

    def flow(self, room: float) -> float:
        """Its height as lines of signs and words in so much width."""
        return self.pitch * (1 + max((line for _, line in self._flowing(room)), default=0))

    def _flowing(self, room: float) -> list[tuple[float, int]]:
        """Where each entry and note starts, and in which line."""
        at, line, found = 0.0, 0, []
        for words, sign in [*((one.words, one.sign) for one in self._lines), *((note, "") for note in self._notes)]:
            wide = width(words, self._size) + (self._scale.length(SIGN) if sign else 0.0)
            if at and at + wide > room:
                at, line = 0.0, line + 1
            found.append((at, line))
            at += wide + self._scale.length(APART)
        return found

    def place(self, box: Box, flowing: bool) -> None:
        """Stand in a box: as a table from its top, or in lines."""
        self.box = box
        top = box[1] + 0.5 * (self.pitch + self._size) - 0.1 * self._size
        if flowing:
            self._spots = [(box[0] + at, top + self.pitch * line) for at, line in self._flowing(box[2] - box[0])]
        else:
            count = len(self._lines) + len(self._notes)
            self._spots = [(box[0], top + self.pitch * (row + self._counted)) for row in range(count)]

    def marks(self, _: object) -> Strokes:
        """The signs."""
        radius, drawn = self._scale.length, []
        for line, (x, y) in zip(self._lines, self._spots, strict=False):
            x, y, colour = x + radius(5.5), y - 0.36 * self._size, rgba(line.colour)
            if line.sign == "minimum":
                drawn.append((placed(STAR, x, y, radius(7)), NONE, colour, 0.0))
            elif line.sign == "local":
                drawn.append((placed(STAR, x, y, radius(6)), colour, NONE, radius(1.3)))
            elif line.sign == "dot":
                drawn.append((placed(DISC, x, y, radius(3)), NONE, colour, 0.0))
            elif line.sign == "faint":
                drawn.append((placed(DISC, x, y, radius(3)), NONE, rgba(line.colour, 0.35), 0.0))
            elif line.sign == "line":
                drawn.append((Outline(np.array([(x - radius(5), y), (x + radius(5), y)])), colour, NONE, radius(1.2)))
            elif line.sign == "ring":
                drawn.append((placed(DISC, x, y, radius(4)), colour, NONE, radius(1.6)))
        nothing = np.empty((0, 4))
        return shapes(drawn) if drawn else Strokes((), nothing, nothing, np.empty(0))

    def still(self) -> list[Item]:
        """Words, notes, and the shares in the end."""
        size, muted, ink = self._size, self._theme.muted, self._theme.ink
        items: list[Item] = []
        texts = [*((line.words, ink if line.sign else muted, line.sign) for line in self._lines)]
        texts += [(note, muted, "") for note in self._notes]
        indent = self._scale.length(SIGN)
        for (words, colour, sign), (x, y) in zip(texts, self._spots, strict=True):
            items.append(Label(x + (indent if sign or self._counted else 0.0), y, words, size, colour))
        if self._counted:
            head = self._spots[0][1] - self.pitch
            edges = self._edges()
            items.append(Label(self.box[0] + indent, head, "ends at", size, muted))
            items += [
                Label(x, head, text, size, muted, anchor="right") for x, text in zip(edges, self._heads, strict=True)
            ]
            for line, (_, y) in zip(self._lines, self._spots, strict=False):
                if line.ends is not None:
                    items.append(Label(edges[0], y, percent(line.ends), size, ink, anchor="right"))
        return items

    def rows(self, frame: int) -> list[Label]:
        """The shares so far."""
        if not self._counted:
            return []
        right = self._edges()[1]
        return [
            Label(right, y, percent(float(line.so_far[frame])), self._size, self._theme.ink, anchor="right")
            for line, (_, y) in zip(self._lines, self._spots, strict=False)
            if line.so_far is not None
        ]

    def _edges(self) -> tuple[float, float]:
        """The right ends of the columns of numbers."""
        wide = min(
            self.box[2], self.box[0] + max(self.column[0], min(self.box[2] - self.box[0], self._scale.length(300)))
        )
        return wide - self._columns[1] - self._scale.length(APART), wide
