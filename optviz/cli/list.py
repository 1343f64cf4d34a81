"""``optviz list``: what there is of a kind."""

from collections.abc import Sequence
from typing import Any

from optviz.cli import _print
from optviz.cli._groups import command, option
from optviz.cli._output import INSTEAD, Output
from optviz.cli._read import completion, whole
from optviz.units import KINDS, dimensions, filtered, registry, summary


@command(
    "Optimizers, schedules, functions, networks and the like.",
    """
    The optimizers, oldest first, with their formulas, and the sets of them
        list optimizers
    The names alone, one a line
        list functions --quiet
    The functions of a family
        list functions --family valley
    Those in whose words banana stands
        list functions --search banana
    Those that exist in ten dimensions
        list functions --dimension 10
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
    family: str | None = option("NAME", "Only what belongs to this family, as valley or adam.", panel="Options"),
    search: str | None = option(
        "WORD", "Only what has this word in its names, its formula or what is known of it.", panel="Options"
    ),
    dimension: str | None = option("N", "Only functions of so many variables.", panel="Options"),
) -> None:
    """List optimizers, contenders, test functions, transforms, schedules, wrappers, networks, data sets, and the like.

    The simplest come first. Below optimizers and functions stand the sets of them that --optimizers and --functions
    take.

    Contenders are optimizers of other libraries, which run beside ours on test functions. Ours are L-BFGS, conjugate
    gradients, Barzilai-Borwein, backtracking, Nelder-Mead, compass, pattern and random search and Newton's family,
    which run from many thousands of starts at once. SciPy's run as they are, a start after the other: Powell, BFGS,
    TNC, COBYLA, COBYQA, SLSQP, trust-constr and more; and pycma's CMA-ES.
    """
    count = None if dimension is None else whole(2, 1000, "--dimension", dimension)
    units = filtered(kind, [*registry(kind)], family, search, count)
    narrowed = any(value is not None for value in (family, search, dimension))
    sets = {} if narrowed else _sets(kind)
    if narrowed and not units:
        output.note(f"None of the {kind} is like that.")
    if output.json:
        document: dict[str, Any] = {kind: [_facts(unit) for unit in units]}
        told = {name: {"text": text, kind: members} for name, (text, members) in sets.items()}
        _print.document(document | ({"sets": told} if told else {}))
    elif output.quiet:
        _print.rows([(unit.name,) for unit in units])
    else:
        _print.rows([(unit.name, unit.title, *_words(unit)) for unit in units])
        if sets:
            print()
            _print.rows([(name, str(len(members)), text) for name, (text, members) in sets.items()])
        if kind == "optimizers" and not narrowed:
            print()
            _print.rows([("Optimizers of other libraries run beside these: optviz list contenders",)])


def _sets(kind: str) -> dict[str, tuple[str, Sequence[str]]]:
    """The sets of optimizers or functions, each with its sentence and the names of its members."""
    if kind == "optimizers":
        from optviz.optimizers import SETS, members

        return {name: (selection.text, members(name)) for name, selection in SETS.items()}
    if kind == "functions":
        from optviz import functions

        told = {"@" + family.replace(" ", "-"): text for family, text in functions.FAMILIES.items()}
        told |= {"@classic": "what most papers and animations use", "@all": "everything of two variables"}
        return {name: (told.get(name, ""), members) for name, members in functions.sets().items()}
    return {}


def _facts(unit: Any) -> dict[str, Any]:
    free = {"dimensions": dimensions(unit)}
    family = {"family": unit.family} if getattr(unit, "family", "") else {}
    facts = {"name": unit.name, "title": unit.title, "summary": summary(unit)} | family
    return facts | (free if free["dimensions"] else {})


def _words(unit: Any) -> tuple[str, ...]:
    """What tells a unit from its like; of a function in how many dimensions it exists, and its formula there."""
    free = dimensions(unit)
    return (free["text"], free.get("formula", unit.formula)) if free else (summary(unit),)
