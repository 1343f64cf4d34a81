"""A page for every public name, from its docstring, and tables of the units that have no passport."""

import re
from collections.abc import Iterator
from inspect import isclass

import optviz
from generate import adapters
from generate.markdown import block, code, page, plain, table, toctree
from optviz.units import KINDS, registry, summary

# The heading of a name by where it lives, the first that fits.
HEADINGS = {
    "optviz.runs.arrays": "Arrays of your own",
    "optviz.runs": "Runs",
    "optviz.results": "Results",
    "optviz.errors": "Errors",
    "optviz.optimizers": "Optimizers and functions",
    "optviz.functions": "Optimizers and functions",
    "optviz": "Pictures, pages and files",
}
ORDER = ("Runs", "Pictures, pages and files", "Optimizers and functions", "Arrays of your own", "Results", "Errors")
OWN_PAGES = ("optimizers", "functions")
SAVING = ("load", "save", "function")  # verbs that live beside what they are about


def names() -> list[str]:
    """The public names that have a page."""
    return [name for name in optviz.__all__ if name != "__version__"]


def heading(name: str) -> str:
    """The heading under which a name stands."""
    if name == "function":
        return HEADINGS["optviz.functions"]
    if name in SAVING:
        return HEADINGS["optviz"]
    home = optviz._HOMES[name]
    return next(words for place, words in HEADINGS.items() if f"{home}.".startswith(f"{place}."))


def pages() -> Iterator[tuple[str, str]]:
    """The pages of all names, and one of units."""
    yield "interface/index.md", page(_index())
    for name in names():
        yield f"interface/{place(name)}.rst", _name(name)
    yield "interface/units.md", page(_units())
    yield "interface/tables.txt", page(_tables())


def place(name: str) -> str:
    """The file of a name: classes have one of their own beside the functions of the same letters."""
    return f"{name}-class" if isclass(getattr(optviz, name)) else name


def _index() -> Iterator[str]:
    yield from ("# The interface", "")
    yield (
        "Everything the command line does is one call. `import optviz` loads nothing until a name is asked for. Every "
        "name has an example, and tests run it. [Schedules, wrappers and other units](units.md) have their own page."
    )
    yield ""
    for words in ORDER:
        rows = [
            (f"[optviz.{name}]({place(name)}.rst)", plain(_first(name))) for name in names() if heading(name) == words
        ]
        yield from (f"## {words}", "", *table(("name", "what it is"), rows))
    yield from ("## In other libraries", "")
    yield from table(("module", "what it is"), adapters.rows())
    yield from toctree([*map(place, names()), "units", *adapters.INSTALL])


def _first(name: str) -> str:
    return (getattr(optviz, name).__doc__ or "").strip().partition("\n")[0]


def _name(name: str) -> str:
    value = getattr(optviz, name)
    lines = [f"optviz.{name}", "=" * (len(name) + 7), ""]
    if isclass(value):
        lines += [f".. autoclass:: optviz.{name}", "   :members:"]
        if heading(name) == "Results":  # which share their tables and their pages
            lines += ["   :inherited-members: tuple"]
    else:
        lines += [f".. autofunction:: optviz.{name}"]
    return "\n".join([*lines, "", ":doc:`All names <index>`", ""])


def _tables() -> Iterator[str]:
    """Which result becomes a table, and of what its rows are; ``docs/tables.md`` includes it."""
    rows = []
    for name in names():
        value = getattr(optviz, name)
        if heading(name) == "Results" and hasattr(value, "headline"):
            told = (value.to_columns.__doc__ or "").partition("\n")[0] if hasattr(value, "to_columns") else ""
            row = re.sub(r"^A row for |[:,.].*", "", told)
            marks = ["yes" if hasattr(value, one) else "–" for one in ("to_columns", "to_xarray", "explore")]
            rows.append((f"[{name}](_generated/interface/{place(name)}.rst)", row or "–", *marks))
    heads = ("result", "a row is", "`to_columns()` `to_pandas()` `to_polars()`", "`to_xarray()`", "`explore()`")
    yield from block("cards", table(heads, rows))


def _units() -> Iterator[str]:
    yield from ("# Schedules, wrappers and other units", "")
    yield "Each kind has a registry, which plug-ins add to. `optviz show NAME` tells everything about one."
    yield ""
    for kind in KINDS:
        if kind in OWN_PAGES:
            continue
        rows = [(f"`{unit.name}`", plain(unit.title), plain(summary(unit))) for unit in registry(kind)]
        yield from (f"## {kind[0].upper()}{kind[1:]}", "", *table(("name", "title", "what it does"), rows))
    yield from code("optviz show cosine\noptviz show lookahead", "sh")
