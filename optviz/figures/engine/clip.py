"""Boxes, and segments cut to them before any pixel arithmetic: runs that diverge reach coordinates that overflow it."""

from collections.abc import Callable

import numpy as np

Box = tuple[float, float, float, float]  # left, top, right, bottom


def grown(box: Box, by: float) -> Box:
    """The box with a margin of `by` on every side."""
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def inside(points: np.ndarray, box: Box) -> np.ndarray:
    """Which of the (..., 2) points lie in the box; NaN does not."""
    x, y = points[..., 0], points[..., 1]
    return (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])


def overlap(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, down)


def beside(
    point: tuple[float, float], size: tuple[float, float], reach: float, room: Box, cost: Callable[[Box], float]
) -> Box | None:
    """A place beside a point for a box, `reach` away and inside the room: the cheapest, if one is not infinitely dear.

    Of places that cost the same it is the first of right, left, above and below, then of the four askew.
    """
    (x, y), (wide, high) = point, size
    found = []
    for place, (across, down) in enumerate(((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))):
        left = float(np.clip(x + across * (reach + wide / 2) - wide / 2, room[0], max(room[0], room[2] - wide)))
        top = float(np.clip(y + down * (reach + high / 2) - high / 2, room[1], max(room[1], room[3] - high)))
        box = left, top, left + wide, top + high
        found.append((cost(box), place, box))
    least, _, box = min(found)
    return box if np.isfinite(least) else None


def clipped(starts: np.ndarray, ends: np.ndarray, box: Box) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut segments to a box.

    Liang & Barsky 1984, "A new concept and method for line clipping", ACM Transactions on Graphics 3(1), 1-22.

    Parameters
    ----------
    starts, ends : (n, 2) float64
        May hold NaN, infinities and anything in between.
    box : (left, top, right, bottom)

    Returns
    -------
    starts, ends : (n, 2) float64
        The parts inside; unchanged end points keep their exact values. Meaningless where `kept` is false.
    kept : (n,) bool
        Whether any part of the segment lies inside.
    """
    finite = np.isfinite(starts).all(1) & np.isfinite(ends).all(1)
    # Beyond 1e12 the direction is all that matters, and differences of 1e300 would overflow.
    start = np.clip(np.where(finite[:, None], starts, 0.0), -1e12, 1e12)
    end = np.clip(np.where(finite[:, None], ends, 0.0), -1e12, 1e12)
    delta = end - start
    enter, leave = np.zeros(len(start)), np.ones(len(start))
    kept = finite.copy()
    for axis in (0, 1):
        for low, sign in ((box[axis], 1.0), (-box[axis + 2], -1.0)):
            speed = sign * delta[:, axis]
            distance = low - sign * start[:, axis]
            parallel = speed == 0
            with np.errstate(divide="ignore", invalid="ignore"):
                at = np.where(parallel, 0.0, distance / speed)
            kept &= ~(parallel & (distance > 0))
            enter = np.where(speed > 0, np.maximum(enter, at), enter)
            leave = np.where(speed < 0, np.minimum(leave, at), leave)
    kept &= enter <= leave
    first = np.where((enter > 0)[:, None], start + enter[:, None] * delta, start)
    last = np.where((leave < 1)[:, None], start + leave[:, None] * delta, end)
    return first, last, kept
