"""A step of several arrays: one call of a kernel for all that it can move together."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from optviz.kernels.table import SIZE
from optviz.runs.arrays.host import CHUNK, Moved
from optviz.runs.arrays.summed import SummedArray, step_together


def move(arrays: Sequence[Moved]) -> None:
    """Move arrays in place, after the sums that any of them asks for.

    Parameters
    ----------
    arrays : sequence of Moved
        They passed the checks.
    """
    if any(isinstance(bound, SummedArray) for bound, *_ in arrays):
        step_together(arrays)
    elif len(arrays) == 1:
        ((bound, *rest),) = arrays
        bound.step(*rest)
    else:
        _step_each(arrays)


def _step_each(arrays: Sequence[Moved]) -> None:
    """Move arrays that know nothing of each other; those of one rule that are at the same step, in one call."""
    together: dict[tuple[int, int, int], list[Moved]] = {}
    alone = []
    for each in arrays:
        bound, _, _, state, asked = each
        if bound.row is None:
            alone.append(each)
        else:
            together.setdefault((id(bound.rule), id(asked), state["t"]), []).append(each)
    calls = []
    for (*_, t), members in together.items():
        rule = members[0].bound.rule
        table = rule.table([one.bound.row for one in members])
        calls.append((rule.update_table, table, rule.at(t + 1, members[0].asked), members, t))
    for update, table, numbers, members, t in calls:
        for rows in in_parts(table):
            update(rows, *numbers)
        for one in members:
            one.state["t"] = t + 1
    for bound, *rest in alone:
        bound.step(*rest)


def in_parts(table: np.ndarray) -> Iterator[Any]:
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
