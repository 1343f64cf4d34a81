"""What the functions of ``math`` have for derivatives, and the functions that these need besides.

Where a function has no derivative, one is agreed upon: that of \\|u\\| at 0 is 0, and of the greatest and the least of
several the first one's counts. Where a slope is infinite, at 0 of a root, it is 0, the mean of what lies on both sides
of \\|u\\|^p: an infinite step is of no use to anybody. Outside of a domain all are NaN in a kernel.
"""

import ast
import functools
from collections.abc import Callable
from math import log, pi, sin, tan

from optviz.formulas.expressions import ZERO, Node, call, node, number
from optviz.formulas.reading import Reader, Unreadable

# For each function its partial derivatives by its arguments u and v, where f is its value. Nothing: zero everywhere.
PARTIALS: dict[str, tuple[str, ...]] = {
    "sqrt": ("0.5 / f if f != 0 else 0.0",),
    "cbrt": ("f / (3 * u) if u != 0 else 0.0",),
    "exp": ("f",),
    "exp2": ("0.6931471805599453 * f",),
    "expm1": ("1 + f",),
    "log": ("1 / u",),
    "log2": ("1.4426950408889634 / u",),
    "log10": ("0.4342944819032518 / u",),
    "log1p": ("1 / (1 + u)",),
    "sin": ("cos(u)",),
    "cos": ("-sin(u)",),
    "tan": ("1 + f**2",),
    "asin": ("1 / sqrt(1 - u**2)",),
    "acos": ("-1 / sqrt(1 - u**2)",),
    "atan": ("1 / (1 + u**2)",),
    "atan2": ("v / (u**2 + v**2) if u != 0 or v != 0 else 0.0", "-u / (u**2 + v**2) if u != 0 or v != 0 else 0.0"),
    "sinh": ("cosh(u)",),
    "cosh": ("sinh(u)",),
    "tanh": ("1 - f**2",),
    "asinh": ("1 / sqrt(u**2 + 1)",),
    "acosh": ("1 / sqrt(u**2 - 1)",),
    "atanh": ("1 / (1 - u**2)",),
    "hypot": ("u / f if f != 0 else 0.0", "v / f if f != 0 else 0.0"),
    "abs": ("sign(u)",),
    "fabs": ("sign(u)",),
    "copysign": ("copysign(1.0, v) * sign(u)", "0"),
    "sign": (),
    "floor": (),
    "ceil": (),
    "trunc": (),
    "round": (),
    "fmod": ("1", "-trunc(u / v)"),
    "degrees": ("57.29577951308232",),
    "radians": ("0.017453292519943295",),
    "erf": ("1.1283791670955126 * exp(-(u**2))",),
    "erfc": ("-1.1283791670955126 * exp(-(u**2))",),
    "gamma": ("f * digamma(u)",),
    "lgamma": ("digamma(u)",),
    "digamma": ("trigamma(u)",),
    "%": ("1", "-floor(u / v)"),
    "//": (),
}
# Of u**v where v is no whole number in the source.
POWER = ("v * f / u if u != 0 else (1.0 if v == 1 else 0.0)", "f * log(u) if u != 0 else 0.0")


def sign(u):
    """1 above 0, -1 below, and 0 at 0 and of NaN."""
    return float(u > 0) - float(u < 0)  # a branch would be guessed wrong half of the time


def digamma(u):
    """The derivative of lgamma. Abramowitz & Stegun 1964, equations 6.3.5, 6.3.7 and 6.3.18."""
    reflected, mirror = 0.0, u
    if u < 0.5:
        reflected, mirror = -pi / tan(pi * u), 1 - u
    total = 0.0
    for _ in range(12):
        if mirror < 12:
            total -= 1 / mirror
            mirror += 1
    w = 1 / mirror**2
    series = w * (1 / 12 - w * (1 / 120 - w * (1 / 252 - w * (1 / 240 - w * (1 / 132 - w * 691 / 32760)))))
    return reflected + total + log(mirror) - 0.5 / mirror - series


def trigamma(u):
    """The derivative of digamma. Abramowitz & Stegun 1964, equations 6.4.6, 6.4.7 and 6.4.12."""
    sine, mirror, turn = 1.0, u, 1.0
    if u < 0.5:
        sine, mirror, turn = sin(pi * u), 1 - u, -1.0
    total = 0.0
    for _ in range(12):
        if mirror < 12:
            total += 1 / mirror**2
            mirror += 1
    w = 1 / mirror**2
    series = w * (1 / 6 - w * (1 / 30 - w * (1 / 42 - w * (1 / 30 - w * (5 / 66 - w * 691 / 2730)))))
    total += (1 + series) / mirror + 0.5 * w
    return total if turn > 0 else (pi / sine) ** 2 - total


HELPERS: dict[str, Callable] = {"sign": sign, "digamma": digamma, "trigamma": trigamma}
FUNCTIONS = {name: name for name in (*PARTIALS, *HELPERS) if name.isidentifier()}


def partials(part: Node) -> tuple[Node, ...]:
    """The partial derivatives of a call or an operation by its arguments; empty where all are zero.

    Raises
    ------
    Unreadable
        If nothing is known of the function.
    """
    name = part.args[0] if part.kind == "call" else part.kind
    if name == "**":
        return _of_power(part)
    if name not in PARTIALS:
        raise Unreadable(f"the derivative of {name} is not known", ast.Pass())
    return tuple(_formed(text, part) for text in PARTIALS[name])


def _of_power(part: Node) -> tuple[Node, ...]:
    base, exponent = part.args
    value = exponent.args[0] if exponent.kind == "number" else None
    if value is not None and value == int(value):
        whole = int(value) if isinstance(value, int) else value
        below = whole - 1
        slope = base if below == 1 else number(1) if below == 0 else node("**", base, number(below))
        return node("*", number(whole), slope), ZERO
    if value is not None:
        return (_formed(f"{value!r} * f / u if u != 0 else 0.0", part),)
    if base.kind == "number" and base.args[0] > 0:
        return ZERO, node("*", number(log(base.args[0])), part)
    return _formed(POWER[0], part), _formed(POWER[1], part)


def _formed(text: str, part: Node) -> Node:
    u, *rest = part.nodes
    variables = {"f": part, "u": u, "v": rest[0] if rest else u}
    return Reader(variables, FUNCTIONS, {}).read(_parsed(text))


@functools.cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def greater(part: Node) -> tuple[Node, Node, Node]:
    """Of ``max(a, b, ...)`` or ``min(a, b, ...)``: the test by which the last argument counts, it, and the others."""
    name, *args = part.args
    others = args[0] if len(args) == 2 else call(name, *args[:-1])
    return node(">" if name == "max" else "<", args[-1], others), args[-1], others
