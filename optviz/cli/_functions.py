"""Test functions as they are typed: a name, a formula, a function in a file, and what belongs to one's own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optviz.cli import _read
from optviz.cli._groups import option
from optviz.cli._scripts import from_script, is_script
from optviz.errors import UsageError
from optviz.units import registry

if TYPE_CHECKING:
    from optviz.functions import Function

OWN = ("minimum", "constants")  # what is said of a function of one's own


@dataclass(frozen=True)
class Subject:
    """What runs are made on.

    Attributes
    ----------
    text : str
        As it was typed; of a registered function its name.
    given : dict
        Bounds, minimum, constants and start, as far as they were given.
    """

    text: str
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """What its files are called."""
        if is_script(self.text):
            return self.text.rpartition(":")[2]
        if registered(self.text):
            return re.sub(r"[^\w.-]+", "-", self.text).strip("-")[:60]
        return "formula"

    def make(self) -> "Function":
        """The function; of a formula the search for its lowest point is made now."""
        from optviz.functions import Function
        from optviz.runs.points.own import function
        from optviz.runs.points.subject import function_of

        if is_script(self.text):
            unit, _ = from_script("FUNCTION", self.text)
            if isinstance(unit, Function):
                return unit
            return function(unit, **{name: value for name, value in self.given.items() if name != "constants"})
        if registered(self.text):
            return function_of(self.text, instance=self.given.get("instance"))
        return function(self.text, **self.given)


def is_own(text: str) -> bool:
    """Whether a text is a formula, or names something in a file."""
    return is_script(text) or not registered(text)


def registered(text: str) -> bool:
    """Whether a text names a function that optviz knows, and is no formula."""
    from optviz.formulas.typed_formula import looks_typed

    return text in registry("functions") or not looks_typed(text)


def subject(text: str, given: dict[str, Any]) -> Subject:
    """What runs are made on, checked as far as that goes without searching for anything.

    Parameters
    ----------
    text : str
        ``rosenbrock``, ``"(1 - x)**2 + y**2"`` or ``my.py:f``.
    given : dict
        What was given of `OWN`, and the start; None for what was not.

    Raises
    ------
    UsageError
        If it is none of these, or has what is given already.
    """
    given = {name: value for name, value in given.items() if value is not None}
    if "instance" in given and is_own(text):
        raise UsageError("--instance is for functions that have instances", "See: optviz list functions --family bbob")
    if is_script(text):
        from optviz.functions import Function

        unit, rest = from_script("FUNCTION", text)
        if rest:
            raise UsageError(f"FUNCTION: nothing is expected behind {text.removesuffix(rest)}", f"Leave out {rest}")
        if isinstance(unit, Function):
            _refuse(unit.name, given)
        if "constants" in given:
            raise UsageError("--set is for formulas", "A function in a file has constants of its own.")
    elif registered(text):
        name = registry("functions")[text].name
        _refuse(name, given)
        if "instance" in given:
            registry("functions")[name].in_instance(given["instance"])  # which says where there is none
        return Subject(name, given)
    else:
        from optviz.formulas.typed_formula import read_formula
        from optviz.runs.points.own_checks import checked_box, checked_constants

        read_formula(text, checked_constants(given.get("constants")))
        if "bounds" in given:
            checked_box(given["bounds"], 2)
    return Subject(text, given)


def _refuse(name: str, given: dict[str, Any]) -> None:
    for what in OWN:
        if what in given:
            flag = "--set" if what == "constants" else f"--{what}"
            raise UsageError(f"{flag} is for formulas and functions of your own; {name} has its own", "Leave it out.")


def some_functions(flag: str, given: Sequence[str]) -> list[Subject]:
    """Names, sets and formulas of repeated comma lists; ``all`` of two variables for ``all``."""
    if [text.strip() for text in given] == ["all"]:
        return [Subject(unit.name) for unit in registry("functions") if unit.dimension is None]
    from optviz.functions import expanded

    return [subject(text, {}) for text in expanded(_read.split(flag, given, "functions"))]


def constants(flag: str, given: Sequence[str]) -> dict[str, float]:
    """Numbers by name from repeated comma lists of ``NAME=VALUE``."""
    known: dict[str, float] = {}
    for text in given:
        for pair in text.split(","):
            name, equals, value = pair.strip().partition("=")
            if not equals:
                raise UsageError(f"{flag}: '{pair}' has no value", "Give names and numbers: --set a=1,b=100")
            if name in known:
                raise UsageError(f"{flag} names {name} twice", "Name it once.")
            known[name.strip()] = _read.number(flag, value)
    return known


def minimum(flag: str, text: str) -> float | tuple[float, float]:
    """A number, or a point from ``X,Y``."""
    return _read.point(flag, text) if "," in text else _read.number(flag, text)


def argument(help: str) -> Any:
    """The test function of a command."""
    offered = _read.completion(lambda: registry("functions").names())
    return option("FUNCTION", help, ..., complete=offered, argument=True)
