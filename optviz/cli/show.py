"""``optviz show``: everything that is known about one unit."""

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from optviz.cli import _print
from optviz.cli._functions import constants, is_own, subject
from optviz.cli._groups import command, option
from optviz.cli._optimizers import from_file
from optviz.cli._output import INSTEAD, Output
from optviz.cli._read import completion
from optviz.cli._scripts import from_script, is_script
from optviz.errors import UsageError
from optviz.units import KINDS, Rows, every_name, facts, find, registry, sections, with_numbers


@command(
    "Everything about one of them.",
    """
    An optimizer's passport: its formula, its numbers in each library, its variants, its paper
        show adamw
    One with numbers, a wrapper and a schedule, part by part
        show "lookahead(adam(lr=cosine(0.1)), k=5)"
    A test function: its formula, bounds, minimizers, hazards and dimensions
        show rosenbrock
    Its value, gradient and Hessian as they are compiled
        show beale --source
    The same facts for a program
        show adamw --json
    """,
    "json",
    json=INSTEAD,
)
def show(
    output: Output,
    name: str = option(
        "NAME",
        "A unit of any kind, or an optimizer, a schedule or a transform of a test function with its numbers.",
        ...,
        complete=completion(every_name),
        argument=True,
    ),
    kind: str | None = option(
        "KIND",
        f"Where to look, if the name is not unique: {', '.join(KINDS)}.",
        complete=completion(lambda: KINDS),
        panel="Options",
    ),
    source: bool = option(
        None,
        "Print the source of a test function or a typed formula: value, gradient, Hessian.",
        False,
        panel="Options",
    ),
    set: list[str] | None = option(
        "NAME=VALUE", "Constants of a formula: a=1,b=100. May be repeated.", panel="Options"
    ),
) -> None:
    """Show one optimizer, test function, transform, schedule, wrapper, network, data set, noise model or file format.

    An optimizer is shown with its passport: for each variant the state that it keeps, the form of its weight decay,
    whose code agrees with it, and which changes of the problem its path follows. One with numbers or wrappers, as
    optviz animate takes it, is shown part by part; so is a schedule.
    Of a transform around a test function, as tilted(rosenbrock, 30), the function that comes of it is shown.
    """
    width = min(100, _print.room(sys.stdout) or 100)
    given = {"constants": constants("--set", set)} if set else {}
    own = _is_own(name)
    if own and _is_rule(name):
        name, own = from_file("NAME", name), False
    if given and not own:
        raise UsageError("--set is for formulas", "Leave it out.")
    if source:
        print(_source(name, kind, given))
        return
    if "(" in name and not own:
        from optviz.transforms import is_transform

        written = "functions" if is_transform(name) else "optimizers schedules"
        if kind is not None and kind not in written.split():
            raise UsageError(f"{kind} are not written with numbers in brackets", "Give the name alone.")
        known, parts = with_numbers(name, width)
        if output.json:
            _print.document(known)
        else:
            _sections(parts)
        return
    units = [("functions", subject(name, given).make())] if own else find(name, kind)
    if len(units) > 1:
        kinds = [kind for kind, _ in units]
        raise UsageError(f"'{name}' is one of the {' and of the '.join(kinds)}", f"Say which: --kind {kinds[0]}")
    kind, unit = units[0]
    if output.json:
        _print.document({"kind": kind, **facts(kind, unit)})
    else:
        _sections(sections(kind, unit, width))


def _is_rule(name: str) -> bool:
    """Whether a name names an update rule in a file."""
    from optviz.optimizers import UpdateRule

    return is_script(name) and isinstance(from_script("NAME", name)[0], UpdateRule)


def _is_own(name: str) -> bool:
    """Whether a name is a formula or names something in a file; an optimizer may have numbers in brackets too."""
    if not is_own(name):
        return False
    if is_script(name):
        return True
    called = re.match(r"[\w-]*", name)
    known = any(called and called[0] in registry(kind) for kind in ("optimizers", "wrappers", "schedules"))
    return not known and re.search(r"\b[xy]\b", name) is not None


def _source(name: str, kind: str | None, given: dict[str, Any]) -> str:
    """The formulas of a test function, derived ones as they are written."""
    from optviz.functions import Function
    from optviz.transforms import is_transform

    made = _is_own(name) or is_transform(name)
    units = [("functions", subject(name, given).make())] if made else find(name, kind)
    unit = next((unit for _, unit in units if isinstance(unit, Function)), units[0][1])
    if not isinstance(unit, Function):
        raise UsageError(f"{name} is no test function", "--source shows a function's value, gradient and Hessian.")
    from optviz.formulas.sources import readable

    return readable(unit.value, unit.gradient, unit.hessian)


def _sections(parts: Iterable[tuple[Sequence[str], Rows]]) -> None:
    """Print sections with an empty line between them."""
    for number, (lines, rows) in enumerate(parts):
        if number:
            print()
        for line in lines:
            _print.line(line)
        if rows:
            _print.rows(rows)
