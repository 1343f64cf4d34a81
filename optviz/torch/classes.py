"""The classes of rules: called as torch's own and given what these are given, where torch has the rule."""

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from optviz.errors import OptvizError
from optviz.optimizers import Setting, UpdateRule, class_arguments, class_name, configure
from optviz.torch.forms import HOW, Forms
from optviz.torch.moving import Group, Steps, check_tensors

OWN = re.compile(r"torch\.optim\.(\w+)")
HOME = "optviz.torch"


class Rule(torch.optim.Optimizer):
    """What the classes of all rules have in common; they are attributes of `optviz.torch`: ``optviz.torch.AdamW``.

    Parameters
    ----------
    params : iterable
        Parameters, groups of them, or pairs of a name and a parameter.
    **hyperparameters
        Those of the rule, which schedulers may change, and ``maximize``. ``foreach`` and ``fused`` change nothing.

    Raises
    ------
    UsageError
        A ValueError: a hyperparameter is out of range, or something is asked for that the rule has no form for:
        ``capturable``, ``differentiable``.
    UsageTypeError
        A TypeError: a hyperparameter has the wrong type.
    """

    rule: UpdateRule

    def __init__(self, params: Any, **hyperparameters: Any):
        self._prepare([*hyperparameters])
        super().__init__(params, hyperparameters)

    def _prepare(self, names: list[str]) -> None:
        self._forms, self._steps = Forms(self._configured, names), Steps()

    def _configured(self, numbers: dict[str, Any]) -> Setting:
        """The setting of a group with these numbers."""
        return configure(self.rule, variant=variant_of(self.rule), **numbers)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """As torch's; a group that the rule has no form for is refused."""
        super().add_param_group(param_group)
        try:
            self._forms.check(self.param_groups[-1])
            check_tensors(self._forms.of(self.param_groups[-1]).setting, self.param_groups[-1]["params"])
        except OptvizError:
            del self.param_groups[-1]
            raise

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """As torch's, also of a state of torch's own class; what is another rule's is refused and nothing is loaded."""
        before = self.state, self.param_groups
        super().load_state_dict(state_dict)
        try:
            for group in self.param_groups:
                self._forms.check(group)
            self._steps.check(self._groups(), self.state)
        except Exception:
            self.__setstate__({"state": before[0], "param_groups": before[1]})
            raise

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_forms" not in self.__dict__:  # copied, or from a file
            self._prepare([*self.defaults])
        for group in self.param_groups:
            for name, value in self.defaults.items():
                group.setdefault(name, value)

    def _groups(self) -> list[Group]:
        return [Group(self._forms.of(group), group["params"]) for group in self.param_groups]

    @torch.compiler.disable
    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None, *, value: Any = None) -> Any:
        """Make a step.

        Parameters
        ----------
        closure : function, optional
            It makes the gradients and gives the loss. Rules that take a second gradient, as SAM, need it and call it
            twice.
        value : float, optional
            The loss at the parameters, for rules that ask for it, where no closure gives it.

        Returns
        -------
        What `closure` gave.

        Raises
        ------
        SparseError
            A RuntimeError: a gradient is sparse.
        UsageError, UsageTypeError
            A loss or a closure is missing, a state is another rule's, a group's numbers cannot be used, or the rule
            cannot move parameters of such dtypes. Nothing has been moved then.
        """
        loss = None if closure is None else self._closed(closure)
        self._steps.make(
            self._groups(),
            self.state,
            value if loss is None or value is not None else loss,
            None if closure is None else lambda: self._closed(closure, anew=True),
        )
        return loss

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Have the parameters where the rule reports to be, to evaluate or save the model there.

        Averages (`ema`, `swa`), Schedule-Free rules and Lookahead report another point than the one that moves; of any
        other rule the parameters stay as they are. Behind the context they are as they were.

        Examples
        --------
        >>> import torch, optviz.torch
        >>> x = torch.nn.Parameter(torch.tensor([4.0]))
        >>> opt = optviz.torch.optimizer("ema(sgd, decay=0.5)", [x], lr=0.25)
        >>> x.square().sum().backward()
        >>> opt.step()
        >>> with opt.reported():
        ...     average = x.item()
        >>> average, x.item()
        (3.0, 2.0)
        """
        before = []
        with torch.no_grad():
            for parameter, point in self._steps.reported(self._groups(), self.state):
                before.append((parameter, parameter.detach().clone()))
                parameter.copy_(point)
        try:
            yield
        finally:
            with torch.no_grad():
                for parameter, point in before:
                    parameter.copy_(point)

    def _closed(self, closure: Callable[[], Any], anew: bool = False) -> Any:
        """What a closure gives; `anew` where it has been called in this step."""
        if anew:
            self.zero_grad()
        with torch.enable_grad():
            return closure()


class Configured(Rule):
    """An optimizer of a setting, which may have wrappers; its groups hold the hyperparameters under our names."""

    def __init__(self, params: Any, setting: Setting):
        self.setting = setting
        self.rule = setting.rule
        super().__init__(params, **setting.hyperparameters)

    def _configured(self, numbers: dict[str, Any]) -> Setting:
        return self.setting.replace(**numbers)

    def __reduce__(self) -> tuple:
        return _rebuilt, (self.setting.text,), self.__getstate__()


def _rebuilt(text: str) -> Configured:
    made = Configured.__new__(Configured)
    made.setting = configure(text)
    made.rule = made.setting.rule
    return made


def optimizer(text: str | UpdateRule | Setting, params: Any, **hyperparameters: Any) -> Rule:
    """An optimizer for torch of anything that `optviz.optimizer` takes.

    Parameters
    ----------
    text : str, UpdateRule or Setting
        ``"adam"``, ``"adam(variant=keras)"``, ``"lookahead(adamw, k=5)"``; without schedules, which are torch's.
    params : iterable
        Parameters, or groups of them, as torch's classes take them.
    **hyperparameters
        By any name that they have.

    Returns
    -------
    Rule

    Raises
    ------
    UsageError, UsageTypeError
        As `optviz.optimizers.configure`; or the rule cannot move arrays.

    Examples
    --------
    >>> import torch, optviz.torch
    >>> weights = torch.nn.Parameter(torch.tensor([3.0, -2.0]))
    >>> opt = optviz.torch.optimizer("lookahead(sgd, k=2)", [weights], lr=0.25)
    >>> weights.square().sum().backward()
    >>> opt.step()
    >>> weights.tolist()
    [1.5, -1.0]
    """
    setting = configure(text, **hyperparameters)
    return Configured(params, setting)


def class_of(rule: UpdateRule) -> type[Rule]:
    """The class of a rule; the same one for the same rule."""
    if rule.name not in _made or _made[rule.name].rule is not rule:
        _made[rule.name] = _class_of(rule)
    return _made[rule.name]


_made: dict[str, type[Rule]] = {}


def _class_of(rule: UpdateRule) -> type[Rule]:
    arguments = arguments_of(rule)
    signature = signature_of(arguments)

    def __init__(self: Rule, *given: Any, **named: Any) -> None:
        bound = signature.bind(self, *given, **named)
        bound.apply_defaults()
        _, params, *_ = bound.arguments.values()
        Rule.__init__(self, params, **{name: bound.arguments[name] for name in arguments})

    __init__.__signature__ = signature  # type: ignore[attr-defined]
    text = f"{rule.title}. {rule.reference}\n\n{rule.text}\n\nSee `optviz.torch.Rule`, and ``optviz show {rule.name}``."
    name = class_name(rule)
    facts = {"rule": rule, "__init__": __init__, "__doc__": text, "__module__": HOME, "__qualname__": name}
    return type(name, (Rule,), facts)


def variant_of(rule: UpdateRule) -> str | None:
    """The variant that a class stands for: torch's, where there is one."""
    return "torch" if "torch" in rule.variants else None


def arguments_of(rule: UpdateRule) -> dict[str, Any]:
    """What a rule's class takes behind the parameters, with its defaults.

    They are those of torch's class if a setting can be made of them, else the rule's own, and what tells how to
    compute.
    """
    theirs = _torch_class(rule)
    if theirs is not None:
        given = [*inspect.signature(theirs.__init__).parameters.values()][2:]
        arguments = {one.name: one.default for one in given}
        try:
            configure(rule, variant=variant_of(rule), **{n: value for n, value in arguments.items() if n not in HOW})
            return arguments
        except OptvizError:
            pass
    how = {name: allowed[0] for name, allowed in HOW.items()}
    return class_arguments(rule, "torch" if "torch" in rule.defaults else "") | {"maximize": False} | how


def _torch_class(rule: UpdateRule) -> Any:
    """torch's class of a rule, if it has one of its own."""
    own = OWN.fullmatch(rule.oracles.get("torch", ""))
    name = own[1] if own else class_name(rule) if variant_of(rule) else ""
    return getattr(torch.optim, name, None)


def signature_of(arguments: dict[str, Any]) -> inspect.Signature:
    """The signature of a class with these arguments."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    given = [inspect.Parameter("self", kind), inspect.Parameter("params", kind)]
    return inspect.Signature([*given, *(inspect.Parameter(n, kind, default=value) for n, value in arguments.items())])
