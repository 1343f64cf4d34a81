"""Test functions for tests that need a few of them, and what all functions can be asked alike."""

import math
from collections.abc import Sequence

import pytest

from optviz.functions import CLASSIC, REGISTRY, Function

OWN = [unit for unit in REGISTRY if unit.module.startswith("optviz.")]
PLANE = [unit for unit in OWN if unit.dimension is None]  # of two variables
GENERAL = [unit for unit in PLANE if unit.general is not None]
KNOWN = [unit for unit in GENERAL if unit.in_dimension(3).minimizers]


def _of_each_kind() -> tuple[str, ...]:
    """The classics, and of each family and each trait the first function besides these."""
    kinds = {family: "" for unit in PLANE for family in (unit.family, *unit.traits)}
    for unit in PLANE:
        if unit.name not in CLASSIC:
            kinds |= {kind: unit.name for kind in (unit.family, *unit.traits) if not kinds[kind]}
    return (*CLASSIC, *dict.fromkeys(filter(None, kinds.values())))


OF_EACH_KIND = _of_each_kind()


def each(units: Sequence[Function]) -> pytest.MarkDecorator:
    """A case for each of some functions."""
    return pytest.mark.parametrize("unit", units, ids=lambda unit: unit.name)


def value_at(unit: Function, point: Sequence[float]) -> float:
    """The value of a function of two variables or of one sequence; NaN where plain Python finds none."""
    point = [float(value) for value in point]
    try:
        return unit.value_at(point)
    except (ArithmeticError, ValueError):
        return math.nan


def gradient_at(unit: Function, point: Sequence[float]) -> list[float]:
    """The gradient there; of a sequence written into a list of NaN, which is what is read before it is written."""
    point = [float(value) for value in point]
    try:
        return [float(part) for part in unit.gradient_at(point)]
    except (ArithmeticError, ValueError):
        return [math.nan] * len(point)
