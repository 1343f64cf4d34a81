"""The step of an optimizer on a flat array, in place."""

from typing import Any

from optviz.kernels.denormals import flush, restore
from optviz.kernels.slots import put, take
from optviz.kernels.specialise import compiled, fingerprint, specialise
from optviz.optimizers import Formula

RULE: Any
TAKE: Any
PUT: Any


def update(x, g, slots, scalars, hyper):
    word = flush()
    for i in range(x.size):
        new = RULE(x[i], g[i], *TAKE(slots, i), *scalars, *hyper)
        x[i] = new[0]
        PUT(slots, i, new[1:])
    restore(word)


def update_kernel(formula: Formula, dtype: type) -> Any:
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
        `scalars` and `hyper` are tuples of `dtype` scalars in the order of the formula's arguments.
    """
    count = len(formula.slots)
    return specialise(
        update,
        f"{formula.update.__name__}_{dtype.__name__}",
        fingerprint(formula.update),
        RULE=compiled(formula.update, dtype, as_tuple=not count),
        TAKE=take(count),
        PUT=put(count),
    )
