"""The explorer: every test function and every rule on one page, formulas of the reader's own, two functions at once."""

import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from optviz import writers
from optviz.figures.engine.theme import HEADS, SPARE_HEADS, THEMES
from optviz.functions import FAR, Function
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import DEFAULT_TABLES, SEVEN, Setting, configure, refusal
from optviz.optimizers import REGISTRY as RULES
from optviz.page.document import document, script, style
from optviz.page.expressions import Untranslatable
from optviz.page.facts import jitter, outlines, roles, sliders, themes, variables
from optviz.page.race import SCRIPTS
from optviz.page.translator import Script
from optviz.page.units import explained, function_entry, rule_entry, schedule_entries

FIRST = "rosenbrock"
RULE = "the rate with the lowest settled gap, median over 16 nearby starts, each of 49 judged with its two neighbours"


class Explorer:
    """The page of everything."""

    def to_html(self) -> str:
        """The page, one file that needs no other."""
        code = Script()
        functions = [unit for unit in FUNCTIONS if unit.dimension is None and len(unit.bounds) == 2]
        known, entries = [], []
        for unit in functions:
            try:
                entries.append(f'"{unit.name}": () => ({function_entry(code, unit)})')
            except Untranslatable:
                continue
            known.append(function_facts(unit))
        rules: dict[str, int] = {}
        table: dict[str, dict[str, Any]] = {}
        texts: dict[str, tuple[int, dict[str, Any]]] = {}
        optimizers = [_rule(rule.name, code, rules, table, texts) for rule in RULES if not refusal(rule, "page")]
        columns: dict[str, list[Any]] = {}  # each once: hundreds of rules average the gradient
        for _, told in texts.values():
            told["columns"] = [_place(column, columns) for column in told["columns"]]
        steps = sorted({unit["steps"] for unit in known})
        courses = [f"{count}: {{{', '.join(schedule_entries(code, count, tables=False))}}}" for count in steps]
        first = next(unit for unit in known if unit["name"] == FIRST)
        data = {
            "title": "optviz explorer",
            "functions": known,
            "function": FIRST,
            "optimizers": [one for one in optimizers if one["options"]],
            "usual": list(SEVEN),
            "sliders": list(table.values()),
            "explained": [told for _, told in texts.values()],
            "columns": list(columns.values()),
            "spares": {name: list(theme.spares) for name, theme in THEMES.items()},
            "spareHeads": list(SPARE_HEADS),
            "steps": first["steps"],
            "seed": 0,
            "jitter": jitter(0),
            "rule": RULE,
            "provenance": "",
            "stories": [],
            "themes": themes(),
            "roles": roles(),
            "heads": outlines({*HEADS.values(), *SPARE_HEADS}),
        }
        program = [
            script("numbers", "words"),
            code.text,
            f"const FUNCTIONS = {{{', '.join(entries)}}};",
            f"const RULES = [{', '.join(rules)}];",
            f"const COURSES = {{{', '.join(courses)}}};",
            "let SCHEDULES = {};",
            script(*SCRIPTS, "controls", "formula", "explorer"),
        ]
        count = len(known), len(data["optimizers"])
        places = {
            "generator": "optviz",
            "title": "optviz explorer",
            "heading": "optviz explorer",
            "formula": "",
            "steps": "",
            "unit": "step",
            "gap": "f − f*",
            "summary": f"{count[0]} test functions and {count[1]} optimizers.",
            "provenance": f"learning rates: {RULE}, tuned here from the start that is shown · no clipping",
            "command": "",
        }
        return document("page.html", places, data, program, [variables(), style("base", "page", "explorer")])


def explore(file: str | Path | BinaryIO = "explorer.html", *, format: str | None = None) -> Path | None:
    """Write the explorer: every test function and every update rule on one page, which needs no network.

    Parameters
    ----------
    file : path or binary file
        A path ends with ``.html``.
    format : str, optional
        ``"html"``, of a file that is open.

    Returns
    -------
    Path or None
        The file written; None for one that was open.

    Raises
    ------
    UsageError
        If the ending is another one, or the place cannot be written.
    OptvizError
        If the file system refuses. The file is written whole or left as it was.

    Examples
    --------
    >>> import io, optviz
    >>> page = io.BytesIO()
    >>> optviz.explore(page, format="html")
    >>> page.getvalue()[:15]
    b'<!DOCTYPE html>'
    """
    place = Path(file) if isinstance(file, str | Path) else file
    writers.check(place, ["page"], format)
    writers.write(place, Explorer(), format=format)
    return place if isinstance(place, Path) else None


def function_facts(unit: Function) -> dict[str, Any]:
    """A test function as plain facts."""
    (x0, x1), (y0, y1) = unit.view
    minimum = float(unit.minimum)
    facts: dict[str, Any] = {
        "name": unit.name,
        "title": unit.title,
        "family": unit.family,
        "formula": unit.formula,
        "view": [x0, x1, y0, y1],
        "start": list(unit.start),
        "minimizers": _inside(unit.minimizers, unit),
        "local": _inside(unit.local_minimizers, unit),
        "minimum": minimum if np.isfinite(minimum) else 0.0,
        "steps": unit.steps,
    }
    # What is as usual goes without saying: see ``factsOf`` in ``js/explorer.js``.
    unusual = {"far": unit.far != FAR, "gap": not np.isfinite(minimum), "hazards": unit.hazards}
    known = {"far": unit.far, "gap": "f", "hazards": unit.hazards}
    return facts | {name: known[name] for name, there in unusual.items() if there}


def _inside(points: Any, unit: Function) -> list[list[float]]:
    """Points on the map; a scale and a half of it, since maps are longer than views."""
    box = [(low - (high - low) / 2, high + (high - low) / 2) for low, high in unit.view]
    return [list(map(float, at)) for at in points if all(a <= x <= b for x, (a, b) in zip(at, box, strict=True))]


def _rule(
    name: str, code: Script, rules: dict[str, Any], table: dict[str, Any], texts: dict[str, Any]
) -> dict[str, Any]:
    """An update rule with each of its variants and default sets, once where they are the same."""
    rule = RULES[name]
    settings: dict[Any, tuple[Setting, list[str]]] = {}
    natural = [(setting, table_) for table_ in DEFAULT_TABLES for setting in [configure(name, defaults=table_)]]
    for setting, source in [*natural, *((configure(name, variant=one), one) for one in rule.variants)]:
        alike = setting.variant, tuple(setting.hyperparameters.items())
        settings.setdefault(alike, (setting, []))[1].append(source)
    options = []
    for setting, sources in settings.values():
        try:
            text = rule_entry(code, setting)
        except Untranslatable:
            continue
        places, told = [], explained(setting)
        for one in sliders(setting, setting.hyperparameters):
            places.append(_place(one, table))
        extra = {} if setting.short_text == name else {"text": setting.short_text}
        options.append(
            {
                "label": ", ".join(dict.fromkeys(sources)),
                "rule": rules.setdefault(text, len(rules)),
                "hyper": setting.hyperparameters,
                "sliders": places,
                "explained": texts.setdefault(repr(told), (len(texts), told))[0],
                "variant": setting.variant,
                "defaults": setting.defaults,
                **extra,
            }
        )
    colours = {look: theme.optimizers[name] for look, theme in THEMES.items() if name in theme.optimizers}
    return {
        "name": name,
        "title": rule.title,
        "family": rule.family,
        "equation": rule.equation,
        "options": options,
        "first": zlib.crc32(name.encode()) % len(THEMES["dark"].spares),
        "firstHead": zlib.crc32(name.encode()) % len(SPARE_HEADS),
        **({"colours": colours} if colours else {}),
        **({"head": HEADS[name]} if name in HEADS else {}),
    }


def _place(one: Any, several: dict[str, Any]) -> int:
    """Where something stands among several, at the end if it is new."""
    several.setdefault(repr(one), one)
    return list(several).index(repr(one))
