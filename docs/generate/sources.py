"""The text of formulas, without decorators and without the words that pages have already."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType
from typing import Any

from optviz.formulas import sources

HOME = "optviz.optimizers"  # functions of other places are words that pages explain: total, matmul, evaluate


def assigned(text: ast.Module, name: str) -> Any:
    """What a file gives a name, if that is written out."""
    for node in text.body:
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets):
            return ast.literal_eval(node.value)
    raise LookupError(name)


def readable(*formulas: Callable) -> str:
    """What ``optviz show --source`` prints of test functions."""
    return _bare(sources.readable(*formulas))


def of_rules(*formulas: Callable) -> str:
    """The definitions of a rule's formulas, each behind the functions that it calls."""
    found: dict[str, None] = {}
    for formula in formulas:
        _collect(formula, found)
    return "\n\n\n".join(found)


def _collect(formula: Callable, found: dict[str, None]) -> None:
    own = _definition(formula)
    if own in found:
        return
    if isinstance(formula, FunctionType):
        for name in formula.__code__.co_names:
            value = formula.__globals__.get(name)
            if isinstance(value, FunctionType) and value is not formula and (value.__module__ or "").startswith(HOME):
                _collect(value, found)
    found[own] = None


def _definition(formula: Callable) -> str:
    """The lines of a definition, behind its decorators."""
    source = getattr(formula, sources.TEXT, "") or textwrap.dedent(inspect.getsource(formula))
    node = next(one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef | ast.ClassDef))
    return _bare("\n".join(source.splitlines()[node.lineno - 1 : node.end_lineno]))


def _bare(text: str) -> str:
    """Definitions without docstrings."""
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a long table of numbers is cut short
        return text
    lines: list[str | None] = [*text.splitlines()]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) and len(node.body) > 1:
            for number in range(node.body[0].lineno - 1, node.body[1].lineno - 1):
                lines[number] = None
    return "\n".join(line for line in lines if line is not None)
