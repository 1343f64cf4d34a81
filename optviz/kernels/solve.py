"""Runs of a solver, one after the other: an iteration is a step, made by a call of the solver's address.

A solver evaluates wherever and as often as it likes, which runs side by side could not do in step with each other. A
run that has stopped stays where it is; why it did is a result.
"""

import math

from optviz.formulas.solver import GO_ON, SPENT
from optviz.kernels.cache import cached_jit
from optviz.kernels.delay_interrupt import delay_interrupt
from optviz.kernels.denormals import flush, restore
from optviz.kernels.indirect import call
from optviz.kernels.looks import BUDGET, COUNT, KEPT, OUT, STEP_NUMBER, look_and_slope


def solve(points, slopes, values, rooms, numbers, spent, codes, ends, since, old, levels, watch, step, evaluate, plan,
          trace, counts):  # fmt: skip
    word = flush()
    floor, forgotten, far = watch
    first, last, steps, budget, spare, counted = plan
    tally, marks, sign = evaluate[3], evaluate[5], evaluate[7]
    runs, reached = len(values), last
    n = len(points) // runs
    wide, count = len(rooms) // runs, len(numbers) // runs
    for run in range(runs):
        x, g, f = points[run * n : (run + 1) * n], slopes[run * n : (run + 1) * n], values[run : run + 1]
        room, given = rooms[run * wide : (run + 1) * wide], numbers[run * count : (run + 1) * count]
        code = codes[run : run + 1]
        tally[COUNT], tally[BUDGET], tally[OUT] = spent[run], budget, 0
        for t in range(first, last + 1):
            tally[STEP_NUMBER] = t - 1
            if t == 1:
                f[0] = look_and_slope(evaluate, x, g)
            far_away = False
            for c in range(n):
                far_away |= not abs(x[c]) <= far
            if far_away and ends[run] > t - 1:
                ends[run] = t - 1
            height = sign * f[0]
            now = tally[COUNT] if counted else t - 1
            for k in range(len(levels)):
                held = since[k * runs + run]
                if height <= levels[k] and height >= floor and ends[run] == math.inf:
                    since[k * runs + run] = min(held, now)
                else:
                    since[k * runs + run] = max(held, forgotten)
            if len(trace):
                for c in range(n):
                    trace[run, t - first, c] = x[c]
                trace[run, t - first, n] = height
                counts[run, t - first] = tally[COUNT]
            rests = code[0] != GO_ON or ends[run] < math.inf
            if t > steps or (rests and not len(trace)):
                break
            if rests:
                continue
            for c in range(n):
                old[c], old[n + c] = x[c], g[c]
            before, tally[STEP_NUMBER] = f[0], t
            call(step, (x, f, g, evaluate, room, given, code))
            if tally[OUT]:
                for c in range(n):
                    x[c], g[c] = old[c], old[n + c]
                f[0], code[0] = before, SPENT
            if len(marks) and tally[KEPT] + spare > len(marks):
                reached = t
                break
        spent[run] = tally[COUNT]
    restore(word)
    return reached


_solve = cached_jit(solve)


def advance(*given) -> int:
    """Make some steps of some runs.

    Parameters
    ----------
    points, slopes : (runs * n,) float64
        Iterates and gradients, a run after the other, read and written as all up to `old`.
    values : (runs,) float64
    rooms, numbers : (runs * k,) float64
        The solver's memory and hyperparameters of each run.
    spent, codes : (runs,) int64
        Evaluations made, and what the last iteration gave, see `optviz.formulas.solver`.
    ends : (runs,) float64
        The number of the first iterate that is not finite or too far away, infinite before there is one.
    since : (thresholds * runs,) float64
        As ``below_since`` of a tile.
    old : (2 n,) float64
        Room.
    levels : (thresholds,) float64
    watch : tuple
        From `optviz.kernels.tile.watch`, and how far from the origin in a coordinate runs have diverged.
    step : int
        From `optviz.kernels.looks.iterate_address`.
    evaluate : tuple
        `optviz.kernels.looks.Evaluate`. With room for `marks` there must be one run.
    plan : (first, last, steps, budget, spare, counted)
        The steps to make, counted from 1, how many there are, the evaluations of a run, those of an iteration for
        which there is to be room among the marks, and whether `since` takes evaluations instead of steps.
    trace : (runs, last - first + 1, n + 1) float64
        Where iterates before each step and their values go; (0, 0, 0) for none.
    counts : (runs, last - first + 1) int64
        The evaluations made by then.

    Returns
    -------
    int
        The last step made: fewer than asked for where there is no room for more marks.
    """
    if _compiled:
        return _solve(*given)
    with delay_interrupt():
        reached = _solve(*given)
    _compiled.append(True)
    return reached


_compiled: list[bool] = []  # whether the first call has been made
