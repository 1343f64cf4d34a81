"""What the classes of all rules have in common, and the class of settings with wrappers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from optviz.errors import OptvizError, UsageError
from optviz.optimizers import Setting, UpdateRule, configure
from optviz.torch.checks import check_tensors
from optviz.torch.forms import Forms
from optviz.torch.moving import Group, Steps


class Unrated(dict[str, Any]):
    """A group of a rule that has no learning rate: who asks for one is told so."""

    def __init__(self, group: dict[str, Any] | None = None, rule: str = "this rule"):
        super().__init__(group or {})
        self.rule = rule

    def __missing__(self, name: str) -> Any:
        if name != "lr":
            raise KeyError(name)
        raise UsageError(f"{self.rule} has no lr, which a scheduler changes", "Leave the scheduler out.")


class Rule(torch.optim.Optimizer):
    """What the classes of all rules have in common; they are attributes of `optviz.torch`: ``optviz.torch.AdamW``.

    Parameters
    ----------
    params : iterable
        Parameters, groups of them, or pairs of a name and a parameter.
    **hyperparameters
        Those of the rule, which schedulers may change, and ``maximize``. ``foreach`` and ``fused`` change nothing; they
        and what is refused of their kind are read when a group is added or loaded.

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
        super().add_param_group(self._rated(param_group))
        try:
            self._forms.check(self.param_groups[-1])
            for form, parameters in self._groups_of(self.param_groups[-1:]):
                check_tensors(form.setting, parameters)
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
        self.param_groups: list[dict[str, Any]] = [*map(self._rated, state["param_groups"])]
        for group in self.param_groups:
            for name, value in self.defaults.items():
                group.setdefault(name, value)

    def _rated(self, group: dict[str, Any]) -> dict[str, Any]:
        return group if "lr" in self.defaults or not isinstance(group, dict) else Unrated(group, self.rule.name)

    def _groups(self) -> list[Group]:
        return self._groups_of(self.param_groups)

    def _groups_of(self, groups: Sequence[dict[str, Any]]) -> list[Group]:
        """The parameters of groups, by what moves them."""
        return [Group(self._forms.of(group), group["params"]) for group in groups]

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
            cannot move parameters of such dtypes, or a CUDA graph is captured. Nothing has been moved then.
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

    def __reduce__(self) -> tuple[Any, ...]:
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


def variant_of(rule: UpdateRule) -> str | None:
    """The variant that a class stands for: torch's, where there is one."""
    return "torch" if "torch" in rule.variants else None
