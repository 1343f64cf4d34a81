"""docs/functions.md: every test function, what is known of it, and what others have said that is not so.

``python -m tests.functions.page`` writes it.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from optviz.functions import FAMILIES, REGISTRY, TRAITS, Function
from tests.functions.errata import ERRATA

PAGE = Path(__file__).parents[2] / "docs" / "functions.md"
MARK = "<!-- Written by python -m tests.functions.page; changes made by hand are lost. -->"
LISTED = 4  # minimizers that a row names


def text() -> str:
    """The page."""
    return "\n".join([*_lines(), ""])


def _lines() -> Iterator[str]:
    units = list(REGISTRY)
    plane = sum(unit.dimension is None for unit in units)
    general = sum(unit.general is not None for unit in units)
    yield from (MARK, "", "# Test functions", "")
    yield (
        f"{len(units)} functions: {plane} of two variables, {general} of which have a form in any number of "
        f"dimensions, and {len(units) - plane} of a fixed number of variables. `optviz list functions --family "
        "valley`, `--search banana` and `--dimension 10` find some; `optviz show beale` tells everything about one, "
        "`optviz show beale --source` prints its value, gradient and Hessian as they are compiled."
    )
    yield ""
    yield (
        "Values are compared with an independent form at 1,000 points, derivatives with each other: derived, written "
        "by hand, complex step, central differences, torch. A search of 513 x 513 points with refinement finds nothing "
        "lower than a listed minimum; every listed minimizer has a gradient of zero, lies on a border, or is a kink."
    )
    yield ""
    yield from _table(("family", "functions", "what is alike"), _families(units))
    yield from ("", "Words on a function, beside its hazards:", "")
    yield from _table(("word", "the function"), [(f"`{trait}`", words) for trait, words in TRAITS.items()])
    for family in dict.fromkeys(unit.family for unit in units):
        members = [unit for unit in units if unit.family == family]
        yield from ("", f"## {family.upper() if family == 'bbob' else family[:1].upper() + family[1:]}", "")
        yield from _table(("function", "formula", "bounds", "minimum", "minimizers", "n", "words"), map(_row, members))
    yield from ("", "## What is said elsewhere and is not so", "")
    yield "Minimum, minimizers and formulas as other collections and papers print them; a test recomputes each."
    yield ""
    yield from _table(("function", "who", "what is said", "what is so"), [_erratum(one) for one in ERRATA])


def _families(units: list[Function]) -> list[tuple[str, ...]]:
    counts = Counter(unit.family for unit in units)
    return [(family, str(count), FAMILIES.get(family, "")) for family, count in counts.items()]


def _row(unit: Function) -> tuple[str, ...]:
    names = "".join(f", {name}" for name in unit.names)
    dimensions = "2" if unit.general is None else "any"
    return (
        f"**{unit.title}**<br>`{unit.name}`{names}",
        unit.formula.replace("|", "\\|"),
        _bounds(unit),
        f"{unit.minimum:.12g}".replace("-", "−"),
        unit.continuum or _points(unit),
        str(unit.dimension or dimensions),
        " ".join(f"`{trait}`" for trait in unit.traits),
    )


def _bounds(unit: Function) -> str:
    pairs = [f"{low:g} to {high:g}".replace("-", "−") for low, high in unit.bounds]
    return pairs[0] if len(set(pairs)) == 1 else ", ".join(pairs)


def _points(unit: Function) -> str:
    shown = [f"({', '.join(f'{c:.10g}' for c in point)})".replace("-", "−") for point in unit.minimizers[:LISTED]]
    more = len(unit.minimizers) - LISTED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _erratum(one) -> tuple[str, ...]:
    return f"{REGISTRY[one.function].title}<br>`{one.function}`", one.place, one.said, one.so


def _table(heads, rows) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
