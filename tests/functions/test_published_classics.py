"""Bowls, valleys, plates, steep functions, saddles and wells against NumPy forms written from the literature."""

import numpy as np
import pytest

from optviz.functions import REGISTRY
from tests.functions.published import (
    bumps,
    classics,
    curved_valleys,
    equations,
    hills,
    mishra,
    norms,
    pairs_of_wells,
    powers,
    quadratics,
    rippled_bowls,
    saddles,
    steep,
)

MODULES = (
    *(bumps, classics, curved_valleys, equations, hills, mishra, norms),
    *(pairs_of_wells, powers, quadratics, rippled_bowls, saddles, steep),
)
VALUES = {name: form for module in MODULES for name, form in module.VALUES.items()}
GENERAL = {name: form for module in MODULES for name, form in module.GENERAL.items()}


def points(unit, n, count=1000):
    """(count, n) float64 inside the bounds."""
    low, high = np.array(unit.in_dimension(n).bounds if n > 2 else unit.bounds).T
    return np.random.default_rng(13).uniform(low, high, (count, n))


@pytest.mark.parametrize("name", VALUES)
def test_value_is_the_published_one(name):
    unit = REGISTRY[name]
    assert unit.module.startswith("optviz.functions.")
    where = points(unit, 2)
    expected = VALUES[name](*where.T)
    value = np.array([unit.value(x, y) for x, y in where.tolist()])
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-14 * np.abs(expected).max())


def test_every_form_in_n_dimensions_has_a_published_one():
    assert sorted(GENERAL) == sorted(name for name in VALUES if REGISTRY[name].general is not None)


@pytest.mark.parametrize("n", [2, 3, 7])
@pytest.mark.parametrize("name", GENERAL)
def test_value_in_n_dimensions_is_the_published_one(name, n):
    unit = REGISTRY[name]
    where = points(unit, n, 100)
    expected = np.array([GENERAL[name](x) for x in where])
    value = np.array([unit.in_dimension(n).value(x) for x in where.tolist()])
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-14 * np.abs(expected).max())


@pytest.mark.parametrize(("n", "value"), [(5, -4.687658), (10, -9.66015)])
def test_michalewicz_has_the_published_minima(n, value):
    assert REGISTRY["michalewicz"].in_dimension(n).minimum == pytest.approx(value, abs=5e-6)


def test_power_sum_has_the_published_data_in_four_dimensions():
    data = np.array([8.0, 18.0, 44.0, 114.0])
    form = REGISTRY["power_sum"].in_dimension(4)
    assert form.value([0.0] * 4) == data @ data
    assert len(form.minimizers) == 12 and all(form.value(point) == 0 for point in form.minimizers)


def test_every_function_is_compared_with_a_published_form():
    """But those of BBOB, whose values are COCO's, see test_bbob.py."""
    from tests.functions import test_published_many_minima as many
    from tests.functions import test_published_teaching as teaching

    compared = {*VALUES, *many.VALUES, *many.FIXED, *teaching.VALUES, *getattr(teaching, "FIXED", ())}
    assert {unit.name for unit in REGISTRY if unit.module.startswith("optviz.") and unit.family != "bbob"} <= compared
