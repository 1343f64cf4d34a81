"""Heads that would hide each other, moved apart just far enough to be seen."""

from collections.abc import Sequence

import numpy as np

ROUNDS = 48


def declutter(heads: np.ndarray, landmarks: np.ndarray, distance: float, clearance: float) -> np.ndarray:
    """Push crowded heads away from each other and from what they would cover together.

    A head that stands alone stays where it is, even on a landmark. Where several meet they move to a ring around
    their place, each towards its own side, so that they keep their order from frame to frame. The result depends on
    the positions alone, and changes smoothly with them.

    Parameters
    ----------
    heads : (frames, n, 2) float64
        True positions in pixels; NaN for a head that is not drawn.
    landmarks : (k, 2) float64
        Start and minima.
    distance : float
        Wanted between two heads, in pixels.
    clearance : float
        Wanted between crowded heads and a landmark.

    Returns
    -------
    (frames, n, 2) float64
    """
    count = heads.shape[1]
    if count < 2:
        return heads
    moved = heads.copy()
    gaps = _distances(heads)
    crowd = np.clip((1.3 - gaps / distance) / 0.8, 0, 1).sum(axis=2)
    busy = (crowd > 0).any(axis=1)
    if not busy.any():
        return moved
    weight = np.clip(crowd[busy], 0, 1)[..., None]
    angle = 2 * np.pi * np.arange(count) / count - np.pi / 2
    side = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    at = np.where(np.isfinite(heads[busy]), heads[busy], 0.0) + weight * side * distance * 0.5
    absent = ~np.isfinite(heads[busy]).all(axis=2)
    for _ in range(ROUNDS):
        at = at + 0.5 * _push(at, at, distance, absent)
        for landmark in landmarks:
            away = at - landmark
            length = np.maximum(np.hypot(away[..., 0], away[..., 1]), 1e-9)[..., None]
            at = at + weight * away / length * np.maximum(0.0, clearance - length)
    moved[busy] = np.where(absent[..., None], np.nan, at)
    return moved


def _distances(points: np.ndarray) -> np.ndarray:
    """(frames, n, n): between each two points, infinite for a point and itself or where one is absent."""
    away = points[:, :, None] - points[:, None]
    length = np.hypot(away[..., 0], away[..., 1])
    length[:, np.arange(points.shape[1]), np.arange(points.shape[1])] = np.inf
    return np.where(np.isfinite(length), length, np.inf)


def _push(points: np.ndarray, others: np.ndarray, distance: float, absent: np.ndarray) -> np.ndarray:
    """How far each point is pushed by those nearer than `distance`."""
    away = points[:, :, None] - others[:, None]
    length = np.hypot(away[..., 0], away[..., 1])
    overlap = np.maximum(0.0, distance - length)
    overlap[:, np.arange(points.shape[1]), np.arange(points.shape[1])] = 0.0
    overlap[np.broadcast_to(absent[:, None], overlap.shape)] = 0.0
    return (away / np.maximum(length, 1e-9)[..., None] * overlap[..., None]).sum(axis=2)


def parted(positions: Sequence[float], gap: float, low: float, high: float) -> np.ndarray:
    """Move marks as little as possible, in least squares, until neighbours are `gap` apart.

    Parameters
    ----------
    positions : (n,) float64
        In any order; the order along the axis is kept.
    gap, low, high : float
        Least distance, and the ends between which the marks have to stay; where they do not fit, the distance gives
        way.

    Returns
    -------
    (n,) float64
    """
    count = len(positions)
    gap = min(gap, (high - low) / max(1, count - 1))
    order = np.argsort(positions, kind="stable")
    wanted = np.asarray(positions, float)[order] - gap * np.arange(count)
    blocks: list[list[float]] = []  # mean and size: neighbours that would cross are moved as one
    for position in wanted:
        blocks.append([position, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, size = blocks.pop()
            blocks[-1] = [(blocks[-1][0] * blocks[-1][1] + mean * size) / (blocks[-1][1] + size), blocks[-1][1] + size]
    settled = np.concatenate([np.full(int(size), mean) for mean, size in blocks]) if blocks else np.empty(0)
    moved = np.empty(count)
    moved[order] = np.clip(settled, low, high - gap * (count - 1)) + gap * np.arange(count)
    return moved
