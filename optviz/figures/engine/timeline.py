"""Which step a frame shows, and where an optimizer is between two iterates."""

import numpy as np

BEND = 3.0  # how much slower the first steps pass than the last: e**3 = 20 times


def schedule(frames: int, steps: int) -> np.ndarray:
    """The step, whole or in between, that each frame shows.

    Returns
    -------
    (frames,) float64
        From 0 to `steps`: slow at first, when most happens, faster towards the end.
    """
    if frames == 1:
        return np.array([float(steps)])
    share = np.arange(frames) / (frames - 1)
    at = steps * np.expm1(BEND * share) / np.expm1(BEND)
    at[-1] = steps
    return at


def elapsed(at: float | np.ndarray, steps: int) -> np.ndarray:
    """The share of an animation that has passed at a step, 0 to 1: the inverse of `schedule`.

    It is also how far along its axis a curve shows the step, so that the first tenth of the steps, in which most is
    decided, has a third of the room, and heads travel along curves at an even pace.
    """
    return np.log1p(np.asarray(at) / max(steps, 1) * np.expm1(BEND)) / BEND


def held(points: np.ndarray) -> np.ndarray:
    """The iterates with everything that is not finite replaced by the last finite one before it."""
    finite = np.isfinite(points).all(axis=1)
    last = np.maximum.accumulate(np.where(finite, np.arange(len(points)), 0))
    return np.nan_to_num(points[last], nan=0.0, posinf=0.0, neginf=0.0)


def between(points: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The positions at fractional steps, on the straight line between two iterates.

    Parameters
    ----------
    points : (steps + 1, 2) float64
        Finite, see `held`.
    at : (n,) float64
        Steps from 0 to ``steps``.

    Returns
    -------
    (n, 2) float64
    """
    first = np.minimum(at.astype(int), len(points) - 1)
    last = np.minimum(first + 1, len(points) - 1)
    share = (at - first)[:, None]
    return points[first] * (1 - share) + points[last] * share
