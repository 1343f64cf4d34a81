"""Optimizers: one file per rule or family, each rule a plain formula with its defaults and its reference."""

from optviz.optimizers._rule import REGISTRY, Formula, UpdateRule, optimizer
from optviz.optimizers._setting import ALIASES, RANGES, Setting, configure

# What is compared unless told otherwise; more of them would not be told apart in one picture.
SEVEN = ("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam")

__all__ = ["ALIASES", "RANGES", "REGISTRY", "SEVEN", "Formula", "Setting", "UpdateRule", "configure", "optimizer"]
