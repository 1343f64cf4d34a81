"""What a formula names outside of itself, as derivatives know it."""

import math
from types import FunctionType
from typing import Any

from optviz.formulas.complements import is_number
from optviz.formulas.partials import FUNCTIONS, HELPERS, PARTIALS

# NumPy's names of functions that ``math`` has under others.
NUMPY = {
    "absolute": "abs",
    "power": "pow",
    "maximum": "max",
    "minimum": "min",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
}
BUILT_IN = ("abs", "max", "min", "round", "pow")


def known(outside: dict[str, Any]) -> tuple[dict[str, str], dict[str, str], dict[str, Any]]:
    """What a formula names outside of itself, sorted.

    Parameters
    ----------
    outside : dict
        From `optviz.formulas.sources.references`.

    Returns
    -------
    functions, constants : dict of str to str
        As they are written, and the names under which nodes have them.
    scope : dict
        What a formula that is made of it finds under these names, and the functions that derivatives need.
    """
    functions = {name: name for name in BUILT_IN}
    constants: dict[str, str] = {}
    scope: dict[str, Any] = {name: getattr(math, name) for name in FUNCTIONS if hasattr(math, name)} | HELPERS
    for text, value in outside.items():
        name = text.replace(".", "_")
        if mathematical(value):
            functions[text] = mathematical(value)
        elif any(value is helper for helper in HELPERS.values()):
            functions[text] = value.__name__
        elif is_formula(value):
            functions[text] = name = _free(name, value, scope)
            scope[name] = value
        elif _is_numbers(value):
            constants[text] = name = _free(name, value, scope)
            scope[name] = value
    return functions, constants, scope


def is_formula(value: Any) -> bool:
    """Whether something is a formula that is called, and no function that derivatives need."""
    return isinstance(value, FunctionType) and not any(value is helper for helper in HELPERS.values())


def mathematical(value: Any) -> str:
    """The name of a function of ``math``, also where it is NumPy's; "" for anything else."""
    name = getattr(value, "__name__", "")
    if getattr(value, "__module__", None) == "math":
        return name if name in PARTIALS or name == "pow" else ""
    if type(value).__module__ == "numpy" and type(value).__name__ == "ufunc":
        name = NUMPY.get(name, name)
        return name if name in PARTIALS or name in BUILT_IN else ""
    return ""


def _free(name: str, value: Any, scope: dict[str, Any]) -> str:
    """The name, or one like it that stands for nothing else."""
    while name in scope and scope[name] is not value:
        name += "_"
    return name


def _is_numbers(value: Any) -> bool:
    """Whether a constant is a number or a tuple of such."""
    return is_number(value) or (isinstance(value, tuple) and bool(value) and all(map(_is_numbers, value)))
