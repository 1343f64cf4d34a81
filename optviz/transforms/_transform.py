"""What a transform is: a function of a test function and some numbers, that says what changes."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.formulas.calls import Call, parse, written
from optviz.functions import Function
from optviz.registry import Registry, suggestion
from optviz.results.numeric import number_in_range
from optviz.transforms._change import Change, formulas

ANY = (-1e6, 1e6, True, True)  # what a number may be unless its range says otherwise


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
        from optviz.transforms._configure import configure

        inner = configure(function)
        values = self._numbers(numbers, named)
        change = self.change(inner, **values)
        if inner.dimension is not None and change.each is None:
            raise UsageError(
                f"{self.name} is for functions of two variables, and {inner.name} has {inner.dimension}",
                "It mixes x and y; shifted, stretched and mirrored have a form for each coordinate.",
            )
        return _transformed(self, inner, values, change)

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


@dataclass(frozen=True)
class Transformed(Function):
    """A test function that a transform has made of another one.

    Attributes
    ----------
    inner : Function
    transform : Transform
    numbers : tuple of (str, float)
    """

    inner: Function | None = None
    transform: Transform | None = None
    numbers: tuple[tuple[str, float], ...] = ()

    @property
    def is_general(self) -> bool:
        """Whether it has a form in n dimensions: if what it is made of has one, and the transform leaves it one."""
        assert self.inner is not None and self.transform is not None
        change = self.transform.change(self.inner, **dict(self.numbers))
        return self.inner.is_general and change.each is not None

    def in_dimension(self, n: int) -> Function:
        """The transform of what it is made of in `n` dimensions; see `Function.in_dimension`."""
        assert self.inner is not None and self.transform is not None
        if not self.is_general:
            return super().in_dimension(n)
        return self if n == self.dimension else self.transform(self.inner.in_dimension(n), **dict(self.numbers))


def _transformed(transform: Transform, inner: Function, numbers: dict[str, float], change: Change) -> Transformed:
    value, gradient = formulas(change, transform.name, inner)
    moved = lambda points: tuple(tuple(float(one) for one in change.moved(point)) for point in points)
    bounds = change.bounds or box_around(inner.bounds, change.moved)
    title = inner.title.replace("-", "\N{HYPHEN}")  # typeset
    shown_formula = change.formula if inner.dimension is None else change.general_formula or change.formula
    formula = f"f({'x, y' if inner.dimension is None else 'x'}) = {shown_formula},  g = {title}"
    called = _named(inner)
    traits = tuple(trait for trait in inner.traits if trait not in change.lost)
    continuum = inner.continuum if change.keeps or not inner.continuum else f"the image of {inner.continuum}"
    own = {one.name: getattr(inner, one.name) for one in fields(Function)}
    own |= {
        "name": Call(transform.name, (called,), tuple(numbers.items())).text,
        "title": f"{inner.title}, {change.title}",
        "formula": formula,
        "value": value,
        "written_gradient": gradient,
        "bounds": bounds,
        "view": change.view or square_around(box_around(inner.view, change.moved)),
        "start": moved([inner.start])[0],
        "minimizers": moved(inner.minimizers),
        "minimum": change.level(inner.minimum),
        "local_minimizers": tuple(point for point in moved(inner.local_minimizers) if is_inside(point, bounds)),
        "hazards": "; ".join(filter(None, [_hazards(inner), change.hazards])),
        "text": "\n\n".join(filter(None, [transform.text.partition("\n\n")[0], inner.text])),
        "module": transform.module,
        "general": None,
        "names": (),
        "traits": tuple(dict.fromkeys((*traits, *change.gained))),
        "continuum": continuum,
    }
    return Transformed(**own, inner=inner, transform=transform, numbers=tuple(numbers.items()))


def _hazards(function: Function) -> str:
    """A function's hazards with its title, since its numbers need not be those of a transform."""
    if isinstance(function, Transformed) or not function.hazards:
        return function.hazards
    return f"of {function.title}: {function.hazards}"


def _named(function: Function) -> Any:
    """A function as it is written in brackets: a name or a call as it is, another text in quotes."""
    try:
        call = parse(function.name, "function")
    except UsageError:
        return function.name
    return call if isinstance(call, Call) and call.text == function.name and _is_plain(call) else function.name


def _is_plain(call: Call) -> bool:
    """Whether a call is no formula: its name may be that of a unit."""
    return call.name.isidentifier() or bool(call.positional or call.named)


def box_around(box: Any, moved: Callable) -> Any:
    """The smallest box around a moved box; only two coordinates may mix."""
    if len(box) == 2:
        corners = [moved((x, y)) for x in box[0] for y in box[1]]
    else:
        corners = [moved(tuple(low for low, _ in box)), moved(tuple(high for _, high in box))]
    return tuple((float(min(c)), float(max(c))) for c in zip(*corners, strict=True))


def square_around(box: Any) -> Any:
    """The box with its shorter sides made as long as its longest."""
    side = max(high - low for low, high in box)
    return tuple(
        pair if pair[1] - pair[0] == side else ((sum(pair) - side) / 2, (sum(pair) + side) / 2) for pair in box
    )


def is_inside(point: Any, box: Any, margin: float = 0.0) -> bool:
    """Whether a point lies in a box, off its edges by a share of it."""
    room = [margin * (high - low) for low, high in box]
    return all(low + m <= at <= high - m for at, (low, high), m in zip(point, box, room, strict=True))


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
