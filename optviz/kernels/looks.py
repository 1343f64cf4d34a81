"""A solver's iteration as a kernel: compiled as it is written, with the evaluations that it asks for.

Unlike other formulas it counts in integers and reads and writes sequences, so its numbers stay what they are and it
computes in float64. What it calls ``evaluate`` is a tuple; a call of it becomes a call of one of the functions here,
also in the functions that it hands ``evaluate`` to.
"""

import ast
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any, NamedTuple

import numba
import numpy as np

from optviz.formulas.solver import AT_REST, EVALUATE, GO_ON, NO_DESCENT, Solver
from optviz.formulas.sources import executable, references, tree_of
from optviz.kernels.cache import ADDRESSED
from optviz.kernels.indirect import address, call
from optviz.kernels.specialise import blaming, check_calls, fingerprint, specialise
from optviz.kernels.tile_rows import TILE

COUNT, BUDGET, OUT, STEP_NUMBER, KEPT = range(
    5
)  # what a tally holds: evaluations made, allowed, whether one was refused
TALLY = 5

STEP: Any = None  # bound by `specialise`: the iteration


class Evaluate(NamedTuple):
    """What an iteration evaluates with.

    Attributes
    ----------
    value, second : int
        Addresses: of a function's part of a tile, and of its second derivatives or normal matrix, 0 where not asked.
    s : (rows,) float64
        A tile, of which the first run is used.
    tally : (TALLY,) int64
    dots : (most * n,) float64
        The points that were evaluated, one after the other, as far as there is room.
    marks : (most,) int64
        The step of each.
    work : (2 * n,) float64
        Room for second derivatives.
    sign : float
        -1.0 where the solver climbs.
    """

    value: int
    second: int
    s: np.ndarray
    tally: np.ndarray
    dots: np.ndarray
    marks: np.ndarray
    work: np.ndarray
    sign: float


@numba.njit(**ADDRESSED)
def look(evaluate, y):
    """The value at a point; the gradient is then in the tile. Infinite beyond the budget."""
    value, second, s, tally, dots, marks, work, sign = evaluate
    if tally[COUNT] >= tally[BUDGET]:
        tally[OUT] = 1
        return np.inf
    n = len(y)
    tally[COUNT] += 1
    for c in range(n):
        s[c * TILE] = y[c]
    s[(2 * n + 1) * TILE] = np.inf
    call(value, (s, np.int64(1), np.int64(1)))
    kept = tally[KEPT]
    if kept < len(marks):
        for c in range(n):
            dots[kept * n + c] = y[c]
        marks[kept] = tally[STEP_NUMBER]
        tally[KEPT] = kept + 1
    return sign * s[n * TILE]


@numba.njit(**ADDRESSED)
def look_and_slope(evaluate, y, gy):
    """The value at a point, and its gradient."""
    f = look(evaluate, y)
    if evaluate[3][OUT] == 0:
        n = len(y)
        for c in range(n):
            gy[c] = evaluate[7] * evaluate[2][(n + 1 + c) * TILE]
    return f


@numba.njit(**ADDRESSED)
def look_twice(evaluate, y, h):
    """The second derivatives at a point, or the normal matrix of a sum of squares."""
    call(evaluate[1], (y, h, evaluate[6]))
    for k in range(len(h)):
        h[k] = evaluate[7] * h[k]


LOOKS = {EVALUATE: look_and_slope, f"{EVALUATE}.value": look}
LOOKS |= dict.fromkeys((f"{EVALUATE}.hessian", f"{EVALUATE}.normal"), look_twice)


def iterate(x, f, g, evaluate, room, numbers, codes):
    code = STEP(x, f, g, evaluate, room, numbers)
    codes[0] = code if GO_ON <= code <= AT_REST else NO_DESCENT


@cache
def iterate_address(formula: Solver) -> int:
    """The part of a run that a solver determines: an iteration."""
    step = formula.step
    kernel = specialise(iterate, step.__name__, fingerprint(step), ADDRESSED, STEP=raw(step))
    row, whole = np.empty(0), np.empty(0, np.int64)
    return address(kernel, row, row, row, tuple(Evaluate(1, 1, row, whole, row, whole, row, 1.0)), row, row, whole)


@cache
def raw(formula: Callable) -> Any:
    """A function of a solver as it is written, to be inlined into kernels, with the functions that it calls."""
    check_calls(formula)
    definition = _Evaluating().visit(tree_of(formula))
    helpers = {
        name: raw(value)
        for name, value in references(formula).items()
        if "." not in name and isinstance(value, FunctionType)
    }
    assert isinstance(formula, FunctionType)
    scope = formula.__globals__ | helpers | {_name(word): function for word, function in LOOKS.items()}
    # As for other formulas: the text is the solver's own source, which this process runs already.
    exec(executable(ast.Module([definition], []), formula), scope)
    function = scope[definition.name]
    function.__defaults__ = formula.__defaults__
    return blaming(numba.njit(**ADDRESSED)(function), formula)


def _name(word: str) -> str:
    return "look_" + word.replace(".", "_")


class _Evaluating(ast.NodeTransformer):
    """Writes ``evaluate(y, gy)`` as a call of a function that is given ``evaluate``."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        word = ast.unparse(node.func)
        if word in LOOKS:
            node.func = ast.copy_location(ast.Name(_name(word), ast.Load()), node.func)
            node.args.insert(0, ast.copy_location(ast.Name(EVALUATE, ast.Load()), node))
        return node
