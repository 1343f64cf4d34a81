"""Where runs are computed: on threads of this process, in worker processes, or on the machines of a cluster.

What a run gives does not depend on that. An engine is a context manager around its workers; inside it `work` computes
runs, hands over each as soon as it is finished, and calls back a few times a second.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.registry import suggestion
from optviz.runs.jobs import cores
from optviz.runs.networks.journal import Journal
from optviz.runs.networks.run import Keep, Run
from optviz.runs.networks.specification import Specification, Units
from optviz.runs.networks.threads import Threads

NAMES = ("threads", "processes", "dask", "ray")


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


def check(engine: Any, jobs: int | None, device: str = "cpu") -> tuple[str, str]:
    """The kind of an engine and its address; refuses what cannot be meant.

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
    if not isinstance(engine, str):
        raise UsageTypeError(f"engine is {shown(engine)}", f"Give one of {', '.join(NAMES)}, as a text.")
    kind, equals, address = engine.partition("=")
    if kind not in NAMES:
        choices = "threads, processes, dask=ADDRESS, ray or ray=ADDRESS"
        raise UsageError(f"unknown engine '{engine}'", f"{suggestion(kind, list(NAMES))}Choose from: {choices}")
    if equals and (kind in ("threads", "processes") or not address):
        raise UsageError(f"the engine '{engine}' cannot be understood", "Only dask=ADDRESS and ray=ADDRESS have one.")
    if kind == "dask" and not address:
        raise UsageError("the engine dask needs its scheduler's address", "Give it: dask=tcp://127.0.0.1:8786")
    if kind in ("dask", "ray") and jobs is not None:
        raise UsageError(f"jobs is {jobs}, but the engine {kind} uses the workers of its cluster", "Leave jobs out.")
    if device == "cuda" and kind != "threads":
        raise UsageError(f"the engine {kind} does not use the device cuda", "Leave the engine out, or the device.")
    if device == "cuda" and jobs not in (None, 1):
        raise UsageError(f"jobs is {jobs}, but one thread drives the device cuda", "Leave jobs out.")
    return kind, address


def need_the_cpu(engine: Any, jobs: int | None) -> bool:
    """Whether no CUDA device can do with this engine, or with so many runs at a time."""
    return engine != "threads" or jobs not in (None, 1)


@contextlib.contextmanager
def opened(engine: str, jobs: int | None, units: Units, journal: Journal, device: str = "cpu") -> Iterator[Engine]:
    """An engine that is ready to work.

    Parameters
    ----------
    engine : str
        ``"threads"``, ``"processes"``, ``"dask=ADDRESS"``, ``"ray"`` or ``"ray=ADDRESS"``.
    jobs : int or None
        Runs at a time; None: one for each core. A cluster decides itself.
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
    kind, address = check(engine, jobs, device)
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
        "dask": lambda: workers.dask(address),
        "ray": lambda: workers.ray(address),
    }
    with pools[kind]() as pool:
        yield workers.Workers(pool, units, journal)
