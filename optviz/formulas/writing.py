"""Programs of nodes as text: what occurs twice is computed once, and has the name that its author gave it."""

import ast
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from optviz.formulas.expressions import COMPARISONS, Node, written
from optviz.formulas.programs import Branch, Let, Loop, Return, Statement, Store, array_of, elements, ordered

WIDTH = 88  # letters of a line, beyond which results stand below each other
Path = tuple[tuple[Node, bool], ...]  # tests that decide whether a node is computed, and how they must turn out


@dataclass
class Names:
    """The names of a function's variables.

    Attributes
    ----------
    taken : set of str
    wanted : dict of Node to str
        What nodes are called if they get a name.
    several : dict of str to int
        Functions that give several numbers, and how many.
    """

    taken: set[str]
    wanted: dict[Node, str] = field(default_factory=dict)
    several: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def copy(self) -> "Names":
        """These names, to come back to."""
        return Names(set(self.taken), dict(self.wanted), self.several, self.count)

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
            if any(array_of(one.target) in read for one in [*run, statement] if isinstance(one, Store)):
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
            count = names.several.get(part.args[0], 1) if part.kind == "call" else 1
            zero: ast.expr = ast.Constant(0.0)
            if count > 1:
                zero = ast.Tuple([ast.Constant(0.0) for _ in range(count)], ast.Load())
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
    order = ordered(roots)
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
