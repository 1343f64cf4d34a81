"""Tiles: rows that do not overlap, parts in pure float32 and vector instructions, pieces that make the whole."""

import math
import platform
import re

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from optviz.functions import REGISTRY
from optviz.functions._function import FAR
from optviz.kernels import rows, tile_parts
from optviz.kernels.cache import COMPILES, OPTIONS
from optviz.kernels.rows import TILE
from optviz.kernels.rules import constant_count
from optviz.kernels.tile import ROOM, layout, run
from optviz.kernels.tile_parts import heights_kernel, move_address, slope_address
from tests.kernels.plain import FORMULAS, constants

pytestmark = pytest.mark.skipif(not COMPILES, reason="Numba's compiler is switched off")

FUNCTIONS = [unit.name for unit in REGISTRY if unit.module.startswith("optviz.")]
GENERAL = [name for name in FUNCTIONS if REGISTRY[name].general is not None]
FAST = ("himmelblau", "ackley", "sgd", "adam", "rmsprop_torch_full")
X86 = platform.machine().lower() in ("x86_64", "amd64")


def some(names):
    """All of them, most in CI's second stage."""
    return [name if name in FAST else pytest.param(name, marks=pytest.mark.slow) for name in names]


# What is compiled


@pytest.fixture
def listing(monkeypatch):
    """``listing(address_of, *arguments)``: LLVM's code and the machine's of the kernel behind an address."""
    kernels = []

    def compiled(kernel, *examples):
        copy = numba.njit(**OPTIONS)(kernel.py_func)  # what the disk cache gives has no listing
        copy.compile(tuple(map(numba.typeof, examples)))
        kernels.append(copy)
        return 0

    monkeypatch.setattr(tile_parts, "address", compiled)

    def code(address_of, *arguments):
        address_of.__wrapped__(*arguments)
        (llvm,), (machine,) = (getattr(kernels[-1], f"inspect_{kind}")().values() for kind in ("llvm", "asm"))
        return llvm, machine

    return code


def assert_vectorised(llvm, machine, dtype, instruction="mul", outside=0):
    """One instruction serves several runs; at most so many operations are done once for all, outside of the loops."""
    kind = "float" if dtype is np.float32 else "double"
    assert re.search(rf"= f(mul|sub|add) <\d+ x {kind}>", llvm)
    assert len(re.findall(rf"= f(?:mul|div|add|sub) {kind} ", llvm)) <= outside
    if X86:
        single = "ps" if dtype is np.float32 else "pd"
        assert re.search(rf"\tv?{instruction}{single}\t", machine)


def assert_pure(llvm):
    """No float64 anywhere."""
    assert "float" in llvm and "fpext" not in llvm and "double" not in llvm


@pytest.mark.thin(2)
@pytest.mark.parametrize("name", some(FUNCTIONS))
def test_slopes_in_float32_are_pure_and_vectorised(name, listing):
    llvm, machine = listing(slope_address, REGISTRY[name], np.float32, 2)
    assert_pure(llvm)
    assert_vectorised(llvm, machine, np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("name", GENERAL)
def test_slopes_in_ten_dimensions_are_pure_and_vectorised(name, listing):
    llvm, machine = listing(slope_address, REGISTRY[name].in_dimension(10), np.float32, 1)
    assert_pure(llvm)
    assert_vectorised(llvm, machine, np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_slopes_in_float64_are_vectorised(name, listing):
    assert_vectorised(*listing(slope_address, REGISTRY[name], np.float64, 1), np.float64)


@pytest.mark.thin(3)
@pytest.mark.parametrize("own", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", some(FORMULAS))
def test_moves_in_float32_are_pure_and_vectorised(name, own, listing):
    formula = FORMULAS[name]
    llvm, machine = listing(move_address, formula, 2, np.float32, 1, own)
    assert_pure(llvm)
    root = "sqrt" in formula.update.__code__.co_names
    assert_vectorised(llvm, machine, np.float32, "sqrt" if root else "mul")


@pytest.mark.slow
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", FORMULAS)
def test_moves_in_float64_are_vectorised(name, own, listing):
    assert_vectorised(*listing(move_address, FORMULAS[name], 2, np.float64, 1, own), np.float64)


# Rows


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", FORMULAS)
def test_rows_do_not_overlap(name, own):
    formula = FORMULAS[name]
    for dimension in (2, 5):
        for thresholds in (0, 1, ROOM, ROOM + 7):
            at = layout(formula, dimension, thresholds, own)
            ends = np.array(at)
            assert (ends % TILE == 0).all()
            counts = np.diff(ends, prepend=0) // TILE
            slots, hyper, scalars = len(formula.slots), constant_count(formula), len(formula.scalar_names)
            assert counts[:3].tolist() == [dimension, dimension, 1]
            assert counts[3] == max(thresholds, ROOM)
            assert counts[4:].tolist() == [dimension * slots, *((hyper, scalars) if own else (0, 0))]


def uncompiled(monkeypatch, maker, *given):
    with monkeypatch.context() as patch:
        patch.setattr(rows, "COMPILES", False)
        return maker(*given)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("floor", [None, 0.75])
def test_rows_compiled_are_as_in_plain_python(floor, count, dtype, monkeypatch):
    plain_take, plain_near = (uncompiled(monkeypatch, rows.take, count, stride) for stride in (TILE, 1))
    plain_put, plain_stay = uncompiled(monkeypatch, rows.put, count), uncompiled(monkeypatch, rows.stay, count, floor)
    take, near, put, stay = rows.take(count), rows.take(count, 1), rows.put(count), rows.stay(count, floor)

    @numba.njit(**OPTIONS)
    def kernel(s, levels, value):
        put(s, 5, take(s, 7 + 4 * TILE))
        stay(s, 9, value, near(levels, 0))
        return near(s, 3)

    levels = np.array([1.0, 2.0, -math.inf], dtype)
    for value in (0.5, 1.0, 1.5, 2.0, 3.0, math.nan, math.inf, -math.inf):
        s = np.random.default_rng(0).integers(0, 9, 8 * TILE).astype(dtype)
        expected = s.copy()
        plain_put(expected, 5, plain_take(expected, 7 + 4 * TILE))
        plain_stay(expected, 9, dtype(value), plain_near(levels, 0))
        assert kernel(s, levels, dtype(value)) == plain_near(expected, 3)
        np.testing.assert_array_equal(s, expected)


# Steps


class Tiles:
    """Two tiles of runs of a rule on Booth's function, with thresholds."""

    def __init__(self, name, dtype=np.float64, rate=1e-3, steps=40, rests=False, levels=(300.0, 100.0)):
        formula, function = FORMULAS[name], REGISTRY["booth"]
        self.formula, self.steps = formula, steps
        self.at = layout(formula, 2, len(levels), False)
        self.states = np.zeros((2, self.at.size), dtype)
        self.states[:, : 2 * TILE] = np.random.default_rng(0).uniform(-10, 10, (2, 2 * TILE))
        self.resting = np.zeros(2, bool)
        self.trace = np.full((2, steps, 2 * TILE), np.nan, dtype)
        self.levels = np.array(levels, dtype)
        self.parts = (
            slope_address(function, dtype, len(levels)),
            0,
            move_address(formula, 2, dtype, len(levels), False),
            rests,
        )
        self.hyper = np.array(constants(formula, lr=rate), dtype)
        t = np.arange(1, steps + 1)[:, np.newaxis]
        self.table = (0.5 + 0.25 / (t + np.arange(len(formula.scalar_names))))[np.newaxis].astype(dtype)
        self.noise = np.uint64(0), np.uint64(0), np.uint64(1), np.empty((0, 0), dtype), np.empty((0, 0))

    def go(self, first, last):
        trace = np.ascontiguousarray(self.trace[:, first - 1 : last])
        given = self.parts, self.levels, self.noise, self.hyper, self.table, self.at, first, last
        run(self.states, self.resting, trace, *given)
        self.trace[:, first - 1 : last] = trace
        return self

    def row(self, at):
        return self.states[:, at : at + TILE]


@pytest.mark.slow
@hypothesis(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 39), max_size=6, unique=True), name=st.sampled_from(["sgd", "adam"]))
def test_in_pieces_as_in_one(cuts, name):
    whole, pieces = Tiles(name).go(1, 40), Tiles(name)
    borders = [0, *sorted(cuts), 40]
    for before, last in zip(borders, borders[1:], strict=False):
        pieces.go(before + 1, last)
    np.testing.assert_array_equal(pieces.states, whole.states)
    np.testing.assert_array_equal(pieces.trace, whole.trace)
    assert np.isfinite(whole.trace).all()
    np.testing.assert_array_equal(whole.trace[:, -1], whole.states[:, : 2 * TILE])


def test_the_trace_is_the_formula_in_plain_python():
    tiles = Tiles("adam")
    at = tiles.states[1, [5, TILE + 5]].tolist()
    tiles.go(1, 40)
    state = [[0.0, 0.0], [0.0, 0.0]]
    hyper = tiles.hyper[: len(tiles.formula.hyperparameters)].tolist()
    for t in range(40):
        slope = REGISTRY["booth"].gradient(*at)
        for c in range(2):
            scalars = tiles.table[0, t].tolist()
            at[c], *state[c] = tiles.formula.update(at[c], slope[c], *state[c], *scalars, *hyper)
        np.testing.assert_allclose(tiles.trace[1, t, [5, TILE + 5]], at, rtol=1e-12)


@pytest.mark.parametrize("rests", [False, True])
def test_life_and_stay_count_iterates(rests):
    tiles = Tiles("sgd", rate=0.05, steps=800, rests=rests, levels=(1.0, 1e-3))
    start = tiles.states[:, : 2 * TILE].copy()
    tiles.go(1, 800)
    assert tiles.resting.all() == rests
    assert (tiles.row(tiles.at.life) == 800).all()
    path = np.concatenate([start[:, np.newaxis], tiles.trace[:, :-1]], axis=1)
    x, y = path[..., :TILE], path[..., TILE:]
    values = (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2
    for k, level in enumerate(tiles.levels):
        below = (values <= level)[:, ::-1]
        expected = np.where(below.all(axis=1), 800, below.argmin(axis=1))
        np.testing.assert_array_equal(tiles.row(tiles.at.stay + k * TILE), expected)
        assert len(np.unique(expected)) > 2
    unused = tiles.at.stay + len(tiles.levels) * TILE
    assert (tiles.states[:, unused : tiles.at.state] == 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("axis", [0, 1])
def test_life_ends_at_the_first_iterate_too_far(axis, dtype):
    tiles = Tiles("sgd", dtype, rate=0.0)
    fates = {FAR: 40, -FAR: 40, np.nextafter(dtype(FAR), dtype(np.inf)): 0, -2 * FAR: 0}
    fates |= {math.inf: 0, -math.inf: 0, math.nan: 0, 0.0: 40}
    for i, bad in enumerate(fates):
        tiles.states[0, axis * TILE + i] = bad
    tiles.go(1, 40)
    assert tiles.row(tiles.at.life)[0, : len(fates)].tolist() == list(fates.values())
    assert (tiles.row(tiles.at.life)[0, len(fates) :] == 40).all() and (tiles.row(tiles.at.life)[1] == 40).all()


def test_a_run_that_comes_back_stays_dead():
    tiles = Tiles("sgd", rate=0.0)
    tiles.go(1, 10)
    tiles.states[0, 3] = 2 * FAR
    tiles.go(11, 20)
    tiles.states[0, 3] = 1.0
    tiles.go(21, 40)
    assert tiles.row(tiles.at.life)[0, 3] == 10 and (tiles.row(tiles.at.life)[0, 4:] == 40).all()


def test_only_tiles_in_which_nothing_moves_rest():
    tiles = Tiles("sgd", rate=0.05, steps=800, rests=True)
    tiles.states[0, : 2 * TILE] = np.repeat([1.0, 3.0], TILE)  # the minimizer
    tiles.go(1, 40)
    assert tiles.resting.tolist() == [True, False]
    tiles.go(41, 800)
    assert tiles.resting.all() and (tiles.row(tiles.at.life) == 800).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["booth", "ackley"])
def test_heights_are_the_function(name, dtype):
    unit = REGISTRY[name]
    states = np.random.default_rng(1).uniform(-4, 4, (3, 2 * TILE)).astype(dtype)
    values = np.empty((3, TILE), dtype)
    heights_kernel(unit, dtype)(states, values)
    expected = [[unit.value(*map(float, one)) for one in zip(s[:TILE], s[TILE:], strict=True)] for s in states]
    np.testing.assert_allclose(values, expected, rtol=1e-5 if dtype is np.float32 else 1e-12, atol=1e-5)
