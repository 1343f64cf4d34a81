"""Rows of a tile: numbers of many runs side by side, so that loops over runs fill the processor's vector registers.

A tile is one flat array. Row r holds one number of each of its at most `TILE` runs, the iterate's first coordinate,
say; run i has its own in ``s[r * TILE + i]``. All rows lie at constant distances in one array, so that the compiler can
see that what is written never is what is about to be read: with an array for each row it would have to check and gives
up.
"""

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from optviz.formulas.adding import LANES
from optviz.formulas.formula import DUE, PRODUCT, SIGNS
from optviz.formulas.sums import split
from optviz.kernels.cache import COMPILES
from optviz.kernels.rules import number_count
from optviz.optimizers import Formula

TILE = 256  # runs


class Layout(NamedTuple):
    """Where the rows of a tile begin, in elements.

    The iterate comes first, a row for each coordinate.

    Attributes
    ----------
    value : int
        The function's value at the iterate, one row.
    gradient : int
        A row for each coordinate.
    diverged : int
        For each run the number of its first iterate that is not finite or too far away, infinite before there is one.
    state : int
        The state slots, all coordinates of the first, then of the second and so on.
    numbers : int
        The rule's step scalars and then its constants: a row for each where every run has its own; else they stand
        side by side in the first row.
    totals : int
        For each sum that the formula asks for a row.
    lanes : int
        Where these sums are made.
    looked : int
        The point of the second look, with the rows of value, gradient and divergence behind it; 0 without one.
    below_since : int
        For each threshold the number of the iterate since which the value has not exceeded it, infinite where it does.
    old : int
        Where the iterate and the state are kept to be compared.
    seen : int
        The point that is looked at, with the rows of value, gradient and divergence behind it: 0, or where the rows of
        the reported point begin.
    shown : int
        The state slot that holds the reported point; 0 without one.
    signs, product : int
        The state slots that hold random signs and their product with the Hessian; 0 without these.
    due : int
        The number that says whether a step needs that product; 0 where all do.
    size : int
        Of the tile.
    """

    value: int
    gradient: int
    diverged: int
    state: int
    numbers: int
    totals: int
    lanes: int
    looked: int
    below_since: int
    old: int
    seen: int
    shown: int
    signs: int
    product: int
    due: int
    size: int

    @property
    def moving(self) -> int:
        """The elements of iterate and state together."""
        return self.value + self.numbers - self.state


def layout(dimension: int, formula: Formula | None = None, own: bool = False, thresholds: int = 0) -> Layout:
    """The rows of a tile.

    Parameters
    ----------
    dimension : int
        Number of coordinates.
    formula : Formula, optional
        Without one there are neither state nor numbers.
    own : bool
        Whether each run has its own hyperparameters.
    thresholds : int
    """
    slots, numbers = (len(formula.slots), number_count(formula)) if formula else (0, 0)
    rows = numbers if own else -(-numbers // TILE)
    reports = formula is not None and formula.shown_slot >= 0
    parts = [one for one in (formula, formula and formula.look) if one]
    levels = [[len(level.totals) for level in split(one).levels] for one in parts]
    widest = max((max(one, default=0) for one in levels), default=0)
    sums = max(map(sum, levels), default=0), widest * min(dimension, LANES)
    room, looks = 2 * dimension + 2, formula is not None and formula.probe is not None
    # What kernels know of a rule's rows comes before what only some runs have.
    counts = (dimension, 1, dimension, 1, dimension * slots, rows, *sums, room * looks, thresholds)
    ends = [int(end) * TILE for end in np.cumsum((*counts, dimension * (1 + slots)))]
    value, gradient, diverged, state, numbers, totals, lanes, looked, below, old, size = ends
    looked *= looks
    seen, shown = (size, numbers - dimension * TILE) if reports else (0, 0)
    size += room * TILE * reports
    signs = product = due = 0
    if formula is not None and formula.multiplies:
        signs, product = (state + formula.slots.index(slot) * dimension * TILE for slot in (SIGNS, PRODUCT))
        if DUE in formula.table_names:
            due = numbers + formula.table_names.index(DUE) * (TILE if own else 1)
    return Layout(
        value, gradient, diverged, state, numbers, totals, lanes, looked, below, old, seen, shown, signs, product, due,
        size,
    )  # fmt: skip


def take(*offsets: int) -> Any:
    """``take(s, at)``: the elements so far behind element `at`, as a tuple; to be called inside kernels."""
    if not COMPILES:
        return lambda s, at: tuple(s[at + offset] for offset in offsets)

    @intrinsic
    def taken(typingctx, s, at):
        result = types.UniTuple(s.dtype, len(offsets))

        def codegen(context, builder, signature, args):
            places = _places(context, builder, signature, args, offsets)
            return context.make_tuple(builder, signature.return_type, [builder.load(place) for place in places])

        return result(s, types.int64), codegen

    return taken


def put(*offsets: int) -> Any:
    """``put(s, at, values)``: write a tuple of numbers to the elements so far behind element `at`."""
    if not COMPILES:

        def write(s, at, values):
            for offset, value in zip(offsets, values, strict=True):
                s[at + offset] = value

        return write

    @intrinsic
    def written(typingctx, s, at, values):
        def codegen(context, builder, signature, args):
            for j, place in enumerate(_places(context, builder, signature, args, offsets)):
                builder.store(builder.extract_value(args[2], j), place)
            return context.get_dummy_value()

        return types.void(s, types.int64, types.UniTuple(s.dtype, len(offsets))), codegen

    return written


def _places(context, builder, signature, args, offsets):
    """Pointers to elements."""
    data = context.make_array(signature.args[0])(context, builder, args[0]).data
    first = builder.gep(data, [args[1]])
    return [builder.gep(first, [ir.Constant(ir.IntType(64), offset)]) for offset in offsets]
