"""How many operations a formula takes, counted in its source as a compiler would leave them."""

import ast
from collections import Counter
from collections.abc import Callable, Iterable
from types import FunctionType

from optviz.formulas.sources import references, source_of

NAMES = {ast.Add: "+", ast.Sub: "+", ast.Mult: "*", ast.Div: "/"}


def operations(formula: Callable, varying: Iterable[str]) -> Counter[str]:
    """What a formula computes each time: ``+`` (and -), ``*``, ``/``, ``compare``, and functions by name.

    What depends on none of the `varying` arguments is computed once, elsewhere, and not counted; what the formula
    writes twice is counted once. Squares are products, a change of sign is part of the next operation.
    """
    assert isinstance(formula, FunctionType)
    (definition,) = ast.parse(source_of(formula)).body
    assert isinstance(definition, ast.FunctionDef)
    counter = _Counter(set(varying), references(formula))
    for statement in definition.body:
        counter.visit(statement)
    return counter.found


class _Counter(ast.NodeVisitor):
    """Counts below a node; `varies` says whether it must be computed each time."""

    def __init__(self, varying: set[str], scope: dict):
        self.varying, self.scope = varying, scope
        self.found: Counter[str] = Counter()
        self.seen: set[str] = set()

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        varies = self.varies(node.value)
        (target,) = node.targets
        for name in (part.id for part in ast.walk(target) if isinstance(part, ast.Name)):
            (self.varying.add if varies else self.varying.discard)(name)
            self.seen = {text for text in self.seen if name not in _names(ast.parse(text))}

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if self._is_new(node):
            self.generic_visit(node)
            if isinstance(node.op, ast.Pow):
                square = isinstance(node.right, ast.Constant) and node.right.value == 2
                self.found["*" if square else "pow"] += 1
            else:
                self.found[NAMES[type(node.op)]] += 1

    def visit_Compare(self, node: ast.Compare) -> None:
        if self._is_new(node):
            self.generic_visit(node)
            self.found["compare"] += len(node.ops)

    def visit_Call(self, node: ast.Call) -> None:
        if not self._is_new(node):
            return
        for argument in node.args:
            self.visit(argument)
        function = self.scope.get(ast.unparse(node.func))
        if isinstance(function, FunctionType):
            names = function.__code__.co_varnames[: function.__code__.co_argcount]
            given = [name for name, argument in zip(names, node.args, strict=True) if self.varies(argument)]
            self.found += operations(function, given)
        else:
            self.found[ast.unparse(node.func).rpartition(".")[2]] += 1

    def varies(self, node: ast.AST) -> bool:
        return bool(self.varying & _names(node))

    def _is_new(self, node: ast.AST) -> bool:
        text = ast.unparse(node)
        if text in self.seen or not self.varies(node):
            return False
        self.seen.add(text)
        return True


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
