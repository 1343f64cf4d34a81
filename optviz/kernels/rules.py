"""A rule's formula as kernels call it: ``rule(x, g, *slots, *scalars, *constants)``, the value first of the scalars.

The constants are the formula's hyperparameters and, behind them, 1 - h for each of those of which it uses that.
"""

import ast
from collections.abc import Callable, Mapping
from typing import Any

from optviz.errors import FormulaError
from optviz.formulas.complements import complements_of
from optviz.formulas.sources import place_of, tree
from optviz.formulas.sums import split
from optviz.kernels.specialise import compiled
from optviz.optimizers import Formula


def rule(formula: Formula, dtype: type, compiled: Callable = compiled) -> Any:
    """The update in one precision, to be inlined into kernels; it gives a tuple, the next iterate first.

    Of a formula with sums these stand first among the step scalars, behind the value.
    """
    _check_result(formula)
    update = split(formula).formula.update
    return compiled(update, dtype, as_tuple=not formula.slots, complements=complements(formula))


def constants(formula: Formula, values: Mapping[str, Any]) -> list:
    """What the rule takes behind the step scalars, of numbers or of float64 arrays: one for each run."""
    return [
        *(values[name] for name in formula.hyperparameters),
        *(1 - values[name] for name in complements(formula)),
    ]


def constant_count(formula: Formula) -> int:
    """How many constants the rule takes."""
    return len(formula.hyperparameters) + len(complements(formula))


def number_count(formula: Formula) -> int:
    """How many numbers the rule takes behind its state and the value: step scalars of a table, and constants."""
    return len(formula.table_names) + constant_count(formula)


def complements(formula: Formula) -> tuple[str, ...]:
    """The hyperparameters h of which the formula uses 1 - h."""
    return complements_of(formula.companion or formula.update, formula.hyperparameters)


def _check_result(formula: Formula) -> None:
    """Refuse an update that plainly gives more or less than the next iterate and the next state slots."""
    needed = 1 + len(formula.slots)
    for node in ast.walk(tree(formula.update)):
        if isinstance(node, ast.Return):
            count = needed
            if isinstance(node.value, ast.Tuple) and not any(isinstance(part, ast.Starred) for part in node.value.elts):
                count = len(node.value.elts)
            elif isinstance(node.value, ast.BinOp | ast.UnaryOp | ast.Constant):
                count = 1
            if count != needed:
                raise FormulaError(
                    f"the formula {place_of(formula.update, node.lineno)} gives {count} "
                    f"number{'s' * (count > 1)}, and {needed} are needed",
                    f"Return the next x and then {', '.join(formula.slots) or 'nothing else'}.",
                )
