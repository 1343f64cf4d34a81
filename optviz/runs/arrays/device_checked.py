"""Arrays on a CUDA device with their gradients and state, as they passed the checks: recognised at the next step."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError
from optviz.formulas.sums import split
from optviz.optimizers import Setting, check_runs
from optviz.runs.arrays.checks import check_same
from optviz.runs.arrays.device_arrays import (
    DEFAULT,
    NamedArray,
    all_described,
    awaited,
    check_apart,
    check_like,
    check_writable,
    mark,
    spans,
)
from optviz.runs.arrays.device_bound import BoundArray, handle_of
from optviz.runs.arrays.device_rules import (
    Buffers,
    Launch,
    Part,
    Rule,
    SummingRule,
    library_that_moves,
    moves_alone,
    needs_library,
)
from optviz.runs.arrays.device_tables import Tables
from optviz.runs.arrays.host import check_entry
from optviz.runs.arrays.libraries import Library


class CheckedArrays:
    """Arrays with their state, and their gradients, as they passed the checks.

    Attributes
    ----------
    settings : list of Setting
        What moves each array.
    device : int or None
        None where no array has an element.
    dtypes : list of numpy dtypes
        Of each array.
    library : Library or None
        Whose functions move the arrays that no kernel does.
    """

    def __init__(self, settings: Sequence[Setting], names: list[str], arrays: list, states: list):
        self._given = [*settings]
        given = [(f"params{name}", array) for name, array in zip(names, arrays, strict=True)]
        self._params, self.device = all_described(given)
        self.settings = settings_of(settings, self._params)
        self._slots = [setting.formula.slots for setting in self.settings]
        held = []
        for name, setting, entry in zip(names, self.settings, states, strict=True):
            check_entry(entry, setting, name)
            held += [(f"state{name}[{slot!r}]", entry[slot]) for slot in setting.formula.slots]
        slots, _ = all_described(held, self._model)
        written, states_left = [*self._params, *slots], iter(slots)
        for name, array in written:
            check_writable(array, name)
        self._bound = []
        for setting, param in zip(self.settings, self._params, strict=True):
            own = [next(states_left) for _ in setting.formula.slots]
            for slot, found in zip(setting.formula.slots, own, strict=True):
                shape = setting.formula.own_shape(slot, param[1].shape)
                check_same(found[1], param[1] if shape is None else _Like(shape, param[1].dtype), found[0], param[0])
            self._bound.append(BoundArray(setting, param[1], [each for _, each in own]))
        self._written, self._spans = written, spans(written, True)
        check_apart(self._spans)
        self.dtypes = [array.dtype for _, array in self._params]
        self.library: Library | None = None
        if any(map(needs_library, self.settings)):
            rest = iter(held)
            for setting, param in zip(self.settings, given, strict=True):
                named = [param, *(next(rest) for _ in setting.formula.slots)]
                if not moves_alone(setting):
                    self.library = library_that_moves(setting, named, self.library)
        self._marks = [self._marks_of(*each) for each in zip(arrays, states, self._slots, strict=True)]
        self._gradient_marks: list[Any] = [None] * len(arrays)
        self._streams, self._silent = _streams(self._params, written), list[int]()
        self._tables, self._prepared = Tables(), dict[tuple[int, ...], Launch]()
        self._totals = max((len(split(bound_array.setting.formula).totals) for bound_array in self._bound), default=0)
        self._buffers: dict[np.dtype, Buffers] = {}

    @property
    def _model(self) -> NamedArray:
        """One on the device where all must be."""
        return next((param for param in self._params if param[1].device is not None), self._params[0])

    def _marks_of(self, array: Any, entry: dict[str, Any], slots: Sequence[str]) -> list:
        return [mark(array), *[mark(entry[slot]) for slot in slots]]

    def holds(self, settings: Sequence[Setting], arrays: list, states: list) -> bool:
        """Whether these are arrays and states of the same memory as before, and are to be moved likewise."""
        if len(arrays) != len(self._marks):
            return False
        try:
            for one, given, array, state, known, slots in zip(
                self._given, settings, arrays, states, self._marks, self._slots, strict=True
            ):
                t = state["t"]
                if one is not given or type(t) is not int or t < 0 or self._marks_of(array, state, slots) != known:
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
        handle = DEFAULT if self.device is None else handle_of(self._streams[0], self.device) or DEFAULT
        known, _ = all_described([(name, gradient) for _, name, gradient in given], self._model, handle)
        for (k, name, array), gradient in zip(given, known, strict=True):
            check_like(gradient, self._params[k])
            if self.library is not None and not moves_alone(self.settings[k]):
                library_that_moves(self.settings[k], [(name, array)], self.library)
        check_apart([*self._spans, *spans(known, False)])
        self._prepared = {}  # first, since a copy may not fit the device
        for (k, _, gradient), (_, array) in zip(given, known, strict=True):
            self._bound[k].remember(array)
            self._gradient_marks[k] = mark(gradient)
        self._silent = [k for (k, _, _), (_, array) in zip(given, known, strict=True) if array.is_silent]
        self._streams = _streams(self._params, [*self._written, *known])

    def on_device(self) -> Any:
        """The context in which the arrays' device is the current one."""
        if self.device is None:
            return contextlib.nullcontext()
        from optviz.kernels.cuda import memory

        return memory.on(self.device)

    def check_not_captured(self) -> None:
        """Refuse a step of which a graph would repeat the numbers.

        Raises
        ------
        UsageError
        """
        if self.device is not None:
            remedy = "Each replay would make this one step again: replay the graph, and then call opt.step."
            check_not_captured(self._params, self.device, "step", remedy)

    @contextlib.contextmanager
    def stream(self, gradients: list) -> Iterator[tuple[int, Any]]:
        """The stream to work on, its handle first, joined with the others that arrays belong to."""
        if self.device is None:
            yield 0, None
            return
        from optviz.kernels.cuda import backend, memory

        ours, *others = dict.fromkeys(handle_of(stream, self.device) for stream in self._streams)
        memory.let_go()
        stream = backend.stream_at(ours)
        silent = [gradients[k] for k in self._silent if gradients[k] is not None]
        kept = [awaited(gradient, ours or DEFAULT) for gradient in silent]
        with memory.joined(stream, others):
            yield ours, stream
        if kept:
            memory.keep(kept, stream)

    def launches(self, parts: Sequence[Part], handle: int, stream: Any) -> list[Launch]:
        """What moves arrays by kernels."""
        if self.device is None:
            return [Launch(part.rule, None, 0, 0, [], []) for part in parts if isinstance(part.rule, Rule)]
        self._tables.begin()
        indices: dict[np.dtype, int] = {}
        made = []
        for part in parts:
            dtype = self.dtypes[part.members[0]]
            first = indices.get(dtype, 0)
            indices[dtype] = first + len(part.members)
            key = (handle, first, *part.members)
            if key not in self._prepared:
                self._prepared[key] = self._prepare(part, first, handle, stream)
            made.append(self._prepared[key])
        return made

    def _prepare(self, part: Part, first: int, handle: int, stream: Any) -> Launch:
        assert isinstance(part.rule, Rule)
        bound = [self._bound[k] for k in part.members]
        sums = [(k * self._totals, first + place) for place, k in enumerate(part.members)]
        rows, tiles, blocks = part.rule.table(bound, sums)
        if not tiles and not blocks:
            return Launch(part.rule, None, 0, 0, [], [])
        table, is_other = self._tables.table(rows, handle, stream)
        if is_other:  # one that other launches knew
            self._prepared = {}
        fetched = [flat for bound_array in bound for flat in bound_array.copies()]
        stored = [flat for bound_array in bound for flat in bound_array.written if flat.is_copy]
        return Launch(part.rule, table, tiles, blocks, fetched, stored)

    def summed(self, parts: Sequence[Part], launches: Sequence[Launch], stream: Any) -> dict[np.dtype, Buffers]:
        """Make all sums, pass after pass, of arrays that have been brought where kernels read them."""
        for launch in launches:
            launch.fetch(stream)
        together: dict[np.dtype, list[tuple[Part, Launch]]] = {}
        for part, launch in zip(parts, launches, strict=True):
            if isinstance(part.rule, SummingRule) and launch.blocks:
                together.setdefault(self.dtypes[part.members[0]], []).append((part, launch))
        if not together:
            return {}
        from optviz.kernels.cuda import array_sums

        for dtype, pairs in together.items():
            buffers, arrays = self._room(dtype, pairs), sum(len(part.members) for part, _ in pairs)
            for level in range(max(len(launch.rule.levels) for _, launch in pairs)):
                joined = (0, 0)
                for part, launch in pairs:
                    if level < len(launch.rule.levels):
                        launch.make_sums(level, part.numbers, buffers, stream)
                        joined = launch.rule.joined[level]
                array_sums.join(buffers.whole, *joined, arrays, stream)
        return {dtype: self._buffers[dtype] for dtype in together}

    def _room(self, dtype: np.dtype, pairs: Sequence[tuple[Part, Launch]]) -> Buffers:
        """Where sums stand, for as long as it suffices."""
        from optviz.kernels.cuda import backend

        count = len(self._bound)
        rows = max(sum(rows for _, rows in launch.rule.joined) for _, launch in pairs)
        shapes = (
            max(count * self._totals, 1),
            (max(rows, 1), count),
            max(one.blocks * one.rule.widest for _, one in pairs),
        )
        known = self._buffers.get(dtype)
        if known is None or known.room.size < shapes[-1] or known.whole.shape[0] < shapes[1][0]:
            known = self._buffers[dtype] = Buffers(*(backend.empty(shape, dtype) for shape in shapes))
        return known


class _Like:
    """The shape and dtype that a state slot must have."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype):
        self.shape, self.dtype = shape, dtype


def settings_of(settings: Sequence[Setting], params: Sequence[NamedArray]) -> list[Setting]:
    """What moves each array, of the settings of their groups.

    Raises
    ------
    UsageError
        If it cannot run on a device.
    """
    moving = [one.moving(len(array.shape)) for one, (_, array) in zip(settings, params, strict=True)]
    for setting in {id(one): one for one in moving}.values():
        check_runs(setting, "cuda arrays")
    return moving


def check_not_captured(arrays: Sequence[NamedArray], device: int, what: str, remedy: str) -> None:
    """Refuse what a graph would repeat: `what` is called while one is captured.

    Raises
    ------
    UsageError
    """
    from optviz.kernels.cuda import memory

    if memory.is_captured(handle_of(_streams([*arrays], [])[0], device)):
        raise UsageError(f"opt.{what} is called while a CUDA graph is captured, which cannot hold it", remedy)


def _streams(params: list[NamedArray], arrays: list[NamedArray]) -> list[int]:
    """The streams of some arrays, without repetition: first the one to work on, which is the parameters'."""
    ours = next((array.stream for _, array in params if array.stream is not None), 0)
    return list(dict.fromkeys([ours, *(array.stream for _, array in arrays if array.stream is not None)]))
