"""Who is better than whom, judged pair by pair on what both were tried on: seeds of one task, or many tasks.

Scores are mappings from what was tried, a seed or the number of a function, to a number that is higher for the better.
A pair's scores are subtracted one by one, so that what made one task hard for both says nothing; the mean of the
differences is judged by Student's 95 % interval. Pairs are judged one by one, without correction for their number.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from optviz.statistics import half_width

Scores = Mapping[int, float]


@dataclass(frozen=True)
class Difference:
    """By how much one of two is better.

    Attributes
    ----------
    shared : tuple of int
        What both were tried on.
    mean : float
        Of the differences; NaN where nothing is shared.
    half : float
        Half the width of the 95 % t interval of that mean; NaN where less than two are shared.
    """

    shared: tuple[int, ...]
    mean: float
    half: float

    @property
    def separate(self) -> bool:
        """Whether the interval leaves out 0: never where less than two are shared, always where all differ alike."""
        return abs(self.mean) > self.half


def difference(mine: Scores, yours: Scores) -> Difference:
    """How much better the first is."""
    shared = tuple(key for key in mine if key in yours)
    values = np.array([mine[key] - yours[key] for key in shared])
    return Difference(shared, float(values.mean()) if shared else math.nan, float(half_width(values)))


def better(mine: Scores, yours: Scores) -> bool:
    """Whether the first is distinguishably better.

    Their `difference` is separate from 0, and the means over all of their scores, which are more where some are not
    shared, stand in the same order: so no circle of three can each be better than the next.
    """
    pair = difference(mine, yours)
    return pair.separate and pair.mean > 0 and mean(mine) > mean(yours)


def mean(scores: Scores) -> float:
    """The mean score; NaN without any."""
    return math.fsum(scores.values()) / len(scores) if scores else math.nan


def places(scores: Sequence[Scores]) -> list[tuple[int, int]]:
    """The best and the worst place that the pairs leave open to each.

    1 + those that are `better`, and the number of all less those that are worse.
    """
    above = [sum(better(other, one) for other in scores) for one in scores]
    below = [sum(better(one, other) for other in scores) for one in scores]
    return [(1 + over, len(scores) - under) for over, under in zip(above, below, strict=True)]


def alike(scores: Sequence[Scores]) -> tuple[tuple[int, ...], ...]:
    """Groups of which no two can be told apart, so that each such pair is in a group: their indices.

    `scores` come best first. One can be in several groups: where it cannot be told from either of two that differ.
    """
    near = {
        (i, j)
        for i, j in combinations(range(len(scores)), 2)
        if not (better(scores[i], scores[j]) or better(scores[j], scores[i]))
    }
    groups: list[tuple[int, ...]] = []
    for first in range(len(scores)):
        last = first
        while last + 1 < len(scores) and all((one, last + 1) in near for one in range(first, last + 1)):
            last += 1
        if last > first and not (groups and groups[-1][-1] == last):
            groups.append(tuple(range(first, last + 1)))
    covered = {pair for group in groups for pair in combinations(group, 2)}
    groups += sorted(near - covered)
    return tuple(sorted(groups))


def span(place: tuple[int, int]) -> str:
    """``2``, or ``1–3`` where several places are open."""
    best, worst = place
    return f"{best}" if best == worst else f"{best}–{worst}"
