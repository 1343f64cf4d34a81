"""A rule's formula as kernels call it: ``rule(x, g, *slots, *scalars, *constants)``.

The constants are the formula's hyperparameters and, behind them, 1 - h for each of those of which it uses that.
"""

from collections.abc import Callable, Mapping
from typing import Any

from optviz.kernels.literals import complements_of
from optviz.kernels.specialise import compiled
from optviz.optimizers import Formula


def rule(formula: Formula, dtype: type, compiled: Callable = compiled) -> Any:
    """The update in one precision, to be inlined into kernels; it gives a tuple, the next iterate first."""
    return compiled(formula.update, dtype, as_tuple=not formula.slots, complements=complements(formula))


def constants(formula: Formula, values: Mapping[str, Any]) -> list:
    """What the rule takes behind the step scalars, of numbers or of float64 arrays: one for each run."""
    return [
        *(values[name] for name in formula.hyperparameters),
        *(1 - values[name] for name in complements(formula)),
    ]


def constant_count(formula: Formula) -> int:
    """How many constants the rule takes."""
    return len(formula.hyperparameters) + len(complements(formula))


def complements(formula: Formula) -> tuple[str, ...]:
    """The hyperparameters h of which the formula uses 1 - h."""
    return complements_of(formula.update, formula.hyperparameters)
