"""A convolution of 3 x 3 filters, ReLU, and the largest of each 2 x 2: the front of a convolutional network.

Two things make it cheap. Where the 4 x 4 pixels under a pooled cell are all zero, and they are for more than half of
MNIST, the cell is the bias alone. And only the winners of the pooling that are above zero and not dropped go on: a few
of a hundred outputs of the filters. They are listed image by image as `sparse` lists pixels, the dense layer behind
walks that list, and its gradient comes back to nothing else.
"""

from typing import NamedTuple

import numba
import numpy as np

from optviz.kernels import dropout
from optviz.kernels.cache import INLINED, OPTIONS
from optviz.kernels.lanes import accumulate, added, fold, load, lowest, occupied, store, zeros
from optviz.kernels.sparse import SparseImages
from optviz.networks import Plan, pooled
from optviz.networks._network import WINDOW

LANES = 16  # filters computed at a time, for the four places of a cell
BLOCK = 32  # weights of a unit of the dense layer that stay in registers
PARTIAL = 8  # lanes of an unfinished sum
FLAGS = 64
TOGETHER = 4  # cells whose rows of weights, 32 kB each in the usual network, all images use before the next are read


class Pooling(NamedTuple):
    """Room for what the front of a convolutional network computes for a batch; empty for other networks.

    Attributes
    ----------
    images : (rows, pixels and some more) float32
        The batch, unpacked.
    filters : (10, whole lanes) float32
        The weights of each of the 9 pixels of a window, and the biases.
    outputs : (4, whole lanes) float32
        What the filters give at the four places of a cell.
    values : (whole lanes,) float32
        The largest of these.
    flags : (whole 64s,) uint8
        Which of them go on.
    starts : (rows * cells + 1,) int64
    units : (entries,) int32
    shown : (entries,) float32
        The outputs that go on, as in `sparse.SparseImages`: a part is a cell, a pixel is a unit.
    winners : (rows, cells * filters) uint8
        At which of the four places the largest was.
    order : (rows,) int64
        0, 1, 2, ...
    counts : (filters,) int64
    images_of : (filters, rows) int64
    values_of : (filters, rows) float32
        The entries of one cell, filter by filter.
    partial : (rows, 8) float32
    gradient : (filters, 3, 4) float32
        Of each filter's weights, row by row; the fourth column is never read.
    bias_gradient : (filters,) float32
    """

    images: np.ndarray
    filters: np.ndarray
    outputs: np.ndarray
    values: np.ndarray
    flags: np.ndarray
    starts: np.ndarray
    units: np.ndarray
    shown: np.ndarray
    winners: np.ndarray
    order: np.ndarray
    counts: np.ndarray
    images_of: np.ndarray
    values_of: np.ndarray
    partial: np.ndarray
    gradient: np.ndarray
    bias_gradient: np.ndarray


def pooling(plan: Plan, rows: int) -> Pooling:
    """Room for batches of at most so many images."""
    filters = plan.filters
    rows = rows if filters else 0
    cells = pooled(plan.shape[0]) * pooled(plan.shape[1]) if filters else 0
    lanes = -(-filters // LANES) * LANES
    entries = rows * cells * filters
    return Pooling(
        images=np.zeros((rows, plan.shape[0] * plan.shape[1] + 4), np.float32),
        filters=np.zeros((WINDOW * WINDOW + 1, lanes), np.float32),
        outputs=np.zeros((4, lanes), np.float32),
        values=np.zeros(lanes, np.float32),
        flags=np.zeros(-(-filters // FLAGS) * FLAGS, np.uint8),
        starts=np.zeros(rows * cells + 1, np.int64),
        units=np.zeros(entries, np.int32),
        shown=np.zeros(entries, np.float32),
        winners=np.zeros((rows, cells * filters), np.uint8),
        order=np.arange(rows),
        counts=np.zeros(filters, np.int64),
        images_of=np.zeros((filters, rows), np.int64),
        values_of=np.zeros((filters, rows), np.float32),
        partial=np.zeros((rows, PARTIAL), np.float32),
        gradient=np.zeros((filters, WINDOW, 4), np.float32),
        bias_gradient=np.zeros(filters, np.float32),
    )


@numba.njit(**INLINED)
def _unpack(images, image, levels, out):
    """An image with its zeros."""
    starts, pixels, values, parts = images
    out[:] = 0
    first = np.uint64(image) * np.uint64(parts)
    for entry in range(np.uint64(starts[first]), np.uint64(starts[first + np.uint64(parts)])):
        out[np.uint64(pixels[entry])] = levels[values[entry]]


@numba.njit(**INLINED)
def _is_dark(image, top, width):
    """Whether the 4 x 4 pixels from `top` on are all zero."""
    light = np.float32(0)
    for line in range(np.uint64(4)):
        at = top + line * width
        for column in range(np.uint64(4)):
            light += image[at + column]
    return light == np.float32(0)


@numba.njit(**OPTIONS)
def _convolve(image, top, width, room):
    """What all filters give at the four places of the cell whose first pixel is `top`."""
    filters, outputs = room.filters, room.outputs
    pitch = np.uint64(outputs.shape[1])
    one = np.uint64(1)
    for block in range(np.uint64(0), pitch, np.uint64(LANES)):
        bias = load(zeros(LANES), filters, np.uint64(WINDOW * WINDOW) * pitch + block)
        first = second = third = fourth = bias
        tap = block
        for line in range(np.uint64(WINDOW)):
            for column in range(np.uint64(WINDOW)):
                at = top + line * width + column
                weights = load(first, filters, tap)
                first = accumulate(first, image[at], weights)
                second = accumulate(second, image[at + one], weights)
                third = accumulate(third, image[at + width], weights)
                fourth = accumulate(fourth, image[at + width + one], weights)
                tap += pitch
        store(outputs, block, first)
        store(outputs, pitch + block, second)
        store(outputs, np.uint64(2) * pitch + block, third)
        store(outputs, np.uint64(3) * pitch + block, fourth)


@numba.njit(**OPTIONS)
def _largest(outputs, winners, values, flags, first, second, unit, limit, scale):
    """The largest output of each filter in a cell, where it was, and whether it goes on; NaN does."""
    for c in range(winners.size):
        best, where = outputs[0, c], np.uint8(0)
        for place in range(1, 4):
            value = outputs[place, c]
            larger = not (value <= best)
            best = value if larger else best
            where = np.uint8(place) if larger else where
        kept = dropout.word(first, second, unit + np.uint32(c)) >= limit
        winners[c] = where
        values[c] = best * scale
        flags[c] = np.uint8(1) if kept and not (best <= np.float32(0)) else np.uint8(0)


@numba.njit(**OPTIONS)
def forward(images, order, begin, count, levels, parameters, net, rate, key, step, room):
    """List what the pooling of a batch gives; a share `rate` of it is dropped."""
    height, wide, filters = net.height, net.width, net.filters
    taps = WINDOW * WINDOW
    for tap in range(taps + 1):
        for c in range(filters):
            room.filters[tap, c] = parameters[tap * filters + c]
    across = (wide - WINDOW + 1) // 2
    cells = (height - WINDOW + 1) // 2 * across
    width = np.uint64(wide)
    first, second = dropout.keys(key, step, 0)
    limit, scale = dropout.threshold(rate), np.float32(1) / (np.float32(1) - np.float32(rate))
    entry = part = np.uint64(0)
    room.starts[0] = 0
    for i in range(count):
        image = room.images[i]
        _unpack(images, order[begin + i], levels, image)
        for cell in range(cells):
            top = np.uint64((cell // across) * 2 * wide + (cell % across) * 2)
            if _is_dark(image, top, width):
                for place in range(4):
                    room.outputs[place, :] = room.filters[taps, :]
            else:
                _convolve(image, top, width, room)
            base = cell * filters
            winners = room.winners[i, base : base + filters]
            unit = np.uint32(i * cells * filters + base)
            _largest(room.outputs, winners, room.values, room.flags, first, second, unit, limit, scale)
            for block in range(np.uint64(0), np.uint64(room.flags.size), np.uint64(FLAGS)):
                left = occupied(room.flags, block)
                while left != np.uint64(0):
                    c = block + lowest(left)
                    left &= left - np.uint64(1)
                    room.units[entry] = base + c
                    room.shown[entry] = room.values[c]
                    entry += np.uint64(1)
            part += np.uint64(1)
            room.starts[part] = entry


@numba.njit(**INLINED)
def listed(room, cells):
    """What `forward` listed, as sparse images whose values are float32."""
    return SparseImages(room.starts, room.units, room.shown, cells)


@numba.njit(**INLINED)
def _by_filter(cell, cells, count, filters, room):
    """Gather the entries of a cell filter by filter."""
    room.counts[:] = 0
    base = np.uint64(cell * filters)
    for i in range(np.uint64(count)):
        at = i * np.uint64(cells) + np.uint64(cell)
        for entry in range(np.uint64(room.starts[at]), np.uint64(room.starts[at + np.uint64(1)])):
            c = np.uint64(room.units[entry]) - base
            place = np.uint64(room.counts[c])
            room.images_of[c, place] = i
            room.values_of[c, place] = room.shown[entry]
            room.counts[c] = place + np.uint64(1)


@numba.njit(**OPTIONS)
def backward(cell, cells, count, net, rate, parameters, width, deltas, room, piece):
    """The gradient of a cell's rows of weights of the dense layer, into `piece`; adds to that of the filters.

    `parameters` begins with the dense layer's weights, `deltas` ``(batch, stride)`` is the gradient of its sums; both
    are read `BLOCK` lanes at a time.
    """
    filters, wide = net.filters, np.uint64(net.width)
    across = (net.width - WINDOW + 1) // 2
    top = np.uint64((cell // across) * 2 * net.width + (cell % across) * 2)
    stride, pitch = np.uint64(deltas.shape[1]), np.uint64(room.images.shape[1])
    scale = np.float32(1) / (np.float32(1) - np.float32(rate))
    _by_filter(cell, cells, count, filters, room)
    for c in range(np.uint64(filters)):
        images_of, values_of, entries = room.images_of[c], room.values_of[c], np.uint64(room.counts[c])
        unit = np.uint64(cell * filters) + c
        room.partial[:entries] = 0
        for block in range(np.uint64(0), np.uint64(width), np.uint64(BLOCK)):
            weights = load(zeros(BLOCK), parameters, unit * np.uint64(width) + block)
            total = zeros(BLOCK)
            for entry in range(entries):
                delta = load(total, deltas, np.uint64(images_of[entry]) * stride + block)
                total = accumulate(total, values_of[entry], delta)
                unfinished = load(zeros(PARTIAL), room.partial, entry * np.uint64(PARTIAL))
                store(room.partial, entry * np.uint64(PARTIAL), fold(unfinished, weights, delta))
            store(piece, c * np.uint64(width) + block, total)
        for entry in range(entries):
            change = added(load(zeros(PARTIAL), room.partial, entry * np.uint64(PARTIAL))) * scale
            i = np.uint64(images_of[entry])
            winner = np.uint64(room.winners[i, unit])
            at = i * pitch + top + (winner >> np.uint64(1)) * wide + (winner & np.uint64(1))
            for line in range(np.uint64(WINDOW)):
                place = (c * np.uint64(WINDOW) + line) * np.uint64(4)
                pixels = load(zeros(4), room.images, at + line * wide)
                store(room.gradient, place, accumulate(load(zeros(4), room.gradient, place), change, pixels))
            room.bias_gradient[c] += change


@numba.njit(**INLINED)
def pack_gradient(filters, room, flat):
    """The gradient of the filters' weights and biases, as they stand in the flat parameters."""
    for line in range(WINDOW):
        for column in range(WINDOW):
            for c in range(filters):
                flat[(line * WINDOW + column) * filters + c] = room.gradient[c, line, column]
    for c in range(filters):
        flat[WINDOW * WINDOW * filters + c] = room.bias_gradient[c]
