"""From where a race is seen on a solid surface: a camera that hides none of its story, chosen by measure.

The rule: the highest block of which some direction hides at most one iterate in twenty and no minimum; of such
directions the one that hides fewest.
"""

from collections.abc import Sequence

import numpy as np

from optviz.figures.engine.camera import Camera, aimed
from optviz.figures.engine.horizon import FLOAT, Heights, Horizon
from optviz.results import Race

AZIMUTHS = (-60.0, -40.0, -80.0, -120.0, -92.0, -20.0, -125.0, -150.0)  # x runs to the right, y away from the eye
# Elevation and height of blocks, from the one that hides most on to the one that hides next to nothing.
BLOCKS = (
    *((46.0, 0.95), (46.0, 0.7), (46.0, 0.5), (46.0, 0.35), (58.0, 0.45), (58.0, 0.35), (58.0, 0.25)),
    *((66.0, 0.28), (66.0, 0.2), (74.0, 0.2), (74.0, 0.15), (82.0, 0.1)),
)
MOST_HIDDEN = 0.05  # of the iterates
COARSE = 110  # columns and slices


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
        return _best(race, heights, [[Camera(azimuth, *block) for azimuth in AZIMUTHS] for block in BLOCKS])
    azimuth, elevation, height = aimed(given)
    if height is not None:
        return Camera(azimuth, elevation, height)
    known = sorted({high for _, high in BLOCKS}, reverse=True)
    return _best(race, heights, [[Camera(azimuth, elevation, high)] for high in known])


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


def _best(race: Race, heights: Heights, blocks: Sequence[Sequence[Camera]]) -> Camera:
    columns = (np.arange(COARSE) + 0.5) / COARSE * 1.44 - 0.72  # the diagonal of the ground, and a little
    least = (np.inf, np.inf), blocks[0][0]
    for cameras in blocks:
        found = [(hidden(race, heights, Horizon(heights, camera, columns, COARSE)), camera) for camera in cameras]
        best = min(found, key=lambda one: one[0])  # the first of those that are alike
        if best[0][0] == 0 and best[0][1] <= MOST_HIDDEN:
            return best[1]
        least = min(least, best, key=lambda one: one[0])
    return least[1]
