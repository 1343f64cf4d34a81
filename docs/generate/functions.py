"""The passport of every test function, and the table of all."""

from collections.abc import Iterator, Mapping, Sequence

from generate.markdown import block, code, explorer, page, paragraphs, plain, signed, table, toctree
from generate.pictures import TUNED, Rows, race_of_function, shown
from generate.sources import readable
from optviz.errors import OptvizError
from optviz.functions import FAMILIES, REGISTRY, TRAITS, Function
from optviz.units import dimensions

MOST = 12  # points that are listed


def pages(told: Mapping[str, Rows]) -> Iterator[tuple[str, str]]:
    """The pages of all functions; `told` are the numbers of their races."""
    units = list(REGISTRY)
    yield "functions/index.md", page(_index(units))
    for unit in units:
        yield f"functions/{unit.name}.md", page(_passport(unit, units, told))


def _index(units: Sequence[Function]) -> Iterator[str]:
    yield from ("# Functions", "")
    yield (
        f"{len(units)} test functions. Each page is a passport: formula, bounds, every known minimizer, hazards, the "
        "derivatives as they are compiled, a race, and the source. [What other collections say of them that is not "
        "so](../../functions.md) has a page of its own. A formula of yours in quotes runs everywhere too."
    )
    yield ""
    rows = [
        (
            f"[{plain(unit.title)}]({unit.name}.md)",
            f"`{unit.name}`",
            unit.family or "–",
            "any" if unit.is_general else str(unit.dimension or 2),
            signed(float(unit.minimum)),
            " ".join(f"`{trait}`" for trait in unit.traits),
            plain(unit.formula),
        )
        for unit in units
    ]
    heads = ("function", "name", "family", "n", "minimum", "words", "formula")
    yield from block("filtered wide", table(heads, rows))
    yield from toctree(unit.name for unit in units)


def _passport(unit: Function, units: Sequence[Function], told: Mapping[str, Rows]) -> Iterator[str]:
    yield from (f"# {plain(unit.title)}", "")
    names = "".join(f", `{name}`" for name in unit.names)
    yield from block("facts", [f"`{unit.name}`{names} · family {unit.family} · {plain(unit.reference) or 'no source'}"])
    yield from block("equation", [plain(unit.formula)])
    yield from paragraphs(unit.text)
    if race_of_function(unit):
        name = f"function-{unit.name}"
        yield from shown(name, f"Three optimizers on {plain(unit.title)}", told.get(name, ()))
        play = explorer("Play with it in the explorer", unit.name)
        yield f"{unit.steps} steps from one start; {TUNED}. {play}."
        yield ""
    yield from ("## Use it", "", *_use(unit))
    yield from ("## Facts", "", *table(("fact", "value"), _facts(unit)))
    yield from ("## Formula", "", *_sources(unit))
    alike = [one for one in units if one.family == unit.family and one is not unit]
    about = f", {FAMILIES[unit.family]}" if unit.family in FAMILIES else ""
    yield (
        f"The family {unit.family}{about}: " + ", ".join(f"[{plain(one.title)}]({one.name}.md)" for one in alike) + "."
    )
    yield from ("", "[All functions](index.md)")


def _use(unit: Function) -> Iterator[str]:
    if unit.dimension is None:
        text = f"optviz animate {unit.name}\noptviz basins {unit.name}\noptviz show {unit.name} --source"
        yield from code(text, "sh")
    yield from code(f'import optviz\n\nrun = optviz.minimize("{unit.name}", "adam")\nrun.headline()', "python")


def _facts(unit: Function) -> Iterator[tuple[str, str]]:
    yield "bounds", _bounds(unit.bounds)
    if unit.view != unit.bounds:
        yield "view", _bounds(unit.view)
    yield "start", _point(unit.start)
    yield "minimum", signed(float(unit.minimum))
    yield "minimizers", plain(unit.continuum) or _points(unit.minimizers)
    if unit.local_minimizers:
        yield "further minima", _points(unit.local_minimizers)
    if unit.hazards:
        yield "hazards", plain(unit.hazards)
    for trait in unit.traits:
        yield f"`{trait}`", TRAITS[trait]
    known = dimensions(unit)
    yield "dimensions", plain(" · ".join(filter(None, (known.get(one, "") for one in ("text", "formula")))))
    if unit.instances:
        yield "instances", "10,000 (`--instance 3`)"
    if unit.residuals:
        yield "sum of squares", "yes: Gauss-Newton and Levenberg-Marquardt run on it"


def _bounds(bounds: Sequence[tuple[float, float]]) -> str:
    pairs = [f"{signed(float(low))} to {signed(float(high))}" for low, high in bounds]
    return pairs[0] + " in each coordinate" if len({*pairs}) == 1 else ", ".join(pairs)


def _point(point: Sequence[float]) -> str:
    return f"({', '.join(signed(float(one)) for one in point)})"


def _points(points: Sequence[Sequence[float]]) -> str:
    more = len(points) - MOST
    return ", ".join(map(_point, points[:MOST])) + (f" and {more} more" if more > 0 else "") or "not known"


def _sources(unit: Function) -> Iterator[str]:
    """Value, gradient and Hessian as `optviz show --source` prints them."""
    yield from code(readable(unit.value), "python")
    derived = "written by hand" if unit.written_gradient else "derived from the value"
    try:
        text = readable(unit.gradient)
    except OptvizError:  # what is not differentiable by rules has none
        return
    yield f"::::{{dropdown}} Gradient, {derived}"
    yield from (*code(text, "python"), "::::", "")
