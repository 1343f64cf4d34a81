"""Formulas in one precision: what is bound, what is left alone, what is refused."""

import importlib
import inspect
import math
import sys
import traceback
from math import pi, sqrt

import numba
import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.kernels.cache import COMPILES, OPTIONS
from optviz.kernels.literals import typed
from optviz.kernels.specialise import compiled
from optviz.optimizers import REGISTRY as OPTIMIZERS
from tests.functions.classics import GENERAL, PLANE, each

GAIN = 3
POWER = 2
CENTRES = (0.1, 0.25)
MANY = tuple(1 / k for k in range(1, 13))
FLAG = True


def uses_constants(x):
    return x * GAIN + math.pi * pi + CENTRES[1]


def uses_powers(x):
    y = x**2 + x**-2 + x**POWER + 2**x
    y **= 2
    return y


def uses_more(x, scale: float = 2.0):
    """A docstring, an annotation, a default, a branch and an assignment with an operator."""
    if x > 1.5 and FLAG:
        x -= 1
    return max(x, 0.0) / scale if x != 7 else 0.1


def uses_many(i):
    return MANY[i] + MANY[i + 1]


def ignores_decorator(function):
    raise AssertionError("decorators must not run again")


def local_name(x):
    GAIN = x + 1
    return GAIN


def one_slot(x, g, lr):
    step = lr * g
    return x - step


def fails(x):
    y = 1 - x
    return 1 / y


def uses_indices(x, g):
    total = 0.0
    for i in range(1, len(x) - 1):
        weight = float(i + 1) / float(len(x)) + float(GAIN)
        g[i] = weight * x[i - 1] + 2 * x[i + 1] ** 2
        g[i] += 1
        g[i] **= 2
        total += CENTRES[i % 2] * 3
    return total


ALL = [uses_constants, uses_powers, uses_more, local_name]


@pytest.mark.parametrize("formula", ALL, ids=lambda formula: formula.__name__)
@pytest.mark.parametrize("x", [0.5, 1.75, 7.0])
def test_float64_computes_what_python_computes(formula, x):
    assert typed(formula, np.float64)(np.float64(x)) == formula(x)


@pytest.mark.parametrize("formula", ALL, ids=lambda formula: formula.__name__)
@pytest.mark.parametrize("x", [0.5, 1.75, 7.0])
def test_float32_stays_float32(formula, x):
    result = typed(formula, np.float32)(np.float32(x))
    assert type(result) is np.float32
    assert result == pytest.approx(formula(x), rel=1e-6)


def constants_in(function) -> list:
    """The numbers in a function's code: those of integer exponents and subscripts, and None."""
    return [value for value in function.__code__.co_consts if isinstance(value, int | float)]


def test_only_exponents_and_subscripts_stay_as_they_are():
    assert constants_in(typed(uses_powers, np.float32)) == [2]  # and 1 / x**2 for x**-2
    assert constants_in(typed(uses_constants, np.float32)) == [1]
    assert constants_in(typed(uses_more, np.float32)) == []


POINT = (0.3, -1.7, 2.2, 0.9)


def test_loops_compute_what_python_computes():
    expected, g = [0.0] * 4, [0.0] * 4
    total = uses_indices(POINT, expected)
    assert typed(uses_indices, np.float64)([np.float64(value) for value in POINT], g) == total
    assert g == expected


def test_loops_stay_float32():
    g = [np.float32(0)] * 4
    total = typed(uses_indices, np.float32)([np.float32(value) for value in POINT], g)
    assert [type(value) for value in (total, *g)] == [np.float32] * 5


def test_indices_stay_integers():
    bound = typed(uses_indices, np.float32)
    # What is left are the integers of range, float, indices and the one exponent.
    assert set(constants_in(bound)) == {1, 2}
    assert np.float32 in bound.__globals__.values()
    assert {name for name in bound.__code__.co_names if not name.startswith("_literal_")} == {"range", "len", "GAIN"}


def test_a_function_named_like_a_builtin_is_one_of_the_formulas_own(tmp_path, monkeypatch):
    module = imported(
        tmp_path, monkeypatch, "shadowing", "def len(x):\n    return x / 2\n\ndef f(x):\n    return len(3) * x\n"
    )
    assert typed(module.f, np.float64)(2.0) == 3.0
    assert constants_in(typed(module.f, np.float64)) == []


@pytest.mark.parametrize(
    "unit", [one for one in OPTIMIZERS if one.kind not in ("matrices", "solver")], ids=lambda unit: unit.name
)
def test_update_rules_hold_no_number_of_another_type(unit):
    for formulas in unit.variants.values():
        for formula in formulas:
            bound = typed(formula.update, np.float32)
            assert all(type(value) is int for value in constants_in(bound))
            values = [value for name, value in bound.__globals__.items() if name.startswith("_literal_")]
            assert all(type(value) is np.float32 for value in values)


SINGLE = np.float32, float  # what a function of ``math`` gives is a float in Python, which takes on either type


@each(PLANE)
def test_functions_give_float32(unit):
    point = [np.float32(value) + np.float32(0.25) for value in unit.start]
    assert type(typed(unit.value, np.float32)(*point)) in SINGLE
    assert {type(part) for part in typed(unit.gradient, np.float32)(*point)} <= {*SINGLE}


@each(GENERAL)
def test_functions_of_many_variables_give_float32(unit):
    general = unit.in_dimension(3)
    point, g = [np.float32(value) for value in general.start], [None] * 3
    if general.scratch:  # what it writes to memory is in there too
        memory: list = [None] * general.scratch
        assert isinstance(typed(general.value, np.float32)(point, memory), SINGLE)
        assert {type(part) for part in memory} <= {*SINGLE, type(None)}
        return
    assert type(typed(general.value, np.float32)(point)) in SINGLE
    typed(general.gradient, np.float32)(point, g)
    assert {type(part) for part in g} <= {*SINGLE}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_long_tuple_is_an_array_of_constants(dtype):
    function = typed(uses_many, dtype)
    assert function(3) == dtype(1 / 4) + dtype(1 / 5) and type(function(3)) is dtype
    (array,) = (value for value in function.__globals__.values() if isinstance(value, np.ndarray))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
    kernel = numba.njit(_nrt=False)(function)
    assert kernel(3) == function(3)
    (code,) = kernel.inspect_llvm().values()
    assert "switch" not in code


def test_the_result_becomes_a_tuple_on_request():
    assert typed(one_slot, np.float64, as_tuple=True)(1.0, 2.0, 0.25) == (0.5,)
    assert typed(one_slot, np.float64)(1.0, 2.0, 0.25) == 0.5


def test_tracebacks_show_the_formula():
    with pytest.raises(ZeroDivisionError) as caught:
        typed(fails, float)(1.0)
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    first = inspect.getsourcelines(fails)[1]
    assert (frame.filename, frame.lineno, frame.name) == (__file__, first + 2, "fails")


def test_decorators_do_not_run_again(tmp_path, monkeypatch):
    module = imported(
        tmp_path,
        monkeypatch,
        "decorated",
        "calls = []\ndef note(f):\n    calls.append(f)\n    return f\n\n@note\n@note\ndef f(x):\n    return x + 1\n",
    )
    assert typed(module.f, np.float64)(1.0) == 2.0
    assert len(module.calls) == 2


def imported(folder, monkeypatch, name, text):
    """A module of that text; an older one of the same name is forgotten."""
    (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(folder)
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def closure():
    scale = 2.0

    def formula(x):
        return x * scale

    return formula


def without_source():
    scope: dict = {}
    exec("def formula(x):\n    return x + 1\n", scope)
    return scope["formula"]


@pytest.mark.parametrize(
    ("formula", "word"),
    [
        (lambda x: x + 1, "lambda"),
        (sqrt, "sqrt"),
        (np.sqrt, "sqrt"),
        (closure(), "scale"),
        (without_source(), "source"),
    ],
    ids=["lambda", "builtin", "ufunc", "closure", "no source"],
)
def test_what_cannot_be_bound_is_refused_with_a_remedy(formula, word):
    with pytest.raises(UsageError, match=word) as caught:
        typed(formula, np.float32)
    assert caught.value.remedy


def test_a_source_that_changed_after_its_import_is_refused(tmp_path, monkeypatch):
    module = imported(tmp_path, monkeypatch, "edited", "def f(x):\n    return x + 1\n")
    (tmp_path / "edited.py").write_text("def f(x):\n    return x + 2\n# and one more line\n")
    with pytest.raises(UsageError, match="changed since it was imported"):
        typed(module.f, np.float64)


@pytest.mark.parametrize(
    "source",
    [
        "import math\n\n\ndef f(x):\n    return math.exp(x) * math.pi + 1\n",
        "import math as m\n\n\ndef f(x):\n    return m.exp(x) * m.pi + 1\n",
        "from math import exp, pi\n\n\ndef f(x):\n    return exp(x) * pi + 1\n",
    ],
    ids=["module", "alias", "names"],
)
def test_mathematics_may_be_imported_in_any_way(source, tmp_path, monkeypatch):
    module = imported(tmp_path, monkeypatch, "importing", source)
    assert typed(module.f, np.float64)(0.5) == module.f(0.5)


def reciprocal(x):
    return x**-2 + 3 * x**-1


@pytest.mark.skipif(not COMPILES, reason="Numba's compiler is switched off")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_negative_power_of_nothing_is_infinite(dtype):
    inner = compiled(reciprocal, dtype)
    called = numba.njit(**OPTIONS)(lambda x: inner(x))
    assert called(dtype(0)) == np.inf
    assert called(dtype(2)) == dtype(1.75)
