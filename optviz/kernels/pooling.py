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
from optviz.kernels.simd import accumulate, added, fold, larger, load, lowest, plus_nothing, positive, store, zeros
from optviz.kernels.sparse import SparseImages
from optviz.networks import Plan, pooled
from optviz.networks._network import WINDOW

LANES = 16  # filters computed at a time, for the four places of a cell
BLOCK = 32  # weights of a unit of the dense layer that stay in registers
TOGETHER = 2  # parts whose rows of weights all images use before the next are read: 32 kB in the usual network
PARTIAL = 8  # lanes of an unfinished sum
GROUP = 8  # filters whose unfinished sums stay in the nearest cache


class Pooling(NamedTuple):
    """Room for what the front of a convolutional network computes for a batch; empty for other networks.

    Attributes
    ----------
    images : (rows, pixels and some more) float32
        The batch, unpacked.
    filters : (10, whole lanes) float32
        The weights of each of the 9 pixels of a window, and the biases.
    values : (whole lanes,) float32
        The largest outputs of a cell.
    starts : (rows * cells * blocks of filters + 1,) int64
    units : (entries,) int32
    shown : (entries,) float32
        The outputs that go on, as in `sparse.SparseImages`: a part is `LANES` filters of a cell, a pixel is a unit.
    winners : (rows, cells, blocks of filters) uint64
        At which of the four places the largest was, for `LANES` filters: bits for the right ones of the places, and
        above them bits for the lower ones.
    order : (rows,) int64
        0, 1, 2, ...
    counts : (filters,) int64
    images_of : (filters, rows) int64
    values_of : (filters, rows) float32
        The entries of one cell, filter by filter.
    partial : (rows * 16, 8) float32
        Unfinished sums of entries.
    gradient : (filters, 3, 4) float32
        Of each filter's weights, row by row; the fourth column is never read.
    bias_gradient : (filters,) float32
    """

    images: np.ndarray
    filters: np.ndarray
    values: np.ndarray
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
        values=np.zeros(lanes, np.float32),
        starts=np.zeros(rows * cells * (lanes // LANES) + 1, np.int64),
        units=np.zeros(entries, np.int32),
        shown=np.zeros(entries, np.float32),
        winners=np.zeros((rows, cells, lanes // LANES), np.uint64),
        order=np.arange(rows),
        counts=np.zeros(filters, np.int64),
        images_of=np.zeros((filters, rows), np.int64),
        values_of=np.zeros((filters, rows), np.float32),
        partial=np.zeros((rows * GROUP, PARTIAL), np.float32),
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
def _top(cell, net):
    """The first pixel under a cell."""
    return np.uint64((cell // net.across) * 2 * net.width + (cell % net.across) * 2)


@numba.njit(**INLINED)
def _is_dark(image, top, width):
    """Whether the 4 x 4 pixels from `top` on are all zero."""
    light = np.float32(0)
    for line in range(np.uint64(4)):
        at = top + line * width
        for column in range(np.uint64(4)):
            light += image[at + column]
    return light == np.float32(0)


@numba.njit(**INLINED)
def _cell(image, top, width, block, room):
    """The largest output of `LANES` filters at the four places of the cell whose first pixel is `top`, into `values`.

    Returns bits for the filters: where it is above zero, and the two digits of the place where it was.
    """
    filters = room.filters
    pitch = np.uint64(filters.shape[1])
    one = np.uint64(1)
    first = second = third = fourth = load(zeros(LANES), filters, np.uint64(WINDOW * WINDOW) * pitch + block)
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
    upper, right = larger(first, second)
    lower, also_right = larger(third, fourth)
    best, down = larger(upper, lower)
    best = plus_nothing(best, first, second, third, fourth)
    store(room.values, block, best)
    return positive(best), (right & ~down) | (also_right & down), down


@numba.njit(**OPTIONS)
def forward(images, order, begin, count, levels, parameters, net, rate, key, step, room):
    """List what the pooling of a batch gives; a share `rate` of it is dropped."""
    wide, filters, cells = net.width, net.filters, net.cells
    taps = WINDOW * WINDOW
    for tap in range(taps + 1):
        for c in range(filters):
            room.filters[tap, c] = parameters[tap * filters + c]
    width, lanes = np.uint64(wide), np.uint64(LANES)
    first, second = dropout.keys(key, step, 0)
    limit, scale = dropout.threshold(rate), np.float32(1) / (np.float32(1) - np.float32(rate))
    entry = part = np.uint64(0)
    room.starts[0] = 0
    for i in range(count):
        image = room.images[i]
        _unpack(images, order[begin + i], levels, image)
        for cell in range(cells):
            top = _top(cell, net)
            dark = _is_dark(image, top, width)
            base = cell * filters
            for block in range(np.uint64(0), np.uint64(filters), lanes):
                if dark:
                    bias = load(zeros(LANES), room.filters, np.uint64(taps) * np.uint64(room.filters.shape[1]) + block)
                    store(room.values, block, bias)
                    left, right, down = positive(bias), np.uint64(0), np.uint64(0)
                else:
                    left, right, down = _cell(image, top, width, block, room)
                room.winners[i, cell, block // lanes] = right | down << lanes
                left &= dropout.kept(first, second, i * cells * filters + base + block, limit, LANES)
                while left != np.uint64(0):
                    c = block + lowest(left)
                    left &= left - np.uint64(1)
                    room.units[entry] = base + c
                    room.shown[entry] = room.values[c] * scale
                    entry += np.uint64(1)
                part += np.uint64(1)
                room.starts[part] = entry


@numba.njit(**INLINED)
def listed(room, cells):
    """What `forward` listed, as sparse images whose values are float32."""
    return SparseImages(room.starts, room.units, room.shown, cells * room.winners.shape[2])


@numba.njit(**INLINED)
def _by_filter(cell, count, net, room):
    """Gather the entries of a cell filter by filter."""
    room.counts[:] = 0
    base, blocks = np.uint64(cell * net.filters), np.uint64(room.winners.shape[2])
    for i in range(np.uint64(count)):
        at = (i * np.uint64(net.cells) + np.uint64(cell)) * blocks
        for entry in range(np.uint64(room.starts[at]), np.uint64(room.starts[at + blocks])):
            c = np.uint64(room.units[entry]) - base
            place = np.uint64(room.counts[c])
            room.images_of[c, place] = i
            room.values_of[c, place] = room.shown[entry]
            room.counts[c] = place + np.uint64(1)


@numba.njit(**OPTIONS)
def backward(cell, count, net, rate, parameters, width, deltas, room, piece):
    """The gradient of a cell's rows of weights of the dense layer, into `piece`; adds to that of the filters.

    `parameters` begins with the dense layer's weights, `deltas` ``(batch, stride)`` is the gradient of its sums; both
    are read `BLOCK` lanes at a time.
    """
    filters = net.filters
    stride, part, lanes = np.uint64(deltas.shape[1]), np.uint64(PARTIAL), np.uint64(width)
    blocks = (lanes + np.uint64(BLOCK - 1)) // np.uint64(BLOCK)
    _by_filter(cell, count, net, room)
    for group in range(np.uint64(0), np.uint64(filters), np.uint64(GROUP)):
        behind = min(group + np.uint64(GROUP), np.uint64(filters))
        for turn in range(blocks):
            # The last block comes first: what it writes beyond the end of a row is then overwritten by the next row.
            block = (blocks - turn - np.uint64(1)) * np.uint64(BLOCK)
            place = np.uint64(0)
            for c in range(group, behind):
                images_of, values_of = room.images_of[c], room.values_of[c]
                weights = load(zeros(BLOCK), parameters, (np.uint64(cell * filters) + c) * lanes + block)
                total = zeros(BLOCK)
                for entry in range(np.uint64(room.counts[c])):
                    delta = load(total, deltas, np.uint64(images_of[entry]) * stride + block)
                    total = accumulate(total, values_of[entry], delta)
                    unfinished = zeros(PARTIAL) if turn == np.uint64(0) else load(zeros(PARTIAL), room.partial, place)
                    store(room.partial, place, fold(unfinished, weights, delta))
                    place += part
                store(piece, c * lanes + block, total)
        _filter_gradient(cell, group, behind, net, rate, room)


@numba.njit(**INLINED)
def _filter_gradient(cell, group, behind, net, rate, room):
    """Add to the gradient of some filters what comes back to a cell."""
    wide = np.uint64(net.width)
    top = _top(cell, net)
    pitch, one, lanes = np.uint64(room.images.shape[1]), np.uint64(1), np.uint64(LANES)
    scale = np.float32(1) / (np.float32(1) - np.float32(rate))
    place = np.uint64(0)
    for c in range(group, behind):
        block, bit = c // lanes, c % lanes
        weights = c * np.uint64(WINDOW * 4)
        upper = load(zeros(4), room.gradient, weights)
        middle = load(upper, room.gradient, weights + np.uint64(4))
        lower = load(upper, room.gradient, weights + np.uint64(8))
        bias = room.bias_gradient[c]
        for entry in range(np.uint64(room.counts[c])):
            change = added(load(zeros(PARTIAL), room.partial, place)) * scale
            place += np.uint64(PARTIAL)
            i = np.uint64(room.images_of[c, entry])
            winner = np.uint64(room.winners[i, cell, block]) >> bit
            at = i * pitch + top + (winner >> lanes & one) * wide + (winner & one)
            upper = accumulate(upper, change, load(upper, room.images, at))
            middle = accumulate(middle, change, load(upper, room.images, at + wide))
            lower = accumulate(lower, change, load(upper, room.images, at + wide + wide))
            bias += change
        store(room.gradient, weights, upper)
        store(room.gradient, weights + np.uint64(4), middle)
        store(room.gradient, weights + np.uint64(8), lower)
        room.bias_gradient[c] = bias


@numba.njit(**INLINED)
def pack_gradient(filters, room, flat):
    """The gradient of the filters' weights and biases, as they stand in the flat parameters."""
    for line in range(WINDOW):
        for column in range(WINDOW):
            for c in range(filters):
                flat[(line * WINDOW + column) * filters + c] = room.gradient[c, line, column]
    for c in range(filters):
        flat[WINDOW * WINDOW * filters + c] = room.bias_gradient[c]
