"""``optviz show``: everything that is known about one unit."""

import dataclasses
import math
import sys
import textwrap
from typing import Any

from optviz.cli import _print
from optviz.cli._groups import command, option
from optviz.cli._names import KINDS, completion, every_name, find
from optviz.cli._options import TABLES
from optviz.cli._output import INSTEAD, Output
from optviz.errors import UsageError

# Shown above the other facts, or of no use to a reader.
APART = set(
    "name title text equation formula defaults variants module camera initial ranges published draws parameters "
    "whole".split()
)


@command(
    "Everything about one of them.",
    """
    An optimizer: its formula, its hyperparameters in each library, its paper
        show adam
    A test function: its formula, bounds, minimizers, hazards and dimensions
        show rosenbrock
    The same facts for a program
        show adam --json
    """,
    "json",
    json=INSTEAD,
)
def show(
    output: Output,
    name: str = option("NAME", "A unit of any kind.", ..., complete=completion(every_name), argument=True),
    kind: str | None = option(
        "KIND",
        f"Where to look, if the name is not unique: {', '.join(KINDS)}.",
        complete=completion(lambda: KINDS),
        panel="Options",
    ),
) -> None:
    """Show one optimizer, test function, network, data set, noise model or file format."""
    units = find(name, kind)
    if len(units) > 1:
        kinds = [kind for kind, _ in units]
        raise UsageError(f"'{name}' is one of the {' and of the '.join(kinds)}", f"Say which: --kind {kinds[0]}")
    kind, unit = units[0]
    if output.json:
        _print.document({"kind": kind, **_facts(unit)})
    else:
        _page(kind, unit)


def dimensions(unit: Any) -> dict[str, Any]:
    """In how many dimensions a test function can be minimized, in words too; nothing about a unit of another kind."""
    from optviz.functions import DIMENSIONS, Function

    if not isinstance(unit, Function):
        return {}
    if unit.general is None:
        return {"least": 2, "most": 2, "text": "two variables"}
    least, most = DIMENSIONS
    text = f"any dimension ({least} to {most:,})"
    general = {"formula": unit.general.formula, "reference": unit.general.reference}
    return {"least": least, "most": most, "text": text} | general


def _page(kind: str, unit: Any) -> None:
    _print.line(f"{unit.title} ({kind.removesuffix('s')} {unit.name})")
    formula = getattr(unit, "equation", "") or getattr(unit, "formula", "")
    if formula:
        print()
        _print.line(f"  {formula}")
    for paragraph in getattr(unit, "text", "").split("\n\n"):
        if paragraph:
            print()
            for line in textwrap.wrap(" ".join(paragraph.split()), min(100, _print.room(sys.stdout) or 100)):
                _print.line(line)
    if hasattr(unit, "variants"):
        print()
        _print_hyperparameters(unit)
    print()
    facts = {key: value for key, value in _facts(unit).items() if key not in APART and value not in ("", [], {})}
    if hasattr(unit, "variants"):
        facts["variants"] = [*unit.variants]
        facts["state"] = [*dict.fromkeys(slot for forms in unit.variants.values() for f in forms for slot in f.slots)]
    if hasattr(unit, "usage"):
        facts = {"written": unit.usage} | facts
    free = facts.pop("dimensions", {})
    rows = [(key.replace("_", " "), _text(value)) for key, value in facts.items() if value not in ("", [], {})]
    words = [free[part] for part in ("text", "formula", "reference") if part in free]
    rows += [("dimension" * (not index), text) for index, text in enumerate(words)]
    _print.rows(rows)
    if getattr(unit, "published", None):
        print()
        _print_published(unit.published)


def _facts(unit: Any) -> dict[str, Any]:
    """A unit as plain data; in how many dimensions it exists is said in words too."""
    facts = _plain(unit)
    if free := dimensions(unit):
        del facts["general"], facts["dimension"]
        facts["dimensions"] = free
    return facts


def _print_published(published: Any) -> None:
    """One row for each optimizer, one column for each epoch after which somebody measured."""
    _print.line(f"test accuracy on {published.dataset}: {published.source}")
    rows = [(name, *(f"{share:.2%}" for share in shares)) for name, shares in published.accuracies.items()]
    _print.rows(rows, ("optimizer", *(f"epoch {epoch}" for epoch in published.epochs)))


def _print_hyperparameters(rule: Any) -> None:
    """One row for each hyperparameter, one column for each library's default."""
    tables = sorted(rule.defaults, key=(*TABLES, *rule.defaults).index)
    rows = [(name, *(_text(rule.defaults[table].get(name, "–")) for table in tables)) for name in rule.hyperparameters]
    _print.rows(rows, ("hyperparameter", *tables))


def _text(value: Any) -> str:
    """A value as a reader wants it: points in brackets, lists with commas, numbers short."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} = {_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        inner = [f"({_text(item)})" if isinstance(item, list) else _text(item) for item in value]
        return ", ".join(inner)
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
