"""What every formula promises to the kernels that compile it, and every rule to the tables that show it."""

import ast
import builtins
import inspect
import math
import textwrap

import numpy as np
import pytest

from optviz.formulas.sources import source_of
from optviz.formulas.sums import split
from optviz.formulas.words import Word
from optviz.optimizers import DECAYS, FAMILIES, REGISTRY
from tests.optimizers.driving import BUILT_IN, PAIRS, drive, settings

FORMULAS = {
    formula.update.__name__: formula for rule in BUILT_IN for formulas in rule.variants.values() for formula in formulas
}
ARITHMETIC = (
    ast.FunctionDef, ast.arguments, ast.arg, ast.Expr, ast.Assign, ast.Return, ast.Tuple, ast.Name, ast.Constant,
    ast.BinOp, ast.UnaryOp, ast.Call, ast.IfExp, ast.Compare, ast.operator, ast.unaryop, ast.cmpop, ast.expr_context,
)  # fmt: skip
# Rules that are drawn to the origin, unless these hyperparameters are 0.
PULLS = {
    "asgd": ["lambd"],
    "fromage": ["lr"],
    "ftrl": ["initial_accumulator_value", "beta", "l2", "l2_shrinkage"],
}


def body(function):
    """The syntax tree of a function without its decorators and docstring."""
    tree = ast.parse(textwrap.dedent(source_of(function))).body[0]
    tree.decorator_list = []
    if ast.get_docstring(tree):
        del tree.body[0]
    return tree


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_are_plain_arithmetic_on_math(name):
    is_plain_arithmetic(FORMULAS[name].update)


def is_plain_arithmetic(function):
    """That it consists of arithmetic, functions of ``math``, ``abs``, ``min``, ``max``, and functions of such."""
    for node in ast.walk(body(function)):
        assert isinstance(node, ARITHMETIC), ast.dump(node)
        if isinstance(node, ast.Constant):
            assert type(node.value) in (int, float)
        if isinstance(node, ast.Call):
            called = function.__globals__.get(node.func.id) or getattr(builtins, node.func.id)
            if inspect.isfunction(called):
                is_plain_arithmetic(called)
            else:
                assert called in (abs, min, max, getattr(math, node.func.id, None)) or isinstance(called, Word)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            assert ast.unparse(node.right) == "2"


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_return_the_iterate_and_every_slot(name):
    formula = split(FORMULAS[name]).formula
    slots, rest = [0.5] * len(formula.slots), [0.25] * (len(formula.scalar_names) + len(formula.hyperparameters))
    after = formula.update(1.0, 2.0, *slots, *rest)
    values = after if isinstance(after, tuple) else (after,)
    assert len(values) == 1 + len(slots)
    assert all(type(value) is float for value in values)


@pytest.mark.parametrize(("name", "variant"), PAIRS)
def test_without_a_gradient_nothing_moves(name, variant):
    for setting in settings(name, variant):
        pulled = any(setting.hyperparameters.get(number) for number in PULLS.get(name, ()))
        begins = setting.formula.initial and setting.initial("m") != 0  # Yogi's average starts above 0
        if setting.hyperparameters.get("eps", 1) > 0 and not pulled and not begins:
            start, setting = [1.0, -2.0], setting.replace(weight_decay=0)
            assert np.array_equal(drive(setting, lambda x, t: 0 * x, start, 5), [start] * 6)


@pytest.mark.parametrize("rule", BUILT_IN, ids=lambda rule: rule.name)
def test_rules_say_what_they_are(rule):
    assert rule.title and rule.reference and rule.equation and "\n" not in rule.equation
    assert str(rule.year) in rule.reference
    assert "x ←" in rule.equation
    summary, _, rest = rule.text.partition("\n\n")
    assert summary.endswith(".") and rest
    assert rule.family in FAMILIES and set(rule.decay.values()) <= set(DECAYS)
    assert set(rule.decay) <= set(rule.variants) and set(rule.oracles) <= set(rule.variants)
    assert rule.defaults and all(isinstance(value, float | int) for t in rule.defaults.values() for value in t.values())
    used = {argument for formulas in rule.variants.values() for formula in formulas
            for argument in (*formula.hyperparameters, *formula.scalar_arguments)}  # fmt: skip
    begins = {name for name in rule.initial.values() if isinstance(name, str) and name != "x"}
    assert set(rule.hyperparameters) - {"weight_decay"} == (used | begins) - {"weight_decay"}
    assert set(rule.initial) <= {
        slot for formulas in rule.variants.values() for formula in formulas for slot in formula.slots
    }


def test_rules_stand_in_the_order_of_their_years():
    names = REGISTRY.names()
    seven = ["sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam"]
    assert [name for name in names if name in seven] == seven
    years = [rule.year for rule in BUILT_IN]
    assert years == sorted(years)


def test_the_keras_learning_rate_of_adadelta_comes_with_a_warning():
    text = " ".join(REGISTRY["adadelta"].text.split())
    assert "Keras's learning rate of 0.001 makes every step a thousand times shorter" in text
