"""Optimizers: one file per rule or family, each rule a plain formula with its defaults and its reference."""

from optviz.formulas.formula import Formula
from optviz.formulas.matrices import Vectors
from optviz.formulas.solver import AT_REST, GO_ON, NO_DESCENT, SINGULAR
from optviz.formulas.words import (
    column_largest,
    column_mean,
    column_total,
    grand_total,
    largest,
    mean,
    row_largest,
    row_mean,
    row_total,
    total,
)
from optviz.optimizers._alike import alike
from optviz.optimizers._assemble import SHARE
from optviz.optimizers._choice import SETS, Member, Selection, able, expanded, is_set, meant, members
from optviz.optimizers._classes import class_arguments, class_name
from optviz.optimizers._compose import ScheduledScalars, WrappedScalars, showing
from optviz.optimizers._contenders import CONTENDERS
from optviz.optimizers._course import StepNumbers
from optviz.optimizers._digits import DIGITS
from optviz.optimizers._foreign import PACKAGES, foreign
from optviz.optimizers._invariances import invariances
from optviz.optimizers._momentary import own_numbers, step_numbers
from optviz.optimizers._numbers import ALIASES, DEFAULT_TABLES, RANGES, default_table
from optviz.optimizers._parts import schedule_numbers
from optviz.optimizers._reach import check_runs, refusal
from optviz.optimizers._rule import FAMILIES, REGISTRY, UpdateRule, optimizer
from optviz.optimizers._setting import Setting, configure, contender, labelled
from optviz.optimizers._solver import solver, variant
from optviz.wrappers import DECAYS

# What is compared unless told otherwise; more of them would not be told apart in one picture.
SEVEN = ("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam")

__all__ = [
    "ALIASES",
    "AT_REST",
    "CONTENDERS",
    "DECAYS",
    "DEFAULT_TABLES",
    "DIGITS",
    "FAMILIES",
    "GO_ON",
    "NO_DESCENT",
    "PACKAGES",
    "RANGES",
    "REGISTRY",
    "SETS",
    "SEVEN",
    "SHARE",
    "SINGULAR",
    "Formula",
    "Member",
    "ScheduledScalars",
    "Selection",
    "Setting",
    "StepNumbers",
    "UpdateRule",
    "Vectors",
    "WrappedScalars",
    "able",
    "alike",
    "check_runs",
    "class_arguments",
    "class_name",
    "column_largest",
    "column_mean",
    "column_total",
    "configure",
    "contender",
    "default_table",
    "expanded",
    "foreign",
    "grand_total",
    "invariances",
    "is_set",
    "labelled",
    "largest",
    "mean",
    "meant",
    "members",
    "optimizer",
    "own_numbers",
    "refusal",
    "row_largest",
    "row_mean",
    "row_total",
    "schedule_numbers",
    "showing",
    "solver",
    "step_numbers",
    "total",
    "variant",
]
