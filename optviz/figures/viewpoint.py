"""From where a race is seen on a solid surface: a camera that hides none of its story, chosen by measure.

The rule: the highest block of which some direction hides at most one iterate in twenty and no minimum; of such
directions the one that hides fewest. A point is hidden where the ground between it and the eye rises more steeply than
the line of sight, so that one look along each direction serves for all blocks. What is chosen is measured once more, as
finely as it is drawn.
"""

import math
from collections.abc import Sequence

import numpy as np

from optviz.figures.engine.camera import Camera, aimed
from optviz.figures.engine.horizon import BIAS, FLOAT, Heights, Horizon
from optviz.results import Race

AZIMUTHS = (-60.0, -40.0, -80.0, -120.0, -92.0, -20.0, -125.0, -150.0)  # x runs to the right, y away from the eye
# Elevation and height of blocks, from the one that hides most on to the one that hides next to nothing.
BLOCKS = (
    *((46.0, 0.95), (46.0, 0.7), (46.0, 0.5), (46.0, 0.35), (58.0, 0.45), (58.0, 0.35), (58.0, 0.25)),
    *((66.0, 0.28), (66.0, 0.2), (74.0, 0.2), (74.0, 0.15), (82.0, 0.1)),
)
MOST_HIDDEN = 0.05  # of the iterates
SPARE = 1.05  # times as steep as it is: so much is between what is looked at
COLUMNS = (np.arange(880) + 0.5) / 880 * 1.44 - 0.72  # the diagonal of the ground and a little, as finely as drawn
STEP = 1 / 256  # widths, along lines of sight
FEW, CELL = 320, 1 / 512  # iterates that lie in one cell are looked at once; the cells grow until they are few


def viewpoint(race: Race, heights: Heights, given: Sequence[float] | None = None) -> Camera:
    """The camera for a race.

    Parameters
    ----------
    race : Race
    heights : Heights
        Of its landscape.
    given : (azimuth, elevation) or (azimuth, elevation, height), optional
        A camera that somebody wants; without a height it is chosen by the same rule.

    Raises
    ------
    UsageError
        If what is given is no camera.
    """
    if given is None:
        return _best(race, heights, BLOCKS, AZIMUTHS)
    azimuth, elevation, height = aimed(given)
    if height is not None:
        return Camera(azimuth, elevation, height)
    known = sorted({high for _, high in BLOCKS}, reverse=True)
    return _best(race, heights, [(elevation, high) for high in known], [azimuth])


def hidden(race: Race, heights: Heights, horizon: Horizon) -> tuple[int, float]:
    """How many global minima something hides, and which share of the iterates on the map."""
    places = [shares(race, points) for points in (race.landscape.minimizers, *(r.points for r in race.trajectories))]
    minima, iterates = places[0], np.concatenate(places[1:])
    found = [horizon.hides(some, heights.at(*some.T.astype(FLOAT))) for some in (minima, iterates)]
    return int(found[0].sum()), float(found[1].mean()) if len(iterates) else 0.0


def shares(race: Race, points: np.ndarray) -> np.ndarray:
    """Those of (n, 2) points that are on the map, in shares of its sides."""
    low, high = np.array(race.landscape.view).T
    with np.errstate(over="ignore", invalid="ignore"):
        found = (np.asarray(points, float).reshape(-1, 2) - low) / (high - low)
        return found[((found >= 0) & (found <= 1)).all(axis=1)]


def _best(race: Race, heights: Heights, blocks: Sequence[tuple[float, float]], azimuths: Sequence[float]) -> Camera:
    minima = shares(race, race.landscape.minimizers)
    iterates, weights = _gathered(shares(race, np.concatenate([run.points for run in race.trajectories])))
    fitting, others = [], []
    for order, azimuth in enumerate(azimuths):
        towards = Camera(azimuth, *blocks[0]).towards
        steepest = [_steepest(heights, places, towards) for places in (minima, iterates)]
        for place, (elevation, high) in enumerate(blocks):
            lost, gone = (SPARE * high * slopes > math.tan(math.radians(elevation)) for slopes in steepest)
            share, camera = float(weights[gone].sum() / max(weights.sum(), 1)), Camera(azimuth, elevation, high)
            if not lost.any() and share <= MOST_HIDDEN:
                fitting.append(((place, share, order), camera))
            others.append(((int(lost.sum()), share, place, order), camera))
    for _, camera in sorted(fitting, key=lambda one: one[0]):
        minima_hidden, share = hidden(race, heights, Horizon(heights, camera, COLUMNS, len(COLUMNS) // 2))
        if not minima_hidden and share <= MOST_HIDDEN:
            return camera
    return min(others, key=lambda one: one[0])[1]


def _steepest(heights: Heights, places: np.ndarray, towards: np.ndarray) -> np.ndarray:
    """How steeply the ground towards the eye rises at most, seen from each of (n, 2) places: (n,) levels a width."""
    away = np.arange(BIAS, np.sqrt(2), STEP, dtype=FLOAT)
    x, y = (place[:, None] + away * FLOAT(pace) for place, pace in zip(places.T.astype(FLOAT), towards, strict=True))
    outside = (x < 0) | (x > 1) | (y < 0) | (y > 1)
    slopes = (heights.at(x, y) - heights.at(*places.T.astype(FLOAT))[:, None]) / away
    return np.where(outside, -np.inf, slopes).max(axis=1, initial=-np.inf)


def _gathered(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Few of (n, 2) places that stand for all, and how many each stands for."""
    cell = CELL
    while True:
        _, first, counts = np.unique(np.round(places / cell), axis=0, return_index=True, return_counts=True)
        if len(first) <= FEW:
            return places[first], counts
        cell *= 1.4
