"""The step of several arrays whose rules ask for sums, some over all of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError
from optviz.formulas.adding import in_pairs
from optviz.runs.arrays.host import BoundArray

Moved = tuple[BoundArray, np.ndarray, np.ndarray, dict[str, Any]]


def step_together(arrays: Sequence[Moved], value: float | None) -> None:
    """Move arrays in place: first all sums are made, pass after pass, and then every array takes its step.

    Parameters
    ----------
    arrays : sequence of (bound array, array, gradient, state)
        Those that have a gradient, as for `BoundArray.step`.
    value : float or None

    Raises
    ------
    UsageError
        If arrays that are summed together have rules of different sums, or different dtypes.
    """
    _check_alike(arrays)
    known: list[tuple] = [()] * len(arrays)
    for level in range(max((len(one.levels) for one, *_ in arrays), default=0)):
        members = [place for place, (one, *_) in enumerate(arrays) if level < len(one.levels)]
        sums = {place: _sums(arrays[place], level, value, known[place]) for place in members}
        totals = arrays[members[0]][0].levels[level].totals
        for k, total in enumerate(totals):
            if total.word.everywhere:
                whole = in_pairs(total.word, [sums[place][k] for place in members])
                for place in members:
                    sums[place][k] = whole
        for place in members:
            known[place] = (*known[place], *sums[place])
    for (bound, x, g, state), totals in zip(arrays, known, strict=True):
        bound.step(x, g, state, value, totals)


def _sums(moved: Moved, level: int, value: float | None, known: tuple) -> list:
    bound, x, g, state = moved
    return bound.sums(level, x, g, state, value, known)


def _check_alike(arrays: Sequence[Moved]) -> None:
    """Refuse arrays whose sums cannot be added."""
    asked = {}
    for bound, x, *_ in arrays:
        words = tuple(tuple(total.word.everywhere for total in level.totals) for level in bound.levels)
        if any(map(any, words)):
            asked[words, x.dtype] = x
    if len(asked) > 1:
        dtypes = {x.dtype for x in asked.values()}
        what = f"dtypes {' and '.join(sorted(map(str, dtypes)))}" if len(dtypes) > 1 else "rules that sum other things"
        raise UsageError(
            f"the arrays have {what}, and their sums are made over all of them",
            "Give arrays of one dtype whose groups differ in numbers alone.",
        )
