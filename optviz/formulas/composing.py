"""One formula put into another: functions that are written by other functions, as source text.

A wrapper is a formula that calls ``RULE(x, g)``: what the wrapped rule makes of a point and a gradient. What else the
rule takes and gives, its state slots, step scalars and hyperparameters, is written in here. The result is a plain
function with a text of its own, which whoever reads formulas reads like any other.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

from optviz.errors import FormulaError, UsageError
from optviz.formulas.formula import VALUE
from optviz.formulas.sources import TEXT, place_of, tree_of

RULE = "RULE"  # the wrapped rule, in the text of a wrapper
MOST = 30  # arguments of a call that Numba compiles
LONGEST = 48  # letters of a made function's name, which becomes part of the names of kernels and their files


def made(text: str, names: Mapping[str, Any]) -> FunctionType:
    """The function of a text, with what it names outside of itself."""
    definition = ast.parse(text).body[0]
    assert isinstance(definition, ast.FunctionDef)
    scope = dict(names)
    # This package wrote the text: from formulas that the process has imported already, or from what is left of a typed
    # one when a list of what is allowed has been applied.
    exec(compile(text, f"<{definition.name}>", "exec", dont_inherit=True), scope)
    function = scope[definition.name]
    setattr(function, TEXT, text)
    function.__module__ = str(names.get("__name__", __name__))
    return function


def made_of(definition: ast.FunctionDef, names: Mapping[str, Any]) -> FunctionType:
    """The function of a definition, written out as text, with what it names outside of itself."""
    return made(ast.unparse(ast.fix_missing_locations(definition)) + "\n", names)


def calling(rule: Callable, given: Sequence[str], arguments: Sequence[str]) -> FunctionType:
    """`rule` with arguments of other names or in another order.

    Parameters
    ----------
    rule : function
    given : sequence of str
        What it is called with, in the order of its own arguments.
    arguments : sequence of str
        Of the function that is made.
    """
    name = short_name(rule.__name__)
    text = f"def {name}({', '.join(arguments)}):\n    return {RULE}({', '.join(given)})\n"
    return made(text, {RULE: rule})


def wrapping(
    wrapper: Callable,
    renamed: Mapping[str, str],
    rule: Callable,
    slots: Sequence[str],
    given: Sequence[str],
    arguments: Sequence[str],
) -> FunctionType:
    """A wrapper around a rule.

    Parameters
    ----------
    wrapper : function
        It calls ``RULE(x, g)``, or ``RULE(x, g, f)`` with the value that the rule is to take.
    renamed : dict of str to str
        What arguments and variables of the wrapper are called here, where the rule has others of these names.
    rule : function
    slots : sequence of str
        The rule's state slots.
    given : sequence of str
        What the rule takes behind ``x``, ``g`` and its slots.
    arguments : sequence of str
        Of the function that is made.

    Returns
    -------
    function
        It returns the next iterate, the rule's slots, and the wrapper's.
    """
    definition = tree_of(wrapper)
    # What the wrapper names outside of itself may have the name of a number of the rule's.
    named = {one.id for one in ast.walk(definition) if isinstance(one, ast.Name)} - locals_of(wrapper)
    outside = {name: f"{wrapper.__name__}_{name}" for name in sorted(named & {*arguments} & {*wrapper.__globals__})}
    writer = _Writer({**renamed, **outside}, slots, given)
    body = [line for statement in definition.body for line in writer.written(statement)]
    if not writer.moves:
        problem = f"the wrapper {place_of(wrapper)} never calls RULE"
        raise FormulaError(problem, "Call it once for each step of the rule: RULE(x, g).")
    if len(slots) + len(given) + 2 > MOST:
        problem = f"{wrapper.__name__} stands around a rule with {len(slots) + len(given)} numbers of a step"
        raise UsageError(problem, f"Put fewer wrappers around it: {MOST - 2} numbers are possible.")
    plain = [ast.arg(name) for name in arguments]
    signature = ast.arguments(posonlyargs=[], args=plain, kwonlyargs=[], kw_defaults=[], defaults=[])
    name = short_name(f"{wrapper.__name__}_{rule.__name__}")
    whole = ast.FunctionDef(name, signature, body, [], lineno=1)
    scope = {new: wrapper.__globals__[name] for name, new in outside.items()}
    return made_of(whole, wrapper.__globals__ | scope | {RULE: rule})


def locals_of(function: Callable) -> set[str]:
    """The names of a function's arguments and variables."""
    return set(function.__code__.co_varnames)


def reads_value(wrapper: Callable) -> bool:
    """Whether a wrapper uses the value at the iterate for more than to pass it on to a rule that may not ask for it."""
    definition = tree_of(wrapper)
    calls = [node for node in ast.walk(definition) if isinstance(node, ast.Call)]
    passed = [part for call in calls if _is_rule(call) for value in call.args[2:] for part in ast.walk(value)]
    loads = [node for node in ast.walk(definition) if isinstance(node, ast.Name) and node.id == VALUE]
    return any(node not in passed for node in loads)


def _is_rule(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == RULE


def short_name(name: str) -> str:
    """A function's name that is not too long for a file."""
    return name[:LONGEST].rstrip("_")


class _Writer(ast.NodeTransformer):
    """Writes the statements of a wrapper out, with the rule's state in them."""

    def __init__(self, renamed: Mapping[str, str], slots: Sequence[str], given: Sequence[str]):
        self.renamed, self.slots, self.given = renamed, tuple(slots), tuple(given)
        self.before: list[ast.stmt] = []
        self.moves = 0

    def written(self, statement: ast.stmt) -> list[ast.stmt]:
        """A statement, behind the calls of the rule that it needs; nothing for a docstring."""
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            return []
        if isinstance(statement, ast.If):
            statement.test = self.visit(statement.test)
            statement.body = [line for inner in statement.body for line in self.written(inner)]
            statement.orelse = [line for inner in statement.orelse for line in self.written(inner)]
            return [statement]
        outer, self.before = self.before, []
        result = self.visit(statement)
        lines, self.before = [*self.before, result], outer
        return lines

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.renamed.get(node.id, node.id), node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if not _is_rule(node):
            return node
        point, gradient, *value = node.args
        given = [value[0] if value and name == VALUE else ast.Name(name, ast.Load()) for name in self.given]
        state = [ast.Name(slot, ast.Load()) for slot in self.slots]
        call = ast.Call(node.func, [point, gradient, *state, *given], [])
        self.moves += 1
        moved = "moved" if self.moves == 1 else f"moved_{self.moves}"
        target: ast.expr = ast.Name(moved, ast.Store())
        if self.slots:
            target = ast.Tuple([target, *(ast.Name(slot, ast.Store()) for slot in self.slots)], ast.Store())
        self.before.append(ast.Assign([target], call, lineno=1))
        return ast.Name(moved, ast.Load())

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        value = self.visit(node.value) if node.value else ast.Constant(None)
        first, *own = value.elts if isinstance(value, ast.Tuple) else [value]
        state = [ast.Name(slot, ast.Load()) for slot in self.slots]
        parts = [first, *state, *own]
        return ast.Return(ast.Tuple(parts, ast.Load()) if len(parts) > 1 else first)
