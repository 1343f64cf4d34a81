"""Steps as long as the value tells: Polyak's, and those that came of it."""

from math import sqrt

from optviz.optimizers import grand_total, optimizer
from optviz.optimizers.layers import first

ANY = (float("-inf"), float("inf"), False, False)


@optimizer(
    title="Polyak step",
    year=2020,
    reference="Loizou et al. 2020, arXiv:2002.10542, SPS_max; after Polyak 1969",
    url="https://arxiv.org/abs/2002.10542",
    equation="x ← x − min((f − f*) / (c ‖g‖²), lr) g",
    family="free",
    defaults={"paper": {"lr": 1.0, "c": 0.5, "f_star": 0.0}, "optax": {"c": 1.0}},
    ranges={"c": (0, float("inf"), False, False), "f_star": ANY},
    aliases={"max_learning_rate": "lr", "f_min": "f_star"},
    names=("sps", "polyak_sgd"),
    oracles={"paper": "optax.polyak_sgd"},
)
def polyak(x, g, f, lr, c, f_star):
    """Go as far as a straight line needs from the value down to the lowest one, `f_star`, but no further than `lr`.

    It needs the lowest value: 0 for losses that can be met exactly, as by default. Where the value is below `f_star`
    the step goes uphill; optax takes c = 1 for the paper's 1/2 of convex functions.
    """
    square = grand_total(g**2)
    rate = min((f - f_star) / (c * square), lr) if square > 0 else 0.0
    return x - rate * g


@optimizer(
    title="ALI-G",
    year=2019,
    reference="Berrada et al. 2019, arXiv:1906.05661, Algorithm 1",
    url="https://arxiv.org/abs/1906.05661",
    equation="x ← x − min(f / (‖g‖² + δ), lr) g",
    family="free",
    defaults={"paper": {"lr": 0.1, "delta": 1e-5}},
    ranges={"delta": (0, float("inf"), True, False)},
    aliases={"max_lr": "lr", "eps": "delta"},
)
def alig(x, g, f, lr, delta):
    """Take Polyak's step towards the value 0, bounded by `lr`.

    It is meant for losses that can be met exactly, whose lowest value is 0.
    """
    return x - min(f / (grand_total(g**2) + delta), lr) * g


@optimizer(
    title="MoMo",
    year=2023,
    reference="Schaipp et al. 2023, arXiv:2305.07583, Algorithm 1",
    url="https://arxiv.org/abs/2305.07583",
    equation="m, F, γ ← averages of g, f, ⟨g, x⟩,  x ← x − min(lr, max(F − f* − γ + ⟨m, x⟩, 0) / ‖m‖²) m",
    family="free",
    scalars=first,
    shared=("value", "gamma"),
    defaults={"paper": {"lr": 1.0, "momentum": 0.9, "f_star": 0.0, "weight_decay": 0.0}},
    ranges={"f_star": ANY},
    aliases={"beta": "momentum", "lower_bound": "f_star"},
    oracles={"paper": "optax.contrib.momo"},
)
def momo(x, g, m, value, gamma, f, begins, lr, momentum, f_star, weight_decay):
    """Take Polyak's step in a model of the objective: the average of the straight lines of past steps.

    The averages begin with the first gradient and value. `f_star` bounds the objective from below.
    """
    keep = momentum if begins <= 0 else 0.0
    take = 1 - momentum if begins <= 0 else 1.0
    m = keep * m + take * g
    value = keep * value + take * f
    gamma = keep * gamma + take * grand_total(g * x)
    square = grand_total(m**2)
    shrunk = 1 + lr * weight_decay
    model = max(shrunk * (value - f_star - gamma) + grand_total(m * x), 0.0)
    rate = min(lr, model / square) if square > 0 else 0.0
    return x - rate * m - (shrunk - 1) / shrunk * x, m, value, gamma


def unbias_one(t, beta1, beta2):
    return {"share": 1 - beta1**t, "unbias_v": 1 / (1 - beta2**t)}


@optimizer(
    title="MoMo Adam",
    year=2023,
    reference="Schaipp et al. 2023, arXiv:2305.07583, Algorithm 2",
    url="https://arxiv.org/abs/2305.07583",
    equation="D = ε + √v̂,  x ← x − min(lr / (1 − β₁ᵗ), max(F − (1 − β₁ᵗ) f* − γ + ⟨m, x⟩, 0) / ⟨m, m / D⟩) m / D",
    family="free",
    scalars=unbias_one,
    shared=("value", "gamma"),
    defaults={"paper": {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "f_star": 0.0, "weight_decay": 0.0}},
    ranges={"f_star": ANY},
    aliases={"lower_bound": "f_star"},
    oracles={"paper": "optax.contrib.momo_adam"},
)
def momo_adam(x, g, m, v, value, gamma, f, share, unbias_v, lr, beta1, beta2, eps, f_star, weight_decay):
    """Take Adam's direction, and Polyak's step along it in MoMo's model of the objective.

    Its averages begin with 0, as Adam's do, and the bounds are corrected for it.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    size = eps + sqrt(v * unbias_v)
    value = beta1 * value + (1 - beta1) * f
    gamma = beta1 * gamma + (1 - beta1) * grand_total(g * x)
    square = grand_total(m * (m / size))
    shrunk = 1 + lr * weight_decay
    model = max(shrunk * (value - share * f_star - gamma) + grand_total(m * x), 0.0)
    rate = min(lr / share, model / square) if square > 0 else 0.0
    return x - rate * m / size - (shrunk - 1) / shrunk * x, m, v, value, gamma
