"""Many runs of one optimizer at once, in tiles that stay in the processor's nearest cache.

Steps are the outer loop and runs the inner one, so that one instruction moves as many runs as a vector register holds.
Each run computes what it would alone, bit for bit.

A step of a tile has three parts, kernels of their own that are called by their address: value and gradient at all
iterates, which a function determines; noise on the gradient; and the update of all coordinates, which a rule
determines. So a rule and a function that have been compiled fit together, and comparing every rule on every function
compiles each of them once.
"""

import math

import numpy as np

from optviz.functions import Function
from optviz.kernels.cache import cached_jit
from optviz.kernels.delay_interrupt import delay_interrupt
from optviz.kernels.denormals import flush, restore
from optviz.kernels.indirect import call
from optviz.kernels.tile_parts import evaluate_address
from optviz.kernels.tile_rows import TILE, Layout, layout

LOOK = 32  # steps between two looks whether a tile is at rest


def tile(states, resting, old, trace, levels, watch, parts, noise, table, plan):
    word = flush()
    floor, forgotten = watch
    evaluate, disturb, move, rests = parts
    seed, start, stride, parameters, means = noise
    first, last, steps, base, own, value, diverged, state, numbers, below_since = plan
    across, apart = (1 if table.shape[2] > 1 else 0), (TILE if own else 1)
    for number in range(states.shape[0]):
        s, begin = states[number], number * TILE
        lanes = min(trace.shape[2] - begin, TILE)
        for t in range(first, last + 1):
            now = s.dtype.type(t - 1)
            if not resting[number]:
                call(evaluate, (s, t, lanes))
                for k in range(levels.size):
                    at = below_since + k * TILE
                    for i in range(lanes):
                        height, since = s[value + i], s[at + i]
                        below = (height <= levels[k]) & (height >= floor) & (s[diverged + i] > now)
                        s[at + i] = min(since, now) if below else max(since, forgotten)
            if trace.shape[0]:
                for c in range(trace.shape[1]):
                    for i in range(lanes):
                        trace[t - first, c, begin + i] = s[c * TILE + i]
            if t > steps or resting[number]:
                continue
            for k in range(table.shape[0]):
                for i in range(lanes if own else 1):
                    s[numbers + k * apart + i] = table[k, t - base, (begin + i) * across]
            if disturb:
                call(disturb, (s, seed, start + np.uint64(begin) * stride, stride, t, parameters, means, lanes))
            look = t % LOOK == 0
            if look and rests:
                for i in range(old.size):
                    old[i] = s[i if i < value else state + i - value]
            call(move, (s, lanes))
            if look:
                active = 0
                for i in range(lanes):
                    active += s[diverged + i] > now
                if rests and active:
                    active = 0
                    for i in range(old.size):
                        moved = s[i if i < value else state + i - value] != old[i]
                        active += moved & (i % TILE < lanes) & (s[diverged + i % TILE] > now)
                resting[number] = active == 0
    restore(word)


_tile = cached_jit(tile)


def watch(floor: float | None, dtype: type) -> tuple:
    """How thresholds are watched: the lowest value that counts, and what becomes of a step when a value is above.

    Without a `floor` a run is below a threshold since the step from which on it has stayed there. With one it is since
    the first time that it has been between the two, whatever comes later.
    """
    return (dtype(-math.inf), dtype(math.inf)) if floor is None else (dtype(floor), dtype(0))


def advance(
    states: np.ndarray,
    resting: np.ndarray,
    trace: np.ndarray,
    levels: np.ndarray,
    watch: tuple,
    parts: tuple[int, int, int, bool],
    noise: tuple,
    table: np.ndarray,
    own: bool,
    rows: Layout,
    plan: tuple[int, int, int, int],
) -> None:
    """Make some steps of some tiles; all arrays but the means are of one dtype.

    Parameters
    ----------
    states : (tiles, rows.size) array
        The tiles, read and written. Before the first step the iterate holds the start, the state its initial values and
        the numbers the rule's constants; `diverged` and `below_since` are infinite.
    resting : (tiles,) bool
        Tiles in which nothing moves any more and which are not computed again; read and written.
    trace : (steps or 0, d + 1, runs) array
        Where the iterates before each step and their values go, if anywhere.
    levels : (thresholds,) array
    watch : tuple
        From `watch`.
    parts : (evaluate, disturb, move, rests)
        Addresses from `optviz.kernels.tile_parts`, 0 for no noise, and whether a tile in which nothing moves stays so.
    noise : tuple
        Seed, number of the first run and distance to the next one's, all uint64, the model's parameters
        ``(d, parameters)``, and the means of minibatches, ``(rows, d)`` float64.
    table : (scalars, steps, 1 or at least runs) array
        Step scalars, for all runs or for each.
    own : bool
        Whether runs have their own numbers.
    rows : Layout
    plan : (first, last, steps, base)
        The steps to make, counted from 1; behind how many of them nothing moves, and only the iterates are looked at;
        the step with which the table begins.
    """
    places = rows.value, rows.diverged, rows.state, rows.numbers, rows.below_since
    old = np.empty(rows.value + rows.numbers - rows.state if parts[-1] else 0, states.dtype)
    with delay_interrupt():  # the first call compiles
        _tile(states, resting, old, trace, levels, watch, parts, noise, table, (*plan, int(own), *places))


def collect(states, value, diverged_row, below_since, points, values, arrived, diverged):
    for run in range(points.shape[0]):
        number, i = divmod(run, TILE)
        end = states[number, diverged_row + i]
        alive = end == math.inf
        for c in range(points.shape[1]):
            points[run, c] = states[number, c * TILE + i] if alive else math.nan
        values[run] = states[number, value + i] if alive else math.nan
        diverged[run] = 0 if alive else end
        for k in range(arrived.shape[0]):
            since = states[number, below_since + k * TILE + i]
            arrived[k, run] = -1 if since == math.inf else since


_collect = cached_jit(collect)


def ends(
    states: np.ndarray, rows: Layout, thresholds: int, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What has become of the runs in tiles whose last iterates have been looked at, outside the interpreter's lock.

    NumPy would do the same in a dozen passes that wait for each other's lock, for longer than short runs take.

    Returns
    -------
    points : (count, d)
    values : (count,)
        Both NaN where a run has diverged.
    arrived : (thresholds, count) int32
        The step since which a run is at or below each threshold, or -1.
    diverged : (count,) int32
        The step of divergence, or 0.
    """
    points = np.empty((count, rows.value // TILE), states.dtype)
    values = np.empty(count, states.dtype)
    arrived, diverged = np.empty((thresholds, count), np.int32), np.empty(count, np.int32)
    with delay_interrupt():
        _collect(states, rows.value, rows.diverged, rows.below_since, points, values, arrived, diverged)
    return points, values, arrived, diverged


def function_values(function: Function, points: np.ndarray) -> np.ndarray:
    """A function at points, (n, d) float64: (n,) float64."""
    (count, d), rows = points.shape, layout(points.shape[1])
    tiles = -(-count // TILE)
    places = np.zeros((tiles * TILE, d))
    places[:count] = points
    states = np.zeros((tiles, rows.size))
    states[:, : d * TILE] = places.reshape(tiles, TILE, d).transpose(0, 2, 1).reshape(tiles, -1)
    parts = (evaluate_address(function, np.float64), 0, 0, False)
    zero, nothing = np.uint64(0), np.empty((0, 0))
    noise, table = (zero, zero, zero, nothing, nothing), np.empty((0, 0, 1))
    room = states, np.zeros(tiles, bool), np.empty((0, d + 1, count)), np.empty(0)
    advance(*room, watch(None, np.float64), parts, noise, table, False, rows, (1, 1, 0, 1))
    return states[:, rows.value : rows.value + TILE].ravel()[:count]
