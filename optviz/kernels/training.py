"""Training a network of dense layers with ReLU between them on sparse images: whole steps in one kernel call.

The kernel of a network is the same for every optimizer; the optimizer's own kernel updates a piece of the parameters
and is called by its address. The first layer's gradient is made a few rows at a time and used at once, so that it never
leaves the nearest cache.
"""

import math
from typing import Any, NamedTuple

import numba
import numpy as np

from optviz.kernels import dense, sparse
from optviz.kernels.buffers import PIECE, Workspace
from optviz.kernels.cache import INLINED, OPTIONS, cached_jit
from optviz.kernels.denormals import flush, restore
from optviz.kernels.indirect import address, call
from optviz.kernels.slots import put, take
from optviz.kernels.specialise import compiled, fingerprint, specialise
from optviz.optimizers import Formula

RULE: Any = None  # bound by specialise
TAKE: Any = None
PUT: Any = None
ROW: Any = None
CONSTANTS: Any = None


def update_piece(state, gradient, first, count, table, step, hyper):
    scalars, constants = ROW(table, step), CONSTANTS(hyper, 0)
    x, slots = state[0], state[1:]
    begin = np.uint64(first)
    for at in range(begin, begin + np.uint64(count)):
        new = RULE(x[at], gradient[at - begin], *TAKE(slots, at), *scalars, *constants)
        x[at] = new[0]
        PUT(slots, at, new[1:])


def piece_kernel(formula: Formula) -> Any:
    """The kernel that updates a piece of the parameters.

    Returns
    -------
    kernel
        ``kernel(state, gradient, first, count, table, step, hyper)`` updates `count` parameters from the `first` on,
        and their state slots. `gradient` is that of the piece; for the others see `train`.
    """
    count = len(formula.slots)
    return specialise(
        update_piece,
        f"{formula.update.__name__}_float32",
        fingerprint(formula.update),
        RULE=compiled(formula.update, np.float32, as_tuple=not count),
        TAKE=take(count),
        PUT=put(count),
        ROW=take(len(formula.scalar_names)),
        CONSTANTS=take(len(formula.hyperparameters)),
    )


def update_address(formula: Formula) -> int:
    """The address of a formula's `piece_kernel`, compiled here if need be and kept for the life of the process."""
    matrix, vector = np.zeros((1, 1), np.float32), np.zeros(1, np.float32)
    return address(piece_kernel(formula), matrix, vector, 0, 0, matrix, 0, matrix)


@numba.njit(**OPTIONS)
def _forward(parameters, sizes, images, levels, order, first, count, room):
    """The sums of every layer, those of hidden layers after ReLU; also unpacks the weights behind the first layer."""
    sums = room.sums
    sparse.forward(images, order, first, count, levels, parameters, sizes[1], sums[0])
    at = sizes[0] * sizes[1]
    for layer in range(1, sizes.size - 1):
        before, width = sizes[layer], sizes[layer + 1]
        dense.add_bias_relu(sums[layer - 1], count, parameters, at, before)
        at += before
        dense.unpack(parameters, at, before, width, room.weights[layer], room.transposed[layer])
        dense.product(sums[layer - 1], sums.shape[2], 1, room.weights[layer], sums[layer], count, width, before)
        at += before * width
    dense.add_bias(sums[sizes.size - 2], count, parameters, at, sizes[sizes.size - 1])


@numba.njit(**INLINED)
def _backward(sizes, count, room):
    """The deltas of every layer from those of the last, and the gradient of all parameters behind the first weights."""
    sums, deltas, gradient = room.sums, room.deltas, room.gradient
    stride = sums.shape[2]
    at = gradient.size
    for layer in range(sizes.size - 2, 0, -1):
        before, width = sizes[layer], sizes[layer + 1]
        at -= width
        dense.sum_rows(deltas[layer], count, gradient, at, width)
        at -= before * width
        dense.product(sums[layer - 1], 1, stride, deltas[layer], room.matrix, before, width, count)
        dense.pack(room.matrix, before, width, gradient, at)
        dense.product(deltas[layer], stride, 1, room.transposed[layer], deltas[layer - 1], count, before, width)
        dense.relu_gradient(sums[layer - 1], deltas[layer - 1], count, before)
    dense.sum_rows(deltas[0], count, gradient, 0, sizes[1])


def _train(
    update, state, hyper, table, sizes, images, labels, levels, order, batch, first_step, last_step, room, losses
):
    word = flush()
    layers, width = sizes.size - 1, sizes[1]
    behind = sizes[0] * width
    group = max(1, PIECE // width)
    step, finite = first_step, True
    while step < last_step and finite:
        first = step * batch
        count = min(batch, order.size - first)
        ahead = min(batch, order.size - first - count)
        sparse.fetch(images, order, first + count, ahead)
        sparse.transpose(images, order, first, count, room.columns)
        _forward(state[0], sizes, images, levels, order, first, count, room)
        logits, deltas = room.sums[layers - 1], room.deltas[layers - 1]
        losses[step] = dense.cross_entropy(logits, count, sizes[layers], labels, order, first, deltas)
        finite = math.isfinite(losses[step])
        _backward(sizes, count, room)
        for pixel in range(0, sizes[0], group):
            last = min(pixel + group, sizes[0])
            sparse.gradient(room.columns, pixel, last, levels, room.deltas[0], width, room.piece)
            call(update, (state, room.piece, pixel * width, (last - pixel) * width, table, step, hyper))
        call(update, (state, room.gradient, behind, room.gradient.size, table, step, hyper))
        step += 1
    restore(word)
    return step


def _evaluate(parameters, sizes, images, labels, levels, order, room):
    word = flush()
    layers, classes = sizes.size - 1, sizes[-1]
    logits, deltas = room.sums[layers - 1], room.deltas[layers - 1]
    loss, correct = 0.0, 0
    for first in range(0, order.size, logits.shape[0]):
        count = min(logits.shape[0], order.size - first)
        _forward(parameters, sizes, images, levels, order, first, count, room)
        loss += dense.cross_entropy(logits, count, classes, labels, order, first, deltas)
        for i in range(count):
            best = 0
            for c in range(1, classes):
                if logits[i, c] > logits[i, best]:
                    best = c
            correct += best == labels[order[first + i]]
    restore(word)
    return loss, correct


_train_kernel = cached_jit(_train)
_evaluate_kernel = cached_jit(_evaluate)


class Examples(NamedTuple):
    """Labelled images as the kernels take them.

    Attributes
    ----------
    images : SparseImages
    labels : (n,) uint8
    levels : (256,) float32
        What the values of a pixel stand for.
    """

    images: sparse.SparseImages
    labels: np.ndarray
    levels: np.ndarray


def examples(images: np.ndarray, labels: np.ndarray) -> Examples:
    """Make ready ``(n, ...)`` uint8 images, whose pixels will be divided by 255, and their ``(n,)`` uint8 labels."""
    levels = np.arange(256, dtype=np.float32) / np.float32(255)
    return Examples(sparse.compress(images), np.array(labels, np.uint8), levels)


def train(
    update: int,
    state: np.ndarray,
    hyper: np.ndarray,
    table: np.ndarray,
    sizes: np.ndarray,
    data: Examples,
    order: np.ndarray,
    batch: int,
    steps: range,
    room: Workspace,
    losses: np.ndarray,
) -> int:
    """Some steps of an epoch, in one kernel call.

    Denormal numbers are flushed to zero during the call. The gradient is that of the mean cross-entropy of the batch.

    Parameters
    ----------
    update : int
        The optimizer's `update_address`.
    state : (1 + slots, ...) float32
        From `new_state`: parameters and state slots, modified.
    hyper : (hyperparameters, 1) float32
        In the order of the formula's arguments.
    table : (step scalars, steps of the epoch) float32
        Likewise, for each step.
    sizes : (layers + 1,) int64
        Of the dense layers, from the input to the output.
    data : Examples
    order : (n,) int64
        The images in the order of this epoch.
    batch : int
        Images per step; the last step of an epoch takes what is left.
    steps : range
        Which steps, from 0 in each epoch.
    room : Workspace
    losses : (steps of the epoch,) float64
        The summed loss of each step's batch, before the step; written.

    Returns
    -------
    int
        The step that comes next. Before ``steps.stop`` only if the last loss was not finite.
    """
    where = np.uint64(update)
    return _train_kernel(where, state, hyper, table, sizes, *data, order, batch, steps.start, steps.stop, room, losses)


def evaluate(
    parameters: np.ndarray, sizes: np.ndarray, data: Examples, part: range, room: Workspace
) -> tuple[float, int]:
    """The summed loss on some images, and how many are recognised.

    Parameters
    ----------
    parameters : (n,) float32
        Row 0 of a state from `new_state`.
    sizes, data, room
        See `train`.
    part : range
        Which images.

    Returns
    -------
    loss : float
    correct : int
    """
    return _evaluate_kernel(parameters, sizes, *data, np.array(part, np.int64), room)
