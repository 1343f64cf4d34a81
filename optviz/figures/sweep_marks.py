"""What is marked on the map of a sweep: what theory says, and the best robust point with its label."""

from collections.abc import Iterator, Sequence

import numpy as np

from optviz.figures import text
from optviz.figures.clip import Box, clipped, grown, inside
from optviz.figures.heads import DISC, head, placed
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, Strokes, rgba, rounded, shapes
from optviz.figures.sweep_layout import SweepPanel
from optviz.figures.theme import Theme, rgb
from optviz.figures.wording import number
from optviz.results.sweep import Axis, Curve, Sweep
from optviz.results.words import counted

LINE, HEM = 2.0, 1.5
DASHES = ((0.0, 0.0), (9.0, 5.0), (2.0, 4.0), (14.0, 4.0))  # px of line and of gap, for one curve after the other
SHAPES = ("diamond", "triangle up", "square", "plus")
RING, POINT = 8.0, 5.5  # radii
Stroke = tuple[Outline, tuple[float, float, float, float], tuple[float, float, float, float], float]


def visible(sweep: Sweep) -> list[tuple[Curve, int]]:
    """The curves of which something lies on the map, each with its number among lines or among points."""
    count = {True: 0, False: 0}
    found = []
    for curve in filter(sweep.shows, sweep.theory):
        single = len(curve.points) == 1
        found.append((curve, count[single]))
        count[single] += 1
    return found


def line(points: np.ndarray, index: int, scale: Scale, theme: Theme) -> list[Stroke]:
    """A line through page points with its casing; `index` picks its dashes."""
    parts = [Outline(part) for part in _dashed(points, *(scale.length(n) for n in DASHES[index % len(DASHES)]))]
    hem = rgba(theme.rim, 0.75)
    wide = scale.length(LINE)
    return [(part, hem, NONE, wide + 2 * scale.length(HEM)) for part in parts] + [
        (part, rgba(theme.ink), NONE, wide) for part in parts
    ]


def point(x: float, y: float, index: int, scale: Scale, theme: Theme) -> list[Stroke]:
    """A mark at a page point with its casing."""
    outline = head(SHAPES[index % len(SHAPES)], scale.length(POINT)).moved(x, y)
    return [
        (outline, rgba(theme.rim, 0.75), NONE, 2 * scale.length(HEM)),
        (outline, rgba(theme.rim, 0.75), rgba(theme.ink), scale.length(1)),
    ]


def ring(x: float, y: float, scale: Scale, theme: Theme) -> list[Stroke]:
    """The ring around the best robust point, bright with a dark casing on either page."""
    bright, dark = sorted((theme.ink, theme.rim), key=lambda colour: -sum(rgb(colour)))
    outline, wide = placed(DISC, x, y, scale.length(RING)), scale.length(2.4)
    return [
        (outline, rgba(dark, 0.85), NONE, wide + 2 * scale.length(HEM)),
        (outline, rgba(bright), NONE, wide),
    ]


def drawn(curves: Sequence[tuple[Curve, int]], panel: SweepPanel, scale: Scale, theme: Theme) -> Iterator[Strokes]:
    """Theory on the map, points above lines."""
    for curve, index in curves:
        if len(curve.points) > 1:
            yield shapes(
                [stroke for part in _pieces(curve, panel) for stroke in line(part, index, scale, theme)], clip=panel.box
            )
    for curve, index in curves:
        if len(curve.points) == 1:
            (x, y) = panel.to_page(curve.points)[0].tolist()
            yield shapes(point(x, y, index, scale, theme), clip=panel.box)


def best(
    sweep: Sweep, panel: SweepPanel, curves: Sequence[tuple[Curve, int]], scale: Scale, theme: Theme
) -> Iterator[Item]:
    """The ring around the best robust point, and its steps and hyperparameters on the side with room."""
    if sweep.best is None:
        return
    left, top, right, bottom = panel.box
    rows, columns = sweep.arrived.shape
    x = left + (sweep.best["column"] + 0.5) / columns * (right - left)
    y = bottom - (sweep.best["row"] + 0.5) / rows * (bottom - top)
    yield shapes(ring(x, y, scale, theme), clip=panel.box)
    small = scale.font(12)
    pad, room = scale.length(7), right - left - 2 * scale.length(14)
    said = [f"{axis.name} {value(axis, sweep.best[axis.name])}" for axis in (sweep.x, sweep.y)]
    joined = ", ".join(said)
    lines = [counted(sweep.best["steps"], "step"), *([joined] if text.width(joined, small) <= room else said)]
    lines = [text.shortened(words, room, small, bold=not row) for row, words in enumerate(lines)]
    wide = max(text.width(words, small, bold=not row) for row, words in enumerate(lines)) + 2 * pad
    pitch = round(1.35 * small)
    box = _beside((x, y), (wide, pitch * (len(lines) - 1) + 1.1 * small + pad), sweep, panel, curves, scale)
    yield shapes([(rounded(box, scale.length(4)), rgba(theme.ink, 0.55), rgba(theme.page, 0.86), 1.0)])
    for row, words in enumerate(lines):
        base = box[1] + pad / 2 + small + pitch * row
        yield Label(box[0] + pad, base, words, small, theme.ink, bold=not row)


def value(axis: Axis, at: float) -> str:
    """A value of the axis in as many digits as tell it from its neighbours."""
    near = np.diff(axis.values) if len(axis.values) > 1 else np.array([axis.high - axis.low])
    step = near[min(int(np.argmin(np.abs(axis.values - at))), len(near) - 1)]
    return number(at, int(np.clip(np.ceil(np.log10(max(abs(at) / step, 1.0))), 2, 15)))


def _pieces(curve: Curve, panel: SweepPanel) -> list[np.ndarray]:
    """The parts of a curve near the map, each (m, 2) page pixels."""
    at = panel.to_page(curve.points)
    starts, ends, kept = clipped(at[:-1], at[1:], grown(panel.box, 8))
    parts = []
    for first, last in np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]]))).reshape(-1, 2):
        parts.append(np.concatenate([starts[first:last], ends[last - 1 : last]]))
    return parts


def _dashed(points: np.ndarray, on: float, off: float) -> list[np.ndarray]:
    """A line cut into dashes; whole where `off` is 0."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    if not off:
        return [points]
    dashes = []
    for start in np.arange(0.0, along[-1], on + off):
        ends = np.array([start, min(start + on, along[-1])])
        corners = np.stack([np.interp(ends, along, points[:, k]) for k in (0, 1)], axis=-1)
        dashes.append(np.concatenate([corners[:1], points[(along > ends[0]) & (along < ends[1])], corners[1:]]))
    return dashes


def _beside(
    centre: tuple[float, float],
    size: tuple[float, float],
    sweep: Sweep,
    panel: SweepPanel,
    curves: Sequence[tuple[Curve, int]],
    scale: Scale,
) -> Box:
    """A place beside the ring, inside the panel, that covers little of the data and nothing of theory."""
    x, y = centre
    wide, high = size
    room = grown(panel.box, -scale.length(5))
    reach = scale.length(RING + 2.4 + HEM + 4)
    around = grown((x, y, x, y), reach - 1)
    marks = [part for curve, _ in curves if len(curve.points) > 1 for part in _pieces(curve, panel)]
    marks += [panel.to_page(curve.points) for curve, _ in curves if len(curve.points) == 1]
    found: list[tuple[float, Box]] = []
    for place, (across, down) in enumerate(((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))):
        left = x + across * (reach + wide / 2) - wide / 2
        top = y + down * (reach + high / 2) - high / 2
        left = float(np.clip(left, room[0], room[2] - wide))
        top = float(np.clip(top, room[1], room[3] - high))
        box = left, top, left + wide, top + high
        if box[2] > around[0] and box[0] < around[2] and box[3] > around[1] and box[1] < around[3]:
            continue
        crossed = sum(_meets(mark, grown(box, scale.length(4))) for mark in marks)
        found.append((0.01 * place + _covered(sweep, panel, box) + 2.0 * crossed, box))
    return min(found)[1]


def _meets(points: np.ndarray, box: Box) -> bool:
    if len(points) == 1:
        return bool(inside(points, box).any())
    return bool(clipped(points[:-1], points[1:], box)[2].any())


def _covered(sweep: Sweep, panel: SweepPanel, box: Box) -> float:
    """The share of the runs below a box that arrive."""
    rows, columns = sweep.arrived.shape
    left, top, right, bottom = panel.box
    across = [int((edge - left) / (right - left) * columns) for edge in (box[0], box[2])]
    up = [int((bottom - edge) / (bottom - top) * rows) for edge in (box[3], box[1])]
    return float((sweep.arrived[up[0] : up[1] + 1, across[0] : across[1] + 1] >= 0).mean())
