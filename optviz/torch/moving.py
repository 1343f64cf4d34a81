"""A step of torch's parameters: by compiled kernels where these can, else by torch's own operations."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import torch

from optviz.errors import UsageError
from optviz.formulas.rebinding import Engine
from optviz.formulas.stepping import Input, stepped
from optviz.formulas.words import Word
from optviz.optimizers import Setting, own_numbers
from optviz.runs.arrays.host import Asked, Moved, TypedRule, valued
from optviz.runs.arrays.libraries import torch_operations
from optviz.runs.arrays.looking import at_the_probe
from optviz.runs.arrays.moving import move
from optviz.runs.arrays.optimizer import Optimizer
from optviz.runs.scalars import in_precision, reported
from optviz.torch.checks import InferenceError, SparseError, check_tensors
from optviz.torch.forms import Form
from optviz.torch.held import KERNELS, Held, is_shared, local, real
from optviz.torch.memory import overlap
from optviz.torch.plan import Plan, States


class Stacks(Engine):
    """Operations of torch's on arrays of which the last two axes are those of a matrix."""

    def total(self, word: Word, terms: Any, x: torch.Tensor) -> Any:
        """As `Engine.total`; what a matrix's rows have in common is summed over them alone."""
        is_of_rows = isinstance(terms, torch.Tensor) and terms.shape == (*x.shape[:-1], 1)
        if word.axis == "row" or not (word.axis or is_of_rows):
            return super().total(word, terms, x)
        terms = terms.expand((*x.shape[:-1], 1) if is_of_rows else x.shape)
        if word.is_largest:
            return terms.amax(-2, keepdim=True)
        return terms.mean(-2, keepdim=True) if word.is_mean else terms.sum(-2, keepdim=True)


OPERATIONS = torch_operations(torch)
TORCH, STACKS = Engine(**OPERATIONS), Stacks(**OPERATIONS)


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


class Steps:
    """The steps of an optimizer for torch; it remembers the tensors that passed its checks."""

    def __init__(self) -> None:
        self._held: dict[torch.Tensor, Held] = {}
        self._plans: dict[int, Plan] = {}
        self._rules: dict[tuple[int, type], tuple[Setting, TypedRule]] = {}
        self._arrays: dict[int, tuple[Setting, Optimizer]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
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
            If a state is another rule's, the loss is missing, the rule cannot move such tensors, or a CUDA graph is
            captured, as torch's own classes refuse it that are not capturable.
        """
        if not groups:
            return
        if torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing():
            raise UsageError(
                "step is called while a CUDA graph is captured, which cannot hold it",
                "Each replay would make this one step again: replay the graph, and then call step.",
            )
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

    def reported(self, groups: Sequence[Group], states: States) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """The parameters that have made a step, each with the point that the rule reports, where that is another."""
        found = []
        for form, parameters in groups:
            setting = replace(form.setting, hyperparameters=_numbers(form))
            for parameter in parameters:
                if setting.formula.reported is not None and parameter in states:
                    held = Held(form, parameter, states[parameter])
                    slots = dict(zip(held.formula.slots, held.slots, strict=True))
                    point = reported(setting, real(parameter), slots)
                    found.append((local(parameter), torch.view_as_complex(point) if parameter.is_complex() else point))
        return found

    def _ones(self, group: Group, states: States) -> list[One]:
        """The parameters of a group that have a gradient, checked."""
        ones = []
        for parameter in group.parameters:
            gradient = parameter.grad
            if gradient is None:
                continue
            if gradient.layout is not torch.strided:
                raise SparseError("a gradient is sparse", "Give dense ones, or take torch.optim.SparseAdam.")
            if gradient.shape != parameter.shape:
                shapes = f"{tuple(gradient.shape)}, its parameter {tuple(parameter.shape)}"
                raise UsageError(f"a gradient has shape {shapes}", "Make it anew: the parameter has changed.")
            mine = parameter
            if is_shared(parameter) or is_shared(gradient):
                mine, gradient = local(parameter), local(_laid_as(parameter, gradient))
            for tensor in (mine, gradient):
                if tensor.numel() and tensor.device.type == "cpu" and tensor.data_ptr() == 0:
                    raise UsageError("a tensor has no memory", "Give it back what was taken away: it has been freed.")
            held, entry = self._held.get(parameter), states[parameter]
            if held is None or not held.is_of(group.form.setting, mine, entry):
                held = self._held[parameter] = Held(group.form, parameter, entry)
            if held.is_inference and not torch.is_inference_mode_enabled():
                raise InferenceError("a parameter or its state was made in inference mode", "Give a copy: x.clone().")
            ones.append(One(group.form, parameter, gradient, held))
        return ones

    def _plan(self, place: int, group: Group, states: States) -> Plan | list[One]:
        """The plan of a whole group, where there can be one; else its parameters."""
        setting, known = group.form.setting, self._plans.get(place)
        if known is not None and known.finds(setting, group.parameters, states) and known.steps >= 0:
            return known
        ones = self._ones(group, states)
        if any(not one.held.is_far(one.g) and overlap(one.g, local(one.x)) for one in ones):
            raise UsageError("a gradient overlaps its parameter in part", "Give it memory of its own: g.clone().")
        numbers = {one.held.number if one.held.suits(one.g) else None for one in ones}
        if len(numbers) != 1 or None in numbers or setting.formula.recursive:
            return ones
        if any(one.held.is_inference for one in ones):  # which may be looked for outside of that mode
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
        together: dict[tuple[Any, ...], list[One]] = {}
        for one in planned:
            held = one.held
            key = (held.number, held.steps, *held.before.items()) if held.suits(one.g) else (None,)
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
        scalars = []
        for one in ones:
            known = _known(one)
            its = one.held.formula.step_scalars(one.held.steps + 1.0, known, one.held.before)
            scalars.append(its)
            x, g, *slots = real(one.x), real(one.g), *one.held.slots
            if (
                one.held.formula.kind == "matrices" and x.dtype not in KERNELS
            ):  # nothing is decomposed in half precision
                x, g, *slots = (each.float() for each in (x, g, *slots))
            engine = STACKS if one.held.is_stack else TORCH
            inputs.append(Input.of(one.held.formula, x, g, slots, known | its, value, engine=engine))
        for one, before, after, its in zip(ones, inputs, stepped(inputs, TORCH), scalars, strict=True):
            # A rule may give one slot to another as it is, which is to be read before it is written.
            read = (before.x, *before.slots)
            values = [new.clone() if any(new is old for old in read) else new for new in after]
            for old, new in zip((real(one.x), *one.held.slots), values, strict=True):
                old.copy_(new)
            one.held.leave(its)
        _count(ones)


def _laid_as(parameter: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """The gradient of a parameter that processes share, divided among them as that is."""
    if is_shared(parameter) is not is_shared(gradient):
        raise UsageError("several processes share a parameter or its gradient alone", "Have them share both.")
    if gradient.placements == parameter.placements:
        return gradient
    return gradient.redistribute(placements=parameter.placements)


def _numbers(form: Form) -> dict[str, float]:
    """All hyperparameters."""
    return form.setting.hyperparameters | form.numbers


def _known(one: One) -> dict[str, float]:
    """The hyperparameters of what moves a parameter, which beside a rule for matrices may be another rule."""
    moving = one.form.setting.moving(one.x.ndim)
    return moving.hyperparameters | dict(own_numbers(moving, one.form.numbers))


def _count(ones: Sequence[One]) -> None:
    """A step has been made: it is counted, and autograd is told."""
    torch._foreach_add_([one.held.counter for one in ones], 1)
    torch.autograd.graph.increment_version([one.x for one in ones])
