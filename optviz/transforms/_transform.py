"""What a transform is: a function of a test function and some numbers, that says what changes; and its text."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.formulas.calls import DEEPEST, Call, parse, split, written
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.functions import Function
from optviz.registry import Registry, suggestion
from optviz.results.numeric import number_in_range
from optviz.transforms._change import Change
from optviz.transforms._transformed import Transformed, transformed

ANY = (-1e6, 1e6, True, True)  # what a number may be unless its range says otherwise
Reader = Callable[[str], Function]
BEGUN = re.compile(r"\s*([^\W\d][\w-]*)\s*\(")
OPENED = re.compile(r"([^\W\d][\w-]*)\s*\(")
CALLED = re.compile(r"\s*([^\W\d][\w-]*)\s*\((.*)\)\s*", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Transform:
    """A function of test functions.

    Attributes
    ----------
    name, title : str
        As it is written, ``"tilted"``, and in lists, ``"Tilted"``.
    change : function
        ``change(function, *numbers)`` says what changes, as a `Change`.
    defaults : dict of str to float
        Its numbers.
    equation : str
        The new function in terms of the old one f.
    reference, text : str
        Source, and the unit's docstring.
    ranges : dict
        Bounds of the numbers: low, high, and whether they are allowed.
    names : tuple of str
        Other names.
    module : str
        The module that defined it.
    """

    name: str
    title: str
    change: Callable[..., Change]
    defaults: dict[str, float]
    equation: str = ""
    reference: str = ""
    text: str = ""
    ranges: dict[str, tuple] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    module: str = ""

    @property
    def usage(self) -> str:
        """How the transform is written: ``"tilted(FUNCTION, degrees=30)"``."""
        numbers = (f"{name}={written(value)}" for name, value in self.defaults.items())
        return f"{self.name}({', '.join(['FUNCTION', *numbers])})"

    def __call__(self, function: Any, *numbers: float, **named: float) -> "Transformed":
        """The transformed function.

        Parameters
        ----------
        function : str or Function
            What `optviz.transforms.configure` takes.
        *numbers, **named : float
            The transform's numbers, in order or by name; what is left out is as by default.

        Raises
        ------
        UnknownNameError, UsageError, UsageTypeError
            If the function is unknown, or has no such form; if a number is unknown, given twice or out of range.
        """
        inner = configure(function)
        values = self._numbers(numbers, named)
        change = self.change(inner, **values)
        if inner.dimension is not None and change.each is None:
            raise UsageError(
                f"{self.name} is for functions of two variables, and {inner.name} has {inner.dimension}",
                "It mixes x and y; shifted, stretched and mirrored have a form for each coordinate.",
            )
        return transformed(self, inner, values, change)

    def _numbers(self, numbers: tuple, named: Mapping[str, Any]) -> dict[str, float]:
        known = [*self.defaults]
        if len(numbers) > len(known):
            takes = ", ".join(known) or "no numbers"
            raise UsageError(f"{self.name} is given {len(numbers)} numbers", f"It takes {takes}: {self.usage}")
        given = dict(zip(known, numbers, strict=False))
        for name, value in named.items():
            if name not in self.defaults:
                hint = suggestion(name, known)
                raise UsageError(f"{self.name} has no number '{name}'", f"{hint}It is written {self.usage}")
            if name in given:
                raise UsageError(f"{self.name}: {name} is given twice", "Give it once.")
            given[name] = value
        checked = {}
        for name, usual in self.defaults.items():
            value = given.get(name, usual)
            where = f"{self.name}: {name} is {shown(value)}"
            checked[name] = number_in_range(where, value, self.ranges.get(name, ANY)) + 0.0  # no -0.0
        return checked


REGISTRY: Registry[Transform] = Registry(
    "transform", "optviz.transforms", order=lambda unit: list(_UNITS).index(unit.name)
)
_UNITS: dict[str, None] = {}  # names in order of definition


def transform(
    *, title: str, equation: str, reference: str, ranges: Mapping[str, tuple] | None = None, names: tuple[str, ...] = ()
) -> Callable[[Callable[..., Change]], Transform]:
    """Decorator: make a transform of a function that says what changes, and register it under the function's name.

    What it takes behind the test function are numbers with defaults. For the arguments see `Transform`.
    """

    def register(change: Callable[..., Change]) -> Transform:
        numbers = list(inspect.signature(change).parameters.values())[1:]
        if any(number.default is number.empty for number in numbers):
            raise UsageTypeError(
                f"the transform {change.__name__} has a number without a default", "Give it one: degrees=30.0"
            )
        unit = Transform(
            name=change.__name__,
            title=title,
            change=change,
            defaults={number.name: number.default for number in numbers},
            equation=equation,
            reference=reference,
            text=inspect.cleandoc(change.__doc__ or ""),
            ranges=dict(ranges or {}),
            names=names,
            module=change.__module__,
        )
        _UNITS.setdefault(unit.name)
        return REGISTRY.add(unit)

    return register


def is_transform(text: Any) -> bool:
    """Whether a text is written as a transform of something: ``"tilted(rosenbrock, 30)"``."""
    found = BEGUN.match(text) if isinstance(text, str) else None
    return found is not None and found[1] in REGISTRY and _closes_last(text, found.end() - 1)


def _closes_last(text: str, first: int) -> bool:
    """Whether nothing stands behind the bracket that closes the first one; a text may forget to close it."""
    depth = 0
    for place in range(text.index("(", max(first - 1, 0)), len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            return not text[place + 1 :].strip()
    return True


def configure(function: str | Call | Function, inside: Reader | None = None) -> Function:
    """A test function by its name, as a transform of one, or as it is.

    Parameters
    ----------
    function : str, Call or Function
        ``"rosenbrock"``, ``"tilted(rosenbrock, 30)"``, ``"logged(tilted(rosenbrock, degrees=30))"``. A formula that
        somebody has typed may stand inside, in quotes or not: ``tilted("x**2 + y**4", 30)``.
    inside : function, optional
        Reads what is no transform, a text; by default the name of a registered function.

    Returns
    -------
    Function

    Raises
    ------
    UnknownNameError
        If nothing has that name.
    UsageError, UsageTypeError
        If the text cannot be read, or a number of a transform cannot be used.
    """
    read = inside or FUNCTIONS.__getitem__
    if isinstance(function, Function):
        return function
    if isinstance(function, str):
        if not is_transform(function):
            return read(function)
        function = _parsed(function)
    if not isinstance(function, Call):
        raise UsageTypeError(f"{shown(function)} is no test function", 'Give its name: "rosenbrock"')
    if function.name not in REGISTRY or not (function.positional or function.named):
        return read(function.text)
    transform = REGISTRY[function.name]
    if not function.positional or not isinstance(function.positional[0], Call | str):
        raise UsageError(f"{function.text} does not say what is {transform.name}", f"Write {transform.usage}")
    first, *numbers = function.positional
    named: dict[str, Any] = dict(function.named)
    return transform(configure(first, inside), *numbers, **named)


def _parsed(text: str) -> Any:
    """The call that a text is; what stands first in its brackets is put in quotes where it is a formula."""
    try:
        return parse(text, "function")
    except UsageError:
        if sum(name in REGISTRY for name in OPENED.findall(text)) > DEEPEST:
            raise
        found = CALLED.fullmatch(text)
        first, *rest = split(found[2]) if found else [""]
        if found is None or not first or _is_readable(first):
            raise
        return parse(f"{found[1]}({', '.join([written(first), *rest])})", "function")


def _is_readable(text: str) -> bool:
    try:
        parse(text, "function")
    except UsageError:
        return False
    return True
