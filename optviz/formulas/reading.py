"""Syntax trees read as nodes."""

import ast
import copy
from collections.abc import Mapping

from optviz.formulas.expressions import COMPARISONS, OPERATORS, Node, call, choice, item, leaf, node, number, written


class Unreadable(Exception):
    """A syntax tree that is no expression of numbers; says why."""

    def __init__(self, reason: str, tree: ast.AST):
        super().__init__(reason)
        self.reason, self.tree = reason, tree


class Reader:
    """Makes nodes of syntax trees.

    Parameters
    ----------
    variables : dict of str to Node
        What local names stand for; the caller's to change.
    functions : dict of str to str
        The functions that may be called, as they are written, and the names under which nodes have them.
    constants : dict of str to str
        Numbers and tuples of numbers outside of the formula, likewise.

    Attributes
    ----------
    indices : set of str
        What loops count by: integers, of which ``float`` makes numbers.
    """

    def __init__(self, variables: dict[str, Node], functions: Mapping[str, str], constants: Mapping[str, str]):
        self.variables, self.functions, self.constants = variables, functions, constants
        self.indices: set[str] = set()

    def read(self, tree: ast.expr) -> Node:
        """The node of a tree.

        Raises
        ------
        Unreadable
            If the tree is anything but arithmetic on numbers.
        """
        method = getattr(self, f"_{type(tree).__name__}", None)
        if method is None:
            raise Unreadable(f"{ast.unparse(tree)} is no arithmetic on numbers", tree)
        return method(tree)

    def _Constant(self, tree: ast.Constant) -> Node:
        if isinstance(tree.value, bool) or not isinstance(tree.value, int | float):
            raise Unreadable(f"{tree.value!r} is no number", tree)
        return number(tree.value)

    def _Name(self, tree: ast.Name) -> Node:
        if tree.id in self.variables:
            return self.variables[tree.id]
        if tree.id in self.constants:
            return leaf(self.constants[tree.id])
        raise Unreadable(f"{tree.id} is no number", tree)

    def _Attribute(self, tree: ast.Attribute) -> Node:
        text = ast.unparse(tree)
        if text not in self.constants:
            raise Unreadable(f"{text} is no number", tree)
        return leaf(self.constants[text])

    def _Subscript(self, tree: ast.Subscript) -> Node:
        if isinstance(tree.value, ast.Name) and isinstance(tree.slice, ast.Constant):
            known = self.variables.get(tree.value.id)
            if known is not None and known.kind in ("call", "if", "tuple"):
                return item(int(str(tree.slice.value)), known)
        if not isinstance(tree.value, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
            raise Unreadable(f"{ast.unparse(tree)} is no number", tree)
        if isinstance(tree.value, ast.Call) and isinstance(tree.slice, ast.Constant):
            return item(int(str(tree.slice.value)), self.read(tree.value))
        return leaf(self.text(tree))

    def _UnaryOp(self, tree: ast.UnaryOp) -> Node:
        operand = self.read(tree.operand)
        if isinstance(tree.op, ast.Not):
            return node("not", operand)
        if isinstance(tree.op, ast.UAdd):
            return operand
        if not isinstance(tree.op, ast.USub):
            raise Unreadable(f"{ast.unparse(tree)} is no arithmetic on numbers", tree)
        return number(-operand.args[0]) if operand.kind == "number" else node("negative", operand)

    def _BinOp(self, tree: ast.BinOp) -> Node:
        if type(tree.op) not in OPERATORS:
            raise Unreadable(f"{ast.unparse(tree)} is no arithmetic on numbers", tree)
        return node(OPERATORS[type(tree.op)], self.read(tree.left), self.read(tree.right))

    def _IfExp(self, tree: ast.IfExp) -> Node:
        return choice(self.read(tree.test), self.read(tree.body), self.read(tree.orelse))

    def _Compare(self, tree: ast.Compare) -> Node:
        sides = [self.read(side) for side in (tree.left, *tree.comparators)]
        tests = []
        for op, left, right in zip(tree.ops, sides, sides[1:], strict=False):
            if type(op) not in COMPARISONS:
                raise Unreadable(f"{ast.unparse(tree)} does not compare numbers", tree)
            tests.append(node(COMPARISONS[type(op)], left, right))
        return tests[0] if len(tests) == 1 else node("and", *tests)

    def _BoolOp(self, tree: ast.BoolOp) -> Node:
        return node("and" if isinstance(tree.op, ast.And) else "or", *map(self.read, tree.values))

    def _Tuple(self, tree: ast.Tuple) -> Node:
        return node("tuple", *map(self.read, tree.elts))

    def _Call(self, tree: ast.Call) -> Node:
        text = ast.unparse(tree.func)
        if tree.keywords or any(isinstance(arg, ast.Starred) for arg in tree.args):
            raise Unreadable(f"{ast.unparse(tree)} is not called with plain arguments", tree)
        if text in ("len", "float") and text not in self.functions:
            counted = leaf(self.text(tree))
            if text == "len" or _counts(ast.parse(counted.args[0]), self.indices):
                return counted
            return self.read(tree.args[0])  # a number that has been one before
        if text not in self.functions:
            raise Unreadable(f"{text} is no function of numbers that optviz knows", tree)
        args = [self.read(arg) for arg in tree.args]
        return node("**", *args) if self.functions[text] == "pow" else call(self.functions[text], *args)

    def text(self, tree: ast.expr) -> str:
        """An expression of whole numbers as it is written, with the names that nodes have."""
        return ast.unparse(_Renamer(self).visit(copy.deepcopy(tree)))


def _counts(tree: ast.AST, indices: set[str]) -> bool:
    """Whether nothing but indices and lengths is in an expression."""
    if isinstance(tree, ast.Call) and ast.unparse(tree.func) == "len":
        return True
    if isinstance(tree, ast.Name):
        return tree.id in indices or tree.id == "float"
    return all(_counts(child, indices) for child in ast.iter_child_nodes(tree))


class _Renamer(ast.NodeTransformer):
    """Puts what names stand for in their place, inside what is read and not looked into."""

    def __init__(self, reader: Reader):
        self.reader = reader

    def visit_Name(self, tree: ast.Name) -> ast.expr:
        if tree.id in self.reader.variables:
            return written(self.reader.variables[tree.id], {})
        return ast.Name(self.reader.constants.get(tree.id, tree.id), tree.ctx)

    def visit_Attribute(self, tree: ast.Attribute) -> ast.expr:
        text = ast.unparse(tree)
        return ast.Name(self.reader.constants[text], tree.ctx) if text in self.reader.constants else tree
