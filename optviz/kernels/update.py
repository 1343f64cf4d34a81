"""The step of an optimizer on a flat array, in place, and that of one element, which kernels of every device share."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from optviz.formulas.sums import split
from optviz.kernels import tile_rows
from optviz.kernels.cache import COMPILES, INNER
from optviz.kernels.denormals import flush, restore
from optviz.kernels.rules import constant_count, rule
from optviz.kernels.slots import put, take, written_out
from optviz.kernels.specialise import fingerprint, inlined, specialise
from optviz.optimizers import Formula

# Bound by `specialise` and `element_step`.
ELEMENT: Any = None  # the step of an element
RULE: Any = None  # the update
TAKE: Any = None  # reads an element of each slot
PUT: Any = None  # writes it
PUT_SHARED: Any = None  # writes those that all elements share
TOTALS: Any = None  # reads the sums that the update takes
KNOWN: Any = None  # puts them among the step scalars


def element(x, g, slots, i, j, scalars, hyper):
    """Move element `i` of `x` and of the state slots against element `j` of the gradient."""
    new = RULE(x[i], g[j], *TAKE(slots, i), *scalars, *hyper)
    x[i] = new[0]
    PUT(slots, i, new[1:])


def update(x, g, slots, scalars, hyper):
    word = flush()
    for i in range(x.size):
        ELEMENT(x, g, slots, i, i, scalars, hyper)
    restore(word)


def update_summed(x, g, slots, scalars, hyper, sums):
    word = flush()
    if x.size > 0:
        known = KNOWN(scalars, TOTALS(sums, 0))
        first = RULE(x[0], g[0], *TAKE(slots, 0), *known, *hyper)
        for i in range(x.size):
            ELEMENT(x, g, slots, i, i, known, hyper)
        PUT_SHARED(slots, 0, first[1:])  # when no element needs the old ones any more
    restore(word)


def array_kernel(formula: Formula, dtype: type) -> Any:
    """One step of an update rule on every element of a flat array.

    Denormal numbers are flushed to zero during the call.

    Parameters
    ----------
    formula : Formula
    dtype : type
        ``np.float32`` or ``np.float64``, the type of everything that is passed.

    Returns
    -------
    kernel
        ``kernel(x, g, slots, scalars, hyper)``: `x` ``(n,)`` and the arrays of the tuple `slots`, ``(n,)`` each, are
        modified; `g` ``(n,)`` is read. All are contiguous and none overlaps another: the kernel does not check.
        `scalars` and `hyper` are tuples of `dtype` scalars: step scalars in the order of the formula's arguments,
        and its `optviz.kernels.rules.constants`.
    """
    label = f"{formula.update.__name__}_{dtype.__name__}"
    return specialise(update, label, fingerprint(formula), ELEMENT=element_step(formula, dtype))


def summed_function(formula: Formula, dtype: type) -> Callable:
    """As `array_function`, of a formula with sums: ``kernel(x, g, slots, scalars, hyper, sums)``.

    `sums` are those that the formula asks for, an array of `dtype`. Of slots that elements share the arrays are of one
    element.
    """
    passes, count, shared = split(formula), len(formula.slots), shared_places(formula)
    reading, moves = take(count, shared), rule(formula, dtype)
    own = tuple(place for place in range(count) if place not in shared)
    kernel = specialise(
        update_summed,
        f"{formula.update.__name__}_{dtype.__name__}",
        fingerprint(formula),
        RULE=moves,
        TAKE=reading,
        ELEMENT=inlined(element, RULE=moves, TAKE=reading, PUT=put(count, own)),
        PUT_SHARED=put(count, shared),
        KNOWN=known_scalars(formula),
        TOTALS=tile_rows.take(*range(len(passes.totals))),
    )
    return entry(kernel, formula, dtype, np.empty(0, dtype))


def known_scalars(formula: Formula) -> Any:
    """``known(scalars, sums)``: the value and the step scalars with the sums where the update takes them."""
    valued = int(formula.takes_value)
    names = [f"scalars[{k}]" for k in range(valued + len(formula.table_names))]
    names[valued:valued] = [f"sums[{k}]" for k in range(len(split(formula).totals))]
    return numba.njit(**INNER)(written_out("scalars, sums", names))


def shared_places(formula: Formula) -> tuple[int, ...]:
    """The places of the state slots that the elements of an array share."""
    return tuple(place for place, slot in enumerate(formula.slots) if slot in formula.shared)


def element_step(formula: Formula, dtype: type) -> Any:
    """`element` for a formula, to be inlined into kernels; each element has its own of all slots."""
    count = len(formula.slots)
    return inlined(element, RULE=rule(formula, dtype), TAKE=take(count), PUT=put(count))


def array_function(formula: Formula, dtype: type) -> Callable:
    """What `array_kernel` gives, compiled now, without the choice between types at every call.

    That saves 1.4 of 2.1 microseconds, half of what the step of a small array takes. Arguments of other types than
    the kernel's are not noticed; a `g` that is read-only is as good as any.
    """
    return entry(array_kernel(formula, dtype), formula, dtype)


def entry(kernel: Any, formula: Formula, dtype: type, *more: Any) -> Callable:
    """A kernel's compiled entry, for arrays of a dtype and what else it takes."""
    if not COMPILES:
        return kernel
    array: np.ndarray = np.empty(0, dtype)
    scalar = dtype(0)
    scalars, hyper = len(formula.scalar_names), constant_count(formula)
    example = (array, array, (array,) * len(formula.slots), (scalar,) * scalars, (scalar,) * hyper, *more)
    return kernel.compile(tuple(map(numba.typeof, example)))
