"""Products of matrices: any shape, any transposition, any tiles, and the same numbers from all of them."""

import numpy as np
import pytest

from optviz.kernels.cuda import backend
from optviz.kernels.cuda.backend import cuda
from optviz.kernels.cuda.products import LARGE, SMALL, Shape, Tiling, product_function
from tests.cuda.small import TILING

TILINGS = {"small": SMALL, "large": LARGE, "of tests": TILING, "uneven": Tiling(*[Shape(4, 8, 8, 2, 1)] * 2)}
# Rows and columns of the result, depth: below, at and above a tile.
SHAPES = [(1, 1, 1), (3, 7, 5), (16, 16, 16), (17, 9, 33), (5, 20, 16)]

NUMBER: object = None
PRODUCT: object = None
ONE: object = None
TWO: object = None


def doubled(i, j, out, width):
    out[i * width + j] += out[i * width + j]


def multiply(a, row, column, lines, b, row_b, column_b, height, width, depth, out):
    one = cuda.shared.array(ONE, NUMBER)
    two = cuda.shared.array(TWO, NUMBER)
    first, block, blocks = np.uint64(0), np.uint64(cuda.blockIdx.x), np.uint64(cuda.gridDim.x)
    PRODUCT(
        a, first, row, column, lines, b, first, row_b, column_b, height, width, depth, out, first, one, two,
        block, blocks, first, (out, width),
    )  # fmt: skip


def multiplied(a, b, tiling, dtype, *, along=(True, False), ones=False, blocks=2):
    """Twice the product of the matrices, by a kernel that takes them as they lie in memory."""
    height, width, depth = len(a) + ones, b.shape[1], len(b)
    product = product_function(tiling, dtype, backend.device_function(doubled), *along)
    one, two = tiling.room
    kernel = backend.specialise(
        multiply, f"{dtype.__name__} {along}", f"{tiling}", NUMBER=dtype, PRODUCT=product, ONE=one, TWO=two
    )
    size = np.dtype(dtype).itemsize
    flat = [backend.put(matrix.ravel(order="K")) for matrix in (a, b)]
    steps = [[np.uint64(stride // size) for stride in matrix.strides] for matrix in (a, b)]
    shape = np.uint64(height), np.uint64(width), np.uint64(depth)
    out = backend.put(np.full(height * width, np.nan, dtype))
    backend.launch(
        kernel, blocks, tiling.threads, flat[0], *steps[0], np.uint64(len(a)), flat[1], *steps[1], *shape, out
    )
    return backend.get(out).reshape(height, width)


def factors(height, width, depth, dtype, transposed=(False, False)):
    generator = np.random.default_rng(height + width + depth)
    a, b = generator.normal(size=(height, depth)).astype(dtype), generator.normal(size=(depth, width)).astype(dtype)
    return a.T.copy().T if transposed[0] else a, b.T.copy().T if transposed[1] else b


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_products_of_any_shape(shape, dtype):
    a, b = factors(*shape, dtype)
    close = 1e-5 if dtype is np.float32 else 1e-13
    np.testing.assert_allclose(multiplied(a, b, TILING, dtype), 2 * (a @ b), rtol=close, atol=close)


@pytest.mark.parametrize("name", TILINGS)
def test_tiles_and_blocks_make_no_difference(name):
    a, b = factors(18, 9, 21, np.float32)
    expected = multiplied(a, b, TILING, np.float32, blocks=1)
    found = multiplied(a, b, TILINGS[name], np.float32, blocks=3)
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", ["of tests", "uneven"])
def test_transposed_factors_and_sums_of_rows(name, dtype):
    for transposed in ((True, False), (False, True), (True, True)):
        a, b = factors(9, 10, 7, dtype, transposed)
        along = not transposed[0], transposed[1]
        found = multiplied(a, b, TILINGS[name], dtype, along=along, ones=True)
        close = 1e-5 if dtype is np.float32 else 1e-13
        np.testing.assert_allclose(found[:-1], 2 * (a @ b), rtol=close, atol=close)
        np.testing.assert_allclose(found[-1], 2 * b.sum(axis=0), rtol=close, atol=close)


def test_what_is_not_a_number_stays_in_its_row_and_column(dtype):
    a, b = factors(5, 6, 4, dtype)
    a[1, 2], b[3, 4] = np.nan, np.inf
    found = multiplied(a, b, TILING, dtype)
    assert np.isnan(found[1]).all() and not np.isfinite(found[:, 4]).any()
    assert np.isfinite(np.delete(np.delete(found, 1, 0), 4, 1)).all()


@pytest.mark.parametrize("tiling", [SMALL, LARGE], ids=["small", "large"])
def test_shapes_are_possible(tiling):
    assert tiling.wide.threads == tiling.narrow.threads and tiling.wide.rows == tiling.narrow.rows
    for shape in tiling:
        for length in (shape.rows, shape.columns, shape.depth):
            assert shape.threads % length == 0
    for width in (1, 10, 16, 17, 64, 65):
        shape = tiling.narrow if width <= tiling.narrow.columns else tiling.wide
        assert (tiling.tiles(65, width) - 1) * shape.rows * shape.columns < 65 * width + 65 * shape.columns * 64
