"""The passport of an optimizer: what is known of its variants and what is measured, as plain data and in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from optviz.formulas.calls import written
from optviz.formulas.solver import Solver
from optviz.optimizers import DIGITS, Setting, UpdateRule, configure, invariances, refusal

Rows = list[tuple[str, ...]]

MEASURED = "The path follows such a change of the problem (measured over 20 steps, with eps = 0 where that runs):"


def passport(rule: UpdateRule) -> dict[str, dict[str, Any]]:
    """For each variant its state slots, the form of its weight decay, whose code agrees, and its invariances."""
    return {variant: _of_variant(rule, variant) for variant in rule.variants}


def _of_variant(rule: UpdateRule, variant: str) -> dict[str, Any]:
    setting = configure(rule, variant=variant)
    largest = rule.variants[variant][-1]
    if isinstance(largest, Solver):
        memory = [f"{name} ({length})" for name, length in largest.memory]
        told: dict[str, Any] = {"state": memory, "largest_state": memory, "decay": "none"}
        return told | {"agrees_with": rule.oracles.get(variant, ""), "digits": {}, "invariances": invariances(setting)}
    is_own = "weight_decay" in (*largest.hyperparameters, *largest.scalar_arguments)
    return {
        "state": [*setting.formula.kept],
        "largest_state": [*largest.kept],
        "decay": "of its own" if is_own else "none" if refusal(rule, "around") else rule.decay_of(variant),
        "agrees_with": rule.oracles.get(variant, ""),
        "digits": DIGITS.get(rule.name, {}).get(variant, {}),
        "invariances": invariances(setting),
    }


def rule_sections(rule: UpdateRule) -> Iterator[tuple[list[str], Rows]]:
    """A passport in words: sections of lines and of rows, as `optviz.units.sections`."""
    known = passport(rule)
    rows: Rows = [("variant", "state", "weight decay", "agrees with")]
    for variant, facts in known.items():
        state, most = facts["state"], facts["largest_state"]
        text = _counted(state) + (f", with every option {_counted(most)}" if len(most) > len(state) else "")
        agreed = [facts["agrees_with"]] * bool(facts["agrees_with"])
        agreed += [f"{peer} to {digits} digits" for peer, digits in facts["digits"].items()]
        rows.append((variant, text, facts["decay"], ", ".join(agreed) or "–"))
    yield [], rows
    yield from _measured({variant: facts["invariances"] for variant, facts in known.items()})


def setting_facts(setting: Setting) -> dict[str, Any]:
    """An optimizer with all its numbers as plain data."""
    return {
        "name": setting.plain_name,
        "title": setting.title,
        "written": setting.text,
        "rule": setting.rule.name,
        "variant": setting.variant,
        "defaults": setting.defaults,
        "wrappers": [wrapper.name for wrapper, _ in reversed(setting.wrappers)],
        "hyperparameters": dict(setting.hyperparameters),
        "schedules": {name: schedule.text for name, schedule in setting.schedules.items()},
        "decay": setting.decay,
        "maximize": setting.maximize,
        "state": [*setting.formula.kept],
        "invariances": invariances(setting),
    }


def setting_sections(setting: Setting) -> Iterator[tuple[list[str], Rows]]:
    """An optimizer with all its numbers in words: the wrappers, the outermost first, the rule and its schedules."""
    yield [f"{setting.title} (optimizer {setting.short_text})"], []
    numbers = setting.hyperparameters
    for wrapper, names in reversed(setting.wrappers):
        rows: Rows = [(f"  {own}", written(numbers[name])) for own, name in names.items()]
        yield [f"{wrapper.title} (wrapper {wrapper.name}): {wrapper.equation}"], rows
    rule = setting.rule
    values = {name: numbers[name] for name in (*rule.hyperparameters, "weight_decay") if name in numbers}
    text = lambda name, value: setting.schedules[name].text if name in setting.schedules else written(value)
    rows = [(f"  {name}", text(name, value)) for name, value in values.items()]
    yield [f"{rule.title} (optimizer {rule.name}, variant {setting.variant}): {rule.equation}"], rows
    for name, schedule in setting.schedules.items():
        yield [f"{schedule.shape.title} (schedule {schedule.shape.name}) of {name}: {schedule.shape.equation}"], []
    decay = [("weight decay", setting.decay)] if setting.decay else []
    uphill = [("direction", "uphill")] if setting.maximize else []
    yield [], [("written", setting.text), ("state", _counted(setting.formula.kept)), *decay, *uphill]
    yield from _measured({"follows": invariances(setting)})


def _measured(columns: Mapping[str, Mapping[str, bool]]) -> Iterator[tuple[list[str], Rows]]:
    """A table of what was measured; nothing where nothing could be."""
    changes = [*dict.fromkeys(change for column in columns.values() for change in column)]
    if not changes:
        return
    words = {True: "yes", False: "no", None: "–"}
    rows: Rows = [(change, *(words[column.get(change)] for column in columns.values())) for change in changes]
    yield [MEASURED], [("change", *columns), *rows]


def _counted(slots: Any) -> str:
    """How many state slots there are, and which: ``"2: m, v"``."""
    return f"{len(slots)}: {', '.join(slots)}" if slots else "none"
