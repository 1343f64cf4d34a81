"""A formula on one line, as a reader wants it: ``100 (y − x²)²``."""

import ast
from collections.abc import Callable

from optviz.formulas.sources import tree_of

LONGEST = 60  # letters
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
NAMES = {"pi": "π", "tau": "τ", "lgamma": "ln Γ", "gamma": "Γ", "log": "ln", "fabs": "abs"}
NAMES |= {"total": "Σ", "grand_total": "Σ", "largest": "max"}
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)  # how tightly an expression holds together
OPERATORS = {ast.Add: " + ", ast.Sub: " − ", ast.Mod: " mod ", ast.FloorDiv: " // "}
COMPARISONS = {ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥", ast.Eq: "=", ast.NotEq: "≠"}


def typeset(formula: Callable) -> str:
    """The expression that a function of one ``return`` gives, cut where it is too long; the name of any other one.

    Parameters
    ----------
    formula : function

    Returns
    -------
    str
    """
    body = [part for part in tree_of(formula).body if not isinstance(part, ast.Expr)]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None:
        return formula.__name__
    text = _line(body[0].value)[0]
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def typeset_expression(part: ast.expr) -> str:
    """An expression on one line, whole; names stand as they are."""
    return _line(part)[0]


def _line(part: ast.expr) -> tuple[str, int]:
    """An expression as text, and how tightly it holds together."""
    if isinstance(part, ast.Constant):
        return _number(part.value), ATOM
    if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub):
        return "−" + _within(part.operand, SIGN), SIGN
    if isinstance(part, ast.BinOp):
        return _binary(part)
    if isinstance(part, ast.Call):
        name = ast.unparse(part.func).rpartition(".")[2]
        inside = ", ".join(_line(argument)[0] for argument in part.args)
        if name in ("abs", "fabs"):
            return f"|{inside}|", ATOM
        if name == "sqrt":
            bare = inside.isalnum() or isinstance(part.args[0], ast.Name)
            return (f"√{inside}" if bare else f"√({inside})"), ATOM
        return f"{NAMES.get(name, name)}({inside})", ATOM
    if isinstance(part, ast.IfExp):
        then, otherwise = _line(part.body)[0], _line(part.orelse)[0]
        return f"{then} if {_line(part.test)[0]} else {otherwise}", -1
    if isinstance(part, ast.Compare):
        pairs = zip(part.ops, part.comparators, strict=True)
        return _line(part.left)[0] + "".join(f" {COMPARISONS.get(type(op), '?')} {_line(b)[0]}" for op, b in pairs), -1
    name = part.id if isinstance(part, ast.Name) else ast.unparse(part).rpartition(".")[2]
    return NAMES.get(name, name), ATOM


def _binary(part: ast.BinOp) -> tuple[str, int]:
    if isinstance(part.op, ast.Pow):
        base, exponent = _within(part.left, ATOM), part.right
        text = _line(exponent)[0]
        raised = text.replace("−", "-")
        if raised.lstrip("-").isdecimal():
            return base + raised.translate(RAISED), POWER
        if raised == "t":
            return f"{base}ᵗ", POWER
        return f"{base}^{_within(exponent, ATOM)}", POWER
    if isinstance(part.op, ast.Mult):
        left, right = _within(part.left, PRODUCT), _within(part.right, SIGN)
        close = left.replace(".", "").isdecimal() and _is_short(right) and not _is_call(part.right)
        return (left + right if close else f"{left} {right}"), PRODUCT
    if isinstance(part.op, ast.Div):
        return f"{_within(part.left, PRODUCT)}/{_within(part.right, POWER)}", PRODUCT
    return f"{_within(part.left, SUM)}{OPERATORS[type(part.op)]}{_within(part.right, PRODUCT)}", SUM


def _is_short(text: str) -> bool:
    """Whether a text begins with a letter that is no part of a word."""
    return text[:1].isalpha() and not text[1:2].isalpha()


def _is_call(part: ast.expr) -> bool:
    return isinstance(part, ast.Call)


def _within(part: ast.expr, least: int) -> str:
    """An expression inside of a tighter one, in brackets if it needs them."""
    text, holds = _line(part)
    return text if holds >= least else f"({text})"


def _number(value: object) -> str:
    if not isinstance(value, int | float):
        return str(value)
    for name, constant in (("π", 3.141592653589793), ("e", 2.718281828459045)):
        if value == constant:
            return name
    return f"{value:.12g}"
