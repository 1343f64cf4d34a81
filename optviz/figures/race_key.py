"""The key of a race: the signs on its map or surface that occur in it, each with its word."""

import numpy as np

from optviz.figures.engine.heads import ARROW, DISC, STAR, placed
from optviz.figures.engine.items import Outline, fill, stroke
from optviz.figures.engine.key import Entry, Sign, drawn
from optviz.figures.looks import SIZE
from optviz.figures.standings import OFF
from optviz.results import Race
from optviz.results.race import STOPS


def signs(race: Race, show: str | None) -> list[Entry]:
    """The signs on the map that occur in this race, each with its word."""
    landscape = race.landscape
    (left, right), (low, high) = landscape.view

    def shown(points: np.ndarray) -> np.ndarray:
        x, y = points.T
        return (x >= left) & (x <= right) & (y >= low) & (y <= high)

    minima, local = (int(shown(points).sum()) for points in (landscape.minimizers, landscape.local_minimizers))
    lowest = ("lowest found", "lowest found") if landscape.searched else ("minimum", "minima")
    found = {
        "start": shown(np.array([race.start])).any(),
        lowest[minima > 1]: minima,
        "local minimum" if local == 1 else "local minima": local,
        CURVED: show == "curvature" and landscape.hessians is not None and np.isfinite(landscape.hessians).any(),
        OFF: any(not shown(run.points).all() for run in race.trajectories),  # NaN is not shown
        LOOK: any(run.evaluated is not None for run in race.trajectories),
    }
    there = [Entry((words,), SIGNS[SAME.get(words, words)]) for words, occurs in found.items() if occurs]
    return [*there, *stops(race, RINGED)]


def stops(race: Race, sign: Sign) -> list[Entry]:
    """The sign of runs that have stopped of themselves, with the reasons that occur; nothing where none has."""
    why = [stop for stop in STOPS if any(run.stopped == stop for run in race.trajectories)]
    return [Entry((f"stopped: {', '.join(why)}",), sign)] if why else []


def _flat(outline: Outline, y: float) -> Outline:
    """A shape half as high."""
    return Outline((outline.vertices - (0.0, y)) * (1.0, 0.55) + (0.0, y), outline.codes)


SAME = {"minima": "minimum", "local minima": "local minimum", "lowest found": "minimum"}  # signs of several words
RINGED = drawn(
    lambda x, y, style: [
        fill(placed(DISC, x, y, style.length(3.4)), style.theme.muted),
        stroke(placed(DISC, x, y, style.length(6.6)), style.theme.ink, style.length(1.5)),
    ]
)
RING = drawn(lambda x, y, style: [stroke(placed(DISC, x, y, style.length(3.4)), style.theme.ink, style.length(1.6))])
CURVED = "level of the curvature"
LOOK = "evaluation"
SIGNS = {
    "start": drawn(
        lambda x, y, style: [stroke(placed(DISC, x, y, style.length(4.6)), style.theme.ink, style.length(1.8))]
    ),
    "minimum": drawn(lambda x, y, style: [fill(placed(STAR, x, y, style.length(7.5)), style.theme.ink)]),
    "local minimum": drawn(
        lambda x, y, style: [stroke(placed(STAR, x, y, style.length(6.5)), style.theme.ink, style.length(1.1), 0.75)]
    ),
    CURVED: drawn(
        lambda x, y, style: [
            stroke(_flat(placed(DISC, x, y, style.length(6.0)), y), style.theme.ink, style.length(1.2))
        ]
    ),
    LOOK: drawn(lambda x, y, style: [fill(placed(DISC, x, y, style.length(SIZE / 2)), style.theme.ink)]),
    OFF: drawn(lambda x, y, style: [fill(placed(ARROW, x, y, style.length(5)), style.theme.ink)]),
}
