"""A step of several arrays: one call of a kernel for all that it can move together."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from optviz.kernels.table import SIZE
from optviz.runs.arrays.host import CHUNK, Asked
from optviz.runs.arrays.summed import Moved, SummedArray, step_together


def move(arrays: Sequence[Moved], asked: Asked) -> None:
    """Move arrays in place, after the sums that any of them asks for.

    Parameters
    ----------
    arrays : sequence of (bound array, array, gradient, state)
        Those that have a gradient, as for `optviz.runs.arrays.host.BoundArray.step`.
    asked : Asked
    """
    if any(isinstance(bound, SummedArray) for bound, *_ in arrays):
        step_together(arrays, asked)
    elif len(arrays) == 1:
        ((bound, array, gradient, state),) = arrays
        bound.step(array, gradient, state, asked)
    else:
        _step_each(arrays, asked)


def _step_each(arrays: Sequence[Moved], asked: Asked) -> None:
    """Move arrays that know nothing of each other; those of one rule that are at the same step, in one call."""
    together: dict[tuple[int, int], list[Moved]] = {}
    alone = []
    for each in arrays:
        if each[0].row is None:
            alone.append(each)
        else:
            together.setdefault((id(each[0].rule), each[3]["t"]), []).append(each)
    calls = []
    for (_, t), members in together.items():
        rule = members[0][0].rule
        table = rule.table([bound.row for bound, *_ in members])
        calls.append((rule.update_table, table, rule.at(t + 1, asked), members, t))
    for update, table, numbers, members, t in calls:
        for rows in _chunks(table):
            update(rows, *numbers)
        for *_, state in members:
            state["t"] = t + 1
    for bound, array, gradient, state in alone:
        bound.step(array, gradient, state, asked)


def _chunks(table: np.ndarray) -> Iterator[Any]:
    """Rows of a table that a kernel moves before Ctrl-C is heard."""
    if int(table[:, SIZE].sum()) <= CHUNK:
        yield table
        return
    first, size = 0, 0
    for k, more in enumerate(table[:, SIZE].tolist()):
        if size + more > CHUNK:
            yield table[first:k]
            first, size = k, 0
        size += more
    yield table[first:]
