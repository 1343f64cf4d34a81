"""Sums over arrays on the device: the order that is told, whatever the grid."""

import numpy as np
import pytest

from optviz.formulas.adding import BLOCK, LANES, folded, in_pairs
from optviz.formulas.sums import split
from optviz.formulas.words import grand_total
from optviz.kernels.cuda import array_sums, backend, memory
from optviz.optimizers import configure
from optviz.runs.arrays.host import Asked, Numbers
from tests.cuda.borrowed import same

SIZES = [0, 1, LANES + 1, BLOCK, BLOCK + 1, 4 * BLOCK + 70, 2]


def normal(*shape, dtype, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def summed(setting, arrays, dtype):
    """What the first pass finds: the totals of each array, and the sums over all."""
    kernels = array_sums.SummingKernels(setting.formula, dtype)
    there = [[backend.put(array) for array in pair] for pair in arrays]
    rows = [
        (x.size, *map(memory.address_of, pair), k * kernels.totals, k)
        for k, (x, pair) in enumerate(zip([x for x, _ in arrays], there, strict=True))
    ]
    table, _, blocks = kernels.table_of([(*row, *[0] * len(setting.formula.slots)) for row in rows])
    shapes = len(arrays) * kernels.totals, (2, len(arrays)), blocks * kernels.widths[0]
    sums, whole, room = (backend.put(np.full(shape, np.nan, dtype)) for shape in shapes)
    numbers = Numbers(setting, dtype).at(1, Asked())
    kernels.make_sums(0, backend.put(table), blocks, numbers, sums, whole, room, 0)
    array_sums.join(whole, *kernels.joined[0], len(arrays), 0)
    return backend.get(sums).reshape(len(arrays), -1), backend.get(whole)


def test_a_pass_sums_in_the_order_that_is_told(dtype):
    setting = configure("fromage")
    arrays = [normal(2, size, dtype=dtype, seed=size) for size in SIZES]
    found, _ = summed(setting, arrays, dtype)
    words = [total.word for total in split(setting.formula).levels[0].totals]
    for totals, array in zip(found, arrays, strict=True):
        for one, word, each in zip(totals, words, array, strict=True):
            expected = dtype(folded(word, [value**2 for value in each])) if each.size else dtype(0)
            same(one, expected)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 2 * array_sums.THREADS + 3])
def test_sums_over_all_arrays_are_joined_in_pairs(count, dtype):
    setting = configure("clip_global_norm(sgd)")
    arrays = [normal(2, size, dtype=dtype, seed=k) for k, size in zip(range(count), [3, 0, 1] * count, strict=False)]
    _, whole = summed(setting, arrays, dtype)
    word = split(setting.formula).levels[0].totals[0].word
    parts = [folded(word, [value**2 for value in g]) if g.size else dtype(0) for _, g in arrays]
    same(whole[0, 0], dtype(in_pairs(grand_total, parts)))


def test_every_block_belongs_to_its_array():
    kernels = array_sums.SummingKernels(configure("lamb").formula, np.float32)
    sizes = [1, 0, 1 << 34, BLOCK, BLOCK + 1]
    table, tiles, blocks = kernels.table_of([(size, 8, 9, 3, 4, 10, 11) for size in sizes])
    assert table.dtype == np.int64 and table.flags.c_contiguous and table.shape == (array_sums.SLOTS + 2, len(sizes))
    assert np.diff([*table[array_sums.BLOCKS], blocks]).tolist() == [1, 1, 1 << 22, 1, 2]
    assert np.diff([*table[array_sums.FIRST], tiles])[[0, 1]].tolist() == [1, 0]
    assert table[2:].T.tolist()[0] == [8, 9, 0, 3, 4, 10, 11]
