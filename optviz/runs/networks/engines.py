"""Where runs are computed: on threads of this process, in worker processes, or by any executor, on a cluster too.

What a run gives does not depend on that. An engine is a context manager around its workers; inside it `work` computes
runs, hands over each as soon as it is finished, and calls back a few times a second.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any, Protocol

from optviz.errors import UsageError, UsageTypeError, said, shown
from optviz.registry import suggestion
from optviz.runs.jobs import cores
from optviz.runs.networks.journal import Journal
from optviz.runs.networks.run import Keep, Run
from optviz.runs.networks.specification import Specification, Units
from optviz.runs.networks.threads import Threads

NAMES = ("threads", "processes", "dask")


class Engine(Protocol):
    """Computes runs."""

    def prepare(self, specifications: Sequence[Specification], runs: int) -> None:
        """Have kernels compiled, so that no run has to wait for that.

        Parameters
        ----------
        specifications : sequence of Specification
            A run of each optimizer.
        runs : int
            How many runs like these there will be.
        """

    def work(self, specifications: Sequence[Specification], keep: Keep, watch: Callable[[], None]) -> None:
        """Finish all runs.

        Parameters
        ----------
        specifications : sequence of Specification
        keep : function
            ``keep(specification, outcome)`` is called once for each run when it is finished, from any thread.
        watch : function
            Called a few times a second in the calling thread.

        Raises
        ------
        KeyboardInterrupt
            Within a second; nothing is at work any more.
        """

    @property
    def steps(self) -> int:
        """Steps made in runs that are not finished, as far as they are known here."""

    def begun(self) -> list[Run]:
        """Runs of this process that are not finished."""


def check(engine: Any, jobs: int | None, device: str = "cpu") -> tuple[str, Any]:
    """The kind of an engine, and its address or executor; refuses what cannot be meant.

    Parameters
    ----------
    engine
        As `opened` takes it.
    jobs : int or None
    device : {"cpu", "cuda"}

    Raises
    ------
    UsageError, UsageTypeError
    """
    kind, place = ("executor", engine) if isinstance(engine, Executor) else _named(engine)
    whose = "the executor" if kind == "executor" else f"the engine {kind}"
    if kind in ("dask", "executor") and jobs is not None:
        raise UsageError(f"jobs is {jobs}, but {whose} has workers of its own", "Leave jobs out.")
    if device == "cuda" and kind != "threads":
        raise UsageError(f"{whose} does not use the device cuda", "Leave the engine out, or the device.")
    if device == "cuda" and jobs not in (None, 1):
        raise UsageError(f"jobs is {jobs}, but one thread drives the device cuda", "Leave jobs out.")
    if kind == "executor":
        try:
            future = engine.submit(int)
            if isinstance(future, Future) and future.done():
                future.result()
        except Exception as error:  # shut down, broken, its client closed: each library has its own words
            problem = f"the executor {shown(engine)} takes no work: {said(error)}"
            raise UsageError(problem, "Give one that is open and whose workers live.") from error
        if not isinstance(future, Future):
            problem = f"the submit of the executor {shown(engine)} gives {shown(future)}"
            raise UsageTypeError(problem, "It must give a concurrent.futures.Future.")
    return kind, place


def _named(engine: Any) -> tuple[str, str]:
    """The kind and the address of an engine that is given as a text."""
    if not isinstance(engine, str):
        names = f"{', '.join(NAMES)}, as a text, or an executor of concurrent.futures"
        raise UsageTypeError(f"engine is {shown(engine)}", f"Give one of {names}.")
    kind, equals, address = engine.partition("=")
    if kind not in NAMES:
        choices = "threads, processes or dask=ADDRESS; in Python also an executor"
        raise UsageError(f"unknown engine '{engine}'", f"{suggestion(kind, list(NAMES))}Choose from: {choices}")
    if equals and (kind != "dask" or not address):
        raise UsageError(f"the engine '{engine}' cannot be understood", "Only dask=ADDRESS has an address.")
    if kind == "dask" and not address:
        raise UsageError("the engine dask needs its scheduler's address", "Give it: dask=tcp://127.0.0.1:8786")
    return kind, address


def need_the_cpu(engine: Any, jobs: int | None) -> bool:
    """Whether no CUDA device can do with this engine, or with so many runs at a time."""
    return engine != "threads" or jobs not in (None, 1)


@contextlib.contextmanager
def opened(
    engine: str | Executor, jobs: int | None, units: Units, journal: Journal, device: str = "cpu"
) -> Iterator[Engine]:
    """An engine that is ready to work.

    Parameters
    ----------
    engine : str or Executor
        ``"threads"``, ``"processes"``, ``"dask=ADDRESS"``, or an executor of `concurrent.futures`, which is left open.
    jobs : int or None
        Runs at a time; None: one for each core. An executor and a cluster decide themselves.
    units : Units
        What this process takes.
    journal : Journal
        Where checkpoints go, on machines that have its folder.
    device : {"cpu", "cuda"}
        Which computes; ``"cuda"`` is driven by one thread of this process.

    Raises
    ------
    MissingError
        If a package is not installed or a cluster does not answer.
    """
    kind, place = check(engine, jobs, device)
    if device == "cuda":
        from optviz.runs.networks.gpu import Device

        yield Device(units, journal)
        return
    if kind == "threads":
        yield Threads(jobs or cores(), units, journal)
        return
    from optviz.runs.networks import workers

    pools: dict[str, Callable] = {
        "processes": lambda: workers.processes(jobs or cores()),
        "dask": lambda: workers.dask(place),
        "executor": lambda: workers.executing(place),
    }
    with pools[kind]() as pool:
        yield workers.Workers(pool, units, journal)
