"""The rows of a study's matrix: its functions, or where there are many the families of functions."""

from dataclasses import dataclass

import numpy as np

from optviz.results.study import Study
from optviz.results.study_steps import ratios, steps_to_target

MANY = 30  # functions, beyond which families stand for them
FEWEST = 3  # families that do so


@dataclass(frozen=True)
class Rows:
    """What becomes of the runs of each optimizer, row by row.

    Attributes
    ----------
    titles : tuple of str
        Functions; or families with the number of their functions.
    solved, median, diverged : (rows, O) float64
        The share of runs that reach the last target, the median of the steps until then, and the share that diverges,
        over all starts; of a family over all starts of all its functions.
    best : (rows, O) bool
        Whether no other optimizer's median is lower.
    families : bool
        Whether rows are families.
    """

    titles: tuple[str, ...]
    solved: np.ndarray
    median: np.ndarray
    diverged: np.ndarray
    best: np.ndarray
    families: bool


def matrix_rows(study: Study, whole: bool = False) -> Rows:
    """The functions of a study; with more than `MANY` of them their families, unless the `whole` is asked for."""
    if whole or len(study.functions) <= MANY or len(set(study.families)) < FEWEST:
        cells, lost = steps_to_target(study.reached, study.steps), (study.diverged > 0).mean(axis=2)
        best = ratios(study.reached, study.steps) == 1.0
        return Rows(study.function_titles, cells.solved, cells.median, lost, best, False)
    titles, parts = [], []
    for family in dict.fromkeys(study.families):
        members = [index for index, other in enumerate(study.families) if other == family]
        titles.append(f"{family} ({len(members)})")
        # All starts of all its functions stand side by side, as if of one.
        reached = np.concatenate(study.reached[members], axis=-1)[np.newaxis]
        cells = steps_to_target(reached, study.steps)
        lost = (np.concatenate(study.diverged[members], axis=-1) > 0).mean(axis=-1)
        parts.append((cells.solved[0], cells.median[0], lost, (ratios(reached, study.steps) == 1.0)[0]))
    solved, median, diverged, best = (np.array(part) for part in zip(*parts, strict=True))
    return Rows(tuple(titles), solved, median, diverged, best, True)
