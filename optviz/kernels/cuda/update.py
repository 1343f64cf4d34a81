"""The step of an optimizer on any number of arrays in other libraries' memory, in place, in one launch."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from optviz.kernels.cuda.backend import (
    SIMULATED,
    compiled,
    cuda,
    device_function,
    launch,
    numbers_at,
    specialise,
    twin,
)
from optviz.kernels.cuda.linking import Inner, Part
from optviz.kernels.rules import constant_count, rule
from optviz.kernels.slots import put, take, written_out
from optviz.kernels.specialise import fingerprint
from optviz.kernels.update import element
from optviz.optimizers import Formula

THREADS = 8 if SIMULATED else 128  # of a block
BYTES = 16  # of each array that a thread asks for at once: twice what keeps the memory busy, within 64 registers

# Bound by `specialise`.
MEMORY: Any = None  # the numbers at an address
ARRAY_OF: Any = None  # `array_of`
ELEMENT: Any = None  # the step of an element
TAKE: Any = None  # reads an element of each slot
PUT: Any = None  # writes it
POINTERS: Any = None  # the slots at their addresses
NUMBER: Any = None  # the dtype
EACH: Any = None  # elements of a thread
HELD: Any = None  # the shape of their slots
ITEM: Any = None  # bytes of a number
STRIDE: Any = None  # elements between two of a thread

# The rows of a table; from SLOTS on, an address in each row.
FIRST, SIZE, X, G, SLOTS = 0, 1, 2, 3, 4


def array_of(table, row, number):
    """The array that a tile or a block belongs to: the last one whose first, in a row, does not lie behind it."""
    k, end = 0, table.shape[1]
    while end - k > 1:
        middle = (k + end) // 2
        if table[row, middle] <= number:
            k = middle
        else:
            end = middle
    return k


def update(table, scalars, hyper):
    # A block has one tile, for a grid has more blocks than the memory of any device has tiles.
    tile = cuda.blockIdx.x
    k = ARRAY_OF(table, FIRST, tile)
    first = (tile - table[FIRST, k]) * (EACH * STRIDE) + cuda.threadIdx.x
    left = table[SIZE, k] - first
    x = MEMORY(table[X, k] + first * ITEM)
    g = MEMORY(table[G, k] + first * ITEM)
    slots = POINTERS(TAKE(table[SLOTS:], k), first * ITEM)
    # All that is read is asked for before anything is written, which might lie anywhere as far as a compiler knows.
    held_x = cuda.local.array(EACH, NUMBER)
    held_g = cuda.local.array(EACH, NUMBER)
    held = cuda.local.array(HELD, NUMBER)
    for j in range(EACH):
        i = j * STRIDE
        if i < left:
            held_x[j] = x[i]
            held_g[j] = g[i]
            PUT(held, j, TAKE(slots, i))
    for j in range(EACH):
        i = j * STRIDE
        if i < left:
            ELEMENT(held_x, held_g, held, j, j, scalars, hyper)
            x[i] = held_x[j]
            PUT(slots, i, TAKE(held, j))


def arrays_kernel(formula: Formula, dtype: type) -> Any:
    """One step of an update rule on every element of many arrays.

    Parameters
    ----------
    formula : Formula
    dtype : type
        ``np.float32`` or ``np.float64``, the type of everything that is passed.

    Returns
    -------
    kernel
        ``kernel(table, scalars, hyper)``, in as many blocks of `THREADS` threads as there are tiles. `table` is as
        `table_of` gives it; nothing checks that the arrays lie apart. `scalars` and `hyper` are tuples of `dtype`
        scalars: step scalars in the order of the formula's arguments, and its `optviz.kernels.rules.constants`.
    """
    count, each = len(formula.slots), elements_of_thread(dtype)
    numbers = numbers_at(dtype)
    pointers = written_out("addresses, offset", [f"MEMORY(addresses[{j}] + offset)" for j in range(count)])
    return specialise(
        update,
        f"{formula.update.__name__}_{dtype.__name__}",
        fingerprint(formula),
        frame=f"{dtype.__name__} {rule_shape(formula)}",
        MEMORY=numbers,
        ARRAY_OF=device_function(array_of),
        **element_names(formula, dtype),
        POINTERS=device_function(pointers, MEMORY=numbers),
        NUMBER=dtype,
        EACH=each,
        HELD=(max(count, 1), each),
        ITEM=np.dtype(dtype).itemsize,
        STRIDE=THREADS,
    )


def rule_part(formula: Formula, dtype: type) -> Part:
    """``RULE(x, g, *slots, *scalars, *constants)``: the update, as `optviz.kernels.rules.rule` has it."""
    results = (dtype,) * (1 + len(formula.slots))
    return Part(rule(formula, dtype, compiled), results, f"{formula.update.__name__} {fingerprint(formula)}")


def rule_shape(formula: Formula) -> str:
    """What frames know of a rule: how many slots, step scalars and constants it has."""
    return f"{len(formula.slots)} {len(formula.scalar_names)} {constant_count(formula)}"


def element_names(formula: Formula, dtype: type) -> dict[str, Any]:
    """``ELEMENT``, which is `optviz.kernels.update.element` for a formula, and what it calls: names of a frame."""
    count = len(formula.slots)
    return {
        "RULE": rule_part(formula, dtype),
        "TAKE": twin(take(count)),
        "PUT": twin(put(count)),
        "ELEMENT": Inner(element),
    }


def table_of(arrays: Iterable[Sequence[int]], slots: int, dtype: type) -> tuple[np.ndarray, int]:
    """What `arrays_kernel` is told about arrays: a table, (4 + slots, n) int64, and how many tiles there are.

    Each array is given by its size, which is not 0, and the addresses of parameters, gradient and state slots, where
    they are contiguous.
    """
    rows = np.array([(0, *array) for array in arrays], np.int64).reshape(-1, SLOTS + slots)
    tiles = -(-rows[:, SIZE] // (elements_of_thread(dtype) * THREADS))
    rows[:, FIRST] = np.cumsum(tiles) - tiles
    return np.ascontiguousarray(rows.T), int(tiles.sum())


def start(kernel: Any, table: Any, tiles: int, scalars: tuple, hyper: tuple, stream: Any) -> None:
    """Launch what `arrays_kernel` gave; raises as `optviz.kernels.cuda.backend.launch`."""
    launch(kernel, tiles, THREADS, table, scalars, hyper, stream=stream)


def elements_of_thread(dtype: type) -> int:
    """How many elements of a tile each thread moves."""
    return BYTES // np.dtype(dtype).itemsize
