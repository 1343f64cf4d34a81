"""Sums over the elements of an array, in one pass for each level of them, in the order of `optviz.formulas.adding`."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from optviz.formulas.adding import BLOCK, LANES, nothing
from optviz.formulas.composing import made
from optviz.formulas.sums import Level, split
from optviz.kernels import slots
from optviz.kernels.cache import ADDRESSED, INNER
from optviz.kernels.column import scratch_maker
from optviz.kernels.denormals import flush, restore
from optviz.kernels.rules import complements
from optviz.kernels.specialise import bound, compiled, fingerprint, inlined, specialise
from optviz.kernels.tile_rows import TILE, Layout, put, take
from optviz.kernels.update import entry, known_scalars, shared_places
from optviz.optimizers import Formula

# Bound by `specialise` and `inlined`.
TERMS: Any = None  # what is summed, of an element
JOIN: Any = None  # two tuples of sums as one
FINISH: Any = None  # makes means of sums, given how many elements there were
NOTHING: Any = None  # the sums of no elements
TAKE: Any = None  # reads an element of each slot; in tiles of iterate, gradient and slots
HEIGHT: Any = None  # reads the value at the iterate
TOTALS: Any = None  # reads the sums that are known
OWN: Any = None  # reads the numbers of each run
BEFORE: Any = None  # makes the sums of lower levels
TAKE_LANE: Any = None  # reads the sums of a lane
PUT_LANE: Any = None  # writes them
PUT: Any = None  # writes the finished sums
SCRATCH: Any = None  # memory for the sums of each lane
BLOCK_SUMS: Any = None  # the sums over a block of elements
STRETCH: Any = None  # the sums over many
IN_PAIRS: Any = None  # joins the sums of blocks
COUNT: Any = None  # how many sums are made
KNOWN: Any = None  # puts sums among step scalars
PUT_TOTALS: Any = None  # writes the finished sums of a level among all
DIMENSION: Any = None  # number of coordinates
WIDTH: Any = None  # number of lanes that hold something
LANE_ROWS: Any = None  # where the lanes begin
GIVEN: Any = None  # where the rule's numbers begin


def fold(x, g, slots, scalars, hyper, sums, room, count):
    word = flush()
    found = STRETCH(x, g, slots, KNOWN(scalars, TOTALS(sums, 0)), hyper, 0, x.size, room)
    if count > 0:
        PUT_TOTALS(sums, 0, FINISH(found, x.dtype.type(count)))
    restore(word)
    return found


def stretch_sums(x, g, slots, scalars, hyper, begin, end, room):
    blocks = 0
    for first in range(begin, max(end, begin + 1), BLOCK):
        sums = BLOCK_SUMS(x, g, slots, scalars, hyper, first, min(first + BLOCK, end))
        PUT(room, blocks * COUNT, sums)
        blocks += 1
    IN_PAIRS(room, blocks)
    return TAKE_LANE(room, 0)


def in_pairs(room, parts):
    while parts > 1:
        pairs = parts // 2
        for k in range(pairs):
            PUT(room, k * COUNT, JOIN(TAKE_LANE(room, 2 * k * COUNT), TAKE_LANE(room, (2 * k + 1) * COUNT)))
        if parts % 2:
            PUT(room, pairs * COUNT, TAKE_LANE(room, (parts - 1) * COUNT))
        parts -= pairs


def block_sums(x, g, slots, scalars, hyper, first, last):
    lanes = SCRATCH()  # on the stack: LLVM sees that it is none of the arrays
    for lane in range(LANES):
        PUT_LANE(lanes, lane, NOTHING)
    for begin in range(first, last, LANES):
        for lane in range(min(LANES, last - begin)):  # LLVM would write a constant number of lanes out, at length
            i = np.uint64(begin + lane)  # which LLVM knows not to be negative, or it would gather elements one by one
            PUT_LANE(lanes, lane, JOIN(TAKE_LANE(lanes, lane), TERMS(x[i], g[i], *TAKE(slots, i), *scalars, *hyper)))
    half = LANES // 2
    while half > 0:
        for lane in range(half):
            PUT_LANE(lanes, lane, JOIN(TAKE_LANE(lanes, lane), TAKE_LANE(lanes, lane + half)))
        half //= 2
    return TAKE_LANE(lanes, 0)


def sums_of_tile(s, lanes, common):
    BEFORE(s, lanes, common)
    for lane in range(WIDTH):
        for i in range(lanes):
            PUT_LANE(s, LANE_ROWS + lane * TILE + i, NOTHING)
    for c in range(DIMENSION):
        row = LANE_ROWS + (c % WIDTH) * TILE
        for i in range(lanes):
            at = c * TILE + i
            terms = TERMS(*TAKE(s, at), *HEIGHT(s, i), *TOTALS(s, i), *common, *OWN(s, GIVEN + i))
            PUT_LANE(s, row + i, JOIN(TAKE_LANE(s, row + i), terms))
    half = LANES // 2
    while half > 0:
        for lane in range(min(half, WIDTH - half)):
            for i in range(lanes):
                at = LANE_ROWS + lane * TILE + i
                PUT_LANE(s, at, JOIN(TAKE_LANE(s, at), TAKE_LANE(s, at + half * TILE)))
        half //= 2
    for i in range(lanes):
        PUT(s, i, FINISH(TAKE_LANE(s, LANE_ROWS + i), s.dtype.type(DIMENSION)))


def no_sums(s, lanes, common):
    pass


def larger(a, b):
    """The larger of two numbers; of these NaN is the larger."""
    return a if a >= b or a != a else b


def level_parts(formula: Formula, level: Level, dtype: type, compiled: Callable = compiled) -> dict[str, Any]:
    """What the sums of a level are made with, as the templates name it; `compiled` is for the processor by default."""
    words = [total.word for total in level.totals]
    pairs = (f"LARGER(a[{k}], b[{k}])" if word.is_largest else f"a[{k}] + b[{k}]" for k, word in enumerate(words))
    ends = (f"a[{k}] / count" if word.is_mean else f"a[{k}]" for k, word in enumerate(words))
    inner = numba.njit(**INNER)
    return {
        "TERMS": compiled(level.terms, dtype, complements=complements(formula)),
        "JOIN": inner(made(f"def join(a, b):\n    return ({', '.join(pairs)},)\n", {"LARGER": inner(larger)})),
        "FINISH": inner(made(f"def finish(a, count):\n    return ({', '.join(ends)},)\n", {})),
        "NOTHING": tuple(dtype(nothing(word)) for word in words),
    }


def sums_in_tiles(formula: Formula, rows: Layout, dimension: int, dtype: type, given: dict[str, Any]) -> Any:
    """``sums(s, lanes, common)``: all sums of the runs of a tile, written to its rows; to be called inside kernels.

    `given` holds what reads the tile: ``TAKE``, ``HEIGHT``, ``TOTALS``, ``OWN`` and ``GIVEN``.
    """
    sums, first = inlined(no_sums), 0
    width = min(dimension, LANES)
    for level in split(formula).levels:
        count = len(level.totals)
        lanes = [k * width * TILE for k in range(count)]
        ends = [rows.totals + (first + k) * TILE for k in range(count)]
        places = {"TAKE_LANE": take(*lanes), "PUT_LANE": put(*lanes), "PUT": put(*ends)}
        numbers = {"DIMENSION": dimension, "WIDTH": width, "LANE_ROWS": rows.lanes}
        parts = level_parts(formula, level, dtype)
        sums = inlined(sums_of_tile, BEFORE=sums, **parts, **places, **numbers, **given)
        first += count
    return sums


def stretch_parts(formula: Formula, level: Level, dtype: type, reading: Any) -> dict[str, Any]:
    """What sums a level over a stretch of flat arrays, as the templates name it; `reading` takes slots."""
    count = len(level.totals)
    parts = level_parts(formula, level, dtype)
    calls = ", ".join(["SCRATCH()"] * count)
    several = made(f"def scratch():\n    return ({calls},)\n", {"SCRATCH": scratch_maker(dtype, LANES)})
    lanes = {"TAKE_LANE": slots.take(count), "PUT_LANE": slots.put(count)}
    names = {"SCRATCH": numba.njit(**INNER)(several), "TAKE": reading} | parts | lanes
    # A function of its own: inside of loops over blocks and arrays LLVM leaves the one over elements scalar.
    block = numba.njit(**ADDRESSED)(bound(block_sums, names))
    room = {"TAKE_LANE": take(*range(count)), "PUT": put(*range(count)), "COUNT": count}
    pairs = inlined(in_pairs, **parts, **room)
    stretch = inlined(stretch_sums, BLOCK_SUMS=block, IN_PAIRS=pairs, **room)
    return parts | room | {"STRETCH": stretch, "IN_PAIRS": pairs}


def fold_function(formula: Formula, number: int, dtype: type) -> Callable:
    """The sums of a level over a flat array, compiled now.

    Parameters
    ----------
    formula : Formula
    number : int
        Of the level, from 0.
    dtype : type
        ``np.float32`` or ``np.float64``, the type of everything that is passed.

    Returns
    -------
    kernel
        ``kernel(x, g, slots, scalars, hyper, sums, room, count)`` gives a tuple of the sums, in which means are not
        divided yet; and where `count`, the number of all elements, is not 0, writes them divided to `sums`. The first
        arguments are as for `optviz.kernels.update.summed_function`, and are read; of `sums` those of lower levels are.
        `room` is a flat array of `room_size` elements, and is overwritten.
    """
    passes = split(formula)
    first = sum(len(level.totals) for level in passes.levels[:number])
    label = f"{formula.update.__name__}_{number}_{dtype.__name__}"
    reading = slots.take(len(formula.slots), shared_places(formula))
    parts = stretch_parts(formula, passes.levels[number], dtype, reading)
    kernel = specialise(
        fold,
        label,
        fingerprint(formula),
        STRETCH=parts["STRETCH"],
        FINISH=parts["FINISH"],
        KNOWN=known_scalars(formula),
        TOTALS=take(*range(len(passes.totals))),
        PUT_TOTALS=put(*range(first, first + len(passes.levels[number].totals))),
    )
    return entry(kernel, formula, dtype, np.empty(0, dtype), np.empty(0, dtype), 0)


def room_size(sums: int, elements: int) -> int:
    """How many numbers the pass over so many elements keeps that makes so many sums."""
    return sums * max(-(-elements // BLOCK), 1)
