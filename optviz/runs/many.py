"""The engine for many runs at once: one setting on one function, from all starts, on all cores."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from optviz.functions import Function
from optviz.kernels.rows import TILE
from optviz.kernels.tile import layout
from optviz.kernels.tile_parts import blur_address, heights_kernel, move_address, slope_address
from optviz.noise import NoiseSetting
from optviz.noise import configure as configure_noise
from optviz.optimizers import Setting
from optviz.runs._noise import batch_means
from optviz.runs._scalars import hyperparameters, step_table
from optviz.runs.jobs import cores, side_by_side
from optviz.runs.slab import Collect, Slab

LARGEST = 128  # tiles of a slab

Progress = Callable[[int, int], None]


class Engine:
    """One setting on one function, compiled for tiles of runs.

    Parameters
    ----------
    setting : Setting
    function : Function
    steps : int
    thresholds : sequence of float
        Values; for each it is told from which step on a run stays at or below it.
    dtype : type
        ``np.float32`` or ``np.float64``.
    own : sequence of str
        Hyperparameters that each run has its own values of.
    noise : str, optional
        A noise model with its numbers.
    seed : int
        Of the noise.
    """

    def __init__(
        self,
        setting: Setting,
        function: Function,
        steps: int,
        thresholds: Sequence[float],
        dtype: type = np.float64,
        own: Sequence[str] = (),
        noise: Any = None,
        seed: int = 0,
    ):
        self.setting, self.function, self.steps, self.dtype, self.own = setting, function, steps, dtype, tuple(own)
        formula = setting.formula
        self.dimension = len(function.bounds)
        self.layout = layout(formula, self.dimension, len(thresholds), bool(own))
        model = None if noise is None else configure_noise(noise)
        self.noise_text = "" if model is None else model.text
        self.noise = _noise(model, self.dimension, steps, seed, dtype)
        self.thresholds: np.ndarray = np.array(thresholds, dtype)
        self.hyper: np.ndarray = np.array(hyperparameters(setting, dtype), dtype)
        if not own:
            columns = step_table(setting, dtype, steps)
            self.table = np.stack(columns, axis=1)[np.newaxis] if columns else np.empty((1, steps, 0), dtype)
        watched = len(thresholds)
        self.parts = (
            slope_address(function, dtype, watched),
            blur_address(model.model, self.dimension, dtype) if model else 0,
            move_address(formula, self.dimension, dtype, watched, bool(own)),
            not formula.scalar_names and model is None,
        )
        self.heights = heights_kernel(function, dtype)
        self.pace = 0.0  # seconds a step of one run takes, once known

    def run(
        self,
        starts: np.ndarray,
        collect: Collect,
        history: Sequence[int] = (),
        kept: np.ndarray | None = None,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Run from all starts.

        Parameters
        ----------
        starts : (n, d) array
            Rounded to the engine's dtype.
        collect : callable
            See `optviz.runs.slab`; called from several threads.
        history : sequence of int
            Steps, in order, at which iterates are kept.
        kept : (h, n, d) array
            Where they go.
        threads : int, optional
            By default as many as there are cores.
        progress : callable, optional
            ``progress(steps made, all steps)`` over all runs, a few times a second.
        """
        count, threads = len(starts), threads or cores()
        # Enough slabs that no thread waits for the last one, but none so small that Python's part of it counts.
        tiles = min(max(-(-count // (TILE * threads * 8)), 1), LARGEST)
        jobs = []
        for first in range(0, count, tiles * TILE):
            place = slice(first, min(first + tiles * TILE, count))
            jobs.append(Slab(self, starts[place], place, collect, None, history, kept, first))
        self.finish(jobs, threads, progress)

    def finish(self, jobs: Sequence[Slab], threads: int, progress: Progress | None) -> None:
        """Run slabs to their ends."""
        total = sum(job.count for job in jobs) * self.steps

        def watch() -> None:
            if progress:
                progress(sum(job.step * job.count for job in jobs), total)

        side_by_side(jobs, threads, lambda: None, watch, most=threads)


def part(progress: Progress | None, number: int, parts: int) -> Progress | None:
    """The progress of one of several equal parts."""
    return progress and (lambda done, total: progress(number * total + done, parts * total))


def _noise(model: NoiseSetting | None, dimension: int, steps: int, seed: int, dtype: type) -> tuple:
    """What the kernel takes for a noise model, but for the number of the first run."""
    if model is None:
        return np.uint64(seed), np.empty((0, 0), dtype), np.empty((0, 0))
    return np.uint64(seed), np.array(model.by_coordinate(dimension), dtype), batch_means(model, steps, dimension, seed)
