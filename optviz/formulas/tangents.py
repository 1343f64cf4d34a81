"""The derivatives of nodes: the rules of differentiation, and what is known of the tangents of variables."""

import ast
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optviz.formulas.expressions import (
    COMPARISONS,
    ONE,
    ZERO,
    Node,
    call,
    choice,
    difference,
    item,
    leaf,
    node,
    number,
    product,
    quotient,
    sum_of,
    times,
)
from optviz.formulas.partials import greater, partials
from optviz.formulas.programs import Statement, changed, parts_of
from optviz.formulas.reading import Unreadable
from optviz.formulas.sources import outcomes
from optviz.formulas.writing import Names

TESTS = ("and", "or", "not", *COMPARISONS.values())
SEVERAL = ("max", "min")  # functions of any number of arguments


@dataclass
class Variable:
    """A variable that a loop changes, with its tangents.

    Attributes
    ----------
    called : str
        Its name in the formula.
    name : str
        Its name in what is written.
    tangents : dict of tuple of str to str
        The names of its tangents, by their directions.
    starts : list of (str, Node)
        All these names, and what they begin with.
    """

    called: str
    name: str
    tangents: dict[tuple[str, ...], str]
    starts: list[tuple[str, Node]]


class Tangents:
    """The tangents of variables, and the derivatives of nodes that follow from them.

    Parameters
    ----------
    names : Names
    directions : sequence of str
    order : {1, 2}
        How often nodes are differentiated.
    sequences : dict of str to str
        Sequences, and what holds the tangents of their elements.
    called : dict of str to function
        Formulas that are called, by the names under which nodes have them.
    scope : dict
        Where derivatives of these are put.
    slopes : function
        Gives a formula that is called together with its partial derivatives, `optviz.formulas.derive.slopes_of`.
    """

    def __init__(
        self,
        names: Names,
        directions: Sequence[str],
        order: int,
        sequences: Mapping[str, str],
        called: Mapping[str, Callable],
        scope: dict[str, Any],
        slopes: Callable[[Callable], Callable],
    ):
        self.names, self.directions, self.order = names, tuple(directions), order
        self.sequences, self.scope, self._slopes_from = sequences, scope, slopes
        self._together: dict[str, str] = {}  # formulas that are called -> their names together with their derivatives
        self._calls = dict(called)
        names.several |= {name: outcomes(formula) for name, formula in called.items()}
        self._known: dict[tuple[Node, str], Node] = {(leaf(by), by): ONE for by in directions}
        self._slopes: set[Node] = set()  # what has been derived

    def towards(self, variable: Node) -> None:
        """Make a leaf a direction of its own."""
        self._known[variable, variable.args[0]] = ONE

    def copy(self) -> dict[tuple[Node, str], Node]:
        """What is known now."""
        return dict(self._known)

    def become(self, before: dict[tuple[Node, str], Node]) -> None:
        """Forget what was learnt since a copy."""
        self._known = before

    def derivative(self, part: Node, by: str) -> Node:
        """The derivative of a node in a direction."""
        key = part, by
        if key not in self._known:
            self._known[key] = result = self._derivative(part, by)
            if part in self.names.wanted and result.kind not in ("number", "leaf") and by.isidentifier():
                link = "" if part in self._slopes else "_"
                self.names.wanted.setdefault(result, f"{self.names.wanted[part]}{link}{by}")
                self._slopes.add(result)
        return self._known[key]

    def _derivative(self, part: Node, by: str) -> Node:
        kind = part.kind
        if kind == "leaf":
            return self._of_leaf(part, by)
        if kind in ("and", "or") and not all(child.kind in TESTS for child in part.nodes):
            raise Unreadable(f"'{kind}' chooses between numbers", HERE)
        if kind == "number" or kind in TESTS or not part.nodes:
            return ZERO
        if kind == "if":
            test, then, otherwise = part.nodes
            return _either(test, self.derivative(then, by), self.derivative(otherwise, by))
        arguments = part.args[1].nodes if kind == "item" else part.nodes
        inner = [self.derivative(child, by) for child in arguments]
        if all(tangent is ZERO for tangent in inner):
            return ZERO
        if kind == "negative":
            return times(-1, inner[0])
        if kind == "+":
            return sum_of(*inner)
        if kind == "-":
            return difference(*inner)
        if kind == "*":
            (left, right), (dleft, dright) = part.nodes, inner
            return sum_of(product(dleft, right), product(dright, left))
        if kind == "/":
            (left, right), (dleft, dright) = part.nodes, inner
            if dright is ZERO:
                return quotient(dleft, right)
            return quotient(difference(dleft, product(dright, part)), right)
        if kind == "item" or (kind == "call" and part.args[0] in self._calls):
            return self._of_call(part, inner)
        if kind == "call" and part.args[0] in SEVERAL:
            if len(part.args) == 2:
                raise Unreadable(f"{part.args[0]} of one number compares nothing", HERE)
            test, last, others = greater(part)
            return _either(test, self.derivative(last, by), self.derivative(others, by))
        total = ZERO
        for slope, tangent in zip(partials(part), inner, strict=False):
            if tangent is not ZERO:  # the other slope need not be there: that of a power by its exponent is a logarithm
                total = sum_of(total, product(slope, tangent))
        return total

    def _of_leaf(self, part: Node, by: str) -> Node:
        array, bracket, rest = part.args[0].partition("[")
        if bracket and array in self.sequences:
            return leaf(f"{self.sequences[array]}[{rest}")
        return ZERO

    def _of_call(self, part: Node, inner: Sequence[Node]) -> Node:
        """The derivative of what another formula gives, or of one of the numbers that it gives."""
        place, called = part.args if part.kind == "item" else (0, part)
        name, *arguments = called.args
        formula = self._calls[name]
        count = len(arguments)
        if formula.__code__.co_argcount != count:
            raise Unreadable(f"{formula.__name__} is not called with all its arguments", HERE)
        slopes, first = call(self._slopes_of(name), *arguments), outcomes(formula) + place * count
        total = ZERO
        for k, argument in enumerate(inner):
            if argument is not ZERO:
                total = sum_of(total, product(item(first + k, slopes), argument))
        return total

    def _slopes_of(self, called: str) -> str:
        """The name under which a formula that is called is called together with its partial derivatives."""
        derived = self._slopes_from(self._calls[called])
        name = next((name for name, known in self._calls.items() if known is derived), "")
        if not name:
            name = self.names.fresh(derived.__name__)
            self.scope[name] = self._calls[name] = derived
            self.names.several[name] = outcomes(derived)
        self._together[called] = name
        return name

    def fused(self, body: Sequence[Statement]) -> list[Statement]:
        """Statements in which a formula is not called by itself where its partial derivatives are asked for anyway."""
        there = {part for statement in body for part in parts_of(statement) if part.kind == "call"}
        known: dict[Node, Node] = {}

        def change(part: Node) -> Node:
            if part not in known:
                inner = {child: change(child) for child in part.nodes}
                new = node(part.kind, *(inner.get(arg, arg) if isinstance(arg, Node) else arg for arg in part.args))
                together = self._together.get(part.args[0]) if part.kind == "call" else None
                both = call(together, *part.args[1:]) if together else None
                if both is not None and both in there:
                    whole = call(str(together), *(inner[arg] for arg in part.args[1:]))
                    new = whole if outcomes(self._calls[part.args[0]]) > 1 else item(0, whole)
                if part in self.names.wanted:
                    self.names.wanted.setdefault(new, self.names.wanted[part])
                known[part] = new
            return known[part]

        return changed(body, change)

    def carried(self, called: str, start: Node, moving: set[tuple[str, str]]) -> Variable:
        """A variable that a loop changes; its tangents are those that do not begin with 0, and those that move."""
        name = self.names.fresh(called)
        variable = Variable(called, name, {}, [(name, _as_float(start))])
        for by in self.directions:
            slope = self.derivative(start, by)
            if slope is not ZERO:
                moving.add((called, by))
            if (called, by) in moving:
                self._put(variable, (by,), slope)
        for i, one in enumerate(self.directions if self.order == 2 else ()):
            for other in self.directions[i:]:
                if (one,) in variable.tangents and (other,) in variable.tangents:
                    self._put(variable, (one, other), self.derivative(self.derivative(start, one), other))
        for by in self.directions:
            tangent = variable.tangents.get((by,))
            self._known[leaf(name), by] = leaf(tangent) if tangent else ZERO
            for other in self.directions if tangent else ():
                second = variable.tangents.get((by, other)) or variable.tangents.get((other, by))
                self._known[leaf(str(tangent)), other] = leaf(second) if second else ZERO
        return variable

    def _put(self, variable: Variable, by: tuple[str, ...], start: Node) -> None:
        variable.tangents[by] = self.names.fresh(f"{variable.name}_{''.join(by)}")
        variable.starts.append((variable.tangents[by], _as_float(start)))

    def after(self, variable: Variable, result: Node, found: set[tuple[str, str]]) -> tuple[list[str], list[Node]]:
        """What becomes of a variable and its tangents at the end of a loop's body; notes which more tangents move."""
        names, nodes = [variable.name], [result]
        for by in self.directions:
            if (by,) not in variable.tangents and self.derivative(result, by) is not ZERO:
                found.add((variable.called, by))
        for directions, name in variable.tangents.items():
            names.append(name)
            nodes.append(functools.reduce(self.derivative, directions, result))
        return names, nodes


def _either(test: Node, then: Node, otherwise: Node) -> Node:
    """A choice between derivatives, floats both: of one type whichever is chosen."""
    return then if then is otherwise else choice(test, _as_float(then), _as_float(otherwise))


def _as_float(start: Node) -> Node:
    """What a variable begins with: never a whole number, which would be of another type than what it becomes."""
    return number(float(start.args[0])) if start.kind == "number" else start


HERE = ast.Pass()  # a node does not know its place in the source
