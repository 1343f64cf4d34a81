"""What each frame of a swarm shows: how far the steps have got, where the runs are, how many have arrived."""

import numpy as np

from optviz.figures.engine.timeline import BEND
from optviz.results.swarm import Swarm, SwarmRun

FRAMES = 120  # about so many tell the story
LONGEST = 6  # frames from one step to the next
ON_THE_WAY = (0.5, 0.1)  # shares of the way still ahead at which a still picture looks
WAYS = 280  # so many runs, at most, show the way that they took


class Story:
    """A swarm as frames.

    Every kept moment is a frame. Between two that are a single step apart dots move on a straight line, as heads do in
    a race; between moments that are farther apart nothing is made up.

    Parameters
    ----------
    swarm : Swarm

    Attributes
    ----------
    frames : int
    at : (frames,) float64
        Which of the kept moments a frame shows, whole or in between.
    steps : (frames,) float64
        The step that it shows.
    arrived : (flocks, frames, k) int64
        How many runs have arrived at each minimizer by then.
    diverged : (flocks, frames) int64
    told : (n,) int64
        The runs whose ways are shown at the end; those of all would hide each other.
    """

    def __init__(self, swarm: Swarm):
        self.swarm = swarm
        self.at = _beats(swarm.moments, swarm.steps)
        self.frames = len(self.at)
        self.steps = np.interp(self.at, np.arange(len(swarm.moments)), swarm.moments)
        whole = np.floor(self.steps + 1e-9)
        count = len(swarm.minimizers)
        self.arrived = np.array(
            [[_since(one.arrived[one.reached == k], whole) for k in range(count)] for one in swarm.runs]
        )
        self.arrived = self.arrived.reshape(len(swarm.runs), count, self.frames).transpose(0, 2, 1)
        self.told = np.unique(np.linspace(0, len(swarm.runs[0].reached) - 1, WAYS).astype(int))
        self.diverged = np.array([_since(one.diverged[one.diverged > 0], whole) for one in swarm.runs])

    def points(self, flock: int, frame: int) -> np.ndarray:
        """(n, 2) float64: where the runs are; NaN once they have diverged."""
        kept, at = self.swarm.runs[flock].points, self.at[frame]
        first = int(at)
        if (share := at - first) == 0:
            return kept[first].astype(float)
        return kept[first].astype(float) * (1 - share) + kept[first + 1].astype(float) * share

    def lost(self, flock: int, frame: int) -> int:
        """How many runs are outside the map, and have not diverged."""
        x, y = self.points(flock, frame).T
        (left, right), (low, high) = self.swarm.landscape.view
        with np.errstate(invalid="ignore"):
            inside = (x >= left) & (x <= right) & (y >= low) & (y <= high)
        return int((~inside & np.isfinite(x) & np.isfinite(y)).sum())

    def moments(self, flock: int) -> list[int]:
        """Frames that between them tell the story of one flock: start, two on the way, end; fewer if few differ."""
        ahead = _ahead(self.swarm.runs[flock])
        chosen = [0, *(int(np.argmax(ahead <= share)) for share in ON_THE_WAY), len(ahead) - 1]
        return sorted({int(np.argmax(self.at >= moment)) for moment in chosen})


def _beats(moments: np.ndarray, steps: int) -> np.ndarray:
    """For each frame the moment that it shows: whole numbers, with fractions where moments are one step apart."""
    parts = [np.zeros(1)]
    for index, (first, last) in enumerate(zip(moments[:-1], moments[1:], strict=True)):
        pace = BEND * (first / steps + 1 / np.expm1(BEND)) * steps / (FRAMES - 1)  # steps a frame
        count = int(np.clip(round(1 / pace), 1, LONGEST)) if last - first == 1 else 1
        parts.append(index + np.arange(1, count + 1) / count)
    return np.concatenate(parts)


def _since(events: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """(frames,) int64: how many of the steps in `events`, none where negative, have come by each of `steps`."""
    return np.searchsorted(np.sort(events[events >= 0]), steps, side="right")


def _ahead(flock: SwarmRun) -> np.ndarray:
    """(h,) float64: how much of its way a flock's median run has still ahead, from 1 to 0."""
    points = flock.points.astype(float)
    there = np.isfinite(points[-1]).all(axis=1)
    if not there.any():
        return np.linspace(1, 0, len(points))
    left = np.median(np.hypot(*np.moveaxis(points[:, there] - points[-1, there], -1, 0)), axis=1)
    return left / left[0] if left[0] else np.zeros(len(points))
