"""Yogi: Adam whose average square moves by additions, so that it falls as slowly as it rises."""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._signs import sign
from optviz.optimizers.adam import unbias


@optimizer(
    title="Yogi",
    year=2018,
    reference="Zaheer et al. 2018, Adaptive Methods for Nonconvex Optimization, NeurIPS, Algorithm 2",
    url="https://papers.nips.cc/paper/8186-adaptive-methods-for-nonconvex-optimization",
    equation="m ← β₁ m + (1 − β₁) g,  v ← v − (1 − β₂) sgn(v − g²) g²,  x ← x − lr m / (√v + ε)",
    family="adam",
    variants=("paper",),
    aliases={"initial_accumulator": "initial_accumulator_value"},
    initial={"m": "initial_accumulator_value", "v": "initial_accumulator_value"},
    defaults={
        "paper": {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-3, "initial_accumulator_value": 0.0},
        "optax": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-3, "initial_accumulator_value": 1e-6},
    },
    oracles={"optax": "optax.yogi"},
)
def yogi(x, g, m, v, lr, beta1, beta2, eps):
    """Move the average square towards the newest square by a fixed fraction of the newest, not of the distance.

    Adam forgets large gradients at a rate of its own; here v falls by at most (1 − β₂) g², so that small gradients
    hardly shrink it. The paper corrects no average. optax and the PyTorch collections correct both, as Adam does, and
    let both start at 1e-6, m too: without any gradient their first steps go downwards. eps is 1e-3 everywhere, so that
    gradients below that size give short steps.
    """
    m = beta1 * m + (1 - beta1) * g
    v = v - (1 - beta2) * sign(v - g**2) * g**2
    return x - lr * m / (sqrt(v) + eps), m, v


@yogi.formula("optax", scalars=unbias)
def yogi_optax(x, g, m, v, unbias_m, unbias_v, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = v - (1 - beta2) * sign(v - g**2) * g**2
    return x - lr * (m * unbias_m) / (sqrt(v * unbias_v) + eps), m, v
