"""What the variables of a rule are: vectors that turn with the gradient, sizes that do not, points, and plain numbers.

Told from the syntax tree alone. A vector changes its sign with the gradient, as its average does. A size stays as it
is: a square, a magnitude, a root of an average of squares. A point moves along with the iterate. A number is the same
wherever the rule stands.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from optviz.formulas.formula import ITERATE, VALUE, Formula
from optviz.formulas.inlining import Straight, stored
from optviz.formulas.sources import dotted

NUMBER, VECTOR, SIZE, POINT, SHARE = "number", "vector", "size", "point", "share of a point"
ODD = frozenset("sign tanh atan sin sinh asinh asin erf cbrt copysign atan2 clip logistic".split())
EVEN = frozenset("abs fabs cos cosh exp hypot".split())
ROUNDS = 5  # after which no slot has become something else


@dataclass(frozen=True)
class Kind:
    """What a variable is.

    Attributes
    ----------
    what : str
        One of `NUMBER`, `VECTOR`, `SIZE`, `POINT` and `SHARE`; "" where nothing is known.
    own : bool
        Whether each coordinate has its own.
    """

    what: str = ""
    own: bool = False


UNKNOWN = Kind()


def kinds_of(formula: Formula, straight: Straight) -> dict[str, Kind]:
    """What each argument and variable of a formula is, after its last assignment.

    Parameters
    ----------
    formula : Formula
    straight : Straight
        Its update.

    Returns
    -------
    dict of str to Kind
    """
    begins = dict(formula.initial)
    slots = {slot: Kind(POINT, True) if begins.get(slot) == ITERATE else UNKNOWN for slot in formula.slots}
    known: dict[str, Kind] = {}
    for number in range(2 * ROUNDS):
        if number == ROUNDS:  # what depends on nothing but itself
            slots = {slot: kind if kind.what else Kind(NUMBER, kind.own) for slot, kind in slots.items()}
        known = {name: Kind(NUMBER) for name in straight.arguments} | slots
        known |= {ITERATE: Kind(POINT, True), "g": Kind(VECTOR, True), VALUE: Kind(NUMBER)}
        _carried_out(straight.body, known)
        after = [kind_of(value, known) for value in straight.returned[1:]]
        slots = {slot: _either(slots[slot], kind) for slot, kind in zip(slots, after, strict=False)}
    return known | {name: Kind(NUMBER, kind.own) for name, kind in known.items() if not kind.what}


def _carried_out(body: Iterable[ast.stmt], known: dict[str, Kind]) -> None:
    """Statements, with kinds in place of numbers."""
    for one in body:
        if isinstance(one, ast.If):
            test = kind_of(one.test, known)
            branches = dict(known), dict(known)
            for branch, lines in zip(branches, (one.body, one.orelse), strict=True):
                _carried_out(lines, branch)
            for name in stored([one]):
                both = _either(*(branch.get(name, UNKNOWN) for branch in branches))
                known[name] = replace(both, own=both.own or test.own)
        elif isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name):
            name = one.targets[0].id
            kind = kind_of(one.value, known)
            known[name] = replace(kind, what=POINT) if name.partition("_")[0] == ITERATE and kind.own else kind
        elif isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Tuple):
            names = stored([one])
            parts = one.value.elts if isinstance(one.value, ast.Tuple) else [one.value] * len(names)
            known |= {name: kind_of(part, known) for name, part in zip(names, parts, strict=False)}
        else:
            known |= dict.fromkeys(stored([one]), Kind(VECTOR, True))


def kind_of(part: ast.expr, known: Mapping[str, Kind]) -> Kind:
    """What an expression is."""
    if isinstance(part, ast.Name):
        return known.get(part.id, Kind(NUMBER))
    if isinstance(part, ast.UnaryOp):
        return kind_of(part.operand, known)
    if isinstance(part, ast.BinOp):
        left, right = kind_of(part.left, known), kind_of(part.right, known)
        own = left.own or right.own
        if isinstance(part.op, ast.Add | ast.Sub):
            return Kind(_sum(left.what, right.what, isinstance(part.op, ast.Sub)), own)
        if isinstance(part.op, ast.Pow):
            odd = isinstance(part.right, ast.Constant) and part.right.value in (1, 3, 5)
            return Kind(left.what if odd or left.what in ("", NUMBER) else SIZE, own)
        return Kind(_product(left.what, right.what), own)
    if isinstance(part, ast.IfExp):
        both = _either(kind_of(part.body, known), kind_of(part.orelse, known))
        return replace(both, own=both.own or kind_of(part.test, known).own)
    inside = [kind_of(child, known) for child in ast.iter_child_nodes(part) if isinstance(child, ast.expr)]
    own = any(kind.own for kind in inside)
    if not isinstance(part, ast.Call):
        return Kind(NUMBER, own)  # comparisons
    given = [kind_of(argument, known) for argument in part.args]
    name = dotted(part.func).rpartition(".")[2]
    whats = [kind.what for kind in given if kind.what not in ("", NUMBER)]
    if not whats:
        return Kind("" if any(not kind.what for kind in given) else NUMBER, own)
    if name in EVEN or all(what == SIZE for what in whats):
        return Kind(SIZE, own)
    if name in ODD or VECTOR in whats:
        return Kind(SIZE if name in ("sqrt", "pow", "log") else VECTOR, own)
    return Kind(whats[0], own)


def _sum(a: str, b: str, minus: bool) -> str:
    if not a or not b:
        return a or b
    if NUMBER in (a, b):
        return a if b == NUMBER else b
    pair = {a, b}
    if pair == {POINT}:
        return VECTOR if minus else POINT
    if POINT in pair or pair == {SHARE}:
        return POINT
    return SIZE if pair == {SIZE} else VECTOR


def _product(a: str, b: str) -> str:
    if not a or not b:
        return ""
    if NUMBER in (a, b):
        what = a if b == NUMBER else b
        return SHARE if what == POINT else what
    if {a, b} == {VECTOR} or {a, b} == {SIZE}:
        return SIZE
    return VECTOR


def _either(a: Kind, b: Kind) -> Kind:
    """What may be the one or the other."""
    own = a.own or b.own
    whats = {kind.what for kind in (a, b)} - {"", NUMBER}
    if not whats:
        return Kind(NUMBER if NUMBER in (a.what, b.what) else "", own)
    if len(whats) == 1:
        return Kind(whats.pop(), own)
    return Kind(POINT if whats == {POINT, SHARE} else VECTOR, own)
