"""The classes of rules: called as torch's own and given what these are given, where torch has the rule."""

import inspect
import re
from typing import Any

import torch

from optviz.errors import OptvizError
from optviz.optimizers import REGISTRY, UpdateRule, class_arguments, class_name, configure
from optviz.torch.classes import Rule, variant_of
from optviz.torch.forms import HOW
from optviz.torch.own import CLASSES

OWN = re.compile(r"torch\.optim\.(\w+)")
HOME = "optviz.torch"


def class_of(rule: UpdateRule) -> type[Rule]:
    """The class of a rule; the same one for the same rule."""
    if rule.name not in _made or _made[rule.name][0] is not rule:
        _made[rule.name] = rule, _class_of(rule)
    return _made[rule.name][1]


_made: dict[str, tuple[UpdateRule, type[Rule]]] = {}


def _class_of(rule: UpdateRule) -> type[Rule]:
    base: type[Rule] = Rule
    if rule.name in CLASSES and REGISTRY[rule.name].module == CLASSES[rule.name][1].module:  # no plug-in of that name
        base, rule = CLASSES[rule.name]
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
    return type(name, (base,), facts)


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
