"""What holds the parameters and the state of a run and moves them: this processor, or a CUDA device."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from optviz.kernels.buffers import Workspace, layout, new_state
from optviz.kernels.training import Examples, evaluate, train, update_address
from optviz.kernels.whole import ROWS, whole_address
from optviz.networks import Plan
from optviz.runs.networks.groups import Shares

if TYPE_CHECKING:
    from optviz.kernels.cuda.images import DeviceExamples

TEST_SLICE = 10_000  # images tested in one call of a kernel
POOLED_TEST_SLICE = 2_000  # the same for a network with a convolution


class Machine(Protocol):
    """Trains one network. Which images it trains with, and is tested on, it has known from the beginning."""

    def load(self, state: np.ndarray) -> None:
        """Take over parameters and state slots.

        Parameters
        ----------
        state : (1 + slots, parameters) float32
            As `optviz.runs.networks.groups.Shares.start` makes it; of rules for matrices one row, (1, numbers).
        """

    def state(self) -> np.ndarray:
        """Parameters and state slots as they are now, likewise; the next steps may change it."""

    def reported(self) -> np.ndarray:
        """The parameters that the optimizer reports, (parameters,) float32: what is tested."""

    def begin(self, order: np.ndarray, key: int, tables: np.ndarray) -> None:
        """Begin an epoch; the arguments are those of `optviz.kernels.training.train`."""

    def train(self, steps: range, room: Any) -> np.ndarray:
        """Make some steps of the epoch.

        Parameters
        ----------
        steps : range
        room : Workspace or None
            The thread's own, where the machine needs it.

        Returns
        -------
        (steps,) float64
            The summed loss of each step's batch, before the step. They may end with the first that is not finite.
        """

    def evaluate(self, room: Any) -> tuple[float, np.ndarray]:
        """The summed loss on all test images, and what the network takes each for, (images,) uint8."""

    def prepare(self, room: Any) -> None:
        """Load or compile what the other methods call. The state and the epoch that has begun stay as they are."""


class Processor:
    """A `Machine` of one thread of this processor.

    Parameters
    ----------
    plan : Plan
    shares : Shares
    training, test : Examples
    batch : int
        Images per step.
    """

    def __init__(self, plan: Plan, shares: Shares, training: Examples, test: Examples, batch: int):
        self._net, self._parameters = layout(plan), plan.parameters
        self._training, self._test, self._batch = training, test, batch
        self._test_slice = POOLED_TEST_SLICE if plan.filters else TEST_SLICE
        self._shares, self._formula = shares, shares.formula
        self._rows = 1 + len(shares.formula.slots)
        self._state = new_state(plan.parameters, len(shares.formula.slots) + ROWS * self._formula.sums)

    @cached_property
    def _update(self) -> int:
        # Not before a step is made: after Ctrl-C runs are asked how far they were, and nobody waits for a compiler.
        return whole_address(self._formula) if self._formula.sums else update_address(self._formula)

    def load(self, state: np.ndarray) -> None:
        self._state[: self._rows, : self._parameters] = state

    def state(self) -> np.ndarray:
        return self._state[: self._rows, : self._parameters]

    def reported(self) -> np.ndarray:
        return self._shares.reported(self.state())

    def begin(self, order: np.ndarray, key: int, tables: np.ndarray) -> None:
        self._order, self._key, self._tables = order, key, tables
        self._losses = np.zeros(tables.shape[2])

    def train(self, steps: range, room: Workspace) -> np.ndarray:
        more = self._formula.takes_value, self._shares.segments
        return self._losses[steps.start : self._trained(steps, room, self._shares.hyper, *more)]

    def _trained(self, steps: range, room: Workspace, hyper: np.ndarray, *more: Any) -> int:
        """Make some steps of the epoch; the step that comes next."""
        return train(
            self._update,
            self._state,
            hyper,
            self._tables,
            self._net,
            self._training,
            self._order,
            self._key,
            self._batch,
            steps,
            room,
            self._losses,
            *more,
        )

    def evaluate(self, room: Workspace) -> tuple[float, np.ndarray]:
        loss, predicted = 0.0, []
        tested = self._state[0]
        if self._formula.reported is not None:
            tested = tested.copy()  # with what pads it for the kernels
            tested[: self._parameters] = self.reported()
        for first in range(0, len(self._test.labels), self._test_slice):
            part = range(first, min(first + self._test_slice, len(self._test.labels)))
            summed, predictions = evaluate(tested, self._net, self._test, part, room)
            loss += summed
            predicted.append(predictions)
        return loss, np.concatenate(predicted)

    def prepare(self, room: Workspace) -> None:
        self.train(range(0), room)
        evaluate(self._state[0], self._net, self._test, range(0), room)


class WholeDevice:
    """A `Machine` that has a CUDA device for itself; the kernels of its steps are compiled when it is made.

    Parameters
    ----------
    plan : Plan
    shares : Shares
    training, test : DeviceExamples
    batch : int
        Images per step.

    Raises
    ------
    UsageError
        If it is larger than the device's free memory.
    """

    def __init__(self, plan: Plan, shares: Shares, training: "DeviceExamples", test: "DeviceExamples", batch: int):
        from optviz.kernels.cuda.training import DeviceTraining

        self._shares = shares
        self._training = DeviceTraining(plan, shares.formula, shares.hyper, training, batch, shares.segments)
        self._test = test
        self.begin(*blank_epoch(shares, training.count, batch))
        self._training.train(range(1))  # what it gives is lost with the first `load`

    def load(self, state: np.ndarray) -> None:
        self._training.load(state)

    def state(self) -> np.ndarray:
        return self._training.state()

    def reported(self) -> np.ndarray:
        return self._shares.reported(self.state())

    def begin(self, order: np.ndarray, key: int, tables: np.ndarray) -> None:
        self._training.begin(order, key, tables)

    def train(self, steps: range, room: None) -> np.ndarray:
        return self._training.train(steps)

    def evaluate(self, room: None) -> tuple[float, np.ndarray]:
        return self._training.evaluate(self._test, None if self._shares.formula.reported is None else self.reported())

    def prepare(self, room: None) -> None:
        self.evaluate(room)


def blank_epoch(shares: Shares, images: int, batch: int) -> tuple[np.ndarray, int, np.ndarray]:
    """What `Machine.begin` takes, for a step that is made to have its kernels compiled before a second is counted."""
    shape = len(shares.settings), len(shares.formula.scalar_names), -(-images // batch)
    return np.arange(images), 0, np.zeros(shape, np.float32)
