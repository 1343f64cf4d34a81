"""Student's t distribution against tables, its own limits and SciPy."""

import math

import numpy as np
import pytest

from optviz.results.statistics import half_width, quantile, within

LEVELS = (0.01, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999)


@pytest.mark.parametrize(("freedom", "expected"), [(1, 12.706), (2, 4.303), (4, 2.776), (9, 2.262), (120, 1.980)])
def test_quantiles_of_printed_tables(freedom, expected):
    """Abramowitz & Stegun 1964, table 26.10."""
    assert quantile(0.95, freedom) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 199, 200])
def test_the_whole_probability_is_one(freedom):
    assert within(0.0, freedom) == 0.0
    assert within(math.inf, freedom) == pytest.approx(1.0, abs=1e-15)


def test_one_and_two_degrees_have_closed_forms():
    for t in (0.1, 1.0, 7.0):
        assert within(t, 1) == pytest.approx(2 / math.pi * math.atan(t), rel=1e-14)
        assert within(t, 2) == pytest.approx(t / math.sqrt(2 + t * t), rel=1e-14)


def test_many_degrees_are_nearly_normal():
    assert within(1.96, 5000) == pytest.approx(math.erf(1.96 / math.sqrt(2)), abs=1e-4)


def test_quantiles_and_probabilities_as_in_scipy():
    stats = pytest.importorskip("scipy.stats")
    for freedom in range(1, 201):
        for level in LEVELS:
            assert quantile(level, freedom) == pytest.approx(stats.t.ppf((1 + level) / 2, freedom), rel=1e-10)
        for t in (0.01, 0.7, 2.0, 15.0, 1e4):
            assert within(t, freedom) == pytest.approx(2 * stats.t.cdf(t, freedom) - 1, abs=1e-12)


def test_interval_of_a_mean():
    values = np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]])
    t = 0.95 * math.sqrt(2 / (1 - 0.95**2))  # the closed form of two degrees of freedom, solved
    np.testing.assert_allclose(half_width(values), [t / math.sqrt(3), 0.0], rtol=1e-12)
    assert half_width(values[:, 0]).shape == ()


@pytest.mark.parametrize("shape", [(0,), (1,), (0, 3), (1, 3), (1, 0)])
def test_fewer_than_two_values_have_no_interval(shape):
    found = half_width(np.zeros(shape))
    assert found.shape == shape[1:] and np.isnan(found).all()


def test_the_interval_holds_the_expectation_as_often_as_it_says():
    values = np.random.default_rng(0).normal(3.0, 2.0, (5, 40_000))
    held = np.abs(values.mean(axis=0) - 3.0) <= half_width(values, 0.9)
    assert held.mean() == pytest.approx(0.9, abs=4 * math.sqrt(0.09 / 40_000))
