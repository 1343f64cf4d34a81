"""Test functions: one file per function or family, each with value, gradient, bounds, start and minimizers."""

from optviz.functions._function import DIMENSIONS, FAMILIES, REGISTRY, TRAITS, Bounds, Function, function
from optviz.functions._general import General, chained, summed

__all__ = [
    "DIMENSIONS",
    "FAMILIES",
    "REGISTRY",
    "TRAITS",
    "Bounds",
    "Function",
    "General",
    "chained",
    "function",
    "summed",
]
