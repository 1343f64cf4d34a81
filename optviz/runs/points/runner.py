"""Many runs of a problem at once, from all starts, on all cores or on a GPU."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError
from optviz.kernels.devices import chosen
from optviz.optimizers import check_runs
from optviz.runs.jobs import side_by_side
from optviz.runs.points.checks import checked_whole
from optviz.runs.points.cpu import Host, Processor
from optviz.runs.points.foreign import Foreigners
from optviz.runs.points.problem import Problem
from optviz.runs.points.slices import Collect, Slice
from optviz.runs.points.solvers import SolverHost
from optviz.runs.points.stacks import Stacks

Progress = Callable[[int, int], None]


class Runner:
    """Makes the runs of a problem, on all cores or on a GPU.

    Parameters
    ----------
    problem : Problem
    device : {"cpu", "cuda"}

    Raises
    ------
    UsageError
        If a CUDA device cannot hold what all steps need.
    """

    def __init__(self, problem: Problem, device: str = "cpu"):
        self.problem = problem
        if problem.function.uncompiled and device != "cpu":
            reason = f"{problem.function.title} is called by Python, and not compiled for the device {device}"
            raise UsageError(reason, "Compute on the CPU, or write it with numbers and functions of math.")
        if problem.noise is not None:
            check_runs(problem.setting, "noise", problem.function)
        if problem.dtype is np.float32:
            check_runs(problem.setting, "float32", problem.function)
        if device != "cpu":
            check_runs(problem.setting, "cuda points", problem.function)
        self._device = device
        self.processor: Processor = _host(problem) if device == "cpu" else _cuda(problem)

    def slice(self, starts: np.ndarray, **given: Any) -> Slice:
        """Some of the runs, see `Slice`."""
        return Slice(self.problem, self.processor, starts, **given)

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
            Rounded to the problem's dtype.
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
        count, threads = len(starts), self.processor.threads(threads)
        share = self.processor.share(count, threads)
        jobs = []
        for first in range(0, count, share):
            place = slice(first, min(first + share, count))
            some = {"place": place, "collect": collect, "history": history, "kept": kept, "number": first}
            jobs.append(self.slice(starts[place], **some))
        self.finish(jobs, threads, progress)

    def finish(self, jobs: Sequence[Slice], threads: int | None, progress: Progress | None) -> None:
        """Run slices to their ends."""
        threads, total = self.processor.threads(threads), sum(job.count for job in jobs) * self.problem.steps

        def watch() -> None:
            if progress:
                progress(sum(job.step * job.count for job in jobs), total)

        if self.problem.function.uncompiled or self.problem.setting.kind == "contender":
            # Python computes one run at a time whatever the threads are, and Ctrl-C ends it in this one alone.
            for job in jobs:
                while not job.finished:
                    job.advance(None)
                    watch()
            return
        side_by_side(jobs, threads, _entry(self._device), watch, most=threads)


def checked_device(device: Any, threads: Any) -> tuple[str, int | None]:
    """The device that a caller means, and how many threads of the CPU.

    Raises
    ------
    UsageError, UsageTypeError
        If there is no such device or no such number of threads, or if threads are given for a CUDA device.
    MissingError
        If a CUDA device is asked for and none can be used here.
    """
    known = chosen(device, cpu_only=threads is not None)
    if threads is None:
        return known, None
    count = checked_whole("threads", threads, 1, 1024)
    if known != "cpu":
        raise UsageError(
            f"threads is {count} on the device {known}", "Leave out threads (--jobs): each run has a thread of the GPU."
        )
    return known, count


def part(progress: Progress | None, number: int, parts: int) -> Progress | None:
    """The progress of one of several equal parts."""
    return progress and (lambda done, total: progress(number * total + done, parts * total))


def _entry(device: str) -> Callable[[], None]:
    """What a thread does before it computes on a device."""
    if device == "cpu":
        return lambda: None
    from optviz.kernels.cuda import backend

    return backend.same_device()


def _host(problem: Problem) -> Processor:
    kinds: dict[str, Any] = {"solver": SolverHost, "contender": Foreigners, "matrices": Stacks}
    return kinds.get(problem.setting.kind, Host)(problem)


def _cuda(problem: Problem) -> Processor:
    from optviz.runs.points.gpu import Cuda  # imports CUDA, which need not be there

    return Cuda(problem)
