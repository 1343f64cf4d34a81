"""From a name and a few numbers to one validated setting of an update rule."""

import math
import numbers
from dataclasses import dataclass
from typing import Any

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.optimizers._rule import ITERATE, REGISTRY, Formula, Initial, UpdateRule
from optviz.registry import suggestion
from optviz.results.numeric import plain

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
    "rho": (0, 1, True, False),
    "eps": (0, INF, True, False),
    "weight_decay": (0, INF, True, False),
    "lr_decay": (0, INF, True, False),
    "initial_accumulator_value": (0, INF, True, False),
    "centered": bool,
}

# What other libraries call the same thing.
ALIASES = {"learning_rate": "lr", "epsilon": "eps", "beta_1": "beta1", "beta_2": "beta2"}


@dataclass(frozen=True)
class Setting:
    """An update rule with its variant chosen and every hyperparameter given.

    Attributes
    ----------
    rule : UpdateRule
    variant : str
        Which of the rule's formulas; ``""`` never occurs.
    defaults : str
        The default table that filled the hyperparameters not given.
    formula : Formula
        The smallest formula of the variant that has every hyperparameter that is on.
    hyperparameters : dict of str to float
        All of the rule's hyperparameters; switches are 0.0 or 1.0.
    """

    rule: UpdateRule
    variant: str
    defaults: str
    formula: Formula
    hyperparameters: dict[str, float]

    def replace(self, **hyperparameters: Any) -> "Setting":
        """A setting with other values for some hyperparameters."""
        return configure(self, **hyperparameters)

    def initial(self, slot: str) -> Initial:
        """The starting value of a state slot; "x" for the iterate."""
        value = dict(self.formula.initial).get(slot, 0.0)
        return self.hyperparameters[value] if isinstance(value, str) and value != ITERATE else value


def configure(
    optimizer: "str | UpdateRule | Setting",
    *,
    defaults: str | None = None,
    variant: str | None = None,
    **hyperparameters: Any,
) -> Setting:
    """Choose an optimizer's formula and numbers.

    Parameters
    ----------
    optimizer : str, UpdateRule or Setting
        A registered name, a rule, or a setting to change; a setting keeps what is not given, its `defaults` included.
    defaults : {"torch", "keras", "paper", "optax"}, optional
        Whose default hyperparameters fill what is not given: by default those of `variant`, else torch's. Where that
        table has no value, the next of ``paper``, ``torch``, ``keras`` that has one is taken.
    variant : str, optional
        Whose formula. By default the one that belongs to `defaults` if the rule has it, else the rule's first.
    **hyperparameters
        Values by our names or by those of torch and Keras (``learning_rate``, ``betas``, ``alpha``, ...).

    Returns
    -------
    Setting

    Raises
    ------
    UnknownNameError
        If the optimizer is not registered.
    UsageError
        If a default table, variant or hyperparameter is unknown, or a value is out of range.
    UsageTypeError
        If a value has the wrong type.
    """
    if isinstance(optimizer, Setting):
        old = optimizer
        changed = old.hyperparameters | _canonical(old.rule, hyperparameters)
        return configure(old.rule, defaults=old.defaults, variant=variant or old.variant, **changed)
    rule = optimizer if isinstance(optimizer, UpdateRule) else REGISTRY[optimizer]
    if defaults is None:
        defaults = variant if variant in rule.defaults else default_table(variant)
    if defaults not in DEFAULT_TABLES and defaults not in rule.defaults:
        hint = suggestion(defaults, list(DEFAULT_TABLES))
        raise UsageError(f"unknown defaults '{defaults}'", f"{hint}Choose from: {', '.join(DEFAULT_TABLES)}")
    if variant is None:
        variant = defaults if defaults in rule.variants else next(iter(rule.variants))
    if variant not in rule.variants:
        hint = suggestion(variant, list(rule.variants))
        raise UsageError(f"{rule.name} has no variant '{variant}'", f"{hint}It has: {', '.join(rule.variants)}")

    given = _canonical(rule, hyperparameters)
    values = {}
    for name in rule.hyperparameters:
        tables = (rule.defaults.get(table, {}) for table in (defaults, "paper", "torch", "keras", *rule.defaults))
        default = next(table[name] for table in tables if name in table)
        values[name] = _checked(rule, name, given.get(name, default))

    for formula in rule.variants[variant]:
        # A hyperparameter that only sets a slot's starting value is not part of any formula.
        absent = set(values) - set(formula.hyperparameters) - set(formula.scalar_arguments) - _initial_names(rule)
        if not any(values[name] for name in absent):
            return Setting(rule, variant, defaults, formula, values)
    on = [name for name in absent if values[name]]
    raise UsageError(
        f"the {variant} variant of {rule.name} has no {' or '.join(sorted(on))}",
        f"Set it to 0 or choose another variant: optviz show {rule.name}",
    )


def default_table(variant: str | None, usual: str = "torch") -> str:
    """Whose default hyperparameters belong to a variant of which nothing else is said."""
    return variant if variant in DEFAULT_TABLES else usual


def _canonical(rule: UpdateRule, given: dict[str, Any]) -> dict[str, Any]:
    """Our names for the caller's hyperparameters; refuses unknown names and one thing given twice."""
    known = rule.hyperparameters
    aliases = ALIASES | rule.aliases
    values: dict[str, Any] = {}
    for name, value in given.items():
        pairs = {name: value}
        if name == "betas" and "beta1" in known and "beta2" in known:
            if not isinstance(value, tuple | list) or len(value) != 2:
                raise UsageTypeError(f"{rule.name}: betas is {shown(value)}", "Give two numbers: betas=(0.9, 0.999)")
            pairs = dict(zip(("beta1", "beta2"), value, strict=True))
        for key, number in pairs.items():
            ours = key if key in known else aliases.get(key, key)
            if ours not in known:
                hint = suggestion(key, [*known])
                raise UsageError(
                    f"{rule.name} has no hyperparameter '{key}'", f"{hint}It has: {', '.join(known) or 'none'}"
                )
            if ours in values:
                raise UsageError(f"{rule.name}: {ours} is given twice", "Give it once.")
            values[ours] = number
    return values


def _checked(rule: UpdateRule, name: str, value: Any) -> float:
    """`value` as a float if it is of the right type and in range."""
    allowed = rule.ranges.get(name, RANGES.get(name, (-INF, INF, False, False)))
    given, value = value, plain(value)
    boolean = type(value).__name__ in ("bool", "bool_")  # Python's and NumPy's; NumPy itself stays out of this floor
    if allowed is bool:
        if not boolean and (not isinstance(value, numbers.Real) or value not in (0, 1)):
            raise UsageTypeError(f"{rule.name}: {name} is {shown(given)}", "It must be True or False.")
        return float(value)
    if boolean or not isinstance(value, numbers.Real):
        raise UsageTypeError(f"{rule.name}: {name} is {shown(given)}", "It must be a number.")
    try:
        number = float(value)
    except OverflowError:  # an integer beyond the largest float; no range holds infinity
        number = INF
    low, high, low_allowed, high_allowed = allowed
    inside = (low <= number if low_allowed else low < number) and (number <= high if high_allowed else number < high)
    if not inside:  # NaN compares false with everything and ends here too
        interval = f"{'[' if low_allowed else '('}{low}, {high}{']' if high_allowed else ')'}"
        raise UsageError(f"{rule.name}: {name} is {shown(given)}", f"It must be a number in {interval}.")
    return number


def _initial_names(rule: UpdateRule) -> set[str]:
    return {value for value in rule.initial.values() if isinstance(value, str) and value != ITERATE}
