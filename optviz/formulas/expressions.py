"""Arithmetic as a graph: the same part of two expressions is the same node, and zeros and ones fall out.

Nodes are read from syntax trees as they are written, so that what a formula computes on the way is computed alike where
its derivatives use it. What `sum_of`, `product` and `quotient` put together is simplified on the way.
"""

import ast
import hashlib
import math
from collections.abc import Mapping
from typing import Any

Number = int | float

COMPARISONS: dict[type, str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
OPERATORS: dict[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Mod: "%",
    ast.FloorDiv: "//",
}
MOST_DIGITS = 1 << 53  # beyond it a float does not hold every whole number


class Node:
    """A part of an expression.

    Attributes
    ----------
    kind : str
        ``"number"`` with its value; ``"leaf"`` with its text, anything that is read and not looked into; ``"call"``
        with the name of a function and its arguments; ``"part"`` with the name of a function, which of its partial
        derivatives, and its arguments; ``"if"`` with a test and two nodes; an operator or a comparison with two;
        ``"and"``, ``"or"``, ``"not"``.
    args : tuple
        Nodes, and what else the kind has.
    rank : (int, bytes)
        By size, then by what is in it: an order of nodes that does not depend on when they were made.
    """

    __slots__ = ("args", "kind", "rank")
    rank: tuple[int, bytes]

    def __init__(self, kind: str, args: tuple):
        self.kind, self.args = kind, args
        known = [arg.rank if isinstance(arg, Node) else (0, repr(arg).encode()) for arg in args]
        inside = b" ".join(content for _, content in known)
        digest = hashlib.blake2b(kind.encode() + b" " + inside, digest_size=12).digest()
        self.rank = 1 + sum(size for size, _ in known), digest

    @property
    def nodes(self) -> tuple["Node", ...]:
        """Those of the arguments that are nodes."""
        return tuple(arg for arg in self.args if isinstance(arg, Node))

    def __repr__(self) -> str:
        return f"Node({self.kind}, {self.args})"


_nodes: dict[tuple, Node] = {}


def node(kind: str, *args: Any) -> Node:
    """The node of that kind with these arguments; there is one."""
    key = (kind, *((type(arg).__name__, arg) if not isinstance(arg, Node) else arg for arg in args))
    return _nodes.setdefault(key, Node(kind, args))


def number(value: Number) -> Node:
    """A number."""
    return node("number", value)


def leaf(text: str) -> Node:
    """Something that is read and not looked into: a variable, an element of a sequence."""
    return node("leaf", text)


ZERO, ONE = number(0), number(1)


def is_number(part: Node, value: Number | None = None) -> bool:
    """Whether a node is a number, or that number."""
    return part.kind == "number" and (value is None or part.args[0] == value)


def scaled(part: Node) -> tuple[Number, Node]:
    """A node as a number times a node: the number of a product that begins or ends with one, and what is left."""
    if part.kind == "number":
        return part.args[0], ONE
    if part.kind == "*":
        left, right = part.args
        if left.kind == "number" and right.kind != "number":
            factor, rest = scaled(right)
            return _times(left.args[0], factor), rest
        if right.kind == "number" and left.kind != "number":
            factor, rest = scaled(left)
            return _times(right.args[0], factor), rest
    if part.kind == "negative":
        factor, rest = scaled(part.args[0])
        return -factor, rest
    return 1, part


def times(factor: Number, part: Node) -> Node:
    """A number times a node."""
    inner, rest = scaled(part)
    factor = _times(factor, inner)
    if factor == 0:
        return ZERO
    if rest is ONE:
        return number(factor)
    if factor == 1:
        return rest
    return node("negative", rest) if factor == -1 else node("*", number(factor), rest)


def sum_of(left: Node, right: Node) -> Node:
    """left + right."""
    if is_number(left, 0):
        return right
    if is_number(right, 0):
        return left
    (a, x), (b, y) = scaled(left), scaled(right)
    if x is y:
        return times(a + b, x)
    if a == b != 1:
        return times(a, sum_of(x, y))
    if a == -b and abs(a) != 1:
        return times(a, sum_of(x, times(-1, y))) if a > 0 else times(b, sum_of(y, times(-1, x)))
    if b < 0:
        return node("-", left, times(-b, y))
    return node("-", right, times(-a, x)) if a < 0 else node("+", left, right)


def difference(left: Node, right: Node) -> Node:
    """left - right."""
    return sum_of(left, times(-1, right))


def product(left: Node, right: Node) -> Node:
    """left * right; nothing of nothing, whatever the other one is."""
    (a, x), (b, y) = scaled(left), scaled(right)
    factor = _times(a, b)
    if x is ONE or y is ONE:
        return times(factor, y if x is ONE else x)
    (base, n), (other, m) = _power(x), _power(y)
    if base is other:
        return times(factor, power(base, n + m))
    if x.kind == "/" and not is_number(x.args[0]):  # a / b * c as a * c / b: c may go into a
        return times(factor, node("/", product(x.args[0], y), x.args[1]))
    # In one order, so that the products of the same two are the same.
    return times(factor, node("*", *sorted((x, y), key=lambda part: part.rank)))


def quotient(left: Node, right: Node) -> Node:
    """left / right."""
    (a, x), (b, y) = scaled(left), scaled(right)
    if b == 0:
        return node("/", left, right)
    factor = a / b
    factor = int(factor) if factor == int(factor) and abs(factor) < MOST_DIGITS else factor
    if x is y:
        return number(factor)
    if y is ONE or factor == 0:
        return times(factor, x)
    if x is ONE:
        return node("/", number(factor), y)
    return times(factor, node("/", x, y))


def power(base: Node, exponent: int) -> Node:
    """A whole power that is not negative."""
    return ONE if exponent == 0 else base if exponent == 1 else node("**", base, number(exponent))


def call(name: str, *args: Node) -> Node:
    """A function of some nodes."""
    return node("call", name, *args)


def item(place: int, several: Node) -> Node:
    """One of several numbers: of what a function gives, of a tuple, or of whichever of these a test chooses."""
    if several.kind == "tuple":
        return several.args[place]
    if several.kind == "if":
        test, then, otherwise = several.nodes
        return choice(test, item(place, then), item(place, otherwise))
    return node("item", place, several)


def choice(test: Node, then: Node, otherwise: Node) -> Node:
    """then if test else otherwise."""
    return then if then is otherwise else node("if", test, then, otherwise)


def _power(part: Node) -> tuple[Node, int]:
    """A node as a whole power."""
    if part.kind == "**" and part.args[1].kind == "number" and type(part.args[1].args[0]) is int:
        exponent = part.args[1].args[0]
        if exponent > 0:
            return part.args[0], exponent
    return part, 1


def _times(a: Number, b: Number) -> Number:
    """A product of two numbers, a float where a whole one would be too long."""
    result = a * b
    return float(result) if isinstance(result, int) and abs(result) >= MOST_DIGITS else result


def written(part: Node, named: Mapping[Node, str]) -> ast.expr:
    """The syntax tree of a node; those of its parts that have names are read from these.

    Parameters
    ----------
    part : Node
    named : dict of Node to str
    """
    if part in named:
        return ast.Name(named[part], ast.Load())
    inner = [written(child, named) for child in part.nodes]
    return _plain(part, inner)


def _plain(part: Node, inner: list[ast.expr]) -> ast.expr:
    kind = part.kind
    if kind == "number":
        value = part.args[0]
        if value != value or math.isinf(value):
            raise OverflowError(f"the number {value} has no literal")
        constant = ast.Constant(abs(value))
        return ast.UnaryOp(ast.USub(), constant) if value < 0 else constant
    if kind == "leaf":
        return ast.parse(part.args[0], mode="eval").body
    if kind == "call":
        return ast.Call(ast.Name(part.args[0], ast.Load()), inner, [])
    if kind == "item":
        return ast.Subscript(inner[0], ast.Constant(part.args[0]), ast.Load())
    if kind == "if":
        return ast.IfExp(*inner)
    if kind == "negative":
        return ast.UnaryOp(ast.USub(), inner[0])
    if kind == "not":
        return ast.UnaryOp(ast.Not(), inner[0])
    if kind in ("and", "or"):
        return ast.BoolOp(ast.And() if kind == "and" else ast.Or(), inner)
    for operators in (OPERATORS, COMPARISONS):
        for operator, sign in operators.items():
            if sign == kind:
                is_operator = operators is OPERATORS
                return (
                    ast.BinOp(inner[0], operator(), inner[1])
                    if is_operator
                    else ast.Compare(inner[0], [operator()], [inner[1]])
                )
    raise AssertionError(kind)
