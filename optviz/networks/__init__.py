"""Networks: one file each, with its layers and its reference."""

from optviz.networks._network import (
    REGISTRY,
    Dense,
    Network,
    ReLU,
    initialise,
    network,
    parameter_count,
    views,
)

__all__ = ["REGISTRY", "Dense", "Network", "ReLU", "initialise", "network", "parameter_count", "views"]
