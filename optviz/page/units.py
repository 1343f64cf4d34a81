"""What a page knows of test functions and optimizers: their formulas in JavaScript and their facts as plain data."""

import base64
from collections.abc import Iterable
from typing import Any

import numpy as np

from optviz.formulas.formula import VALUE
from optviz.formulas.sums import Level, split
from optviz.formulas.unfold import unfold
from optviz.functions import Function
from optviz.optimizers import Setting, refusal, showing
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


def rule_entry(script: Script, setting: Setting) -> str:
    """The rule of a setting as an object of JavaScript, see ``ruleOf`` in ``js/runs.js``.

    Its ``call`` hands the state of one coordinate, its gradient, the value, the step scalars and the hyperparameters to
    a function of the update's own arguments: the update itself, or the columns of `explained`.

    Raises
    ------
    Untranslatable
        If the formula has no translation, or rules of its kind are not computed in pages.
    """
    if words := refusal(setting, "page"):
        raise Untranslatable(words[0])
    formula = showing(setting.formula)
    begins = dict(formula.initial)
    slots = [f"s[{LAYOUT * place} + i]" for place in range(1, len(formula.slots) + 1)]
    passes = split(formula)
    known = {VALUE: "f"} | {total.name: f"w[{k}]" for k, total in enumerate(passes.totals)}
    scalars = [known.get(name) or f'c["{name}"]' for name in passes.formula.scalar_names]
    hyper = [f'h["{name}"]' for name in formula.hyperparameters]
    facts = {
        "update": script.function(passes.formula.update),
        "columns": script.function(unfold(formula).parts),
        "scalars": script.scalars(formula),
        "call": f"(u) => (s, i, g, f, c, h, w) => u({', '.join(['s[i]', 'g', *slots, *scalars, *hyper])})",
    }
    if passes.levels:
        facts["passes"] = f"[{', '.join(_pass(script, level) for level in passes.levels)}]"
    if formula.slots:
        starts = (begins.get(slot, 0.0) for slot in formula.slots)
        begun = (f'"{start}"' if isinstance(start, str) else repr(float(start)) for start in starts)
        facts |= {"slots": _texts(formula.slots), "begins": f"[{', '.join(begun)}]"}
    if formula.shown_slot >= 0:
        facts["shown"] = str(formula.shown_slot)
    if formula.takes_value:
        facts["value"] = "true"
    if formula.table_names:
        facts["timed"] = "true"
    return "ruleOf({" + ", ".join(f"{name}: {text}" for name, text in facts.items()) + "})"


def _pass(script: Script, level: Level) -> str:
    """The sums of a pass: the function of their terms, and how each is joined."""
    joins = ", ".join(f"JOINS.{total.word.name}" for total in level.totals)
    return f"[{script.function(level.terms)}, [{joins}]]"


def explained(setting: Setting) -> dict[str, Any]:
    """What the columns of a setting's rule are called, see `optviz.formulas.unfold`; a rule's ``parts`` are in them."""
    unfolded = unfold(showing(setting.formula))
    columns = [
        [one.kind, one.role, one.words, one.text, one.update, one.before, one.inside, one.key]
        for one in unfolded.columns
    ]
    return {"columns": columns, "equation": unfolded.equation}


def _texts(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


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
