"""AdEMAMix: Adam with a second, much longer memory of the gradient; and its simplified form."""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._formulas import logarithm
from optviz.optimizers.adam import unbias
from optviz.optimizers.denominators import unbias_v


def slow_average(t, beta1, beta2, beta3, alpha, horizon):
    """Rising weights of the slow average: alpha in a straight line, the half-life of beta3 from that of beta1."""
    rising = 1.0 * (t < horizon)
    done = rising * t / (horizon + (1 - rising)) + (1 - rising)
    shorter = logarithm(beta3) / logarithm(beta1)
    keep = rising * beta3 ** (1 / (done + (1 - done) * shorter)) + (1 - rising) * beta3
    return unbias(t, beta1, beta2) | {"weight": alpha * done, "keep": keep, "rest": 1 - keep}


@optimizer(
    title="AdEMAMix",
    year=2024,
    reference="Pagliardini, Ablin & Grangier 2024, arXiv:2409.03137, Algorithm 1",
    url="https://arxiv.org/abs/2409.03137",
    equation="m, v as in Adam,  q ← β₃ q + (1 − β₃) g,  x ← x − lr (m̂ + α q) / (√v̂ + ε)",
    family="adam",
    variants=("paper", "authors", "optax"),
    scalars=slow_average,
    defaults={
        "paper": {
            "lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "beta3": 0.9999, "alpha": 5.0, "eps": 1e-8, "horizon": 0.0,
        },
        "authors": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "beta3": 0.9999, "alpha": 2.0, "eps": 1e-8},
        "optax": {"beta1": 0.9, "beta2": 0.999, "beta3": 0.9999, "alpha": 5.0, "eps": 1e-8},
    },
    decay={"paper": "decoupled", "authors": "decoupled"},
    ranges={
        "beta3": (0, 1, False, False), "alpha": (0, float("inf"), True, False),
        "horizon": (0, float("inf"), True, False),
    },
    aliases={"t_alpha_beta3": "horizon"},
    oracles={"optax": "optax.contrib.ademamix"},
)  # fmt: skip
def ademamix(x, g, m, v, q, unbias_m, unbias_v, weight, keep, rest, lr, beta1, beta2, eps):
    """Add to Adam's numerator an average over ten thousand gradients, which is not corrected for its start at 0.

    The paper lets alpha and beta3 rise during the first ``horizon`` steps, alpha from 0 and beta3 from beta1 so that
    the half-life of the memory grows evenly: β₃(t) = exp(ln β₁ ln β₃ / ((1 − t/T) ln β₃ + t/T ln β₁)). With
    ``horizon=0`` both are constant, as in the libraries unless they are given schedules. The paper takes alpha from 4
    to 10, optax 5, the authors' code 2.

    The slow average needs some thousand steps to say anything; in short runs this is Adam.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    q = keep * q + rest * g
    return x - lr * (m * unbias_m + weight * q) / (sqrt(v * unbias_v) + eps), m, v, q


@optimizer(
    title="Simplified AdEMAMix",
    year=2025,
    reference="Morwani et al. 2025, arXiv:2502.02431",
    url="https://arxiv.org/abs/2502.02431",
    equation="m ← β₁ m + g,  v ← β₂ v + (1 − β₂) g²,  x ← x − lr (m + α g) / (√v̂ + ε)",
    family="adam",
    variants=("paper", "optax"),
    scalars=unbias_v,
    defaults={
        "paper": {"lr": 1e-4, "beta1": 0.99, "beta2": 0.95, "alpha": 0.0, "eps": 1e-8},
        "optax": {"beta1": 0.99, "beta2": 0.95, "alpha": 0.0, "eps": 1e-8},
    },
    decay={"paper": "decoupled"},
    ranges={"alpha": (0, float("inf"), True, False)},
    oracles={"optax": "optax.contrib.simplified_ademamix"},
)
def simplified_ademamix(x, g, m, v, unbias_v, lr, beta1, beta2, alpha, eps):
    """Mix one long momentum with the newest gradient, instead of a long average with a short one.

    m is a sum, not an average: steps are up to 1 / (1 − β₁), a hundred, times as long as Adam's with the same lr, so
    that lr has to be as much smaller. With alpha = 0 it is Adam without the correction of m.
    """
    m = beta1 * m + g
    v = beta2 * v + (1 - beta2) * g**2
    return x - lr * (m + alpha * g) / (sqrt(v * unbias_v) + eps), m, v
