"""The step of a rule with sums along rows and columns on a matrix, in place."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from optviz.formulas.sums import split
from optviz.kernels.cache import COMPILES
from optviz.kernels.denormals import flush, restore
from optviz.kernels.matrix_sums import matrix_move, matrix_sums
from optviz.kernels.rules import constant_count
from optviz.kernels.specialise import fingerprint, specialise
from optviz.optimizers import Formula

PASS: Any = None  # a pass over the matrix, or its update; bound by `specialise`


def matrix(x, g, slots, scalars, hyper, rows, cols, found, room):
    word = flush()
    PASS(x, g, slots, scalars, hyper, 0, rows, cols, found, room)
    restore(word)


def matrix_functions(formula: Formula, dtype: type) -> tuple[list[Callable], Callable]:
    """The passes of a formula for matrices and its update, compiled now.

    Each is ``kernel(x, g, slots, scalars, hyper, rows, cols, found, room)``: `x`, `g` and the tuple `slots` are flat
    arrays, row after row; slots of which a row, a column or the matrix has one number are as long as that says.
    `scalars` are the value and the step scalars without sums. `found`, of `optviz.kernels.matrix_sums.found_size`,
    holds what the passes find, which the next ones and the update read; `room`, of `matrix_room`, is overwritten.
    """
    levels = range(len(split(formula).levels))
    passes = [_function(formula, dtype, f"pass_{level}", matrix_sums(formula, level, dtype)) for level in levels]
    return passes, _function(formula, dtype, "move", matrix_move(formula, dtype))


def _function(formula: Formula, dtype: type, what: str, inner: Any) -> Callable:
    label = f"{formula.update.__name__}_{what}_{dtype.__name__}"
    kernel = specialise(matrix, label, fingerprint(formula), PASS=inner)
    if not COMPILES:
        return kernel
    array: np.ndarray = np.empty(0, dtype)
    scalars = (dtype(0),) * (len(formula.table_names) + formula.takes_value)
    hyper = (dtype(0),) * constant_count(formula)
    example = (array, array, (array,) * len(formula.slots), scalars, hyper, 0, 0, array, array)
    return kernel.compile(tuple(map(numba.typeof, example)))
