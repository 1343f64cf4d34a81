"""Formulas driven in plain Python, as a reference for kernels; and every formula there is.

Of one with sums it is what is left when these have been taken out.
"""

import numpy as np

from optviz.formulas.sums import split
from optviz.kernels import rules
from optviz.optimizers import REGISTRY as OPTIMIZERS
from optviz.optimizers import Formula

WRITTEN = {  # as they are written, with their sums
    formula.update.__name__: formula
    for rule in OPTIMIZERS
    if rule.kind != "solver"
    for formulas in rule.variants.values()
    for formula in formulas
    if formula.kind != "matrices"  # which is not compiled
}
FORMULAS = {name: split(formula).formula for name, formula in WRITTEN.items()}

# Values that suit every hyperparameter and step scalar, whatever their meaning.
NUMBERS = (0.0625, 0.75, 0.875, 0.5, 0.25)


def numbers(names: tuple[str, ...], dtype: type = float) -> tuple:
    """A value of `dtype` for each name."""
    return tuple(dtype(NUMBERS[i % len(NUMBERS)]) for i in range(len(names)))


def constants(formula: Formula, dtype: type = float, **given: float) -> tuple:
    """What a kernel takes for the hyperparameters; those not given have a value that suits them all."""
    values = dict(zip(formula.hyperparameters, numbers(formula.hyperparameters), strict=True)) | given
    return tuple(map(dtype, rules.constants(formula, values)))


def steps(formula: Formula, x: float, gradients, slots=None) -> list[tuple[float, ...]]:
    """``(x, *slots)`` after each step of one coordinate; `gradients` are numbers or functions of x."""
    state = begins(formula) if slots is None else list(slots)
    path = []
    for g in gradients:
        result = formula.update(x, g, *state, *numbers(formula.scalar_names), *numbers(formula.hyperparameters))
        x, *state = result if isinstance(result, tuple) else (result,)
        path.append((x, *state))
    return path


def begins(formula: Formula) -> list[float]:
    """What each slot begins with where it is not the iterate: 0, a number, or a hyperparameter."""
    known = dict(zip(formula.hyperparameters, numbers(formula.hyperparameters), strict=True))
    initial = dict(formula.initial)
    return [
        float(known.get(value, 0.0) if isinstance(value, str) else value)
        for value in (initial.get(slot, 0.0) for slot in formula.slots)
    ]


def zeros(formula: Formula, dtype: type, size: int = 1) -> tuple[np.ndarray, ...]:
    """The formula's slots for `size` elements, as they begin."""
    return tuple(np.full(size, value, dtype) for value in begins(formula))
