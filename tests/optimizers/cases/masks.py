"""Cautious rules and MARS."""

import numpy as np

from tests.optimizers.cases.adam_family import averages, corrected, squares
from tests.optimizers.cases.names import without
from tests.optimizers.reference import average, reference, walk

CASES = {
    "cautious_adamw": [{}, {"lr": 0.1}, {"lr": 0.05, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3}],
    "cautious_lion": [{}, {"lr": 0.1}, {"lr": 0.05, "beta1": 0.5, "beta2": 0.8}],
    "mars_adamw": [{}, {"lr": 0.1}, {"lr": 0.05, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3, "gamma": 0.5}],
    "mars_lion": [{}, {"lr": 0.1}, {"lr": 0.05, "beta1": 0.5, "gamma": 0.5}],
}
PEERS = {
    ("cautious_lion", "paper", "pytorch_optimizer"): lambda library, x, h: library.Lion(
        x, **without(h, "weight_decay"), weight_decay=0, cautious=True
    ),
    ("mars_adamw", "paper", "pytorch_optimizer"): lambda library, x, h: (
        None
        if h["eps"] > 1e-6
        else library.MARS(x, **without(h, "weight_decay"), weight_decay=0, optimize_1d=True, mars_type="adamw")
    ),
    ("mars_lion", "paper", "pytorch_optimizer"): lambda library, x, h: library.MARS(
        x, h["lr"], betas=(h["beta1"], 0.99), gamma=h["gamma"], weight_decay=0, optimize_1d=True, mars_type="lion"
    ),
}


@reference("cautious_adamw", "paper")
def cautious_adamw(gradient, start, steps, lr, beta1, beta2, eps):
    """Algorithm 2, with the scale of the authors' code."""

    def following(t, x, g):
        m = corrected(g, beta1)
        mask = (m * g[-1] > 0) / max(np.mean(m * g[-1] > 0), 1e-3)
        return x[-1] - lr * mask * m / (np.sqrt(corrected(squares(g), beta2)) + eps)

    return walk(gradient, start, steps, following)


@reference("cautious_lion", "paper")
def cautious_lion(gradient, start, steps, lr, beta1, beta2):
    def following(t, x, g):
        before = average(g[:-1], beta2) if t > 1 else 0.0
        u = np.sign(beta1 * before + (1 - beta1) * g[-1])
        mask = u * g[-1] > 0
        return x[-1] - lr * u * mask * mask.size / (mask.sum() + 1)

    return walk(gradient, start, steps, following)


def corrections(g, beta1, gamma):
    """(t, n): what MARS takes for gradients."""
    g = np.array(g)
    before = np.concatenate([np.zeros_like(g[:1]), g[:-1]])
    c = g + gamma * beta1 / (1 - beta1) * (g - before)
    return c / np.maximum(1, np.sqrt(np.sum(c**2, axis=1, keepdims=True)))


@reference("mars_adamw", "paper")
def mars_adamw(gradient, start, steps, lr, beta1, beta2, eps, gamma):
    def following(t, x, g):
        c = corrections(g, beta1, gamma)
        return x[-1] - lr * corrected(c, beta1) / (np.sqrt(corrected(squares(c), beta2)) + eps)

    return walk(gradient, start, steps, following)


@reference("mars_lion", "paper")
def mars_lion(gradient, start, steps, lr, beta1, gamma):
    return walk(
        gradient, start, steps, lambda t, x, g: x[-1] - lr * np.sign(averages(corrections(g, beta1, gamma), beta1)[-1])
    )
