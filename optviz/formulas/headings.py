"""What the columns of an unfolded rule are called, and how their formulas read."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from optviz.formulas.factors import Found
from optviz.formulas.formula import ITERATE, Formula
from optviz.formulas.inlining import loaded
from optviz.formulas.kinds import NUMBER, POINT, SIZE, VECTOR
from optviz.formulas.showing import HAT, Shown, is_unbiased, pretty, written_scalars
from optviz.formulas.sources import dotted
from optviz.formulas.sums import Total

GRADIENT, MOVE, REPORTED = "gradient", "move", "reported"
CALLED = {
    "sign": "its sign", "clip": "clipped", "tanh": "squashed", "sqrt": "its root", "greater": "the larger",
    "lesser": "the smaller", "pow": "its power", "fabs": "its size", "abs": "its size", "atan2": "the angle",
}  # fmt: skip
ARITHMETIC = {ast.Add: " + ", ast.Sub: " − ", ast.Mult: " · ", ast.Div: " / "}


@dataclass(frozen=True)
class Column:
    """One quantity of a step.

    Attributes
    ----------
    key : str
        A name of its own.
    kind : {"vector", "size", "point", "number"}
        A vector changes its sign with the gradient; a size does not; a point lies among the iterates; a number is none
        of these. The move is a point: the next iterate.
    role : {"gradient", "average", "size", "point", "other", "move"}
        What it is to the rule, for colours.
    words, text : str
        What it is called, and the formula that makes it on one line.
    update : str
        The formula of the state slot that is in it, where that is another one; or nothing.
    slot : str
        The state slot whose next value this is, or is made of; or nothing.
    before : str
        The state slot that held this quantity a step ago; or nothing.
    inside : str
        Of a size: the column that is divided by it; or nothing.
    """

    key: str
    kind: str
    role: str
    words: str
    text: str
    update: str = ""
    slot: str = ""
    before: str = ""
    inside: str = ""


@dataclass
class Draft:
    """A column in the making.

    Attributes
    ----------
    variable, key : str
        What holds it in the function, and what it will be called.
    kind : str
    rank : int
        Where there are too many the highest go first.
    value : ast.expr
        What it is given, with factors taken out.
    found : Found or None
        Of a factor.
    slot, before : str
        See `Column`.
    update : ast.expr or None
        What is made of that slot, where this is shown in its place.
    """

    variable: str
    key: str
    kind: str
    rank: int
    value: ast.expr
    found: Found | None = None
    slot: str = ""
    before: str = ""
    update: ast.expr | None = None


class Headings:
    """Words and formulas for the columns of a rule.

    Parameters
    ----------
    formula : Formula
    numbers : dict of str to float
        Hyperparameters that are shown as numbers.
    scalars : sequence of function
        That give step scalars, see `optviz.formulas.formula.Formula`.
    totals : sequence of Total
        The sums that the formula takes, which are shown as they are written.
    """

    def __init__(
        self,
        formula: Formula,
        numbers: Mapping[str, float],
        scalars: Sequence[Callable],
        totals: Sequence[Total] = (),
    ):
        self.formula = formula
        written = {name: part for one in scalars for name, part in written_scalars(one).items()}
        known = {name: part for name, part in written.items() if name in formula.scalar_names}
        sums = {total.name: ast.parse(f"{total.word.name}({total.term})", mode="eval").body for total in totals}
        self.shown = Shown(formula.slots, numbers, known | sums)

    def know(self, draft: Draft) -> None:
        """Remember a factor, which later formulas name."""
        if draft.found is None:
            return
        self.shown.values[draft.variable] = draft.value
        own = [name for name in loaded(draft.value) if name in self.formula.slots]
        if draft.found.scaled and is_unbiased(draft.value) and len(own) == 1:
            self.shown.symbols[draft.variable] = own[0] + HAT

    def gradient(self, before: str) -> Column:
        """The first column; `before` is the slot that keeps it."""
        return Column(GRADIENT, VECTOR, GRADIENT, "gradient", "g = ∇f(x)", before=before)

    def move(self, slotted: Sequence[Draft], value: ast.expr, joined: bool) -> Column:
        """The last column; `joined` says whether it is a formula of the others."""
        divisors = loaded(value) if joined else []
        slotted = [one for one in slotted if one.variable in divisors or not one.found or not one.found.divides]
        over = [one for one in slotted if one.found and one.found.divides and one.kind == SIZE]
        words = "the move"
        if len(over) == 1 and over[0].found:
            above = over[0].found.numerator
            drafts = {one.variable: one for one in slotted}
            if above == "g":
                words = "the move: gradient over size"
            elif above in drafts and self._role(drafts[above]) == "average" and drafts[above].kind == VECTOR:
                words = "the move: average over size"
        text = self.text(value)
        return Column(MOVE, POINT, MOVE, words, "the next x" if text == ITERATE else f"x ← {text}")

    def column(self, draft: Draft, keys: Mapping[str, str]) -> Column:
        """The column of a draft; `keys` are those of all columns by their variables."""
        update = "" if draft.update is None else f"{self.shown.name(draft.slot)} ← {self.text(draft.update)}"
        return Column(
            key=draft.key,
            kind=draft.kind,
            role=self._role(draft),
            words=self._words(draft),
            text=self.named(draft),
            update=update,
            slot=draft.slot,
            before=draft.before,
            inside=keys.get(draft.found.numerator, "") if draft.found and draft.kind == SIZE else "",
        )

    def named(self, draft: Draft) -> str:
        """The formula of a column."""
        text = self.text(draft.value)
        if draft.slot and draft.update is None:
            return f"{self.shown.name(draft.slot)} ← {text}"
        if draft.found is None:
            return f"{self.shown.name(draft.variable)} = {text}"
        symbol = self.shown.symbols.get(draft.variable)
        return f"{symbol} = {text}" if symbol else text

    def text(self, part: ast.expr, with_numbers: bool = True) -> str:
        """An expression on one line, see `Shown.text`."""
        return self.shown.text(part, with_numbers)

    def equation(self, part: ast.expr) -> tuple[str, list[ast.expr]]:
        """Arithmetic as a template with numbered places, and what belongs there."""
        operands: list[ast.expr] = []
        return self._template(part, operands)[0], operands

    def _template(self, part: ast.expr, operands: list[ast.expr]) -> tuple[str, int]:
        """A template, and how tightly it holds together: 0 a sum, 1 a product, 2 anything else."""
        if isinstance(part, ast.BinOp) and type(part.op) in ARITHMETIC:
            is_sum = isinstance(part.op, ast.Add | ast.Sub)
            left, holds = self._template(part.left, operands)
            right, within = self._template(part.right, operands)
            level = 0 if is_sum else 1
            left = left if holds >= level else f"({left})"
            right = right if within > level or (is_sum and within == 1) else f"({right})"
            return left + ARITHMETIC[type(part.op)] + right, level
        if isinstance(part, ast.Constant):
            return pretty(part.value), 2
        operands.append(part)
        return f"{{{len(operands) - 1}}}", 2

    def _role(self, draft: Draft) -> str:
        if draft.kind == SIZE:
            return "size"
        if draft.kind == POINT:
            return "point"
        memories = [name for name in loaded(draft.value) if name in self.formula.slots or name in self.shown.symbols]
        is_memory = draft.slot or (draft.found is not None and not isinstance(draft.value, ast.Call) and memories)
        return "average" if draft.kind == VECTOR and is_memory else "other"

    def _words(self, draft: Draft) -> str:
        if draft.kind == NUMBER:
            return f"number {self.shown.name(draft.slot or draft.variable)}"
        if draft.found is not None:
            if draft.found.scaled:
                return "unbiased" if is_unbiased(draft.value) else "scaled"
            if draft.kind == SIZE:
                return "its size" if draft.found.divides else f"size {draft.slot}" if draft.slot else "a size"
            if isinstance(draft.value, ast.Call) and not draft.found.divides:
                return CALLED.get(dotted(draft.value.func).rpartition(".")[2], "a function")
            is_sum = isinstance(draft.value, ast.BinOp) and isinstance(draft.value.op, ast.Add)
            return "both together" if is_sum else "the difference" if isinstance(draft.value, ast.BinOp) else "a factor"
        name = self.shown.name(draft.slot or draft.variable)
        if draft.kind == POINT:
            return "x decayed" if "weight_decay" in loaded(draft.value) and not draft.slot else f"point {name}"
        if draft.slot:
            return _memory(draft, name)
        long = draft.variable.rstrip("0123456789").rstrip("_")
        if len(long) > 2:
            return long.replace("_", " ")
        return f"{'size' if draft.kind == SIZE else 'vector'} {name}"


def _memory(draft: Draft, name: str) -> str:
    """What a state slot is, by the statement that makes it."""
    value, reads = draft.value, loaded(draft.value)
    if isinstance(value, ast.Call):
        return "the largest so far" if dotted(value.func) == "greater" else f"memory {name}"
    if draft.kind == SIZE:
        return f"size {name}"
    remembers = draft.slot in reads or draft.variable in reads
    if not remembers:
        return f"memory {name}"
    weighed = any(isinstance(one, ast.BinOp) and _is_complement(one) for one in ast.walk(value))
    weighed = weighed or {"keep", "rest"} <= {*reads} or {"known", "newest"} <= {*reads}
    what = "its " if "g" in reads else ""
    fades = any(isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mult) and draft.variable in loaded(one)
                for one in ast.walk(value))  # fmt: skip
    total = "decaying sum" if fades else f"{what}sum"
    return f"{what}average" if weighed else "velocity" if "lr" in reads or "rate" in reads else total


def _is_complement(part: ast.BinOp) -> bool:
    one = isinstance(part.left, ast.Constant) and part.left.value == 1
    return isinstance(part.op, ast.Sub) and one and isinstance(part.right, ast.Name)
