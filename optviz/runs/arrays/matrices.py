"""Arrays of two axes and more as matrices: their state, and their step in the words of a formula for matrices."""

from typing import Any

import numpy as np

from optviz.errors import UsageError
from optviz.formulas.formula import ITERATE
from optviz.kernels.matrices import moved
from optviz.optimizers import Setting
from optviz.runs.arrays.checks import check_floats, check_like
from optviz.runs.arrays.host import Asked, BoundArray, StepScalars


class MatrixRule(StepScalars):
    """A setting of a rule for matrices. Its numbers are Python's, which leave arrays in their precision."""

    def __init__(self, setting: Setting, dtype: type):
        super().__init__(setting, np.float64)
        self.formula, self._hyper = setting.formula, setting.hyperparameters

    def at(self, t: int, asked: Asked) -> dict[str, float]:
        """The step scalars of step `t` and the hyperparameters."""
        scalars = map(float, self.scalars(t, asked.numbers))
        return self._hyper | dict(asked.numbers) | dict(zip(self.formula.scalar_names, scalars, strict=True))


class BoundMatrix(BoundArray):
    """As `BoundArray`, of an array that is moved as the matrix of its first axis and all others."""

    _kept: list[np.ndarray] = []

    def step(self, x: np.ndarray, g: np.ndarray, state: dict[str, Any], asked: Asked) -> None:
        """Make the next step, in place."""
        t = state["t"] + 1
        rule: MatrixRule = self.rule
        modified = [x, *(state[name] for name in self._names)]
        if x.size:
            after = moved(
                rule.formula, matrix(x), matrix(g), [matrix(state[name]) for name in self._names], rule.at(t, asked)
            )
            for array, new in zip(modified, after, strict=True):
                array[...] = new.reshape(array.shape)
            # Memory that is given back after every step, and taken again page by page, would cost a third of it.
            self._kept = after
        state["t"] = t


def matrix(array: np.ndarray) -> np.ndarray:
    """An array as (its first axis, all others), a vector as it is; a view where that is possible."""
    return array.reshape(len(array), -1) if array.ndim > 2 else array


def beginning(setting: Setting, slot: str, array: np.ndarray) -> np.ndarray:
    """A state slot before the first step: of the array's shape, or a multiple of the identity."""
    begin, shape = setting.initial(slot), setting.formula.own_shape(slot, array.shape)
    if begin == ITERATE:
        return np.array(array, subok=False)
    if shape is None:
        return np.full_like(array, begin, subok=False)
    if setting.formula.is_square(slot):
        return np.eye(*shape, dtype=array.dtype) * array.dtype.type(begin)
    return np.full(shape, begin, array.dtype)


def beginnings(setting: Setting, array: np.ndarray) -> dict[str, np.ndarray]:
    """All state slots of an array before the first step, of a layer's inputs × outputs in the rule's own order."""
    return {slot: beginning(setting, slot, as_moved(setting, array)) for slot in setting.formula.slots}


def as_moved(setting: Setting, array: np.ndarray) -> np.ndarray:
    """A layer's weights, inputs × outputs, as the rule has them; a view."""
    return array if getattr(setting.formula, "inputs_first", True) else array.T


def check_slot(given: Any, setting: Setting, slot: str, array: np.ndarray, name: str) -> None:
    """Refuse a state slot of another shape or dtype than the rule's of this array.

    Raises
    ------
    UsageError, UsageTypeError
    """
    shape = setting.formula.own_shape(slot, array.shape)
    if shape is None:
        check_like(given, array, f"state{name}[{slot!r}]", f"params{name}")
        return
    check_floats(given, f"state{name}[{slot!r}]")
    if given.shape != shape or given.dtype != array.dtype:
        raise UsageError(
            f"state{name}[{slot!r}] has shape {given.shape} and dtype {given.dtype}, and not {shape} and {array.dtype}",
            "Take the state that this optimizer's init(params) gives.",
        )
