"""Many runs of one optimizer at once, in tiles that stay in the processor's nearest cache.

Steps are the outer loop and runs the inner one, so that one instruction moves as many runs as a vector register holds.
Each run computes exactly what `optviz.kernels.trajectory` computes for it alone, bit for bit.

A step of a tile has three parts, kernels of their own that are called by their address: the gradient at all iterates,
which a function determines; noise on it; and the update of all coordinates, which a rule determines. So a rule and a
function that have been compiled fit together, and comparing every rule on every function compiles each of them once.
"""

from typing import NamedTuple

import numpy as np

from optviz.kernels.cache import cached_jit
from optviz.kernels.denormals import flush, restore
from optviz.kernels.indirect import call
from optviz.kernels.patience import patience
from optviz.kernels.rows import TILE
from optviz.kernels.rules import constant_count
from optviz.optimizers import Formula

LOOK = 32  # steps between two looks whether a tile is at rest
ROOM = 24  # rows for thresholds: where state begins does not depend on how many of them are used


class Layout(NamedTuple):
    """Where in a tile its rows begin, in elements.

    The iterate comes first, a row for each coordinate; then `slope`, the gradient; `life`, for each run the number of
    iterates up to the first that is not finite or too far away; `stay`, for each threshold the number of iterates in a
    row, up to the last one, whose value does not exceed it; `state`, the slots of the first coordinate, of the second
    and so on; `hyper` and `scalars`, the rule's constants and step scalars where each run has its own. `size` is the
    tile's.
    """

    slope: int
    life: int
    stay: int
    state: int
    hyper: int
    scalars: int
    size: int


def layout(formula: Formula, dimension: int, thresholds: int, own: bool) -> Layout:
    """The rows of a tile.

    Parameters
    ----------
    formula : Formula
    dimension : int
        Number of coordinates.
    thresholds : int
    own : bool
        Whether each run has its own hyperparameters.
    """
    hyper, scalars = (constant_count(formula), len(formula.scalar_names)) if own else (0, 0)
    counts = (dimension, dimension, 1, max(thresholds, ROOM), dimension * len(formula.slots), hyper, scalars)
    return Layout(*(int(end) * TILE for end in np.cumsum(counts)))


def tile(states, resting, trace, parts, thresholds, noise, hyper, table, plan, first, last):
    word = flush()
    slope, blur, move, rests = parts
    seed, start, stride, parameters, means = noise
    iterate, life, stay, state, end = plan
    old = np.empty(iterate + end - state, states.dtype)
    for number in range(states.shape[0]):
        s = states[number]
        run = start + np.uint64(number * TILE) * stride
        t = first
        while t <= last and not resting[number]:
            look = t % LOOK == 0
            if look and rests:
                for i in range(old.size):
                    old[i] = s[i if i < iterate else state + i - iterate]
            call(slope, (s, thresholds, t))
            if blur:
                call(blur, (s, seed, run, stride, t, parameters, means))
            call(move, (s, hyper, table, number, t, first))
            if look:
                active = 0
                for i in range(TILE):
                    active += s[life + i] == t
                if rests and active:
                    active = 0
                    for i in range(old.size):
                        at = i if i < iterate else state + i - iterate
                        active += (s[at] != old[i]) & (s[life + i % TILE] == t)
                resting[number] = active == 0
            if trace.size:
                for i in range(iterate):
                    trace[number, t - first, i] = s[i]
            t += 1
        # Nothing will change any more, but iterates keep being counted.
        rest = last + 1 - t
        if rest > 0:
            if trace.size:
                for row in range(t - first, trace.shape[1]):
                    for i in range(iterate):
                        trace[number, row, i] = s[i]
            for i in range(TILE):
                if s[life + i] == t - 1:
                    s[life + i] += rest
                    for k in range(thresholds.size):
                        if s[stay + k * TILE + i] > 0:
                            s[stay + k * TILE + i] += rest
    restore(word)


_kernel = cached_jit(tile)


def run(
    states: np.ndarray,
    resting: np.ndarray,
    trace: np.ndarray,
    parts: tuple[int, int, int, bool],
    thresholds: np.ndarray,
    noise: tuple,
    hyper: np.ndarray,
    table: np.ndarray,
    rows: Layout,
    first: int,
    last: int,
) -> None:
    """Make the steps `first` to `last`, counted from 1, of some tiles; all arrays are of one dtype.

    Parameters
    ----------
    states : (tiles, rows.size) array
        The tiles, read and written. Before the first step the iterate holds the start, the state its initial values,
        and life and stay 0. After the last step life and stay have counted all iterates but the last one.
    resting : (tiles,) bool
        Tiles in which nothing moves any more and which are not computed again; read and written.
    trace : (tiles, steps, rows.slope) array
        Where the iterates after each step go, as they stand in the tiles; an empty array for none.
    parts : (slope, blur, move, rests)
        Addresses of the kernels of `optviz.kernels.tile_parts`, 0 for no noise, and whether a tile in which nothing
        moves stays so.
    thresholds : (thresholds,) array
    noise : tuple
        Seed, number of the first run and distance to the next one's, all uint64, the model's parameters
        ``(d, parameters)``, and the means of minibatches, ``(rows, d)`` float64.
    hyper : (constants,) array
        See `optviz.kernels.rules`; not read where runs have their own.
    table : array
        Step scalars: ``(1, steps, scalars)`` of all steps, or, where runs have their own, ``(scalars, last - first + 1,
        width)`` with a column for each run or a single one for all.
    rows : Layout
    """
    plan = (rows.slope, rows.life, rows.stay, rows.state, rows.hyper)
    with patience():  # the first call compiles
        _kernel(states, resting, trace, parts, thresholds, noise, hyper, table, plan, first, last)
