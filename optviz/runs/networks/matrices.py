"""Networks whose matrices are moved otherwise than vectors: the whole gradient by the kernel of all trainings, and then
a step of each array.
"""

from functools import cached_property
from typing import Any

import numpy as np

from optviz.kernels.buffers import Workspace, new_state
from optviz.kernels.training import Examples
from optviz.kernels.whole import gather_address
from optviz.networks import Plan, parameter_shapes
from optviz.runs.arrays.host import Asked, Moved
from optviz.runs.arrays.matrices import as_moved, beginnings
from optviz.runs.arrays.moving import move
from optviz.runs.arrays.summed import bind, rule_of
from optviz.runs.networks.groups import Shares
from optviz.runs.networks.machines import Processor

NOTHING = np.zeros((0, 1), np.float32)  # what a kernel that moves nothing knows of hyperparameters


class Matrices(Processor):
    """A `Machine` of one thread of this processor, for rules that have a formula for matrices.

    The weights of a layer are a matrix of inputs × outputs, or of outputs × inputs where the rule's variant has these
    first. Biases are moved by the rule's own one for vectors.
    """

    def __init__(self, plan: Plan, shares: Shares, training: Examples, test: Examples, batch: int):
        super().__init__(plan, shares, training, test, batch)
        self._state = new_state(plan.parameters, 1)
        self._arrays = [
            bound_array(shares, place, self._state[:, part.start : part.stop], shape)
            for (part, place), shape in zip(shares.ranges, parameter_shapes(plan).values(), strict=True)
        ]

    @cached_property
    def _update(self) -> int:
        return gather_address()

    def load(self, state: np.ndarray) -> None:
        numbers = state[0]
        self._state[0, : self._parameters] = numbers[: self._parameters]
        at = self._parameters
        for one in self._arrays:
            for slot in _slots(one.state):
                slot[...] = numbers[at : at + slot.size].reshape(slot.shape)
                at += slot.size

    def state(self) -> np.ndarray:
        parts = [slot.ravel() for one in self._arrays for slot in _slots(one.state)]
        return np.concatenate([self._state[0, : self._parameters], *parts])[np.newaxis]

    def reported(self) -> np.ndarray:
        return self._shares.reported(self.state())

    def begin(self, order: np.ndarray, key: int, tables: np.ndarray) -> None:
        super().begin(order, key, tables)
        self._numbers, self._tables = tables[0, 0], np.zeros((1, 0, tables.shape[2]), np.float32)

    def train(self, steps: range, room: Workspace) -> np.ndarray:
        for step in steps:
            if not np.isfinite(self._pass(step, room)):
                return self._losses[steps.start : step + 1]
            count = min(self._batch, self._order.size - step * self._batch)
            value = float(self._seen) / count if self._formula.takes_value else None
            for one in self._arrays:
                one.state["t"] = int(self._numbers[step]) - 1
            asked = Asked(value)
            move([one._replace(asked=asked) for one in self._arrays])
        return self._losses[steps.start : steps.stop]

    def prepare(self, room: Workspace) -> None:
        self._gradient(range(0), room)
        super().prepare(room)

    def _pass(self, step: int, room: Workspace) -> float:
        """The summed loss of a step's batch, and the gradient of its mean."""
        self._gradient(range(step, step + 1), room)
        self._seen = self._losses[step]
        return float(self._seen)

    def _gradient(self, steps: range, room: Workspace) -> None:
        """The losses of some steps, and the gradient of the last of them."""
        self._trained(steps, room, NOTHING)


def bound_array(
    shares: Shares, place: int, rows: np.ndarray, shape: tuple[int, ...], slots: dict[str, np.ndarray] | None = None
) -> Moved:
    """An array of parameters and its gradient, the two `rows`, as they are moved."""
    setting = shares.settings[place].moving(len(shape))
    slots = beginnings(setting, rows[0].reshape(shape)) if slots is None else slots
    array, gradient = (as_moved(setting, row.reshape(shape)) for row in rows)
    bound = bind(rule_of(setting, np.float32), array, slots)
    bound.remember(gradient)
    return Moved(bound, array, gradient, {"t": 0} | slots)


def _slots(state: dict[str, Any]) -> list[np.ndarray]:
    return [slot for name, slot in state.items() if name != "t"]
