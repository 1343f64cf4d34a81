"""Schedules: by what factor a hyperparameter is multiplied at each step, one formula each.

A schedule is called like a function and written likewise: ``optviz.schedules.cosine(0.1, warmup=100)`` is
``"cosine(0.1, warmup=100)"``. Reduction on a plateau looks at the run and is a wrapper.
"""

from typing import Any

from optviz.schedules._configure import configure
from optviz.schedules._schedule import Schedule
from optviz.schedules._shape import REGISTRY, Shape, schedule

__all__ = ["REGISTRY", "Schedule", "Shape", "configure", "schedule"]


def __getattr__(name: str) -> Any:
    """A schedule by its name, ``optviz.schedules.cosine``; its module is loaded when one is asked for."""
    if not name.startswith("_") and name in REGISTRY.names():
        return REGISTRY[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *REGISTRY.names()])
