"""Long pieces of work side by side, on threads and in processes, so that Ctrl-C and a progress bar never wait."""

import collections
import contextlib
import heapq
import itertools
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

TICK = 0.1  # seconds between two looks at the progress


class Job(Protocol):
    """A piece of work.

    Attributes
    ----------
    done : number
        How far it is; the job that is least far gets the next thread.
    finished : bool
    """

    @property
    def done(self) -> float: ...

    @property
    def finished(self) -> bool: ...

    def advance(self, room: Any) -> None:
        """Go on for at most about 100 ms, outside the interpreter's lock, with the thread's own scratch room."""


def cores() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


def side_by_side(
    jobs: Sequence[Job],
    threads: int,
    new_room: Callable[[], Any],
    watch: Callable[[], None],
    most: int | None = None,
) -> None:
    """Finish all jobs.

    Slices of the jobs take turns, so that no core is idle before the last slice however few jobs there are and however
    much they differ. What a job computes must not depend on that.

    Parameters
    ----------
    jobs : sequence of Job
    threads : int
        At most so many run at a time.
    new_room : function
        Makes the scratch room of a thread.
    watch : function
        Called a few times a second in the calling thread, and once at the end.
    most : int, optional
        At most so many are begun and not finished at a time, in the order given; never fewer than `threads`.

    Raises
    ------
    KeyboardInterrupt
        When the calling thread gets it, after the slices that were running.
    Exception
        Whatever a job or `watch` raised first. The others have stopped by then.
    """
    tickets = itertools.count()  # breaks ties: jobs themselves have no order
    later = collections.deque(job for job in jobs if not job.finished)
    begun = len(later) if most is None else max(most, threads)
    waiting = [(job.done, next(tickets), job) for job in (later.popleft() for _ in range(min(begun, len(later))))]
    heapq.heapify(waiting)
    lock, stop, failures = threading.Lock(), threading.Event(), []

    def work() -> None:
        try:
            room = new_room()
            while not stop.is_set():
                with lock:
                    if not waiting:
                        return  # each job left is in the hands of a thread that will finish it
                    job = heapq.heappop(waiting)[2]
                job.advance(room)
                with lock:
                    follower = later.popleft() if job.finished and later else job
                    if not follower.finished:
                        heapq.heappush(waiting, (follower.done, next(tickets), follower))
        except BaseException as error:
            failures.append(error)
            stop.set()

    workers = [threading.Thread(target=work, daemon=True) for _ in range(min(threads, len(waiting)))]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            while worker.is_alive():
                watch()
                worker.join(TICK)
        watch()
    finally:
        stop.set()
        for worker in workers:
            if worker.ident is not None:
                worker.join()
    if failures:
        raise failures[0]


@contextlib.contextmanager
def interrupts_kept_from_children() -> Iterator[None]:
    """Start processes that leave Ctrl-C, and the end of a terminal, to this one.

    They inherit the mask, and what arrives meanwhile waits here.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Started now, or its start would lift the mask (until Python 3.12).
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_children(others: Collection[BaseProcess]) -> None:
    """End the processes that this one has started, but for those others, and wait for their ends."""
    workers = [child for child in multiprocessing.active_children() if child not in others]
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join()
