"""Batches under noise against exact expectations: the mean loss of many runs, step by step and at rest."""

import numpy as np
import pytest

from optviz.runs.points.minimize_many import minimize_many
from tests.noise.reference import noisy_quadratic, noisy_quadratic_at_rest

RUNS = 20_000
CURVATURES = {"sphere": (2.0, 2.0), "quadratic": (2.0, 200.0)}
STARTS = {"sphere": (3.0, -2.0), "quadratic": (-4.0, 0.5)}


def paths(name, lr, noise, moments, seed=0, **keywords):
    """(moments, runs, 2): where many runs from one start are."""
    starts = np.tile(np.array(STARTS[name]), (RUNS, 1))
    made = minimize_many(
        name,
        keywords.pop("optimizer", "sgd"),
        starts,
        moments[-1],
        lr=lr,
        noise=noise,
        seed=seed,
        history=moments,
        **keywords,
    )
    return made.history


def assert_means(samples, expected):
    """Within four and a half standard errors of the mean, which one in 150,000 samples is not."""
    errors = samples.std(axis=1, ddof=1) / np.sqrt(samples.shape[1])
    assert (np.abs(samples.mean(axis=1) - expected) <= 4.5 * errors + 1e-12).all()


@pytest.mark.parametrize(
    ("name", "lr", "noise", "sigmas"),
    [
        ("sphere", 0.05, "gaussian:1", (1.0, 1.0)),
        ("sphere", 0.4, "gaussian:0.5,2", (0.5, 2.0)),
        ("quadratic", 0.004, "gaussian:3", (3.0, 3.0)),
        ("quadratic", 0.009, "gaussian:1,20", (1.0, 20.0)),  # along y every step overshoots
        # Means of minibatches scatter by gain / sqrt(batch), nearly: a batch leaves out what the others hold.
    ],
)
def test_the_mean_loss_follows_the_exact_recursion(name, lr, noise, sigmas):
    moments = [0, 1, 2, 5, 20, 100, 300]
    curvatures = np.array(CURVATURES[name])
    history = paths(name, lr, noise, moments)
    squares = noisy_quadratic(curvatures, sigmas, [lr] * 300, STARTS[name])[moments]
    for coordinate in range(2):
        assert_means(history[..., coordinate] ** 2, squares[:, coordinate])
    assert_means(history**2 @ curvatures / 2, squares @ curvatures / 2)


@pytest.mark.parametrize(("name", "lr"), [("sphere", 0.1), ("quadratic", 0.008)])
def test_runs_come_to_rest_where_theory_says(name, lr):
    (last,) = paths(name, lr, "gaussian:1", [700], seed=1)
    expected = noisy_quadratic_at_rest(CURVATURES[name], (1.0, 1.0), lr)
    for coordinate in range(2):
        assert_means(last[np.newaxis, :, coordinate] ** 2, expected[coordinate])
    # A linear recursion of normal numbers is normal: its fourth moment is three times the square of the second.
    assert (last**4).mean(axis=0) == pytest.approx(3 * expected**2, rel=0.1)
    assert np.corrcoef(last.T)[0, 1] == pytest.approx(0, abs=4.5 / np.sqrt(RUNS))


def test_noise_in_proportion_shrinks_with_the_gradient():
    # x' = (1 - lr h (1 + sigma xi)) x, so that E[x'^2] = ((1 - lr h)^2 + (lr h sigma)^2) E[x^2].
    lr, sigma, moments = 0.05, 0.5, [0, 1, 3, 10, 30]
    history = paths("sphere", lr, f"multiplicative:{sigma}", moments, seed=2)
    factor = (1 - 2 * lr) ** 2 + (2 * lr * sigma) ** 2
    assert_means(history[..., 0] ** 2, 9 * factor ** np.array(moments))


def test_the_mean_path_is_that_without_noise():
    moments = [0, 1, 10, 60]
    noisy = paths("quadratic", 0.004, "gaussian:5", moments, seed=3, optimizer="momentum", momentum=0.5)
    exact = minimize_many(
        "quadratic", "momentum", [STARTS["quadratic"]], 60, lr=0.004, momentum=0.5, history=moments
    ).history[:, 0]
    for coordinate in range(2):
        assert_means(noisy[..., coordinate], exact[:, coordinate])


@pytest.mark.slow
def test_single_precision_meets_the_same_expectation():
    moments = [1, 20, 200]
    history = paths("sphere", 0.05, "gaussian:1", moments, seed=4, dtype=np.float32).astype(float)
    squares = noisy_quadratic((2.0, 2.0), (1.0, 1.0), [0.05] * 200, STARTS["sphere"])[moments]
    assert_means(history[..., 1] ** 2, squares[:, 1])
