"""What a page knows of test functions and optimizers: their formulas in JavaScript and their facts as plain data."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from optviz.formulas.formula import VALUE, Formula
from optviz.formulas.unfold import unfold
from optviz.functions import Function
from optviz.optimizers import Setting, showing
from optviz.page.expressions import Untranslatable
from optviz.page.translator import Script
from optviz.schedules import Schedule
from optviz.schedules import configure as schedule

LAYOUT = 2  # coordinates of a point


def function_entry(script: Script, unit: Function) -> str:
    """A test function as an object of JavaScript: its value and its gradient.

    Raises
    ------
    Untranslatable
        If its formulas have no translation.
    """
    if unit.uncompiled:
        raise Untranslatable(f"{unit.title} is computed by Python")
    return f"{{value: {script.function(unit.value)}, gradient: {script.function(unit.gradient)}}}"


def rule_entry(script: Script, formula: Formula, beginnings: Mapping[str, float | str]) -> str:
    """A formula of an update rule as an object of JavaScript.

    ``step(s, gx, gy, f, c, h)`` changes the state ``s``: the point, then each slot for both coordinates. ``c`` holds
    the step scalars of the step and ``h`` all hyperparameters, both by name.

    Raises
    ------
    Untranslatable
        If the formula has no translation.
    """
    formula = showing(formula)
    update, scalars = script.function(formula.update), script.scalars(formula)
    names = list(formula.scalar_names)
    table = [name for name in names if name != VALUE]

    def call(coordinate: int, gradient: str) -> str:
        slots = [f"s[{LAYOUT * (place + 1) + coordinate}]" for place in range(len(formula.slots))]
        given = ["f" if name == VALUE else f'c["{name}"]' for name in names]
        hyper = [f'h["{name}"]' for name in formula.hyperparameters]
        return f"{update}({', '.join([f's[{coordinate}]', gradient, *slots, *given, *hyper])})"

    count = len(formula.slots)
    lines = []
    for coordinate, gradient in enumerate(("gx", "gy")):
        lines.append(f"r = {call(coordinate, gradient)};")
        if count:
            lines.append(f"s[{coordinate}] = r[0];")
            lines += [f"s[{LAYOUT * (place + 1) + coordinate}] = r[{place + 1}];" for place in range(count)]
        else:
            lines.append(f"s[{coordinate}] = r;")
    of_state = [f"s[{LAYOUT * (place + 1)} + i]" for place in range(count)]
    of_step = ["f" if name == VALUE else f'c["{name}"]' for name in names]
    of_setting = [f'h["{name}"]' for name in formula.hyperparameters]
    parts, given = (
        script.function(unfold(formula).parts),
        "".join(f", {one}" for one in of_state + of_step + of_setting),
    )
    facts = {
        "slots": _texts(formula.slots),
        "begins": "[" + ", ".join(_begin(beginnings[slot]) for slot in formula.slots) + "]",
        "shown": str(formula.shown_slot),
        "value": "true" if formula.takes_value else "false",
        "recursive": "true" if formula.recursive else "false",
        "table": _texts(table),
        "clocked": _texts(formula.scalar_arguments),
        "scalars": scalars,
        "parts": f"(s, i, g, f, c, h) => {parts}(s[i], g{given})",
        "step": "(s, gx, gy, f, c, h) => {\nlet r;\n" + "\n".join(lines) + "\n}",
    }
    return "{" + ",\n".join(f"{name}: {text}" for name, text in facts.items()) + "}"


def setting_entry(script: Script, setting: Setting) -> str:
    """`rule_entry` of a setting's formula."""
    formula = showing(setting.formula)
    return rule_entry(script, setting.formula, {slot: _initial(setting, formula, slot) for slot in formula.slots})


def _initial(setting: Setting, formula: Formula, slot: str) -> float | str:
    """What a slot begins with: a number, "x" for the iterate, or the name of a hyperparameter."""
    return dict(formula.initial).get(slot, 0.0)


def _begin(value: float | str) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(float(value))


def _texts(names: Any) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def explained(setting: Setting) -> dict[str, Any]:
    """What the columns of a setting's rule are called, see `optviz.formulas.unfold`; a rule's ``parts`` are in them."""
    unfolded = unfold(showing(setting.formula))
    columns = [
        [one.kind, one.role, one.words, one.text, one.update, one.before, one.inside, one.key]
        for one in unfolded.columns
    ]
    return {"columns": columns, "equation": unfolded.equation, "operands": len(unfolded.operands)}


# What a reader may choose in place of a constant learning rate; durations follow the steps of the page.
SCHEDULES = (
    "linear",
    "cosine",
    "cosine(warmup=10%)",
    "onecycle",
    "wsd(warmup=5%, cooldown=30%)",
    "step(every=33%)",
    "inverse_sqrt(timescale=5%)",
    "rex",
)


def schedule_entries(script: Script, steps: int, tables: bool = True) -> list[str]:
    """Schedules as pairs of JavaScript: a name, and the factor as a function of how many steps are done.

    Those that cannot be translated become tables of their factors, or are left out without `tables`.
    """
    entries = ['"constant": (done) => 1']
    for text in SCHEDULES:
        one = schedule(text).resolved(steps)
        try:
            factor = _factor(script, one)
        except Untranslatable:
            if not tables:
                continue
            table = numbers(np.array(one.factors(1, steps)))
            entries.append(f'"{text}": ((table) => (done) => table[done])(numbersOf("{table}"))')
            continue
        entries.append(f'"{text}": (done) => {factor}')
    return entries


def _factor(script: Script, one: Schedule) -> str:
    known: dict[str, Any] = dict(one.parameters)
    given = "".join(f", {float(known[name])!r}" for name in one.shape.arguments(one.variant))
    name, lead, least = script.function(one.shape.variants[one.variant]), known["warmup"], known["warmup_from"]
    factor = f"{name}(done - {lead!r}{given})"
    if not lead:
        return factor
    return f"done < {lead!r} ? {least!r} + ({name}(0{given}) - {least!r}) * done / {lead!r} : {factor}"


def numbers(array: np.ndarray) -> str:
    """An array as text: its bytes, least first, in base64."""
    return base64.b64encode(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()).decode()
