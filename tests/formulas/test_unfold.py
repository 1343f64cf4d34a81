"""A rule unfolded says what it computes: its last column is the next iterate, and its slots are the next state."""

import math
import random
import re

import numpy as np
import pytest

from optviz.formulas.formula import Formula, formula_of
from optviz.formulas.sums import split
from optviz.formulas.unfold import MOST, unfold
from optviz.optimizers import configure
from optviz.runs.points.arithmetic import as_kernels
from optviz.wrappers import REGISTRY as WRAPPERS
from tests.optimizers.driving import PAIRS, settings

WRAPPED = [f"{name}({inside})" for name in WRAPPERS.names() for inside in ("sgd", "adam", "schedule_free_sgd")]
ODD = [
    "lookahead(clip(adam))",
    "ema(nesterovised(rmsprop))",
    "adam(weight_decay=0.1)",
    "sgd(weight_decay=0.1, decay=cautious)",
    "adan(weight_decay=0.1)",
    "adam(maximize=True)",
    "rmsprop(momentum=0.9, centered=True)",
]


def every():
    """Every variant of every rule with every case of its hyperparameters, wrappers, and schedules."""
    rules = [(f"{name}-{variant}-{k}", one) for name, variant in PAIRS for k, one in enumerate(settings(name, variant))]
    written = [(text, configure(text)) for text in (*WRAPPED, *ODD)]
    bent = [("scheduled", configure("adam", lr="cosine(0.1, steps=9)", beta1="linear(0.9, final=0.5, steps=9)"))]
    return rules + written + bent


EVERY = every()


def taken(setting, number):
    """Arguments of a setting's update as they may be in a run."""
    formula, chance = split(setting.formula).formula, random.Random(number)
    inside = [chance.uniform(-2, 2), chance.uniform(-2, 2)]
    state = [abs(chance.uniform(0, 2)) if chance.random() < 0.7 else 0.0 for _ in formula.slots]
    scalars = [chance.choice([1.0, 0.5, 0.25, 0.0]) for _ in formula.scalar_names]
    hyper = [setting.hyperparameters[name] for name in formula.hyperparameters]
    return [np.float64(one) for one in (*inside, *state, *scalars, *hyper)]


def same(one, other):
    return one == other or (math.isnan(one) and math.isnan(other))


@pytest.mark.thin(3)
@pytest.mark.parametrize("setting", [one for _, one in EVERY], ids=[name for name, _ in EVERY])
def test_columns_are_what_the_rule_computes(setting):
    formula = split(setting.formula).formula
    told = unfold(setting.formula, setting.hyperparameters)
    keys = [column.key for column in told.columns]
    assert keys[0] == "gradient" and keys[-1] == "move" and 2 <= len(keys) == len(set(keys)) <= MOST
    update, parts = as_kernels(formula.update), as_kernels(told.parts)
    for number in range(12):
        given = taken(setting, number)
        with np.errstate(all="ignore"):
            after = update(*given)
            after = after if isinstance(after, tuple) else (after,)
            values = parts(*given)
        assert len(values) == len(keys) + len(told.operands)
        assert values[0] == given[1] and same(values[len(keys) - 1], after[0])
        state = dict(zip(formula.slots, after[1:], strict=True))
        for column, value in zip(told.columns, values, strict=False):
            if column.before:
                assert column.key == "gradient" or same(value, state[column.slot])
            assert column.inside in ("", *keys)
        if told.equation:
            operands = [f"({float(one)!r})" for one in values[len(keys) :]]
            with np.errstate(all="ignore"):
                result = worked_out(told.equation.format(*operands))
            assert (
                result is None or math.isclose(result, after[0], rel_tol=1e-9, abs_tol=1e-12) or same(result, after[0])
            )


def worked_out(text):
    """What an equation gives; None where plain Python raises."""
    plain = text.replace("−", "-").replace("·", "*").replace("×10", "e")
    try:
        return eval(plain, {"__builtins__": {}, "nan": math.nan, "inf": math.inf})
    except ZeroDivisionError:
        return None


@pytest.mark.thin(3)
@pytest.mark.parametrize("setting", [one for _, one in EVERY], ids=[name for name, _ in EVERY])
def test_headings_are_written_for_readers(setting):
    told = unfold(setting.formula, setting.hyperparameters)
    for column in told.columns:
        assert column.words and column.text and "\n" not in column.words + column.text + column.update
        text = f"{column.text} {column.update} {column.words}"
        assert not re.search(r"(divisor|scaled_|factor_|operand|_\d)", text), text
    assert all(term and not re.search(r"(divisor|factor_|operand)", term) for term in told.operands)


@pytest.mark.parametrize(
    ("optimizer", "keys"),
    [
        ("sgd", "gradient move"),
        ("momentum", "gradient b move"),
        ("momentum(variant=paper)", "gradient v move"),
        ("nesterov", "gradient b factor move"),
        ("adagrad", "gradient a move"),
        ("rmsprop", "gradient v move"),
        ("adadelta", "gradient d a u move"),
        ("adam", "gradient m scaled v move"),
        ("adamw", "gradient x_2 m scaled v move"),
        ("lion", "gradient c factor m move"),
        ("lookahead(adam)", "gradient m scaled v fast slow move"),
    ],
)
def test_known_rules_have_known_columns(optimizer, keys):
    setting = configure(optimizer)
    assert " ".join(column.key for column in unfold(setting.formula).columns) == keys


def test_adam_reads_as_in_its_paper():
    setting = configure("adam")
    known = [formula.scalars for formula in setting.rule.variants["paper"]]
    told = unfold(setting.formula, setting.hyperparameters, known)
    assert [(one.words, one.text, one.update) for one in told.columns] == [
        ("gradient", "g = ∇f(x)", ""),
        ("its average", "m ← 0.9m + 0.1g", ""),
        ("unbiased", "m̂ = m/(1 − 0.9ᵗ)", ""),
        ("its size", "√v̂ + 10⁻⁸", "v ← 0.999v + 0.001g²"),
        ("the move: average over size", "x ← x − 0.001m̂/(√v̂ + 10⁻⁸)", ""),
    ]
    assert told.columns[3].inside == "scaled" and told.columns[1].before == "m"
    assert told.equation == "{0} − {1} · {2} / {3}" and told.operands == ("x", "lr", "m̂", "√v̂ + ε")
    symbols = unfold(setting.formula)
    assert symbols.columns[1].text == "m ← β₁ m + (1 − β₁) g"


@pytest.mark.parametrize(
    ("optimizer", "kinds"),
    [
        ("adam", {"m": "vector", "v": "size"}),
        ("adamax", {"u": "size"}),
        ("rprop", {"d": "number"}),
        ("polyak_ruppert", {"ax": "point"}),
        ("schedule_free_sgd", {"z": "point"}),
        ("cocob", {"largest": "size", "total": "vector"}),
        ("adabelief", {"s": "size"}),
        ("expectigrad", {"n": "number", "s": "size"}),
    ],
)
def test_vectors_sizes_points_and_numbers_are_told_apart(optimizer, kinds):
    known = {column.key: column.kind for column in unfold(configure(optimizer).formula).columns}
    assert {key: known[key] for key in kinds} == kinds


def branching(x, g, m, lr):
    if g > 0:
        return x - lr * g, m
    m = 0.5 * m + g
    return x - lr * m, m


def looping(x, g, m, lr):
    total = 0.0
    for k in range(3):
        total = total + g / (k + 1)
    m += total
    return x - lr * m, m


def hiding(x, g, m, lr):
    """Branches with variables that exist in one of them alone."""
    if g > 0:
        root = abs(m) ** 0.5 + 1
        m = m + g / (root + abs(g))
    return x - lr * m, m


@pytest.mark.parametrize("update", [branching, looping, hiding])
def test_rules_of_any_shape_have_columns(update):
    formula: Formula = formula_of(update, None, ["lr"], {}, None)
    told = unfold(formula)
    keys = [column.key for column in told.columns]
    assert keys[0] == "gradient" and keys[-1] == "move" and "m" in keys
    for g in (1.5, -2.0, 0.0):
        values = as_kernels(told.parts)(*map(np.float64, (3.0, g, 0.25, 0.1)))
        after = update(3.0, g, 0.25, 0.1)
        assert (values[keys.index("move")], values[keys.index("m")]) == after


def test_python_raises_nothing_where_kernels_do_not():
    setting = configure("adam(eps=0)")
    told = unfold(setting.formula)
    with np.errstate(all="ignore"):
        zero = as_kernels(told.parts)(*map(np.float64, (1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.1, 0.9, 0.99, 0.0)))
        large = as_kernels(told.parts)(*map(np.float64, (1.0, 1e200, 0.0, 0.0, 1.0, 1.0, 0.1, 0.9, 0.99, 0.0)))
    assert math.isnan(zero[4])
    assert large[3] == math.inf and large[4] == 1.0


def test_columns_that_have_no_room_are_named():
    setting = configure("adan")
    told = unfold(setting.formula, setting.hyperparameters, most=4)
    assert len(told.columns) == 4 and len(told.dropped) >= 3
    assert [column.key for column in told.columns][::3] == ["gradient", "move"]
