"""Expressions of a rule as a reader wants them: numbers for hyperparameters, symbols for averages, nothing idle."""

import ast
import contextlib
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optviz.formulas.formula import ITERATE
from optviz.formulas.sources import tree_of
from optviz.formulas.typeset import RAISED, typeset_expression

HAT = "\u0302"
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "eps": "ε", "eta": "η", "kappa": "κ", "lam": "λ", "lambd": "λ", "mu": "μ",
    "nu": "ν", "phi": "φ", "rho": "ρ", "theta": "θ", "weight_decay": "λ",
}  # fmt: skip
CALLED = {"greater": "max", "lesser": "min"}  # `optviz.optimizers._formulas`
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
FOLDED = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
UNBIASED = "unbias"  # how the names of step scalars begin that free an average of its start


@dataclass
class Shown:
    """What is shown in the place of names.

    Attributes
    ----------
    slots : tuple of str
        The rule's state slots.
    numbers : dict of str to float
        Hyperparameters that are shown as numbers.
    scalars : dict of str to ast.expr
        What step scalars are.
    values : dict of str to ast.expr
        Factors, which are shown in place of their variables.
    symbols : dict of str to str
        Variables that have a sign of their own.
    """

    slots: tuple[str, ...]
    numbers: Mapping[str, float]
    scalars: Mapping[str, ast.expr]
    values: dict[str, ast.expr] = field(default_factory=dict)
    symbols: dict[str, str] = field(default_factory=dict)

    def text(self, part: ast.expr, with_numbers: bool = True) -> str:
        """An expression on one line; names stand for all numbers unless it is `with_numbers`."""
        part = _copy(part)
        numbers = self.numbers if with_numbers else {}
        shown = _Replacing(self, part, numbers).visit(part)
        return typeset_expression(_Pretty().visit(_Simple().visit(shown) if numbers else shown))

    def name(self, name: str) -> str:
        """A variable as it is shown."""
        if name in self.symbols:
            return self.symbols[name]
        stem, _, number = name.partition("_")
        if number == "after" or (number.isdecimal() and stem in (ITERATE, "g")):
            return stem if number == "after" else stem + "′"
        if number.isdecimal():
            name = stem
        bare = name.rstrip("0123456789")
        return GREEK.get(name) or GREEK.get(bare, bare) + name[len(bare) :].translate(LOWERED)


def is_unbiased(part: ast.expr) -> bool:
    """Whether an expression is something times a step scalar that frees it of its start."""
    if not (isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult) and isinstance(part.right, ast.Name)):
        return False
    return part.right.id.startswith(UNBIASED)


def pretty(value: Any) -> str:
    """A number with at most four digits, and a power of ten where it is very small or large."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return str(value).replace("inf", "∞")
    mantissa, _, exponent = f"{value:.4g}".replace("-", "−", value < 0).partition("e")
    if not exponent:
        return mantissa
    ten = "10" + str(int(exponent)).translate(RAISED)
    return ten if mantissa == "1" else f"{mantissa}×{ten}"


def written_scalars(scalars: Callable) -> dict[str, ast.expr]:
    """The expressions of step scalars that a function of one ``return`` gives; nothing of another one."""
    try:
        body = [part for part in tree_of(scalars).body if not isinstance(part, ast.Expr)]
    except Exception:  # anything that has no source of its own
        return {}
    if len(body) != 1 or not isinstance(body[0], ast.Return) or not isinstance(body[0].value, ast.Dict):
        return {}
    pairs = zip(body[0].value.keys, body[0].value.values, strict=True)
    return {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}


def _copy(part: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(part), mode="eval").body


class _Replacing(ast.NodeTransformer):
    """Puts what is shown in the place of variables: numbers, symbols, and what factors and step scalars are.

    A state slot freed of its start has a hat, but for the one expression, `whole`, that says what this is.
    """

    def __init__(self, shown: Shown, whole: ast.expr, numbers: Mapping[str, float]):
        self.shown, self.whole, self.numbers = shown, whole, numbers

    def visit_BinOp(self, part: ast.BinOp) -> ast.expr:
        if part is not self.whole and is_unbiased(part) and isinstance(part.left, ast.Name):
            if part.left.id in self.shown.slots:
                return ast.Name(part.left.id + HAT, ast.Load())
        self.generic_visit(part)
        inner = part.right
        if isinstance(part.op, ast.Pow) and isinstance(inner, ast.Constant) and inner.value == 0.5:
            return ast.Call(ast.Name("sqrt", ast.Load()), [part.left], [])
        if isinstance(part.op, ast.Mult) and isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Div):
            if isinstance(inner.left, ast.Constant) and inner.left.value == 1:
                return ast.BinOp(part.left, ast.Div(), inner.right)
        return part

    def visit_Call(self, part: ast.Call) -> ast.expr:
        name = part.func.id if isinstance(part.func, ast.Name) else ""
        function = ast.Name(CALLED[name], ast.Load()) if name in CALLED else part.func
        return ast.Call(function, [self.visit(argument) for argument in part.args], [])

    def visit_Name(self, part: ast.Name) -> ast.expr:
        shown = self.shown
        if part.id in shown.symbols:
            return ast.Name(shown.symbols[part.id], ast.Load())
        for known in (shown.values, shown.scalars):
            if part.id in known:
                return self.visit(_copy(known[part.id]))
        if part.id in self.numbers:
            return ast.Constant(self.numbers[part.id])
        return ast.Name(shown.name(part.id), ast.Load())


class _Simple(ast.NodeTransformer):
    """Arithmetic on numbers carried out, and zeros and ones that change nothing left out."""

    def visit_BinOp(self, part: ast.BinOp) -> ast.expr:
        self.generic_visit(part)
        left, right, op = _value(part.left), _value(part.right), type(part.op)
        if left is not None and right is not None and op in FOLDED:
            with contextlib.suppress(ArithmeticError):
                return ast.Constant(FOLDED[op](left, right))
        if op is ast.Mult and 0 in (left, right):
            return ast.Constant(0)
        if (op in (ast.Mult, ast.Div) and right == 1) or (op in (ast.Add, ast.Sub) and right == 0):
            return part.left
        if (op is ast.Mult and left == 1) or (op is ast.Add and left == 0):
            return part.right
        return part


class _Pretty(ast.NodeTransformer):
    """Numbers as they are shown."""

    def visit_Constant(self, part: ast.Constant) -> ast.expr:
        shown: ast.expr = ast.Name(pretty(abs(part.value)), ast.Load())  # type: ignore[arg-type]
        return ast.UnaryOp(ast.USub(), shown) if part.value < 0 else shown  # type: ignore[operator]


def _value(part: ast.expr) -> float | None:
    return float(part.value) if isinstance(part, ast.Constant) else None  # type: ignore[arg-type]
