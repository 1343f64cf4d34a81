"""Trails that run along each other take turns, so that the one drawn last does not hide the others.

Where several optimizers follow the same line for a while, the first to come there paints it whole; each later one
paints only its own share of short dashes over it. All of them stay visible, as the strands of a rope are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.clip import Box
from optviz.figures.engine.trails import Trail

DASH = 11.0  # px along the page's axis that a line follows
CELL = 3.0  # px; trails within about one cell of each other lie over each other
TURNS = 12  # directions told apart, in half a circle
LASTING = 22.0  # px that two trails must share
CALM = 0.6  # trails in crowded places are faint already


@dataclass(frozen=True)
class Pieces:
    """A trail cut at the boundaries of the dashes.

    Attributes
    ----------
    starts, ends : (n, 2) float64
    segment, dash : (n,) int
        The segment each piece belongs to, and the number of its dash along the page's axis.
    cell, turn : (n,) int
        Where its middle lies, and its direction.
    """

    starts: np.ndarray
    ends: np.ndarray
    segment: np.ndarray
    dash: np.ndarray
    cell: np.ndarray
    turn: np.ndarray


def interleave(trails: Sequence[Trail], order: Sequence[int], box: Box, factor: float) -> None:
    """Find where trails share a line, and leave to each only its dashes there.

    Parameters
    ----------
    trails : sequence of Trail
        Their ``parts`` are set.
    order : sequence of int
        In which those that come at the same step are drawn.
    box : (left, top, right, bottom)
        The panel.
    factor : float
        The scale of the picture.
    """
    if len(trails) < 2:
        return
    side = int(np.ceil((max(box[2] - box[0], box[3] - box[1]) + 20) / (CELL * factor))) + 1
    cut = [_cut(trail, box, side, factor) for trail in trails]
    arrival = []
    for place, trail, pieces in zip(np.argsort(order), trails, cut, strict=True):
        first = np.full((TURNS, side * side), np.inf, np.float32)
        come = trail.course.step[pieces.segment] + place / 100
        np.minimum.at(first, (pieces.turn, pieces.cell), come.astype(np.float32))
        arrival.append(_spread(first, side))
    for index, (trail, pieces) in enumerate(zip(trails, cut, strict=True)):
        if not len(pieces.segment):
            continue
        length = np.hypot(*(pieces.ends - pieces.starts).T)
        times = np.array([first[pieces.turn, pieces.cell] for first in arrival])
        near = np.array([_lasting(np.isfinite(row), length, LASTING * factor) for row in times])
        near[index] = True
        # Everyone's earliest arrival around here, also one's own: two trails must agree on who of them was first.
        late = (np.where(near, times, np.inf) < times[index]).any(axis=0)
        count = near.sum(axis=0)
        mark = near[:index].sum(axis=0)
        seen = ~late | (pieces.dash % count == mark)
        for segment in np.unique(pieces.segment[~seen]):
            of = (pieces.segment == segment) & seen
            trail.parts[int(segment)] = [*np.stack([pieces.starts[of], pieces.ends[of]], axis=1)]


def _cut(trail: Trail, box: Box, side: int, factor: float) -> Pieces:
    """Cut the calm part of a trail where a dash begins or ends."""
    chosen = np.flatnonzero(trail.shown & (trail.crowd > CALM))
    starts, ends = trail.starts[chosen], trail.ends[chosen]
    along = (np.abs(ends - starts)[:, 1] > np.abs(ends - starts)[:, 0]).astype(int)
    rows = np.arange(len(chosen))
    low, high = (np.stack([starts, ends])[k, rows, along] / (DASH * factor) for k in (0, 1))
    count = np.abs(np.floor(high) - np.floor(low)).astype(int) + 1
    owner = np.repeat(rows, count)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    forward = np.where(high >= low, 1, -1)[owner]
    dash = np.floor(low).astype(int)[owner] + forward * number
    span = np.where(high == low, 1.0, high - low)[owner]
    enter = np.clip((dash + (forward < 0) - low[owner]) / span, 0, 1)
    leave = np.clip((dash + (forward > 0) - low[owner]) / span, 0, 1)
    enter, leave = np.where(number == 0, 0.0, enter), np.where(number == count[owner] - 1, 1.0, leave)
    delta = (ends - starts)[owner]
    first, last = starts[owner] + enter[:, None] * delta, starts[owner] + leave[:, None] * delta
    column, row = np.floor(((first + last) / 2 - (box[0] - 10, box[1] - 10)) / (CELL * factor)).astype(int).T
    turn = np.floor(np.arctan2(delta[:, 1], delta[:, 0]) / np.pi * TURNS + 0.5).astype(int) % TURNS
    return Pieces(first, last, chosen[owner], dash, np.clip(row * side + column, 0, side * side - 1), turn)


def _spread(first: np.ndarray, side: int) -> np.ndarray:
    """The earliest arrival in each cell, its neighbours, and the neighbouring directions."""
    first = np.minimum(first, np.minimum(np.roll(first, 1, axis=0), np.roll(first, -1, axis=0)))
    for shift in (1, side):
        first = np.minimum(first, np.minimum(np.roll(first, shift, axis=1), np.roll(first, -shift, axis=1)))
    return first


def _lasting(near: np.ndarray, length: np.ndarray, least: float) -> np.ndarray:
    """Of the runs of nearness along a trail only the long ones."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], near, [False]])))
    done = np.concatenate([[0.0], np.cumsum(length)])
    kept = np.zeros(len(near), bool)
    for start, stop in edges.reshape(-1, 2):
        kept[start:stop] = done[stop] - done[start] >= least
    return kept
