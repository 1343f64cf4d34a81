"""Gradients of functions of many numbers, and Hessians times vectors, against dual numbers."""

import math
from math import sin

import numpy as np
import pytest
from hypothesis import given, settings

from optviz.errors import FormulaError
from optviz.formulas import sources
from optviz.formulas.backward import gradient_in
from optviz.formulas.derive import product_of
from tests.formulas.duals import jet
from tests.formulas.programs import formula, sums

few = settings(max_examples=60, deadline=None, derandomize=True)
many = settings(max_examples=500, deadline=None, derandomize=True)
X = [0.7, -1.3, 0.4, 1.1]


def text_of(derived):
    return getattr(derived, sources.TEXT)


def gradient_at(gradient, x):
    g = [None] * len(x)
    given = list(x)
    gradient(given, g)
    assert given == list(x)
    return np.array(g, float)


def assert_derivatives(value, x=X):
    gradient = gradient_in(value)
    first, second, largest = jet(value, x, whole=True)
    found = gradient_at(gradient, x)
    np.testing.assert_allclose(found, first, rtol=1e-9, atol=1e-11 * largest, err_msg=text_of(gradient))
    product = product_of(gradient)
    rows = []
    for v in np.eye(len(x)).tolist():
        g, h = [math.nan] * len(x), [math.nan] * len(x)
        product(list(x), v, g, h)
        rows.append(h)
        np.testing.assert_allclose(g, found, rtol=1e-12, atol=1e-14 * largest)
    np.testing.assert_allclose(rows, second, rtol=1e-8, atol=1e-10 * largest, err_msg=text_of(product))


def random_sums(text):
    assert_derivatives(formula(text))


test_random_sums = few(given(sums())(random_sums))
test_many_random_sums = pytest.mark.slow(many(given(sums())(random_sums)))


def pair(u, v):
    return u * u * v + sin_of(v)


def sin_of(u):
    return sin(u)


PROGRAMS = {
    "a sum": """
        s = 0.0
        for i in range(len(x)):
            s += x[i]**2 * float(i + 1)
        return s
    """,
    "a chain": """
        s = 0.0
        for i in range(len(x) - 1):
            s += 100 * (x[i + 1] - x[i]**2)**2 + (1 - x[i])**2
        return s
    """,
    "means of sums": """
        n = float(len(x))
        s = 0.0
        c = 0.0
        for i in range(len(x)):
            s += x[i]**2
            c += cos(2 * pi * x[i])
        return -20 * exp(-0.2 * sqrt(s / n)) - exp(c / n)
    """,
    "a sum in a sum": """
        s = 0.0
        for i in range(len(x)):
            inner = 0.0
            for j in range(i + 1):
                inner += x[j] * float(j + 1)
            s += inner**2
        return s
    """,
    "three loops deep": """
        s = 0.0
        for i in range(len(x)):
            a = x[i]
            for j in range(2):
                b = x[i] * float(j)
                for k in range(i + 1):
                    b += x[k]**2
                a += b * b
            s += a
        return s
    """,
    "a sum that a later loop reads": """
        mean = 0.0
        for i in range(len(x)):
            mean += x[i] / float(len(x))
        s = 0.0
        for i in range(len(x)):
            s += (x[i] - mean)**2
        return s
    """,
    "elements beside the loop": """
        s = sin(x[0])**2
        for i in range(1, len(x) - 1):
            s += x[i]**2 * x[0]
        return s + x[-1]**2 * x[len(x) - 1]
    """,
    "taken away": """
        s = x[0] * x[1]
        for i in range(len(x)):
            s -= x[i]**3
        return s * s
    """,
    "tests in the loop": """
        s = 0.0
        for i in range(len(x)):
            if x[i] > 0:
                s += x[i]**2
            else:
                s -= 3 * x[i]
        return s
    """,
    "tests of the index": """
        s = 0.0
        for i in range(len(x)):
            if i > 1:
                s += x[i]**2 * x[i - 1]
        return s
    """,
    "steps and backward": """
        s = 0.0
        for i in range(len(x) - 1, 0, -2):
            s += x[i] * x[i - 1]
        return s**3
    """,
    "other places": """
        s = 0.0
        for i in range(len(x) // 2):
            s += x[2 * i] * x[2 * i + 1]**2
        return s
    """,
    "helpers": """
        s = 0.0
        for i in range(len(x) - 1):
            s += pair(x[i], x[i + 1])
        return s
    """,
    "tables": """
        s = 0.0
        for i in range(2):
            inner = 0.0
            for j in range(len(x)):
                inner += TABLE[i][j] * (x[j] - PLACES[i])**2
            s -= exp(-inner)
        return s
    """,
    "early returns": """
        s = 0.0
        for i in range(len(x)):
            s += x[i]
        if s > 0:
            return s * s
        return x[0] * x[1]
    """,
    "no loop": """
        a = x[0] + 10 * x[1]
        return a**2 + (x[1] - 2 * x[2])**4 * x[3]
    """,
    "numbers alone": """
        s = 3.0
        for i in range(len(x)):
            s += float(i)
        return s + 0 * x[0]
    """,
    "names of the derivation": """
        g = 0.0
        h = 0.0
        for v in range(len(x)):
            g += x[v]**2
            h += g_bar * x[v]
        return g * h
    """,
    "the same name twice": """
        t = 0.0
        for i in range(len(x)):
            t += x[i]
        r = t * t
        t = 0.0
        for i in range(len(x)):
            t += x[i]**2
        return r * t
    """,
    "a loop under a name that others use": """
        s = 0.0
        for t1 in range(len(x)):
            s += sin(x[t1]) * sin(x[t1])**2 * exp(x[0] * x[1]) * float(t1)
        return s
    """,
    "extremes": """
        s = max(x[0], x[1], x[2])
        for i in range(len(x)):
            s += abs(x[i]) + min(x[i], 0.5)
        return s
    """,
}
NAMES = {"pair": pair, "TABLE": ((1.0, 2.0, 0.5, 1.0), (0.1, 1.0, 3.0, 0.2)), "PLACES": (0.3, -0.2), "g_bar": 1.5}


def program(kind):
    return formula(f"def program(x):{PROGRAMS[kind]}".replace("\n    ", "\n"), **NAMES)


@pytest.mark.parametrize("kind", PROGRAMS)
def test_every_kind_of_sum(kind):
    assert_derivatives(program(kind))


@pytest.mark.parametrize("n", [2, 3, 7])
@pytest.mark.parametrize("kind", ["a sum", "a chain", "means of sums", "a sum in a sum", "elements beside the loop"])
def test_the_number_of_coordinates_is_whatever_it_is(kind, n):
    assert_derivatives(program(kind), np.random.default_rng(n).normal(size=n).tolist())


def test_a_gradient_is_one_more_pass():
    """Loops are no more, and none deeper, than twice those of the function."""
    for kind in ("a sum", "a chain", "means of sums"):
        assert text_of(gradient_in(program(kind))).count("for ") <= 3
    text = text_of(gradient_in(program("a sum")))
    assert text.count("for ") == 1 and "+=" not in text  # each element has its only value


REFUSED = [
    (
        "does more with s than add to it",
        """
        s = 1.0
        for i in range(len(x)):
            s *= x[i]
        return s
        """,
    ),
    (
        "does more with s than add to it",
        """
        s = 0.0
        for i in range(len(x)):
            s = 0.5 * s + x[i]
        return s
        """,
    ),
    (
        "s is read in the loop",
        """
        s = 0.0
        t = 0.0
        for i in range(len(x)):
            s += x[i]
            t += s
        return t
        """,
    ),
    (
        "is none over range",
        """
        s = 0.0
        for u in x:
            s += u
        return s
        """,
    ),
    (
        "is no function of numbers",
        """
        return sum(x)
        """,
    ),
    (
        "cannot be differentiated",
        """
        s = 0.0
        i = 0
        while i < 2:
            s += x[i]
        return s
        """,
    ),
    (
        "is given a value",
        """
        x[0] = 1.0
        return x[0]
        """,
    ),
    (
        "returns from inside a loop",
        """
        for i in range(len(x)):
            return x[i]
        return 0.0
        """,
    ),
    (
        "does not return one number",
        """
        return x[0], x[1]
        """,
    ),
    (
        "does not return one number",
        """
        pass
        """,
    ),
    (
        "an if holds a loop",
        """
        s = 0.0
        if x[0] > 0:
            for i in range(len(x)):
                s += x[i]
        return s
        """,
    ),
]


@pytest.mark.parametrize(("words", "body"), REFUSED)
def test_what_is_no_sum_is_refused(words, body):
    with pytest.raises(FormulaError, match=r"the formula mine \(<mine>, line \d\) has no derived gradient") as caught:
        gradient_in(formula("def mine(x):" + body.replace("\n    ", "\n")))
    assert words in caught.value.problem


def test_whole_arrays_are_refused():
    for body in ("return (x**2).sum()", "return x @ x", "return np.dot(x, x)"):
        with pytest.raises(FormulaError):
            gradient_in(formula(f"def mine(x):\n    {body}\n", np=np))


def test_nothing_is_computed_without_the_test_under_which_it_stood():
    value = formula(
        "def wave(x):\n    s = 0.0\n    for i in range(len(x)):\n"
        "        s += x[i]**6 * (2 + sin(1 / x[i])) if x[i] != 0 else 0.0\n    return s\n"
    )
    assert gradient_at(gradient_in(value), [0.0, 0.0]).tolist() == [0.0, 0.0]
    assert_derivatives(value)


def test_texts_are_the_same_each_time():
    for kind in PROGRAMS:
        one, other = (text_of(gradient_in(program(kind))) for _ in range(2))
        assert one == other
