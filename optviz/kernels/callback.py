"""Functions that no kernel can be made of: the part of a tile's step that calls Python.

Everything else of a run stays compiled. The processor's code calls back through a pointer of C, with the interpreter's
lock taken for each call; so such runs gain nothing from threads.
"""

import ctypes
import threading
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from optviz.functions import Function
from optviz.kernels.cache import ADDRESSED, COMPILES
from optviz.kernels.indirect import address
from optviz.kernels.specialise import bound
from optviz.kernels.tile_rows import TILE, layout

CALLED: Any = None  # the pointer, bound for each function

_kept: dict[tuple[Function, type], tuple] = {}  # what must live as long as its address is used
_lock = threading.RLock()
_failures: dict[tuple[Function, int], BaseException] = {}  # of a function in a thread


def evaluate_called(s, t, lanes):
    CALLED(s.ctypes.data, t, lanes)


def callback_address(function: Function, dtype: type) -> int:
    """The part of a step that a function determines, of one that is called as it is."""
    key = function, dtype
    with _lock:
        if key not in _kept:
            caller = _caller(function, dtype)
            pointer = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)(caller)
            template = bound(evaluate_called, {"CALLED": pointer}) if COMPILES else _plain(function)
            kernel = numba.njit(**ADDRESSED)(template)
            _kept[key] = pointer, kernel, address(kernel, np.empty(0, dtype), 0, 0)
        return _kept[key][-1]


def raise_failure(function: Function) -> None:
    """Raise what a function has raised in a kernel of this thread, which could not pass it on."""
    if failure := _failures.pop((function, threading.get_ident()), None):
        raise failure


def _caller(function: Function, dtype: type) -> Callable:
    """What C calls: with the place of a tile in memory, the step, and how many runs there are."""
    size = layout(len(function.bounds)).diverged + TILE
    number = np.dtype(dtype)

    def call(where: int, t: int, lanes: int) -> None:
        try:
            memory = (ctypes.c_byte * (size * number.itemsize)).from_address(where)
            s: np.ndarray = np.frombuffer(memory, number)  # type: ignore[call-overload]
            _evaluate(function, s, t, lanes)
        except BaseException as error:  # Ctrl-C too: C would print it and go on
            _failures.setdefault((function, threading.get_ident()), error)

    return call


def _plain(function: Function) -> Callable:
    """What takes the kernel's place without a compiler, where everything is Python."""
    return lambda s, t, lanes: _evaluate(function, s, t, lanes)


def _evaluate(function: Function, s: np.ndarray, t: int, lanes: int) -> None:
    """Value and gradient of some runs, and whether they have diverged, as `optviz.kernels.tile_parts` does it."""
    dimension = len(function.bounds)
    rows = layout(dimension)
    points: np.ndarray = s[: dimension * TILE].reshape(dimension, TILE)
    slopes = s[rows.gradient : rows.gradient + dimension * TILE].reshape(dimension, TILE)
    values, diverged = s[rows.value : rows.value + TILE], s[rows.diverged : rows.diverged + TILE]
    if (function, threading.get_ident()) in _failures:  # the run is over; the rest is not asked for
        values[:lanes] = np.nan
        return
    for i in range(lanes):
        x = points[:, i].astype(np.float64)
        near = bool((np.abs(x) <= function.far).all())
        if near and diverged[i] >= t - 1:
            values[i] = function.value(*x) if function.dimension is None else function.value(x)
            if function.dimension is None:
                slopes[:, i] = function.gradient(*x)
            else:
                g = np.empty(dimension)
                function.gradient(x, g)
                slopes[:, i] = g
        else:
            values[i] = np.nan
            diverged[i] = min(diverged[i], t - 1)
