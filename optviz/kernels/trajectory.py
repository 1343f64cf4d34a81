"""The path of an optimizer on a function of two variables."""

from typing import Any

from optviz.functions import Function
from optviz.kernels.denormals import flush, restore
from optviz.kernels.rules import rule
from optviz.kernels.slots import put, take
from optviz.kernels.specialise import compiled, fingerprint, specialise
from optviz.optimizers import Formula

RULE: Any = None  # these are bound by specialise
VALUE: Any = None
GRADIENT: Any = None
TAKE: Any = None
PUT: Any = None
ROW: Any = None
LIMIT: Any = None


def trajectory(points, values, x_slots, y_slots, table, hyper, first, last):
    word = flush()
    diverged = 0
    x, y = points[first - 1, 0], points[first - 1, 1]
    x_state, y_state = TAKE(x_slots, 0), TAKE(y_slots, 0)
    values[first - 1] = VALUE(x, y)
    for t in range(first, last + 1):
        scalars = ROW(table, t - 1)
        gx, gy = GRADIENT(x, y)
        x_new = RULE(x, gx, *x_state, *scalars, *hyper)
        y_new = RULE(y, gy, *y_state, *scalars, *hyper)
        x, x_state = x_new[0], x_new[1:]
        y, y_state = y_new[0], y_new[1:]
        points[t, 0], points[t, 1] = x, y
        values[t] = VALUE(x, y)
        if not (abs(x) <= LIMIT and abs(y) <= LIMIT):
            diverged = t
            break
    PUT(x_slots, 0, x_state)
    PUT(y_slots, 0, y_state)
    restore(word)
    return diverged


def trajectory_kernel(formula: Formula, function: Function, dtype: type) -> Any:
    """Steps of one optimizer on one function from one start, with every iterate and its value.

    Parameters
    ----------
    formula : Formula
    function : Function
    dtype : type
        ``np.float32`` or ``np.float64``, the type of everything that is passed.

    Returns
    -------
    kernel
        ``kernel(points, values, x_slots, y_slots, table, hyper, first, last)`` makes the steps `first` to `last`,
        counted from 1, and returns the first step whose iterate is not finite or farther than ``function.far``
        from the origin in a coordinate, else 0. It stops there.

        - `points` ``(steps + 1, 2)``: row ``first - 1`` is read, rows `first` to `last` are written;
        - `values` ``(steps + 1,)``: likewise, row ``first - 1`` is written too;
        - `x_slots`, `y_slots`: tuples of ``(1,)`` arrays, the state of each coordinate, read and written;
        - `table`: tuple of ``(steps,)`` arrays, for each step scalar its value at steps 1, 2, ...;
        - `hyper`: tuple of scalars, the rule's `optviz.kernels.rules.constants`.
    """
    return specialise(trajectory, *_identity(formula, function, dtype), **_names(formula, function, dtype))


def _identity(formula: Formula, function: Function, dtype: type) -> tuple[str, str]:
    label = f"{formula.update.__name__}_{function.name}_{function.far!r}_{dtype.__name__}"
    return label, fingerprint(formula, function.value, function.gradient)


def _names(formula: Formula, function: Function, dtype: type) -> dict[str, Any]:
    count = len(formula.slots)
    return {
        "RULE": rule(formula, dtype),
        "VALUE": compiled(function.value, dtype),
        "GRADIENT": compiled(function.gradient, dtype),
        "TAKE": take(count),
        "PUT": put(count),
        "ROW": take(len(formula.scalar_names)),
        "LIMIT": dtype(function.far),
    }
