"""The expectations against runs in NumPy."""

import numpy as np

from tests.noise.reference import noisy_quadratic, noisy_quadratic_at_rest

H, SIGMAS, LR = np.array([1.0, 0.5, 4.0]), np.array([0.5, 1.0, 0.0]), 0.3


def test_expected_squares_are_those_of_many_runs():
    rng = np.random.default_rng(0)
    x = np.full((100_000, 3), 2.0)
    expected = noisy_quadratic(H, SIGMAS, [LR] * 20, x[0])
    for square in expected[1:]:
        x -= LR * (H * x + SIGMAS * rng.standard_normal(x.shape))
        error = (x**2).std(axis=0) / np.sqrt(len(x))
        assert (abs((x**2).mean(axis=0) - square) <= 5 * error + 1e-12).all()


def test_it_comes_to_rest_where_the_recursion_stands_still():
    rest = noisy_quadratic_at_rest(H, SIGMAS, LR)
    np.testing.assert_allclose(noisy_quadratic(H, SIGMAS, [LR], np.sqrt(rest))[1], rest, rtol=1e-14)
    np.testing.assert_allclose(noisy_quadratic(H, SIGMAS, [LR] * 400, [3.0, 1.0, 0.0])[-1], rest, rtol=1e-12)
