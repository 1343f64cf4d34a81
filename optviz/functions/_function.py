"""What a test function is to the rest of optviz: value, gradient, and everything worth knowing about it."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from optviz.registry import Registry

FAMILIES = ("bowl", "valley", "plate", "saddle", "wells", "many minima")

Bounds = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Function:
    """A test function of two variables.

    Attributes
    ----------
    name, title : str
        The registered name (``"rosenbrock"``) and the name in pictures (``"Rosenbrock"``).
    family : str
        One of `FAMILIES`; functions are listed in this order.
    formula : str
        The function on one line, as it is shown under the title.
    value : function
        ``value(x, y)``: plain Python on ``math``, plain literals.
    gradient : function
        ``gradient(x, y)``: the two partial derivatives, analytic.
    bounds : ((x_low, x_high), (y_low, y_high))
        The domain in the literature. Starts must lie inside.
    view : ((x_low, x_high), (y_low, y_high))
        The part that pictures show; the bounds unless the story happens elsewhere.
    start : (x, y)
        Where an animation starts unless told otherwise.
    minimizers : tuple of points
        Every global minimizer inside the bounds.
    minimum : float
        The value there.
    local_minimizers : tuple of points
        Further minima worth marking.
    hazards : str
        Kinks, plateaus, cliffs: what an optimizer or a test must expect.
    camera : (azimuth, elevation)
        View of the surface in degrees.
    steps : int
        Length of an animation that tells this function's story.
    reference, text : str
        Source, and the unit's docstring.
    module : str
        The module that defined it.
    """

    name: str
    title: str
    family: str
    formula: str
    value: Callable
    gradient: Callable
    bounds: Bounds
    view: Bounds
    start: tuple[float, float]
    minimizers: tuple[tuple[float, float], ...]
    minimum: float
    local_minimizers: tuple[tuple[float, float], ...]
    hazards: str
    camera: tuple[float, float]
    steps: int
    reference: str
    text: str
    module: str = ""


def _order(unit: Function) -> tuple:
    family = FAMILIES.index(unit.family) if unit.family in FAMILIES else len(FAMILIES)
    return family, list(_UNITS).index(unit.name)


REGISTRY: Registry[Function] = Registry("function", "optviz.functions", order=_order)
_UNITS: dict[str, None] = {}  # names in order of definition, the order within a family


def function(
    *,
    gradient: Callable,
    bounds: Bounds,
    start: tuple[float, float],
    minimizers: Sequence[tuple[float, float]],
    minimum: float,
    title: str | None = None,
    family: str = "",
    formula: str = "",
    view: Bounds | None = None,
    local_minimizers: Sequence[tuple[float, float]] = (),
    hazards: str = "",
    camera: tuple[float, float] = (-60.0, 45.0),
    steps: int = 300,
    reference: str = "",
) -> Callable[[Callable], Function]:
    """Decorator: make a test function of its value and register it under the function's name.

    The decorated name becomes the `Function`. Arguments are the attributes of `Function`.
    """

    def register(value: Callable) -> Function:
        unit = Function(
            name=value.__name__,
            title=title or value.__name__,
            family=family,
            formula=formula,
            value=value,
            gradient=gradient,
            bounds=bounds,
            view=view or bounds,
            start=start,
            minimizers=tuple(minimizers),
            minimum=minimum,
            local_minimizers=tuple(local_minimizers),
            hazards=hazards,
            camera=camera,
            steps=steps,
            reference=reference,
            text=inspect.cleandoc(value.__doc__ or ""),
            module=value.__module__,
        )
        _UNITS.setdefault(unit.name)
        return REGISTRY.add(unit)

    return register
