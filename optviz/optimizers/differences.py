"""Adam with an eye on how the gradient changes: diffGrad, Adan."""

from math import exp, fabs, sqrt

from optviz.optimizers import optimizer
from optviz.optimizers.adam import corrected_rate, unbias


@optimizer(
    title="diffGrad",
    year=2019,
    reference="Dubey et al. 2019, arXiv:1909.11015",
    url="https://arxiv.org/abs/1909.11015",
    equation="ξ = 1 / (1 + exp(−|p − g|)),  x ← x − lr ξ m̂ / (√v̂ + ε),  p ← g",
    family="adam",
    variants=("paper",),
    scalars=unbias,
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}},
    oracles={"authors": "torch_optimizer.DiffGrad"},
)
def diffgrad(x, g, m, v, p, unbias_m, unbias_v, lr, beta1, beta2, eps):
    """Shorten Adam's step where the gradient hardly changes, by a friction ξ between 1/2 and 1.

    The authors' code puts eps beside the uncorrected root, the paper beside the corrected one. The friction depends on
    the scale of the objective, which Adam does not know: where gradients are much smaller than 1, every step is half of
    Adam's.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    friction = 1 / (1 + exp(-fabs(p - g)))
    return x - lr * friction * (m * unbias_m) / (sqrt(v * unbias_v) + eps), m, v, g


@diffgrad.formula("authors", scalars=corrected_rate)
def diffgrad_authors(x, g, m, v, p, rate, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    friction = 1 / (1 + exp(-fabs(p - g)))
    return x - rate * friction * m / (sqrt(v) + eps), m, v, g


def three_averages(t, beta1, beta2, beta3):
    corrections = {"unbias_m": 1 / (1 - beta1**t), "unbias_v": 1 / (1 - beta2**t), "unbias_n": 1 / (1 - beta3**t)}
    return corrections | {"later": 1.0 * (t > 1)}


@optimizer(
    title="Adan",
    year=2022,
    reference="Xie et al. 2022, arXiv:2208.06677, Algorithm 1",
    url="https://arxiv.org/abs/2208.06677",
    equation=(
        "d = g − p,  m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) d,  n ← β₃ n + (1 − β₃) (g + β₂ d)²,  "
        "x ← x − lr (m̂ + β₂ v̂) / (√n̂ + ε)"
    ),
    family="adam",
    variants=("paper", "authors"),
    scalars=three_averages,
    defaults={
        "paper": {"lr": 1e-3, "beta1": 0.98, "beta2": 0.92, "beta3": 0.99, "eps": 1e-8, "eps_root": 0.0},
        "optax": {"beta1": 0.98, "beta2": 0.92, "beta3": 0.99, "eps": 1e-8, "eps_root": 1e-8},
    },
    decay={"paper": "proximal", "authors": "proximal", "optax": "decoupled"},
    ranges={"beta3": (0, 1, True, False), "eps_root": (0, float("inf"), True, False)},
    oracles={"authors": "pytorch_optimizer.Adan", "optax": "optax.adan"},
)
def adan(x, g, m, v, n, p, unbias_m, unbias_v, unbias_n, later, lr, beta1, beta2, beta3, eps):
    """Average the gradient, its change and the square of what both together foretell: Nesterov's step without a probe.

    The previous gradient p counts from the second step on. The paper writes its betas as what is left of 1 (0.02, 0.08
    and 0.01). **optax takes 1 − β₂ (0.08) where the authors have β₂ (0.92)**, in the numerator and in n, so that the
    change hardly counts, and adds 1e-8 inside the root, which is a floor of 1e-4 under it.
    """
    change = later * (g - p)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * change
    n = beta3 * n + (1 - beta3) * (g + beta2 * change) ** 2
    return x - lr * (m * unbias_m + beta2 * (v * unbias_v)) / (sqrt(n * unbias_n) + eps), m, v, n, g


@adan.formula("optax", scalars=three_averages)
def adan_optax(x, g, m, v, n, p, unbias_m, unbias_v, unbias_n, later, lr, beta1, beta2, beta3, eps, eps_root):
    change = later * (g - p)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * change
    n = beta3 * n + (1 - beta3) * (g + (1 - beta2) * change) ** 2
    u = (m * unbias_m + (1 - beta2) * (v * unbias_v)) / (sqrt(n * unbias_n + eps_root) + eps)
    return x - lr * u, m, v, n, g
