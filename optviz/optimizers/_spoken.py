"""Rules that libraries have as switches of another rule's class: ``sgd(momentum=0.9, nesterov=True)``."""

from collections.abc import Callable
from typing import Any

from optviz.errors import UsageError, UsageTypeError, shown

Becomes = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]


def switch(rule: str, name: str, given: dict[str, Any]) -> bool:
    """Take a switch out of what is given; one that is not given is off."""
    value = given.pop(name, False)
    if value not in (True, False):
        raise UsageTypeError(f"{rule}: {name} is {shown(value)}", "It must be True or False.")
    return bool(value)


def momenta(given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """SGD of torch, Keras and optax: with momentum it is another rule, and with nesterov a third."""
    is_off = lambda value: isinstance(value, int | float) and value == 0
    looks_ahead = switch("sgd", "nesterov", given)
    if is_off(given.get("momentum", 0)):
        if looks_ahead:
            raise UsageError("sgd: nesterov is on, and momentum is not", "Give both: sgd(momentum=0.9, nesterov=True)")
        return "sgd", {name: value for name, value in given.items() if name not in ("momentum", "dampening")}
    if looks_ahead and is_off(given.get("dampening", 0)):
        return "nesterov", {name: value for name, value in given.items() if name != "dampening"}
    if looks_ahead:
        raise UsageError("sgd: nesterov stands beside dampening", "Leave one of them out: torch has no rule with both.")
    return "momentum", given


def switches(rule: str, **words: tuple[str, dict[str, Any]]) -> Becomes:
    """For each switch of a class the rule that it makes of `rule`, and what else that rule is given."""

    def becomes(given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        name = rule
        for word, (other, added) in words.items():
            if switch(rule, word, given):
                name, given = (name if other == rule else other), given | added
        return name, given

    return becomes


def decoupled(rule: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """torch's switch for the form of the decay, as `switches` takes it."""
    return {"decoupled_weight_decay": (rule, {"decay": "decoupled"})}
