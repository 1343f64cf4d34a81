"""Registers the optimizers of `tests.runs.logged`, for worker processes."""

from optviz.optimizers import REGISTRY
from tests.runs.logged import RULES

for _rule in RULES:
    REGISTRY.add(_rule)
