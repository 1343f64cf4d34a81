"""Tables of addresses on a device: brought there when something has moved, into memory that is taken once."""

from typing import Any, NamedTuple

import numpy as np

TABLES = 8  # of one shape and stream that are kept: gradients come back to where they were


class _Kept(NamedTuple):
    table: Any
    step: int


class Tables:
    """Tables on a device, by what they hold. No step frees memory: that would have it wait for the whole device."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, tuple[int, ...]], dict[bytes, _Kept]] = {}
        self._step = 0

    def begin(self) -> None:
        """Another step begins: tables of earlier ones may be written over, in their stream's turn."""
        self._step += 1

    def table(self, rows: np.ndarray, handle: int, stream: Any) -> tuple[Any, bool]:
        """Rows on the device, and whether they are there in the place of others.

        The upload belongs to the stream: on another one a launch might come before it.
        """
        from optviz.kernels.cuda import backend, memory

        kept = self._kept.setdefault((handle, rows.shape), {})
        content, is_other = rows.tobytes(), False
        known = kept.pop(content, None)
        if known is not None:
            table = known.table
        elif len(kept) >= TABLES and (oldest := next(iter(kept.items())))[1].step < self._step:
            table, is_other = kept.pop(oldest[0]).table, True
            memory.fill(table, rows, stream)
        else:
            table = backend.empty(rows.shape, rows.dtype)
            memory.fill(table, rows, stream)
        kept[content] = _Kept(table, self._step)  # the last one asked for stands last
        return table, is_other
