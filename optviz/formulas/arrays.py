"""Functions of an array, ``np.sum(100*(x[1:] - x[:-1]**2)**2)``, written out with loops, so that they can be compiled.

Sums, means, dot products and norms of arithmetic on the whole array, or on slices of it that leave out a few elements
at its ends, become loops that add up; or, for two variables, the few terms themselves.
"""

import ast
import copy
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from optviz.errors import FormulaError
from optviz.formulas.composing import made_of
from optviz.formulas.plain import plain_form
from optviz.formulas.sources import place_of, references, tree_of

INDEX = "i"
MODULES = ("np", "numpy", "math")
SUMS = ("sum", "mean", "dot", "norm", "vdot", "inner")
ELEMENTWISE = "square"  # of NumPy's names the one that neither math nor Numba's numbers have


@dataclass
class Vector:
    """An array as one of its elements.

    Attributes
    ----------
    element : ast.expr
        The element with the number ``INDEX``, from 0 on.
    cut : int
        How many elements fewer than the function's argument it has.
    """

    element: ast.expr
    cut: int


Value = ast.expr | Vector


class _Refused(Exception):
    """What cannot be written out, and where."""

    def __init__(self, reason: str, tree: ast.AST):
        super().__init__(reason)
        self.reason, self.line = reason, getattr(tree, "lineno", None)


def written_out(function: Callable, pair: bool) -> FunctionType:
    """A function of an array as a formula.

    Parameters
    ----------
    function : function
        ``f(x)``: assignments and a ``return``.
    pair : bool
        Whether it becomes a formula of two variables, ``f(x, y)``, and not of a sequence.

    Raises
    ------
    FormulaError
        If it is made of more than sums of arithmetic on the array.
    """
    formula = plain_form(function)
    writer = _Writer(formula, pair)
    try:
        body = writer.body(tree_of(formula).body)
    except _Refused as error:
        problem = f"the formula {place_of(formula, error.line)} is not written out: {error.reason}"
        raise FormulaError(problem, "It runs as it is.") from error
    arguments = ["x", "y"] if pair else [writer.array]
    plain = ast.arguments([], [ast.arg(name) for name in arguments], None, [], [], None, [])
    whole = ast.FunctionDef(
        "formula" if formula.__name__ == "<lambda>" else formula.__name__, plain, body, [], lineno=1
    )
    scope = formula.__globals__ | {"__name__": formula.__module__}
    return made_of(whole, scope)


class _Writer:
    """Writes the statements of a function of an array."""

    def __init__(self, formula: FunctionType, pair: bool):
        (self.array,) = formula.__code__.co_varnames[: formula.__code__.co_argcount]
        self.pair, self.outside = pair, references(formula)
        self.taken = set(formula.__code__.co_varnames) | {"x", "y", INDEX}
        self.known: dict[str, Value] = {}
        self.lines: list[ast.stmt] = []
        self.known[self.array] = Vector(self._element(ast.Name(INDEX, ast.Load())), 0)

    def body(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """All statements."""
        for statement in statements:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue
            if isinstance(statement, ast.Return) and statement.value is not None:
                self.lines.append(ast.Return(self._scalar(statement.value)))
                return self.lines
            if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
                raise _Refused(f"{ast.unparse(statement).splitlines()[0]} is no assignment", statement)
            name, value = statement.targets[0].id, self._value(statement.value)
            if name == self.array or (self.pair and name in ("x", "y")):
                raise _Refused(f"{name} is given another value", statement)
            if isinstance(value, Vector):
                self.known[name] = value
            else:
                self.known[name] = ast.Name(name, ast.Load())
                self.lines.append(ast.Assign([ast.Name(name, ast.Store())], value))
        raise _Refused("it returns nothing", statements[-1])

    def _element(self, index: ast.expr) -> ast.expr:
        """An element of the argument."""
        return ast.Subscript(ast.Name(self.array, ast.Load()), index, ast.Load())

    def _scalar(self, tree: ast.expr) -> ast.expr:
        value = self._value(tree)
        if isinstance(value, Vector):
            raise _Refused(f"{ast.unparse(tree)} is an array where a number is needed", tree)
        return value

    def _value(self, tree: ast.expr) -> Value:
        if isinstance(tree, ast.Constant) or ast.unparse(tree) in self.outside:
            return tree
        if isinstance(tree, ast.Name) and tree.id in self.known:
            return copy.deepcopy(self.known[tree.id])
        if isinstance(tree, ast.UnaryOp):
            return self._joined([tree.operand], lambda parts: ast.UnaryOp(tree.op, parts[0]))
        if isinstance(tree, ast.BinOp):
            if isinstance(tree.op, ast.MatMult):
                return self._summed(ast.BinOp(tree.left, ast.Mult(), tree.right), "sum")
            return self._joined([tree.left, tree.right], lambda parts: ast.BinOp(parts[0], tree.op, parts[1]))
        if isinstance(tree, ast.Subscript):
            return self._part(tree)
        if isinstance(tree, ast.Attribute) and tree.attr == "size":
            return self._length(tree.value)
        if isinstance(tree, ast.Call):
            return self._call(tree)
        raise _Refused(f"{ast.unparse(tree)} is no arithmetic on arrays", tree)

    def _joined(self, trees: list[ast.expr], make: Callable[[list[ast.expr]], ast.expr]) -> Value:
        """Arithmetic, element by element where any part is an array."""
        parts = [self._value(tree) for tree in trees]
        cuts = {part.cut for part in parts if isinstance(part, Vector)}
        if len(cuts) > 1:
            raise _Refused("arrays of different lengths meet", trees[0])
        whole = make([part.element if isinstance(part, Vector) else part for part in parts])
        return Vector(whole, cuts.pop()) if cuts else whole

    def _part(self, tree: ast.Subscript) -> Value:
        """A slice of an array, or an element."""
        array = self._value(tree.value)
        if not isinstance(array, Vector):
            raise _Refused(f"{ast.unparse(tree)} is no part of the array", tree)
        if not isinstance(tree.slice, ast.Slice):
            return self._at(array, _whole(tree.slice, tree))
        if tree.slice.step is not None:
            raise _Refused(f"{ast.unparse(tree)} takes not every element", tree)
        first = 0 if tree.slice.lower is None else _whole(tree.slice.lower, tree)
        last = 0 if tree.slice.upper is None else _whole(tree.slice.upper, tree)
        if first < 0 or last > 0:
            raise _Refused(f"{ast.unparse(tree)} does not leave out a few elements at the ends", tree)
        moved = ast.BinOp(ast.Name(INDEX, ast.Load()), ast.Add(), ast.Constant(first)) if first else None
        element = _replaced(array.element, moved) if moved else array.element
        return Vector(element, array.cut + first - last)

    def _at(self, array: Vector, place: int) -> ast.expr:
        """One element of an array, from its start or from its end."""
        if self.pair:
            count = 2 - array.cut
            if not -count <= place < count:
                raise _Refused("an element is beyond two variables", array.element)
            return self._named(_replaced(array.element, ast.Constant(place % count)))
        if place >= 0:
            return _replaced(array.element, ast.Constant(place))
        length = ast.parse(f"len({self.array})", mode="eval").body
        return _replaced(array.element, ast.BinOp(length, ast.Sub(), ast.Constant(array.cut - place)))

    def _length(self, tree: ast.expr) -> ast.expr:
        array = self._value(tree)
        if not isinstance(array, Vector):
            raise _Refused(f"{ast.unparse(tree)} is no array", tree)
        if self.pair:
            return ast.Constant(float(2 - array.cut))
        length = f"len({self.array})" + (f" - {array.cut}" if array.cut else "")
        return ast.parse(f"float({length})", mode="eval").body

    def _call(self, tree: ast.Call) -> Value:
        name, owner = _called(tree)
        if any(word.arg != "axis" or ast.unparse(word.value) not in ("0", "None", "-1") for word in tree.keywords):
            raise _Refused(f"{ast.unparse(tree)} has arguments by name", tree)
        if name == "len" and not owner:
            return self._length(tree.args[0])
        if owner in MODULES or not owner:
            if name in ("dot", "vdot", "inner") and len(tree.args) == 2:
                return self._summed(ast.BinOp(tree.args[0], ast.Mult(), tree.args[1]), "sum")
            if name in ("sum", "mean") and len(tree.args) == 1:
                return self._summed(tree.args[0], name)
            if name == "arange" and len(tree.args) in (1, 2):
                return self._counted(tree)
            if name == ELEMENTWISE and len(tree.args) == 1:
                return self._joined(tree.args, lambda parts: ast.BinOp(parts[0], ast.Pow(), ast.Constant(2)))
            if ast.unparse(tree.func) in self.outside or not owner:
                return self._joined(tree.args, lambda parts: ast.Call(tree.func, parts, []))
        if name == "norm" and owner.endswith("linalg") and len(tree.args) == 1:
            square = ast.BinOp(tree.args[0], ast.Pow(), ast.Constant(2))
            return ast.BinOp(self._summed(square, "sum"), ast.Pow(), ast.Constant(0.5))
        if name in ("sum", "mean") and not tree.args and isinstance(tree.func, ast.Attribute):
            return self._summed(tree.func.value, name)
        if name == "dot" and len(tree.args) == 1 and isinstance(tree.func, ast.Attribute):
            return self._summed(ast.BinOp(tree.func.value, ast.Mult(), tree.args[0]), "sum")
        raise _Refused(f"{ast.unparse(tree.func)} is not known", tree)

    def _counted(self, tree: ast.Call) -> Vector:
        """``np.arange(n)`` and ``np.arange(1, n + 1)``, as long as the argument."""
        first = _whole(tree.args[0], tree) if len(tree.args) == 2 else 0
        end = ast.unparse(tree.args[-1])
        lengths = {f"len({self.array})", f"{self.array}.size"}
        if end not in {f"{one} + {first}" for one in lengths} | {f"{first} + {one}" for one in lengths} | (
            set() if first else lengths
        ):
            raise _Refused(f"{ast.unparse(tree)} is not as long as {self.array}", tree)
        number = ast.BinOp(ast.Name(INDEX, ast.Load()), ast.Add(), ast.Constant(first))
        return Vector(ast.Call(ast.Name("float", ast.Load()), [number], []), 0)

    def _summed(self, tree: ast.expr, name: str) -> ast.expr:
        """The sum of an array, or its mean: a loop before the statement, or the terms themselves."""
        array = self._value(tree)
        if not isinstance(array, Vector):
            raise _Refused(f"{ast.unparse(tree)} is a number, and is summed", tree)
        if self.pair:
            terms = [self._named(_replaced(array.element, ast.Constant(k))) for k in range(2 - array.cut)]
            total: ast.expr = terms[0] if terms else ast.Constant(0.0)
            for term in terms[1:]:
                total = ast.BinOp(total, ast.Add(), term)
        else:
            variable = self._fresh()
            over = f"range(len({self.array})" + (f" - {array.cut})" if array.cut else ")")
            loop = ast.parse(f"for {INDEX} in {over}:\n    {variable} += {ast.unparse(array.element)}").body
            self.lines += [*ast.parse(f"{variable} = 0.0").body, *loop]
            total = ast.Name(variable, ast.Load())
        return ast.BinOp(total, ast.Div(), self._length(tree)) if name == "mean" else total

    def _named(self, tree: ast.expr) -> ast.expr:
        """An element of two variables: x and y for the first and the second, numbers for their places."""
        return _Pair(self.array).visit(copy.deepcopy(tree))

    def _fresh(self) -> str:
        number = 1
        while f"total_{number}" in self.taken:
            number += 1
        self.taken.add(f"total_{number}")
        return f"total_{number}"


class _Pair(ast.NodeTransformer):
    def __init__(self, array: str):
        self.array = array

    def visit_Subscript(self, tree: ast.Subscript) -> ast.expr:
        place = _folded(tree.slice)
        return ast.Name("xy"[place], ast.Load()) if place in (0, 1) else tree

    def visit_Call(self, tree: ast.Call) -> ast.expr:
        if isinstance(tree.func, ast.Name) and tree.func.id == "float":
            return ast.Constant(float(_folded(tree.args[0])))
        self.generic_visit(tree)
        return tree


class _Index(ast.NodeTransformer):
    def __init__(self, index: ast.expr):
        self.index = index

    def visit_Name(self, tree: ast.Name) -> ast.expr:
        return copy.deepcopy(self.index) if tree.id == INDEX else tree


def _replaced(element: ast.expr, index: ast.expr) -> ast.expr:
    """An element with another index."""
    return _Index(index).visit(copy.deepcopy(element))


def _folded(tree: ast.expr) -> int:
    """An index that is made of numbers."""
    if isinstance(tree, ast.Constant) and isinstance(tree.value, int):
        return tree.value
    if isinstance(tree, ast.BinOp):
        left, right = _folded(tree.left), _folded(tree.right)
        return left + right if isinstance(tree.op, ast.Add) else left - right
    raise _Refused("an index is no number", tree)


def _whole(tree: ast.expr, where: ast.AST) -> int:
    """A whole number as it is written, maybe below 0."""
    value: Any = tree.operand if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub) else tree
    if not isinstance(value, ast.Constant) or type(value.value) is not int:
        raise _Refused(f"{ast.unparse(tree)} is no whole number", where)
    return value.value if value is tree else -value.value


def _called(tree: ast.Call) -> tuple[str, str]:
    """The name of what is called, and of whose it is."""
    if isinstance(tree.func, ast.Attribute):
        return tree.func.attr, ast.unparse(tree.func.value)
    return ast.unparse(tree.func), ""
