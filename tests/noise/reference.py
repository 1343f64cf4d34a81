"""What theory says about optimizers under noise: exact expectations that batches of runs must meet."""

import numpy as np


def noisy_quadratic(curvatures, sigmas, rates, start) -> np.ndarray:
    """E[x_i^2] under SGD on sum h_i x_i^2 / 2 with Gaussian gradient noise, before the first and after each step.

    E[x^2] <- (1 - lr h)^2 E[x^2] + lr^2 sigma^2, coordinate by coordinate: Zhang et al. 2019, arXiv:1907.04164,
    equation 3, with sigma^2 = c / B. The expected objective after step t is ``curvatures @ result[t] / 2``.

    Parameters
    ----------
    curvatures, sigmas, start : (d,) array_like
    rates : (steps,) array_like
        The learning rate of each step.

    Returns
    -------
    (steps + 1, d) float64
    """
    h, noise = np.asarray(curvatures, float), np.asarray(sigmas, float) ** 2
    squares = [np.asarray(start, float) ** 2]
    for lr in rates:
        squares.append((1 - lr * h) ** 2 * squares[-1] + lr**2 * noise)
    return np.array(squares)


def noisy_quadratic_at_rest(curvatures, sigmas, lr) -> np.ndarray:
    """(d,) float64: the E[x_i^2] at which `noisy_quadratic` stands still, lr sigma^2 / (h (2 - lr h))."""
    h = np.asarray(curvatures, float)
    return lr * np.asarray(sigmas, float) ** 2 / (h * (2 - lr * h))
