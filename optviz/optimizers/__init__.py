"""Optimizers: one file per rule or family, each rule a plain formula with its defaults and its reference."""

from optviz.optimizers._rule import DECAYS, FAMILIES, REGISTRY, Formula, UpdateRule, optimizer
from optviz.optimizers._setting import ALIASES, DEFAULT_TABLES, RANGES, Setting, configure, default_table

# What is compared unless told otherwise; more of them would not be told apart in one picture.
SEVEN = ("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam")

__all__ = [
    "ALIASES",
    "DECAYS",
    "DEFAULT_TABLES",
    "FAMILIES",
    "RANGES",
    "REGISTRY",
    "SEVEN",
    "Formula",
    "Setting",
    "UpdateRule",
    "configure",
    "default_table",
    "optimizer",
]
