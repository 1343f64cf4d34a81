"""Networks: one file each, with its layers and its reference."""

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
    "network",
    "pooled",
    "views",
]
