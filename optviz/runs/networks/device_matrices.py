"""Networks whose matrices are moved otherwise than vectors, on a CUDA device: gradients by the kernels of all
trainings, and then a step of each array in the functions of a library.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from optviz.formulas.stepping import Input, step_in_place
from optviz.kernels.cuda import backend
from optviz.kernels.cuda.images import DeviceExamples
from optviz.kernels.cuda.steps import Steps, fill
from optviz.networks import Plan, parameter_shapes
from optviz.optimizers import Setting
from optviz.runs.arrays.host import StepScalars
from optviz.runs.arrays.matrices import as_moved, beginnings
from optviz.runs.networks.groups import MatrixShares
from optviz.runs.networks.libraries import library


class Array(NamedTuple):
    """An array of parameters with what moves it: arrays of a library, of the device's memory."""

    setting: Setting
    scalars: StepScalars
    x: Any
    g: Any
    slots: dict[str, Any]

    def input(self, t: int, value: Any) -> Input:
        """What goes into step `t`, counted from 1."""
        formula = self.setting.formula
        scalars = map(float, self.scalars.scalars(t))
        numbers = self.setting.hyperparameters | dict(zip(formula.table_names, scalars, strict=True))
        return Input.of(formula, self.x, self.g, [self.slots[slot] for slot in formula.slots], numbers, value)


class DeviceMatrices:
    """A `Machine` that has a CUDA device for itself, for rules that have a formula for matrices.

    Parameters
    ----------
    plan : Plan
    shares : MatrixShares
    training, test : DeviceExamples
    batch : int
        Images per step.

    Raises
    ------
    UsageError
        If it is larger than the device's free memory.
    MissingError
        If there is no library that moves matrices there.
    """

    def __init__(self, plan: Plan, shares: MatrixShares, training: DeviceExamples, test: DeviceExamples, batch: int):
        self._plan, self._shares, self._test = plan, shares, test
        self._library = library(shares.settings[0].plain_name)
        numbers = shares.start(np.zeros(plan.parameters, np.float32)).shape[1]
        self._steps = Steps(plan, np.float32, training, batch, numbers)
        self._state = backend.put(np.zeros(numbers, np.float32))
        self._views = tuple(map(self._library.view, (self._state, self._steps.gradient, self._steps.all_losses)))
        self._arrays = list(self._bound())
        images = np.arange(training.count)
        self.begin(images, 0, shares.tables(1, len(self._steps.counts(range(-(-training.count // batch))))))
        self.train(range(1), None)  # what it gives is lost with the first `load`

    def load(self, state: np.ndarray) -> None:
        fill(self._state, state[0])

    def state(self) -> np.ndarray:
        return backend.get(self._state)[np.newaxis]

    def reported(self) -> np.ndarray:
        return self._shares.reported(self.state())

    def begin(self, order: np.ndarray, key: int, tables: np.ndarray) -> None:
        self._steps.begin(order, key)
        self._numbers, self._key = tables[0, 0], key

    def train(self, steps: range, room: None) -> np.ndarray:
        if not steps:
            return np.empty(0)
        self._steps.start(steps.start)
        first = 0
        for ahead, (step, count) in enumerate(zip(steps, self._steps.counts(steps), strict=True)):
            self._losses = self._views[2][first : first + count]
            self._make(np.uint64(ahead), step)
            first += count
        return self._steps.losses(steps)

    def evaluate(self, room: None) -> tuple[float, np.ndarray]:
        reports = self._shares.formula.reported is not None
        return self._steps.test(self._steps.placed(self.reported()) if reports else self._state, self._test)

    def prepare(self, room: None) -> None:
        self.evaluate(room)

    def _bound(self) -> Iterator[Array]:
        """The arrays, in the order of the parameters: behind these stand the slots of each."""
        state, gradient, _ = self._views
        shapes, at = parameter_shapes(self._plan).values(), self._plan.parameters
        for (part, place), shape in zip(self._shares.ranges, shapes, strict=True):
            setting, slots = self._shares.settings[place].moving(len(shape)), {}
            for name, slot in beginnings(setting, np.zeros(shape, np.float32)).items():
                slots[name] = state[at : at + slot.size].reshape(slot.shape)
                at += slot.size
            x, g = (row[part.start : part.stop].reshape(shape) for row in (state, gradient))
            if len(shape) > 1:
                x, g = as_moved(setting, x), as_moved(setting, g)
            yield Array(setting, StepScalars(setting, np.float64), x, g, slots)

    def _make(self, ahead: np.uint64, step: int) -> None:
        """Make a step, which is so far ahead of the slice's first."""
        self._pass(ahead)
        self._move(int(self._numbers[step]))

    def _pass(self, ahead: np.uint64) -> None:
        """Make the gradient and the losses of the step's images."""
        self._steps.launch_gradient(self._state, ahead, len(self._losses))

    def _move(self, t: int) -> None:
        """Move all arrays against the gradient, for the step with this number."""
        with self._library.computing():
            value = self._losses.sum() / len(self._losses) if self._shares.formula.takes_value else None
            step_in_place([one.input(t, value) for one in self._arrays], self._library.engine)
