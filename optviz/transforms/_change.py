"""What a transform changes of a test function, and the formulas that come of it."""

import ast
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from optviz.errors import UsageError
from optviz.formulas.composing import made, made_of, short_name
from optviz.formulas.sources import place_of, tree_of
from optviz.functions import Bounds, Function

Point = tuple[float, ...]
INNER = "f"  # the value of the inner function, in the text of a value


def _same(given: Any) -> Any:
    return given


@dataclass(frozen=True)
class Change:
    """What a transform makes of one function. Texts are expressions in Python; what they name besides is in `scope`.

    Attributes
    ----------
    title : str
        What is said of the inner function's title: ``"turned by 30°"``.
    formula : str
        The value in terms of the inner function g: ``"g(x − 1, y)"``.
    general_formula : str
        The same for the form in n dimensions: ``"g(x − d)"``.
    at : (str, str)
        The point at which the inner function is asked, of x and y.
    each : (str, str) or None
        That point in n dimensions, where each coordinate is one of u alone: for the first, third and so on, and for
        the second, fourth and so on. None for a transform that has no form there.
    value : str
        The new value, of `f`, the inner one.
    scope : dict
        Functions that these texts name.
    moved : function
        Where a point of the inner function lies now.
    level : function
        What becomes of a value.
    bounds, view : or None
        Where they are others than those around the moved ones.
    keeps : bool
        Whether points stay where they are.
    hazards : str
        What is to be expected besides.
    lost, gained : tuple of str
        Traits.
    """

    title: str
    formula: str
    general_formula: str = ""
    at: tuple[str, str] = ("x", "y")
    each: tuple[str, str] | None = ("u", "u")
    value: str = INNER
    scope: Mapping[str, Any] = field(default_factory=dict)
    moved: Callable[[Point], Point] = _same
    level: Callable[[float], float] = _same
    bounds: Bounds | None = None
    view: Bounds | None = None
    keeps: bool = False
    hazards: str = ""
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()


def formulas(change: Change, name: str, inner: Function) -> tuple[Callable, Callable | None]:
    """Value and gradient of a changed function; None for a gradient that is derived, as that of the inner one is.

    Equal changes of one function have one value, so that their kernels are compiled once.
    """
    scope = tuple(sorted(change.scope.items()))
    called = getattr(inner.value, "__name__", "")
    name = short_name(f"{name}_{called if called.isidentifier() else 'function'}")
    if inner.dimension is None:
        return _of_two(name, inner.value, inner.written_gradient, change.at, change.value, scope)
    assert change.each is not None
    return _of_many(name, inner.value, inner.written_gradient, change.each, change.value, scope)


@functools.lru_cache(512)
def _of_two(
    name: str, inner: Callable, gradient: Callable | None, at: tuple[str, str], value: str, scope: tuple
) -> tuple[Callable, Callable | None]:
    called = getattr(inner, "__name__", "")
    called = called if called.isidentifier() and called not in {"x", "y", "f", name, *dict(scope)} else "VALUE"
    named = dict(scope) | {called: inner}
    call = f"{called}({at[0]}, {at[1]})"
    result = made(f"def {name}(x, y):\n    return {_put(value, {INNER: call})}\n", named)
    if gradient is None:
        return result, None
    from optviz.formulas.derive import gradient_of  # lists of functions need none of it

    horizontal, vertical = (made(f"def coordinate_{k}(x, y):\n    return {at[k]}\n", dict(scope)) for k in (0, 1))
    named |= {"U": horizontal, "V": vertical, "VALUE": inner, "GRADIENT": gradient}
    named |= {"U_GRADIENT": gradient_of(horizontal), "V_GRADIENT": gradient_of(vertical)}
    lines = ["u, v = U(x, y), V(x, y)", "a, b = GRADIENT(u, v)"]
    lines += ["u_x, u_y = U_GRADIENT(x, y)", "v_x, v_y = V_GRADIENT(x, y)"]
    factor = ""
    if value != INNER:
        named |= {"SLOPE": _slope(value, INNER, scope)}
        lines += ["slope = SLOPE(VALUE(u, v))"]
        factor = "slope * "
    lines += [f"return {factor}(a * u_x + b * v_x), {factor}(a * u_y + b * v_y)"]
    return result, made(_text(f"{name}_gradient(x, y)", lines), named)


@functools.lru_cache(512)
def _of_many(
    name: str, inner: Callable, gradient: Callable | None, each: tuple[str, str], value: str, scope: tuple
) -> tuple[Callable, Callable | None]:
    before = _rewritten(inner, name, each, INNER, scope)
    result = before if value == INNER else _rewritten(inner, name, each, value, scope)
    if gradient is None:
        return result, None
    point, slopes = gradient.__code__.co_varnames[:2]
    named, lines, factor = dict(scope), [], ""
    if value != INNER:
        named |= {"VALUE": before, "SLOPE": _slope(value, INNER, scope)}
        memory = gradient.__code__.co_varnames[2 : gradient.__code__.co_argcount]
        lines = [f"slope_there = SLOPE(VALUE({', '.join((point, *memory))}))"]
        factor = "slope_there * "
    if each != ("u", "u"):
        named |= {"EVEN_SLOPE": _slope(each[0], "u", scope), "ODD_SLOPE": _slope(each[1], "u", scope)}
        factor += _by_place("k_th", f"EVEN_SLOPE({point}[k_th])", f"ODD_SLOPE({point}[k_th])", each) + " * "
    if factor:
        lines += [f"for k_th in range(len({point})):", f"    {slopes}[k_th] = {factor}{slopes}[k_th]"]
    return result, _rewritten(gradient, f"{name}_gradient", each, INNER, tuple(sorted(named.items())), lines)


def _slope(text: str, variable: str, scope: tuple) -> Callable:
    """The derivative of an expression of one variable."""
    from optviz.formulas.derive import gradient_of

    return gradient_of(made(f"def level({variable}):\n    return 1.0 * ({text})\n", dict(scope)))


def _text(head: str, lines: list[str]) -> str:
    return "\n".join([f"def {head}:", *(f"    {line}" for line in lines)]) + "\n"


def _put(text: str, parts: Mapping[str, str]) -> str:
    """An expression with others in place of names."""
    trees = {name: ast.parse(part, mode="eval").body for name, part in parts.items()}
    return ast.unparse(_Putter(trees).visit(ast.parse(text, mode="eval")))


def _by_place(index: str, even: str, odd: str, each: tuple[str, str]) -> str:
    """One expression for even places and another for odd ones; the first alone where they are alike."""
    return even if each[0] == each[1] else f"({even} if float({index}) % 2 == 0 else {odd})"


def _rewritten(
    inner: Callable, name: str, each: tuple[str, str], value: str, scope: tuple, more: list[str] | None = None
) -> FunctionType:
    """A formula of a sequence that reads other coordinates, and returns another value; `more` is what it ends with.

    It is written out anew: a kernel has no room for a second sequence.
    """
    definition = tree_of(inner)
    sequence = inner.__code__.co_varnames[0]
    reader = _Reads(inner, sequence, each, value)
    body = [part for part in definition.body if not _is_text(part)]
    definition.body = [reader.visit(part) for part in body]
    definition.name = name
    definition.body += ast.parse("\n".join(more or [])).body
    return made_of(definition, inner.__globals__ | dict(scope))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


class _Putter(ast.NodeTransformer):
    """Puts expressions in place of names."""

    def __init__(self, parts: Mapping[str, ast.expr]):
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.parts.get(node.id, node)


class _Reads(ast.NodeTransformer):
    """Changes what is read of a sequence, and what is returned."""

    def __init__(self, formula: Callable, sequence: str, each: tuple[str, str], value: str):
        self.formula, self.sequence, self.each, self.value = formula, sequence, each, value

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        is_read = isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name)
        if not (is_read and node.value.id == self.sequence):  # type: ignore[attr-defined]
            return self.generic_visit(node)  # type: ignore[return-value]
        element, index = ast.unparse(node), node.slice
        if isinstance(index, ast.Constant) and isinstance(index.value, int) and index.value >= 0:
            text = _put(self.each[index.value % 2], {"u": element})
        else:
            even, odd = (_put(part, {"u": element}) for part in self.each)
            text = _by_place(ast.unparse(index), even, odd, self.each)
        return ast.parse(text, mode="eval").body

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        self.generic_visit(node)
        if node.value is not None and self.value != INNER:
            node.value = _Putter({INNER: node.value}).visit(ast.parse(self.value, mode="eval")).body
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "len":
            return node
        return self.generic_visit(node)  # type: ignore[return-value]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == self.sequence and self.each != ("u", "u"):
            raise UsageError(
                f"the formula {place_of(self.formula)} hands its whole sequence on, so that no transform reads it",
                f"Let it read coordinates: {self.sequence}[i]",
            )
        return node
