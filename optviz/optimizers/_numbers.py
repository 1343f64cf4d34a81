"""Hyperparameters: their names in other libraries, and what each may be."""

import math
import numbers
from collections.abc import Mapping, Sequence
from typing import Any

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.optimizers._rule import UpdateRule
from optviz.registry import suggestion
from optviz.results.numeric import number_in_range, plain

DEFAULT_TABLES = ("torch", "keras", "paper", "optax")

# The common vocabulary: what each hyperparameter may be, as (low, high, low allowed, high allowed), or bool for a
# switch. A rule may narrow or add to it with its own `ranges`; anything else must be a finite number.
INF = math.inf
RANGES: dict[str, Any] = {
    "lr": (0, INF, True, False),  # 0 at the ends of a schedule
    "momentum": (0, 1, True, False),
    "dampening": (0, 1, True, True),
    "beta1": (0, 1, True, False),
    "beta2": (0, 1, True, False),
    "beta3": (0, 1, True, False),
    "rho": (0, 1, True, False),
    "eps": (0, INF, True, False),
    "weight_decay": (0, INF, True, False),
    "lr_decay": (0, INF, True, False),
    "initial_accumulator_value": (0, INF, True, False),
    "centered": bool,
}

# What other libraries call the same thing.
ALIASES = {"learning_rate": "lr", "epsilon": "eps", "beta_1": "beta1", "beta_2": "beta2"}
BETAS = tuple(f"beta{number}" for number in range(1, 10))
EXAMPLES = (0.9, 0.999, 0.9999)
MEANINGLESS = ("foreach", "fused", "capturable", "differentiable")  # torch's words on how it computes


def canonical(
    name: str, known: Sequence[str], spoken: Mapping[str, str | tuple], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Our names for the caller's hyperparameters; refuses unknown names and one thing given twice.

    Parameters
    ----------
    name : str
        Whose they are.
    known : sequence of str
        Ours.
    spoken : dict
        Other names for ours; a tuple of ours for one that brings several: ``betas``.
    given : dict
    """
    aliases = ALIASES | {"betas": tuple(own for own in known if own in BETAS)} | dict(spoken)
    values: dict[str, Any] = {}
    for key, value in given.items():
        ours = key if key in known else aliases.get(key, key)
        pairs = {ours: value}
        if isinstance(ours, tuple) and ours:
            if not isinstance(value, tuple | list) or len(value) != len(ours):
                example = {2: "two numbers", 3: "three numbers"}.get(len(ours), f"{len(ours)} numbers")
                raise UsageTypeError(
                    f"{name}: {key} is {shown(value)}", f"Give {example}: {key}={EXAMPLES[: len(ours)]}"
                )
            pairs = dict(zip(ours, value, strict=True))
        for own, number in pairs.items():
            if own in MEANINGLESS and own not in known:
                raise UsageError(
                    f"{name}: {own} has no meaning here", "Leave it out: it tells torch how to compute, not what."
                )
            if own not in known:
                hint = suggestion(key, [*known])
                raise UsageError(f"{name} has no hyperparameter '{key}'", f"{hint}It has: {', '.join(known) or 'none'}")
            if own in values:
                raise UsageError(f"{name}: {own} is given twice", "Give it once.")
            values[own] = number
    return values


def checked(owner: str, name: str, value: Any, ranges: Mapping[str, tuple], whole: Sequence[str] = ()) -> float:
    """`value` as a float if it is of the right type, in its own or the common range, and whole where it must be."""
    allowed: Any = ranges.get(name, RANGES.get(name, (-INF, INF, False, False)))
    given, value = value, plain(value)
    if allowed is bool:
        if not isinstance(value, numbers.Real) or value not in (0, 1):
            raise UsageTypeError(f"{owner}: {name} is {shown(given)}", "It must be True or False.")
        return float(value)
    return number_in_range(f"{owner}: {name} is {shown(given)}", value, allowed, whole=name in whole)


def default_table(variant: str | None, usual: str = "torch") -> str:
    """Whose default hyperparameters belong to a variant of which nothing else is said."""
    return variant if variant in DEFAULT_TABLES else usual


def natural_variant(rule: UpdateRule, defaults: str) -> str:
    """The variant that belongs to a default table: that of its name, else the rule's first."""
    return defaults if defaults in rule.variants else next(iter(rule.variants))
