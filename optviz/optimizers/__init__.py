"""Optimizers: one file per rule or family, each rule a plain formula with its defaults and its reference."""

from optviz.optimizers._rule import REGISTRY, Formula, UpdateRule, optimizer
from optviz.optimizers._setting import Setting, configure

__all__ = ["REGISTRY", "Formula", "Setting", "UpdateRule", "configure", "optimizer"]
