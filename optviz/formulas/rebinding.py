"""A formula for the arrays of another library: its own syntax tree, with that library's functions in Python's place.

A rule says what becomes of one element, and nearly all that it writes, sums, products, powers, comparisons, means the
same of whole arrays. What does not is replaced: functions of ``math``, ``max`` and ``min``, and choices,
``a if c else b``, of which both sides are made.
"""

import ast
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import ismodule
from types import FunctionType
from typing import Any

from optviz.errors import FormulaError
from optviz.formulas import matrix_words
from optviz.formulas.composing import made_of
from optviz.formulas.inlining import Crooked, assignment, free_name, stored, straightened
from optviz.formulas.sources import place_of
from optviz.formulas.words import Word

# What libraries call a function of math, where not all have its name.
OTHERS = {"fabs": ("abs",), "atan2": ("atan2", "arctan2"), "pow": ("pow", "power"), "atan": ("atan", "arctan")}
OTHERS |= {"asin": ("asin", "arcsin"), "acos": ("acos", "arccos"), "asinh": ("asinh", "arcsinh")}
OTHERS |= {"amax": ("amax", "max"), "acosh": ("acosh", "arccosh"), "atanh": ("atanh", "arctanh")}


@dataclass(frozen=True, eq=False)
class Engine:
    """A library of arrays.

    Attributes
    ----------
    name : str
        As messages call it.
    is_array : function
        Whether something is one of its arrays; anything else is a number.
    modules : tuple of modules
        In which functions are looked for, in this order: ``sqrt``, ``where`` and others.
    number : function
        ``number(value, like)``: a number as an array of another one's precision.
    choose : function
        ``choose(condition, then, other)``: what one of two functions gives, by a condition that is an array () of it.
    signs : function or None
        ``signs(count, t)``: the random signs of a step, an array (count,), for the word ``random_signs``.
    """

    name: str
    is_array: Callable[[Any], bool]
    modules: tuple[Any, ...]
    number: Callable[[float, Any], Any]
    choose: Callable[[Any, Callable, Callable], Any] = lambda condition, then, other: then() if condition else other()
    signs: Callable[[int, Any], Any] | None = None
    _made: dict[Callable, FunctionType] = field(default_factory=dict)

    def function(self, name: str) -> Callable:
        """What stands for a function of ``math``, for numbers and for arrays.

        Raises
        ------
        FormulaError
            If the library has none.
        """
        found = (getattr(one, other, None) for other in OTHERS.get(name, (name,)) for one in self.modules)
        theirs = next((one for one in found if one is not None), None)
        if theirs is None:
            raise FormulaError(f"{self.name} has no function {name}", "Choose a rule without it.")
        ours: Any = getattr(math, name, None)
        if ours is None:
            return theirs

        def either(*given: Any) -> Any:
            like = self.like(*given)
            if like is None:
                return ours(*given)
            return theirs(*(one if self.is_array(one) else self.number(one, like) for one in given))

        return either

    def where(self, condition: Any, a: Any, b: Any, like: Any) -> Any:
        """One of two for each element; numbers in the precision of the array `like`."""
        if not self.is_array(condition):
            return a if condition else b
        a, b = (one if self.is_array(one) else self.number(one, like) for one in (a, b))
        return self.function("where")(condition, a, b)

    def branch(self, condition: Any, then: Callable[[], Any], other: Callable[[], Any]) -> Any:
        """What one of two functions gives; where the library decides, both may be carried out."""
        if not self.is_array(condition):
            return then() if condition else other()
        return self.choose(condition, then, other)

    def like(self, *given: Any) -> Any:
        """The first array."""
        return next(filter(self.is_array, given), None)

    def total(self, word: Word, terms: Any, x: Any) -> Any:
        """A sum over all elements of the array `x`, or along its rows or columns, of terms that may be one number."""
        if not self.is_array(terms) or terms.shape != x.shape:
            terms = self.where(x == x, terms, terms, x)  # as many as there are elements
        axes, along = range(len(x.shape)), {}
        if word.axis:
            axes = range(len(x.shape) - 1, len(x.shape)) if word.axis == "row" else range(len(x.shape) - 1)
            along = {"axis": tuple(axes), "keepdims": word.axis == "row"}
        if word.is_largest:
            return self.function("amax")(terms, **along)
        total = self.function("sum")(terms, **along)
        return total / math.prod(x.shape[axis] for axis in axes) if word.is_mean else total


def rebound(formula: Callable, engine: Engine, words: Mapping[str, Callable] | None = None) -> FunctionType:
    """A formula of elements as one of an engine's arrays; the same function for the same formula.

    Parameters
    ----------
    formula : function
        An update, see `optviz.formulas.formula.Formula`, without words for sums.
    engine : Engine
    words : dict of str to function, optional
        What the words of a formula for matrices mean, see `optviz.formulas.speaking`: its choices are between numbers,
        and only the side that is chosen is made, as far as the engine can tell.

    Returns
    -------
    function
        Of the same arguments, arrays or numbers; it gives a tuple.

    Raises
    ------
    FormulaError
        If it returns from more than one place, has a loop that elements end, or the engine lacks a function.
    """
    if formula not in engine._made:
        engine._made[formula] = _rebound(formula, engine, words)
    return engine._made[formula]


def _rebound(formula: Callable, engine: Engine, words: Mapping[str, Callable] | None) -> FunctionType:
    where = place_of(formula)
    try:
        straight = straightened(formula)
    except Crooked:
        problem = f"the formula {where} returns from more than one place"
        raise FormulaError(problem, "Return once, at the end.") from None
    scope: dict[str, Any] = {"max": _larger(engine), "min": _smaller(engine), "__name__": formula.__module__}
    scope |= {name: _outside(value, engine, words) for name, value in straight.names.items()}
    used = {*straight.arguments, *stored(straight.body), *scope}
    choose, first, like = (free_name(name, used) for name in ("where", "first_array", "like"))
    scope |= {choose: engine.where if words is None else engine.branch, first: engine.like}
    modules = {name: value for name, value in straight.names.items() if ismodule(value)}
    kind = _Arrays if words is None else _Matrices
    writer = kind((choose, like), straight.arguments, used | {choose, first, like}, modules, where)
    for part in (*straight.body, *straight.returned):
        for name, attribute in _attributes(part, modules):
            scope[f"{name}_{attribute}"] = _outside(getattr(modules[name], attribute), engine, words)
    known = ast.Call(_read(first), [_read(name) for name in straight.arguments], [])
    body = [assignment(like, known), *(one for part in straight.body for one in writer.lines(part))]
    result = ast.Tuple([writer.visit(part) for part in straight.returned], ast.Load())
    given = [ast.arg(name) for name in straight.arguments]
    signature = ast.arguments(posonlyargs=[], args=given, kwonlyargs=[], kw_defaults=[], defaults=[])
    definition = ast.FunctionDef(formula.__name__, signature, [*body, ast.Return(result)], [], lineno=1)
    return made_of(definition, scope)


def _outside(value: Any, engine: Engine, words: Mapping[str, Callable] | None) -> Any:
    """What stands for something that a formula names outside of itself."""
    if getattr(value, "__module__", None) == "math":
        return engine.function(value.__name__)
    if words is not None and getattr(value, "__module__", None) == matrix_words.__name__:
        return words[value.__name__]
    if isinstance(value, FunctionType):
        inner = rebound(value, engine, words)
        return functools.wraps(value)(lambda *given: inner(*given)[0])
    return value


def _attributes(part: ast.AST, modules: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a statement takes out of modules: ``math.sqrt``."""
    nodes = (one for one in ast.walk(part) if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name))
    return [(one.value.id, one.attr) for one in nodes if isinstance(one.value, ast.Name) and one.value.id in modules]


def _larger(engine: Engine) -> Callable:
    """Python's max: the first of two that are equal, or of which one is no number."""
    return lambda *given: functools.reduce(lambda a, b: engine.where(b > a, b, a, engine.like(a, b)), given)


def _smaller(engine: Engine) -> Callable:
    return lambda *given: functools.reduce(lambda a, b: engine.where(b < a, b, a, engine.like(a, b)), given)


class _Arrays(ast.NodeTransformer):
    """Writes choices between numbers as choices between the elements of arrays.

    Attributes
    ----------
    given : set of str
        The variables that have a value so far.
    """

    def __init__(
        self,
        choose: Sequence[str],
        arguments: Sequence[str],
        used: set[str],
        modules: Mapping[str, Any],
        place: str,
    ):
        self._choose, self._used, self._modules, self._place = choose, used, modules, place
        self.given = {*arguments}

    def lines(self, statement: ast.stmt) -> list[ast.stmt]:
        """A statement as those that stand for it."""
        if isinstance(statement, ast.If):
            lines = self._branches(statement)
        elif isinstance(statement, ast.While):
            raise FormulaError(f"the formula {self._place} has a loop without a count", "Write for and range.")
        elif isinstance(statement, ast.For):
            self.given |= {*stored([statement.target])}
            inner = [one for part in statement.body for one in self.lines(part)]
            lines = [ast.For(statement.target, self.visit(statement.iter), inner, [], lineno=1)]
        else:
            lines = [self.visit(statement)]
        self.given |= {*stored(lines)}
        return lines

    def _branches(self, statement: ast.If) -> list[ast.stmt]:
        """Both branches, and then a choice for each variable that one of them gives a value to."""
        test, before = self._free("test"), {*self.given}
        lines: list[ast.stmt] = [assignment(test, self.visit(statement.test))]
        sides: list[dict[str, str]] = []
        for branch in (statement.body, statement.orelse):
            self.given = {*before}
            inner = [one for part in branch for one in self.lines(part)]
            renamed = {name: self._free(name) for name in stored(inner)}
            lines += [assignment(new, _read(name)) for name, new in renamed.items() if name in before]
            lines += [_Renaming(renamed).visit(one) for one in inner]
            sides.append(renamed)
        self.given = before
        for name in dict.fromkeys([*sides[0], *sides[1]]):
            if name not in before and not all(name in side for side in sides):
                continue  # nobody can read it behind the branches
            choices = [_read(side.get(name, name)) for side in sides]
            lines.append(assignment(name, self._chosen(_read(test), *choices)))
        return lines

    def _chosen(self, test: ast.expr, a: ast.expr, b: ast.expr) -> ast.expr:
        where, like = self._choose
        return ast.Call(_read(where), [test, a, b, _read(like)], [])

    def _free(self, name: str) -> str:
        new = free_name(name, self._used)
        self._used.add(new)
        return new

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in self._modules:
            return _read(f"{node.value.id}_{node.attr}")
        return node  # of an array: X.ndim

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        return self._chosen(node.test, node.body, node.orelse)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        sides = [node.left, *node.comparators]
        pairs = zip(sides, node.ops, sides[1:], strict=False)
        parts: list[ast.expr] = [ast.Compare(a, [how], [b]) for a, how, b in pairs]
        return functools.reduce(lambda a, b: ast.BinOp(a, ast.BitAnd(), b), parts)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        how = ast.BitAnd() if isinstance(node.op, ast.And) else ast.BitOr()
        return functools.reduce(lambda a, b: ast.BinOp(a, how, b), node.values)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not):
            return ast.Compare(node.operand, [ast.Eq()], [ast.Constant(False)])
        return node


class _Matrices(_Arrays):
    """Writes choices between numbers as functions of which one is called: no root of a matrix is made in vain."""

    def _branches(self, statement: ast.If) -> list[ast.stmt]:
        """Both branches as functions, and then what one of them gives."""
        before, sides = {*self.given}, (statement.body, statement.orelse)
        test, names = self.visit(statement.test), [{*stored(side)} for side in sides]
        results = [
            name for name in stored([*sides[0], *sides[1]]) if name in before or all(name in one for one in names)
        ]
        lines: list[ast.stmt] = []
        functions = [self._free(name) for name in ("then", "other")]
        for function, side, own in zip(functions, sides, names, strict=True):
            self.given = {*before}
            changed = sorted(own & before)
            arguments = ast.arguments(
                [], [ast.arg(name) for name in changed], None, [], [], None, [*map(_read, changed)]
            )
            body = [one for part in side for one in self.lines(part)]
            result = ast.Return(ast.Tuple([*map(_read, results)], ast.Load()))
            lines.append(ast.FunctionDef(function, arguments, [*body, result], [], lineno=1))
        self.given = before
        chosen = ast.Call(_read(self._choose[0]), [test, *map(_read, functions)], [])
        target = ast.Tuple([ast.Name(name, ast.Store()) for name in results], ast.Store())
        return [*lines, ast.Assign([target], chosen, lineno=1)] if results else []

    def _chosen(self, test: ast.expr, a: ast.expr, b: ast.expr) -> ast.expr:
        nothing = ast.arguments([], [], None, [], [], None, [])
        return ast.Call(_read(self._choose[0]), [test, ast.Lambda(nothing, a), ast.Lambda(nothing, b)], [])


def _read(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


class _Renaming(ast.NodeTransformer):
    """Gives variables other names."""

    def __init__(self, names: Mapping[str, str]):
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)
