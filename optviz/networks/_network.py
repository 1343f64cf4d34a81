"""What a network is to the rest of optviz: its layers, and its parameters as one flat vector."""

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from optviz.errors import UsageError
from optviz.registry import Registry

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Dense:
    """A layer ``inputs @ weights + bias``.

    Attributes
    ----------
    inputs, outputs : int
        Its weights are ``(inputs, outputs)``, its bias is ``(outputs,)``.
    """

    inputs: int
    outputs: int


@dataclass(frozen=True)
class ReLU:
    """A layer ``max(0, inputs)``."""


Layer = Dense | ReLU


@dataclass(frozen=True)
class Network:
    """A network that classifies images, with everything needed to name, build and cite it.

    Attributes
    ----------
    name, title : str
        The registered name (``"mlp"``) and the name in pictures.
    layers : function
        ``layers(pixels, classes)`` gives the layers in order. Pixels are between 0 and 1; what the last layer gives
        are the logits.
    formula : str
        The network on one line.
    reference, text : str
        Source, and the unit's docstring.
    module : str
        The module that defined it.
    """

    name: str
    title: str
    layers: Callable[[int, int], Sequence[Layer]]
    formula: str = ""
    reference: str = ""
    text: str = ""
    module: str = ""

    def sizes(self, pixels: int, classes: int) -> tuple[int, ...]:
        """The sizes of its dense layers, from the input to the output: ``(784, 128, 10)``.

        Raises
        ------
        UsageError
            If the layers are not dense ones with a `ReLU` between each two, or do not fit one another or the data.
        """
        layers = list(self.layers(pixels, classes))
        dense = [layer for layer in layers[::2] if isinstance(layer, Dense)]
        between = [layer for layer in layers[1::2] if isinstance(layer, ReLU)]
        if len(dense) != len(between) + 1 or len(dense) + len(between) != len(layers):
            raise UsageError(
                f"the network {self.name} cannot be trained: its layers are {', '.join(map(str, layers))}",
                "They must be Dense layers with a ReLU between each two.",
            )
        sizes = (pixels, *(layer.outputs for layer in dense))
        if tuple(layer.inputs for layer in dense) != sizes[:-1] or sizes[-1] != classes:
            found = ", ".join(map(str, dense))
            raise UsageError(
                f"the network {self.name} does not fit {pixels} pixels and {classes} classes: {found}",
                "Each layer takes as many inputs as the last one gives, and the last gives one logit for each class.",
            )
        return sizes


REGISTRY: Registry[Network] = Registry("network", "optviz.networks", order=lambda unit: unit.name)


def network(
    *, title: str | None = None, formula: str = "", reference: str = ""
) -> Callable[[Callable[[int, int], Sequence[Layer]]], Network]:
    """Decorator: make a network of the function that lists its layers and register it under the function's name.

    The decorated name becomes the `Network`. Arguments are the attributes of `Network`.
    """

    def register(layers: Callable[[int, int], Sequence[Layer]]) -> Network:
        unit = Network(
            name=layers.__name__,
            title=title or layers.__name__,
            layers=layers,
            formula=formula,
            reference=reference,
            text=inspect.cleandoc(layers.__doc__ or ""),
            module=layers.__module__,
        )
        return REGISTRY.add(unit)

    return register


def parameter_count(sizes: Sequence[int]) -> int:
    """How many parameters dense layers of these sizes have: 101,770 for 784-128-10."""
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))


def views(parameters: "np.ndarray", sizes: Sequence[int]) -> "list[tuple[np.ndarray, np.ndarray]]":
    """The weights and the bias of each dense layer in a flat parameter vector.

    Parameters
    ----------
    parameters : (parameter_count(sizes),) or longer
        Layer after layer, the weights row by row and then the bias.
    sizes : sequence of int

    Returns
    -------
    list of (weights (inputs, outputs), bias (outputs,))
        They share the vector's memory.
    """
    layers, at = [], 0
    for inputs, outputs in pairwise(sizes):
        weights = parameters[at : at + inputs * outputs].reshape(inputs, outputs)
        at += inputs * outputs
        layers.append((weights, parameters[at : at + outputs]))
        at += outputs
    return layers


def initialise(parameters: "np.ndarray", sizes: Sequence[int], generator: "np.random.Generator") -> None:
    """Fill a flat parameter vector as Keras does: weights by Glorot & Bengio 2010, equation 16; biases zero.

    The weights of a layer are uniform within ``sqrt(6 / (inputs + outputs))``, so that signals and gradients keep
    their size from layer to layer.

    Parameters
    ----------
    parameters : (parameter_count(sizes),) float32 or float64
        Modified.
    sizes : sequence of int
    generator : np.random.Generator
        Drawn from in float64, layer after layer, so that the weights are the same in any precision but for rounding.
    """
    for weights, bias in views(parameters, sizes):
        limit = math.sqrt(6 / sum(weights.shape))
        weights[...] = generator.uniform(-limit, limit, weights.shape)
        bias[...] = 0
