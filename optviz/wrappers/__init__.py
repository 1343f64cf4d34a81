"""Wrappers: formulas around any update rule, as Lookahead, averages of iterates, clipping and weight decay."""

from optviz.wrappers._decay import DECAYS, MAXIMIZE
from optviz.wrappers._wrapper import REGISTRY, Wrapper, unregistered, wrapper

__all__ = ["DECAYS", "MAXIMIZE", "REGISTRY", "Wrapper", "unregistered", "wrapper"]
