"""Any Python function as a formula, as far as its source can be found: lambdas, and functions inside of others.

Kernels are made of functions of a module. What stands inside of another function uses numbers of that one, and a lambda
stands inside of an expression: here such a function is written once more, with a text of its own and these numbers as
constants.
"""

import ast
import functools
import inspect
import linecache
import textwrap
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from optviz.errors import FormulaError
from optviz.formulas.composing import made_of
from optviz.formulas.sources import TEXT, numbers_of


def plain_form(function: Callable) -> FunctionType:
    """A function that has a source of its own.

    Parameters
    ----------
    function : function
        Made by ``def`` or ``lambda``, anywhere. What it needs of the functions around it is taken as it is now, and so
        are the defaults of its arguments.

    Returns
    -------
    function
        The same one if it is a function of a module whose arguments have no defaults.

    Raises
    ------
    FormulaError
        If its source cannot be found.
    """
    if not isinstance(function, FunctionType):
        raise FormulaError(f"{type(function).__name__} objects have no source", "Write a function: def f(x, y): ...")
    if hasattr(function, "__wrapped__"):
        raise FormulaError(f"{function.__name__} stands in a decorator", "Write def f(x, y): ... without one.")
    code = function.__code__
    if code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS) or code.co_kwonlyargcount:
        raise FormulaError(f"{function.__name__} takes arguments of any number", "Write def f(x, y): ...")
    is_plain = function.__name__ != "<lambda>" and not code.co_freevars and not function.__defaults__
    if hasattr(function, TEXT):
        return function
    if is_plain:
        return _as_it_is(function)
    definition = _lambda(function) if function.__name__ == "<lambda>" else _def(function)
    count = code.co_argcount - len(function.__defaults__ or ())
    names = code.co_varnames[: code.co_argcount]
    definition.args = ast.arguments([], [ast.arg(name) for name in names[:count]], None, [], [], None, [])
    scope = function.__globals__ | _cells(function) | dict(zip(names[count:], function.__defaults__ or (), strict=True))
    return made_of(definition, scope)


def _as_it_is(function: FunctionType) -> FunctionType:
    """A function of a module; once more, with their values of now, where it names numbers that may change."""
    numbers = numbers_of(function)
    if not numbers or (function.__module__ or "").partition(".")[0] == "optviz":
        return function
    return _again(function, tuple(sorted(numbers.items(), key=lambda pair: pair[0])))


@functools.lru_cache(maxsize=256)
def _again(function: FunctionType, numbers: tuple[tuple[str, Any], ...]) -> FunctionType:
    """A function with its own text and these numbers; the same one for the same numbers."""
    definition = _def(function)
    return made_of(definition, function.__globals__ | dict(numbers))


def arguments_of(function: Callable) -> list[str] | None:
    """The names of the arguments that a function has to be given; None where they cannot be told."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in parameters):
        return None
    return [one.name for one in parameters if one.default is one.empty and one.kind is not one.KEYWORD_ONLY]


def _cells(function: FunctionType) -> dict[str, Any]:
    """What a function uses of those around it."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    try:
        return {name: cell.cell_contents for name, cell in cells}
    except ValueError as error:  # a variable that has no value yet
        raise FormulaError(f"{function.__name__} uses a variable that has no value yet", "Define it before.") from error


def _def(function: FunctionType) -> ast.FunctionDef:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError) as error:
        raise FormulaError(f"the source of {function.__name__} cannot be read", "Define it in a file.") from error
    if not isinstance(tree, ast.FunctionDef):
        raise FormulaError(f"the source of {function.__name__} is not one function", "Write it with def.")
    tree.decorator_list, tree.returns = [], None
    return tree


def _lambda(function: FunctionType) -> ast.FunctionDef:
    """The definition that a lambda stands for, found by the places of its code in the file."""
    body = _extent(function.__code__)
    for node in ast.walk(_tree(function.__code__.co_filename)) if body else ():
        if isinstance(node, ast.Lambda):
            inner = node.body
            if (inner.lineno, inner.col_offset, inner.end_lineno, inner.end_col_offset) == body:
                return ast.FunctionDef("formula", node.args, [ast.Return(inner)], [], lineno=1)
    raise FormulaError("the source of a lambda cannot be found", "Write it as a function: def f(x, y): ...")


def _extent(code: CodeType) -> tuple[int, int, int, int] | None:
    """From which line and column to which the code of an expression stands in its file."""
    places = [place for place in code.co_positions() if None not in place and place[2:] != (0, 0)]
    starts = [(line, column) for line, _, column, _ in places]
    ends = [(line, column) for _, line, _, column in places]
    return (*min(starts), *max(ends)) if places else None  # type: ignore[return-value]


def _tree(file: str) -> ast.Module:
    text = "".join(linecache.getlines(file))
    return _parsed(text)


@functools.lru_cache(maxsize=8)
def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return ast.Module([], [])
