"""Many runs of one optimizer at once on a CUDA device: a thread for each run.

The numbers of the runs stand side by side as in a tile of the CPU, but in a single one as wide as there are runs, so
that the threads of a warp read neighbours. Within a launch a thread keeps all that its run remembers in registers, if
it is not wide.

Each thread makes the steps of `optviz.kernels.tile` in their order and computes what the CPU does for its run, up to
products and sums that the compiler fuses. After a divergence it stops. A grid has room for all runs that a device can
hold, so that no thread has a second one: what a loop over runs must remember would take a quarter of the registers.

Between two launches n runs are the tuple of device arrays ``(x, state, diverged, below_since, room)``:

- ``x`` ``(d, n)``: the iterates, before the first step the starts; of a run that has diverged the first that is not
  finite or too far away;
- ``state`` ``(slots, d * n)``: the state slots, those of the first coordinate first;
- ``diverged`` ``(n,)`` int32: the number of that iterate, `NEVER` before there is one;
- ``below_since`` ``(thresholds, n)`` int32: the number of the iterate since which the value has not exceeded a
  threshold, `NEVER` where it does;
- ``room`` ``(rooms, n)``: of runs that are *wide* what they need between two steps.

``state`` needs no values before the first step. A run is wide if registers cannot hold it by far: its iterate and state
stay where they are, in the device's memory. What a thread calls its own lies in that memory as well, but a device sets
it aside for all threads that it could run at a time.
"""

from typing import Any

import numpy as np

from optviz.formulas.formula import ITERATE
from optviz.formulas.sums import split
from optviz.functions import Function
from optviz.kernels.cuda.backend import cuda, device_function, specialise, twin
from optviz.kernels.cuda.ends import NEVER, since
from optviz.kernels.cuda.linking import Inner
from optviz.kernels.cuda.point import frame_names, parts
from optviz.kernels.cuda.seconds import second_names
from optviz.kernels.cuda.update import rule_part
from optviz.kernels.random import noisy_gradient
from optviz.kernels.rules import constant_count
from optviz.kernels.slots import put, take
from optviz.kernels.specialise import fingerprint
from optviz.kernels.tile_parts import function_label
from optviz.noise import NoiseModel
from optviz.optimizers import Formula

THREADS = 64  # of a block: few enough that a few ten thousand runs are shared out evenly over a large device
NARROW = 512  # bytes that a thread may have of its own; with more a run is wide

# Bound by `specialise`.
MOVE: Any = None  # `move`
RULE: Any = None  # the update
VALUE: Any = None  # the function at a point; this and the two that follow are of `optviz.kernels.cuda.point`
GRADIENT: Any = None
NEAR: Any = None
NOISE: Any = None  # the stochastic coordinate of a gradient
TAKE: Any = None  # reads the state slots of a coordinate
PUT: Any = None  # writes them
SCALARS: Any = None  # reads the step scalars
CONSTANTS: Any = None  # reads the rule's constants
NOISE_NUMBERS: Any = None  # reads the parameters of the noise model
HEIGHT: Any = None  # the value as a tuple, which is empty where the rule does not take it
LOOK: Any = None  # the point that is looked at: the iterate, or the reported point
MULTIPLY: Any = None  # makes the product of the Hessian and random signs where the rule asks for it
SECOND: Any = None  # writes the gradient at the point of a second look, and gives the value there
SHOWN: Any = None  # the state slot that holds the reported point; -1 without one
FROM_ITERATE: Any = None  # bits of the state slots that begin at the iterate
SLOTS: Any = None  # how many state slots there are
VALUED: Any = None  # whether the value is needed before each step
SINCE: Any = None  # `since`
NUMBER: Any = None  # the dtype
NAN: Any = None  # of that type
DIMENSION: Any = None  # number of coordinates
SCRATCH: Any = None  # how many numbers of scratch memory a function needs
THRESHOLDS: Any = None  # how many are watched
STATE: Any = None  # shapes of a thread's own arrays, none of which is empty
WATCHED: Any = None
TRACED: Any = None  # whether iterates and their values are kept
SUMS: Any = None  # makes the sums over coordinates that the rule asks for
TOTALS: Any = None  # reads them
SUMMED: Any = None  # shapes of the arrays that hold them, and what they are made of
LANED: Any = None


def advance(runs, trace, initial, constants, table, thresholds, watch, noise, plan):
    here = cuda.local.array(DIMENSION, NUMBER)
    room = cuda.local.array(DIMENSION, NUMBER)
    slope = cuda.local.array(DIMENSION, NUMBER)
    slots = cuda.local.array(STATE, NUMBER)
    scratch = cuda.local.array(SCRATCH, NUMBER)
    run = cuda.grid(1)
    if run < runs[2].size and runs[2][run] == NEVER:
        own = here, room, slope, slots, scratch
        MOVE(run, own, runs, trace, initial, constants, table, thresholds, watch, noise, plan)


def advance_wide(runs, trace, initial, constants, table, thresholds, watch, noise, plan):
    x, state, diverged, _, rooms = runs
    run = cuda.grid(1)
    if run < diverged.size and diverged[run] == NEVER:
        room, slope, scratch = (
            rooms[:DIMENSION, run],
            rooms[DIMENSION : 2 * DIMENSION, run],
            rooms[2 * DIMENSION :, run],
        )
        own = x[:, run], room, slope, state[:, run :: diverged.size], scratch
        MOVE(run, own, runs, trace, initial, constants, table, thresholds, watch, noise, plan)


def move(run, own, runs, trace, initial, constants, table, thresholds, watch, noise, plan):
    here, room, slope, slots, scratch = own
    x, state, diverged, below_since, _ = runs
    seed, start, stride, parameters, means = noise
    group, width, base, first, last, steps = plan
    count = diverged.size
    sinces = cuda.local.array(WATCHED, np.int32)
    totals, lanes = cuda.local.array(SUMMED, NUMBER), cuda.local.array(LANED, NUMBER)
    begins = first <= 1
    for c in range(DIMENSION):
        here[c] = x[c, run]
        PUT(slots, c, TAKE(initial, run % initial.shape[1]) if begins else TAKE(state, c * count + run))
        for k in range(SLOTS):
            if begins and FROM_ITERATE >> k & 1:
                slots[k, c] = here[c]
    for k in range(THRESHOLDS):
        sinces[k] = below_since[k, run]
    numbers = CONSTANTS(constants, run % constants.shape[1])
    place = seed, start + np.uint64(run) * stride
    column = run // group
    for t in range(first, last + 1):
        seen = LOOK(here, slots, room)
        if TRACED:
            for c in range(DIMENSION):
                trace[t - first, c, run] = seen[c]
            trace[t - first, DIMENSION, run] = VALUE(seen, scratch)
            if SHOWN >= 0:
                for c in range(DIMENSION):
                    trace[t - first, DIMENSION + 1 + c, run] = here[c]
        if not (NEAR(here) and NEAR(seen)):
            diverged[run] = t - 1
            break
        if t > steps:
            break
        if THRESHOLDS:
            value = VALUE(seen, scratch)
            for k in range(THRESHOLDS):
                sinces[k] = SINCE(sinces[k], t - 1, value, thresholds[k], watch)
        GRADIENT(here, slope, scratch)
        scalars = SCALARS(table, (t - base) * width + column)
        valued = HEIGHT(VALUE(here, scratch) if VALUED else NAN)
        for c in range(DIMENSION):
            slope[c] = NOISE(slope[c], *place, t, c, NOISE_NUMBERS(parameters, c), means)
        MULTIPLY(here, room, slots, seed, t, scalars)
        valued = SECOND(here, room, slope, slots, scratch, valued, scalars, numbers, place, t, parameters, means)
        SUMS(here, slope, slots, valued, scalars, numbers, totals, lanes)
        for c in range(DIMENSION):
            new = RULE(here[c], slope[c], *TAKE(slots, c), *valued, *TOTALS(totals, 0), *scalars, *numbers)
            here[c] = new[0]
            PUT(slots, c, new[1:])
    for c in range(DIMENSION):
        x[c, run] = here[c]
        PUT(state, c * count + run, TAKE(slots, c))
    for k in range(THRESHOLDS):
        below_since[k, run] = sinces[k]


def iterate(here, slots, room):
    return here


def reported(here, slots, room):
    for c in range(DIMENSION):
        room[c] = slots[SHOWN, c]
    return room


def height(value):
    return (value,)


def no_height(value):
    return ()


def exact(g, seed, start, step, coordinate, parameters, means):
    return g


def advance_kernel(
    formula: Formula,
    function: Function,
    dtype: type,
    thresholds: int,
    noise: NoiseModel | None,
    traced: bool,
) -> Any:
    """Steps of one optimizer on one function.

    Parameters
    ----------
    formula : Formula
    function : Function
    dtype : type
        ``np.float32`` or ``np.float64``, that of all arrays but the means.
    thresholds : int
        How many.
    noise : NoiseModel or None
    traced : bool
        Whether iterates and their values are kept.

    Returns
    -------
    kernel
        ``kernel(runs, trace, initial, constants, table, thresholds, watch, noise, plan)`` makes the steps `first` to
        `last`, counted from 1, with a thread for each run.

        - `runs`: see the module, read and written;
        - `trace` ``(last - first + 1, d + 1, n)``: the coordinates and the value before each step; of a rule that
          reports another point that one, and d rows more for the iterate. Rows behind a divergence stay as they are.
          Not written if not traced;
        - `initial` ``(slots, 1 or n)``, `constants` ``(constants, 1 or n)``: what the state begins with and the
          rule's `optviz.kernels.rules.constants`, for all runs or for each;
        - `table` ``(scalars, steps * width)``: the step scalars of the steps from `base` on, `width` of each;
        - `thresholds` ``(thresholds,)``, and `watch`, see `optviz.kernels.cuda.ends.watch`;
        - `noise`: the seed, the number of the first run and the distance to the next one's, all uint64, the model's
          parameters ``(parameters, d)`` and the means of minibatches ``(rows, d)`` float64;
        - `plan`: `group`, how many runs in a row have the same step scalars, then `width`, `base`, `first`, `last`, and
          `steps`, behind which nothing moves and iterates are only looked at.
    """
    slots, dimension = len(formula.slots), len(function.bounds)
    begins = [dict(formula.initial).get(slot) for slot in formula.slots]
    shape = {
        "SHOWN": formula.shown_slot,
        "SLOTS": slots,
        "FROM_ITERATE": sum(1 << k for k, value in enumerate(begins) if value == ITERATE),
        "VALUED": formula.takes_value,
        "THRESHOLDS": thresholds,
        "STATE": (max(slots, 1), dimension),  # no array is empty
        "WATCHED": max(thresholds, 1),
        "TRACED": traced,
        **frame_names(function, dtype),
    }
    counts = len(formula.table_names), constant_count(formula)
    draws = f"{noise.name} {fingerprint(noise.gradient)}" if noise else ""
    # What the rule sums over is part of the frame.
    summed = fingerprint(formula) if split(formula).levels or formula.probe else ""
    summed += f" {formula.multiplies} {formula.slots} {formula.table_names}" if formula.multiplies else ""
    wide = is_wide(formula, function, dtype)
    return specialise(
        advance_wide if wide else advance,
        f"{formula.update.__name__}_{function_label(function, dtype)}_{noise.name if noise else 'exact'}_{thresholds}"
        + "_traced" * traced,
        fingerprint(formula, function.value, function.gradient, *([noise.gradient] if noise else [])),
        frame=f"{shape} {counts} {draws} {summed}",
        **shape,
        RULE=rule_part(formula, dtype),
        **parts(function, dtype),
        NOISE=twin(noisy_gradient(noise, dtype)) if noise else device_function(exact),
        NOISE_NUMBERS=twin(take(len(noise.parameters) if noise else 0)),
        TAKE=twin(take(slots)),
        PUT=twin(put(slots)),
        SCALARS=twin(take(counts[0])),
        CONSTANTS=twin(take(counts[1])),
        HEIGHT=device_function(height if formula.takes_value else no_height),
        LOOK=device_function(reported if formula.reported else iterate, DIMENSION=dimension, SHOWN=formula.shown_slot),
        SINCE=device_function(since),
        **second_names(formula, function, dtype),
        MOVE=Inner(move),
    )


def own_numbers(formula: Formula, function: Function) -> int:
    """How many numbers a thread of `advance` has of its own, if its run is not wide."""
    return len(function.bounds) * (3 + len(formula.slots)) + function.scratch


def is_wide(formula: Formula, function: Function, dtype: type) -> bool:
    """Whether iterate and state of a run stay in the device's memory."""
    return own_numbers(formula, function) * np.dtype(dtype).itemsize > NARROW


def rooms(formula: Formula, function: Function, dtype: type) -> int:
    """How many numbers a wide run needs between two steps; 0 of any other."""
    return 2 * len(function.bounds) + max(function.scratch, 1) if is_wide(formula, function, dtype) else 0
