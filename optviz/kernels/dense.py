"""The layers of a network between which everything is dense, and its loss.

A batch of 64 through 128 units is too small for BLAS to be worth a call from Python, and a training that never returns
to Python runs beside others without waiting for the interpreter's lock. Rows of all matrices are padded to whole
`WIDTH`s and matrices to whole `HEIGHT`s of rows; what is computed there is never read.
"""

import math

import numba
import numpy as np

from optviz.kernels.cache import INLINED, OPTIONS
from optviz.kernels.simd import accumulate, load, store, zeros
from optviz.networks import ACTIVATIONS

WIDTH = 16  # lanes of a sum
HEIGHT = 4  # rows that share what is loaded of the second factor
RELU, TANH = ACTIVATIONS.index("relu"), ACTIVATIONS.index("tanh")


@numba.njit(**OPTIONS)
def product(a, a_row, a_column, b, out, height, width, depth):
    """``out[i, j] = sum over k of a[i, k] b[k, j]``.

    The element ``[i, k]`` of `a` is ``i * a_row + k * a_column`` elements behind its first, so that a matrix may be
    taken as its transpose. `b` and `out` are contiguous.
    """
    b_row, out_row = np.uint64(b.shape[1]), np.uint64(out.shape[1])
    down, along = np.uint64(a_row), np.uint64(a_column)
    flat = a.reshape(a.size)
    for j in range(np.uint64(0), np.uint64(width), np.uint64(WIDTH)):
        for i in range(np.uint64(0), np.uint64(height), np.uint64(HEIGHT)):
            first = second = third = fourth = zeros(WIDTH)
            at, row = i * down, j
            for _ in range(depth):
                lanes = load(first, b, row)
                first = accumulate(first, flat[at], lanes)
                second = accumulate(second, flat[at + down], lanes)
                third = accumulate(third, flat[at + np.uint64(2) * down], lanes)
                fourth = accumulate(fourth, flat[at + np.uint64(3) * down], lanes)
                at += along
                row += b_row
            place = i * out_row + j
            store(out, place, first)
            store(out, place + out_row, second)
            store(out, place + np.uint64(2) * out_row, third)
            store(out, place + np.uint64(3) * out_row, fourth)


@numba.njit(**INLINED)
def unpack(parameters, first, height, width, weights, transposed):
    """Copy a layer's weights out of the flat parameters, as they are and transposed, into padded matrices."""
    for k in range(height):
        for j in range(width):
            weight = parameters[first + k * width + j]
            weights[k, j] = weight
            transposed[j, k] = weight


@numba.njit(**INLINED)
def pack(matrix, height, width, flat, first):
    """Copy a padded matrix into a flat vector."""
    for k in range(height):
        for j in range(width):
            flat[first + k * width + j] = matrix[k, j]


@numba.njit(**INLINED)
def add_bias(sums, count, parameters, first, width):
    bias = parameters[first : first + width]
    for i in range(count):
        row = sums[i]
        for j in range(bias.size):
            row[j] += bias[j]


@numba.njit(**INLINED)
def add_bias_relu(sums, count, parameters, first, width):
    """``max(0, sums + bias)`` in place; NaN stays."""
    bias = parameters[first : first + width]
    for i in range(count):
        row = sums[i]
        for j in range(bias.size):
            value = row[j] + bias[j]
            row[j] = np.float32(0) if value < np.float32(0) else value


@numba.njit(**OPTIONS)
def sum_rows(deltas, count, flat, first, width):
    """The gradient of a bias: the deltas of all images, added."""
    total = flat[first : first + width]
    total[:] = 0
    for i in range(count):
        row = deltas[i]
        for j in range(total.size):
            total[j] += row[j]


@numba.njit(**OPTIONS)
def activate(sums, count, parameters, first, width, activation):
    """The activation of ``sums + bias`` in place; NaN stays."""
    if activation == RELU:
        add_bias_relu(sums, count, parameters, first, width)
        return
    bias = parameters[first : first + width]
    for i in range(count):
        row = sums[i]
        for j in range(bias.size):
            value = row[j] + bias[j]
            row[j] = math.tanh(value) if activation == TANH else _sigmoid(value)


@numba.njit(**INLINED)
def _sigmoid(x):
    return np.float32(1) / (np.float32(1) + math.exp(-x))


@numba.njit(**OPTIONS)
def activation_gradient(outputs, deltas, count, width, activation, kept):
    """Multiply the deltas by the derivative of the activation, told from its `outputs`.

    After dropout these are its results divided by the share `kept`, or zero; there the delta must be zero by now
    unless the activation is ReLU.
    """
    for i in range(count):
        output, delta = outputs[i], deltas[i]
        if activation == RELU:
            for j in range(width):
                delta[j] = np.float32(0) if output[j] <= np.float32(0) else delta[j]
        elif activation == TANH:
            for j in range(width):
                y = output[j] * kept
                delta[j] *= np.float32(1) - y * y
        else:
            for j in range(width):
                y = output[j] * kept
                delta[j] *= y * (np.float32(1) - y)


@numba.njit(**INLINED)
def cross_entropy(logits, count, classes, labels, order, first, deltas):
    """The summed cross-entropy of a batch, as float64; `deltas` becomes the gradient of its mean."""
    total = 0.0
    share = np.float32(1) / np.float32(count)
    for i in range(count):
        row, delta = logits[i], deltas[i]
        highest = row[0]
        for c in range(1, classes):
            highest = max(highest, row[c])
        norm = np.float32(0)
        for c in range(classes):
            delta[c] = math.exp(row[c] - highest)
            norm += delta[c]
        label = labels[order[first + i]]
        total += math.log(norm) + (highest - row[label])
        factor = share / norm
        for c in range(classes):
            delta[c] *= factor
        delta[label] -= share
    return total
