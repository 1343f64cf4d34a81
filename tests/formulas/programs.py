"""Random formulas as text, for Hypothesis: expressions, and programs of all statements that can be differentiated."""

import math

from hypothesis import strategies as st

from optviz.formulas.composing import made

SCOPE = {name: getattr(math, name) for name in dir(math) if not name.startswith("_")}
# Of functions with a domain arguments that stay inside of it, and none that grow without end.
UNARY = (
    *("sin({})", "cos({})", "tanh({})", "atan({})", "erf({})", "erfc({})", "abs({})", "fabs({})", "-({})", "asinh({})"),
    *(
        "exp(sin({}))",
        "expm1(tanh({}))",
        "sqrt(1 + ({})**2)",
        "log(2 + ({})**2)",
        "log1p(({})**2)",
        "log10(1 + ({})**2)",
    ),
    *(
        "asin(0.9*sin({}))",
        "acos(0.9*cos({}))",
        "tan(atan({}))",
        "sinh(sin({}))",
        "cosh(cos({}))",
        "atanh(0.9*sin({}))",
    ),
    *("acosh(2 + ({})**2)", "lgamma(3 + sin({}))", "gamma(2.5 + sin({}))", "({})**2", "({})**3", "(2 + sin({}))**-1"),
    *(
        "(1.5 + sin({}))**2.5",
        "2**sin({})",
        "log2(2 + ({})**2)",
        "exp2(sin({}))",
        "floor({})",
        "({}) % 3",
        "cbrt(2 + sin({}))",
    ),
    *("degrees(sin({}))", "radians({})", "+({})"),
)
BINARY = (
    *("({}) + ({})", "({}) - ({})", "sin({}) * ({})", "({}) / (2 + ({})**2)", "min({}, {})", "max({}, {}, 0.3)"),
    *("hypot(1 + ({})**2, {})", "atan2({}, 1 + ({})**2)", "copysign({}, {})", "fmod({}, 2.5 + sin({}))"),
    *("(2 + sin({})) ** sin({})", "pow(2 + cos({}), tanh({}))"),
)
TESTS = ("{} < {}", "{} >= {}", "{} > {} > -1", "not {} < {}", "{} < 0 or {} > 0.5", "{} < 1 and {} > 0")


@st.composite
def expressions(draw, names=("x", "y"), depth=4):
    """The text of an expression of some variables."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        if draw(st.integers(0, 3)):
            return draw(st.sampled_from(names))
        return draw(st.sampled_from(("0.5", "2", "-1.25", "3.0", "pi", "0", "1", "-1", "1e-3")))
    kind = draw(st.integers(0, 4))
    inner = expressions(names, depth - 1)
    if kind == 0:
        test = draw(st.sampled_from(TESTS)).format(draw(inner), draw(inner))
        return f"({draw(inner)} if {test} else {draw(inner)})"
    if kind < 3:
        return "(" + draw(st.sampled_from(UNARY)).format(draw(inner)) + ")"
    return "(" + draw(st.sampled_from(BINARY)).format(draw(inner), draw(inner)) + ")"


@st.composite
def programs(draw):
    """The text of a function of x and y: assignments, branches, loops in loops, early returns."""
    names, lines = ["x", "y"], []

    def expression(depth=2, more=()):
        return draw(expressions((*names, *more), depth))

    def assign(pad):
        kind = draw(st.integers(0, 3))
        name = draw(st.sampled_from("abc"))
        if kind == 0 and len(names) > 2:
            known = draw(st.sampled_from(names[2:]))
            lines.append(f"{pad}{known} {draw(st.sampled_from(('+=', '-=')))} {expression()}")
        elif kind == 1:
            lines.append(f"{pad}a, b = {expression()}, {expression()}")
            names.extend(one for one in "ab" if one not in names)
        else:
            lines.append(f"{pad}{name} = {expression()}")
            names.extend([name] if name not in names else [])

    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.integers(0, 4))
        if kind == 0:
            assign("    ")
            known = list(names)
            lines.append(f"    if {draw(st.sampled_from(TESTS)).format(expression(1), expression(1))}:")
            assign("        ")
            if draw(st.booleans()):
                lines.append("    else:")
                names[:] = known  # what the other branch does not know it cannot read
                assign("        ")
            names[:] = known
        elif kind == 1:
            assign("    ")
            name = draw(st.sampled_from(names[2:]))
            lines.append(f"    for i in range({draw(st.integers(1, 3))}):")
            lines.append(f"        d = {expression(1, ('float(i)',))}")
            lines.append(f"        {name} = 0.5 * {name} + sin({expression(1, ('d', 'float(i + 1)'))})")
            if draw(st.booleans()):
                lines.append("        for j in range(i + 1):")
                lines.append(
                    f"            {name} {draw(st.sampled_from(('+=', '-=')))} {expression(1, ('d', 'float(j)'))}"
                )
        elif kind == 2:
            lines.append(f"    if {draw(st.sampled_from(TESTS)).format(expression(1), expression(1))}:")
            lines.append(f"        return {expression()}")
        else:
            assign("    ")
    lines.append(f"    return {expression(3)}")
    return "def program(x, y):\n" + "\n".join(lines) + "\n"


@st.composite
def sums(draw):
    """The text of a function of a sequence that adds up, in loops and loops in loops."""
    lines = ["    total = 0.0", "    n = float(len(x))"]
    element = draw(st.sampled_from(("x[i]", "x[i] - x[i + 1]", "x[i] * x[i + 1]")))
    over = "len(x)" if element == "x[i]" else "len(x) - 1"

    def expression(names, depth=2):
        return draw(expressions(names, depth))

    if draw(st.booleans()):
        lines.append(f"    first = {expression(('x[0]', 'x[-1]', 'n'))}")
    else:
        lines.append("    first = x[0]")
    if draw(st.booleans()):
        lines += [
            "    mean = 0.0",
            "    for k in range(len(x)):",
            f"        mean += {expression(('x[k]', 'float(k)'))} / n",
        ]
    else:
        lines.append("    mean = first")
    lines += [f"    for i in range({over}):", f"        u = {element}"]
    if draw(st.booleans()):
        lines += ["        part = 0.0", "        for j in range(i + 1):"]
        lines.append(f"            part += {expression(('x[j]', 'u', 'float(j)', 'mean'))}")
    else:
        lines.append("        part = u")
    lines.append(f"        total += {expression(('u', 'part', 'mean', 'first', 'float(i)'))}")
    lines.append(f"    return {expression(('total', 'mean', 'first', 'x[1]'))}")
    return "def program(x):\n" + "\n".join(lines) + "\n"


def formula(text: str, **names):
    """The function of a text, with all of ``math`` and other names."""
    return made(text, SCOPE | names)


def expression(text: str, **names):
    """The function of x and y of an expression."""
    return formula(f"def expression(x, y):\n    return {text}\n", **names)
