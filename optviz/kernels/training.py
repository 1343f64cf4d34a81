"""Training a network on sparse images: whole steps in one kernel call.

A network is dense layers, with or without a convolution and its pooling in front. Its kernel is the same for every
optimizer; the optimizer's own kernel updates a piece of the parameters and is called by its address. The gradient of
the first dense layer, by far the largest, is made a few rows at a time and used at once, so that it never leaves the
nearest cache.
"""

import functools
import math
from typing import Any, NamedTuple

import numba
import numpy as np

from optviz.kernels import dense, dropout, pooling, sparse
from optviz.kernels.buffers import PIECE, Layout, Workspace
from optviz.kernels.cache import INLINED, OPTIONS
from optviz.kernels.denormals import flush, restore
from optviz.kernels.indirect import address, call
from optviz.kernels.rules import constant_count
from optviz.kernels.slots import take
from optviz.kernels.specialise import fingerprint, specialise
from optviz.kernels.update import element_step
from optviz.optimizers import Formula

END, GROUP = range(2)  # the rows of segments
WHOLE = np.array([[np.iinfo(np.int64).max], [0]])  # all parameters in one group

# Bound by `specialise`.
ELEMENT: Any = None  # the step of a parameter
SCALARS: Any = None  # reads the step scalars of a step
CONSTANTS: Any = None  # reads the rule's constants
READY: Any = None  # makes a batch ready
FIRST_LAYER: Any = None  # what the first dense layer gives
UPDATE_FIRST: Any = None  # updates its weights and what is in front of it


def update_piece(state, gradient, first, count, tables, step, hyper, segments):
    x, slots = state[0], state[1:]
    begin = np.uint64(first)
    at, end = begin, begin + np.uint64(count)
    for segment in range(segments.shape[1]):
        last, group = min(end, np.uint64(segments[END, segment])), segments[GROUP, segment]
        if at < last:
            scalars, constants = SCALARS(tables[group], step), CONSTANTS(hyper, group)
            for i in range(at, last):
                ELEMENT(x, gradient, slots, i, i - begin, scalars, constants)
            at = last


def piece_kernel(formula: Formula) -> Any:
    """``kernel(state, gradient, first, count, tables, step, hyper, segments)``: the update of a piece of parameters.

    It updates `count` parameters from the `first` on, and their state slots; `gradient` is that of the piece.
    """
    return specialise(
        update_piece,
        f"{formula.update.__name__}_float32",
        fingerprint(formula),
        ELEMENT=element_step(formula, np.float32),
        SCALARS=take(len(formula.scalar_names)),
        CONSTANTS=take(constant_count(formula)),
    )


def update_address(formula: Formula) -> int:
    """The address of a formula's `piece_kernel`, compiled here if need be and kept for the life of the process."""
    matrix, vector = np.zeros((1, 1), np.float32), np.zeros(1, np.float32)
    return address(piece_kernel(formula), matrix, vector, 0, 0, matrix[np.newaxis], 0, matrix, WHOLE)


@numba.njit(**INLINED)
def _fetch_pixels(data, order, first, count, ahead, room):
    """Make a batch ready, and ask for the `ahead` images of the next."""
    sparse.fetch(data.images, order, first + count, ahead)
    sparse.transpose(data.images, order, first, count, room.columns)


@numba.njit(**INLINED)
def _first_pixels(parameters, net, data, order, first, count, rate, key, step, room):
    """What the first dense layer gives, before its bias: here of the pixels."""
    sparse.forward(data.images, order, first, count, data.levels, parameters, net.sizes[1], room.sums[0])


@numba.njit(**INLINED)
def _update_pixels(update, state, net, data, count, rate, tables, step, hyper, segments, room):
    """The gradient and the update of the first dense layer's weights, and of what is in front of it: here nothing."""
    inputs, width = net.sizes[0], net.sizes[1]
    group = max(1, PIECE // width)
    for pixel in range(0, inputs, group):
        last = min(pixel + group, inputs)
        sparse.gradient(room.columns, pixel, last, data.levels, room.deltas[0], width, room.piece)
        call(update, (state, room.piece, pixel * width, (last - pixel) * width, tables, step, hyper, segments))


@numba.njit(**INLINED)
def _fetch_pooled(data, order, first, count, ahead, room):
    sparse.fetch(data.images, order, first + count, ahead)


@numba.njit(**INLINED)
def _first_pooled(parameters, net, data, order, first, count, rate, key, step, room):
    """Of what the pooling of the filters gives."""
    pooling.forward(data.images, order, first, count, data.levels, parameters, net, rate, key, step, room.pooling)
    listed = pooling.listed(room.pooling, net.cells)
    weights, places = parameters[net.front :], room.pooling.order
    sparse.forward(listed, places, 0, count, None, weights, net.sizes[1], room.sums[0], pooling.TOGETHER)


@numba.njit(**INLINED)
def _update_pooled(update, state, net, data, count, rate, tables, step, hyper, segments, room):
    """Cell by cell, and at the end the filters."""
    width = net.sizes[1]
    rows = net.filters * width
    weights = state[0, net.front :]
    room.pooling.gradient[:] = 0
    room.pooling.bias_gradient[:] = 0
    for cell in range(net.cells):
        pooling.backward(cell, count, net, rate, weights, width, room.deltas[0], room.pooling, room.piece)
        call(update, (state, room.piece, net.front + cell * rows, rows, tables, step, hyper, segments))
    pooling.pack_gradient(net.filters, room.pooling, room.front)
    call(update, (state, room.front, 0, net.front, tables, step, hyper, segments))


@numba.njit(**OPTIONS)
def _forward(parameters, net, count, drops, key, step, room):
    """What every dense layer gives, from what the first gives; also unpacks the weights behind the first layer."""
    sums, sizes = room.sums, net.sizes
    at = net.front + sizes[0] * sizes[1]
    for layer in range(1, sizes.size - 1):
        before, width = sizes[layer], sizes[layer + 1]
        hidden = sums[layer - 1]
        dense.activate(hidden, count, parameters, at, before, net.activations[layer - 1])
        at += before
        if drops and net.dropout[layer] > 0:
            first, second = dropout.keys(key, step, layer)
            dropout.drop(hidden, count, before, net.dropout[layer], first, second)
        dense.unpack(parameters, at, before, width, room.weights[layer], room.transposed[layer])
        dense.product(hidden, sums.shape[2], 1, room.weights[layer], sums[layer], count, width, before)
        at += before * width
    dense.add_bias(sums[sizes.size - 2], count, parameters, at, sizes[sizes.size - 1])


@numba.njit(**OPTIONS)
def _backward(net, count, key, step, room):
    """The deltas of every dense layer from those of the last, and the gradient behind the first layer's weights."""
    sums, deltas, gradient, sizes = room.sums, room.deltas, room.gradient, net.sizes
    stride = sums.shape[2]
    at = gradient.size
    for layer in range(sizes.size - 2, 0, -1):
        before, width = sizes[layer], sizes[layer + 1]
        hidden, delta, rate = sums[layer - 1], deltas[layer - 1], net.dropout[layer]
        at -= width
        dense.sum_rows(deltas[layer], count, gradient, at, width)
        at -= before * width
        dense.product(hidden, 1, stride, deltas[layer], room.matrix, before, width, count)
        dense.pack(room.matrix, before, width, gradient, at)
        dense.product(deltas[layer], stride, 1, room.transposed[layer], delta, count, before, width)
        if rate > 0:
            first, second = dropout.keys(key, step, layer)
            dropout.drop(delta, count, before, rate, first, second)
        dense.activation_gradient(hidden, delta, count, before, net.activations[layer - 1], np.float32(1) - rate)
    dense.sum_rows(deltas[0], count, gradient, 0, sizes[1])


def train_network(
    update, state, hyper, tables, segments, net, data, order, key, batch, first_step, last_step, room, losses, valued
):
    word = flush()
    layers, classes = net.sizes.size - 1, net.sizes[-1]
    behind = net.front + net.sizes[0] * net.sizes[1]
    rate = net.dropout[0]
    step, finite = first_step, True
    while step < last_step and finite:
        first = step * batch
        count = min(batch, order.size - first)
        READY(data, order, first, count, min(batch, order.size - first - count), room)
        FIRST_LAYER(state[0], net, data, order, first, count, rate, key, step, room)
        _forward(state[0], net, count, True, key, step, room)
        logits, deltas = room.sums[layers - 1], room.deltas[layers - 1]
        losses[step] = dense.cross_entropy(logits, count, classes, data.labels, order, first, deltas)
        finite = math.isfinite(losses[step])
        if valued:
            for group in range(tables.shape[0]):
                tables[group, 0, step] = losses[step] / count
        _backward(net, count, key, step, room)
        UPDATE_FIRST(update, state, net, data, count, rate, tables, step, hyper, segments, room)
        call(update, (state, room.gradient, behind, room.gradient.size, tables, step, hyper, segments))
        step += 1
    restore(word)
    return step


def evaluate_network(parameters, net, data, order, room, predictions):
    word = flush()
    layers, classes = net.sizes.size - 1, net.sizes[-1]
    logits, deltas = room.sums[layers - 1], room.deltas[layers - 1]
    loss = 0.0
    for first in range(0, order.size, logits.shape[0]):
        count = min(logits.shape[0], order.size - first)
        FIRST_LAYER(parameters, net, data, order, first, count, np.float32(0), np.uint64(0), 0, room)
        _forward(parameters, net, count, False, np.uint64(0), 0, room)
        loss += dense.cross_entropy(logits, count, classes, data.labels, order, first, deltas)
        for i in range(count):
            best = 0
            for c in range(1, classes):
                if logits[i, c] > logits[i, best]:
                    best = c
            predictions[first + i] = best
    restore(word)
    return loss


@functools.cache
def _kernel(template: Any, pooled: bool) -> Any:
    """A template for networks with or without a convolution in front."""
    label = "pooled" if pooled else "pixels"
    fetch, first, update = (
        (_fetch_pooled, _first_pooled, _update_pooled) if pooled else (_fetch_pixels, _first_pixels, _update_pixels)
    )
    return specialise(template, label, fingerprint(), READY=fetch, FIRST_LAYER=first, UPDATE_FIRST=update)


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
    tables: np.ndarray,
    net: Layout,
    data: Examples,
    order: np.ndarray,
    key: int,
    batch: int,
    steps: range,
    room: Workspace,
    losses: np.ndarray,
    valued: bool = False,
    segments: np.ndarray = WHOLE,
) -> int:
    """Some steps of an epoch, in one kernel call.

    Denormal numbers are flushed to zero during the call. The gradient is that of the mean cross-entropy of the batch.

    Parameters
    ----------
    update : int
        The optimizer's `update_address`.
    state : (1 + slots, ...) float32
        From `new_state`: parameters and state slots, modified.
    hyper : (hyperparameters, groups) float32
        In the order of the formula's arguments, for each group of parameters.
    tables : (groups, step scalars, steps of the epoch) float32
        Likewise, for each step.
    net : Layout
    data : Examples
    order : (n,) int64
        The images in the order of this epoch.
    key : int
        64 bits that decide, with the step, what is dropped.
    batch : int
        Images per step; the last step of an epoch takes what is left.
    steps : range
        Which steps, from 0 in each epoch.
    room : Workspace
    losses : (steps of the epoch,) float64
        The summed loss of each step's batch, before the step; written.
    valued : bool
        Whether the first row of each table is the mean loss of each step's batch; then it is written too.
    segments : (2, n) int64
        Stretches of the parameters, the first of which begins with them: where each ends, and its group.

    Returns
    -------
    int
        The step that comes next. Before ``steps.stop`` only if the last loss was not finite.
    """
    kernel, where, mixed = _kernel(train_network, net.filters > 0), np.uint64(update), np.uint64(key)
    numbers = hyper, tables, segments
    return kernel(where, state, *numbers, net, data, order, mixed, batch, steps.start, steps.stop, room, losses, valued)


def evaluate(
    parameters: np.ndarray, net: Layout, data: Examples, part: range, room: Workspace
) -> tuple[float, np.ndarray]:
    """The summed loss on a `part` of some images, and what the network takes them for; nothing is dropped.

    `parameters` is row 0 of a state from `new_state`; the predictions are ``(len(part),)`` uint8.
    """
    predictions = np.empty(len(part), np.uint8)
    order = np.array(part, np.int64)
    return _kernel(evaluate_network, net.filters > 0)(parameters, net, data, order, room, predictions), predictions
