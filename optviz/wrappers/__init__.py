"""Wrappers: formulas around any update rule, as Lookahead, averages of iterates, clipping and weight decay."""

from typing import Any

from optviz.wrappers._decay import DECAYS, MAXIMIZE
from optviz.wrappers._wrapper import REGISTRY, Wrapper, unregistered, wrapper

__all__ = ["DECAYS", "MAXIMIZE", "REGISTRY", "Wrapper", "unregistered", "wrapper"]


def __getattr__(name: str) -> Any:
    """A wrapper by its name, ``optviz.wrappers.lookahead``; its module is loaded when one is asked for."""
    if not name.startswith("_") and name in REGISTRY.names():
        return REGISTRY[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *REGISTRY.names()])
