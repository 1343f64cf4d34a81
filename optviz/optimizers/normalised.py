"""Adam that divides first and averages afterwards: ADOPT, LaProp."""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._formulas import clip, greater
from optviz.optimizers.adam import unbias


def first_square_then_average(t, beta2):
    """The weights of v and g²: the first square starts the average, and the step waits for the second."""
    later = 1.0 * (t > 1)
    return {"keep": beta2 * later, "rest": 1 - beta2 * later, "later": later}


def first_square_then_average_and_clip(t, beta2):
    weights = first_square_then_average(t, beta2)
    return {"keep": weights["keep"], "rest": weights["rest"], "limit": (t - 1) ** 0.25}


@optimizer(
    title="ADOPT",
    year=2024,
    reference="Taniguchi et al. 2024, arXiv:2411.02853, with the clipping of the authors' code",
    url="https://arxiv.org/abs/2411.02853",
    equation="m ← β₁ m + (1 − β₁) clip(g / max(√v, ε), ±c),  x ← x − lr m,  v ← β₂ v + (1 − β₂) g²",
    family="adam",
    variants=("authors", "optax"),
    scalars=first_square_then_average_and_clip,
    defaults={
        "paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.9999, "eps": 1e-6},
        "optax": {"beta1": 0.9, "beta2": 0.9999, "eps": 1e-6},
    },
    oracles={
        "optax": "optax.contrib.adopt",
        "authors": "pytorch_optimizer.ADOPT(clip_lambda=lambda t: (t - 1)**0.25)",
        "paper": "pytorch_optimizer.ADOPT(clip_lambda=None)",
    },
)
def adopt(x, g, m, v, keep, rest, limit, lr, beta1, eps):
    """Divide each gradient by an average that does not contain it, then take the momentum of the quotients.

    Adam may fail to converge because numerator and denominator know the same gradient; here any beta2 will do. The
    first gradient only starts v, and nothing moves. From then on quotients are clipped to c = (t − 1)^(1/4), which the
    authors added for starts where v is tiny; the variant ``paper`` is the algorithm without the clip.
    """
    m = beta1 * m + (1 - beta1) * clip(g / greater(eps, sqrt(v)), -limit, limit)
    v = keep * v + rest * g**2
    return x - lr * m, m, v


@adopt.formula("paper", scalars=first_square_then_average)
def adopt_paper(x, g, m, v, keep, rest, later, lr, beta1, eps):
    m = beta1 * m + (1 - beta1) * later * g / greater(eps, sqrt(v))
    v = keep * v + rest * g**2
    return x - lr * m, m, v


@optimizer(
    title="LaProp",
    year=2020,
    reference="Ziyin, Wang & Ueda 2020, arXiv:2002.04839, Algorithm 1",
    url="https://arxiv.org/abs/2002.04839",
    equation="v ← β₂ v + (1 − β₂) g²,  m ← β₁ m + (1 − β₁) g / (√v̂ + ε),  x ← x − lr m̂",
    family="adam",
    variants=("paper",),
    scalars=unbias,
    defaults={"paper": {"lr": 4e-4, "beta1": 0.9, "beta2": 0.999, "eps": 1e-15}},
    decay={"authors": "fixed"},
    oracles={"authors": "pytorch_optimizer.LaProp"},
)
def laprop(x, g, m, v, unbias_m, unbias_v, lr, beta1, beta2, eps):
    """Take the momentum of gradients that are already divided by their root mean square.

    Adam's momentum carries a large gradient along after its denominator has forgotten it; here each gradient keeps the
    denominator of its own step, and no step is long whatever the betas are. The authors' code has the learning rate
    inside the average, which differs from the paper under a schedule alone, and takes weight decay without it.
    """
    v = beta2 * v + (1 - beta2) * g**2
    m = beta1 * m + (1 - beta1) * g / (sqrt(v * unbias_v) + eps)
    return x - lr * (m * unbias_m), m, v


@laprop.formula("authors", scalars=unbias)
def laprop_authors(x, g, m, v, unbias_m, unbias_v, lr, beta1, beta2, eps):
    v = beta2 * v + (1 - beta2) * g**2
    m = beta1 * m + (1 - beta1) * lr * g / (sqrt(v * unbias_v) + eps)
    return x - m * unbias_m, m, v
