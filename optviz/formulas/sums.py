"""Formulas with sums, as passes over the elements: one for each level of sums, and the update behind them.

A formula says what becomes of one element, and may ask for sums over the array to which the element belongs:
``total(u)``, ``mean(u)``, ``largest(u)``, or over all arrays, ``grand_total(u)``. Here each of these becomes an
argument, and what is summed a formula of its own. A sum that needs no other one is of level 1, one that needs sums of
level 1 is of level 2, and so on: all sums of a level are made in one pass. What is left is an ordinary formula, which
takes the sums as step scalars, and whoever knows ordinary formulas knows what to do with it.
"""

import ast
import copy
import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf
from types import FunctionType
from typing import Any

from optviz.errors import FormulaError
from optviz.formulas.composing import RULE, made_of, short_name
from optviz.formulas.formula import ITERATE, VALUE, Formula
from optviz.formulas.inlining import Crooked, assignment, free_name, loaded, stored, straightened
from optviz.formulas.sources import place_of, references
from optviz.formulas.words import Word, has_words

MOST = 4  # levels: each is a pass over all elements


@dataclass(frozen=True)
class Total:
    """A sum that a formula asks for.

    Attributes
    ----------
    name : str
        The argument that stands for it.
    word : Word
    level : int
        Of its pass, from 1.
    term : str
        What is summed, as it is written.
    """

    name: str
    word: Word
    level: int
    term: str


@dataclass(frozen=True)
class Level:
    """The sums that are made in one pass.

    Attributes
    ----------
    terms : function
        Of the arguments of `Passes.formula`'s update; gives a tuple of what is summed for each of `totals`. It reads
        sums of lower levels alone.
    totals : tuple of Total
    narrow : bool
        Whether they are means over a matrix of what does not differ within its rows: the first column tells all.
    """

    terms: Callable
    totals: tuple[Total, ...]
    narrow: bool = False


@dataclass(frozen=True)
class Passes:
    """A formula with sums, taken apart.

    Attributes
    ----------
    formula : Formula
        Whose first step scalars, behind the value, are the sums; `optviz.formulas.formula.Formula.totals` names them.
    levels : tuple of Level
        None for a formula without sums, which is `formula`.
    """

    formula: Formula
    levels: tuple[Level, ...] = ()

    @property
    def totals(self) -> tuple[Total, ...]:
        """All sums, in the order of the arguments."""
        return tuple(total for level in self.levels for total in level.totals)


@functools.lru_cache(512)
def split(formula: Formula) -> Passes:
    """The passes of a formula.

    Raises
    ------
    FormulaError
        If a sum stands in a loop or in a function that the formula calls, sums need more than four passes, the formula
        returns from more than one place, or a shared slot differs from element to element.
    """
    if not (has_words(formula.update) or formula.shared or formula.rows or formula.columns):
        return Passes(formula)
    where = place_of(formula.update)
    for name, value in references(formula.update).items():
        if name != RULE and isinstance(value, FunctionType) and has_words(value):
            raise FormulaError(f"{value.__name__}, which {where} calls, asks for sums", "Ask for them in the formula.")
    try:
        straight = straightened(formula.update)
    except Crooked:
        raise FormulaError(
            f"the formula {where} asks for sums and returns from more than one place", "Return once, at the end."
        ) from None
    splitter = _Splitter(straight.arguments, straight.names, straight.body, where)
    body = splitter.lines(straight.body)
    returned = [splitter.expression(part, body) for part in straight.returned]
    body = [*splitter.begins, *body]
    _check_shared(formula, splitter.totals, body, returned, where)
    if not splitter.totals:
        return Passes(formula)
    if any(total.word.axis for total in splitter.totals) and not formula.for_matrices:
        raise FormulaError(
            f"the formula {where} asks for sums along rows or columns",
            "Write it for matrices: @rule.for_matrices(...) or @wrapper(matrices=...).",
        )
    if any(total.level > MOST for total in splitter.totals):
        raise FormulaError(f"the formula {where} needs sums of sums of sums", f"{MOST} passes are possible.")
    ordered = sorted(splitter.totals, key=lambda total: total.level)
    names = tuple(total.name for total in ordered)
    value = (VALUE,) if formula.takes_value else ()
    scalars = (*value, *names, *formula.table_names)
    arguments = (ITERATE, "g", *formula.slots, *scalars, *formula.hyperparameters)
    outside = {name: one for name, one in straight.names.items() if not isinstance(one, Word)}
    outside |= {"inf": inf, "__name__": formula.update.__module__}

    def function(name: str, lines: list[ast.stmt], results: Sequence[ast.expr], is_tuple: bool) -> FunctionType:
        result = ast.Tuple([*results], ast.Load()) if is_tuple else results[0]
        lines = [*copy.deepcopy(lines), ast.Return(copy.deepcopy(result))]
        given = [ast.arg(argument) for argument in arguments]
        signature = ast.arguments(posonlyargs=[], args=given, kwonlyargs=[], kw_defaults=[], defaults=[])
        return made_of(ast.FunctionDef(name, signature, lines, [], lineno=1), outside)

    own = short_name(formula.update.__name__)
    levels = []
    for number in range(1, 1 + max(total.level for total in ordered)):
        these = tuple(total for total in ordered if total.level == number)
        terms = [ast.Name(splitter.terms[total.name], ast.Load()) for total in these]
        lines, _ = _needed(body, {term.id for term in terms})
        narrow = all(one.word.is_mean and not one.word.axis for one in these) and bool(formula.rows)
        narrow &= not {term.id for term in terms} & _differing(body, _elements(formula) | _along(formula, ordered)[1])
        levels.append(Level(function(f"{own}_terms_{number}", lines, terms, is_tuple=True), these, narrow))
    update = function(own, _needed(body, {*loaded(*returned)})[0], returned, is_tuple=bool(formula.slots))
    return Passes(replace(formula, update=update, scalar_names=scalars, totals=names), tuple(levels))


class _Splitter:
    """Takes the sums out of statements.

    Attributes
    ----------
    totals : list of Total
        In the order in which they are asked for.
    terms : dict of str to str
        For each the variable that holds what is summed.
    begins : list of ast.stmt
        What these variables are where a branch does not reach them.
    """

    def __init__(self, arguments: Sequence[str], names: dict[str, Any], body: Sequence[ast.stmt], where: str):
        self.words = {name: one for name, one in names.items() if isinstance(one, Word)}
        self.used = {*arguments, *stored(body), *names, "inf"}
        self.levels: dict[str, int] = {}  # of variables: of the highest sum that they depend on
        self.where = where
        self.totals: list[Total] = []
        self.terms: dict[str, str] = {}
        self.begins: list[ast.stmt] = []

    def lines(self, body: Iterable[ast.stmt], under: int | None = None) -> list[ast.stmt]:
        """Statements without sums, and what makes the terms; `under` is the level that a branch depends on."""
        lines: list[ast.stmt] = []
        above = under or 0
        for one in body:
            if isinstance(one, ast.If):
                test = self.expression(one.test, lines, under)
                below = max(above, self._level(test))
                branches = [self.lines(part, below) for part in (one.body, one.orelse)]
                for name in stored(branches[0] + branches[1]):
                    self.levels[name] = max(self.levels.get(name, 0), below)
                lines.append(ast.If(test, branches[0] or [ast.Pass()], branches[1]))
            elif isinstance(one, ast.Assign):
                value = self.expression(one.value, lines, under)
                for name in stored(one.targets):
                    earlier = 0 if under is None else self.levels.get(name, 0)
                    self.levels[name] = max(above, self._level(value), earlier)
                lines.append(ast.Assign(one.targets, value, lineno=1))
            elif self.words.keys() & {*loaded(one)}:
                raise FormulaError(
                    f"the formula {self.where} asks for a sum in {ast.unparse(one).splitlines()[0]!r}",
                    "Ask for it where a variable is given a value, outside of loops.",
                )
            else:
                for name in stored([one]):
                    self.levels[name] = max(above, self._level(one))
                lines.append(one)
        return lines

    def expression(self, part: ast.expr, lines: list[ast.stmt], under: int | None = None) -> ast.expr:
        """An expression with variables in place of sums; what makes their terms goes behind the lines."""
        return _Words(self, lines, under).visit(part)

    def total(self, word: Word, value: ast.expr, lines: list[ast.stmt], under: int | None) -> ast.expr:
        """The variable of a sum."""
        number = len(self.totals) + 1
        term, name = (free_name(f"{what}_{number}", self.used) for what in ("term", "total"))
        self.used |= {term, name}
        lines.append(assignment(term, value))
        if under is not None:
            nothing = ast.UnaryOp(ast.USub(), ast.Name("inf", ast.Load())) if word.is_largest else ast.Constant(0.0)
            self.begins.append(assignment(term, nothing))
        self.levels[name] = level = 1 + max(under or 0, self._level(value))
        self.terms[name] = term
        self.totals.append(Total(name, word, level, ast.unparse(value)))
        return ast.Name(name, ast.Load())

    def _level(self, part: ast.AST) -> int:
        return max((self.levels.get(name, 0) for name in loaded(part)), default=0)


class _Words(ast.NodeTransformer):
    """Puts variables in the place of sums."""

    def __init__(self, splitter: _Splitter, lines: list[ast.stmt], under: int | None):
        self.splitter, self.lines, self.under = splitter, lines, under

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        word = self.splitter.words.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if word is None:
            return node
        if len(node.args) != 1 or node.keywords:
            raise FormulaError(
                f"the formula {self.splitter.where} writes {ast.unparse(node)}", f"{word.name} takes one number."
            )
        return self.splitter.total(word, node.args[0], self.lines, self.under)


def _needed(body: Sequence[ast.stmt], wanted: set[str]) -> tuple[list[ast.stmt], set[str]]:
    """The statements that some variables depend on, and what has to be known before them."""
    kept: list[ast.stmt] = []
    for one in reversed(body):
        if isinstance(one, ast.If):
            (first, before), (second, other) = _needed(one.body, wanted), _needed(one.orelse, wanted)
            if first or second:
                kept.append(ast.If(one.test, first or [ast.Pass()], second))
                wanted = wanted | before | other | {*loaded(one.test)}
        elif not isinstance(one, ast.Assign) or wanted & {*stored([one])}:
            kept.append(one)
            gone = {*stored([one])} if isinstance(one, ast.Assign) else set()
            wanted = (wanted - gone) | {*loaded(one)}
    return kept[::-1], wanted


def _check_shared(
    formula: Formula, totals: Sequence[Total], body: Sequence[ast.stmt], returned: Sequence[ast.expr], where: str
) -> None:
    """Refuse a slot of which an array, a row or a column has one number where it would differ within that."""
    rows, columns = _along(formula, totals)
    elements = _elements(formula)
    for slots, others in ((formula.shared, rows | columns), (formula.rows, columns), (formula.columns, rows)):
        differing = _differing(body, elements | others)
        for slot, value in zip(formula.slots, returned[1:], strict=True):
            if slot in slots and differing & {*loaded(value)}:
                raise FormulaError(
                    f"the formula {where} shares {slot} and gives it {ast.unparse(value)!r}, which elements differ in",
                    "Make it of sums, of slots that are shared likewise and of numbers alone.",
                )


def _elements(formula: Formula) -> set[str]:
    """The arguments of which each element has its own."""
    held = {*formula.shared, *formula.rows, *formula.columns}
    return {ITERATE, "g", *(slot for slot in formula.slots if slot not in held)}


def _along(formula: Formula, totals: Sequence[Total]) -> tuple[set[str], set[str]]:
    """Those that belong to rows, and those that belong to columns."""
    along = {axis: {total.name for total in totals if total.word.axis == axis} for axis in ("row", "column")}
    return along["row"] | {*formula.rows}, along["column"] | {*formula.columns}


def _differing(body: Sequence[ast.stmt], own: set[str]) -> set[str]:
    """The variables that elements differ in, given those that they differ in at first."""
    own = set(own)

    def walk(lines: Iterable[ast.stmt], inside: bool) -> None:
        for one in lines:
            differs = inside or bool(own & {*loaded(one.test if isinstance(one, ast.If) else one)})
            if isinstance(one, ast.If):
                walk([*one.body, *one.orelse], differs)
            elif differs:
                own.update(stored([one]))
            elif lines is body:  # what a branch gives is not all that a variable may hold
                own.difference_update(stored([one]))

    walk(body, inside=False)
    return own
