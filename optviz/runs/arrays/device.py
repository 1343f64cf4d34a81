"""Arrays on a CUDA device with their gradients and state: recognised at the next step, moved in one launch."""

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from optviz.optimizers import Setting, check_runs
from optviz.runs.arrays.device_arrays import (
    COPY,
    CURRENT,
    DeviceArray,
    NamedArray,
    all_described,
    axes_in_order,
    check_apart,
    check_like,
    check_writable,
    current_stream,
    dense_steps,
    full_like,
    mark,
    spans,
)
from optviz.runs.arrays.host import Asked, Numbers, check_entry

TABLES = 8  # tables of addresses that are kept: gradients come back to where they were


Rule = tuple[Any, tuple, tuple]  # what `arrays_kernel` gives, scalars and hyperparameters


class DeviceSteps:
    """A setting's steps on device arrays.

    Parameters
    ----------
    setting : Setting
    """

    def __init__(self, setting: Setting):
        check_runs(setting, "cuda arrays")
        self._setting = setting
        self._rules: dict[np.dtype, tuple[Any, Numbers]] = {}
        self._seating: _Seating | None = None

    def init(self, named: list[tuple[str, Any]]) -> list[dict[str, Any]]:
        """The states of parameters, given with their names; see `optviz.runs.arrays.optimizer.Optimizer.init`."""
        arrays, device = all_described(named)
        for name, array in arrays:
            check_writable(array, name)
        check_apart(spans(arrays, True))
        slots = self._setting.formula.slots
        states: list[dict[str, Any]] = [{"t": 0} for _ in arrays]
        if not slots:
            return states
        from optviz.kernels.cuda import backend, memory

        device = device or 0  # arrays without elements need not tell theirs
        size = len(slots) * sum(array.nbytes for _, array in arrays)
        with memory.on(device):
            backend.check_fits("the optimizer's state", size, "Choose a rule with fewer state slots, or fewer arrays.")
            for state, (_, array), (_, numbers) in zip(states, named, arrays, strict=True):
                for slot in slots:
                    begin = self._setting.initial(slot)
                    state[slot] = full_like(array, numbers, 0.0 if isinstance(begin, str) else begin)
                    if isinstance(begin, str):
                        _copy_into(state[slot], numbers, device)
        return states

    def step(self, names: list[str], arrays: list, gradients: list, states: list, asked: Asked) -> None:
        """Make the next step; see `optviz.runs.arrays.optimizer.Optimizer.step`."""
        seating = self._seating  # another thread may step other arrays
        if seating is None or not seating.holds(arrays, states):
            seating = self._seating = _Seating(self._setting, names, arrays, states)
        if not seating.knows(gradients):
            seating.remember(names, gradients)
        groups: dict[tuple[np.dtype, int], list[int]] = {}
        for k, (gradient, state) in enumerate(zip(gradients, states, strict=True)):
            if gradient is not None:
                groups.setdefault((seating.dtypes[k], state["t"]), []).append(k)
        rules = [self._rule(dtype, t + 1, asked) for dtype, t in groups]
        with seating.stream() as (handle, stream):
            for (_, t), members, rule in zip(groups, groups.values(), rules, strict=True):
                seating.launch(members, rule, handle, stream)
                for k in members:
                    states[k]["t"] = t + 1

    def _rule(self, dtype: np.dtype, t: int, asked: Asked) -> Rule:
        """The rule at step `t`."""
        if dtype not in self._rules:
            from optviz.kernels.cuda.update import arrays_kernel

            kernel = arrays_kernel(self._setting.formula, dtype.type)
            self._rules[dtype] = kernel, Numbers(self._setting, dtype.type)
        kernel, numbers = self._rules[dtype]
        return kernel, *numbers.at(t, asked)


class _Seating:
    """Arrays with their state, and their gradients, as they passed the checks.

    Attributes
    ----------
    device : int or None
        None where no array has an element.
    dtypes : list of numpy dtypes
        Of each array.
    """

    def __init__(self, setting: Setting, names: list[str], arrays: list, states: list):
        self._slots = setting.formula.slots
        given = [(f"params{name}", array) for name, array in zip(names, arrays, strict=True)]
        for name, entry in zip(names, states, strict=True):
            check_entry(entry, setting, name)
            given += [(f"state{name}[{slot!r}]", entry[slot]) for slot in self._slots]
        written, self.device = all_described(given)
        for name, array in written:
            check_writable(array, name)
        self._params, slots = written[: len(arrays)], written[len(arrays) :]
        count = len(self._slots)
        entries = [slots[k * count : (k + 1) * count] for k in range(len(arrays))]
        for param, entry in zip(self._params, entries, strict=True):
            for slot in entry:
                check_like(slot, param)
        self._written, self._spans = written, spans(written, True)
        check_apart(self._spans)
        self.dtypes = [array.dtype for _, array in self._params]
        self._bound = [
            _Seat(param, [slot for _, slot in entry]) for (_, param), entry in zip(self._params, entries, strict=True)
        ]
        self._marks = [self._marks_of(array, entry) for array, entry in zip(arrays, states, strict=True)]
        self._gradient_marks: list[Any] = [None] * len(arrays)
        self._streams = _streams(self._params, written)
        self._prepared: dict[tuple[int, ...], _Launch] = {}
        self._tables: dict[tuple[int, bytes], tuple[Any, np.ndarray]] = {}

    def _marks_of(self, array: Any, entry: dict[str, Any]) -> list:
        return [mark(array), *[mark(entry[slot]) for slot in self._slots]]

    def holds(self, arrays: list, states: list) -> bool:
        """Whether these are arrays and states of the same memory as before."""
        if len(arrays) != len(self._marks):
            return False
        try:
            for array, state, known in zip(arrays, states, self._marks, strict=True):
                t = state["t"]
                if type(t) is not int or t < 0 or self._marks_of(array, state) != known:
                    return False
        except (TypeError, KeyError, AttributeError, RuntimeError):  # the checks will say what it is
            return False
        return True

    def knows(self, gradients: list) -> bool:
        """Whether these gradients are where they were before, or None."""
        try:
            return all(
                gradient is None or mark(gradient) == known
                for gradient, known in zip(gradients, self._gradient_marks, strict=True)
            )
        except (TypeError, AttributeError, RuntimeError):
            return False

    def remember(self, names: list[str], gradients: list) -> None:
        """Check gradients of arrays that passed their own checks."""
        given = [(k, f"grads{name}", gradients[k]) for k, name in enumerate(names) if gradients[k] is not None]
        model = next((param for param in self._params if param[1].device is not None), self._params[0])
        known, _ = all_described([(name, gradient) for _, name, gradient in given], model)
        for (k, _, _), gradient in zip(given, known, strict=True):
            check_like(gradient, self._params[k])
        check_apart([*self._spans, *spans(known, False)])
        self._prepared = {}  # first, since a copy may not fit the device
        for (k, _, gradient), (_, array) in zip(given, known, strict=True):
            self._bound[k].remember(array)
            self._gradient_marks[k] = mark(gradient)
        self._streams = _streams(self._params, [*self._written, *known])

    @contextlib.contextmanager
    def stream(self) -> Iterator[tuple[int, Any]]:
        """The stream to work on, its handle first, on its device, joined with the others that arrays belong to."""
        if self.device is None:
            yield 0, None
            return
        from optviz.kernels.cuda import backend, memory

        ours, *others = dict.fromkeys(_handle(stream, self.device) for stream in self._streams)
        with memory.on(self.device):
            stream = backend.stream_at(ours)
            with memory.joined(stream, others):
                yield ours, stream

    def launch(self, members: list[int], rule: Rule, handle: int, stream: Any) -> None:
        """Move the arrays with these places, which are of one dtype."""
        key = (handle, *members)
        if key not in self._prepared:
            self._prepared[key] = self._prepare(members, handle, stream)
        self._prepared[key].start(rule, stream)

    def _prepare(self, members: list[int], handle: int, stream: Any) -> "_Launch":
        bound = [self._bound[k] for k in members if self._params[k][1].size]
        if not bound:
            return _Launch(None, np.empty(0), 0, [], [])
        from optviz.kernels.cuda import backend, update

        dtype = self.dtypes[members[0]].type
        rows, tiles = update.table_of([bound_array.row() for bound_array in bound], len(self._slots), dtype)
        # The upload belongs to the stream: on another one a launch might come before it.
        place = (handle, rows.tobytes())
        if place not in self._tables:
            if len(self._tables) == TABLES:
                self._tables, self._prepared = {}, {}
            # A copy in a stream's turn may read the rows after this returns: they live as long as what it makes.
            self._tables[place] = backend.put(rows, stream), rows
        fetched = [flat for bound_array in bound for flat in bound_array.copies()]
        stored = [flat for bound_array in bound for flat in bound_array.written if flat.is_copy]
        return _Launch(*self._tables[place], tiles, fetched, stored)


class _Launch(NamedTuple):
    """What stays the same for the same arrays: their table, here and on the device, and what must be copied."""

    table: Any
    rows: np.ndarray
    tiles: int
    fetched: list["_Flat"]
    stored: list["_Flat"]

    def start(self, rule: Rule, stream: Any) -> None:
        if not self.tiles:
            return
        from optviz.kernels.cuda import update

        kernel, scalars, hyper = rule
        for flat in self.fetched:
            flat.fetch(stream)
        update.start(kernel, self.table, self.tiles, scalars, hyper, stream)
        for flat in self.stored:
            flat.store(stream)


class _Seat:
    """One array with its slots and its gradient, as the kernel takes them: in the order of the array's memory."""

    def __init__(self, param: DeviceArray, slots: list[DeviceArray]):
        self._size = param.size
        self._order = [axis for axis in axes_in_order(param) if param.shape[axis] > 1]
        self.written = [_Flat(array, self._order) for array in (param, *slots)]
        self.gradient: _Flat | None = None

    def remember(self, gradient: DeviceArray) -> None:
        """A gradient that passed the checks."""
        self.gradient = _Flat(gradient, self._order, self.gradient.buffer if self.gradient else None)

    def copies(self) -> list["_Flat"]:
        """What must be copied before a step."""
        return [flat for flat in (*self.written, self.gradient) if flat and flat.is_copy]

    def row(self) -> tuple[int, ...]:
        """What `optviz.kernels.cuda.update.table_of` takes."""
        param, *slots = self.written
        assert self.gradient is not None
        return self._size, param.address, self.gradient.address, *[slot.address for slot in slots]


class _Flat:
    """The elements of an array in some order of its axes: where they lie, or a copy where they have gaps.

    Attributes
    ----------
    address : int
        Where they lie one after the other.
    is_copy : bool
    buffer : device array or None
        The copy's memory, which also another copy of the same size may take over.
    """

    def __init__(self, array: DeviceArray, order: list[int], buffer: Any = None):
        self._array = array
        self._counts = tuple(array.shape[axis] for axis in order)
        self._steps = tuple(array.strides[axis] // array.dtype.itemsize for axis in order)
        self.address = array.address
        self.is_copy = array.size > 0 and self._steps != dense_steps(self._counts)
        self.buffer = buffer
        if self.is_copy:
            from optviz.kernels.cuda import backend, memory

            if buffer is None:
                assert array.device is not None  # since it has elements
                with memory.on(array.device):
                    backend.check_fits("a copy of an array with gaps", array.nbytes, f"Give one without: {COPY}.")
                    self.buffer = backend.empty(array.size, array.dtype)
            self.address = memory.address_of(self.buffer)

    def fetch(self, stream: Any) -> None:
        """Fill the copy."""
        self._copy(self.address, self._array.address, dense_steps(self._counts), self._steps, stream)

    def store(self, stream: Any) -> None:
        """Bring the copy back."""
        self._copy(self._array.address, self.address, self._steps, dense_steps(self._counts), stream)

    def _copy(self, target: int, source: int, target_steps: tuple, source_steps: tuple, stream: Any) -> None:
        from optviz.kernels.cuda import memory

        memory.copy_elements(target, source, self._counts, target_steps, source_steps, self._array.dtype.type, stream)


def _streams(params: list[NamedArray], arrays: list[NamedArray]) -> list[int]:
    """The streams of some arrays, without repetition: first the one to work on, which is the parameters'."""
    ours = next((array.stream for _, array in params if array.stream is not None), 0)
    return list(dict.fromkeys([ours, *(array.stream for _, array in arrays if array.stream is not None)]))


def _copy_into(slot: Any, source: DeviceArray, device: int) -> None:
    """Fill a state slot with the elements of a parameter, on the parameter's stream."""
    from optviz.kernels.cuda import backend, memory

    ((_, target),), _ = all_described([("state", slot)])
    if source.size:
        item, counts = source.dtype.itemsize, source.shape or (1,)
        into, out_of = (tuple(step // item for step in array.strides) or (1,) for array in (target, source))
        stream = backend.stream_at(_handle(source.stream or 0, device))
        memory.copy_elements(target.address, source.address, counts, into, out_of, source.dtype.type, stream)


def _handle(stream: int, device: int) -> int:
    return current_stream(device) if stream == CURRENT else stream
