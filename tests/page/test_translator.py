"""Formulas in JavaScript: what has no translation is refused by name, and arithmetic is that of Python and Numba."""

import itertools
import math

import numba
import numpy as np
import pytest

from optviz.kernels.cache import COMPILES, OPTIONS
from optviz.kernels.specialise import compiled
from optviz.page import facts
from optviz.page.document import script
from optviz.page.expressions import Untranslatable
from optviz.page.translator import Script
from optviz.page.units import SCHEDULES, schedule_entries
from optviz.runs.points import tuning
from optviz.schedules import configure

SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 7.25, -7.25, 1e-310, 1e300, -1e300, math.inf, -math.inf, math.nan)
GAIN, TABLE = 2.5, ((1.0, 2.0), (3.0, 4.0))


def powers(x, y):
    return x**2 + x**3 - x**-2 + x**0.5 * abs(x) ** y


def remainders(x, y):
    return x % y + x // y * 3.0


def extremes(x, y):
    return min(x, y, 1.0) + 10.0 * max(x, y)


def branches(x, y):
    if x < y < GAIN and not x == 0.0:
        z = x
    elif x or y:
        z = y if math.isfinite(x) else -y
    else:
        z = TABLE[1][0]
    return z + math.copysign(1.0, x)


def loops(x, y):
    total, weight = 0.0, 1.0
    for k in range(1, 4):
        weight *= 0.5
        total += weight * x**k * float(k)
    for k in range(3, 0, -1):
        total -= y / float(k)
    while 100.0 < total < 1e200:
        total = total / 2.0
    return total


FORMULAS = (powers, remainders, extremes, branches, loops)


def opened(browser, tmp_path, program):
    path = tmp_path / "page.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8><script>{program}</script>", "utf-8")
    return browser.open(path)


@pytest.mark.skipif(not COMPILES, reason="Numba's compiler is switched off")
@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.__name__)
def test_arithmetic_is_that_of_compiled_code(browser, tmp_path, formula):
    code = Script()
    name = code.function(formula)
    page = opened(browser, tmp_path, f"{script('numbers')}\n{code.text}\nwindow.formula = {name};")
    pairs = list(itertools.product(SPECIAL, SPECIAL))
    words = {math.inf: "Infinity", -math.inf: "-Infinity"}
    given = [[words.get(number, "NaN" if number != number else repr(number)) for number in pair] for pair in pairs]
    got = page.run("return arguments[0].map(([x, y]) => String(formula(Number(x), Number(y))))", given)
    inner = compiled(formula, np.float64)
    called = numba.njit(**OPTIONS)(lambda x, y: inner(x, y))
    for pair, text in zip(pairs, got, strict=True):
        wanted, number = called(*pair), float(text.replace("Infinity", "inf"))
        same = wanted == number or (wanted != wanted and number != number)
        # Powers may be rounded otherwise.
        assert same or abs(wanted - number) <= 4 * np.spacing(abs(wanted)), (pair, wanted, number)


def comprehended(x, y):
    return sum((x, y))


def printed(x, y):
    print(x)
    return y


def erred(x, y):
    return math.erf(x) + y


def looped(x, y):
    for part in (x, y):
        x += part
    return x


def walked(x, y):
    return x @ y


@pytest.mark.parametrize(
    ("formula", "what"),
    [
        (comprehended, "sum"),
        (printed, "print"),
        (erred, "math.erf"),
        (looped, "a loop over"),
        (walked, "has no translation"),
        (math.gamma, "is no Python function"),
        (lambda x, y: x, "not a plain function"),
    ],
)
def test_what_has_no_translation_is_refused_by_name(formula, what):
    with pytest.raises(Untranslatable, match=what):
        Script().function(formula)


def reserved(x, y):
    new, ß, var = x, y, 1.0
    return new + ß * var


def test_names_that_javascript_uses_itself_are_others(browser, tmp_path):
    code = Script()
    name = code.function(reserved)
    page = opened(browser, tmp_path, f"'use strict';\n{code.text}\nwindow.formula = {name};")
    assert page.run("return formula(2, 3)") == reserved(2, 3)
    assert page.complaints() == []


def test_equal_functions_are_written_once():
    code = Script()
    for formula in (*FORMULAS, *FORMULAS):
        code.function(formula)
    assert len([text for text in code.texts if "_f = " in text]) == len(FORMULAS)


@pytest.mark.parametrize("steps", [40, 300])
def test_schedules_are_those_of_the_package(browser, tmp_path, steps):
    code = Script()
    entries = schedule_entries(code, steps)
    page = opened(
        browser,
        tmp_path,
        f"{script('numbers', 'words')}\n{code.text}\nwindow.courses = {{{', '.join(entries)}}};",
    )
    assert list(page.run("return Object.keys(courses)")) == ["constant", *SCHEDULES]
    for text in SCHEDULES:
        got = page.run(
            "return Array.from({ length: arguments[1] }, (_, done) => courses[arguments[0]](done))", text, steps
        )
        assert got == pytest.approx(list(configure(text).resolved(steps).factors(1, steps)), rel=1e-13, abs=1e-15)


def test_pages_tune_from_the_starts_of_the_package():
    from optviz.functions import REGISTRY

    assert (facts.STREAM, facts.STARTS, facts.JITTER) == (tuning.STREAM, tuning.STARTS, tuning.JITTER)
    unit = REGISTRY["booth"]
    (x0, x1), (y0, y1) = unit.view
    start = (x0 + x1) / 2, (y0 + y1) / 2
    wanted = tuning.jittered(unit, start, 7)
    assert np.array(start) + np.array(facts.jitter(7)) * (x1 - x0, y1 - y0) == pytest.approx(wanted)
