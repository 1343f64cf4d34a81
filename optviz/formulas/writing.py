"""Programs of nodes as text: what occurs twice is computed once, and has the name that its author gave it."""

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from optviz.formulas.expressions import COMPARISONS, Node, written

NAME = re.compile(r"[^\W\d]\w*")
WIDTH = 88  # letters of a line, beyond which results stand below each other
Path = tuple[tuple[Node, bool], ...]  # tests that decide whether a node is computed, and how they must turn out


@dataclass
class Let:
    """Variables that are given values, all at once."""

    names: tuple[str, ...]
    nodes: tuple[Node, ...]


@dataclass
class Store:
    """An element of a sequence that is given a value, or has it added to its own."""

    target: str
    node: Node
    added: bool = False


@dataclass
class Loop:
    """A loop: its head, ``for i in range(n)``, and what is in it."""

    head: str
    body: list


@dataclass
class Branch:
    """Statements that depend on a test."""

    test: Node
    then: list
    otherwise: list


@dataclass
class Return:
    """What the function gives."""

    nodes: tuple[Node, ...]


Statement = Let | Store | Loop | Branch | Return


@dataclass
class Names:
    """The names of a function's variables.

    Attributes
    ----------
    taken : set of str
    wanted : dict of Node to str
        What nodes are called if they get a name.
    """

    taken: set[str]
    wanted: dict[Node, str] = field(default_factory=dict)
    count: int = 0

    def copy(self) -> "Names":
        """These names, to come back to."""
        return Names(set(self.taken), dict(self.wanted), self.count)

    def become(self, before: "Names") -> None:
        """Forget all names since a copy."""
        self.taken, self.wanted, self.count = before.taken, before.wanted, before.count

    def fresh(self, name: str) -> str:
        """The name, or one like it that nothing has yet."""
        chosen, number = name, 1
        while chosen in self.taken:
            number += 1
            chosen = f"{name}_{number}"
        self.taken.add(chosen)
        return chosen

    def of(self, part: Node) -> str:
        """A name for what occurs more than once."""
        if part in self.wanted:
            return self.fresh(self.wanted[part])
        self.count += 1
        return self.fresh(f"t{self.count}")


def function_text(name: str, arguments: Sequence[str], body: Sequence[Statement], names: Names, text: str = "") -> str:
    """The text of a function.

    Parameters
    ----------
    name : str
    arguments : sequence of str
    body : sequence of statements
    names : Names
        The arguments and all names of the body are taken.
    text : str
        Its docstring.
    """
    statements: list[ast.stmt] = [ast.Expr(ast.Constant(text))] if text else []
    statements += _block(body, names) or [ast.Pass()]
    lines = [line for statement in statements for line in _lines(statement)]
    return "\n".join([f"def {name}({', '.join(arguments)}):", *(f"    {line}" for line in lines), ""])


def _lines(statement: ast.stmt) -> list[str]:
    """A statement as text; several results that are long have a line each."""
    text = ast.unparse(ast.fix_missing_locations(statement))
    if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Tuple) and len(text) > WIDTH:
        return ["return (", *(f"    {ast.unparse(part)}," for part in statement.value.elts), ")"]
    return text.split("\n")


def _block(body: Sequence[Statement], names: Names) -> list[ast.stmt]:
    lines: list[ast.stmt] = []
    run: list[Statement] = []  # stores that share what they have in common

    def finish() -> None:
        lines.extend(_together(run, names))
        run.clear()

    for statement in body:
        if isinstance(statement, Store):
            read = {word for one in [*run, statement] for word in elements(_node(one))}
            if any(_array(one.target) in read for one in [*run, statement] if isinstance(one, Store)):
                finish()
            run.append(statement)
            continue
        finish()
        if isinstance(statement, Loop):
            loop = ast.parse(f"{statement.head}:\n    pass").body[0]
            assert isinstance(loop, ast.For)
            loop.body = _block(statement.body, names) or [ast.Pass()]
            lines.append(loop)
        elif isinstance(statement, Branch):
            then, otherwise = _block(statement.then, names), _block(statement.otherwise, names)
            test = written(statement.test, {})
            lines.append(ast.If(test, then, otherwise) if then else ast.If(ast.UnaryOp(ast.Not(), test), otherwise, []))
        else:
            lines += _together([statement], names)
    finish()
    return lines


def _together(run: Sequence[Statement], names: Names) -> list[ast.stmt]:
    """Statements without control flow, behind the names for what they have in common."""
    if not run:
        return []
    roots = [root for one in run for root in ([one.node] if isinstance(one, Store) else one.nodes)]  # type: ignore[union-attr]
    lines: list[ast.stmt] = []
    named: dict[Node, str] = {}
    targets = {name for one in run if isinstance(one, Let) for name in one.names}
    for part, path in _shared(roots, names):
        value = written(part, named)
        for test, turn in reversed(path):
            zero: ast.expr = ast.Constant(0.0)
            condition = written(test, named)
            value = ast.IfExp(condition, value, zero) if turn else ast.IfExp(condition, zero, value)
        name = names.of(part)
        lines.append(ast.Assign([ast.Name(name, ast.Store())], value))
        named[part] = name
    for one in run:
        if isinstance(one, Store):
            target = ast.parse(one.target, mode="eval").body
            target.ctx = ast.Store()  # type: ignore[attr-defined]
            value = written(one.node, named)
            if one.added and isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
                lines.append(ast.AugAssign(target, ast.Sub(), value.operand))  # type: ignore[arg-type]
            else:
                lines.append(ast.AugAssign(target, ast.Add(), value) if one.added else ast.Assign([target], value))  # type: ignore[arg-type]
            continue
        values = [written(root, named) for root in one.nodes]  # type: ignore[union-attr]
        whole = values[0] if len(values) == 1 else ast.Tuple(values, ast.Load())
        if isinstance(one, Return):
            lines.append(ast.Return(whole))
        else:
            assert isinstance(one, Let)
            left: list[ast.expr] = [ast.Name(name, ast.Store()) for name in one.names]
            lines.append(ast.Assign([left[0] if len(left) == 1 else ast.Tuple(left, ast.Store())], whole))
    names.taken |= targets
    return lines


def _shared(roots: Sequence[Node], names: Names) -> Iterator[tuple[Node, Path]]:
    """The nodes that get a name, parts before what they are parts of, each with the tests under which it is computed.

    What is computed under a test only must not be computed without it: it may divide by 0. So a node is computed where
    all its uses have their tests in common, if one of them has no other tests.
    """
    order = _ordered(roots)
    uses: dict[Node, list[tuple[Path, bool]]] = {part: [] for part in order}
    for root in roots:
        uses[root].append(((), True))
    named: dict[Node, Path] = {}
    for part in reversed(order):
        common = functools.reduce(_common, (path for path, _ in uses[part]))
        safe = any(path == common and sure for path, sure in uses[part])
        several = len(uses[part]) > 1
        if not _is_small(part) and safe and (several or (part in names.wanted and not common and part not in roots)):
            named[part] = common
        copies = 2 if several and part not in named and not _is_small(part) else 1
        for child, path, sure in _inner(part, common):
            uses[child] += [(path, sure and safe)] * copies
    for part in order:
        if part in named:
            yield part, named[part]


def _ordered(roots: Sequence[Node]) -> list[Node]:
    """All nodes, parts before what they are parts of."""
    order: list[Node] = []
    seen: set[Node] = set()
    todo: list[tuple[Node, bool]] = [(root, False) for root in reversed(roots)]
    while todo:
        part, done = todo.pop()
        if done:
            order.append(part)
        elif part not in seen:
            seen.add(part)
            todo.append((part, True))
            todo += [(child, False) for child in reversed(part.nodes) if child not in seen]
    return order


def _inner(part: Node, path: Path) -> Iterator[tuple[Node, Path, bool]]:
    """The parts of a node, the tests under which it computes them, and whether it surely does then."""
    if part.kind == "if":
        test, then, otherwise = part.nodes
        yield test, path, True
        yield then, (*path, (test, True)), True
        yield otherwise, (*path, (test, False)), True
        return
    for place, child in enumerate(part.nodes):
        yield child, path, place == 0 or part.kind not in ("and", "or")


def _common(one: Path, other: Path) -> Path:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return one[:count]


def _is_small(part: Node) -> bool:
    """Whether a name would be no shorter: a number, a variable, one of these with a sign or twice."""
    if part.kind in ("number", "leaf") or part.kind in COMPARISONS.values() or part.kind in ("and", "or", "not"):
        return True
    if part.kind in ("negative", "item"):
        return part.kind == "item" or _is_small(part.args[0])
    # 2 * x and x**2
    pair = part.kind in ("*", "**") and {child.kind for child in part.nodes} <= {"number", "leaf"}
    return pair and any(child.kind == "number" for child in part.nodes)


def _node(statement: Statement) -> Node:
    assert isinstance(statement, Store)
    return statement.node


def _array(target: str) -> str:
    return target.partition("[")[0]


def leaves(root: Node) -> dict[str, None]:
    """The texts of all leaves of a node, in order."""
    return dict.fromkeys(part.args[0] for part in _ordered([root]) if part.kind == "leaf")


def elements(root: Node) -> set[str]:
    """The sequences of which a node reads elements."""
    return {_array(text) for text in leaves(root) if "[" in text}


def alive(body: Sequence[Statement], needed: Iterable[str] = ()) -> list[Statement]:
    """Statements without those that make what nobody reads; `needed` names what is read behind them."""
    read = set(needed)
    while True:
        before = len(read)
        kept = _alive(body, read)
        if len(read) == before:
            return kept


def _alive(body: Sequence[Statement], read: set[str]) -> list[Statement]:
    """One look at what is needed, from the end on; what is read is added to `read`."""
    kept: list[Statement] = []
    for one in reversed(body):
        if isinstance(one, Let):
            pairs = [(name, part) for name, part in zip(one.names, one.nodes, strict=True) if name in read]
            if not pairs:
                continue
            one = Let(tuple(name for name, _ in pairs), tuple(part for _, part in pairs))
        elif isinstance(one, Loop):
            one = Loop(one.head, _alive(one.body, read))
            if not one.body:
                continue
            read |= _named_in(one.head)
        elif isinstance(one, Branch):
            one = Branch(one.test, _alive(one.then, read), _alive(one.otherwise, read))
            if not (one.then or one.otherwise):
                continue
        for root in _roots(one):
            read |= {name for text in leaves(root) for name in _named_in(text)}
        if isinstance(one, Store):
            read |= _named_in(one.target)
        kept.append(one)
    return kept[::-1]


def names_in(body: Sequence[Statement]) -> set[str]:
    """All names that statements read."""
    read: set[str] = set()
    for one in body:
        for root in _roots(one):
            read |= {name for text in leaves(root) for name in _named_in(text)}
        if isinstance(one, Loop):
            read |= _named_in(one.head) | names_in(one.body)
        elif isinstance(one, Branch):
            read |= names_in(one.then) | names_in(one.otherwise)
    return read


def _roots(one: Statement) -> tuple[Node, ...]:
    if isinstance(one, Branch):
        return (one.test,)
    return (one.node,) if isinstance(one, Store) else () if isinstance(one, Loop) else one.nodes


def _named_in(text: str) -> set[str]:
    return set(NAME.findall(text))
