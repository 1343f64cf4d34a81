"""Adam with bounds on the step size of each coordinate: AdaBound, AMSBound, AdaMod."""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._formulas import clip, greater, lesser
from optviz.optimizers.adam import corrected_rate, unbias

INF = float("inf")
BOUNDS = {"final_lr": (0, INF, True, False), "gamma": (0, INF, False, False)}


def bounds(t, final_lr, gamma):
    return {"low": final_lr * (1 - 1 / (gamma * t + 1)), "high": final_lr * (1 + 1 / (gamma * t))}


def corrected_rate_in_bounds(t, lr, beta1, beta2, final_lr, gamma):
    return corrected_rate(t, lr, beta1, beta2) | bounds(t, final_lr, gamma)


def shrinking_in_bounds(t, final_lr, gamma):
    return bounds(t, final_lr, gamma) | {"shrink": 1 / t**0.5}


@optimizer(
    title="AdaBound",
    year=2019,
    reference="Luo et al. 2019, arXiv:1902.09843, Algorithm 2",
    url="https://arxiv.org/abs/1902.09843",
    equation="m, v as in Adam,  η = clip(lr / (√v + ε), lₜ, uₜ),  x ← x − η m",
    family="adam",
    variants=("authors",),
    scalars=corrected_rate_in_bounds,
    defaults={
        "authors": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "final_lr": 0.1, "gamma": 1e-3},
        "paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "final_lr": 0.1, "gamma": 1e-3},
    },
    ranges=BOUNDS,
    oracles={"authors": "torch_optimizer.AdaBound"},
)
def adabound(x, g, m, v, rate, low, high, beta1, beta2, eps):
    """Keep each coordinate's step size between two bounds that close in on one learning rate: from Adam to momentum.

    The bounds are final_lr (1 − 1 / (γ t + 1)) and final_lr (1 + 1 / (γ t)); the paper writes 1 − β₂ for γ, which is
    0.001 as well. Its Algorithm 2 corrects no average and divides every step by √t besides. The authors' code has
    Adam's corrections and no root of t; eps is the code's.

    lr matters for the first thousand steps or so, final_lr for all that follow. The authors' code multiplies final_lr
    by a schedule of lr too; here each hyperparameter has its own.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - clip(rate / (sqrt(v) + eps), low, high) * m, m, v


@adabound.formula("paper", scalars=shrinking_in_bounds)
def adabound_paper(x, g, m, v, low, high, shrink, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - shrink * clip(lr / (sqrt(v) + eps), low, high) * m, m, v


@optimizer(
    title="AMSBound",
    year=2019,
    reference="Luo et al. 2019, arXiv:1902.09843, section 4",
    url="https://arxiv.org/abs/1902.09843",
    equation="m, v as in Adam,  h ← max(h, v),  η = clip(lr / (√h + ε), lₜ, uₜ),  x ← x − η m",
    family="adam",
    variants=("authors",),
    scalars=corrected_rate_in_bounds,
    defaults={
        "authors": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "final_lr": 0.1, "gamma": 1e-3},
        "paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "final_lr": 0.1, "gamma": 1e-3},
    },
    ranges=BOUNDS,
    oracles={"authors": "torch_optimizer.AdaBound(amsbound=True)"},
)
def amsbound(x, g, m, v, h, rate, low, high, beta1, beta2, eps):
    """Bound AMSGrad's step sizes as AdaBound bounds Adam's.

    The authors' code and the paper differ as they do for AdaBound.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    h = greater(h, v)
    return x - clip(rate / (sqrt(h) + eps), low, high) * m, m, v, h


@amsbound.formula("paper", scalars=shrinking_in_bounds)
def amsbound_paper(x, g, m, v, h, low, high, shrink, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    h = greater(h, v)
    return x - shrink * clip(lr / (sqrt(h) + eps), low, high) * m, m, v, h


@optimizer(
    title="AdaMod",
    year=2019,
    reference="Ding et al. 2019, arXiv:1910.12249",
    url="https://arxiv.org/abs/1910.12249",
    equation="m, v as in Adam,  η = lr / (√v̂ + ε),  e ← β₃ e + (1 − β₃) η,  x ← x − min(η, e) m̂",
    family="adam",
    variants=("paper",),
    scalars=unbias,
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "beta3": 0.999, "eps": 1e-8}},
    decay={"paper": "decoupled", "authors": "decoupled"},
    ranges={"beta3": (0, 1, True, False)},
    oracles={"authors": "torch_optimizer.AdaMod"},
)
def adamod(x, g, m, v, e, unbias_m, unbias_v, lr, beta1, beta2, beta3, eps):
    """Let no coordinate's step size exceed its own long-term average, which starts at 0: a warm-up of its own.

    The paper averages lr / (√v̂ + ε) and corrects m by itself. The authors' code and all that follow it put the
    correction of m into the step size that is averaged, where the large corrections of the first steps stay for a
    while. The authors' code takes 0.999 for beta3, its text 0.9999; the memory is 1 / (1 − β₃) steps long, and so is
    the warm-up.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    size = lr / (sqrt(v * unbias_v) + eps)
    e = beta3 * e + (1 - beta3) * size
    return x - lesser(e, size) * (m * unbias_m), m, v, e


@adamod.formula("authors", scalars=corrected_rate)
def adamod_authors(x, g, m, v, e, rate, beta1, beta2, beta3, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    size = rate / (sqrt(v) + eps)
    e = beta3 * e + (1 - beta3) * size
    return x - lesser(e, size) * m, m, v, e
