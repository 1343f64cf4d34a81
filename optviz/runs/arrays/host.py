"""One array with its gradient and state: recognised at the next step, moved in place by a compiled kernel."""

import numbers
import operator
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.kernels.rules import complements
from optviz.kernels.table import table_function, table_of
from optviz.kernels.update import array_function
from optviz.optimizers import Setting, own_numbers
from optviz.results.numeric import plain
from optviz.runs.scalars import NONE, course, hyperparameters, rounded

CHUNK = 1 << 22  # elements per kernel call: under 100 ms for the slowest rule, so that Ctrl-C is heard
AHEAD = 256  # steps for which the step scalars are made at once
BLOCKS = 16  # of that many steps that are kept

Order = Literal["C", "F"]


class Asked(NamedTuple):
    """What a step is asked for beside its arrays.

    Attributes
    ----------
    value : float or None
        The value at the iterate, where the rule asks for it.
    numbers : dict of str to float
        Hyperparameters that are others in this step alone.
    """

    value: float | None = None
    numbers: Mapping[str, float] = NONE


class StepScalars:
    """A setting's step scalars in one precision."""

    def __init__(self, setting: Setting, dtype: type):
        self._setting, self._dtype, self._course = setting, dtype, course(setting.formula, setting)
        self._blocks: dict[int, list[tuple]] = {}
        self._once: tuple[int, Mapping[str, float], tuple] = (0, NONE, ())

    def scalars(self, t: int, numbers: Mapping[str, float] = NONE) -> tuple:
        """The scalars of step `t`, in the order of the formula's arguments; see `Asked` for `numbers`."""
        if numbers and not self._course.depends_on.isdisjoint(numbers):
            return self._other_scalars(t, numbers)
        block, row = divmod(t - 1, AHEAD)
        rows = self._blocks.get(block)
        if rows is None:
            # Numbers for many steps at once cost little more than for one. Arrays that were left out of some steps
            # ask for another block than the rest.
            columns = rounded(self._course.columns(block * AHEAD + 1, AHEAD), self._dtype)
            rows = list(zip(*columns, strict=True)) if len(columns) else [()] * AHEAD
            if len(self._blocks) == BLOCKS:
                self._blocks = {}
            self._blocks[block] = rows
        return rows[row]

    def _other_scalars(self, t: int, numbers: Mapping[str, float]) -> tuple:
        """Those of a step at which hyperparameters are others. All arrays of a step ask for the same."""
        if self._once[:2] != (t, numbers):
            self._once = t, dict(numbers), tuple(rounded(np.array(self._course.once(t, numbers)), self._dtype))
        return self._once[2]


class Numbers(StepScalars):
    """A setting's numbers in one precision.

    Attributes
    ----------
    hyper : tuple
        The formula's hyperparameters as scalars of the dtype.
    number : type
        That dtype.
    """

    def __init__(self, setting: Setting, dtype: type):
        super().__init__(setting, dtype)
        self.hyper = hyperparameters(setting, dtype)
        self.number = dtype
        self._takes_value, self._largest = setting.formula.takes_value, float(np.finfo(dtype).max)
        names = setting.formula.hyperparameters
        self._places = {name: k for k, name in enumerate(names)}
        self._complements = {name: k for k, name in enumerate(complements(setting.formula), len(names))}
        self._other: tuple[Mapping[str, float], tuple] = (NONE, self.hyper)
        self._last: tuple[int, Asked, tuple[tuple, tuple]] = (0, Asked(), ((), ()))

    def at(self, t: int, asked: Asked) -> tuple[tuple, tuple]:
        """What a kernel takes at step `t`: the value with the step scalars, and the hyperparameters."""
        before, same, known = self._last
        if before == t and same is asked:  # by another array of the same step
            return known
        numbers = own_numbers(self._setting, asked.numbers)
        scalars = self.scalars(t, numbers)
        if self._takes_value:
            scalars = (self.number(asked.value), *scalars)
        known = scalars, self.constants(numbers)
        self._last = t, asked, known
        return known

    def constants(self, numbers: Mapping[str, float]) -> tuple:
        """The hyperparameters, some of them others."""
        if not numbers:
            return self.hyper
        if self._other[0] != numbers:
            self._other = dict(numbers), self._changed(numbers)
        return self._other[1]

    def _changed(self, numbers: Mapping[str, float]) -> tuple:
        """The hyperparameters, some of them others; all are made anew where one is beyond the precision."""
        if max(map(abs, numbers.values())) > self._largest:
            return hyperparameters(self._setting, self.number, numbers)
        hyper = list(self.hyper)
        for name, value in numbers.items():
            if name in self._places:
                hyper[self._places[name]] = self.number(value)
            if name in self._complements:
                hyper[self._complements[name]] = self.number(1 - value)
        return tuple(hyper)


class TypedRule(Numbers):
    """A setting in one precision, with its compiled steps: that of one array, and that of many."""

    def __init__(self, setting: Setting, dtype: type):
        super().__init__(setting, dtype)
        self.formula = setting.formula
        self._table: tuple[list[tuple[int, ...]], np.ndarray] = ([], table_of([], len(setting.formula.slots)))

    @cached_property
    def update(self) -> Callable:
        """See `optviz.kernels.update.array_function`."""
        return array_function(self.formula, self.number)

    @cached_property
    def update_table(self) -> Callable:
        """See `optviz.kernels.table.table_function`."""
        return table_function(self.formula, self.number)

    def table(self, rows: list[tuple[int, ...]]) -> np.ndarray:
        """See `optviz.kernels.table.table_of`. What is asked for again and again is made once."""
        kept, table = self._table
        if kept != rows:
            table = table_of(rows, len(self.formula.slots))
            self._table = rows, table
        return table


def valued(setting: Setting, value: Any) -> float | None:
    """The value at the iterate as a float where the setting asks for it, else None.

    Raises
    ------
    UsageError, UsageTypeError
        If it is missing, or no number.
    """
    if not setting.formula.takes_value:
        return None
    number = plain(value)
    if number is None:
        raise UsageError(f"{setting.plain_name} needs the value at the iterate", "Give it: opt.step(..., value=loss)")
    if isinstance(number, bool) or not isinstance(number, numbers.Real):
        raise UsageTypeError(f"value is {shown(value)}", "It must be a number: the loss at the parameters.")
    return float(number)


def check_entry(entry: Any, setting: Setting, name: str) -> None:
    """Refuse a state without the rule's slots or the number of steps, which becomes an int.

    Raises
    ------
    UsageError
        Naming the state by its place: ``[2]``, ``['weights']`` or nothing.
    """
    keys = ("t", *setting.formula.slots)
    remedy = "Take the state that this optimizer's init(params) gives."
    if not isinstance(entry, dict) or set(entry) != set(keys):
        held = ", ".join(map(str, entry)) if isinstance(entry, dict) else type(entry).__name__
        needed = ", ".join(keys)
        raise UsageError(f"state{name} holds {held or 'nothing'}; {setting.plain_name} needs {needed}", remedy)
    if _count(entry["t"]) < 0:
        raise UsageError(f"state{name}['t'] is {entry['t']!r}, which is no number of steps", remedy)
    entry["t"] = _count(entry["t"])


def _count(t: Any) -> int:
    """The number of steps made, which a saved state may bring back as a float or an array; -1 for anything else."""
    number = plain(t)
    if isinstance(number, float) and number.is_integer():
        return int(number)
    try:
        return operator.index(number)
    except TypeError:
        return -1


class BoundArray:
    """One parameter array with its state, and its gradient, as they passed the checks.

    The checks cost more than the step of a small array. What is the same object as before needs no second check: NumPy
    does not resize an array that is weakly referenced, and nothing else moves its memory. Weak references keep nothing
    alive.

    Attributes
    ----------
    rule : StepScalars
    row : tuple of int or None
        What `optviz.kernels.table.table_of` takes, where a kernel can move everything as it is.
    """

    def __init__(self, rule: StepScalars, array: np.ndarray, slots: dict[str, np.ndarray]):
        self.rule: Any = rule
        self._array: Callable[[], Any] = weakref.ref(array)
        self._dtype: Any = array.dtype
        self._slots: list[tuple[str, Callable[[], Any]]] = [(name, weakref.ref(slot)) for name, slot in slots.items()]
        self._names = tuple(slots)
        self._gradient: Callable[[], Any] = _nothing
        self._is_flat = array.ndim == 1
        self._is_simple = array.size <= CHUNK and all(map(_is_plain, (array, *slots.values())))
        self._all_simple = False
        self._size, self._place, *self._places = array.size, *map(address_of, (array, *slots.values()))
        self.row: tuple[int, ...] | None = None

    def holds(self, array: Any, state: Any) -> bool:
        """Whether these are the same array, still writable, and state as before, of the same dtype."""
        if not array.flags.writeable or array is not self._array() or array.dtype is not self._dtype:
            return False
        for name, known in self._slots:
            slot = state[name]
            if slot is not known() or slot.dtype is not self._dtype:
                return False
        t = state["t"]
        return type(t) is int and t >= 0

    def knows(self, gradient: Any) -> bool:
        """Whether this is the same gradient as before, of the same dtype, or none."""
        return gradient is None or (gradient is self._gradient() and gradient.dtype is self._dtype)

    def remember(self, gradient: np.ndarray) -> None:
        """A gradient that passed the checks."""
        self._gradient = weakref.ref(gradient)
        self._all_simple = self._is_simple and _is_plain(gradient)
        if self._all_simple and isinstance(self.rule, TypedRule):
            self.row = self._size, self._place, address_of(gradient), *self._places
        else:
            self.row = None

    def look_ahead(self, state: dict[str, Any]) -> None:
        """Make the numbers of the next step, which a schedule of the caller's may fail to."""
        self.rule.scalars(state["t"] + 1)

    def step(self, x: np.ndarray, g: np.ndarray, state: dict[str, Any], asked: Asked) -> None:
        """Make the next step, in place; `g` is the gradient remembered last, `asked` what has been checked."""
        t = state["t"] + 1
        scalars, hyper = self.rule.at(t, asked)
        if not self._all_simple:
            self._careful_step(x, g, [state[name] for name in self._names], scalars, hyper)
        elif self._is_flat:
            slots = tuple([state[name] for name in self._names])
            self.rule.update(x, g, slots, scalars, hyper)
        else:
            slots = tuple([state[name].ravel() for name in self._names])
            self.rule.update(x.ravel(), g.ravel(), slots, scalars, hyper)
        state["t"] = t

    def _careful_step(
        self, x: np.ndarray, g: np.ndarray, slots: list[np.ndarray], scalars: tuple, hyper: tuple
    ) -> None:
        """Step an array of any layout and size, in chunks."""
        modified = [x, *slots]
        (flat, gradient, *states), order = self._flattened([x, g, *slots])
        for first in range(0, x.size, CHUNK):
            some = slice(first, first + CHUNK)
            parts = tuple(state[some] for state in states)
            self.rule.update(flat[some], gradient[some], parts, scalars, hyper)
        self._write_back(modified, [flat, *states], order)

    def _write_back(self, arrays: Sequence[np.ndarray], flat: Sequence[np.ndarray], order: Order) -> None:
        """Bring what was moved in copies back to where it came from."""
        for array, copy in zip(arrays, flat, strict=True):
            if not np.may_share_memory(array, copy):
                array[...] = copy.reshape(array.shape, order=order)

    def _flattened(self, arrays: Sequence[np.ndarray]) -> tuple[list[np.ndarray], Order]:
        """The iterate, the gradient and the state as flat arrays, their elements in one order, and that."""
        x, _, *slots = arrays
        order: Order = "F" if all(array.flags.f_contiguous for array in (x, *slots)) else "C"
        return [flattened(array, order) for array in arrays], order


class Moved(NamedTuple):
    """An array that makes a step, with all that goes into it; `gradient` is what `bound` remembered last."""

    bound: Any
    array: np.ndarray
    gradient: np.ndarray
    state: dict[str, Any]
    asked: Asked = Asked()


def address_of(array: np.ndarray) -> int:
    """Where an array's elements lie; asking `ctypes` takes twice as long."""
    return array.__array_interface__["data"][0]


def flattened(array: np.ndarray, order: Order) -> np.ndarray:
    """The elements of an array in some order as a flat aligned array: a view where possible."""
    return np.require(array.view(np.ndarray).ravel(order), requirements="A")


def _is_plain(array: np.ndarray) -> bool:
    """Whether a kernel can take ``array.ravel()``: a view, aligned, of NumPy's own class."""
    return array.flags.c_contiguous and array.flags.aligned and type(array) is np.ndarray


def _nothing() -> None:
    return None
