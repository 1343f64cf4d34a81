"""The first layer of a network on images that are mostly zero: only what is not zero is multiplied.

Four fifths of MNIST's pixels are zero. The data set is compressed once, image by image. A step walks its images for
the products of the layer, and, turned into columns of pixels, for the gradient: then each row of weights has its
gradient summed in registers and stored once.
"""

from typing import NamedTuple

import numba
import numpy as np
from numba import types
from numba.extending import overload

from optviz.kernels.cache import INLINED, cached_jit
from optviz.kernels.simd import accumulate, load, lowest, occupied, prefetch, store, zeros

WIDTH = 64  # lanes of a sum: eight AVX2 registers hide the latency of a fused multiply-add, and eight more stay free
PART = 112  # pixels whose weights all images use before the next are read: the caches next to the core hold these
LINE = 64  # bytes
MOST_PIXELS = 1 << 16  # what uint16 counts


class SparseImages(NamedTuple):
    """Images without their zeros, as the kernels take them.

    Attributes
    ----------
    starts : (images * parts + 1,) int64
        Where the entries of an image's part begin; a part is `PART` pixels, the last one fewer.
    pixels : (entries,) uint16
        The pixel of each entry, ascending within an image.
    values : (entries,) uint8
        What it holds, never 0.
    parts : int
        Parts per image.
    """

    starts: np.ndarray
    pixels: np.ndarray
    values: np.ndarray
    parts: int


def compress(images: np.ndarray) -> SparseImages:
    """Leave out the zeros of ``(n, ...)`` uint8 images of at most `MOST_PIXELS` pixels each."""
    flat = np.ascontiguousarray(images).reshape(len(images), -1)
    count, size = flat.shape
    parts = -(-size // PART)
    entries = np.count_nonzero(flat) + 1  # one more, see the kernel
    compressed = SparseImages(
        np.zeros(count * parts + 1, np.int64), np.empty(entries, np.uint16), np.empty(entries, np.uint8), parts
    )
    _compress_kernel(flat, compressed)
    return compressed


def _compress(images, compressed):
    starts, pixels, values, _ = compressed
    entry, part = 0, 0
    for image in range(images.shape[0]):
        for first in range(0, images.shape[1], PART):
            for pixel in range(first, min(first + PART, images.shape[1])):
                # Written always and kept if not zero: a branch that nobody can foresee costs more.
                value = images[image, pixel]
                pixels[entry] = pixel
                values[entry] = value
                entry += value != 0
            part += 1
            starts[part] = entry


_compress_kernel = cached_jit(_compress)


@numba.njit(**INLINED)
def fetch(images, order, first, count):
    """Ask for the entries of the images ``order[first : first + count]``, which lie scattered over the data set."""
    starts, pixels, values, parts = images
    for i in range(count):
        image = np.uint64(order[first + i]) * np.uint64(parts)
        begin, end = np.uint64(starts[image]), np.uint64(starts[image + np.uint64(parts)])
        for entry in range(begin, end, np.uint64(LINE // 2)):
            prefetch(pixels, entry)
        for entry in range(begin, end, np.uint64(LINE)):
            prefetch(values, entry)


@numba.njit(**INLINED)
def transpose(images, order, first, count, columns):
    """Turn a batch into columns of pixels: ``columns[j, i]`` is pixel `j` of its image `i`.

    `columns` ``(pixels, whole 64s)`` uint8 has room for the batch; what is left of a row becomes 0.
    """
    starts, pixels, values, parts = images
    columns[:] = 0
    flat, stride = columns.reshape(columns.size), np.uint64(columns.shape[1])
    for i in range(np.uint64(count)):
        image = np.uint64(order[np.uint64(first) + i]) * np.uint64(parts)
        for entry in range(np.uint64(starts[image]), np.uint64(starts[image + np.uint64(parts)])):
            flat[np.uint64(pixels[entry]) * stride + i] = values[entry]


def shade(levels, value):
    """What a stored value stands for: one of `levels`, or itself where these are None."""
    return value if levels is None else levels[value]


@overload(shade, inline="always")
def _shade(levels, value):
    return (
        (lambda levels, value: value) if isinstance(levels, types.NoneType) else (lambda levels, value: levels[value])
    )


@numba.njit(**INLINED)
def forward(images, order, first, count, levels, weights, width, out, together=1):
    """``out[i] = image i of the batch @ weights``.

    `weights` is flat and begins with the layer's ``(size, width)`` weights. Rows are read `WIDTH` lanes at a time, so
    that it must go on for as long behind them, and the rows of `out` have room for whole `WIDTH`s. `levels` are the 256
    float32 values that uint8 stands for, or None for values that are float32. So many parts are taken `together`.
    """
    starts, pixels, values, parts = images
    stride, end_part = np.uint64(out.shape[1]), np.uint64(parts)
    for part in range(np.uint64(0), end_part, np.uint64(together)):
        behind = min(part + np.uint64(together), end_part)
        for i in range(count):
            at = np.uint64(order[first + i]) * end_part
            begin, end = np.uint64(starts[at + part]), np.uint64(starts[at + behind])
            for block in range(np.uint64(0), np.uint64(width), np.uint64(WIDTH)):
                place = np.uint64(i) * stride + block
                total = zeros(WIDTH) if part == np.uint64(0) else load(zeros(WIDTH), out, place)
                for entry in range(begin, end):
                    row = np.uint64(pixels[entry]) * np.uint64(width) + block
                    total = accumulate(total, shade(levels, values[entry]), load(total, weights, row))
                store(out, place, total)


@numba.njit(**INLINED)
def gradient(columns, first, last, levels, deltas, width, out):
    """The gradient of the rows of weights of the pixels `first` to ``last - 1``, one after the other, into flat `out`.

    `columns` come from `transpose`; `deltas` ``(batch, stride)`` is the gradient of the layer's sums. `out` is written
    `WIDTH` lanes at a time and must go on for as long behind the rows.
    """
    flat, column, stride = columns.reshape(columns.size), np.uint64(columns.shape[1]), np.uint64(deltas.shape[1])
    for j in range(np.uint64(first), np.uint64(last)):
        for block in range(np.uint64(0), np.uint64(width), np.uint64(WIDTH)):
            total = zeros(WIDTH)
            for image in range(np.uint64(0), column, np.uint64(64)):
                at = j * column + image
                left = occupied(columns, at)
                while left != np.uint64(0):
                    i = lowest(left)
                    left &= left - np.uint64(1)
                    total = accumulate(total, levels[flat[at + i]], load(total, deltas, (image + i) * stride + block))
            store(out, (j - np.uint64(first)) * np.uint64(width) + block, total)
