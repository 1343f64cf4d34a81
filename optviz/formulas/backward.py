"""Gradients of functions of many numbers, by going backward through their loops.

A function of a sequence adds up: sums over its coordinates, and what is made of these. Its gradient is one more pass.
First everything is computed as in the function. Then, from the last sum to the first, each variable's adjoint, the
derivative of the result by it, is handed on to what the variable was made of, and at the end to the coordinates:
``g[i] += ...``. Each term of a sum has the adjoint of the sum, so that nothing of a loop has to be kept.
"""

import ast
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from optviz.formulas.composing import made
from optviz.formulas.derive import slopes_of
from optviz.formulas.execution import Execution, assigned, refusal
from optviz.formulas.expressions import ONE, ZERO, Node, choice, leaf, number, product, sum_of
from optviz.formulas.programs import Branch, Let, Loop, Statement, Store, alive, leaves, names_in
from optviz.formulas.reading import Unreadable
from optviz.formulas.tangents import Tangents
from optviz.formulas.writing import function_text

GRADIENT = "g"  # the sequence that takes the partial derivatives


@functools.cache
def gradient_in(value: Callable) -> Callable:
    """The gradient of a function of one sequence of numbers.

    Parameters
    ----------
    value : function
        ``value(x)``: variables that are given values, sums ``total += term`` in loops over ``range``, which may hold
        further loops, and what is made of these.

    Returns
    -------
    function
        ``gradient(x, g)``: it writes the partial derivatives to the elements of `g`.

    Raises
    ------
    FormulaError
        If a loop does anything but add up.
    """
    try:
        backward = Backward(value)
        body = backward.program()
        name = backward.names.fresh(f"{value.__name__}_gradient")
        text = function_text(name, (backward.sequence, GRADIENT), body, backward.names)
    except (Unreadable, RecursionError, OverflowError) as error:
        raise refusal(value, error) from error
    return made(text, backward.scope)


@dataclass
class Sum:
    """A loop that adds up.

    Attributes
    ----------
    head : str
        ``for i in range(n)``.
    starts, terms : dict of str to Node
        For each variable what it begins with, and what a pass adds to it.
    inner : list of Sum
        The loops inside of it.
    """

    head: str
    starts: dict[str, Node]
    terms: dict[str, Node]
    inner: list["Sum"]

    def forward(self, read: set[str]) -> list[Statement]:
        """The loop as it stands in the function, as far as its sums are among the names `read`; it adds to these."""
        terms = {name: term for name, term in self.terms.items() if name in read}
        if not terms:
            return []
        read |= {text for part in (*terms.values(), *(self.starts[name] for name in terms)) for text in leaves(part)}
        body = forward(self.inner, read)
        body += [Let((name,), (sum_of(leaf(name), term),)) for name, term in terms.items()]
        return [*(Let((name,), (self.starts[name],)) for name in terms), Loop(self.head, body)]


def forward(sums: Sequence[Sum], read: set[str]) -> list[Statement]:
    """Loops that follow each other, as `Sum.forward`."""
    parts = [one.forward(read) for one in reversed(sums)]
    return [statement for part in reversed(parts) for statement in part]


class Backward(Execution):
    """A function of one sequence, carried out as a result and the sums that it is made of."""

    def __init__(self, value: Callable):
        super().__init__(value, (), slopes_of)
        (self.sequence,) = value.__code__.co_varnames[: value.__code__.co_argcount]
        self.names.taken.add(GRADIENT)
        self.tangents = Tangents(self.names, (), 1, {}, self.called, self.scope, slopes_of)

    def program(self) -> list[Statement]:
        """The statements of the gradient."""
        sums: list = []
        result = self.block(self.definition.body, sums)
        if result is None or len(result) != 1:
            raise Unreadable("it does not return one number", self.definition)
        adjoints = {name: ZERO for one in sums for name in one.terms}
        ends = self._handed_on([(result[0], ONE)], adjoints, set(adjoints))
        body = [*ends, *self._back(sums, adjoints)]
        before = forward(sums, names_in(body))
        if not self._each_once(body):
            i = "i" if "i" in self.indices else self.names.fresh("i")
            nothing = Loop(f"for {i} in range(len({self.sequence}))", [Store(f"{GRADIENT}[{i}]", number(0.0))])
            body = [nothing, *body]
        return alive(self.tangents.fused([*before, *body]))

    def _loop(self, statement: ast.For, program: list) -> None:
        assert isinstance(statement.target, ast.Name)
        index, outer = statement.target.id, self.reader.variables
        head = f"for {index} in {self.loop_over(statement)}"
        inner: list = []  # of loops
        variables = {name: self.names.fresh(name) for name in assigned(statement.body) if name in outer}
        self.reader.variables = (
            outer | {index: leaf(index)} | {name: leaf(variable) for name, variable in variables.items()}
        )
        if self.block(statement.body, inner) is not None:
            raise Unreadable("it returns from inside a loop", statement)
        after = {name: self.reader.variables[name] for name in variables}
        # What a pass gives a value of its own before it reads it is no sum, whatever it has been before the loop.
        own = [name for name, variable in variables.items() if variable not in leaves(after[name])]
        sums = {name: variable for name, variable in variables.items() if name not in own}
        terms = {variable: _added(after[name], leaf(variable), name, statement) for name, variable in sums.items()}
        read = {text for one in [*_all_terms(inner), *terms.values()] for text in leaves(one)}
        for name, variable in variables.items():
            if variable in read:
                raise Unreadable(f"{name} is read in the loop that adds to it", statement)
        starts = {variable: outer[name] for name, variable in sums.items()}
        program.append(Sum(head, starts, terms, inner))
        self.reader.variables = {name: part for name, part in outer.items() if name not in own}
        self.reader.variables |= {name: leaf(variable) for name, variable in sums.items()}

    def _fork(self, statement: ast.If, program: list) -> None:
        raise Unreadable("an if holds a loop", statement)

    def _back(self, sums: Sequence[Sum], adjoints: dict[str, Node]) -> list[Statement]:
        """Go backward through loops that follow each other; the adjoints of what they add to are known."""
        lines: list[Statement] = []
        for one in reversed(sums):
            roots: list[tuple[Node, Node]] = []
            for name, term in one.terms.items():
                if adjoints[name] is not ZERO:
                    roots.append((term, self._named(f"{name}_bar", adjoints[name], lines)))
            read = {text for part in [*(term for term, _ in roots), *_all_terms(one.inner)] for text in leaves(part)}
            # What was there before this loop gets its part in each pass.
            own = {}
            for name in sorted(read & (set(adjoints) - set(one.terms))):
                own[name] = adjoints[name] = self._variable(f"{name}_bar", adjoints[name], lines)
            inside = {name: ZERO for loop in one.inner for name in loop.terms}
            own |= inside
            back = [*self._handed_on(roots, own, set(inside)), *self._back(one.inner, own)]
            body = [*forward(one.inner, names_in(back)), *back]
            if any(not isinstance(statement, Let) or statement.names[0] in self._bars for statement in body):
                lines.append(Loop(one.head, body))
            for name, start in one.starts.items():
                if adjoints[name] is not ZERO:
                    lines += self._handed_on([(start, adjoints[name])], adjoints, set(adjoints))
        return lines

    def _handed_on(
        self, roots: Sequence[tuple[Node, Node]], adjoints: dict[str, Node], plain: set[str]
    ) -> list[Statement]:
        """Hand the adjoints of some nodes on to what these read.

        Those of the variables in `plain` are expressions, and are put together; the others are variables that are
        added to where they are reached.
        """
        lines: list[Statement] = []
        stores: dict[str, Node] = {}
        for root, adjoint in roots:
            for text in leaves(root):
                is_element = text.startswith(f"{self.sequence}[")
                if not is_element and text not in adjoints:
                    continue
                self.tangents.towards(leaf(text))
                part = _scaled(self.tangents.derivative(root, text), adjoint)
                if part is ZERO:
                    continue
                if is_element:
                    target = GRADIENT + text[len(self.sequence) :]
                    if part.kind == "if":
                        _put(lines, _stored(target, part))
                    else:
                        stores[target] = sum_of(stores.get(target, ZERO), part)
                elif text in plain:
                    adjoints[text] = sum_of(adjoints[text], part)
                else:
                    variable = adjoints[text]
                    lines.append(Let((variable.args[0],), (sum_of(variable, part),)))
        return lines + [Store(target, part, added=True) for target, part in stores.items()]

    def _named(self, name: str, part: Node, lines: list[Statement]) -> Node:
        """A variable for an adjoint that a loop uses, unless it is a number or one already."""
        return part if part.kind in ("number", "leaf") else self._variable(name, part, lines)

    def _variable(self, name: str, part: Node, lines: list[Statement]) -> Node:
        fresh = self.names.fresh(name)
        self._bars.add(fresh)
        start = number(float(part.args[0])) if part.kind == "number" else part
        lines.append(Let((fresh,), (start,)))
        return leaf(fresh)

    def _each_once(self, body: Sequence[Statement]) -> bool:
        """Whether one loop gives each element its only value; then these values are assigned and not added."""
        loops = [one for one in body if isinstance(one, Loop)]
        others = [one for one in body if not isinstance(one, Loop | Let)]
        if len(loops) != 1 or others:
            return False
        stores = [one for one in loops[0].body if not isinstance(one, Let | Loop)]
        inner = [one for one in loops[0].body if isinstance(one, Loop)]
        index, _, over = loops[0].head.removeprefix("for ").partition(" in ")
        if len(stores) != 1 or _stores_in(inner) or over != f"range(len({self.sequence}))":
            return False
        store = stores[0]
        if not isinstance(store, Store) or store.target != f"{GRADIENT}[{index}]":
            return False
        store.added = False
        return True

    @functools.cached_property
    def _bars(self) -> set[str]:
        """The names of all adjoints."""
        return set()


def _scaled(part: Node, factor: Node) -> Node:
    """A product, inside the choices that a node is: what is not chosen is not touched."""
    if part.kind == "if":
        test, then, otherwise = part.nodes
        return choice(test, _scaled(then, factor), _scaled(otherwise, factor))
    return product(factor, part)


def _stored(target: str, part: Node) -> list[Statement]:
    """Add to an element; where this depends on a test, so may the place."""
    if part is ZERO:
        return []
    if part.kind != "if":
        return [Store(target, part, added=True)]
    test, then, otherwise = part.nodes
    return [Branch(test, _stored(target, then), _stored(target, otherwise))]


def _put(lines: list[Statement], more: Sequence[Statement]) -> None:
    """Put statements behind others; what depends on the same test as the last ones goes in with them."""
    for one in more:
        last = lines[-1] if lines else None
        if isinstance(one, Branch) and isinstance(last, Branch) and last.test is one.test:
            _put(last.then, one.then)
            _put(last.otherwise, one.otherwise)
        else:
            lines.append(one)


def _added(after: Node, variable: Node, name: str, where: ast.AST) -> Node:
    """What has been added to a variable."""
    if after is variable:
        return ZERO
    if after.kind == "+" or after.kind == "-":
        left, right = after.nodes
        term = right if after.kind == "+" else product(number(-1), right)
        if variable.args[0] in leaves(left):
            return sum_of(_added(left, variable, name, where), term)
        if after.kind == "+" and variable.args[0] in leaves(right):
            return sum_of(left, _added(right, variable, name, where))
    if after.kind == "if":
        test, then, otherwise = after.nodes
        return choice(test, _added(then, variable, name, where), _added(otherwise, variable, name, where))
    raise Unreadable(f"a loop does more with {name} than add to it", where)


def _all_terms(sums: Sequence[Sum]) -> Iterator[Node]:
    """What loops add, and what their sums begin with."""
    for one in sums:
        yield from one.terms.values()
        yield from one.starts.values()
        yield from _all_terms(one.inner)


def _stores_in(body: Sequence[Statement]) -> bool:
    return any(isinstance(one, Store | Branch) or (isinstance(one, Loop) and _stores_in(one.body)) for one in body)
