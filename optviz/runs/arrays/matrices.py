"""Arrays of two axes and more as matrices: their state, and their step in the words of a formula for matrices."""

from typing import Any

import numpy as np

from optviz.kernels.matrices import moved
from optviz.optimizers import Setting
from optviz.runs.arrays.host import BoundArray, StepScalars
from optviz.runs.arrays.slots import beginning


class MatrixRule(StepScalars):
    """A setting of a rule for matrices. Its numbers are Python's, which leave arrays in their precision."""

    def __init__(self, setting: Setting, dtype: type):
        super().__init__(setting, np.float64)
        self.formula, self._hyper = setting.formula, setting.hyperparameters

    def numbers(self, t: int) -> dict[str, float]:
        """The step scalars of step `t` and the hyperparameters."""
        return self._hyper | dict(zip(self.formula.scalar_names, map(float, self.scalars(t)), strict=True))


class BoundMatrix(BoundArray):
    """As `BoundArray`, of an array that is moved as the matrix of its first axis and all others."""

    def step(self, x: np.ndarray, g: np.ndarray, state: dict[str, Any], value: float | None) -> None:
        """Make the next step, in place."""
        t = state["t"] + 1
        rule: MatrixRule = self._rule
        modified = [x, *(state[name] for name in self._names)]
        if x.size:
            after = moved(
                rule.formula, matrix(x), matrix(g), [matrix(state[name]) for name in self._names], rule.numbers(t)
            )
            for array, new in zip(modified, after, strict=True):
                array[...] = new.reshape(array.shape)
        state["t"] = t


def matrix(array: np.ndarray) -> np.ndarray:
    """An array as (its first axis, all others), a vector as it is; a view where that is possible."""
    return array.reshape(len(array), -1) if array.ndim > 2 else array


def beginnings(setting: Setting, array: np.ndarray) -> dict[str, np.ndarray]:
    """All state slots of an array before the first step, of a layer's inputs × outputs in the rule's own order."""
    return {slot: beginning(setting, slot, as_moved(setting, array)) for slot in setting.formula.slots}


def as_moved(setting: Setting, array: np.ndarray) -> np.ndarray:
    """A layer's weights, inputs × outputs, as the rule has them; a view."""
    return array if getattr(setting.formula, "inputs_first", True) else array.T
