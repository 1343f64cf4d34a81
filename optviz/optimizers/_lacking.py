"""What a test function lacks that a solver asks for."""

from typing import Any

from optviz.errors import FormulaError
from optviz.formulas.formula import Formula
from optviz.formulas.solver import Solver

SQUARES = ("rosenbrock", "beale", "himmelblau", "straight_line")  # some of those that have residuals
MOST_CURVED = 100  # coordinates, of solvers that solve with all second derivatives


def lacking(setting: Any, function: Any) -> tuple[str, str] | None:
    """What is missing for a setting to run on a test function, and what to do instead; None where nothing is."""
    formula = getattr(setting, "formula", None)
    if isinstance(formula, Formula) and formula.multiplies:
        return _without_derivatives(setting, function, "adam")
    if not isinstance(formula, Solver) or not (formula.curvature or formula.residuals):
        return None
    name, title, n = setting.plain_name, function.title, len(function.bounds)
    if formula.residuals:
        problem = f"{name} needs residuals, and {title} is not known as a sum of squares of two variables"
        return None if function.residuals else (problem, f"Try {', '.join(SQUARES)}.")
    if not function.uncompiled and n > MOST_CURVED:
        problem = f"{name} solves with all second derivatives, and {title} has {n} coordinates"
        return problem, f"Up to {MOST_CURVED} are possible; lbfgs takes more."
    return _without_derivatives(setting, function, "lbfgs")


def _without_derivatives(setting: Any, function: Any, instead: str) -> tuple[str, str] | None:
    """What is missing where second derivatives cannot be had; `instead` needs none."""
    name = setting.plain_name
    if function.uncompiled:
        problem = f"{name} needs second derivatives, and {function.title} is called by Python as it is"
        return problem, f"Write it with numbers and functions of math, or take {instead}."
    try:
        assert function.hessian  # derived when it is asked for
    except FormulaError as error:
        return f"{name} needs second derivatives: {error.problem}", f"Take {instead}."
    return None
