"""Networks: one file each, with its layers and its reference."""

from optviz.networks._names import named, parameter_ranges, parameter_shapes
from optviz.networks._network import (
    ACTIVATIONS,
    REGISTRY,
    Activation,
    Convolution,
    Dense,
    Dropout,
    MaxPool,
    Network,
    Plan,
    initialise,
    network,
    pooled,
    views,
)

__all__ = [
    "ACTIVATIONS",
    "REGISTRY",
    "Activation",
    "Convolution",
    "Dense",
    "Dropout",
    "MaxPool",
    "Network",
    "Plan",
    "initialise",
    "named",
    "network",
    "parameter_ranges",
    "parameter_shapes",
    "pooled",
    "views",
]
