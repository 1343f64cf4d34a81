"""A rule as one list of statements: what is put around it, and what that calls, written out in one place.

A wrapper's formula calls ``RULE``, and so does one whose hyperparameters follow schedules. Here the statements of the
rule stand where it is called, so that whoever reads a step from beginning to end finds all of it.
"""

import ast
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from optviz.formulas.composing import RULE
from optviz.formulas.sources import tree_of


class Crooked(Exception):
    """A formula returns from more than one place: it is no list of statements with one result at the end."""


@dataclass(frozen=True)
class Straight:
    """A formula as a list of statements.

    Attributes
    ----------
    arguments : tuple of str
        As those of the formula.
    body : list of ast.stmt
        Assignments, branches and loops; without a docstring, and without calls of a wrapped rule.
    returned : list of ast.expr
        What it gives: the next iterate, and the next state slots.
    names : dict of str to object
        What the statements name outside of themselves: functions, modules and constants.
    """

    arguments: tuple[str, ...]
    body: list[ast.stmt]
    returned: list[ast.expr]
    names: dict[str, Any]


def straightened(formula: Callable) -> Straight:
    """A formula as a list of statements, with every rule that it calls written out.

    Parameters
    ----------
    formula : function
        An update, see `optviz.formulas.formula.Formula`; also one that `optviz.formulas.composing` has made.

    Raises
    ------
    Crooked
        If it, or a rule inside of it, returns from more than one place.
    FormulaError
        If its source cannot be read.
    """
    definition = tree_of(formula)
    arguments = tuple(argument.arg for argument in definition.args.args)
    inliner = _Inliner({*arguments, *stored(definition.body)})
    body, returned = inliner.written(formula, definition, {})
    return _shortened(Straight(arguments, body, returned, inliner.outside))


def _shortened(straight: Straight) -> Straight:
    """Statements without copies: a variable that is only read to be copied gets the name of the copy."""
    body, renamed = list(straight.body), {}
    reads = [name for part in (*body, *straight.returned) for name in _loads(part)]
    for one in straight.body:
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and isinstance(one.value, ast.Name):
            copy, source = one.targets[0].id, one.value.id
            is_local = copy not in straight.arguments and source not in straight.arguments
            if is_local and source in stored(straight.body) and reads.count(source) == 1:
                renamed[source] = copy
                body.remove(one)
    last = {source: _followed(copy, renamed) for source, copy in renamed.items()}
    for part in (*body, *straight.returned):
        _Renaming(last).visit(part)
    return Straight(straight.arguments, body, straight.returned, straight.names)


def _followed(name: str, renamed: dict[str, str]) -> str:
    """What a name is called when all have been renamed, also those that it is renamed to."""
    return _followed(renamed[name], renamed) if name in renamed else name


def _loads(part: ast.AST) -> list[str]:
    return [one.id for one in ast.walk(part) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)]


def stored(body: Iterable[ast.AST]) -> list[str]:
    """The variables that statements give values to, in order, each once."""
    nodes = (node for part in body for node in _in_order(part))
    return [*dict.fromkeys(one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))]


def loaded(*parts: ast.AST) -> list[str]:
    """The names that are read, in order, each once."""
    nodes = (node for part in parts for node in _in_order(part))
    return [*dict.fromkeys(one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load))]


def assignment(name: str, value: ast.expr) -> ast.Assign:
    """``name = value``."""
    return ast.Assign([ast.Name(name, ast.Store())], value, lineno=1)


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """A name that nobody has: the wanted one, or with a number behind it."""
    candidates = itertools.chain([wanted], (f"{wanted}_{number}" for number in itertools.count(2)))
    return next(name for name in candidates if name not in taken)


def _in_order(part: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree as they are carried out: what is assigned before to what."""
    yield part
    children = [*ast.iter_child_nodes(part)]
    if isinstance(part, ast.Assign):
        children = [part.value, *part.targets]
    for child in children:
        yield from _in_order(child)


class _Inliner:
    """Writes the statements of formulas into one list; `used` are the names of its variables."""

    def __init__(self, used: set[str]):
        self.used = used
        self.outside: dict[str, Any] = {}

    def written(
        self, formula: Callable, definition: ast.FunctionDef, renamed: dict[str, str]
    ) -> tuple[list[ast.stmt], list[ast.expr]]:
        """The statements of a formula, and what it gives, with its variables renamed."""
        local = {argument.arg for argument in definition.args.args} | {*stored(definition.body)}
        renamed = renamed | self._outer_names(formula, definition, local)
        for statement in definition.body:
            _Renaming(renamed).visit(statement)
        *body, last = [one for one in definition.body if not _is_text(one)] or [ast.Pass()]
        if not isinstance(last, ast.Return) or last.value is None or any(map(_returns, body)):
            raise Crooked(f"{formula.__name__} returns from more than one place")
        lines = self._lines(body, formula)
        if isinstance(last.value, ast.Call) and _is_rule(last.value):
            inner, returned = self._called(last.value, formula, [*self.used])  # nobody reads its variables afterwards
            return [*lines, *inner], returned
        return lines, [*last.value.elts] if isinstance(last.value, ast.Tuple) else [last.value]

    def _outer_names(self, formula: Callable, definition: ast.FunctionDef, local: set[str]) -> dict[str, str]:
        """What the formula names outside of itself is noted; under other names where these are taken."""
        renamed = {}
        scope = formula.__globals__
        for name in loaded(*definition.body):
            if name in local or name not in scope or name == RULE:
                continue
            new = free_name(name, {*self.used, *(n for n, value in self.outside.items() if value is not scope[name])})
            self.outside[new] = scope[name]
            if new != name:
                renamed[name] = new
        return renamed

    def _lines(self, body: Sequence[ast.stmt], formula: Callable) -> list[ast.stmt]:
        lines: list[ast.stmt] = []
        for statement in body:
            if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
                before = ast.Name(statement.target.id, ast.Load())
                statement = assignment(statement.target.id, ast.BinOp(before, statement.op, statement.value))
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
                statement = assignment(statement.target.id, statement.value)
            if isinstance(statement, ast.If):
                statement.body = self._lines(statement.body, formula) or [ast.Pass()]
                statement.orelse = self._lines(statement.orelse, formula)
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
                if _is_rule(statement.value):
                    targets = stored([statement])
                    inner, returned = self._called(statement.value, formula, targets)
                    lines += [*inner, *_bound(targets, returned)]
                    continue
            lines.append(statement)
        return lines

    def _called(
        self, call: ast.Call, formula: Callable, targets: Sequence[str]
    ) -> tuple[list[ast.stmt], list[ast.expr]]:
        """The statements of a rule that is called, and what it gives."""
        rule: FunctionType = formula.__globals__[RULE]
        definition = tree_of(rule)
        parameters = [argument.arg for argument in definition.args.args]
        changed = stored(definition.body)
        lines: list[ast.stmt] = []
        renamed: dict[str, str] = {}
        for name, given in zip(parameters, call.args, strict=True):
            if isinstance(given, ast.Name) and (name not in changed or given.id in targets):
                renamed[name] = given.id
                continue
            renamed[name] = self._fresh(name)
            lines.append(assignment(renamed[name], given))
        for name in changed:
            if name not in parameters:
                renamed[name] = self._fresh(name)
        inner, returned = self.written(rule, definition, renamed)
        return [*lines, *inner], returned

    def _fresh(self, name: str) -> str:
        new = free_name(name, {*self.used, *self.outside})
        self.used.add(new)
        return new


def _bound(targets: Sequence[str], values: Sequence[ast.expr]) -> list[ast.stmt]:
    """Variables that are given values at once, one after the other where that is the same."""
    pairs = [(name, value) for name, value in zip(targets, values, strict=True) if not _is(value, name)]
    for place, (name, _) in enumerate(pairs):
        if any(name in loaded(value) for _, value in pairs[place + 1 :]):
            names: list[ast.expr] = [ast.Name(name, ast.Store()) for name, _ in pairs]
            both = ast.Tuple([value for _, value in pairs], ast.Load())
            return [ast.Assign([ast.Tuple(names, ast.Store())], both, lineno=1)]
    return [assignment(name, value) for name, value in pairs]


def _is(value: ast.expr, name: str) -> bool:
    return isinstance(value, ast.Name) and value.id == name


def _is_rule(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == RULE


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _returns(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Return) for node in ast.walk(statement))


class _Renaming(ast.NodeTransformer):
    """Puts other names in the place of some."""

    def __init__(self, renamed: dict[str, str]):
        self.renamed = renamed

    def visit_Name(self, node: ast.Name) -> ast.expr:
        node.id = self.renamed.get(node.id, node.id)
        return node
