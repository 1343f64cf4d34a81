"""Runs in other processes: worker processes of this machine, and those of any executor of `concurrent.futures`.

All give ordinary futures, which are gathered in one way: as soon as a run is finished, so that nothing is lost with the
worker that made it. What dies with a worker in the moment before is in the journal, where the worker has its folder.
"""

import atexit
import concurrent.futures
import contextlib
import functools
import multiprocessing
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from typing import NamedTuple, Protocol

from optviz.errors import MissingError, OptvizError, said, shown
from optviz.runs.jobs import TICK, end_children, interrupts_kept_from_children
from optviz.runs.networks.journal import Journal, Outcome
from optviz.runs.networks.run import Keep, Run, known, prepare, room_for
from optviz.runs.networks.specification import Specification, Units, check_version

ANSWER = 5.0  # seconds that a cluster has to answer
DEATHS = 3  # of workers one after the other, without a finished run between, that are too many
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
GO_ON = "A journal keeps what is finished: go on with --resume."


class Pool(Protocol):
    """Workers somewhere.

    Attributes
    ----------
    deaths : tuple of exception types
        What the future of a run raises when a worker dies and the run has to be submitted again.
    """

    deaths: tuple[type[BaseException], ...]

    def submit(self, specification: Specification, place: str | None) -> "Future[Outcome]":
        """Have `compute` called by a worker."""

    def words(self, error: BaseException) -> OptvizError | None:
        """What an error of the pool itself means; None where it is none."""

    def stop(self, futures: "Iterable[Future[Outcome]]") -> None:
        """Drop what is submitted and not finished, at once."""


class Asker(NamedTuple):
    """Who waits for a run.

    Attributes
    ----------
    process : int
        Its number.
    lease : str
        A file that is gone when nobody waits any more; "" where workers are ended then. Where its folder is missing,
        the worker is elsewhere, and goes on.
    """

    process: int
    lease: str = ""


@functools.cache
def _registered() -> Units:
    """The units of a worker process, which keeps the data sets that it has read."""
    return Units()


def compute(specification: Specification, place: str | None, asker: Asker) -> Outcome:
    """One run from its start, or from its checkpoint, to its end, in a worker.

    Parameters
    ----------
    specification : Specification
    place : str or None
        The folder of the journal, if this machine has it.
    asker : Asker

    Raises
    ------
    MissingError
        If this is another version of optviz.
    CancelledError
        If nobody waits any more.
    """
    leased = os.path.isdir(os.path.dirname(asker.lease))
    if os.getpid() != asker.process:
        _end_with_parent(os.getpid())
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
        if leased and not os.path.exists(asker.lease):
            raise CancelledError
        run.advance(room)
    return outcomes[0]


@functools.cache
def _leases(process: int) -> str:
    """The folder of this process's leases, which is there until it ends: some runs begin when theirs is gone."""
    folder = tempfile.mkdtemp(prefix="optviz-")

    def remove() -> None:
        if os.getpid() == process:  # and not one that was forked from it
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


@functools.cache
def _end_with_parent(process: int) -> None:
    """Have this process, of that number, end soon after the one that started it, which cannot call it off when killed.

    Also while it sends what nobody reads any more. A fork of it takes along what is known here, and not its threads.
    """

    def watch() -> None:
        while not _orphaned():
            time.sleep(TICK)
        os._exit(1)

    threading.Thread(target=watch, name="watch of the parent", daemon=True).start()


def _orphaned() -> bool:
    """Whether the process that had this one started is gone, also where it went before this was asked.

    Where `multiprocessing` did not start this process, nobody can tell who waits for it.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return False
    server = getattr(multiprocessing.context, "ForkServerProcess", ())  # a child of the server, not of the parent
    if sys.platform == "win32" or isinstance(multiprocessing.current_process(), server):
        return not parent.is_alive()
    return os.getppid() != parent.pid  # a pipe would not tell: forks of the parent hold its ends too


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
                gather([one for one in running if one.cancelled()])  # `wait` is not told where no worker is left
                if waiting:  # a worker died; all futures of its pool end with it
                    gather(concurrent.futures.wait(running).done)
                    deaths += 1
            watch()
        except BaseException:
            self._pool.stop(running)
            raise

    def _outcome(self, future: "Future[Outcome]", specification: Specification, deaths: int) -> Outcome | None:
        """What a run gave; None where its worker died and it has to be made again."""
        try:
            outcome = future.result()
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
        if not isinstance(outcome, Outcome):
            raise OptvizError(f"the workers gave {shown(outcome)} in place of a run", f"Take others. {GO_ON}")
        return outcome


class _Processes:
    """Worker processes of this machine, through joblib's loky."""

    def __init__(self, count: int):
        self._count, self._executor = count, None
        self._others = multiprocessing.active_children()
        self.deaths = (BrokenExecutor,)

    def submit(self, specification: Specification, place: str | None) -> "Future[Outcome]":
        from joblib.externals.loky import get_reusable_executor

        # Processes start afresh instead of being forked: a fork after threads have run would take their locks along.
        # Where a worker died, this starts new ones.
        with interrupts_kept_from_children():
            self._executor = get_reusable_executor(self._count, env=ONE_THREAD)
            return self._executor.submit(compute, specification, place, Asker(os.getpid()))  # type: ignore[attr-defined]

    def words(self, error: BaseException) -> OptvizError | None:
        return None

    def stop(self, futures: "Iterable[Future[Outcome]]") -> None:
        end_children(self._others)
        if self._executor is not None:
            self._executor.shutdown(wait=False, kill_workers=True)


@contextlib.contextmanager
def processes(count: int) -> Iterator[_Processes]:
    """So many worker processes."""
    yield _Processes(count)


class Executing:
    """The workers of an executor, which is its owner's: it is not shut down, and broken ones are not made anew.

    Parameters
    ----------
    executor : Executor
        Dask's gives a run of a worker that died to another one.
    asker : Asker
    """

    deaths = ()

    def __init__(self, executor: Executor, asker: Asker):
        self._executor, self._asker = executor, asker

    def submit(self, specification: Specification, place: str | None) -> "Future[Outcome]":
        try:
            future = self._executor.submit(compute, specification, place, self._asker)
        except Exception as error:  # shut down or broken meanwhile: each library has its own words
            raise OptvizError(f"the executor takes no more work: {said(error)}", GO_ON) from error
        if not isinstance(future, Future):
            raise OptvizError(f"the executor gave {shown(future)} in place of a future", f"Take another one. {GO_ON}")
        return future

    def words(self, error: BaseException) -> OptvizError | None:
        killed = getattr(sys.modules.get("distributed"), "KilledWorker", BrokenExecutor)  # Dask's word for it
        if isinstance(error, BrokenExecutor | killed):
            return OptvizError("a worker of the executor died", f"Had it enough memory? {GO_ON}")
        if isinstance(error, CancelledError | OSError):
            return OptvizError("the executor has given up its work", f"Start it again. {GO_ON}")
        return None

    def stop(self, futures: "Iterable[Future[Outcome]]") -> None:
        for future in list(futures):
            future.cancel()  # what has begun ends with its lease


@contextlib.contextmanager
def executing(executor: Executor) -> Iterator[Executing]:
    """The workers of an executor; what they have begun for nobody ends with the block."""
    with tempfile.NamedTemporaryFile(dir=_leases(os.getpid())) as lease:
        yield Executing(executor, Asker(os.getpid(), lease.name))


@contextlib.contextmanager
def dask(address: str) -> Iterator[Executing]:
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
        with executing(client.get_executor(pure=False)) as pool:
            yield pool
    finally:
        client.close(timeout=ANSWER)
