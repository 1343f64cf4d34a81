"""Room for the numbers of a training, laid out for the kernels and the caches."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from optviz.kernels import dense, sparse
from optviz.networks import parameter_count

PIECE = 1024  # parameters of the first layer whose gradient is made before they are updated
PAGE = 1024  # float32 numbers in 4096 bytes, the distance at which caches take two addresses for one
LINE = 16  # float32 numbers in a cache line
ROWS = 256  # rows at least, so that a test passes over the weights a few times only


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


class Workspace(NamedTuple):
    """Room for what one step computes, reused by all steps of a thread; float32, but for the last.

    Attributes
    ----------
    sums, deltas : (layers, rows, stride)
        What each layer gives for each image of a batch, and the gradient of the loss with respect to it.
    weights, transposed : (layers, stride, stride)
        The weights behind the first layer, padded.
    matrix : (stride, stride)
        The gradient of one layer's weights, padded.
    piece : (1024 or so,)
        The gradient of some rows of the first layer's weights.
    gradient : (parameters behind the first layer's weights,)
    columns : (pixels, whole 64s) uint8
        The batch, see `sparse.transpose`.
    """

    sums: np.ndarray
    deltas: np.ndarray
    weights: np.ndarray
    transposed: np.ndarray
    matrix: np.ndarray
    piece: np.ndarray
    gradient: np.ndarray
    columns: np.ndarray


def workspace(sizes: Sequence[int], batch: int) -> Workspace:
    """A workspace for dense layers of these sizes and at most `batch` images per step."""
    layers, widest = len(sizes) - 1, max(sizes[1:])
    rows = -(-max(batch, ROWS) // dense.HEIGHT) * dense.HEIGHT
    # An odd number of cache lines from row to row, or a power of two of them would share a few places of the cache.
    stride = -(-widest // sparse.WIDTH) * sparse.WIDTH + LINE
    return Workspace(
        sums=_aligned(layers, rows, stride),
        deltas=_aligned(layers, rows, stride),
        weights=_aligned(layers, stride, stride),
        transposed=_aligned(layers, stride, stride),
        matrix=_aligned(stride, stride),
        piece=_aligned(max(1, PIECE // sizes[1]) * sizes[1] + sparse.WIDTH),
        gradient=_aligned(parameter_count(sizes) - sizes[0] * sizes[1]),
        columns=np.zeros((sizes[0], -(-batch // 64) * 64), np.uint8),
    )


def _aligned(*shape: int) -> np.ndarray:
    """float32 zeros that begin with a cache line."""
    size = math.prod(shape)
    room = np.zeros(size + LINE, np.float32)
    skip = -(room.ctypes.data // room.itemsize) % LINE
    return room[skip : skip + size].reshape(shape)
