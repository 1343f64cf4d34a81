"""A setting's numbers as kernels take them: in the arrays' precision."""

import functools
from collections.abc import Mapping

import numpy as np

from optviz.errors import UsageError
from optviz.optimizers import Formula, Setting

TABLES = 8  # step tables kept at a time
MOST_KEPT = 50_000  # steps of a table that is kept: 0.8 MB for Adam


def hyperparameters(setting: Setting, dtype: type) -> tuple:
    """The hyperparameters of the setting's formula, in order, as `dtype` scalars."""
    with np.errstate(over="ignore"):  # beyond float32 a learning rate is infinite, and the run diverges
        return tuple(dtype(setting.hyperparameters[name]) for name in setting.formula.hyperparameters)


def step_scalars(setting: Setting, dtype: type, t: np.ndarray) -> tuple[np.ndarray, ...]:
    """What the formula needs to know about some steps, in order.

    They are computed in float64 from the hyperparameters as `dtype` holds them: 1 - beta**t must be the sum of the
    very weights that the kernel uses, and float32(0.999) is not 0.999.

    Parameters
    ----------
    setting : Setting
    dtype : type
    t : (steps,) float64
        The steps, counted from 1.

    Returns
    -------
    tuple of (steps,) arrays of `dtype`

    Raises
    ------
    UsageError
        If a hyperparameter below 1 rounds to 1 in `dtype`, so that an average has no weight left for what is new.
    """
    return _columns(setting.formula, dtype, t, _rounded(setting, dtype))


def own_scalars(setting: Setting, own: Mapping[str, np.ndarray], t: np.ndarray, width: int) -> np.ndarray:
    """The step scalars of runs that each have their own hyperparameters, in float64.

    Parameters
    ----------
    setting : Setting
        Gives the hyperparameters that all share.
    own : dict of str to (n,) float64
    t : (steps,) float64
    width : int
        At least n; columns beyond n are 0.

    Returns
    -------
    (scalars, steps, width) float64, or (scalars, steps, 1) where they are the same for all runs.
    """
    formula = setting.formula
    if formula.scalars is None:
        return np.empty((0, len(t), 1))
    given = {name: np.atleast_1d(own.get(name, setting.hyperparameters[name])) for name in formula.scalar_arguments}
    # Along a line of a sweep most hyperparameters are the same for all runs, and powers are dear.
    given = {name: value[:1] if np.ptp(value) == 0 else value for name, value in given.items()}
    values = formula.scalars(t[:, np.newaxis], **given)
    columns = [np.atleast_2d(np.asarray(values[name], float)) for name in formula.scalar_names]
    widest = max(column.shape[1] for column in columns)
    table = np.zeros((len(columns), len(t), width if widest > 1 else 1))
    for k, column in enumerate(columns):
        table[k, :, :widest] = column
    return table


def step_table(setting: Setting, dtype: type, steps: int) -> tuple[np.ndarray, ...]:
    """`step_scalars` of the steps 1 to `steps`; not to be modified.

    Powers cost more than the steps of most rules, and hardly any depend on the learning rate: the last tables are
    kept, so that tuning makes one for all its rates.
    """
    make = _table if steps <= MOST_KEPT else _table.__wrapped__
    return make(setting.formula, dtype, steps, tuple(_rounded(setting, dtype).items()))


@functools.lru_cache(maxsize=TABLES)
def _table(formula: Formula, dtype: type, steps: int, rounded: tuple[tuple[str, float], ...]) -> tuple[np.ndarray, ...]:
    return _columns(formula, dtype, np.arange(1.0, steps + 1), dict(rounded))


def _columns(formula: Formula, dtype: type, t: np.ndarray, rounded: dict[str, float]) -> tuple[np.ndarray, ...]:
    if formula.scalars is None:
        return ()
    with np.errstate(over="ignore"):
        values = formula.scalars(t, **rounded)
        return tuple(np.broadcast_to(values[name], t.shape).astype(dtype) for name in formula.scalar_names)


def _rounded(setting: Setting, dtype: type) -> dict[str, float]:
    """The hyperparameters that the step scalars depend on, as `dtype` holds them."""
    with np.errstate(over="ignore"):
        rounded = {name: float(dtype(setting.hyperparameters[name])) for name in setting.formula.scalar_arguments}
    for name, value in rounded.items():
        if value == 1 > setting.hyperparameters[name]:
            raise UsageError(
                f"{setting.rule.name}: {name}={setting.hyperparameters[name]!r} is 1 in {dtype.__name__}",
                "Use float64 or a smaller value.",
            )
    return rounded
