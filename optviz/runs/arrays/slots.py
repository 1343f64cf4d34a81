"""The state of an array: what each slot's shape is, and what it begins with."""

from typing import Any

import numpy as np

from optviz.formulas.formula import ITERATE
from optviz.optimizers import Setting
from optviz.runs.arrays.checks import check_like, check_writable


def shape_of(setting: Setting, slot: str, array: np.ndarray) -> tuple[int, ...]:
    """The shape of a state slot."""
    formula = setting.formula.of(array.ndim)
    if slot in formula.shared:
        return ()
    if slot in formula.rows:
        return array.shape[:-1]
    return array.shape[-1:] if slot in formula.columns else formula.own_shape(slot, array.shape) or array.shape


def beginning(setting: Setting, slot: str, array: np.ndarray) -> np.ndarray:
    """A state slot before the first step: of the array's shape, or of its own, where a square is times the identity."""
    begin, shape = setting.initial(slot), shape_of(setting, slot, array)
    if begin == ITERATE:
        return np.array(array, subok=False)
    if setting.formula.own_shape(slot, array.shape):
        return np.eye(shape[0], dtype=array.dtype) * array.dtype.type(begin)
    if shape != array.shape:
        return np.full(shape, begin, array.dtype)
    return np.full_like(array, begin, subok=False)


def check_slot(given: Any, setting: Setting, slot: str, array: np.ndarray, name: str) -> None:
    """Refuse a state slot of another shape or dtype than the rule's of this array, or one that cannot be modified.

    Raises
    ------
    UsageError, UsageTypeError
    """
    shape, called = shape_of(setting, slot, array), f"state{name}[{slot!r}]"
    check_like(given, array if shape == array.shape else np.empty(shape, array.dtype), called, f"params{name}")
    check_writable(given, called)
