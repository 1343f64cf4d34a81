"""A table of optimizers: a head, a name and a value on each row, and a second line where there is room for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optviz.figures.engine import heads, text
from optviz.figures.engine.clip import Box
from optviz.figures.engine.style import RADIUS, RING
from optviz.figures.engine.theme import Theme
from optviz.figures.layout import Scale
from optviz.figures.page import Item, Label, rgba, rounded, shapes


@dataclass(frozen=True)
class Row:
    """One optimizer.

    Attributes
    ----------
    colour, shape, title : str
        Of the optimizer.
    value : str
        What it is ranked by.
    facts : tuple of str
        Below the name, as many as fit, from the first on.
    remarks : tuple of str
        Below the value, the first that fits.
    tone, remark_tone : {"ink", "muted", "bad", "good"}
        Colours of the theme for value and remark.
    live : bool
        Whether it came to anything; the name is muted otherwise.
    """

    colour: str
    shape: str
    title: str
    value: str
    facts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ("",)
    tone: str = "ink"
    remark_tone: str = "muted"
    live: bool = True


def table(rows: Sequence[Row], heading: str, box: Box, scale: Scale, theme: Theme) -> Iterator[Item]:
    """The rows in their order, in a frame at most as high as `box`, with headings above it.

    A row has a second line where there is room for it; rows that do not fit at all are counted in the last one.

    Parameters
    ----------
    rows : sequence of Row
    heading : str
        What the values are.
    box : (left, top, right, bottom)
    scale : Scale
    theme : Theme
    """
    left, top, right, bottom = box
    line = scale.font(12) + scale.length(3)
    shown = rows[: int((bottom - top) / line)]
    height = min((bottom - top) / max(1, len(shown)), max(scale.length(70), 36))
    shown = shown if len(shown) == len(rows) else shown[:-1]
    foot = top + height * (len(shown) + (len(shown) < len(rows)))
    small = scale.font(12)
    if rows:
        yield shapes([(rounded((left, top, right, foot), 6), rgba(theme.grid), rgba(theme.panel), 1.0)])
    yield Label(left, top - 8, "optimizer", small, theme.muted)
    yield Label(right, top - 8, heading, small, theme.muted, anchor="right")
    for number, row in enumerate(shown):
        yield from _row(row, (left + 8, top + number * height, right - 8, top + (number + 1) * height), scale, theme)
    if len(shown) < len(rows):
        words = f"and {len(rows) - len(shown)} more"
        yield Label(left + 8, foot - height / 2 + small * 0.36, words, small, theme.muted)


def _row(row: Row, box: Box, scale: Scale, theme: Theme) -> Iterator[Item]:
    left, top, right, bottom = box
    radius, small = scale.length(RADIUS), scale.font(12)
    big = min(scale.font(15), bottom - top - small - 4)
    double, pitch = big >= small, line_pitch(bottom - top, small)
    big = big if double else small
    middle = (top + bottom) / 2
    base = middle + (text.CAP_HEIGHT * big - pitch * double) / 2
    head = heads.head(row.shape, radius).moved(left + radius + 3, middle)
    yield shapes([(head, rgba(theme.rim), rgba(row.colour), RING)])
    left += 3 * radius + 6
    value = Label(right, base, row.value, big, getattr(theme, row.tone), bold=True, anchor="right")
    yield value
    edge = value.left - 8
    if double:
        line = base + pitch
        room = right - left - text.width("".join(row.facts[:1]), small) - 8
        words = next((words for words in row.remarks if text.width(words, small) <= room), row.remarks[-1])
        remark = Label(right, line, words, small, getattr(theme, row.remark_tone), anchor="right")
        yield remark
        yield Label(left, line, leading(row.facts, remark.left - 8 - left, small), small, theme.muted)
    else:
        aside = Label(edge, base, leading(row.facts[:1], edge - left - 60, small), small, theme.muted, anchor="right")
        yield aside
        edge = aside.left - 8
    name, size = text.fitted(row.title, edge - left, (big, small), bold=True)
    yield Label(left, base, name, size, theme.ink if row.live else theme.muted, bold=True)


def caption(
    mark: tuple[str, str, str], value: str, words: Sequence[str], box: Box, edge: float, scale: Scale, theme: Theme
) -> Iterator[Item]:
    """A row without a frame, above what belongs to one optimizer: head, name and value, and words below.

    Parameters
    ----------
    mark : (colour, shape, title)
    value : str
    words : sequence of str
        As many as fit, from the first on.
    box : (left, top, right, bottom)
        The words stand on its foot.
    edge : float
        Where the value ends.
    scale : Scale
    theme : Theme
    """
    colour, shape, title = mark
    left, _, right, bottom = box
    radius, small, big = scale.length(RADIUS), scale.font(12), scale.font(15)
    base = bottom - 2 * small
    head = heads.head(shape, radius).moved(left + radius + 1, base - text.CAP_HEIGHT * big / 2)
    yield shapes([(head, rgba(theme.rim), rgba(colour), RING)])
    left += 3 * radius + 3
    end = Label(edge, base, value, big, theme.ink, bold=True, anchor="right")
    name, size = text.fitted(title, end.left - 8 - left, (big, small), bold=True)
    yield from (end, Label(left, base, name, size, theme.ink, bold=True))
    yield Label(left, base + 1.35 * small, leading(words, right - left, small), small, theme.muted)


def line_pitch(height: float, small: float) -> float:
    """From the first to the second line of a row of that height: the two stand closer to each other than rows do."""
    return min(small + 4, height / 2 + 1)


def leading(parts: Sequence[str], room: float, size: float) -> str:
    """As many parts, from the first on, as fit into `room` pixels on one line."""
    for count in range(len(parts), 0, -1):
        line = " · ".join(parts[:count])
        if text.width(line, size) <= room:
            return line
    return ""
