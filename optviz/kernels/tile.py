"""Many runs of one optimizer at once, in tiles that stay in the processor's nearest cache.

Steps are the outer loop and runs the inner one, so that one instruction moves as many runs as a vector register holds.
Each run computes what it would alone, bit for bit.

A step of a tile has three parts, kernels of their own that are called by their address: value and gradient at all
iterates, which a function determines; noise on the gradient; and the update of all coordinates, which a rule
determines. Some rules need two more: the point of a second look, where value, gradient and the same noise are made
again for the update, and a product with the function's second derivatives. So a rule and a function that have been
compiled fit together, and comparing every rule on every function compiles each of them once.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from optviz.functions import Function
from optviz.kernels.cache import INNER, cached_jit
from optviz.kernels.callback import raise_failure
from optviz.kernels.delay_interrupt import delay_interrupt
from optviz.kernels.denormals import flush, restore
from optviz.kernels.indirect import call
from optviz.kernels.tile_parts import evaluate_address
from optviz.kernels.tile_rows import TILE, Layout, layout

LOOK = 32  # steps between two looks whether a tile is at rest


class Parts(NamedTuple):
    """What a tile computes.

    Attributes
    ----------
    evaluate, disturb, move : int
        Addresses from `optviz.kernels.tile_parts`; `disturb` is 0 without noise.
    rests : bool
        Whether runs in which nothing moves stay so.
    probe, multiply : int
        Addresses of what only some rules ask for, else 0.
    """

    evaluate: int
    disturb: int = 0
    move: int = 0
    rests: bool = False
    probe: int = 0
    multiply: int = 0


@numba.njit(**INNER)
def put_row(target, to, row, count):
    """Copy so many elements of a row into another array, from `to` on; gives what lies behind them."""
    place = target[to:]
    for i in range(count):
        place[i] = row[i]
    return to + count


def tile(s, trace, levels, watch, parts, noise, table, plan):
    word = flush()
    floor, forgotten = watch
    evaluate, disturb, move, probe, multiply = parts
    seed, run, stride, parameters, means = noise
    first, last, steps, lanes, block, dues, moving, rests, rows = plan
    value, diverged, state, numbers, below_since, old, seen, shown, looked, signs, product, due = rows
    # Views, since LLVM reads rows as vectors only where it knows that no index is negative.
    heights, ends = s[seen + value :], s[diverged:]
    to, place, rested = 0, 0, 0
    for t in range(first, last + 1):
        call(evaluate, (s, t, lanes))
        now = s.dtype.type(t - 1)
        if shown:
            reported, looked_at = s[shown:], s[seen:]
            for i in range(value):
                looked_at[i] = reported[i]
            call(evaluate, (looked_at, t, lanes))
            seen_ends = s[seen + diverged :]
            for i in range(lanes):
                ends[i] = min(ends[i], seen_ends[i])
        for k in range(levels.size):
            level, held = levels[k], s[below_since + k * TILE :]
            for i in range(lanes):
                height, since = heights[i], held[i]
                below = (height <= level) & (height >= floor) & (ends[i] > now)
                held[i] = (since if since < now else now) if below else (since if since > forgotten else forgotten)
        if trace.size:
            for row in range(seen, seen + value + TILE, TILE):
                to = put_row(trace, to, s[row:], lanes)
            for row in range(0, value if shown else 0, TILE):
                to = put_row(trace, to, s[row:], lanes)
        if t > steps:
            break
        put_row(s, numbers, table[place:], block)
        place += block
        if disturb:
            call(disturb, (s, seed, run, stride, t, parameters, means, lanes))
        if multiply:
            wanted, asked = dues == 0, s[due:]
            for i in range(dues):
                wanted |= asked[i] != 0
            if wanted:
                same = np.uint64(0)  # signs for all runs, so that each is what it is alone
                call(multiply, (s, s[signs:], s[product:], seed, same, same, t, lanes))
        if probe:
            call(probe, (s, lanes))
            second = s[looked:]
            call(evaluate, (second, t, lanes))
            if disturb:
                call(disturb, (second, seed, run, stride, t, parameters, means, lanes))
        look = t % LOOK == 0
        if look and rests:
            put_row(s, old, s, value)
            put_row(s, old + value, s[state:], moving - value)
        call(move, (s, lanes))
        if look:
            active = 0
            for row in range(0, moving, TILE):
                new, before = s[row if row < value else state + row - value :], s[old + row :]
                for i in range(lanes):
                    active += (new[i] != before[i]) & (ends[i] > now)
            if active == 0:
                rested = t
                break
    restore(word)
    return rested


_tile = cached_jit(tile)
_compiled: set[np.dtype] = set()  # for which the first call has been made


def watch(floor: float | None, dtype: type) -> tuple:
    """How thresholds are watched: the lowest value that counts, and what becomes of a step when a value is above.

    Without a `floor` a run is below a threshold since the step from which on it has stayed there. With one it is since
    the first time that it has been between the two, whatever comes later.
    """
    return (dtype(-math.inf), dtype(math.inf)) if floor is None else (dtype(floor), dtype(0))


def advance(
    s: np.ndarray,
    lanes: int,
    trace: np.ndarray,
    levels: np.ndarray,
    watch: tuple,
    parts: Parts,
    noise: tuple,
    table: np.ndarray,
    rows: Layout,
    steps: tuple[int, int, int],
) -> int:
    """Make some steps of a tile; all arrays but the means are of one dtype.

    Parameters
    ----------
    s : (rows.size,) array
        The tile, read and written. Before the first step the iterate holds the start, the state its initial values and
        the numbers the rule's constants; `diverged` and `below_since` are infinite.
    lanes : int
        Its runs, at most `TILE`.
    trace : (steps, d + 1, lanes) array
        Where the iterates before each step and their values go; an empty array for none. Of a rule that reports another
        point (steps, 2 d + 1, lanes): that point, its value, and the iterate.
    levels : (thresholds,) array
    watch : tuple
        From `watch`.
    parts : Parts
    noise : tuple
        Seed, number of the tile's first run and distance to the next one's, all uint64, the model's parameters
        ``(d, parameters)``, and the means of minibatches, ``(rows, d)`` float64.
    table : (steps, scalars or scalars * TILE) array
        The step scalars of these steps, as they stand in the tile.
    rows : Layout
    steps : (first, last, all)
        The steps to make, counted from 1, and how many there are of the run; behind these nothing moves, and the
        iterates are only looked at.

    Returns
    -------
    int
        The step since which the tile is at rest, so that it need not be computed again; 0 where it moves.
    """
    block = table.shape[1]
    dues = (lanes if block >= TILE else 1) * (rows.due > 0)  # every run has its own, or all have one
    plan = (*steps, lanes, block, dues, rows.moving if parts.rests else TILE, int(parts.rests))
    places = (
        *(rows.value, rows.diverged, rows.state, rows.numbers, rows.below_since, rows.old, rows.seen, rows.shown),
        *(rows.looked, rows.signs, rows.product, rows.due),
    )
    addresses = parts.evaluate, parts.disturb, parts.move, parts.probe, parts.multiply
    if not parts.rests:
        s[rows.old : rows.old + TILE] = math.nan  # no number is equal to it
    given = s, trace.reshape(-1), levels, watch, addresses, noise, table.reshape(-1), (*plan, places)
    if s.dtype in _compiled:
        return _tile(*given)
    with delay_interrupt():
        rested = _tile(*given)
    _compiled.add(s.dtype)
    return rested


def collect(states, seen, value, diverged_row, below_since, points, values, arrived, diverged):
    for run in range(points.shape[0]):
        number, i = divmod(run, TILE)
        end = states[number, diverged_row + i]
        alive = end == math.inf
        for c in range(points.shape[1]):
            points[run, c] = states[number, seen + c * TILE + i] if alive else math.nan
        values[run] = states[number, seen + value + i] if alive else math.nan
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
        _collect(states, rows.seen, rows.value, rows.diverged, rows.below_since, points, values, arrived, diverged)
    return points, values, arrived, diverged


def function_values(function: Function, points: np.ndarray) -> np.ndarray:
    """A function at points, (n, d) float64: (n,) float64."""
    rows = layout(points.shape[1])
    parts, nothing = Parts(evaluate_address(function, np.float64)), np.empty((0, 0))
    noise = (np.uint64(0), np.uint64(0), np.uint64(0), nothing, nothing)
    s, values = np.zeros(rows.size), np.empty(len(points))
    iterate = s[: rows.value].reshape(-1, TILE)
    for first in range(0, len(points), TILE):
        some = points[first : first + TILE].T
        lanes = some.shape[1]
        iterate[:, :lanes] = some
        advance(s, lanes, nothing, np.empty(0), watch(None, np.float64), parts, noise, nothing, rows, (1, 1, 0))
        values[first : first + lanes] = s[rows.value : rows.value + lanes]
        if function.uncompiled:
            raise_failure(function)
    return values
