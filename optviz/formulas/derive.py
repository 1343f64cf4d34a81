"""Gradients and Hessians of formulas, as formulas: plain functions with a text that can be read and compiled.

A formula is carried out with nodes in place of numbers. Beside each variable stand its derivatives, its tangents: that
is forward mode, exact to rounding, and made for two variables and short loops. Loops stay loops, in which the tangents
are variables of their own: ``total_x`` beside ``total``. For many variables `optviz.formulas.backward` goes the other
way.
"""

import functools
import itertools
from collections.abc import Callable
from math import isfinite

from optviz.formulas.composing import made
from optviz.formulas.execution import Execution, refusal
from optviz.formulas.expressions import Node, choice, leaf
from optviz.formulas.programs import Return, alive
from optviz.formulas.reading import Unreadable
from optviz.formulas.sources import tree_of
from optviz.formulas.writing import function_text


@functools.cache
def gradient_of(value: Callable) -> Callable:
    """The partial derivatives of a formula by all its arguments.

    Parameters
    ----------
    value : function
        A formula: plain Python on ``math``.

    Returns
    -------
    function
        Of the same arguments; it returns a tuple of the partial derivatives, of one argument the derivative alone. Of
        a formula that returns several numbers it returns those of the first one, then of the next.

    Raises
    ------
    FormulaError
        If the formula is not made of what can be differentiated; the message names the place.

    Examples
    --------
    >>> from optviz.formulas.derive import gradient_of
    >>> from optviz.formulas.typed_formula import read_formula
    >>> gradient_of(read_formula("sin(x) * y"))(0.0, 2.0)
    (2.0, 0.0)
    """
    return _derived(value, "gradient")


@functools.cache
def hessian_of(value: Callable) -> Callable:
    """The second partial derivatives of a function of some numbers, as `gradient_of`.

    Returns
    -------
    function
        Of two arguments it returns the tuple ``(f_xx, f_xy, f_yy)``: a row of the upper triangle after the other.
    """
    return _derived(value, "hessian")


@functools.cache
def slopes_of(value: Callable) -> Callable:
    """A formula together with its partial derivatives: what they have in common is computed once.

    Returns
    -------
    function
        It returns a tuple: what the formula returns, and then what `gradient_of` it returns.
    """
    return _derived(value, "slopes")


def _derived(value: Callable, what: str) -> Callable:
    code = value.__code__
    arguments = code.co_varnames[: code.co_argcount]
    order = 2 if what == "hessian" else 1
    execution = Execution(value, arguments, slopes_of, order)
    derivative = execution.tangents.derivative
    try:
        program, result = execution.run()
        if not result or (order == 2 and len(result) > 1):
            raise Unreadable("it does not return a number", execution.definition)
        single = [derivative(part, argument) for part in result for argument in arguments]
        parts = [*result, *single] if what == "slopes" else single
        if order == 2:
            pairs = itertools.combinations_with_replacement(range(len(arguments)), 2)
            parts = [derivative(single[i], arguments[j]) for i, j in pairs]
        parts = [_number(part) for part in parts]
        name = execution.names.fresh(f"{value.__name__}_{what}")
        body = alive(execution.tangents.fused([*program, Return(tuple(parts))]))
        text = function_text(name, arguments, body, execution.names)
    except (Unreadable, RecursionError, OverflowError) as error:
        raise refusal(value, error) from error
    return made(text, execution.scope)


def _number(part: Node) -> Node:
    """A whole number that is returned, also where a test chooses it, as a float: so all results are of one type."""
    if part.kind == "if":
        test, then, otherwise = part.nodes
        return choice(test, _number(then), _number(otherwise))
    return leaf(repr(float(part.args[0]))) if part.kind == "number" and isfinite(part.args[0]) else part


@functools.cache
def product_of(gradient: Callable) -> Callable:
    """The product of a Hessian with a vector, of a function of a sequence, by its gradient.

    Parameters
    ----------
    gradient : function
        ``gradient(x, g)`` writes the partial derivatives to the elements of `g`.

    Returns
    -------
    function
        ``product(x, v, g, h)`` writes these to `g`, and to `h` the Hessian times `v`. Both are changed on the way.
    """
    sequence, result, *memory = gradient.__code__.co_varnames[: gradient.__code__.co_argcount]
    if memory:
        raise refusal(gradient, Unreadable("it needs memory of its own", tree_of(gradient)))
    own = set(gradient.__code__.co_varnames)
    vector, along = ("v" if "v" not in own else "v_"), ("h" if "h" not in own else "h_")
    execution = Execution(gradient, ("v",), slopes_of, sequences={sequence: vector, result: along})
    try:
        program, _ = execution.run()
        name = execution.names.fresh(f"{gradient.__name__.removesuffix('_gradient')}_product")
        text = function_text(
            name, (sequence, vector, result, along), alive(execution.tangents.fused(program)), execution.names
        )
    except (Unreadable, RecursionError, OverflowError) as error:
        raise refusal(gradient, error) from error
    return made(text, execution.scope)
