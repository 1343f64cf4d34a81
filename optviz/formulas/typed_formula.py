"""Formulas that somebody typed: ``(1 - x)**2 + 100*(y - x**2)**2``.

Nothing that was typed is ever run. Its syntax tree is read through a list of what is allowed, arithmetic, numbers, a
few names and functions; of that a function is written, with a text of its own, which whoever reads formulas reads like
any other.
"""

import ast
import difflib
import functools
import math
import re
import warnings
from collections.abc import Mapping
from types import FunctionType

from optviz.errors import UsageError, shown
from optviz.formulas.composing import made
from optviz.formulas.expressions import OPERATORS, Node, call, choice, leaf, node, number
from optviz.formulas.partials import FUNCTIONS, HELPERS
from optviz.formulas.programs import Return
from optviz.formulas.reading import Reader
from optviz.formulas.writing import Names, function_text

LONGEST = 2000  # letters
DEEPEST = 100  # brackets in brackets, or terms of a sum
MOST = 1000  # parts
LARGEST_POWER = 64  # of a whole exponent that stays one: x**2 is x * x
LONGEST_NAME = 30  # letters of a name that an error shows
WIDEST = 60  # letters of the formula that an error shows
VARIABLES = ("x", "y")
CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}
KNOWN = {name: (1, 1) for name in FUNCTIONS} | {
    "atan2": (2, 2),
    "hypot": (2, 2),
    "copysign": (2, 2),
    "pow": (2, 2),
    "min": (2, 8),
    "max": (2, 8),
}
for _name in ("digamma", "trigamma", "cbrt", "exp2", "fmod"):  # kernels have no compiled form of the last three
    del KNOWN[_name]
# What people write, and what they mean.
MEANT = {"ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "sgn": "sign"}
MEANT |= {"math": "", "np": "", "numpy": "", "power": "pow", "absolute": "abs", "maximum": "max", "minimum": "min"}
LETTERS = {"²": "**2", "³": "**3", "⁴": "**4", "×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "π": "pi"}
LETTERS |= {"√": "sqrt(...)", "≤": "<=", "≥": ">=", "^": "**", "[": "(", "]": ")", "{": "(", "}": ")"}
ALLOWED = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-*/%()<>=!, \t\n")


class FormulaTextError(UsageError):
    """A typed formula that cannot be read; the message shows the place."""


def read_formula(text: str, constants: Mapping[str, float] | None = None) -> FunctionType:
    """The function of a typed formula.

    Parameters
    ----------
    text : str
        An expression of x and y in Python's syntax: numbers, ``+ - * / ** % //``, comparisons, ``a if test else b``,
        pi, e and tau, the functions of `KNOWN`.
    constants : dict of str to float, optional
        Further names.

    Returns
    -------
    function
        ``formula(x, y)``, plain Python on ``math``; the same one for the same text and constants.

    Raises
    ------
    FormulaTextError
        If the text is no such expression; a caret shows where.
    """
    if not isinstance(text, str):
        raise UsageError(f"{shown(text)} is no formula", 'Give text: "x**2 + y**2"')
    return _read(text, tuple(sorted((constants or {}).items())))


def variables_of(formula: FunctionType) -> tuple[str, ...]:
    """Which of x and y a typed formula uses."""
    used = formula.__globals__["USED"]
    return tuple(name for name in VARIABLES if name in used)


def looks_typed(text: str) -> bool:
    """Whether a text is meant for a formula rather than for a name."""
    is_number = text.lstrip("-.")[:1].isdigit()
    is_written = any(letter in text for letter in "()+*/%^ =<>,²") and any(letter.isalnum() for letter in text)
    return is_written or text in VARIABLES or is_number


@functools.lru_cache(maxsize=256)
def _read(text: str, constants: tuple[tuple[str, float], ...]) -> FunctionType:
    reader = _Reader(text, dict(constants))
    part = reader.formula()
    scope = {name: getattr(math, name) for name in FUNCTIONS if hasattr(math, name)} | HELPERS
    names = Names({*VARIABLES, *KNOWN, *CONSTANTS, *scope})
    try:
        written = function_text("formula", VARIABLES, [Return((part,))], names)
    except (RecursionError, OverflowError):
        raise reader.error("is too deep", None, "Write it with fewer brackets.") from None
    return made(written, scope | {"USED": reader.used, "__name__": __name__})


class _Reader(Reader):
    """Makes nodes of a typed formula, and says what is wrong with it and where."""

    def __init__(self, text: str, constants: Mapping[str, float]):
        self.original, self.given = text, constants
        self.used: set[str] = set()
        self.parts = 0
        super().__init__({}, {}, {})

    def formula(self) -> Node:
        """The whole text."""
        text = self.original
        if len(text) > LONGEST:
            problem = f"the formula has {len(text):,} letters"
            raise FormulaTextError(problem, f"It may have {LONGEST:,}: write a function in a file, my.py:f")
        if not text.strip():
            raise FormulaTextError("the formula is empty", 'Example: "x**2 + y**2"')
        for place, letter in enumerate(text):
            if letter not in ALLOWED:
                meant = f"Write {LETTERS[letter]} instead." if letter in LETTERS else "Leave it out."
                raise self.error(f"holds {shown(letter)}", (place, place + 1), meant)
        # Ends of lines mean nothing; brackets around it all keep the parser from taking them for ends of statements.
        self.text_read = "(" + text.replace("\n", " ").replace("\t", " ") + ")"
        return self.read(self._tree())

    def _tree(self) -> ast.expr:
        self._check_brackets()
        try:
            with warnings.catch_warnings(action="ignore", category=SyntaxWarning):  # of 1if, which is taken for 1 if
                tree = ast.parse(self.text_read, mode="eval").body
        except SyntaxError as error:
            raise self._misspelt(error) from None
        except (ValueError, MemoryError, RecursionError):
            raise self.error("is too deep", None, "Write it with fewer brackets.") from None
        return tree

    def _check_brackets(self) -> None:
        """Refuse brackets that do not match, before a pair is put around it all."""
        opened = 0
        for place, letter in enumerate(self.original):
            opened += (letter == "(") - (letter == ")")
            if opened < 0:
                raise self.error("closes a bracket that it has not opened", (place, place + 1), "Leave it out.")
        if opened:
            where = _unclosed(self.original)
            raise self.error("does not close a bracket", (where, where + 1), "Write ) where it ends.")

    def _misspelt(self, error: SyntaxError) -> FormulaTextError:
        """What is wrong with a text that Python's parser does not take."""
        text = self.original
        place = min(max((error.offset or 2) - 2, 0), len(text) - 1)
        if found := _side_by_side(text):
            at, end, meant = found
            return self.error("puts two things side by side", (at, end), f"Write {meant}")
        return self.error("cannot be read", (place, place + 1), 'Python\'s syntax: "x**2 + 3*sin(y)"')

    def error(self, problem: str, where: tuple[int, int] | ast.AST | None, remedy: str) -> FormulaTextError:
        """An error that shows the place."""
        if isinstance(where, ast.AST):
            start = getattr(where, "col_offset", 1) - 1
            where = start, max((getattr(where, "end_col_offset", start + 2) or start + 2) - 1, start + 1)
        return FormulaTextError(f"the formula {problem}", remedy, _excerpt(self.original, where) if where else "")

    def read(self, tree: ast.expr) -> Node:
        """The node of a tree, if it is allowed."""
        self.parts += 1
        if self.parts > MOST:
            raise self.error(f"has more than {MOST:,} parts", None, "Write a function in a file, my.py:f")
        depth = self.depth = getattr(self, "depth", 0) + 1
        if depth > DEEPEST:
            raise self.error("is too deep", tree, f"It may hold {DEEPEST} brackets in brackets, or terms of a sum.")
        if isinstance(tree, ast.Compare | ast.BoolOp) or _is_negation(tree):
            raise self.error("compares where a number is needed", tree, "Choose one: 1 if x > 0 else -1")
        part = self._arithmetic(tree)
        self.depth = depth - 1
        return part

    def _arithmetic(self, tree: ast.expr) -> Node:
        method = ALLOWED_TREES.get(type(tree))
        if method is None:
            what = type(tree).__name__.lower()
            raise self.error(f"holds what is no arithmetic: {what}", tree, 'Example: "x**2 + 3*sin(y)"')
        return getattr(self, method)(tree)

    def _Constant(self, tree: ast.Constant) -> Node:
        value = tree.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(f"holds {shown(value)}, which is no number", tree, "Leave it out.")
        try:
            value = float(value)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise self.error("holds a number that is too large", tree, "The largest is 1.8e308.")
        return number(value)

    def _Name(self, tree: ast.Name) -> Node:
        name = tree.id
        if name in self.given:
            self.used.add(name)
            value = float(self.given[name])
            return number(value) if value >= 0 else node("negative", number(-value))
        if name in VARIABLES:
            self.used.add(name)
            return leaf(name)
        if name in CONSTANTS:
            return number(CONSTANTS[name])
        if name in KNOWN:
            raise self.error(f"uses the function {name} without brackets", tree, f"Write {name}(...)")
        raise self._unknown(tree, name, [*VARIABLES, *CONSTANTS, *self.given], "name")

    def _unknown(self, tree: ast.AST, name: str, known: list[str], what: str) -> FormulaTextError:
        near = [f"{name[:-1]}({name[-1]})"] if name[:-1] in KNOWN and name[-1] in VARIABLES else []
        near += difflib.get_close_matches(name.lower(), known, 1, 0.6)
        meant = MEANT.get(name) or next(iter(near), "")
        name = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
        if what == "function":
            remedy = f"Did you mean '{meant}'?" if meant else f"It knows {', '.join(sorted(KNOWN))}."
        else:
            hint = f"Did you mean '{meant}'? " if meant else ""
            remedy = f"{hint}It knows {', '.join(known)}; give others by --set {name}=1 (constants=)."
        return self.error(f"has an unknown {what} '{name}'", tree, remedy)

    def _Attribute(self, tree: ast.Attribute) -> Node:
        root, name = ast.unparse(tree.value), tree.attr
        if MEANT.get(root) == "" and (name in CONSTANTS or name in KNOWN):
            raise self.error(f"asks for {root}.{name}", tree, f"Write {name} alone.")
        raise self.error("asks for an attribute", tree, 'Example: "x**2 + 3*sin(y)"')

    def _BinOp(self, tree: ast.BinOp) -> Node:
        if isinstance(tree.op, ast.Pow) and (power := _whole(tree.right)) is not None:
            return node("**", self.read(tree.left), number(power))
        if type(tree.op) not in OPERATORS:
            raise self.error("holds an operator that is none of numbers", tree, "It knows + - * / ** % //")
        return super()._BinOp(tree)

    def _UnaryOp(self, tree: ast.UnaryOp) -> Node:
        if isinstance(tree.op, ast.Invert):
            raise self.error("holds ~, which is no operator of numbers", tree, "It knows + - * / ** % //")
        return super()._UnaryOp(tree)

    def _Call(self, tree: ast.Call) -> Node:
        if isinstance(tree.func, ast.Attribute):
            self._Attribute(tree.func)
        if not isinstance(tree.func, ast.Name):
            meant = "Write * between two brackets." if _is_plain(tree.func) else 'Example: "3*sin(y)"'
            raise self.error("calls what is no function", tree.func, meant)
        name = tree.func.id
        if name in VARIABLES or name in CONSTANTS or name in self.given:
            raise self.error(f"calls {name}, which is a number", tree.func, f"Write {name}*(...)")
        if name not in KNOWN:
            raise self._unknown(tree.func, name, sorted(KNOWN), "function")
        least, most = KNOWN[name]
        if tree.keywords or any(isinstance(arg, ast.Starred) for arg in tree.args):
            raise self.error(f"calls {name} with names or stars", tree, f"Write {name}(x)")
        if not least <= len(tree.args) <= most:
            takes = f"{least} number{'s' * (least > 1)}" if least == most else f"{least} to {most} numbers"
            raise self.error(f"gives {name} {len(tree.args)}", tree, f"It takes {takes}.")
        args = [self.read(arg) for arg in tree.args]
        return node("**", *args) if name == "pow" else call(name, *args)

    def _IfExp(self, tree: ast.IfExp) -> Node:
        return choice(self._test(tree.test), self.read(tree.body), self.read(tree.orelse))

    def _test(self, tree: ast.expr) -> Node:
        if isinstance(tree, ast.BoolOp):
            return node("and" if isinstance(tree.op, ast.And) else "or", *map(self._test, tree.values))
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
            return node("not", self._test(tree.operand))
        if isinstance(tree, ast.Compare):
            return self._Compare(tree)
        raise self.error("tests a number", tree, "Compare it: a if x > 0 else b")


# Behind a number or a test nothing else follows; what is no key is refused.
ALLOWED_TREES: dict[type[ast.AST], str] = {
    kind: f"_{kind.__name__}"
    for kind in (
        *(ast.Constant, ast.Name, ast.Attribute, ast.BinOp, ast.UnaryOp),
        *(ast.Call, ast.IfExp),
    )
}


def _is_negation(tree: ast.expr) -> bool:
    return isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not)


def _is_plain(tree: ast.expr) -> bool:
    return isinstance(tree, ast.BinOp | ast.Constant | ast.UnaryOp)


def _whole(tree: ast.expr) -> int | None:
    """A small whole exponent."""
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        inner = _whole(tree.operand)
        return None if inner is None else -inner
    value = tree.value if isinstance(tree, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_POWER:
        return None
    return int(value) if value == int(value) else None


def _unclosed(text: str) -> int:
    opened = []
    for place, letter in enumerate(text):
        if letter == "(":
            opened.append(place)
        elif letter == ")":
            opened.pop()
    return opened[-1]


def _side_by_side(text: str) -> tuple[int, int, str] | None:
    """Where a product has no sign, or a function no brackets: ``2x``, ``sin x``; and what is meant."""
    for found in re.finditer(
        r"(?<![\w.])(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-z_(][\w]*)|([A-Za-z_]\w*)\s+([\w.]+)|(\))\s*([\w(])", text
    ):
        first = found[1] or found[3] or found[5]
        second = found[2] or found[4] or found[6]
        if found[3] and (
            found[3] in ("if", "else", "and", "or", "not") or found[4] in ("if", "else", "and", "or", "not")
        ):
            continue
        if second in ("if", "else", "and", "or"):
            continue
        if found[1] and second and second[0] in "eEjJ" and re.match(r"[eE]\d", text[found.start(2) :]):
            continue
        meant = f"{first}({second})" if first in KNOWN else f"{first}*{second}"
        return found.start(), found.end(), meant
    return None


def _excerpt(text: str, where: tuple[int, int]) -> str:
    """The part of a text around a place, with carets below it."""
    start, end = where
    line = "".join(letter if letter.isprintable() else " " if letter in "\n\t" else "?" for letter in text)
    first = max(min(start - WIDEST // 2, len(line) - WIDEST), 0)
    part = line[first : first + WIDEST]
    before, after = ("..." if first else ""), ("..." if first + WIDEST < len(line) else "")
    carets = "^" * max(min(end, first + WIDEST) - start, 1)
    return f"    {before}{part}{after}\n    {' ' * (len(before) + start - first)}{carets}"
