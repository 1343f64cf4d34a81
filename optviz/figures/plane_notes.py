"""What the picture of a training plane does not show by itself, in words and as data."""

import math

import numpy as np

from optviz.figures.engine.wording import number
from optviz.results.saved import plain
from optviz.results.training_run import Plane

BEYOND = 2.0  # sides of the map: runs that end farther from the start than that are named


def notes(plane: Plane) -> list[str]:
    """The notes at the foot."""
    ends = np.array([path.losses[-1] for path in plane.paths])
    below = np.array([_below(plane, path.points[-1]) for path in plane.paths])
    far = {
        path.title: math.hypot(*path.points[-1]) / math.sqrt(max(1 - path.off[-1] ** 2, 1e-12)) for path in plane.paths
    }
    side = plane.x[-1] - plane.x[0]
    return [
        f"map: training loss on the plane, over {plane.images:,} images",
        "off: distance from the plane ÷ distance from the start",
        f"seed {plane.seed}",
        f"loss at the ends {_range(ends)}, on the plane below {_range(below)}",
        *(f"{title} ends {number(at, 2)} from the start" for title, at in far.items() if at > BEYOND * side),
    ]


def numbers(plane: Plane) -> dict:
    """The plane in numbers, without landscape and paths."""
    paths = [
        {"optimizer": path.optimizer, "epochs": path.epochs[-1], "loss": path.losses[-1], "off": path.off[-1]}
        for path in plane.paths
    ]
    return plain({"seed": plane.seed, "images": plane.images, "held": plane.held, "paths": paths})


def _below(plane: Plane, point: np.ndarray) -> float:
    """The loss on the plane nearest to a point; NaN off the map."""
    away = [np.abs(centres - at) for centres, at in zip((plane.x, plane.y), point, strict=True)]
    column, row = (int(distance.argmin()) for distance in away)
    if max(away[0][column], away[1][row]) > plane.x[1] - plane.x[0]:
        return math.nan
    return float(plane.losses[row, column])


def _range(values: np.ndarray) -> str:
    """From the lowest to the highest finite value, in few digits."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return "not finite"
    low, high = number(float(finite.min()), 2), number(float(finite.max()), 2)
    return low if low == high else f"{low}–{high}"
