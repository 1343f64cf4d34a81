"""Test functions: one file per function or family, each with value, gradient, bounds, start and minimizers."""

from optviz.functions._function import FAMILIES, REGISTRY, Bounds, Function, function

__all__ = ["FAMILIES", "REGISTRY", "Bounds", "Function", "function"]
