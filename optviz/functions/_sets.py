"""Sets of test functions: the classics, and every family by its name."""

from collections.abc import Iterable
from typing import Any

from optviz.errors import UnknownNameError
from optviz.functions._function import REGISTRY
from optviz.registry import folded, suggestion

# What most papers and animations use, from the simplest on.
CLASSIC = (
    *("sphere", "quadratic", "booth", "rosenbrock", "beale", "saddle", "himmelblau", "styblinski_tang"),
    *("three_hump_camel", "goldstein_price", "mueller_brown", "rastrigin", "ackley", "eggholder"),
)


def sets() -> dict[str, list[str]]:
    """The names of the functions of two variables in each set, by its name: ``@classic``, ``@valley``."""
    plane = [unit for unit in REGISTRY if unit.dimension is None]
    known = {"@classic": list(CLASSIC), "@all": [unit.name for unit in plane]}
    for unit in plane:
        if unit.family:
            known.setdefault("@" + unit.family.replace(" ", "-"), []).append(unit.name)
    return known


def expanded(functions: Iterable[Any]) -> list[Any]:
    """Functions with the members of sets in place of these; what a set brings is there once.

    Raises
    ------
    UnknownNameError
        If there is no such set.
    """
    listed: list[Any] = []
    brought: set[str] = set()
    for one in functions:
        if isinstance(one, str) and one.startswith("@"):
            brought |= {*members(one)}
            listed += [member for member in members(one) if member not in listed]
        elif not (isinstance(one, str) and one in brought):
            listed.append(one)
    return listed


def members(name: str) -> list[str]:
    """The functions of a set."""
    known = sets()
    spelled = {folded(one): one for one in known}
    if folded(name) not in spelled:
        hint = suggestion(name, list(known))
        raise UnknownNameError(f"there is no set of functions '{name}'", f"{hint}Choose from: {', '.join(known)}")
    return known[spelled[folded(name)]]
