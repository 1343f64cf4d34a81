"""A rule unfolded: what a step computes on its way, as columns that can be read from left to right.

The columns are told from the syntax tree: the gradient; what each statement makes of it, the state slots among them;
the factors of the last expression that hold state, as a root of squares by which something is divided; and the move.
`Unfolded.parts` is one plain Python function that gives all of them at once, written from the tree, with the arguments
of the update itself. Whoever draws a step or translates one to another language starts from there.

A slot that holds sizes is shown as the root that the rule takes of it, where it takes one: that has the unit of the
gradient, which stands in it.
"""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from optviz.formulas.composing import made_of
from optviz.formulas.factors import Found, factors
from optviz.formulas.formula import ITERATE, Formula
from optviz.formulas.headings import GRADIENT, MOVE, REPORTED, Column, Draft, Headings
from optviz.formulas.inlining import Crooked, Straight, assignment, free_name, loaded, stored, straightened
from optviz.formulas.kinds import NUMBER, POINT, SHARE, SIZE, VECTOR, Kind, kind_of, kinds_of
from optviz.formulas.sums import split

MOST = 7  # columns, gradient and move among them
RESERVED = (GRADIENT, MOVE, REPORTED)  # keys that no variable has
KEPT, SCALED, LOCAL, OTHER, COUNT = range(5)  # where there are too many columns, the last of these go first


@dataclass(frozen=True)
class Unfolded:
    """A rule as columns.

    Attributes
    ----------
    columns : tuple of Column
        From the gradient to the move, at most `MOST`.
    equation : str
        The last expression with ``{0}``, ``{1}``, ... where its operands stand: ``"{0} − {1} · {2} / {3}"``; or nothing
        where it is no such arithmetic.
    operands : tuple of str
        What each operand is, on one line.
    parts : function
        ``parts(x, g, *slots, *scalars, *hyperparameters)``, of one coordinate and with the arguments of the update: a
        tuple of the columns' values, and behind them those of the operands. It is plain Python; what a branch has not
        computed is NaN. A point that a rule reports is none of them: `optviz.formulas.formula.Formula.reported` gives
        it.
    dropped : tuple of str
        The texts of columns that have no room.
    """

    columns: tuple[Column, ...]
    equation: str
    operands: tuple[str, ...]
    parts: Callable
    dropped: tuple[str, ...] = ()


def unfold(
    formula: Formula,
    numbers: Mapping[str, float] | None = None,
    scalars: Sequence[Callable] = (),
    most: int = MOST,
) -> Unfolded:
    """The columns of a rule.

    Parameters
    ----------
    formula : Formula
        Also one inside of wrappers, or with hyperparameters that follow schedules. Of one with sums `Unfolded.parts`
        takes the arguments of ``split(formula).formula``.
    numbers : dict of str to float, optional
        Hyperparameters that texts show as numbers; without any they show their names.
    scalars : sequence of function
        Where step scalars are written down, as far as that is known: texts show what they are instead of their names.
    most : int
        Columns, gradient and move among them.

    Returns
    -------
    Unfolded

    Raises
    ------
    FormulaError
        If the formula's source cannot be read.
    """
    passes = split(formula)
    formula = passes.formula
    try:
        straight = straightened(formula.update)
    except Crooked:
        straight = _opaque(formula)
    return _Unfolding(formula, straight, Headings(formula, numbers or {}, scalars, passes.totals), most).made()


def _opaque(formula: Formula) -> Straight:
    """A formula that nobody looks into: its slots and its move."""
    arguments = (ITERATE, "g", *formula.slots, *formula.scalar_names, *formula.hyperparameters)
    after = [free_name("after", arguments), *(free_name(f"{slot}_after", arguments) for slot in formula.slots)]
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in after]
    call = ast.Call(ast.Name("UPDATE", ast.Load()), [ast.Name(name, ast.Load()) for name in arguments], [])
    target = ast.Tuple(targets, ast.Store()) if formula.slots else targets[0]
    returned: list[ast.expr] = [ast.Name(name, ast.Load()) for name in after]
    return Straight(arguments, [ast.Assign([target], call, lineno=1)], returned, {"UPDATE": formula.update})


class _Unfolding:
    """Walks through the statements of a rule and drafts columns."""

    def __init__(self, formula: Formula, straight: Straight, headings: Headings, most: int):
        self.formula, self.straight, self.headings, self.most = formula, straight, headings, most
        self.kinds = kinds_of(formula, straight)
        self.used = {*straight.arguments, *stored(straight.body), *straight.names}
        self.names: dict[str, Any] = dict(straight.names)
        self.begins: list[ast.stmt] = []
        self.summed = {*formula.totals}  # variables that sums go into
        self.drafts: dict[str, Draft] = {}  # by variable
        self.operands: list[tuple[str, ast.expr]] = []
        self.equation = ""
        self.moved: ast.expr | None = None  # the last expression, where it is arithmetic
        after = straight.returned[1:]
        pairs = list(zip(formula.slots, after, strict=False))
        self.holders: dict[str, str] = {}  # variables that hold the next state, and which slot
        for slot, value in pairs:
            is_new = isinstance(value, ast.Name) and value.id in (slot, *stored(straight.body))
            if isinstance(value, ast.Name) and is_new and value.id != "g":
                self.holders.setdefault(value.id, slot)
        # A slot that keeps the gradient is what the gradient was a step ago.
        copies = [slot for slot, value in pairs if isinstance(value, ast.Name) and value.id == "g" != slot]
        self.last_gradient = next(iter(copies), "")

    def made(self) -> Unfolded:
        """Columns, equation and function."""
        first = self.straight.returned[0]
        self.last = self._source(first.id) if isinstance(first, ast.Name) else ""
        gradient = "g"
        if "g" in stored(self.straight.body):
            gradient = self._fresh(GRADIENT)
            self.begins.append(assignment(gradient, ast.Name("g", ast.Load())))
        body = self._lines(self.straight.body, inside=False)
        if not isinstance(first, ast.Name):
            lines, first = self._move(first)
            body += lines
        for slot, value in zip(self.formula.slots, self.straight.returned[1:], strict=False):
            if not isinstance(value, ast.Name | ast.Constant):
                name = self._fresh(f"{slot}_after")
                body.append(assignment(name, value))
                self.holders[name] = slot
                self._note(name, value, KEPT)
        drafts, dropped = self._chosen()
        taken = {*RESERVED, *(draft.slot for draft in drafts)}
        for draft in drafts:
            draft.key = draft.slot if draft.slot not in RESERVED and draft.slot else free_name(draft.key, taken)
            taken.add(draft.key)
        columns = [self.headings.gradient(self.last_gradient)]
        keys = {"g": GRADIENT, gradient: GRADIENT} | {draft.variable: draft.key for draft in drafts}
        columns += [self.headings.column(draft, keys) for draft in drafts]
        columns.append(self.headings.move(drafts, self.moved or first, self.moved is not None))
        values: list[ast.expr] = [ast.Name(gradient, ast.Load())]
        values += [ast.Name(draft.variable, ast.Load()) for draft in drafts]
        values += [first, *(ast.Name(name, ast.Load()) for name, _ in self.operands)]
        body = [*self.begins, *body, ast.Return(ast.Tuple(values, ast.Load()))]
        given = [ast.arg(name) for name in self.straight.arguments]
        signature = ast.arguments(posonlyargs=[], args=given, kwonlyargs=[], kw_defaults=[], defaults=[])
        parts = made_of(ast.FunctionDef("parts", signature, body, [], lineno=1), self.names)
        texts = tuple(self.headings.text(part, with_numbers=False) for _, part in self.operands)
        return Unfolded(tuple(columns), self.equation, texts, parts, tuple(map(self.headings.named, dropped)))

    def _source(self, name: str) -> str:
        """The variable of which one is a copy, and the first of these; itself if it is none."""
        stores = [one for one in self.straight.body if name in stored([one])]
        if len(stores) == 1 and isinstance(stores[0], ast.Assign) and isinstance(stores[0].value, ast.Name):
            return self._source(stores[0].value.id)
        return name

    def _lines(self, body: Iterable[ast.stmt], inside: bool) -> list[ast.stmt]:
        """Statements with factors taken out and columns drafted; `inside` of a branch."""
        lines: list[ast.stmt] = []
        body = list(body)
        for place, one in enumerate(body):
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
                name, value = one.targets[0].id, one.value
                is_last = name == self.last and not any(name in stored([later]) for later in body[place + 1 :])
                if isinstance(value, ast.Name):
                    lines.append(one)
                elif is_last and not inside:
                    before, value = self._move(value)
                    lines += [*before, assignment(name, value)]
                else:
                    is_state = name in self.holders
                    before, value = self._factored(value, inside, only_divisors=is_state)
                    lines += [*before, assignment(name, value)]
                    self._note(name, value, KEPT if is_state else LOCAL)
            elif isinstance(one, ast.If):
                branches = [self._lines(part, inside=True) for part in (one.body, one.orelse)]
                lines.append(ast.If(one.test, branches[0] or [ast.Pass()], branches[1]))
                self._begin(name for name in stored([one]) if name not in self.straight.arguments)
            else:
                lines.append(one)
                parts = one.value.elts if isinstance(one, ast.Assign) and isinstance(one.value, ast.Tuple) else []
                for index, name in enumerate(stored([one])):
                    value = parts[index] if index < len(parts) else ast.Name(name, ast.Load())
                    if name != self.last:
                        self._note(name, value, KEPT if name in self.holders else LOCAL)
        return lines

    def _move(self, value: ast.expr) -> tuple[list[ast.stmt], ast.expr]:
        """The last expression: its factors, and then the operands of the arithmetic that joins them."""
        lines, value = self._factored(value, False, only_divisors=False)
        template, parts = self.headings.equation(value)
        if len(parts) > 1:
            self.equation, self.moved = template, value
            for part in parts:
                held = self._fresh("operand")
                lines.append(assignment(held, part))
                self.operands.append((held, part))
        return lines, value

    def _factored(self, value: ast.expr, inside: bool, only_divisors: bool) -> tuple[list[ast.stmt], ast.expr]:
        """An expression with variables in place of its factors, and the statements that give these their values."""
        lines: list[ast.stmt] = []

        def take(found: Found) -> ast.expr:
            name = self._fresh("divisor" if found.divides else "scaled" if found.scaled else "factor")
            self.kinds[name] = kind_of(found.part, self.kinds)
            lines.append(assignment(name, found.part))
            if inside:
                self._begin([name])
            rank = KEPT if found.divides and found.numerator else SCALED if found.scaled else OTHER
            self._note(name, found.part, rank, found)
            return ast.Name(name, ast.Load())

        return lines, factors(value, self.kinds, take, only_divisors)

    def _begin(self, names: Iterable[str]) -> None:
        """Let variables of a branch be NaN before it; one that has a value by then gets it back."""
        for name in names:
            self.begins.append(assignment(name, ast.Name("nan", ast.Load())))
            self.names["nan"] = nan

    def _note(self, name: str, value: ast.expr, rank: int, found: Found | None = None) -> None:
        """Draft a column for a variable in place of an earlier one, unless its value is the same everywhere.

        What is made of sums is the same everywhere too, but no two steps alike.
        """
        kind = self.kinds.get(name) or kind_of(value, self.kinds)
        if self.summed & {*loaded(value)}:
            self.summed.add(name)
        elif not kind.own:
            return
        what = VECTOR if kind.what == SHARE else kind.what
        slot = self.holders.get(name, "")
        rank = COUNT if what == NUMBER else rank
        self.drafts.pop(name, None)
        self.drafts[name] = draft = Draft(name, slot or name, what, rank, value, found, slot, slot)
        self.headings.know(draft)

    def _chosen(self) -> tuple[list[Draft], list[Draft]]:
        """The columns that are shown, and those that have no room."""
        drafts = list(self.drafts.values())
        sizes = [one for one in drafts if one.found is not None and one.kind == SIZE]
        for draft in sorted(sizes, key=lambda one: one.rank):
            inside = [name for name in loaded(draft.value) if self._is_size(name)]
            held = [one for one in drafts if one.variable in inside]
            if len(inside) == 1 and held:
                draft.slot, draft.before, draft.update, draft.key = held[0].slot, "", held[0].value, held[0].slot
                drafts.remove(held[0])
        moved = [one.value for one in drafts if isinstance(one.value, ast.BinOp) and isinstance(one.value.op, ast.Sub)]
        twice = {one.left.id for one in moved if isinstance(one.left, ast.Name) and _is_iterate(one.right)}
        drafts = [one for one in drafts if not (one.variable in twice and one.kind == POINT and not one.slot)]
        kept, dropped = list(drafts), []
        while len(kept) > self.most - 2:
            worst = max(one.rank for one in kept)
            dropped.append(next(one for one in kept if one.rank == worst))
            kept.remove(dropped[-1])
        return kept, dropped

    def _is_size(self, name: str) -> bool:
        """Whether a variable is a state slot that holds sizes, before or after the step."""
        is_state = name in self.holders or name in self.formula.slots
        return is_state and self.kinds.get(name, Kind(NUMBER)).what == SIZE

    def _fresh(self, name: str) -> str:
        new = free_name(name, self.used)
        self.used.add(new)
        return new


def _is_iterate(part: ast.expr) -> bool:
    return isinstance(part, ast.Name) and part.id == ITERATE
