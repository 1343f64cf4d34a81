"""Test functions in any number of dimensions, many of which follow from the function of two variables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

Point = tuple[float, ...]

VALUE: Any = None  # a function of two variables and its gradient, bound by chained and summed
GRADIENT: Any = None


def _none(n: int) -> Sequence[Point]:
    return ()


@dataclass(frozen=True)
class General:
    """A test function's form in n dimensions. For n = 2 it is the function of two variables.

    Attributes
    ----------
    formula : str
        The function on one line.
    value : function
        ``value(x)`` of a sequence of n numbers: plain Python on ``math``, plain literals, loops over ``range(len(x))``
        in which an index is used as an index; ``float(i)`` makes a number of it.
    minimizers : function
        ``minimizers(n)``: every global minimizer inside the bounds, each of n coordinates; none where they are unknown.
    minimum : function
        ``minimum(n)``: the value there; NaN where it is unknown.
    reference : str
        Source.
    gradient : function, optional
        ``gradient(x, g)`` writes the n partial derivatives to the elements of `g`; it reads none of them that it has
        not written. Without it the gradient is derived, which needs loops that add up: ``total += ...``.
    local_minimizers : function
        ``local_minimizers(n)``: further minima worth marking.
    bounds : function, optional
        ``bounds(n)``: those of each coordinate where they grow with n. Without it the bounds of two variables repeat.
    """

    formula: str
    value: Callable
    minimizers: Callable[[int], Sequence[Point]]
    minimum: Callable[[int], float]
    reference: str
    gradient: Callable | None = None
    local_minimizers: Callable[[int], Sequence[Point]] = _none
    bounds: Callable[[int], tuple[float, float]] | None = None


Form = Callable[[Callable, Callable | None], General]


def chained(**fields: Any) -> Form:
    """The sum of f(xᵢ, xᵢ₊₁) over neighbouring coordinates.

    Parameters
    ----------
    **fields
        The attributes of `General` but for value and gradient.

    Returns
    -------
    function
        It makes a `General` of the value and the gradient in two variables.
    """
    return lambda value, gradient: General(
        value=_with(chain_value, VALUE=value),
        gradient=gradient and _with(chain_gradient, GRADIENT=gradient),
        **fields,
    )


def summed(**fields: Any) -> Form:
    """The sum of p(xᵢ) over the coordinates, for a function f(x, y) = p(x) + p(y); parameters as in `chained`."""
    return lambda value, gradient: General(
        value=_with(sum_value, VALUE=value),
        gradient=gradient and _with(sum_gradient, GRADIENT=gradient),
        **fields,
    )


def chain_value(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += VALUE(x[i], x[i + 1])
    return total


def chain_gradient(x, g):
    from_before = 0.0
    for i in range(len(x) - 1):
        left, right = GRADIENT(x[i], x[i + 1])
        g[i] = from_before + left
        from_before = right
    g[len(x) - 1] = from_before


def sum_value(x):
    total = 0.0
    for i in range(len(x)):
        total += VALUE(x[i], x[i]) / 2  # f(t, t) = 2 p(t)
    return total


def sum_gradient(x, g):
    for i in range(len(x)):
        g[i] = GRADIENT(x[i], x[i])[0]


def _with(template: Any, **names: Callable) -> FunctionType:
    """A loop of this module with its global `names` bound. No closure: kernels compile functions of a module."""
    return FunctionType(template.__code__, template.__globals__ | names, template.__name__)
