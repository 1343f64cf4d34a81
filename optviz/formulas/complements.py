"""Where a formula writes ``1 - h``: numbers that float32 cannot make of its own.

Of 0.9999 it keeps four digits of the 1e-4 that is left. So whoever compiles a formula gives it the difference, made in
float64, beside each such hyperparameter h. A formula that calls another one passes it on.
"""

import ast
import functools
import inspect
import numbers
from collections.abc import Callable
from types import FunctionType
from typing import Any

from optviz.formulas.sources import dotted, references, tree

COMPLEMENT = "one_minus_{}"  # the argument that stands for 1 - h


@functools.cache
def complements_of(formula: Callable, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the arguments `names` of which the formula, or one that it calls, uses ``1 - name``, in order."""
    definition = tree(formula)
    used = {name for name in map(complemented, ast.walk(definition)) if name}
    functions = {name: value for name, value in references(formula).items() if isinstance(value, FunctionType)}
    for node in ast.walk(definition):
        if isinstance(node, ast.Call) and dotted(node.func) in functions:
            used |= set(complement_arguments(node, functions[dotted(node.func)]).values())
    changed = {
        node.id for node in ast.walk(definition) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    own = {name for name in names if COMPLEMENT.format(name) in formula.__code__.co_varnames}
    return tuple(name for name in names if name in used and name not in changed | own)


def complement_arguments(call: ast.Call, called: FunctionType) -> dict[str, str]:
    """For each argument h of a function of which it uses ``1 - h``, the name that a call gives for it."""
    parameters = tuple(inspect.signature(called).parameters)
    places = dict(zip(parameters, call.args, strict=False))
    given = {name: places[name] for name in complements_of(called, parameters) if name in places}
    return {name: node.id for name, node in given.items() if isinstance(node, ast.Name)}


def complemented(node: ast.AST) -> str:
    """The name of ``1 - name``; "" for any other node."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and isinstance(node.right, ast.Name)):
        return ""
    one = node.left.value if isinstance(node.left, ast.Constant) else None
    return node.right.id if is_number(one) and one == 1 else ""


def is_number(value: Any) -> bool:
    """Whether a constant is a real number; True and False are not."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
