"""The factors of an expression that hold the state of a rule: what is multiplied, divides, or stands in a function."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from optviz.formulas.inlining import loaded
from optviz.formulas.kinds import NUMBER, VECTOR, Kind, kind_of

Take = Callable[["Found"], ast.expr]


@dataclass(frozen=True)
class Found:
    """A factor.

    Attributes
    ----------
    part : ast.expr
    divides : bool
        Whether something is divided by it.
    scaled : bool
        Whether it is a state times a number: an average, freed of its start.
    numerator : str
        The variable of the vector that it divides, as far as there is one.
    """

    part: ast.expr
    divides: bool = False
    scaled: bool = False
    numerator: str = ""


def factors(part: ast.expr, kinds: Mapping[str, Kind], take: Take, only_divisors: bool) -> ast.expr:
    """An expression in which what `take` gives stands in the place of each factor that holds state.

    Parameters
    ----------
    part : ast.expr
    kinds : dict of str to Kind
        Of all variables; `take` may add to it.
    take : function
        Called with each factor, the innermost first.
    only_divisors : bool
        Whether only divisors count, and what holds one; sums of a state with what is new are then left as they are.
    """
    return _Factors(kinds, take, only_divisors).whole(part)


class _Factors:
    def __init__(self, kinds: Mapping[str, Kind], take: Take, only_divisors: bool):
        self.kinds, self.take, self.only = kinds, take, only_divisors

    def whole(self, part: ast.expr) -> ast.expr:
        """A whole expression, which is itself no factor."""
        if isinstance(part, ast.IfExp):
            return ast.IfExp(part.test, self.whole(part.body), self.whole(part.orelse))
        if isinstance(part, ast.UnaryOp):
            return ast.UnaryOp(part.op, self.whole(part.operand))
        if isinstance(part, ast.Call):
            return self._arguments(part)
        if not isinstance(part, ast.BinOp):
            return part
        if isinstance(part.op, ast.Add | ast.Sub):
            return ast.BinOp(self.whole(part.left), part.op, self._term(part.right))
        return self._term(part)

    def _term(self, part: ast.expr) -> ast.expr:
        if isinstance(part, ast.UnaryOp):
            return ast.UnaryOp(part.op, self._term(part.operand))
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult | ast.Div):
            left = self._term(part.left)
            divides = isinstance(part.op, ast.Div)
            return ast.BinOp(left, part.op, self._factor(part.right, divides, self._vector(left)))
        return self._factor(part, False, "")

    def _factor(self, part: ast.expr, divides: bool, numerator: str) -> ast.expr:
        if isinstance(part, ast.Name | ast.Constant) or not kind_of(part, self.kinds).own:
            return part
        if isinstance(part, ast.UnaryOp):
            return ast.UnaryOp(part.op, self._factor(part.operand, divides, numerator))
        if divides:
            return self.take(Found(part, divides=True, numerator=numerator))
        if self.only:
            inner = self._inner(part)
            return part if ast.dump(inner) == ast.dump(part) else self.take(Found(inner))
        holds = isinstance(part, ast.Call) or any(self._is_state(name) for name in loaded(part))
        is_power = isinstance(part, ast.BinOp) and isinstance(part.op, ast.Pow)
        if not holds or is_power or isinstance(part, ast.Compare | ast.BoolOp):
            return part
        scaled = isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult)
        return self.take(Found(self._inner(part), scaled=scaled))

    def _inner(self, part: ast.expr) -> ast.expr:
        """A factor with what is inside of it taken out: arguments of functions, branches, a quotient's divisor."""
        if isinstance(part, ast.Call):
            return self._arguments(part)
        if isinstance(part, ast.IfExp):
            return ast.IfExp(part.test, self.whole(part.body), self.whole(part.orelse))
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div):
            return self._term(part)
        return part

    def _arguments(self, call: ast.Call) -> ast.expr:
        return ast.Call(call.func, [self.whole(argument) for argument in call.args], call.keywords)

    def _is_state(self, name: str) -> bool:
        return self.kinds.get(name, Kind(NUMBER)).own and name not in ("x", "g")

    def _vector(self, part: ast.expr) -> str:
        """The vector among the factors of a term, the last one."""
        if isinstance(part, ast.Name):
            return part.id if self.kinds.get(part.id, Kind(NUMBER)).what == VECTOR else ""
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult | ast.Div):
            right = self._vector(part.right) if isinstance(part.op, ast.Mult) else ""
            return right or self._vector(part.left)
        return self._vector(part.operand) if isinstance(part, ast.UnaryOp) else ""
