"""From parts to one formula and one set of numbers, checked."""

from collections.abc import Mapping
from typing import Any

from optviz import schedules
from optviz.errors import UsageError
from optviz.formulas.calls import Call, Duration
from optviz.formulas.formula import ITERATE, Formula
from optviz.optimizers._compose import own_names, scheduled, wrapped
from optviz.optimizers._numbers import DEFAULT_TABLES, checked, default_table, natural_variant
from optviz.optimizers._parts import EXTRA, Parts, schedule_numbers
from optviz.optimizers._reach import check_runs
from optviz.optimizers._rule import UpdateRule
from optviz.registry import suggestion
from optviz.schedules import Schedule
from optviz.wrappers import DECAYS, MAXIMIZE, Wrapper

SHARE = "lr_share"  # the step scalar by which a schedule scales a decay that the learning rate does not


def assembled(parts: Parts) -> dict[str, Any]:
    """The attributes of a setting: numbers checked, the formula chosen, and everything put around it."""
    rule = parts.rule
    defaults = parts.defaults
    if defaults is None:
        defaults = parts.variant if parts.variant in rule.defaults else default_table(parts.variant)
    if defaults not in DEFAULT_TABLES and defaults not in rule.defaults:
        hint = suggestion(defaults, list(DEFAULT_TABLES))
        raise UsageError(f"unknown defaults '{defaults}'", f"{hint}Choose from: {', '.join(DEFAULT_TABLES)}")
    variant = natural_variant(rule, defaults) if parts.variant is None else parts.variant
    if variant not in rule.variants:
        hint = suggestion(variant, list(rule.variants))
        raise UsageError(f"{rule.name} has no variant '{variant}'", f"{hint}It has: {', '.join(rule.variants)}")

    usual = {name: rule.default(name, defaults) for name in rule.hyperparameters}
    if rule.kind == "solver":  # whose forms have little in common; elsewhere such a number is worth a refusal
        usual |= dict.fromkeys(_foreign(rule, variant), 0.0)
    given = {name: parts.numbers.get(name, usual.get(name, 0.0)) for name in (*rule.hyperparameters, *EXTRA)}
    values, bent = _numbers(rule.name, given, usual, rule.ranges, rule.whole)
    formula = _smallest(rule, variant, values, bent)
    decays = bool(values["weight_decay"]) or "weight_decay" in bent
    if "weight_decay" not in rule.hyperparameters and not decays:
        del values["weight_decay"]

    decay = ""
    is_own = "weight_decay" in (*formula.hyperparameters, *formula.scalar_arguments)
    if is_own and parts.decay:
        raise UsageError(f"{rule.name} has a form of weight decay of its own", "Leave decay out.")
    if parts.wrappers or (decays and not is_own):
        check_runs(rule, "around")
    if parts.maximize:
        check_runs(rule, "uphill")
    if bent:
        check_runs(rule, "schedules")
    formula = _bent(formula, bent)
    if decays and not is_own:
        decay = parts.decay or rule.decay_of(variant)
        formula = _decayed(rule, formula, decay, bent)
    layers = []
    for wrapper, numbers in parts.wrappers:
        known = (*values, *formula.slots, *(formula.matrices.slots if formula.matrices else ()))
        names = {own: own_names(formula, wrapper, known).get(own, own) for own in wrapper.defaults}
        layers.append((wrapper, names))
        own, own_bent = _numbers(
            wrapper.name, wrapper.defaults | numbers, wrapper.defaults, wrapper.ranges, wrapper.whole
        )
        values |= {names[key]: value for key, value in own.items()}
        bent |= {names[key]: schedule for key, schedule in own_bent.items()}
        formula = _inside(rule, formula, wrapper, known)
    if parts.maximize and formula.kind != "solver":  # whose evaluations are turned around
        formula = wrapped(formula, MAXIMIZE)
    formula = _bent(formula, bent)
    for name in bent:
        if name in formula.report_arguments:
            raise UsageError(f"{rule.name}: {name} says which point is reported", "Give it one number, no schedule.")
        if name not in (*formula.scalar_names, *formula.scalar_arguments):
            raise UsageError(f"{rule.name}: {name} is only what the state begins with", "Give it a number.")
        values |= schedule_numbers(name, bent[name])
    return {
        "rule": rule,
        "variant": variant,
        "defaults": defaults,
        "formula": formula,
        "hyperparameters": values,
        "schedules": bent,
        "decay": decay,
        "maximize": parts.maximize,
        "wrappers": tuple(layers),
        "usual": {name: float(value) for name, value in usual.items()},
        "fixed": _fixed(parts),
    }


def _is_schedule(value: Any) -> bool:
    """Whether a value is a schedule as it is written: a call, or a text of one."""
    return isinstance(value, Call) or (isinstance(value, str) and ("(" in value or value in schedules.REGISTRY))


def _fixed(parts: Parts) -> tuple[str, ...]:
    """The hyperparameters of the rule that are given, but for schedules that say no value."""
    schedule = lambda value: schedules.configure(value) if _is_schedule(value) else value
    given = {name: schedule(value) for name, value in parts.numbers.items() if name not in parts.kept}
    return tuple(name for name, value in given.items() if getattr(value, "value", 0) is not None)


def _numbers(
    owner: str, given: Mapping[str, Any], usual: Mapping[str, float], ranges: Mapping[str, tuple], whole=()
) -> tuple[dict[str, float], dict[str, Schedule]]:
    """Checked numbers, and schedules of those that have one."""
    values, bent = {}, {}
    for name, value in given.items():
        if _is_schedule(value) or isinstance(value, Schedule) or (callable(value) and not hasattr(value, "shape")):
            bent[name] = schedules.configure(value).valued(usual.get(name, 0.0))
            value = bent[name].value
            if bent[name].shape.base is not None:  # a function of t, which gives the numbers themselves
                values[name] = bent[name].shape.base or 1.0
                continue
        if isinstance(value, Duration):
            raise UsageError(f"{owner}: {name} is {value.text}", "It must be a number without a unit.")
        values[name] = checked(owner, name, value, ranges, whole)
    return values, bent


def _smallest(rule: UpdateRule, variant: str, values: Mapping[str, float], bent: Mapping[str, Any]) -> Formula:
    """The smallest formula of a variant that has every hyperparameter that is on."""
    begins = {value for value in rule.initial.values() if isinstance(value, str) and value != ITERATE}
    absent: set[str] = set()
    for formula in rule.variants[variant]:
        # A hyperparameter that only sets a slot's starting value is not part of any formula.
        absent = set(values) - {*EXTRA, *formula.hyperparameters, *formula.scalar_arguments} - begins
        absent -= {*formula.report_arguments, *formula.beside}
        if not any(values[name] or name in bent for name in absent):
            return formula
    on = [name for name in absent if values[name]]
    raise UsageError(
        f"the {variant} variant of {rule.name} has no {' or '.join(sorted(on))}",
        f"Set it to 0 or choose another variant: optviz show {rule.name}",
    )


def _foreign(rule: UpdateRule, variant: str) -> set[str]:
    """The hyperparameters that only other variants have: off, unless somebody gives them."""
    begins = {value for value in rule.initial.values() if isinstance(value, str)}
    own: set[str] = set()
    for formula in rule.variants[variant]:
        own |= {*formula.hyperparameters, *formula.scalar_arguments, *formula.report_arguments, *formula.beside}
    return {*rule.hyperparameters} - own - begins - {*EXTRA}


def _bent(formula: Formula, bent: Mapping[str, Schedule]) -> Formula:
    """A formula whose scheduled hyperparameters are step scalars."""
    names = tuple(sorted(name for name in (*bent, SHARE) if name in formula.hyperparameters))
    return scheduled(formula, names) if names else formula


def _decayed(rule: UpdateRule, formula: Formula, decay: str, bent: Mapping[str, Schedule]) -> Formula:
    """A formula with weight decay in some form."""
    wrapper = DECAYS[decay]
    if decay == "scheduled" and "lr" not in bent:
        wrapper = DECAYS["fixed"]
    if "lr" in wrapper.shared and "lr" not in rule.hyperparameters:
        raise UsageError(f"{rule.name} has no lr to scale a {decay} weight decay with", "Give decay=l2 or decay=fixed.")
    return wrapped(formula, wrapper)


def _inside(rule: UpdateRule, formula: Formula, wrapper: Wrapper, known: tuple[str, ...]) -> Formula:
    """A formula inside a wrapper."""
    there = {*formula.hyperparameters, *formula.scalar_names, *rule.hyperparameters}
    for name in wrapper.shared:
        if name not in there:
            raise UsageError(
                f"{wrapper.name} needs a rule with {name}, which {rule.name} has not", "Choose another rule."
            )
    return wrapped(formula, wrapper, known)
