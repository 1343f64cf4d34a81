"""Programs: statements of nodes in place of expressions, and what can be said of them."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from optviz.formulas.expressions import Node

NAME = re.compile(r"[^\W\d]\w*")


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


def ordered(roots: Sequence[Node]) -> list[Node]:
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


def leaves(root: Node) -> dict[str, None]:
    """The texts of all leaves of a node, in order."""
    return dict.fromkeys(part.args[0] for part in ordered([root]) if part.kind == "leaf")


def elements(root: Node) -> set[str]:
    """The sequences of which a node reads elements."""
    return {array_of(text) for text in leaves(root) if "[" in text}


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


def parts_of(statement: Statement) -> set[Node]:
    """All nodes of a statement, and of those inside of it."""
    inner = {
        Loop: lambda: statement.body,  # type: ignore[union-attr]
        Branch: lambda: [*statement.then, *statement.otherwise],  # type: ignore[union-attr]
    }.get(type(statement), list)()
    return {part for one in inner for part in parts_of(one)} | set(ordered(_roots(statement)))


def changed(body: Sequence[Statement], change: Callable[[Node], Node]) -> list[Statement]:
    """Statements with other nodes in place of theirs."""
    result: list[Statement] = []
    for one in body:
        if isinstance(one, Loop):
            result.append(Loop(one.head, changed(one.body, change)))
        elif isinstance(one, Branch):
            result.append(Branch(change(one.test), changed(one.then, change), changed(one.otherwise, change)))
        elif isinstance(one, Store):
            result.append(Store(one.target, change(one.node), one.added))
        elif isinstance(one, Let):
            result.append(Let(one.names, tuple(map(change, one.nodes))))
        else:
            result.append(Return(tuple(map(change, one.nodes))))
    return result


def _roots(one: Statement) -> tuple[Node, ...]:
    if isinstance(one, Branch):
        return (one.test,)
    return (one.node,) if isinstance(one, Store) else () if isinstance(one, Loop) else one.nodes


def _named_in(text: str) -> set[str]:
    return set(NAME.findall(text))


def array_of(target: str) -> str:
    return target.partition("[")[0]
