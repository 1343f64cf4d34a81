"""Every rule as a ``torch.optim.Optimizer``.

>>> import torch, optviz.torch
>>> model = torch.nn.Linear(3, 1)
>>> optimizer = optviz.torch.Lion(model.parameters(), lr=1e-3, weight_decay=0.1)
>>> model(torch.ones(2, 3)).sum().backward()
>>> optimizer.step()

A class for each rule is made when it is first asked for, also for those of plug-ins; `optimizer` makes one of anything
that `optviz.optimizer` takes, ``"lookahead(adamw, k=5)"``. Where torch has the rule, arguments, groups, states and
checkpoints are those of its class, under its names. Parameters in float32 and float64 on the processor are moved by
compiled kernels, all of a group in one call; those of any other dtype and device by operations of torch, which follow
the same formula.
"""

from typing import Any

from optviz.errors import MissingError, UnknownNameError, UsageError
from optviz.optimizers import REGISTRY, UpdateRule, class_name, refusal
from optviz.registry import suggestion
from optviz.wrappers import REGISTRY as WRAPPERS

try:
    import torch as _torch  # noqa: F401
except ImportError as error:
    raise MissingError("torch is not installed", "Install it: pip install torch") from error

from optviz.torch.classes import Rule, optimizer
from optviz.torch.making import class_of

__all__ = ["Rule", "optimizer"]


def _rules() -> dict[str, UpdateRule]:
    """The rules that have a class, by its name."""
    return {class_name(rule): rule for rule in REGISTRY if not refusal(rule, "arrays")}


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    rules = _rules()
    if name in rules:
        return class_of(rules[name])
    others = {class_name(rule): rule for rule in REGISTRY}
    if name in others:
        raise UsageError(*(refusal(others[name], "arrays") or ()))
    around = {one.name.replace("_", ""): one.name for one in WRAPPERS}.get(name.lower())
    if around:
        raise _Unknown(f"{around} stands around a rule", f'Write optviz.torch.optimizer("{around}(adam)", params)')
    raise _Unknown(f"optviz.torch has no class {name}", f"{suggestion(name, [*rules])}See: dir(optviz.torch)")


class _Unknown(UnknownNameError, AttributeError):
    """A class of no rule."""


def __dir__() -> list[str]:
    return sorted([*__all__, *_rules()])
