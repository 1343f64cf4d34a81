"""Which loop moves an array: element by element, with sums over it, or as a matrix."""

from typing import Any

import numpy as np

from optviz.optimizers import Setting
from optviz.runs.arrays.host import BoundArray, StepScalars, TypedRule
from optviz.runs.arrays.matrices import BoundMatrix, MatrixRule
from optviz.runs.arrays.summed import SummedArray, SummedMatrix, SummingRule


def typed(setting: Setting, array: np.ndarray) -> StepScalars:
    """A setting in the precision of an array, for its number of axes."""
    if setting.kind == "matrices":
        return MatrixRule(setting, array.dtype.type)
    return (SummingRule if setting.formula.sums else TypedRule)(setting, array.dtype.type, array.ndim)


def bind(rule: Any, array: np.ndarray, state: dict[str, Any]) -> BoundArray:
    """An array and its state, as what `typed` gave moves it."""
    slots = {slot: state[slot] for slot in rule.formula.slots}
    if isinstance(rule, MatrixRule):
        return BoundMatrix(rule, array, slots)
    if not isinstance(rule, SummingRule):
        return BoundArray(rule, array, slots)
    return (SummedMatrix if rule.is_matrix else SummedArray)(rule, array, slots)
