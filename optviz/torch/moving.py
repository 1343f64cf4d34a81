"""A step of torch's parameters: by compiled kernels where these can, else by torch's own operations."""

from collections.abc import Callable, MutableMapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from optviz.errors import UsageError, UsageTypeError
from optviz.formulas.rebinding import Engine
from optviz.formulas.stepping import Input, stepped
from optviz.kernels.table import G, count_function, table_of
from optviz.optimizers import Setting
from optviz.runs.arrays.host import Asked, Moved, TypedRule, valued
from optviz.runs.arrays.looking import at_the_probe
from optviz.runs.arrays.moving import in_parts, move
from optviz.runs.arrays.optimizer import Optimizer
from optviz.runs.scalars import in_precision
from optviz.torch.forms import Form
from optviz.torch.held import KERNELS, Held, real

TORCH = Engine(
    "torch",
    lambda given: isinstance(given, torch.Tensor),
    (torch, torch.special),
    lambda value, like: torch.as_tensor(value, dtype=like.dtype, device=like.device),
)

States = MutableMapping[torch.Tensor, dict[str, Any]]


class SparseError(UsageError, RuntimeError):
    """A gradient is sparse."""


class Group(NamedTuple):
    """A group's form and its parameters."""

    form: Form
    parameters: Sequence[torch.Tensor]


class One(NamedTuple):
    """A parameter that makes a step: its form, itself, its gradient, and its state."""

    form: Form
    x: torch.Tensor
    g: torch.Tensor
    held: Held


class Plan:
    """Parameters at the same step that a kernel moves in one call, for as long as all tensors stay where they are.

    Recognising them takes a fraction of what checking them takes, which would be more than half of a step.

    Parameters
    ----------
    setting : Setting
    parameters : sequence of tensors
        Those of a group, with a gradient or without.
    held : sequence of Held or None
        Of those that have one, which suits.
    """

    def __init__(self, setting: Setting, parameters: Sequence[torch.Tensor], held: Sequence[Held | None]):
        self._setting, self.held = setting, [one for one in held if one is not None]
        self._pairs = [*zip(parameters, held, strict=True)]
        self._tensors = [parameter for parameter, one in self._pairs if one is not None]
        self._table = table_of([one.row() for one in self.held], len(self.held[0].slots))
        self._parts = [*in_parts(self._table)]
        self._counters = np.array([one.counter.data_ptr() for one in self.held], np.int64)
        self._count = count_function()

    def finds(self, setting: Setting, parameters: Sequence[torch.Tensor], states: States) -> bool:
        """Whether these are its tensors, each where it was; gradients may be anywhere."""
        if setting is not self._setting or len(parameters) != len(self._pairs):
            return False
        places = []
        try:
            for parameter, (known, held) in zip(parameters, self._pairs, strict=True):
                gradient = parameter.grad
                if parameter is not known or (gradient is None) is not (held is None):
                    return False
                if gradient is not None and held is not None:
                    if not held.is_still(parameter, gradient, states[parameter]):
                        return False
                    places.append(gradient.data_ptr())
        except RuntimeError:  # a sparse tensor lies nowhere
            return False
        self._table[:, G] = places
        return True

    def take(self, gradients: Sequence[torch.Tensor]) -> None:
        """Gradients that suit."""
        self._table[:, G] = [gradient.data_ptr() for gradient in gradients]

    @property
    def steps(self) -> int:
        """How many steps the parameters have made; -1 where that is not the same."""
        return self._count(self._counters, 0)

    def move(self, kernel: Callable, numbers: tuple, scalars: dict[str, Any]) -> None:
        """Make a step."""
        for part in self._parts:
            kernel(part, *numbers)
        self._count(self._counters, 1)
        _tell(self._tensors, self.held, scalars)


class Steps:
    """The steps of an optimizer for torch; it remembers the tensors that passed its checks."""

    def __init__(self) -> None:
        self._held: dict[torch.Tensor, Held] = {}
        self._plans: dict[int, Plan] = {}
        self._rules: dict[tuple[int, type], tuple[Setting, TypedRule]] = {}
        self._arrays: dict[int, tuple[Setting, Optimizer]] = {}

    def __reduce__(self) -> tuple:
        return Steps, ()

    def make(self, groups: Sequence[Group], states: States, value: Any, again: Callable[[], Any] | None) -> None:
        """Make a step.

        Parameters
        ----------
        groups : sequence of Group
        states : dict of tensor to dict
        value : float or None
            The loss.
        again : function or None
            Makes the gradients once more, where the parameters have been moved to.

        Raises
        ------
        SparseError
            If a gradient is sparse.
        UsageError, UsageTypeError
            If a state is another rule's, the loss is missing, or the rule cannot move such tensors.
        """
        setting = groups[0].form.setting
        number = valued(setting, value)
        if setting.kind == "element-wise":
            planned = [self._plan(place, group, states) for place, group in enumerate(groups)]
            for group, plan in zip(groups, planned, strict=True):
                self._each(group.form, plan, number)
            return
        for group in groups:
            check_tensors(group.form.setting, group.parameters)
        ones = [one for group in groups for one in self._ones(group, states)]
        if not ones:
            return
        if all([one.held.number for one in ones]):
            self._together(ones, number, again)
        else:
            self._by_torch(ones, number)

    def check(self, groups: Sequence[Group], states: States) -> None:
        """Refuse states that are another rule's.

        Raises
        ------
        UsageError
        """
        for form, parameters in groups:
            for parameter in parameters:
                if parameter in states:
                    self._held[parameter] = Held(form, parameter, states[parameter])

    def _ones(self, group: Group, states: States) -> list[One]:
        """The parameters of a group that have a gradient, checked."""
        ones = []
        for parameter in group.parameters:
            gradient = parameter.grad
            if gradient is None:
                continue
            if gradient.layout is not torch.strided:
                raise SparseError("a gradient is sparse", "Give dense ones, or take torch.optim.SparseAdam.")
            held, entry = self._held.get(parameter), states[parameter]
            if held is None or not held.is_of(group.form.setting, parameter, entry):
                held = self._held[parameter] = Held(group.form, parameter, entry)
            ones.append(One(group.form, parameter, gradient, held))
        return ones

    def _plan(self, place: int, group: Group, states: States) -> Plan | list[One]:
        """The plan of a whole group, where there can be one; else its parameters."""
        setting, known = group.form.setting, self._plans.get(place)
        if known is not None and known.finds(setting, group.parameters, states) and known.steps >= 0:
            return known
        ones = self._ones(group, states)
        numbers = {one.held.number if one.held.suits(one.g) else None for one in ones}
        if len(numbers) != 1 or None in numbers or setting.formula.recursive:
            return ones
        held = {id(one.x): one.held for one in ones}
        plan = Plan(setting, group.parameters, [held.get(id(parameter)) for parameter in group.parameters])
        if plan.steps < 0:
            return ones
        plan.take([one.g for one in ones])
        self._plans[place] = plan
        return plan

    def _each(self, form: Form, planned: Plan | list[One], value: float | None) -> None:
        """Move parameters that know nothing of each other, as many as possible in one call of a kernel."""
        if isinstance(planned, Plan):
            self._by_kernel(form, planned, value)
            return
        together: dict[tuple, list[One]] = {}
        for one in planned:
            held = one.held
            key = (held.number, int(held.counter), *held.before.items()) if held.suits(one.g) else (None,)
            together.setdefault(key, []).append(one)
        for one in together.pop((None,), []):
            self._by_torch([one], value)
        for members in together.values():
            plan = Plan(form.setting, [one.x for one in members], [one.held for one in members])
            plan.take([one.g for one in members])
            self._by_kernel(form, plan, value)

    def _by_kernel(self, form: Form, plan: Plan, value: float | None) -> None:
        """Make the step of a plan."""
        held, setting = plan.held[0], form.setting
        assert held.number is not None
        known, rule = self._rules.get((id(setting), held.number), (None, None))
        if rule is None or known is not setting:
            rule = TypedRule(setting, held.number)
            self._rules[id(setting), held.number] = setting, rule
        if not held.is_recursive:
            plan.move(rule.update_table, rule.at(plan.steps + 1, Asked(value, form.numbers)), {})
            return
        scalars = held.formula.step_scalars(plan.steps + 1.0, _numbers(form), held.before)
        given = [*([value] if held.formula.takes_value else []), *(scalars[name] for name in held.formula.table_names)]
        plan.move(rule.update_table, (in_precision(given, held.number), rule.constants(form.numbers)), scalars)

    def _together(self, ones: Sequence[One], value: float | None, again: Callable[[], Any] | None) -> None:
        """Move parameters that are summed together, matrices, and those whose gradient is taken elsewhere."""
        setting = ones[0].form.setting
        moving = self._moving(ones, value)
        if setting.formula.probe:
            if again is None:
                raise UsageError(
                    f"{setting.plain_name} needs gradients at a second point", "Give step a closure that makes them."
                )
            with at_the_probe(
                [(one.form.setting.moving(one.x.ndim), each) for one, each in zip(ones, moving, strict=True)]
            ):
                torch.autograd.graph.increment_version([one.x for one in ones])
                again()
            ones = [one._replace(g=one.x.grad) for one in ones if one.x.grad is not None]
            if not ones:
                return
            moving = self._moving(ones, value)
        move(moving)
        _count(ones)

    def _moving(self, ones: Sequence[One], value: float | None) -> list[Moved]:
        """Parameters, gradients and states as NumPy's arrays, which share their memory, checked."""
        groups: dict[int, list[One]] = {}
        for one in ones:
            groups.setdefault(id(one.form.setting), []).append(one)
        moved: dict[int, Moved] = {}
        for place, members in groups.items():
            setting = members[0].form.setting
            if place not in self._arrays:
                self._arrays[place] = setting, Optimizer(setting)
            arrays = [one.held.array(one.x) for one in members]
            states = [one.held.state() for one in members]
            gradients = [real(one.g).numpy() for one in members]
            asked = [Asked(value, one.form.numbers) for one in members]
            found = self._arrays[place][1].moving(arrays, gradients, states, asked[0])
            moved |= {id(one): each._replace(asked=its) for one, each, its in zip(members, found, asked, strict=True)}
        return [moved[id(one)] for one in ones]

    def _by_torch(self, ones: Sequence[One], value: float | None) -> None:
        """Move parameters by torch's own operations."""
        inputs: list[Input] = []
        scalars = [
            one.held.formula.step_scalars(float(one.held.counter) + 1, _numbers(one.form), one.held.before)
            for one in ones
        ]
        for one, its in zip(ones, scalars, strict=True):
            formula, known = one.held.formula, _numbers(one.form)
            given = [*([value] if formula.takes_value else []), *(its[name] for name in formula.table_names)]
            hyper = [known[name] for name in formula.hyperparameters]
            inputs.append(Input(formula, real(one.x), real(one.g), one.held.slots, given, hyper))
        for one, before, after, its in zip(ones, inputs, stepped(inputs, TORCH), scalars, strict=True):
            # A rule may give one slot to another as it is, which is to be read before it is written.
            kept = (before.x, *before.slots)
            values = [new.clone() if any(new is old for old in kept) else new for new in after]
            for old, new in zip(kept, values, strict=True):
                old.copy_(new)
            one.held.leave(its)
        _count(ones)


def check_tensors(setting: Setting, parameters: Sequence[torch.Tensor]) -> None:
    """Refuse parameters that rules of a kind cannot move.

    Raises
    ------
    SparseError
    UsageTypeError
    """
    for parameter in parameters:
        name = str(parameter.dtype).removeprefix("torch.")
        if parameter.layout is not torch.strided:
            raise SparseError("a parameter is sparse", "Give dense ones, or take torch.optim.SparseAdam.")
        if setting.kind == "element-wise":
            continue
        remedy = "Take an element-wise rule, which moves any: optviz.torch.AdamW."
        if parameter.is_complex():
            raise UsageTypeError(f"a parameter is {name}, and {setting.plain_name} moves real numbers", remedy)
        if setting.kind != "sums" and (parameter.dtype not in KERNELS or parameter.device.type != "cpu"):
            what = f"a parameter is {name} on {parameter.device}"
            raise UsageTypeError(f"{what}, and {setting.plain_name} moves float32 and float64 on the processor", remedy)


def _numbers(form: Form) -> dict[str, float]:
    """All hyperparameters."""
    return form.setting.hyperparameters | form.numbers


def _tell(parameters: Sequence[torch.Tensor], held: Sequence[Held], scalars: dict[str, Any]) -> None:
    """Tell autograd that parameters have been moved, and keep what the next step needs."""
    torch.autograd.graph.increment_version(parameters)
    if held[0].is_recursive:
        for one in held:
            one.leave(scalars)


def _count(ones: Sequence[One]) -> None:
    """A step has been made: it is counted, and autograd is told."""
    torch._foreach_add_([one.held.counter for one in ones], 1)
    torch.autograd.graph.increment_version([one.x for one in ones])
