"""``optviz show``: everything that is known about one unit."""

import sys

from optviz.cli import _print
from optviz.cli._groups import command, option
from optviz.cli._output import INSTEAD, Output
from optviz.cli._read import completion
from optviz.errors import UsageError
from optviz.units import KINDS, every_name, facts, find, sections


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
        _print.document({"kind": kind, **facts(unit)})
    else:
        width = min(100, _print.room(sys.stdout) or 100)
        for number, (lines, rows) in enumerate(sections(kind, unit, width)):
            if number:
                print()
            for line in lines:
                _print.line(line)
            if rows:
                _print.rows(rows)
