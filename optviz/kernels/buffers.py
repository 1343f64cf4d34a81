"""Room for the numbers of a training, laid out for the kernels and the caches."""

import math
from typing import NamedTuple

import numpy as np

from optviz.kernels import dense, sparse
from optviz.kernels.pooling import Pooling, pooling
from optviz.networks import ACTIVATIONS, Plan, pooled

PIECE = 1024  # parameters of the first layer whose gradient is made before they are updated
PAGE = 1024  # float32 numbers in 4096 bytes, the distance at which caches take two addresses for one
LINE = 16  # float32 numbers in a cache line
ROWS = 256  # rows at least, so that a test passes over the weights a few times only
POOLED_ROWS = 64  # the same where the rows of a batch take a megabyte


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


class Layout(NamedTuple):
    """A network's `Plan` as the kernels take it.

    Attributes
    ----------
    sizes : (layers + 1,) int64
        Of the dense layers, from the input to the logits.
    activations : (layers - 1,) int64
        Places in `ACTIVATIONS`.
    dropout : (layers,) float32
    height, width : int
        Of the images.
    filters : int
    across, cells : int
        Pooled cells in a row of an image, and in all of it.
    front : int
        Where the dense layers' parameters begin.
    """

    sizes: np.ndarray
    activations: np.ndarray
    dropout: np.ndarray
    height: int
    width: int
    filters: int
    across: int
    cells: int
    front: int


def layout(plan: Plan) -> Layout:
    """The layout of a plan."""
    across = pooled(plan.shape[1])
    return Layout(
        np.array(plan.sizes, np.int64),
        np.array([ACTIVATIONS.index(name) for name in plan.activations], np.int64),
        np.array(plan.dropout, np.float32),
        *plan.shape,
        plan.filters,
        across,
        pooled(plan.shape[0]) * across,
        plan.front,
    )


class Workspace(NamedTuple):
    """Room for what one step computes, reused by all steps of a thread; float32 but for `columns`.

    Attributes
    ----------
    sums, deltas : (layers, rows, stride)
        What each dense layer gives for each image of a batch, and the gradient of the loss with respect to it.
    weights, transposed : (layers, stride, stride)
        The weights behind the first dense layer, padded.
    matrix : (stride, stride)
        The gradient of one layer's weights, padded.
    piece : (1024 or so,)
        The gradient of some rows of the first dense layer's weights.
    gradient : (parameters behind the first dense layer's weights,)
    front : (parameters before the dense layers,)
        Their gradient.
    columns : (pixels, whole 64s) uint8
        The batch, see `sparse.transpose`.
    pooling : Pooling
    """

    sums: np.ndarray
    deltas: np.ndarray
    weights: np.ndarray
    transposed: np.ndarray
    matrix: np.ndarray
    piece: np.ndarray
    gradient: np.ndarray
    front: np.ndarray
    columns: np.ndarray
    pooling: Pooling


def workspace(plan: Plan, batch: int) -> Workspace:
    """A workspace for a network and at most `batch` images per step."""
    sizes = plan.sizes
    layers, widest = len(sizes) - 1, max(sizes[1:])
    least = POOLED_ROWS if plan.filters else ROWS
    rows = -(-max(batch, least) // dense.HEIGHT) * dense.HEIGHT
    # An odd number of cache lines from row to row, or a power of two of them would share a few places of the cache.
    stride = -(-widest // sparse.WIDTH) * sparse.WIDTH + LINE
    lines = plan.filters or max(1, PIECE // sizes[1])
    return Workspace(
        sums=_aligned(layers, rows, stride),
        deltas=_aligned(layers, rows, stride),
        weights=_aligned(layers, stride, stride),
        transposed=_aligned(layers, stride, stride),
        matrix=_aligned(stride, stride),
        piece=_aligned(lines * sizes[1] + sparse.WIDTH),
        gradient=_aligned(plan.parameters - plan.front - sizes[0] * sizes[1]),
        front=_aligned(plan.front),
        columns=np.zeros((0 if plan.filters else sizes[0], -(-batch // 64) * 64), np.uint8),
        pooling=pooling(plan, rows),
    )


def _aligned(*shape: int) -> np.ndarray:
    """float32 zeros that begin with a cache line."""
    size = math.prod(shape)
    room = np.zeros(size + LINE, np.float32)
    skip = -(room.ctypes.data // room.itemsize) % LINE
    return room[skip : skip + size].reshape(shape)
