"""Heads with the names of their optimizers, in lines."""

from collections.abc import Iterator, Sequence

from optviz.figures.engine import heads, text
from optviz.figures.engine.theme import Theme
from optviz.figures.layout import Scale
from optviz.figures.page import Item, Label, rgba, shapes
from optviz.figures.sheet import RADIUS, RING
from optviz.figures.study_sheet import Look


def in_lines(looks: Sequence[Look], room: float, scale: Scale) -> list[list[Look]]:
    """As many in each line as fit into `room` pixels."""
    lines: list[list[Look]] = []
    used = room
    for look in looks:
        width = _width(look, scale)
        if used + width > room + scale.font(12):
            lines.append([])
            used = 0.0
        lines[-1].append(look)
        used += width
    return lines


def line_height(scale: Scale) -> float:
    """From one line to the next."""
    return 1.5 * scale.font(12)


def legend(
    lines: Sequence[Sequence[Look]], corner: tuple[float, float], scale: Scale, colours: Theme
) -> Iterator[Item]:
    """Draw the lines from `corner`, their upper left one, on."""
    left, top = corner
    small, radius = scale.font(12), scale.length(RADIUS)
    for row, line in enumerate(lines):
        x, base = left, top + line_height(scale) * row + small
        for look in line:
            head = heads.head(look.shape, radius).moved(x + radius, base - 0.5 * text.CAP_HEIGHT * small)
            yield shapes([(head, rgba(colours.rim), rgba(look.colour), RING)])
            yield Label(x + 2 * radius + 6, base, look.title, small, colours.ink)
            x += _width(look, scale)


def _width(look: Look, scale: Scale) -> float:
    """With the gap behind it."""
    return 2 * scale.length(RADIUS) + 6 + text.width(look.title, scale.font(12)) + scale.font(12)
