"""One array with its gradient and state: recognised at the next step, moved in place by a compiled kernel."""

import weakref
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from optviz.kernels.update import update_function
from optviz.optimizers import Setting
from optviz.runs._scalars import hyperparameters, step_scalars

CHUNK = 1 << 22  # elements per kernel call: under 100 ms for the slowest rule, so that Ctrl-C is heard
AHEAD = 256  # steps for which the step scalars are made at once

Order = Literal["C", "F"]


class TypedRule:
    """A setting in one precision, with its compiled step.

    Attributes
    ----------
    update : function
        The compiled entry, see `optviz.kernels.update.update_function`.
    hyper : tuple
        The formula's hyperparameters as scalars of the dtype.
    """

    def __init__(self, setting: Setting, dtype: type):
        self.update = update_function(setting.formula, dtype)
        self.hyper = hyperparameters(setting, dtype)
        self._setting, self._dtype = setting, dtype
        self._block: tuple[int, list[tuple]] = (-AHEAD, [])

    def scalars(self, t: int) -> tuple:
        """The scalars of step `t`, in the order of the formula's arguments."""
        first, rows = self._block
        if not first <= t < first + AHEAD:
            # Numbers for many steps at once cost little more than for one.
            first = t - (t - 1) % AHEAD
            columns = step_scalars(self._setting, self._dtype, np.arange(first, first + AHEAD, dtype=np.float64))
            rows = list(zip(*columns, strict=True)) if columns else [()] * AHEAD
            self._block = first, rows
        return rows[t - first]


class Seat:
    """One parameter array with its gradient and state, as they passed the checks.

    The checks cost more than the step of a small array. What is the same object as before needs no second check: NumPy
    does not resize an array that is weakly referenced, and nothing else moves its memory. Weak references keep nothing
    alive.
    """

    def __init__(self, rule: TypedRule, array: np.ndarray, gradient: np.ndarray | None, slots: dict[str, np.ndarray]):
        self._rule = rule
        self._array = weakref.ref(array)
        self._gradient: Callable[[], Any] = _nothing if gradient is None else weakref.ref(gradient)
        self._slots = [(name, weakref.ref(slot)) for name, slot in slots.items()]
        self._names = tuple(slots)
        together = [array, *slots.values()]
        if gradient is not None:
            together.append(gradient)
        # What ravel() gives without a copy, aligned, of NumPy's own class, and short enough for one kernel call.
        self._is_plain = array.size <= CHUNK and all(map(_is_contiguous, together))
        self._is_flat = self._is_plain and array.ndim == 1

    def holds(self, array: Any, gradient: Any, state: Any) -> bool:
        """Whether these are the same three as before."""
        if not array.flags.writeable or array is not self._array() or gradient is not self._gradient():
            return False
        for name, known in self._slots:
            if state[name] is not known():
                return False
        t = state["t"]
        return type(t) is int and t >= 0

    def step(self, x: np.ndarray, g: np.ndarray, state: dict[str, Any]) -> None:
        """Make the next step, in place."""
        t = state["t"] + 1
        rule = self._rule
        if self._is_flat:
            slots = tuple([state[name] for name in self._names])
            rule.update(x, g, slots, rule.scalars(t), rule.hyper)
        elif self._is_plain:
            slots = tuple([state[name].ravel() for name in self._names])
            rule.update(x.ravel(), g.ravel(), slots, rule.scalars(t), rule.hyper)
        else:
            self._careful_step(x, g, [state[name] for name in self._names], rule.scalars(t))
        state["t"] = t

    def _careful_step(self, x: np.ndarray, g: np.ndarray, slots: list[np.ndarray], scalars: tuple) -> None:
        """The same for arrays of any layout and size, in chunks."""
        modified = [x, *slots]
        order: Order = "F" if all(array.flags.f_contiguous for array in modified) else "C"
        flat = [_flat(array, order) for array in modified]
        gradient = _flat(g, order)
        for first in range(0, x.size, CHUNK):
            parts = [array[first : first + CHUNK] for array in flat]
            self._rule.update(parts[0], gradient[first : first + CHUNK], tuple(parts[1:]), scalars, self._rule.hyper)
        for array, copy in zip(modified, flat, strict=True):
            if not np.may_share_memory(array, copy):
                array[...] = copy.reshape(array.shape, order=order)


def _flat(array: np.ndarray, order: Order) -> np.ndarray:
    """The elements of an array in some order as a flat aligned array: a view where possible."""
    return np.require(array.view(np.ndarray).ravel(order), requirements="A")


def _is_contiguous(array: np.ndarray) -> bool:
    return array.flags.c_contiguous and array.flags.aligned and type(array) is np.ndarray


def _nothing() -> None:
    return None
