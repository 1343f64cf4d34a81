"""From a name, a text or an object and a few numbers to one validated `Setting`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from optviz import schedules, wrappers
from optviz.errors import UsageError, UsageTypeError, shown
from optviz.formulas.calls import Call, Duration, parse
from optviz.formulas.formula import ITERATE, Formula
from optviz.optimizers._compose import own_names, scheduled, wrapped
from optviz.optimizers._numbers import DEFAULT_TABLES, canonical, checked, default_table, natural_variant
from optviz.optimizers._rule import REGISTRY, UpdateRule
from optviz.optimizers._setting import Setting, schedule_numbers
from optviz.registry import suggestion
from optviz.results.numeric import plain
from optviz.schedules import Schedule
from optviz.wrappers import DECAYS, MAXIMIZE, Wrapper

SHARE = "lr_share"  # the step scalar by which a schedule scales a decay that the learning rate does not
WORDS = ("decay", "maximize")  # what every rule can be given beside hyperparameters
EXTRA = ("weight_decay",)  # the hyperparameter that every rule has


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


def configure(
    optimizer: "str | Call | UpdateRule | Setting",
    *,
    defaults: str | None = None,
    variant: str | None = None,
    **hyperparameters: Any,
) -> Setting:
    """Choose an optimizer's formula and numbers.

    Parameters
    ----------
    optimizer : str, Call, UpdateRule or Setting
        A registered name, with numbers and wrappers if need be: ``"adam"``, ``"adam(beta1=0.5)"``,
        ``"lookahead(adam, k=5)"``; or such a call as an object, a rule, or a setting to change. A setting keeps what is
        not given, its `defaults` included.
    defaults : {"torch", "keras", "paper", "optax"}, optional
        Whose default hyperparameters fill what is not given: by default those of `variant`, else torch's. Where that
        table has no value, the next of ``paper``, ``torch``, ``keras`` that has one is taken.
    variant : str, optional
        Whose formula. By default the one that belongs to `defaults` if the rule has it, else the rule's first.
    **hyperparameters
        Values by our names or by those of torch and Keras (``learning_rate``, ``betas``, ``alpha``, ...): numbers,
        schedules as text, object or function of the step, ``lr="cosine(0.1, warmup=100)"``. Every rule takes
        ``weight_decay`` with its form in ``decay``, one of `optviz.wrappers.DECAYS`, and ``maximize=True``.

    Returns
    -------
    Setting

    Raises
    ------
    UnknownNameError
        If the optimizer, a wrapper or a schedule is not registered.
    UsageError
        If a text cannot be read, a default table, variant or hyperparameter is unknown, or a value is out of range.
    UsageTypeError
        If a value has the wrong type.
    """
    if isinstance(optimizer, Setting):
        other = assembled(changed(optimizer, variant, hyperparameters))
        return replace(other, label=optimizer.label, told=optimizer.told)
    return assembled(_parts(optimizer, defaults, variant, hyperparameters))


def labelled(settings: Sequence[Setting]) -> list[Setting]:
    """Settings that can be told apart: several of one name are labelled by what is not as by default.

    Raises
    ------
    UsageError
        If two are equal, or there is none.
    """
    names = [setting.plain_name for setting in settings]
    named = [one.labelled() if names.count(one.plain_name) > 1 else replace(one, label="", told=()) for one in settings]
    if not named:
        raise UsageError("the list of optimizers is empty", "Name one or more: optviz list optimizers")
    told = [setting.name for setting in named]
    if twice := [name for name in told if told.count(name) > 1]:
        raise UsageError(f"the list of optimizers names {twice[0]} twice", "Name each optimizer once.")
    return named


def _parts(optimizer: Any, defaults: str | None, variant: str | None, given: Mapping[str, Any]) -> Parts:
    """What somebody asks for."""
    if isinstance(optimizer, Setting):
        return changed(optimizer, variant, given)
    if isinstance(optimizer, str):
        called = parse(optimizer, "optimizer") if optimizer.strip() else optimizer
        optimizer = called if isinstance(called, Call) else optimizer
    if not isinstance(optimizer, Call):
        rule = optimizer if isinstance(optimizer, UpdateRule) else REGISTRY[optimizer]
        return _of_rule(rule, defaults, variant, given)
    own: dict[str, Any] = dict(optimizer.named)
    if optimizer.name in wrappers.REGISTRY and (optimizer.positional or optimizer.name not in REGISTRY):
        return _around(wrappers.REGISTRY[optimizer.name], optimizer, defaults, variant, given)
    rule = REGISTRY[optimizer.name]
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
    parts = _parts(call.positional[0], defaults, variant, rest)
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


def changed(setting: Setting, variant: str | None, given: Mapping[str, Any]) -> Parts:
    """The parts of a setting, some of them others."""
    rule, old = setting.rule, setting.hyperparameters
    words = {word: given[word] for word in WORDS if word in given and word not in rule.hyperparameters}
    flat = {flat: number for number, (_, names) in enumerate(setting.wrappers) for flat in names.values()}
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


def assembled(parts: Parts) -> Setting:
    """The setting of some parts: numbers checked, the formula chosen, and everything put around it."""
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
    given = {name: parts.numbers.get(name, usual.get(name, 0.0)) for name in (*rule.hyperparameters, *EXTRA)}
    values, bent = _numbers(rule.name, given, usual, rule.ranges)
    formula = _smallest(rule, variant, values, bent)
    decays = bool(values["weight_decay"]) or "weight_decay" in bent
    if "weight_decay" not in rule.hyperparameters and not decays:
        del values["weight_decay"]

    decay = ""
    is_own = "weight_decay" in (*formula.hyperparameters, *formula.scalar_arguments)
    if is_own and parts.decay:
        raise UsageError(f"{rule.name} has a form of weight decay of its own", "Leave decay out.")
    formula = _bent(formula, bent)
    if decays and not is_own:
        decay = parts.decay or rule.decay_of(variant)
        formula = _decayed(rule, formula, decay, bent)
    layers = []
    for wrapper, numbers in parts.wrappers:
        names = {own: own_names(formula, wrapper).get(own, own) for own in wrapper.defaults}
        layers.append((wrapper, names))
        own, own_bent = _numbers(
            wrapper.name, wrapper.defaults | numbers, wrapper.defaults, wrapper.ranges, wrapper.whole
        )
        values |= {names[key]: value for key, value in own.items()}
        bent |= {names[key]: schedule for key, schedule in own_bent.items()}
        formula = _inside(rule, formula, wrapper)
    if parts.maximize:
        formula = wrapped(formula, MAXIMIZE)
    formula = _bent(formula, bent)
    for name in bent:
        if name in formula.report_arguments:
            raise UsageError(f"{rule.name}: {name} says which point is reported", "Give it one number, no schedule.")
        if name not in (*formula.scalar_names, *formula.scalar_arguments):
            raise UsageError(f"{rule.name}: {name} is only what the state begins with", "Give it a number.")
        values |= schedule_numbers(name, bent[name])
    return Setting(
        rule, variant, defaults, formula, values, bent, decay, parts.maximize, tuple(layers),
        {name: float(value) for name, value in usual.items()}, _fixed(parts),
    )  # fmt: skip


def _fixed(parts: Parts) -> tuple[str, ...]:
    """The hyperparameters of the rule that are given, but for schedules that say no value."""
    schedule = lambda value: schedules.configure(value) if isinstance(value, Call) else value
    given = {name: schedule(value) for name, value in parts.numbers.items() if name not in parts.kept}
    return tuple(name for name, value in given.items() if getattr(value, "value", 0) is not None)


def _numbers(
    owner: str, given: Mapping[str, Any], usual: Mapping[str, float], ranges: Mapping[str, tuple], whole=()
) -> tuple[dict[str, float], dict[str, Schedule]]:
    """Checked numbers, and schedules of those that have one."""
    values, bent = {}, {}
    for name, value in given.items():
        is_text = isinstance(value, str) and ("(" in value or value in schedules.REGISTRY)
        if is_text or isinstance(value, Call | Schedule) or (callable(value) and not hasattr(value, "shape")):
            bent[name] = schedules.configure(value).valued(usual.get(name, 0.0))
            value = bent[name].value
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
        absent -= {*formula.report_arguments}
        if not any(values[name] or name in bent for name in absent):
            return formula
    on = [name for name in absent if values[name]]
    raise UsageError(
        f"the {variant} variant of {rule.name} has no {' or '.join(sorted(on))}",
        f"Set it to 0 or choose another variant: optviz show {rule.name}",
    )


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


def _inside(rule: UpdateRule, formula: Formula, wrapper: Wrapper) -> Formula:
    """A formula inside a wrapper."""
    known = {*formula.hyperparameters, *formula.scalar_names, *rule.hyperparameters}
    for name in wrapper.shared:
        if name not in known:
            raise UsageError(
                f"{wrapper.name} needs a rule with {name}, which {rule.name} has not", "Choose another rule."
            )
    return wrapped(formula, wrapper)
