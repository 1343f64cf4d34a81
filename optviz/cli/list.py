"""``optviz list``: what there is of a kind."""

from typing import Annotated, Any

import typer

from optviz.cli import _names, _options, _output
from optviz.cli._dimensions import dimensions
from optviz.cli._help import examples

EXAMPLES = examples(
    ("The optimizers, oldest first, with their formulas", "list optimizers"),
    ("The names alone, one a line", "list functions --quiet"),
    ("For a program", "list formats --json"),
)


def list_units(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", autocompletion=_names.kinds, show_default=False, help=f"One of: {', '.join(_names.KINDS)}."
        ),
    ],
    json: _options.Json = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", rich_help_panel=_options.OUTPUT, help="Print the names alone.")
    ] = False,
) -> None:
    """List optimizers, test functions, networks, data sets, noise models or file formats, the simplest first."""
    units = list(_names.registry(kind))
    if json:
        _output.print_json({kind: [_facts(unit) for unit in units]})
    elif quiet:
        _output.print_table([(unit.name,) for unit in units])
    else:
        _output.print_table([(unit.name, unit.title, *_words(unit)) for unit in units])


def _facts(unit: Any) -> dict[str, Any]:
    facts = {"name": unit.name, "title": unit.title, "summary": _summary(unit)}
    free = dimensions(unit)
    return facts | ({"dimensions": free} if free else {})


def _words(unit: Any) -> list[str]:
    """What tells a unit from its like; of a function in how many dimensions it exists, and its formula there."""
    free = dimensions(unit)
    return [free["text"], free.get("formula", unit.formula)] if free else [_summary(unit)]


def _summary(unit: Any) -> str:
    """A unit's formula, else the first line of its text."""
    for attribute in ("equation", "formula", "text"):
        if getattr(unit, attribute, ""):
            return getattr(unit, attribute).splitlines()[0]
    return " or ".join(getattr(unit, "holds", ()))
