"""Courses: how the path of an optimizer runs on a page, and where it is in each frame."""

from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.clip import Box, clipped, grown, inside
from optviz.figures.engine.timeline import between, held

FAR = 1e9  # px; farther than this only the direction matters
OVER = 8.0  # px that segments may reach beyond the panel


@dataclass(frozen=True)
class Course:
    """The straight pieces that are drawn of a path, in order: on a map one of each step, on a surface perhaps many.

    Attributes
    ----------
    points : (steps + 1, 2) float64
        The iterates in page pixels; may hold NaN and infinities.
    inside : (steps + 1,) bool
        Which of them are on the panel.
    starts, ends : (n, 2) float64
        The pieces; meaningless where not `shown`.
    shown : (n,) bool
    step : (n,) int64
        The step that each belongs to, from 0.
    begin, end : (n,) float64
        When it begins and ends, in steps.
    length : (n,) float64
        Of the whole step before it was cut, in pixels.
    arrives : (n,) bool
        Whether it ends at an iterate.
    ink : (n,) float64
        How much ink it has: all of it, or less where something hides it.
    """

    points: np.ndarray
    inside: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    shown: np.ndarray
    step: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    length: np.ndarray
    arrives: np.ndarray
    ink: np.ndarray


@dataclass(frozen=True)
class Track:
    """Where a runner is in each frame.

    Attributes
    ----------
    at : (frames, 2) float64
        In page pixels.
    off : (frames,) bool
        Whether that is off the panel's ground.
    edge, ray : (frames, 2) float64
        Where an arrow stands for a runner that is off, and where it points.
    ink : (frames,) float64
        As of a `Course`.
    """

    at: np.ndarray
    off: np.ndarray
    edge: np.ndarray
    ray: np.ndarray
    ink: np.ndarray


def lengths(points: np.ndarray) -> np.ndarray:
    """(steps,) float64: from each point to the next; 0 where that is not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.hypot(*np.diff(points, axis=0).T)
    return np.where(np.isfinite(found), found, 0.0)


def straight(points: np.ndarray, box: Box) -> Course:
    """The course of a path on a flat panel: (steps + 1, 2) page pixels, straight from each to the next."""
    starts, ends, shown = clipped(points[:-1], points[1:], grown(box, OVER))
    step = np.arange(len(starts))
    arrives = (ends == points[1:]).all(axis=1)
    return Course(
        points,
        inside(points, box),
        starts,
        ends,
        shown,
        step,
        step.astype(float),
        step + 1.0,
        lengths(points),
        arrives,
        np.ones(len(starts)),
    )


def followed(points: np.ndarray, schedule: np.ndarray, box: Box, margin: float) -> Track:
    """The track of a path on a flat panel, where arrows stand so far within its box."""
    at = between(np.clip(held(points), -FAR, FAR), schedule)
    left, top, right, bottom = box
    ray = at - ((left + right) / 2, (top + bottom) / 2)
    half = (right - left) / 2 - margin
    edge = ((left + right) / 2, (top + bottom) / 2) + ray * (half / np.maximum(np.abs(ray).max(axis=1), 1e-9))[:, None]
    return Track(at, ~inside(at, box), edge, ray, np.ones(len(at)))
