"""Test functions: one file per function or family, each with value, gradient, bounds, start and minimizers."""

from optviz.functions._function import DIMENSIONS, FAMILIES, REGISTRY, TRAITS, Bounds, Function, function, slug_of
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
    "slug_of",
    "summed",
]
