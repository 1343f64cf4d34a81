"""What a formula may be made of, what it depends on, and what is said of one that no kernel can be made of."""

import importlib
import sys
from textwrap import dedent

import numpy as np
import pytest

from optviz.errors import FormulaError, OptvizError
from optviz.kernels.literals import typed
from optviz.kernels.specialise import fingerprint
from optviz.kernels.update import array_function
from optviz.optimizers import Formula


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write modules and import one of them, all of them anew."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # within one second a stale .pyc would pass for the source
    monkeypatch.syspath_prepend(tmp_path)

    def write(text, **others):
        for name, content in {"formulas": text, **others}.items():
            (tmp_path / f"{name}.py").write_text(dedent(content))
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        return importlib.import_module("formulas")

    yield write
    for name in ("formulas", "constants", "helpers"):
        sys.modules.pop(name, None)


def moved(update, dtype=np.float64):
    """Where a rule without state takes 10 with gradient 1 and rate 2."""
    x = np.array([10.0], dtype)
    array_function(Formula(update, None, (), (), ("lr",)), dtype)(x, np.ones(1, dtype), (), (), (dtype(2),))
    return x[0]


DEPENDENCIES = {
    "a module's constant": (
        "import constants\ndef f(x, g, lr):\n    return x - constants.k * lr * g\n",
        "k = {}\n",
    ),
    "a constant of a module of a module": (
        "import helpers\ndef f(x, g, lr):\n    return x - helpers.constants.k * lr * g\n",
        "k = {}\n",
    ),
    "a class's attribute": (
        "from constants import Numbers\ndef f(x, g, lr):\n    return x - Numbers.k * lr * g\n",
        "class Numbers:\n    k = {}\n",
    ),
    "a class's attribute in a module": (
        "import constants\ndef f(x, g, lr):\n    return x - constants.Numbers.k * lr * g\n",
        "class Numbers:\n    k = {}\n",
    ),
    "a tuple of a module": (
        "import constants\ndef f(x, g, lr):\n    return x - constants.k[1] * lr * g\n",
        "k = (7, {})\n",
    ),
    "a tuple in a tuple": (
        "from constants import k\ndef f(x, g, lr):\n    return x - k[1][0] * lr * g\n",
        "k = (1, 1), ({}, 2)\n",
    ),
    "a helper of a module": (
        "import constants\ndef f(x, g, lr):\n    return x - constants.scaled(lr) * g\n",
        "def scaled(lr):\n    return {} * lr\n",
    ),
    "a helper's constant": (
        "import constants\ndef f(x, g, lr):\n    return x - constants.scaled(lr) * g\n",
        "k = {}\ndef scaled(lr):\n    return k * lr\n",
    ),
    "a helper's default": (
        "import constants\ndef f(x, g, lr):\n    return x - constants.scaled(lr) * g\n",
        "def scaled(lr, k={}):\n    return k * lr\n",
    ),
    "a default that is a constant": (
        "import constants\ndef scaled(lr, k=constants.k):\n    return k * lr\n"
        "def f(x, g, lr):\n    return x - scaled(lr) * g\n",
        "k = {}\n",
    ),
    "an exponent": (
        "import constants\ndef f(x, g, lr):\n    return x - (constants.k * g) ** constants.power * lr\n",
        "k = {}\npower = 1\n",
    ),
}


@pytest.mark.thin(9)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("formula", "constants"), DEPENDENCIES.values(), ids=DEPENDENCIES)
def test_a_kernel_is_renewed_with_all_that_its_formula_depends_on(formula, constants, dtype, written):
    prints = set()
    for k, expected in ((1, 8.0), (3, 4.0), (1.5, 7.0)):
        update = written(formula, helpers="import constants\n", constants=constants.format(k)).f
        assert moved(update, dtype) == update(10.0, 1.0, 2.0) == expected
        prints.add(fingerprint(update))
    assert len(prints) == 3


def test_which_argument_is_what_is_part_of_a_rules_fingerprint(written):
    update = written("def f(x, g, m, lr):\n    return x - lr * g, m\n").f
    one, other = Formula(update, None, ("m",), (), ("lr",)), Formula(update, None, (), (), ("m", "lr"))
    assert len({fingerprint(update), fingerprint(one), fingerprint(other)}) == 3


def test_a_default_has_the_precision_of_the_formula(written):
    module = written("def scaled(x, k=0.1):\n    return k * x\n\ndef f(x, g, lr):\n    return scaled(x)\n")
    assert type(typed(module.scaled, np.float32)(np.float32(1))) is np.float32
    assert typed(module.scaled, np.float32).__defaults__ == (np.float32(0.1),)
    assert moved(module.f, np.float32) == np.float32(0.1) * np.float32(10)


INDENTED = '''
    if True:
        class Rules:
            @staticmethod
            def f(x, g, lr):
                """A rule.

                  Indented further,

                and with blank lines, of which one has blanks:
                \n
                x ← x − lr g
                """
                # a comment
                return x - lr * g
    f = Rules.f
'''


def test_a_formula_may_be_indented_and_have_a_docstring(written):
    update = written(INDENTED).f
    assert moved(update) == 8.0
    definition = typed(update, np.float64)
    assert definition.__code__.co_firstlineno == update.__code__.co_firstlineno + 1  # below its decorator


REFUSED = {
    "a function inside it": "def f(x, g, lr):\n    def half(x):\n        return x / 2\n    return half(x)\n",
    "a lambda": "def f(x, g, lr):\n    half = lambda x: x / 2\n    return half(x)\n",
    "match": "def f(x, g, lr):\n    match lr:\n        case 1:\n            return x\n    return x - lr * g\n",
    "a comprehension": "def f(x, g, lr):\n    total = sum([lr for i in range(2)])\n    return x - total * g\n",
    "try": "def f(x, g, lr):\n    try:\n        return x / g\n    except ZeroDivisionError:\n        return x\n",
    "an import": "def f(x, g, lr):\n    from math import sqrt\n    return x - lr * sqrt(g)\n",
}


@pytest.mark.parametrize("word", REFUSED)
def test_what_no_kernel_can_be_made_of_is_named_with_its_line(word, written):
    update = written(REFUSED[word]).f
    with pytest.raises(FormulaError) as caught:
        moved(update)
    line = 2
    assert caught.value.problem.endswith(f"formulas.py, line {line}) holds {word}")
    assert "\n" not in caught.value.problem and caught.value.remedy
    with pytest.raises(FormulaError, match=word):
        fingerprint(update)


@pytest.mark.parametrize(
    "text",
    [
        "def f(x, g, lr):\n    return f(x, g, lr / 2) if lr > 1 else x - lr * g\n",
        "def a(x):\n    return b(x) if x > 1 else x\n\n"
        "def b(x):\n    return a(x / 2)\n\ndef f(x, g, lr):\n    return a(x)\n",
    ],
    ids=["itself", "through another"],
)
def test_a_function_that_calls_itself_is_refused(text, written):
    update = written(text).f
    for use in (moved, fingerprint):
        with pytest.raises(FormulaError, match=r"(f|a) \(.*formulas.py, line 1\) calls itself"):
            use(update)


NOT_TYPED = {
    "a dict": ('SETTINGS = {"c": 2.0}\ndef f(x, g, lr):\n    y = x\n    return y - SETTINGS["c"] * g\n', "f", 4),
    "a name that is not there": ("def f(x, g, lr):\n    return x - nothing * g\n", "f", 2),
    "an attribute that is not there": ("import math\ndef f(x, g, lr):\n    return x - math.nothing * g\n", "f", None),
    "text": ('def f(x, g, lr):\n    return x - "a"\n', "f", 2),
    "a helper": ('def h(x):\n    return x + "a"\n\ndef f(x, g, lr):\n    return x - h(g)\n', "h", 2),
    "two types": ("def f(x, g, lr):\n    y = x\n    if x > 1:\n        y = 'a'\n    return y - lr\n", "f", None),
}


@pytest.mark.parametrize(("text", "name", "line"), NOT_TYPED.values(), ids=NOT_TYPED)
def test_a_formula_that_numba_cannot_type_is_its_authors(text, name, line, written):
    update = written(text).f
    with pytest.raises(FormulaError) as caught:
        moved(update)
    error = caught.value
    assert isinstance(error, OptvizError) and error.exit_code == 1
    assert f"the formula {name} (" in error.problem and "formulas.py, line " in error.problem
    if line:
        assert error.problem.endswith(f"line {line})")
    assert "Numba says: " in error.remedy and "\n" not in str(error).replace(f"{error.problem}\n", "")


def test_a_rule_that_gives_another_number_of_slots_is_its_authors(written):
    update = written("def f(x, g, m, lr):\n    return x - lr * g\n").f
    formula = Formula(update, None, ("m",), (), ("lr",))
    with pytest.raises(FormulaError, match=r"f \(.*formulas.py, line 2\) gives 1 number, and 2 are needed"):
        array_function(formula, np.float64)
