"""Training a network of dense layers with ReLU between them on sparse images: whole steps in one kernel call.

The kernel of a network is the same for every optimizer; the optimizer's own kernel updates a piece of the parameters
and is called by its address. The first layer's gradient is made a few rows at a time and used at once, so that it never
leaves the nearest cache.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numba
import numpy as np

from optviz.kernels import dense, sparse
from optviz.kernels.cache import INLINED, OPTIONS, cached_jit
from optviz.kernels.denormals import flush, restore
from optviz.kernels.indirect import address, call
from optviz.kernels.slots import put, take
from optviz.kernels.specialise import compiled, fingerprint, specialise
from optviz.optimizers import Formula

PIECE = 1024  # parameters of the first layer whose gradient is made before they are updated
PAGE = 1024  # float32 numbers in 4096 bytes, the distance at which caches take two addresses for one
LINE = 16  # float32 numbers in a cache line

RULE: Any = None  # bound by specialise
TAKE: Any = None
PUT: Any = None
ROW: Any = None
CONSTANTS: Any = None


def new_state(parameters: int, slots: int) -> np.ndarray:
    """Room for a network's parameters and an optimizer's state slots.

    Returns
    -------
    (1 + slots, at least `parameters`) float32
        Zeros. The parameters are the first elements of row 0, those of the slots stand below them. What follows in
        each row pads it for the kernels, and keeps the rows from falling on the same places of a cache.
    """
    pitch = -(-(parameters + sparse.WIDTH) // PAGE) * PAGE + 5 * LINE
    return _aligned(1 + slots, pitch)


def workspace(sizes: Sequence[int], batch: int) -> tuple[np.ndarray, ...]:
    """Room for the sums, deltas and gradients of one step, reused by all steps of a thread.

    Parameters
    ----------
    sizes : sequence of int
        Of the layers, from the input to the output.
    batch : int
        Images per step, at most.
    """
    layers, widest = len(sizes) - 1, max(sizes[1:])
    rows = -(-batch // dense.HEIGHT) * dense.HEIGHT
    # An odd number of cache lines from row to row, or a power of two of them would share a few places of the cache.
    stride = -(-widest // sparse.WIDTH) * sparse.WIDTH + LINE
    behind = sum(height * width for height, width in pairwise(sizes[1:])) + sum(sizes[1:])
    return (
        _aligned(layers, rows, stride),  # sums
        _aligned(layers, rows, stride),  # deltas
        _aligned(layers, stride, stride),  # weights
        _aligned(layers, stride, stride),  # transposed
        _aligned(stride, stride),  # matrix
        _aligned(stride),  # bias
        np.zeros(sizes[0] + 2, np.uint32),  # ends
        np.empty(batch * sizes[0], np.uint32),  # entries
        _aligned(max(1, PIECE // sizes[1]) * sizes[1] + sparse.WIDTH),  # piece
        _aligned(behind),  # gradient
    )


def _aligned(*shape: int) -> np.ndarray:
    """float32 zeros that begin with a cache line."""
    size = math.prod(shape)
    room = np.zeros(size + LINE, np.float32)
    skip = -(room.ctypes.data // room.itemsize) % LINE
    return room[skip : skip + size].reshape(shape)


def update_piece(state, gradient, first, count, table, step, hyper):
    scalars, constants = ROW(table, step), CONSTANTS(hyper, 0)
    x, slots = state[0], state[1:]
    begin = np.uint64(first)
    for at in range(begin, begin + np.uint64(count)):
        new = RULE(x[at], gradient[at - begin], *TAKE(slots, at), *scalars, *constants)
        x[at] = new[0]
        PUT(slots, at, new[1:])


def update_address(formula: Formula) -> int:
    """The address of the kernel that `train` calls to update a piece of the parameters.

    The kernel is compiled here if need be, and kept for the life of the process.
    """
    count = len(formula.slots)
    kernel = specialise(
        update_piece,
        f"{formula.update.__name__}_float32",
        fingerprint(formula.update),
        RULE=compiled(formula.update, np.float32, as_tuple=not count),
        TAKE=take(count),
        PUT=put(count),
        ROW=take(len(formula.scalar_names)),
        CONSTANTS=take(len(formula.hyperparameters)),
    )
    matrix, vector = np.zeros((1, 1), np.float32), np.zeros(1, np.float32)
    return address(kernel, matrix, vector, 0, 0, matrix, 0, matrix)


@numba.njit(**OPTIONS)
def _forward(parameters, sizes, images, levels, order, first, count, bias, sums, weights, transposed):
    """The sums of every layer, those of hidden layers after ReLU; also unpacks the weights behind the first layer."""
    starts, pixels, values, parts = images
    at = sizes[0] * sizes[1]
    for j in range(sizes[1]):
        bias[j] = parameters[at + j]
    sparse.forward(starts, pixels, values, parts, order, first, count, levels, parameters, sizes[1], bias, sums[0])
    at += sizes[1]
    for layer in range(1, sizes.size - 1):
        before, width = sizes[layer], sizes[layer + 1]
        dense.relu(sums[layer - 1], count, before)
        dense.unpack(parameters, at, before, width, weights[layer], transposed[layer])
        at += before * width
        dense.product(sums[layer - 1], sums.shape[2], 1, weights[layer], sums[layer], count, width, before)
        dense.add_bias(sums[layer], count, parameters, at, width)
        at += width


@numba.njit(**INLINED)
def _backward(sizes, count, sums, deltas, transposed, matrix, gradient):
    """The deltas of every layer from those of the last, and the gradient of all parameters behind the first weights."""
    at = gradient.size
    for layer in range(sizes.size - 2, 0, -1):
        before, width = sizes[layer], sizes[layer + 1]
        at -= width
        dense.sum_rows(deltas[layer], count, gradient, at, width)
        at -= before * width
        dense.product(sums[layer - 1], 1, sums.shape[2], deltas[layer], matrix, before, width, count)
        dense.pack(matrix, before, width, gradient, at)
        dense.product(deltas[layer], sums.shape[2], 1, transposed[layer], deltas[layer - 1], count, before, width)
        dense.relu_gradient(sums[layer - 1], deltas[layer - 1], count, before)
    dense.sum_rows(deltas[0], count, gradient, 0, sizes[1])


def _train(
    update, state, hyper, table, sizes, images, labels, levels, order, batch, first_step, last_step, room, losses
):
    word = flush()
    starts, pixels, values, parts = images
    sums, deltas, weights, transposed, matrix, bias, ends, entries, piece, gradient = room
    layers, width = sums.shape[0], sizes[1]
    behind = sizes[0] * width
    group = max(1, PIECE // width)
    step, finite = first_step, True
    while step < last_step and finite:
        first = step * batch
        count = min(batch, order.size - first)
        ahead = min(batch, order.size - first - count)
        sparse.fetch(starts, pixels, values, parts, order, first + count, ahead)
        sparse.by_pixel(starts, pixels, values, parts, order, first, count, ends, entries)
        _forward(state[0], sizes, images, levels, order, first, count, bias, sums, weights, transposed)
        loss = dense.cross_entropy(sums[layers - 1], count, sizes[layers], labels, order, first, deltas[layers - 1])
        losses[step] = loss
        finite = math.isfinite(loss)
        _backward(sizes, count, sums, deltas, transposed, matrix, gradient)
        for pixel in range(0, sizes[0], group):
            last = min(pixel + group, sizes[0])
            sparse.gradient(ends, entries, pixel, last, levels, deltas[0], width, piece)
            call(update, (state, piece, pixel * width, (last - pixel) * width, table, step, hyper))
        call(update, (state, gradient, behind, gradient.size, table, step, hyper))
        step += 1
    restore(word)
    return step


def _evaluate(parameters, sizes, images, labels, levels, order, batch, first_image, last_image, room):
    word = flush()
    sums, deltas, weights, transposed, _, bias, _, _, _, _ = room
    layers, classes = sums.shape[0], sizes[-1]
    logits = sums[layers - 1]
    loss, correct = 0.0, 0
    for first in range(first_image, last_image, batch):
        count = min(batch, last_image - first)
        _forward(parameters, sizes, images, levels, order, first, count, bias, sums, weights, transposed)
        loss += dense.cross_entropy(logits, count, classes, labels, order, first, deltas[layers - 1])
        for i in range(count):
            best = 0
            for c in range(1, classes):
                if logits[i, c] > logits[i, best]:
                    best = c
            correct += best == labels[order[first + i]]
    restore(word)
    return loss, correct


train = cached_jit(_train)
evaluate = cached_jit(_evaluate)
