"""The step of an optimizer on any number of arrays, in place, in one call: a kernel that is given their addresses."""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numba
import numpy as np

from optviz.kernels.addresses import numbers_at
from optviz.kernels.cache import COMPILES, INNER
from optviz.kernels.denormals import flush, restore
from optviz.kernels.rules import constant_count
from optviz.kernels.slots import written_out
from optviz.kernels.specialise import fingerprint, specialise
from optviz.kernels.update import element_step
from optviz.optimizers import Formula

# Bound by `specialise`.
ELEMENT: Any = None  # the step of an element
NUMBERS: Any = None  # the numbers at an address
SLOT_NUMBERS: Any = None  # those of each slot
COUNTERS: Any = None  # the float32 numbers at an address

# The columns of a table; from SLOTS on, the address of each slot.
SIZE, X, G, SLOTS = 0, 1, 2, 3


def update_table(table, scalars, hyper):
    word = flush()
    for k in range(table.shape[0]):
        size = table[k, SIZE]
        x, g = NUMBERS(table[k, X]), NUMBERS(table[k, G])
        slots = SLOT_NUMBERS(table, k)
        for i in range(size):
            ELEMENT(x, g, slots, i, i, scalars, hyper)
    restore(word)


def table_kernel(formula: Formula, dtype: type) -> Any:
    """One step of an element-wise update rule on every element of many arrays.

    Parameters
    ----------
    formula : Formula
    dtype : type
        ``np.float32`` or ``np.float64``, the type of the arrays' elements and of everything else that is passed.

    Returns
    -------
    kernel
        ``kernel(table, scalars, hyper)``; `table` is as `table_of` gives it, or some rows of that, the rest as for
        `optviz.kernels.update.array_kernel`. Nothing checks what lies at the addresses.
    """
    numbers = numbers_at(dtype)
    slots = [f"NUMBERS(table[k, {SLOTS + j}])" for j in range(len(formula.slots))]
    reading = written_out("table, k", slots)
    reading.__globals__["NUMBERS"] = numbers
    return specialise(
        update_table,
        f"{formula.update.__name__}_{dtype.__name__}",
        fingerprint(formula),
        ELEMENT=element_step(formula, dtype),
        NUMBERS=numbers,
        SLOT_NUMBERS=numba.njit(**INNER)(reading),
    )


def table_function(formula: Formula, dtype: type) -> Callable:
    """What `table_kernel` gives, compiled now, without the choice between types at every call."""
    kernel = table_kernel(formula, dtype)
    if not COMPILES:
        return kernel
    scalar = dtype(0)
    tuples = ((scalar,) * len(formula.scalar_names), (scalar,) * constant_count(formula))
    return kernel.compile(tuple(map(numba.typeof, (np.empty((0, SLOTS), np.int64), *tuples))))


def count(addresses, more):
    lowest, highest = np.float32(np.inf), np.float32(0)
    for k in range(addresses.size):
        counter = COUNTERS(addresses[k])
        lowest, highest = min(lowest, counter[0]), max(highest, counter[0])
        counter[0] += np.float32(more)
    return int(lowest) if lowest == highest and lowest < np.float32(1 << 53) else -1


@functools.cache
def count_function() -> Callable:
    """``count(addresses, more)``: add a number to float32 counters at addresses, (n,) int64; compiled now.

    It gives what they have counted before, and -1 where that is not the same.
    """
    kernel = specialise(count, "float32", "", COUNTERS=numbers_at(np.float32))
    return kernel.compile(tuple(map(numba.typeof, (np.empty(0, np.int64), 0)))) if COMPILES else kernel


def table_of(arrays: Iterable[Sequence[int]], slots: int) -> np.ndarray:
    """What `table_kernel` is told about arrays: (n, 3 + slots) int64.

    Each array is given by its size, and the addresses of parameters, gradient and state slots, where they are
    contiguous and aligned.
    """
    return np.array([*arrays], np.int64).reshape(-1, SLOTS + slots)
