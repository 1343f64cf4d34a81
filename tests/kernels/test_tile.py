"""Tiles: rows that do not overlap, parts in pure float32 and vector instructions, pieces that make the whole."""

import ast
import math
import platform
import re
from concurrent.futures import ThreadPoolExecutor
from types import FunctionType

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from optviz.formulas.adding import moved
from optviz.formulas.sources import references, tree_of
from optviz.formulas.sums import split
from optviz.functions import CLASSIC, REGISTRY
from optviz.functions._function import FAR
from optviz.kernels import tile, tile_parts, tile_rows
from optviz.kernels.cache import COMPILES, OPTIONS
from optviz.kernels.rules import number_count
from optviz.kernels.tile_parts import evaluate_address, move_address
from optviz.kernels.tile_rows import TILE, layout
from optviz.optimizers import configure
from tests.functions.classics import GENERAL, OWN, PLANE, each
from tests.kernels.plain import WRITTEN, constants
from tests.kernels.purity import assert_pure
from tests.optimizers.sample import PLAIN

pytestmark = pytest.mark.skipif(not COMPILES, reason="Numba's compiler is switched off")

FUNCTIONS = [unit.name for unit in OWN]
MANY = [unit.name for unit in GENERAL]
KINDS = list(dict.fromkeys(["sgd", "adam", "rmsprop_torch_full", *PLAIN]))  # of formulas
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


def assert_vectorised(llvm, machine, dtype, instruction="mul"):
    """One instruction serves several runs; what is left of a tile takes a copy of the loop, or two, run by run."""
    kind = "float" if dtype is np.float32 else "double"
    together = re.findall(rf"= f(?:mul|div|add|sub) <\d+ x {kind}> ", llvm)
    assert len(re.findall(rf"= f(?:mul|div|add|sub) {kind} ", llvm)) <= 2 * len(together) > 0
    if X86:
        single = "ps" if dtype is np.float32 else "pd"
        assert re.search(rf"\tv?{instruction}{single}\t", machine)


def is_straight(*formulas):
    """Whether formulas, and what they call, hold no branch, no loop and nothing that rounds or compares."""
    branches = ast.For | ast.If | ast.IfExp | ast.Compare
    called = [
        value for formula in formulas for value in references(formula).values() if isinstance(value, FunctionType)
    ]
    return not any(
        isinstance(node, branches) or getattr(node, "id", "") in ("floor", "ceil", "round")
        for formula in formulas
        for node in ast.walk(tree_of(formula))
    ) and (not called or is_straight(*called))


@pytest.mark.thin(2)
@pytest.mark.parametrize("name", some(FUNCTIONS))
def test_functions_in_float32_are_pure_and_vectorised(name, listing):
    """What branches or goes round LLVM may leave as it is."""
    unit = REGISTRY[name]
    llvm, machine = listing(evaluate_address, unit, np.float32)
    assert_pure(llvm)
    if name in CLASSIC or is_straight(unit.value, unit.gradient):
        assert_vectorised(llvm, machine, np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_functions_in_ten_dimensions_are_pure_and_vectorised(name, listing):
    llvm, machine = listing(evaluate_address, REGISTRY[name].in_dimension(10), np.float32)
    assert_pure(llvm)
    if name in CLASSIC:
        assert_vectorised(llvm, machine, np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_in_float64_are_vectorised(name, listing):
    unit = REGISTRY[name]
    code = listing(evaluate_address, unit, np.float64)
    if name in CLASSIC or is_straight(unit.value, unit.gradient):
        assert_vectorised(*code, np.float64)


@pytest.mark.thin(3)
@pytest.mark.parametrize("own", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", some(KINDS))
def test_moves_in_float32_are_pure_and_vectorised(name, own, listing):
    formula = WRITTEN[name]
    llvm, machine = listing(move_address, formula, 2, np.float32, own)
    assert_pure(llvm)
    root = "sqrt" in formula.update.__code__.co_names
    assert_vectorised(llvm, machine, np.float32, "sqrt" if root else "mul")


@pytest.mark.slow
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", KINDS)
def test_moves_in_float64_are_vectorised(name, own, listing):
    assert_vectorised(*listing(move_address, WRITTEN[name], 2, np.float64, own), np.float64)


@pytest.mark.slow  # it compiles the tile once more
def test_rows_are_read_as_vectors(monkeypatch):
    kernel = numba.njit(**OPTIONS)(tile.tile)  # what the disk cache gives has no listing
    monkeypatch.setattr(tile, "_tile", kernel)
    Tiles("sgd").go(1, 2)
    (llvm,), (machine,) = kernel.inspect_llvm().values(), kernel.inspect_asm().values()
    assert not re.search(r"masked\.(gather|scatter)", llvm)  # an index might be negative
    if X86:
        assert re.search(r"\tv?cmp\w+pd\t", machine)


# Rows


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", WRITTEN)
def test_rows_do_not_overlap(name, own):
    formula = WRITTEN[name]
    passes = [split(one) for one in (formula, formula.look) if one]
    terms = [[len(level.totals) for level in one.levels] for one in passes]
    for dimension in (2, 5):
        for thresholds in (0, 1, 31):
            rows = layout(dimension, formula, own, thresholds)
            known = rows._asdict()
            for name in ("signs", "product", "due"):  # which lie in the state and in the numbers
                known.pop(name)
            seen, shown, size = (known.pop(name) for name in ("seen", "shown", "size"))
            looked = known.pop("looked") or rows.below_since
            ends = np.array([*list(known.values())[:7], looked, rows.below_since, rows.old, seen or size])
            assert (ends % TILE == 0).all() and shown % TILE == 0 and size % TILE == 0
            slots, room = len(formula.slots), 2 * dimension + 2
            numbers = number_count(formula) if own else 1
            sums = max(map(sum, terms)), max(max(one, default=0) for one in terms) * dimension
            middle = [dimension * slots, numbers, *sums, room * (formula.probe is not None), thresholds]
            assert np.diff(ends, prepend=0).tolist() == [
                TILE * count for count in (dimension, 1, dimension, 1, *middle, dimension * (1 + slots))
            ]
            if formula.shown_slot >= 0:
                assert size - seen == room * TILE and rows.state <= shown < rows.numbers


def test_sums_have_rows_of_their_own():
    formula = configure("lamb").formula
    for dimension, lanes in ((2, 2), (100, 64)):
        rows = layout(dimension, formula)
        assert rows.lanes - rows.totals == 2 * TILE and rows.below_since - rows.lanes == 2 * lanes * TILE


def uncompiled(monkeypatch, maker, *given):
    with monkeypatch.context() as patch:
        patch.setattr(tile_rows, "COMPILES", False)
        return maker(*given)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [0, 1, 3, 12])
def test_rows_compiled_are_as_in_plain_python(count, dtype, monkeypatch):
    offsets = [7 * j * TILE % 11 for j in range(count)]
    take, put = tile_rows.take(*offsets), tile_rows.put(*offsets)
    plain_take, plain_put = (uncompiled(monkeypatch, maker, *offsets) for maker in (tile_rows.take, tile_rows.put))

    @numba.njit(**OPTIONS)
    def kernel(s):
        put(s, 5, take(s, 37))
        return take(s, 3)

    s = np.random.default_rng(0).integers(0, 9, 8 * TILE).astype(dtype)
    expected = s.copy()
    plain_put(expected, 5, plain_take(expected, 37))
    assert kernel(s) == plain_take(expected, 3)
    np.testing.assert_array_equal(s, expected)


# Steps


class Tiles:
    """Two tiles of runs of a rule on Booth's function, the second one not full, with thresholds."""

    def __init__(self, name, dtype=np.float64, rate=1e-3, steps=40, rests=False, levels=(300.0, 100.0), floor=None):
        formula, function = WRITTEN[name], REGISTRY["booth"]
        self.formula, self.steps, self.count = formula, steps, TILE + 77
        self.rows = layout(2, formula, False, len(levels))
        self.states = np.full((2, self.rows.size), np.inf, dtype)
        self.states[:, self.rows.old :] = 0
        self.states[:, : 2 * TILE] = np.random.default_rng(0).uniform(-10, 10, (2, 2 * TILE))
        self.states[:, self.rows.state : self.rows.numbers] = 0
        self.resting = np.zeros(2, bool)
        self.trace = np.full((steps + 1, 3, self.count), np.nan, dtype)
        self.levels = np.array(levels, dtype)
        self.watch = tile.watch(floor, dtype)
        self.parts = tile.Parts(evaluate_address(function, dtype), 0, move_address(formula, 2, dtype, False), rests)
        self.constants = np.array(constants(formula, lr=rate), dtype)
        scalars = len(formula.scalar_names)
        first = self.rows.numbers + scalars
        self.states[:, first : first + self.constants.size] = self.constants
        t = np.arange(1, steps + 1)
        self.table = (0.5 + 0.25 / (t[:, np.newaxis] + np.arange(scalars))).astype(dtype)
        self.noise = np.uint64(0), np.uint64(0), np.uint64(1), np.empty((0, 0), dtype), np.empty((0, 0))

    def go(self, first, last):
        """Make some steps; behind the last of all, look at the last iterates."""
        table, steps = self.table[first - 1 : last], (first, last, self.steps)
        for number, s in enumerate(self.states):
            runs = slice(number * TILE, min((number + 1) * TILE, self.count))
            trace = np.ascontiguousarray(self.trace[first - 1 : last, :, runs])
            rested = first - 1
            if not self.resting[number]:
                room = s, trace.shape[2], trace, self.levels, self.watch
                rested = tile.advance(*room, self.parts, self.noise, table, self.rows, steps)
                self.resting[number] = rested > 0
            if self.resting[number]:
                trace[rested - first + 1 :] = s[: 3 * TILE].reshape(3, TILE)[:, : trace.shape[2]]
            self.trace[first - 1 : last, :, runs] = trace
        return self

    def row(self, at):
        return self.states[:, at : at + TILE].ravel()[: self.count]


@pytest.mark.slow
@hypothesis(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 40), max_size=6, unique=True), name=st.sampled_from(["sgd", "adam"]))
def test_in_pieces_as_in_one(cuts, name):
    whole, pieces = Tiles(name).go(1, 41), Tiles(name)
    borders = [0, *sorted(cuts), 41]
    for before, last in zip(borders, borders[1:], strict=False):
        pieces.go(before + 1, last)
    np.testing.assert_array_equal(pieces.row(0), whole.row(0))
    np.testing.assert_array_equal(pieces.trace, whole.trace)
    assert np.isfinite(whole.trace).all()
    np.testing.assert_array_equal(whole.trace[-1, 1], whole.row(TILE))


@pytest.mark.thin(3)
@pytest.mark.parametrize("name", KINDS)
def test_the_trace_is_the_formula_in_plain_python(name):
    tiles, run = Tiles(name), TILE + 5
    tiles.go(1, 41)
    at = tiles.trace[0, :2, run].tolist()
    state = [[0.0] * len(tiles.formula.slots) for _ in at]
    hyper = tiles.constants[: len(tiles.formula.hyperparameters)].tolist()
    function = REGISTRY["booth"]
    for t in range(41):
        if max(map(abs, at)) > FAR:  # numbers that suit every rule suit none: a run that has diverged is left alone
            break
        np.testing.assert_allclose(tiles.trace[t, :, run], [*at, function.value(*at)], rtol=1e-12)
        if t < 40:
            slope = function.gradient(*at)
            _, after = moved(tiles.formula, at, slope, state, tiles.table[t].tolist(), hyper)
            at, state = [x for x, *_ in after], [own for _, *own in after]


@pytest.mark.parametrize("rests", [False, True])
@pytest.mark.parametrize("floor", [None, 0.01])
def test_runs_are_below_a_threshold_since_an_iterate(floor, rests):
    tiles = Tiles("sgd", rate=0.05, steps=800, rests=rests, levels=(1.0, 1e-3), floor=floor)
    tiles.go(1, 801)
    assert tiles.resting.all() == rests
    assert np.isinf(tiles.row(tiles.rows.diverged)).all()
    values = tiles.trace[:, 2]
    for k, level in enumerate(tiles.levels):
        if floor is None:  # the first of the last iterates in a row
            below = (values <= level)[::-1]
            expected = np.where(below.all(axis=0), 0, 801 - below.argmin(axis=0))
        else:
            met = (values <= level) & (values >= floor)
            expected = np.where(met.any(axis=0), met.argmax(axis=0), np.inf)
        np.testing.assert_array_equal(tiles.row(tiles.rows.below_since + k * TILE), expected)
        assert len(np.unique(expected)) > 2 or level < (floor or 0)


def test_what_a_run_has_met_before_it_diverges_counts_as_met_and_not_as_kept():
    for floor, since in ((None, math.inf), (-1.0, 0.0)):
        tiles = Tiles("sgd", rate=0.0, levels=(1e4,), floor=floor)
        tiles.go(1, 10)
        tiles.states[0, 3] = 2 * FAR
        tiles.go(11, 20)
        tiles.states[0, 3] = 1.0  # what comes back is still lost
        tiles.go(21, 41)
        assert tiles.row(tiles.rows.below_since)[3] == since
        assert (tiles.row(tiles.rows.below_since)[4:] == 0).all()
        assert tiles.row(tiles.rows.diverged)[3] == 10 and np.isinf(tiles.row(tiles.rows.diverged)[4:]).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("axis", [0, 1])
def test_runs_diverge_at_the_first_iterate_too_far(axis, dtype):
    tiles = Tiles("sgd", dtype, rate=0.0)
    fates = {FAR: math.inf, -FAR: math.inf, np.nextafter(dtype(FAR), dtype(np.inf)): 0, -2 * FAR: 0}
    fates |= {math.inf: 0, -math.inf: 0, math.nan: 0, 0.0: math.inf}
    for i, bad in enumerate(fates):
        tiles.states[0, axis * TILE + i] = bad
    tiles.go(1, 40)
    assert tiles.row(tiles.rows.diverged)[: len(fates)].tolist() == list(fates.values())
    assert np.isinf(tiles.row(tiles.rows.diverged)[len(fates) :]).all()


def test_only_tiles_in_which_nothing_moves_rest():
    tiles = Tiles("sgd", rate=0.05, steps=800, rests=True)
    tiles.states[0, : 2 * TILE] = np.repeat([1.0, 3.0], TILE)  # the minimizer
    tiles.go(1, 40)
    assert tiles.resting.tolist() == [True, False]
    tiles.go(41, 801)
    assert tiles.resting.all() and np.isinf(tiles.row(tiles.rows.diverged)).all()
    assert (tiles.trace[:, 0, :TILE] == 1.0).all() and (tiles.trace[:, 2, :TILE] == 0.0).all()


def test_four_threads_give_what_one_gives():
    def run(_):
        return Tiles("adam").go(1, 41).trace.tobytes()

    alone = run(0)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(run, range(8))) == {alone}


@pytest.mark.thin(15)
@each(PLANE)
def test_values_are_the_function_in_plain_python(unit):
    points = np.random.default_rng(1).uniform(*np.array(unit.bounds).T, (TILE + 9, 2))
    expected = [unit.value(*point) for point in points.tolist()]
    values = tile.function_values(unit, points)
    np.testing.assert_allclose(values, expected, rtol=1e-13, atol=1e-13 * np.abs(expected).max())
