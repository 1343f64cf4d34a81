"""Runs in other processes: worker processes of this machine, a Dask cluster, a Ray cluster.

All three give ordinary futures, which are gathered in one way: as soon as a run is finished, so that nothing is lost
with the worker that made it. What dies with a worker in the moment before is in the journal, where the worker has its
folder. joblib's backends for Dask and Ray are not used for that: the one holds on to the last result, whose run is made
again when its worker dies, and computes in the calling process where the cluster has one core; the other gives no
result before all are finished.
"""

import concurrent.futures
import contextlib
import functools
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

from optviz.errors import MissingError, OptvizError
from optviz.runs.jobs import TICK, end_children, interrupts_kept_from_children
from optviz.runs.networks.journal import Journal, Outcome
from optviz.runs.networks.run import Keep, Run, known, prepare, room_for
from optviz.runs.networks.specification import Specification, Units, check_version

ANSWER = 5.0  # seconds that a cluster has to answer
DEATHS = 3  # of workers one after the other, without a finished run between, that are too many
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
GO_ON = "What is finished is kept: go on with --resume."


class Pool(Protocol):
    """Workers somewhere.

    Attributes
    ----------
    deaths : tuple of exception types
        What the future of a run raises when a worker dies and the run has to be submitted again.
    """

    deaths: tuple[type[BaseException], ...]

    def submit(self, *arguments: Any) -> "Future[Outcome]":
        """Have ``compute(*arguments)`` called by a worker."""

    def words(self, error: BaseException) -> OptvizError | None:
        """What an error of the pool itself means; None where it is none."""

    def stop(self) -> None:
        """Drop what is submitted, at once."""


@functools.cache
def _registered() -> Units:
    """The units of a worker process, which keeps the data sets that it has read."""
    return Units()


def compute(specification: Specification, place: str | None) -> Outcome:
    """One run from its start, or from its checkpoint, to its end, in a worker process.

    Parameters
    ----------
    specification : Specification
    place : str or None
        The folder of the journal, if this machine has it.

    Raises
    ------
    MissingError
        If this is another version of optviz.
    """
    parent = _parent()
    check_version(specification)
    units, journal = _registered(), Journal.found(place)
    finished = known(specification, units, journal)
    if finished is not None:  # by a worker that died before it could say so
        return finished
    outcomes: list[Outcome] = []

    def keep(_: Specification, outcome: Outcome) -> None:
        journal.keep(specification, outcome)
        outcomes.append(outcome)

    run = Run(specification, units, journal, keep)
    room = room_for(specification, units)
    units.training(specification).prepare(room)
    while not run.finished:
        if os.getppid() != parent:
            os._exit(1)  # whoever asked was killed and cannot call its workers off
        run.advance(room)
    return outcomes[0]


@functools.cache
def _parent() -> int:
    """The process that started this one, also where that has died before this was asked and another has taken over."""
    known = multiprocessing.parent_process()
    return os.getppid() if known is None or known.pid is None else known.pid


class Workers:
    """An `Engine` of other processes."""

    steps = 0  # runs report when they are finished

    def __init__(self, pool: Pool, units: Units, journal: Journal):
        self._pool, self._units = pool, units
        self._place = None if journal.place is None else str(journal.place)

    def prepare(self, specifications: Sequence[Specification], runs: int) -> None:
        prepare(specifications, self._units)  # the workers load what was compiled

    def begun(self) -> list[Run]:
        return []

    def work(self, specifications: Sequence[Specification], keep: Keep, watch: Callable[[], None]) -> None:
        running: dict[Future[Outcome], Specification] = {}
        waiting, deaths = list(specifications), 0

        def gather(futures: Iterable[Future[Outcome]]) -> None:
            nonlocal deaths
            for future in futures:
                specification = running.pop(future)
                outcome = self._outcome(future, specification, deaths)
                if outcome is None:
                    waiting.append(specification)
                    continue
                deaths = 0
                keep(specification, outcome)

        try:
            while waiting or running:
                running |= {self._pool.submit(one, self._place): one for one in waiting}
                waiting.clear()
                watch()
                # No name may hold on to a future: a cluster makes a run again as long as somebody could ask for it.
                gather(concurrent.futures.wait(running, TICK, concurrent.futures.FIRST_COMPLETED).done)
                if waiting:  # a worker died; all futures of its pool end with it
                    gather(concurrent.futures.wait(running).done)
                    deaths += 1
            watch()
        except BaseException:
            self._pool.stop()
            raise

    def _outcome(self, future: "Future[Outcome]", specification: Specification, deaths: int) -> Outcome | None:
        """What a run gave; None where its worker died and it has to be made again."""
        try:
            return future.result()
        except self._pool.deaths as error:
            if deaths < DEATHS:
                return None
            raise OptvizError(
                f"worker processes die again and again, the last in a run of {specification.optimizer}",
                f"Is there enough memory? Take fewer --jobs. {GO_ON}",
            ) from error
        except ImportError as error:
            raise MissingError(f"a worker lacks a module: {error}", "Install the same packages everywhere.") from error
        except (OptvizError, KeyboardInterrupt):
            raise
        except BaseException as error:
            meant = self._pool.words(error)
            if meant is None:
                raise
            raise meant from error


class _Processes:
    """Worker processes of this machine, through joblib's loky."""

    def __init__(self, count: int):
        import multiprocessing
        from concurrent.futures import BrokenExecutor

        self._count, self._executor = count, None
        self._others = multiprocessing.active_children()
        self.deaths = (BrokenExecutor,)

    def submit(self, *arguments: Any) -> "Future[Outcome]":
        from joblib.externals.loky import get_reusable_executor

        # Processes start afresh instead of being forked: a fork after threads have run would take their locks along.
        # Where a worker died, this starts new ones.
        with interrupts_kept_from_children():
            self._executor = get_reusable_executor(self._count, env=ONE_THREAD)
            return self._executor.submit(compute, *arguments)  # type: ignore[attr-defined]

    def words(self, error: BaseException) -> OptvizError | None:
        return None

    def stop(self) -> None:
        end_children(self._others)
        if self._executor is not None:
            self._executor.shutdown(wait=False, kill_workers=True)


@contextlib.contextmanager
def processes(count: int) -> Iterator[_Processes]:
    """So many worker processes."""
    yield _Processes(count)


class _Dask:
    """The workers of a Dask cluster; the scheduler gives a run of a worker that died to another one."""

    deaths = ()

    def __init__(self, client: Any, address: str):
        self._executor = client.get_executor(pure=False)
        self._address = address

    def submit(self, *arguments: Any) -> "Future[Outcome]":
        return self._executor.submit(compute, *arguments)

    def words(self, error: BaseException) -> OptvizError | None:
        import distributed

        if isinstance(error, distributed.KilledWorker):
            return OptvizError(
                "the workers of the Dask cluster die again and again", f"Have they enough memory? {GO_ON}"
            )
        if isinstance(error, concurrent.futures.CancelledError | OSError):
            return OptvizError(f"the Dask scheduler at {self._address} went away", f"Start it again. {GO_ON}")
        return None

    def stop(self) -> None:
        self._executor.shutdown(wait=False)  # cancels what is not finished


@contextlib.contextmanager
def dask(address: str) -> Iterator[_Dask]:
    """The workers of a Dask scheduler.

    Raises
    ------
    MissingError
        If Dask is not installed, or no scheduler with a worker answers at the address.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingError("the engine dask needs Dask", "Install it: pip install 'optviz[dask]'") from error
    remedy = "Start them there: dask scheduler; dask worker ADDRESS"
    try:
        client = Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise MissingError(f"no Dask scheduler answers at {address}", remedy) from error
    try:
        try:
            client.wait_for_workers(1, timeout=ANSWER)
        except (OSError, TimeoutError) as error:
            raise MissingError(f"the Dask scheduler at {address} has no workers", remedy) from error
        yield _Dask(client, address)
    finally:
        client.close(timeout=ANSWER)


class _Ray:
    """The workers of a Ray cluster, which gives a run of a worker that died to another one."""

    deaths = ()

    def __init__(self, library: Any, lost: tuple[type[BaseException], ...]):
        self._ray, self._lost = library, lost
        # One thread each, and each time another worker after a death.
        self._compute = library.remote(num_cpus=1, max_retries=DEATHS, runtime_env={"env_vars": ONE_THREAD})(compute)
        self._references: set[Any] = set()

    def submit(self, *arguments: Any) -> "Future[Outcome]":
        reference = self._compute.remote(*arguments)
        self._references.add(reference)
        future = reference.future()
        future.add_done_callback(lambda _: self._references.discard(reference))
        return future

    def words(self, error: BaseException) -> OptvizError | None:
        if isinstance(error, self._lost):
            return OptvizError("the workers of Ray die again and again", f"Have they enough memory? {GO_ON}")
        return None

    def stop(self) -> None:
        for reference in list(self._references):
            self._ray.cancel(reference, force=True)


@contextlib.contextmanager
def ray(address: str) -> Iterator[_Ray]:
    """The workers of a Ray cluster; without an address those of one that is started on this machine.

    Raises
    ------
    MissingError
        If Ray is not installed or does not answer at the address.
    """
    try:
        import ray as library
        from ray import exceptions
    except ImportError as error:
        raise MissingError("the engine ray needs Ray", "Install it: pip install 'optviz[ray]'") from error
    begun = not library.is_initialized()
    if begun:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a comparison on this machine tells nobody about itself
        local = {} if address else {"include_dashboard": False}
        try:
            library.init(address=address or None, log_to_driver=False, logging_level="ERROR", **local)
        except (OSError, ValueError, RuntimeError) as error:
            remedy = "Start it there: ray start --head"
            raise MissingError(f"no Ray cluster answers at {address or 'this machine'}", remedy) from error
    try:
        yield _Ray(library, (exceptions.WorkerCrashedError, exceptions.OutOfMemoryError))
    finally:
        if begun:
            library.shutdown()
