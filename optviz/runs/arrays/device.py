"""Steps of arrays on a CUDA device, in a few launches."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from optviz.optimizers import Setting
from optviz.runs.arrays.device_arrays import all_described, check_apart, check_writable, spans
from optviz.runs.arrays.device_bound import copy_into, handle_of
from optviz.runs.arrays.device_checked import CheckedArrays, check_not_captured, settings_of
from optviz.runs.arrays.device_rules import (
    LibraryRule,
    Part,
    Rule,
    check_sums,
    library_that_moves,
    move_by_library,
    needs_library,
    rule_of,
)
from optviz.runs.arrays.host import Asked
from optviz.runs.arrays.libraries import begins_as_parameter, begun


class DeviceSteps:
    """An optimizer's steps on device arrays."""

    def __init__(self) -> None:
        self._rules: dict[tuple[int, np.dtype, bool], tuple[Setting, Rule | LibraryRule]] = {}
        self._checked: CheckedArrays | None = None

    def init(self, settings: Sequence[Setting], named: list[tuple[str, Any]]) -> list[dict[str, Any]]:
        """The states of parameters, given with their names; see `optviz.runs.arrays.optimizer.Optimizer.init`."""
        arrays, device = all_described(named)
        settings = settings_of(settings, arrays)
        for name, array in arrays:
            check_writable(array, name)
        check_apart(spans(arrays, True))
        for setting, (name, given) in zip(settings, named, strict=True):
            if needs_library(setting):
                library_that_moves(setting, [(name, given)], None)
        states: list[dict[str, Any]] = [{"t": 0} for _ in arrays]
        counts = [len(setting.formula.slots) for setting in settings]
        if not any(counts):
            return states
        from optviz.kernels.cuda import backend, memory

        device = device or 0  # arrays without elements need not tell theirs
        size = sum(count * array.nbytes for count, (_, array) in zip(counts, arrays, strict=True))
        with memory.on(device):
            check_not_captured(arrays, device, "init", "The state would begin anew each time: make it before.")
            backend.check_fits("the optimizer's state", size, "Choose a rule with fewer state slots, or fewer arrays.")
            for setting, state, (_, array), (_, numbers) in zip(settings, states, named, arrays, strict=True):
                for slot in setting.formula.slots:
                    state[slot] = begun(setting, slot, array, numbers)
                    if begins_as_parameter(setting, slot):
                        ((_, target),), _ = all_described([("state", state[slot])])
                        copy_into(target, numbers, handle_of(numbers.stream or 0, device))
        return states

    def step(
        self, settings: Sequence[Setting], names: list[str], arrays: list, gradients: list, states: list, asked: Asked
    ) -> None:
        """Make the next step; see `optviz.runs.arrays.optimizer.Optimizer.step`.

        `settings` are those of the arrays' groups, of which each has what moves arrays of its number of axes.
        """
        checked = self._checked  # another thread may step other arrays
        if checked is None or not checked.holds(settings, arrays, states):
            checked = self._checked = CheckedArrays(settings, names, arrays, states)
        with checked.on_device():
            checked.check_not_captured()
            if not checked.knows(gradients):
                checked.remember(names, gradients)
            groups: dict[tuple[int, np.dtype, int], list[int]] = {}
            for k, (gradient, state) in enumerate(zip(gradients, states, strict=True)):
                if gradient is not None:
                    groups.setdefault((id(checked.settings[k]), checked.dtypes[k], state["t"]), []).append(k)
            parts = [self._part(checked, members, t, asked) for (_, _, t), members in groups.items()]
            kernels = [part for part in parts if isinstance(part.rule, Rule)]
            check_sums(kernels)
            with checked.stream(gradients) as (handle, stream):
                launches = checked.launches(kernels, handle, stream)
                buffers = checked.summed(kernels, launches, stream)
                for part, launch in zip(kernels, launches, strict=True):
                    launch.move(part.numbers, buffers.get(checked.dtypes[part.members[0]]), stream)
                    _count(part, states)
                others = [part for part in parts if isinstance(part.rule, LibraryRule)]
                if others:
                    assert checked.library is not None
                    members = [(part.numbers, k) for part in others for k in part.members]
                    given = [(checked.settings[k], arrays[k], gradients[k], states[k], its) for its, k in members]
                    move_by_library(checked.library, given, asked.value)
                    for part in others:
                        _count(part, states)

    def _part(self, checked: CheckedArrays, members: list[int], t: int, asked: Asked) -> Part:
        """Arrays with what moves them at step `t` + 1."""
        setting, dtype = checked.settings[members[0]], checked.dtypes[members[0]]
        key = id(setting), dtype, checked.library is not None
        if key not in self._rules:
            self._rules[key] = setting, rule_of(setting, dtype.type, checked.library is not None)
        rule = self._rules[key][1]
        return Part(rule, members, rule.at(t + 1, asked), t)


def _count(part: Part, states: list) -> None:
    for k in part.members:
        states[k]["t"] = part.t + 1
