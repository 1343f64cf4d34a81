"""QHAdam: Adam whose two averages are mixed with the newest gradient and its square."""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers.adam import unbias


@optimizer(
    title="QHAdam",
    year=2018,
    reference="Ma & Yarats 2018, arXiv:1810.06801",
    url="https://arxiv.org/abs/1810.06801",
    equation="x ← x − lr ((1 − ν₁) g + ν₁ m̂) / (√((1 − ν₂) g² + ν₂ v̂) + ε)",
    family="adam",
    variants=("paper", "authors"),
    scalars=unbias,
    defaults={
        "paper": {"lr": 1e-3, "beta1": 0.995, "beta2": 0.999, "eps": 1e-8, "nu1": 0.7, "nu2": 1.0},
        "authors": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "nu1": 1.0, "nu2": 1.0},
    },
    ranges={"nu1": (0, 1, True, True), "nu2": (0, 1, True, True)},
    aliases={"nus": ("nu1", "nu2")},
    oracles={"authors": "torch_optimizer.QHAdam"},
)
def qhadam(x, g, m, v, unbias_m, unbias_v, lr, beta1, beta2, eps, nu1, nu2):
    """Step along a mixture of the average gradient and the newest, over a mixture of the average square and the newest.

    With nu1 = nu2 = 1 it is Adam: these are the defaults of the authors' code, while the paper recommends nu1 = 0.7
    with a long memory (beta1 = 0.995). With nu1 = nu2 = 0 it follows the sign of the gradient.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    above = (1 - nu1) * g + nu1 * (m * unbias_m)
    return x - lr * above / (sqrt((1 - nu2) * g**2 + nu2 * (v * unbias_v)) + eps), m, v
