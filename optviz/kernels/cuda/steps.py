"""The steps of a network on a CUDA device, but for what moves it: losses and gradients of the batches of an epoch.

What a step needs stays on the device: it is launched without waiting, and the losses are read when they are asked for.
"""

from typing import Any

import numpy as np

from optviz.kernels.cuda import backend
from optviz.kernels.cuda.clock import clock
from optviz.kernels.cuda.dense import LINE
from optviz.kernels.cuda.images import DeviceExamples
from optviz.kernels.cuda.passes import TESTED, Passes
from optviz.networks import Plan


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


def fill(array: Any, numbers: np.ndarray) -> None:
    """Copy numbers to where there are others on the device.

    Raises
    ------
    ValueError
        If they have another shape.
    """
    if array.shape != numbers.shape:
        raise ValueError(f"numbers of shape {numbers.shape} do not fit where there are {array.shape}")
    with backend.guarded():
        array.copy_to_device(numbers)


class Steps:
    """A network that goes through the batches of an epoch.

    What changes from epoch to epoch and from slice to slice keeps its place in memory: graphs of launches know it.

    Parameters
    ----------
    plan : Plan
    dtype : {np.float32, np.float64}
    data : DeviceExamples
    batch : int
        Images per step; the last step of an epoch takes what is left.
    numbers : int
        Those of `dtype` that whoever moves the network keeps on the device.

    Attributes
    ----------
    clock : (4,) uint64, on the device
        See `optviz.kernels.cuda.clock`.
    all_losses : (data.count,) dtype, on the device
        That of each image of a slice, in the order in which they are taken.
    gradient : (at least parameters,) dtype, on the device
        That of the last step.

    Raises
    ------
    UsageError
        If it is larger than the device's free memory.
    MissingError
        If there is no device.
    """

    def __init__(self, plan: Plan, dtype: type, data: DeviceExamples, batch: int, numbers: int):
        rows = max(batch, TESTED)
        self._plan, self._dtype, self._data, self._batch = plan, dtype, data, batch
        backend.check_fits(
            f"training a network of {plan.parameters:,} parameters with {batch:,} images per step",
            (numbers + data.count) * np.dtype(dtype).itemsize + Passes.size(plan, dtype, rows),
            "Take a smaller network or fewer images per step, or use --device cpu.",
        )
        self._passes = Passes(plan, dtype, rows)
        self.all_losses, self.gradient = backend.empty(data.count, dtype), self._passes.room
        self._order, self.clock = backend.empty(data.count, np.int64), backend.put(clock(0, batch))

    def begin(self, order: np.ndarray, key: int) -> None:
        """Prepare an epoch; raises ValueError if the `order` is not one of all images."""
        fill(self._order, np.asarray(order, np.int64))
        self._key = key

    def start(self, step: int) -> None:
        """Set the clock to the first step of a slice."""
        fill(self.clock, clock(step, self._batch, step * self._batch, self._key))

    def counts(self, steps: range) -> list[int]:
        """How many images each step takes."""
        return [min(self._batch, self._data.count - step * self._batch) for step in steps]

    def launch_gradient(self, parameters: Any, ahead: np.uint64, count: int, stream: Any = 0) -> None:
        """Launch what makes the losses and the gradient of a step of so many images.

        The step is so far `ahead` of what the clock shows. The flat `parameters` may go on behind the network's.
        """
        batch = parameters, self._data, self._order, self.clock, ahead, count
        self._passes.forward(*batch, self.all_losses, stream=stream)
        self._passes.backward(*batch, stream=stream)

    def losses(self, steps: range) -> np.ndarray:
        """The summed loss of each step of the slice that has been made, (len(steps),) float64."""
        return summed(backend.get(self.all_losses[: sum(self.counts(steps))]), steps, self._batch)

    def test(self, parameters: Any, data: DeviceExamples) -> tuple[float, np.ndarray]:
        """See `optviz.kernels.cuda.passes.Passes.test`."""
        return self._passes.test(parameters, data)

    def placed(self, parameters: np.ndarray) -> Any:
        """Parameters, (parameters,), as a row on the device."""
        return backend.put(padded(parameters.astype(self._dtype), (pitch(self._plan),)))
