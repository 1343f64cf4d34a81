"""Transforms of the value: the map keeps its contours, and their heights change."""

from math import isfinite, log1p

from optviz.errors import UsageError
from optviz.functions import Function
from optviz.transforms import Change, transform
from optviz.transforms.places import less, typeset


@transform(
    title="Logarithm",
    equation="ln(1 + f − f*)",
    reference="Conn, Gould & Toint 1992, LANCELOT, section 1: what a monotone change of the objective leaves alone",
)
def logged(function: Function) -> Change:
    """Heights become their logarithm: walls flatten out, and far away all slopes are gentle.

    The gradient is divided by 1 + f − f*. What depends on the direction alone goes the same way; a learning rate that
    was too large may do. Below the minimum, which only lies outside of some functions' bounds, there is no number.
    """
    lowest = function.minimum
    if not isfinite(lowest):
        raise UsageError(
            f"the minimum of {function.name} is {lowest:g} in {len(function.bounds)} dimensions",
            "A logarithm needs one: take a function whose minimum is known.",
        )
    return Change(
        title="logarithm",
        formula=f"ln(1 + {less('g(x, y)', lowest)})",
        general_formula=f"ln(1 + {less('g(x)', lowest)})",
        value=f"log1p(f - {lowest!r})" if lowest else "log1p(f)",
        scope={"log1p": log1p},
        level=lambda value: log1p(value - lowest),
        bounds=function.bounds,
        view=function.view,
        keeps=True,
    )


@transform(
    title="Amplified",
    equation="factor × f + offset",
    reference="Nesterov 2004, Introductory Lectures on Convex Optimization, section 1.2: L grows with the factor",
    ranges={"factor": (1e-12, 1e12, True, True), "offset": (-1e12, 1e12, True, True)},
)
def amplified(function: Function, factor: float = 10.0, offset: float = 0.0) -> Change:
    """Heights are multiplied and raised; a factor is one of all gradients too.

    Rules whose steps do not depend on the size of the gradient, as those of Adam, go the same way but for their eps;
    the learning rate of gradient descent is worth `factor` times as much.
    """
    added = f" {'+' if offset > 0 else '−'} {abs(offset):g}" if offset else ""
    return Change(
        title=f"times {factor:g}" + (f", {'plus' if offset > 0 else 'minus'} {abs(offset):g}" if offset else ""),
        formula=f"{typeset(factor)} g(x, y){added}",
        general_formula=f"{typeset(factor)} g(x){added}",
        value=f"{factor!r} * f + {offset!r}" if offset else f"{factor!r} * f",
        level=lambda value: factor * value + offset,
        bounds=function.bounds,
        view=function.view,
        keeps=True,
    )
