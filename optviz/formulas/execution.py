"""A formula carried out with nodes in place of numbers, and their derivatives beside them."""

import ast
from collections.abc import Callable, Mapping, Sequence

from optviz.errors import FormulaError
from optviz.formulas.expressions import Node, choice, item, leaf
from optviz.formulas.outside import is_formula, known
from optviz.formulas.programs import Branch, Let, Loop, Statement, Store, elements
from optviz.formulas.reading import Reader, Unreadable
from optviz.formulas.sources import place_of, references, tree_of
from optviz.formulas.tangents import Tangents
from optviz.formulas.writing import Names


def refusal(formula: Callable, error: Exception) -> FormulaError:
    """The error for whoever wrote the formula."""
    line = getattr(getattr(error, "tree", None), "lineno", None)
    reason = getattr(error, "reason", "") or (
        "a number in it is too large" if isinstance(error, OverflowError) else "it is too long"
    )
    return FormulaError(
        f"the formula {place_of(formula, line)} has no derived gradient: {reason}",
        "Give its gradient: @function(gradient=...), or gradient= where the function is passed.",
    )


class Execution:
    """A formula with nodes in place of numbers.

    Parameters
    ----------
    formula : function
    directions : sequence of str
        By what it is differentiated: names of arguments, each of which has a tangent of 1 in its own direction.
    slopes : function
        As for `Tangents`.
    order : {1, 2}
        How often.
    sequences : dict of str to str
        Sequences among the arguments and what holds the tangents of their elements, in the one direction that there is.

    Attributes
    ----------
    names : Names
    indices : set of str
        What loops count by.
    tangents : Tangents
    scope : dict
        What a function that is made of the formula finds outside of itself.
    """

    def __init__(
        self,
        formula: Callable,
        directions: Sequence[str],
        slopes: Callable[[Callable], Callable],
        order: int = 1,
        sequences: Mapping[str, str] | None = None,
    ):
        self.definition, self.sequences = tree_of(formula), dict(sequences or {})
        self.stored = {ast.unparse(node.value) for node in ast.walk(self.definition) if _is_element_stored(node)}  # type: ignore[attr-defined]
        outside = references(formula)
        functions, constants, self.scope = known(outside)
        arguments = formula.__code__.co_varnames[: formula.__code__.co_argcount]
        self.indices = {node.target.id for node in ast.walk(self.definition) if _is_counted(node)}  # type: ignore[attr-defined]
        taken = {*arguments, *self.indices, *self.sequences.values(), *self.scope, *formula.__globals__.keys()}
        self.names = Names(taken)
        self.reader = Reader({name: leaf(name) for name in arguments}, functions, constants)
        self.reader.indices = self.indices
        self.scope["__name__"] = formula.__module__  # it is its author's
        self.called = {functions[text]: value for text, value in outside.items() if is_formula(value)}
        self.tangents = Tangents(self.names, directions, order, self.sequences, self.called, self.scope, slopes)

    def run(self) -> tuple[list[Statement], tuple[Node, ...]]:
        """Carry the formula out.

        Returns
        -------
        program : list of statements
            What stands before the result: loops, and what is stored.
        result : tuple of Node
            What the formula returns; empty where it returns nothing.

        Raises
        ------
        Unreadable
            If something in it cannot be differentiated.
        """
        program: list[Statement] = []
        result = self.block(self.definition.body, program)
        return program, result or ()

    def block(self, body: Sequence[ast.stmt], program: list[Statement]) -> tuple[Node, ...] | None:
        """Carry statements out; what they return, or None where they return nothing."""
        for place, statement in enumerate(body):
            if isinstance(statement, ast.Return):
                return self._returned(statement)
            if isinstance(statement, ast.If) and _only_assigns(statement):
                result = self._branches(statement, body[place + 1 :], program)
                if result is not None:
                    return result
                continue
            self.statement(statement, program)
        return None

    def statement(self, statement: ast.stmt, program: list[Statement]) -> None:
        """Carry a statement out that returns nothing."""
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            return  # a docstring
        if isinstance(statement, ast.Pass):
            return
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            self._assign(statement.targets[0], statement.value, program)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            self._assign(statement.target, statement.value, program)
        elif isinstance(statement, ast.AugAssign):
            old = ast.copy_location(_loaded(statement.target), statement)
            value = ast.copy_location(ast.BinOp(old, statement.op, statement.value), statement)
            self._assign(statement.target, value, program)
        elif isinstance(statement, ast.For) and not statement.orelse and isinstance(statement.target, ast.Name):
            self._loop(statement, program)
        elif isinstance(statement, ast.If):
            self._fork(statement, program)
        else:
            raise Unreadable(f"{ast.unparse(statement).splitlines()[0]} cannot be differentiated", statement)

    def _returned(self, statement: ast.Return) -> tuple[Node, ...]:
        if statement.value is None:
            return ()
        values = statement.value.elts if isinstance(statement.value, ast.Tuple) else [statement.value]
        return tuple(self.reader.read(value) for value in values)

    def _assign(self, target: ast.expr, value: ast.expr, program: list[Statement]) -> None:
        if isinstance(target, ast.Tuple):
            if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
                nodes = [self.reader.read(part) for part in value.elts]
            else:
                whole = self.reader.read(value)
                nodes = [item(place, whole) for place in range(len(target.elts))]
            for name, part in zip(target.elts, nodes, strict=True):
                self._bind(name, part, program)
            return
        self._bind(target, self.reader.read(value), program)

    def _bind(self, target: ast.expr, value: Node, program: list[Statement]) -> None:
        if isinstance(target, ast.Name):
            if value.kind not in ("number", "leaf"):
                self.names.wanted.setdefault(value, target.id)
            if elements(value) & self.stored:
                # An element may be given another value before the variable is used.
                value = self._variable(target.id, value, program)
            self.reader.variables[target.id] = value
        elif isinstance(target, ast.Subscript):
            self.store(target, value, program)
        else:
            raise Unreadable(f"{ast.unparse(target)} cannot be given a value", target)

    def store(self, target: ast.Subscript, value: Node, program: list[Statement]) -> None:
        """Give an element of a sequence a value, and that of its tangents theirs."""
        text = self.reader.text(target)
        array, _, rest = text.partition("[")
        if array not in self.sequences:
            raise Unreadable(f"{array} is given a value", target)
        (by,) = self.tangents.directions
        program.append(Store(f"{self.sequences[array]}[{rest}", self.tangents.derivative(value, by)))
        program.append(Store(text, value))

    def _branches(
        self, statement: ast.If, rest: Sequence[ast.stmt], program: list[Statement]
    ) -> tuple[Node, ...] | None:
        """An ``if`` whose branches assign or return: a choice for each variable. The rest's result if one returns."""
        test = self.reader.read(statement.test)
        before = dict(self.reader.variables)
        returns = any(isinstance(part, ast.Return) for part in ast.walk(statement))
        after = rest if returns else ()
        then = self.block([*statement.body, *after], program)
        then_variables, self.reader.variables = self.reader.variables, before
        otherwise = self.block([*statement.orelse, *after], program)
        if returns:
            if then is None or otherwise is None or len(then) != len(otherwise):
                raise Unreadable("it does not return a number in every case", statement)
            return tuple(choice(test, one, other) for one, other in zip(then, otherwise, strict=True))
        for name, other in list(self.reader.variables.items()):
            if name in then_variables:
                merged = self.reader.variables[name] = choice(test, then_variables[name], other)
                if merged.kind == "if":
                    self.names.wanted.setdefault(merged, name)
            else:
                del self.reader.variables[name]
        return None

    def loop_over(self, statement: ast.For) -> str:
        """What a loop goes over, as text."""
        over = statement.iter
        if not (isinstance(over, ast.Call) and ast.unparse(over.func) in ("range", "reversed")):
            raise Unreadable(f"a loop over {ast.unparse(over)} is none over range", statement)
        return self.reader.text(over)

    def _loop(self, statement: ast.For, program: list[Statement]) -> None:
        """A loop over whole numbers, which stays one."""
        assert isinstance(statement.target, ast.Name)
        index = statement.target.id
        head = f"for {index} in {self.loop_over(statement)}"
        self._carried(program, statement.body, {index: leaf(index)}, lambda run: Loop(head, run(statement.body)))

    def _fork(self, statement: ast.If, program: list[Statement]) -> None:
        """An ``if`` that holds loops, or gives elements a value."""
        test = self.reader.read(statement.test)
        then, otherwise = statement.body, statement.orelse
        self._carried(program, [*then, *otherwise], {}, lambda run: Branch(test, run(then), run(otherwise)))

    def _carried(
        self,
        program: list[Statement],
        body: Sequence[ast.stmt],
        inside: Mapping[str, Node],
        frame: Callable[[Callable[[Sequence[ast.stmt]], list[Statement]]], Statement],
    ) -> None:
        """Statements inside a loop or a branch: what they change is kept in variables, and so are its tangents.

        Which tangents of a variable are not zero shows only when the body has been carried out: it is, until no more
        of them appear.
        """
        self._keep(body, program)
        outer = self.reader.variables
        changed = [name for name in assigned(body) if name in outer]
        moving: set[tuple[str, str]] = set()
        while True:
            mark = self.names.copy(), self.tangents.copy()
            carried = {name: self.tangents.carried(name, outer[name], moving) for name in changed}
            inner = {**outer, **inside} | {name: leaf(variable.name) for name, variable in carried.items()}
            found: set[tuple[str, str]] = set()

            def run(part: Sequence[ast.stmt]) -> list[Statement]:
                self.reader.variables = dict(inner)  # noqa: B023  it is called in this pass alone
                lines: list[Statement] = []
                if self.block(part, lines) is not None:
                    raise Unreadable("it returns from inside a loop", part[0])
                after = [
                    self.tangents.after(variable, self.reader.variables[name], found)  # noqa: B023
                    for name, variable in carried.items()  # noqa: B023
                ]
                names = tuple(name for named, _ in after for name in named)
                return [*lines, Let(names, tuple(node for _, nodes in after for node in nodes))]

            framed = frame(run)
            if found <= moving:
                break
            moving |= found
            self.names.become(mark[0])
            self.tangents.become(mark[1])
        for variable in carried.values():
            program += [Let((name,), (start,)) for name, start in variable.starts]
        program.append(framed)
        self.reader.variables = {
            name: leaf(carried[name].name) if name in carried else part for name, part in outer.items()
        }

    def _keep(self, body: Sequence[ast.stmt], program: list[Statement]) -> None:
        """Compute what statements in a loop read once before it, and not in each of its passes."""
        for name in read(body):
            value = self.reader.variables.get(name)
            if value is not None and value.kind not in ("number", "leaf"):
                self.reader.variables[name] = self._variable(name, value, program)

    def _variable(self, name: str, value: Node, program: list[Statement]) -> Node:
        """A variable with that value, and variables for its tangents."""
        variable = self.tangents.carried(name, value, set())
        program += [Let((one,), (start,)) for one, start in variable.starts]
        return leaf(variable.name)


def assigned(body: Sequence[ast.stmt]) -> list[str]:
    """The variables that statements give a value, in the order in which they are first named."""
    names = [node.id for part in body for node in ast.walk(part) if _stores(node)]  # type: ignore[attr-defined]
    return list(dict.fromkeys(names))


def read(body: Sequence[ast.stmt]) -> list[str]:
    """The variables that statements read."""
    nodes = (node for part in body for node in ast.walk(part) if isinstance(node, ast.Name) and not _stores(node))
    return list(dict.fromkeys(node.id for node in nodes))


def _stores(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _loaded(target: ast.expr) -> ast.expr:
    """What an assignment's target reads like."""
    return ast.parse(ast.unparse(target), mode="eval").body


def _only_assigns(statement: ast.If) -> bool:
    """Whether the branches of an ``if`` give values to variables, return, and do nothing else."""
    return not any(isinstance(node, ast.For | ast.While) or _is_element_stored(node) for node in ast.walk(statement))


def _is_counted(node: ast.AST) -> bool:
    return isinstance(node, ast.For) and isinstance(node.target, ast.Name)


def _is_element_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
