"""``optviz show``: everything that is known about one unit."""

import dataclasses
import math
import sys
import textwrap
from typing import Annotated, Any

import typer

from optviz.cli import _names, _options, _output
from optviz.cli._dimensions import dimensions
from optviz.cli._help import examples
from optviz.errors import UsageError

EXAMPLES = examples(
    ("An optimizer: its formula, its hyperparameters in each library, its paper", "show adam"),
    ("A test function: its formula, bounds, minimizers, hazards and dimensions", "show rosenbrock"),
    ("The same facts for a program", "show adam --json"),
)
# Shown above the other facts, or of no use to a reader.
APART = (
    "name",
    "title",
    "text",
    "equation",
    "formula",
    "defaults",
    "variants",
    "module",
    "camera",
    "initial",
    "ranges",
    "published",
    "draws",
    "parameters",
    "whole",
)


def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", autocompletion=_names.names, show_default=False, help="A unit of any kind.")
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            autocompletion=_names.kinds,
            show_default=False,
            help=f"Where to look, if the name is not unique: {', '.join(_names.KINDS)}.",
        ),
    ] = None,
    json: _options.Json = False,
) -> None:
    """Show one optimizer, test function, network, data set, noise model or file format."""
    found = _names.find(name, kind)
    if len(found) > 1:
        kinds = [kind for kind, _ in found]
        raise UsageError(f"'{name}' is one of the {' and of the '.join(kinds)}", f"Say which: --kind {kinds[0]}")
    kind, unit = found[0]
    if json:
        _output.print_json({"kind": kind, **_facts(unit)})
    else:
        _print(kind, unit)


def _print(kind: str, unit: Any) -> None:
    _output.print_line(f"{unit.title} ({kind.removesuffix('s')} {unit.name})")
    formula = getattr(unit, "equation", "") or getattr(unit, "formula", "")
    if formula:
        print()
        _output.print_line(f"  {formula}")
    for paragraph in getattr(unit, "text", "").split("\n\n"):
        if paragraph:
            print()
            for line in textwrap.wrap(" ".join(paragraph.split()), min(100, _output.room(sys.stdout) or 100)):
                _output.print_line(line)
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
    _output.print_table(rows)
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
    _output.print_line(f"test accuracy on {published.dataset}: {published.source}")
    rows = [(name, *(f"{share:.2%}" for share in shares)) for name, shares in published.accuracies.items()]
    _output.print_table(rows, ("optimizer", *(f"epoch {epoch}" for epoch in published.epochs)))


def _print_hyperparameters(rule: Any) -> None:
    """One row for each hyperparameter, one column for each library's default."""
    tables = sorted(rule.defaults, key=(*_options.DEFAULT_TABLES, *rule.defaults).index)
    rows = [(name, *(_text(rule.defaults[table].get(name, "–")) for table in tables)) for name in rule.hyperparameters]
    _output.print_table(rows, ("hyperparameter", *tables))


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
