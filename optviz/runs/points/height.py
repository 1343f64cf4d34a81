"""A function's value at a point, outside of kernels."""

from collections.abc import Sequence

from optviz.errors import FormulaError, OptvizError, said
from optviz.formulas.sources import place_of
from optviz.functions import Function


def height(function: Function, point: Sequence[float]) -> float:
    """The value of a function at a point; NaN outside its domain.

    Raises
    ------
    FormulaError
        If its formula fails in another way.
    """
    try:
        return function.value_at(point)
    except OptvizError:
        raise
    except Exception as error:  # whatever its author's formula raises
        problem = f"the formula {place_of(function.value)} fails: {said(error)}"
        raise FormulaError(problem, "Mend it and start again.") from error
