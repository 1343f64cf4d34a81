"""Transforms: functions made of a test function, as it is shifted, turned, stretched, or its value changed."""

from typing import Any

from optviz.transforms._change import Change
from optviz.transforms._transform import REGISTRY, Transform, configure, is_transform, transform
from optviz.transforms._transformed import Transformed

__all__ = ["REGISTRY", "Change", "Transform", "Transformed", "configure", "is_transform", "transform"]


def __getattr__(name: str) -> Any:
    """A transform by its name, ``optviz.transforms.tilted``; its module is loaded when one is asked for."""
    if not name.startswith("_") and name in REGISTRY.names():
        return REGISTRY[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *REGISTRY.names()])
