"""``optviz list``: what there is of a kind."""

from collections.abc import Sequence
from typing import Any

from optviz.cli import _print
from optviz.cli._groups import command, option
from optviz.cli._output import INSTEAD, Output
from optviz.cli._read import completion
from optviz.units import KINDS, dimensions, registry, summary


@command(
    "Optimizers, schedules, functions, networks and the like.",
    """
    The optimizers, oldest first, with their formulas, and the sets of them
        list optimizers
    The names alone, one a line
        list functions --quiet
    For a program
        list formats --json
    """,
    "json quiet",
    json=INSTEAD,
    quiet={"help": "Print the names alone."},
)
def list(
    output: Output,
    kind: str = option("KIND", f"One of: {', '.join(KINDS)}.", ..., complete=completion(lambda: KINDS), argument=True),
) -> None:
    """List optimizers, test functions, transforms, schedules, wrappers, networks, data sets, noise or file formats.

    The simplest come first. Below the optimizers stand the sets of them that --optimizers takes.
    """
    units = [*registry(kind)]
    sets = _sets() if kind == "optimizers" else {}
    if output.json:
        document: dict[str, Any] = {kind: [_facts(unit) for unit in units]}
        told = {name: {"text": text, "optimizers": members} for name, (text, members) in sets.items()}
        _print.document(document | ({"sets": told} if told else {}))
    elif output.quiet:
        _print.rows([(unit.name,) for unit in units])
    else:
        _print.rows([(unit.name, unit.title, *_words(unit)) for unit in units])
        if sets:
            print()
            _print.rows([(name, str(len(members)), text) for name, (text, members) in sets.items()])


def _sets() -> dict[str, tuple[str, Sequence[str]]]:
    """The sets of optimizers, each with its sentence and the names of its members."""
    from optviz.optimizers import SETS, members

    return {name: (selection.text, members(name)) for name, selection in SETS.items()}


def _facts(unit: Any) -> dict[str, Any]:
    free = {"dimensions": dimensions(unit)}
    return {"name": unit.name, "title": unit.title, "summary": summary(unit)} | (free if free["dimensions"] else {})


def _words(unit: Any) -> tuple[str, ...]:
    """What tells a unit from its like; of a function in how many dimensions it exists, and its formula there."""
    free = dimensions(unit)
    return (free["text"], free.get("formula", unit.formula)) if free else (summary(unit),)
