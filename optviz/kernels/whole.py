"""The update of a network by rules that ask for sums: when the gradient of all its parameters has been made.

The kernel of a training hands over the gradient piece by piece. Here the pieces are put together, in a row behind those
of the state, and with the last one, which is that of the last parameters, everything moves. Another row behind it holds
what is summed. So the kernel of the training is the same for all rules.
"""

from typing import Any

import numba
import numpy as np

from optviz.formulas.composing import made
from optviz.formulas.sums import split
from optviz.kernels.cache import ADDRESSED, INNER
from optviz.kernels.indirect import address
from optviz.kernels.rules import constant_count
from optviz.kernels.slots import take as take_slots
from optviz.kernels.slots import written_out
from optviz.kernels.specialise import bound, fingerprint, inlined, specialise
from optviz.kernels.sums import stretch_parts
from optviz.kernels.tile_rows import put, take
from optviz.kernels.training import END, GROUP, WHOLE
from optviz.kernels.update import element_step
from optviz.optimizers import Formula

ROWS = 2  # behind the state: the gradient, and what is summed

# Bound by `specialise` and `inlined`.
MOVE: Any = None  # the step of an array
PARTS: Any = None  # the state slots of an array
ELEMENT: Any = None  # that of a parameter
SCALARS: Any = None  # reads the step scalars of a step
CONSTANTS: Any = None  # reads the rule's constants
VALUED: Any = None  # 1 where the first step scalar is the value, else 0
TOTALS: Any = None  # reads all sums of an array
SUMS: Any = None  # makes them
BEFORE: Any = None  # makes those of lower levels
STRETCH: Any = None  # makes those of a level over some parameters
FINISH: Any = None  # makes means of sums
IN_PAIRS: Any = None  # joins the sums of several arrays
TAKE_LANE: Any = None  # reads the sums of a level
PUT: Any = None  # writes them side by side
PUT_TOTALS: Any = None  # writes them among all sums of an array
PUT_EVERYWHERE: Any = None  # writes those of them that are over all arrays
EVERYWHERE: Any = None  # picks these
TAKE_TOTALS: Any = None  # reads the sums of a level among all sums of an array
JOIN_ARRAYS: Any = None  # makes sums over all arrays
ALL: Any = None  # how many sums an array has
COUNT: Any = None  # how many of a level


def gather(state, gradient, first, count, tables, step, hyper, segments):
    place = state[1, first:]
    for i in range(count):
        place[i] = gradient[i]


def gather_address() -> int:
    """The address of a kernel that puts the gradient of all parameters into the row behind them, and moves nothing."""
    matrix, vector = np.zeros((2, 1), np.float32), np.zeros(1, np.float32)
    kernel = specialise(gather, "float32", fingerprint())
    return address(kernel, matrix, vector, 0, 0, matrix[np.newaxis], 0, matrix, WHOLE)


def update_whole(state, gradient, first, count, tables, step, hyper, segments):
    own = state.shape[0] - ROWS
    g, work = state[own], state[own + 1]
    place = g[first:]
    for i in range(count):
        place[i] = gradient[i]
    if first + count < segments[END, segments.shape[1] - 1]:
        return
    SUMS(state, g, work, tables, step, hyper, segments)
    x, slots, at = state[0], state[1:own], np.uint64(0)
    for segment in range(segments.shape[1]):
        end, group = np.uint64(segments[END, segment]), segments[GROUP, segment]
        known, constants = SCALARS(tables[group], step), CONSTANTS(hyper, group)
        MOVE(x, g, slots, at, end, (*known[:VALUED], *TOTALS(work, segment * ALL), *known[VALUED:]), constants)
        at = end


def move_stretch(x, g, slots, begin, end, scalars, constants):
    x_part, g_part, parts = x[begin:end], g[begin:end], PARTS(slots, begin, end)
    for i in range(x_part.size):
        ELEMENT(x_part, g_part, parts, i, i, scalars, constants)


def sums_of_network(state, g, work, tables, step, hyper, segments):
    BEFORE(state, g, work, tables, step, hyper, segments)
    x, slots, begin = state[0], state[1:], 0
    room = work[segments.shape[1] * ALL :]
    for segment in range(segments.shape[1]):
        end, group = segments[END, segment], segments[GROUP, segment]
        known, constants = SCALARS(tables[group], step), CONSTANTS(hyper, group)
        scalars = (*known[:VALUED], *TOTALS(work, segment * ALL), *known[VALUED:])
        sums = STRETCH(x, g, slots, scalars, constants, begin, end, room)
        PUT_TOTALS(work, segment * ALL, FINISH(sums, x.dtype.type(end - begin)))
        begin = end
    JOIN_ARRAYS(work, room, segments.shape[1])


def join_arrays(work, room, arrays):
    for array in range(arrays):
        PUT(room, array * COUNT, TAKE_TOTALS(work, array * ALL))
    IN_PAIRS(room, arrays)
    sums = EVERYWHERE(TAKE_LANE(room, 0))
    for array in range(arrays):
        PUT_EVERYWHERE(work, array * ALL, sums)


def nothing_to_join(work, room, arrays):
    pass


def no_sums(state, g, work, tables, step, hyper, segments):
    pass


def whole_address(formula: Formula) -> int:
    """The address of the kernel that updates a network, as `optviz.kernels.training.update_address`, by such a rule.

    Its `state` is of `ROWS` rows more than there are state slots and parameters, and `segments` tell where each array
    ends.
    """
    passes, dtype = split(formula), np.float32
    reading = take_slots(len(formula.slots))
    common = {
        "SCALARS": take_slots(len(formula.scalar_names)),
        "CONSTANTS": take_slots(constant_count(formula)),
        "VALUED": int(formula.takes_value),
        "TOTALS": take(*range(len(passes.totals))),
        "ALL": len(passes.totals),
    }
    sums, first = inlined(no_sums), 0
    for level in passes.levels:
        parts = stretch_parts(formula, level, dtype, reading)
        places = range(first, first + len(level.totals))
        everywhere = [k for k, total in enumerate(level.totals) if total.word.everywhere]
        join = inlined(nothing_to_join)
        if everywhere:
            picked = ", ".join(f"a[{k}]" for k in everywhere)
            pick = numba.njit(**INNER)(made(f"def pick(a):\n    return ({picked},)\n", {}))
            written = put(*(first + k for k in everywhere))
            names = {"EVERYWHERE": pick, "PUT_EVERYWHERE": written, "TAKE_TOTALS": take(*places)}
            join = inlined(join_arrays, **parts, **names, ALL=len(passes.totals))
        sums = inlined(sums_of_network, BEFORE=sums, JOIN_ARRAYS=join, PUT_TOTALS=put(*places), **parts, **common)
        first += len(level.totals)
    label = f"{formula.update.__name__}_float32"
    # A function of its own: inside of another loop LLVM leaves this one scalar where the formula branches.
    parts = written_out("slots, begin, end", [f"slots[{k}][begin:end]" for k in range(len(formula.slots))])
    names = {"ELEMENT": element_step(formula, dtype), "PARTS": numba.njit(**INNER)(parts)}
    move = numba.njit(**ADDRESSED)(bound(move_stretch, names))
    kernel = specialise(update_whole, label, fingerprint(formula), MOVE=move, SUMS=sums, **common)
    matrix, vector = np.zeros((ROWS + 1, 1), dtype), np.zeros(1, dtype)
    return address(kernel, matrix, vector, 0, 0, matrix[np.newaxis], 0, matrix, WHOLE)
