"""Rules with sums on a network that has a CUDA device for itself, in the order of `optviz.formulas.adding`.

A block sums a block of 4096 elements of an array; then one block joins these in pairs. Both happen once for each level
of sums. The arrays are segments of the flat parameters, as in `optviz.kernels.whole`.
"""

import itertools
from typing import Any

import numpy as np

from optviz.formulas.adding import BLOCK, LANES
from optviz.formulas.sums import split
from optviz.kernels.cuda import backend
from optviz.kernels.cuda.backend import compiled, cuda, device_function, twin
from optviz.kernels.cuda.clock import step_at
from optviz.kernels.cuda.update import element_names
from optviz.kernels.rules import constant_count
from optviz.kernels.slots import put, put_some, take, written_out
from optviz.kernels.specialise import fingerprint
from optviz.kernels.sums import level_parts
from optviz.kernels.training import END, GROUP
from optviz.kernels.update import known_scalars
from optviz.optimizers import Formula

THREADS = 256  # of a block
ROOM = 16 << 10  # bytes of shared memory for what is summed next
SEGMENT, FIRST, LAST = range(3)  # what a row of pieces holds: an array's number, and its elements that a block sums

# Bound by `specialise`.
NUMBER: Any = None  # the dtype
SCALARS: Any = None  # reads the step scalars of a step
CONSTANTS: Any = None  # reads the rule's constants
KNOWN: Any = None  # puts sums among step scalars
TOTALS: Any = None  # reads all sums of an array
PUT_TOTALS: Any = None  # writes those of a level
TAKE_TOTALS: Any = None  # reads them
EVERYWHERE: Any = None  # picks those that are over all arrays
PUT_EVERYWHERE: Any = None  # writes these
SLOTS: Any = None  # reads the state slots of an element
TERMS: Any = None  # what is summed, of an element
JOIN: Any = None  # two tuples of sums as one
FINISH: Any = None  # makes means of sums
NOTHING: Any = None  # the sums of no elements
TAKE: Any = None  # reads the sums of a level
PUT: Any = None  # writes them
IN_PAIRS: Any = None  # `in_pairs`
JOIN_BLOCKS: Any = None  # `join_blocks`
ELEMENT: Any = None  # the step of a parameter
COUNT: Any = None  # how many sums a level makes
CHUNK: Any = None  # elements whose terms are in shared memory
STEP_AT: Any = step_at


def sum_blocks(state, gradient, tables, clock, ahead, hyper, segments, pieces, totals, parts):
    terms, lanes = cuda.shared.array((COUNT, CHUNK), NUMBER), cuda.shared.array((COUNT, LANES), NUMBER)
    x, slots, thread = state[0], state[1:], cuda.threadIdx.x
    piece = pieces[cuda.blockIdx.x]
    segment, first, last = piece[SEGMENT], piece[FIRST], piece[LAST]
    group = segments[GROUP, segment]
    known, constants = SCALARS(tables[group], STEP_AT(clock, ahead)), CONSTANTS(hyper, group)
    scalars = KNOWN(known, TOTALS(totals, segment))
    for lane in range(thread, LANES, THREADS):
        PUT(lanes, lane, NOTHING)
    for begin in range(first, last, CHUNK):
        count = min(CHUNK, last - begin)
        for j in range(thread, count, THREADS):
            i = np.uint64(begin + j)
            PUT(terms, j, TERMS(x[i], gradient[i], *SLOTS(slots, i), *scalars, *constants))
        cuda.syncthreads()
        for lane in range(thread, LANES, THREADS):
            sums = TAKE(lanes, lane)
            for j in range(lane, count, LANES):
                sums = JOIN(sums, TAKE(terms, j))
            PUT(lanes, lane, sums)
        cuda.syncthreads()
    half = LANES // 2
    while half > 0:
        for lane in range(thread, half, THREADS):
            PUT(lanes, lane, JOIN(TAKE(lanes, lane), TAKE(lanes, lane + half)))
        cuda.syncthreads()
        half //= 2
    if thread == 0:
        PUT(parts, cuda.blockIdx.x, TAKE(lanes, 0))


def in_pairs(parts, first, count):
    """Join `count` neighbouring sums, in their place; all threads of a block call it, and meet."""
    while count > 1:
        pairs = count // 2
        for begin in range(0, pairs, THREADS):
            k = begin + cuda.threadIdx.x
            sums = NOTHING
            if k < pairs:
                sums = JOIN(TAKE(parts, first + 2 * k), TAKE(parts, first + 2 * k + 1))
            cuda.syncthreads()  # what is overwritten has been read
            if k < pairs:
                PUT(parts, first + k, sums)
        cuda.syncthreads()
        if count % 2 == 1 and cuda.threadIdx.x == 0:
            PUT(parts, first + pairs, TAKE(parts, first + count - 1))
        cuda.syncthreads()
        count -= pairs


def join_blocks(segments, starts, totals, parts):
    begin = 0
    for segment in range(segments.shape[1]):
        first, end = starts[segment], segments[END, segment]
        IN_PAIRS(parts, first, starts[segment + 1] - first)
        if cuda.threadIdx.x == 0:
            PUT_TOTALS(totals, segment, FINISH(TAKE(parts, first), NUMBER(end - begin)))
        begin = end


def join_arrays(segments, starts, totals, parts):
    """As `join_blocks`; sums over all arrays are joined as well."""
    JOIN_BLOCKS(segments, starts, totals, parts)
    cuda.syncthreads()
    arrays = segments.shape[1]
    for array in range(cuda.threadIdx.x, arrays, THREADS):
        PUT(parts, array, TAKE_TOTALS(totals, array))
    cuda.syncthreads()
    IN_PAIRS(parts, 0, arrays)
    sums = EVERYWHERE(TAKE(parts, 0))
    for array in range(cuda.threadIdx.x, arrays, THREADS):
        PUT_EVERYWHERE(totals, array, sums)


def update_summed(state, gradient, count, tables, clock, ahead, hyper, segments, totals):
    x, slots, first = state[0], state[1:], np.uint64(0)
    thread, threads = np.uint64(cuda.grid(1)), np.uint64(cuda.gridsize(1))
    for segment in range(segments.shape[1]):
        last, group = min(count, np.uint64(segments[END, segment])), segments[GROUP, segment]
        known, constants = SCALARS(tables[group], STEP_AT(clock, ahead)), CONSTANTS(hyper, group)
        scalars = KNOWN(known, TOTALS(totals, segment))
        for i in range(first + thread, last, threads):
            ELEMENT(x, gradient, slots, i, i, scalars, constants)
        first = last


def _pieces(segments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The blocks of all arrays, (n, 3) int64, and which of them is the first of each array and of none behind it."""
    ends = segments[END].tolist()
    rows = [
        [(number, first, min(first + BLOCK, end)) for first in range(begin, end, BLOCK)]
        for number, (begin, end) in enumerate(itertools.pairwise([0, *ends]))
    ]
    starts = np.cumsum([0, *map(len, rows)])
    return np.array([piece for row in rows for piece in row], np.int64), starts


def _numbers(formula: Formula) -> dict[str, Any]:
    """What reads the numbers of a step."""
    return {
        "SCALARS": twin(take(len(formula.scalar_names))),
        "CONSTANTS": twin(take(constant_count(formula))),
        "KNOWN": twin(known_scalars(formula)),
        "TOTALS": twin(take(len(split(formula).totals))),
    }


def level_kernels(formula: Formula, number: int, dtype: type) -> tuple[Any, Any]:
    """The kernels `sum_blocks` and `join_blocks` or `join_arrays` for a level of a formula's sums, from 0 on."""
    passes = split(formula)
    level, first = passes.levels[number], sum(len(level.totals) for level in passes.levels[:number])
    count, everywhere = len(level.totals), [k for k, total in enumerate(level.totals) if total.word.everywhere]
    parts = level_parts(formula, level, dtype, compiled)
    names: dict[str, Any] = {"NUMBER": dtype, "COUNT": count, "THREADS": THREADS}
    names["CHUNK"] = LANES * max(1, min(BLOCK, ROOM // (count * np.dtype(dtype).itemsize)) // LANES)
    names |= {name: part if name in ("TERMS", "NOTHING") else twin(part) for name, part in parts.items()}
    names |= {"TAKE": twin(take(count)), "PUT": twin(put(count)), "SLOTS": twin(take(len(formula.slots)))}
    names["PUT_TOTALS"] = twin(put_some(range(first, first + count)))
    label, known = f"{formula.update.__name__}_{number}_{dtype.__name__}_{THREADS}", fingerprint(formula)
    summing = backend.specialise(sum_blocks, label, known, **names, **_numbers(formula))
    names["IN_PAIRS"] = device_function(in_pairs, **names)
    if not everywhere:
        return summing, backend.specialise(join_blocks, label, known, **names)
    picked = written_out("a", [f"a[{k}]" for k in everywhere])
    read = written_out("totals, i", [f"totals[{first + k}][i]" for k in range(count)])
    written = written_out("totals, i, a", [f"totals[{first + k}][i]" for k in everywhere], "{} = a")
    names |= {"EVERYWHERE": device_function(picked), "TAKE_TOTALS": device_function(read)}
    names |= {"PUT_EVERYWHERE": device_function(written), "JOIN_BLOCKS": device_function(join_blocks, **names)}
    return summing, backend.specialise(join_arrays, label, known, **names)


def summed_kernel(formula: Formula, dtype: type) -> Any:
    """The kernel `update_summed` of a formula."""
    label, names = f"{formula.update.__name__}_{dtype.__name__}", _numbers(formula) | element_names(formula, dtype)
    return backend.specialise(update_summed, label, fingerprint(formula), frame=fingerprint(formula) + label, **names)


class Sums:
    """The sums over a network's arrays in training, and the update that takes them.

    Parameters
    ----------
    formula : Formula
        Of a kind that sums.
    dtype : {np.float32, np.float64}
    segments : (2, n) int64
        Where each array ends, and its group.
    """

    def __init__(self, formula: Formula, dtype: type, segments: np.ndarray):
        passes, (pieces, starts) = split(formula), _pieces(segments)
        widest = max(len(level.totals) for level in passes.levels)
        self._levels = [level_kernels(formula, number, dtype) for number in range(len(passes.levels))]
        self._update, self._blocks = summed_kernel(formula, dtype), len(pieces)
        self._pieces, self._starts = backend.put(pieces), backend.put(starts)
        self._totals = backend.put(np.zeros((len(passes.totals), segments.shape[1]), dtype))
        self._parts = backend.empty((widest, max(len(pieces), segments.shape[1])), dtype)

    def move(
        self,
        state: Any,
        gradient: Any,
        count: int,
        tables: Any,
        clock: Any,
        ahead: np.uint64,
        hyper: Any,
        segments: Any,
        stream: Any,
    ) -> None:
        """Launch a step; the arguments are those of `optviz.kernels.cuda.training.network_kernel`."""
        numbers = tables, clock, ahead, hyper, segments
        for summing, joining in self._levels:
            arrays = self._pieces, self._totals, self._parts
            backend.launch(summing, self._blocks, THREADS, state, gradient, *numbers, *arrays, stream=stream)
            backend.launch(joining, 1, THREADS, segments, self._starts, self._totals, self._parts, stream=stream)
        given = state, gradient, np.uint64(count), *numbers, self._totals
        backend.launch(self._update, -(-count // THREADS), THREADS, *given, stream=stream)
