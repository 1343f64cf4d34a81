"""The parts of a step of a tile: the function at its iterates, noise on the gradient, and the update.

Some rules have more: the point of a second gradient, or a product with the function's second derivatives.
"""

from functools import cache
from typing import Any

import numpy as np

from optviz.formulas.sums import split
from optviz.functions import Function
from optviz.kernels.cache import ADDRESSED
from optviz.kernels.callback import callback_address
from optviz.kernels.column import column_maker, scratch_maker
from optviz.kernels.indirect import address
from optviz.kernels.random import noisy_gradient, random_sign
from optviz.kernels.rules import number_count, rule
from optviz.kernels.specialise import compiled, fingerprint, inlined, specialise
from optviz.kernels.sums import sums_in_tiles
from optviz.kernels.tile_rows import TILE, Layout, layout, put, take
from optviz.noise import NoiseModel
from optviz.optimizers import Formula

# Bound by `specialise`.
RULE: Any = None  # the update
VALUE: Any = None  # the function at a point
GRADIENT: Any = None  # its gradient there
SLOPES: Any = None  # both
NOISE: Any = None  # the stochastic coordinate of a gradient
NUMBER: Any = None  # the dtype
LIMIT: Any = None  # how far from the origin in a coordinate runs have diverged
DIMENSION: Any = None  # number of coordinates
GRADIENT_ROWS: Any = None  # where they begin
GIVEN: Any = None  # where the rule's numbers begin
POINT_COLUMN: Any = None  # a run's iterate as a sequence
GRADIENT_COLUMN: Any = None  # likewise its gradient
TAKE: Any = None  # reads some numbers of a run, as a tuple
HEIGHT: Any = None  # reads the value, as a tuple that is empty where the rule does not take it
PUT: Any = None  # writes some
SUMS: Any = None  # makes the sums over coordinates that the rule asks for
TOTALS: Any = None  # reads them, as a tuple
COMMON: Any = None  # reads the rule's numbers where all runs share them
OWN: Any = None  # reads them where each run has its own
HESSIAN: Any = None  # the second derivatives of the function, or their product with a vector
SIGN: Any = None  # a random sign
SIGN_COLUMN: Any = None  # a run's signs as a sequence
SCRATCH: Any = None  # memory for a function that needs some


def evaluate_pair(s, t, lanes):
    now = NUMBER(t - 1)
    for i in range(lanes):
        x, y, before = TAKE(s, i)
        near = (abs(x) <= LIMIT) & (abs(y) <= LIMIT)
        diverged = before if near | (before < now) else now
        PUT(s, i, (*SLOPES(x, y), diverged))


def both(x, y):
    return (VALUE(x, y), *GRADIENT(x, y))


def evaluate_column(s, t, lanes):
    now = NUMBER(t - 1)
    for i in range(lanes):
        x = POINT_COLUMN(s, i)
        GRADIENT(x, GRADIENT_COLUMN(s, i))
        near = True
        for c in range(DIMENSION):
            near &= abs(x[c]) <= LIMIT
        (before,) = TAKE(s, i)
        diverged = before if near | (before < now) else now
        PUT(s, i, (VALUE(x), diverged))


def disturb(s, seed, start, stride, t, parameters, means, lanes):
    for c in range(DIMENSION):
        numbers = TAKE(parameters[c], 0)
        for i in range(lanes):
            at = GRADIENT_ROWS + c * TILE + i
            s[at] = NOISE(s[at], seed, start + np.uint64(i) * stride, t, c, numbers, means)


def move(s, lanes):
    common = COMMON(s, GIVEN)
    SUMS(s, lanes, common)
    for c in range(DIMENSION):
        for i in range(lanes):
            at = c * TILE + i
            PUT(s, at, RULE(*TAKE(s, at), *HEIGHT(s, i), *TOTALS(s, i), *common, *OWN(s, GIVEN + i)))


def probe(s, lanes):
    common = COMMON(s, GIVEN)
    SUMS(s, lanes, common)
    for c in range(DIMENSION):
        for i in range(lanes):
            at = c * TILE + i
            after = RULE(*TAKE(s, at), *HEIGHT(s, i), *TOTALS(s, i), *common, *OWN(s, GIVEN + i))
            PUT(s, at, after[:1])


def multiply_pair(s, signs, products, seed, start, stride, t, lanes):
    for i in range(lanes):
        run = start + np.uint64(i) * stride
        x, y = TAKE(s, i)
        a, b = SIGN(seed, run, t, 0), SIGN(seed, run, t, 1)
        xx, xy, yy = HESSIAN(x, y)
        PUT(signs, i, (a, b))
        PUT(products, i, (xx * a + xy * b, xy * a + yy * b))


def multiply_column(s, signs, products, seed, start, stride, t, lanes):
    for i in range(lanes):
        run, along = start + np.uint64(i) * stride, SIGN_COLUMN(signs, i)
        for c in range(DIMENSION):
            along[c] = SIGN(seed, run, t, c)
        HESSIAN(POINT_COLUMN(s, i), along, SCRATCH(), GRADIENT_COLUMN(products, i))


def value_with_scratch(x):
    return VALUE(x, SCRATCH())


def gradient_with_scratch(x, g):
    GRADIENT(x, g, SCRATCH())


def formulas(function: Function, dtype: type) -> tuple[Any, Any]:
    """The value and the gradient of a function, compiled: ``value(x, y)``, or ``value(x)`` and ``gradient(x, g)``."""
    value, gradient = compiled(function.value, dtype), compiled(function.gradient, dtype)
    if not function.scratch:
        return value, gradient
    scratch = scratch_maker(dtype, function.scratch)
    return (
        inlined(value_with_scratch, VALUE=value, SCRATCH=scratch),
        inlined(gradient_with_scratch, GRADIENT=gradient, SCRATCH=scratch),
    )


@cache
def evaluate_address(function: Function, dtype: type) -> int:
    """The part of a step that a function determines: its value and gradient, and whether a run has diverged."""
    if function.uncompiled:
        return callback_address(function, dtype)
    dimension = len(function.bounds)
    rows = layout(dimension)
    value, gradient = formulas(function, dtype)
    names: dict[str, Any] = {"VALUE": value, "GRADIENT": gradient, "NUMBER": dtype, "LIMIT": dtype(function.far)}
    if function.dimension is None:
        template: Any = evaluate_pair
        # What a derived gradient and the value have in common, loops too, is computed once.
        together = function.slopes
        names |= {"SLOPES": compiled(together, dtype) if together else inlined(both, VALUE=value, GRADIENT=gradient)}
        slopes = (rows.gradient, rows.gradient + TILE)
        names |= {"TAKE": take(0, TILE, rows.diverged), "PUT": put(rows.value, *slopes, rows.diverged)}
    else:
        template = evaluate_column
        point, slope = (column_maker(at // TILE, TILE, dimension) for at in (0, rows.gradient))
        names |= {"POINT_COLUMN": point, "GRADIENT_COLUMN": slope, "DIMENSION": dimension}
        names |= {"TAKE": take(rows.diverged), "PUT": put(rows.value, rows.diverged)}
    kernel = specialise(
        template, function_label(function, dtype), fingerprint(function.value, function.gradient), ADDRESSED, **names
    )
    return address(kernel, _vector(dtype), 0, 0)


@cache
def disturb_address(noise: NoiseModel, dimension: int, dtype: type) -> int:
    """The part that a noise model determines: the stochastic gradient in place of the exact one."""
    kernel = specialise(
        disturb,
        f"{noise.name}_{dtype.__name__}_{dimension}",
        fingerprint(noise.gradient),
        ADDRESSED,
        NOISE=noisy_gradient(noise, dtype),
        TAKE=take(*range(len(noise.parameters))),
        DIMENSION=dimension,
        GRADIENT_ROWS=layout(dimension).gradient,
    )
    one = np.uint64(0)
    return address(kernel, _vector(dtype), one, one, one, 0, np.empty((0, 0), dtype), np.empty((0, 0)), 0)


@cache
def move_address(formula: Formula, dimension: int, dtype: type, own: bool) -> int:
    """The part that a rule determines: the update of iterate and state."""
    rows = layout(dimension, formula, own)
    slots = range(rows.state, rows.numbers, dimension * TILE)
    return _moving(move, formula, rows, put(0, *slots), rows.looked, dimension, dtype, own)


@cache
def probe_address(formula: Formula, dimension: int, dtype: type, own: bool) -> int:
    """The part that writes the point of a rule's second look."""
    rows, look = layout(dimension, formula, own), formula.look
    assert look is not None
    return _moving(probe, look, rows, put(rows.looked), 0, dimension, dtype, own)


def _moving(
    template: Any, formula: Formula, rows: Layout, writing: Any, at: int, dimension: int, dtype: type, own: bool
) -> int:
    """The address of what a formula makes of iterate, state, and the gradient and the value of the point `at`."""
    slots = range(rows.state, rows.numbers, dimension * TILE)
    numbers, passes = range(number_count(formula)), split(formula)
    reading = {
        "TAKE": take(0, at + rows.gradient, *slots),
        "HEIGHT": take(*([at + rows.value] if formula.takes_value else ())),
        "TOTALS": take(*(rows.totals + k * TILE for k in range(len(passes.totals)))),
        "OWN": take(*(number * TILE for number in numbers if own)),
        "GIVEN": rows.numbers,
    }
    kernel = specialise(
        template,
        f"{formula.update.__name__}_{dtype.__name__}_{dimension}{'_own' * own}",
        fingerprint(formula),
        ADDRESSED,
        RULE=rule(formula, dtype),
        SUMS=sums_in_tiles(formula, rows, dimension, dtype, reading),
        PUT=writing,
        COMMON=take(*(() if own else numbers)),
        DIMENSION=dimension,
        **reading,
    )
    return address(kernel, _vector(dtype), 0)


@cache
def multiply_address(function: Function, dtype: type) -> int:
    """The part that draws random signs and makes their product with a function's second derivatives at the iterates."""
    dimension, second = len(function.bounds), compiled(function.hessian, dtype)
    names: dict[str, Any] = {"HESSIAN": second, "SIGN": random_sign(dtype)}
    template: Any = multiply_pair
    if function.dimension is None:
        names |= {"TAKE": take(0, TILE), "PUT": put(0, TILE)}
    else:
        template, column = multiply_column, column_maker(0, TILE, dimension)
        names |= {"POINT_COLUMN": column, "SIGN_COLUMN": column, "GRADIENT_COLUMN": column, "DIMENSION": dimension}
        names["SCRATCH"] = scratch_maker(dtype, dimension)
    kernel = specialise(template, function_label(function, dtype), fingerprint(function.hessian), ADDRESSED, **names)
    row, one = _vector(dtype), np.uint64(0)
    return address(kernel, row, row, row, one, one, one, 0, 0)


def _vector(dtype: type) -> np.ndarray:
    return np.empty(0, dtype)


def function_label(function: Function, dtype: type) -> str:
    """What tells a function in a dtype from others, in the names of kernels, but for its formulas."""
    return f"{function.slug}{function.dimension or ''}_{function.far!r}_{dtype.__name__}"
