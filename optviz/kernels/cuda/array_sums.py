"""Sums over arrays in other libraries' memory, and the steps of rules that ask for them: nothing comes back here.

The order is that of `optviz.formulas.adding`. A block of threads sums 4096 elements in 64 lanes and joins them as a
tree; another kernel joins the blocks of each array in pairs, and where a sum is over all arrays a third one joins
these. So the sums are those of the CPU, up to products that a device adds without rounding them, whatever the grid.
They stay on the device, where the next pass and the update read them.

In `sums` the totals of an array stand one after the other. In `whole`, (sums over all arrays, arrays), each sum over
all arrays has a row, whose first number is that sum when the row has been joined.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from optviz.formulas.adding import BLOCK, LANES
from optviz.formulas.sums import split
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
from optviz.kernels.cuda.update import THREADS as UPDATE_THREADS
from optviz.kernels.cuda.update import array_of, elements_of_thread
from optviz.kernels.rules import rule
from optviz.kernels.slots import put, take, written_out
from optviz.kernels.specialise import fingerprint
from optviz.kernels.sums import level_parts
from optviz.kernels.update import known_scalars, shared_places
from optviz.optimizers import Formula

THREADS = 8 if SIMULATED else LANES  # of a block that sums

# Bound by `specialise` and `device_function`.
MEMORY: Any = None  # the numbers at an address
ARRAY_OF: Any = None  # `optviz.kernels.cuda.update.array_of`
POINTERS: Any = None  # the slots at their addresses
TAKE: Any = None  # reads an element of each slot
HOLD: Any = None  # keeps what was read
TAKE_HELD: Any = None  # reads that
PUT_OWN: Any = None  # writes the slots of an element
PUT_SHARED: Any = None  # writes those that all elements share
RULE: Any = None  # the update
KNOWN: Any = None  # puts sums among step scalars
TOTALS: Any = None  # reads the sums that are known
PUT_TOTALS: Any = None  # writes the finished sums of a level
TERMS: Any = None  # what is summed, of an element
JOIN: Any = None  # two tuples of sums as one
FINISH: Any = None  # makes means of sums, given how many elements there were
NOTHING: Any = None  # the sums of no elements
TAKE_LANE: Any = None  # reads the sums of a lane
PUT_LANE: Any = None  # writes them
TAKE_PART: Any = None  # reads the sums of a block from the room
PUT_PART: Any = None  # writes them
COUNT: Any = None  # how many sums are made
LANED: Any = None  # the shape of the lanes' sums
NUMBER: Any = None  # the dtype
EACH: Any = None  # elements of a thread that moves them
HELD: Any = None  # the shape of their slots
STRIDE: Any = None  # threads of a block

# The rows of a table: the first tile of an array, its size, addresses, its first block, where its sums stand, and its
# place among all arrays; from SLOTS on, an address in each row.
FIRST, SIZE, X, G, BLOCKS, PLACE, INDEX, SLOTS = range(8)


def fold(table, scalars, hyper, sums, whole, room):
    block = cuda.blockIdx.x
    k = ARRAY_OF(table, BLOCKS, block)
    first = (block - table[BLOCKS, k]) * BLOCK
    last = min(first + BLOCK, table[SIZE, k])
    x, g, slots = MEMORY(table[X, k]), MEMORY(table[G, k]), POINTERS(table, k)
    known = KNOWN(scalars, TOTALS(sums, whole, table[PLACE, k]))
    lanes = cuda.shared.array(LANED, NUMBER)
    for lane in range(cuda.threadIdx.x, LANES, STRIDE):
        found = NOTHING
        for i in range(first + lane, last, LANES):
            found = JOIN(found, TERMS(x[i], g[i], *TAKE(slots, i), *known, *hyper))
        PUT_LANE(lanes, lane, found)
    cuda.syncthreads()
    half = LANES // 2
    while half > 0:
        for lane in range(cuda.threadIdx.x, half, STRIDE):
            PUT_LANE(lanes, lane, JOIN(TAKE_LANE(lanes, lane), TAKE_LANE(lanes, lane + half)))
        cuda.syncthreads()
        half //= 2
    if cuda.threadIdx.x == 0:
        PUT_PART(room, block * COUNT, TAKE_LANE(lanes, 0))


def join_blocks(table, room, sums, whole):
    k = cuda.blockIdx.x
    first, size = table[BLOCKS, k], table[SIZE, k]
    parts = max((size + BLOCK - 1) // BLOCK, 1)
    step = 1  # pairs stay where their first one was, so that no thread writes what another one reads
    while step < parts:
        for j in range(2 * step * cuda.threadIdx.x, parts - step, 2 * step * STRIDE):
            at = (first + j) * COUNT
            PUT_PART(room, at, JOIN(TAKE_PART(room, at), TAKE_PART(room, at + step * COUNT)))
        cuda.syncthreads()
        step *= 2
    if cuda.threadIdx.x == 0:
        found = FINISH(TAKE_PART(room, first * COUNT), NUMBER(max(size, 1)))
        PUT_TOTALS(sums, whole, table[PLACE, k], table[INDEX, k], found)


def join_arrays(whole, first, arrays):
    row = first + cuda.blockIdx.x
    step = 1
    while step < arrays:
        for j in range(2 * step * cuda.threadIdx.x, arrays - step, 2 * step * STRIDE):
            whole[row, j] = whole[row, j] + whole[row, j + step]
        cuda.syncthreads()
        step *= 2


def update_summed(table, scalars, hyper, sums, whole):
    tile = cuda.blockIdx.x
    k = ARRAY_OF(table, FIRST, tile)
    first = (tile - table[FIRST, k]) * (EACH * STRIDE) + cuda.threadIdx.x
    size = table[SIZE, k]
    x, g, slots = MEMORY(table[X, k]), MEMORY(table[G, k]), POINTERS(table, k)
    known = KNOWN(scalars, TOTALS(sums, whole, table[PLACE, k]))
    # All that is read is asked for before anything is written, which might lie anywhere as far as a compiler knows.
    held_x = cuda.local.array(EACH, NUMBER)
    held_g = cuda.local.array(EACH, NUMBER)
    held = cuda.local.array(HELD, NUMBER)
    for j in range(EACH):
        i = first + j * STRIDE
        if i < size:
            held_x[j] = x[i]
            held_g[j] = g[i]
            HOLD(held, j, TAKE(slots, i))
    for j in range(EACH):
        i = first + j * STRIDE
        if i < size:
            new = RULE(held_x[j], held_g[j], *TAKE_HELD(held, j), *known, *hyper)
            x[i] = new[0]
            PUT_OWN(slots, i, new[1:])


def keep_shared(table, scalars, hyper, sums, whole):
    for k in range(cuda.grid(1), table.shape[1], cuda.gridsize(1)):
        if table[SIZE, k] > 0:
            x, g, slots = MEMORY(table[X, k]), MEMORY(table[G, k]), POINTERS(table, k)
            known = KNOWN(scalars, TOTALS(sums, whole, table[PLACE, k]))
            new = RULE(x[0], g[0], *TAKE(slots, 0), *known, *hyper)  # of which what is shared depends on no element
            PUT_SHARED(slots, 0, new[1:])


class SummingKernels:
    """The passes and the update of a formula with sums, on arrays whose addresses a table holds.

    Parameters
    ----------
    formula : Formula
        Without sums along rows and columns.
    dtype : type
        ``np.float32`` or ``np.float64``, the type of everything that is passed but the table.
    """

    def __init__(self, formula: Formula, dtype: type):
        passes, count = split(formula), len(formula.slots)
        self._count, self._dtype, self._shared = count, dtype, shared_places(formula)
        self.totals = len(passes.totals)
        everywhere = [total.word.everywhere for total in passes.totals]
        rows = np.cumsum([0, *everywhere]).tolist()  # of `whole`
        self.widths = [len(level.totals) for level in passes.levels]
        ends = np.cumsum([0, *self.widths]).tolist()
        self.joined = [(rows[a], rows[b] - rows[a]) for a, b in zip(ends, ends[1:], strict=False)]
        label, print_ = f"{formula.update.__name__}_{dtype.__name__}", fingerprint(formula)
        numbers = numbers_at(dtype)
        own = tuple(place for place in range(count) if place not in self._shared)
        pointers = written_out("table, k", [f"MEMORY(table[{SLOTS + j}, k])" for j in range(count)])
        read = [f"whole[{rows[k]}, 0]" if all_of else f"sums[place + {k}]" for k, all_of in enumerate(everywhere)]
        reading = {
            "MEMORY": numbers,
            "ARRAY_OF": device_function(array_of),
            "POINTERS": device_function(pointers, MEMORY=numbers),
            "TAKE": twin(take(count, self._shared)),
            "KNOWN": twin(known_scalars(formula)),
            "TOTALS": device_function(written_out("sums, whole, place", read)),
        }
        moving = reading | {"RULE": rule(formula, dtype, compiled)}
        self.folds, self.joins = [], []
        for number, level in enumerate(passes.levels):
            width, first = self.widths[number], ends[number]
            found = level_parts(formula, level, dtype, compiled)
            parts = {name: part if name in ("TERMS", "NOTHING") else twin(part) for name, part in found.items()}
            places = [f"room[at + {k}]" for k in range(width)]
            parts["TAKE_PART"] = device_function(written_out("room, at", places))
            parts["PUT_PART"] = device_function(written_out("room, at, values", places, "{} = values"))
            parts |= {"COUNT": width, "NUMBER": dtype, "STRIDE": THREADS}
            lanes = {"TAKE_LANE": twin(take(width)), "PUT_LANE": twin(put(width)), "LANED": (width, LANES)}
            written = [
                f"whole[{rows[k]}, index]" if everywhere[k] else f"sums[place + {k}]"
                for k in range(first, first + width)
            ]
            put_totals = written_out("sums, whole, place, index, values", written, "{} = values")
            named = f"{label}_{number}"
            self.folds.append(specialise(fold, named, print_, **reading, **parts, **lanes))
            self.joins.append(specialise(join_blocks, named, print_, **parts, PUT_TOTALS=device_function(put_totals)))
        each = elements_of_thread(dtype)
        held = {"HOLD": twin(put(count)), "TAKE_HELD": twin(take(count)), "HELD": (max(count, 1), each)}
        self.update = specialise(
            update_summed, label, print_, **moving, **held, PUT_OWN=twin(put(count, own)), NUMBER=dtype, EACH=each,
            STRIDE=UPDATE_THREADS,
        )  # fmt: skip
        self.keep = specialise(
            keep_shared, label, print_, **moving, PUT_SHARED=twin(put(count, self._shared))
        )  # fmt: skip

    def table_of(self, arrays: Iterable[Sequence[int]]) -> tuple[np.ndarray, int, int]:
        """What the kernels are told about arrays: a table, (7 + slots, n) int64, and the numbers of tiles and blocks.

        Each array is given by its size, the addresses of parameters and gradient, where in `sums` its totals stand, its
        place in `whole`, and the addresses of state slots. A slot that the elements share is one number.
        """
        given = [(0, size, x, g, 0, place, index, *slots) for size, x, g, place, index, *slots in arrays]
        rows = np.array(given, np.int64).reshape(-1, SLOTS + self._count)
        tiles = -(-rows[:, SIZE] // (elements_of_thread(self._dtype) * UPDATE_THREADS))
        blocks = blocks_of(rows[:, SIZE])
        rows[:, FIRST], rows[:, BLOCKS] = np.cumsum(tiles) - tiles, np.cumsum(blocks) - blocks
        return np.ascontiguousarray(rows.T), int(tiles.sum()), int(blocks.sum())

    def make_sums(
        self, level: int, table: Any, blocks: int, numbers: tuple, sums: Any, whole: Any, room: Any, stream: Any
    ) -> None:
        """Launch a pass over arrays; where it sums over all, `join` has to follow.

        `numbers` are the value with the step scalars, and the hyperparameters; `room` has a number for each sum of the
        level and each block.
        """
        launch(self.folds[level], blocks, THREADS, table, *numbers, sums, whole, room, stream=stream)
        launch(self.joins[level], table.shape[1], THREADS, table, room, sums, whole, stream=stream)

    def move(self, table: Any, tiles: int, numbers: tuple, sums: Any, whole: Any, stream: Any) -> None:
        """Launch the update, when all sums have been made."""
        launch(self.update, tiles, UPDATE_THREADS, table, *numbers, sums, whole, stream=stream)
        if self._shared:
            blocks = -(-table.shape[1] // THREADS)
            launch(self.keep, blocks, THREADS, table, *numbers, sums, whole, stream=stream)


def join(whole: Any, first: int, rows: int, arrays: int, stream: Any) -> None:
    """Join so many rows of `whole`, each over so many arrays, in pairs."""
    if rows and arrays > 1:
        kernel = join_kernel(whole.dtype.type)
        launch(kernel, rows, THREADS, whole, np.int64(first), np.int64(arrays), stream=stream)


def join_kernel(dtype: type) -> Any:
    """``kernel(whole, first, arrays)``: a block of threads for each row from the first on."""
    return specialise(join_arrays, dtype.__name__, "", STRIDE=THREADS)


def blocks_of(size: Any) -> Any:
    """How many blocks sum so many elements: one at least."""
    return np.maximum(-(-size // BLOCK), 1)
