"""One run on its way: taken up from its checkpoint, advanced slice by slice, and handed over when it is finished."""

import contextlib
import time
from collections.abc import Callable, Sequence

import numpy as np

from optviz.kernels.buffers import Workspace, workspace
from optviz.runs.networks.epochs import Training, snapshot_steps, steps_in
from optviz.runs.networks.journal import Journal, Outcome, sound
from optviz.runs.networks.machines import Machine
from optviz.runs.networks.specification import Specification, Units

PAUSE = 5.0  # seconds at least between two checkpoints of a run
SHARE = 0.05  # of a run's time that its checkpoints may take

Keep = Callable[[Specification, Outcome], None]


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
    """What the journal says that a run gave, if it can be that: with the snapshots asked for, of perhaps more."""
    outcome = journal.outcome(specification)
    if outcome is None:
        return None
    training, test = units.data(specification.dataset, specification.digest).part(specification.part)
    steps = steps_in(len(training.labels), specification.batch_size)
    wanted = snapshot_steps(specification.snapshots_at, specification.epochs, steps)
    shape = (len(outcome.snapshots_at), units.plan(specification).parameters)
    if not sound(outcome.run, len(test.labels)) or outcome.weights.shape != shape:
        return None
    those = np.isin(np.round(outcome.snapshots_at * steps), wanted)
    whole = those.sum() == len(wanted) or outcome.run.diverged_at is not None
    return Outcome(outcome.run, outcome.snapshots_at[those], outcome.weights[those]) if whole else None


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
