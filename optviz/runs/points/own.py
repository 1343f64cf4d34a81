"""A test function of one's own: a typed formula, a Python function, or what SciPy minimizes."""

import hashlib
import math
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.formulas.typed_formula import read_formula, variables_of
from optviz.formulas.typeset import typeset
from optviz.functions import Function
from optviz.results.numeric import is_finite, plain
from optviz.runs.points.height import height
from optviz.runs.points.lowest import Lowest, lowest
from optviz.runs.points.own_checks import checked_box, checked_constants, checked_place, checked_sides, own_unit
from optviz.runs.points.python_function import python_function

TITLE = "Your formula"
CORNER = 0.12  # how far from the edges, in widths, the usual starts lie


def function(
    what: str | Callable | tuple,
    *,
    gradient: Callable | None = None,
    bounds: Sequence[Sequence[float]] | None = None,
    start: Sequence[float] | None = None,
    minimum: float | Sequence[float] | None = None,
    dimension: int | None = None,
    matrix: tuple[int, int] | None = None,
    constants: Mapping[str, float] | None = None,
    title: str | None = None,
) -> Function:
    """A test function of a formula or of a Python function.

    Parameters
    ----------
    what : str, function or tuple
        ``"(1 - x)**2 + y**2"``, a formula of x and y; ``f(x, y)``; ``f(x)`` of an array of numbers; or ``(fun, jac)``,
        as SciPy takes them, where jac may be True if fun returns value and gradient.
    gradient : function, optional
        Of the arguments of a Python function: it returns the partial derivatives. Without it they are derived from the
        source, and where that cannot be done taken by central differences.
    bounds : ((x0, x1), (y0, y1)), optional
        By default -5 to 5 for each coordinate.
    start : (x, y), optional
        By default, of four points near the corners, the one that is farthest from the lowest point found, and not flat.
    minimum : float or point, optional
        The minimum if it is known, or a minimizer. Without it the bounds are searched, see
        `optviz.runs.points.lowest.lowest`, and pictures say that what they show is the lowest value found.
    dimension : int, optional
        How many numbers ``f(x)`` takes; by default two, so that it can be drawn.
    matrix : (rows, columns), optional
        ``f(x)`` of a matrix, row after row, that rules for matrices move; it has that many numbers.
    constants : dict of str to float, optional
        Further names in a formula.
    title : str, optional
        What pictures call it.

    Returns
    -------
    Function
        Compiled where it can be. A function that calls other libraries, or has no source, runs as it is: ``uncompiled``
        tells, and a warning says how slow it is.

    Raises
    ------
    UsageError, UsageTypeError
        If a formula cannot be read, is constant or has no value in the bounds, or another argument cannot be used.
    FormulaError
        If a Python function fails or does not return a number.

    Examples
    --------
    >>> import optviz
    >>> bowl = optviz.function("(x - a)**2 + y**2", constants={"a": 1})
    >>> bowl.minimizers
    ((1.0, 0.0),)
    >>> optviz.minimize(bowl, "sgd", steps=1, lr=0.5).points[-1].tolist()
    [1.0, 0.0]
    """
    if isinstance(what, str):
        for name, value in {"gradient": gradient, "dimension": dimension, "matrix": matrix}.items():
            if value is not None:
                raise UsageTypeError(f"{name} is for Python functions, and not for a formula", "Leave it out.")
        unit = _typed(what, checked_constants(constants), title)
    else:
        if constants is not None:
            raise UsageTypeError("constants are for formulas", "A Python function has its own.")
        sides = None if matrix is None else checked_sides(matrix, dimension)
        unit = python_function(what, gradient, dimension if sides is None else math.prod(sides), title, bounds)
        unit = replace(unit, matrix=sides)
    if bounds is not None:
        known = checked_box(bounds, len(unit.bounds))
        unit = replace(unit, bounds=known, view=known)
    if unit.dimension is None:
        return _finished(unit, start, minimum)
    return _in_many(unit, start, minimum)


def _typed(text: str, constants: Mapping[str, float], title: str | None) -> Function:
    formula = read_formula(text, constants)
    for name in constants:
        if name not in formula.__globals__["USED"]:
            raise UsageError(f"the formula has no constant '{name}'", "Use it, or leave it out of --set (constants=).")
    line = typeset(formula)
    used = variables_of(formula)
    if not used:
        raise UsageError(f"the formula {line} is constant", "There is nothing to minimize: use x and y.")
    if len(used) == 1:
        (other,) = {"x", "y"} - set(used)
        warnings.warn(f"the formula does not depend on {other}", stacklevel=4)
    name = "formula_" + hashlib.sha256(f"{text} {sorted(constants.items())}".encode()).hexdigest()[:8]
    unit = own_unit(name, title or TITLE, f"f(x, y) = {line}", formula, None, text)
    numbered = re.sub(
        r"[A-Za-z_]\w*", lambda word: f"({constants[word[0]]!r})" if word[0] in constants else word[0], text
    )
    return replace(unit, typed=numbered)


def _finished(unit: Function, start: Any, minimum: Any) -> Function:
    """A function of two variables with what the search has found, and a start."""
    found = lowest(unit)
    if found.flat:
        raise UsageError(
            f"{unit.title} has the same value everywhere: {found.minimum:g}", "There is nothing to minimize."
        )
    unit = replace(unit, minimizers=found.minimizers, minimum=found.minimum, local_minimizers=found.local_minimizers)
    usual = _start(unit)
    if found.endless:
        x, y = found.minimizers[0]
        message = f"{unit.title} falls without end inside its bounds, near ({x:g}, {y:g}): it is shown as it is sampled"
        warnings.warn(message, stacklevel=4)
    if minimum is not None:
        unit = _known(unit, minimum, found)
    return replace(unit, start=usual if start is None else checked_place("start", start, 2))


def _known(unit: Function, minimum: Any, found: Lowest) -> Function:
    """A function whose minimum, or one of whose minimizers, its author knows."""
    given = plain(minimum)
    if isinstance(given, Sequence | np.ndarray) and not isinstance(given, str):
        point = checked_place("minimum", given, len(unit.bounds))
        value = height(unit, point)
        if not math.isfinite(value):
            raise UsageError(
                f"{unit.title} has no value at {shown(given)}", "Give a number, or a point: minimum=(1, 1)"
            )
        others = [
            other for other in found.minimizers if math.dist(other, point) > 1e-6 and height(unit, other) <= value
        ]
        minimizers, value = (point, *others), value
    else:
        if not is_finite(given):
            raise UsageTypeError(f"minimum is {shown(minimum)}", "Give a finite number, or a point: minimum=(1, 1)")
        value = float(given)
        close = 1e-6 * max(1.0, abs(value))
        if found.minimum > value + close:
            x, y = found.minimizers[0]
            text = (
                f"the lowest value found of {unit.title} is {found.minimum:.6g}, at ({x:g}, {y:g}); {value:g} was given"
            )
            warnings.warn(text, stacklevel=5)
        minimizers = tuple(point for point in found.minimizers if abs(found.minimum - value) <= close)
    if found.minimum < value - 1e-9 * max(1.0, abs(value)):
        problem = f"{unit.title} is {found.minimum:.10g} at {tuple(round(c, 6) for c in found.minimizers[0])}"
        raise UsageError(f"{problem}, below the minimum given, {value:.10g}", "Give smaller bounds, or leave it out.")
    return replace(unit, minimizers=minimizers, minimum=value, searched=False)


def _start(unit: Function) -> tuple[float, ...]:
    """Of four points near the corners the farthest from the lowest point at which the function has a slope."""
    (left, right), (low, high) = unit.bounds
    xs, ys = ((a + CORNER * (b - a), b - CORNER * (b - a)) for a, b in ((left, right), (low, high)))
    corners = [(xs[0], ys[1]), (xs[1], ys[1]), (xs[0], ys[0]), (xs[1], ys[0])]
    middle = (left + right) / 2, (low + high) / 2
    end = unit.minimizers[0] if unit.minimizers else middle
    corners.sort(key=lambda point: -math.dist(point, end))
    for point in corners:
        slope = unit.gradient_at(point)
        if math.isfinite(height(unit, point)) and all(map(math.isfinite, slope)) and any(slope):
            return point
    finite = [point for point in (*corners, middle, end) if math.isfinite(height(unit, point))]
    return finite[0] if finite else end


def _in_many(unit: Function, start: Any, minimum: Any) -> Function:
    """A function of one array, whose minimum is known to its author or to nobody."""
    place = tuple(low + 0.75 * (high - low) for low, high in unit.bounds)
    if start is not None:
        place = checked_place("start", start, len(unit.bounds))
    if minimum is not None:
        value = plain(minimum)
        if not is_finite(value):
            raise UsageTypeError(f"minimum is {shown(minimum)}", "Give a finite number.")
        unit = replace(unit, minimum=float(value), searched=False)
    return replace(unit, start=place)
