"""Who is better than whom, judged pair by pair on what all were tried on: seeds of one task, or many tasks.

Scores are mappings from what was tried, a seed or the number of a function, to a number that is higher for the better.
A pair's scores are subtracted one by one, so that what made one task hard for both says nothing, and the mean of the
differences is judged by Student's t test. Many pairs are judged at once, and some differ by luck: Holm's step-down
(Holm 1979, Scandinavian Journal of Statistics 6(2), 65-70) keeps the probability that any two that are equal are told
apart at 5 %, whatever the number of pairs.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from optviz.results.statistics import LEVEL, half_width, within

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
        Half the width of the 95 % t interval of that mean, by itself; NaN where less than two are shared.
    p : float
        The probability of such a mean or a larger one by luck, by itself: 1 where less than two are shared or all are
        equal, 0 where all differ alike.
    """

    shared: tuple[int, ...]
    mean: float
    half: float
    p: float


def difference(mine: Scores, yours: Scores) -> Difference:
    """How much better the first is."""
    shared = tuple(key for key in mine if key in yours)
    values = np.array([mine[key] - yours[key] for key in shared])
    mean = float(values.mean()) if shared else math.nan
    count, p = len(shared), 1.0
    if count > 1 and mean != 0:
        error = float(np.std(values, ddof=1)) / math.sqrt(count)
        p = 1 - within(abs(mean) / error, count - 1) if error else 0.0
    return Difference(shared, mean, float(half_width(values)), p)


@dataclass(frozen=True)
class Verdict:
    """What pairs of several say together.

    Attributes
    ----------
    differences : dict of (int, int) to Difference
        For each pair of indices, the smaller one first, how much better the one of that index is.
    p : (n, n) float64
        Holm's adjusted probability for each pair; 1 on the diagonal.
    better : (n, n) bool
        Whether the one of the row is distinguishably better than the one of the column: `p` is below 5 %, and the means
        over all of their scores, which are more where some are not shared, stand in the same order as that over the
        shared ones. So no circle of three can each be better than the next.
    """

    differences: dict[tuple[int, int], Difference]
    p: np.ndarray
    better: np.ndarray

    def alike(self, one: int, other: int) -> bool:
        """Whether two cannot be told apart."""
        return not (self.better[one, other] or self.better[other, one])

    @property
    def pairs(self) -> int:
        """How many pairs were judged: those that share two scores or more."""
        return sum(len(one.shared) > 1 for one in self.differences.values())

    @property
    def places(self) -> list[tuple[int, int]]:
        """The best and the worst place that the pairs leave open to each.

        1 + those that are better, and the number of all less those that are worse. Whoever is better has the higher
        mean, so that the place in the order of means is always among them.
        """
        above, below = self.better.sum(axis=0), self.better.sum(axis=1)
        return [(1 + int(over), len(above) - int(under)) for over, under in zip(above, below, strict=True)]

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Groups of which no two can be told apart, so that each such pair is in a group: their indices.

        Indices count from the best. One can be in several groups: where it cannot be told from either of two that
        differ.
        """
        count = len(self.p)
        near = {pair for pair in combinations(range(count), 2) if self.alike(*pair)}
        groups: list[tuple[int, ...]] = []
        for first in range(count):
            last = first
            while last + 1 < count and all((one, last + 1) in near for one in range(first, last + 1)):
                last += 1
            if last > first and not (groups and groups[-1][-1] == last):
                groups.append(tuple(range(first, last + 1)))
        covered = {pair for group in groups for pair in combinations(group, 2)}
        groups += sorted(near - covered)
        return tuple(sorted(groups))


def judged(scores: Sequence[Scores]) -> Verdict:
    """Judge all pairs together; for `Verdict.groups` the best must come first."""
    count = len(scores)
    differences = {(i, j): difference(scores[i], scores[j]) for i, j in combinations(range(count), 2)}
    means = [mean(one) for one in scores]
    p, better = np.ones((count, count)), np.zeros((count, count), bool)
    tried = [pair for pair, one in differences.items() if len(one.shared) > 1]
    tried.sort(key=lambda pair: differences[pair].p)
    adjusted = 0.0
    for rank, (i, j) in enumerate(tried):
        adjusted = max(adjusted, min(1.0, (len(tried) - rank) * differences[i, j].p))
        p[i, j] = p[j, i] = adjusted
        ahead, behind = (i, j) if differences[i, j].mean > 0 else (j, i)
        better[ahead, behind] = adjusted < 1 - LEVEL and means[ahead] > means[behind]
    return Verdict(differences, p, better)


def mean(scores: Scores) -> float:
    """The mean score; NaN without any."""
    return math.fsum(scores.values()) / len(scores) if scores else math.nan


def correction(count: int) -> str:
    """How so many pairs were judged together, to follow a comma; nothing for a single one."""
    return f", with Holm's correction for the {count} pairs" if count > 1 else ""


def span(place: tuple[int, int]) -> str:
    """``2``, or ``1–3`` where several places are open."""
    best, worst = place
    return f"{best}" if best == worst else f"{best}–{worst}"
