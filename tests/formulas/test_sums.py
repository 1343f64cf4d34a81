"""Formulas with sums: what is taken out of them, what is left, and what they may not do."""

import math
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from optviz.errors import FormulaError
from optviz.formulas.adding import BLOCK, LANES, folded, in_pairs, moved
from optviz.formulas.formula import formula_of
from optviz.formulas.sums import split
from optviz.formulas.words import grand_total, largest, mean, row_mean, total
from optviz.optimizers import configure
from optviz.wrappers import unregistered
from tests.optimizers.driving import START, disturbed, drive

RULE: Any = None


def lengths(x, g, lr):
    return x - lr * sqrt(total(x**2)) / sqrt(total(g**2)) * g


def levels(x, g, m, lr):
    m = m + g / max(largest(abs(g)), 1.0)
    u = m / (1 + mean(m**2))
    return x - lr * u / sqrt(total(u**2)), m


def branches(x, g, lr):
    if g > 0:
        u = g * total(g)
    else:
        u = g
    return x - lr * u


def nested(x, g, lr):
    return x - lr * g / sqrt(total((g / largest(abs(g))) ** 2))


def shared(x, g, e, lr):
    e = 0.5 * e + 0.5 * sqrt(total(g**2))
    return x - lr * g / e, e


def made(update, hyper=("lr",), **facts):
    return formula_of(update, None, hyper, {}, None, **facts)


@pytest.mark.parametrize(
    ("update", "terms"),
    [
        (lengths, [["x ** 2", "g ** 2"]]),
        (levels, [["abs(g)"], ["m ** 2"], ["u ** 2"]]),
        (branches, [["g"]]),
        (nested, [["abs(g)"], ["(g / total_1) ** 2"]]),
    ],
)
def test_sums_stand_in_passes_by_what_they_need(update, terms):
    passes = split(made(update))
    assert [[one.term for one in level.totals] for level in passes.levels] == terms
    assert passes.formula.scalar_names == passes.formula.totals == tuple(one.name for one in passes.totals)
    assert not passes.formula.table_names and not split(passes.formula).levels


def by_hand(update, x, g, m):
    """The same by NumPy."""
    if update is lengths:
        return x - 0.1 * np.linalg.norm(x) / np.linalg.norm(g) * g
    if update is levels:
        m = m + g / max(np.max(np.abs(g)), 1)
        u = m / (1 + np.mean(m**2))
        return x - 0.1 * u / np.linalg.norm(u)
    if update is nested:
        return x - 0.1 * g / np.linalg.norm(g / np.max(np.abs(g)))
    return x - 0.1 * np.where(g > 0, g * np.sum(g[g > 0]), g)


@pytest.mark.parametrize("update", [lengths, levels, branches, nested])
def test_passes_compute_what_the_formula_says(update):
    x, g, m = np.random.default_rng(1).normal(size=(3, 7))
    slots = [[one] for one in m.tolist()] if update is levels else [[]] * 7
    _, results = moved(made(update), x.tolist(), g.tolist(), slots, [], [0.1])
    np.testing.assert_allclose([one[0] for one in results], by_hand(update, x, g, m), rtol=1e-13)


def helped(u):
    return total(u)


def in_a_helper(x, g, lr):
    return x - lr * helped(g)


def in_a_loop(x, g, lr):
    for _ in range(3):
        g = g / total(g)
    return x - lr * g


def with_two_returns(x, g, lr):
    if g > total(g):
        return x
    return x - lr * g


def of_two(x, g, lr):
    return x - lr * total(x, g)


def of_rows(x, g, lr):
    return x - lr * row_mean(g)


def deep(x, g, lr):
    for_one = total(g)
    for_two = total(g - for_one)
    for_three = total(g - for_two)
    for_four = total(g - for_three)
    return x - lr * total(g - for_four)


@pytest.mark.parametrize(
    ("update", "said"),
    [
        (in_a_helper, "helped, which in_a_helper .* calls, asks for sums"),
        (in_a_loop, "asks for a sum in 'for _ in range"),
        (with_two_returns, "returns from more than one place"),
        (of_two, r"writes total\(x, g\)"),
        (of_rows, "asks for sums along rows or columns"),
        (deep, "needs sums of sums of sums"),
    ],
)
def test_formulas_that_cannot_be_taken_apart_are_refused(update, said):
    with pytest.raises(FormulaError, match=said) as caught:
        split(made(update))
    assert "test_sums.py, line" in caught.value.problem and caught.value.remedy


def own(x, g, e, lr):
    e = e + g
    return x - lr * e, e


def own_in_a_branch(x, g, e, lr):
    e = total(g)
    if g > 0:
        e = 0.0
    return x - lr * e, e


@pytest.mark.parametrize("update", [own, own_in_a_branch])
def test_what_differs_between_elements_cannot_be_shared(update):
    with pytest.raises(FormulaError, match="shares e and gives it 'e', which elements differ in"):
        split(made(update, shared=("e",)))
    assert split(made(shared, shared=("e",))).formula.shared == ("e",)
    with pytest.raises(TypeError, match="d cannot be shared"):
        made(shared, shared=("d",))


def test_words_alone_say_what_they_are_for():
    with pytest.raises(TypeError, match="grand_total"):
        grand_total(1.0)


def clipped(x, g, most):
    """A wrapper whose variables have the names of the rule inside."""
    m = total(g**2)
    return RULE(x, g * min(1.0, most / sqrt(m)))


def test_wrappers_with_sums_go_around_rules_with_sums():
    from optviz.optimizers._compose import wrapped

    base = configure("lamb", lr=0.1)
    formula = wrapped(base.formula, unregistered(clipped, "Clipped", defaults={"most": 1.0}))
    assert [len(level.totals) for level in split(formula).levels] == [2, 1]
    path = drive(configure("clip_norm(lamb, limit=0.5)", lr=0.1), disturbed, START, 20)
    short = lambda x, t: (lambda g: g * min(1, 0.5 / np.linalg.norm(g)))(disturbed(x, t))
    np.testing.assert_allclose(path, drive(base, short, START, 20), rtol=1e-12)


@pytest.mark.parametrize("count", [1, 2, LANES - 1, LANES, LANES + 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
def test_sums_are_made_in_the_order_that_is_told(count):
    values = np.random.default_rng(count).normal(size=count).astype(np.float32)
    parts = []
    for block in np.split(values, range(BLOCK, count, BLOCK)):
        lanes = np.zeros((-(-block.size // LANES), LANES), np.float32)
        lanes.reshape(-1)[: block.size] = block
        row = np.float32(0) + lanes[0]
        for more in lanes[1:]:
            row = row + more
        while row.size > 1:
            row = row[: row.size // 2] + row[row.size // 2 :]
        parts.append(row[0])
    while len(parts) > 1:
        parts = [parts[k] + parts[k + 1] if k + 1 < len(parts) else parts[k] for k in range(0, len(parts), 2)]
    assert folded(total, [*values]) == parts[0]
    assert folded(mean, [*values]) == parts[0] / count


@hypothesis(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.floats(-10, 10) | st.just(math.nan), min_size=1, max_size=200))
def test_the_largest_of_all_and_nan_is_larger(values):
    found = folded(largest, values)
    assert math.isnan(found) if any(map(math.isnan, values)) else found == max(values)


def test_pairs_of_three():
    assert in_pairs(total, [0.1, 0.2, 0.3]) == (0.1 + 0.2) + 0.3
