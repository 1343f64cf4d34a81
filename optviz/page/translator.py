"""Formulas in JavaScript: Python functions of numbers, translated from their syntax trees, bit for bit where it can be.

Python, Numba and JavaScript compute in the same doubles; what differs is how powers, remainders, minima and truth are
defined. Those are calls of a few functions in ``js/numbers.js``, which do what Numba's machine code does.
"""

import ast
import keyword
import math
from collections.abc import Callable
from types import FunctionType
from typing import Any

from optviz.errors import FormulaError
from optviz.formulas.complements import COMPLEMENT
from optviz.formulas.formula import Formula
from optviz.formulas.sources import place_of, references, tree_of
from optviz.optimizers import ScheduledScalars, WrappedScalars

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


class Script:
    """The JavaScript of some Python functions and of all that these call.

    Attributes
    ----------
    texts : list of str
        One definition each; what is called stands before what calls it.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._names: dict[Any, str] = {}
        self._scalars: dict[Any, str] = {}
        self._taken: set[str] = set()
        self._bodies: dict[str, str] = {}

    @property
    def text(self) -> str:
        """All definitions."""
        return "\n".join(self.texts)

    def function(self, formula: Callable) -> str:
        """The name of a formula in JavaScript; it and what it calls are written if they are not yet.

        Parameters
        ----------
        formula : function
            Of numbers, plain Python on ``math``. It returns a number, or a tuple or a dictionary of numbers.

        Raises
        ------
        Untranslatable
            If it holds anything that has no translation.
        """
        if formula in self._names:
            return self._names[formula]
        if not isinstance(formula, FunctionType):
            raise Untranslatable(f"{getattr(formula, '__name__', formula)} is no Python function")
        try:
            body = _Writer(formula, self).text()
        except FormulaError as error:
            raise Untranslatable(error.problem) from error
        if body in self._bodies:  # two functions of one text need one translation
            self._names[formula] = self._bodies[body]
            return self._names[formula]
        name = self._fresh(f"{_spelled(formula.__name__)}_f")
        self._names[formula] = self._bodies[body] = name
        self.texts.append(f"const {name} = {body};")
        return name

    def scalars(self, formula: Formula) -> str:
        """The name of a function ``(t, h, before)`` that gives the step scalars of step `t` by name.

        ``h`` holds all hyperparameters by name as they are at this step, ``before`` what this gave the step before.
        """
        made = formula.scalars
        if made in self._scalars:
            return self._scalars[made]
        if made is None:
            text = "(t, h, before) => ({})"
        elif isinstance(made, WrappedScalars):
            text = self._wrapped(made)
        elif isinstance(made, ScheduledScalars):
            moved = [f'"{name}": h["{name}"]' for name in made.moved]
            rest = [f'"{COMPLEMENT.format(name)}": 1 - h["{name}"]' for name in made.complements]
            text = (
                f"(t, h, before) => ({{...{self.scalars(made.formula)}(t, h, before), {', '.join([*moved, *rest])}}})"
            )
        else:
            given = ["t", *["before"] * formula.recursive, *(f'h["{name}"]' for name in formula.scalar_arguments)]
            text = f"(t, h, before) => {self.function(made)}({', '.join(given)})"
        if text not in self._bodies:
            self._bodies[text] = self._fresh("scalars")
            self.texts.append(f"const {self._bodies[text]} = {text};")
        self._scalars[made] = self._bodies[text]
        return self._scalars[made]

    def _wrapped(self, made: WrappedScalars) -> str:
        """The step scalars of a rule inside a wrapper: see `optviz.optimizers.WrappedScalars`."""
        wrapper, names = made.wrapper, dict(made.names)
        inner, outer = self.scalars(made.formula), self.scalars(wrapper.formula)
        asked = (*wrapper.formula.scalar_arguments, *wrapper.clock_arguments)
        own = ", ".join(f'"{name}": h["{names.get(name, name)}"]' for name in dict.fromkeys(asked))
        earlier = ", ".join(f'"{name}": before["{names[name]}"]' for name in wrapper.formula.table_names)
        lines = [f"const own = {{{own}}};", "let values;"]
        if wrapper.clock:
            clock = self.function(wrapper.clock)
            when = "".join(f', own["{name}"]' for name in wrapper.clock_arguments)
            waits = f"before && {clock}(t{when}) === {clock}(t - 1{when})"
            now = f"values = {inner}({clock}(t{when}), h, before);"
            lines.append(f"if ({waits}) values = before; else {now}" if made.formula.recursive else now)
        else:
            lines.append(f"values = {inner}(t, h, before);")
        lines.append(f"const outer = {outer}(t, own, before && {{{earlier}}});")
        renamed = ", ".join(f'"{names[name]}": outer["{name}"]' for name in wrapper.formula.table_names)
        return "\n".join(["(t, h, before) => {", *lines, f"return {{...values, {renamed}}};", "}"])

    def constant(self, name: str, value: tuple) -> str:
        """The name of a tuple of numbers."""
        text = _array(value)
        if text not in self._bodies:
            self._bodies[text] = self._fresh(f"{_spelled(name)}_c")
            self.texts.append(f"const {self._bodies[text]} = {text};")
        return self._bodies[text]

    def _fresh(self, name: str) -> str:
        chosen, count = name, 1
        while chosen in self._taken:
            count += 1
            chosen = f"{name}{count}"
        self._taken.add(chosen)
        return chosen


class _Writer:
    """Writes one function."""

    def __init__(self, formula: FunctionType, script: Script):
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

    def text(self) -> str:
        """The function as an arrow function."""
        stored = [
            node.id
            for node in ast.walk(self.definition)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ]
        local = [_spelled(name) for name in dict.fromkeys(stored) if name not in self.arguments]
        defaults = self.definition.args.defaults
        plain = len(self.arguments) - len(defaults)
        written = [_spelled(name) for name in self.arguments[:plain]]
        for name, value in zip(self.arguments[plain:], defaults, strict=True):
            is_open = isinstance(value, ast.Constant) and value.value is None  # who calls it gives a number
            written.append(_spelled(name) if is_open else f"{_spelled(name)} = {self.read(value)}")
        lines = self.block(self.definition.body)
        if local:
            lines.insert(0, f"let {', '.join(local)};")
        if len(lines) == 1 and lines[0].startswith("return "):
            value = lines[0][len("return ") : -1]
            return f"({', '.join(written)}) => {f'({value})' if value.startswith('{') else value}"
        return "\n".join([f"({', '.join(written)}) => {{", *lines, "}"])

    def refuse(self, tree: ast.AST, what: str) -> Untranslatable:
        """The error about a part of the formula."""
        return Untranslatable(f"{place_of(self.formula, getattr(tree, 'lineno', None))}: {what}")

    def block(self, body: list[ast.stmt]) -> list[str]:
        """The lines of some statements."""
        return [line for statement in body for line in self.statement(statement)]

    def statement(self, tree: ast.stmt) -> list[str]:
        """The lines of a statement."""
        if isinstance(tree, ast.Pass) or (isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant)):
            return []
        if isinstance(tree, ast.Return) and tree.value is not None:
            return [f"return {self.read(tree.value)};"]
        if isinstance(tree, ast.Assign):
            value = self.read(tree.value)
            return [f"{' = '.join(map(self.target, tree.targets))} = {value};"]
        if isinstance(tree, ast.AnnAssign) and tree.value is not None:
            return [f"{self.target(tree.target)} = {self.read(tree.value)};"]
        if isinstance(tree, ast.AugAssign):
            loaded = ast.parse(ast.unparse(tree.target), mode="eval").body
            value = ast.copy_location(ast.BinOp(loaded, tree.op, tree.value), tree)
            return [f"{self.target(tree.target)} = {self.read(value)};"]
        if isinstance(tree, ast.If):
            lines = [f"if ({self.test(tree.test)}) {{", *self.block(tree.body)]
            return [*lines, "} else {", *self.block(tree.orelse), "}"] if tree.orelse else [*lines, "}"]
        if isinstance(tree, ast.While) and not tree.orelse:
            return [f"while ({self.test(tree.test)}) {{", *self.block(tree.body), "}"]
        if isinstance(tree, ast.For) and not tree.orelse:
            return [self.loop(tree), *self.block(tree.body), "}"]
        if isinstance(tree, ast.Break | ast.Continue):
            return [f"{type(tree).__name__.lower()};"]
        raise self.refuse(tree, f"{ast.unparse(tree).splitlines()[0]} has no translation")

    def loop(self, tree: ast.For) -> str:
        """The head of a loop over whole numbers."""
        over, step = tree.iter, "1"
        backwards = isinstance(over, ast.Call) and ast.unparse(over.func) == "reversed"
        if backwards:
            over = over.args[0]  # type: ignore[attr-defined]
        is_range = isinstance(over, ast.Call) and ast.unparse(over.func) == "range"
        if not is_range or not isinstance(tree.target, ast.Name):
            raise self.refuse(tree, f"a loop over {ast.unparse(tree.iter)} has no translation")
        bounds = [self.read(part) for part in over.args]  # type: ignore[attr-defined]
        first, last = ("0", bounds[0]) if len(bounds) == 1 else bounds[:2]
        name = _spelled(tree.target.id)
        if len(bounds) == 3:
            given = over.args[2]  # type: ignore[attr-defined]
            if backwards or ast.unparse(given) != "-1":
                raise self.refuse(tree, f"a loop over {ast.unparse(tree.iter)} has no translation")
            return f"for ({name} = {first}; {name} > {last}; {name}--) {{"
        if backwards:
            return f"for ({name} = {last} - 1; {name} >= {first}; {name}--) {{"
        return f"for ({name} = {first}; {name} < {last}; {name} += {step}) {{"

    def target(self, tree: ast.expr) -> str:
        """What is given a value."""
        if isinstance(tree, ast.Tuple):
            return f"[{', '.join(map(self.target, tree.elts))}]"
        if isinstance(tree, ast.Subscript):
            return self.read(tree)
        if isinstance(tree, ast.Name):
            return _spelled(tree.id)
        raise self.refuse(tree, f"{ast.unparse(tree)} cannot be given a value")

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
        return _literal(tree.value)

    def _Name(self, tree: ast.Name) -> str:
        return self._outside(tree.id, tree) if tree.id in self.outside else _spelled(tree.id)

    def _Attribute(self, tree: ast.Attribute) -> str:
        return self._outside(ast.unparse(tree), tree)

    def _outside(self, text: str, tree: ast.expr) -> str:
        value = self.outside.get(text)
        if isinstance(value, tuple):
            return self.script.constant(text, value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(tree, f"{text} is no number")
        return _literal(value)

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
        return f"({left} {OPERATORS[type(tree.op)]} {right})"

    def _power(self, tree: ast.BinOp) -> str:
        base, exponent = self.read(tree.left), tree.right
        sign = 1
        while isinstance(exponent, ast.UnaryOp) and isinstance(exponent.op, ast.USub):
            exponent, sign = exponent.operand, -sign
        value = exponent.value if isinstance(exponent, ast.Constant) else None
        if isinstance(exponent, ast.Name) and isinstance(self.outside.get(exponent.id), int | float):
            value = self.outside[exponent.id]
        if isinstance(value, int) and abs(value) <= LARGEST:
            if value == 2 and sign > 0:
                return f"({base} * {base})" if base.isidentifier() else f"squared({base})"
            return f"whole({base}, {sign * value})"
        if value is not None and sign * value == 0.5:
            return f"Math.sqrt({base})"
        if isinstance(exponent, ast.Name) and exponent.id in self.counted:
            return f"whole({base}, {'-' if sign < 0 else ''}{self.read(exponent)})"
        return f"power({base}, {self.read(tree.right)})"

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
        return f"[{', '.join(map(self.read, tree.elts))}]"

    def _Dict(self, tree: ast.Dict) -> str:
        pairs = []
        for key, value in zip(tree.keys, tree.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                raise self.refuse(tree, "a dictionary whose keys are no words has no translation")
            pairs.append(f'"{key.value}": {self.read(value)}')
        return f"{{{', '.join(pairs)}}}"

    def _Call(self, tree: ast.Call) -> str:
        text = ast.unparse(tree.func)
        if any(isinstance(part, ast.Starred) for part in tree.args):
            raise self.refuse(tree, f"{ast.unparse(tree)} has no translation")
        if isinstance(tree.func, ast.Attribute) and tree.func.attr == "get" and not tree.keywords:
            name, usual = tree.args  # of what was known a step before
            return f"known({self.read(tree.func.value)}, {ast.unparse(name)}, {self.read(usual)})"
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
            return _folded(arguments, lambda one, other: f"{'least' if sign == '<' else 'most'}({one}, {other})")
        if name == "len" and called is None:
            return f"{arguments[0]}.length"
        if name not in CALLS:
            raise self.refuse(tree, f"{text} has no translation")
        return f"{CALLS[name]}({', '.join(arguments)})"

    def _arguments(self, tree: ast.Call, called: Any) -> list[str]:
        written = [self.read(part) for part in tree.args]
        if not tree.keywords:
            return written
        if not isinstance(called, FunctionType):
            raise self.refuse(tree, f"{ast.unparse(tree)} has no translation")
        names = called.__code__.co_varnames[: called.__code__.co_argcount]
        by_name = {word.arg: self.read(word.value) for word in tree.keywords}
        rest = [by_name.get(name, "undefined") for name in names[len(written) :]]
        return [*written, *rest]


def _folded(parts: list[str], join: Callable[[str, str], str]) -> str:
    whole = parts[0]
    for part in parts[1:]:
        whole = join(whole, part)
    return whole


def _spelled(name: str) -> str:
    """A name that JavaScript has no other use for."""
    plain = "".join(letter if letter.isascii() else f"u{ord(letter):x}" for letter in name)
    return f"{plain}_" if plain in WORDS or keyword.iskeyword(plain) or plain in RUNTIME else plain


def _literal(value: float) -> str:
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


def _array(value: Any) -> str:
    return f"[{','.join(map(_array, value))}]" if isinstance(value, tuple) else _literal(value)


# What ``js/numbers.js`` defines for formulas.
RUNTIME = frozenset(
    "hypot copysign power remainder isInfinite degrees radians squared whole modulo floorDivided known least "
    "most".split()
)
