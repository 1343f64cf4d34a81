"""What rules of a second gradient do before a run's update on a CUDA device, and those that multiply with the Hessian.

The templates are inner ones of `optviz.kernels.cuda.tile.move`, whose words are used here.
"""

from typing import Any

import numpy as np

from optviz.formulas.formula import DUE as DUES
from optviz.formulas.formula import PRODUCT as PRODUCTS
from optviz.formulas.formula import SIGNS
from optviz.functions import Function
from optviz.kernels.cuda.backend import cuda, device_function, twin
from optviz.kernels.cuda.linking import Inner
from optviz.kernels.cuda.point import product_part
from optviz.kernels.cuda.sums import summing
from optviz.kernels.cuda.update import rule_part
from optviz.kernels.random import random_sign
from optviz.optimizers import Formula

# Bound by `optviz.kernels.cuda.tile.advance_kernel`.
PRODUCT: Any = None  # the product at a point
SIGN: Any = None  # a random sign
SIGN_ROW: Any = None  # the state slots that hold signs and product
PRODUCT_ROW: Any = None
DUE: Any = None  # whether this step needs them
DUE_PLACE: Any = None  # the step scalar that says so
PROBE: Any = None  # the point of its second gradient
PROBE_SUMS: Any = None  # the same of the probe
PROBE_TOTALS: Any = None
GRADIENT: Any = None  # the others are those of `optviz.kernels.cuda.tile`
VALUE: Any = None
VALUED: Any = None
HEIGHT: Any = None
NOISE: Any = None
NOISE_NUMBERS: Any = None
TAKE: Any = None
SUMMED: Any = None
LANED: Any = None
DIMENSION: Any = None
NUMBER: Any = None
NAN: Any = None


def no_product(here, room, slots, seed, t, scalars):
    pass


def multiply(here, room, slots, seed, t, scalars):
    if DUE(scalars):
        for c in range(DIMENSION):
            slots[SIGN_ROW, c] = SIGN(seed, np.uint64(0), t, c)  # for all runs, so that each is what it is alone
        PRODUCT(here, slots[SIGN_ROW], slots[PRODUCT_ROW], room)


def always(scalars):
    return True


def due(scalars):
    return scalars[DUE_PLACE] != 0


def no_second(here, room, slope, slots, scratch, valued, scalars, numbers, place, t, parameters, means):
    return valued


def second(here, room, slope, slots, scratch, valued, scalars, numbers, place, t, parameters, means):
    totals, lanes = cuda.local.array(SUMMED, NUMBER), cuda.local.array(LANED, NUMBER)
    PROBE_SUMS(here, slope, slots, valued, scalars, numbers, totals, lanes)
    for c in range(DIMENSION):
        point = PROBE(here[c], slope[c], *TAKE(slots, c), *valued, *PROBE_TOTALS(totals, 0), *scalars, *numbers)
        room[c] = point[0]
    GRADIENT(room, slope, scratch)
    for c in range(DIMENSION):
        slope[c] = NOISE(slope[c], *place, t, c, NOISE_NUMBERS(parameters, c), means)
    return HEIGHT(VALUE(room, scratch) if VALUED else NAN)


def second_names(formula: Formula, function: Function, dtype: type) -> dict[str, Any]:
    """What `optviz.kernels.cuda.tile.move` needs of a rule for its sums, its second look and its products."""
    return _sums(formula, len(function.bounds), dtype) | _products(formula, function, dtype) | _probe(formula, dtype)


def _probe(formula: Formula, dtype: type) -> dict[str, Any]:
    if formula.look is None:
        return {"SECOND": device_function(no_second)}
    return {"PROBE": rule_part(formula.look, dtype), "SECOND": Inner(second)}


def _sums(formula: Formula, dimension: int, dtype: type) -> dict[str, Any]:
    names = summing(formula, dimension, dtype)
    if formula.look is None:
        return names
    # Both need room, though not at the same time.
    other = summing(formula.look, dimension, dtype)
    shapes = {name: tuple(map(max, names[name], other[name])) for name in ("SUMMED", "LANED")}
    return names | shapes | {"PROBE_SUMS": other["SUMS"], "PROBE_TOTALS": other["TOTALS"]}


def _products(formula: Formula, function: Function, dtype: type) -> dict[str, Any]:
    if not formula.multiplies:
        return {"MULTIPLY": device_function(no_product)}
    names, rows = formula.table_names, {"SIGN_ROW": SIGNS, "PRODUCT_ROW": PRODUCTS}
    is_due = device_function(due, DUE_PLACE=names.index(DUES)) if DUES in names else device_function(always)
    return {
        **{name: formula.slots.index(slot) for name, slot in rows.items()},
        "DUE": is_due,
        "SIGN": twin(random_sign(dtype)),
        "PRODUCT": product_part(function, dtype),
        "MULTIPLY": Inner(multiply),
    }
