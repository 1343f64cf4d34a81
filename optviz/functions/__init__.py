"""Test functions: one file per function or family, each with value, gradient, bounds, start and minimizers."""

from optviz.functions._function import DIMENSIONS, FAR, REGISTRY, Bounds, Function, function
from optviz.functions._general import General, chained, summed
from optviz.functions._sets import CLASSIC, expanded, sets
from optviz.functions._slug import slug_of
from optviz.functions._words import FAMILIES, TRAITS

__all__ = [
    "CLASSIC",
    "DIMENSIONS",
    "FAMILIES",
    "FAR",
    "REGISTRY",
    "TRAITS",
    "Bounds",
    "Function",
    "General",
    "chained",
    "expanded",
    "function",
    "sets",
    "slug_of",
    "summed",
]
