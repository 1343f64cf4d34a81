"""Formulas in one precision: every numeric literal bound to a dtype.

To Numba a literal is a float64 (or an int64), so ``float32 * 2.0`` computes in double precision and half the speed
of a float32 kernel is lost. Formulas stay as in the paper; their syntax tree is rewritten once per dtype, before
compilation, so that each number in it is a constant of that dtype.

``1 - decay`` is a number that float32 cannot make of its own: of 0.9999 it keeps four digits of the 1e-4 that is left.
So where a rule writes ``1 - h`` for a hyperparameter h, its kernel is given the difference, made in float64.
"""

import ast
import math
import numbers
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from optviz.formulas.complements import COMPLEMENT, complement_arguments, complemented, is_number
from optviz.formulas.sources import dotted, executable, references, tree_of

CONSTANT = "_literal_{}"  # the name under which a number of the formula is bound
LONG = 8  # numbers of a tuple, beyond which it becomes an array: each index into a tuple is a branch for each element
COUNTING = ("range", "len", "float")  # what these are given is counted in integers
# These give integers, which a kernel would have to make numbers of again; what gives numbers at once.
ROUNDING: dict[Any, Any] = {math.floor: np.floor, math.ceil: np.ceil, math.trunc: np.trunc}

Helper = Callable[[FunctionType, tuple[str, ...]], Any]  # (the function, of which arguments 1 - h is given too)


def typed(
    formula: Callable,
    dtype: type,
    *,
    as_tuple: bool = False,
    complements: Sequence[str] = (),
    helper: Helper | None = None,
    rounding: bool = False,
) -> FunctionType:
    """A formula with its numbers in `dtype`.

    Literals, constants of the ``math`` module and numbers of modules and classes are bound to `dtype`, long tuples of
    them as arrays; integer exponents, subscripts and what is given to ``range`` and ``len`` stay integers. ``float``
    makes a number of `dtype` of such an integer: ``float(i + 1)``; of what ``floor`` and its like give one is made by
    itself. An index that enters arithmetic or a comparison without it would be computed with in double precision.
    File and line numbers are kept, so that tracebacks show the formula.

    Parameters
    ----------
    formula : function
        A function of a module or notebook, made by ``def``: scalar arithmetic on its arguments or on their elements,
        ``math`` functions, loops over ``range``.
    dtype : type
        ``np.float32`` or ``np.float64``.
    as_tuple : bool
        Whether ``return expression`` becomes ``return (expression,)``, so that the update of a rule without state
        gives a tuple as all others do.
    complements : sequence of str
        Arguments h for which ``1 - h`` is given by further arguments, in this order; see
        `optviz.formulas.complements`. An argument ``one_minus_h`` of the formula's own stands for it too.
    helper : callable, optional
        What takes the place of a plain function that the formula calls.
    rounding : bool
        Whether NumPy's ``floor`` and its like take the place of those of ``math``, which a GPU does not know.

    Returns
    -------
    function
        Plain Python, without the formula's decorators.

    Raises
    ------
    FormulaError
        If the source cannot be read, is not what Python runs, or is not a plain function.
    """
    definition = tree_of(formula)
    given = {argument.arg for argument in definition.args.args}
    known = {name for name in given if COMPLEMENT.format(name) in given}
    rewriter = _Rewriter(references(formula), as_tuple, {*complements, *known}, helper, rounding)
    definition.body = [rewriter.visit(statement) for statement in definition.body]
    arguments = definition.args
    arguments.args += [ast.arg(COMPLEMENT.format(name)) for name in complements]
    # Defaults are what they were when the formula was defined.
    arguments.defaults = [rewriter.name(value) for value in formula.__defaults__ or ()]
    arguments.kw_defaults = [
        rewriter.name((formula.__kwdefaults__ or {})[argument.arg]) if default else None
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    scope = formula.__globals__ | {name: _bound(value, dtype) for name, value in rewriter.bound.items()}
    # The text is the formula's own source, which this process has imported and run already; executing the rewritten
    # definition adds nothing that its author could not do, and there is no other way from a syntax tree to a function.
    exec(executable(ast.Module([definition], []), formula), scope)
    return scope[definition.name]  # the function may have been renamed since


def _is_numbers(value: Any) -> bool:
    """Whether a constant is a number or a tuple of such."""
    return is_number(value) or (isinstance(value, tuple) and bool(value) and all(map(_is_numbers, value)))


def _bound(value: Any, dtype: type) -> Any:
    if value is float:
        return dtype
    if isinstance(value, tuple):
        if len(value) > LONG and all(map(is_number, value)):
            array: np.ndarray = np.array(value, dtype)
            array.flags.writeable = False
            return array
        return tuple(_bound(number, dtype) for number in value)
    return dtype(value) if is_number(value) else value


def _is_counted(node: ast.expr) -> bool:
    """Whether an expression may be one of whole numbers: it holds no other number, and calls nothing but ``len``."""
    parts = [*ast.walk(node)]
    floats = any(isinstance(part, ast.Constant) and isinstance(part.value, float) for part in parts)
    calls = (part for part in parts if isinstance(part, ast.Call))
    return not floats and all(dotted(part.func) == "len" for part in calls)


class _Rewriter(ast.NodeTransformer):
    """Replaces numbers, functions and ``float`` by names and remembers which name stands for which."""

    def __init__(
        self, constants: dict[str, Any], as_tuple: bool, complements: set[str], helper: Helper | None, rounding: bool
    ):
        self.constants, self.rounding = constants, rounding
        self.as_tuple = as_tuple
        self.complements = complements
        self.helper = helper
        self.bound: dict[str, Any] = {}

    def name(self, value: Any) -> ast.Name:
        name = next((known for known, other in self.bound.items() if other is value), CONSTANT.format(len(self.bound)))
        self.bound[name] = value
        return ast.Name(name, ast.Load())

    def _name(self, node: ast.expr, value: Any) -> ast.Name:
        return ast.copy_location(self.name(value), node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self._name(node, node.value) if is_number(node.value) else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._reference(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return self._reference(node)

    def _reference(self, node: ast.expr) -> ast.expr:
        value = self.constants.get(dotted(node))
        if self.helper and isinstance(value, FunctionType):
            return self._name(node, self.helper(value, ()))
        return self._name(node, value) if _is_numbers(value) else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        node.value = self.visit(node.value)  # the index stays an integer
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id in COUNTING and node.func.id not in self.constants:
            if node.func.id == "float":
                node.func = self._name(node.func, float)
                if not _is_counted(node.args[0]):
                    node.args = [self.visit(argument) for argument in node.args]
            return node
        called = self.constants.get(dotted(node.func))
        if self.helper and isinstance(called, FunctionType):
            passed = {ours: own for ours, own in complement_arguments(node, called).items() if own in self.complements}
            node.func = self._name(node.func, self.helper(called, tuple(passed)))
            node.args = [self.visit(argument) for argument in node.args]
            node.args += [ast.Name(COMPLEMENT.format(name), ast.Load()) for name in passed.values()]
            return node
        self.generic_visit(node)
        is_round = isinstance(node.func, ast.Name) and node.func.id == "round"
        if self.rounding and (called in ROUNDING or is_round):
            node.func = self._name(node.func, ROUNDING.get(called, np.rint))
            return node
        if called in ROUNDING or is_round:
            return ast.copy_location(ast.Call(self._name(node.func, float), [node], []), node)  # else an integer
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        name = complemented(node)
        if name in self.complements:
            return ast.copy_location(ast.Name(COMPLEMENT.format(name), ast.Load()), node)
        node.left = self.visit(node.left)
        if not isinstance(node.op, ast.Pow) or not self._is_integer(node.right):
            node.right = self.visit(node.right)
            return node
        exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else None
        if exponent is None or not isinstance(node.right.op, ast.USub):  # type: ignore[attr-defined]
            return node
        # Numba raises over 0**-2, whatever the error model; 1 / 0**2 is infinite, as everything else of the kind.
        node.right = exponent
        return ast.copy_location(ast.BinOp(self._name(node, 1.0), ast.Div(), node), node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        # Numba unrolls x**2 but not x **= 2; written out, both keep their integer exponent.
        if not isinstance(node.op, ast.Pow) or not isinstance(node.target, ast.Name):
            node.value = self.visit(node.value)
            return node
        old = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
        power = self.visit_BinOp(ast.copy_location(ast.BinOp(old, node.op, node.value), node))
        return ast.copy_location(ast.Assign([node.target], power), node)

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        if node.value is not None:
            node.value = self.visit(node.value)
            if self.as_tuple and not isinstance(node.value, ast.Tuple):
                node.value = ast.copy_location(ast.Tuple([node.value], ast.Load()), node.value)
        return node

    def _is_integer(self, node: ast.expr) -> bool:
        """An integer in the source, as ``2``, ``-2`` or a module's constant: an exponent to leave alone."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            return self._is_integer(node.operand)
        value = node.value if isinstance(node, ast.Constant) else self.constants.get(dotted(node))
        return isinstance(value, numbers.Integral) and not isinstance(value, bool)
