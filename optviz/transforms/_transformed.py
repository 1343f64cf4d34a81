"""A test function that a transform has made of another one."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from optviz.errors import UsageError
from optviz.formulas.calls import Call, parse
from optviz.functions import Function
from optviz.transforms._change import Change, formulas


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
    transform: Any = None
    numbers: tuple[tuple[str, float], ...] = ()

    @property
    def is_general(self) -> bool:
        """Whether it has a form in n dimensions: if what it is made of has one, and the transform leaves it one."""
        assert self.inner is not None and self.transform is not None
        change = self.transform.change(self.inner, **dict(self.numbers))
        return self.inner.is_general and change.each is not None

    @property
    def most(self) -> int:
        """The highest dimension that it has a form in."""
        assert self.inner is not None
        return self.inner.most if self.is_general else len(self.bounds)

    def in_instance(self, k: int) -> Function:
        """The transform of what it is made of in instance `k`; see `Function.in_instance`."""
        assert self.inner is not None and self.transform is not None
        return self.transform(self.inner.in_instance(k), **dict(self.numbers))

    def in_dimension(self, n: int) -> Function:
        """The transform of what it is made of in `n` dimensions; see `Function.in_dimension`."""
        assert self.inner is not None and self.transform is not None
        if not self.is_general:
            return super().in_dimension(n)
        return self if n == self.dimension else self.transform(self.inner.in_dimension(n), **dict(self.numbers))


def transformed(transform: Any, inner: Function, numbers: dict[str, float], change: Change) -> Transformed:
    """The function that a transform makes of another one.

    Parameters
    ----------
    transform : Transform
    inner : Function
    numbers : dict of str to float
    change : Change
        What the transform says of these.
    """
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
    if function.searched and function.name.startswith("formula_"):
        from optviz.formulas.typed_formula import FormulaTextError, read_formula

        with contextlib.suppress(FormulaTextError):  # of a formula with constants its text does not say them
            read_formula(function.text)
            return function.text
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
