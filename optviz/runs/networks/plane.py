"""The training plane: the weights of several runs on their two common principal directions, and the loss around them.

The plane is laid through the weights that all runs start from. Its directions are those of a principal component
analysis of all weights together, found through their Gram matrix: a hundred vectors of a million parameters have a
million times as many covariances, but only a hundred squared products. Unlike a filter-normalised random plane
(Li et al. 2018, arXiv:1712.09913), it is where the runs really went.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optviz.results import Plane, PlanePath
from optviz.runs.jobs import side_by_side

RESOLUTION = 41  # columns and rows of the landscape; pictures interpolate
MARGIN = 0.12  # of the landscape's side, around the paths
FAR = 5.0  # a run that gets so many times as far from the start as the next one does not shape the plane
BLOCK = 4096  # parameters at a time: what is made of them in float64 stays within a few megabytes
NOTHING = 1e-12  # a direction with so small a share of the variance is rounding

Progress = Callable[[float, float, str], None]


@dataclass(frozen=True)
class Snapshots:
    """The weights of one run at some moments.

    Attributes
    ----------
    optimizer, title : str
    epochs : (k,) float64
        The moments; the first is 0, the start.
    weights : (k, parameters) float32
        Rows behind the first that is not finite are ignored.
    """

    optimizer: str
    title: str
    epochs: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Projection:
    """Weights on a plane.

    Attributes
    ----------
    start : (parameters,) float32
        The weights that lie at (0, 0).
    directions : (2, parameters) float32
        Orthonormal. The point (x, y) is ``start + x * directions[0] + y * directions[1]``.
    points : tuple of (k, 2) float64
        For each path the projections of its weights.
    off : tuple of (k,) float64
        Their distance from the plane as a share of their distance from the start.
    near : tuple of (k,) bool
        Which of them shaped the plane.
    held : float
        The share of the variance of those that the plane holds.
    """

    start: np.ndarray
    directions: np.ndarray
    points: tuple[np.ndarray, ...]
    off: tuple[np.ndarray, ...]
    near: tuple[np.ndarray, ...]
    held: float

    def weights(self, point: np.ndarray) -> np.ndarray:
        """The weights at a point of the plane: (parameters,) float32."""
        x, y = np.asarray(point, np.float32)
        made = self.directions[0] * x
        made += self.directions[1] * y
        made += self.start
        return made


def project(weights: Sequence[np.ndarray], block: int = BLOCK) -> Projection:
    """Find the plane through the start that holds most of the variance of all weights, and project them.

    Principal component analysis by the Gram matrix of the centred weights, as in Li et al. 2018, arXiv:1712.09913,
    section 7, there for one run. Where one run, or a few, get `FAR` times as far as all others, weights out there do
    not shape the plane: they would leave the others a single dot. A direction that the weights do not have is made up,
    at right angles to the other.

    Parameters
    ----------
    weights : sequence of (k, parameters) float32
        Finite paths that start at the same weights; each has its own length.
    block : int
        Parameters at a time. Beside `weights` themselves hardly more memory is used than for four vectors of them.

    Returns
    -------
    Projection
        Of the ends of the paths, the one that is farthest out along a direction is on its positive side.
    """
    lengths = [len(path) for path in weights]
    start, count = weights[0][0].copy(), weights[0].shape[1]

    def moved() -> Iterator[tuple[slice, np.ndarray]]:
        """The way from the start, some parameters at a time: (all rows, block) float64."""
        for first in range(0, count, block):
            part = slice(first, first + block)
            yield part, np.concatenate([path[:, part] for path in weights], dtype=np.float64) - start[part]

    gram = np.zeros((sum(lengths), sum(lengths)))
    for _, rows in moved():
        gram += rows @ rows.T
    distance = np.sqrt(gram.diagonal())
    near = distance <= _limit(np.split(distance, np.cumsum(lengths)[:-1]))

    centred = gram[np.ix_(near, near)]
    centred = centred - centred.mean(axis=0)
    centred -= centred.mean(axis=1, keepdims=True)
    variances, modes = np.linalg.eigh(centred)
    variances, modes = np.maximum(variances[::-1], 0.0), modes[:, ::-1]
    real = min(2, int((variances > NOTHING * max(variances[0], np.finfo(float).tiny)).sum()))
    modes = modes[:, :real] / np.sqrt(variances[:real])
    modes -= modes.mean(axis=0)

    directions = np.zeros((2, count), np.float32)
    for part, rows in moved():
        directions[:real, part] = modes.T @ rows[near]
    if real == 0:
        directions[0] = 1 / math.sqrt(count)
    if real < 2:
        directions[1] = _across(directions[0])
    points = np.zeros((sum(lengths), 2))
    for part, rows in moved():
        points += rows @ directions[:, part].T
    cuts = np.cumsum(lengths)[:-1]
    ends = np.array([path[close][-1] for path, close in zip(np.split(points, cuts), np.split(near, cuts), strict=True)])
    for axis in (0, 1):
        if ends[np.abs(ends[:, axis]).argmax(), axis] < 0:
            directions[axis] *= -1
            points[:, axis] *= -1

    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.sqrt(np.maximum(0.0, 1 - (points**2).sum(axis=1) / distance**2))
    return Projection(
        start=start,
        directions=directions,
        points=tuple(np.split(points, cuts)),
        off=tuple(np.split(np.where(distance > 0, off, 0.0), cuts)),
        near=tuple(np.split(near, cuts)),
        held=min(1.0, float(variances[:2].sum() / variances.sum())) if real else 1.0,
    )


def plane(
    runs: Sequence[Snapshots],
    seed: int,
    images: int,
    loss: Callable[[np.ndarray, Any], float],
    *,
    resolution: int = RESOLUTION,
    threads: int = 1,
    new_room: Callable[[], Any] = lambda: None,
    progress: Progress | None = None,
) -> Plane:
    """Project the weights of all runs of one seed on their common plane, and evaluate the loss on it.

    Parameters
    ----------
    runs : sequence of Snapshots
        One or more, all from the same weights.
    seed, images : int
        For the record: the runs' seed, and over how many training images `loss` is a mean.
    loss : function
        ``loss(parameters, room)`` is the mean training loss of a network with these parameters, (parameters,) float32.
        It is called from several threads, at most once at a time with the same `room`.
    resolution : int
        Columns and rows of the landscape.
    threads : int
    new_room : function
        Makes the scratch room of a thread.
    progress : callable, optional
        ``progress(done, total, text)`` with counts of losses, a few times a second. What it raises ends the work.

    Returns
    -------
    Plane
        Losses that are not finite are infinite.
    """
    finite = [run.weights[: _finite(run.weights)] for run in runs]
    projection = project(finite)
    x, y = _axes(projection, resolution)
    grid = [LossAt(lambda at=(a, b): projection.weights(at), loss) for b in y for a in x]  # type: ignore[misc]
    paths = [[LossAt(lambda row=row: row, loss) for row in path] for path in finite]  # type: ignore[misc]
    everything = [*grid, *(one for path in paths for one in path)]

    def watch() -> None:
        if progress is not None:
            progress(sum(one.finished for one in everything), len(everything), "losses around the paths")

    side_by_side(everything, threads, new_room, watch)
    return Plane(
        seed=seed,
        x=x,
        y=y,
        losses=np.array([one.value for one in grid]).reshape(resolution, resolution),
        images=images,
        held=projection.held,
        paths=tuple(
            PlanePath(
                optimizer=run.optimizer,
                title=run.title,
                epochs=np.array(run.epochs[: len(points)], np.float64),
                points=points,
                losses=np.array([one.value for one in losses]),
                off=off,
            )
            for run, points, off, losses in zip(runs, projection.points, projection.off, paths, strict=True)
        ),
    )


class LossAt:
    """The loss at one place, as a `Job`: the weights are made when their turn comes, and are gone after it."""

    def __init__(self, weights: Callable[[], np.ndarray], loss: Callable[[np.ndarray, Any], float]):
        self._weights, self._loss = weights, loss
        self.done, self.finished, self.value = 0.0, False, math.inf

    def advance(self, room: Any) -> None:
        value = float(self._loss(self._weights(), room))
        self.value = value if math.isfinite(value) else math.inf
        self.finished = True


def _limit(distances: Sequence[np.ndarray]) -> float:
    """How far from the start weights may be that shape the plane."""
    reach = sorted(float(path.max()) for path in distances if path.max() > 0) or [0.0]
    limit = reach[(len(reach) - 1) // 2]
    for further in reach:
        if further <= FAR * limit:
            limit = max(limit, further)
    return limit


def _finite(weights: np.ndarray) -> int:
    """How many rows there are before the first that is not finite; the start always counts."""
    return next((k for k, row in enumerate(weights) if k and not np.isfinite(row).all()), len(weights))


def _across(direction: np.ndarray) -> np.ndarray:
    """A unit vector at right angles to another: its elements in pairs, swapped, with one sign changed."""
    across = np.zeros_like(direction)
    pairs = len(direction) // 2 * 2
    across[:pairs:2], across[1:pairs:2] = -direction[1:pairs:2], direction[:pairs:2]
    return across / max(float(np.linalg.norm(across)), np.finfo(np.float32).tiny)


def _axes(projection: Projection, resolution: int) -> tuple[np.ndarray, np.ndarray]:
    """Centres of the columns and rows of a square around the paths; (resolution,) float64 each."""
    points = np.concatenate([path[near] for path, near in zip(projection.points, projection.near, strict=True)])
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max()) / (1 - 2 * MARGIN) or 1.0
    centres = (np.arange(resolution) + 0.5) / resolution - 0.5
    x, y = ((low + high) / 2)[:, None] + side * centres
    return x, y
