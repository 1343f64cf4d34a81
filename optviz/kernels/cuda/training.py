"""Training of one network with all of a CUDA device.

What a step needs stays on the device: it is launched without waiting, and the losses are read when they are asked for.
"""

from typing import Any

import numpy as np

from optviz.kernels.cuda import backend
from optviz.kernels.cuda.backend import cuda
from optviz.kernels.cuda.dense import LINE
from optviz.kernels.cuda.images import DeviceExamples
from optviz.kernels.cuda.passes import TESTED, Passes
from optviz.kernels.cuda.update import element_step
from optviz.kernels.rules import constant_count
from optviz.kernels.slots import take
from optviz.kernels.specialise import fingerprint
from optviz.kernels.training import END, GROUP, WHOLE
from optviz.networks import Plan
from optviz.optimizers import Formula

THREADS = 128  # of a block that updates parameters

# Bound by `network_update` and `network_kernel`.
UPDATE: Any = None  # the update of all parameters
ELEMENT: Any = None  # the step of one of them
SCALARS: Any = None  # reads the step scalars of a step
CONSTANTS: Any = None  # reads the rule's constants


def update(state, gradient, count, tables, step, hyper, segments, block, blocks):
    """Move the first `count` parameters, and their slots, against the gradient."""
    x, slots = state[0], state[1:]
    threads = np.uint64(cuda.blockDim.x)
    thread = block * threads + np.uint64(cuda.threadIdx.x)
    first = np.uint64(0)
    for segment in range(segments.shape[1]):
        last, group = min(count, np.uint64(segments[END, segment])), segments[GROUP, segment]
        scalars, constants = SCALARS(tables[group], step), CONSTANTS(hyper, group)
        for i in range(first + thread, last, blocks * threads):
            ELEMENT(x, gradient, slots, i, i, scalars, constants)
        first = last


def network_update(formula: Formula, dtype: type) -> Any:
    """`update` as a device function of a formula."""
    return backend.device_function(
        update,
        ELEMENT=element_step(formula, dtype),
        SCALARS=backend.twin(take(len(formula.scalar_names))),
        CONSTANTS=backend.twin(take(constant_count(formula))),
    )


def update_all(state, gradient, count, tables, step, hyper, segments):
    block, blocks = np.uint64(cuda.blockIdx.x), np.uint64(cuda.gridDim.x)
    UPDATE(state, gradient, count, tables, step, hyper, segments, block, blocks)


def network_kernel(formula: Formula, dtype: type) -> Any:
    """``kernel(state, gradient, count, tables, step, hyper, segments)``: the step of an optimizer on a network."""
    label = f"{formula.update.__name__}_{dtype.__name__}"
    return backend.specialise(update_all, label, fingerprint(formula), UPDATE=network_update(formula, dtype))


def pitch(plan: Plan) -> int:
    """Numbers in a row of a state: the parameters, and what rounds them up to whole reads of a warp."""
    return -(-plan.parameters // LINE) * LINE


def padded(table: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A table with zeros behind it in each direction."""
    larger = np.zeros(shape, table.dtype)
    larger[tuple(map(slice, table.shape))] = table
    return larger


def summed(losses: np.ndarray, steps: range, batch: int) -> np.ndarray:
    """The loss of each step as float64, from those of its images on the last axis."""
    return np.add.reduceat(losses.astype(np.float64), np.arange(len(steps)) * batch, axis=-1)


class DeviceTraining:
    """A network in training, its parameters, its optimizer's state and all that its steps compute.

    Parameters
    ----------
    plan : Plan
    formula : Formula
    hyper : (constants, groups) float32 or float64
        In the order of the formula's arguments. What is trained has the same type.
    data : DeviceExamples
    batch : int
        Images per step; the last step of an epoch takes what is left.
    segments : (2, n) int64, optional
        Which parameters belong to which group, see `optviz.kernels.training.train`.

    Raises
    ------
    UsageError
        If it is larger than the device's free memory.
    MissingError
        If there is no device.
    """

    def __init__(
        self,
        plan: Plan,
        formula: Formula,
        hyper: np.ndarray,
        data: DeviceExamples,
        batch: int,
        segments: np.ndarray = WHOLE,
    ):
        dtype, rows = hyper.dtype.type, max(batch, TESTED)
        self._plan, self._formula, self._dtype, self._data, self._batch = plan, formula, dtype, data, batch
        numbers = (1 + len(formula.slots)) * pitch(plan) + data.count
        backend.check_fits(
            f"training a network of {plan.parameters:,} parameters with {batch:,} images per step",
            numbers * hyper.itemsize + Passes.size(plan, dtype, rows),
            "Take a smaller network or fewer images per step, or use --device cpu.",
        )
        self._passes = Passes(plan, dtype, rows)
        constants, groups = hyper.shape
        self._hyper, self._segments = backend.put(padded(hyper, (max(constants, 1), groups))), backend.put(segments)
        self._losses = backend.empty(data.count, dtype)
        self._kernel = network_kernel(formula, dtype)
        self._state = backend.put(np.zeros((1 + len(formula.slots), pitch(plan)), dtype))
        self._parameters = self._state[0]

    def load(self, state: np.ndarray) -> None:
        """Take over parameters and state slots, ``(1 + slots, parameters)``."""
        with backend.guarded():
            self._state.copy_to_device(padded(state.astype(self._dtype), self._state.shape))

    def state(self) -> np.ndarray:
        """Parameters and state slots as they are now, ``(1 + slots, parameters)``."""
        return backend.get(self._state)[:, : self._plan.parameters]

    def begin(self, order: np.ndarray, key: int, tables: np.ndarray) -> None:
        """Prepare an epoch: the `order` of its images, and the step scalars of its steps, (groups, scalars, steps).

        The 64 bits of `key` decide, with the step, what is dropped.
        """
        self._order, self._key = backend.put(np.asarray(order, np.int64)), key
        groups, scalars, steps = tables.shape
        self._tables = backend.put(padded(tables.astype(self._dtype), (groups, max(scalars, 1), steps)))

    def train(self, steps: range) -> np.ndarray:
        """Make some steps of the epoch, counted from 0.

        Returns
        -------
        (len(steps),) float64
            The summed loss of each step's batch, before the step. After a loss that is not finite training goes on.
        """
        if not steps:
            return np.empty(0)
        base = steps.start * self._batch
        for step in steps:
            first = step * self._batch
            count = min(self._batch, self._data.count - first)
            batch = self._parameters, self._data, self._order, first, count
            self._passes.forward(*batch, self._losses, first - base, self._key, step, True)
            self._passes.backward(*batch, self._key, step)
            self._update(step)
        images = min(steps.stop * self._batch, self._data.count) - base
        return summed(backend.get(self._losses[:images]), steps, self._batch)

    def evaluate(self, data: DeviceExamples, parameters: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        """The summed loss on some images, and what the network takes them for, (n,) uint8; nothing is dropped.

        Other `parameters` than those in training may be tested.
        """
        return self._passes.test(self._parameters if parameters is None else self.placed(parameters), data)

    def placed(self, parameters: np.ndarray) -> Any:
        """Parameters, (parameters,), as a row on the device."""
        return backend.put(padded(parameters.astype(self._dtype), (pitch(self._plan),)))

    def _update(self, step: int) -> None:
        count = self._plan.parameters
        backend.launch(
            self._kernel,
            -(-count // THREADS),
            THREADS,
            self._state,
            self._passes.room,
            np.uint64(count),
            self._tables,
            step,
            self._hyper,
            self._segments,
        )
