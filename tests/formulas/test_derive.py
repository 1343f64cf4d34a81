"""Derived gradients and Hessians against dual numbers, on random formulas and on every kind of statement."""

import math
import subprocess
import sys
import textwrap
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from optviz.errors import FormulaError
from optviz.formulas import sources
from optviz.formulas.derive import gradient_of, hessian_of
from optviz.formulas.partials import PARTIALS, digamma, sign, trigamma
from tests.formulas.duals import jet
from tests.formulas.programs import SCOPE, expression, expressions, formula, programs

POINTS = [(0.7, -1.3), (-2.1, 0.4), (1.9, 2.2)]
few = settings(max_examples=60, deadline=None, derandomize=True)
many = settings(max_examples=500, deadline=None, derandomize=True)


def text_of(derived):
    return getattr(derived, sources.TEXT)


def assert_derivatives(value, points=POINTS):
    gradient, hessian = gradient_of(value), hessian_of(value)
    for point in points:
        first, second, largest = jet(value, point)
        found = gradient(*point)
        np.testing.assert_allclose(found, first, rtol=1e-9, atol=1e-11 * largest, err_msg=text_of(gradient))
        xx, xy, yy = hessian(*point)
        np.testing.assert_allclose(
            [[xx, xy], [xy, yy]], second, rtol=1e-8, atol=1e-10 * largest, err_msg=text_of(hessian)
        )


def random_expressions(text):
    value = expression(text)
    try:
        jet(value, POINTS[0])
    except (ArithmeticError, ValueError):
        return
    assert_derivatives(value, POINTS[:2])


test_random_expressions = few(given(expressions())(random_expressions))
test_many_random_expressions = pytest.mark.slow(many(given(expressions(depth=5))(random_expressions)))


def random_programs(text):
    assert_derivatives(formula(text), POINTS[:2])


test_random_programs = few(given(programs())(random_programs))
test_many_random_programs = pytest.mark.slow(many(given(programs())(random_programs)))


# One function, operator and statement after the other


ARGUMENTS = {"acosh": "2 + x*x", "gamma": "2 + sin(x)", "lgamma": "2.5 + x*x", "round": "x"} | dict.fromkeys(
    ("asin", "acos", "atanh"), "0.9*sin(x + y)"
)
ARGUMENTS |= dict.fromkeys(("sqrt", "log", "log2", "log10", "log1p", "cbrt", "digamma"), "1 + x*x + y*y")
TWO = ("atan2", "hypot", "copysign", "fmod")


@pytest.mark.parametrize("name", sorted(name for name in PARTIALS if hasattr(math, name)))
def test_every_function(name):
    inner = ARGUMENTS.get(name, "0.3*x - x*y")
    inner = f"{inner}, 2 + y" if name in TWO else inner
    assert_derivatives(expression(f"y * {name}({inner})"))


@pytest.mark.parametrize(
    "text",
    [
        "x**2 * y**3",
        "x**-2 + y**0",
        "(x*x)**y",
        "(1 + x*x)**0.5",
        "(1 + x*x)**2.0",
        "2**x + 2.5**y",
        "x / y / 3 - 3 / (x * y)",
        "x % 2.5 + (y % 1)**2",
        "floor(x / 2) + y",
        "-x - -y + +x",
        "x if x > y else y*y",
        "max(x, y, x*y) - min(x*x, y)",
        "abs(x) * fabs(y)",
        "1.0 if x > 0 else 2.0",
        "0.0",
        "7",
        "pow(x, 2) + pow(2 + y*y, 0.5)",
        "(x if 0 < y < 2 else -x) * (1 if x < 0 or y < 0 else 3)",
        "x * (1 if not x < y else 2)",
    ],
)
def test_every_operator(text):
    assert_derivatives(expression(text))


def quadratic(u, v):
    return u * u + 3 * v


def swapped(u, v):
    return v, u


PROGRAMS = {
    "assignments": """
        a = x*y
        b = sin(a)
        a = a + b
        return a * b
    """,
    "augmented": """
        a = x
        a += y
        a *= x
        a -= 2
        a /= 3 + y*y
        a **= 2
        return a
    """,
    "tuples": """
        a, b = x, y
        a, b = b, a + b
        return a * b*b
    """,
    "annotated": """
        a: float = x*y
        return a * a
    """,
    "returns": """
        if x > 0:
            return x*y
        if y > 0:
            return y*y
        return x**3
    """,
    "branches": """
        a = x
        if x > y:
            a = y*y
            b = x
        else:
            b = a * y
        return a + b*b
    """,
    "elif": """
        if x > 1:
            a = x
        elif x > 0:
            a = x*x
        else:
            a = y
        return a*a
    """,
    "one branch": """
        a = x*x
        if y > 0:
            a = a * y
        return a
    """,
    "nested branches": """
        a = y
        if x > 0:
            if y > 0:
                a = x*y
            a += x*x
        return a
    """,
    "return in a branch": """
        if x > 0:
            if y > 0:
                return x
            a = y*y
        else:
            a = x*x
        return a*y
    """,
    "a loop": """
        s = 0.0
        for i in range(4):
            s += sin(float(i) * x) * y
        return s*s
    """,
    "a recurrence": """
        u = x
        v = y
        for _ in range(3):
            u, v = u*u - v + 0.3, u * v
        return u + v
    """,
    "loops in loops": """
        s = 0.0
        for i in range(3):
            for j in range(i + 1):
                s += x**2 * float(i) - sin(y * float(j))
        return s
    """,
    "a loop that reads": """
        s = x
        t = 0.0
        for i in range(3):
            s = 0.5 * s + y
            t += s*s
        return t
    """,
    "a loop under a test": """
        s = x
        if y > 0:
            for i in range(2):
                s += x*y
        return s*s
    """,
    "a test in a loop": """
        s = 0.0
        for i in range(4):
            if i < 2:
                s += x*x
            else:
                s += y
        return s * y
    """,
    "names of the derivation": """
        t1 = x*y
        t2 = sin(t1)
        x_x = t1 * t2
        s = 0.0
        for t3 in range(2):
            s += sin(x*y + float(t3)) * sin(x*y + float(t3))**2
        return x_x + s + t2*t2
    """,
    "range from one number to another": """
        s = 0.0
        for i in range(1, 6, 2):
            s += x**2 / float(i)
        return s
    """,
    "backward range": """
        s = 0.0
        for i in range(3, 0, -1):
            s = s * x + y * float(i)
        return s
    """,
    "constants": """
        s = 0.0
        for i in range(3):
            s += WEIGHTS[i] * sin(x * WEIGHTS[i])
        return s * SCALE + y
    """,
    "rows of constants": """
        s = 0.0
        for i in range(2):
            s += ROWS[i][0] * x + ROWS[i][1] * y*y
        return s*s
    """,
    "helpers": """
        return quadratic(x, y) * quadratic(y, 1.0)
    """,
    "helpers with several results": """
        a, b = swapped(x*y, y)
        return a*a + b
    """,
    "helpers in helpers": """
        return twice(x) * y
    """,
    "modules": """
        return math.sin(x) + math.pi * math.exp(y) + np.arctan(x * y) + np.power(2 + x*x, 3) + np.maximum(x, y)
    """,
    "float of what is one": """
        s = float(x)
        for i in range(1, 3):
            s += float(y * x) * float(floor(x * float(i) + 0.5)) - float(2 * i + 1)
        return s * float(y)
    """,
    "a docstring and pass": """
        '''Text.'''
        pass
        return x * y
    """,
    "indices with names of the derivation": """
        s = 0.0
        for t1 in range(2):
            for t2 in range(2):
                s += sin(x*y + float(t1)) * sin(x*y + float(t1))**2 * cos(x - float(t2))**3
        return s*s
    """,
}


def twice(u):
    return quadratic(u, quadratic(u, u))


NAMES = {
    "WEIGHTS": (0.5, -1.0, 2.0),
    "SCALE": 1.5,
    "ROWS": ((1.0, 2.0), (3.0, -1.0)),
    **{"quadratic": quadratic, "swapped": swapped, "twice": twice, "math": math},
}


@pytest.mark.parametrize("kind", PROGRAMS)
def test_every_statement(kind):
    body = textwrap.indent(textwrap.dedent(PROGRAMS[kind]), "    ")
    program = formula(f"def program(x, y):{body}", **NAMES, np=np)
    if kind == "modules":  # the same on duals
        same = "sin(x) + pi * exp(y) + atan(x * y) + (2 + x*x)**3 + max(x, y)"
        for point in POINTS:
            np.testing.assert_allclose(gradient_of(program)(*point), gradient_of(expression(same))(*point), rtol=1e-14)
        return
    assert_derivatives(program)


def test_functions_of_one_and_of_three_numbers():
    cube = formula("def cube(u):\n    return u**3\n")
    assert gradient_of(cube)(2.0) == 12.0
    volume = formula("def volume(u, v, w):\n    return u * v * w\n")
    assert gradient_of(volume)(2.0, 3.0, 5.0) == (15.0, 10.0, 6.0)
    pair = formula("def pair(u, v):\n    return u * v, u - v\n")
    assert gradient_of(pair)(2.0, 3.0) == (3.0, 2.0, 1.0, -1.0)


# What is refused


REFUSED = {  # and in which line that is said
    "while x > 0:\n        x -= 1\n    return x": 2,
    "return sum([x, y])": 2,
    "return sum(u for u in (x, y))": 2,
    "a = x\n    return unknown(a)": 3,
    "return np.linalg.norm(x)": 2,
    "s = x\n    for i in range(3):\n        if i > 1:\n            break\n        s += y\n    return s": 5,
    "for i in range(3):\n        return x\n    return y": 3,
    "for u in (x, y):\n        pass\n    return x": 2,
    "a = [x, y]\n    return a[0]": 2,
    "a = {}\n    return x": 2,
    "try:\n        return x\n    except ValueError:\n        return y": 2,
    "global a\n    a = x\n    return a": 2,
    "return (lambda u: u)(x)": 2,
    "return x if (a := y) else a": 2,
    "return sin(*[x])": 2,
    "return max(x)": None,
    "return True": 2,
    "return 'x'": 2,
    "return x @ y": 2,
    "return ~x": 2,
    "return x & 1": 2,
    "x.real = y\n    return x": 2,
    "del x\n    return y": 2,
    "return": None,
    "pass": None,
    "if x > 0:\n        return y": None,
    "with x:\n        return y": 2,
    "raise ValueError": 2,
    "assert x > 0\n    return x": 2,
    "print(x)\n    return x": 2,
    "import math\n    return x": 2,
    "def inner(u):\n        return u\n    return inner(x)": 2,
}


@pytest.mark.parametrize("body", REFUSED)
def test_what_cannot_be_differentiated_is_refused_with_its_place(body):
    text = f"def mine(x, y):\n    {body}\n"
    for derive in (gradient_of, hessian_of):
        with pytest.raises(FormulaError) as caught:
            derive(formula(text, np=np))
        line = REFUSED[body]
        assert f"the formula mine (<mine>, line {line or ''}" in caught.value.problem
        if "has no derived gradient: " in caught.value.problem:  # others are none that any kernel is made of
            assert "gradient=" in caught.value.remedy


def test_numbers_without_end_are_refused():
    with pytest.raises(FormulaError, match="too long|derived gradient"):
        gradient_of(expression("1e999 * x"))


def endless(x, y):
    return endless(x - 1, y)


def one_way(x, y):
    return other_way(y, x)


def other_way(x, y):
    return one_way(x, y) if x > 0 else x


@pytest.mark.parametrize("recursive", [endless, one_way, other_way])
def test_recursion_is_refused(recursive):
    with pytest.raises(FormulaError, match="has no derived gradient"):
        gradient_of(recursive)


def looped(x, y):
    a = x * y
    while a > 1:
        a = a / 2
    return a


def test_the_refusal_names_file_and_line():
    with pytest.raises(FormulaError) as caught:
        gradient_of(looped)
    line = looped.__code__.co_firstlineno + 2
    assert f"test_derive.py:{line}" in str(caught.value) or f"line {line}" in str(caught.value)


# Kinks, roots and other agreements


@pytest.mark.parametrize(
    ("text", "point", "gradient"),
    [
        ("abs(x) + fabs(y)", (0.0, -0.0), (0.0, 0.0)),
        ("max(x, y)", (1.0, 1.0), (1.0, 0.0)),
        ("max(y, x)", (1.0, 1.0), (0.0, 1.0)),
        ("min(x, y)", (1.0, 1.0), (1.0, 0.0)),
        ("max(x, y, 2*x)", (0.0, 0.0), (1.0, 0.0)),
        ("sqrt(x) + y", (0.0, 1.0), (0.0, 1.0)),
        ("sqrt(x*x + y*y)", (0.0, 0.0), (0.0, 0.0)),
        ("hypot(x, y)", (0.0, 0.0), (0.0, 0.0)),
        ("atan2(x, y)", (0.0, 0.0), (0.0, 0.0)),
        ("cbrt(x) * y", (0.0, 1.0), (0.0, 0.0)),
        ("abs(x)**0.5 + y", (0.0, 1.0), (0.0, 1.0)),
        ("abs(x)**1.5 + y", (0.0, 1.0), (0.0, 1.0)),
        ("x**2 + x**0 * y", (0.0, 2.0), (0.0, 1.0)),
        ("floor(x) + ceil(y) + trunc(x)", (1.0, 2.0), (0.0, 0.0)),
        ("copysign(x, y)", (2.0, -1.0), (-1.0, 0.0)),
    ],
)
def test_what_is_agreed_upon_where_there_is_no_derivative(text, point, gradient):
    assert gradient_of(expression(text))(*point) == gradient


@pytest.mark.parametrize("error", [("1 / x", ZeroDivisionError), ("log(x)", (ValueError, ZeroDivisionError))])
def test_outside_of_a_domain_plain_python_raises(error):
    text, kinds = error
    with pytest.raises(kinds):
        gradient_of(expression(text))(0.0, 0.0)


def test_nothing_is_computed_without_the_test_under_which_it_stood():
    for text in (
        "x**2 * sin(1 / x) if x != 0 else 0.0",
        "(sin(1 / x) * sin(1 / x) if x != 0 else 0.0) + y",
        "log(x) * log(x) if x > 0 else y",
        "sqrt(x) * sqrt(x) if x > 0 and log(x) > 0 else y * y",
        "(1 / x if x != 0 else 0.0) * (1 / x if x != 0 else 2.0) + y",
    ):
        for derived in (gradient_of(expression(text)), hessian_of(expression(text))):
            assert all(map(math.isfinite, derived(0.0, 1.0))), text
            assert all(map(math.isfinite, derived(1.5, 1.0))), text


@pytest.mark.parametrize("place", [0.1, 0.5, 1.0, 2.5, 7.0, 11.99, 12.0, 40.0, -0.5, -3.3])
def test_digamma_and_trigamma(place):
    """By their recurrences, and by central differences of lgamma in between."""
    assert digamma(place + 1) == pytest.approx(digamma(place) + 1 / place, rel=1e-13, abs=1e-13)
    assert trigamma(place + 1) == pytest.approx(trigamma(place) - 1 / place**2, rel=1e-12, abs=1e-12)
    step = 1e-5
    assert digamma(place) == pytest.approx(
        (math.lgamma(place + step) - math.lgamma(place - step)) / (2 * step), rel=1e-6
    )
    assert trigamma(place) == pytest.approx((digamma(place + step) - digamma(place - step)) / (2 * step), rel=1e-6)


def test_digamma_and_trigamma_where_they_are_known():
    """Abramowitz & Stegun 1964, equations 6.3.2, 6.3.3 and 6.4.2, 6.4.4."""
    euler = 0.5772156649015329
    assert digamma(1.0) == pytest.approx(-euler, rel=1e-15)
    assert digamma(0.5) == pytest.approx(-euler - 2 * math.log(2), rel=1e-15)
    for n in (2, 5, 20, 100):
        exact = float(sum(Fraction(1, k) for k in range(1, n))) - euler
        assert digamma(float(n)) == pytest.approx(exact, rel=1e-14)
    assert trigamma(1.0) == pytest.approx(math.pi**2 / 6, rel=1e-15)
    assert trigamma(0.5) == pytest.approx(math.pi**2 / 2, rel=1e-15)
    assert [sign(u) for u in (2.0, -3.0, 0.0, -0.0, math.nan)] == [1.0, -1.0, 0.0, 0.0, 0.0]


# Texts


def test_what_occurs_twice_is_computed_once():
    value = expression("exp(x * y) * sin(exp(x * y)) + exp(x * y)**2")
    for derived in (gradient_of(value), hessian_of(value)):
        assert text_of(derived).count("exp(") == 1
        assert text_of(derived).count("sin(") == text_of(derived).count("cos(") == 1


def test_names_of_the_author_are_kept():
    text = text_of(
        gradient_of(formula("def bell(x, y):\n    inner = x*x + y*y\n    bump = exp(-inner)\n    return bump * bump\n"))
    )
    assert "inner = " in text and "bump = " in text and text.startswith("def bell_gradient(x, y):\n")


TEXTS = """
import sys
from optviz.functions import REGISTRY
from optviz.formulas.sources import TEXT
names = sys.argv[1:]
for name in names:
    unit = REGISTRY[name]
    print(getattr(unit.gradient, TEXT, ""), getattr(unit.hessian, TEXT))
    if unit.general:
        print(getattr(unit.in_dimension(3).gradient, TEXT, ""), getattr(unit.in_dimension(3).hessian, TEXT))
"""


def printed(*names):
    done = subprocess.run([sys.executable, "-c", TEXTS, *names], capture_output=True, text=True, check=True)
    return done.stdout


def test_texts_are_the_same_whatever_was_derived_before():
    """Kernels are kept by them."""
    names = ("levy", "ackley", "mishra1", "langermann", "bukin6")
    alone, after = printed(names[-1]), printed(*names)
    assert alone and after.endswith(alone)
    assert printed(*names[::-1]).startswith(alone)


def test_the_same_formula_has_the_same_gradient():
    value = expression("x * sin(y)")
    assert gradient_of(value) is gradient_of(value) and hessian_of(value) is hessian_of(value)
    assert text_of(gradient_of(expression("x * sin(y)"))) == text_of(gradient_of(value))
    assert SCOPE["sin"] is math.sin
