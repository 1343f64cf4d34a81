"""What a formula is made of: its text, its syntax tree, and everything outside of it that it names."""

import ast
import copy
import functools
import inspect
import math
import os
import textwrap
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from optviz.errors import FormulaError, MissingError

LONGEST = 160  # letters of a constant that is shown
TEXT = "__formula__"  # the attribute of a function that optviz has written: its text

# What no kernel can be made of, and what a message calls it.
REFUSED: dict[tuple[type[ast.AST], ...], str] = {
    (ast.FunctionDef, ast.AsyncFunctionDef): "a function inside it",
    (ast.Lambda,): "a lambda",
    (ast.ClassDef,): "a class",
    (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp): "a comprehension",
    (ast.Match,): "match",
    (ast.Try, ast.TryStar): "try",
    (ast.With, ast.AsyncWith): "with",
    (ast.Import, ast.ImportFrom): "an import",
    (ast.Global, ast.Nonlocal): "a global statement",
    (ast.Yield, ast.YieldFrom, ast.Await): "yield",
}


def place_of(formula: Callable, line: int | None = None) -> str:
    """The name of a formula with its file and a line, by default its first: ``f (rules.py, line 12)``."""
    code = formula.__code__
    file = code.co_filename.removeprefix(os.path.join(os.getcwd(), ""))
    return f"{formula.__name__} ({file}, line {line or code.co_firstlineno})"


@functools.cache  # finding where a function ends takes a millisecond, and both its name and its code need it
def source_of(formula: Callable) -> str:
    """The text of a formula.

    Raises
    ------
    FormulaError
        If it cannot be read: a lambda, a function typed at the prompt, a module without its source.
    MissingError
        If it is one of ours and optviz was installed as byte code alone.
    """
    if not isinstance(formula, FunctionType) or formula.__name__ == "<lambda>":
        raise FormulaError(f"{formula!r} is not a plain function", "Write the formula as a function: def name(x, ...).")
    if formula.__code__.co_freevars:
        names = ", ".join(formula.__code__.co_freevars)
        raise FormulaError(
            f"the formula {formula.__name__} uses {names} of the function around it",
            "Define it at the top level of a module and pass such values as arguments.",
        )
    if written := getattr(formula, TEXT, ""):
        return written
    try:
        return inspect.getsource(formula)
    except (OSError, TypeError) as error:
        if (formula.__module__ or "").partition(".")[0] == "optviz":
            raise MissingError(
                "this installation of optviz lacks its sources (.py files), which kernels are compiled from",
                "Install it again: pip install --force-reinstall --no-deps optviz",
            ) from error
        raise FormulaError(
            f"the source of the formula {formula.__name__} cannot be read: {error}",
            "Define it in a file or a notebook cell, not at the prompt and not by exec.",
        ) from error


@functools.cache
def outcomes(formula: Callable) -> int:
    """How many numbers a formula returns."""
    returns = [node.value for node in ast.walk(tree(formula)) if isinstance(node, ast.Return)]
    return max((len(value.elts) if isinstance(value, ast.Tuple) else 1 for value in returns), default=0)


def numbers_of(formula: Callable) -> dict[str, Any]:
    """The numbers, and tuples, outside of a formula that it names; those of ``math`` are none of its own."""
    numbers = {}
    for name, value in references(formula).items():
        if "." not in name and isinstance(value, int | float | tuple) and getattr(math, name, None) is not value:
            numbers[name] = value
    return numbers


def readable(*formulas: Callable) -> str:
    """The texts of formulas for a reader, without decorators; above each the functions and constants that it names."""
    texts: dict[str, None] = {}
    seen: set[Callable] = set()
    for formula in formulas:
        _collect(formula, texts, seen)
    return "\n".join(texts)


def _collect(formula: Callable, texts: dict[str, None], seen: set[Callable]) -> None:
    """The texts of what a formula names, and then its own."""
    if formula in seen:
        return
    seen.add(formula)
    named, numbers = [], numbers_of(formula)
    for name, value in references(formula).items():
        if isinstance(value, FunctionType):
            _collect(value, texts, seen)
            if name != value.__name__:
                named.append(f"{name} = {value.__name__}")
        elif name in numbers:
            text = repr(value)
            named.append(f"{name} = {text if len(text) <= LONGEST else text[:LONGEST] + '...'}")
    if named:
        texts["\n".join(named) + "\n"] = None
    written = getattr(formula, TEXT, "")
    if not written:
        definition = _definition(formula)
        lines = inspect.getsource(formula).splitlines()
        first = definition.lineno - formula.__code__.co_firstlineno
        written = textwrap.dedent("\n".join(lines[first:])) + "\n"
    texts[written] = None


def tree_of(formula: Callable) -> ast.FunctionDef:
    """The formula's definition without decorators and annotations, checked against the code that Python runs.

    Returns
    -------
    ast.FunctionDef
        With the file's line numbers; the caller's to change.

    Raises
    ------
    FormulaError
        If it is not one function, not what Python runs, or made of more than arithmetic, branches, loops and calls.
    """
    return copy.deepcopy(tree(formula))


@functools.cache
def tree(formula: Callable) -> ast.FunctionDef:
    """The definition that `tree_of` copies, for who only reads it."""
    definition = _definition(formula)
    for statement in definition.body:
        _check(statement, formula)
    definition.decorator_list = []
    definition.returns = None
    for argument in ast.walk(definition.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    # CPython compiles math.exp in another way below "import math" than in a notebook cell of its own.
    names = {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)}
    modules = [ast.alias(name) for name in sorted(names) if inspect.ismodule(formula.__globals__.get(name))]
    preludes: list[list[ast.stmt]] = [[], [ast.Import(modules)]] if modules else [[]]
    bodies = [executable(ast.Module([*prelude, definition], []), formula) for prelude in preludes]
    if not any(_runs_alike(constant, formula.__code__) for body in bodies for constant in body.co_consts):
        raise FormulaError(
            f"the source of {formula.__name__} has changed since it was imported", "Start Python again or reload it."
        )
    return definition


def _definition(formula: Callable) -> ast.FunctionDef:
    """The formula's definition as it is written."""
    source = source_of(formula)
    # A definition that stands further to the right is read below an "if": moved to the left, its docstring would not
    # be the one that Python runs any more.
    indented = source[:1].isspace()
    try:
        body = ast.parse(f"if True:\n{source}" if indented else source).body
    except SyntaxError:
        body = []
    if indented and body and isinstance(body[0], ast.If):
        body = body[0].body
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
        raise FormulaError(f"the source of {formula.__name__} is not one function", "Write the formula with def.")
    ast.increment_lineno(body[0], formula.__code__.co_firstlineno - 1 - indented)
    return body[0]


def _check(statement: ast.stmt, formula: Callable) -> None:
    """Refuse what no kernel can be made of."""
    for node in ast.walk(statement):
        for kinds, word in REFUSED.items():
            if isinstance(node, kinds):
                line = getattr(node, "lineno", None)
                raise FormulaError(
                    f"the formula {place_of(formula, line)} holds {word}",
                    "Kernels are made of arithmetic, branches, loops and functions of a module.",
                )


def executable(module: ast.Module, formula: Callable) -> CodeType:
    """The code of a module, in the formula's file."""
    return compile(ast.fix_missing_locations(module), formula.__code__.co_filename, "exec", dont_inherit=True)


def _runs_alike(code: Any, running: CodeType) -> bool:
    if not isinstance(code, CodeType):
        return False
    return (code.co_code, code.co_names, code.co_consts) == (running.co_code, running.co_names, running.co_consts)


def references(formula: Callable) -> dict[str, Any]:
    """What a formula names outside of itself, as it writes it: ``GAIN``, ``math.pi``, ``helpers.half``.

    Together with its source and the defaults of its arguments this is all that it depends on.
    """
    named: dict[str, Any] = {}
    local = {*formula.__code__.co_varnames}

    def note(node: ast.AST) -> None:
        text = dotted(node)
        root = text.partition(".")[0] if text else ""
        if text and root in formula.__globals__ and root not in local:
            named[text] = _value(formula.__globals__[root], text.split(".")[1:])
        else:
            for child in ast.iter_child_nodes(node):
                note(child)

    for statement in tree(formula).body:
        note(statement)
    return named


def dotted(node: ast.AST) -> str:
    """A name, or a chain of attributes of one, as it is written; "" for anything else."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return before and f"{before}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _value(root: Any, attributes: list[str]) -> Any:
    for attribute in attributes:
        root = getattr(root, attribute, None)
    return root
