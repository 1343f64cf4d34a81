"""A Python function as a test function: compiled where it can be, called as it is where it cannot."""

import contextlib
import inspect
import math
import numbers
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from optviz.errors import FormulaError, OptvizError, UsageTypeError, said, shown
from optviz.formulas.arrays import written_out
from optviz.formulas.backward import gradient_in
from optviz.formulas.derive import gradient_of
from optviz.formulas.plain import arguments_of, plain_form
from optviz.formulas.typeset import typeset
from optviz.functions import DIMENSIONS, REGISTRY, Function
from optviz.kernels.tile_parts import evaluate_address
from optviz.results.numeric import plain
from optviz.runs.points.checks import checked_whole
from optviz.runs.points.height import height
from optviz.runs.points.own_checks import checked_box, own_unit

STEP = float(np.finfo(float).eps) ** (1 / 3)  # of central differences, relative to a coordinate above 1


def python_function(
    what: Any, gradient: Callable | None, dimension: int | None, title: str | None, bounds: Any = None
) -> Function:
    """A Python function, compiled if it can be; one that is not is called inside of its `bounds` only."""
    if isinstance(what, tuple):
        if len(what) != 2 or gradient is not None:
            raise UsageTypeError(f"{shown(what)} is no function with its gradient", "Give a pair: (fun, jac)")
        what, gradient = what
        if gradient is True:
            both = what
            what, gradient = (lambda *x: both(*x)[0]), (lambda *x: both(*x)[1])
            what.__signature__ = inspect.signature(both)
            what.__name__ = getattr(both, "__name__", "f")
    if not callable(what) or (gradient is not None and not callable(gradient)):
        raise UsageTypeError(f"{shown(what)} is no function", "Give f(x, y), or (fun, jac).")
    names = arguments_of(what)
    many = names is not None and len(names) == 1
    if names is not None and len(names) not in (1, 2):
        problem = f"{called(what)} takes {len(names)} arguments"
        raise UsageTypeError(problem, "A test function takes two numbers, f(x, y), or one array, f(x).")
    if not many and dimension not in (None, 2):
        raise UsageTypeError(f"{called(what)} takes two numbers", f"With dimension={dimension} write f(x) of an array.")
    text = inspect.getdoc(what) or ""
    count = None if not many or dimension is None else checked_whole("dimension", dimension, *DIMENSIONS)
    compiled = _compiled(what, gradient, count, many, title, text)
    if isinstance(compiled, Function):
        return compiled
    value, slope = _called(what, gradient, many, count)
    name = _safe(called(what))
    unit = own_unit(
        name, title or called(what), f"f({'x' if count else 'x, y'}) = {called(what)}", value, slope, text, count
    )
    box = unit.bounds if bounds is None else checked_box(bounds, len(unit.bounds))
    unit = replace(unit, uncompiled=True, bounds=box, view=box)
    _warn_slow(unit, compiled, gradient is None)
    return unit


def _compiled(
    what: Callable, gradient: Callable | None, count: int | None, many: bool, title: str | None, text: str
) -> Function | str:
    """The compiled function, or why there is none."""
    if many and gradient is not None:
        return "it takes an array"
    try:
        formula = _formula(what, count) if many else plain_form(what)
        slopes = None if gradient is None else plain_form(gradient)
        if slopes is None:
            (gradient_of if count is None else gradient_in)(formula)
        line = f"f(x, y) = {typeset(formula)}" if count is None else "f(x) = " + called(what)
        unit = own_unit(_safe(called(what)), title or _title(what), line, formula, slopes, text, count)
        evaluate_address(unit, np.float64)
    except FormulaError as error:
        return error.problem.rpartition(": ")[2]
    return unit


def _formula(what: Callable, count: int | None) -> Callable:
    """A function of an array as a formula of two variables, or of a sequence, with loops where it has sums."""
    if count is not None:
        with contextlib.suppress(FormulaError):
            formula = plain_form(what)
            gradient_in(formula)
            return formula
    return written_out(what, pair=count is None)


def _called(what: Callable, gradient: Callable | None, many: bool, count: int | None) -> tuple[Callable, Callable]:
    """Value and gradient as kernels call them, of a function that is called as it is."""

    def at(x: np.ndarray) -> float:
        try:
            return number(what, what(np.array(x)) if many else what(*map(float, x)), x)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # sys.exit too: it must not end the program in the middle of a run
            if _outside(error):
                return math.nan
            raise _failure(what, error, x) from error

    def slopes(x: np.ndarray) -> np.ndarray:
        if gradient is not None:
            try:
                given = gradient(np.array(x)) if many else gradient(*map(float, x))
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                if _outside(error):
                    return np.full(len(x), math.nan)
                raise _failure(gradient, error, x) from error
            return _slopes(gradient, given, len(x))
        result = np.empty(len(x))
        for c in range(len(x)):
            step = STEP * max(1.0, abs(float(x[c])))
            above, below = np.array(x, float), np.array(x, float)
            above[c] += step
            below[c] -= step
            result[c] = (at(above) - at(below)) / (above[c] - below[c])
        return result

    if count is not None:

        def write(x: np.ndarray, g: np.ndarray) -> None:
            g[:] = slopes(x)

        return at, write
    return lambda x, y: at(np.array([x, y], float)), lambda x, y: tuple(slopes(np.array([x, y], float)).tolist())


def _outside(error: BaseException) -> bool:
    """Whether a function has no value at a point, in the words of ``math``: NaN, as in a kernel."""
    return isinstance(error, ArithmeticError) or (isinstance(error, ValueError) and str(error).startswith("math "))


def _failure(what: Callable, error: BaseException, x: np.ndarray) -> OptvizError:
    if isinstance(error, OptvizError):
        return error
    place = ", ".join(f"{number:g}" for number in x.tolist()[:4]) + ", ..." * (len(x) > 4)
    told = said(error).partition("\n")[0]
    return FormulaError(f"{called(what)} fails at ({place}): {told}", "Mend it and start again.")


def number(what: Callable, value: Any, x: np.ndarray) -> float:
    """What a function has returned, as a float."""
    if isinstance(value, np.ndarray | np.generic) and value.size == 1:
        value = value.reshape(()).item()
    value = plain(value)
    if isinstance(value, complex):
        return math.nan
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        shape = f"an array of shape {value.shape}" if isinstance(value, np.ndarray) else shown(value)
        place = ", ".join(f"{number:g}" for number in np.asarray(x).tolist()[:4])
        raise FormulaError(f"{called(what)} returns {shape} at ({place})", "It must return one number.")
    return float(value)


def _slopes(gradient: Callable, given: Any, count: int) -> np.ndarray:
    slopes = np.asarray(given, float).reshape(-1)
    if slopes.size != count:
        problem = f"the gradient {called(gradient)} returns {slopes.size} numbers"
        raise FormulaError(problem, f"It must return {count}, one for each coordinate.")
    return slopes


def _warn_slow(unit: Function, reason: str, differences: bool) -> None:
    """Say once that a function is not compiled, and how long it takes: measured here and now."""
    dimension = len(unit.bounds)
    point = np.array([low + 0.37 * (high - low) for low, high in unit.bounds])
    begin, calls = time.perf_counter(), 0
    while time.perf_counter() - begin < 0.005 and calls < 100:
        height(unit, point)  # type: ignore[arg-type]
        if unit.dimension is None:
            unit.gradient(*point)
        else:
            unit.gradient(point, np.empty(dimension))
        calls += 1
    took = (time.perf_counter() - begin) / calls
    how = "its gradient is taken by central differences" if differences else "so is its gradient"
    warnings.warn(
        f"{unit.title} is called by Python, since {reason}; {how}. "
        f"A thousand steps of a run take about {_told(took * 1000)}.",
        stacklevel=5,
    )


def _told(seconds: float) -> str:
    return f"{seconds:.2g} s" if seconds >= 1 else f"{seconds * 1000:.2g} ms"


def called(what: Callable) -> str:
    """The name of a Python function."""
    name = getattr(what, "__name__", "") or type(what).__name__
    return "your function" if name == "<lambda>" else name


def _title(what: Callable) -> str:
    name = called(what)
    return name[:1].upper() + name[1:].replace("_", " ")


def _safe(name: str) -> str:
    """A name as results, files and kernels have it; never that of a registered function."""
    safe = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name).strip("_") or "f"
    return f"own_{safe}" if safe in REGISTRY else safe
