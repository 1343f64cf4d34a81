"""The kernel that moves many arrays in one launch, against the CPU's kernel that moves one."""

import numpy as np
import pytest

from optviz.kernels.cuda import backend, update
from optviz.kernels.cuda.memory import address_of
from optviz.kernels.update import array_kernel
from tests.cuda.borrowed import same
from tests.kernels.plain import FORMULAS, constants, numbers
from tests.wide_rule import FORMULA as WIDE

SIZES = (1, 2, update.THREADS - 1, update.THREADS, update.THREADS + 1, 5 * update.THREADS + 3)
PLAIN = FORMULAS["adam"]


def noise(shape, seed, dtype):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def levels(shape, dtype):
    """Slots of which every rule can take the root: plain Python refuses those of negative numbers."""
    return np.random.default_rng(3).uniform(0.5, 1, size=shape).astype(dtype)


def moved(formula, dtype, sizes, stray=0):
    """Arrays of these sizes after a step, on the device and on the CPU: for each x, g and slots.

    `stray` numbers follow each array and must stay.
    """
    count = len(formula.slots)
    host = [[noise(n + stray, 1, dtype), noise(n + stray, 2, dtype), *levels((count, n + stray), dtype)] for n in sizes]
    there = [[backend.put(array) for array in arrays] for arrays in host]
    given = numbers(formula.scalar_names, dtype), constants(formula, dtype)
    rows = [(n, *map(address_of, arrays)) for n, arrays in zip(sizes, there, strict=True)]
    table, tiles = update.table_of(rows, count, dtype)
    update.start(update.arrays_kernel(formula, dtype), backend.put(table), tiles, *given, 0)
    kernel = array_kernel(formula, dtype)
    for n, (x, g, *slots) in zip(sizes, host, strict=True):
        kernel(x[:n], g[:n], tuple(slot[:n] for slot in slots), *given)
    return [[backend.get(array) for array in arrays] for arrays in there], host


@pytest.mark.parametrize(
    "formula", [FORMULAS[name] for name in ("sgd", "nesterov", "adam", "rmsprop_torch_full")] + [WIDE]
)
def test_rules_with_any_number_of_slots(formula, dtype):
    for found, expected in zip(*moved(formula, dtype, (1, 2 * update.THREADS + 1)), strict=True):
        for one, other in zip(found, expected, strict=True):
            same(one, other)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_arrays_of_all_sizes_beside_each_other(count, dtype):
    sizes = np.roll(SIZES * 2, count)[:count].tolist()
    for found, expected in zip(*moved(PLAIN, dtype, sizes, stray=3), strict=True):
        for one, other in zip(found, expected, strict=True):
            same(one, other)


def test_one_launch_for_all(monkeypatch, dtype):
    launches = []
    monkeypatch.setattr(update, "launch", lambda *arguments, **rest: launches.append(arguments))
    moved(PLAIN, dtype, SIZES)
    assert len(launches) == 1


@pytest.mark.parametrize("sizes", [(1,), (256, 1, 257), (3, 3, 3), (1 << 34, 5, 1 << 33)])
def test_every_element_belongs_to_one_tile_of_its_array(sizes, dtype):
    table, tiles = update.table_of([(n, 10 * n, 20 * n) for n in sizes], 0, dtype)
    assert table.dtype == np.int64 and table.flags.c_contiguous and table.shape == (4, len(sizes))
    first, size, x, g = table
    assert size.tolist() == list(sizes) and (x == 10 * size).all() and (g == 20 * size).all()
    tile = update.THREADS * update.BYTES // np.dtype(dtype).itemsize
    of_each = np.diff([*first, tiles])
    assert first[0] == 0 and (of_each * tile >= size).all() and ((of_each - 1) * tile < size).all()


def test_no_arrays_no_tiles(dtype):
    table, tiles = update.table_of([], 2, dtype)
    assert table.shape == (6, 0) and tiles == 0
