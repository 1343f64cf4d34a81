"""The front of a convolutional network on CUDA: filters of 3 x 3, ReLU, the largest of each 2 x 2, dropout.

A block has a strip of an image, some lines of pooled cells, in shared memory, and a thread one filter, whose weights
stay in its registers while it goes from cell to cell. Neighbouring threads have neighbouring filters of the same cell:
they read the same pixel at once and write one after the other. What comes back to the filters is added in an order
that depends on nothing but the network and the number of images: by each thread, by each block, then over the blocks.
"""

from typing import Any, NamedTuple

import numpy as np

from optviz.errors import UsageError
from optviz.kernels.cuda import backend, dropout
from optviz.kernels.cuda.backend import cuda
from optviz.kernels.cuda.clock import KEY, first_at, step_at
from optviz.networks import Plan, pooled
from optviz.networks._network import WINDOW

THREADS = 256  # of a block
LINES = 4  # of pooled cells in a strip: enough strips for all of a device, few enough sums to be added over blocks
WARP = 32  # filters at most that a block computes; threads that run together
ROOM = 48 << 10  # bytes of shared memory that every device gives a block
TAPS = WINDOW * WINDOW
SUMS = TAPS + 1  # of a filter: for each weight, and for the bias
SUM_COLUMNS = np.uint64(8)  # sums that a block adds over the strips: the float32 numbers in a sector of memory
ONE, TWO = np.uint64(1), np.uint64(2)

# Bound by `front_kernels`.
NUMBER: Any = None  # the dtype
WIDTH: Any = None  # pixels in a line of an image
PIXELS: Any = None  # in an image
FILTERS: Any = None  # of the network
ACROSS: Any = None  # pooled cells in a line
CELLS: Any = None  # in an image
GROUP: Any = None  # filters of a block
GROUPS: Any = None  # of filters
CELLS_TOGETHER: Any = None  # of a block at a time
STRIPS: Any = None  # of an image
STRIP_CELLS: Any = None  # in a strip
STRIP_PIXELS: Any = None  # under a strip
SHARED: Any = None  # numbers of shared memory
PLACE: Any = None  # `place`
FETCH: Any = None  # `fetch`
TOP: Any = None  # `top`
STAYS: Any = dropout.stays
KEYS: Any = dropout.keys
STEP_AT: Any = step_at
FIRST_AT: Any = first_at


def place():
    """What is a thread's: its image in the batch, its strip's number and first cell, its filter, its first cell.

    A thread that is left over has the first cell behind the image. All is uint64, so that no index can be negative:
    compiled code would ask for each whether it is.
    """
    block, thread = np.uint64(cuda.blockIdx.x), np.uint64(cuda.threadIdx.x)
    group, strip = block % GROUPS, block // GROUPS
    begin = strip % STRIPS * STRIP_CELLS
    filter, row = group * GROUP + thread % GROUP, thread // GROUP
    return strip // STRIPS, strip, begin, filter, begin + row if row < CELLS_TOGETHER and filter < FILTERS else CELLS


def fetch(images, image, begin, room):
    """Copy the pixels under the strip that begins with a cell into shared memory, as numbers from 0 to 1."""
    base = begin // ACROSS * TWO * WIDTH
    for pixel in range(np.uint64(cuda.threadIdx.x), min(STRIP_PIXELS, PIXELS - base), THREADS):
        room[pixel] = NUMBER(images[image, base + pixel]) / NUMBER(255)
    cuda.syncthreads()


def top(cell):
    """The first pixel under a cell of a strip."""
    return cell // ACROSS * TWO * WIDTH + cell % ACROSS * TWO


def forward(parameters, images, order, clock, ahead, limit, scale, out, winners):
    room = cuda.shared.array(SHARED, NUMBER)
    i, _, begin, filter, start = PLACE()
    FETCH(images, np.uint64(order[FIRST_AT(clock, ahead) + i]), begin, room)
    one, two = KEYS(clock[KEY], STEP_AT(clock, ahead), 0)
    weights = cuda.local.array(SUMS, NUMBER)
    for tap in range(SUMS):
        weights[tap] = parameters[np.uint64(tap) * FILTERS + filter] if filter < FILTERS else NUMBER(0)
    for cell in range(start, min(begin + STRIP_CELLS, CELLS), CELLS_TOGETHER):
        at, unit = TOP(cell - begin), cell * FILTERS + filter
        light = NUMBER(0)
        for line in range(WINDOW + 1):
            for column in range(WINDOW + 1):
                light += room[at + np.uint64(line) * WIDTH + np.uint64(column)]
        # Where all is dark the bias is all there is, as on the CPU: weights that are not finite would make NaN of it.
        best, winner = weights[TAPS], 0
        if light > NUMBER(0):
            upper_left = upper_right = lower_left = lower_right = best
            for line in range(WINDOW):
                for column in range(WINDOW):
                    weight, pixel = weights[line * WINDOW + column], at + np.uint64(line) * WIDTH + np.uint64(column)
                    upper_left += room[pixel] * weight
                    upper_right += room[pixel + ONE] * weight
                    lower_left += room[pixel + WIDTH] * weight
                    lower_right += room[pixel + WIDTH + ONE] * weight
            best = upper_left
            if upper_right > best:
                best, winner = upper_right, 1
            if lower_left > best:
                best, winner = lower_left, 2
            if lower_right > best:
                best, winner = lower_right, 3
            total = upper_left + upper_right + (lower_left + lower_right)
            best += total - total  # zero, or NaN where one of the four is not finite, which comparisons may pass over
        winners[i, unit] = winner
        on = not best <= NUMBER(0) and STAYS(one, two, i * CELLS * FILTERS + unit, limit)
        out[i, unit] = best * scale if on else NUMBER(0)


def backward(images, order, clock, ahead, scale, outputs, deltas, winners, partial):
    room = cuda.shared.array(SHARED, NUMBER)
    i, strip, begin, filter, start = PLACE()
    FETCH(images, np.uint64(order[FIRST_AT(clock, ahead) + i]), begin, room)
    sums = cuda.local.array(SUMS, NUMBER)
    for tap in range(SUMS):
        sums[tap] = NUMBER(0)
    for cell in range(start, min(begin + STRIP_CELLS, CELLS), CELLS_TOGETHER):
        unit = cell * FILTERS + filter
        if not outputs[i, unit] <= NUMBER(0):
            change, winner = deltas[i, unit] * scale, np.uint64(winners[i, unit])
            at = TOP(cell - begin) + winner // TWO * WIDTH + winner % TWO
            for line in range(WINDOW):
                for column in range(WINDOW):
                    sums[line * WINDOW + column] += change * room[at + np.uint64(line) * WIDTH + np.uint64(column)]
            sums[TAPS] += change
    cuda.syncthreads()  # from here on the pixels' room holds the sums
    thread = np.uint64(cuda.threadIdx.x)
    lane, row, width = thread % GROUP, thread // GROUP, np.uint64(SUMS) * GROUP
    if row < CELLS_TOGETHER:
        for tap in range(SUMS):
            room[row * width + np.uint64(tap) * GROUP + lane] = sums[tap]
    cuda.syncthreads()
    for at in range(thread, width, THREADS):
        own = filter - lane + at % GROUP
        total = NUMBER(0)
        for part in range(CELLS_TOGETHER):
            total += room[part * width + at]
        if own < FILTERS:
            partial[strip, at // GROUP * FILTERS + own] = total


def add_strips(partial, strips, gradient):
    room = cuda.shared.array(SHARED, NUMBER)
    thread = np.uint64(cuda.threadIdx.x)
    column = thread % SUM_COLUMNS
    at = np.uint64(cuda.blockIdx.x) * SUM_COLUMNS + column
    last = np.uint64(SUMS) * FILTERS
    total = NUMBER(0)
    if at < last:
        for strip in range(thread // SUM_COLUMNS, strips, THREADS // SUM_COLUMNS):
            total += partial[strip, at]
    room[thread] = total
    cuda.syncthreads()
    if thread < SUM_COLUMNS and at < last:
        total = NUMBER(0)
        for part in range(column, THREADS, SUM_COLUMNS):
            total += room[part]
        gradient[at] = total


class Division(NamedTuple):
    """How a batch is divided: a block has `lines` pooled lines of an image and `lanes` filters.

    There are so many `strips` of lines in an image, and so many `groups` of filters.
    """

    lines: int
    strips: int
    lanes: int
    groups: int


def division(plan: Plan, dtype: type) -> Division:
    """The division for a network with filters.

    Raises
    ------
    UsageError
        If the images are too wide for the shared memory of a block.
    """
    width, down, size = plan.shape[1], pooled(plan.shape[0]), np.dtype(dtype).itemsize
    lines = min(LINES, down, (ROOM // (size * width) - 2) // 2)
    if lines < 1:
        raise UsageError(
            f"images {width:,} pixels wide are too wide for the convolution on CUDA",
            f"At most {ROOM // (size * 4):,} pixels across are possible; use --device cpu.",
        )
    lanes = min(plan.filters, WARP)
    return Division(lines, -(-down // lines), lanes, -(-plan.filters // lanes))


def front_kernels(plan: Plan, dtype: type) -> tuple[Any, Any, Any]:
    """The kernels `forward`, `backward` and `add_strips` for a network with filters."""
    (height, width), filters = plan.shape, plan.filters
    lines, strips, lanes, groups = division(plan, dtype)
    across, pixels = pooled(width), (2 * lines + 2) * width
    numbers = dict(WIDTH=width, PIXELS=height * width, FILTERS=filters, ACROSS=across, CELLS=across * pooled(height))
    numbers |= dict(GROUP=lanes, GROUPS=groups, CELLS_TOGETHER=THREADS // lanes, THREADS=THREADS)
    numbers |= dict(STRIPS=strips, STRIP_CELLS=lines * across, STRIP_PIXELS=pixels)
    names: dict[str, Any] = {name: np.uint64(value) for name, value in numbers.items()} | {"NUMBER": dtype}
    names |= {name: backend.device_function(template, **names) for name, template in _FUNCTIONS.items()}
    label = f"{height}_{width}_{filters}_{lanes}_{THREADS}_{dtype.__name__}"
    shared: dict[Any, int] = {forward: pixels, backward: max(pixels, SUMS * THREADS), add_strips: THREADS}
    first, second, third = (
        backend.specialise(template, label, "", SHARED=size, **names) for template, size in shared.items()
    )
    return first, second, third


_FUNCTIONS: dict[str, Any] = {"PLACE": place, "FETCH": fetch, "TOP": top}


class Front:
    """The front of a convolutional network, with room on the device for so many images; raises as `division`."""

    def __init__(self, plan: Plan, batch: int, dtype: type):
        self._plan, self._dtype, self._division = plan, dtype, division(plan, dtype)
        self._forward, self._backward, self._add = front_kernels(plan, dtype)
        self._winners = backend.empty((batch, plan.sizes[0]), np.uint8)
        self._partial = backend.empty((batch * self._division.strips, plan.front), dtype)

    @staticmethod
    def size(plan: Plan, batch: int, dtype: type) -> int:
        """Bytes on the device."""
        return batch * (plan.sizes[0] + division(plan, dtype).strips * plan.front * np.dtype(dtype).itemsize)

    def forward(
        self,
        parameters: Any,
        images: Any,
        order: Any,
        clock: Any,
        ahead: np.uint64,
        count: int,
        rate: float,
        out: Any,
        stream: Any = 0,
    ) -> None:
        """What the front gives for `count` images of a step: the inputs of the first dense layer.

        The filters come first in the flat `parameters`. The `clock`, as in `optviz.kernels.cuda.clock`, tells with
        `ahead` which step it is; a share `rate`, 0 in tests, is dropped. Written is `out`, (at least count,
        plan.sizes[0]): cell after cell, the filters of each.
        """
        backend.launch(
            self._forward,
            count * self._division.strips * self._division.groups,
            THREADS,
            parameters,
            images,
            order,
            clock,
            ahead,
            dropout.threshold(rate),
            dropout.scale(rate, self._dtype),
            out,
            self._winners,
            stream=stream,
        )

    def backward(
        self,
        images: Any,
        order: Any,
        clock: Any,
        ahead: np.uint64,
        count: int,
        rate: float,
        outputs: Any,
        deltas: Any,
        gradient: Any,
        stream: Any = 0,
    ) -> None:
        """The gradient of the filters' weights and biases, into the first numbers of `gradient`.

        All up to `rate` are those of the last `forward`, `outputs` is what it wrote,
        `deltas` the gradient with respect to it.
        """
        backend.launch(
            self._backward,
            count * self._division.strips * self._division.groups,
            THREADS,
            images,
            order,
            clock,
            ahead,
            dropout.scale(rate, self._dtype),
            outputs,
            deltas,
            self._winners,
            self._partial,
            stream=stream,
        )
        blocks, strips = -(-self._plan.front // int(SUM_COLUMNS)), np.uint64(count * self._division.strips)
        backend.launch(self._add, blocks, THREADS, self._partial, strips, gradient, stream=stream)
