"""Kernels made from templates: one compiled function for each rule, function and dtype.

A template is a loop that calls global names (``RULE``, ``VALUE``, ...). A kernel is the template's code under a name
of its own, with those names bound. The name holds a fingerprint of everything that went in, so that the disk cache
finds the kernel again in the next process and never gives it for another formula.
"""

import functools
import hashlib
import inspect
import numbers
import secrets
import sys
import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numba

from optviz.errors import FormulaError, OptvizError
from optviz.formulas.sources import place_of, references, source_of
from optviz.formulas.words import Word
from optviz.kernels.cache import INNER, OPTIONS, cached_jit
from optviz.kernels.literals import typed
from optviz.optimizers import Formula

_lock = threading.RLock()
_kernels: dict[tuple, Any] = {}


def specialise(
    template: Callable, label: str, fingerprint: str, options: dict[str, Any] = OPTIONS, **names: Any
) -> Any:
    """A kernel: `template` with its global `names` bound, compiled when it is first called.

    Parameters
    ----------
    template : function
        A module-level function of ``optviz.kernels``.
    label : str
        What the kernel is for: rule, function, dtype. With the fingerprint it must determine `names`.
    fingerprint : str
        From `fingerprint`.
    options : dict
        Of Numba; `optviz.kernels.cache.ADDRESSED` for a kernel that is only called by its address.
    **names
        Values for the template's global names: compiled functions and constants.

    Returns
    -------
    Numba dispatcher
        The same one for the same template, label and fingerprint, in every thread.
    """
    key = (template, label, fingerprint)
    with _lock:
        if key not in _kernels:
            name = f"{template.__name__}__{label}__{fingerprint}"
            code = template.__code__.replace(co_name=name)
            clone = FunctionType(code, template.__globals__ | names, name)
            clone.__qualname__, clone.__module__ = name, template.__module__
            _kernels[key] = cached_jit(clone, options)
        return _kernels[key]


def inlined(template: Callable, **names: Any) -> Any:
    """A function of ``optviz.kernels`` with its global `names` bound, to be called inside kernels, inlined by LLVM."""
    return numba.njit(**INNER)(bound(template, names))


def bound(template: Callable, names: dict[str, Any]) -> FunctionType:
    """A function of ``optviz.kernels`` with its global `names` bound."""
    assert isinstance(template, FunctionType)
    return FunctionType(template.__code__, template.__globals__ | names, template.__name__)


def compiled(formula: Callable, dtype: type, *, as_tuple: bool = False, complements: tuple[str, ...] = ()) -> Any:
    """A formula in one precision, to be inlined into kernels; the same dispatcher for the same formula.

    Plain functions that the formula calls are compiled along with it; for the arguments see
    `optviz.kernels.literals.typed`.
    """
    key = (formula, dtype, as_tuple, complements)
    with _lock:
        if key not in _kernels:
            function = with_its_functions(formula, dtype, as_tuple, complements, compiled, rounding=True)
            _kernels[key] = blaming(numba.njit(**INNER)(function), formula)
        return _kernels[key]


def with_its_functions(
    formula: Callable,
    dtype: type,
    as_tuple: bool,
    complements: tuple[str, ...],
    compiled: Callable,
    rounding: bool = False,
) -> FunctionType:
    """A formula in one precision, not compiled; functions that it calls are what ``compiled(function, dtype)`` is."""
    check_calls(formula)

    def helper(function: FunctionType, given: tuple[str, ...]) -> Any:
        return compiled(function, dtype, complements=given)

    return typed(formula, dtype, as_tuple=as_tuple, complements=complements, helper=helper, rounding=rounding)


def blaming(dispatcher: Any, formula: Callable, method: str = "compile") -> Any:
    """The dispatcher of a formula, which names the formula and the line where it does not compile.

    Numba stops with errors of its own, which would pass for ours.
    """
    compile = getattr(dispatcher, method, None)
    if compile is None:  # CUDA's simulator compiles nothing
        return dispatcher

    def compile_or_blame(*given: Any) -> Any:
        try:
            return compile(*given)
        except (OptvizError, MemoryError, OSError):
            raise
        except Exception as error:  # of whatever kind: Numba passes on what it trips over
            if (formula.__module__ or "").partition(".")[0] == __package__.partition(".")[0]:
                raise  # a formula of ours
            where = getattr(error, "loc", None)
            line = where.line if where and where.filename == formula.__code__.co_filename else None
            raise FormulaError(
                f"Numba cannot compile the formula {place_of(formula, line)}",
                f"Write it with numbers, branches, loops and functions of math. Numba says: {_reason(error)}",
            ) from error

    setattr(dispatcher, method, compile_or_blame)
    return dispatcher


def _reason(error: Exception) -> str:
    """The one line of Numba's many that says what is wrong."""
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith(("Failed in", "During:", "File", "- ", ">>>"))]
    return told[0] if told else type(error).__name__


def check_calls(formula: Callable, callers: tuple[Callable, ...] = ()) -> None:
    """Refuse a function that calls itself, through others or not, by a FormulaError."""
    if formula in callers:
        raise FormulaError(
            f"the function {place_of(formula)} calls itself",
            "Write the loop with for and range: kernels have no stack.",
        )
    for value in references(formula).values():
        if isinstance(value, FunctionType):
            check_calls(value, (*callers, formula))


@functools.cache  # reading sources takes milliseconds
def fingerprint(*parts: Callable | Formula) -> str:
    """Twelve digits that change with any of the formulas: their sources, all that they use, Numba's version.

    A `Formula` also stands for which of its arguments is a slot, a step scalar or a hyperparameter.
    """
    digest = hashlib.sha256(f"{numba.__version__} {sys.version_info[:2]}".encode())
    for part in parts:
        if isinstance(part, Formula):
            digest.update(f"{part.slots} {part.scalar_names} {part.hyperparameters}\n".encode())
            held = part.shared, part.rows, part.columns
            digest.update(f"{held}\n".encode() * any(held))
            digest.update("".join(fingerprint(one) for one in (part.probe, part.companion) if one).encode())
            part = part.update
        check_calls(part)
        digest.update(source_of(part).encode())
        uses = references(part) | {"defaults": (part.__defaults__, tuple(sorted((part.__kwdefaults__ or {}).items())))}
        for name, value in sorted(uses.items()):
            digest.update(f"{name} = {_description(value)}\n".encode())
    return digest.hexdigest()[:12]


def _description(value: Any) -> str:
    """A text that changes whenever a constant does."""
    if inspect.ismodule(value):
        return value.__name__
    if isinstance(value, FunctionType):
        return fingerprint(value)
    if isinstance(value, Word):
        return repr(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_description, value))})"
    if value is None or inspect.isbuiltin(value) or isinstance(value, numbers.Number | str):
        return repr(value)
    return secrets.token_hex()  # no text is known to tell all its values apart, so the disk cache must miss
