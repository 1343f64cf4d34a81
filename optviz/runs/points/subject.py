"""What runs are made on: a test function by its name, as it is, or one of the caller's own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from optviz.errors import UsageError, UsageTypeError
from optviz.formulas.typed_formula import looks_typed
from optviz.functions import REGISTRY, Function
from optviz.transforms import configure, is_transform

SUBSCRIPTS = "₁₂₃₄₅₆₇₈₉"


def function_of(
    function: Any, dimension: int | None = None, gradient: Callable | None = None, instance: int | None = None
) -> Function:
    """A test function by its name, as it is, or of a formula or a Python function; in a dimension, in an instance.

    Parameters
    ----------
    function : str, Function, function or tuple
        What is no `Function` and no registered name is one of the caller's own, see `optviz.function`.
    dimension : int, optional
    gradient : function, optional
        Of a Python function.
    instance : int, optional
        Of a function that has instances.
    """
    if is_transform(function):
        function = configure(function, function_of)
    if isinstance(function, Function):
        unit = function
    elif isinstance(function, str) and (function in REGISTRY or not looks_typed(function)):
        unit = REGISTRY[function]
    elif isinstance(function, str) or callable(function) or isinstance(function, tuple):
        from optviz.runs.points.own import function as own  # which runs a search, and so needs this module

        unit = own(function, gradient=gradient, dimension=dimension)
        return unit if instance is None else unit.in_instance(instance)
    else:
        unit = REGISTRY[function]  # which says what it takes
    if gradient is not None:
        raise UsageTypeError(f"gradient is given, and {unit.name} has its own", "Leave it out.")
    unit = unit if instance is None else unit.in_instance(instance)
    return unit if dimension is None else unit.in_dimension(dimension)


def plane_function(function: Any) -> Function:
    """A test function of two variables, as `function_of`."""
    unit = function_of(function)
    if unit.dimension is not None:
        known = unit.name in REGISTRY and REGISTRY[unit.name].dimension is None
        raise UsageError(
            f"{unit.name} is a function of one sequence of {unit.dimension} numbers",
            f'Maps need the function of two variables: "{unit.name}"'
            if known
            else "Maps need functions of two variables.",
        )
    return unit


def seen_function(function: Any) -> tuple[Function, Function, tuple[int, int]]:
    """A test function as `plane_function`, or of a matrix; what a map shows of it, and which of its coordinates."""
    unit = function_of(function)
    if unit.plane is None:
        return unit, plane_function(unit), (0, 1)
    name, places = unit.plane
    across, up = (f"x{SUBSCRIPTS[place]}" for place in places)
    formula = f"{unit.formula};  on the map {across} across, {up} up"
    shown = replace(REGISTRY[name], name=unit.name, title=unit.title, formula=formula)
    return unit, shown, places
