"""What somebody asks for when they name an optimizer: texts, objects and numbers, read into `Parts`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from optviz import schedules, wrappers
from optviz.errors import UsageError, UsageTypeError, shown
from optviz.formulas.calls import Call, parse
from optviz.optimizers._contenders import rule_named
from optviz.optimizers._numbers import canonical
from optviz.optimizers._rule import REGISTRY, UpdateRule
from optviz.registry import suggestion
from optviz.results.numeric import plain
from optviz.schedules import Schedule
from optviz.wrappers import DECAYS, Wrapper

WORDS = ("decay", "maximize")  # what every rule can be given beside hyperparameters
EXTRA = ("weight_decay",)  # the hyperparameter that every rule has


class Configured:
    """What has been configured before; every `optviz.optimizers.Setting` is such."""


@dataclass
class Parts:
    """What a setting is made of; of its `numbers` those were given by somebody that `kept` does not name."""

    rule: UpdateRule
    variant: str | None
    defaults: str | None
    numbers: dict[str, Any]
    decay: str = ""
    maximize: bool = False
    wrappers: tuple[tuple[Wrapper, dict[str, Any]], ...] = ()
    kept: frozenset[str] = frozenset()


def parts_of(optimizer: Any, defaults: str | None, variant: str | None, given: Mapping[str, Any]) -> Parts:
    """What somebody asks for."""
    if isinstance(optimizer, Configured):
        return changed(optimizer, variant, given)
    if isinstance(optimizer, str):
        called = parse(optimizer, "optimizer") if optimizer.strip() else optimizer
        optimizer = called if isinstance(called, Call) else optimizer
    if not isinstance(optimizer, Call):
        rule = optimizer if isinstance(optimizer, UpdateRule) else rule_named(optimizer)
        return _of_rule(rule, defaults, variant, given)
    own: dict[str, Any] = dict(optimizer.named)
    around = bool(optimizer.positional) and isinstance(optimizer.positional[0], Call | Configured | UpdateRule)
    if around and optimizer.name not in REGISTRY:
        return _around(wrappers.REGISTRY[optimizer.name], optimizer, defaults, variant, given)
    if optimizer.name in wrappers.REGISTRY and (optimizer.positional or optimizer.name not in REGISTRY):
        return _around(wrappers.REGISTRY[optimizer.name], optimizer, defaults, variant, given)
    rule = rule_named(optimizer.name)
    if around:
        raise UsageError(
            f"{optimizer.text} puts {rule.name} around a rule, and it is a rule itself",
            "Put a wrapper around: optviz list wrappers",
        )
    if optimizer.positional:
        raise UsageError(
            f"{optimizer.text} gives {rule.name} a value without a name",
            f"Name it: {rule.name}({(*rule.hyperparameters, 'lr')[0]}={shown(optimizer.positional[0]).strip(chr(39))})",
        )
    defaults, variant = own.pop("defaults", defaults), own.pop("variant", variant)
    for name in own:
        if name in given:
            raise UsageError(f"{rule.name}: {name} is given twice", "Give it once.")
    return _of_rule(rule, defaults, variant, own | dict(given))


def _around(wrapper: Wrapper, call: Call, defaults: str | None, variant: str | None, given: Mapping[str, Any]) -> Parts:
    """A wrapper around what stands first in its brackets."""
    if len(call.positional) != 1:
        example = f"{wrapper.name}(adam{''.join(f', {name}={value:g}' for name, value in wrapper.defaults.items())})"
        raise UsageError(f"{call.text} does not say what {wrapper.name} is put around", f"Write {example}")
    ours = {name: value for name, value in given.items() if name in wrapper.defaults}
    rest = {name: value for name, value in given.items() if name not in ours}
    parts = parts_of(call.positional[0], defaults, variant, rest)
    numbers = canonical(wrapper.name, [*wrapper.defaults], {}, dict(call.named) | ours)
    return replace(parts, wrappers=(*parts.wrappers, (wrapper, numbers)))


def _of_rule(rule: UpdateRule, defaults: str | None, variant: str | None, given: Mapping[str, Any]) -> Parts:
    """A rule with numbers under anybody's names."""
    rule, given = _spoken(rule, given)
    words = {word: given[word] for word in WORDS if word in given and word not in rule.hyperparameters}
    numbers = {name: value for name, value in given.items() if name not in words}
    known = dict.fromkeys((*rule.hyperparameters, *EXTRA))
    parts = Parts(rule, variant, defaults, canonical(rule.name, [*known], rule.aliases, numbers))
    return _with_plateau(_with_words(parts, words))


def _with_plateau(parts: Parts) -> Parts:
    """The parts with a learning rate that is written ``plateau(0.1)`` as a number inside that wrapper."""
    lr = parts.numbers.get("lr")
    if isinstance(lr, str) and "(" in lr:
        lr = parse(lr, "schedule")
    if not (isinstance(lr, Call) and lr.name in wrappers.REGISTRY and lr.name not in schedules.REGISTRY):
        return parts
    wrapper = wrappers.REGISTRY[lr.name]
    numbers = {name: value for name, value in parts.numbers.items() if name != "lr"}
    numbers |= dict(zip(("lr",), lr.positional, strict=False))
    own = canonical(wrapper.name, [*wrapper.defaults], {}, dict(lr.named))
    return replace(parts, numbers=numbers, wrappers=(*parts.wrappers, (wrapper, own)))


def _spoken(rule: UpdateRule, given: Mapping[str, Any]) -> tuple[UpdateRule, dict[str, Any]]:
    """Another rule where a library has it under this one's name, by what is given: ``sgd(momentum=0.9)``."""
    if rule.becomes is None:
        return rule, dict(given)
    name, rest = rule.becomes(dict(given))
    return (rule, rest) if name == rule.name else _spoken(REGISTRY[name], rest)


def _with_words(parts: Parts, words: Mapping[str, Any]) -> Parts:
    """The parts with the form of a decay, and the direction."""
    decay, uphill = words.get("decay", parts.decay), words.get("maximize", parts.maximize)
    if decay and decay not in DECAYS:
        hint = suggestion(decay, [*DECAYS])
        raise UsageError(f"{parts.rule.name}: decay is {shown(decay)}", f"{hint}Choose from: {', '.join(DECAYS)}")
    if uphill not in (True, False, 0, 1):
        raise UsageTypeError(f"{parts.rule.name}: maximize is {shown(uphill)}", "It must be True or False.")
    return replace(parts, decay=decay or "", maximize=bool(uphill))


def changed(setting: Any, variant: str | None, given: Mapping[str, Any]) -> Parts:
    """The parts of a setting, some of them others."""
    rule, old = setting.rule, setting.hyperparameters
    flat = {flat: number for number, (_, names) in enumerate(setting.wrappers) for flat in names.values()}
    # A wrapper may have a number of that name, as `ema` has a decay; the form of a decay is a text.
    taken = {*rule.hyperparameters, *(name for name in flat if not isinstance(given.get(name, ""), str))}
    words = {word: given[word] for word in WORDS if word in given and word not in taken}
    bends = [key for name, schedule in setting.schedules.items() for key in schedule_numbers(name, schedule)]
    known = dict.fromkeys((*rule.hyperparameters, *EXTRA, *flat, *bends))
    values = canonical(rule.name, [*known], rule.aliases, {k: v for k, v in given.items() if k not in words})
    numbers: dict[str, Any] = {name: old[name] for name in (*rule.hyperparameters, *EXTRA) if name in old}
    for name, schedule in setting.schedules.items():
        number = values.pop(name, old.get(name, schedule.value))
        own = {key: values.pop(f"{name}_{key}") for key in schedule.numbers if f"{name}_{key}" in values}
        number = plain(number)
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        numbers[name] = schedule.with_numbers(value=number, **own) if is_number else number
    layers = []
    for wrapper, names in setting.wrappers:
        own = {key: values.pop(name, numbers.pop(name, old[name])) for key, name in names.items()}
        layers.append((wrapper, own))
    parts = Parts(
        rule, variant or setting.variant, setting.defaults, numbers | values, setting.decay,
        setting.maximize, tuple(layers), frozenset(numbers) - {*setting.fixed, *values},
    )  # fmt: skip
    return _with_words(parts, words)


def schedule_numbers(name: str, schedule: Schedule) -> dict[str, float]:
    """The numbers of a hyperparameter's schedule, under their names among hyperparameters."""
    return {f"{name}_{key}": value for key, value in schedule.numbers.items() if key != "value"}
