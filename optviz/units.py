"""Units of every kind: where they are registered, and what is known of one, as plain data and in words."""

import dataclasses
import math
import textwrap
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from optviz.errors import UnknownNameError, UsageError
from optviz.registry import Registry, folded, suggestion

# Kind -> where its registry is. Also the order in which names are looked up and offered.
KINDS = {
    "optimizers": ("optviz.optimizers", "REGISTRY"),
    "contenders": ("optviz.optimizers", "CONTENDERS"),
    "functions": ("optviz.functions", "REGISTRY"),
    "transforms": ("optviz.transforms", "REGISTRY"),
    "schedules": ("optviz.schedules", "REGISTRY"),
    "wrappers": ("optviz.wrappers", "REGISTRY"),
    "networks": ("optviz.networks", "REGISTRY"),
    "datasets": ("optviz.datasets", "REGISTRY"),
    "noise": ("optviz.noise", "REGISTRY"),
    "formats": ("optviz.writers", "FORMATS"),
}

# Facts that stand above the others in the words on a unit, or that are of no use to a reader.
APART = set(
    "name title text equation formula defaults variants module initial ranges published draws parameters "
    "whole passport decay oracles clock base usage".split()
)
CALLED = {  # facts whose names need words
    "names": "other names",
    "aliases": "also understood",
    "url": "link",
    "readable": "text",
    "poster": ".png beside it",
}
TABLES = ("torch", "keras", "paper", "optax")  # of default hyperparameters, in this order

MOST = 12  # points that words name

Rows = list[tuple[str, ...]]


def registry(kind: str) -> Registry[Any]:
    """The registry of a kind; an unknown one is a UsageError that suggests the nearest."""
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise UsageError(f"unknown kind '{kind}'", f"{suggestion(kind, list(KINDS))}Choose from: {known}")
    module, attribute = KINDS[kind]
    return getattr(import_module(module), attribute)


def find(name: str, kind: str | None = None) -> list[tuple[str, Any]]:
    """Every unit of that name with its kind, or that of one kind; UnknownNameError where there is none.

    A unit that has the name as it is written comes before those that have it otherwise.
    """
    if kind is not None:
        return [(kind, registry(kind)[name])]
    units = [(kind, registry(kind)[name]) for kind in KINDS if name in registry(kind)]
    if not units:
        hint = suggestion(name, every_name())
        raise UnknownNameError(f"nothing is called '{name}'", f"{hint}See: optviz list {'|'.join(KINDS)}")
    return [(kind, unit) for kind, unit in units if unit.name == name] or units


def every_name() -> list[str]:
    """The names of all units of all kinds."""
    return [name for kind in KINDS for name in registry(kind).names()]


def facts(kind: str, unit: Any) -> dict[str, Any]:
    """A unit as plain data; in how many dimensions it exists is said in words too. An optimizer has its passport."""
    values = _facts(unit)
    if kind == "optimizers":
        from optviz.passport import passport

        values["passport"] = passport(unit)
    if kind == "schedules":
        values |= {"variants": [*unit.variants], "parameters": _plain(unit.parameters)}
    return values


def _facts(unit: Any) -> dict[str, Any]:
    values = _plain(unit)
    if free := dimensions(unit):
        for name in ("general", "dimension", "scratch", "searched", "uncompiled", "instances", "written_gradient"):
            values.pop(name, None)
        values["dimensions"] = free
    if vectors := getattr(unit, "vectors", None):
        values["vectors"] = vectors.text
    if inner := getattr(unit, "inner", None):
        del values["numbers"]
        values["inner"] = inner.name
    return values | ({"usage": unit.usage} if hasattr(unit, "usage") else {})


def summary(unit: Any) -> str:
    """A unit's formula, else the first line of its text."""
    for attribute in ("equation", "formula", "text"):
        if getattr(unit, attribute, ""):
            return getattr(unit, attribute).splitlines()[0]
    return " or ".join(getattr(unit, "holds", ()))


def dimensions(unit: Any) -> dict[str, Any]:
    """In how many dimensions a test function can be minimized, in words too; nothing about a unit of another kind."""
    from optviz.functions import DIMENSIONS, Function

    if not isinstance(unit, Function):
        return {}
    if unit.dimension is not None:
        return {"least": unit.dimension, "most": unit.dimension, "text": f"{unit.dimension} dimensions"}
    if not unit.is_general:
        return {"least": 2, "most": 2, "text": "two variables"}
    least, most = DIMENSIONS[0], unit.most
    text = f"any dimension ({least} to {most:,})"
    flat = unit.in_dimension(2)
    general = {"formula": flat.formula, "reference": flat.reference}
    return {"least": least, "most": most, "text": text} | general


def filtered(kind: str, units: Iterable[Any], family: str | None, word: str | None, dimension: int | None) -> list[Any]:
    """Those units that belong to a family, have a word in what is known of them, or exist in a number of dimensions.

    Raises
    ------
    UsageError
        If units of this kind have no families or dimensions, or no unit is of that family.
    """
    chosen = list(units)
    if family is not None:
        known = list(dict.fromkeys(unit.family for unit in chosen if getattr(unit, "family", "")))
        if not known:
            raise UsageError(f"{kind} have no families", "Leave out --family.")
        spelled = {folded(one).replace(" ", ""): one for one in known}
        family = family.removeprefix("@")
        wanted = spelled.get(folded(family).replace(" ", ""))
        if wanted is None:
            problem = f"no family of {kind} is called '{family}'"
            raise UsageError(problem, f"{suggestion(family, known)}Choose from: {', '.join(known)}")
        chosen = [unit for unit in chosen if unit.family == wanted]
    if dimension is not None:
        if not any(map(dimensions, chosen)):
            raise UsageError(f"{kind} have no dimensions", "Leave out --dimension.")
        spans = [(unit, dimensions(unit)) for unit in chosen]
        chosen = [unit for unit, span in spans if span["least"] <= dimension <= span["most"]]
    if word is not None:
        chosen = [unit for unit in chosen if word.lower() in _words(unit)]
    return chosen


def _words(unit: Any) -> str:
    """Everything that is said of a unit, in small letters."""
    said = [getattr(unit, name, "") for name in ("name", "title", "family", "formula", "equation", "text", "reference")]
    said += [getattr(unit, "hazards", ""), getattr(unit, "continuum", "")]
    said += [*getattr(unit, "names", ()), *getattr(unit, "traits", ())]
    return "\n".join(map(str, said)).lower()


def sections(kind: str, unit: Any, width: int) -> Iterator[tuple[list[str], Rows]]:
    """Everything about a unit in words: sections, each of lines, paragraphs of at most `width` letters, and of rows."""
    yield [f"{unit.title} ({kind.removesuffix('s')} {unit.name})"], []
    if formula := getattr(unit, "equation", "") or getattr(unit, "formula", ""):
        yield [f"  {formula}"], []
    for paragraph in filter(None, getattr(unit, "text", "").split("\n\n")):
        words = paragraph.replace("``", "").replace("**", "").split()  # a terminal has no other letters for them
        yield textwrap.wrap(" ".join(words), width), []
    if kind == "optimizers":
        from optviz.passport import rule_sections

        tables = sorted(unit.defaults, key=(*TABLES, *unit.defaults).index)
        rows: Rows = [("hyperparameter", *tables)]
        for name in unit.hyperparameters:
            rows.append((name, *(_text(unit.defaults[table].get(name, "–")) for table in tables)))
        yield [], rows
        yield from rule_sections(unit)
    yield [], _fact_rows(kind, unit)
    if published := getattr(unit, "published", None):
        rows = [("optimizer", *(f"epoch {epoch}" for epoch in published.epochs))]
        rows += [(name, *(f"{share:.2%}" for share in shares)) for name, shares in published.accuracies.items()]
        yield [f"test accuracy on {published.dataset}: {published.source}"], rows


def with_numbers(text: str, width: int) -> tuple[dict[str, Any], Iterable[tuple[list[str], Rows]]]:
    """An optimizer, a schedule or a transformed function as it is written: as plain data, and in words as `sections`.

    Raises
    ------
    UsageError
        If it is none of these.
    """
    from optviz import schedules
    from optviz.formulas.calls import Call, parse
    from optviz.optimizers import REGISTRY, configure
    from optviz.passport import setting_facts, setting_sections
    from optviz.transforms import is_transform

    if is_transform(text):
        from optviz.runs.points.subject import function_of

        unit = function_of(text)
        return {"kind": "functions", **facts("functions", unit)}, sections("functions", unit, width)
    call = parse(text, "optimizer")
    is_schedule = isinstance(call, Call) and call.name in schedules.REGISTRY and call.name not in REGISTRY
    if not is_schedule:
        setting = configure(text)
        return {"kind": "optimizers", **setting_facts(setting)}, setting_sections(setting)
    schedule = schedules.configure(text)
    known = {"kind": "schedules", "written": schedule.text, **facts("schedules", schedule.shape)}
    parts = [([schedule.text], []), *sections("schedules", schedule.shape, width)]
    return known, parts


def _fact_rows(kind: str, unit: Any) -> Rows:
    shown = {key: value for key, value in _facts(unit).items() if key not in APART}
    for key in ("minimizers", "local_minimizers"):
        if len(points := shown.get(key, ())) > MOST:
            shown[key] = [*points[:MOST], f"and {len(points) - MOST} more"]
    if kind == "schedules":
        shown["variants"] = [*unit.variants]
    if hasattr(unit, "usage"):
        shown = {"written": unit.usage} | shown
    free = shown.pop("dimensions", {})
    called = {CALLED.get(key, key.replace("_", " ")): value for key, value in shown.items()}
    rows: Rows = [(key, _text(value)) for key, value in called.items() if value not in ("", [], {}, None)]
    words = [free[part] for part in ("text", "formula", "reference") if part in free]
    return rows + [("dimension" * (not index), text) for index, text in enumerate(words)]


def _text(value: Any) -> str:
    """A value as a reader wants it: points in brackets, lists with commas, numbers short."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} = {_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(f"({_text(item)})" if isinstance(item, list) else _text(item) for item in value)
    return " ".join(str(value).split())


def _plain(value: Any) -> Any:
    """A unit as plain data: whatever is not a function; infinities become None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        items = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {key: _plain(item) for key, item in items.items() if not callable(item)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | None) else str(value)
