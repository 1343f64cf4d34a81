"""The end of runs in tiles: results out, outside the interpreter's lock.

NumPy would do the same in a dozen passes that wait for each other's lock, for longer than short runs take.
"""

import numpy as np

from optviz.kernels.cache import cached_jit
from optviz.kernels.rows import TILE


def collect(states, heights, life, stay, thresholds, steps, first, floor, far, points, values, arrived, diverged):
    for run in range(points.shape[0]):
        number, i = divmod(run, TILE)
        lived = states[number, life + i]
        alive = lived == steps
        for c in range(points.shape[1]):
            alive &= abs(states[number, c * TILE + i]) <= far
        for c in range(points.shape[1]):
            points[run, c] = states[number, c * TILE + i] if alive else np.nan
        values[run] = heights[number, i] if alive else np.nan
        diverged[run] = 0 if alive else lived
        for k in range(thresholds.size):
            counted = states[number, stay + k * TILE + i]
            below = alive and heights[number, i] <= thresholds[k]
            if first:  # those that diverged later, too, but nothing that they met afterwards
                below = (below and heights[number, i] >= floor) or (counted > 0 and steps - counted < lived)
            arrived[k, run] = steps - counted if below else -1


# ``collect_kernel(states, heights, life, stay, thresholds, steps, first, floor, far, points, values, arrived,
# diverged)`` reads the tiles `states` after `steps` steps, the function's values at their iterates, `heights`
# ``(tiles, TILE)``, where life and stay begin, the thresholds, whether they are watched for the first time with the
# floor of that, see `optviz.kernels.rows.stay`, and how far from the origin in a coordinate runs have diverged; it
# writes for each of n runs the last iterate ``(n, d)`` and its value ``(n,)``, NaN where the run diverged, the step of
# arrival at each threshold or -1, ``(thresholds, n)`` int32, and the step of divergence or 0, ``(n,)`` int32.
collect_kernel = cached_jit(collect)
