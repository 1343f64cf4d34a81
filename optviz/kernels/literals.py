"""Formulas in one precision: every numeric literal bound to a dtype.

To Numba a literal is a float64 (or an int64), so ``float32 * 2.0`` computes in double precision and half the speed
of a float32 kernel is lost. Formulas stay as in the paper; their syntax tree is rewritten once per dtype, before
compilation, so that each number in it is a constant of that dtype.
"""

import ast
import functools
import inspect
import numbers
import textwrap
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from optviz.errors import UsageError

CONSTANT = "_literal_{}"  # the name under which a number of the formula is bound
COUNTING = ("range", "len", "float")  # what these are given is counted in integers


def typed(formula: Callable, dtype: type, *, as_tuple: bool = False) -> FunctionType:
    """The same formula with its numbers in `dtype`.

    Literals, constants of the ``math`` module and numbers of the formula's own module are bound to `dtype`; integer
    exponents, subscripts and what is given to ``range`` and ``len`` stay integers. ``float`` makes a number of `dtype`
    of such an integer: ``float(i + 1)``. An index that enters arithmetic or a comparison without it would be computed
    with in double precision. File and line numbers are kept, so that tracebacks show the formula.

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

    Returns
    -------
    function
        Plain Python, without the formula's decorators.

    Raises
    ------
    UsageError
        If the source cannot be read, is not what Python runs, or is not a plain function.
    """
    tree = _source_tree(formula)
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    rewriter = _Rewriter(constants_of(formula), as_tuple)
    definition.body = [rewriter.visit(statement) for statement in definition.body]
    scope = formula.__globals__ | {name: _bound(value, dtype) for name, value in rewriter.bound.items()}
    # The text is the formula's own source, which this process has imported and run already; executing the rewritten
    # definition adds nothing that its author could not do, and there is no other way from a syntax tree to a function.
    exec(_compiled(tree, formula), scope)
    return scope[formula.__name__]


def constants_of(formula: Callable) -> dict[str, Any]:
    """What the formula's global names stand for: numbers, tuples of numbers, modules, functions.

    Together with its source this is all that a formula depends on.
    """
    code, scope = formula.__code__, formula.__globals__
    return {name: scope[name] for name in code.co_names if name in scope and name not in code.co_varnames}


@functools.cache  # finding where a function ends takes a millisecond, and both its name and its code need it
def source_of(formula: Callable) -> str:
    """The text of a formula.

    Raises
    ------
    UsageError
        If it cannot be read: a lambda, a function typed at the prompt, a module without its source.
    """
    if not isinstance(formula, FunctionType) or formula.__name__ == "<lambda>":
        raise UsageError(f"{formula!r} is not a plain function", "Write the formula as a function: def name(x, ...).")
    if formula.__code__.co_freevars:
        names = ", ".join(formula.__code__.co_freevars)
        raise UsageError(
            f"the formula {formula.__name__} uses {names} of the function around it",
            "Define it at the top level of a module and pass such values as arguments.",
        )
    try:
        return inspect.getsource(formula)
    except (OSError, TypeError) as error:
        raise UsageError(
            f"the source of the formula {formula.__name__} cannot be read: {error}",
            "Define it in a file or a notebook cell, not at the prompt and not by exec.",
        ) from error


def is_number(value: Any) -> bool:
    """Whether a constant is a real number; True and False are not."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _source_tree(formula: Callable) -> ast.Module:
    """The formula's definition without decorators and annotations, checked against the code that Python runs."""
    source = source_of(formula)
    try:
        tree = ast.parse(textwrap.dedent(source))
    except SyntaxError:
        tree = ast.Module([], [])
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef):
        raise UsageError(f"the source of {formula.__name__} is not one function", "Write the formula with def.")
    ast.increment_lineno(tree, formula.__code__.co_firstlineno - 1)
    definition = tree.body[0]
    definition.decorator_list = []
    definition.returns = None
    for argument in ast.walk(definition.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    # CPython compiles math.exp in another way below "import math" than in a notebook cell of its own.
    modules = [ast.alias(name) for name, value in constants_of(formula).items() if inspect.ismodule(value)]
    preludes: list[list[ast.stmt]] = [[], [ast.Import(modules)]] if modules else [[]]
    bodies = [_compiled(ast.Module([*prelude, definition], []), formula) for prelude in preludes]
    if not any(_runs_alike(constant, formula.__code__) for body in bodies for constant in body.co_consts):
        raise UsageError(
            f"the source of {formula.__name__} has changed since it was imported", "Start Python again or reload it."
        )
    return tree


def _runs_alike(code: Any, running: CodeType) -> bool:
    if not isinstance(code, CodeType):
        return False
    return (code.co_code, code.co_names, code.co_consts) == (running.co_code, running.co_names, running.co_consts)


def _compiled(tree: ast.Module, formula: Callable) -> CodeType:
    return compile(ast.fix_missing_locations(tree), formula.__code__.co_filename, "exec", dont_inherit=True)


def _bound(value: Any, dtype: type) -> Any:
    if value is float:
        return dtype
    return tuple(dtype(number) for number in value) if isinstance(value, tuple) else dtype(value)


class _Rewriter(ast.NodeTransformer):
    """Replaces numbers, and ``float``, by names and remembers which name stands for which."""

    def __init__(self, constants: dict[str, Any], as_tuple: bool):
        self.constants = constants
        self.as_tuple = as_tuple
        self.bound: dict[str, Any] = {}

    def _name(self, node: ast.expr, value: Any) -> ast.Name:
        name = next((known for known, other in self.bound.items() if other is value), CONSTANT.format(len(self.bound)))
        self.bound[name] = value
        return ast.copy_location(ast.Name(name, ast.Load()), node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self._name(node, node.value) if is_number(node.value) else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self.constants.get(node.id)
        if is_number(value) or (isinstance(value, tuple) and value and all(map(is_number, value))):
            return self._name(node, value)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        module = self.constants.get(node.value.id) if isinstance(node.value, ast.Name) else None
        value = getattr(module, node.attr, None) if inspect.ismodule(module) else None
        return self._name(node, value) if is_number(value) else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        node.value = self.visit(node.value)  # the index stays an integer
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id in COUNTING and node.func.id not in self.constants:
            if node.func.id == "float":
                node.func = self._name(node.func, float)
        else:
            self.generic_visit(node)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        node.left = self.visit(node.left)
        if not (isinstance(node.op, ast.Pow) and self._is_integer(node.right)):
            node.right = self.visit(node.right)
        return node

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
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(node, ast.Name):
            value = self.constants.get(node.id)
        return isinstance(value, numbers.Integral) and not isinstance(value, bool)
