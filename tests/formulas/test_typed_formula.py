"""Formulas that somebody typed: what is read, what is refused and how, and that nothing of it is ever run."""

import json
import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optviz.errors import OptvizError, UsageError
from optviz.formulas.typed_formula import (
    DEEPEST,
    KNOWN,
    LONGEST,
    FormulaTextError,
    looks_typed,
    read_formula,
    variables_of,
)
from tests.formulas.programs import expressions

X, Y = 0.7, -1.3
GOOD = [
    "x",
    "y",
    "x + y",
    "x - y",
    "-x",
    "+x",
    "--x",
    "x * y",
    "x / y",
    "x // y",
    "x % y",
    "x**2",
    "x**-2",
    "(x*x)**0.5",
    "2**x",
    "x**2**2",
    "-x**2",
    "(1 - x)**2 + 100*(y - x**2)**2",
    "  x  +\ty ",
    "x\n+ y",
    "1e3*x",
    "1.5e-3*x",
    ".5*x",
    "5.*x",
    "1_000*x",
    "0x10 + x",
    "0b11*x",
    "pi*x",
    "e**x",
    "tau + x",
    "sin(x)",
    "sin(cos(tan(x)))",
    "asin(x/2) + acos(x/2) + atan(x)",
    "sinh(x) + cosh(x) + tanh(x)",
    "asinh(x) + acosh(2 + x) + atanh(x/2)",
    "exp(x) + expm1(x)",
    "log(x) + log2(x) + log10(x) + log1p(x)",
    "sqrt(x)",
    "abs(y)",
    "fabs(y)",
    "floor(x) + ceil(x) + trunc(y)",
    "round(x)",
    "sign(y)",
    "erf(x) + erfc(x)",
    "gamma(x) + lgamma(x)",
    "degrees(x) + radians(y)",
    "atan2(x, y)",
    "hypot(x, y)",
    "copysign(x, y)",
    "pow(x, 2)",
    "pow(x, y)",
    "min(x, y)",
    "max(x, y, 1, 2, 3)",
    "x if x > 0 else y",
    "x if x > 0 and y < 0 else y",
    "x if not x > 0 or y == 0 else y",
    "x if 0 < x <= 1 else (y if y != 0 else 1)",
    "((((((((((x))))))))))",
    "x + " * 40 + "y",
    "max(min(x, 1), -1)",
    "(x if x > y else y) * (x if x < y else y)",
]
# What is typed, what is said of it, and what is meant.
MISTAKES = [
    ("Y + x", "unknown name 'Y'", "Did you mean 'y'"),
    ("sinx + y", "unknown name 'sinx'", "Did you mean 'sin(x)'"),
    ("x) + (y", "closes a bracket that it has not opened", "Leave it out"),
    ("fmod(x, 3) + y", "unknown function 'fmod'", "It knows"),
    ("2x", "puts two things side by side", "Write 2*x"),
    ("2 x", "puts two things side by side", "Write 2*x"),
    ("x y", "puts two things side by side", "Write x*y"),
    ("sin x", "puts two things side by side", "Write sin(x)"),
    ("x^2", "holds '^'", "Write ** instead"),
    ("x²", "holds '²'", "Write **2 instead"),
    ("x × y", "holds '×'", "Write * instead"),
    ("√x", "holds '√'", "Write sqrt(...) instead"),
    ("−x", "holds '−'", "Write - instead"),
    ("2π", "holds 'π'", "Write pi instead"),
    ("np.sin(x)", "asks for np.sin", "Write sin alone"),
    ("math.pi*x", "asks for math.pi", "Write pi alone"),
    ("numpy.exp(x)", "asks for numpy.exp", "Write exp alone"),
    ("ln(x)", "unknown function 'ln'", "Did you mean 'log'?"),
    ("arctan(x)", "unknown function 'arctan'", "Did you mean 'atan'?"),
    ("power(x, 2)", "unknown function 'power'", "Did you mean 'pow'?"),
    ("sine(x)", "unknown function 'sine'", "Did you mean 'sin'?"),
    ("quark(x)", "unknown function 'quark'", "It knows abs,"),
    ("x + a", "unknown name 'a'", "--set a=1"),
    ("X", "unknown name 'X'", "It knows x, y"),
    ("abs", "uses the function abs without brackets", "Write abs(...)"),
    ("2(x + 1)", "calls what is no function", "Write *"),
    ("x(y)", "calls x, which is a number", "Write x*(...)"),
    ("pi(x)", "calls pi, which is a number", "Write pi*(...)"),
    ("(x", "does not close a bracket", "Write )"),
    ("x)", "closes a bracket", "Leave it out"),
    ("sin()", "gives sin 0", "It takes 1 number"),
    ("sin(x, y)", "gives sin 2", "It takes 1 number"),
    ("min(x)", "gives min 1", "2 to 8 numbers"),
    ("sin(x=1)", "with names or stars", "Write sin(x)"),
    ("x < y", "compares where a number is needed", "1 if x > 0 else -1"),
    ("not x", "compares where a number is needed", "1 if x > 0 else -1"),
    ("1 if x else 2", "tests a number", "Compare it"),
    ("1e999*x", "a number that is too large", "1.8e308"),
    ("1j*x", "holds 1j, which is no number", "Leave it out"),
    ("True*x", "holds True, which is no number", "Leave it out"),
    ("x +", "cannot be read", "x**2 + 3*sin(y)"),
    ("x = 1", "cannot be read", "x**2 + 3*sin(y)"),
    ("x & 1", "holds '&'", "Leave it out"),
    ("", "is empty", "Example"),
    (" \n\t ", "is empty", "Example"),
]
HOSTILE = [
    "__import__('os').system('true')",
    "__import__(x)",
    "open(x)",
    "eval(x)",
    "exec(x)",
    "compile(x, x, x)",
    "globals()",
    "locals()",
    "vars()",
    "dir()",
    "getattr(x, y)",
    "input()",
    "print(x)",
    "exit()",
    "help()",
    "breakpoint()",
    "x.__class__",
    "x.__class__.__bases__",
    "().__class__.__mro__",
    "(1).real",
    "(1).__class__",
    "1..real",
    "sin.__self__",
    "sin.__globals__",
    "sin(x).__class__",
    "sin(x)(y)",
    "(sin)(x)(y)",
    "(lambda: x)()",
    "lambda x: x",
    "(x := 1)",
    "[x for x in y]",
    "(x for x in y)",
    "{x: y}",
    "{x}",
    "x[0]",
    "x[y]",
    "f'{x}'",
    "'a' * 10",
    "b'a'",
    '"x"',
    "x; y",
    "import os",
    "x\nimport os",
    "yield x",
    "(yield x)",
    "await x",
    "*x",
    "**x",
    "sin(*x)",
    "sin(**x)",
    "x @ y",
    "x, y",
    "(x, y)",
    "()",
    "...",
    "None",
    "x is y",
    "x in y",
    "x or y",
    "x and y",
    "~x",
    "x << 2",
    "x | y",
    "9**9**9**9",
    "9**9**9**9**9**9*x",
    "9**999999999",
    "2**2**2**2**2**2*x",
    "pow(9, pow(9, pow(9, 9)))",
    "10**1000000*x",
    "1" * 1900 + "*x",
    "(" * 150 + "x" + ")" * 150,
    "(" * 1000 + "x",
    "sin(" * 200 + "x" + ")" * 200,
    "-" * 1500 + "x",
    "x" + "+x" * 900,
    "x" + "**x" * 500,
    "x if x > 0 else " * 100 + "y",
    "max(" + ",".join("x" * 900) + ")",
    "not " * 400 + "x",
    "x" * LONGEST,
    "x" * (LONGEST + 1),
    "x" * 1_000_000,
    "x+" * 500_000 + "x",
    "(" * 500_000,
    "x\0",
    "\0",
    "x\x1b[31m",
    "x\u202ey",
    "\u0445",  # Cyrillic
    "\uff58",  # full width, which Python takes for x
    "s\u0456n(x)",
    "𝐱 + y",
    "\ud800",
    "x\r\ny",
    "x \\\n + y",
    "x # comment",
    "# -*- coding: utf-7 -*-",
    "__debug__",
    "__name__",
    "_",
    "__",
    "USED",
    "formula(x, y)",
    "if x > 0 else y",
    "x if",
    "0777",
    "1__0",
    "0b2",
    "1e",
    "..",
    ") (",
    "x)(y",
    "x!",
    "x!r",
    "x -> y",
    "@x",
    "$x",
    "`x`",
    "x?",
]


@pytest.mark.parametrize("text", GOOD, ids=[text[:40] for text in GOOD])
def test_a_formula_is_what_python_makes_of_it(text):
    formula = read_formula(text)
    scope = {name: getattr(math, name) for name in [*KNOWN, "pi", "e", "tau"] if hasattr(math, name)}
    scope |= {"sign": lambda u: math.copysign(1.0, u), "x": X, "y": Y}
    expected = eval(text.strip().replace("\n", " "), scope)  # of a text that stands above
    assert formula(X, Y) == pytest.approx(expected, rel=1e-14)
    assert read_formula(text) is formula and formula.__code__.co_varnames[:2] == ("x", "y")
    assert {*variables_of(formula)} <= {"x", "y"}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(expressions(depth=3))
def test_random_formulas_are_what_python_makes_of_them(text):
    if any(name in text for name in ("cbrt", "exp2", "fmod")):
        return
    scope = {name: getattr(math, name) for name in dir(math)} | {"x": X, "y": Y}
    try:
        expected = eval(text, scope)  # of a text that a test has made
    except (ArithmeticError, ValueError):
        return
    assert read_formula(text)(X, Y) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("text", "words", "meant"), MISTAKES)
def test_a_mistake_is_told_with_what_is_meant(text, words, meant):
    with pytest.raises(FormulaTextError) as caught:
        read_formula(text)
    assert words in caught.value.problem and meant in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("1 + 2x", "2x"),
        ("x + sin y", "sin y"),
        ("x^2 + y", "^"),
        ("x + np.sin(y)", "np.sin"),
        ("x*ln(y)", "ln"),
        ("x + (y*2", "("),
        ("x) + y", ")"),
        ("x + foo(y)", "foo"),
        ("sin(x, y) + 1", "sin(x, y)"),
        ("x + abc", "abc"),
        ("x + y.real", "y.real"),
        ("1 + 'a'", "'"),
        ("x + (y < 2)", "y < 2"),
        ("x + 1e999", "1e999"),
        ("x" + " " * 100 + "+ foo(y)", "foo"),
        ("x + foo(y)" + " + x" * 60, "foo"),
        ("x" + "+y" * 60 + " + foo(y)", "foo"),
    ],
)
def test_carets_are_below_the_place(text, marked):
    with pytest.raises(FormulaTextError) as caught:
        read_formula(text)
    shown, carets = str(caught.value).splitlines()[1:3]
    assert {*carets.strip()} == {"^"} and len(shown) <= 72
    start = len(carets) - len(carets.lstrip())
    assert shown[start : start + len(carets.strip())] == marked


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text[:30]) for text in HOSTILE])
def test_what_is_no_arithmetic_is_refused_in_a_few_lines(text):
    try:
        formula = read_formula(text)
    except FormulaTextError as refused:
        told = str(refused)
        assert len(told.splitlines()) <= 5 and max(map(len, told.splitlines())) <= 320
        assert refused.problem and refused.remedy and told.replace("\n", "").isprintable()
        return
    # A few are arithmetic after all, of numbers that are too large.
    assert text[0].isdigit() or text.startswith(("pow", "x+", "x**", "-", "x if", "(("))
    try:
        assert isinstance(formula(X, Y), float | int | complex)
    except (OverflowError, ZeroDivisionError, ValueError, RecursionError):
        pass


def test_depth_and_length_have_ends():
    assert read_formula("(" * (DEEPEST - 30) + "x" + ")" * (DEEPEST - 30))(X, Y) == X
    with pytest.raises(FormulaTextError, match="too deep"):
        read_formula("sin(" * (DEEPEST + 5) + "x" + ")" * (DEEPEST + 5))
    with pytest.raises(FormulaTextError, match="letters"):
        read_formula("x" * (LONGEST + 1))


@pytest.mark.parametrize("what", [None, 3, b"x", ["x"], 1.0])
def test_what_is_no_text_is_refused(what):
    with pytest.raises(UsageError, match="is no formula"):
        read_formula(what)


def test_constants_stand_for_numbers():
    formula = read_formula("a*x + b", {"a": 2.0, "b": -1.0})
    assert formula(3.0, 0.0) == 5.0 and read_formula("a*x + b", {"a": 1.0, "b": 0.0})(3.0, 0.0) == 3.0
    assert read_formula("e*x", {"e": 2.0})(3.0, 0.0) == 6.0  # one's own comes before ours


@pytest.mark.parametrize("text", ["x", "y", "x+y", "sin(x)", "x^2", "x**2", "x y", "x²"])
def test_formulas_are_told_from_names(text):
    assert looks_typed(text) and not looks_typed("rosenbrock") and not looks_typed("my-function")


WATCHED = """
import json, random, resource, sys, time
from optviz.errors import FormulaError, UsageError
from optviz.formulas.derive import gradient_of
from optviz.formulas.typed_formula import read_formula

texts = json.load(sys.stdin)
letters = "xy0123456789.+-*/%()<>=!, _esincoqrtabmpwlg\\n'\\"[]{}^:;@#~`&|\\\\é²\\0"
words = "sin( x y ** ( ) , > 1e308 lambda __class__ . 2 pow( max( 0x [ := - + * / e pi 999999999999999999999".split()
words += [" if ", " else ", "not ", " and ", " for ", " in ", "import "]
chance = random.Random(7)
for _ in range(2500):
    texts.append("".join(chance.choices(letters, k=chance.randrange(1, 60))))
    texts.append("".join(chance.choices(words, k=chance.randrange(1, 40))))
"\\0".encode("unicode_escape")  # errors need it, and Python loads it then
read_formula("x")
events, seen = set(), False
sys.addaudithook(lambda event, arguments: seen and events.add(event))
slowest, read = 0.0, 0
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for text in texts:
    begin = time.process_time()
    seen = True
    try:
        read_formula(text)
        read += 1
    except UsageError:
        pass
    finally:
        seen = False
    slowest = max(slowest, time.process_time() - begin)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({"events": sorted(events), "slowest": slowest, "read": read, "all": len(texts), "grown": grown}))
"""
# Python's parser reads the text, and what is written of it here becomes a function.
EXPECTED = {"compile", "exec", "object.__setattr__"}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units elsewhere")
def test_nothing_that_is_typed_opens_imports_or_runs_anything():
    texts = [*HOSTILE, *GOOD, *(text for text, *_ in MISTAKES)]
    done = subprocess.run([sys.executable, "-c", WATCHED], input=json.dumps(texts), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {*told["events"]} <= EXPECTED
    assert told["all"] >= 5000 + len(texts) and told["read"] > len(GOOD)
    # No text takes time or memory that grows with what it means: seconds or gigabytes, if one did.
    assert told["slowest"] < 0.25 and told["grown"] < 200_000  # KiB


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    try:
        read_formula(text)
    except OptvizError as refused:
        assert refused.remedy
