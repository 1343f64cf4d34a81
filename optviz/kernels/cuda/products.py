"""Products of matrices on CUDA, a tile of the result by each block.

Every number is summed over the depth by one thread, from the first product to the last, each added by a fused multiply
and add. So it depends neither on the tiles nor on how many blocks there are: a network that has one block to itself
learns bit for bit what it learns with the whole device.
"""

from typing import Any, NamedTuple

import numpy as np

from optviz.kernels.cuda import backend
from optviz.kernels.cuda.backend import cuda

ZERO, UNIT = np.uint64(0), np.uint64(1)  # indices are uint64: of a signed one compiled code asks whether it is negative

# Bound by `product_function`.
NUMBER: Any = None  # the dtype
END: Any = None  # called for each number of the result
ROWS: Any = None  # of a tile
COLUMNS: Any = None  # of a tile
DEPTH: Any = None  # how much of the factors is in shared memory
TALL: Any = None  # rows of a thread
BROAD: Any = None  # columns of a thread
THREADS_DOWN: Any = None  # above each other
THREADS_ACROSS: Any = None  # beside each other
THREADS: Any = None  # of a block
OUTPUTS: Any = None  # of a thread
LINE_OUTPUTS: Any = None  # in a line of these
LOADS_A: Any = None  # numbers of a factor that a thread fetches of a part of the depth
LOADS_B: Any = None
LINES_A: Any = None  # how far apart these are across the depth
LINES_B: Any = None
PARTS_A: Any = None  # how far apart they are along it
PARTS_B: Any = None
ALONG_A: Any = None  # whether neighbours in memory are neighbours along the depth
ALONG_B: Any = None
WIDE: Any = None  # `product` for tiles of more columns
NARROW: Any = None  # `product` for tiles of fewer


class Shape(NamedTuple):
    """How a block computes a tile: its threads are a multiple of `rows`, of `columns` and of `depth`.

    Attributes
    ----------
    rows, columns : int
        Of the tile.
    depth : int
        How much of the factors is in shared memory at a time.
    tall, broad : int
        The rows and columns of the tile that a thread computes.
    """

    rows: int
    columns: int
    depth: int
    tall: int
    broad: int

    @property
    def threads(self) -> int:
        return self.rows // self.tall * (self.columns // self.broad)

    @property
    def room(self) -> tuple[int, int]:
        """Numbers of shared memory for the two factors; one more in each line keeps threads off each other's banks."""
        return self.depth * (self.rows + 1), self.depth * (self.columns + 1)


class Tiling(NamedTuple):
    """The shapes of the tiles of wide products and of those that are no wider than a narrow tile.

    Both have the same rows and threads.
    """

    wide: Shape
    narrow: Shape

    @property
    def rows(self) -> int:
        return self.wide.rows

    @property
    def threads(self) -> int:
        return self.wide.threads

    @property
    def room(self) -> tuple[int, int]:
        """See `Shape.room`."""
        wide, narrow = self.wide.room, self.narrow.room
        return max(wide[0], narrow[0]), max(wide[1], narrow[1])

    def tiles(self, height: int, width: int) -> int:
        """Of a product: blocks that have something to do."""
        shape = self.narrow if width <= self.narrow.columns else self.wide
        return -(-height // shape.rows) * -(-width // shape.columns)


SMALL = Tiling(Shape(16, 16, 32, 2, 2), Shape(16, 16, 32, 2, 2))  # for many blocks from few numbers
LARGE = Tiling(Shape(64, 64, 16, 4, 4), Shape(64, 16, 16, 2, 2))  # for few reads of shared memory per product


def product(
    a, a_first, a_row, a_column, lines, b, b_first, b_row, b_column, height, width, depth, out, out_first, one, two,
    block, blocks, zero, end,
):  # fmt: skip
    """``out[i, j] = sum over k of a[i, k] b[k, j]``, and then ``END(i, j, *end)``.

    The element ``[i, k]`` of `a` is ``a_first + i * a_row + k * a_column`` in a flat array, that of `b` likewise, and
    that of `out` ``out_first + i * width + j``. Below the `lines` of `a` stands one of ones: with a `height` of one
    more the last row of the result is the sum of b's rows. `one` and `two` are shared memory. The block takes the
    tiles `block`, ``block + blocks``, ... `zero` is 0 and comes from memory: without it a kernel with several products
    in a loop keeps in registers, for each of them and all the time, what depends on the thread alone.
    """
    thread = np.uint64(cuda.threadIdx.x) + zero
    down, right = thread // THREADS_ACROSS, thread % THREADS_ACROSS
    # What a thread fetches has the same place along the depth, or across, each time.
    i_a, k_a = (thread // DEPTH, thread % DEPTH) if ALONG_A else (thread % ROWS, thread // ROWS)
    j_b, k_b = (thread // DEPTH, thread % DEPTH) if ALONG_B else (thread % COLUMNS, thread // COLUMNS)
    sums, lanes = cuda.local.array(OUTPUTS, NUMBER), cuda.local.array(LINE_OUTPUTS, NUMBER)
    ahead_a, ahead_b = cuda.local.array(LOADS_A, NUMBER), cuda.local.array(LOADS_B, NUMBER)
    across = (width + COLUMNS - UNIT) // COLUMNS
    for tile in range(block, (height + ROWS - UNIT) // ROWS * across, blocks):
        top, left = tile // across * ROWS, tile % across * COLUMNS
        for place in range(OUTPUTS):
            sums[place] = NUMBER(0)
        # A part of the depth is on its way from memory while the one before it is multiplied.
        for begin in range(ZERO, depth + DEPTH, DEPTH):
            i, k = top + i_a, begin + k_a
            at = a_first + i * a_row + k * a_column
            for load in range(LOADS_A):
                ahead_a[load] = NUMBER(1) if i == lines else NUMBER(0)
                if i < lines and k < depth:
                    ahead_a[load] = a[at]
                i, k, at = i + LINES_A, k + PARTS_A, at + LINES_A * a_row + PARTS_A * a_column
            j, k = left + j_b, begin + k_b
            at = b_first + k * b_row + j * b_column
            for load in range(LOADS_B):
                ahead_b[load] = NUMBER(0)
                if j < width and k < depth:
                    ahead_b[load] = b[at]
                j, k, at = j + LINES_B, k + PARTS_B, at + PARTS_B * b_row + LINES_B * b_column
            if begin > ZERO and top + down < height and left + right < width:
                for k in range(DEPTH):
                    for column in range(BROAD):
                        lanes[column] = two[k * (COLUMNS + UNIT) + right + column * THREADS_ACROSS]
                    for row in range(TALL):
                        factor = one[k * (ROWS + UNIT) + down + row * THREADS_DOWN]
                        for column in range(BROAD):
                            place = row * BROAD + column
                            sums[place] = cuda.fma(factor, lanes[column], sums[place])
            cuda.syncthreads()
            at = k_a * (ROWS + UNIT) + i_a
            for load in range(LOADS_A):
                one[at] = ahead_a[load]
                at += PARTS_A * (ROWS + UNIT) + LINES_A
            at = k_b * (COLUMNS + UNIT) + j_b
            for load in range(LOADS_B):
                two[at] = ahead_b[load]
                at += PARTS_B * (COLUMNS + UNIT) + LINES_B
            cuda.syncthreads()
        for row in range(TALL):
            for column in range(BROAD):
                i, j = top + down + row * THREADS_DOWN, left + right + column * THREADS_ACROSS
                if i < height and j < width:
                    out[out_first + i * width + j] = sums[row * BROAD + column]
        # A loop of its own, which no compiler writes out for each of the sums.
        for place in range(TALL * BROAD):
            i, j = top + down + place // BROAD * THREADS_DOWN, left + right + place % BROAD * THREADS_ACROSS
            if i < height and j < width:
                END(i, j, *end)


def by_width(
    a, a_first, a_row, a_column, lines, b, b_first, b_row, b_column, height, width, depth, out, out_first, one, two,
    block, blocks, zero, end,
):  # fmt: skip
    if width <= COLUMNS:
        NARROW(
            a, a_first, a_row, a_column, lines, b, b_first, b_row, b_column, height, width, depth, out, out_first, one,
            two, block, blocks, zero, end,
        )  # fmt: skip
    else:
        WIDE(
            a, a_first, a_row, a_column, lines, b, b_first, b_row, b_column, height, width, depth, out, out_first, one,
            two, block, blocks, zero, end,
        )  # fmt: skip


def product_function(tiling: Tiling, dtype: type, end: Any, along_a: bool, along_b: bool) -> Any:
    """The device function `product` in the shapes of a tiling.

    Parameters
    ----------
    tiling : Tiling
    dtype : {np.float32, np.float64}
    end : device function
        ``end(i, j, *end)`` is called for each number of the result when it is in its place.
    along_a, along_b : bool
        Whether the factor's memory goes along the depth, so that neighbouring threads should.
    """
    wide, narrow = (_shaped(shape, dtype, end, along_a, along_b) for shape in (tiling.wide, tiling.narrow))
    if tiling.wide == tiling.narrow:
        return wide
    return backend.device_function(by_width, WIDE=wide, NARROW=narrow, COLUMNS=np.uint64(tiling.narrow.columns))


def _shaped(shape: Shape, dtype: type, end: Any, along_a: bool, along_b: bool) -> Any:
    rows, columns, depth, tall, broad = shape
    numbers = dict(ROWS=rows, COLUMNS=columns, DEPTH=depth, TALL=tall, BROAD=broad)
    numbers |= dict(THREADS_DOWN=rows // tall, THREADS_ACROSS=columns // broad, THREADS=shape.threads)
    names: dict[str, Any] = {name: np.uint64(number) for name, number in numbers.items()}
    names |= dict(OUTPUTS=tall * broad, LINE_OUTPUTS=broad)
    for factor, lines, along in (("A", rows, along_a), ("B", columns, along_b)):
        names[f"LOADS_{factor}"] = lines * depth // shape.threads
        names[f"LINES_{factor}"] = np.uint64(shape.threads // depth if along else 0)
        names[f"PARTS_{factor}"] = np.uint64(0 if along else shape.threads // lines)
    return backend.device_function(product, NUMBER=dtype, END=end, ALONG_A=along_a, ALONG_B=along_b, **names)
