"""Networks: layers for images of a shape, and their parameters as one flat vector."""

import inspect
import math
import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.registry import Registry, suggestion
from optviz.results.published import Published

if TYPE_CHECKING:
    import numpy as np

ACTIVATIONS = ("relu", "tanh", "sigmoid")
WINDOW = 3  # pixels across of a convolution's filters
POOL = 2  # cells across that a pooling takes the largest of
MOST_UNITS = 1 << 16  # of a layer


@dataclass(frozen=True)
class Dense:
    """A layer ``inputs @ weights + bias``.

    Attributes
    ----------
    units : int
        What it gives; what it takes is what the layer before it gives.
    """

    units: int


@dataclass(frozen=True)
class Activation:
    """A layer of one function of each input: ``relu`` max(0, x), ``tanh``, or ``sigmoid`` 1 / (1 + exp(-x))."""

    name: str = "relu"


@dataclass(frozen=True)
class Dropout:
    """A layer that, in training, sets a share `rate` of its inputs to zero and divides the others by ``1 - rate``."""

    rate: float


@dataclass(frozen=True)
class Convolution:
    """A layer of so many filters, 3 pixels by 3, moved over the image one pixel at a time and never over its edge."""

    filters: int


@dataclass(frozen=True)
class MaxPool:
    """A layer that takes the largest of each 2 x 2 outputs of a filter; an odd last row or column is left out."""


Layer = Dense | Activation | Dropout | Convolution | MaxPool


@dataclass(frozen=True)
class Plan:
    """A network for images of one size and so many classes, as numbers.

    Attributes
    ----------
    shape : (height, width)
        Of the images.
    filters : int
        Of the convolution, ReLU and pooling in front of the dense layers; 0 where the images go to these directly.
    sizes : tuple of int
        Of the dense layers, from their input to the logits: ``(784, 128, 10)``.
    activations : tuple of str
        Between each two dense layers.
    dropout : tuple of float
        What share of the inputs of each dense layer is dropped in training.
    """

    shape: tuple[int, int]
    filters: int
    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    dropout: tuple[float, ...]

    @property
    def parameters(self) -> int:
        """How many parameters there are: 101,770 for 784-128-10."""
        return self.front + sum((inputs + 1) * outputs for inputs, outputs in pairwise(self.sizes))

    @property
    def front(self) -> int:
        """How many of them the convolution has."""
        return (WINDOW * WINDOW + 1) * self.filters

    @property
    def convex(self) -> bool:
        """Whether its loss is convex in the parameters: one dense layer of the pixels themselves."""
        return not self.filters and len(self.sizes) == 2 and not any(self.dropout)

    @property
    def architecture(self) -> str:
        """The layers in a few words: ``"784-128-10"``, ``"784, 128 tanh, dropout 0.2, 10"``."""
        height, width = self.shape
        words = [f"{height}x{width}", f"conv {WINDOW}x{WINDOW}x{self.filters}", f"pool {POOL}x{POOL}"]
        words = words if self.filters else [str(self.sizes[0])]
        for units, activation, rate in zip(self.sizes[1:], (*self.activations, ""), self.dropout, strict=True):
            words += [f"dropout {rate:g}"] * bool(rate)
            words.append(f"{units} {activation}".removesuffix(" relu").rstrip())
        return (", " if any(" " in word for word in words) else "-").join(words)


@dataclass(frozen=True)
class Network:
    """A network that classifies images, with everything needed to name, build and cite it.

    Attributes
    ----------
    name, title : str
        The registered name (``"mlp"``) and the name in pictures.
    layers : function
        ``layers(shape, classes, **options)`` gives the layers in order, for images of ``shape`` (height, width).
        Pixels are between 0 and 1; what the last layer gives are the logits.
    formula : str
        The network on one line.
    reference, text : str
        Source, and the unit's docstring.
    module : str
        The module that defined it.
    options : dict
        Values for the further arguments of `layers`.
    published : Published or None
        Results that others report for it with these options.
    """

    name: str
    title: str
    layers: Callable[..., Sequence[Layer]]
    formula: str = ""
    reference: str = ""
    text: str = ""
    module: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    published: Published | None = None

    def configure(self, **options: Any) -> "Network":
        """Give the network other options.

        Raises
        ------
        UsageError
            If it has no such option.
        """
        for name in options:
            if name not in self.options:
                known = ", ".join(self.options) or "none"
                hint = suggestion(name, list(self.options))
                raise UsageError(f"the network {self.name} has no option '{name}'", f"{hint}It has: {known}")
        changed = self.options | options
        return replace(self, options=changed, published=self.published if changed == self.options else None)

    def plan(self, shape: tuple[int, int], classes: int) -> Plan:
        """The network for images of a size and so many classes.

        Raises
        ------
        UsageError, UsageTypeError
            If an option cannot be used, or if the layers cannot be trained or do not fit the images.
        """
        layers = list(self.layers(shape, classes, **self.options))
        for layer in layers:
            _check(self.name, layer)
        plan = _plan(shape, list(layers))
        if plan is None:
            raise UsageError(
                f"the network {self.name} cannot be trained: its layers are {', '.join(map(str, layers))}",
                "They must be Dense layers with an Activation and perhaps a Dropout between each two, and in front of "
                "them nothing, or Convolution, Activation('relu'), MaxPool and perhaps a Dropout.",
            )
        if plan.filters and min(shape) < WINDOW + POOL - 1:
            least = WINDOW + POOL - 1
            raise UsageError(
                f"the network {self.name} cannot read images of {shape[0]} x {shape[1]} pixels",
                f"Its convolution needs {least} x {least} or more; take a network without one.",
            )
        if plan.sizes[-1] != classes:
            raise UsageError(
                f"the network {self.name} gives {plan.sizes[-1]} logits for {classes} classes",
                "Its last layer must give one for each class.",
            )
        return plan


REGISTRY: Registry[Network] = Registry("network", "optviz.networks", order=lambda unit: (len(unit.formula), unit.name))


def network(
    *, title: str | None = None, formula: str = "", reference: str = "", published: Published | None = None
) -> Callable[[Callable[..., Sequence[Layer]]], Network]:
    """Decorator: make a network of the function that lists its layers and register it under the function's name.

    The decorated name becomes the `Network`. Its options are the function's arguments that have a default; the other
    arguments are the attributes of `Network`.
    """

    def register(layers: Callable[..., Sequence[Layer]]) -> Network:
        parameters = inspect.signature(layers).parameters.values()
        unit = Network(
            name=layers.__name__,
            title=title or layers.__name__,
            layers=layers,
            formula=formula,
            reference=reference,
            text=inspect.cleandoc(layers.__doc__ or ""),
            module=layers.__module__,
            options={item.name: item.default for item in parameters if item.default is not item.empty},
            published=published,
        )
        return REGISTRY.add(unit)

    return register


def views(parameters: "np.ndarray", plan: Plan) -> "list[tuple[np.ndarray, np.ndarray]]":
    """The weights and the bias of each layer in a flat parameter vector.

    Parameters
    ----------
    parameters : (plan.parameters,) or longer
        Layer after layer, the weights row by row and then the bias.
    plan : Plan

    Returns
    -------
    list of (weights (inputs, outputs), bias (outputs,))
        They share the vector's memory. A convolution's weights are (9, filters): a row for each pixel of the window,
        row by row.
    """
    shapes = [(WINDOW * WINDOW, plan.filters)] * bool(plan.filters) + list(pairwise(plan.sizes))
    layers, at = [], 0
    for inputs, outputs in shapes:
        weights = parameters[at : at + inputs * outputs].reshape(inputs, outputs)
        at += inputs * outputs
        layers.append((weights, parameters[at : at + outputs]))
        at += outputs
    return layers


def initialise(parameters: "np.ndarray", plan: Plan, generator: "np.random.Generator") -> None:
    """Fill a flat parameter vector as Keras does: weights by Glorot & Bengio 2010, equation 16; biases zero.

    The weights of a layer are uniform within ``sqrt(6 / (inputs + outputs))``, so that signals and gradients keep
    their size from layer to layer. A filter's inputs are the 9 pixels of its window, its outputs the 9 places of the
    window that a pixel can have, for each filter.

    Parameters
    ----------
    parameters : (plan.parameters,) float32 or float64
        Modified.
    plan : Plan
    generator : np.random.Generator
        Drawn from in float64, layer after layer, so that the weights are the same in any precision but for rounding.
    """
    for layer, (weights, bias) in enumerate(views(parameters, plan)):
        inputs, outputs = weights.shape
        if plan.filters and layer == 0:
            outputs *= WINDOW * WINDOW
        limit = math.sqrt(6 / (inputs + outputs))
        weights[...] = generator.uniform(-limit, limit, weights.shape)
        bias[...] = 0


def _check(name: str, layer: Any) -> None:
    """Refuse a layer whose numbers cannot be used."""
    count = layer.units if isinstance(layer, Dense) else layer.filters if isinstance(layer, Convolution) else 1
    if isinstance(count, bool) or not isinstance(count, numbers.Integral):
        raise UsageTypeError(f"a layer of the network {name} has {shown(count)} units", "Give a whole number.")
    if not 1 <= count <= MOST_UNITS:
        raise UsageError(f"a layer of the network {name} has {count} units", f"Give 1 to {MOST_UNITS}.")
    if isinstance(layer, Activation) and layer.name not in ACTIVATIONS:
        hint = suggestion(layer.name, list(ACTIVATIONS))
        raise UsageError(
            f"the network {name} has no activation {shown(layer.name)}", f"{hint}Choose from: {', '.join(ACTIVATIONS)}"
        )
    if isinstance(layer, Dropout):
        number = isinstance(layer.rate, numbers.Real) and not isinstance(layer.rate, bool)
        if not number or not 0 <= layer.rate < 1:
            raise UsageError(f"a dropout of the network {name} is {shown(layer.rate)}", "Give a number in [0, 1).")


def _plan(shape: tuple[int, int], layers: list[Any]) -> Plan | None:
    """The plan of layers in an order that can be trained; None for any other."""

    def take(kind: type) -> Any:
        return layers.pop(0) if layers and isinstance(layers[0], kind) else None

    def rate() -> float:
        dropped = take(Dropout)
        return float(dropped.rate) if dropped else 0.0

    inputs, filters = shape[0] * shape[1], 0
    first = 0.0
    if convolution := take(Convolution):
        if take(Activation) != Activation("relu") or not take(MaxPool):
            return None
        filters, first = int(convolution.filters), rate()
        inputs = pooled(shape[0]) * pooled(shape[1]) * filters
    sizes, dropout = [inputs], [first]
    activations: list[str] = []
    while dense := take(Dense):
        sizes.append(int(dense.units))
        if not layers:
            return Plan((shape[0], shape[1]), filters, tuple(sizes), tuple(activations), tuple(dropout))
        activation = take(Activation)
        if activation is None:
            return None
        activations.append(activation.name)
        dropout.append(rate())
    return None


def pooled(pixels: int) -> int:
    """How many pooled cells a convolution gives along so many pixels."""
    return (pixels - WINDOW + 1) // POOL
