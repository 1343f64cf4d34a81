"""Test functions in any number of dimensions, many of which follow from the function of two variables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
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
    scratch : int
        Of formulas that need memory: ``value(x, w)`` and ``gradient(x, g, w)`` are given a sequence of `scratch` times
        n numbers that they may write, and whose contents mean nothing between two calls.
    constants : function, optional
        ``constants(n)``: what value, gradient and the functions that they call name in n dimensions, numbers, tuples of
        numbers and functions by their names, made when somebody asks for that dimension.
    most : int
        The highest dimension.
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
    scratch: int = 0
    constants: Callable[[int], dict[str, Any]] | None = None
    most: int = 1000

    def formulas(self, n: int) -> tuple[Callable, Callable | None]:
        """Value and gradient in `n` dimensions, the same functions whenever they are asked for."""
        if self.constants is None:
            return self.value, self.gradient
        return _formulas(self.value, self.gradient, self.constants, n)


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


@cache
def _formulas(value: Callable, gradient: Callable | None, constants: Callable, n: int) -> tuple:
    names, known = constants(n), dict[Any, Any]()
    return bound(value, names, known), gradient and bound(gradient, names, known)


def bound(template: Any, names: dict[str, Any], known: dict[Any, Any] | None = None) -> Any:
    """A function of a module, and all that it calls, with its global `names` bound.

    What is `known` already is bound once for several functions.
    """
    known = {} if known is None else known
    if template not in known:
        scope = template.__globals__
        used = {name: names.get(name, scope.get(name)) for name in template.__code__.co_names}
        calls = {name: bound(thing, names, known) for name, thing in used.items() if isinstance(thing, FunctionType)}
        changed = {name: thing for name, thing in (used | calls).items() if thing is not scope.get(name)}
        known[template] = _with(template, **changed) if changed else template
    return known[template]


def _with(template: Any, **names: Any) -> FunctionType:
    """A function of a module with its global `names` bound. No closure: kernels compile functions of a module."""
    return FunctionType(template.__code__, template.__globals__ | names, template.__name__)
