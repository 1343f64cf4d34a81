"""What a network makes of images, and the gradient of its loss, with all of a CUDA device: a phase in each launch."""

from collections.abc import Callable
from typing import Any

import numpy as np

from optviz.kernels.cuda import backend, dense
from optviz.kernels.cuda.backend import cuda
from optviz.kernels.cuda.clock import KEY, clock, first_at, place_at, step_at
from optviz.kernels.cuda.convolution import Front
from optviz.kernels.cuda.dense import UNITS, VALUES
from optviz.kernels.cuda.images import DeviceExamples
from optviz.kernels.cuda.products import LARGE, SMALL, UNIT, ZERO, Tiling
from optviz.networks import Plan

THREADS = 128  # of a block where there are no tiles
ENOUGH = 256  # large tiles from which on they keep a device busy
TESTED = 2048  # images whose values are made at a time in a test

# Bound by `layer_kernel`.
NUMBER: Any = None  # the dtype
ROWS: Any = None  # of a tile
LEFT_ROOM: Any = None  # shared memory for the first factor of a product
RIGHT_ROOM: Any = None  # and for the second
GATHER: Any = None  # phases of a step, see `optviz.kernels.cuda.dense`
FORWARD: Any = None
ENTROPY: Any = None
WEIGHT_GRADIENT: Any = None
DELTA: Any = None
STEP_AT: Any = step_at
FIRST_AT: Any = first_at
PLACE_AT: Any = place_at


def gather_inputs(nodes, images, order, clock, ahead, count, room):
    first, block, blocks = FIRST_AT(clock, ahead), np.uint64(cuda.blockIdx.x), np.uint64(cuda.gridDim.x)
    GATHER(nodes, images, order, first, count, room, block, blocks)


def hidden_layer(nodes, rates, parameters, room, layer, clock, ahead, count, learns):
    one = cuda.shared.array(LEFT_ROOM, NUMBER)
    two = cuda.shared.array(RIGHT_ROOM, NUMBER)
    block, blocks = np.uint64(cuda.blockIdx.x), np.uint64(cuda.gridDim.x)
    key, step = clock[KEY], STEP_AT(clock, ahead)
    FORWARD(nodes, rates, parameters, room, layer, ZERO, count, key, step, learns, one, two, block, blocks)


def last_layer(nodes, rates, parameters, room, layer, clock, ahead, count, labels, order, losses):
    """The logits and their loss; a block has all logits of its images."""
    one = cuda.shared.array(LEFT_ROOM, NUMBER)
    two = cuda.shared.array(RIGHT_ROOM, NUMBER)
    block, blocks = np.uint64(cuda.blockIdx.x), np.uint64(cuda.gridDim.x)
    first, place = FIRST_AT(clock, ahead), PLACE_AT(clock, ahead)
    for top in range(block * ROWS, count, blocks * ROWS):
        height = min(ROWS, count - top)
        FORWARD(nodes, rates, parameters, room, layer, top, height, ZERO, ZERO, False, one, two, ZERO, UNIT)
        cuda.syncthreads()
        ENTROPY(nodes, room, layer, top, height, count, labels, order, first, losses, place)


def backward_layer(nodes, rates, parameters, room, layer, clock, ahead, count, gradients):
    """The gradient of a layer by the first blocks, and the deltas in front of it by the others, if there are any."""
    one = cuda.shared.array(LEFT_ROOM, NUMBER)
    two = cuda.shared.array(RIGHT_ROOM, NUMBER)
    block, blocks = np.uint64(cuda.blockIdx.x), np.uint64(cuda.gridDim.x)
    if block < gradients:
        WEIGHT_GRADIENT(nodes, room, layer, count, one, two, block, gradients)
    else:
        block, blocks = block - gradients, blocks - gradients
        key, step = clock[KEY], STEP_AT(clock, ahead)
        DELTA(nodes, rates, parameters, room, layer, count, key, step, one, two, block, blocks)


def predict(nodes, room, layer, clock, ahead, count, predictions):
    """The class with the largest logit, of each image."""
    classes, logits, place = nodes[layer + 1, UNITS], nodes[layer + 1, VALUES], PLACE_AT(clock, ahead)
    for i in range(np.uint64(cuda.grid(1)), count, np.uint64(cuda.gridsize(1))):
        row, best = logits + i * classes, ZERO
        for c in range(UNIT, classes):
            if room[row + c] > room[row + best]:
                best = c
        predictions[place + i] = best


def layer_kernel(template: Callable, dtype: type, tiling: Tiling) -> Any:
    """One of the kernels of layers above, for tiles of a size."""
    return backend.specialise(
        template, dtype.__name__, f"{tiling}", ROWS=np.uint64(tiling.rows), **dense.phases(dtype, tiling)
    )


class Passes:
    """A network's way from at most `rows` images to losses and back, with room for what lies between.

    Attributes
    ----------
    room : (...,) dtype, on the device
        It begins with the gradient, in the order of the parameters; see `optviz.kernels.cuda.dense`.
    """

    def __init__(self, plan: Plan, dtype: type, rows: int):
        nodes, rates, size = dense.room_of(plan, rows, dtype)
        self._plan, self._dtype, self.rows = plan, dtype, rows
        self._layers = len(plan.sizes) - 1
        self._nodes, self._rates = backend.put(nodes), backend.put(rates)
        self.room = backend.empty(size, dtype)
        self._parts = backend.put(clock(0, rows))  # of a test, the parts of which are its steps
        self._tested = backend.empty(rows, dtype), backend.empty(rows, np.uint8)  # losses and predictions
        self._front, self._inputs, self._deltas = None, None, None
        if plan.filters:
            self._front = Front(plan, rows, dtype)
            shape = rows, plan.sizes[0]
            places = int(nodes[0, VALUES]), int(nodes[0, dense.DELTAS])
            self._inputs, self._deltas = (
                self.room[first : first + rows * plan.sizes[0]].reshape(shape) for first in places
            )

    @staticmethod
    def size(plan: Plan, dtype: type, rows: int) -> int:
        """Bytes on the device."""
        front = Front.size(plan, rows, dtype) if plan.filters else 0
        return front + dense.room_of(plan, rows, dtype)[2] * np.dtype(dtype).itemsize

    def forward(
        self,
        parameters: Any,
        data: DeviceExamples,
        order: Any,
        clock: Any,
        ahead: np.uint64,
        count: int,
        losses: Any,
        learns: bool = True,
        stream: Any = 0,
    ) -> None:
        """The losses of `count` images of a step, and the deltas of their logits.

        The flat `parameters` may go on behind the network's. The `clock`, as in `optviz.kernels.cuda.clock`, tells with
        `ahead` which images of the order these are, and where their losses go. Nothing is dropped where the network
        does not `learn`.
        """
        rates, images, most = self._plan.dropout, data.images, np.uint64(count)
        if self._front is None:
            kernel = self._kernel(gather_inputs, SMALL)
            given = self._nodes, images, order, clock, ahead, most, self.room
            backend.launch(kernel, count, THREADS, *given, stream=stream)
        else:
            rate = rates[0] if learns else 0.0
            self._front.forward(parameters, images, order, clock, ahead, count, rate, self._inputs, stream)
        network, now = (self._nodes, self._rates, parameters, self.room), (clock, ahead, most)
        for layer in range(self._layers - 1):
            width = self._plan.sizes[layer + 1]
            tiling = _tiling(count, width)
            self._launch(hidden_layer, tiling, tiling.tiles(count, width), stream, *network, layer, *now, learns)
        tiling = _tiling(count, self._plan.sizes[-1])
        last = *network, self._layers - 1, *now, data.labels, order, losses
        self._launch(last_layer, tiling, -(-count // tiling.rows), stream, *last)

    def backward(
        self,
        parameters: Any,
        data: DeviceExamples,
        order: Any,
        clock: Any,
        ahead: np.uint64,
        count: int,
        stream: Any = 0,
    ) -> None:
        """The gradient of the mean loss of the batch of the last `forward`, whose arguments these are, in the room."""
        sizes, now = self._plan.sizes, (clock, ahead, np.uint64(count))
        network = self._nodes, self._rates, parameters, self.room
        for layer in reversed(range(self._layers)):
            height, width = sizes[layer] + 1, sizes[layer + 1]
            tiling = _tiling(height, width)
            gradients = tiling.tiles(height, width)
            deltas = tiling.tiles(count, sizes[layer]) if layer or self._front is not None else 0
            given = *network, layer, *now, np.uint64(gradients)
            self._launch(backward_layer, tiling, gradients + deltas, stream, *given)
        if self._front is not None:
            chosen = data.images, order, clock, ahead, count, self._plan.dropout[0]
            self._front.backward(*chosen, self._inputs, self._deltas, self.room, stream)

    def test(self, parameters: Any, data: DeviceExamples) -> tuple[float, np.ndarray]:
        """The summed loss on all images, and what the network takes them for, (n,) uint8; nothing is dropped."""
        if self._tested[0].size < data.count:
            self._tested = backend.empty(data.count, self._dtype), backend.empty(data.count, np.uint8)
        losses, predictions = (found[: data.count] for found in self._tested)
        kernel = self._kernel(predict, SMALL)
        for part in range(-(-data.count // self.rows)):
            count, ahead = min(self.rows, data.count - part * self.rows), np.uint64(part)
            self.forward(parameters, data, data.order, self._parts, ahead, count, losses, False)
            place = self._nodes, self.room, self._layers - 1, self._parts, ahead, np.uint64(count), predictions
            backend.launch(kernel, -(-count // THREADS), THREADS, *place)
        return float(backend.get(losses).sum(dtype=np.float64)), backend.get(predictions)

    def _kernel(self, template: Callable, tiling: Tiling) -> Any:
        return layer_kernel(template, self._dtype, tiling)

    def _launch(self, template: Callable, tiling: Tiling, blocks: int, stream: Any, *arguments: Any) -> None:
        backend.launch(self._kernel(template, tiling), blocks, tiling.threads, *arguments, stream=stream)


def _tiling(height: int, width: int) -> Tiling:
    """Large tiles for a product only where they are enough."""
    return LARGE if LARGE.tiles(height, width) >= ENOUGH else SMALL
