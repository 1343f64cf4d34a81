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

from optviz.kernels.cache import OPTIONS, cached_jit
from optviz.kernels.literals import constants_of, source_of, typed

_lock = threading.RLock()
_kernels: dict[tuple, Any] = {}


def specialise(template: Callable, label: str, fingerprint: str, **names: Any) -> Any:
    """A kernel: `template` with its global `names` bound, compiled when it is first called.

    Parameters
    ----------
    template : function
        A module-level function of ``optviz.kernels``.
    label : str
        What the kernel is for: rule, function, dtype. With the fingerprint it must determine `names`.
    fingerprint : str
        From `fingerprint`.
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
            _kernels[key] = cached_jit(clone)
        return _kernels[key]


def inlined(template: Callable, **names: Any) -> Any:
    """A function of ``optviz.kernels`` with its global `names` bound, to be called inside kernels, inlined by LLVM."""
    return numba.njit(**OPTIONS, forceinline=True)(bound(template, names))


def bound(template: Callable, names: dict[str, Any]) -> FunctionType:
    """A function of ``optviz.kernels`` with its global `names` bound."""
    assert isinstance(template, FunctionType)
    return FunctionType(template.__code__, template.__globals__ | names, template.__name__)


def compiled(formula: Callable, dtype: type, *, as_tuple: bool = False) -> Any:
    """A formula in one precision, to be inlined into kernels; the same dispatcher for the same formula.

    Functions of its own module that the formula calls are compiled along with it.
    """
    key = (formula, dtype, as_tuple)
    with _lock:
        if key not in _kernels:
            function = with_its_functions(formula, dtype, as_tuple, compiled)
            # By itself LLVM does not inline a loop over coordinates that it has written out, and then the loop over
            # runs around it stays scalar.
            _kernels[key] = numba.njit(**OPTIONS, forceinline=True)(function)
        return _kernels[key]


def with_its_functions(formula: Callable, dtype: type, as_tuple: bool, compiled: Callable) -> FunctionType:
    """A formula in one precision, not compiled; functions that it calls are what ``compiled(function, dtype)`` is."""
    function = typed(formula, dtype, as_tuple=as_tuple)
    for name, value in constants_of(formula).items():
        if isinstance(value, FunctionType):
            function.__globals__[name] = compiled(value, dtype)
    return function


@functools.cache  # reading sources takes milliseconds
def fingerprint(*functions: Callable) -> str:
    """Twelve digits that change with any of the functions: their sources, the constants they use, Numba's version."""
    digest = hashlib.sha256(f"{numba.__version__} {sys.version_info[:2]}".encode())
    for function in functions:
        digest.update(source_of(function).encode())
        for name, value in sorted(constants_of(function).items()):
            digest.update(f"{name} = {_description(value)}\n".encode())
    return digest.hexdigest()[:12]


def _description(value: Any) -> str:
    """A text that changes whenever a constant does."""
    if inspect.ismodule(value):
        return value.__name__
    if isinstance(value, FunctionType):
        return fingerprint(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_description, value))})"
    if value is None or inspect.isbuiltin(value) or isinstance(value, numbers.Number | str):
        return repr(value)
    return secrets.token_hex()  # no text is known to tell all its values apart, so the disk cache must miss
