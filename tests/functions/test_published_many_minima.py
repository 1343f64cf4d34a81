"""Functions with many minima, and those of a fixed number of variables, against their printed forms on arrays."""

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.functions import REGISTRY
from tests.functions.published import deceptive, fractals, lattices, products, ridges, rings, tables, tilted
from tests.functions.published.fixed import FIXED

FILES = (deceptive, fractals, lattices, products, ridges, rings, tables, tilted)
VALUES = {name: form for file in FILES for name, form in file.VALUES.items()}
GENERAL = {name: form for file in FILES for name, form in file.GENERAL.items()}
ROUNDED = {
    "schaffer1": 1e-11,  # the sine of (x² + y²)², up to 40,000
    "weierstrass": 5e-12,  # sines of 3²⁰ times an angle, of which the printed form has no more digits either
}


def points(unit, count, seed=41):
    """(count, n) float64 inside the bounds."""
    low, high = np.array(unit.bounds).T
    return np.random.default_rng(seed).uniform(low, high, (count, len(low)))


def scale(values):
    return max(1e-300, float(np.abs(values).max()))


@pytest.mark.parametrize("name", sorted(VALUES))
def test_value_is_the_published_one(name):
    unit = REGISTRY[name]
    at = points(unit, 1000)
    published = VALUES[name](*at.T)
    ours = np.array([unit.value(x, y) for x, y in at.tolist()])
    assert np.abs(ours - published).max() <= ROUNDED.get(name, 1e-12) * scale(published)


@pytest.mark.parametrize("n", [2, 3, 10])
@pytest.mark.parametrize("name", sorted(GENERAL))
def test_value_in_n_dimensions_is_the_published_one(name, n):
    unit = REGISTRY[name].in_dimension(n)
    at = points(unit, 100)
    published = np.array([GENERAL[name](x) for x in at])
    ours = np.array([unit.value(x) for x in at.tolist()])
    assert np.abs(ours - published).max() <= ROUNDED.get(name, 1e-12) * scale(published)


@pytest.mark.parametrize("name", sorted(FIXED))
def test_value_of_a_fixed_number_of_variables_is_the_published_one(name):
    unit = REGISTRY[name]
    at = points(unit, 1000)
    published = FIXED[name](at)
    ours = np.array([unit.value(x) for x in at.tolist()])
    assert np.abs(ours - published).max() <= 1e-12 * scale(published)


@pytest.mark.parametrize("name", sorted(FIXED))
def test_a_fixed_number_of_variables_is_fixed(name):
    unit = REGISTRY[name]
    assert unit.dimension == len(unit.bounds) == len(unit.view) == len(unit.start)
    assert unit.in_dimension(unit.dimension) is unit
    assert unit.formula.startswith("f(x) = ")
    for point in unit.minimizers:
        assert unit.value(point) == pytest.approx(unit.minimum, rel=1e-12, abs=1e-12)
    with pytest.raises(UsageError, match=f"has {unit.dimension} dimensions already, and not 5") as caught:
        unit.in_dimension(5)
    assert "two variables" not in caught.value.remedy
