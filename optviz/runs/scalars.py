"""A setting's numbers as kernels take them: in the arrays' precision."""

import functools
from collections.abc import Mapping

import numpy as np

from optviz.kernels.power import powered
from optviz.kernels.rules import constants
from optviz.optimizers import Formula, Setting

TABLES = 8  # step tables kept at a time
MOST_KEPT = 50_000  # steps of a table that is kept: 0.8 MB for Adam


def hyperparameters(setting: Setting, dtype: type) -> tuple:
    """The `optviz.kernels.rules.constants` of the setting's formula, made in float64, as `dtype` scalars."""
    with np.errstate(over="ignore"):  # beyond float32 a learning rate is infinite, and the run diverges
        return tuple(map(dtype, constants(setting.formula, setting.hyperparameters)))


def step_scalars(setting: Setting, dtype: type, t: np.ndarray) -> tuple[np.ndarray, ...]:
    """What the formula needs to know about some steps, in order.

    They are computed in float64 from the hyperparameters as they were given, and rounded once. All of them come from
    `_columns`, so that they are the same however many steps and runs are asked for at a time.

    Parameters
    ----------
    setting : Setting
    dtype : type
    t : (steps,) float64
        The steps, counted from 1.

    Returns
    -------
    tuple of (steps,) arrays of `dtype`
    """
    return _rounded(_columns(setting.formula, t, _arguments(setting)), dtype)


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
    given = _arguments(setting)
    varying = {name: own[name] for name in given if name in own and np.ptp(own[name]) > 0}
    # Along a line of a sweep most hyperparameters are the same for all runs, and powers are dear.
    given |= {name: own[name][0] for name in given if name in own and name not in varying}
    if not varying:
        return np.reshape(_columns(setting.formula, t, given), (len(setting.formula.scalar_names), len(t), 1))
    # Runs with the same numbers, as from many starts, share a column.
    different, place = np.unique(np.stack(list(varying.values())), axis=1, return_inverse=True)
    columns = _columns(setting.formula, t[:, np.newaxis], given | dict(zip(varying, different, strict=True)))
    table = np.zeros((len(columns), len(t), width))
    for k, column in enumerate(columns):
        table[k, :, : place.size] = column[:, place.reshape(-1)]
    return table


def step_table(setting: Setting, dtype: type, steps: int) -> tuple[np.ndarray, ...]:
    """`step_scalars` of the steps 1 to `steps`; not to be modified.

    Powers cost more than the steps of most rules, and hardly any depend on the learning rate: the last tables are
    kept, so that tuning makes one for all its rates.
    """
    make = _table if steps <= MOST_KEPT else _table.__wrapped__
    return make(setting.formula, dtype, steps, tuple(_arguments(setting).items()))


@functools.lru_cache(maxsize=TABLES)
def _table(formula: Formula, dtype: type, steps: int, given: tuple[tuple[str, float], ...]) -> tuple[np.ndarray, ...]:
    return _rounded(_columns(formula, np.arange(1.0, steps + 1), dict(given)), dtype)


def _columns(formula: Formula, t: np.ndarray, given: Mapping[str, float | np.ndarray]) -> list[np.ndarray]:
    """The step scalars of steps `t` in the order of the formula's arguments, float64, of the shape of `t` or wider."""
    if formula.scalars is None:
        return []
    numbers = {name: powered(value) if np.ndim(value) else float(value) for name, value in given.items()}
    values = formula.scalars(powered(t), **numbers)
    shape = np.broadcast_shapes(t.shape, *(np.shape(value) for value in numbers.values()))
    return [np.broadcast_to(np.asarray(values[name], np.float64), shape) for name in formula.scalar_names]


def _rounded(columns: list[np.ndarray], dtype: type) -> tuple[np.ndarray, ...]:
    with np.errstate(over="ignore"):
        return tuple(column.astype(dtype) for column in columns)


def _arguments(setting: Setting) -> dict[str, float]:
    """The hyperparameters that the step scalars depend on."""
    return {name: setting.hyperparameters[name] for name in setting.formula.scalar_arguments}
