"""Dense layers on CUDA: the phases of a training step, each a function that some blocks, or one alone, carry out.

A network is a row of nodes: the inputs, what each hidden layer gives, the logits; a dense layer leads from one to the
next. All that a step computes lies in one flat array, the room: first the gradient, in the order of the parameters,
then the values of each node and the gradient of the loss with respect to them, its deltas, image after image. The table
of nodes says where; `room_of` makes it.

A phase is the work of the block `block` of `blocks`, or of one block for some images. Between two phases all blocks
must have ended or, where one is alone, its threads must meet.
"""

import functools
import math
from typing import Any

import numpy as np

from optviz.kernels.cuda import backend, dropout
from optviz.kernels.cuda.backend import cuda
from optviz.kernels.cuda.products import UNIT, Tiling, product_function
from optviz.networks import ACTIVATIONS, Plan

# What is in a row of the table of nodes: how many units there are, where values and deltas begin in the room, which
# activation made them, the threshold of their dropout, where the parameters of the layer that takes them begin; a 0.
UNITS, VALUES, DELTAS, ACTIVATION, DROPPED_BELOW, PARAMETERS, NOTHING = range(7)
SCALE, KEPT = range(2)  # in a row of rates: the factor of what is not dropped, and its inverse
RELU, TANH, SIGMOID = (np.uint64(ACTIVATIONS.index(name)) for name in ("relu", "tanh", "sigmoid"))
LINEAR = len(ACTIVATIONS)
LINE = 32  # numbers: what a warp reads at a time, and where nodes begin

# Bound by `phases`.
NUMBER: Any = None  # the dtype
PRODUCT: Any = None  # `product` with what becomes of its numbers
ACTIVATED: Any = None  # `activated`
BEFORE_ACTIVATION: Any = None  # `before_activation`
CROSS_ENTROPY: Any = None  # `cross_entropy`
STAYS: Any = dropout.stays
KEYS: Any = dropout.keys


def room_of(plan: Plan, rows: int, dtype: type) -> tuple[np.ndarray, np.ndarray, int]:
    """Where everything is that a step with at most so many images computes.

    Returns
    -------
    nodes : (layers + 1, 7) uint64
    rates : (layers + 1, 2) dtype
    size : int
        Numbers in the room.
    """
    layers = len(plan.sizes) - 1
    nodes: np.ndarray = np.zeros((layers + 1, 7), np.uint64)
    rates: np.ndarray = np.ones((layers + 1, 2), dtype)
    size, parameters = _lines(plan.parameters), plan.front
    activations = ("", *plan.activations, "")
    for node, units in enumerate(plan.sizes):
        rate = plan.dropout[node] if 0 < node < layers else 0.0  # that of the inputs is the convolution's
        activation = ACTIVATIONS.index(activations[node]) if activations[node] else LINEAR
        deltas = size + _lines(rows * units)
        nodes[node] = units, size, deltas, activation, dropout.threshold(rate), parameters, 0
        rates[node] = dropout.scale(rate, dtype), dtype(1) - dtype(np.float32(rate))
        # Of pixels there are no deltas.
        size = deltas + (_lines(rows * units) if node or plan.filters else 0)
        if node < layers:
            parameters += (units + 1) * plan.sizes[node + 1]
    return nodes, rates, size


def _lines(numbers: int) -> int:
    return -(-numbers // LINE) * LINE


def gather(nodes, images, order, first, count, room, block, blocks):
    """The pixels of the images ``order[first : first + count]`` as numbers from 0 to 1: the inputs of the network."""
    pixels, values = nodes[0, UNITS], nodes[0, VALUES]
    for i in range(block, count, blocks):
        image, place = np.uint64(order[first + i]), values + i * pixels
        for pixel in range(np.uint64(cuda.threadIdx.x), pixels, np.uint64(cuda.blockDim.x)):
            room[place + pixel] = NUMBER(images[image, pixel]) / NUMBER(255)


def activated(value, activation):
    """NaN stays. The sigmoid is written so that no exponential overflows."""
    if activation == RELU:
        return NUMBER(0) if value < NUMBER(0) else value
    if activation == TANH:
        return NUMBER(math.tanh(value))
    if activation == SIGMOID:
        power = NUMBER(math.exp(-abs(value)))
        return (power if value < NUMBER(0) else NUMBER(1)) / (NUMBER(1) + power)
    return value


def before_activation(delta, output, activation, kept):
    """The delta behind an activation, from what it gave; see `optviz.kernels.dense.activation_gradient`."""
    if activation == RELU:
        return NUMBER(0) if output <= NUMBER(0) else delta
    y = output * kept
    if activation == TANH:
        return delta * (NUMBER(1) - y * y)
    if activation == SIGMOID:
        return delta * (y * (NUMBER(1) - y))
    return delta


def value_end(i, j, room, values, width, parameters, bias, activation, top, first, second, limit, scale):
    """Bias, activation, dropout."""
    unit = (top + i) * width + j
    value = ACTIVATED(room[values + unit] + parameters[bias + j], activation)
    if limit > np.uint32(0):
        value = value * scale if STAYS(first, second, unit, limit) else NUMBER(0)
    room[values + unit] = value


def gradient_end(i, j):
    pass


def delta_end(i, j, room, deltas, width, values, activation, first, second, limit, scale, kept):
    """Dropout, activation."""
    unit = i * width + j
    delta = room[deltas + unit]
    if limit > np.uint32(0):
        delta = delta * scale if STAYS(first, second, unit, limit) else NUMBER(0)
    room[deltas + unit] = BEFORE_ACTIVATION(delta, room[values + unit], activation, kept)


def forward(nodes, rates, parameters, room, layer, top, height, key, step, learns, one, two, block, blocks):
    """The values behind a dense layer, of `height` images from `top` on; dropped only if the network `learns`."""
    units, width, at = nodes[layer, UNITS], nodes[layer + 1, UNITS], nodes[layer, PARAMETERS]
    inputs, values = nodes[layer, VALUES] + top * units, nodes[layer + 1, VALUES]
    first, second = KEYS(key, step, layer + 1)
    limit = np.uint32(nodes[layer + 1, DROPPED_BELOW]) if learns else np.uint32(0)
    bias, activation, scale = at + units * width, nodes[layer + 1, ACTIVATION], rates[layer + 1, SCALE]
    end = room, values, width, parameters, bias, activation, top, first, second, limit, scale
    PRODUCT(
        room, inputs, units, UNIT, height, parameters, at, width, UNIT,
        height, width, units, room, values + top * width, one, two, block, blocks, nodes[0, NOTHING], end,
    )  # fmt: skip


def cross_entropy(room, logits, deltas, classes, label, share):
    """The cross-entropy of an image; its deltas become the gradient of the mean, in which it has a `share`."""
    highest = room[logits]
    for c in range(UNIT, classes):
        if room[logits + c] > highest:
            highest = room[logits + c]
    norm = NUMBER(0)
    for c in range(classes):
        power = NUMBER(math.exp(room[logits + c] - highest))
        room[deltas + c] = power
        norm += power
    factor = share / norm
    for c in range(classes):
        room[deltas + c] *= factor
    room[deltas + label] -= share
    return NUMBER(math.log(norm)) + (highest - room[logits + label])


def entropy(nodes, room, layer, top, height, count, labels, order, first, losses, place):
    """The cross-entropy of `height` images from `top` on, at `place` and behind it, and the deltas of the logits."""
    classes, logits, deltas = nodes[layer + 1, UNITS], nodes[layer + 1, VALUES], nodes[layer + 1, DELTAS]
    share = NUMBER(1) / NUMBER(count)
    for i in range(top + np.uint64(cuda.threadIdx.x), top + height, np.uint64(cuda.blockDim.x)):
        label, row = np.uint64(labels[np.uint64(order[first + i])]), i * classes
        losses[place + i] = CROSS_ENTROPY(room, logits + row, deltas + row, classes, label, share)


def gradient(nodes, room, layer, count, one, two, block, blocks):
    """The gradient of a layer's weights, and below them, as in the parameters, of its bias."""
    units, width, at = nodes[layer, UNITS], nodes[layer + 1, UNITS], nodes[layer, PARAMETERS]
    values, deltas = nodes[layer, VALUES], nodes[layer + 1, DELTAS]
    PRODUCT(
        room, values, UNIT, units, units, room, deltas, width, UNIT,
        units + UNIT, width, count, room, at, one, two, block, blocks, nodes[0, NOTHING], (),
    )  # fmt: skip


def delta(nodes, rates, parameters, room, layer, count, key, step, one, two, block, blocks):
    """The deltas in front of a layer, before the dropout and the activation that made its inputs."""
    units, width, at = nodes[layer, UNITS], nodes[layer + 1, UNITS], nodes[layer, PARAMETERS]
    first, second = KEYS(key, step, layer)
    limit, activation = np.uint32(nodes[layer, DROPPED_BELOW]), nodes[layer, ACTIVATION]
    deltas, values = nodes[layer, DELTAS], nodes[layer, VALUES]
    end = room, deltas, units, values, activation, first, second, limit, rates[layer, SCALE], rates[layer, KEPT]
    PRODUCT(
        room, nodes[layer + 1, DELTAS], width, UNIT, count, parameters, at, UNIT, width,
        count, units, width, room, deltas, one, two, block, blocks, nodes[0, NOTHING], end,
    )  # fmt: skip


@functools.cache
def phases(dtype: type, tiling: Tiling) -> dict[str, Any]:
    """The functions above as device functions, and what a kernel needs for them, by the names that it knows them by.

    Returns
    -------
    dict
        `GATHER`, `FORWARD`, `ENTROPY`, `WEIGHT_GRADIENT`, `DELTA`; `NUMBER`; `LEFT_ROOM` and `RIGHT_ROOM`, how much
        shared memory `one` and `two` are.
    """
    make, names = backend.device_function, {"NUMBER": dtype}
    parts = names | {"ACTIVATED": make(activated, **names), "BEFORE_ACTIVATION": make(before_activation, **names)}
    values, stored, deltas = (make(end, **parts) for end in (value_end, gradient_end, delta_end))
    one, two = tiling.room
    return names | {
        "GATHER": make(gather, **names),
        "FORWARD": make(forward, PRODUCT=product_function(tiling, dtype, values, True, False)),
        "ENTROPY": make(entropy, **names, CROSS_ENTROPY=make(cross_entropy, **names)),
        "WEIGHT_GRADIENT": make(gradient, PRODUCT=product_function(tiling, dtype, stored, False, False)),
        "DELTA": make(delta, PRODUCT=product_function(tiling, dtype, deltas, True, True)),
        "LEFT_ROOM": one,
        "RIGHT_ROOM": two,
    }
