"""What a test function is to the rest of optviz: value, gradient, and everything worth knowing about it."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan
from typing import Any

from optviz.errors import UsageError
from optviz.functions._general import Form, General, Point, checked, repeated
from optviz.functions._slug import slug_of
from optviz.functions._squares import RESIDUALS
from optviz.functions._words import FAMILIES
from optviz.registry import Registry

DIMENSIONS, INSTANCES, FAR = (2, 1000), (1, 10_000), 1e6  # the fewest and the most; see `Function.far`

Bounds = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Function:
    """A test function of two variables x and y, or of one sequence x: made by `in_dimension`, or known in no other way.

    >>> from optviz.functions import REGISTRY
    >>> REGISTRY["sphere"].value_at((3.0, 4.0)), REGISTRY["sphere"].gradient_at((3.0, 4.0))
    (25.0, (6.0, 8.0))

    Attributes
    ----------
    name, title : str
        The registered name (``"rosenbrock"``) and the name in pictures (``"Rosenbrock"``).
    family : str
        One of `FAMILIES`, in whose order functions are listed, or another word.
    formula : str
        The function on one line, as it is shown under the title.
    value : function
        ``value(x, y)``: plain Python on ``math``, plain literals. In n dimensions ``value(x)``, see `General`.
    written_gradient : function or None
        The gradient as its author wrote it, where it is faster or more exact than the one that is derived.
    bounds : ((x_low, x_high), (y_low, y_high))
        The domain in the literature. Starts must lie inside. In n dimensions there are n pairs, here and in `view`, and
        each point has n coordinates.
    view : ((x_low, x_high), (y_low, y_high))
        The part that pictures show; the bounds unless the story happens elsewhere.
    start : (x, y)
        Where an animation starts unless told otherwise.
    minimizers : tuple of points
        Every global minimizer inside the bounds; of a `continuum` some of them. Only in more than two dimensions may
        they be unknown, so that there is none here, and the minimum be NaN.
    minimum : float
        The value there.
    local_minimizers : tuple of points
        Further minima worth marking.
    hazards : str
        Kinks, plateaus, cliffs: what an optimizer or a test must expect.
    steps : int
        Length of an animation that tells this function's story.
    reference, text, module : str
        Source, the unit's docstring, and the module that defined it.
    general : General or None
        The form in n dimensions, of a function of two variables that has one.
    dimension : int or None
        n for a function of one sequence of n numbers, None for one of two variables.
    names, traits : tuple of str
        Other names, ``"banana"``, and words of `TRAITS`.
    continuum : str
        Where all the minimizers are, if they are no single points: ``"the curve xy = 2"``.
    scratch : int
        How many numbers of memory value and gradient are given besides, see `General`, as `value_at` sees to it.
    instances : function or None
        ``instances(k)``: the function of two variables in instance k, of a function that has instances.
    instance : int or None
        Which of them this is.
    searched : bool
        Whether minimizers and minimum are the lowest that a search has found, and not known.
    uncompiled : bool
        Whether value and gradient are any Python functions, which kernels call as they are.
    typed : str
        A formula of the user's own as it was typed, with its constants as numbers; "" for all others.
    matrix : (rows, columns) or None
        Of a function of a sequence that holds a matrix, row after row: rules for matrices move it.
    plane : (str, (int, int)) or None
        What a map shows of such a function: the name of one of two variables, and which of the coordinates these are.
    """

    name: str
    title: str
    family: str
    formula: str
    value: Callable
    written_gradient: Callable | None
    bounds: Bounds
    view: Bounds
    start: Point
    minimizers: tuple[Point, ...]
    minimum: float
    local_minimizers: tuple[Point, ...]
    hazards: str
    steps: int
    reference: str
    text: str
    module: str = ""
    general: General | None = None
    dimension: int | None = None
    names: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    continuum: str = ""
    scratch: int = 0
    instances: Callable[[int], "Function"] | None = None
    instance: int | None = None
    searched: bool = False
    uncompiled: bool = False
    typed: str = ""
    matrix: tuple[int, int] | None = None
    plane: tuple[str, tuple[int, int]] | None = None

    @cached_property
    def gradient(self) -> Callable:
        """``gradient(x, y)``: the two partial derivatives. In n dimensions ``gradient(x, g)`` writes them to `g`.

        It is derived from the value unless it was given.
        """
        if self.written_gradient is not None:
            return self.written_gradient
        from optviz.formulas.backward import gradient_in  # lists of functions need none of it
        from optviz.formulas.derive import gradient_of

        return gradient_of(self.value) if self.dimension is None else gradient_in(self.value)

    @cached_property
    def slopes(self) -> Callable | None:
        """``slopes(x, y)``: value and gradient in one, of a function of two variables whose gradient is derived."""
        if self.written_gradient is not None or self.dimension is not None:
            return None
        from optviz.formulas.derive import slopes_of

        return slopes_of(self.value)

    @cached_property
    def hessian(self) -> Callable:
        """``hessian(x, y)``: the second derivatives by xx, xy and yy.

        In n dimensions ``hessian(x, v, g, h)`` writes the Hessian times `v` to `h`, and the gradient to `g`.
        """
        from optviz.formulas.derive import hessian_of, product_of

        return hessian_of(self.value) if self.dimension is None else product_of(self.gradient)

    @property
    def residuals(self) -> Callable | None:
        """``residuals(x, y)``: numbers whose squares add up to the value, where they are known."""
        return RESIDUALS.get(self.value) if REGISTRY.names() else None  # they are loaded with all units

    def value_at(self, point: Sequence[float]) -> float:
        """The value at a point, in any number of dimensions; NaN outside the domain."""
        try:
            value = self.value(*point) if self.dimension is None else self.value(point, *self._memory())
        except (ArithmeticError, ValueError):  # kernels raise nothing
            return nan
        return nan if isinstance(value, complex) else float(value)  # Python's roots of negative numbers exist

    def gradient_at(self, point: Sequence[float]) -> tuple[float, ...]:
        """The gradient at a point, in any number of dimensions; NaN outside the domain."""
        slopes = [nan] * len(point)
        try:
            if self.dimension is None:
                slopes[:] = self.gradient(*point)
            else:
                self.gradient(point, slopes, *self._memory())
        except (ArithmeticError, ValueError):
            return (nan,) * len(point)
        return tuple(nan if isinstance(slope, complex) else float(slope) for slope in slopes)

    def _memory(self) -> tuple[list[float], ...]:
        return ([nan] * self.scratch,) if self.scratch else ()

    @property
    def slug(self) -> str:
        """The name in names of files, see `slug_of`."""
        return slug_of(self.name)

    @property
    def is_general(self) -> bool:
        """Whether it has a form in n dimensions."""
        return self.general is not None

    @property
    def most(self) -> int:
        """The highest dimension that it has a form in."""
        return self.general.most if self.general is not None else len(self.bounds)

    @property
    def region(self) -> Bounds:
        """Where starts lie unless told otherwise: the view, as far as it is inside the bounds."""
        pairs = zip(self.view, self.bounds, strict=True)
        return tuple((max(low, least), min(high, most)) for (low, high), (least, most) in pairs)

    @property
    def far(self) -> float:
        """The distance from the origin in a coordinate beyond which a run has diverged.

        A million, or a thousand times the farthest bound where that is more: a function's scale must not decide.
        """
        return max(FAR, *(1e3 * abs(end) for pair in self.bounds for end in pair))

    @property
    def floor(self) -> float:
        """What is below it is below the minimum by more than rounding: ground outside the bounds, and no success."""
        return self.minimum - 1e-8 * max(abs(self.minimum), 1.0)

    def in_dimension(self, n: int) -> "Function":
        """The function of one sequence of `n` numbers, a `Function` of the same name.

        Bounds, view and start repeat those of the two variables, but for bounds that grow with n. For n = 2 value and
        gradient are those of the function of two variables to rounding.

        Parameters
        ----------
        n : int
            2 to 1000.

        Raises
        ------
        UsageTypeError
            If `n` is not a whole number.
        UsageError
            If `n` is out of range, or the function has no form in n dimensions.
        """
        n = checked("dimension", n, *DIMENSIONS)
        if n == self.dimension:
            return self
        if self.dimension is not None:
            raise UsageError(
                f"{self.name} has {self.dimension} dimensions already, and not {n}",
                "It has no form in another number of dimensions."
                if any(unit is self for unit in REGISTRY.loaded())
                else f'Start from the function of two variables: optviz.functions.REGISTRY["{self.name}"]',
            )
        if self.general is None:
            known = ", ".join(unit.name for unit in REGISTRY if unit.general is not None)
            raise UsageError(f"{self.name} has two variables and no form in {n} dimensions", f"These have one: {known}")
        general = self.general
        if n > general.most:
            raise UsageError(f"{self.name} has no form in {n} dimensions", f"It has one in up to {general.most}.")
        value, gradient = general.formulas(n)
        bounds, view = repeated(self.bounds, n), repeated(self.view, n)
        if general.bounds is not None and n > 2:
            bounds = view = (general.bounds(n),) * n
        return replace(
            self,
            title=f"{self.title}, {n}-D",
            formula=general.formula,
            value=value,
            written_gradient=gradient,
            scratch=general.scratch * n,
            bounds=bounds,
            view=view,
            start=repeated(self.start, n),
            minimizers=self.minimizers if n == 2 else tuple(general.minimizers(n)),
            minimum=self.minimum if n == 2 else general.minimum(n),
            local_minimizers=self.local_minimizers if n == 2 else tuple(general.local_minimizers(n)),
            reference=general.reference,
            general=None,
            dimension=n,
        )

    def in_instance(self, k: int) -> "Function":
        """The function in instance `k`, from 1 to 10,000: shifted, turned and raised by other numbers.

        Raises
        ------
        UsageError, UsageTypeError
            If there is no such instance.
        """
        if self.instances is None:
            raise UsageError(f"{self.name} has no instances", "The functions bbob_f1 to bbob_f24 have some.")
        k = checked("instance", k, *INSTANCES)
        unit = self.instances(k)
        return unit if self.dimension is None else unit.in_dimension(self.dimension)


def _order(unit: Function) -> tuple:
    family = [*FAMILIES, unit.family].index(unit.family)
    return family, list(_UNITS).index(unit.name)


REGISTRY: Registry[Function] = Registry("function", "optviz.functions", order=_order)
_UNITS: dict[str, None] = {}  # names in order of definition, the order within a family


def function(
    *,
    gradient: Callable | None = None,
    bounds: Bounds,
    start: Point,
    minimizers: Sequence[Point],
    minimum: float,
    title: str | None = None,
    family: str = "",
    formula: str = "",
    view: Bounds | None = None,
    local_minimizers: Sequence[Point] = (),
    hazards: str = "",
    steps: int = 300,
    reference: str = "",
    general: General | Form | None = None,
    names: Sequence[str] = (),
    traits: Sequence[str] = (),
    instances: Callable[[int], Function] | None = None,
    **facts: Any,
) -> Callable[[Callable], Function]:
    """Decorator: make a test function of its value and register it under the function's name.

    The decorated name becomes the `Function`. Arguments are the attributes of `Function`; `general` may also be what
    makes a `General` of the value and the gradient, as `chained` and `summed` do. With a `dimension` the value is one
    of a sequence, ``value(x)``, and the function has no form in two variables.
    """

    def register(value: Callable) -> Function:
        unit = Function(
            name=value.__name__,
            title=title or value.__name__,
            family=family,
            formula=formula,
            value=value,
            written_gradient=gradient,
            bounds=bounds,
            view=view or bounds,
            start=start,
            minimizers=tuple(minimizers),
            minimum=minimum,
            local_minimizers=tuple(local_minimizers),
            hazards=hazards,
            steps=steps,
            reference=reference,
            text=inspect.cleandoc(value.__doc__ or ""),
            module=value.__module__,
            general=general(value, gradient) if callable(general) else general,
            names=tuple(names),
            traits=tuple(traits),
            instances=instances,
            instance=1 if instances else None,
            **facts,
        )
        _UNITS.setdefault(unit.name)
        return REGISTRY.add(unit)

    return register
