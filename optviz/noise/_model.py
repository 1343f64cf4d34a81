"""Noise models: the gradient that an optimizer sees in place of the exact one."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from optviz.registry import Registry

# What a formula may draw, or be told, by the names of its arguments:
# - xi, standard normal, made of u: a formula that needs both takes w instead of u;
# - u and w, uniform on the open interval (0, 1), independent;
# - mean, of a minibatch of a fixed finite sample of standard normal numbers; its formula has samples and batch as
#   its first two parameters, whether or not it uses them;
# - t, the step, from 1.
DRAWS = ("xi", "u", "w", "mean", "t")


@dataclass(frozen=True, eq=False)
class NoiseModel:
    """A noise model: how one coordinate of a gradient becomes stochastic.

    Attributes
    ----------
    name, title : str
        The registered name (``"gaussian"``) and the name in pictures (``"Gaussian"``).
    gradient : function
        ``gradient(g, *draws, *parameters)`` for one coordinate: plain Python on ``math``, plain literals.
    draws, parameters : tuple of str
        The two groups of the formula's arguments after ``g``, in this order; for draws see `DRAWS`.
    defaults : dict of str to float
        The parameters that may be left out: the last ones, with the defaults of the formula's signature.
    ranges : dict of str to (low, high)
        What a parameter may be, both ends included; without a range any finite number.
    whole : tuple of str
        The parameters that count something.
    equation : str
        The stochastic gradient on one line, for tables.
    reference, text : str
        Source, and the unit's docstring.
    module : str
        The module that defined it.
    """

    name: str
    title: str
    gradient: Callable
    draws: tuple[str, ...]
    parameters: tuple[str, ...]
    defaults: dict[str, float]
    ranges: dict[str, tuple[float, float]]
    whole: tuple[str, ...]
    equation: str
    reference: str
    text: str
    module: str = ""

    @property
    def usage(self) -> str:
        """How the model is written: ``"stable:alpha,scale"``, ``"minibatch:samples,batch,sigma=1"``."""
        parts = [f"{name}={self.defaults[name]:g}" if name in self.defaults else name for name in self.parameters]
        return f"{self.name}:{','.join(parts)}" if parts else self.name

    @property
    def by_coordinate(self) -> bool:
        """Whether its numbers may differ from coordinate to coordinate: if it has a single parameter."""
        return len(self.parameters) == 1


def _order(model: NoiseModel) -> int:
    return list(_UNITS).index(model.name)


REGISTRY: Registry[NoiseModel] = Registry("noise model", "optviz.noise", order=_order)
_UNITS: dict[str, None] = {}  # names in order of definition


def noise(
    gradient: Callable | None = None,
    *,
    title: str | None = None,
    equation: str = "",
    reference: str = "",
    ranges: Mapping[str, tuple[float, float]] | None = None,
    whole: tuple[str, ...] = (),
):
    """Decorator: make a noise model of its formula and register it under the formula's name.

    The decorated name becomes the `NoiseModel`; ``@noise`` alone is enough.

    Parameters
    ----------
    gradient : function
        ``gradient(g, *draws, *parameters)``, see `NoiseModel`.
    title, equation, reference, ranges, whole
        See `NoiseModel`.

    Returns
    -------
    NoiseModel

    Raises
    ------
    TypeError
        If the formula's arguments are in another order or draw what cannot be drawn together.
    """

    def register(gradient: Callable) -> NoiseModel:
        draws, parameters = _arguments(gradient)
        signature = inspect.signature(gradient).parameters
        unit = NoiseModel(
            name=gradient.__name__,
            title=title or gradient.__name__,
            gradient=gradient,
            draws=draws,
            parameters=parameters,
            defaults={name: float(signature[name].default) for name in parameters if _has_default(signature[name])},
            ranges=dict(ranges or {}),
            whole=whole,
            equation=equation,
            reference=reference,
            text=inspect.cleandoc(gradient.__doc__ or ""),
            module=gradient.__module__,
        )
        _UNITS.setdefault(unit.name)
        return REGISTRY.add(unit)

    return register if gradient is None else register(gradient)


def _has_default(parameter: inspect.Parameter) -> bool:
    return parameter.default is not parameter.empty


def _arguments(gradient: Callable) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The draws and the parameters of a formula, checked."""
    names = list(inspect.signature(gradient).parameters)
    draws = tuple(name for name in names if name in DRAWS)
    parameters = tuple(name for name in names[1:] if name not in DRAWS)
    formula = f"{gradient.__name__}{inspect.signature(gradient)}"
    if names != ["g", *draws, *parameters]:
        raise TypeError(f"{formula}: the arguments must be g, the draws {draws} and the parameters {parameters}")
    if "xi" in draws and "u" in draws:
        raise TypeError(f"{formula}: xi is made of u, so that they depend on each other; draw w instead of u")
    if "mean" in draws and parameters[:2] != ("samples", "batch"):
        raise TypeError(f"{formula}: a formula that draws mean has the parameters samples and batch first")
    return draws, parameters
