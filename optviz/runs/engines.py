"""Where runs are computed: on threads of this process, in worker processes, or on the machines of a cluster.

What a run gives does not depend on that. An engine is a context manager around its workers; inside it `work` computes
runs, hands over each as soon as it is finished, and calls back a few times a second.
"""

import contextlib
import functools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.kernels.buffers import Workspace, workspace
from optviz.registry import suggestion
from optviz.runs._machines import Machine
from optviz.runs.epochs import Training, look_steps, steps_in
from optviz.runs.jobs import cores, side_by_side
from optviz.runs.journal import Journal, Outcome, sound
from optviz.runs.specification import Specification, Units, check_version

NAMES = ("threads", "processes", "dask", "ray")
PAUSE = 5.0  # seconds at least between two checkpoints of a run
SHARE = 0.05  # of a run's time that its checkpoints may take
BEGUN = 8  # runs on threads that are begun at a time, each with its network and its state in memory

Keep = Callable[[Specification, Outcome], None]


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

    def begun(self) -> "list[Run]":
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
        from optviz.runs.fleet import Device

        yield Device(units, journal)
        return
    if kind == "threads":
        yield Threads(jobs or cores(), units, journal)
        return
    from optviz.runs import workers

    pools: dict[str, Callable] = {
        "processes": lambda: workers.processes(jobs or cores()),
        "dask": lambda: workers.dask(address),
        "ray": lambda: workers.ray(address),
    }
    with pools[kind]() as pool:
        yield workers.Workers(pool, units, journal)


class Run:
    """A run that leaves checkpoints in a journal, and hands over what it gave; a `Job`.

    Its network is made when it is its turn, and is gone when it is finished.
    """

    def __init__(self, specification: Specification, units: Units, journal: Journal, keep: Keep):
        self.specification = specification
        self._units, self._journal, self._keep = units, journal, keep
        self.training: Training | None = None
        self.finished = False
        self._steps, self._epochs = 0, 0
        self._last, self._pause = time.monotonic(), PAUSE

    @property
    def done(self) -> int:
        """Steps made."""
        training = self.training  # another thread may finish it meanwhile
        return self._steps if training is None else training.done

    def begin(self, machine: Machine | None) -> Training:
        """Make the network, and go on from a checkpoint if there is one; see `Units.training`."""
        training = self.training = resumed(self.specification, self._units, self._journal, machine)
        self._epochs = training.epoch
        return training

    def advance(self, room: Workspace | None) -> None:
        """Go on for a slice."""
        training = self.training or self.begin(self._units.machine(self.specification))
        if not training.finished:
            training.advance(room)
        self.settle(training)

    def settle(self, training: Training, beside: int = 1) -> None:
        """After a slice: hand over what a finished run gave, and leave a checkpoint at the end of an epoch.

        Parameters
        ----------
        training : Training
            The run's own.
        beside : int
            How many runs share this one's time.
        """
        if training.finished:
            self._steps = training.done
            if self._journal.keeps_ends(self.specification) and training.result().diverged_at is None:
                self._journal.keep_checkpoint(self.specification, training.checkpoint())
            self._keep(self.specification, Outcome(training.result(), *training.snapshots))
            self.training, self.finished = None, True
        elif training.epoch > self._epochs:
            self._epochs = training.epoch
            self._checkpoint(training, beside)

    def _checkpoint(self, training: Training, beside: int) -> None:
        begin = time.monotonic()
        if begin - self._last >= self._pause:
            self._journal.keep_checkpoint(self.specification, training.checkpoint())
            self._last = time.monotonic()
            self._pause = max(PAUSE, beside * (self._last - begin) / SHARE)


def known(specification: Specification, units: Units, journal: Journal) -> Outcome | None:
    """What the journal says that a run gave, if it can be that: with the looks asked for, of perhaps more."""
    outcome = journal.outcome(specification)
    if outcome is None:
        return None
    training, test = units.data(specification.dataset, specification.digest).part(specification.part)
    steps = steps_in(len(training.labels), specification.batch_size)
    wanted = look_steps(specification.looks, specification.epochs, steps)
    shape = (len(outcome.looks), units.plan(specification).parameters)
    if not sound(outcome.run, len(test.labels)) or outcome.weights.shape != shape:
        return None
    those = np.isin(np.round(outcome.looks * steps), wanted)
    whole = those.sum() == len(wanted) or outcome.run.diverged_at is not None
    return Outcome(outcome.run, outcome.looks[those], outcome.weights[those]) if whole else None


def resumed(specification: Specification, units: Units, journal: Journal, machine: Machine | None = None) -> Training:
    """The run of a specification, with the epochs that the best checkpoint holds; `machine` as for `Units.training`."""
    for arrays in journal.checkpoints(specification):
        training = units.training(specification, machine)
        _, test = units.data(specification.dataset, specification.digest).part(specification.part)
        with contextlib.suppress(Exception):  # whatever the file holds, it is no checkpoint of this run
            training.restore(arrays)
            if sound(training.result(), len(test.labels)):
                return training
    return units.training(specification, machine)


def prepare(specifications: Sequence[Specification], units: Units) -> None:
    """Load or compile the processor's kernels for runs of one network, each of another optimizer."""
    room = workspace(units.plan(specifications[0]), 1)
    for specification in specifications:
        units.training(specification).prepare(room)


def room_for(specification: Specification, units: Units) -> Workspace:
    """Scratch room for a run, and for others of the same network and batch size."""
    training = units.data(specification.dataset, specification.digest).part(specification.part)[0]
    return workspace(units.plan(specification), min(specification.batch_size, len(training.labels)))


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
    """The process that started this one, before its death could give this one to another."""
    return os.getppid()


class Threads:
    """Runs on threads of this process, which share one copy of the images; slices of the runs take turns."""

    def __init__(self, threads: int, units: Units, journal: Journal):
        self._threads, self._units, self._journal = threads, units, journal
        self._runs: list[Run] = []

    def prepare(self, specifications: Sequence[Specification], runs: int) -> None:
        prepare(specifications, self._units)

    def work(self, specifications: Sequence[Specification], keep: Keep, watch: Callable[[], None]) -> None:
        self._runs = [Run(specification, self._units, self._journal, keep) for specification in specifications]
        new_room = functools.partial(room_for, specifications[0], self._units)
        side_by_side(self._runs, self._threads, new_room, watch, BEGUN)
        self._runs = []

    @property
    def steps(self) -> int:
        return sum(run.done for run in self._runs if not run.finished)

    def begun(self) -> list[Run]:
        return [run for run in self._runs if run.training is not None]
