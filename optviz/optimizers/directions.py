"""Adam's size with another direction, or the other way round: Grams, Ano."""

from math import fabs, sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._signs import sign
from optviz.optimizers.adam import corrected_rate, unbias
from optviz.optimizers.denominators import unbias_v


@optimizer(
    title="Grams",
    year=2024,
    reference="Cao et al. 2024, arXiv:2412.17107",
    url="https://arxiv.org/abs/2412.17107",
    equation="m, v as in Adam,  x ← x − lr sgn(g) |m̂| / (√v̂ + ε)",
    family="adam",
    variants=("paper",),
    scalars=unbias,
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-6}},
    decay={"paper": "decoupled", "authors": "decoupled"},
)
def grams(x, g, m, v, unbias_m, unbias_v, lr, beta1, beta2, eps):
    """Take the size of Adam's step and the sign of the newest gradient.

    The momentum never carries it uphill, nor through a valley of noise. The authors' code puts eps beside the
    uncorrected root; its 1e-6 is a hundred times Adam's.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - lr * sign(g) * fabs(m * unbias_m) / (sqrt(v * unbias_v) + eps), m, v


@grams.formula("authors", scalars=corrected_rate)
def grams_authors(x, g, m, v, rate, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - rate * sign(g) * fabs(m) / (sqrt(v) + eps), m, v


@optimizer(
    title="Ano",
    year=2025,
    reference="Kegreisz 2025, arXiv:2508.18258",
    url="https://arxiv.org/abs/2508.18258",
    equation="m as in Adam,  v ← β₂ v + (1 − β₂) sgn(g² − v) g²,  x ← x − lr |g| sgn(m) / (√v̂ + ε)",
    family="adam",
    variants=("paper",),
    scalars=unbias_v,
    defaults={"paper": {"lr": 1e-4, "beta1": 0.92, "beta2": 0.99, "eps": 1e-8}},
    decay={"paper": "decoupled", "authors": "decoupled"},
    oracles={"paper": "pytorch_optimizer.Ano"},
)
def ano(x, g, m, v, unbias_v, lr, beta1, beta2, eps):
    """Take the size of the newest gradient and the sign of the average one.

    v decays and then moves by a fixed part of the newest square, up or down: between Adam's average and Yogi's. It
    stays above 0 as long as beta2 is at least 1/2; with less its root may be NaN. The authors' code has eps inside the
    root, which is a floor of 1e-4 under it.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * sign(g**2 - v) * g**2
    return x - lr * fabs(g) * sign(m) / (sqrt(v * unbias_v) + eps), m, v


@ano.formula("authors", scalars=unbias_v)
def ano_authors(x, g, m, v, unbias_v, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * sign(g**2 - v) * g**2
    return x - lr * fabs(g) * sign(m) / sqrt(v * unbias_v + eps), m, v
