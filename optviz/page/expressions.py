"""Expressions of Python in JavaScript.

Python, Numba and JavaScript compute in the same doubles; what differs is how powers, remainders, minima and truth are
defined. Those are calls of a few functions in ``js/numbers.js``, which do what Numba's machine code does.
"""

import ast
import keyword
import math
from collections.abc import Callable
from types import FunctionType
from typing import Any, Protocol

from optviz.formulas.sources import place_of, references, tree_of

# Of ``math``, and of Python itself: what each is called in JavaScript.
CALLS = {
    **{name: f"Math.{name}" for name in ("sqrt exp log log2 log10 log1p expm1 sin cos tan asin acos atan").split()},
    **{name: f"Math.{name}" for name in ("sinh cosh tanh asinh acosh atanh floor ceil trunc cbrt").split()},
    "atan2": "Math.atan2",
    "hypot": "hypot",
    "fabs": "Math.abs",
    "abs": "Math.abs",
    "copysign": "copysign",
    "pow": "power",
    "fmod": "remainder",
    "isfinite": "Number.isFinite",
    "isnan": "Number.isNaN",
    "isinf": "isInfinite",
    "float": "Number",
    "int": "Math.trunc",
    "degrees": "degrees",
    "radians": "radians",
}
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "===", ast.NotEq: "!=="}
WORDS = frozenset(
    "abstract arguments await boolean byte case catch char const debugger default delete do double enum eval export "
    "extends false final finally float function goto implements instanceof int interface let long native new null "
    "package private protected public short static super switch synchronized this throw throws transient true typeof "
    "undefined var void volatile Math Number Array Object Infinity NaN step run".split()
)
LARGEST = 64  # whole powers up to here are written out as products by `whole`


class Untranslatable(Exception):
    """A formula that JavaScript cannot be made of; says which and why."""


class Known(Protocol):
    """What expressions refer to: functions and tuples of numbers, which have names in JavaScript."""

    def function(self, formula: Callable[..., Any]) -> str: ...

    def constant(self, name: str, value: tuple[Any, ...]) -> str: ...


class Expressions:
    """Writes the expressions of one formula.

    Parameters
    ----------
    formula : function
    script : Known
    """

    def __init__(self, formula: FunctionType, script: Known):
        self.formula, self.script = formula, script
        self.definition = tree_of(formula)
        self.outside = references(formula)
        arguments = formula.__code__.co_varnames[: formula.__code__.co_argcount]
        self.arguments = arguments
        self.counted = {
            node.target.id
            for node in ast.walk(self.definition)
            if isinstance(node, ast.For) and isinstance(node.target, ast.Name)
        }

    def refuse(self, tree: ast.AST, what: str) -> Untranslatable:
        """The error about a part of the formula."""
        return Untranslatable(f"{place_of(self.formula, getattr(tree, 'lineno', None))}: {what}")

    def test(self, tree: ast.expr) -> str:
        """Something that is true or false: of a number, whether it is not 0, as NaN is not."""
        if isinstance(tree, ast.BoolOp):
            sign = " && " if isinstance(tree.op, ast.And) else " || "
            return "(" + sign.join(map(self.test, tree.values)) + ")"
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
            return f"!{self.test(tree.operand)}"
        if isinstance(tree, ast.Compare) or self._is_truth(tree):
            return self.read(tree)
        return f"({self.read(tree)} !== 0)"

    def _is_truth(self, tree: ast.expr) -> bool:
        called = ast.unparse(tree.func) if isinstance(tree, ast.Call) else ""
        return called.removeprefix("math.") in ("isfinite", "isnan", "isinf")

    def read(self, tree: ast.expr) -> str:
        """An expression."""
        method = getattr(self, f"_{type(tree).__name__}", None)
        if method is None:
            raise self.refuse(tree, f"{ast.unparse(tree)} has no translation")
        return method(tree)

    def _Constant(self, tree: ast.Constant) -> str:
        if isinstance(tree.value, bool):
            return "1" if tree.value else "0"
        if not isinstance(tree.value, int | float):
            raise self.refuse(tree, f"{tree.value!r} is no number")
        return literal(tree.value)

    def _Name(self, tree: ast.Name) -> str:
        return self._outside(tree.id, tree) if tree.id in self.outside else spelled(tree.id)

    def _Attribute(self, tree: ast.Attribute) -> str:
        return self._outside(ast.unparse(tree), tree)

    def _outside(self, text: str, tree: ast.expr) -> str:
        value = self.outside.get(text)
        if isinstance(value, tuple):
            return self.script.constant(text, value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(tree, f"{text} is no number")
        return literal(value)

    def _Subscript(self, tree: ast.Subscript) -> str:
        if isinstance(tree.slice, ast.Constant) and isinstance(tree.slice.value, str):
            return f'{self.read(tree.value)}["{tree.slice.value}"]'  # of a dictionary
        return f"{self.read(tree.value)}[{self.read(tree.slice)}]"

    def _UnaryOp(self, tree: ast.UnaryOp) -> str:
        if isinstance(tree.op, ast.Not):
            return f"({self.test(tree)} ? 1 : 0)"
        inner = self.read(tree.operand)
        return inner if isinstance(tree.op, ast.UAdd) else f"(-{inner})"

    def _BinOp(self, tree: ast.BinOp) -> str:
        if isinstance(tree.op, ast.Pow):
            return self._power(tree)
        left, right = self.read(tree.left), self.read(tree.right)
        if isinstance(tree.op, ast.BitOr):  # of two dictionaries
            return f"{{...{left}, ...{right}}}"
        if isinstance(tree.op, ast.Mod | ast.FloorDiv):
            return f"{'modulo' if isinstance(tree.op, ast.Mod) else 'floorDivided'}({left}, {right})"
        if type(tree.op) not in OPERATORS:
            raise self.refuse(tree, f"{ast.unparse(tree)} has no translation")
        left = bare(left) if self._binds(tree.left, tree.op, False) else left
        right = bare(right) if self._binds(tree.right, tree.op, True) else right
        return f"({left} {OPERATORS[type(tree.op)]} {right})"

    @staticmethod
    def _binds(inner: ast.expr, outer: ast.operator, is_right: bool) -> bool:
        """Whether an operand may stand without brackets, and is computed first all the same."""
        if not isinstance(inner, ast.BinOp) or type(inner.op) not in OPERATORS:
            return False
        ranks = [isinstance(operator, ast.Mult | ast.Div) for operator in (inner.op, outer)]
        return ranks[0] > ranks[1] or (ranks[0] == ranks[1] and not is_right)

    def _power(self, tree: ast.BinOp) -> str:
        base, exponent = self.read(tree.left), tree.right
        sign = 1
        while isinstance(exponent, ast.UnaryOp) and isinstance(exponent.op, ast.USub):
            exponent, sign = exponent.operand, -sign
        value: Any = exponent.value if isinstance(exponent, ast.Constant) else None
        if isinstance(exponent, ast.Name) and isinstance(self.outside.get(exponent.id), int | float):
            value = self.outside[exponent.id]
        if isinstance(value, int) and abs(value) <= LARGEST:
            if value == 2 and sign > 0:
                return f"({base} * {base})" if base.isidentifier() else f"squared({base})"
            return f"whole({bare(base)}, {sign * value})"
        if value is not None and sign * value == 0.5:
            return f"Math.sqrt({bare(base)})"
        if isinstance(exponent, ast.Name) and exponent.id in self.counted:
            return f"whole({base}, {'-' if sign < 0 else ''}{self.read(exponent)})"
        return f"power({bare(base)}, {bare(self.read(tree.right))})"

    def _IfExp(self, tree: ast.IfExp) -> str:
        return f"({self.test(tree.test)} ? {self.read(tree.body)} : {self.read(tree.orelse)})"

    def _Compare(self, tree: ast.Compare) -> str:
        sides = [self.read(side) for side in (tree.left, *tree.comparators)]
        if any(type(op) not in COMPARISONS for op in tree.ops):
            raise self.refuse(tree, f"{ast.unparse(tree)} has no translation")
        tests = [
            f"({left} {COMPARISONS[type(op)]} {right})"
            for op, left, right in zip(tree.ops, sides, sides[1:], strict=False)
        ]
        return tests[0] if len(tests) == 1 else f"({' && '.join(tests)})"

    def _BoolOp(self, tree: ast.BoolOp) -> str:
        return f"({self.test(tree)} ? 1 : 0)"

    def _Tuple(self, tree: ast.Tuple) -> str:
        return f"[{', '.join(bare(self.read(part)) for part in tree.elts)}]"

    def _Dict(self, tree: ast.Dict) -> str:
        pairs = []
        for key, value in zip(tree.keys, tree.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                raise self.refuse(tree, "a dictionary whose keys are no words has no translation")
            pairs.append(f'"{key.value}": {bare(self.read(value))}')
        return f"{{{', '.join(pairs)}}}"

    def _Call(self, tree: ast.Call) -> str:
        text = ast.unparse(tree.func)
        if any(isinstance(part, ast.Starred) for part in tree.args):
            raise self.refuse(tree, f"{ast.unparse(tree)} has no translation")
        if isinstance(tree.func, ast.Attribute) and tree.func.attr == "get" and not tree.keywords:
            key, usual = tree.args  # of what was known a step before
            return f"known({self.read(tree.func.value)}, {ast.unparse(key)}, {self.read(usual)})"
        called = self.outside.get(text)
        arguments = self._arguments(tree, called)
        if isinstance(called, FunctionType):
            return f"{self.script.function(called)}({', '.join(arguments)})"
        name = text.removeprefix("math.")
        if called is not None and called is not getattr(math, name, None):
            name = (
                getattr(called, "__name__", name) if getattr(math, getattr(called, "__name__", ""), 0) is called else ""
            )
        if name in ("min", "max") and called is None:
            sign = "<" if name == "min" else ">"
            return folded(arguments, lambda one, other: f"{'least' if sign == '<' else 'most'}({one}, {other})")
        if name == "len" and called is None:
            return f"{arguments[0]}.length"
        if name not in CALLS:
            raise self.refuse(tree, f"{text} has no translation")
        return f"{CALLS[name]}({', '.join(arguments)})"

    def _arguments(self, tree: ast.Call, called: Any) -> list[str]:
        written = [bare(self.read(part)) for part in tree.args]
        if not tree.keywords:
            return written
        if not isinstance(called, FunctionType):
            raise self.refuse(tree, f"{ast.unparse(tree)} has no translation")
        names = called.__code__.co_varnames[: called.__code__.co_argcount]
        by_name = {word.arg: self.read(word.value) for word in tree.keywords}
        rest = [by_name.get(name, "undefined") for name in names[len(written) :]]
        return [*written, *rest]


def bare(text: str) -> str:
    """An expression without the brackets around the whole of it."""
    if not text.startswith("("):
        return text
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[1:-1] if place == len(text) - 1 else text
    return text


def folded(parts: list[str], join: Callable[[str, str], str]) -> str:
    whole = parts[0]
    for part in parts[1:]:
        whole = join(whole, part)
    return whole


def spelled(name: str) -> str:
    """A name that JavaScript has no other use for."""
    plain = "".join(letter if letter.isascii() else f"u{ord(letter):x}" for letter in name)
    return f"{plain}_" if plain in WORDS or keyword.iskeyword(plain) or plain in RUNTIME else plain


def literal(value: float) -> str:
    """A number; a whole one of any size as the double that it is."""
    number = float(value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "(-Infinity)"
    text = (
        repr(int(number))
        if number.is_integer() and abs(number) < 1e15 and math.copysign(1, number) > 0
        else repr(number)
    )
    return f"({text})" if text.startswith("-") else text


def array(value: Any) -> str:
    return f"[{','.join(map(array, value))}]" if isinstance(value, tuple) else literal(value)


# What ``js/numbers.js`` defines for formulas.
RUNTIME = frozenset(
    "hypot copysign power remainder isInfinite degrees radians squared whole modulo floorDivided known least "
    "most".split()
)
