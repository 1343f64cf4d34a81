"""The engine for many runs at once: one setting on one function, from all starts, on all cores or on a GPU."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError
from optviz.functions import Function
from optviz.kernels.devices import chosen
from optviz.noise import NoiseSetting
from optviz.noise import configure as configure_noise
from optviz.optimizers import Setting
from optviz.runs.jobs import side_by_side
from optviz.runs.points.checks import checked_whole
from optviz.runs.points.cpu import Host, Processor
from optviz.runs.points.minibatches import batch_means
from optviz.runs.points.slices import Collect, Slab
from optviz.runs.scalars import hyperparameters, step_table

Progress = Callable[[int, int], None]


class Engine:
    """One setting on one function, compiled for many runs.

    Parameters
    ----------
    setting : Setting
    function : Function
    steps : int
    thresholds : sequence of float
        Values; for each it is told from which step on a run stays at or below it, or when it is there first.
    dtype : type
        ``np.float32`` or ``np.float64``.
    own : sequence of str
        Hyperparameters that each run has its own values of.
    noise : str, optional
        A noise model with its numbers.
    seed : int
        Of the noise.
    device : {"cpu", "cuda"}
        What computes the runs.
    first : bool
        Whether the first iterate at or below a threshold counts, whatever comes later.

    Raises
    ------
    UsageError
        If a CUDA device cannot hold what all steps need.
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
        device: str = "cpu",
        first: bool = False,
    ):
        self.setting, self.function, self.steps, self.dtype, self.own = setting, function, steps, dtype, tuple(own)
        self.dimension = len(function.bounds)
        model = None if noise is None else configure_noise(noise)
        self.model = None if model is None else model.model
        self.noise_text = "" if model is None else model.text
        self.noise = _noise(model, self.dimension, steps, seed, dtype)
        self.thresholds: np.ndarray = np.array(thresholds, dtype)
        self.first = first
        self.hyper: np.ndarray = np.array(hyperparameters(setting, dtype), dtype)
        if not own:
            columns = step_table(setting, dtype, steps)
            self.table: np.ndarray = np.array(columns, dtype).reshape(len(columns), steps).T.copy()
        self.device: Processor = Host(self) if device == "cpu" else _cuda(self)
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
            See `optviz.runs.points.slices`; called from several threads.
        history : sequence of int
            Steps, in order, at which iterates are kept.
        kept : (h, n, d) array
            Where they go.
        threads : int, optional
            Of the CPU, by default as many as there are cores.
        progress : callable, optional
            ``progress(steps made, all steps)`` over all runs, a few times a second.
        """
        count, threads = len(starts), self.device.threads(threads)
        share = self.device.share(count, threads)
        jobs = []
        for first in range(0, count, share):
            place = slice(first, min(first + share, count))
            jobs.append(Slab(self, starts[place], place, collect, None, history, kept, first))
        self.finish(jobs, threads, progress)

    def finish(self, jobs: Sequence[Slab], threads: int | None, progress: Progress | None) -> None:
        """Run slabs to their ends."""
        threads, total = self.device.threads(threads), sum(job.count for job in jobs) * self.steps

        def watch() -> None:
            if progress:
                progress(sum(job.step * job.count for job in jobs), total)

        side_by_side(jobs, threads, lambda: None, watch, most=threads)


def checked_device(device: Any, threads: Any) -> tuple[str, int | None]:
    """The device that a caller means, and how many threads of the CPU.

    Raises
    ------
    UsageError, UsageTypeError
        If there is no such device or no such number of threads, or if threads are given for a CUDA device.
    MissingError
        If a CUDA device is asked for and none can be used here.
    """
    found = chosen(device, cpu_only=threads is not None)
    if threads is None:
        return found, None
    count = checked_whole("threads", threads, 1, 1024)
    if found != "cpu":
        raise UsageError(
            f"threads is {count} on the device {found}", "Leave out threads (--jobs): each run has a thread of the GPU."
        )
    return found, count


def part(progress: Progress | None, number: int, parts: int) -> Progress | None:
    """The progress of one of several equal parts."""
    return progress and (lambda done, total: progress(number * total + done, parts * total))


def _noise(model: NoiseSetting | None, dimension: int, steps: int, seed: int, dtype: type) -> tuple:
    """What the kernel takes for a noise model, but for the number of the first run."""
    if model is None:
        return np.uint64(seed), np.empty((0, 0), dtype), np.empty((0, 0))
    return np.uint64(seed), np.array(model.by_coordinate(dimension), dtype), batch_means(model, steps, dimension, seed)


def _cuda(engine: Engine) -> Processor:
    from optviz.runs.points.gpu import Cuda  # imports CUDA, which need not be there

    return Cuda(engine)
